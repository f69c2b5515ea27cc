"""Where the course, its lessons and its cache live; files that are whole or not there.

Three environment variables name places:

- `COURSE_ROOT`: the folder of the clone, if the package is not installed from it; a full path.
- `COURSE_CACHE`: the folder for downloaded and built data; by default the user's cache.
- `COURSE_DATA_MIRROR`: a folder, or an address (http, https), from which data is copied.

`~` is the user's home in each. A relative path begins in the course's folder, wherever a command or
a notebook runs. An empty value counts as none.
"""

import importlib.util
import os
import re
import reprlib
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.util import find_spec
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
        If that folder holds no `data/datasets.toml`, or `COURSE_ROOT` is no full path.
    """
    root = _path_setting("COURSE_ROOT") or Path(__file__).resolve().parents[1]
    if not root.is_absolute():
        raise CourseError(
            f"COURSE_ROOT is {str(root)!r}, which is another folder wherever a notebook runs: "
            "write the full path."
        )
    try:
        found = (root / "data" / "datasets.toml").is_file()
    except OSError:  # such as a folder that may not be entered
        found = False
    if not found:
        raise CourseError(
            f"No course in {root} (it has no data/datasets.toml): install the package from a "
            "clone with `pip install -e .`, or set COURSE_ROOT to the folder of the clone."
        )
    return root


def cache_dir() -> Path:
    """Return the folder for downloaded and built data: `COURSE_CACHE`, or the user's cache.

    Where the user has no home, it lies among the temporary files.

    Raises
    ------
    CourseError
        If `COURSE_CACHE` is relative and the course is not found, or begins with an unknown `~`.
    """
    chosen = _path_setting("COURSE_CACHE")
    if chosen is not None:
        return _full(chosen)
    if not _home() and not os.environ.get("XDG_CACHE_HOME"):
        return Path(tempfile.gettempdir(), f"course_utils-{_user()}")
    import platformdirs

    return _full(Path(platformdirs.user_cache_dir("course_utils")))


def data_mirror() -> str | Path | None:
    """Return `COURSE_DATA_MIRROR`: an address as str, a folder as Path, or None if it is not set.

    Raises
    ------
    CourseError
        If it is an address of another kind than http or https, begins with an unknown `~`, or is
        relative and the course is not found.
    """
    value = os.environ.get("COURSE_DATA_MIRROR", "").strip()
    scheme = re.match(r"([a-z][a-z0-9+.-]+)://", value, re.I)
    if scheme is None:
        folder = _path_setting("COURSE_DATA_MIRROR")
        return None if folder is None else _full(folder)
    if scheme[1].lower() not in ("http", "https"):
        raise CourseError(
            f"COURSE_DATA_MIRROR is an address of the kind {scheme[1]}://: give a folder, or an "
            "address that begins with http:// or https://."
        )
    return scheme[0].lower() + value[scheme.end() :].rstrip("/")


def numba_cache() -> Path | None:
    """Return the folder that numba must be given for its compiled functions, or None: it has one.

    Numba stores them beside the package or in the user's cache. Where neither can be written, a
    folder of the course's cache serves if it is this user's own, because what lies there is run;
    else there is a new temporary folder for this process.
    """
    from numba.misc.appdirs import AppDirs

    spec = find_spec("pynndescent")
    places = [Path(spec.origin).parent / "__pycache__"] if spec and spec.origin else []
    if _home():  # else numba would make a folder named ~
        places.append(Path(AppDirs(appname="numba", appauthor=False).user_cache_dir))
    if os.environ.get("NUMBA_CACHE_DIR"):
        places.append(Path(os.environ["NUMBA_CACHE_DIR"]))
    if any(writable(place) for place in places):
        return None
    try:
        ours = cache_dir() / "numba"
        if writable(ours, mode=0o700) and ours.stat().st_uid == _user():
            return ours
    except (CourseError, OSError):
        pass
    return Path(_temporary().name)


def writable(folder: Path, mode: int = 0o777) -> bool:
    """Make a folder if need be, and say whether files can be written to it."""
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_writable(folder: Path) -> None:
    """Make a folder if need be, before work begins that takes minutes.

    Raises
    ------
    CourseError
        If no files can be written to it.
    """
    if not writable(folder):
        reason = "is a file" if folder.is_file() else "cannot be written"
        raise CourseError(f"{folder} {reason}: choose another folder.")


@cache
def _temporary() -> tempfile.TemporaryDirectory:
    """A folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="course_utils-")


def _user() -> int:
    """Return the number of the user; Windows, where everybody has a home, knows none."""
    return os.getuid() if hasattr(os, "getuid") else 0


def _home() -> str:
    """Return the user's home, or nothing if neither HOME nor the system's list of users has it."""
    home = "~" if os.environ.get("HOME") == "" else os.path.expanduser("~")
    return "" if home == "~" else home


def _path_setting(name: str) -> Path | None:
    """Return the path that an environment variable names, with `~` read; None if it is empty."""
    value = os.environ.get(name, "").strip()
    path = os.path.expanduser(value)
    if value.startswith("~") and (path == value or (value[1:2] in "/" and not _home())):
        raise CourseError(
            f"{name} is {value!r}, but the home that `~` stands for is not known here: write the "
            "full path."
        )
    return Path(path) if path else None


