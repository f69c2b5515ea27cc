"""`course report`: what pages tell of the lessons, made from notebooks and front matters.

A run on a GPU stands beside them, if `notebooks/measured_gpu_pytorch.json` or `_tensorflow.json`
is there: what `make test-gpu` wrote.

`notebooks/RESULTS.md` has all claims and all models, `notebooks/KEPT_MODELS.md` the models whose
weights are stored. Between marks, `README.md` has the tables of
lessons, and `notebooks/README.md` has another one, the links that open each notebook online, and
what serves each objective.
"""

from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from course_utils.classroom.claims import (
    DEVICES,
    FAILED,
    KINDS,
    MIME as CLAIM,
    bounds_in_words,
    legend,
    shown,
)
from course_utils.classroom.markdown import anchor, escaped, headings
from course_utils.classroom.models import MIME, scores_in_words, size_and_seconds
from course_utils.course import (
    FRAMEWORKS,
    Lesson,
    front_matter,
    lessons,
    project_root,
    title,
    write_bytes,
)
from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_toml
from course_utils.tools.lessons.measured import read_measured
from course_utils.tools.lessons.objectives import served
from course_utils.tools.lessons.stored import read_notebook
from course_utils.tools.markdown_table import markdown_table
from course_utils.tools.recipes.table import kept_models

_START, _END = "<!-- made by `course report`: {} -->", "<!-- to here -->"
_COLAB = "https://colab.research.google.com/github"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_INTRODUCTION = (
    "# Results\n\n"
    "This page is made by `course report` from the stored notebooks; nothing in it is typed by "
    "hand. Every claim of every lesson is here with the value that each framework measured and "
    "the bound that it must keep, then every model with its size, its time and its score. Times "
    "were measured on 2 cores; a claim about time names its device. Scores are for data that the "
    "model was not trained on.\n\n"
    "The sign before a claim says what its value is:\n\n"
    f"{legend()}\n\n"
    "Each link opens the section of the notebook that shows the value. The words in code type are "
    "the name of the cell.\n"
)


def write_pages() -> list[Path]:
    """Write what this module makes, and return the paths.

    Raises
    ------
    CourseError
        As `results` and `filled` do.
    """
    root = project_root()
    contents = {root / "notebooks" / "RESULTS.md": results()}
    for name, parts in PARTS.items():
        contents[root / name] = filled(name, read_text(root / name), parts)
    contents[root / "notebooks" / "KEPT_MODELS.md"] = kept_models()
    for path, text in contents.items():
        write_bytes(path, text.encode("utf8"))
    return list(contents)


def filled(name: str, page: str, parts: dict[str, Callable[[], str]]) -> str:
    """Return a page with its parts made anew, each between its two marks.

    Parameters
    ----------
    name : str
        The page, for the error to say.
    parts : dict of str to callable
        What the mark says, and the function that makes the text.

    Raises
    ------
    CourseError
        If the page lacks the marks of a part.
    """
    for part, make in parts.items():
        start = _START.format(part)
        before, _, rest = page.partition(start)
        _, end, after = rest.partition(_END)
        if not end:
            raise CourseError(f"{name} has no lines {start!r} and {_END!r} to write between.")
        page = f"{before}{start}\n\n{make()}\n\n{end}{after}"
    return page


def _for_readers() -> str:
    """Return the table of lessons for `README.md`."""
    rows = []
    for lesson in lessons():
        told = front_matter(lesson)
        name = f"{int(lesson.number)} [{title(lesson)}](notebooks/README.md)"
        time = f"under {told.seconds} seconds" if told.seconds else ""
        rows.append([name, told.learn, time])
    return "\n".join(markdown_table(["lesson", "you learn", "time to run, 2 cores, no GPU"], rows))


def _for_teachers() -> str:
    """Return the table of lessons for the section of `README.md` about classes."""
    header = ["lesson", "hours alone", "a natural break is before", "it needs", "for other data",
              "assignment"]  # fmt: skip
    rows = []
    for lesson in lessons():
        told = front_matter(lesson)
        needed, more = (
            ", ".join(f"`{name}`" for name in names) for names in (told.downloads, told.standard)
        )
        link = f"[assignment](notebooks/{lesson.folder.name}/assignment.md)"
        name = f"{int(lesson.number)} {title(lesson)}"
        rows.append([name, told.hours, told.pause, needed or "nothing", more, link])
    return "\n".join(markdown_table(header, rows))


