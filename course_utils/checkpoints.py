"""Trained weights and results that the repository keeps; `course train` makes them anew."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.course import FRAMEWORKS, find_lesson
from course_utils.errors import InputError, suggestion
from course_utils.text.arguments import checked

METHODS = ("TF-IDF", "from scratch", "table only", "frozen features", "fine-tuned")
_TEXTS = ("dataset", "framework", "method")
_NUMBERS = ("labels", "seed", "accuracy", "cpu_seconds", "steps", "parameters")


@dataclass(frozen=True)
class Checkpoint:
    """Trained weights of a lesson: where they lie, and the log of their training.

    Attributes
    ----------
    path : Path
    log : dict
        `settings`, `source` and `framework`; of a character model also `cpu_seconds`, `tokens`
        after each check and `validation_bits` there; of the two LSTMs of lesson 5 also
        `cpu_seconds`, `held_out_bits` (per predicted piece of text that was not trained on) and
        `unigram_bits` (the same from the pieces' frequencies alone).
    """

    path: Path
    log: dict


@checked
def find_checkpoint(lesson: str, name: str) -> Checkpoint | None:
    """Return the trained weights of this name that a lesson keeps, or None if there are none.

    Parameters
    ----------
    lesson : str
        Its number, such as "03".
    name : str
        That of the training, such as "source_code" or "bilm": of the file without its ending.

    Raises
    ------
    InputError
        If there are weights, but their log is missing or damaged.
    CourseError
        If there is no such lesson.
    """
    path = weights_folder(lesson) / f"{name}.safetensors"
    if Path(name).name != name or not path.is_file():
        return None
    return Checkpoint(path, training_log(lesson, name))


@checked
def training_log(lesson: str, name: str) -> dict:
    """Return the log of a training that a lesson keeps.

    Raises
    ------
    InputError
        If it is missing or damaged.
    CourseError
        If there is no such lesson.
    """
    path = weights_folder(lesson) / f"{name}.json"
    try:
        log = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError, RecursionError):
        log = None
    if not isinstance(log, dict):
        raise _damaged(lesson, path.name)
    return log


def _damaged(lesson: str, name: str) -> InputError:
    return InputError(
        f"The log {name} of a stored training is missing or damaged: "
        f"run `course train {lesson}` again."
    )


@checked
def weights_folder(lesson: str) -> Path:
    """Return the folder in which a lesson keeps weights and logs.

    Raises
    ------
    CourseError
        If there is no such lesson.
    """
    return find_lesson(lesson).folder / "weights"


@dataclass(frozen=True)
class TransferResults:
    """Stored results of learning with few labels, in one framework.

    Attributes
    ----------
    rows : list of dict
        One for each training: `dataset`, `framework`, `method` (one of `METHODS`), `labels`,
        `seed`, `accuracy` on the test part, `cpu_seconds` of the training (for vectors of BERT also
        the share of the encoding), `steps`, `parameters` that were trained.
    """

    rows: list[dict]

    @property
    def labels(self) -> list[int]:
        """The numbers of labels, the smallest first; the last one is all."""
        return sorted({row["labels"] for row in self.rows})

    @checked
    def values(self, method: str, labels: int, column: str = "accuracy") -> np.ndarray:
        """Return what was measured with a number of labels, one value a seed: shape (seeds,).

        Raises
        ------
        InputError
            If nothing is stored for this method and number of labels, or no such column.
        """
        if column not in _NUMBERS:
            raise InputError(f"The column {column!r} is not stored: {suggestion(column, _NUMBERS)}")
        found = [r[column] for r in self.rows if (r["method"], r["labels"]) == (method, labels)]
        if not found:
            raise InputError(
                f"No stored result of {method!r} with {labels} labels: there are "
                f"{', '.join(METHODS)}, with {', '.join(map(str, self.labels))} labels."
            )
        return np.array(found)

    def means(self) -> dict[str, list[float]]:
        """Return the mean accuracy of each method at each number of labels."""
        return {m: [self.values(m, n).mean() for n in self.labels] for m in self._methods()}

    def spreads(self) -> dict[str, list[float]]:
        """Return the standard deviation over the seeds, as `means`; NaN where there is one run."""
        return {m: [_spread(self.values(m, n)) for n in self.labels] for m in self._methods()}

    def _methods(self) -> list[str]:
        known = {row["method"] for row in self.rows}
        return [method for method in METHODS if method in known]


def _spread(values: np.ndarray) -> float:
    return values.std(ddof=1) if len(values) > 1 else np.nan


@checked
def transfer_results(framework: str) -> TransferResults:
    """Return the stored results of learning with few labels, five methods in one framework.

    Parameters
    ----------
    framework : {"pytorch", "tensorflow"}

    Raises
    ------
    InputError
        If there is no such framework, or the results are missing or damaged.
    """
    if framework not in FRAMEWORKS:
        raise InputError(f"The framework is {' or '.join(FRAMEWORKS)}, but not {framework!r}.")
    name = f"transfer_{framework}"
    rows = training_log("05", name).get("rows")
    if not isinstance(rows, list) or not rows or not all(map(_is_result, rows)):
        raise _damaged("05", f"{name}.json")
    return TransferResults(rows)


def _is_result(row: object) -> bool:
    """Whether a row has the columns of a result, each of its kind."""
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in _TEXTS):
        return False
    return all(type(row.get(key)) in (int, float) and math.isfinite(row[key]) for key in _NUMBERS)
