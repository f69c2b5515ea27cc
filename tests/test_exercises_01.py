"""How a check answers, shown on exercises of lesson 1."""

import inspect
import warnings

import numpy as np
import pytest
from exercises.lesson_01 import RIGHT, WRONG

from course_utils.classroom import check, exercises as module, hint
from course_utils.classroom.exercises import Exercise, Wrong, verdict
from course_utils.errors import InputError


def test_tensors_are_watched_and_numbers_instead_of_tensors_are_told(framework):
    context = {"to_tensor": framework.to_tensor, "to_numpy": framework.to_numpy}

    def spoils(vectors, ids):
        vectors.mul_(0)
        return vectors.sum(dim=1)

    if framework.__name__.endswith("pytorch"):  # TensorFlow's tensors cannot be changed
        assert "changes what it was given" in verdict("01-masked-mean", spoils, **context)
    said = verdict("01-masked-mean", lambda vectors, ids: vectors[:, 0] * 0, **context)
    assert said.startswith("Not yet: ")
    for odd in ("high", [1.0], None):
        said = verdict("01-masked-mean", lambda vectors, ids, odd=odd: odd, **context)
        assert said.startswith("Not done yet: " if odd is None else "Not yet: ")


def calls_a_library(a, b):
    singular = np.zeros((2, 2))
    return np.linalg.inv(singular) @ a


def test_an_error_names_the_input_and_the_line_of_the_learner(capsys):
    said = verdict("01-cosine", calls_a_library)
    assert said.startswith("Not yet: your function raised LinAlgError on ([3.0, 4.0], [4.0, 3.0])")
    line = inspect.getsourcelines(calls_a_library)[1] + 2
    assert said.endswith(f"(line {line}: return np.linalg.inv(singular) @ a).")
    said = verdict("01-cosine", lambda a: 0)
    assert "TypeError" in said and "2 were given." in said


def test_warnings_of_numpy_stay_out_of_the_notebook():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = verdict("01-cosine", WRONG["01-cosine"]["returns NaN"])
    assert said.startswith("Not yet: your function returns NaN")


def test_an_interrupt_is_not_swallowed():
    def endless(a, b):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict("01-cosine", endless)


def test_wrong_calls_of_check_are_clear(capsys):
    assert verdict("01-cosine", 0.96) == "Not yet: give the function itself, not 0.96."

    def unfinished(a, b):
        raise NotImplementedError

    assert verdict("01-cosine", unfinished).startswith("Not done yet")
    with pytest.raises(InputError, match="to_tensor=to_tensor, to_numpy=to_numpy"):
        check("01-masked-mean", RIGHT["01-masked-mean"])
    with pytest.raises(InputError, match="did you mean '01-cosine'"):
        check("01-cosin", len)
    with pytest.raises(InputError, match="choose from .*01-cosine.*01-recall"):
        hint("xyz")


def checker_at(path, code):
    """Return a checker that lies in a file, as those of the lessons do."""
    scope = {"Wrong": Wrong, "np": np}
    exec(compile(f"def checker(answer):\n    got = answer()\n    {code}", path, "exec"), scope)
    return scope["checker"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise Wrog('x')", "NameError: name 'Wrog' is not defined; lesson_99.py, line 3"),
        ("import nowhere", "ModuleNotFoundError"),
        ("got.shap", "AttributeError"),
        ("len(3)", "TypeError"),
    ],
)
def test_a_mistake_in_a_checker_is_not_the_learners(code, words, monkeypatch):
    path = str(module._CHECKS / "lesson_99.py")
    monkeypatch.setitem(module._EXERCISES, "99-x", Exercise(checker_at(path, code), "", ""))
    said = verdict("99-x", lambda: np.zeros(2))
    assert said.startswith("Cannot check: ") and words in said and "report it" in said


@pytest.mark.parametrize("code", ["float('x')", "np.dot(got, np.zeros(5))", "np.stack(3)"])
def test_an_odd_answer_on_which_a_checker_stumbles_is_the_learners(code, monkeypatch):
    path = str(module._CHECKS / "lesson_99.py")
    monkeypatch.setitem(module._EXERCISES, "99-x", Exercise(checker_at(path, code), "", ""))
    assert verdict("99-x", lambda: np.zeros(2)).startswith("Not yet: the result has another form")
