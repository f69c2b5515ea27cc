"""Text as a row of character ids."""

from collections import Counter

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import id_array

UNKNOWN_SIGN = "\ufffd"
PRINTABLE = "\n" + "".join(map(chr, range(32, 127)))


@checked
class CharVocabulary:
    """Characters with their ids: 0 is any character that the alphabet does not have.

    Parameters
    ----------
    characters : str
        Each once; they get the ids 1, 2, ... By default the line break and printable ASCII.

    Attributes
    ----------
    characters : str, length V
        All characters, U+FFFD for id 0 included.

    Raises
    ------
    InputError
        If there are no characters, one is given twice, or U+FFFD is among them.
    """

    def __init__(self, characters: str = PRINTABLE):
        self._known = set(characters)
        if not characters or len(self._known) != len(characters):
            raise InputError("An alphabet needs at least one character, and each only once.")
        if UNKNOWN_SIGN in characters:
            raise InputError("U+FFFD stands for unknown characters (id 0): leave it out.")
        self.characters = UNKNOWN_SIGN + characters
        codes = np.array([ord(c) for c in characters], np.uint32)
        self._order = np.argsort(codes)
        self._codes = codes[self._order]

    @classmethod
    @checked
    def from_text(cls, text: str, *, minimum_count: int = 1) -> "CharVocabulary":
        """Collect the characters that occur at least `minimum_count` times, in their code order.

        U+FFFD, which stands for what could not be read, is left out.

        Raises
        ------
        InputError
            If no character is frequent enough.
        """
        counts = Counter(text.replace(UNKNOWN_SIGN, ""))
        return cls("".join(sorted(c for c, n in counts.items() if n >= minimum_count)))

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self._known

    def encode(self, text: str, *, strict: bool = False) -> np.ndarray:
        """Return the ids of a text, shape (characters,), int64.

        Parameters
        ----------
        strict : bool
            Refuse characters that the alphabet does not have, instead of giving them id 0.

        Raises
        ------
        InputError
            If `text` is no string, or if `strict` and a character is unknown.
        """
        if not isinstance(text, str):
            raise InputError(f"A text must be a string, not {type(text).__name__}.")
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)  # (characters,)
        rows = find_sorted(codes, self._codes)
        ids = np.where(rows >= 0, self._order[rows] + 1, 0).astype(np.int64)
        if strict and (ids == 0).any():
            strange = "".join(dict.fromkeys(c for c, i in zip(text, ids, strict=True) if i == 0))
            raise InputError(
                f"The model does not know the characters {strange!r}: leave them out, or train on "
                "a text that has them."
            )
        return ids

    @checked
    def decode(self, ids: np.ndarray) -> str:
        """Return the text of a row of ids; id 0 becomes a question mark in a diamond.

        Raises
        ------
        InputError
            If an id is no whole number, or outside the alphabet.
        """
        ids = id_array(ids, "Ids", 1, len(self))
        return "".join(self.characters[i] for i in ids.tolist())


def find_sorted(keys: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the rows of keys in a sorted table, -1 where they are missing."""
    rows = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[rows] == keys, rows, -1)
