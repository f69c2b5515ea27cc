"""Files that are a list of entries: the terms of the glossary, the questions of a questionnaire."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_toml


def read_entries(
    path: Path, kind: str, problems: Callable[[object], list[str]], each: str = "each"
) -> list[dict]:
    """Return the tables `[[kind]]` of a TOML file, in its order.

    Parameters
    ----------
    path : Path
    kind : str
        Such as "term".
    problems : callable
        What is wrong with an entry, each as a clause.
    each : str
        What a refusal calls an entry, such as "each term".

    Raises
    ------
    CourseError
        If it is no TOML, holds something else, or an entry has a problem.
    """
    tables = read_toml(path)
    entries = tables.get(kind)
    if not isinstance(entries, list) or len(tables) > 1:
        raise CourseError(f"{path}: begin {each} with a line [[{kind}]], and write nothing else.")
    begins = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    lines = [n for n, line in enumerate(read_text(path).splitlines(), 1) if begins.match(line)]
    for number, entry in enumerate(entries):
        line = f", line {lines[number]}" if number < len(lines) else ""
        for problem in problems(entry):
            raise CourseError(f"{path}{line}: {problem}")
    return entries


def problems_of_keys(
    entry: dict[str, Any], kind: str, known: Sequence[str], texts: Sequence[str]
) -> list[str]:
    """Return which keys of an entry are unknown, and which texts are missing, empty or too long."""
    found = [f"unknown key {key!r}." for key in entry if key not in known]
    return found + [
        f"the {key} of a {kind} must be a text on one line that is not empty."
        for key in texts
        if not isinstance(entry.get(key), str)
        or not entry[key].strip()
        or len(entry[key].splitlines()) > 1
    ]
