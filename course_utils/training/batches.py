"""Which rows of which arrays make a batch: drawn by NumPy, so that both frameworks see the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_ids, id_array, whole_number
from course_utils.text.words import PAD

Batch = tuple[np.ndarray, ...]  # the inputs, and last the targets


@checked
@dataclass(frozen=True)
class Batches:
    """The batches of an epoch: their numbers, and what makes a batch when its turn comes."""

    make: Callable[[int], Batch]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Batch]:
        return map(self.make, self.numbers)


@checked
class ContiguousBatches:
    """Batches that follow the text, so that a state can be handed on from one to the next.

    The text is cut into `batch_size` stretches of equal length, one for each row of a batch. Row r
    of batch i is the i-th chunk of stretch r, and row r of the next batch goes on where it ended.
    At the end of its stretch a row goes on at the beginning. Iterating reads each chunk once.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
        What does not fill the last chunk of a stretch is left out.
    batch_size : int
        Rows that are read side by side.
    sequence_length : int
        Tokens of a row in one batch.
    seed : int, optional
        Decides at which chunk each row begins; with None all begin at the first.

    Raises
    ------
    InputError
        If a number is no whole number or too small, or the text is too short for one batch.
    """

    def __init__(
        self, ids: np.ndarray, batch_size: int, sequence_length: int, seed: int | None = 0
    ):
        self.ids = id_array(ids, "The ids of a text", 1)
        self.batch_size = whole_number(batch_size, "The batch size", 1)
        self.sequence_length = whole_number(sequence_length, "The length of a chunk", 1)
        self.n_chunks = (len(ids) // batch_size - 1) // sequence_length  # whole chunks of a row
        if self.n_chunks < 1:
            raise InputError(
                f"A text of {len(ids)} tokens is too short for {batch_size} rows with chunks of "
                f"{sequence_length}: take fewer rows or shorter chunks."
            )
        rng = np.random.default_rng(None if seed is None else whole_number(seed, "The seed", 0))
        self.first = rng.integers(self.n_chunks, size=batch_size) if seed is not None else 0

    @classmethod
    @checked
    def sequential(cls, ids: np.ndarray, batch_size: int, sequence_length: int) -> Self:
        """Return batches that begin at the beginning of a text; a short text is one chunk.

        Raises
        ------
        InputError
            As above.
        """
        rows = whole_number(batch_size, "The number of rows", 1)
        sequence_length = whole_number(sequence_length, "The length of a chunk", 1)
        ids = id_array(ids, "The ids of a text", 1)
        return cls(ids, rows, max(1, min(sequence_length, len(ids) // rows - 1)), seed=None)

    def __len__(self) -> int:
        return self.n_chunks

    def __iter__(self) -> Iterator[Batch]:
        return map(self.batch, range(self.n_chunks))

    @checked
    def batch(self, number: int) -> Batch:
        """Return inputs and targets (batch_size, sequence_length): a target is the next token."""
        rows = np.arange(self.batch_size) * (len(self.ids) // self.batch_size)
        chunks = (self.first + number) % self.n_chunks
        starts = rows + chunks * self.sequence_length  # (batch_size,)
        chunk = self.ids[starts[:, None] + np.arange(self.sequence_length + 1)]
        return chunk[:, :-1], chunk[:, 1:]


@partial(checked, own=("batch_size", "seed"))
def length_batches(
    source: np.ndarray, *others: np.ndarray, batch_size: int = 64, seed: int = 0
) -> list[Batch]:
    """Cut rows into batches of about equal length, each padded to its own longest row only.

    The order of the batches is drawn with NumPy, so both frameworks see the same. Every row is in
    one of them: the batch of the longest rows is smaller if the rows do not fill all batches.

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
        If there are fewer rows than a batch needs, the arrays differ in length, or the batch size
        or the seed is no whole number or too small.
    """
    check_rows(source, *others)
    whole_number(seed, "The seed", 0)
    if whole_number(batch_size, "The batch size", 1) > len(source):
        raise InputError(f"A batch of {batch_size} cannot be filled from {len(source)} rows.")
    for ids in (source, *others):
        id_array(ids, "Ids", np.ndim(ids))
    rng, lengths = np.random.default_rng(seed), (source != PAD).sum(axis=1)
    order = rng.permutation(len(source))
    order = order[np.argsort(lengths[order], kind="stable")]
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [
        (source[rows, : lengths[rows].max()], *(other[rows] for other in others))
        for rows in (batches[i] for i in rng.permutation(len(batches)))
    ]


@checked
def split_evenly(batches: Sequence, parts: int) -> list[Sequence]:
    """Cut a sequence into `parts` runs of nearly equal length, none of them empty.

    There are fewer runs if there are fewer batches than `parts`.

    Raises
    ------
    InputError
        If `parts` is no whole number or below 1.
    """
    runs = min(whole_number(parts, "The number of evaluations", 1), len(batches))
    if not len(batches):
        raise InputError("There are no batches: nothing can be split.")
    edges = [len(batches) * i // runs for i in range(runs + 1)]
    return [batches[start:end] for start, end in zip(edges, edges[1:], strict=False)]


@partial(checked, own=("batch_size", "seed"))
def minibatches(
    arrays: Iterable[np.ndarray], batch_size: int, *, seed: int = 0, shuffle: bool = True
) -> Callable[[int], Batches]:
    """Return a function that gives the batches of an epoch, as tuples of array slices.

    The order depends on `seed` and the epoch alone, so both frameworks see the same batches.

    Parameters
    ----------
    arrays : sequence of ndarray
        All of the same length n along the first axis.
    batch_size : int
        Rows of a batch; the last batch of an epoch may be smaller.
    seed : int
        Decides the order of the rows.
    shuffle : bool
        False keeps the order of the rows.

    Raises
    ------
    InputError
        If there are no arrays, they are empty or differ in length, or the batch size or the seed is
        no whole number or too small.
    """
    arrays = tuple(np.asarray(array) for array in arrays)
    check_rows(*arrays)
    if not arrays or len(arrays[0]) == 0:
        raise InputError("There is nothing to train on: there are no arrays, or they have no rows.")
    n, size = len(arrays[0]), whole_number(batch_size, "The batch size", 1)
    whole_number(seed, "The seed", 0)

    def batches(epoch: int) -> Batches:
        order = np.random.default_rng([seed, epoch]).permutation(n) if shuffle else np.arange(n)

        def make(start: int) -> Batch:
            return tuple(array[order[start : start + size]] for array in arrays)

        return Batches(make, range(0, n, size))

    return batches


def in_batches(
    read: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray, batch_size: int
) -> np.ndarray:
    """Return what `read` makes of the inputs, batch by batch, in one array.

    Raises
    ------
    InputError
        If the batch size is no whole number or below 1.
    """
    size = whole_number(batch_size, "The batch size", 1)
    starts = range(0, len(inputs), size)
    return np.concatenate([read(inputs[start : start + size]) for start in starts])


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
    batch_size = whole_number(batch_size, "The batch size", 1)
    lengths = id_array(lengths, "Lengths", 1)
    order = np.argsort(-lengths, kind="stable") if sort else np.arange(len(lengths))
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def model_dtype(array: np.ndarray) -> str:
    """Return the type in which models take an array: whole numbers int64, all others float32."""
    return "int64" if np.issubdtype(np.asarray(array).dtype, np.integer) else "float32"


def check_rows(*arrays: Sized) -> None:
    """Say how many rows inputs and targets have, if they differ.

    Raises
    ------
    InputError
        If the arrays differ in length.
    """
    if not all(np.ndim(array) for array in arrays if isinstance(array, np.ndarray)):
        raise InputError("Inputs and targets are arrays with a row for each example, not numbers.")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise InputError(
            "Inputs and targets must have the same number of rows, but they have "
            f"{', '.join(map(str, lengths))}."
        )


def check_inputs(model: object, inputs: np.ndarray, *others: np.ndarray) -> None:
    """Say so if inputs are nothing that a model can learn from.

    If the model says how large its table is, the first array is ids for it.

    Raises
    ------
    InputError
        If there are no rows, an id is negative or not below `model.vocabulary_size`, any other
        whole number is negative, or a number is NaN, infinite or too large for float32.
    """
    if len(inputs) == 0:
        raise InputError("There are no inputs: the array has no rows.")
    size = getattr(model, "vocabulary_size", None)
    if size is not None:
        check_ids(inputs, size)
    for array in map(np.asarray, (inputs, *others)):
        if array.dtype.kind == "f" and not (np.abs(array) <= np.finfo(np.float32).max).all():
            raise InputError(
                "Inputs must be finite float32 numbers, but one is NaN, infinite or too large: "
                "repair the data first."
            )
        if array.dtype.kind == "i" and array.min(initial=0) < 0:
            raise InputError(
                f"Whole numbers as inputs are ids from 0 up, but one is {array.min()}: give "
                "measurements as floats."
            )


def check_labels(labels: np.ndarray, shape: Sequence[int | None]) -> None:
    """Say so if labels do not fit logits.

    Parameters
    ----------
    labels : ndarray of int
        Class ids.
    shape : sequence of int
        Of the logits, (rows, ..., classes); None allows any size of an axis.

    Raises
    ------
    InputError
        If labels are no whole numbers, have another shape than the logits without their last axis,
        or are negative or not below the number of classes.
    """
    labels = np.asarray(labels)
    *wanted, classes = shape
    if not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"Labels must be whole numbers, but these have the type {labels.dtype}.")
    if labels.ndim != len(wanted) or any(
        need not in (None, size) for need, size in zip(wanted, labels.shape, strict=False)
    ):
        sizes = ", ".join("any" if need is None else str(need) for need in wanted)
        raise InputError(
            f"Labels must have the shape ({sizes}), one for each row of logits, but these have "
            f"{labels.shape}."
        )
    if labels.size and classes is not None and (labels.min() < 0 or labels.max() >= classes):
        worst = int(labels.min()) if labels.min() < 0 else int(labels.max())
        raise InputError(
            f"Label {worst} is outside the {classes} classes that the model scores "
            f"(0 to {classes - 1})."
        )


def fit_parts(train: Batch, validation: Batch | None) -> list[Batch]:
    """Return the parts of a training that are given, each of inputs and targets.

    Raises
    ------
    InputError
        If one has more arrays.
    """
    parts = [train] if validation is None else [train, validation]
    for part in parts:
        if isinstance(part, tuple | list) and len(part) > 2:
            raise InputError("Give training and validation as two arrays each: inputs, targets.")
    return parts


def check_batches(
    model: object,
    batches: Sequence[Batch],
    shape: Callable[..., Sequence[int]] | None = None,
    tokens: bool = False,
) -> None:
    """Check all batches of a training before its first step.

    Parameters
    ----------
    model : callable
        If it has a `vocabulary_size`, the first array of each batch is ids for its table.
    batches : sequence of tuples (input, ..., target)
    shape : callable, optional
        From the inputs of a batch to the shape of their logits. With it the targets must be class
        ids.
    tokens : bool
        Whether the logits must be those of tokens, (batch, length, words).

    Raises
    ------
    InputError
        If there are no batches, one has no targets beside its inputs, inputs and targets differ in
        number, an input (see `check_inputs`) or a label does not fit the model, or the logits are
        not those of tokens.
    """
    if not hasattr(batches, "__len__"):
        raise InputError("Batches must have a length: make a list of them, list(batches).")
    if not len(batches) or any(
        not isinstance(batch, tuple | list) or len(batch) < 2 for batch in batches
    ):
        raise InputError("Training needs batches of inputs and targets, one tuple each.")
    for batch in batches:
        check_rows(*batch)
        check_inputs(model, *batch[:-1])
    if shape is None:
        return
    *inputs, labels = batches[0]
    _, *axes, classes = shape(*inputs)
    if tokens and len(axes) != 1:
        raise InputError(
            "token_loss needs logits (batch, length, words), but this model has others. "
            "For a classifier take loss_fn=cross_entropy."
        )
    check_labels(labels, (len(labels), *axes, classes))
    # Only one batch goes through the model. If it has logits at each position of the last input,
    # so have the others; else their sizes are not known.
    aligned = axes == [*np.shape(inputs[-1])[1:]]
    for *inputs, labels in batches:
        own = np.shape(inputs[-1])[1:] if aligned else [None for _ in axes]
        check_labels(labels, (len(labels), *own, classes))
