"""Words with a vector each, and the file formats in which programs exchange them."""

import difflib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_utils.course import write_atomically
from course_utils.errors import DataError, InputError
from course_utils.evaluation import nearest_neighbors, normalize_rows
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array


@checked
@dataclass(frozen=True)
class WordVectors:
    """Words with a vector each.

    Attributes
    ----------
    words : list of str, length n
    vectors : ndarray of float, shape (n, d)

    Raises
    ------
    InputError
        If there are more words than vectors or fewer, or a word is given twice: words would get
        the vectors of others.
    """

    words: list[str]
    vectors: np.ndarray
    _rows: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        finite_array(self.vectors, "Vectors", 2)
        if len(self.words) != len(self.vectors):
            raise InputError(f"{len(self.words)} words cannot name {len(self.vectors)} vectors.")
        object.__setattr__(self, "_rows", {word: row for row, word in enumerate(self.words)})
        if len(self._rows) < len(self.words):
            twin = next(word for row, word in enumerate(self.words) if self._rows[word] != row)
            raise InputError(f"Each word needs one vector, but {twin!r} is given more than once.")

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

    @checked
    def nearest(self, word: str, k: int = 5) -> list[tuple[str, float]]:
        """Return the k other words with the highest cosine to `word`, with the cosines.

        Raises
        ------
        InputError
            If there is no vector for the word.
        """
        return nearest_neighbors(self[word], self.vectors, self.words, k, exclude=word)

    @checked
    def analogy(self, a: str, b: str, c: str, k: int = 1) -> list[tuple[str, float]]:
        """Return what is to c as b is to a: the k words nearest to b - a + c, a, b and c left out.

        All three are scaled to length 1 first. Each word comes with its cosine.

        Raises
        ------
        InputError
            If there is no vector for one of the three.

        References
        ----------
        T. Mikolov, W. Yih, G. Zweig, Linguistic regularities in continuous space word
        representations, 2013, section 4 (3CosAdd in Levy and Goldberg 2014, eq. 3).
        """
        first, second, third = normalize_rows(np.stack([self[word] for word in (a, b, c)]))
        query = second - first + third  # (d,)
        return nearest_neighbors(query, self.vectors, self.words, k, exclude=(a, b, c))


@checked
def save_word2vec(vectors: WordVectors, path: str | os.PathLike, binary: bool = False) -> None:
    """Write vectors in the format of word2vec, which gensim and most other programs read.

    Parameters
    ----------
    vectors : WordVectors
    path : str or path
        Its folder is made if need be.
    binary : bool
        The compact format; by default plain text.

    Raises
    ------
    InputError
        If a word is empty or contains a space or line break, which the format cannot hold.
    DataError
        If the file cannot be written.
    """
    bad = [word for word in vectors.words if not word or re.search(r"\s", word, re.ASCII)]
    if bad:
        raise InputError(
            f"The word {bad[0]!r} is empty or contains a space or line break, which the format "
            "cannot hold: write an underscore instead."
        )
    table = np.asarray(vectors.vectors, dtype="<f4")

    def write(part: Path) -> None:
        with part.open("wb") as stream:
            stream.write(f"{len(table)} {table.shape[1]}\n".encode())
            for word, row in zip(vectors.words, table, strict=True):
                numbers = row.tobytes() if binary else " ".join(map(str, row.tolist())).encode()
                stream.write(word.encode() + b" " + numbers + b"\n")

    try:
        write_atomically(Path(path), write)
    except OSError as error:
        raise DataError(
            f"Could not store {Path(path).name!r} ({error.strerror}): choose another place."
        ) from None


@checked
def load_word2vec(path: str | os.PathLike, binary: bool = False) -> WordVectors:
    """Read vectors (float32) in the text format of word2vec, or its binary one.

    The text may lack its first line with the two sizes, as GloVe's files do.

    Raises
    ------
    InputError
        If the file is missing or cannot be read, has another format, is cut off, names a word
        twice, or holds NaN or infinite numbers.
    """
    name = Path(path).name
    try:
        content = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")  # some editors' mark
    except FileNotFoundError:
        raise InputError(f"There is no file {name!r}: check the path.") from None
    except OSError as error:
        raise InputError(f"{name!r} cannot be read ({error.strerror}): give a file.") from None
    try:
        words, table = _read(content, binary)
    except _Damaged as error:
        raise InputError(f"The file {name!r} is damaged: {error}. Get it again.") from None
    except ValueError:
        kind = "binary" if binary else "text"
        raise InputError(
            f"The file {name!r} is damaged or not in word2vec's {kind} format: get it again, or "
            f"load it with binary={not binary}."
        ) from None
    return WordVectors(words, table)


