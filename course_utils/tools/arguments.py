"""What the command line may say: each kind of value, read for argparse."""

from argparse import ArgumentTypeError
from pathlib import Path


def read_count(text: str) -> int:
    """Read a whole number from 1 up.

    Raises
    ------
    ArgumentTypeError
        If it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return int(text)


def read_path(text: str) -> Path:
    """Read a path. A shell leaves the `~` of --to=~/class as it is.

    Raises
    ------
    ArgumentTypeError
        If it is empty, holds a zero byte, or begins with a home that is not known.
    """
    if not text.strip() or "\0" in text:
        raise ArgumentTypeError(f"{text!r} is no path")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ArgumentTypeError(
            f"the home in {text!r} is not known here: write the full path"
        ) from None
