"""`course release`: the edition that a teacher hands out."""

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.lessons.source import FRAMEWORKS, Lesson, assemble


def release(lesson: Lesson, folder: Path, with_solutions: bool = False) -> list[Path]:
    """Write both notebooks without outputs, and the assignment, and return their paths.

    Parameters
    ----------
    with_solutions : bool
        Keep the solution cells; by default they are left out.
    """
    target = folder / lesson.folder.name
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for framework in FRAMEWORKS:
        notebook = assemble(lesson, framework)
        if not with_solutions:
            notebook = without_solutions(notebook)
        written.append(target / lesson.notebook(framework).name)
        nbformat.write(notebook, written[-1])
    assignment = lesson.folder / "assignment.md"
    if assignment.is_file():
        written.append(target / assignment.name)
        shutil.copyfile(assignment, written[-1])
    return written


def without_solutions(notebook: NotebookNode) -> NotebookNode:
    """Remove the cells tagged `solution`, and answers to quizzes that are written as text."""
    notebook.cells = [c for c in notebook.cells if "solution" not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("<details>"):
            cell.source = "Answer the questions above; each answer explains itself."
    return notebook
