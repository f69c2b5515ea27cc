"""Which rows of which arrays make a batch: drawn by NumPy, so that both frameworks see the same."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from course_utils.errors import InputError
from course_utils.text.words import PAD, whole_number


class ContiguousBatches:
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
    def once(cls, ids: np.ndarray, batch_size: int, length: int) -> "ContiguousBatches":
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

    def __init__(self, streams: ContiguousBatches, first: int):
        self.streams, self.first = streams, first

    def __len__(self) -> int:
        return self.streams.steps

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number in range(self.first, self.first + len(self)):
            yield self.streams.batch(number)


def length_batches(
    source: np.ndarray, *others: np.ndarray, batch_size: int = 64, seed: int = 0
) -> list[tuple[np.ndarray, ...]]:
    """Cut rows into batches of about equal length, each padded to its own longest row only.

    The order of the batches is drawn with NumPy, so both frameworks see the same. Rows that do
    not fill a batch are left out.

    Parameters
    ----------
    source : ndarray of int, shape (n, length)
        Ids; 0 is padding, at the end of a row.
    others : arrays with n rows
        What belongs to each row; it is not cut.

    Returns
    -------
    list of tuples (source, *others)

    Raises
    ------
    InputError
        If there are fewer rows than a batch needs.
    """
    if not 1 <= batch_size <= len(source):
        raise InputError(f"A batch of {batch_size} cannot be filled from {len(source)} rows.")
    rng, lengths = np.random.default_rng(seed), (source != PAD).sum(axis=1)
    order = rng.permutation(len(source))
    order = order[np.argsort(lengths[order], kind="stable")]
    kept = order[: len(order) // batch_size * batch_size].reshape(-1, batch_size)
    return [
        (source[rows, : lengths[rows].max()], *(other[rows] for other in others))
        for rows in rng.permutation(kept)
    ]


def check_batches(batches: Sequence[tuple[np.ndarray, ...]]) -> None:
    """Say so if there is nothing to train on.

    Raises
    ------
    InputError
        If there are no batches, or one has no targets beside its inputs.
    """
    if not len(batches) or any(len(batch) < 2 for batch in batches):
        raise InputError("Training needs batches of inputs and targets, one tuple each.")


def split_evenly(batches: Sequence, parts: int) -> list[Sequence]:
    """Cut a list of batches into `parts` runs of nearly equal length, none of them empty."""
    edges = np.linspace(0, len(batches), min(parts, len(batches)) + 1).astype(int)
    return [batches[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def minibatches(
    arrays: Sequence[np.ndarray], batch_size: int, *, seed: int = 0, shuffle: bool = True
) -> Callable[[int], Iterable[tuple[np.ndarray, ...]]]:
    """Return a function that gives the batches of an epoch, as tuples of array slices.

    The order depends on `seed` and the epoch alone, so both frameworks see the same batches.

    Parameters
    ----------
    arrays : sequence of ndarray
        All of the same length n along the first axis.
    batch_size : int
        Rows of a batch; the last batch of an epoch may be smaller.

    Raises
    ------
    InputError
        If the arrays are empty or differ in length, or the batch size is below 1.
    """
    arrays = tuple(np.asarray(array) for array in arrays)
    check_rows(*arrays)
    if len(arrays[0]) == 0:
        raise InputError("There is nothing to train on: the arrays have no rows.")
    if batch_size < 1:
        raise InputError(f"The batch size must be at least 1, but it is {batch_size}.")
    return lambda epoch: _Batches(arrays, batch_size, [seed, epoch] if shuffle else None)


def check_rows(*arrays: Sequence) -> None:
    """Say how many rows inputs and targets have, if they differ.

    Raises
    ------
    InputError
        If the arrays differ in length.
    """
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) != 1:
        raise InputError(
            "Inputs and targets must have the same number of rows, but they have "
            f"{', '.join(map(str, lengths))}."
        )


class _Batches:
    """The batches of one epoch, in an order that `seed` decides; `None` keeps the order."""

    def __init__(self, arrays, batch_size, seed):
        self.arrays, self.batch_size = arrays, batch_size
        n = len(arrays[0])
        self.order = np.arange(n) if seed is None else np.random.default_rng(seed).permutation(n)

    def __len__(self):
        return math.ceil(len(self.order) / self.batch_size)

    def __iter__(self):
        for start in range(0, len(self.order), self.batch_size):
            rows = self.order[start : start + self.batch_size]
            yield tuple(array[rows] for array in self.arrays)


def length_order(lengths: np.ndarray, batch_size: int, sort: bool = True) -> list[np.ndarray]:
    """Return the rows of each batch: the longest texts first, so that little is padded.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of each text.
    batch_size : int
        Texts of a batch; the last one may have fewer.
    sort : bool
        Whether the longest come first; else the order stays.

    Returns
    -------
    list of ndarrays of int, shape (batch,)

    Raises
    ------
    InputError
        If the batch size is no whole number or below 1.
    """
    batch_size = whole_number(batch_size, "The batch size")
    if batch_size < 1:
        raise InputError(f"The batch size must be at least 1, but it is {batch_size}.")
    order = np.argsort(-lengths, kind="stable") if sort else np.arange(len(lengths))
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