def _notebook_table() -> str:
    """Return the table of lessons for `notebooks/README.md`."""
    rows = []
    for lesson in lessons():
        folder = lesson.folder.name
        links = [f"[{name}]({folder}/{lesson.notebook(f).name})" for f, name in FRAMEWORKS.items()]
        links.append(f"[assignment]({folder}/assignment.md)")
        name = f"{int(lesson.number)} {title(lesson)}"
        rows.append([name, front_matter(lesson).about, ", ".join(links)])
    return "\n".join(markdown_table(["lesson", "what it is about", "notebooks"], rows))


def address() -> str:
    """Return the public address of the repository, as pyproject.toml states it.

    Raises
    ------
    CourseError
        If it states none.
    """
    path = project_root() / "pyproject.toml"
    try:
        return str(read_toml(path)["project"]["urls"]["Repository"])
    except (KeyError, TypeError):
        raise CourseError(f"{path} states no `Repository` under [project.urls].") from None


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
            *markdown_table(["lesson", *FRAMEWORKS.values()], rows),
            "\nColab has both frameworks, but not this course: add a cell at the top with this "
            "line, run it, choose Runtime, Restart session, and go on with the first cell.\n",
            "```text",
            setup,
            "```\n",
            *(f"- {place}" for place in places),
        ]
    )


def _objectives() -> str:
    """Return the table of what one can do after each lesson, and what serves it."""
    header = ["lesson", "after it you can", "sections", "exercises", "claims", "questions"]
    rows = []
    for lesson in lessons():
        for one in served(lesson).values():
            names = [
                ", ".join(name.removeprefix(f"{lesson.number}-") for name in found)
                for found in (one.exercises, one.claims, one.questions)
            ]
            sections = "; ".join(one.objective.sections)
            rows.append([str(int(lesson.number)), one.objective.can, sections, *names])
    return "\n".join(markdown_table(header, rows))


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"the lessons": _for_readers, "the lessons in a class": _for_teachers},
    "notebooks/README.md": {
        "the lessons": _notebook_table,
        "links to run online": lambda: online(address()),
        "the objectives": _objectives,
    },
}


def results() -> str:
    """Return the page of results of all lessons that are built in both frameworks.

    Raises
    ------
    CourseError
        If the notebooks of a lesson claim different things, or one records no models.
    """
    built = [
        lesson
        for lesson in lessons()
        if all(lesson.notebook(framework).is_file() for framework in FRAMEWORKS)
    ]
    runs = gpu_runs()
    sections = (_section(lesson, runs) for lesson in built)
    return "\n".join([_INTRODUCTION, _runs_in_words(runs), *sections])


def gpu_runs() -> dict[str, dict]:
    """Return the kept runs on a GPU, by the name of the notebook.

    Raises
    ------
    CourseError
        If a file of them is damaged.
    """
    paths = (project_root() / "notebooks" / f"measured_gpu_{name}.json" for name in FRAMEWORKS)
    return {k: run for path in paths if path.is_file() for k, run in read_measured(path).items()}


def _runs_in_words(runs: dict[str, dict]) -> str:
    """Return the table of the notebooks that ran on a GPU, or a sentence that none did."""
    if not runs:
        return "No run on a GPU is kept here: `make test-gpu` makes one.\n"
    header = ["notebook", "device", "date", "seconds", "GPU memory, MB", "claims that do not hold"]
    rows = []
    for name, run in runs.items():
        failed = [record["id"] for record in run["claims"] if not record["holds"]]
        failed += [f"broke: {run['broken']}"] if run["broken"] else []
        memory = f"{run.get('gpu_memory', 0) / 1e6:,.0f}"
        device, seconds = run["device"] or "unknown", f"{run['seconds']:.0f}"
        rows.append([name, device, run["date"], seconds, memory, ", ".join(failed) or "none"])
    return "\n".join(["On a GPU:\n", *markdown_table(header, rows), ""])


def _section(lesson: Lesson, runs: dict[str, dict]) -> str:
    """Return what the page says of one lesson."""
    notebooks = {framework: read_notebook(lesson.notebook(framework)) for framework in FRAMEWORKS}
    heading = f"## Lesson {int(lesson.number)}: {title(lesson)}"
    lines = [heading, "", *_claims(lesson, notebooks, runs), "", *_models(lesson, notebooks)]
    return "\n".join(lines) + "\n"


