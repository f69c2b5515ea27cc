"""`course release`: the edition that a teacher hands out."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import nbformat

from course_utils.course import FRAMEWORKS, Lesson, write_bytes
from course_utils.errors import CourseError
from course_utils.own_files import read_text
from course_utils.tools.lessons.source import assemble

_README = """# Lessons

{entries}

Choose one framework. Open its notebook in JupyterLab, on a machine where the course is installed,
and run one cell at a time with Shift+Enter. If something does not work, run `course doctor` in a
terminal: it says what is missing and what to do.
"""
_ENTRY = "- Lesson {number}: [PyTorch]({folder}/{pytorch}), [TensorFlow]({folder}/{tensorflow})"


def write_handout(lesson: Lesson, folder: Path, with_solutions: bool = False) -> list[Path]:
    """Write both notebooks without outputs, a page and the assignment, and return their paths.

    A folder may hold several lessons; its page tells of all of them. Nothing else in the folder is
    touched, and nothing is written if anything is wrong.

    Parameters
    ----------
    with_solutions : bool
        Keep the solution cells and the answers to quizzes; by default they are left out.

    Raises
    ------
    CourseError
        If the lesson is in that folder already: somebody may have worked on it. If the folder has
        a README.md that this function did not write, or that was changed since. Also as
        `assemble` does.
    OSError
        If the folder cannot be written.
    """
    target = folder / lesson.folder.name
    if os.path.lexists(target):
        raise CourseError(f"{target} exists already: choose a new folder, so that no work is lost.")
    page, text = folder / "README.md", _page(lesson, folder / "README.md")
    contents = {
        lesson.notebook(framework).name: nbformat.writes(
            assemble(lesson, framework, answers=with_solutions)
        )
        for framework in FRAMEWORKS
    }
    if (lesson.folder / "assignment.md").is_file():
        contents["assignment.md"] = read_text(lesson.folder / "assignment.md")
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{target.name}.", suffix=".part", dir=folder))
    try:
        for name, content in contents.items():
            (made / name).write_bytes(content.encode("utf8"))
        made.chmod(0o755)
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    write_bytes(page, text.encode("utf8"))
    return [page, *(target / name for name in contents)]


def _page(lesson: Lesson, page: Path) -> str:
    """Return the text of a folder's page with one lesson more, if the page is our own."""
    names = {framework: lesson.notebook(framework).name for framework in FRAMEWORKS}
    entries = [_ENTRY.format(number=lesson.number, folder=lesson.folder.name, **names)]
    if os.path.lexists(page):
        try:
            old = read_text(page)
        except CourseError:
            old = ""
        known = re.findall(r"^- Lesson .*$", old, re.M)
        if not known or old != _README.format(entries="\n".join(known)) or page.is_symlink():
            raise CourseError(
                f"{page} was not written by `course release`, or was changed since: choose another "
                "folder, or give the file another name."
            )
        entries = sorted({*known, *entries})
    return _README.format(entries="\n".join(entries))
