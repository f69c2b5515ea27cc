"""Texts as words and their ids, in rectangles, in one row, or as counts."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import (
    check_ids,
    check_size,
    check_texts,
    check_two_axes,
    describe,
    id_array,
    whole_number,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PAD, UNKNOWN = 0, 1
RESERVED = ("<pad>", "<unk>")  # the words of these ids

_VARIATION_SELECTORS = range(0xFE00, 0xFE10)  # how a sign looks, as in an emoji: no letters
# Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = (
    "\u0e01-\u0e4f\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def tokenize(text: str) -> list[str]:
    """Split a text into lower-case words: runs of letters and digits, with inner apostrophes.

    An accent, vowel sign or other mark belongs to the letter before it, and letters are composed
    (Unicode's form NFC), so that a word is the same however it was typed. Invisible joiners
    (Persian, Hindi) hold a word together. In scripts that put no spaces between words (Chinese,
    Japanese, Thai, Lao, Burmese, Khmer) each letter, with its marks, is a word: to find true words
    there takes a dictionary.

    Examples
    --------
    >>> tokenize("Don't panic: 3 axes!")
    ["don't", 'panic', '3', 'axes']

    Raises
    ------
    InputError
        If `text` is not a string.
    """
    if not isinstance(text, str):
        advice = "join its words" if isinstance(text, list | tuple) else "convert or drop it first"
        raise InputError(f"A text must be a string, but this one is {describe(text)}: {advice}.")
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    composed = unicodedata.normalize("NFC", text.lower())
    # The small letter of the Turkish İ is i: Python gives it a second dot, as a mark.
    return _word_of_any_script().findall(composed.replace("i\u0307", "i"))


@cache
def _word_of_any_script() -> re.Pattern[str]:
    """Return the pattern of a word. Python's own has no marks: it would tear words apart there."""
    marks = "".join(
        chr(code)
        for code in range(0x300, 0x1F000)
        if unicodedata.category(chr(code)) in ("Mn", "Mc") and code not in _VARIATION_SELECTORS
    )
    spaced = rf"[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{marks}])*"
    return re.compile(rf"(?=[^\W_])[{_UNSPACED}][{marks}]*|{spaced}(?:['’\u200c\u200d]{spaced})*")


@checked
class Vocabulary:
    """Words with their ids: 0 is `<pad>`, 1 is `<unk>`, then words by falling frequency.

    Parameters
    ----------
    words : sequence of str
        The words that get ids 2, 3, ..., each once. Signs of your own, such as "<s>" for the start
        of a text, belong at the beginning.
    counts : sequence of int, optional
        How often each of them occurred.
    tokenize : callable, optional
        From a text to its words.

    Attributes
    ----------
    words : list of str, length V
        All words, the two reserved ones included.
    counts : ndarray of int64, shape (V,)
        Occurrences; 0 for the reserved ids.

    Raises
    ------
    InputError
        If a word is given twice, or the counts are not as many as the words.
    """

    def __init__(
        self,
        words: Sequence[str],
        counts: Sequence[int] | None = None,
        tokenize: Callable[[str], list[str]] = tokenize,
    ):
        if counts is not None and len(counts) != len(words):
            raise InputError(f"There are {len(counts)} counts for {len(words)} words.")
        self.words = [*RESERVED, *words]
        self.counts = np.array([0, 0, *(counts if counts is not None else [0] * len(words))])
        self.tokenize = tokenize
        self._ids = {word: i for i, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise InputError("A vocabulary needs each word once, but some words are repeated.")

    @classmethod
    @checked
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        minimum_count: int = 2,
        maximum_size: int | None = None,
        tokenize: Callable[[str], list[str]] = tokenize,
    ) -> "Vocabulary":
        """Collect the words that occur at least `minimum_count` times in the texts.

        Words of equal frequency are ordered alphabetically, so that the ids do not depend on the
        order of the texts. `maximum_size` counts the two reserved ids; their signs in a text are
        not counted as words.

        Raises
        ------
        InputError
            If there are no texts, a text is no string, or no word is frequent enough.
        """
        texts = check_texts(texts)
        counted = Counter(word for text in texts for word in tokenize(text))
        for sign in RESERVED:  # a text that has them already, such as WikiText
            counted.pop(sign, None)
        kept = frequent_words(counted, minimum_count)
        if maximum_size is not None:
            kept = kept[: max(maximum_size - 2, 0)]
        if not kept:
            raise InputError(
                f"No word occurs at least {minimum_count} times in these {len(texts)} texts: "
                "lower minimum_count or give more text."
            )
        words, counts = zip(*kept, strict=True)
        return cls(words, counts, tokenize)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def id(self, word: str) -> int:  # called for each word of a corpus: not `checked`
        """Return the id of a word, or 1 if the vocabulary does not have it.

        Raises
        ------
        InputError
            If the word is no string.
        """
        if not isinstance(word, str):
            raise InputError(f"A word must be a string, but this one is {describe(word)}.")
        return self._ids.get(word, UNKNOWN)

    def encode(self, text: str) -> np.ndarray:  # called for each text of many: not `checked`
        """Return the ids of the words of a text, shape (words,).

        Raises
        ------
        InputError
            If the text is no string.
        """
        if not isinstance(text, str):
            raise InputError(f"A text must be a string, but this one is {describe(text)}.")
        return np.array([self.id(word) for word in self.tokenize(text)], dtype=np.int64)

    @checked
    def decode(self, ids: ArrayLike) -> str:
        """Return the words of a sequence of ids, padding left out, joined by spaces.

        Raises
        ------
        InputError
            If an id is no whole number, or outside the vocabulary.
        """
        known = id_array(ids, "Ids", 1, len(self)).tolist()
        return " ".join(self.words[i] for i in known if i != PAD)

    @checked
    def suggest(self, word: str, n: int = 3) -> list[str]:
        """Return up to `n` words of the vocabulary that are spelled like `word`.

        Raises
        ------
        InputError
            If n is below 1.
        """
        whole_number(n, "n", 1)
        return difflib.get_close_matches(word.lower(), self.words[2:], n=n)


@checked
def frequent_words(counted: Mapping[str, int], minimum_count: int) -> list[tuple[str, int]]:
    """Return the words that occur at least so often, with their counts.

    The most frequent comes first; words of equal frequency are ordered alphabetically.
    """
    kept = ((word, n) for word, n in counted.items() if n >= minimum_count)
    return sorted(kept, key=lambda pair: (-pair[1], pair[0]))


def _check_sequences(sequences: Sequence) -> None:
    if not isinstance(sequences, Sequence | np.ndarray) or not all(
        isinstance(sequence, Sequence | np.ndarray) for sequence in sequences
    ):
        raise InputError("Ids of texts are a list of lists of ids: put those of one text in [ ].")


def pad(
    sequences: Sequence[Sequence[int] | np.ndarray], *, length: int | None = None
) -> np.ndarray:
    """Return ids as one rectangle (n, length): short rows filled with 0, long ones cut.

    Parameters
    ----------
    sequences : sequence of sequences of int
    length : int, optional
        By default the length of the longest sequence.

    Raises
    ------
    InputError
        If these are no sequences, the length is no whole number from 1 up, or is left out and no
        sequence has an id, or an id is no whole number from 0 up.
    """
    _check_sequences(sequences)
    if length is None:
        length = max((len(sequence) for sequence in sequences), default=0)
        if length == 0:
            raise InputError("There is nothing to pad, no sequence has an id: give a length.")
    whole_number(length, "The padded length", 1)
    check_size(len(sequences), 2 * length, what="The padded rectangle")
    padded = np.full((len(sequences), length), PAD, dtype=np.int64)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = id_array(sequence[:length], "The ids of a sequence", 1)
        row[: len(kept)] = kept
    return padded


def flatten(sequences: Sequence[Sequence[int] | np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return ids in one row, and where each sequence starts in it.

    Returns
    -------
    flat : ndarray of int64, shape (sum of lengths,)
    offsets : ndarray of int64, shape (n,)
        `flat[offsets[i]]` is the first id of sequence i.

    Raises
    ------
    InputError
        If these are no sequences, or an id is no whole number from 0 up.
    """
    _check_sequences(sequences)
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    flat = id_array([i for sequence in sequences for i in sequence], "Ids", 1)
    return flat, np.cumsum(lengths) - lengths


@partial(checked, own=("length",))
def encode_texts(texts: Iterable[str], vocabulary: Vocabulary, *, length: int = 64) -> np.ndarray:
    """Return the word ids of texts as a padded rectangle, shape (n, length), int64.

    Raises
    ------
    InputError
        If there are no texts, one of them is not a string, or the length is no whole number from
        1 up.
    """
    return pad([vocabulary.encode(text) for text in check_texts(texts)], length=length)


def bag_of_words(ids: np.ndarray, vocabulary_size: int) -> "csr_array":
    """Count the words of each row, padding left out.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
    vocabulary_size : int

    Returns
    -------
    scipy.sparse.csr_array of float32, shape (n, vocabulary_size)

    Raises
    ------
    InputError
        If the ids are no rectangle, or one is no whole number, negative or not below
        `vocabulary_size`.
    """
    from scipy.sparse import csr_array

    ids = check_ids(ids, vocabulary_size)
    check_two_axes(ids)
    rows, columns = np.nonzero(ids != PAD)  # each word's text and position
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_array((ones, (rows, ids[rows, columns])), shape=(len(ids), vocabulary_size))
