"""A Markdown table, for the pages that `course report` writes."""

from collections.abc import Iterable, Sequence


def markdown_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], marks: Sequence[str] | None = None
) -> list[str]:
    """Return the lines of a table; `marks` say how each column is aligned, such as "--:"."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (header, marks or ["---"] * len(header), *body)]
