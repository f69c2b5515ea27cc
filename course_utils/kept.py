"""Trained weights that the repository keeps, and how they were made: `course train`.

A model that takes longer than a notebook may run is trained once. Its weights lie beside the
lesson as a safetensors file that both frameworks load, with a log as JSON. What is kept is made by
a run: a dataclass with a `name`, and `make`, which returns arrays and log.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from course_utils import kept_bert
from course_utils.errors import InputError
from course_utils.exchange import write_weights
from course_utils.files import write_atomically

VALIDATION = 100_001  # held-out characters that are read at each check


@dataclass(frozen=True)
class Run:
    """A training whose result is kept: a character model of one data set."""

    dataset: str
    steps: int
    batch_size: int = 32
    length: int = 64
    learning_rate: float = 1e-2
    units: int = 256
    dimension: int = 64
    checks: int = 20
    seed: int = 0

    @property
    def name(self) -> str:
        """The name of its files, without the ending."""
        return self.dataset

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its weights and their log."""
        from course_utils import pytorch
        from course_utils.characters import Alphabet
        from course_utils.data import hold_out, load

        documents, alphabet = load(self.dataset), Alphabet()
        train, held_out = (alphabet.encode(text) for text in hold_out(documents))
        model = pytorch.LanguageModel(len(alphabet), self.dimension, self.units)
        pytorch.initialize(model, train[None, :8], seed=self.seed, embedding_deviation=1.0)
        start = time.process_time()
        history = pytorch.train_language_model(
            model, train, held_out[:VALIDATION], steps=self.steps, batch_size=self.batch_size,
            length=self.length, learning_rate=self.learning_rate, checks=self.checks,
            seed=self.seed,
        )  # fmt: skip
        per_check = self.steps // len(history) * self.batch_size * self.length
        return pytorch.get_weights(model), {
            "settings": asdict(self),
            "source": documents.source,
            "framework": pytorch.describe_device(),
            "cpu_seconds": round(time.process_time() - start),
            "tokens": [per_check * (i + 1) for i in range(len(history))],
            "validation_bits": (history.column("validation_loss") / np.log(2)).round(4).tolist(),
        }


RUNS = {
    "03": (
        Run("source_code", steps=4400),
        Run("tinyshakespeare", steps=1200),
        Run("language_reference", steps=700),
    ),
    "05": kept_bert.RUNS,
}


@dataclass(frozen=True)
class Kept:
    """Kept weights: where they lie, and the log of their training.

    Attributes
    ----------
    path : Path
    log : dict
        `settings`, `source` and `framework`; of a character model also `cpu_seconds`, `tokens`
        after each check and `validation_bits` there; of the two LSTMs of lesson 5 also
        `cpu_seconds`, `held_out_bits` (per guessed piece of text that was not trained on) and
        `unigram_bits` (the same from the pieces' frequencies alone).
    """

    path: Path
    log: dict


def kept_weights(lesson: str, dataset: str) -> Kept | None:
    """Return the kept weights of a lesson for a data set, or None if there are none.

    Raises
    ------
    InputError
        If there are weights, but their log is missing or damaged.
    """
    path = _folder(lesson) / f"{dataset}.safetensors"
    if Path(dataset).name != dataset or not path.is_file():
        return None
    return Kept(path, kept_log(lesson, dataset))


def kept_log(lesson: str, name: str) -> dict:
    """Return the log of a training that a lesson keeps.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    path = _folder(lesson) / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        raise InputError(
            f"The log {path.name} of a kept training is missing or damaged: "
            f"run `course train {lesson}` again."
        ) from None


def train_kept(lesson: str, only: str | None = None, to: Path | None = None) -> list[Path]:
    """Train the models of which a lesson keeps weights or results, and store these and the logs.

    The same machine makes the same weights again; another one differs in the last digits.

    Parameters
    ----------
    lesson : str
        Its number, such as "03".
    only : str, optional
        The name of one training, such as "source_code".
    to : Path, optional
        Another folder than that of the lesson.

    Raises
    ------
    InputError
        If the lesson keeps nothing, or nothing of this name.
    """
    runs = RUNS.get(lesson.zfill(2), ())
    chosen = [run for run in runs if only in (None, run.name)]
    if not chosen:
        names = ", ".join(run.name for run in runs)
        known = f"it keeps {names}" if names else "it keeps nothing"
        raise InputError(f"Lesson {lesson} has no training {only or 'to repeat'}: {known}.")
    folder = _folder(lesson) if to is None else to
    return [path for run in chosen for path in _write(run, folder)]


def _write(run, folder: Path) -> list[Path]:
    """Write the log, and the arrays if there are any: a run may keep results only."""
    arrays, log = run.make()
    weights, path = folder / f"{run.name}.safetensors", folder / f"{run.name}.json"
    if arrays:
        write_weights(arrays, weights)
    text = json.dumps(log, indent=1) + "\n"
    write_atomically(path, lambda part: part.write_text(text, "utf8"))
    return [weights, path] if arrays else [path]


def _folder(lesson: str) -> Path:
    from course_utils.lessons.source import find_lesson

    return find_lesson(lesson).folder / "weights"
