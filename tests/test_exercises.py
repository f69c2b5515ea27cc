"""The exercises of every lesson: solutions pass, stubs are not done, wrong answers are caught.

The answers of a lesson lie in `exercises/lesson_NN.py`, and nothing here knows a lesson:

- `RIGHT`: for each exercise an answer in another style than the solution's;
- `WRONG`: for each exercise at least three mistakes, each under words of the sentence it gets;
- `CONTEXT`, if a check needs more than the answer: what it needs, as NumPy gives it;
- `SCOPE`, if a solution uses names that the lesson makes outside of its imports: these names.
"""

import re
from importlib import import_module
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from course_utils.classroom import check, exercises, hint
from course_utils.classroom.exercises import names, verdict
from course_utils.course import FRAMEWORKS, installed, lessons
from course_utils.tools.lessons.source import assemble

ANSWERS = {
    path.stem.removeprefix("lesson_"): import_module(f"exercises.{path.stem}")
    for path in sorted(Path(__file__).with_name("exercises").glob("lesson_*.py"))
}
RIGHT = {name: answer for module in ANSWERS.values() for name, answer in module.RIGHT.items()}
WRONG = {name: wrong for module in ANSWERS.values() for name, wrong in module.WRONG.items()}
CONTEXT = {
    name: given
    for module in ANSWERS.values()
    for name, given in getattr(module, "CONTEXT", {}).items()
}
LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
EXERCISES = pytest.mark.parametrize("exercise", names())


def answer_to(exercise, function):
    with np.errstate(all="ignore"):
        return verdict(exercise, function, **CONTEXT.get(exercise, {}))


def right(exercise):
    place = f"tests/exercises/lesson_{exercise[:2]}.py"
    assert exercise in RIGHT, f"give {exercise} a right answer: RIGHT in {place}"
    return RIGHT[exercise]


def registered(lesson):
    return {name for name in names() if name.startswith(f"{lesson.number}-")}


def test_every_exercise_belongs_to_a_lesson():
    for lesson in lessons():
        module = f"course_utils.classroom.checks.lesson_{lesson.number}"
        own = {n for n, e in exercises._EXERCISES.items() if e.checker.__module__ == module}
        assert own == registered(lesson), (
            f"{module} checks {sorted(own)}: all begin with {lesson.number}-"
        )
    others = set(names()).difference(*map(registered, lessons()))
    assert not others, f"{sorted(others)} begin with the number of no lesson"


@LESSONS
def test_every_exercise_has_answers_of_both_kinds(lesson):
    place = f"tests/exercises/lesson_{lesson.number}.py"
    assert lesson.number in ANSWERS, f"{place} is missing: it holds RIGHT, WRONG and CONTEXT"
    for kind in ("RIGHT", "WRONG"):
        given = set(getattr(ANSWERS[lesson.number], kind))
        missing, unknown = registered(lesson) - given, given - registered(lesson)
        assert not missing, f"{kind} in {place} has nothing for {sorted(missing)}"
        assert not unknown, f"{kind} in {place} names {sorted(unknown)}, which nothing checks"


@EXERCISES
def test_every_exercise_has_three_mistakes(exercise):
    found = len(WRONG.get(exercise, {}))
    assert found >= 3, f"WRONG has {found} mistakes for {exercise}: give at least three"


@EXERCISES
def test_a_right_answer_in_another_style_passes(exercise):
    said = answer_to(exercise, right(exercise))
    assert said.startswith("Correct: "), said


def in_form(convert, result):
    """Return a result with its arrays and fractions converted, and all else as it is."""
    if isinstance(result, tuple):
        return tuple(in_form(convert, part) for part in result)
    return convert(result) if isinstance(result, np.ndarray | float) else result


def as_list(result):
    return result.tolist() if isinstance(result, np.ndarray) else result


def as_tensor(result):
    torch = pytest.importorskip("torch")
    return torch.tensor(result, requires_grad=np.asarray(result).dtype.kind == "f")


