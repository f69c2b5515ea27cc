"""Exercises that answer in a sentence."""

import difflib
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from course_utils.errors import InputError


class Wrong(Exception):
    """What a checker raises to say what is wrong with an answer, in one sentence."""


@dataclass(frozen=True)
class Exercise:
    """An exercise: how its answer is checked, what is said to a right one, and a hint."""

    checker: Callable
    praise: str
    hint: str


_EXERCISES: dict[str, Exercise] = {}


def exercise(name: str, *, praise: str, hint: str) -> Callable:
    """Register a checker under the exercise's name, such as "01-cosine".

    A checker takes the learner's function, calls it on small inputs, and raises `Wrong`.
    """

    def register(checker: Callable) -> Callable:
        _EXERCISES[name] = Exercise(checker, praise, hint)
        return checker

    return register


def check(name: str, answer: Callable, **context) -> None:
    """Say in a sentence whether an answer is right. A wrong answer never raises.

    Parameters
    ----------
    name : str
        The exercise, such as "01-cosine".
    answer : callable
        The learner's function.
    **context
        What the checker needs from the framework, such as `to_tensor` and `to_numpy`.

    Raises
    ------
    InputError
        If there is no such exercise.
    """
    print(verdict(name, answer, **context))


def verdict(name: str, answer: Callable, **context) -> str:
    """Return the sentence that `check` prints."""
    chosen = _find(name)
    if not callable(answer):
        return f"Not yet: give the function itself, not {answer!r}."
    try:
        chosen.checker(_Watched(answer), **context)
    except _NotDone:
        return "Not done yet: replace the `...` by your code and run the cell again."
    except Wrong as wrong:
        return f"Not yet: {wrong}"
    except _Raised as raised:
        return f"Not yet: {raised}"
    return f"Correct: {chosen.praise}"


def hint(name: str) -> None:
    """Print a hint for an exercise."""
    print(_find(name).hint)


def names() -> list[str]:
    """Return the names of all exercises of the lessons that have any."""
    import_module("course_utils.classroom.checks.lesson_01")
    return sorted(_EXERCISES)


class _NotDone(Exception):
    pass


class _Raised(Exception):
    pass


class _Watched:
    """Calls the learner's function and turns a stub or an error into a sentence."""

    def __init__(self, function: Callable):
        self.function = function

    def __call__(self, *arguments):
        try:
            result = self.function(*arguments)
        except NotImplementedError:
            raise _NotDone from None
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            raise _Raised(
                f"your function stopped with {type(error).__name__}: {error} (line {frame.lineno} "
                f"of {frame.name})."
            ) from None
        if result is None or result is Ellipsis:
            raise _NotDone
        return result


def _find(name: str) -> Exercise:
    lesson = str(name).split("-")[0]
    try:
        import_module(f"course_utils.classroom.checks.lesson_{lesson}")
    except ModuleNotFoundError:
        known = names()
    else:
        known = sorted(_EXERCISES)
    if name not in known:
        close = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(known)}."
        raise InputError(f"There is no exercise {name!r}: {hint}")
    return _EXERCISES[name]
