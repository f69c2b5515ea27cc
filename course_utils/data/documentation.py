"""Real English and real code that is on every learner's machine: the installed libraries' own.

Docstrings are found with `ast` in the source files. Nothing is imported or run. Only packages that
the course itself installs are read, so that the PyTorch and the TensorFlow notebooks train on the
same text.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from course_utils.data.installed import (
    kept_in_cache,
    package_root,
    python_files,
    version_of,
    without_markup,
)
from course_utils.data.splits import TextDataset
from course_utils.errors import DataError, InputError
from course_utils.training.bars import progress

TEXTS_PER_CLASS = 1_100
MINIMUM_WORDS = 12

# Class -> (name to import, name to install). The standard library has neither.
_LIBRARIES = {
    "scikit-learn": ("sklearn", "scikit-learn"),
    "matplotlib": ("matplotlib", "matplotlib"),
    "networkx": ("networkx", "networkx"),
    "standard library": (None, None),
    "numpy": ("numpy", "numpy"),
    "scipy": ("scipy", "scipy"),
    "IPython": ("IPython", "ipython"),
    "numba": ("numba", "numba"),
}
# Long names are masked inside longer words too (NetworkXError), short ones only on their own.
_NAMES = re.compile(
    r"scikit-?learn|sklearn|matplotlib|networkx|numpy|scipy|ipython|numba"
    r"|(?<![a-z])(?:c?python|pyplot|mpl|plt|nx|np)(?![a-z])",
    re.I,
)

# The packages of the running text, beside the standard library: import name -> name to install.
_RUNNING = {
    "sklearn": "scikit-learn",
    "matplotlib": "matplotlib",
    "networkx": "networkx",
    "numpy": "numpy",
    "scipy": "scipy",
    "gensim": "gensim",
    "numba": "numba",
    "IPython": "ipython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "fontTools": "fonttools",
    "jinja2": "jinja2",
    "joblib": "joblib",
    "jupyter_client": "jupyter_client",
    "packaging": "packaging",
    "pygments": "pygments",
    "pynndescent": "pynndescent",
    "pyparsing": "pyparsing",
    "smart_open": "smart_open",
    "tornado": "tornado",
    "traitlets": "traitlets",
    "umap": "umap-learn",
    "urllib3": "urllib3",
    "zmq": "pyzmq",
}
# Files whose documentation stands in plain strings: the language reference, compiled functions.
_STRING_FILES = {"topics.py", "_add_newdocs.py", "_add_newdocs_scalars.py"}

_NO_CODE = re.compile(r"pydoc_data/|encodings/|_sysconfigdata|LICENSE")
_HEADING = re.compile(r"^[ \t]*(\S.*)\n[ \t]*[-=~^]{3,}[ \t]*$", re.M)
_LISTS = re.compile(
    r"(other )?parameters|returns|yields|receives|raises|warns|(class )?attributes|methods"
    r"|see also|references|examples?",
    re.I,
)
_SIGNATURE = re.compile(r"^[ \t]*\*{0,2}[\w.]+(?:, *\*{0,2}[\w.]+)* : .*$", re.M)  # name : type
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\.|[-=~^*]{3,}|\.\. |:\w+|@\w+|\||\+-)|%\(\w+\)|\\\w+", re.M)
_LIST = re.compile(r"^\s*([-*+] |\d+[.)] |\w+( \w+)?:$)", re.M)  # items, and "Args:"
_NOT_LETTERS = re.compile(r"(?:[^\w ]|[\d_])+")
_COMMENTS = re.compile(r"(?:^[ \t]*#(?!!).*\n)+", re.M)


@dataclass(frozen=True)
class RunningText:
    """English sentences in reading order.

    Attributes
    ----------
    sentences : list of str
    n_words : int
    source : str
    """

    sentences: list[str]
    n_words: int
    source: str


@dataclass(frozen=True)
class Documents:
    """Whole texts, such as files, each with its name.

    Attributes
    ----------
    texts : list of str
    names : list of str
        Unique, and the same in every version of the data set that has the text.
    source : str
    """

    texts: list[str]
    names: list[str]
    source: str

    @property
    def text(self) -> str:
        """All texts, one after the other."""
        return "\n".join(self.texts)


def documentation(classes: int = 4) -> TextDataset:
    """Return documentation texts with the library that they come from as label.

    A text is the prose of one docstring: no code, no parameter lists, at least 12 words. The
    libraries' names are replaced by the word "library". Copies and near-copies are left out.

    Parameters
    ----------
    classes : {4, 8}

    Raises
    ------
    InputError
        If `classes` is neither 4 nor 8.
    DataError
        If one of the libraries is not installed, or the cache cannot be written.
    """
    if classes not in (4, 8):
        raise InputError(f"The documentation comes in 4 or 8 classes, not {classes!r}.")
    names = list(_LIBRARIES)[:classes]
    versions = {name: version_of(_LIBRARIES[name][1]) for name in names}
    texts_of = kept_in_cache(
        f"documentation-{classes}", versions, __file__, lambda: _labeled_texts(names)
    )
    texts = [text for name in names for text in texts_of[name]]
    labels = np.repeat(np.arange(len(names)), [len(texts_of[name]) for name in names])
    source = f"documentation of {', '.join(f'{name} {versions[name]}' for name in names)}"
    return TextDataset("documentation", texts, labels.astype(np.int64), names, source)


def running_text() -> RunningText:
    """Return at least 1.5 million words of English prose about software.

    They come from the docstrings of the installed packages, parameter descriptions included, from
    the standard library's language reference, and from comments in the source code that are
    whole sentences. No sentence of it occurs twice.

    Raises
    ------
    DataError
        If one of the main libraries is not installed, or the cache cannot be written.
    """
    versions = {"standard library": version_of(None)}
    for module, package in _RUNNING.items():
        if package in _LIBRARIES or find_spec(module) is not None:
            versions[module] = version_of(package)
    modules = list(versions)[1:]
    sentences = kept_in_cache(
        "running-text", versions, __file__, lambda: _running_sentences(modules)
    )
    n_words = sum(len(sentence.split()) for sentence in sentences)
    source = f"documentation and comments of the standard library and {len(modules)} packages"
    return RunningText(sentences, n_words, source)


def source_code() -> Documents:
    """Return the Python code of the standard library, file by file: more than 5 MB.

    Left out are tests, tables (the character sets in `encodings`, the help texts in `pydoc_data`)
    and settings of this machine.

    Raises
    ------
    DataError
        If the standard library's source files are not on this machine.
    """
    root = package_root(None)
    files = {path.relative_to(root).as_posix(): text for path, text in python_files(root)}
    code = {name: text for name, text in files.items() if not _NO_CODE.match(name)}
    return Documents([*code.values()], [*code], f"standard library of Python {version_of(None)}")


def language_reference() -> Documents:
    """Return the parts of Python's language reference that its `help` shows: plain English.

    Raises
    ------
    DataError
        If the standard library's source files are not on this machine, or lack the reference.
    """
    path = package_root(None) / "pydoc_data" / "topics.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf8"))
    except (OSError, SyntaxError):
        raise DataError(
            "This Python comes without its language reference (pydoc_data/topics.py): install "
            "Python from python.org, conda or your system's packages."
        ) from None
    topics = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):  # {topic: text, ...}; a long text may be a sum of strings
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:  # `**others` in a dict has no key
                    topics[ast.literal_eval(key)] = ast.literal_eval(value)
    names = sorted(topics)
    texts = [topics[name] for name in names]
    return Documents(texts, names, f"language reference of Python {version_of(None)}")


# --- finding prose ------------------------------------------------------------------------------


def _labeled_texts(names: list[str]) -> dict[str, list[str]]:
    texts_of, copies = {}, _Copies()
    for name in progress(names, "reading documentation", "library"):
        root = package_root(*_LIBRARIES[name])
        texts = [_NAMES.sub("library", " ".join(_prose(text))) for text in _docstrings(root)]
        long_enough = [text for text in texts if len(text.split()) >= MINIMUM_WORDS]
        fresh = [text for text in long_enough if copies.is_new(text)]
        chosen = np.random.default_rng(0).permutation(len(fresh))[:TEXTS_PER_CLASS]
        texts_of[name] = [fresh[i] for i in sorted(chosen)]
    return texts_of


class _Copies:
    """Remembers texts, to recognize copies and near-copies of them."""

    def __init__(self):
        self.openings: set[str] = set()
        self.runs: set[tuple[str, ...]] = set()

    def is_new(self, text: str, length: int = 6) -> bool:
        """Whether the first 200 characters and half of the six-word runs were not seen before."""
        words = re.findall(r"\w+", text.lower())
        runs = {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}
        opening = text[:200].lower()
        new = opening not in self.openings and len(runs & self.runs) < len(runs) / 2
        self.openings.add(opening)
        self.runs |= runs
        return new


def _running_sentences(modules: list[str]) -> list[str]:
    roots = [package_root(None)] + [package_root(module, _RUNNING[module]) for module in modules]
    sentences: dict[str, None] = {}  # keeps the order, and each sentence once
    for root in progress(roots, "reading documentation", "library"):
        for paragraph in _running(root):
            for sentence in re.split(r"(?<=[.!?]) +(?=[A-Z])", paragraph):
                if len(sentence.split()) > 2:
                    sentences[sentence] = None
    return list(sentences)


def _running(root: Path) -> Iterator[str]:
    """Yield the paragraphs of a package that make running text."""
    for text in _docstrings(root):
        for heading, body in _sections(text):
            if heading.lower() not in ("references", "see also", "examples"):
                yield from (p for p in _paragraphs(_SIGNATURE.sub("\n", body)) if _reads_well(p))
    for _, code in python_files(root):
        for block in _COMMENTS.findall(code):
            comment = "\n".join(line.strip().lstrip("#") for line in block.splitlines())
            yield from (p for p in _paragraphs(comment) if _is_prose(p))


def _prose(docstring: str) -> list[str]:
    """Return the paragraphs of plain English in a docstring."""
    return [
        paragraph
        for heading, body in _sections(docstring)
        if not _LISTS.fullmatch(heading.strip(" :"))
        for paragraph in _paragraphs(body, lists=False)
        if _is_prose(paragraph)
    ]


def _sections(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield (heading, body); the part before the first underlined heading has none."""
    parts = ["", *_HEADING.split(docstring)]
    yield from zip(parts[::2], parts[1::2], strict=True)


