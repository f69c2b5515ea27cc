"""What ends a lesson: the questionnaire, and the page to remember it by.

Both are files beside `lesson.md` that a lesson may have. They reach the notebooks as text alone, so
a change of them needs no new run.
"""

import os
import re
from dataclasses import dataclass, fields

from course_utils.course import FRAMEWORKS, Lesson
from course_utils.errors import CourseError
from course_utils.own_files import read_text
from course_utils.tools.entries import problems_of_keys, read_entries

_FENCE = re.compile(rf"^```({'|'.join(FRAMEWORKS)})\n(.*?)^```$", re.M | re.S)
_INTRODUCTION = (
    "The answers stand in the text above. Say each in a sentence or two, without looking; then "
    "follow the link."
)


@dataclass(frozen=True)
class Asked:
    """An open question, and the heading of the section that answers it."""

    text: str
    section: str


def questionnaire(lesson: Lesson) -> list[Asked]:
    """Return the open questions of `questionnaire.toml`, in its order.

    Raises
    ------
    CourseError
        If the lesson has no such file, it is no TOML, or a question is incomplete or misspelled.
    """
    path = lesson.folder / "questionnaire.toml"
    if not os.path.lexists(path):
        raise CourseError(f"Lesson {lesson.number} has no questionnaire: {path.name} is missing.")
    return [Asked(**entry) for entry in read_entries(path, "question", _problems)]


def _problems(entry: object) -> list[str]:
    """Return what is wrong with a question."""
    if not isinstance(entry, dict):
        return ["a question must be a table of keys."]
    known = [one.name for one in fields(Asked)]
    return problems_of_keys(entry, "question", known, known)


def questionnaire_text(lesson: Lesson) -> str:
    """Return the questionnaire as Markdown: a numbered list, each with the link to its answer.

    Raises
    ------
    CourseError
        As `questionnaire` does.
    """
    lines = [
        f"{number}. {one.text} [{one.section}](#{one.section.replace(' ', '-')})"
        for number, one in enumerate(questionnaire(lesson), start=1)
    ]
    return f"{_INTRODUCTION}\n\n" + "\n".join(lines)


def has_page_to_remember(lesson: Lesson) -> bool:
    """Whether a lesson has a `remember.md`."""
    return os.path.lexists(lesson.folder / "remember.md")


def page_to_remember(lesson: Lesson, framework: str) -> str:
    """Return `remember.md` with its title, and with the code of one framework alone.

    In the file, a block of code begins with ```pytorch or ```tensorflow.

    Raises
    ------
    CourseError
        If the lesson has no such file, or it does not begin with a title, or lacks a framework.
    """
    path = lesson.folder / "remember.md"
    if not has_page_to_remember(lesson):
        raise CourseError(
            f"Lesson {lesson.number} has no page to remember: {path.name} is missing."
        )
    text = read_text(path)
    if not re.match(r"# \S", text):
        raise CourseError(f"{path} must begin with a title: a line `# Title`.")
    if framework not in [match[1] for match in _FENCE.finditer(text)]:
        raise CourseError(
            f"{path} has no code for {framework}: a block begins with ```{framework}."
        )
    kept = _FENCE.sub(lambda m: _as_python(m) if m[1] == framework else "", text)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def code_to_remember(lesson: Lesson, framework: str) -> str:
    """Return the lines of code that `remember.md` has for a framework.

    Raises
    ------
    CourseError
        As `page_to_remember` does.
    """
    return "".join(re.findall(r"^```python\n(.*?)^```$", page_to_remember(lesson, framework),
                              re.M | re.S))  # fmt: skip


def _as_python(block: re.Match) -> str:
    return f"```python\n{block[2]}```"
