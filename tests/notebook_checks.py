"""What must be true of every stored notebook. Each function returns its problems."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.classroom.markdown import anchor, headings
from course_utils.own_files import read_text
from course_utils.tools.lessons.results_page import records
from course_utils.tools.lessons.stored import read_notebook

_MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|work|Users|usr|var)/|[A-Z]:\\\\Users")
_SHELL_OR_MAGIC = re.compile(r"^\s*[!%]|get_ipython\(", re.M)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
_PICTURES = ("image/png", "application/javascript")
_NO_WORDS = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"'])[^>]*>")
_FIGURES = ("image/png", "image/jpeg", "image/svg+xml")
MAXIMUM_LINES, MINIMUM_FIGURES, MINIMUM_EXERCISES = 40, 6, 4
MAXIMUM_WIDTH = 144
MAXIMUM_BYTES = 2_500_000


def problems(notebook: NotebookNode, folder: Path) -> list[str]:
    """Return everything that is wrong with a notebook that lies in a folder."""
    checks = (
        ran_in_order, no_trouble, no_machine, described, readable, size, no_magic, claims_hold,
        comparable,
    )  # fmt: skip
    found = [problem for check in checks for problem in check(notebook)]
    return found + broken_links(_markdown(notebook), folder)


def ran_in_order(notebook: NotebookNode) -> list[str]:
    """Every code cell ran once, from top to bottom."""
    counts = [cell.execution_count for cell in _code(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else ["the cells did not run in order"]


def no_trouble(notebook: NotebookNode) -> list[str]:
    """No stored error, nothing on standard error."""
    return [
        f"{cell.id}: stores {'an error' if output.output_type == 'error' else 'stderr'}"
        for cell, output in _outputs(notebook)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def no_machine(notebook: NotebookNode) -> list[str]:
    """No path of the machine that built the notebook."""
    texts = [(cell.id, cell.source) for cell in notebook.cells]
    texts += [(cell.id, _text(output)) for cell, output in _outputs(notebook)]
    return [f"{name}: holds an absolute path" for name, text in texts if _MACHINE_PATH.search(text)]


def described(notebook: NotebookNode) -> list[str]:
    """Enough figures, and a text alternative for each picture of any kind."""
    shown = [(c, o, k) for c, o in _outputs(notebook) for k in _FIGURES if k in o.get("data", {})]
    found = [
        f"{cell.id}: a figure without a text alternative"
        for cell, output, kind in shown
        if not output.metadata.get(kind, {}).get("alt")
    ]
    pages = [(c.id, c.source) for c in notebook.cells if c.cell_type == "markdown"]
    pages += [(c.id, str(o.get("data", {}).get("text/html", ""))) for c, o in _outputs(notebook)]
    found += [f"{name}: {problem}" for name, text in pages for problem in bare_pictures(text)]
    if len(shown) < MINIMUM_FIGURES:
        found.append(f"only {len(shown)} figures")
    return found


def bare_pictures(text: str) -> list[str]:
    """Return the pictures of a Markdown text or an HTML page that have no text alternative."""
    return [
        f"{match[0]} has no text alternative" for match in _NO_WORDS.finditer(_CODE.sub("", text))
    ]


def readable(notebook: NotebookNode) -> list[str]:
    """Short cells, short lines, and enough exercises."""
    found = []
    for cell in _code(notebook):
        lines = sum(bool(line.strip()) for line in cell.source.splitlines())
        if lines > MAXIMUM_LINES:
            found.append(f"{cell.id}: {lines} lines of code")
        width = max(map(len, cell.source.splitlines()))
        if width > MAXIMUM_WIDTH:
            found.append(f"{cell.id}: a line of {width} characters")
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
    return found + ([f"only {exercises} exercises"] if exercises < MINIMUM_EXERCISES else [])


def size(notebook: NotebookNode) -> list[str]:
    """A notebook that a code host still shows and a slow line still loads."""
    length = len(nbformat.writes(notebook).encode("utf8"))
    return [f"{length:,} bytes, more than {MAXIMUM_BYTES:,}"] if length > MAXIMUM_BYTES else []


def no_magic(notebook: NotebookNode) -> list[str]:
    """No shell commands or magics: they pass silently where they do not work."""
    return [
        f"{c.id}: a magic or shell line"
        for c in _code(notebook)
        if _SHELL_OR_MAGIC.search(c.source)
    ]


def claims_hold(notebook: NotebookNode) -> list[str]:
    """Each tagged cell made its claim, each claim has a tagged cell, and every one holds."""
    found, tagged = [], claimed(notebook)
    for cell in _code(notebook):
        made = records(cell)
        found += [f"{cell.id}: {one['id']} does not hold" for one in made if not one["holds"]]
        ids = {one["id"] for one in made}
        found += [
            f"{cell.id}: is tagged claim-{id}, but claims no {id}" for id in _tagged(cell) - ids
        ]
        found += [
            f"{cell.id}: claims {id}, but no cell is tagged claim-{id}" for id in ids - tagged
        ]
    return found


def comparable(notebook: NotebookNode) -> list[str]:
    """Cells whose output is compared have one stored: nbval would compare nothing."""
    return [
        f"{cell.id}: is tagged nbval-check-output, but stores no output"
        for cell in _code(notebook)
        if "nbval-check-output" in cell.metadata.get("tags", []) and not cell.outputs
    ]


def claimed(notebook: NotebookNode) -> set[str]:
    """Return the ids of all claims that cells are tagged with."""
    return set().union(*map(_tagged, notebook.cells))


def sections(notebook: NotebookNode) -> list[str]:
    """Return the section headings in order, the title left out."""
    return headings(_markdown(notebook), level=2)


def broken_links(text: str, folder: Path) -> list[str]:
    """Return links of a Markdown text that point to no file, or to no heading of their file."""
    found = []
    for target in _LINK.findall(_CODE.sub("", text)):
        path, _, heading = target.partition("#")
        if re.match(r"https?:|mailto:", target):
            continue
        if path and not (folder / path).exists():
            found.append(f"the link {target} points nowhere")
        elif heading and anchor(heading) not in _anchors(folder / path if path else None, text):
            found.append(f"the link {target} points to no heading")
    return found


def _anchors(path: Path | None, text: str) -> set[str]:
    """Return the anchors of a Markdown file or a notebook, or of the text if no path is given."""
    if path is not None and path.suffix == ".ipynb":
        text = _markdown(read_notebook(path))
    elif path is not None:
        text = read_text(path)
    return {anchor(heading) for heading in headings(text)}


def _tagged(cell: NotebookNode) -> set[str]:
    """Return the ids of the claims that a cell is tagged with."""
    tags = cell.metadata.get("tags", [])
    return {tag.removeprefix("claim-") for tag in tags if tag.startswith("claim-")}


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def _outputs(notebook: NotebookNode):
    return [(cell, output) for cell in _code(notebook) for output in cell.outputs]


def _markdown(notebook: NotebookNode) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def _text(output: NotebookNode) -> str:
    data = {kind: part for kind, part in output.get("data", {}).items() if kind not in _PICTURES}
    return output.get("text", "") + str(data)
