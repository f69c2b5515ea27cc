"""Exercises with a reference: the answer must do the same on dozens of generated inputs.

The inputs come from NumPy's generator. A library for such tests, hypothesis, was tried: its inputs
for one seed change with the modules that are loaded, and it leaves a folder beside the notebook; a
grade must come out the same on every machine. Small inputs come first and many are tried, so the
smallest one that fails is short enough to read without any search.
"""

import copy
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_utils.classroom.net import Watched, Wrong, brief, detached

N_INPUTS = 40  # on each of these the answer is compared with the reference
N_SMALL = 200  # more of the small kind, if it fails: one of them may be easier to read
_LARGEST = 5

Inputs = Callable[[np.random.Generator, int], tuple]


@dataclass
class Generated:
    """A judge that compares an answer with a reference.

    Attributes
    ----------
    reference : callable
        The right function. Its parameters give the inputs their names.
    inputs : callable
        `inputs(rng, size)` returns the arguments for one call; small sizes give small inputs.
    returns : callable
        `returns(answer, wanted)` reads a result as `wanted`, the reference's result, has it;
        it raises `Wrong` for another form.
    examples : sequence of tuple
        Inputs that are always tried, before the generated ones.
    tolerance : float
        How far numbers may be from the reference's, relative to the largest of them or to 1.
    mistakes : list of (str, callable)
        Sentences, and the wrong functions to which they belong.
    """

    reference: Callable
    inputs: Inputs
    returns: Callable[[Any, Any], Any]
    examples: tuple[tuple, ...] = ()
    tolerance: float = 1e-5
    mistakes: list[tuple[str, Callable]] = field(default_factory=list)

    def mistake(self, sentence: str) -> Callable[[Callable], Callable]:
        """Register a wrong function. An answer that is like it on all inputs gets its sentence."""

        def register(function: Callable) -> Callable:
            self.mistakes.append((sentence, function))
            return function

        return register

    def __call__(self, answer: Callable, adapter: Any, seed: int) -> None:
        """Raise `Wrong` for a wrong answer, `NotDone` for a stub."""
        trial = _Trial(self, answer, adapter)
        rng = np.random.default_rng(seed)
        tries = [trial(given) for given in [*self.examples, *self.draw(rng, N_INPUTS)]]
        failed = [t for t in tries if t.problem]
        if not failed:
            return
        for sentence, function in self.mistakes:
            if all(_alike(t.result, _result(function, t.given), self.tolerance) for t in tries):
                raise Wrong(f"{sentence} {_smallest(failed).told()}", "known mistake")
        more = (trial(given) for given in self.draw(rng, N_SMALL, largest=2))
        smallest = _smallest([*failed, *(t for t in more if t.problem)])
        raise Wrong(smallest.problem, smallest.cause)

    def draw(self, rng: np.random.Generator, count: int, largest: int = _LARGEST) -> list[tuple]:
        """Return generated inputs, from small ones to large ones."""
        return [self.inputs(rng, 1 + largest * i // count) for i in range(count)]


@dataclass
class _Try:
    """One call of an answer: what it was given, what it should return, and what came of it."""

    names: list[str]
    given: tuple
    wanted: Any
    result: Any = None
    problem: str = ""
    cause: str = ""

    def told(self) -> str:
        """Return input, wanted and got as a sentence."""
        inputs = ", ".join(f"{n} = {brief(v)}" for n, v in zip(self.names, self.given, strict=True))
        return f"For {inputs} it should be {brief(self.wanted)}, and yours is {brief(self.result)}."


class _Trial:
    """Calls an answer on inputs, in the framework's tensors if the exercise wants them."""

    def __init__(self, exercise: Generated, answer: Callable, adapter: Any) -> None:
        self.exercise, self.adapter = exercise, adapter
        self.names = [*inspect.signature(exercise.reference).parameters]
        self.watched = Watched(answer, adapter.to_numpy if adapter else np.asarray)

    def __call__(self, given: tuple) -> _Try:
        exercise = self.exercise
        found = _Try(self.names, given, exercise.reference(*copy.deepcopy(given)))
        try:
            found.result = self.watched(*map(self._as_told, copy.deepcopy(given)))
            got = exercise.returns(found.result, found.wanted)
        except Wrong as wrong:
            found.problem, found.cause = str(wrong), wrong.cause
            return found
        if not _alike(got, found.wanted, exercise.tolerance):
            found.problem, found.cause = found.told(), "wrong result"
        return found

    def _as_told(self, value: Any) -> Any:
        """Return an array as the framework's tensor, and all else as it is."""
        is_array = self.adapter and isinstance(value, np.ndarray)
        return self.adapter.to_tensor(value) if is_array else value


def _result(function: Callable, given: tuple) -> Any:
    """Return what a wrong function gives; an error is a result like others."""
    try:
        with np.errstate(all="ignore"):
            return function(*copy.deepcopy(given))
    except Exception as error:
        return error


def _smallest(tries: Iterable[_Try]) -> _Try:
    """Return the try that is shortest to write."""
    return min(tries, key=lambda t: len(str([brief(v, 10**6) for v in t.given])))


def _alike(got: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two results are equal but for rounding: numbers, arrays, words, or lists of them."""
    if isinstance(wanted, tuple | list) and not _numeric(wanted):
        return (
            isinstance(got, tuple | list)
            and len(got) == len(wanted)
            and all(_alike(g, w, tolerance) for g, w in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, str) or not _numeric(wanted):
        return type(got) is type(wanted) and str(got) == str(wanted)
    if not _numeric(got):
        return False
    got, wanted = _array(got), _array(wanted)
    if got.shape != wanted.shape:
        return False
    finite = np.abs(wanted[np.isfinite(wanted)]) if wanted.dtype.kind == "f" else np.abs(wanted)
    scale = max(1.0, finite.max(initial=0))
    return np.allclose(got, wanted, rtol=0, atol=tolerance * scale, equal_nan=True)


def _numeric(value: Any) -> bool:
    try:
        return _array(value).dtype.kind in "fiub"
    except ValueError:
        return False


def _array(value: Any) -> np.ndarray:
    """Return numbers as an array, truth values as 0 and 1."""
    array = np.asarray(detached(value))
    return array.astype(float) if array.dtype.kind == "b" else array
