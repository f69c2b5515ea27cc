"""Deeper parts of a lesson: from a heading `Deeper: ...` to the next heading as high or higher."""

import nbformat
from nbformat import NotebookNode

from course_utils.classroom.markdown import split_at_headings

DEEPER = "Deeper: "  # how the heading of such a part begins
TAG = "deeper"
_MAY_BE_SKIPPED = "You can skip this part: nothing in the rest of the lesson needs it."


def with_deeper_parts(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return cells of which those in deeper parts are tagged `deeper`; each such heading says so.

    A Markdown cell in which a deeper part begins or ends becomes two.
    """
    found, level = [], 0  # the level of the heading that opened a deeper part; 0 in the core
    for cell in cells:
        if cell.cell_type != "markdown":
            found.append(_tagged(cell) if level else cell)
            continue
        metadata = cell.metadata
        for level, text in _pieces(cell.source, level):  # noqa: B020
            if text:
                piece = nbformat.v4.new_markdown_cell(text, metadata=metadata)
                found.append(_tagged(piece) if level else piece)
                metadata = {key: value for key, value in metadata.items() if key != "name"}
    return found


def is_deeper(cell: NotebookNode) -> bool:
    """Whether a cell belongs to a deeper part."""
    return TAG in cell.metadata.get("tags", [])


def _pieces(text: str, level: int) -> list[tuple[int, str]]:
    """Split a text where deeper parts begin and end; each piece with the level of its part."""
    pieces = [(level, "")]
    for high, title, part in split_at_headings(text):
        opens = title.startswith(DEEPER)
        if 0 < high <= level or (level == 0 and opens):
            level = high if opens else 0
            heading, _, rest = part.partition("\n")
            pieces.append((level, f"{heading}\n\n{_MAY_BE_SKIPPED}\n{rest}" if opens else part))
        else:
            pieces[-1] = (level, pieces[-1][1] + part)
    return [(level, piece.strip()) for level, piece in pieces]


def _tagged(cell: NotebookNode) -> NotebookNode:
    metadata = {**cell.metadata, "tags": [*cell.metadata.get("tags", []), TAG]}
    return NotebookNode({**cell, "metadata": NotebookNode(metadata)})
