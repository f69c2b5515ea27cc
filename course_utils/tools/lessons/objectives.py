"""What serves each objective of a lesson, read from its source and its quiz."""

import re
from dataclasses import dataclass, field

from course_utils.classroom.markdown import headings
from course_utils.classroom.quizzes import PARTS, load_quiz
from course_utils.course import Lesson, Objective, front_matter
from course_utils.tools.lessons.source import draft

_EXERCISE = re.compile(r'^check\("([\w-]+)"', re.M)
_CLAIM = re.compile(r'\bclaim\(\s*"([A-Z]\d+)"')


@dataclass
class Served:
    """An objective with the names of the exercises, claims and questions that serve it."""

    objective: Objective
    exercises: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def served(lesson: Lesson) -> dict[str, Served]:
    """Return what serves each objective of a lesson, by the name of the objective.

    An exercise or a claim serves the objectives that name its section or, if none does, the
    section around it. A question names its objective itself.

    Raises
    ------
    CourseError
        If the source or the quiz cannot be read.
    """
    found = {name: Served(one) for name, one in front_matter(lesson).objectives.items()}
    named = {section for one in found.values() for section in one.objective.sections}
    for section, source in _code(lesson, named):
        for one in found.values():
            if section in one.objective.sections:
                _add(one.exercises, _EXERCISE.findall(source))
                _add(one.claims, _CLAIM.findall(source))
    for part in PARTS if found else ():
        for question in load_quiz(lesson.number, part):
            if question["objective"] in found:
                found[question["objective"]].questions.append(question["id"])
    return found


def _code(lesson: Lesson, named: set[str]) -> list[tuple[str, str]]:
    """Return the source of each code cell with the innermost heading around it that is named."""
    found: list[tuple[str, str]] = []
    path: list[str] = []
    for cell in draft(lesson, "pytorch").cells:
        if cell.cell_type == "code":
            inner = [title for title in path if title in named]
            found.append((inner[-1] if inner else "", cell.source))
            continue
        for title in headings(cell.source, level=2):
            path = [*path[:1], title] if title in headings(cell.source, level=3) else [title]
    return found


def _add(names: list[str], more: list[str]) -> None:
    names += [name for name in dict.fromkeys(more) if name not in names]
