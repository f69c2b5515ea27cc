"""Read a lesson's source and make the notebook of one framework from it, not yet executed."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from course_utils.classroom.claims import legend
from course_utils.classroom.markdown import headings
from course_utils.course import FRAMEWORKS, Lesson, front_matter, lessons, title
from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_yaml
from course_utils.tools.lessons.closing import page_to_remember, questionnaire_text
from course_utils.tools.lessons.deeper import DEEPER, is_deeper, with_deeper_parts

_TAG = re.compile(
    r"pytorch|tensorflow|parameters|exercise|solution|trap|nbval-check-output|claim-[A-Z]\d+"
)


_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


_FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$")


_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what the notebook format allows


_RUN_TIME = "{{run_time}}"


_QUIZZES = {"quiz_before": "before", "quiz_after": "after"}


_SIGNS = """\
A line that begins with one of these signs is a claim{ids}. It shows the value and the bound that \
the value must keep. If the value misses the bound, the cell fails.

{legend}"""


_MARK = f'A heading that begins with "{DEEPER.strip()}" opens a part that you can skip.'


_LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}


def assemble(
    lesson: Lesson, framework: str, seconds: float | None = None, *, answers: bool = True
) -> NotebookNode:
    """Return the notebook of one framework without outputs.

    Parameters
    ----------
    lesson : Lesson
    framework : {"pytorch", "tensorflow"}
    seconds : float, optional
        How long the notebook ran, for the text to say.
    answers : bool
        Keep the solutions, and the answers to quizzes that are written as text.

    Raises
    ------
    CourseError
        If the source cannot be read, or has an unknown tag, a claim twice, a solution without an
        exercise, a cell name that is taken or not allowed, or a {{name}} that nothing fills in.
    """
    notebook = draft(lesson, framework, answers=answers)
    set_run_time(notebook, seconds)
    return notebook


def draft(lesson: Lesson, framework: str, *, answers: bool = True) -> NotebookNode:
    """Return the notebook that `assemble` makes, its {{run_time}} still open.

    Raises
    ------
    CourseError
        As `assemble` does.
    """
    cells = own_cells(lesson, framework)
    other = next(name for name in FRAMEWORKS if name != framework)
    words = {
        "framework": FRAMEWORKS[framework],
        "twin": FRAMEWORKS[other],
        "twin_notebook": lesson.notebook(other).name,
        "framework_module": framework,
        "run_time": _RUN_TIME,
        "hours": front_matter(lesson).hours,
        "where_things_are": _where_things_are(lesson, framework, other),
        "signs": _signs(lesson, skippable=any(map(is_deeper, cells))),
        "objectives": _objectives(lesson),
    }
    kept = [
        _cell(cell, lesson, words, answers)
        for cell in cells
        if answers or "solution" not in _tags(cell)
    ]
    course = {"lesson": lesson.number, "framework": framework, "seconds": None}
    metadata = {"kernelspec": _KERNEL, "language_info": _LANGUAGE, "course": course}
    return nbformat.v4.new_notebook(cells=kept, metadata=metadata)


def own_cells(lesson: Lesson, framework: str) -> list[NotebookNode]:
    """Return the cells of a framework's notebook as the source has them, each with its id.

    Raises
    ------
    CourseError
        As `assemble` does.
    """
    cells = with_deeper_parts(_read(lesson))
    for cell, identifier in zip(cells, _cell_ids(lesson, cells), strict=True):
        cell.id = identifier
    others = set(FRAMEWORKS) - {framework}
    return [cell for cell in cells if not others & _tags(cell)]


def _where_things_are(lesson: Lesson, framework: str, other: str) -> str:
    """Return the line with the links to the other notebook, the course and the lessons around."""
    known = lessons()
    place = known.index(lesson)
    before = [f"Before it comes {_link(one, framework)}." for one in known[:place][-1:]]
    after = [f"After it comes {_link(one, framework)}." for one in known[place + 1 :][:1]]
    return " ".join(
        [
            f"**Where things are:** the same lesson in {FRAMEWORKS[other]} is "
            f"[here]({lesson.notebook(other).name}). The course page is [here](../README.md).",
            *before,
            *(after or ["This is the last lesson."]),
        ]
    )


def _link(lesson: Lesson, framework: str) -> str:
    path = f"../{lesson.folder.name}/{lesson.notebook(framework).name}"
    return f"[lesson {int(lesson.number)}, {title(lesson)}]({path})"


def _objectives(lesson: Lesson) -> str:
    """Return the list of what one can do after the lesson."""
    lines = [f"- {one.can}" for one in front_matter(lesson).objectives.values()]
    return ";\n".join(lines) + "."


def _signs(lesson: Lesson, skippable: bool) -> str:
    """Return what the signs before claims mean, with the lesson's ids, and what `Deeper:` says."""
    claims = front_matter(lesson).claims
    ids = f" ({', '.join([*claims[:2], '...'])})" if len(claims) > 2 else ""
    signs = _SIGNS.format(ids=ids, legend=legend())
    return f"{signs}\n\n{_MARK}" if skippable else signs


