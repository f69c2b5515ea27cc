"""The pattern of a lesson: what its core holds, counted, and where a lesson departs from it.

CONTRIBUTING.md says what the pattern is for. A lesson that follows it has `pattern: true` in its
front matter.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from course_utils.classroom.exercises import POINTS, find
from course_utils.classroom.markdown import split_at_headings
from course_utils.classroom.quizzes import PARTS, load_quiz
from course_utils.course import Lesson
from course_utils.errors import CourseError
from course_utils.tools.lessons.deeper import is_deeper
from course_utils.tools.lessons.names import borrowed
from course_utils.tools.lessons.source import own_cells

MOST_CELLS, MOST_WORDS = 60, 4000  # of the core
MOST_WIDTH, MOST_LINES = 88, 25  # of a cell
EXERCISES, QUESTIONS = 12, 20
KINDS = {"prediction": 2, "experiment": 2, "in the framework": 2}  # of the exercises, at least
_SHOW = {"show", "show_steps", "show_word_map", "interactive_map"}
_MORE_THAN_DRAWING = {"claim", "check", "fit", "quiz"}
_UNCOUNTED = ("Questionnaire", "One page to remember", "Further reading")  # sections
_NO_WORDS = re.compile(
    r"^(?P<fence>```|~~~).*?^(?P=fence)|\$\$.*?\$\$|\$[^$\n]+\$|\{\{.*?\}\}|(?<=\])\([^)]*\)"
    r"|<[^>\n]+>",
    re.M | re.S,
)


@dataclass(frozen=True)
class Counts:
    """What a lesson holds in one framework.

    Attributes
    ----------
    cells : int
        Code cells of the core, without stubs, solutions, quizzes and cells that only draw.
    words : int
        Words of the core, without the front matter, quizzes, questionnaire and reading list.
    in_exercises : int
        Those of them that stand under exercises.
    exercises, questions : int
        In the core and in deeper parts.
    """

    cells: int
    words: int
    in_exercises: int
    exercises: int
    questions: int

    def __str__(self) -> str:
        return (
            f"{self.cells} code cells and {self.words:,} words in the core ({self.in_exercises:,} "
            f"of them in exercises), {self.exercises} exercises, {self.questions} questions"
        )


@dataclass(frozen=True)
class _Piece:
    """A code cell, or the part of a text that begins with a heading, and that heading."""

    title: str
    cell: NotebookNode
    text: str

    @property
    def is_code(self) -> bool:
        return self.cell.cell_type == "code"

    @property
    def of_exercise(self) -> bool:
        return self.title.startswith("Exercise ")

    @property
    def tags(self) -> set[str]:
        return set(self.cell.metadata.get("tags", []))


def counts(lesson: Lesson, framework: str) -> Counts:
    """Count what a lesson holds in one framework.

    Raises
    ------
    CourseError
        If the source cannot be read, or a cell is no Python.
    """
    return _counted(lesson, _pieces(lesson, framework))


def departures(lesson: Lesson, framework: str) -> list[str]:
    """Return where a lesson departs from the pattern, each as a sentence.

    Raises
    ------
    CourseError
        If the source cannot be read, or a cell is no Python.
    """
    pieces = _pieces(lesson, framework)
    found = [*_too_much(_counted(lesson, pieces)), *_too_large(pieces), *_order(pieces)]
    found += [*_after_exercises(pieces), *_needed(pieces), *_exercises(pieces)]
    texts = "\n".join(piece.text for piece in pieces if not piece.is_code)
    found += [
        f"Nothing says {mark}: write it under the heading {heading!r}."
        for mark, heading in (("{{questionnaire}}", _UNCOUNTED[0]), ("{{remember}}", _UNCOUNTED[1]))
        if mark not in texts
    ]
    return found


def _pieces(lesson: Lesson, framework: str) -> list[_Piece]:
    title, found = "", []
    for cell in own_cells(lesson, framework):
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                raise CourseError(f"The cell {cell.id!r} is no Python: {error}.") from None
            found.append(_Piece(title, cell, cell.source))
            continue
        for _, heading, text in split_at_headings(cell.source):
            title = heading or title
            found.append(_Piece(title, cell, text))
    return found


def _counted(lesson: Lesson, pieces: list[_Piece]) -> Counts:
    core = [piece for piece in pieces if not is_deeper(piece.cell)]
    texts = [p for p in core if not p.is_code and p.title not in _UNCOUNTED]
    drawings = _drawings(core)
    cells = [
        piece
        for piece in core
        if piece.is_code
        and piece.cell.id not in drawings
        and not piece.tags & {"exercise", "solution"}
        and "quiz" not in _calls(piece.text)
    ]
    has_quiz = (lesson.folder / "quiz.toml").is_file()
    return Counts(
        len(cells),
        sum(map(_words, texts)),
        sum(_words(piece) for piece in texts if piece.of_exercise),
        len({name for name, _ in _asked(pieces)}),
        sum(len(load_quiz(lesson.number, part)) for part in PARTS if has_quiz),
    )


def _words(piece: _Piece) -> int:
    return len(re.findall(r"\S*[A-Za-z]\S*", _NO_WORDS.sub(" ", piece.text)))


def _calls(source: str) -> set[str]:
    """Return the names of the functions that a cell calls, without what stands before a dot."""
    called = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {getattr(one, "id", getattr(one, "attr", "")) for one in called}


def _drawings(core: list[_Piece]) -> set[str]:
    """Return the cells that only draw: they show a figure, and no cell that shows none needs them.

    A cell that also claims something or trains a model does more.
    """
    calls = {piece.cell.id: _calls(piece.text) for piece in core if piece.is_code}
    shown = {
        name for name, found in calls.items() if found & _SHOW and not found & _MORE_THAN_DRAWING
    }
    code = [piece for piece in core if piece.is_code]
    sources = [(piece.text, piece.cell.id in shown) for piece in code]
    return shown - {code[setter].cell.id for _, _, setter in borrowed(sources)}


def _too_much(held: Counts) -> Iterator[str]:
    if held.cells > MOST_CELLS:
        yield f"The core has {held.cells} code cells, more than {MOST_CELLS}."
    if held.words > MOST_WORDS:
        yield f"The core has {held.words:,} words, more than {MOST_WORDS:,}."
    if held.exercises < EXERCISES:
        yield f"There are {held.exercises} exercises, fewer than {EXERCISES}."
    if held.questions < QUESTIONS:
        yield f"There are {held.questions} questions, fewer than {QUESTIONS}."


def _too_large(pieces: list[_Piece]) -> Iterator[str]:
    for piece in pieces:
        if piece.is_code:
            lines = [line for line in piece.text.splitlines() if line.strip()]
            if len(lines) > MOST_LINES:
                yield f"{piece.cell.id}: {len(lines)} lines, more than {MOST_LINES}."
            width = max(map(len, lines), default=0)
            if width > MOST_WIDTH:
                yield f"{piece.cell.id}: a line of {width} characters, more than {MOST_WIDTH}."


def _order(pieces: list[_Piece]) -> Iterator[str]:
    """The reward stands in the first section, above parameters and all other sections."""
    shown = [place for place, p in enumerate(pieces) if p.is_code and _calls(p.text) & _SHOW]
    if not shown:
        yield "No cell shows a figure: the reward is missing."
        return
    above = pieces[: shown[0]]
    if any("parameters" in piece.tags for piece in above):
        yield "The parameters stand above the first figure: the reward comes first."
    sections = [piece.title for piece in above if not piece.is_code and piece.text.startswith("##")]
    if len(sections) > 1:
        yield f"Above the first figure stand {len(sections)} sections: the reward comes first."


def _after_exercises(pieces: list[_Piece]) -> Iterator[str]:
    """Below an exercise stand its stub and its solution, and at most one paragraph after them."""
    asked, paragraphs = False, 0
    for piece in pieces:
        if not piece.is_code and piece.text.startswith("#"):
            asked, paragraphs = False, 0
        elif piece.tags & {"exercise", "solution"}:
            asked = True
        elif asked and piece.of_exercise:
            paragraphs += len(re.split(r"\n\s*\n", piece.text.strip()))
            if piece.is_code or paragraphs > 1:
                yield f"{piece.cell.id}: the lesson goes on below {piece.title!r}: end it first."
                asked = False


def _needed(pieces: list[_Piece]) -> Iterator[str]:
    """Nothing in the core uses what a deeper part or an exercise defines."""
    code = [piece for piece in pieces if piece.is_code]
    for what, apart in (
        ("a deeper part", lambda piece: is_deeper(piece.cell)),
        ("an exercise", lambda piece: piece.of_exercise),
    ):
        kept = [p for p in code if what == "a deeper part" or not is_deeper(p.cell)]
        for reader, name, setter in borrowed([(p.text, apart(p)) for p in kept]):
            place = kept[reader].cell.id
            yield f"{place}: uses {name!r} of {kept[setter].cell.id!r}, which is in {what}."


def _asked(pieces: list[_Piece]) -> list[tuple[str, _Piece]]:
    """Return the exercises, each with its stub and its solutions."""
    cells = [piece for piece in pieces if piece.tags & {"exercise", "solution"}]
    return [(n, p) for p in cells for n in re.findall(r'^check\("([\w-]+)"', p.text, re.M)]


def _exercises(pieces: list[_Piece]) -> Iterator[str]:
    asked = _asked(pieces)
    found = Counter(find(name).kind for name in {name for name, _ in asked})
    found["in the framework"] = len(
        {name for name, p in asked if p.tags & {"pytorch", "tensorflow"} or find(name).framework}
    )
    for kind, wanted in KINDS.items():
        if found[kind] < wanted:
            yield f"Of the exercises {found[kind]} are of the kind {kind!r}, fewer than {wanted}."
    grades = {find(name).grade for name, _ in asked}
    for grade in POINTS.keys() - grades:
        yield f"No exercise has the grade {grade!r}."
