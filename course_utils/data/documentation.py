"""Real English and real code that is on every learner's machine: the installed libraries' own.

Docstrings are found with `ast` in the source files. Nothing is imported or run. Only packages that
the course itself installs are read, so that the PyTorch and the TensorFlow notebooks train on the
same text.
"""

import ast
import gzip
import hashlib
import json
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from course_utils.data.sources import write_atomically
from course_utils.data.splits import TextDataset
from course_utils.errors import DataError, InputError
from course_utils.paths import cache_dir
from course_utils.training import progress

TEXTS_PER_CLASS = 1_100
MINIMUM_WORDS = 12

# Class -> (import name, name to install, the names that would give the label away).
_LIBRARIES = {
    "scikit-learn": ("sklearn", "scikit-learn", r"scikit-?learn|sklearn"),
    "matplotlib": ("matplotlib", "matplotlib", r"matplotlib|mpl|pyplot|plt"),
    "networkx": ("networkx", "networkx", r"networkx|nx"),
    "standard library": (None, None, r"python|cpython"),
    "numpy": ("numpy", "numpy", r"numpy|np"),
    "scipy": ("scipy", "scipy", r"scipy"),
    "gensim": ("gensim", "gensim", r"gensim"),
    "numba": ("numba", "numba", r"numba"),
}
_FOUR = list(_LIBRARIES)[:4]
_RUNNING = ["sklearn", "matplotlib", "networkx", "numpy", "scipy", "gensim", "numba", "llvmlite"]
_RUNNING += ["IPython", "ipywidgets", "traitlets", "jupyter_client", "jupyter_core", "nbclient"]
_RUNNING += ["nbconvert", "nbformat", "pygments", "jinja2", "joblib", "tqdm", "requests", "PIL"]
_RUNNING += ["umap", "pynndescent", "plotly", "fontTools", "dateutil", "jsonschema", "tornado"]
_RUNNING += ["zmq", "pooch", "jupytext", "bs4", "urllib3", "packaging", "pyparsing", "smart_open"]

_SKIP = re.compile(
    r"/(tests?|testing|_vendor|vendored|externals|site-packages|idle_test|lib2to3|ensurepip)/"
)
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\.|[-=~^*]{3,}|\.\. |:\w+|\||\+-)", re.M)
_MARKUP = re.compile(r"[`*]+|\s*\[\d+\]_")
_ROLE = re.compile(r":[\w:+-]+:`(?:[^`<]*<)?~?([^`>]+)>?`")


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
class SourceCode:
    """Python source code.

    Attributes
    ----------
    text : str
        All files, one after the other.
    files : list of str
        Their paths inside the standard library.
    source : str
    """

    text: str
    files: list[str]
    source: str


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
        If one of the libraries is not installed.
    """
    if classes not in (4, 8):
        raise InputError(f"The documentation comes in 4 or 8 classes, not {classes}.")
    names = _FOUR if classes == 4 else list(_LIBRARIES)
    packages = [_LIBRARIES[name][1] for name in names if _LIBRARIES[name][1]]
    texts_of = _cached(f"documentation-{classes}", packages, lambda: _labeled_texts(names))
    texts = [text for name in names for text in texts_of[name]]
    labels = np.repeat(np.arange(len(names)), [len(texts_of[name]) for name in names])
    source = f"documentation of {', '.join(f'{name} {_version(name)}' for name in names)}"
    return TextDataset("documentation", texts, labels.astype(np.int64), names, source)


def running_text() -> RunningText:
    """Return at least 1.5 million words of documentation prose, parameter descriptions included.

    The standard library's language reference (`pydoc_data`) is part of it.
    """
    sentences = _cached("running-text", ["scikit-learn", "scipy", "numpy"], _running_sentences)
    n_words = sum(len(sentence.split()) for sentence in sentences)
    return RunningText(sentences, n_words, f"documentation of {len(_RUNNING) + 1} libraries")


def source_code() -> SourceCode:
    """Return the Python code of the standard library, tests left out: more than 5 MB."""
    root = Path(sysconfig.get_paths()["stdlib"])
    texts = {str(path.relative_to(root)): text for path, text in _python_files(root)}
    files = [name for name in texts if not name.startswith("pydoc_data")]
    text = "\n".join(texts[name] for name in files)
    return SourceCode(text, files, f"standard library of Python {_version('standard library')}")


def _version(name: str) -> str:
    package = _LIBRARIES[name][1]
    return version(package) if package else ".".join(map(str, sys.version_info[:3]))


# --- finding prose ------------------------------------------------------------------------------


def _labeled_texts(names: list[str]) -> dict[str, list[str]]:
    names_in_text = "|".join(_LIBRARIES[name][2] for name in _LIBRARIES)
    masked = re.compile(rf"(?<![a-z])(?:{names_in_text})(?![a-z])", re.I)
    texts_of, seen = {}, set()
    for name in progress(names, "reading documentation", "library"):
        texts = [masked.sub("library", " ".join(p)) for p in _documents(_root(name), _is_prose)]
        long_enough = [text for text in texts if len(text.split()) >= MINIMUM_WORDS]
        fresh = [text for text in long_enough if _is_new(text, seen)]
        chosen = np.random.default_rng(0).permutation(len(fresh))[:TEXTS_PER_CLASS]
        texts_of[name] = [fresh[i] for i in sorted(chosen)]
    return texts_of


def _is_new(text: str, seen: set[tuple[str, ...]], shingle: int = 6) -> bool:
    """Whether less than half of the text's six-word runs were seen before; remembers them."""
    words = re.findall(r"\w+", text.lower())
    runs = {tuple(words[i : i + shingle]) for i in range(max(1, len(words) - shingle + 1))}
    new = len(runs & seen) < len(runs) / 2
    seen |= runs
    return new


