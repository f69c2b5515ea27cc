"""Checks of arguments: lists of texts, ids, numbers."""

import math
import operator
from collections.abc import Iterable, Mapping
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import InputError

_MOST_BYTES = 2 * 10**9


def as_array(values: ArrayLike, what: str) -> np.ndarray:
    """Return values as an array; `what` names them in the error.

    Raises
    ------
    InputError
        If they are rows of different lengths.
    """
    try:
        return np.asarray(values)
    except ValueError:
        raise InputError(f"{what} must be rows of the same length, but these differ.") from None


def number_array(values: ArrayLike, what: str) -> np.ndarray:
    """Return numbers or truth values as an array; `what` names them in the error.

    Raises
    ------
    InputError
        If they are anything else (strings, None), or rows of different lengths.
    """
    array = as_array(values, what)
    if array.size and array.dtype.kind not in "biufc":
        raise InputError(f"{what} must be numbers, but they have the type {array.dtype}.")
    return array


def check_ids(ids: ArrayLike, size: int) -> np.ndarray:
    """Return ids as an int64 array, or say which one is outside a table of `size` rows.

    Raises
    ------
    InputError
        If ids are not whole numbers (truth values are none either), or one is negative or not
        below `size`.
    """
    ids, size = as_array(ids, "Word ids"), whole_number(size, "The size of the table", 0)
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


def id_array(ids: ArrayLike, what: str, axes: int, size: int | None = None) -> np.ndarray:
    """Return ids of so many axes as an int64 array; `what` names them in the error.

    Raises
    ------
    InputError
        If they have other axes, are no whole numbers, or one is negative or not below `size`.
    """
    ids = as_array(ids, what)
    if ids.ndim != axes:
        raise InputError(f"{what} must have {axes} axes, but they have the shape {ids.shape}.")
    if ids.size and not np.issubdtype(ids.dtype, np.integer):
        raise InputError(f"{what} must be whole numbers, but they have the type {ids.dtype}.")
    if ids.size and ids.min() < 0:
        raise InputError(f"{what} must be from 0 up, but one is {ids.min()}.")
    if ids.size and size is not None and ids.max() >= size:
        told = f"{what} must be from 0 to {size - 1}: {ids.max()} is outside the table."
        raise InputError(told)
    return ids.astype(np.int64)


def finite_array(numbers: ArrayLike, what: str, axes: int | None = None) -> np.ndarray:
    """Return finite numbers, of so many axes if that is said, as an array.

    Raises
    ------
    InputError
        If they have other axes, or one is NaN or infinite.
    """
    numbers = number_array(numbers, what)
    if axes is not None and numbers.ndim != axes:
        raise InputError(f"{what} must have {axes} axes, but they have the shape {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise InputError(f"{what} must be finite, but one of them is NaN or infinite.")
    return numbers


def check_size(*sizes: int, what: str) -> None:
    """Say so if an array of these sizes would take more than 2 GB.

    Raises
    ------
    InputError
        If it would, at 4 bytes a number.
    """
    needed = 4 * math.prod(sizes)
    if needed > _MOST_BYTES:
        raise InputError(f"{what} would take {needed / 1e9:,.0f} GB: choose smaller sizes.")


def check_layer(**sizes: int) -> None:
    """Say so if a size of a layer is below 1, or if a table of two of them would not fit.

    Raises
    ------
    InputError
        As `whole_number` and `check_size` do.
    """
    for name, size in sizes.items():
        whole_number(size, name, 1)
    check_size(*sorted(sizes.values())[-2:], what=f"A layer with {' and '.join(sizes)} so large")


def check_state(batch_size: int, units: int) -> None:
    """Say so if a state for so many texts cannot be made.

    Raises
    ------
    InputError
        As `whole_number` and `check_size` do.
    """
    check_size(whole_number(batch_size, "The batch size", 1), units, what="The state")


def check_share(share: float, what: str) -> None:
    """Say so if a share is not from 0 to less than 1.

    Raises
    ------
    InputError
        If it is not.
    """
    if not 0 <= real_number(share, what) < 1:
        raise InputError(f"{what} must be from 0 to less than 1, but it is {share}.")


def number_type(name: object) -> np.dtype:
    """Return the type of numbers that NumPy has under a name.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        if name != "":  # NumPy reads it as float64
            return np.dtype(name)  # type: ignore[call-overload]  # that is what is found out here
        raise TypeError
    except TypeError:
        raise InputError(f"NumPy has no type of numbers {name!r}: say float32 or int64.") from None


def check_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list.

    Raises
    ------
    InputError
        If they are one string, a dict or no list, or there are none.
    """
    if isinstance(texts, str):
        raise InputError("Texts must be a list of strings, but this is one string: put it in [ ].")
    if isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise InputError(f"Texts must be a list of strings, but this is {describe(texts)}.")
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
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    shown = " ".join(repr(value).split())
    return f"{shown if len(shown) < 40 else shown[:37] + '...'} ({type(value).__name__})"