def _full(path: Path) -> Path:
    """Return a full path: a relative one begins in the course's folder."""
    return path if path.is_absolute() else project_root() / path


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
_MODULES = {"pytorch": "torch", "tensorflow": "tensorflow"}


def installed(framework: str) -> bool:
    """Whether a framework is installed; it is not imported."""
    return importlib.util.find_spec(_MODULES[framework]) is not None


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
class Objective:
    """What one can do after a lesson.

    Attributes
    ----------
    can : str
        The end of a sentence that begins with "you can".
    sections : list of str
        The headings whose text, exercises and claims serve it.
    """

    can: str
    sections: list[str]


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
    objectives : dict of str to Objective
        What one can do after it, each under a short name that questions use.
    claims : list of str
        The claims that both notebooks make, such as ["E1", "E2"].
    seconds : int, optional
        Each notebook runs in less time, on 2 cores without a GPU.
    pictures : dict of str to str
        File names, each with the cell whose figure `course build` stores under it.
    pattern : bool
        Whether it follows the pattern of CONTRIBUTING.md; then the tests hold it to that.
    """

    short: str = ""
    adds: str = ""
    about: str = ""
    learn: str = ""
    hours: str = ""
    pause: str = ""
    downloads: list[str] = field(default_factory=list)
    standard: dict[str, str] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    seconds: int | None = None
    pictures: dict[str, str] = field(default_factory=dict)
    pattern: bool = False


_KINDS = {
    "downloads": list, "claims": list, "standard": dict, "pictures": dict, "seconds": int,
    "objectives": Objective, "pattern": bool,
}  # fmt: skip
_WORDS = {
    str: "a text", list: "a list of texts", dict: "names with texts", int: "a whole number above 0",
    bool: "true or false",
    Objective: "names, each with `can` (a text) and `sections` (a list of texts),",
}  # fmt: skip


_SHORT = reprlib.Repr()  # lists may hold each other a billion times
_SHORT.maxlevel = 3


def front_matter(lesson: Lesson) -> FrontMatter:
    """Return what the front matter of a lesson says under `course`.

    Raises
    ------
    CourseError
        If it cannot be read, or a key is unknown, stands there twice, or has a value of another
        kind.
    """
    said = _yaml(lesson.source)
    course = said.get("course", {})
    if "course" not in said and set(said) - {"jupytext", "kernelspec"}:
        raise CourseError(f"The front matter of {lesson.source} has no `course`: it tells nothing.")
    if not isinstance(course, dict):
        told = _SHORT.repr(course)
        raise CourseError(f"{lesson.source} says {told} under `course`: write `key: value`.")
    known = {one.name: _KINDS.get(one.name, str) for one in fields(FrontMatter)}
    for key, value in course.items():
        if key not in known:
            raise CourseError(
                f"{lesson.source} says {key!r} under `course`: choose from {', '.join(known)}."
            )
        if not _fits(value, known[key]):
            raise CourseError(
                f"{lesson.source} says {_SHORT.repr(value)} for {key!r} under `course`, where "
                f"{_WORDS[known[key]]} must stand."
            )
    for name in course.get("pictures", {}):
        if not re.fullmatch(r"[\w-]+\.png", name):
            raise CourseError(
                f"{lesson.source} names the picture {name!r}: write a file name that ends in .png."
            )
    objectives = {name: Objective(**one) for name, one in course.get("objectives", {}).items()}
    return FrontMatter(**course | {"objectives": objectives})


def _yaml(path: Path) -> dict:
    """Return the front matter of a lesson, which is empty if it has none."""
    text = read_text(path)
    found = re.match(r"---[ \t]*\n(.*?)^---[ \t]*$", text, re.M | re.S)
    if found is None:
        if text.lstrip().startswith("---"):
            raise CourseError(
                f"The front matter of {path} does not begin in line 1, with --- alone, or it "
                "does not end: a line --- is missing."
            )
        return {}
    return read_yaml(found[1], f"The front matter of {path}", line=2)


def _fits(value: object, kind: type) -> bool:
    if kind is Objective:
        return isinstance(value, dict) and all(map(_is_objective, value.items()))
    if isinstance(value, list):
        return kind is list and all(isinstance(one, str) for one in value)
    if isinstance(value, dict):
        texts = [*value, *value.values()]
        return kind is dict and all(isinstance(one, str) for one in texts)
    if kind is int:
        return type(value) is int and value > 0
    return isinstance(value, kind) and bool(str(value).strip())


def _is_objective(named: tuple[object, object]) -> bool:
    name, told = named
    if not isinstance(told, dict) or set(told) != {"can", "sections"}:
        return False
    texts = told["sections"]
    return bool(texts) and _fits(texts, list) and all(map(_is_line, [name, told["can"], *texts]))


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value.splitlines()) == 1


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
    folders = sorted((project_root() / "notebooks").glob("[0-9][0-9]_*"))
    found = [Lesson(path) for path in folders if os.path.lexists(path / "lesson.md")]
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
