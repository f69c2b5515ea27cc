"""Sentences in two languages."""

import gzip
from dataclasses import dataclass

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.errors import InputError

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
class TranslationData:
    """Three parts of sentence pairs, and one line that says where they come from."""

    train: SentencePairs
    validation: SentencePairs
    test: SentencePairs
    source: str


def multi30k(languages: str = "de-en") -> TranslationData:
    """Load Multi30k: 29,000 captions of pictures, each in several languages.

    Parameters
    ----------
    languages : str
        From which to which, of de, en and fr.

    Raises
    ------
    InputError
        If these are no two of its languages.

    References
    ----------
    D. Elliott et al., Multi30K: multilingual English-German image descriptions, 2016.
    """
    pair = str(languages).split("-")
    if len(set(pair)) != 2 or not set(pair) <= set(LANGUAGES):
        raise InputError(f"Multi30k translates between de, en and fr, but not {languages!r}.")
    download = dataset("multi30k")
    paths = {
        part: [f"multi30k/{name}.{language}.gz" for language in pair]
        for part, name in _FILES.items()
    }
    folder = fetch_files(download, tuple(path for both in paths.values() for path in both))
    parts = {
        part: SentencePairs(*(_lines(folder / path.split("/")[1]) for path in both))
        for part, both in paths.items()
    }
    return TranslationData(**parts, source=f"Multi30k, {languages} ({download.license})")


def _lines(path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf8") as stream:
        return [" ".join(line.split()) for line in stream]
