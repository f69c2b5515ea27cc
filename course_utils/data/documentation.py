"""Real English and real code that is on every learner's machine: the installed libraries' own.

Docstrings are found with `ast` in the source files. Nothing is imported or run. Only packages that
the course itself installs are read, so that the PyTorch and the TensorFlow notebooks train on the
same text.
"""

import ast
import gzip
import hashlib
import inspect
import json
import os
import re
import sys
import sysconfig
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from course_utils.data.splits import TextDataset
from course_utils.errors import DataError, InputError
from course_utils.files import write_atomically
from course_utils.paths import cache_dir
from course_utils.training import progress

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

_SKIPPED_FOLDERS = re.compile(
    r"tests?|testing|_?vendor(ed)?|_?externals?|(site|dist)-packages|idle_test|lib2to3|ensurepip"
)
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

# Markup -> what stays of it.
_MARKUP = [
    (re.compile(r":[\w:+.-]+:`([^`<]+?)\s*<[^`>]+>`"), r"\1"),  # :ref:`text <target>`
    (re.compile(r":[\w:+.-]+:`~(?:[^`]*\.)?([^`]+)`"), r"\1"),  # :class:`~package.Name`
    (re.compile(r"`~(?:[^`]*\.)?([^`]+)`"), r"\1"),  # `~package.Name`
    (re.compile(r":[\w:+.-]+:`([^`]+)`"), r"\1"),  # :class:`Name`
    (re.compile(r"`([^`<]+?)\s*<[^`>]+>`__?"), r"\1"),  # `text <address>`_
    (re.compile(r"<?\b(?:https?|ftp)://[^\s>]+>?"), ""),
    (re.compile(r"\s*\[\w+\]_|\s+\[\d+\]"), ""),  # references to literature
    (re.compile(r"(?<![\w*])\*{1,2}([^\s*](?:[^*]*[^\s*])?)\*{1,2}(?![\w*])"), r"\1"),
    (re.compile(r"`+_{0,2}|\$"), ""),
    (re.compile(r"::$"), ":"),
]


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
    versions = {name: _version(_LIBRARIES[name][1]) for name in names}
    texts_of = _cached(f"documentation-{classes}", versions, lambda: _labeled_texts(names))
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
    versions = {"standard library": _version(None)}
    for module, package in _RUNNING.items():
        if package in _LIBRARIES or find_spec(module) is not None:
            versions[module] = _version(package)
    modules = list(versions)[1:]
    sentences = _cached("running-text", versions, lambda: _running_sentences(modules))
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
    root = _root(None)
    files = {path.relative_to(root).as_posix(): text for path, text in _python_files(root)}
    code = {name: text for name, text in files.items() if not _NO_CODE.match(name)}
    return Documents([*code.values()], [*code], f"standard library of Python {_version(None)}")


def language_reference() -> Documents:
    """Return the parts of Python's language reference that its `help` shows: plain English.

    Raises
    ------
    DataError
        If the standard library's source files are not on this machine, or lack the reference.
    """
    path = _root(None) / "pydoc_data" / "topics.py"
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
                topics[ast.literal_eval(key)] = ast.literal_eval(value)
    names = sorted(topics)
    texts = [topics[name] for name in names]
    return Documents(texts, names, f"language reference of Python {_version(None)}")


def _version(package: str | None) -> str:
    """Return the version of a package, or of Python."""
    if package is None:
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise _missing(error.name) from None


def _missing(package: str) -> DataError:
    return DataError(
        f"The documentation of {package} is part of this data set, but {package} is not "
        f"installed: run `pip install {package}`."
    )


# --- finding prose ------------------------------------------------------------------------------


def _labeled_texts(names: list[str]) -> dict[str, list[str]]:
    texts_of, copies = {}, _Copies()
    for name in progress(names, "reading documentation", "library"):
        root = _root(*_LIBRARIES[name])
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
    roots = [_root(None)] + [_root(module, _RUNNING[module]) for module in modules]
    sentences = {}  # keeps the order, and each sentence once
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
    for _, code in _python_files(root):
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
            yield _without_markup(block)


def _without_markup(block: str) -> str:
    line = " ".join(block.split())
    for markup, rest in _MARKUP:
        line = markup.sub(rest, line)
    return " ".join(line.split())


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
    for path, code in _python_files(root):
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


def _python_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the Python files below a folder with their text, in alphabetical order."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(f for f in subfolders if not _SKIPPED_FOLDERS.fullmatch(f))
        for name in sorted(names):
            if name.endswith(".py"):
                path = Path(folder, name)
                try:
                    yield path, path.read_text(encoding="utf8")
                except (UnicodeDecodeError, OSError):
                    continue


def _root(module: str | None, package: str | None = None) -> Path:
    """Return the folder of a package without importing it, or of the standard library."""
    if module is None:
        root = Path(sysconfig.get_paths()["stdlib"])
        if not (root / "ast.py").is_file():
            raise DataError(
                f"The standard library's source files are not in {root}: install Python from "
                "python.org, conda or your system's packages, which bring them."
            )
        return root
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(package or module)
    return Path(spec.submodule_search_locations[0])


# --- keeping what was found ---------------------------------------------------------------------


def _cached(name: str, versions: dict[str, str], build: Callable[[], object]):
    """Return what `build` returns, kept in the cache as long as the versions and this file stay."""
    path = cache_dir() / "documentation" / f"{name}-{_key(versions)}.json.gz"
    try:
        with gzip.open(path, "rt", encoding="utf8") as stream:
            return json.load(stream)
    except (OSError, EOFError, ValueError, zlib.error):
        pass  # not built yet, or damaged: build it
    built = build()
    compressed = gzip.compress(json.dumps(built).encode("utf8"), mtime=0)
    try:
        write_atomically(path, lambda part: part.write_bytes(compressed))
    except OSError as error:
        raise DataError(
            f"Could not store {path.name} in {path.parent} ({error.strerror}): free some space or "
            "set COURSE_CACHE to another folder."
        ) from None
    return built


def _key(versions: dict[str, str]) -> str:
    extraction = Path(__file__).read_bytes()
    return hashlib.sha256(repr((sys.version, versions)).encode() + extraction).hexdigest()[:16]
