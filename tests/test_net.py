"""What a check does with code that never ends, exits, prints without end, or is interrupted."""

import inspect
import json
import threading
import time
import warnings

import numpy as np
import pytest

from course_utils.classroom import check, exercises, hint, net, progress
from course_utils.classroom.exercises import Exercise, verdict
from course_utils.classroom.generated import Generated
from course_utils.errors import InputError


@pytest.fixture
def one_second(monkeypatch):
    monkeypatch.setattr(net.within_limits, "__defaults__", (1.0,))


def endless(a, b):
    while True:
        a = a + 0


def endless_and_deaf(a, b):
    while True:
        try:  # noqa: SIM105
            a = a + 0
        except:  # noqa: E722
            pass


def asleep_and_deaf(a, b):
    while time.time() < START + 8:
        try:  # noqa: SIM105
            time.sleep(0.1)
        except:  # noqa: E722
            pass


def prints_and_deaf(a, b):
    while True:
        try:  # noqa: SIM105
            print(a)
        except Exception:
            pass


START = time.time()


@pytest.mark.parametrize("answer", [endless, endless_and_deaf, prints_and_deaf])
def test_what_never_ends_is_ended_and_its_line_is_named(answer, one_second, capsys):
    before, start = threading.active_count(), time.monotonic()
    said = verdict("01-cosine", answer)
    assert time.monotonic() - start < 3 and said.cause == "time"
    assert said.sentence.startswith("Not yet: your code did not come to an end within 1 seconds")
    lines, first = inspect.getsourcelines(answer)
    numbers = [f"(line {n}: " for n in range(first, first + len(lines))]
    assert any(n in said.sentence for n in numbers), said
    assert threading.active_count() == before and "restart" not in said.sentence
    print("printed as ever")
    assert capsys.readouterr().out == "printed as ever\n"


def test_what_cannot_be_ended_is_left_behind_and_told(one_second, monkeypatch):
    monkeypatch.setitem(globals(), "START", time.time())
    start = time.monotonic()
    said = verdict("01-cosine", asleep_and_deaf)
    assert time.monotonic() - start < 4 and said.cause == "time"
    assert "restart the kernel" in said.sentence
    assert verdict("01-cosine", lambda a, b: a @ b).cause == "known mistake"


def test_endless_printing_is_told_at_once():
    def chatters(a, b):
        while True:
            print("again and again")

    said = verdict("01-cosine", chatters)
    assert "prints without end" in said.sentence and said.cause == "time"


def test_stop_of_the_learner_ends_the_check(monkeypatch):
    def interrupted(thread, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", lambda *_: interrupted(*_))
    thread = threading.Thread(target=time.sleep, args=(0.1,))
    assert net._wait(thread, 1) == "you stopped the check"


@pytest.mark.parametrize(
    ("error", "words"), [(SystemExit(3), "leaves Python"), (KeyboardInterrupt(), "KeyboardInter")]
)
def test_exits_and_interrupts_of_the_code_are_told(error, words):
    def raises(a, b):
        raise error

    said = verdict("01-cosine", raises)
    assert words in said.sentence and said.cause == "error"


def calls_a_library(a, b):
    singular = np.zeros((2, 2))
    return np.linalg.inv(singular) @ a


def test_an_error_names_the_input_and_the_line_of_the_learner():
    said = verdict("01-cosine", calls_a_library).sentence
    assert said.startswith("Not yet: your function raised LinAlgError on ([")
    line = inspect.getsourcelines(calls_a_library)[1] + 2
    assert said.endswith(f"(line {line}: return np.linalg.inv(singular) @ a).")
    said = verdict("01-cosine", lambda a: 0).sentence
    assert "TypeError" in said and "2 were given." in said


def test_warnings_of_numpy_stay_out_of_the_notebook():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = verdict("01-cosine", lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert "divide zero by zero" in said.sentence


def test_wrong_calls_of_check_are_clear(monkeypatch):
    assert verdict("01-cosine", 0.96).sentence == "Not yet: give the function itself, not 0.96."

    def unfinished(a, b):
        raise NotImplementedError

    assert verdict("01-cosine", unfinished).cause == "not done"
    with pytest.raises(InputError, match="did you mean '01-cosine'"):
        check("01-cosin", len)
    with pytest.raises(InputError, match="choose from .*01-cosine.*01-recall"):
        hint("xyz")


def test_the_framework_of_an_answer_is_the_imported_one_or_must_be_said(monkeypatch, framework):
    modules = {framework.__name__: framework}
    monkeypatch.setattr(exercises.sys, "modules", modules)
    assert exercises._adapter("01-masked-mean", None) is framework
    for found in ({}, {f"course_utils.{f}": 1 for f in ("pytorch", "tensorflow")}):
        monkeypatch.setattr(exercises.sys, "modules", found)
        with pytest.raises(InputError, match='framework="pytorch" or framework="tensorflow"'):
            exercises._adapter("01-masked-mean", None)


def test_tensors_are_watched(framework):
    name = framework.__name__.rpartition(".")[2]

    def spoils(vectors, ids):
        vectors.mul_(0)
        return vectors.sum(dim=1)

    said = verdict("01-masked-mean", spoils, framework=name)
    words = "AttributeError" if name == "tensorflow" else "changes what it was given"
    assert words in said.sentence


def test_a_mistake_in_a_check_is_not_the_learners(monkeypatch):
    def broken(a):
        raise IndexError("no row")

    judge = Generated(broken, lambda rng, size: (1,), lambda answer, wanted: answer)
    exercise = Exercise("99-x", "the idea", judge, "", "", False)
    monkeypatch.setitem(exercises._EXERCISES, "99-x", exercise)
    said = verdict("99-x", lambda a: 1)
    assert said.sentence.startswith("Cannot check: ") and said.cause == "cannot check"
    assert "IndexError: no row; test_net.py" in said.sentence and "report it" in said.sentence


def test_progress_is_kept_beside_the_notebook_and_survives_damage(tmp_path):
    of = ["01-a", "01-b"]
    assert progress.keep("01-a", of, tmp_path).startswith("1 of 2")
    assert progress.keep("01-a", of, tmp_path).startswith("1 of 2")
    assert progress.keep("01-b", of, tmp_path).startswith("2 of 2")
    path = tmp_path / progress.FILE
    assert json.loads(path.read_text()) == of
    for damaged in ("{", "3", '{"a": 1}', "[1, null]", "\x00"):
        path.write_text(damaged)
        assert progress.done(path) == set()
    assert progress.keep("01-b", of, tmp_path).startswith("1 of 2")
    assert progress.keep("01-b", of, tmp_path / "missing").startswith("1 of 2")


def test_the_command_counts_the_exercises_of_each_lesson(tmp_path, capsys):
    from course_utils.tools.cli import main

    folder = tmp_path / "01_embeddings"
    folder.mkdir()
    progress.keep("01-cosine", ["01-cosine"], folder)
    assert main(["progress", "--folder", str(tmp_path)]) == 0
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first.startswith("01  1 of ") and "01-flatten" in first and "01-cosine" not in first
    assert second.startswith("02  0 of ")


def test_a_set_is_shown_in_the_same_order_in_every_run():
    assert net.brief(set("fedcba")) == "{'a', 'b', 'c', 'd', 'e', 'f'}"
    assert net.brief(set()) == "set()"