def set_run_time(notebook: NotebookNode, seconds: float | None) -> None:
    """Fill in how long a notebook ran, in its text and its metadata."""
    notebook.metadata.course.seconds = seconds
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(_RUN_TIME, humanize(seconds))


def humanize(seconds: float | None) -> str:
    """Return a time as people say it: to 5 seconds below a minute and a half, else in minutes."""
    if seconds is None:
        return "about a minute"
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} seconds"
    return f"about {round(seconds / 30) / 2:g} minutes"


def parameters(notebook: NotebookNode) -> list[str]:
    """Return the names that the parameters cell sets, in order.

    Raises
    ------
    CourseError
        If the cell is no Python.
    """
    cell = next((c for c in notebook.cells if "parameters" in _tags(c)), None)
    try:
        statements = ast.parse(cell.source).body if cell else []
    except (SyntaxError, ValueError, RecursionError) as error:
        raise CourseError(f"The cell of the parameters is no Python: {error}.") from None
    return [
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _open(lesson: Lesson) -> NotebookNode:
    import jupytext

    text = read_text(lesson.source)
    front_matter(lesson)  # says what is wrong with it, and in which line
    title(lesson)  # an empty file would make empty notebooks
    for line, problem in fence_problems(text):
        raise CourseError(f"{lesson.source.name}, line {line}: {problem}")
    _check_options(lesson.source.name, text)
    try:
        return jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # jupytext, yaml and nbformat each have their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CourseError(f"{lesson.source.name} cannot be read as MyST: {reason}") from None


def fence_problems(text: str) -> Iterator[tuple[int, str]]:
    """Return what is wrong with the lines that begin and end cells, each with its line."""
    opened: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        found = _FENCE.match(line)
        if found is None:
            continue
        mark, told = found.groups()
        if opened is None:
            opened = number, mark
            if told.startswith("{") and not re.match(r"\{code-cell\}( \w+)?\s*$", told):
                yield (
                    number,
                    f"{told} is unknown here: a cell begins with ```{{code-cell}} ipython3.",
                )
        elif mark[0] == opened[1][0] and len(mark) >= len(opened[1]):
            if not told.strip():
                opened = None
            elif told.startswith("{"):
                yield opened[0], f"what begins here does not end before line {number}: write ```."
    if opened is not None:
        yield opened[0], "what begins here does not end: write ```."


def _place_of(cell: NotebookNode, position: int, text: str) -> str:
    """Return where a cell stands: its number, its name or first words, and its line if known."""
    first = next(iter(cell.source.splitlines()), "")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line == first]
    line = f", line {lines[0]}" if first.strip() and len(lines) == 1 else ""
    return f"cell {position + 1} ({cell.metadata.get('name') or cell.source[:40]!r}){line}"


