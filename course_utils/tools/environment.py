"""Say whether the environment of this Python can be used as it is; `make` asks before it begins.

It runs by its path and needs nothing: `.venv/bin/python -I course_utils/tools/environment.py lab`.
"""

import os
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path


def stands_here(script: str) -> bool:
    """Whether a script of the environment starts the Python of this folder.

    A folder that was moved or copied keeps scripts that name the old place.
    """
    try:
        text = Path(sys.prefix, "bin", script).read_text(encoding="utf-8")
        named = re.search(r'(/[^"\n]*)/bin/python', text)
        return named is not None and os.path.samefile(named[1], sys.prefix)
    except (OSError, UnicodeDecodeError):
        return False


def is_whole() -> bool:
    """Whether packages can be installed: a good Python that belongs to this folder, with pip."""
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    own = os.path.samefile(Path(sys.executable).parent.parent, sys.prefix)
    return good and own and find_spec("pip") is not None and stands_here("pip")


def is_ready(extras: list[str]) -> bool:
    """Whether the course is installed here, and all that it and these extras name."""
    if find_spec("course_utils") is None or not stands_here("course"):
        return False
    try:
        for line in requires("course-utils") or []:
            extra = re.search(r"extra == .([\w-]+)", line)
            if extra is None or extra[1] in extras:
                version(re.split(r"[^\w.-]", line)[0])
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    whole = is_whole() if len(sys.argv) == 1 else is_ready(sys.argv[1].split(","))
    sys.exit(not whole)
