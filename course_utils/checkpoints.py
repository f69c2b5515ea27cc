"""Trained weights and results that the repository keeps; `course train` makes them anew."""

import json
from dataclasses import dataclass
from pathlib import Path

from course_utils.course import FRAMEWORKS, find_lesson
from course_utils.errors import InputError

METHODS = ("tfidf", "static", "frozen", "fine-tuned", "from scratch")


@dataclass(frozen=True)
class Checkpoint:
    """Trained weights of a lesson: where they lie, and the log of their training.

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


def find_checkpoint(lesson: str, name: str) -> Checkpoint | None:
    """Return the trained weights of this name that a lesson keeps, or None if there are none.

    Parameters
    ----------
    lesson : str
        Its number, such as "03".
    name : str
        What `course train` calls them: in lesson 3 the data set, such as "source_code".

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
        return json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError):
        raise InputError(
            f"The log {path.name} of a kept training is missing or damaged: "
            f"run `course train {lesson}` again."
        ) from None


def weights_folder(lesson: str) -> Path:
    """Return the folder in which a lesson keeps weights and logs.

    Raises
    ------
    CourseError
        If there is no such lesson.
    """
    return find_lesson(lesson).folder / "weights"


def transfer_results() -> list[dict]:
    """Return the kept results of learning with few labels, from both frameworks.

    Returns
    -------
    list of dict
        `dataset`, `framework`, `method` (one of `METHODS`), `labels`, `seed`, `accuracy` on the
        test part, `cpu_seconds` of the training, `steps`, `parameters` that were trained.

    Raises
    ------
    InputError
        If the results are missing or damaged.
    """
    return [
        row
        for framework in FRAMEWORKS
        for row in training_log("05", f"transfer_{framework}")["rows"]
    ]
