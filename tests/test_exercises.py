"""The exercises of every lesson: right answers pass, stubs are not done, wrong ones are explained.

The answers of a lesson lie in `exercises/lesson_NN.py`, and nothing here knows a lesson:

- `RIGHT`: for each exercise with a reference at least four answers in different styles, for the
  others one;
- `WRONG`: at least six mistakes of the one kind and three of the other, each under words of the
  sentence it gets;
- `SECOND`: for each exercise with a reference a second generator of inputs, for `mutants.py`;
- `SCOPE`, if a solution uses names that the lesson makes outside of its imports: these names.

Answers to exercises on tensors are written for arrays, and converted here. Where an exercise asks
for a class or a layer, an entry is a function of the adapter that returns the answer, or None if
it belongs to the other framework.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path

import matplotlib
import mutants
import numpy as np
import pytest
from adapters import PACKAGES

from course_utils.classroom import check, hint
from course_utils.classroom.exercises import POINTS, find, names, verdict
from course_utils.classroom.generated import Generated, _alike, _result
from course_utils.course import FRAMEWORKS, installed, lessons
from course_utils.tools.lessons.source import assemble

ANSWERS = {
    path.stem.removeprefix("lesson_"): import_module(f"exercises.{path.stem}")
    for path in sorted(Path(__file__).with_name("exercises").glob("lesson_*.py"))
}
RIGHT = {
    name: given if isinstance(given, list) else [given]
    for module in ANSWERS.values()
    for name, given in module.RIGHT.items()
}
WRONG = {name: wrong for module in ANSWERS.values() for name, wrong in module.WRONG.items()}
SECOND = {
    name: second
    for module in ANSWERS.values()
    for name, second in getattr(module, "SECOND", {}).items()
}
WITH_REFERENCE = [name for name in names() if isinstance(find(name).judge, Generated)]
FUNCTIONS = [name for name in WITH_REFERENCE if not find(name).framework]
LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
EXERCISES = pytest.mark.parametrize("exercise", names())
REFERENCES = pytest.mark.parametrize("exercise", WITH_REFERENCE)


@pytest.fixture(scope="module", autouse=True)
def frameworks_are_loaded():
    """An answer that imports one would spend its ten seconds on that, on a busy machine."""
    for framework in filter(installed, FRAMEWORKS):
        import_module(PACKAGES[framework])


def in_framework(exercise, answer, framework):
    """Return an answer of the tables as a learner of a framework would give it."""
    if not find(exercise).framework:
        return answer
    if not isinstance(find(exercise).judge, Generated):
        return answer(import_module(f"course_utils.{framework}"))
    as_array = import_module(f"course_utils.{framework}").to_numpy
    return lambda *given: answer(*(as_array(g) if hasattr(g, "device") else g for g in given))


def usable(answer):
    """Whether the frameworks that an answer imports are installed: a lane of CI has only one."""
    of = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
    source = inspect.getsource(answer) if inspect.isfunction(answer) else ""
    imported = re.findall(r"(?:import|from) (torch|tensorflow|keras)\b", source)
    return all(installed(of[module]) for module in imported)


def answer_to(exercise, answer):
    found = {}
    for framework in filter(installed, FRAMEWORKS):
        given = in_framework(exercise, answer, framework)
        if given is not None:
            found[framework] = verdict(exercise, given, framework=framework)
        if not find(exercise).framework:
            break
    assert found, f"{exercise}: this answer belongs to neither framework"
    sentences = {v.sentence for v in found.values()}
    assert len(sentences) == 1, f"the frameworks get different sentences: {sentences}"
    return next(iter(found.values()))


def registered(lesson):
    return {*names(lesson.number)}


def test_every_exercise_belongs_to_a_lesson():
    others = set(names()).difference(*map(registered, lessons()))
    assert not others, f"{sorted(others)} begin with the number of no lesson"
    for name in WITH_REFERENCE:
        module = f"course_utils.classroom.checks.lesson_{name[:2]}"
        assert find(name).judge.reference.__module__ == module, f"{name} belongs into {module}"


@LESSONS
def test_every_exercise_has_answers_of_all_kinds(lesson):
    place = f"tests/exercises/lesson_{lesson.number}.py"
    assert lesson.number in ANSWERS, f"{place} is missing: it holds RIGHT, WRONG and SECOND"
    for kind in ("RIGHT", "WRONG", "SECOND"):
        needed = registered(lesson) & {*(WITH_REFERENCE if kind == "SECOND" else names())}
        given = set(getattr(ANSWERS[lesson.number], kind, {}))
        assert not needed - given, f"{kind} in {place} has nothing for {sorted(needed - given)}"
        assert not given - needed, f"{kind} in {place} names {sorted(given - needed)}: no exercise"


@EXERCISES
def test_every_exercise_has_right_answers_and_wrong_ones(exercise):
    right, wrong = (4, 6) if exercise in WITH_REFERENCE else (1, 3)
    assert len(RIGHT[exercise]) >= right and len(WRONG[exercise]) >= wrong


@EXERCISES
def test_right_answers_in_every_style_pass(exercise):
    for number, answer in enumerate(filter(usable, RIGHT[exercise])):
        said = answer_to(exercise, answer)
        assert said.cause == "correct" and said.points == said.out_of, f"{number}: {said}"


@pytest.mark.parametrize(
    ("exercise", "words"), [(e, words) for e, wrong in WRONG.items() for words in wrong]
)
def test_a_wrong_answer_is_caught_and_explained(exercise, words):
    if not usable(WRONG[exercise][words]):
        pytest.skip("this answer needs the other framework")
    said = answer_to(exercise, WRONG[exercise][words])
    assert said.sentence.startswith("Not yet: ") and said.sentence.endswith("."), said
    assert words in said.sentence, said
    assert said.points == 0 and said.cause not in ("correct", "cannot check")


@REFERENCES
def test_every_known_mistake_gets_its_own_sentence(exercise):
    sentences = [sentence for sentence, _ in find(exercise).judge.mistakes]
    assert len(set(sentences)) == len(sentences)
    for sentence, mistake in find(exercise).judge.mistakes:
        said = answer_to(exercise, mistake)
        assert said.sentence.startswith(f"Not yet: {sentence} For "), f"{sentence} got {said}"
        assert said.cause == "known mistake"


@REFERENCES
def test_what_only_resembles_a_known_mistake_gets_no_cause(exercise):
    """Right on the first half of the inputs, a known mistake on the others: no cause is certain."""
    judge = find(exercise).judge
    for _, mistake in judge.mistakes:
        calls = []

        def changes_its_mind(*given, mistake=mistake, calls=calls):
            calls.append(given)
            late = len(calls) % 2 == 0
            return judge.reference(*given) if late else mistake(*given)

        assert answer_to(exercise, changes_its_mind).cause != "known mistake"


@REFERENCES
def test_the_inputs_are_many_and_the_reference_answers_the_second_generator(exercise):
    judge, rng = find(exercise).judge, np.random.default_rng(5)
    inputs = judge.draw(rng, 40)
    assert len({str(given) for given in inputs}) >= 20, "too few different inputs"
    for given in [*inputs, *(SECOND[exercise](rng) for _ in range(50))]:
        result = _result(judge.reference, given)
        assert not isinstance(result, Exception), f"{result!r} on {given}"


@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_the_seed_chooses_the_inputs_and_the_verdict_stays(exercise):
    judge = find(exercise).judge
    one, same, other = (judge.draw(np.random.default_rng(seed), 40) for seed in (1, 1, 2))
    assert all(_alike(str(a), str(b), 0) for a, b in zip(one, same, strict=True))
    assert str(one) != str(other)
    for seed in range(5):
        for answer in RIGHT[exercise][:1]:
            assert verdict(exercise, answer, seed=seed).points
        for _, mistake in judge.mistakes:
            assert verdict(exercise, mistake, seed=seed).cause == "known mistake"


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


def as_variable(result):
    return pytest.importorskip("tensorflow").Variable(result)


@REFERENCES
@pytest.mark.parametrize("convert", [as_list, np.asarray, as_tensor, as_variable])
def test_a_right_result_in_another_form_passes(exercise, convert):
    """As lists, as what NumPy makes of numbers, and as tensors of both frameworks."""
    reference = find(exercise).judge.reference
    said = answer_to(exercise, lambda *given: in_form(convert, reference(*given)))
    assert said.cause == "correct", said


@REFERENCES
@pytest.mark.parametrize(
    "odd",
    ["text", 3, 1j, True, [], {}, object(), [[1], [2, 3]], [[]], np.zeros((2, 2, 2)), iter("")],
)
def test_no_result_makes_a_check_raise(exercise, odd):
    said = answer_to(exercise, lambda *_: odd)
    assert said.sentence.startswith("Not yet: ") and said.cause != "cannot check", said


@REFERENCES
@pytest.mark.parametrize("stub", [lambda *_: ..., lambda *_: (..., ...), ..., None])
def test_every_kind_of_stub_is_not_done_yet(exercise, stub):
    if stub is None or stub is ...:
        said = verdict(exercise, stub, framework="pytorch")
    else:
        said = answer_to(exercise, stub)
    assert said.sentence.startswith("Not done yet: ") and said.cause == "not done", said


@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_a_forgotten_return_is_told(exercise):
    silent = verdict(exercise, lambda *_: None)
    assert silent.cause == "no return" and "end it with `return`" in silent.sentence
    printing = verdict(exercise, lambda *given: print(RIGHT[exercise][0](*given)))
    assert printing.cause == "no return" and "it prints its result" in printing.sentence


@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_a_check_prints_its_line_and_counts_what_is_done(exercise, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check(exercise, RIGHT[exercise][0], solution=True) is None
    said = capsys.readouterr()
    assert said.out == "This solution passes the check.\n" and said.err == ""
    assert not list(tmp_path.iterdir())
    check(exercise, RIGHT[exercise][0])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Correct: ") and second.startswith("1 of ")


@EXERCISES
def test_every_exercise_has_a_grade_praise_and_a_hint(exercise, capsys):
    hint(exercise)
    assert len(capsys.readouterr().out.strip()) > 20, f"the hint of {exercise} is too short"
    assert len(find(exercise).praise) > 20, f"the praise of {exercise} is too short"
    assert find(exercise).grade in POINTS


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
    found = tagged(assemble(lesson, framework).cells, tag)
    place = f"checks/lesson_{lesson.number}.py"
    missing, unknown = registered(lesson) - {*found}, {*found} - registered(lesson)
    assert not missing, f"no cell tagged {tag} checks {sorted(missing)}, which {place} has"
    assert not unknown, f"cells tagged {tag} check {sorted(unknown)}, which {place} does not have"
    for name, cell in found.items():
        says_so = cell.source.startswith("# Solution\n") and ", solution=True)" in cell.source
        assert says_so == (tag == "solution"), f"{name}: a solution says that it is one"


@LESSONS
def test_every_heading_of_an_exercise_tells_its_grade(lesson, framework):
    cells = assemble(lesson, framework).cells
    text = "\n".join(cell.source for cell in cells)
    for name in {*tagged(cells, "exercise")} & {*WITH_REFERENCE}:
        heading = re.findall(r"^### (Exercise .*)$", text[: text.index(f'check("{name}"')], re.M)[
            -1
        ]
        assert heading.endswith(f"({find(name).grade})"), f"{name}: {heading}"


@LESSONS
def test_every_stub_is_not_done_and_every_solution_passes(lesson, framework, capsys, monkeypatch):
    """All run after the imports of the notebook: the cells whose names begin with imports-."""
    import_module(f"course_utils.{framework}")
    for other in FRAMEWORKS:
        if other != framework:
            monkeypatch.delitem(import_module("sys").modules, f"course_utils.{other}", False)
    cells = assemble(lesson, framework).cells
    scope = dict(getattr(ANSWERS[lesson.number], "SCOPE", {}))
    with matplotlib.rc_context():  # the imports set the style of figures
        for cell in cells:
            if cell.id.startswith("imports-"):
                exec(cell.source, scope)
    for tag, opening in (("exercise", "Not done yet: "), ("solution", "This solution passes")):
        for name, cell in tagged(cells, tag).items():
            exec(cell.source, scope)
            said = capsys.readouterr().out
            assert said.startswith(opening), f"{name}: {said}"


@LESSONS
def test_some_mutants_of_each_solution_are_caught(lesson, framework):
    """Three of each; `python tests/mutants.py` tries all and keeps the table."""
    for name, solution in mutants.solutions(lesson, framework).items():
        if name in WITH_REFERENCE:
            found = [
                c for _, c in zip(range(3), mutants.tried(name, solution, framework), strict=False)
            ]
            assert found and all(caught for _, caught in found), f"{name}: {found}"


def test_the_table_of_mutants_is_of_these_exercises_and_nearly_all_are_caught():
    text = mutants.TABLE.read_text(encoding="utf-8")
    rows = {tuple(row) for row in re.findall(r"^\| (\d\d-[^ ]+) \| (\w+) \|", text, re.M)}
    assert rows == {(name, f) for name in WITH_REFERENCE for f in FRAMEWORKS}, mutants.__doc__
    caught, total = map(int, re.search(r"Caught: (\d+) of (\d+)", text).groups())
    assert total >= 10 * len(rows) and caught / total >= 0.97


def test_a_mutant_changes_one_place():
    source = "def f(a, b=1):\n    c = a + b\n    return c if a > 0 else -c"
    found = [text for _, text in mutants.mutants(source)]
    assert len(found) == len(set(found)) >= 6
    assert any("a - b" in text for text in found) and any("a >= 0" in text for text in found)
    spaces = [{} for _ in found]
    for text, space in zip(found, spaces, strict=True):
        exec(text, space)
        assert inspect.isfunction(space["f"])
