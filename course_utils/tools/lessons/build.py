"""`course build` makes and runs the notebooks of a lesson; `course check` compares them."""

import base64
import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.course import Lesson, front_matter, write_bytes
from course_utils.errors import CourseError
from course_utils.tools.lessons.execute import LessonError, execute
from course_utils.tools.lessons.fingerprint import fingerprint
from course_utils.tools.lessons.progress_line import ProgressLine
from course_utils.tools.lessons.source import assemble, draft, set_run_time
from course_utils.tools.lessons.stored import read_notebook

_PICTURED = "pytorch"  # the framework whose figures are stored as pictures


def build(
    lesson: Lesson, frameworks: list[str], *, run: bool = False, measure: bool = False
) -> list[Path]:
    """Make notebooks from their source, run those whose code changed, then store them all.

    A notebook whose code cells, package code and data are what they were when it ran keeps its
    outputs, if they are those that its build stored. The source is read before anything runs: what
    is edited meanwhile waits for the next build. A failure stores nothing, so that both frameworks
    stay in step.

    Parameters
    ----------
    lesson : Lesson
    frameworks : list of {"pytorch", "tensorflow"}
    run : bool
        Run even what did not change, as after an update of other packages.
    measure : bool
        Run, and let the text say the seconds of this run, not those stored before. The first
        build of a notebook always measures.

    Returns
    -------
    list of Path
        What was stored: notebooks, and the pictures that the front matter declares.

    Raises
    ------
    CourseError
        If `assemble` cannot read the source, a cell fails, a declared picture is the figure of no
        cell, or a file of the package is no Python.
    """
    drafts = {framework: draft(lesson, framework) for framework in frameworks}
    pictures = front_matter(lesson).pictures
    for name, cell in pictures.items():
        if _PICTURED in drafts and all(c.id != cell for c in drafts[_PICTURED].cells):
            raise CourseError(f"{lesson.source.name} has no cell {cell!r}, whose figure {name} is.")
    contents = {}
    for framework, notebook in drafts.items():
        path = lesson.notebook(framework)
        code = notebook.metadata.course.code = fingerprint(lesson, framework)
        stored = _stored(path)
        if stored is not None and not (run or measure) and _same_code(notebook, stored, code):
            seconds = _keep_outputs(notebook, stored)
            ProgressLine(path.name).done("kept: its code did not change")
        else:
            seconds = _run(notebook, path, lesson.folder)
        notebook.metadata.course.outputs = _sum_of_outputs(notebook)
        set_run_time(notebook, seconds if measure else _stored_seconds(path) or seconds)
        contents[path] = (nbformat.writes(notebook) + "\n").encode("utf8")
    if _PICTURED in drafts:
        for name, cell in pictures.items():
            contents[lesson.folder / name] = picture(drafts[_PICTURED], cell)
    for path, content in contents.items():
        write_bytes(path, content)
    return list(contents)


def picture(notebook: NotebookNode, cell: str) -> bytes:
    """Return the PNG that a cell shows.

    Raises
    ------
    CourseError
        If there is no such cell, or it shows none.
    """
    outputs = [o for c in notebook.cells if c.id == cell for o in c.get("outputs", [])]
    shown = [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    if not shown:
        raise CourseError(f"The cell {cell!r} shows no figure; nothing was stored.")
    return base64.b64decode(shown[0])


def differences(lesson: Lesson, framework: str) -> list[str]:
    """Return in what the stored notebook differs from what its source builds.

    Of the outputs it looks at two things only: no cell failed, and all ran from top to bottom.

    Raises
    ------
    CourseError
        As `assemble` does.
    """
    path = lesson.notebook(framework)
    stored = _stored(path)
    if stored is None:
        return [
            f"{path.name} does not exist or is no notebook: run `course build {lesson.number}`."
        ]
    wanted = assemble(lesson, framework, _stored_seconds(path))
    if [cell.id for cell in stored.cells] != [cell.id for cell in wanted.cells]:
        return [f"{path.name} has other cells, or another order, than its source."]
    return [
        f"{path.name}: the cell {cell.id!r} differs from its source in its {aspect}."
        for cell, other in zip(stored.cells, wanted.cells, strict=True)
        for aspect in ("cell_type", "source", "metadata")
        if cell.get(aspect) != other.get(aspect)
    ] + [f"{path.name}: {trouble}." for trouble in _troubles(stored)]


def reasons_to_run(lesson: Lesson, framework: str) -> list[str]:
    """Return why `course build` would not keep the outputs of a notebook like its source.

    Raises
    ------
    CourseError
        If a file of the package is no Python.
    """
    path = lesson.notebook(framework)
    stored, found = _stored(path), []
    if stored is None:
        return []
    if _said(stored, "code") != fingerprint(lesson, framework):
        found.append("ran with older code or data of the course")
    if _said(stored, "outputs") != _sum_of_outputs(stored):
        found.append("has other outputs than its build stored")
    return [f"{path.name} {what}: `course build {lesson.number}` runs it again." for what in found]


def _same_code(notebook: NotebookNode, stored: NotebookNode, code: str) -> bool:
    """Whether a build stored a notebook that ran with this code, in its cells and outside."""
    cells, others = _code_cells(notebook), _code_cells(stored)
    return (
        not _troubles(stored)
        and _said(stored, "code") == code
        and _said(stored, "outputs") == _sum_of_outputs(stored)
        and [c.source for c in cells] == [c.source for c in others]
    )


def _troubles(notebook: NotebookNode) -> list[str]:
    """Return what shows that a notebook did not run from top to bottom without an error."""
    code = _code_cells(notebook)
    found = [
        f"the cell {cell.id!r} stores an error"
        for cell in code
        if any(output.output_type == "error" for output in cell.outputs)
    ]
    counts = [(n, c.execution_count) for n, c in enumerate(code, start=1) if c.source.strip()]
    if any(number != count for number, count in counts):
        found.append("its cells did not run once each, from top to bottom")
    return found


def _sum_of_outputs(notebook: NotebookNode) -> str:
    """Return a short text that changes with the outputs of a notebook, as they are stored."""
    stored = nbformat.reads(nbformat.writes(notebook), as_version=4)
    text = json.dumps([cell.outputs for cell in _code_cells(stored)], sort_keys=True)
    return hashlib.sha256(text.encode("utf8")).hexdigest()[:16]


def _keep_outputs(notebook: NotebookNode, stored: NotebookNode) -> int | None:
    """Take the outputs of a stored notebook, and return the seconds that it ran."""
    for cell, other in zip(_code_cells(notebook), _code_cells(stored), strict=True):
        cell.outputs, cell.execution_count = other.outputs, other.execution_count
    return stored.metadata.course.get("seconds")


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _said(stored: NotebookNode, key: str) -> str | None:
    """Return what the last build stored about itself under a key."""
    return stored.metadata.get("course", {}).get(key)


def _run(notebook: NotebookNode, path: Path, folder: Path) -> int:
    """Run a notebook, and return its whole seconds."""
    line = ProgressLine(path.name)
    try:
        seconds = execute(notebook, folder, line.update)
    except LessonError as error:
        raise CourseError(f"{path.name}: {error}; nothing was stored.") from None
    line.done("passed")
    return max(1, round(seconds))


def _stored(path: Path) -> NotebookNode | None:
    """Return a stored notebook, or None if there is none that can be read."""
    try:
        return read_notebook(path)
    except CourseError:
        return None


def _stored_seconds(path: Path) -> int | None:
    stored = _stored(path)
    return None if stored is None else stored.metadata.get("course", {}).get("seconds")
