"""Which code and data a notebook ran with, as a short text: while it stays, so do the outputs."""

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import course_utils
from course_utils.course import FRAMEWORKS, Lesson, project_root

PACKAGE = Path(course_utils.__file__).parent
_CHECKS = re.compile(r"lesson_(\d\d)\.py")


def fingerprint(lesson: Lesson, framework: str) -> str:
    """Return a short text that changes with the code and the data that a notebook can read.

    That is the package without its tools, without the other framework's adapter and without the
    checkers of other lessons; the files of `data/`; and the quiz and the weights of the lesson.
    Comments, docstrings and layout do not count. Versions of other packages are not in it.
    """
    other = next(name for name in FRAMEWORKS if name != framework)
    data = [project_root() / "data", lesson.folder / "weights", lesson.folder / "quiz.toml"]
    sums = [*_code(lesson, other), *(line for path in data for line in _contents(path))]
    return hashlib.sha256("\n".join(sums).encode("utf8")).hexdigest()[:16]


def _code(lesson: Lesson, other: str) -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        checks = _CHECKS.fullmatch(name.name)
        foreign = checks and checks[1] != lesson.number
        if name.parts[0] not in ("tools", other) and not foreign:
            yield f"{name.as_posix()} {_sum_of_code(path.read_text(encoding='utf8'))}"


@cache
def _sum_of_code(text: str) -> str:
    return _sum(repr(meaning(ast.parse(text))).encode("utf8"))


def _contents(path: Path) -> Iterator[str]:
    """Return a line for a file, or for each file of a folder; none if there is no such path."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            yield f"{file.name} {_sum(file.read_bytes())}"


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
