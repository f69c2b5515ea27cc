"""One page of a lesson from its two stored notebooks: what they share once, the rest in tabs."""

import base64
import hashlib
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from nbformat import NotebookNode

from course_utils.course import FRAMEWORKS, Lesson
from course_utils.errors import CourseError
from course_utils.tools.lessons.stored import read_notebook
from course_utils.tools.website.markup import directive, either, paragraphs, raw, tabs, verbatim
from course_utils.tools.website.quiz import widget

_QUIZ = re.compile(r'^quiz\("(\w+)", "(\w+)"\)$', re.M)
_TITLE = re.compile(rf"^(# .+), in (?:{'|'.join(FRAMEWORKS.values())})$", re.M)
_ONLY_IN_NOTEBOOKS = ("**Where things are:**", "**More questions:**")
_SCRIPT = re.compile(r"<script data-course>.*?</script>", re.S)  # the site has one for all pages
_INTERACTIVE = "application/vnd.plotly.v1+json"


def lesson_body(lesson: Lesson, target: Path) -> str:
    """Return the Markdown of a lesson's page, and write its figures below the folder `target`."""
    first, second = (read_notebook(lesson.notebook(framework)) for framework in FRAMEWORKS)

    def keep_picture(cell: str, content: bytes) -> str:
        return _keep_picture(target, f"{lesson.number}-{cell}", content)

    parts = [both(one, other, keep_picture) for one, other in aligned(first.cells, second.cells)]
    return "\n\n".join(part for part in parts if part)


def aligned(first: list, second: list) -> list[tuple[list, list]]:
    """Return the cells of both notebooks side by side: those with one id in pairs.

    Examples
    --------
    >>> cell = lambda name: nbformat.v4.new_code_cell(id=name)
    >>> found = aligned([cell("a"), cell("b")], [cell("a"), cell("b-tensorflow")])
    >>> [[[c.id for c in run] for run in pair] for pair in found]
    [[['a'], ['a']], [['b'], ['b-tensorflow']]]
    """
    ids, other_ids = ([cell.id for cell in cells] for cells in (first, second))
    found = []
    for kind, a, b, c, d in SequenceMatcher(None, ids, other_ids, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [([one], [other]) for one, other in zip(first[a:b], second[c:d], strict=True)]
        else:
            found.append((first[a:b], second[c:d]))
    return found


def both(one: list, other: list, keep_picture: Callable[[str, bytes], str]) -> str:
    """Return what two runs of cells say: once where they agree, in tabs where they differ."""
    if [cell.id for cell in one] != [cell.id for cell in other]:
        return _apart(dict(zip(FRAMEWORKS, (one, other), strict=True)), keep_picture)
    cells = dict(zip(FRAMEWORKS, (one[0], other[0]), strict=True))
    if one[0].cell_type == "markdown":
        return prose({framework: cell.source for framework, cell in cells.items()})
    asked = _QUIZ.search(one[0].source)
    if asked:
        return raw(widget(*asked.groups()))
    sources = {framework: code(cell) for framework, cell in cells.items()}
    results = {framework: outputs(cell, keep_picture) for framework, cell in cells.items()}
    if len(set(sources.values())) > 1:
        return tabs({name: _joined(sources[name], results[name]) for name in cells})
    return _folded(one[0], _joined(sources["pytorch"], either(results)))


def prose(texts: dict[str, str]) -> str:
    """Return the Markdown of a cell, paragraph by paragraph, without the framework in its title."""
    parts = {name: paragraphs(_TITLE.sub(r"\1", text)) for name, text in texts.items()}
    if len({len(part) for part in parts.values()}) > 1:
        return either({name: "\n\n".join(part) for name, part in parts.items()})
    rows = [dict(zip(parts, row, strict=True)) for row in zip(*parts.values(), strict=True)]
    kept = [row for row in rows if not row["pytorch"].startswith(_ONLY_IN_NOTEBOOKS)]
    return "\n\n".join(either(row) for row in kept)


def code(cell: NotebookNode) -> str:
    """Return the source of a code cell."""
    return verbatim(cell.source, "python")


def outputs(cell: NotebookNode, keep_picture: Callable[[str, bytes], str]) -> str:
    """Return what a code cell shows: its text, figures, tables and claims."""
    parts: list[tuple[str, str]] = []
    for output in cell.get("outputs", []):
        kind, text = _output(cell.id, output, keep_picture)
        if parts and kind in ("output", "claim") and parts[-1][0] == kind:
            parts[-1] = (kind, f"{parts[-1][1].rstrip()}\n{text}")
        else:
            parts.append((kind, text))
    return "\n\n".join(
        verbatim(text, "text", kind) if kind in ("output", "claim") else text
        for kind, text in parts
    )


def _apart(runs: dict[str, list], keep_picture: Callable[[str, bytes], str]) -> str:
    """Return in tabs what stands in one notebook only; a solution is folded away around them."""
    solved = all(_is_solution(cell) for cells in runs.values() for cell in cells)
    bodies = {}
    for framework, cells in runs.items():
        texts = [_whole(cell, keep_picture, fold=not solved) for cell in cells]
        if texts:
            bodies[framework] = "\n\n".join(texts)
    return directive("dropdown", tabs(bodies), "Solution") if solved else tabs(bodies)


def _whole(cell: NotebookNode, keep_picture: Callable, fold: bool) -> str:
    if cell.cell_type == "markdown":
        return cell.source
    text = _joined(code(cell), outputs(cell, keep_picture))
    return _folded(cell, text) if fold else text


def _output(cell: str, output: NotebookNode, keep_picture: Callable) -> tuple[str, str]:
    """Return the kind of an output and its Markdown, or its text if it is text."""
    if output.output_type == "stream":
        return "output", output.text
    if output.output_type == "error":
        return "output", f"{output.ename}: {output.evalue}"
    data = output.data
    if "image/png" in data:
        try:
            name = keep_picture(cell, base64.b64decode(data["image/png"], validate=False))
        except ValueError:
            raise CourseError(f"The picture of the cell {cell!r} is damaged.") from None
        alt = " ".join(output.metadata.get("image/png", {}).get("alt", "").split())
        width = output.metadata.get("image/png", {}).get("width")
        options = {"width": f"{width}px"} if width else {}
        return "figure", directive("image", "", name, alt=alt, **options)
    if "text/html" in data:
        html = _SCRIPT.sub("", data["text/html"])
        return "table", raw(f'<div class="html-output">{html}</div>')
    if "application/vnd.course.claim+json" in data:
        return "claim", data.get("text/plain", "")
    return ("note" if _INTERACTIVE in data else "output"), data.get("text/plain", "")


def _folded(cell: NotebookNode, text: str) -> str:
    return directive("dropdown", text, "Solution") if _is_solution(cell) else text


def _is_solution(cell: NotebookNode) -> bool:
    return "solution" in cell.metadata.get("tags", [])


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _keep_picture(target: Path, name: str, content: bytes) -> str:
    """Write a picture under a name that says what is in it, so that equal ones are one file."""
    file = f"figures/{name}-{hashlib.sha256(content).hexdigest()[:8]}.png"
    (target / "figures").mkdir(exist_ok=True)
    (target / file).write_bytes(content)
    return file
