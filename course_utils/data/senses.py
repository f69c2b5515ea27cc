"""Words with more than one sense, each in a sentence: the course's own, and the benchmark WiC."""

import csv
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.course import project_root
from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import Splits
from course_utils.errors import DataError, InputError
from course_utils.own_files import read_text

_COLUMNS = ["word", "sense", "part_of_speech", "sentence"]
_MARKED = re.compile(r"([^*]*)\*([^*]+)\*([^*]*)")  # before, *the word*, after


@dataclass(frozen=True)
class Senses:
    """Sentences with an ambiguous word, such as the two kinds of bank.

    The sentence at row i holds the word at `sentences[i][starts[i]:ends[i]]`.

    Attributes
    ----------
    senses : dict of str to (str, str)
        The two senses of each word.
    parts_of_speech : dict of str to str
        One for each word: in both senses it is the same.
    words : list of str
        The ambiguous word of each sentence.
    sentences : list of str
    starts, ends : ndarray of int64, shape (sentences,)
        The position of the word's first character, and the position after its last.
    labels : ndarray of int64, shape (sentences,)
        0 for the first sense of the word, 1 for the second.
    source : str
    """

    senses: dict[str, tuple[str, str]]
    parts_of_speech: dict[str, str]
    words: list[str]
    sentences: list[str]
    starts: np.ndarray
    ends: np.ndarray
    labels: np.ndarray
    source: str

    def __len__(self) -> int:
        return len(self.sentences)

    def rows(self, word: str) -> np.ndarray:
        """Return the rows of one word's sentences, both senses.

        Raises
        ------
        InputError
            If there is no sentence with this word.
        """
        if word not in self.senses:
            raise InputError(
                f"There are no sentences for {word!r}: choose from {', '.join(self.senses)}."
            )
        return np.flatnonzero(np.array(self.words) == word)


@dataclass(frozen=True)
class WordsInContext:
    """Pairs of sentences that share a word, in the same sense or in two.

    Attributes
    ----------
    words : list of str
        The word in its dictionary form; in the sentences it may be inflected.
    parts_of_speech : list of str
        "noun" or "verb".
    first, second : list of str
        The sentences, with spaces between words and punctuation.
    first_spans, second_spans : ndarray of int64, shape (pairs, 2)
        In each sentence, the position of the word's first character and that after its last.
    labels : ndarray of int64, shape (pairs,)
        1 if the word has the same sense in both sentences, else 0.
    """

    words: list[str]
    parts_of_speech: list[str]
    first: list[str]
    second: list[str]
    first_spans: np.ndarray
    second_spans: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.words)


def senses() -> Senses:
    """Return sentences with ambiguous words, from `data/senses.csv`.

    Every word has two senses, with the same part of speech. The file marks it with asterisks, as
    in "We sat on the *bank*."; the sentences returned are without them.

    Raises
    ------
    DataError
        If a line of the file is malformed, or a word has not exactly two senses and one part of
        speech.
    CourseError
        If the folder of the course is not found, or the file cannot be read.
    """
    path = project_root() / "data" / "senses.csv"
    rows = _rows(path)
    found: dict[str, dict[str, None]] = {}  # the senses of each word, in order and each once
    parts: dict[str, dict[str, None]] = {}
    for word, sense, part, _ in rows:
        found.setdefault(word, {})[sense] = None
        parts.setdefault(word, {})[part] = None
    for word in found:
        if len(found[word]) != 2 or len(parts[word]) != 1:
            raise DataError(
                f"The word {word!r} in data/{path.name} needs two senses and one part of speech: "
                f"it has {', '.join(found[word])}, and {', '.join(parts[word])}."
            )
    before, targets, after = zip(*(sentence for *_, sentence in rows), strict=True)
    starts = np.array([len(text) for text in before], dtype=np.int64)
    return Senses(
        senses={word: (first, second) for word, (first, second) in found.items()},
        parts_of_speech={word: next(iter(part)) for word, part in parts.items()},
        words=[word for word, *_ in rows],
        sentences=["".join(pieces) for pieces in zip(before, targets, after, strict=True)],
        starts=starts,
        ends=starts + [len(word) for word in targets],
        labels=np.array(
            [list(found[word]).index(sense) for word, sense, *_ in rows], dtype=np.int64
        ),
        source="ambiguous words in sentences, written for this course (CC BY 4.0)",
    )


