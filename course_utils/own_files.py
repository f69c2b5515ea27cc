"""Read the files of the course itself: a mistake in one is a sentence with its place."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    CourseError
        If it cannot be read, or is no UTF-8.
    """
    if path.is_fifo():  # it would wait for ever
        raise CourseError(f"{path} cannot be read: it is a pipe.")
    try:
        text = (
            path.read_bytes().decode("utf-8").lstrip("\ufeff")
        )  # the mark that some editors write
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CourseError(f"{path}, line {line}: this is no UTF-8 text: save it as such.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    CourseError
        If it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, RecursionError) as error:  # of numbers and brackets without an end, too
        raise CourseError(f"{path} is no TOML: {_reason(error)}.") from None


def read_yaml(text: str, place: str, line: int) -> dict:
    """Return what a piece of YAML says under its keys.

    Parameters
    ----------
    text : str
    place : str
        Where it stands, for the error to say.
    line : int
        The line of its file where it begins.

    Raises
    ------
    CourseError
        If it is no YAML, has no keys, or has a key twice.
    """
    import yaml

    try:
        for key, number in _twice(yaml.compose(text, Loader=yaml.SafeLoader)):
            raise CourseError(f"{place} (line {line + number}): {key!r} stands there twice.")
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        start = (
            mark.index if mark else getattr(error, "position", None)
        )  # of a sign that may not be
        where = "" if start is None else f" (line {line + text.count(chr(10), 0, start)})"
        reason = getattr(error, "problem", None) or getattr(error, "reason", None)
        reason = reason or "a value cannot be read"
        raise CourseError(f"{place}{where} is no YAML: {reason}.") from None
    if not isinstance(said, dict):
        raise CourseError(f"{place} must be lines of `key: value`.")
    return said


def _twice(node: Any, known: set[int] | None = None) -> Iterator[tuple[str, int]]:
    """Return the keys that stand twice in one mapping of YAML, each with its line from 0.

    What `*name` repeats is looked at once: a few lines can repeat each other a billion times.
    """
    known = set() if known is None else known
    if node is None or node.id == "scalar" or id(node) in known:
        return
    known.add(id(node))
    seen = set()
    for part in node.value:
        if node.id == "mapping":
            key, part = part
            if str(key.value) in seen:
                yield str(key.value), key.start_mark.line
            seen.add(str(key.value))
        yield from _twice(part, known)


def read_table(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file, each with the number of its line, and values by column.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        What the first line must say.

    Raises
    ------
    CourseError
        If it cannot be read, is no CSV, has another first line, no rows, or a row of another
        length.
    """
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True)
    try:
        lines = [(reader.line_num, line) for line in reader]
    except csv.Error as error:
        raise CourseError(f"{path}, line {reader.line_num}: this is no CSV: {error}.") from None
    if len(lines) < 2 or lines[0][1] != list(columns):
        raise CourseError(f"{path} needs the first line {','.join(columns)}, and lines below it.")
    for number, line in lines:
        if len(line) != len(columns):
            raise CourseError(
                f"{path}, line {number}: it has {len(line)} columns, but {len(columns)} are needed."
            )
    return [(number, dict(zip(columns, line, strict=True))) for number, line in lines[1:]]


def _reason(error: Exception) -> str:
    """Return the first line of what an error says, or its kind if it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
