"""Claims, quizzes and their exports."""

import random
import re

import pytest

from course_utils.classroom import claim, quiz
from course_utils.classroom.claims import MIME
from course_utils.classroom.export import gift
from course_utils.classroom.quizzes import PARTS, as_text, load_quiz, problems
from course_utils.errors import InputError
from course_utils.lessons.source import lessons


@pytest.fixture
def shown(monkeypatch):
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append(data))
    return calls


def test_a_claim_shows_its_value_and_bound(shown):
    claim("E3", "largest difference", 3e-8, at_most=1e-6)
    assert shown[0]["text/plain"] == "✔ E3  largest difference: 3.0e-08 (at most 1e-06)"
    record = shown[0][MIME]
    assert record["holds"] and record["value"] == 3e-8 and record["at_most"] == 1e-6


@pytest.mark.parametrize(
    ("value", "bounds"),
    [(0.4, {"at_least": 0.5}), (2.0, {"at_most": 1}), (float("nan"), {"at_least": 0})],
)
def test_a_claim_that_does_not_hold_fails_and_is_recorded(value, bounds, shown):
    with pytest.raises(AssertionError, match="E4  accuracy.*does not hold"):
        claim("E4", "accuracy", value, **bounds)
    assert shown[0][MIME]["holds"] is False


def test_a_claim_without_a_bound_is_refused():
    with pytest.raises(InputError, match="needs a bound"):
        claim("E1", "something", 1.0)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_quiz_is_sound(lesson):
    headings = re.findall(r"^#+ (.+)$", lesson.source.read_text(encoding="utf8"), re.M)
    assert problems(lesson.folder / "quiz.toml", headings) == []


BROKEN = """
[[before]]
id = "a"
question = "?"
type = "multiple_choice"
section = "Here"
answers = [
  {text = "x", correct = false, feedback = "no"},
  {text = "y", correct = false, feedback = "no"},
  {text = "z", correct = false, feedback = ""},
]
[[before]]
id = "a"
question = "?"
type = "essay"
section = "Nowhere"
answers = [{text = "x", correct = true, feedback = "yes"}]
"""


def test_each_fault_of_a_quiz_is_found(tmp_path):
    path = tmp_path / "quiz.toml"
    path.write_text(BROKEN)
    found = " ".join(problems(path, ["Here"]))
    for fault in (
        "before: 2 questions", "after: 0 questions", "0 correct answers", "without feedback",
        "unknown type 'essay'", "no section 'Nowhere'", "fewer than three", "used twice",
    ):  # fmt: skip
        assert fault in found, fault


def test_a_quiz_shows_the_same_in_every_run_and_leaves_chance_alone(monkeypatch):
    import jupyterquiz.dynamic.display as module

    random.seed(7)
    expected = random.Random(7).random()
    outputs = []
    for _ in range(2):
        outputs.append([])
        monkeypatch.setattr(module, "display", lambda shown: outputs[-1].append(shown.data))
        quiz("01", "before")
    assert outputs[0] == outputs[1] and outputs[0]
    assert random.random() == expected


def test_a_quiz_is_readable_as_text():
    text = as_text("01", "after")
    for question in load_quiz("01", "after"):
        assert question["question"] in text
        assert all(answer["feedback"] in text for answer in question["answers"])


def test_unknown_quizzes_are_clear_errors():
    with pytest.raises(InputError, match="before and after"):
        quiz("01", "during")
    with pytest.raises(InputError, match="no quiz for lesson '77'"):
        quiz("77", "before")


def parse_gift(text):
    """Read GIFT back: title -> (question, [(right, text)])."""
    found = {}
    for block in text.strip().split("\n\n"):
        title, rest = re.match(r"::(.*?)(?<!\\)::(.*)", block, re.S).groups()
        question, answers = re.match(r"(.*?)(?<!\\)\{(.*)\}$", rest, re.S).groups()
        unescape = lambda s: re.sub(r"\\(.)", r"\1", s)  # noqa: E731
        rows = [line[1:] for line in answers.splitlines() if line.startswith("\t")]
        parsed = [
            (row[0] == "=" or row.startswith("~%") and not row.startswith("~%-"),
             unescape(re.sub(r"^(=|~%-?[\d.]+%|~)", "", re.split(r"(?<!\\)#", row)[0])))
            for row in rows
        ]  # fmt: skip
        found[unescape(title)] = (unescape(question), parsed)
    return found


def test_gift_says_what_the_quiz_says():
    parsed = parse_gift(gift("01"))
    questions = [question for part in PARTS for question in load_quiz("01", part)]
    assert len(parsed) == len(questions) == 10
    for question in questions:
        text, answers = parsed[question["id"]]
        assert text == question["question"]
        if question["type"] != "numeric":
            assert answers == [(a["correct"], a["text"]) for a in question["answers"]]
