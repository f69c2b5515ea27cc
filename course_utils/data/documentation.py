"""Real English and real code that is on every learner's computer: the installed libraries' own.

Docstrings are found with `ast` in the source files. Nothing is imported or run. Only packages that
the course itself installs are read, so that the PyTorch and the TensorFlow notebooks train on the
same text.
"""

import ast
import re
from importlib.util import find_spec

import numpy as np

from course_utils.data import prose
from course_utils.data.installed import cached, package_root, python_files, version_of
from course_utils.data.splits import Documents, RunningText, TextDataset
from course_utils.errors import DataError, InputError
from course_utils.training.bars import track

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
# The files that decide what is built: what lies in the cache is built anew when they change.
_READERS = (__file__, prose.__file__)
_NO_CODE = re.compile(r"pydoc_data/|encodings/|_sysconfigdata|LICENSE")


def documentation(classes: int = 4) -> TextDataset:
    """Return documentation texts with the library that they come from as label.

    A text is the prose of one docstring: no code, no parameter lists, at least 12 words. The
    libraries' names are replaced by the word "library". Copies and near-copies are left out, and
    at most 1,100 texts of each library are drawn, always the same ones.

    Parameters
    ----------
    classes : {4, 8}
        scikit-learn, matplotlib, networkx and the standard library; with 8 also numpy, scipy,
        IPython and numba.

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
    texts_of = cached(f"documentation-{classes}", versions, _READERS, lambda: _labeled_texts(names))
    texts = [text for name in names for text in texts_of[name]]
    labels = np.repeat(np.arange(len(names)), [len(texts_of[name]) for name in names])
    source = f"documentation of {', '.join(f'{name} {versions[name]}' for name in names)}"
    return TextDataset("documentation", texts, labels.astype(np.int64), names, source)


def running_text() -> RunningText:
    """Return English prose about software: 1.5 million words or more if all packages are there.

    It comes from the docstrings of the installed packages, parameter descriptions included, from
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
    sentences = cached("running-text", versions, _READERS, lambda: _running_sentences(modules))
    n_words = sum(len(sentence.split()) for sentence in sentences)
    source = f"documentation and comments of the standard library and {len(modules)} packages"
    return RunningText(sentences, n_words, source)


def source_code() -> Documents:
    """Return the Python code of the standard library, file by file: more than 5 MB.

    Left out are tests, tables (the character sets in `encodings`, the help texts in `pydoc_data`)
    and settings of this computer.

    Raises
    ------
    DataError
        If the standard library's source files are not on this computer.
    """
    root = package_root(None)
    files = {path.relative_to(root).as_posix(): text for path, text in python_files(root)}
    code = {name: text for name, text in files.items() if not _NO_CODE.match(name)}
    return Documents([*code.values()], [*code], f"standard library of Python {version_of(None)}")


def language_reference() -> Documents:
    """Return the sections of Python's language reference that its `help` shows: plain English.

    Raises
    ------
    DataError
        If the standard library's source files are not on this computer, or lack the reference.
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


def _labeled_texts(names: list[str]) -> dict[str, list[str]]:
    texts_of, copies = {}, _Copies()
    for name in track(names, "reading documentation", "library"):
        root = package_root(*_LIBRARIES[name])
        texts = [
            _NAMES.sub("library", " ".join(prose.paragraphs(text)))
            for text in prose.docstrings(root)
        ]
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
    for root in track(roots, "reading documentation", "library"):
        for paragraph in prose.running_paragraphs(root):
            for sentence in re.split(r"(?<=[.!?]) +(?=[A-Z])", paragraph):
                if len(sentence.split()) > 2:
                    sentences[sentence] = None
    return list(sentences)
