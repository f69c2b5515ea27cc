"""What transformers need that is no framework's business: checks and positions."""

from collections.abc import Sequence

import numpy as np

from course_utils.errors import InputError

POSITIONS = ("learned", "sinusoidal", "none")


def sinusoidal_positions(length: int, width: int) -> np.ndarray:
    """Return a fixed vector for each place, shape (length, width), float32.

    Number 2i of place p is sin(p / 10000^(2i / width)), number 2i + 1 the cosine of the same.

    Raises
    ------
    InputError
        If the width is odd.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.5.
    """
    if width % 2:
        raise InputError(f"Sines and cosines come in pairs: the width {width} must be even.")
    rates = 10_000.0 ** (-np.arange(0, width, 2) / width)  # (width / 2,)
    angles = np.arange(length)[:, None] * rates  # (length, width / 2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(length, width).astype("f4")


def check_heads(width: int, heads: int) -> None:
    """Say so if the heads do not share the width evenly.

    Raises
    ------
    InputError
        If `heads` is below 1 or does not divide `width`.
    """
    if heads < 1 or width % heads:
        raise InputError(
            f"A width of {width} cannot be shared by {heads} heads: choose a number of heads that "
            "divides the width."
        )


def check_positions(kind: str) -> None:
    """Say which kinds of positions there are.

    Raises
    ------
    InputError
        If the kind is none of them.
    """
    if kind not in POSITIONS:
        raise InputError(f"Positions are learned, sinusoidal or none, but not {kind!r}.")


def check_length(length: int | None, longest: int) -> None:
    """Say so if a sequence is longer than the positions that a model has.

    Raises
    ------
    InputError
        If `length` is above `longest`. A length of `None` is not known yet and passes.
    """
    if length is not None and length > longest:
        raise InputError(
            f"The sequence has {length} tokens, but the model has positions for {longest}: cut "
            "the sequence, or make the model with a larger `length`."
        )


def check_mask(
    mask: Sequence[int | None], queries: Sequence[int | None], keys: Sequence[int | None]
) -> None:
    """Say so if a mask does not fit the scores (batch, heads, queries, keys).

    Parameters
    ----------
    mask, queries, keys : shapes
        Of the mask, and of the tensors (batch, length, width) that look and are looked at. `None`
        stands for a size that is not known yet.

    Raises
    ------
    InputError
        If the mask has not four axes, or one is neither 1 nor as long as that of the scores.
    """
    scores = (queries[0], None, queries[1], keys[1])
    fits = len(mask) == 4 and all(
        size in (None, 1) or wanted in (None, size)
        for size, wanted in zip(mask, scores, strict=True)
    )
    if not fits:
        raise InputError(
            f"The mask has the shape {_shown(mask)}, but it must be (batch, heads, queries, keys) "
            f"= ({_size(scores[0])}, heads, {_size(scores[2])}, {_size(scores[3])}), where any of "
            "the four may be 1."
        )


def _shown(shape: Sequence[int | None]) -> str:
    return f"({', '.join(map(_size, shape))}{',' if len(shape) == 1 else ''})"


def _size(size: int | None) -> str:
    return "?" if size is None else str(size)
