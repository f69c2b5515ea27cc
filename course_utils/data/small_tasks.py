"""Three small tasks made from docstrings, split by library, so that no name is learned by heart."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from course_utils.data.docstrings import Documented, documented
from course_utils.data.functions import name_words
from course_utils.data.installed import version_of, without_markup
from course_utils.data.published import summary
from course_utils.data.splits import Splits
from course_utils.text.arguments import checked

PASSAGE = 80  # words
_STANDARD = "standard library"
_NEAR = 1_000  # characters, of which a passage has its words

# The name to import -> the name to install; the standard library has neither.
_PARTS: dict[str, dict[str | None, str | None]] = {
    "train": {
        None: None,
        "numpy": "numpy",
        "scipy": "scipy",
        "numba": "numba",
        "IPython": "ipython",
        "gensim": "gensim",
        "PIL": "pillow",
        "fontTools": "fonttools",
        "tornado": "tornado",
    },
    "validation": {"sklearn": "scikit-learn"},
    "test": {"matplotlib": "matplotlib", "networkx": "networkx"},
}
_WORD = re.compile(r"\w+(?:[.+-]\w+)*|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s")
# The description of parameters: "name : type" or "name, name : type", and the lines below it.
_ENTRY = re.compile(
    r"^([ \t]*)(?P<names>\*{0,2}\w+(?:, *\*{0,2}\w+)*) ?:[ \t]*\S.*(?:\n+\1[ \t]+.*)*", re.M
)
_HEADING_LINE = re.compile(r"^[ \t]*[-=~^]{3,}[ \t]*$", re.M)
_CODE = re.compile(r"``([^`]+)``")
_NO_TEXT = re.compile(r"^\s*(>>>|\.\. )", re.M)  # a block of examples, or a directive


@dataclass(frozen=True)
class FunctionPairs:
    """Functions and classes, each with the first sentence of its docstring.

    Attributes
    ----------
    libraries : list of str
    names : list of str
        The words of its name, and of its parameters in parentheses: "shortest path (G, source)".
    sentences : list of str
    """

    libraries: list[str]
    names: list[str]
    sentences: list[str]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class DocstringQuestions:
    """Questions whose answers stand in a passage.

    Attributes
    ----------
    libraries : list of str
    kinds : list of str
        "default": what the default of a parameter is, as the signature says. "raised": which
        exception is raised, as the code says.
    asked : list of str
        The parameter that is asked about, or "".
    passages : list of list of str
        80 words of a docstring at most, punctuation marks counted as words.
    answers : list of list of [int, int]
        The first and the last word of each place where the right answer stands.
    """

    libraries: list[str]
    kinds: list[str]
    asked: list[str]
    passages: list[list[str]]
    answers: list[list[list[int]]]

    def __len__(self) -> int:
        return len(self.passages)

    @property
    def questions(self) -> list[str]:
        """Each question as a sentence."""
        return [f"What is the default of {name}?" if name else "What is raised?"
                for name in self.asked]  # fmt: skip


@dataclass(frozen=True)
class CodeWords:
    """Paragraphs of docstrings, without marks, and which words stood in double backquotes.

    Attributes
    ----------
    libraries : list of str
    paragraphs : list of list of str
        80 words at most, punctuation marks counted as words.
    marked : list of list of bool
        Whether each word stood in double backquotes.
    """

    libraries: list[str]
    paragraphs: list[list[str]]
    marked: list[list[bool]]

    def __len__(self) -> int:
        return len(self.paragraphs)


Task = TypeVar("Task", FunctionPairs, DocstringQuestions, CodeWords)


def function_pairs() -> Splits[FunctionPairs]:
    """Return functions and classes with the first sentences of their docstrings.

    No name and no sentence occurs twice in a part, and each sentence has four words or more.

    Raises
    ------
    DataError
        If one of the libraries is not installed.
    """

    def pairs(found: list[Documented]) -> list[tuple]:
        rows: dict[str, str] = {}
        for item in found:
            sentence = _SENTENCE_END.split(summary(item.docstring))[0]
            if not item.is_method and len(sentence.split()) >= 4:
                inside = ", ".join(name_words(name) for name in item.parameters)
                rows.setdefault(f"{name_words(item.name.rpartition('.')[2])} ({inside})", sentence)
        sentences: dict[str, str] = {}
        for name, sentence in rows.items():
            sentences.setdefault(sentence, name)
        return [(name, sentence) for sentence, name in sentences.items()]

    return _splits(FunctionPairs, pairs)


def docstring_questions() -> Splits[DocstringQuestions]:
    """Return questions about defaults and exceptions, each with a passage that has the answer.

    What is right comes from the code and not from the wording of the docstring: the default stands
    in the signature, the exception after `raise`. Left out are defaults that the description of
    the parameter does not name, and exceptions that the docstring does not name.

    Raises
    ------
    DataError
        If one of the libraries is not installed.
    """

    def questions(found: list[Documented]) -> list[tuple]:
        rows: dict[tuple, tuple] = {}  # no passage twice
        rng = np.random.default_rng(0)
        for item in found:
            for row in [*_defaults(item, rng), *_exceptions(item, rng)]:
                rows.setdefault((row[1], *row[2]), row)
        return list(rows.values())

    return _splits(DocstringQuestions, questions)


def code_words() -> Splits[CodeWords]:
    """Return paragraphs in which words stood in double backquotes; the marks are gone.

    Raises
    ------
    DataError
        If one of the libraries is not installed.
    """

    def marked(found: list[Documented]) -> list[tuple]:
        rows: dict[tuple, tuple] = {}  # no paragraph twice
        for item in found:
            for block in re.split(r"\n\s*\n", item.docstring):
                if _CODE.search(block) and not _NO_TEXT.search(block):
                    words, labels = _without_marks(block)
                    rows.setdefault(tuple(words), (words[:PASSAGE], labels[:PASSAGE]))
        return list(rows.values())

    return _splits(CodeWords, marked)


@checked
def words_of(text: str) -> list[str]:
    """Return the words of a text: "k-means", "1e-3" and "np.sum" are one word, marks are each one.

    Raises
    ------
    InputError
        If this is no string.
    """
    return _WORD.findall(text)


def _splits(make: type[Task], rows_of: Callable[[list[Documented]], list[tuple]]) -> Splits[Task]:
    """Put together what `rows_of` finds in each library of each part."""
    parts: dict[str, Task] = {
        part: make(*map(list, zip(*_rows(libraries, rows_of), strict=True)))
        for part, libraries in _PARTS.items()
    }
    versions = [
        f"{package or _STANDARD} {version_of(package)}"
        for libraries in _PARTS.values()
        for package in libraries.values()
    ]
    return Splits(**parts, source=f"documentation of {', '.join(versions)}")


def _rows(
    libraries: dict[str | None, str | None], rows_of: Callable[[list[Documented]], list[tuple]]
) -> list[tuple]:
    """Return what is found in each library, with its name in front."""
    return [
        (package or _STANDARD, *row)
        for module, package in libraries.items()
        for row in rows_of(documented(module, package))
    ]


def _plain_words(text: str) -> list[str]:
    return words_of(without_markup(_HEADING_LINE.sub("", text)))


def _without_marks(block: str) -> tuple[list[str], list[bool]]:
    """Return the words of a paragraph, and which of them stood in double backquotes."""
    words: list[str] = []
    labels: list[bool] = []
    for i, part in enumerate(_CODE.split(block)):  # every second part stood in marks
        found = words_of(part) if i % 2 else _plain_words(part)
        words, labels = words + found, labels + [i % 2 == 1] * len(found)
    return words, labels


def _defaults(item: Documented, rng: np.random.Generator) -> list[tuple]:
    """Return (kind, parameter, passage, answers) for each default that its description names."""
    rows = []
    entries = {
        name.strip(" *"): entry.span()
        for entry in reversed([*_ENTRY.finditer(item.docstring)])  # the first one counts
        for name in entry["names"].split(",")
    }
    for name, default in item.parameters.items():
        wanted = words_of(default.strip("'\""))
        if wanted and name in entries:
            words, start, end = _passage(item.docstring, *entries[name], rng)
            answers = [place for place in _places(words, wanted) if start <= place[0] < end]
            if answers:
                rows.append(("default", name, words, answers))
    return rows


def _exceptions(item: Documented, rng: np.random.Generator) -> list[tuple]:
    """Return (kind, "", passage, answers) if the docstring names what the code raises."""
    for name in item.raised:
        mention = re.search(rf"\b{name}\b", item.docstring)
        if mention:
            words = _passage(item.docstring, *mention.span(), rng)[0]
            answers = [place for other in item.raised for place in _places(words, [other])]
            return [("raised", "", words, sorted(answers))] if answers else []
    return []


def _passage(
    text: str, first: int, last: int, rng: np.random.Generator
) -> tuple[list[str], int, int]:
    """Return words around the characters from `first` to `last`, and where these begin and end."""
    around = (text[max(0, first - _NEAR) : first], text[first:last], text[last : last + _NEAR])
    before, inside, after = map(_plain_words, around)
    inside = inside[: PASSAGE // 2]
    n_before = min(len(before), int(rng.integers(PASSAGE - len(inside) + 1)))
    words = [*before[len(before) - n_before :], *inside, *after]
    return words[:PASSAGE], n_before, n_before + len(inside)


def _places(words: list[str], wanted: list[str]) -> list[list[int]]:
    """Return the first and the last word of each place where `wanted` stands."""
    n = len(wanted)
    return [[i, i + n - 1] for i in range(len(words) - n + 1) if words[i : i + n] == wanted]