def _rows(path: Path) -> list[tuple[str, str, str, tuple[str, str, str]]]:
    """Return word, sense, part of speech, and the sentence as (before, word, after)."""
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True)
    try:
        lines = [(reader.line_num, line) for line in reader]
    except csv.Error as error:
        raise DataError(f"The file data/{path.name} is no valid CSV: {error}.") from None
    if len(lines) < 2 or lines[0][1] != _COLUMNS:
        raise DataError(
            f"The file data/{path.name} needs the first line {','.join(_COLUMNS)}, and lines "
            "below it."
        )
    return [_row(f"Line {number} of data/{path.name}", line) for number, line in lines[1:]]


def _row(place: str, line: list[str]) -> tuple[str, str, str, tuple[str, str, str]]:
    if len(line) != len(_COLUMNS) or not all(line):
        raise DataError(f"{place} needs {len(_COLUMNS)} columns, none empty: {', '.join(line)}.")
    word, sense, part, sentence = line
    marked = _MARKED.fullmatch(sentence)
    if marked is None or marked[2].lower() != word:
        raise DataError(f"{place} must mark {word!r} once, as *{word}*: {sentence}")
    return word, sense, part, (marked[1], marked[2], marked[3])


def wic() -> Splits[WordsInContext]:
    """Load WiC, words in context: does a word have the same sense in two sentences?

    What WiC calls "dev" is `validation` here. The archive is read in place, never unpacked.

    Raises
    ------
    DataError
        If the archive has not the files and lines that WiC publishes, can be had from nowhere, or
        cannot be stored.

    References
    ----------
    M. T. Pilehvar, J. Camacho-Collados, WiC: the word-in-context dataset for evaluating
    context-sensitive meaning representations, 2019.
    """
    download = dataset("wic")
    path = fetch_files(download) / "WiC_dataset.zip"
    try:
        with zipfile.ZipFile(path) as archive:
            train, dev, test = (_pairs(archive, split) for split in ("train", "dev", "test"))
    except (IndexError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The archive {path.name} is not laid out as WiC is ({error}): compare its entry in "
            "data/datasets.toml with https://pilehvar.github.io/wic."
        ) from None
    return Splits(train, dev, test, source=f"WiC ({download.license})")


def _pairs(archive: zipfile.ZipFile, split: str) -> WordsInContext:
    """Read lines of word, N or V, positions such as 2-5 counted in words, and two sentences."""
    rows = [line.split("\t") for line in _lines(archive, f"{split}/{split}.data.txt")]
    answers = [{"T": 1, "F": 0}[line] for line in _lines(archive, f"{split}/{split}.gold.txt")]
    if len(rows) != len(answers):
        raise ValueError(f"{len(rows)} pairs, but {len(answers)} answers in {split}")
    words, kinds, indices, first, second = map(list, zip(*rows, strict=True))
    spans = [
        [_span(sentence, int(i)) for sentence, i in zip(pair, index.split("-"), strict=True)]
        for *pair, index in zip(first, second, indices, strict=True)
    ]
    both = np.array(spans, dtype=np.int64)  # (pairs, first or second, start or end)
    parts_of_speech = [{"N": "noun", "V": "verb"}[kind] for kind in kinds]
    labels = np.array(answers, dtype=np.int64)
    return WordsInContext(words, parts_of_speech, first, second, both[:, 0], both[:, 1], labels)


def _lines(archive: zipfile.ZipFile, member: str) -> list[str]:
    return archive.read(member).decode("utf8").rstrip("\n").split("\n")


def _span(sentence: str, index: int) -> tuple[int, int]:
    """Return where a word of a sentence begins and ends, in characters, from its number."""
    words = sentence.split(" ")
    start = sum(len(word) + 1 for word in words[:index])
    return start, start + len(words[index])
