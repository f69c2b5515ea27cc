"""Which exercises are done: a small file beside the notebook, kept from day to day."""

import contextlib
import json
import os
from pathlib import Path

from course_utils.course import write_bytes
from course_utils.errors import CourseError
from course_utils.own_files import read_text

FILE = "progress.json"


def keep(name: str, of: list[str], folder: Path | None = None) -> str:
    """Note that an exercise is done; return a line such as "3 of 6 exercises done".

    A folder that cannot be written to is no reason to stop: then the line counts what is known. A
    link, and a file that this function did not write, stay as they are.

    Parameters
    ----------
    name : str
        The exercise, such as "01-cosine".
    of : list of str
        All exercises of the lesson.
    folder : Path, optional
        By default the folder in which the notebook runs.
    """
    path = (folder or Path.cwd()) / FILE
    known = done(path) | {name}
    if not os.path.lexists(path) or (_read(path) is not None and not path.is_symlink()):
        with contextlib.suppress(OSError):
            write_bytes(path, (json.dumps(sorted(known), indent=1) + "\n").encode())
    return f"{len(known & set(of))} of {len(of)} exercises of this lesson done."


def done(path: Path) -> set[str]:
    """Return the names in a file of progress; none if it is missing or damaged."""
    return {name for name in _read(path) or [] if isinstance(name, str)}


def _read(path: Path) -> list | None:
    """Return the list that a file of progress holds; None if it is no such file."""
    try:
        found = json.loads(read_text(path))
    except (CourseError, ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def summary(of: list[str], folder: Path) -> str:
    """Return how many exercises are done by the file in a folder, and which are left."""
    known = done(folder / FILE)
    left = [name for name in of if name not in known]
    rest = f"; still to do: {', '.join(left)}" if left else ""
    return f"{len(of) - len(left)} of {len(of)} exercises done{rest}"
