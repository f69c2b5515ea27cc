"""Which code and data a notebook ran with, as a short text: while it stays, so do the outputs."""

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import course_utils
from course_utils.course import FRAMEWORKS, Lesson, project_root
from course_utils.errors import CourseError

PACKAGE = Path(course_utils.__file__).parent
_CHECKS = re.compile(r"lesson_(\d\d)\.py")


def fingerprint(lesson: Lesson, framework: str) -> str:
    """Return a short text that changes with the code and the data that a notebook can read.

    That is the package without its tools, without the other framework's adapter and without the
    checkers of other lessons; the files of `data/`; and the quiz and the weights of the lesson.
    Comments, docstrings, layout and hidden files do not count. Versions of other packages are not
    in it.

    Raises
    ------
    CourseError
        If a file of the package is no Python, or no UTF-8.
    """
    other = next(name for name in FRAMEWORKS if name != framework)
    data = [project_root() / "data", lesson.folder / "weights", lesson.folder / "quiz.toml"]
    sums = [*_code(lesson, other), *(line for path in data for line in _contents(path))]
    return hashlib.sha256("\n".join(sums).encode("utf8")).hexdigest()[:16]


def _code(lesson: Lesson, other: str) -> Iterator[str]:
    for path in _files(PACKAGE):
        name = path.relative_to(PACKAGE)
        checks = _CHECKS.fullmatch(name.name)
        foreign = checks and checks[1] != lesson.number
        if name.suffix == ".py" and name.parts[0] not in ("tools", other) and not foreign:
            yield f"{name.as_posix()} {_sum_of_code(path, path.read_bytes())}"


@cache
def _sum_of_code(path: Path, content: bytes) -> str:
    try:
        content.decode("utf8")  # Python would say another line
        return _sum(repr(meaning(ast.parse(content))).encode("utf8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CourseError(f"{path}, line {line}: this is no UTF-8 text: save it as such.") from None
    except (SyntaxError, ValueError, RecursionError) as error:
        known = getattr(error, "lineno", None)
        place = f"{path}, line {known}" if known else path
        reason = getattr(error, "msg", None) or error
        raise CourseError(f"{place}: this is no Python: {reason}.") from None


def _contents(path: Path) -> Iterator[str]:
    """Return a line for a file, or for each file of a folder; none if there is no such path."""
    for file in _files(path) if path.is_dir() else filter(Path.is_file, [path]):
        yield f"{file.relative_to(path.parent).as_posix()} {_sum(file.read_bytes())}"


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder, on each system in one order, without hidden ones."""
    names = {path: path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    seen = [path for path in names if not re.search(r"(?:^|/)\.", names[path]) and path.is_file()]
    return sorted(seen, key=names.__getitem__)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def meaning(node: object) -> object:
    """Return what a piece of parsed Python does, the same for each version of Python.

    Docstrings are left out, and so are empty fields and empty pieces of f-strings: versions of
    Python differ in them.
    """
    if isinstance(node, list):
        return [meaning(one) for one in node]
    if not isinstance(node, ast.AST):
        return node
    found = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, described) and ast.get_docstring(node, clean=False) is not None:
        found["body"] = node.body[1:]
    if isinstance(node, ast.JoinedStr):
        found["values"] = [one for one in node.values if getattr(one, "value", None) != ""]
    return [type(node).__name__, {name: meaning(value) for name, value in found.items()}]
