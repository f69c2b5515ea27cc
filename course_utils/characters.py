"""Text as a row of character ids: the alphabet, batches that follow the text, n-gram counts."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from course_utils.errors import InputError
from course_utils.text import check_ids

UNKNOWN_SIGN = "\ufffd"
PRINTABLE = "\n" + "".join(map(chr, range(32, 127)))


class Alphabet:
    """Characters with their ids: 0 is any character that the alphabet does not have.

    Parameters
    ----------
    characters : str
        Each once; they get the ids 1, 2, ... By default the line break and printable ASCII.

    Raises
    ------
    InputError
        If there are no characters, or one is given twice.
    """

    def __init__(self, characters: str = PRINTABLE):
        if not characters or len(set(characters)) != len(characters):
            raise InputError("An alphabet needs at least one character, and each only once.")
        self.characters = UNKNOWN_SIGN + characters
        codes = np.array([ord(c) for c in characters], np.uint32)
        self._order = np.argsort(codes)
        self._codes = codes[self._order]

    @classmethod
    def from_text(cls, text: str, *, minimum_count: int = 1) -> "Alphabet":
        """Collect the characters that occur at least `minimum_count` times, in their code order.

        Raises
        ------
        InputError
            If no character is frequent enough.
        """
        counts = Counter(text)
        return cls("".join(sorted(c for c, n in counts.items() if n >= minimum_count)))

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self.characters

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
        places = _look_up(codes, self._codes)
        ids = np.where(places >= 0, self._order[places] + 1, 0).astype(np.int64)
        if strict and (ids == 0).any():
            strange = "".join(dict.fromkeys(c for c, i in zip(text, ids, strict=True) if i == 0))
            raise InputError(
                f"The model does not know the characters {strange!r}: leave them out, or train on "
                "a text that has them."
            )
        return ids

    def decode(self, ids: np.ndarray) -> str:
        """Return the text of a row of ids; id 0 becomes a question mark in a diamond.

        Raises
        ------
        InputError
            If an id is outside the alphabet.
        """
        return "".join(self.characters[i] for i in check_ids(ids, len(self)).tolist())


class Streams:
    """Batches that follow the text, so that a state can be handed on from one to the next.

    The text is cut into `batch_size` lanes of equal length. Batch i holds the i-th chunk of every
    lane, and the next batch goes on where it ended. At the end of a lane reading goes on at its
    beginning.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
    batch_size : int
        Lanes that are read side by side.
    length : int
        Tokens of a lane in one batch.
    steps : int
        Batches of an epoch; the next epoch goes on where it ended.
    seed : int
        Decides where in its lane each reading begins.

    Raises
    ------
    InputError
        If a number is below 1, or the text is too short for one batch.
    """

    def __init__(self, ids: np.ndarray, batch_size: int, length: int, steps: int, seed: int = 0):
        if min(batch_size, length, steps) < 1:
            raise InputError("Batch size, length and steps must be at least 1.")
        self.ids, self.batch_size, self.length, self.steps = ids, batch_size, length, steps
        self.chunks = (len(ids) // batch_size - 1) // length  # whole chunks of a lane
        if self.chunks < 1:
            raise InputError(
                f"A text of {len(ids)} tokens is too short for {batch_size} lanes with chunks of "
                f"{length}: take fewer lanes or shorter chunks."
            )
        self.first = np.random.default_rng(seed).integers(self.chunks, size=batch_size)

    @classmethod
    def once(cls, ids: np.ndarray, batch_size: int, length: int) -> "Streams":
        """Return streams whose one epoch reads a text from its beginning; a short one is one chunk.

        Raises
        ------
        InputError
            If the text is too short for the lanes.
        """
        length = max(1, min(length, len(ids) // batch_size - 1))
        streams = cls(ids, batch_size, length, 1)
        streams.first[:] = 0
        streams.steps = streams.chunks
        return streams

    def __call__(self, epoch: int) -> "_Chunks":
        return _Chunks(self, epoch * self.steps)

    def batch(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and targets (batch_size, length); a target is the token after its input."""
        lanes = np.arange(self.batch_size) * (len(self.ids) // self.batch_size)
        starts = lanes + (self.first + number) % self.chunks * self.length  # (batch_size,)
        chunk = self.ids[starts[:, None] + np.arange(self.length + 1)]
        return chunk[:, :-1], chunk[:, 1:]


class _Chunks:
    """The batches of one epoch."""

    def __init__(self, streams: Streams, first: int):
        self.streams, self.first = streams, first

    def __len__(self) -> int:
        return self.streams.steps

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number in range(self.first, self.first + len(self)):
            yield self.streams.batch(number)


class NGramModel:
    """Character n-grams with Witten-Bell smoothing: the baseline of every character model.

    A long context that was seen rarely is mixed with the next shorter one. The weight of the
    shorter one is the number of different characters that followed the context:
    p(c | h) = (count(h c) + kinds(h) p(c | shorter h)) / (count(h) + kinds(h)).

    Parameters
    ----------
    order : int
        5 looks at the four characters before. 1 is the unigram model.
    vocabulary_size : int

    Raises
    ------
    InputError
        If the order is below 1, or so high that an n-gram does not fit into 63 bits.

    References
    ----------
    I. Witten, T. Bell, The zero-frequency problem, 1991, method C.
    """

    def __init__(self, order: int, vocabulary_size: int):
        if order < 1 or vocabulary_size**order >= 2**63:
            raise InputError(f"The order must be at least 1 and small enough, not {order}.")
        self.order, self.vocabulary_size = order, vocabulary_size

    def fit(self, ids: np.ndarray) -> "NGramModel":
        """Count the n-grams of a text (n,).

        Raises
        ------
        InputError
            If the text is shorter than the order, or an id is outside the vocabulary.
        """
        ids = check_ids(ids, self.vocabulary_size)
        if len(ids) < self.order:
            raise InputError(f"{len(ids)} characters are too few for {self.order}-grams.")
        grams, counts = np.unique(self._keys(ids, self.order), return_counts=True)
        self.tables = []  # for n = order, ..., 1: grams, counts, contexts, their counts and kinds
        for _ in range(self.order):
            contexts, first, kinds = np.unique(
                grams // self.vocabulary_size, return_index=True, return_counts=True
            )
            totals = np.add.reduceat(counts, first)
            self.tables.append((grams, counts, contexts, totals, kinds))
            grams, counts = contexts, totals  # the shorter grams, counted by what follows them
        return self

    @property
    def n_parameters(self) -> int:
        """Counts that the model keeps."""
        return sum(len(grams) for grams, *_ in self.tables)

    def probabilities(self, ids: np.ndarray, order: int | None = None) -> np.ndarray:
        """Return the probability of each id after those before it, from place `order` - 1 on.

        Parameters
        ----------
        ids : ndarray of int, shape (n,)
        order : int, optional
            A shorter context than the model's own, which it has counted as well.

        Returns
        -------
        ndarray, shape (n - self.order + 1,), the same places for every order

        Raises
        ------
        InputError
            If the text is shorter than the order, an id is outside the vocabulary, or the order
            is not between 1 and the model's own.
        """
        ids = check_ids(ids, self.vocabulary_size)
        order = self.order if order is None else order
        if len(ids) < self.order:
            raise InputError(f"{len(ids)} characters are too few for {self.order}-grams.")
        if not 1 <= order <= self.order:
            raise InputError(f"This model has the orders 1 to {self.order}, not {order}.")
        chance = np.full(len(ids) - self.order + 1, 1 / self.vocabulary_size)
        for n, (grams, counts, contexts, totals, kinds) in enumerate(
            self.tables[: -order - 1 : -1], start=1
        ):
            keys = self._keys(ids[self.order - n :], n)
            context = _look_up(keys // self.vocabulary_size, contexts)
            gram = _look_up(keys, grams)
            seen = np.where(gram >= 0, counts[gram], 0)
            total = np.where(context >= 0, totals[context], 0)
            kind = np.where(context >= 0, kinds[context], 1)  # an unseen context says nothing
            chance = (seen + kind * chance) / (total + kind)
        return chance

    def bits_per_character(self, ids: np.ndarray, order: int | None = None) -> float:
        """Return the mean of -log2 of the probabilities.

        Raises
        ------
        InputError
            As `probabilities` does.
        """
        return float(-np.log2(self.probabilities(ids, order)).mean())

    def _keys(self, ids: np.ndarray, n: int) -> np.ndarray:
        """Return each run of n ids as one number, the first id in front."""
        keys = np.zeros(len(ids) - n + 1, dtype=np.int64)
        for i in range(n):
            keys = keys * self.vocabulary_size + ids[i : len(ids) - n + 1 + i]
        return keys


def _look_up(keys: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the places of keys in a sorted table, -1 where they are missing."""
    places = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[places] == keys, places, -1)
