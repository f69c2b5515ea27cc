"""Questions about words, to test vectors with: analogies, and pairs that people have judged."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import permutations
from pathlib import Path

from course_utils.course import project_root
from course_utils.errors import CourseError, DataError
from course_utils.own_files import read_table

# Files that the package gensim carries, by their SHA-256.
_GENSIM = {
    "questions-words.txt": "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    "simlex999.txt": "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    "wordsim353.tsv": "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
}


@dataclass(frozen=True)
class Analogies:
    """Questions of the form "a is to b as c is to d".

    Attributes
    ----------
    questions : list of (a, b, c, d)
        In lower case.
    sections : list of str
        The section of each question.
    source : str
        One line that says where they come from.
    """

    questions: list[tuple[str, str, str, str]]
    sections: list[str]
    source: str

    def __len__(self) -> int:
        return len(self.questions)


@dataclass(frozen=True)
class WordPairs:
    """Pairs of words, and how similar people find them.

    Attributes
    ----------
    pairs : list of (first, second)
        In lower case.
    scores : list of float
        The mean judgment, from 0 to 10.
    source : str
        One line that says where they come from.
    """

    pairs: list[tuple[str, str]]
    scores: list[float]
    source: str

    def __len__(self) -> int:
        return len(self.pairs)


def google_analogies() -> Analogies:
    """Return the 19,544 analogies of the Word2Vec paper, in 14 sections.

    Raises
    ------
    DataError
        If the package gensim, which carries the file, is not installed, or has another file.

    References
    ----------
    T. Mikolov, K. Chen, G. Corrado, J. Dean, Efficient estimation of word representations in
    vector space, 2013, table 1.
    """
    questions, sections, section = [], [], ""
    for line in _lines("questions-words.txt"):
        words = line.lower().split()
        if words[0] == ":":
            section = words[1]
        else:
            a, b, c, d = words
            questions.append((a, b, c, d))
            sections.append(section)
    return Analogies(questions, sections, "Google analogies (Mikolov et al. 2013)")


def library_analogies() -> Analogies:
    """Return analogies about the words of software documentation, written for this course.

    `data/library_analogies.csv` holds pairs such as (row, rows) in sections. A question is made of
    every two pairs of a section, in both orders.

    Raises
    ------
    CourseError
        If the folder of the course is not found, or a line of the file is wrong.
    """
    path = project_root() / "data" / "library_analogies.csv"
    lines = read_table(path, ("section", "first", "second"))
    for number, row in lines:
        if not all(word.strip() for word in row.values()):
            raise CourseError(f"{path}, line {number}: no column may be empty.")
    rows = [row for _, row in lines]
    questions, sections = [], []
    for section in dict.fromkeys(row["section"] for row in rows):
        pairs = [(row["first"], row["second"]) for row in rows if row["section"] == section]
        for (a, b), (c, d) in permutations(pairs, 2):
            questions.append((a, b, c, d))
            sections.append(section)
    return Analogies(questions, sections, "analogies of this course about documentation")


def wordsim353() -> WordPairs:
    """Return WordSim-353: 353 pairs judged by how related they are.

    Raises
    ------
    DataError
        If the package gensim, which carries the file, is not installed, or has another file.

    References
    ----------
    L. Finkelstein et al., Placing search in context: the concept revisited, 2002.
    """
    return _judged("wordsim353.tsv", "WordSim-353 (Finkelstein et al. 2002)")


def simlex999() -> WordPairs:
    """Return SimLex-999: 999 pairs judged by how similar they are, which is not how related.

    Raises
    ------
    DataError
        If the package gensim, which carries the file, is not installed, or has another file.

    References
    ----------
    F. Hill, R. Reichart, A. Korhonen, SimLex-999: evaluating semantic models with (genuine)
    similarity estimation, 2015.
    """
    return _judged("simlex999.txt", "SimLex-999 (Hill et al. 2015)")


def _judged(name: str, source: str) -> WordPairs:
    rows = [line.split("\t") for line in _lines(name) if not line.startswith("#")]
    pairs = [(first.lower(), second.lower()) for first, second, _ in rows]
    return WordPairs(pairs, [float(score) for *_, score in rows], source)


def _lines(name: str) -> list[str]:
    """Return the lines of a file that the package gensim carries, without importing it."""
    package = find_spec("gensim")
    origin = (package and package.origin) or ""
    path = Path(origin).parent / "test" / "test_data" / name
    try:
        content = path.read_bytes()
    except OSError:
        raise DataError(
            f"The file {name} comes with the package gensim, but it is not there: run "
            "`pip install gensim`."
        ) from None
    if hashlib.sha256(content).hexdigest() != _GENSIM[name]:
        raise DataError(
            f"The file {name} of the package gensim is not the one that this course knows: run "
            "`pip install --force-reinstall gensim`."
        )
    return content.decode("utf8").splitlines()
