"""Errors that answer in one clear sentence: what is wrong, and what to do."""

import difflib
from collections.abc import Collection


class CourseError(Exception):
    """Base class of every error that the course raises on purpose."""


class DataError(CourseError):
    """A data set could not be found, fetched, verified or stored."""


class InputError(CourseError, ValueError):
    """An argument has a value, type or shape that the function cannot work with."""

    __init__ = Exception.__init__  # AutoGraph raises such an error again as itself in a tf.function


def suggestion(name: object, known: Collection[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest known one, or what there is.

    Of many names it gives the first twenty.
    """
    close = difflib.get_close_matches(str(name), known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return f"choose from {', '.join([*known][:20])}{more}."