def _running_sentences() -> list[str]:
    roots = [_find(package) for package in _RUNNING if find_spec(package) is not None]
    roots.append(Path(sysconfig.get_paths()["stdlib"]))
    sentences, seen = [], set()
    for root in progress(roots, "reading documentation", "library"):
        paragraphs = [p for document in _documents(root, _is_running) for p in document]
        paragraphs += _language_reference(root)
        for paragraph in paragraphs:
            if paragraph not in seen:
                seen.add(paragraph)
                sentences += re.split(r"(?<=[.!?]) +(?=[A-Z])", paragraph)
    return sentences


def _language_reference(root: Path) -> list[str]:
    """Return the paragraphs of the language reference, which the standard library carries."""
    path = root / "pydoc_data" / "topics.py"
    if not path.is_file():
        return []
    strings = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 80
    ]
    return [p for text in strings for p in _paragraphs(text) if _is_running(p)]


def _documents(root: Path, keep: Callable[[str], bool]) -> Iterator[list[str]]:
    """Yield the paragraphs worth keeping of each docstring below a folder."""
    for _, text in _python_files(root):
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
                kept = [p for p in _paragraphs(ast.get_docstring(node) or "") if keep(p)]
                if kept:
                    yield kept


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring without markup, each on one line."""
    blocks = [b for b in re.split(r"\n\s*\n", text) if b.strip() and not _NOT_PROSE.search(b)]
    return [_MARKUP.sub("", _ROLE.sub(r"\1", " ".join(block.split()))) for block in blocks]


def _is_prose(paragraph: str) -> bool:
    """Whether a paragraph is a sentence or more of plain English."""
    return len(paragraph) >= 60 and paragraph[0].isupper() and _letters(paragraph) >= 0.85


def _is_running(paragraph: str) -> bool:
    """As `_is_prose`, but descriptions of parameters count as well."""
    return len(paragraph) >= 30 and _letters(paragraph) >= 0.8


def _letters(text: str) -> float:
    return sum(character.isalpha() or character == " " for character in text) / len(text)


def _python_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the Python files below a folder with their text, in alphabetical order."""
    for path in sorted(root.rglob("*.py")):
        inside = f"/{path.relative_to(root).as_posix()}"
        if _SKIP.search(inside):
            continue
        try:
            yield path, path.read_text(encoding="utf8")
        except (UnicodeDecodeError, OSError):
            continue


def _root(name: str) -> Path:
    module, package, _ = _LIBRARIES[name]
    return _find(module) if package else Path(sysconfig.get_paths()["stdlib"])


def _find(module: str) -> Path:
    spec = find_spec(module)
    return Path(spec.submodule_search_locations[0])


# --- keeping what was found ---------------------------------------------------------------------


def _cached(name: str, packages: list[str], build: Callable[[], object]):
    """Return what `build` returns, kept in the cache as long as packages and this file stay."""
    path = cache_dir() / "documentation" / f"{name}-{_key(packages)}.json.gz"
    try:
        with gzip.open(path, "rt", encoding="utf8") as stream:
            return json.load(stream)
    except (OSError, EOFError, ValueError):
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


def _key(packages: list[str]) -> str:
    try:
        versions = [f"{package} {version(package)}" for package in packages]
    except PackageNotFoundError as error:
        raise DataError(
            f"The documentation of {error.name} is part of this data set, but {error.name} is not "
            f"installed: run `pip install {error.name}`."
        ) from None
    here = Path(__file__).read_bytes()
    return hashlib.sha256(repr((sys.version, versions)).encode() + here).hexdigest()[:16]