@EXERCISES
@pytest.mark.parametrize("convert", [as_list, np.asarray, as_tensor])
def test_a_right_answer_in_another_form_passes(exercise, convert):
    """As lists, as what NumPy makes of numbers, and as tensors that carry a gradient."""
    said = answer_to(exercise, lambda *given: in_form(convert, right(exercise)(*given)))
    assert said.startswith("Correct: "), said


@pytest.mark.parametrize(
    ("exercise", "words"), [(e, words) for e, wrong in WRONG.items() for words in wrong]
)
def test_a_wrong_answer_gets_its_own_sentence(exercise, words):
    said = answer_to(exercise, WRONG[exercise][words])
    assert said.startswith("Not yet: ") and said.endswith("."), said
    assert words in said, said
    others = [answer_to(exercise, WRONG[exercise][w]) for w in WRONG[exercise] if w != words]
    assert said not in others, f"another mistake of {exercise} gets the same sentence: {said}"


@EXERCISES
@pytest.mark.parametrize(
    "odd",
    ["text", 3, 1j, True, [], {}, object(), [[1], [2, 3]], [[]], np.zeros((2, 2, 2)), iter("")],
)
def test_no_result_makes_a_check_raise(exercise, odd):
    said = answer_to(exercise, lambda *_: odd)
    assert said.startswith("Not yet: "), said


@EXERCISES
@pytest.mark.parametrize(
    "stub", [lambda *_: ..., lambda *_: None, lambda *_: (..., ...), ..., None]
)
def test_every_kind_of_stub_is_not_done_yet(exercise, stub):
    said = answer_to(exercise, stub)
    assert said.startswith("Not done yet: "), said


@EXERCISES
def test_a_check_prints_one_line_and_returns_nothing(exercise, capsys):
    assert check(exercise, right(exercise), **CONTEXT.get(exercise, {})) is None
    said = capsys.readouterr()
    assert said.out.count("\n") == 1 and said.err == ""


@EXERCISES
def test_every_exercise_has_praise_and_a_hint(exercise, capsys):
    hint(exercise)
    assert len(capsys.readouterr().out.strip()) > 20, f"the hint of {exercise} is too short"
    assert len(exercises._EXERCISES[exercise].praise) > 20, f"the praise of {exercise} is too short"


@pytest.fixture(params=FRAMEWORKS)
def framework(request):
    if not installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


def tagged(cells, tag):
    """Return the cells of a tag, by the exercise that each checks."""
    found = {}
    for cell in cells:
        if tag in cell.metadata.get("tags", []):
            checked = re.findall(r"^check\(\s*\"([^\"]+)\"", cell.source, re.M)
            assert len(checked) == 1, f"the cell {cell.id} should end in one check(...)"
            assert checked[0] not in found, f"two cells tagged {tag} check {checked[0]}"
            found[checked[0]] = cell
    return found


@LESSONS
@pytest.mark.parametrize("tag", ["exercise", "solution"])
def test_every_exercise_stands_in_the_lesson_with_its_solution(lesson, framework, tag):
    found = set(tagged(assemble(lesson, framework).cells, tag))
    place = f"checks/lesson_{lesson.number}.py"
    missing, unknown = registered(lesson) - found, found - registered(lesson)
    assert not missing, f"no cell tagged {tag} checks {sorted(missing)}, which {place} has"
    assert not unknown, f"cells tagged {tag} check {sorted(unknown)}, which {place} does not have"


@LESSONS
def test_every_stub_is_not_done_and_every_solution_passes(lesson, framework, capsys):
    """All run after the imports of the notebook: the cells whose names begin with imports-."""
    cells = assemble(lesson, framework).cells
    scope = dict(getattr(ANSWERS.get(lesson.number), "SCOPE", {}))
    with matplotlib.rc_context():  # the imports set the style of figures
        for cell in cells:
            if cell.id.startswith("imports-"):
                exec(cell.source, scope)
    for tag, opening in (("exercise", "Not done yet: "), ("solution", "Correct: ")):
        for name, cell in tagged(cells, tag).items():
            exec(cell.source, scope)
            said = capsys.readouterr().out
            assert said.startswith(opening), f"{name}: {said}"
