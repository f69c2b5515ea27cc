"""Where the course, its lessons and its cache live; files that are whole or not there."""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from course_utils.errors import CourseError


def project_root() -> Path:
    """Return the folder that holds `notebooks` and `data`.

    The environment variable `COURSE_ROOT` wins; otherwise it is the folder above the package,
    as an editable installation (`pip install -e .`) leaves it.

    Raises
    ------
    CourseError
        If that folder holds no `data/datasets.toml`.
    """
    root = Path(os.environ.get("COURSE_ROOT") or Path(__file__).resolve().parents[1])
    if not (root / "data" / "datasets.toml").is_file():
        raise CourseError(
            f"No course in {root} (it has no data/datasets.toml): install the package from a "
            "clone with `pip install -e .`, or set COURSE_ROOT to the folder of the clone."
        )
    return root


def cache_dir() -> Path:
    """Return the folder for downloaded and built data: `COURSE_CACHE`, or the user's cache."""
    if os.environ.get("COURSE_CACHE"):
        return Path(os.environ["COURSE_CACHE"])
    import platformdirs

    return Path(platformdirs.user_cache_dir("course_utils"))


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    write_atomically(target, lambda part: part.write_bytes(content))


def write_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `target`, then rename it; on failure, remove it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        write(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}


@dataclass(frozen=True)
class Lesson:
    """A lesson's folder, such as `notebooks/01_embeddings`."""

    folder: Path

    @property
    def number(self) -> str:
        """Its number as two digits."""
        return self.folder.name.split("_")[0]

    @property
    def source(self) -> Path:
        """The file that both notebooks are made from."""
        return self.folder / "lesson.md"

    def notebook(self, framework: str) -> Path:
        """The notebook of one framework."""
        return self.folder / f"{self.folder.name.split('_', 1)[1]}_{framework}.ipynb"


def lessons() -> list[Lesson]:
    """Return all lessons in order: the folders that begin with two digits and hold a `lesson.md`.

    Raises
    ------
    CourseError
        If two of them have the same number.
    """
    paths = sorted((project_root() / "notebooks").glob("[0-9][0-9]_*/lesson.md"))
    found = [Lesson(path.parent) for path in paths]
    for one, other in pairwise(found):
        if one.number == other.number:
            raise CourseError(
                f"The folders {one.folder.name} and {other.folder.name} have the same number: "
                "rename one of them."
            )
    return found


def find_lesson(number: str) -> Lesson:
    """Return the lesson with this number, such as "01".

    Raises
    ------
    CourseError
        If there is none, or two folders have one number.
    """
    known = {lesson.number: lesson for lesson in lessons()}
    if number.zfill(2) not in known:
        choice = f"choose from {', '.join(known)}" if known else "there are none yet"
        raise CourseError(f"There is no lesson {number!r}: {choice}.")
    return known[number.zfill(2)]
