"""Public functions and classes of the installed libraries, each with its summary.

They are found with `ast` in the source files, and nothing is imported: first what each file
defines (`definitions`), then the names under which the packages publish it (`published`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.course import project_root
from course_utils.data import definitions, published
from course_utils.data.installed import cached, package_root, version_of
from course_utils.errors import CourseError, InputError
from course_utils.own_files import read_table
from course_utils.text.arguments import checked
from course_utils.training.bars import track

# Library -> (name to import, name to install). The standard library has neither.
_LIBRARIES = {
    "standard library": (None, None),
    "numpy": ("numpy", "numpy"),
    "scipy": ("scipy", "scipy"),
    "scikit-learn": ("sklearn", "scikit-learn"),
    "matplotlib": ("matplotlib", "matplotlib"),
    "networkx": ("networkx", "networkx"),
}
# The modules that a learner meets first.
_COMMON = re.compile(
    r"argparse|base64|bisect|calendar|collections|concurrent\.futures|configparser|contextlib|copy"
    r"|csv|dataclasses|datetime|difflib|fnmatch|fractions|functools|getpass|glob|graphlib|gzip"
    r"|heapq|html|json|logging|os|os\.path|pathlib|pickle|pprint|queue|random|re|secrets|shutil"
    r"|statistics|string|subprocess|tarfile|tempfile|textwrap|threading|timeit"
    r"|urllib\.(parse|request)|uuid|warnings|webbrowser|zipfile"
    r"|numpy(\.(fft|linalg))?"
    r"|scipy\.(integrate|interpolate|io|io\.wavfile|ndimage|optimize|signal|sparse|spatial"
    r"|spatial\.distance|stats)"
    r"|sklearn\.(cluster|compose|covariance|datasets|decomposition|dummy|ensemble"
    r"|feature_extraction|feature_extraction\.text|feature_selection|impute|inspection"
    r"|linear_model|manifold|metrics|mixture|model_selection|naive_bayes|neighbors"
    r"|neural_network|pipeline|preprocessing|svm|tree)"
    r"|matplotlib\.(animation|pyplot)"
    r"|networkx(\.(approximation|bipartite|community))?"
)

# What `Library` is made of: the entries in the cache are built anew when these files change.
_READERS = (definitions.__file__, published.__file__)
_NAME_BREAK = re.compile(r"[._]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Functions:
    """Documented functions and classes.

    Attributes
    ----------
    names : list of str
        As a user writes them, such as "numpy.linalg.solve".
    kinds : list of str
        "function" or "class"; an object that is made once, such as `scipy.stats.norm`, counts as
        its class.
    summaries : list of str
        The first paragraph of each docstring, on one line.
    source : str
    """

    names: list[str]
    kinds: list[str]
    summaries: list[str]
    source: str

    def __len__(self) -> int:
        return len(self.names)

    @property
    def texts(self) -> list[str]:
        """What a search reads of each: the words of its name, and its summary."""
        return [
            f"{name_words(name)}: {summary}"
            for name, summary in zip(self.names, self.summaries, strict=True)
        ]


@dataclass(frozen=True)
class SearchQuestions:
    """Questions of learners who do not know a function's name.

    Attributes
    ----------
    questions : list of str
    listed : list of list of str
        Names of functions and classes that answer each question, written down before any search
        was measured.
    judged : list of list of str
        Further right answers, which were judged among the first results of searches.
    splits : list of str
        "tuning" or "test": what is chosen by looking at results is chosen on the first.
    words : list of str
        "other": the question avoids the words of the documentation on purpose. "usual": it is
        written as one would type it; all of these belong to the test.
    source : str
    """

    questions: list[str]
    listed: list[list[str]]
    judged: list[list[str]]
    splits: list[str]
    words: list[str]
    source: str

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def answers(self) -> list[list[str]]:
        """All right answers to each question: the listed ones, then the judged ones."""
        return [one + more for one, more in zip(self.listed, self.judged, strict=True)]


@checked
def name_words(name: str) -> str:
    """Return the words of a name: "cluster Mean Shift" of "cluster.MeanShift".

    Raises
    ------
    InputError
        If this is no string.
    """
    return _NAME_BREAK.sub(" ", name)


def functions(libraries: Sequence[str] | None = None, common: bool = False) -> Functions:
    """Return the documented public functions and classes of installed libraries.

    Left out are tests, private names, methods, and functions in compiled code whose docstring is
    in no Python file, such as those of `math` and `numpy.random`.

    Parameters
    ----------
    libraries : sequence of str, optional
        Of "standard library", "numpy", "scipy", "scikit-learn", "matplotlib" and "networkx";
        by default all.
    common : bool
        Take the modules only that a learner meets first: about half of the entries.

    Raises
    ------
    InputError
        If there is no such library, or none is chosen.
    DataError
        If one of the libraries is not installed.
    """
    chosen = tuple(_LIBRARIES) if libraries is None else tuple(libraries)
    for name in chosen or ("nothing",):
        if name not in _LIBRARIES:
            known = ", ".join(_LIBRARIES)
            raise InputError(f"The functions are those of {known}, but not of {name!r}.")
    versions = {name: version_of(_LIBRARIES[name][1]) for name in chosen}
    entries = [
        entry
        for name in track(chosen, "reading documentation", "library")
        for entry in _of_library(name, versions[name])
        if not common or _COMMON.fullmatch(entry[0].rpartition(".")[0])
    ]
    names, kinds, summaries = map(list, zip(*entries, strict=True))
    source = f"documentation of {', '.join(f'{name} {versions[name]}' for name in chosen)}"
    return Functions(names, kinds, summaries, source)


def search_questions() -> SearchQuestions:
    """Return questions to search `functions` with, written for this course.

    They stand in `data/search_questions.csv`. Each was written with a list of answers before any
    search was measured. Such a list is never complete, so pooled judgment added to it. The first
    five results of several searches were put together and shuffled. Each result was then judged
    once, without a look at the list or at the search that had found it: does it do directly what
    the question asks? The searches were TF-IDF and a small encoder, with mean pooling, with its
    first token, and with mean pooling of summaries alone. Each searched all functions, the common
    ones, and the common ones without SciPy. Results that none of them found are not judged, so the
    score of another search is a lower bound.

    Raises
    ------
    CourseError
        If the folder of the course is not found, or a line of the file is wrong.

    References
    ----------
    K. Sparck Jones, C. J. van Rijsbergen, Report on the need for and provision of an "ideal"
    information retrieval test collection, 1975. E. M. Voorhees, The philosophy of information
    retrieval evaluation, 2002.
    """
    path = project_root() / "data" / "search_questions.csv"
    lines = read_table(path, ("part", "words", "question", "answers", "judged"))
    for number, row in lines:
        known = row["part"] in ("tuning", "test") and row["words"] in ("other", "usual")
        if not known or not row["question"].strip() or "" in row["answers"].split(";"):
            raise CourseError(
                f"{path}, line {number}: it needs tuning or test, other or usual, a question, and "
                "names with ; between them."
            )
    rows = [row for _, row in lines]
    return SearchQuestions(
        [row["question"] for row in rows],
        [row["answers"].split(";") for row in rows],
        [row["judged"].split(";") if row["judged"] else [] for row in rows],
        [row["part"] for row in rows],
        [row["words"] for row in rows],
        "questions of this course about functions",
    )


def _of_library(name: str, version: str) -> list[tuple[str, str, str]]:
    """Return (public name, kind, summary) of what a library publishes."""
    module, package = _LIBRARIES[name]

    def read() -> list[tuple[str, str, str]]:
        return published.Library(package_root(module, package), module).published()

    return cached(f"functions-{module or 'python'}", {name: version}, _READERS, read)
