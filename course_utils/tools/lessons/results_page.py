"""`course report`: the pages that are made from the stored notebooks and the project's address.

`notebooks/RESULTS.md` has all claims and all models; the section "Run online" of
`notebooks/README.md` has the links that open each notebook somewhere else.
"""

import re
import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.classroom.claims import shown
from course_utils.classroom.markdown import headings
from course_utils.course import FRAMEWORKS, Lesson, lessons, project_root, write_atomically
from course_utils.errors import CourseError
from course_utils.tools.lessons.notebook_checks import anchor, records

SUMMARY = "summary"  # the cell that prints a lesson's table of models
_START, _END = "<!-- made by `course report` from here -->", "<!-- to here -->"
_COLAB = "https://colab.research.google.com/github"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_COLUMNS = ["model", "parameters", "seconds"]
_INTRODUCTION = (
    "# Results\n\n"
    "This page is made by `course report` from the stored notebooks; nothing in it is typed by "
    "hand. Every claim of every lesson is here with the value that each framework measured and "
    "the bound that it must keep, then every model with its size, its time and its score. Times "
    "were measured on 2 cores without a GPU. Scores are for data that the model was not trained "
    "on.\n\n"
    "Each link opens the section of the notebook that shows the value. The words in code type are "
    "the name of the cell.\n"
)


def write_pages() -> list[Path]:
    """Write what this module makes, and return the paths.

    Raises
    ------
    CourseError
        As `results` and `with_links` do.
    """
    folder = project_root() / "notebooks"
    readme = folder / "README.md"
    contents = {
        folder / "RESULTS.md": results(),
        readme: with_links(readme.read_text(encoding="utf8")),
    }
    for path, text in contents.items():
        write_atomically(path, lambda part, text=text: part.write_bytes(text.encode("utf8")))
    return list(contents)


def with_links(page: str) -> str:
    """Return a page with new links to run each notebook online, between its two marks.

    Raises
    ------
    CourseError
        If the page has no marks.
    """
    before, start, rest = page.partition(_START)
    _, end, after = rest.partition(_END)
    if not end:
        raise CourseError(f"The page has no lines {_START!r} and {_END!r} to write between.")
    return f"{before}{start}\n\n{online(address())}\n\n{end}{after}"


def address() -> str:
    """Return the public address of the repository, as pyproject.toml states it."""
    text = (project_root() / "pyproject.toml").read_text(encoding="utf8")
    return tomllib.loads(text)["project"]["urls"]["Repository"]


def online(repository: str) -> str:
    """Return the links that open each notebook on Colab, and the course in two other places."""
    name = repository.removeprefix("https://github.com/")
    rows = []
    for lesson in lessons():
        paths = [f"notebooks/{lesson.folder.name}/{lesson.notebook(f).name}" for f in FRAMEWORKS]
        links = [f"[![Open in Colab]({_BADGE})]({_COLAB}/{name}/blob/main/{p})" for p in paths]
        rows.append([f"Lesson {int(lesson.number)}", *links])
    setup = f"!git clone --quiet --depth 1 {repository} course && pip install --quiet -e course"
    places = [
        f"[GitHub Codespaces](https://codespaces.new/{name}): everything is set up as by "
        "`make setup`; then run `make lab`.",
        f"[Binder](https://mybinder.org/v2/gh/{name}/main?labpath=notebooks): the TensorFlow "
        "notebooks, in a small machine; nothing is kept.",
    ]
    return "\n".join(
        [
            *_table(["lesson", *FRAMEWORKS.values()], rows),
            "\nColab has both frameworks, but not this course: add a cell at the top with this "
            "line, run it, choose Runtime, Restart session, and go on with the first cell.\n",
            "```text",
            setup,
            "```\n",
            *(f"- {place}" for place in places),
        ]
    )


def results() -> str:
    """Return the page of results of all lessons that are built in both frameworks.

    Raises
    ------
    CourseError
        If the notebooks of a lesson claim different things, or one prints no table of models.
    """
    built = [
        lesson
        for lesson in lessons()
        if all(lesson.notebook(framework).is_file() for framework in FRAMEWORKS)
    ]
    return "\n".join([_INTRODUCTION, *(_section(lesson) for lesson in built)])


def _section(lesson: Lesson) -> str:
    """Return what the page says of one lesson."""
    twins = {
        framework: nbformat.read(lesson.notebook(framework), as_version=4)
        for framework in FRAMEWORKS
    }
    title = headings("\n".join(c.source for c in twins["pytorch"].cells))[0]
    title = title.removesuffix(f", in {FRAMEWORKS['pytorch']}")
    lines = [f"## {title}", "", *_claims(lesson, twins), "", *_models(lesson, twins)]
    return "\n".join(lines) + "\n"