class _Damaged(ValueError):
    """What is wrong in which line."""


def _read(content: bytes, binary: bool) -> tuple[list[str], np.ndarray]:
    first, _, body = content.partition(b"\n")
    sizes = first.split()
    if len(sizes) == 2 and all(size.isdigit() for size in sizes):
        n, dimension = map(int, sizes)
        if n < 1 or dimension < 1 or 2 * dimension > len(body):  # each number takes 2 bytes
            raise ValueError
        line = 2  # of the file, counted from 1, in which the first vector stands
    elif binary or len(sizes) < 3:
        raise ValueError
    else:
        n, dimension, body, line = None, len(sizes) - 1, content, 1
    if binary:
        words, table = _read_binary(body, n, dimension)
    else:
        words, table = _read_text(body, n, dimension, line)
    if any(not word or "\n" in word or (" " in word and n is not None) for word in words):
        raise ValueError
    what, line = ("vector", 1) if binary else ("line", line)
    first_rows: dict[str, int] = {}
    for row, (word, finite) in enumerate(zip(words, np.isfinite(table).all(axis=1), strict=True)):
        if not finite:
            raise _Damaged(f"{what} {row + line} ({word!r}) holds NaN or an infinite number")
        if first_rows.setdefault(word, row) != row:
            raise _Damaged(
                f"{what} {row + line} names {word!r}, as {what} {first_rows[word] + line} does"
            )
    return words, table


def _read_text(
    body: bytes, n: int | None, dimension: int, first: int
) -> tuple[list[str], np.ndarray]:
    """Read the lines after the header; `first` is the number of the first of them."""
    lines = body.removesuffix(b"\n").split(b"\n")
    words, numbers = [], []
    for number, line in enumerate(lines, first):
        try:
            word, *row = line.decode("utf8").rstrip().rsplit(" ", dimension)
            if len(row) != dimension:
                raise ValueError
            with np.errstate(over="ignore"):  # infinite: said below, by its line
                numbers.append(np.array(row, dtype=np.float32))
        except ValueError:
            if number == first:
                raise  # it is no such file at all
            raise _Damaged(f"line {number} is no word (UTF-8) with {dimension} numbers") from None
        words.append(word)
    if n is not None and len(words) != n:
        raise _Damaged(f"line 1 promises {n} vectors, but there are {len(words)}")
    return words, np.stack(numbers)


def _read_binary(body: bytes, n: int | None, dimension: int) -> tuple[list[str], np.ndarray]:
    if (
        n is None
        or 4 * n * dimension > len(body)
        or _is_line_of_text(body.partition(b"\n")[0], dimension)
    ):
        raise ValueError
    words, table, place = [], np.empty((n, dimension), np.float32), 0
    for row in table:
        end = body.index(b" ", place)
        words.append(body[place:end].lstrip(b"\n").decode("utf8"))
        place = end + 1 + 4 * dimension
        row[:] = np.frombuffer(body, "<f4", dimension, end + 1)
    if body[place:].strip(b"\n"):
        raise ValueError
    return words, table


def _is_line_of_text(line: bytes, dimension: int) -> bool:
    """Whether a line is a word and its numbers in plain text, which could pass for binary ones."""
    try:
        return len([float(number) for number in line.split()[1:]]) == dimension
    except ValueError:
        return False


@checked
def character_ngrams(word: str, shortest: int = 3, longest: int = 6) -> list[str]:
    """Return the pieces of `<word>` with `shortest` to `longest` characters, by length.

    The marks < and > of the word's ends count as characters.

    Raises
    ------
    InputError
        If a piece could be empty, or the longest is shorter than the shortest.

    References
    ----------
    P. Bojanowski et al., Enriching word vectors with subword information, 2017, section 3.2.
    """
    if shortest < 1:
        raise InputError(f"A piece has at least 1 character, but the shortest is {shortest}.")
    if longest < shortest:
        raise InputError(f"The longest piece, {longest}, is shorter than the shortest, {shortest}.")
    marked = f"<{word}>"
    longest = min(longest, len(marked))
    return [
        marked[start : start + length]
        for length in range(shortest, longest + 1)
        for start in range(len(marked) - length + 1)
    ]
