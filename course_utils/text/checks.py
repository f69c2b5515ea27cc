"""Checks of arguments: lists of texts, ids, numbers."""

import math
import operator
from collections.abc import Iterable
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import InputError


def check_ids(ids: ArrayLike, size: int) -> np.ndarray:
    """Return ids as an int64 array, or say which one is outside a table of `size` rows.

    Raises
    ------
    InputError
        If ids are not whole numbers (truth values are none either), or one is negative or not
        below `size`.
    """
    ids = np.asarray(ids)
    if ids.size and not np.issubdtype(ids.dtype, np.integer):
        raise InputError(f"Word ids must be whole numbers, but these have the type {ids.dtype}.")
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        worst = int(ids.min()) if ids.min() < 0 else int(ids.max())
        raise InputError(
            f"Word id {worst} is outside the table of {size} rows (0 to {size - 1}): "
            "encode the texts with the vocabulary that the table was made for."
        )
    return ids.astype(np.int64)


def check_two_axes(ids: np.ndarray) -> None:
    """Say so if ids are not those of several texts.

    Raises
    ------
    InputError
        If they have not two axes.
    """
    if ids.ndim != 2:
        raise InputError(
            f"Ids must have the shape (texts, length), but these have {ids.shape}: put a single "
            "text in [ ]."
        )


def check_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list.

    Raises
    ------
    InputError
        If they are one string, or there are none.
    """
    if isinstance(texts, str):
        raise InputError("Texts must be a list of strings, but this is one string: put it in [ ].")
    texts = list(texts)
    if not texts:
        raise InputError("There are no texts: the list is empty.")
    return texts


def check_strings(texts: Iterable[str]) -> list[str]:
    """Return texts as a list of strings that can be written as UTF-8.

    Raises
    ------
    InputError
        If there are none, or one is no string or holds half a character (a lone surrogate).
    """
    texts = check_texts(texts)
    for text in texts:
        if not isinstance(text, str):
            raise InputError(f"A text must be a string, but this one is {describe(text)}.")
        try:
            text.encode("utf8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"A text holds {text[error.start]!r}, which is half a character: read its file as "
                "UTF-8, or drop it."
            ) from None
    return texts


def whole_number(number: object, what: str, least: int | None = None) -> int:
    """Return a whole number (`least` or more) as an int; `what` names it in the error.

    Raises
    ------
    InputError
        If it is none: a float or a truth value, for example.
    """
    wanted = "a whole number" if least is None else f"a whole number from {least} up"
    try:
        found = operator.index(number)  # type: ignore[arg-type]  # that is what is found out here
    except TypeError:
        found = None
    if found is None or isinstance(number, bool) or (least is not None and found < least):
        raise InputError(f"{what} must be {wanted}, but it is {describe(number)}.")
    return found


def real_number(number: object, what: str, least: float | None = None) -> float:
    """Return a number (`least` or more) as a float; `what` names it in the error.

    Raises
    ------
    InputError
        If it is none: a string or a truth value, for example.
    """
    wanted = "a number" if least is None else f"a number from {least} up"
    if not isinstance(number, Real) or isinstance(number, bool):
        raise InputError(f"{what} must be {wanted}, but it is {describe(number)}.")
    if least is not None and not float(number) >= least:
        raise InputError(f"{what} must be {wanted}, but it is {number}.")
    return float(number)


def check_positive(number: object, what: str) -> float:
    """Return a finite number above 0 as a float; `what` names it in the error.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(number, Real) or isinstance(number, bool) or not 0 < float(number) < math.inf:
        raise InputError(f"{what} must be a number above 0, but it is {describe(number)}.")
    return float(number)


def describe(value: object) -> str:
    """Return a value, shortened, and its type."""
    shown = repr(value)
    return f"{shown if len(shown) < 40 else shown[:37] + '...'} ({type(value).__name__})"
