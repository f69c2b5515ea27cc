"""Read notebooks that are stored, whoever wrote them: a damaged one is a sentence."""

import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.errors import CourseError
from course_utils.own_files import read_text


def read_notebook(path: Path) -> NotebookNode:
    """Return a stored notebook.

    Raises
    ------
    CourseError
        If it cannot be read, or is no notebook of this course: no JSON, of another format than 4,
        without what a notebook must have, or with a cell that has no id.
    """
    advice = "make it anew with `course build`"
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(f"{path} is no notebook: {advice} ({reason}).") from None
    if not isinstance(content, dict) or content.get("nbformat") != 4:
        raise CourseError(f"{path} is no notebook of the format 4: {advice}.")
    cells = content.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else [], start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("id"), str):
            raise CourseError(f"{path}, cell {number}: it has no id: {advice}.")
    try:
        nbformat.validate(content, relax_add_props=True)
    except Exception as error:  # nbformat, its validators and Python each have their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise CourseError(f"{path} is no sound notebook: {advice} ({reason}).") from None
    course = content["metadata"].get("course", {})
    seconds = course.get("seconds") if isinstance(course, dict) else ""
    if seconds is not None and type(seconds) not in (int, float):
        raise CourseError(f"{path}: the metadata `course` is damaged: {advice}.")
    return nbformat.reads(text, as_version=4)
