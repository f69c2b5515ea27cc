"""Each objective of a lesson is taught, practiced and asked about."""

import pytest

from course_utils.classroom.markdown import headings
from course_utils.classroom.quizzes import PARTS, load_quiz
from course_utils.course import find_lesson, front_matter, lessons
from course_utils.own_files import read_text
from course_utils.tools.lessons.objectives import Served, served

LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)


def problems(found: dict[str, Served]) -> list[str]:
    """Return what the objectives of a lesson lack."""
    said = []
    for name, one in found.items():
        after = [question for question in one.questions if "-after-" in question]
        said += [] if one.exercises or one.claims else [f"{name}: no exercise and no claim"]
        said += [] if len(one.questions) >= 2 else [f"{name}: fewer than two questions"]
        said += [] if after else [f"{name}: no question after the lesson"]
    return said


@LESSONS
def test_every_objective_has_an_exercise_or_a_claim_and_two_questions(lesson):
    found = served(lesson)
    assert len(found) >= 3, f"{lesson.source} declares no `objectives` under `course`"
    assert problems(found) == []


@LESSONS
def test_every_section_and_every_objective_that_is_named_exists(lesson):
    told, titles = front_matter(lesson).objectives, headings(read_text(lesson.source), level=2)
    named = {section for one in told.values() for section in one.sections}
    assert named <= set(titles), f"{lesson.source} has no section {named - set(titles)}"
    for part in PARTS:
        for question in load_quiz(lesson.number, part):
            assert question["objective"] in told, f"{question['id']} names an unknown objective"


@LESSONS
def test_the_lesson_lists_its_objectives(lesson):
    assert "\n{{objectives}}\n" in read_text(lesson.source)


@LESSONS
def test_every_claim_serves_an_objective(lesson):
    claims = {claim for one in served(lesson).values() for claim in one.claims}
    assert claims == set(front_matter(lesson).claims)


def test_a_cell_serves_the_innermost_section_that_is_named():
    found = served(find_lesson("04"))
    assert found["masks"].exercises == ["04-masks"] and found["masks"].claims == ["T6"]
    assert "T5" in found["architectures"].claims and "T5" not in found["attention"].claims


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"exercises": [], "claims": []}, ["one-hot: no exercise and no claim"]),
        ({"exercises": []}, []),
        ({"claims": []}, []),
        ({"questions": ["01-after-a"]}, ["one-hot: fewer than two questions"]),
        ({"questions": ["01-before-a", "01-before-b"]}, ["one-hot: no question after the lesson"]),
    ],
)
def test_an_objective_that_lacks_something_is_found(lacking, said):
    one = served(find_lesson("01"))["one-hot"]
    for name, value in lacking.items():
        setattr(one, name, value)
    assert problems({"one-hot": one}) == said
