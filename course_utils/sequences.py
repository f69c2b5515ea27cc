"""Batches of sequences of different lengths, and a learning rate that warms up and falls."""

from collections.abc import Sequence

import numpy as np

from course_utils.errors import InputError
from course_utils.text import PAD


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


def rate_at(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Return the learning rate of a step: rising to `peak`, then falling to a fiftieth of it.

    Parameters
    ----------
    step : int
        From 0; `steps` are all optimizer steps of the training, one for each batch.
    warm_up : int
        Steps until the peak.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 5.3 (with another fall).
    """
    return peak * min(1.0, (step + 1) / max(warm_up, 1)) * max(0.02, 1 - step / steps)


def check_batches(batches: Sequence[tuple[np.ndarray, ...]]) -> None:
    """Say so if there is nothing to train on.

    Raises
    ------
    InputError
        If there are no batches, or one has no targets beside its inputs.
    """
    if not len(batches) or any(len(batch) < 2 for batch in batches):
        raise InputError("Training needs batches of inputs and targets, one tuple each.")


def in_parts(batches: Sequence, parts: int) -> list[Sequence]:
    """Cut a list of batches into `parts` runs of nearly equal length, none of them empty."""
    edges = np.linspace(0, len(batches), min(parts, len(batches)) + 1).astype(int)
    return [batches[start:end] for start, end in zip(edges, edges[1:], strict=False)]