def _check_options(name: str, text: str) -> None:
    """Look at the options of each cell, which stand between lines of ---, and name their line."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not re.match(r"`{3,}\{code-cell\}", line) or lines[number : number + 1] != ["---"]:
            continue
        if "---" not in lines[number + 1 :]:
            raise CourseError(f"{name}, line {number}: the options of this cell do not end: ---.")
        end = lines.index("---", number + 1)
        place = f"{name}: what stands under line {number}"
        options = read_yaml("\n".join(lines[number + 1 : end]), place, number + 2)
        for problem in _option_problems(options):
            raise CourseError(f"{name}, line {number}: {problem}")


def _option_problems(metadata: dict) -> list[str]:
    """Return what is wrong with the options of a cell."""
    found = [f"unknown option {key!r}." for key in metadata if key not in ("name", "tags")]
    tags = metadata.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        found.append(f"`tags` must be a list such as [exercise], not {tags!r}.")
    if not isinstance(metadata.get("name", ""), str):
        found.append(f"`name` must be a text, not {metadata['name']!r}.")
    return found


def _read(lesson: Lesson) -> list[NotebookNode]:
    """Return the cells of the source, their options and tags checked."""
    cells, text = _open(lesson).cells, read_text(lesson.source)
    claims: Counter[tuple[str, str]] = Counter()
    exercises = 0
    for position, cell in enumerate(cells):
        where = _place_of(cell, position, text)
        for problem in _option_problems(cell.metadata):
            raise CourseError(f"{lesson.source.name}, {where}: {problem}")
        tags = _tags(cell)
        for tag in tags:
            if not _TAG.fullmatch(tag):
                raise CourseError(f"{lesson.source.name}, {where}: unknown tag {tag!r}.")
        if {"pytorch", "tensorflow"} <= tags:
            raise CourseError(
                f"{lesson.source.name}, {where}: a cell for both frameworks needs no framework tag."
            )
        exercises += "exercise" in tags
        if "solution" in tags and not exercises:
            raise CourseError(f"{lesson.source.name}, {where}: a solution before any exercise.")
        frameworks = tags & set(FRAMEWORKS) or set(FRAMEWORKS)
        claims.update(
            (tag, name) for tag in tags if tag.startswith("claim-") for name in frameworks
        )
    for (tag, framework), times in claims.items():
        if times > 1:
            raise CourseError(f"{lesson.source.name}: {tag} tags {times} cells in {framework}.")
    return cells


def _cell_ids(lesson: Lesson, cells: list[NotebookNode]) -> list[str]:
    """Name each cell after its `name`, or its section and place, so that rebuilds agree."""
    ids, section, place = [], "start", 0
    for cell in cells:
        markdown = cell.cell_type == "markdown"
        titles = headings(cell.source) if markdown else []
        if titles:
            section, place = re.sub(r"[^a-z0-9]+", "-", titles[-1].lower()).strip("-")[:50], 0
        ids.append(cell.metadata.get("name") or f"{section}-{place}")
        place += 1
    invalid = [name for name in ids if not _CELL_ID.fullmatch(str(name))]
    if invalid:
        raise CourseError(
            f"{lesson.source.name}: a cell cannot be named {invalid[0]!r}: "
            "use at most 64 letters, digits, - and _."
        )
    twice = [name for name, times in Counter(ids).items() if times > 1]
    if twice:
        raise CourseError(
            f"{lesson.source.name}: Two cells have the name {twice[0]!r}: give each its own."
        )
    return ids


def _cell(cell: NotebookNode, lesson: Lesson, words: dict, answers: bool) -> NotebookNode:
    tags = sorted(_tags(cell))
    metadata: dict[str, object] = {"tags": tags} if tags else {}
    if cell.cell_type == "markdown":
        source = _fill(cell.source, lesson, words, answers)
        return nbformat.v4.new_markdown_cell(source, id=cell.id, metadata=metadata)
    if "solution" in tags:
        metadata |= {"jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(cell.source, id=cell.id, metadata=metadata)


def _fill(text: str, lesson: Lesson, words: dict[str, str], answers: bool) -> str:
    """Replace {{name}} by the words of this notebook."""
    from course_utils.classroom.quizzes import as_text

    def replace(match: re.Match) -> str:
        name = match[1]
        if name in words:
            return words[name]
        if name in _QUIZZES:
            return as_text(lesson.number, _QUIZZES[name], answers=answers)
        if name == "questionnaire":
            return questionnaire_text(lesson)
        if name == "remember":  # below a heading of the lesson, so without its own title
            return page_to_remember(lesson, words["framework_module"]).partition("\n")[2].strip()
        line = read_text(lesson.source).partition(match[0])[0].count("\n") + 1
        raise CourseError(
            f"{lesson.source.name} uses {match[0]}, which nothing fills in (line {line})."
        )

    return re.sub(r"\{\{ *([\w-]+) *\}\}", replace, text)


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))
