"""What all checkers share: they read an answer as numbers or words, and say what is wrong."""

from numbers import Integral
from typing import Any

import numpy as np

from course_utils.classroom.exercises import judged
from course_utils.classroom.net import NotDone, Wrong, brief, detached, is_stub

_KINDS = {  # what an array may hold: NumPy's kinds, and how a sentence says it
    "number": ("iuf", "numbers"),
    "float": ("f", "fractions (float)"),
    "int": ("iu", "whole numbers (int)"),
    "bool": ("b", "True or False (bool)"),
}
_GUESS_AGAIN = "Guess again, or read on and look: a guess costs nothing."


def number(answer: Any) -> float:
    """Return an answer that is one number: of Python, of NumPy, or a tensor without axes.

    NaN and infinity are numbers here: only the checker knows what they mean.
    """
    told = f"return one number, not {type(answer).__name__}"
    try:
        value = _numpy(answer)
    except ValueError:
        raise Wrong(f"{told}.") from None
    if value.ndim:
        raise Wrong(f"{told} of shape {value.shape}.")
    if value.dtype.kind not in "iuf":
        raise Wrong(f"{told}.")
    return float(value)


def array(
    answer: Any,
    shape: tuple[int, ...] | None = None,
    meaning: str = "",
    *,
    of: str = "number",
    name: str = "result",
    mistakes: dict[tuple[int, ...], str] | None = None,
) -> np.ndarray:
    """Return an answer that is an array, a tensor, or a list of numbers as an array.

    Parameters
    ----------
    answer : array_like
    shape : tuple of int, optional
        The shape that it should have; any shape with at least one axis if not given.
    meaning : str
        What the shape means, for the sentence: "one row for each text".
    of : {"number", "float", "int", "bool"}
        What it should hold. An empty array may be of any type.
    name : str
        What the sentence calls it: "your result".
    mistakes : dict of tuple to str, optional
        The sentences for wrong shapes that have a known cause.
    """
    try:
        value = _numpy(answer)
    except ValueError:
        told = f"the rows of your {name} have different lengths: return one array."
        raise Wrong(told) from None
    kinds, words = _KINDS[of]
    because = f", {meaning}" if meaning else ""
    numeric = value.dtype.kind in "biuf"
    if value.ndim == 0 or not numeric:
        wanted = f"of shape {shape}{because}" if shape else f"of {words}"
        given = "one number" if numeric else type(answer).__name__
        raise Wrong(f"your {name} should be an array {wanted}, not {given}.")
    if mistakes and value.shape in mistakes:
        raise Wrong(mistakes[value.shape])
    if shape is not None and value.shape != shape:
        raise Wrong(f"the shape of your {name} is {value.shape}; it should be {shape}{because}.")
    if value.size and value.dtype.kind not in kinds:
        raise Wrong(f"your {name} should hold {words}, not {value.dtype}.")
    return value


def pair(
    answer: Any,
    names: tuple[str, str],
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None,
    of: str = "number",
) -> tuple[np.ndarray, np.ndarray]:
    """Return an answer that is two arrays, with these names and shapes in this order."""
    first_name, second_name = names
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(f"return two arrays: the {first_name} and the {second_name}.")
    first, second = (array(part, name=n, of=of) for part, n in zip(answer, names, strict=True))
    if shapes is None:
        return first, second
    if shapes != (first.shape, second.shape) == shapes[::-1]:
        raise Wrong(f"return the {first_name} first, then the {second_name}.")
    return array(first, shapes[0], name=first_name), array(second, shapes[1], name=second_name)


def sequence(answer: Any, of: str) -> list:
    """Return an answer that is a list, a tuple or an array as a list; `of` says of what."""
    if isinstance(answer, np.ndarray) and answer.ndim:
        return answer.tolist()
    if not isinstance(answer, list | tuple):
        raise Wrong(f"return a list of {of}, not {type(answer).__name__}.")
    return list(answer)


def strings(answer: Any, of: str = "strings", advice: str = "") -> list[str]:
    """Return an answer that is a list of strings; the advice ends the sentence about others."""
    found = sequence(answer, of)
    for text in found:
        if not isinstance(text, str):
            raise Wrong(f"return a list of {of}, not of {type(text).__name__}{advice}.")
    return found


def letter(answer: Any, wrong: dict[str, str]) -> str:
    """Return a letter that was chosen; `wrong` has a sentence for each one that is not right."""
    chosen = answer.strip(" ().").lower() if isinstance(answer, str) else ""
    if chosen not in ("a", "b", "c"):
        told = 'answer with one letter in quotation marks, "a", "b" or "c"'
        raise Wrong(f"{told}, not with {brief(answer)}.", "form")
    if chosen in wrong:
        raise Wrong(wrong[chosen], "wrong guess")
    return chosen


def prediction(name: str, *, grade: str, praise: str, hint: str, wrong: dict[str, str]) -> None:
    """Register an exercise whose answer is a guess; `wrong` as for `letter`."""
    told = {guess: f"{sentence} {_GUESS_AGAIN}" for guess, sentence in wrong.items()}

    def judge(answer: Any, adapter: Any, seed: int) -> None:
        letter(answer, told)

    judged(name, grade=grade, kind="prediction", praise=praise, hint=hint)(judge)


def experiment(answer: Any, of: str) -> tuple[dict[float, Any], Any]:
    """Return an answer that is measurements and a reason: a dict, by rising keys, and a letter.

    `of` says what the dict holds: "{count: vocabulary_with(count)}".
    """
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(f"give two things: a dict {of}, and the letter of your reason.", "form")
    if is_stub(answer):
        raise NotDone
    found, why = answer
    if not isinstance(found, dict):
        raise Wrong(f"give a dict {of} first, not {brief(found)}.", "form")
    for key in found:
        if isinstance(key, bool) or not isinstance(key, Integral) or key < 1:
            raise Wrong(f"give a dict {of}: {brief(key)} is no whole number above 0.", "form")
    if len(found) < 3:
        raise Wrong(f"measure at three values or more: you have {len(found)}.", "form")
    return {key: found[key] for key in sorted(found)}, why


def normalize(x: np.ndarray, epsilon: float, axis: int = 1) -> np.ndarray:
    """Return x (rows, numbers) with mean 0 and variance 1 along an axis: layer normalization."""
    centered = x - x.mean(axis=axis, keepdims=True)
    return centered / np.sqrt(x.var(axis=axis, keepdims=True) + epsilon)


def _numpy(answer: Any) -> np.ndarray:
    """Return an answer as NumPy has it; a ValueError if its rows differ in length."""
    return np.asarray(detached(answer))
