"""The pre-trained encoder all-MiniLM-L6-v2, and its input table as static word vectors."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.errors import InputError


@dataclass(frozen=True)
class WordVectors:
    """Words with a vector each.

    Attributes
    ----------
    words : list of str, length n
    vectors : ndarray of float32, shape (n, d)

    Raises
    ------
    InputError
        If there are more words than vectors or fewer: words would get the vectors of others.
    """

    words: list[str]
    vectors: np.ndarray
    _rows: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if len(self.words) != len(self.vectors):
            raise InputError(f"{len(self.words)} words cannot name {len(self.vectors)} vectors.")
        object.__setattr__(self, "_rows", {word: row for row, word in enumerate(self.words)})

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._rows

    def __getitem__(self, word: str) -> np.ndarray:
        """Return the vector (d,) of a word.

        Raises
        ------
        InputError
            If there is none.
        """
        if word not in self._rows:
            close = difflib.get_close_matches(str(word), self.words, n=3)
            hint = f"; similar words: {', '.join(close)}" if close else ""
            raise InputError(f"There is no vector for {word!r}{hint}.")
        return self.vectors[self._rows[word]]


def encoder() -> Path:
    """Return the folder with `model.safetensors`, `tokenizer.json`, `vocab.txt`, `config.json`.

    References
    ----------
    W. Wang et al., MiniLM, 2020; N. Reimers, I. Gurevych, Sentence-BERT, 2019.
    """
    return fetch_files(dataset("encoder"))


def word_vectors(pieces: bool = False) -> WordVectors:
    """Return the encoder's input table as static vectors of 384 numbers.

    Parameters
    ----------
    pieces : bool
        Return all 30,522 rows in the order of the encoder's own ids, word pieces and special
        tokens included. By default only whole words of letters a to z.
    """
    from safetensors import safe_open

    folder = encoder()
    words = (folder / "vocab.txt").read_text(encoding="utf8").splitlines()
    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        table = weights.get_tensor("embeddings.word_embeddings.weight").astype(np.float32)
    if pieces:
        return WordVectors(words, table)
    rows = [i for i, word in enumerate(words) if word.isascii() and word.isalpha()]
    return WordVectors([words[i] for i in rows], table[rows])
