"""Sentences for a pre-trained encoder: pairs judged by how similar they are, and treebanks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import Splits

# The files call one genre by two names.
_GENRES = {
    "main-captions": "captions",
    "main-forum": "forums",
    "main-forums": "forums",
    "main-news": "news",
}


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of sentences, and how similar people find them.

    Attributes
    ----------
    first, second : list of str, length n
    scores : ndarray of float64, shape (n,)
        From 0, unrelated, to 5, the same meaning.
    genres : list of str, length n
        "captions", "forums" or "news".
    years : list of str, length n
        Such as "2012test".
    """

    first: list[str]
    second: list[str]
    scores: np.ndarray
    genres: list[str]
    years: list[str]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Treebank:
    """Sentences that linguists have cut into words.

    Attributes
    ----------
    texts : list of str
        Each sentence as it was written.
    words : list of list of str
        The words and punctuation marks of each sentence.
    source : str
    """

    texts: list[str]
    words: list[list[str]]
    source: str

    def __len__(self) -> int:
        return len(self.texts)


def sts_benchmark() -> Splits[JudgedPairs]:
    """Load the STS benchmark: 8,628 pairs of English sentences with a similarity from 0 to 5.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    D. Cer, M. Diab, E. Agirre, I. Lopez-Gazpio, L. Specia, SemEval-2017 task 1: semantic textual
    similarity multilingual and crosslingual focused evaluation, 2017, section 8.
    """
    download = dataset("stsbenchmark")
    folder = fetch_files(download)
    train, dev, test = (_read_sts(folder / f"sts-{name}.csv") for name in ("train", "dev", "test"))
    return Splits(train, dev, test, f"STS benchmark ({download.license})")


def norwegian() -> Treebank:
    """Load the test split of the treebank Bokmaal: Norwegian news, blogs and reports.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    L. Øvrelid, P. Hohle, Universal Dependencies for Norwegian, 2016.
    """
    return _treebank("UD_Norwegian-Bokmaal")


def dutch() -> Treebank:
    """Load the test split of the treebank Alpino: Dutch news.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    G. Bouma, G. van Noord, Increasing return on annotation investment: the automatic construction
    of a Universal Dependency treebank for Dutch, 2017.
    """
    return _treebank("UD_Dutch-Alpino")


def chinese() -> Treebank:
    """Load the test split of the treebank GSD: Wikipedia in traditional Chinese characters.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    J. Nivre et al., Universal Dependencies v2: an evergrowing multilingual treebank collection,
    2020.
    """
    return _treebank("UD_Chinese-GSD")


def _read_sts(path: Path) -> JudgedPairs:
    """Read genre, file, year, number, score and two sentences; more columns name their origin.

    The columns are set apart by tabs and never quoted: a quotation mark is part of a sentence.
    """
    with path.open(encoding="utf8") as stream:
        rows = [line.split("\t")[:7] for line in stream]
    genres, _, years, _, scores, first, second = map(list, zip(*rows, strict=True))
    return JudgedPairs(
        [sentence.strip() for sentence in first],
        [sentence.strip() for sentence in second],
        np.array(scores, dtype=float),
        [_GENRES[genre] for genre in genres],
        years,
    )


def _treebank(name: str) -> Treebank:
    download = dataset(name)
    folder = fetch_files(download)
    texts, words = _read_conllu(folder / Path(download.files[0].path).name)
    return Treebank(texts, words, f"{name}, test split ({download.license})")


def _read_conllu(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read the sentences of a CoNLL-U file as texts and as words.

    A word as written, such as German "im" in a line "3-4", counts once: the lines of its pieces
    ("in", "dem") are passed over, and so are words that are understood but not written ("8.1").
    """
    texts: list[str] = []
    words: list[list[str]] = []
    last_piece = 0
    for line in path.read_text(encoding="utf8").split("\n"):
        number, _, rest = line.partition("\t")
        if line.startswith("# text = "):
            texts.append(line.removeprefix("# text = "))
            words.append([])
            last_piece = 0
        elif "-" in number and rest:
            words[-1].append(rest.split("\t")[0])
            last_piece = int(number.split("-")[1])
        elif number.isdigit() and int(number) > last_piece:
            words[-1].append(rest.split("\t")[0])
    return texts, words
