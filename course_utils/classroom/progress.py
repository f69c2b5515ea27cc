"""Which exercises are done: a small file beside the notebook, kept from day to day."""

import contextlib
import json
from pathlib import Path

FILE = "progress.json"


def keep(name: str, of: list[str], folder: Path | None = None) -> str:
    """Note that an exercise is done; return a line such as "3 of 6 exercises done".

    A folder that cannot be written to is no reason to stop: then the line counts what is known.

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
    with contextlib.suppress(OSError):
        path.write_text(json.dumps(sorted(known), indent=1) + "\n", encoding="utf-8")
    return f"{len(known & set(of))} of {len(of)} exercises of this lesson done."


def done(path: Path) -> set[str]:
    """Return the names in a file of progress; none if it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def summary(of: list[str], folder: Path) -> str:
    """Return how many exercises are done by the file in a folder, and which are left."""
    known = done(folder / FILE)
    left = [name for name in of if name not in known]
    rest = f"; still to do: {', '.join(left)}" if left else ""
    return f"{len(of) - len(left)} of {len(of)} exercises done{rest}"
