"""Exercises that answer in a sentence."""

import copy
import inspect
import pkgutil
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.errors import InputError, suggestion
from course_utils.text.arguments import checked

_CHECKS = Path(__file__).parent / "checks"
_NOT_DONE = "Not done yet: replace the `...` by your code and run the cell again."


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

    A checker takes the learner's function, calls it on small inputs, reads and compares what it
    returns with the helpers of `checks/answers.py`, and raises `Wrong`. Its other parameters are
    the context. Stubs, errors and changed inputs are dealt with here: a checker sees finished
    results only.
    """

    def register(checker: Callable) -> Callable:
        _EXERCISES[name] = Exercise(checker, praise, hint)
        return checker

    return register


@checked
def check(name: str, answer: Callable, **context: Any) -> None:
    """Say in a sentence whether an answer is right; an error in the answer is told in one, too.

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
        If there is no such exercise, or if it needs another context.
    """
    print(verdict(name, answer, **context))


def verdict(name: str, answer: Callable, **context: Any) -> str:
    """Return the sentence that `check` prints: `Correct:`, `Not yet:` or `Not done yet:`.

    Where the checker itself has a mistake, the sentence begins with `Cannot check:`.

    Raises
    ------
    InputError
        If there is no such exercise, or if it needs another context.
    """
    chosen = _find(name)
    _check_context(name, chosen.checker, context)
    if answer is None or answer is Ellipsis:
        return _NOT_DONE
    if not callable(answer):
        return f"Not yet: give the function itself, not {_brief(answer)}."
    try:
        chosen.checker(_Watched(answer, context.get("to_numpy", np.asarray)), **context)
    except _NotDone:
        return _NOT_DONE
    except Wrong as wrong:
        return f"Not yet: {wrong}"
    except Exception as error:  # the answer has a form that no checker expected
        return (
            _own_mistake(error) or "Not yet: the result has another form than the docstring says."
        )
    return f"Correct: {chosen.praise}"


@checked
def hint(name: str) -> None:
    """Print a hint for an exercise.

    Raises
    ------
    InputError
        If there is no such exercise.
    """
    print(_find(name).hint)


def names() -> list[str]:
    """Return the names of all exercises of all lessons."""
    from course_utils.classroom import checks

    for module in pkgutil.iter_modules(checks.__path__):
        import_module(f"{checks.__name__}.{module.name}")
    return sorted(_EXERCISES)


class _NotDone(Exception):
    pass


class _Watched:
    """Calls the learner's function; turns a stub, an error or a changed input into a sentence."""

    def __init__(self, function: Callable, to_numpy: Callable) -> None:
        self.function, self.to_numpy = function, to_numpy

    def __call__(self, *arguments: Any) -> Any:
        before = copy.deepcopy(arguments)
        try:
            with np.errstate(all="ignore"):  # the answer is the sentence, not NumPy's warnings
                result = self.function(*arguments)
        except NotImplementedError:
            raise _NotDone from None
        except Exception as error:
            raise Wrong(_what_happened(error, before)) from None
        if _unfinished(result):
            raise _NotDone
        if not self._same(before, arguments):
            raise Wrong("your function changes what it was given: work on a copy.")
        return result

    def _same(self, before: Any, after: Any) -> bool:
        if isinstance(before, dict):
            return list(before) == list(after) and self._same([*before.values()], [*after.values()])
        if isinstance(before, list | tuple):
            return len(before) == len(after) and all(map(self._same, before, after))
        if isinstance(before, str | int):
            return before == after
        return np.array_equal(self.to_numpy(before), self.to_numpy(after))


def _own_mistake(error: Exception) -> str | None:
    """Return a sentence if an error is a mistake in the checker, not in the answer."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    kinds = (NameError, ImportError, AttributeError, TypeError)
    if not isinstance(error, kinds) or Path(frame.filename).parent != _CHECKS:
        return None
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return (
        f"Cannot check: this check has a mistake of its own ({type(error).__name__}: {error}; "
        f"{place}), which says nothing about your answer. Please report it."
    )


def _unfinished(result: Any) -> bool:
    """Whether a result is the `...` or the missing `return` of a stub."""
    if isinstance(result, list | tuple):
        return any(part is None or part is Ellipsis for part in result)
    return result is None or result is Ellipsis


def _what_happened(error: Exception, arguments: tuple) -> str:
    """Name the error, what the function was given, and the learner's own line, in a sentence."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first one is ours
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    where = f" (line {own[-1].lineno}: {own[-1].line})" if own and own[-1].line else ""
    given = ", ".join(_brief(argument) for argument in arguments)
    told = textwrap.shorten(str(error), 160, placeholder=" ...").rstrip(".")
    return f"your function raised {type(error).__name__} on ({given}): {told}{where}."


def _brief(value: Any) -> str:
    """Return a value on one short line."""
    text = repr(value.tolist() if isinstance(value, np.ndarray) else value)
    return textwrap.shorten(text, 60, placeholder=" ...")


def _check_context(name: str, checker: Callable, context: dict) -> None:
    needed = list(inspect.signature(checker).parameters)[1:]
    if set(context) != set(needed):
        rest = "".join(f", {word}={word}" for word in needed)
        raise InputError(f"Call this check as check({name!r}, your_function{rest}).")


def _find(name: str) -> Exercise:
    known = names()
    if name not in known:
        raise InputError(f"There is no exercise {name!r}: {suggestion(name, known)}")
    return _EXERCISES[name]
