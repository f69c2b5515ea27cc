"""The exercises of lesson 1: solutions pass, stubs are not done, wrong answers are caught."""

import numpy as np
import pytest

from course_utils.classroom import check, hint
from course_utils.classroom.exercises import names, verdict
from course_utils.errors import InputError
from course_utils.lessons.source import assemble, find_lesson

CONTEXT = {"01-masked-mean": {"to_tensor": np.asarray, "to_numpy": np.asarray}}


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ranked(word, words, similarity, k):
    order = [words[i] for i in np.argsort(-similarity)]
    return [other for other in order if other != word][:k]


def mask_of(ids):
    return (np.asarray(ids) != 0)[..., None]


def table_with(words, vectors, missing, pad=0.0):
    table = np.stack([np.asarray(vectors.get(w, missing), float) for w in words])
    table[0] = pad
    return table


def spoils_its_input(word, words, vectors, k):
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return ranked(word, words, vectors @ vectors[words.index(word)], k)


WRONG = {
    "01-cosine": {
        "dot product": lambda a, b: a @ b,
        "squared": lambda a, b: a @ b / max((a @ a) * (b @ b), 1),
        "distance": lambda a, b: 1 - a @ b / np.sqrt((a @ a) * (b @ b)),
        "zeros": lambda a, b: a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
        "absolute": lambda a, b: abs(a @ b) / max(1e-9, np.linalg.norm(a) * np.linalg.norm(b)),
    },
    "01-flatten": {
        "ends": lambda s: (sum(s, []), np.cumsum([len(x) for x in s])),
        "lengths": lambda s: (sum(s, []), [len(x) for x in s]),
        "one array": lambda s: np.array(sum(s, [])),
        "floats": lambda s: (sum(s, []), np.cumsum([0.0] + [len(x) for x in s[:-1]])),
    },
    "01-masked-mean": {
        "plain mean": lambda v, i: v.mean(axis=1),
        "padded count": lambda v, i: (v * mask_of(i)).sum(axis=1) / v.shape[1],
        "sum": lambda v, i: (v * mask_of(i)).sum(axis=1),
        "wrong axis": lambda v, i: v.mean(axis=2),
        "nan": lambda v, i: np.divide((v * mask_of(i)).sum(1), mask_of(i).sum(1).astype(float)),
    },
    "01-recall": {
        "best only": lambda s, t, k: (s.argmax(1) == t).mean(),
        "lowest": lambda s, t, k: (np.argsort(s, 1)[:, :k] == t[:, None]).any(1).mean(),
        "number": lambda s, t, k: (np.argsort(-s, 1)[:, :k] == t[:, None]).any(1).sum(),
        "divided by k": lambda s, t, k: (np.argsort(-s, 1)[:, :k] == t[:, None]).mean(),
    },
    "01-load-table": {
        "shifted": lambda w, v, d: np.roll(table_with(w, v, np.zeros(d)), -2, axis=0),
        "zeros": lambda w, v, d: table_with(w, v, np.zeros(d)),
        "padding": lambda w, v, d: table_with(w, v, np.mean(list(v.values()), 0), pad=1.0),
        "too short": lambda w, v, d: table_with(w, v, np.zeros(d))[2:],
    },
    "01-neighbors": {
        "itself": lambda w, ws, v, k: [w, *ranked(w, ws, unit(v) @ unit(v)[ws.index(w)], k - 1)],
        "lengths": lambda w, ws, v, k: ranked(w, ws, v @ v[ws.index(w)], k),
        "farthest": lambda w, ws, v, k: ranked(w, ws, -unit(v) @ unit(v)[ws.index(w)], k),
        "spoils": spoils_its_input,
    },
}  # fmt: skip


def answer_to(exercise, function):
    with np.errstate(all="ignore"):
        return verdict(exercise, function, **CONTEXT.get(exercise, {}))


def test_every_exercise_has_wrong_answers():
    assert set(WRONG) == set(names()) and all(len(wrong) >= 2 for wrong in WRONG.values())


@pytest.mark.parametrize(
    ("exercise", "mistake"), [(e, mistake) for e, wrong in WRONG.items() for mistake in wrong]
)
def test_a_wrong_answer_is_caught(exercise, mistake):
    said = answer_to(exercise, WRONG[exercise][mistake])
    assert said.startswith("Not yet: ") and said.endswith("."), said


@pytest.mark.parametrize("exercise", WRONG)
def test_different_mistakes_get_different_sentences(exercise):
    said = [answer_to(exercise, function) for function in WRONG[exercise].values()]
    assert len(set(said)) == len(said)


def cells_tagged(tag, framework):
    cells = assemble(find_lesson("01"), framework).cells
    return [cell for cell in cells if tag in cell.metadata.get("tags", [])]


def lesson_scope(framework):
    import importlib

    package = {"pytorch": "torch", "tensorflow": "tensorflow"}[framework]
    library = pytest.importorskip(package)
    adapter = importlib.import_module(f"course_utils.{framework}")
    return {"np": np, "torch": library, "tf": library, "check": check, **vars(adapter)}


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_every_solution_passes(framework, capsys):
    scope = lesson_scope(framework)
    solutions = cells_tagged("solution", framework)
    assert len(solutions) == len(WRONG)
    for cell in solutions:
        exec(cell.source, scope)
        assert capsys.readouterr().out.startswith("Correct: "), cell.id


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_every_untouched_stub_is_reported_as_not_done(framework, capsys):
    scope = lesson_scope(framework)
    stubs = cells_tagged("exercise", framework)
    assert len(stubs) == len(WRONG)
    for cell in stubs:
        exec(cell.source, scope)
        assert capsys.readouterr().out.startswith("Not done yet: "), cell.id


def test_errors_and_odd_answers_become_sentences(capsys):
    assert "stopped with ZeroDivisionError" in answer_to("01-cosine", lambda a, b: 1 / 0)
    assert answer_to("01-cosine", lambda a, b: "high").startswith("Not yet: return one number")
    assert answer_to("01-cosine", 0.96).startswith("Not yet: give the function itself")

    def unfinished(a, b):
        raise NotImplementedError

    assert answer_to("01-cosine", unfinished).startswith("Not done yet")
    hint("01-cosine")
    assert "norm" in capsys.readouterr().out
    with pytest.raises(InputError, match="did you mean '01-cosine'"):
        check("01-cosin", len)
