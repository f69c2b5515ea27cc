"""`course build` makes and runs the notebooks of a lesson; `course check` compares them."""

import base64

import nbformat
from nbformat import NotebookNode

from course_utils.data.sources import write_atomically
from course_utils.errors import CourseError
from course_utils.lessons.execute import LessonError, execute
from course_utils.lessons.report import ProgressLine
from course_utils.lessons.source import Lesson, assemble


def build(lesson: Lesson, framework: str) -> None:
    """Make one notebook from its source, run it, and store it. A failure changes nothing.

    Raises
    ------
    CourseError
        If a cell fails.
    """
    line = ProgressLine(lesson.notebook(framework).name)
    notebook = assemble(lesson, framework)
    try:
        seconds = execute(notebook, lesson.folder, line.update)
    except LessonError as error:
        raise CourseError(
            f"{lesson.notebook(framework).name}: {error}; nothing was stored."
        ) from None
    line.done("built")
    _retell(notebook, assemble(lesson, framework, round(seconds)))
    text = nbformat.writes(notebook) + "\n"
    write_atomically(lesson.notebook(framework), lambda part: part.write_text(text, "utf8"))


def store_picture(lesson: Lesson, framework: str, cell: str, name: str) -> None:
    """Write the figure of a cell into the lesson's folder, for the README to show."""
    notebook = nbformat.read(lesson.notebook(framework), as_version=4)
    if all(c.id != cell for c in notebook.cells):
        raise CourseError(f"{lesson.source.name} has no cell {cell!r}, whose figure {name} shows.")
    png = picture(notebook, cell)
    write_atomically(lesson.folder / name, lambda part: part.write_bytes(png))


def picture(notebook: NotebookNode, cell: str) -> bytes:
    """Return the PNG that a cell shows."""
    outputs = next(c.outputs for c in notebook.cells if c.id == cell)
    return base64.b64decode(next(o.data["image/png"] for o in outputs if "image/png" in o.data))


def differences(lesson: Lesson, framework: str) -> list[str]:
    """Return in what the stored notebook differs from what its source builds, outputs aside."""
    path = lesson.notebook(framework)
    if not path.is_file():
        return [f"{path.name} does not exist: run `course build {lesson.number}`."]
    stored = nbformat.read(path, as_version=4)
    wanted = assemble(lesson, framework, stored.metadata.get("course", {}).get("seconds"))
    if [cell.id for cell in stored.cells] != [cell.id for cell in wanted.cells]:
        return [f"{path.name} has other cells, or another order, than its source."]
    return [
        f"{path.name}: the cell {cell.id!r} differs from its source in its {aspect}."
        for cell, other in zip(stored.cells, wanted.cells, strict=True)
        for aspect in ("cell_type", "source", "metadata")
        if cell[aspect] != other[aspect]
    ]


def _retell(notebook: NotebookNode, told: NotebookNode) -> None:
    """Take over the texts that mention the measured time."""
    notebook.metadata = told.metadata
    for cell, other in zip(notebook.cells, told.cells, strict=True):
        cell.source = other.source
