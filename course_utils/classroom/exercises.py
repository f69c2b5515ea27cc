"""Exercises that answer in a sentence."""

import pkgutil
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from course_utils.classroom import progress
from course_utils.classroom.generated import Generated, Inputs
from course_utils.classroom.net import NotDone, Wrong, within_limits
from course_utils.errors import InputError, suggestion
from course_utils.text.arguments import checked

_NOT_DONE = "Not done yet: replace the `...` by your code and run the cell again."
POINTS = {"first steps": 1, "the idea": 2, "a challenge": 3}  # the three grades of exercises

Judge = Callable[[Any, Any, int], None]


@dataclass(frozen=True)
class Exercise:
    """An exercise: its grade, how its answer is judged, what a right one is told, and a hint.

    Attributes
    ----------
    judge : callable
        `judge(answer, adapter, seed)` raises `Wrong` for a wrong answer and `NotDone` for a stub.
    framework : bool
        Whether the judge needs an adapter: `course_utils.pytorch` or `course_utils.tensorflow`.
    kind : {"program", "prediction", "experiment"}
        What is asked for: code, a guess before something is run, or measurements and their reason.
    """

    name: str
    grade: str
    judge: Judge
    praise: str
    hint: str
    framework: bool
    kind: str = "program"


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    points : int
        All points of the exercise for a right answer, otherwise 0.
    out_of : int
        1 for first steps, 2 for the idea of the lesson, 3 for a challenge.
    sentence : str
        What the learner is told.
    cause : str
        "correct", "not done", or why it is not right: "wrong result", "known mistake", "form",
        "no return", "error", "changed input", "time", or "cannot check".
    """

    points: int
    out_of: int
    sentence: str
    cause: str

    def __str__(self) -> str:
        return self.sentence


_EXERCISES: dict[str, Exercise] = {}


def exercise(
    name: str,
    *,
    grade: str,
    praise: str,
    hint: str,
    inputs: Inputs,
    returns: Callable[[Any, Any], Any],
    examples: tuple[tuple, ...] = (),
    tolerance: float = 1e-5,
    tensors: bool = False,
) -> Callable[[Callable], Generated]:
    """Register a function as the reference of an exercise, such as "01-cosine".

    The answer must do what the reference does on generated inputs. `mistake` of the result
    registers known mistakes.

    Parameters
    ----------
    name : str
        It begins with the number of the lesson.
    grade : {"first steps", "the idea", "a challenge"}
    praise : str
        What a right answer shows, said after "Correct:".
    hint : str
        A first step, for who is stuck.
    inputs : callable
        `inputs(rng, size)` returns the arguments for one call; small sizes give small inputs.
    returns : callable
        `returns(answer, wanted)` reads a result as `wanted`, the reference's result, has it;
        it raises `Wrong` for another form.
    examples : tuple of tuple
        Inputs that are always tried, before the generated ones.
    tolerance : float
        How far numbers may be from the reference's, relative to the largest of them or to 1.
    tensors : bool
        Whether the answer gets arrays as tensors of its framework.
    """

    def register(reference: Callable) -> Generated:
        judge = Generated(reference, inputs, returns, examples, tolerance)
        judged(name, grade=grade, praise=praise, hint=hint, framework=tensors)(judge)
        return judge

    return register


def judged(
    name: str,
    *,
    grade: str,
    praise: str,
    hint: str,
    framework: bool = False,
    kind: str = "program",
) -> Callable[[Judge], Judge]:
    """Register a judge of an exercise whose answer is a class, a layer, a record or a guess."""

    def register(judge: Judge) -> Judge:
        _EXERCISES[name] = Exercise(name, grade, judge, praise, hint, framework, kind)
        return judge

    return register


@checked
def check(name: str, answer: Any, *, solution: bool = False) -> None:
    """Say in a sentence whether an answer is right, and how much of the lesson is done.

    Parameters
    ----------
    name : str
        The exercise, such as "01-cosine".
    answer : object
        What the exercise asks for: a function, a class, or a value.
    solution : bool
        Whether this is the course's own solution, which earns nobody praise.

    Raises
    ------
    InputError
        If there is no such exercise.
    """
    found = verdict(name, answer)
    if solution:
        print("This solution passes the check." if found.points else found.sentence)
        return
    print(found.sentence)
    if found.points:
        print(progress.keep(name, names(name[:2])))


def verdict(name: str, answer: Any, *, seed: int = 0, framework: str | None = None) -> Verdict:
    """Judge the answer to an exercise. It needs nothing of the notebook but this one object.

    Parameters
    ----------
    name : str
        The exercise, such as "01-cosine".
    answer : object
        What the exercise asks for: a function, a class, or a value.
    seed : int
        The seed of the generated inputs. The same seed gives the same verdict on every machine.
    framework : {"pytorch", "tensorflow"}, optional
        The framework of the answer; by default the one whose adapter is imported.

    Raises
    ------
    InputError
        If there is no such exercise, or if no framework or more than one could be meant.
    """
    chosen = find(name)
    adapter = _adapter(name, framework) if chosen.framework else None
    points = POINTS[chosen.grade]
    if answer is None or answer is Ellipsis:
        return Verdict(0, points, _NOT_DONE, "not done")
    try:
        within_limits(lambda: chosen.judge(answer, adapter, seed))
    except NotDone:
        return Verdict(0, points, _NOT_DONE, "not done")
    except Wrong as wrong:
        return Verdict(0, points, f"Not yet: {wrong}", wrong.cause)
    except Exception as error:
        return Verdict(0, points, _own_mistake(error), "cannot check")
    return Verdict(points, points, f"Correct: {chosen.praise}", "correct")


@checked
def hint(name: str) -> None:
    """Print a hint for an exercise.

    Raises
    ------
    InputError
        If there is no such exercise.
    """
    print(find(name).hint)


def names(lesson: str = "") -> list[str]:
    """Return the names of all exercises, or of those of a lesson, such as "03"."""
    from course_utils.classroom import checks

    for module in pkgutil.iter_modules(checks.__path__):
        import_module(f"{checks.__name__}.{module.name}")
    return sorted(name for name in _EXERCISES if name.startswith(lesson))


def find(name: str) -> Exercise:
    """Return an exercise.

    Raises
    ------
    InputError
        If there is no such exercise.
    """
    known = names()
    if name not in known:
        raise InputError(f"There is no exercise {name!r}: {suggestion(name, known)}")
    return _EXERCISES[name]


def _adapter(name: str, framework: str | None) -> Any:
    """Return the adapter of a framework, or the only one that is imported."""
    if framework is None:
        frameworks = ("pytorch", "tensorflow")
        imported = [f for f in frameworks if f"course_utils.{f}" in sys.modules]
        if len(imported) != 1:
            told = f"Say which framework the answer to {name!r} is written in"
            raise InputError(f'{told}: framework="pytorch" or framework="tensorflow".')
        framework = imported[0]
    return import_module(f"course_utils.{framework}")


def _own_mistake(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return (
        f"Cannot check: this check has a mistake of its own ({type(error).__name__}: {error}; "
        f"{place}), which says nothing about your answer. Please report it."
    )
