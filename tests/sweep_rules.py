"""What `sweep.py` may find: which results of odd values are right, and which errors stay bare."""

from fnmatch import fnmatch

RIGHT: list[tuple[str, str]] = []
BARE: list[tuple[str, str]] = []


def verdict(key: str, said: str) -> str:
    """Return a verdict, with what a rule allows counted as right."""
    if said != "returned":
        return said
    return "right" if any(fnmatch(key, pattern) for pattern, _ in RIGHT) else "silent"