def _claims(lesson: Lesson, notebooks: dict[str, NotebookNode], runs: dict[str, dict]) -> list[str]:
    """Return the table of claims, with what was measured on a GPU beside the stored values."""
    made = {f: _made(lesson.notebook(f).name, notebook) for f, notebook in notebooks.items()}
    first, second = made.values()
    if first.keys() != second.keys():
        raise CourseError(f"The notebooks of lesson {lesson.number} claim different things.")
    gpu = {
        f: {(r["id"], r["statement"]): r for r in runs[lesson.notebook(f).stem]["claims"]}
        for f in FRAMEWORKS
        if lesson.notebook(f).stem in runs
    }
    rows = []
    for key in first:
        values = [_value(made[framework][key]) for framework in FRAMEWORKS]
        values += [_gpu_value(gpu[framework].get(key)) for framework in gpu]
        links = [
            f"[{name}]({lesson.folder.name}/{lesson.notebook(f).name}#{made[f][key]['section']})"
            for f, name in FRAMEWORKS.items()
        ]
        one = first[key]
        place = f"`{one['cell']}`: {', '.join(links)}"
        rows.append(
            [
                f"{KINDS[one['kind']][0]} {one['id']}",
                escaped(one["statement"]),
                *map(escaped, values),
                bounds_in_words(one),
                place,
            ]
        )
    names = [*FRAMEWORKS.values(), *(f"{FRAMEWORKS[framework]}, GPU" for framework in gpu)]
    return markdown_table(["claim", "what is measured", *names, "bound", "shown in"], rows)


def _made(name: str, notebook: NotebookNode) -> dict[tuple, dict]:
    """Return the records of all claims, with the cell and the section that make them."""
    found, section = {}, ""
    for cell in notebook.cells:
        titles = headings(cell.source) if cell.cell_type == "markdown" else []
        section = anchor(titles[-1]) if titles else section
        for record in records(cell):
            if not _is_claim(record):
                raise CourseError(
                    f"{name}, cell {cell.id!r}: the record of a claim is damaged: "
                    "run `course build` again."
                )
            key = (record["id"], record["statement"])
            found[key] = record | {"cell": cell.id, "section": section}
    return found


def records(cell: NotebookNode) -> list[dict]:
    """Return what the claims of a cell recorded."""
    outputs = [output.get("data", {}) for output in cell.get("outputs", [])]
    return [data[CLAIM] for data in outputs if CLAIM in data]


def _is_claim(record: object) -> bool:
    """Whether a record has what `claim` writes for a claim that holds."""
    if not isinstance(record, dict):
        return False
    texts = [record.get(key) for key in ("id", "statement", "unit")]
    numbers = [record.get("value", ""), *(record.get(key) or 0 for key in ("at_least", "at_most"))]
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(number) in (int, float) for number in numbers)
        and {"at_least", "at_most"} <= set(record)
        and record.get("kind") in [*KINDS]
    )


def _value(record: dict) -> str:
    value = record["value"]
    number = f"{value:,.0f}" if abs(value) >= 1e4 else shown(value)
    where = DEVICES.get(record.get("device") or "")
    return " ".join(filter(None, [number, record["unit"], where]))


def _gpu_value(record: dict | None) -> str:
    """Return a value that a GPU measured, with a sign if its bound was missed; or nothing."""
    if record is None:
        return ""
    value = "not a number" if record["value"] is None else _value(record)
    return value if record["holds"] else f"{FAILED} {value}"


def _models(lesson: Lesson, notebooks: dict[str, NotebookNode]) -> list[str]:
    """Return the table of models, the seconds and scores of both frameworks side by side."""
    first, second = (_recorded(lesson, notebook) for notebook in notebooks.values())
    if [one["name"] for one in first] != [one["name"] for one in second]:
        raise CourseError(f"The notebooks of lesson {lesson.number} record different models.")
    rows = []
    for pair in zip(first, second, strict=True):
        sizes, seconds = zip(*map(size_and_seconds, pair), strict=True)
        scores = [escaped(scores_in_words(one)) for one in pair]
        rows.append([escaped(pair[0]["name"]), sizes[0], *seconds, *scores])
    names = list(FRAMEWORKS.values())
    measures = [f"{what}, {name}" for what in ("seconds", "score") for name in names]
    return markdown_table(["model", "parameters", *measures], rows)


def _recorded(lesson: Lesson, notebook: NotebookNode) -> list[dict]:
    """Return the records of all models of a notebook."""
    outputs = [output.get("data", {}) for c in notebook.cells for output in c.get("outputs", [])]
    stored = [data[MIME] for data in outputs if MIME in data]
    try:
        found = [record for one in stored for record in one["models"]]
        for record in found:
            size_and_seconds(record), scores_in_words(record), len(record["name"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CourseError(
            f"The record of the models in a notebook of lesson {lesson.number} is damaged: run "
            f"`course build {lesson.number} --run`."
        ) from None
    if not found:
        raise CourseError(
            f"A notebook of lesson {lesson.number} records no models: call `record_models` in its "
            f"summary, and run `course build {lesson.number}`."
        )
    return found
