"""Sentences in two languages."""

import gzip
import zipfile
import zlib
from dataclasses import dataclass

from course_utils.course import project_root
from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import Splits
from course_utils.errors import CourseError, InputError
from course_utils.own_files import read_table

LANGUAGES = ("de", "en", "fr")
_FILES = {"train": "train", "validation": "val", "test": "test_2016_flickr"}


@dataclass(frozen=True)
class SentencePairs:
    """Sentences and their translations, in the same order."""

    sources: list[str]
    targets: list[str]

    def __len__(self) -> int:
        return len(self.sources)


@dataclass(frozen=True)
class ReferencedSentences:
    """Sentences with two translations each, to measure a translator with.

    Attributes
    ----------
    sources : list of str
    references : list of (str, str)
        Both are right; a translator need not have written either.
    source : str
    """

    sources: list[str]
    references: list[tuple[str, str]]
    source: str

    def __len__(self) -> int:
        return len(self.sources)


def multi30k(languages: str = "de-en") -> Splits[SentencePairs]:
    """Load Multi30k: captions of pictures in two languages, 29,000 pairs of them to train with.

    There are 1,014 pairs for validation; the test has the 1,000 of the year 2016.

    Parameters
    ----------
    languages : str
        From which to which, of de, en and fr: "de-en" has German sources and English targets.

    Raises
    ------
    InputError
        If these are no two of its languages.
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    D. Elliott, S. Frank, K. Sima'an, L. Specia, Multi30K: multilingual English-German image
    descriptions, 2016. French: D. Elliott et al., Findings of the second shared task on multimodal
    machine translation and multilingual image description, 2017.
    """
    pair = str(languages).split("-")
    if len(pair) != 2 or len(set(pair) & set(LANGUAGES)) != 2:
        raise InputError(f"Multi30k translates between de, en and fr, but not {languages!r}.")
    download = dataset("multi30k")
    paths = {
        split: [f"multi30k/{name}.{language}.gz" for language in pair]
        for split, name in _FILES.items()
    }
    folder = fetch_files(download, tuple(path for both in paths.values() for path in both))
    splits = {
        split: SentencePairs(*(_lines(folder / path.split("/")[1]) for path in both))
        for split, both in paths.items()
    }
    return Splits(**splits, source=f"Multi30k, {languages} ({download.license})")


def tatoeba() -> Splits[SentencePairs]:
    """Load French sentences and their English translations: everyday sentences of Tatoeba.

    An English sentence is held out with all its translations: by the CRC-32 of its text, one in a
    hundred for validation and one for the test. No French sentence of these is trained on, also
    where it has another translation.

    Raises
    ------
    DataError
        If the file can be had from nowhere, or cannot be stored.

    References
    ----------
    Tatoeba (tatoeba.org), CC BY 2.0 FR, collected in pairs by manythings.org/anki; the edition of
    2017-09-29.
    """
    download = dataset("tatoeba")
    folder = fetch_files(download)
    with zipfile.ZipFile(folder / "fra-eng.zip") as archive:
        lines = archive.read("fra.txt").decode("utf8").splitlines()
    parts: dict[str, list[tuple[str, str]]] = {"train": [], "validation": [], "test": []}
    for english, french in (line.split("\t") for line in lines):
        place = zlib.crc32(english.encode("utf8")) % 100
        parts[{0: "validation", 1: "test"}.get(place, "train")].append((french, english))
    held_out = {french for french, _ in parts["validation"] + parts["test"]}
    parts["train"] = [pair for pair in parts["train"] if pair[0] not in held_out]
    splits = {
        name: SentencePairs([french for french, _ in pairs], [english for _, english in pairs])
        for name, pairs in parts.items()
    }
    return Splits(**splits, source=f"Tatoeba, fr-en, 2017-09-29 ({download.license})")


def french_sentences() -> ReferencedSentences:
    """Return 60 French everyday sentences with two English translations, written for this course.

    They stand in `data/french_sentences.csv`. None of the French ones is among the pairs of
    `tatoeba`, so that a translator that was trained on these has not seen them.

    Raises
    ------
    CourseError
        If the folder of the course is not found, or a line of the file is wrong.
    """
    path = project_root() / "data" / "french_sentences.csv"
    columns = ("french", "english", "other_english")
    lines = read_table(path, columns)
    for number, row in lines:
        if not all(row[column].strip() for column in columns):
            raise CourseError(f"{path}, line {number}: no column may be empty.")
    rows = [row for _, row in lines]
    return ReferencedSentences(
        [row["french"] for row in rows],
        [(row["english"], row["other_english"]) for row in rows],
        "French sentences of this course",
    )


def _lines(path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf8") as stream:
        return [" ".join(line.split()) for line in stream]
