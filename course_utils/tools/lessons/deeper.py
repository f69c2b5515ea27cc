"""Deeper parts of a lesson: from a heading `Deeper: ...` to the next heading as high or higher."""

import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

DEEPER = "Deeper: "  # how the heading of such a part begins
TAG = "deeper"
_MAY_BE_SKIPPED = "You can skip this part: nothing in the rest of the lesson needs it."
_FENCE_OR_HEADING = re.compile(r"(?P<fence>`{3,}|~{3,})|(?P<level>#{1,6}) +(?P<title>.*)")


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


def _pieces(text: str, level: int) -> Iterator[tuple[int, str]]:
    """Split a text where deeper parts begin and end, and yield each piece with its level."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        found = _FENCE_OR_HEADING.match(line)
        if found and found["fence"] and found["fence"].startswith(fence):
            fence = "" if fence else found["fence"]
        elif found and found["level"] and not fence:
            high, opens = len(found["level"]), found["title"].startswith(DEEPER)
            if (level == 0 and opens) or high <= level:
                yield level, "\n".join(lines).strip()
                level, lines = (high, [line, "", _MAY_BE_SKIPPED]) if opens else (0, [line])
                continue
        lines.append(line)
    yield level, "\n".join(lines).strip()


def _tagged(cell: NotebookNode) -> NotebookNode:
    metadata = {**cell.metadata, "tags": [*cell.metadata.get("tags", []), TAG]}
    return NotebookNode({**cell, "metadata": NotebookNode(metadata)})
