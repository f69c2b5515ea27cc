"""`course release`: the edition that a teacher hands out."""

import shutil
from pathlib import Path

import nbformat

from course_utils.course import FRAMEWORKS, Lesson
from course_utils.errors import CourseError
from course_utils.tools.lessons.source import assemble

_README = """# Lesson {number}

- [PyTorch]({folder}/{pytorch})
- [TensorFlow]({folder}/{tensorflow})

Choose one framework. Open its notebook in JupyterLab, on a machine where the course is installed,
and run one cell at a time with Shift+Enter. If something does not work, run `course doctor` in a
terminal: it says what is missing and what to do.
"""


def write_handout(lesson: Lesson, folder: Path, with_solutions: bool = False) -> list[Path]:
    """Write both notebooks without outputs, a page and the assignment, and return their paths.

    Parameters
    ----------
    with_solutions : bool
        Keep the solution cells and the answers to quizzes; by default they are left out.

    Raises
    ------
    CourseError
        If the lesson is in that folder already, since somebody may have worked on it, or as
        `assemble` does.
    """
    target = folder / lesson.folder.name
    if target.exists():
        raise CourseError(f"{target} exists already: choose a new folder, so that no work is lost.")
    target.mkdir(parents=True)
    names = {framework: lesson.notebook(framework).name for framework in FRAMEWORKS}
    page = folder / "README.md"
    page.write_text(_README.format(number=lesson.number, folder=target.name, **names), "utf8")
    written = [page]
    for framework in FRAMEWORKS:
        notebook = assemble(lesson, framework, answers=with_solutions)
        written.append(target / lesson.notebook(framework).name)
        nbformat.write(notebook, written[-1])
    assignment = lesson.folder / "assignment.md"
    if assignment.is_file():
        written.append(target / assignment.name)
        shutil.copyfile(assignment, written[-1])
    return written