def _claims(lesson: Lesson, twins: dict[str, NotebookNode]) -> list[str]:
    """Return the table of claims."""
    made = {framework: _made(notebook) for framework, notebook in twins.items()}
    first, second = made.values()
    if first.keys() != second.keys():
        raise CourseError(f"The notebooks of lesson {lesson.number} claim different things.")
    rows = []
    for key in first:
        values = [_value(made[framework][key]) for framework in FRAMEWORKS]
        links = [
            f"[{name}]({lesson.folder.name}/{lesson.notebook(f).name}#{made[f][key]['section']})"
            for f, name in FRAMEWORKS.items()
        ]
        one = first[key]
        place = f"`{one['cell']}`: {', '.join(links)}"
        rows.append([one["id"], one["statement"], *values, _bound(one), place])
    return _table(["claim", "what is measured", *FRAMEWORKS.values(), "bound", "shown in"], rows)


def _made(notebook: NotebookNode) -> dict[tuple, dict]:
    """Return the records of all claims, with the cell and the section that make them."""
    found, section = {}, ""
    for cell in notebook.cells:
        titles = headings(cell.source) if cell.cell_type == "markdown" else []
        section = anchor(titles[-1]) if titles else section
        for record in records(cell):
            key = (record["id"], record["statement"])
            found[key] = record | {"cell": cell.id, "section": section}
    return found


def _value(record: dict) -> str:
    value = record["value"]
    return f"{f'{value:,.0f}' if abs(value) >= 1e4 else shown(value)} {record['unit']}".rstrip()


def _bound(record: dict) -> str:
    sides = [("at_least", "at least"), ("at_most", "at most")]
    return ", ".join(f"{words} {record[key]:g}" for key, words in sides if record[key] is not None)


def _models(lesson: Lesson, twins: dict[str, NotebookNode]) -> list[str]:
    """Return the table of models, the seconds and scores of both frameworks side by side."""
    tables = [_printed(lesson, notebook) for notebook in twins.values()]
    if [row[0] for row in tables[0]] != [row[0] for row in tables[1]]:
        raise CourseError(f"The notebooks of lesson {lesson.number} list different models.")
    rows = [
        [name, size, seconds, other_seconds, score, other_score]
        for (name, size, seconds, score), (_, _, other_seconds, other_score) in zip(
            *tables, strict=True
        )
    ]
    names = list(FRAMEWORKS.values())
    measures = [f"{what}, {name}" for what in ("seconds", "score") for name in names]
    return _table(["model", "parameters", *measures], rows)


def _printed(lesson: Lesson, notebook: NotebookNode) -> list[tuple[str, str, str, str]]:
    """Return the models that a notebook's summary prints: name, parameters, seconds, score."""
    cells = [cell for cell in notebook.cells if cell.id == SUMMARY]
    text = "".join(o.get("text", "") for cell in cells for o in cell.get("outputs", []))
    lines = text.rstrip().splitlines()
    if not lines or lines[0].split()[:3] != _COLUMNS:
        raise CourseError(
            f"Lesson {lesson.number} prints no table of models: name a cell {SUMMARY!r}, and let "
            f"its first line begin with {', '.join(_COLUMNS)}."
        )
    return [models_row(lines[0], line) for line in lines[1:]]


def models_row(header: str, line: str) -> tuple[str, str, str, str]:
    """Split a line of a printed table of models: name, parameters, seconds, score.

    Parameters
    ----------
    header : str
        The first line of the table. The numbers below "parameters" and "seconds" end where the
        words end; so do those of several scores. A single score may be text that goes on.
    """
    ends = {word: header.index(word) + len(word) for word in _COLUMNS[1:]}
    start, seconds = line[: ends["parameters"]], line[ends["parameters"] : ends["seconds"]]
    name, size = re.fullmatch(r"(.*?)(?:\s{2,}([\d,]+))?\s*", start).groups()
    return name, size or "", seconds.strip(), _score(header, line, ends["seconds"])


def _score(header: str, line: str, begin: int) -> str:
    """Return the score after the seconds; several scores stand with their names."""
    columns = list(re.finditer(r"\S+(?: \S+)*", header[begin:]))
    if len(columns) < 2:
        return line[begin:].strip()
    found, start = [], begin
    for column in columns:
        end = begin + column.end()
        value = line[start:end].strip()
        found += [f"{column[0]} {value}"] if value else []
        start = end
    return ", ".join(found)


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *body)]
