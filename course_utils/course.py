"""Where the course, its lessons and its cache live; files that are whole or not there."""

import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_yaml


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
    """Write a file whole or not at all, as `write_atomically` does."""
    write_atomically(target, lambda part: part.write_bytes(content))


def write_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `target`, then rename it; on failure, remove it.

    The folder of `target` is made if need be.

    Raises
    ------
    OSError
        If the folder cannot be written. What `write` raises comes through.
    """
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


@dataclass(frozen=True)
class FrontMatter:
    """What a lesson's front matter says under `course`: all that other pages tell of it.

    Attributes
    ----------
    short, adds : str
        Its name on the map of the course, and what the map says below it.
    about : str
        What it is about, in one line.
    learn : str
        What one learns, in one line.
    hours : str
        How long it takes to read and do alone, such as "two".
    pause : str
        The section before which a class may break.
    downloads : list of str
        The data sets of the register without which it does not run.
    standard : dict of str to str
        Standard data sets that it offers, each with the setting that chooses it, such as
        "dataset=ag_news".
    claims : list of str
        The claims that both notebooks make, such as ["E1", "E2"].
    seconds : int, optional
        Each notebook runs in less time, on 2 cores without a GPU.
    pictures : dict of str to str
        File names, each with the cell whose figure `course build` stores under it.
    """

    short: str = ""
    adds: str = ""
    about: str = ""
    learn: str = ""
    hours: str = ""
    pause: str = ""
    downloads: list[str] = field(default_factory=list)
    standard: dict[str, str] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    seconds: int | None = None
    pictures: dict[str, str] = field(default_factory=dict)


_KINDS = {
    "downloads": list, "claims": list, "standard": dict, "pictures": dict, "seconds": int,
}  # fmt: skip
_WORDS = {
    str: "a text", list: "a list of texts", dict: "names with texts", int: "a whole number above 0",
}  # fmt: skip


def front_matter(lesson: Lesson) -> FrontMatter:
    """Return what the front matter of a lesson says under `course`.

    Raises
    ------
    CourseError
        If it cannot be read, or a key is unknown, stands there twice, or has a value of another
        kind.
    """
    course = _yaml(lesson.source).get("course", {})
    if not isinstance(course, dict):
        raise CourseError(f"{lesson.source} says {course!r} under `course`: write `key: value`.")
    known = {one.name: _KINDS.get(one.name, str) for one in fields(FrontMatter)}
    for key, value in course.items():
        if key not in known:
            raise CourseError(
                f"{lesson.source} says {key!r} under `course`: choose from {', '.join(known)}."
            )
        if not _fits(value, known[key]):
            raise CourseError(
                f"{lesson.source} says {value!r} for {key!r} under `course`, where "
                f"{_WORDS[known[key]]} must stand."
            )
    for name in course.get("pictures", {}):
        if not re.fullmatch(r"[\w-]+\.png", name):
            raise CourseError(
                f"{lesson.source} names the picture {name!r}: write a file name that ends in .png."
            )
    return FrontMatter(**course)


def _yaml(path: Path) -> dict:
    """Return the front matter of a lesson, which is empty if it has none."""
    text = read_text(path)
    found = re.match(r"---\n(.*?)^---$", text, re.M | re.S)
    if found is None:
        if text.startswith("---\n"):
            raise CourseError(f"The front matter of {path} does not end: a line --- is missing.")
        return {}
    return read_yaml(found[1], f"The front matter of {path}", line=2)


def _fits(value: object, kind: type) -> bool:
    if isinstance(value, list):
        return kind is list and all(isinstance(one, str) for one in value)
    if isinstance(value, dict):
        texts = [*value, *value.values()]
        return kind is dict and all(isinstance(one, str) for one in texts)
    if kind is int:
        return type(value) is int and value > 0
    return isinstance(value, kind)


def title(lesson: Lesson) -> str:
    """Return the title of a lesson, from its first heading: "Lesson 1: Embeddings" -> "Embeddings".

    Raises
    ------
    CourseError
        If it has no heading.
    """
    heading = re.search(r"^# +(.+?) *$", read_text(lesson.source), re.M)
    if heading is None:
        raise CourseError(f"{lesson.source} has no heading: begin it with `# Lesson N: Title`.")
    return re.sub(r"^Lesson \d+: |, in \{\{framework\}\}$", "", heading[1])


def lessons() -> list[Lesson]:
    """Return all lessons in order: the folders that begin with two digits and hold a `lesson.md`.

    Raises
    ------
    CourseError
        If two of them have the same number, or the folder of the course is not found.
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
        If there is none, two folders have one number, or the folder of the course is not found.
    """
    known = {lesson.number: lesson for lesson in lessons()}
    if number.zfill(2) not in known:
        choice = f"choose from {', '.join(known)}" if known else "there are none yet"
        raise CourseError(f"There is no lesson {number!r}: {choice}.")
    return known[number.zfill(2)]
