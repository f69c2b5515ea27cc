"""Words with a vector each, and the file formats in which programs exchange them."""

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_utils.data.sources import write_atomically
from course_utils.errors import InputError
from course_utils.evaluation import nearest_neighbors


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
        return self.vectors[self.row(word)]

    def row(self, word: str) -> int:
        """Return the row of a word.

        Raises
        ------
        InputError
            If there is none.
        """
        if word not in self._rows:
            close = difflib.get_close_matches(str(word).lower(), self.words, n=3)
            hint = f"; similar words: {', '.join(close)}" if close else ""
            raise InputError(f"There is no vector for {word!r}{hint}.")
        return self._rows[word]

    def nearest(self, word: str, k: int = 5) -> list[tuple[str, float]]:
        """Return the k other words with the highest cosine to `word`, with the cosines."""
        return nearest_neighbors(self[word], self.vectors, self.words, k, exclude=word)

    def analogy(self, a: str, b: str, c: str, k: int = 1) -> list[tuple[str, float]]:
        """Return what is to c as b is to a: the words nearest to b - a + c, those three left out.

        References
        ----------
        T. Mikolov, W. Yih, G. Zweig, Linguistic regularities in continuous space word
        representations, 2013, section 4 (3CosAdd in Levy and Goldberg 2014, eq. 3).
        """
        unit = {word: self[word] / np.linalg.norm(self[word]) for word in (a, b, c)}
        return nearest_neighbors(
            unit[b] - unit[a] + unit[c], self.vectors, self.words, k, exclude=(a, b, c)
        )


def save_word2vec(vectors: WordVectors, path: str | os.PathLike, binary: bool = False) -> None:
    """Write vectors in the format of word2vec, which gensim and most other programs read.

    Parameters
    ----------
    binary : bool
        The compact format; by default plain text.

    Raises
    ------
    InputError
        If a word contains a space or line break, which the format cannot hold.
    """
    bad = [word for word in vectors.words if not word or len(word.split()) != 1]
    if bad:
        raise InputError(f"The word {bad[0]!r} contains a space, which the format cannot hold.")
    table = np.asarray(vectors.vectors, dtype="<f4")

    def write(part: Path) -> None:
        with part.open("wb") as stream:
            stream.write(f"{len(table)} {table.shape[1]}\n".encode())
            for word, row in zip(vectors.words, table, strict=True):
                numbers = row.tobytes() if binary else " ".join(map(str, row.tolist())).encode()
                stream.write(word.encode() + b" " + numbers + b"\n")

    write_atomically(Path(path), write)


def load_word2vec(path: str | os.PathLike, binary: bool = False) -> WordVectors:
    """Read vectors in the text or binary format of word2vec.

    Raises
    ------
    InputError
        If the file is missing, has another format, or is cut off.
    """
    name = Path(path).name
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {name!r}: check the path.") from None
    try:
        header, _, body = content.partition(b"\n")
        n, dimension = map(int, header.split())
        words, table = (_read_binary if binary else _read_text)(body, n, dimension)
    except (ValueError, IndexError):
        kind = "binary" if binary else "text"
        raise InputError(
            f"The file {name!r} is damaged or not in word2vec's {kind} format: get it again, or "
            f"load it with binary={not binary}."
        ) from None
    return WordVectors(words, table)


def _read_text(body: bytes, n: int, dimension: int) -> tuple[list[str], np.ndarray]:
    lines = body.decode("utf8").splitlines()
    rows = [line.rstrip().rsplit(" ", dimension) for line in lines]
    if len(rows) != n or n < 1:
        raise ValueError
    table = np.array([row[1:] for row in rows], dtype=np.float32).reshape(n, dimension)
    return [row[0] for row in rows], table


def _read_binary(body: bytes, n: int, dimension: int) -> tuple[list[str], np.ndarray]:
    words, table, place = [], np.empty((n, dimension), np.float32), 0
    for row in table:
        end = body.index(b" ", place)
        words.append(body[place:end].lstrip(b"\n").decode("utf8"))
        place = end + 1 + 4 * dimension
        row[:] = np.frombuffer(body, "<f4", dimension, end + 1)
    if body[place:].strip(b"\n"):
        raise ValueError
    return words, table


def character_ngrams(word: str, shortest: int = 3, longest: int = 6) -> list[str]:
    """Return the pieces of `<word>` with 3 to 6 characters; < and > mark its ends.

    References
    ----------
    P. Bojanowski et al., Enriching word vectors with subword information, 2017, section 3.2.
    """
    marked = f"<{word}>"
    return [
        marked[start : start + length]
        for length in range(shortest, longest + 1)
        for start in range(len(marked) - length + 1)
    ]


def rows_of(vectors: WordVectors, words: Sequence[str]) -> np.ndarray:
    """Return the rows of words, shape (n,)."""
    return np.array([vectors.row(word) for word in words], dtype=np.int64)