def _paragraphs(text: str, lists: bool = True) -> Iterator[str]:
    """Yield the paragraphs of a text without markup, each on one line; code is left out."""
    code_below = None  # indentation of the line whose "::" announced code
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        indentation = len(block) - len(block.lstrip(" "))
        if code_below is not None and indentation > code_below:
            continue
        code_below = indentation if block.endswith("::") else None
        listed = _SIGNATURE.search(block) or _LIST.search(block)
        if block.strip() and not _NOT_PROSE.search(block) and (lists or not listed):
            yield without_markup(block)


def _is_prose(paragraph: str) -> bool:
    """Whether a paragraph is a sentence or more of plain English."""
    return len(paragraph) >= 60 and paragraph[0].isupper() and _letters(paragraph) >= 0.85


def _reads_well(paragraph: str) -> bool:
    """As `_is_prose`, but short descriptions count as well."""
    return len(paragraph) >= 30 and _letters(paragraph) >= 0.8


def _letters(text: str) -> float:
    """Return the share of letters and spaces."""
    return 1 - sum(map(len, _NOT_LETTERS.findall(text))) / len(text)


# --- reading source files -----------------------------------------------------------------------


def _docstrings(root: Path) -> Iterator[str]:
    """Yield every docstring below a folder, and the strings that stand for docstrings."""
    for path, code in python_files(root):
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue
        yield from _docstrings_in(tree)
        if path.name in _STRING_FILES:
            yield from _long_strings(tree)


def _docstrings_in(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, going through statements only: expressions hold none."""
    documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        docstring = ast.get_docstring(node) if isinstance(node, documented) else None
        if docstring:
            yield docstring
        for part in ("cases", "handlers", "finalbody", "orelse", "body"):
            inner = getattr(node, part, None)
            if isinstance(inner, list):  # the body of a lambda is an expression
                waiting += reversed(inner)


def _long_strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 80:
            yield inspect.cleandoc(node.value)
