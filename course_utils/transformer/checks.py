"""Checks of what a transformer is made from and given."""

from collections.abc import Sequence

import numpy as np

from course_utils.errors import InputError


def check_heads(d_model: int, heads: int) -> None:
    """Say so if the heads do not share the vector evenly.

    Raises
    ------
    InputError
        If `heads` is below 1 or does not divide `d_model`.
    """
    if heads < 1 or d_model % heads:
        raise InputError(
            f"d_model = {d_model} cannot be shared by {heads} heads: choose a number of heads that "
            "divides it."
        )


def check_even(d_model: int) -> None:
    """Say so if vectors do not consist of pairs of a sine and a cosine.

    Raises
    ------
    InputError
        If `d_model` is odd.
    """
    if d_model % 2:
        raise InputError(f"Sines and cosines come in pairs: d_model = {d_model} must be even.")


def check_length(length: int | None, max_length: int) -> None:
    """Say so if a sequence is longer than the positions that a model has.

    Raises
    ------
    InputError
        If `length` is above `max_length`. A length of `None` is not known yet and passes.
    """
    if length is not None and length > max_length:
        raise InputError(
            f"The sequence has {length} tokens, but the model has positions for {max_length}: cut "
            "the sequence, or make the model with a larger `max_length`."
        )


def check_memory(cross: bool, memory: object | None, memory_mask: object | None) -> None:
    """Say so if a block that needs a memory has none, or the other way round.

    Parameters
    ----------
    cross : bool
        Whether the block attends to a memory.
    memory, memory_mask : tensors or None

    Raises
    ------
    InputError
        If `cross` is true and there is no memory, or a memory or a mask of it is given for nothing.
    """
    if cross and memory is None:
        raise InputError(
            "The model attends to a memory (cross=True), but there is none: give it `memory`, the "
            "vectors of an encoder."
        )
    if not cross and (memory is not None or memory_mask is not None):
        raise InputError(
            "The model has no use for a memory or a memory_mask: make it with cross=True, or leave "
            "them out."
        )


def check_token_types(types: np.ndarray, kinds: int) -> None:
    """Say so if a token is marked with a type that a model has not.

    Raises
    ------
    InputError
        If one is no whole number from 0 to `kinds` - 1.
    """
    wrong = types[~np.isin(types, range(kinds))]
    if wrong.size:
        raise InputError(
            f"Token types are whole numbers from 0 to {kinds - 1} for this model, but one is "
            f"{wrong[0]}."
        )


def check_mask(
    mask: Sequence[int | None], queries: Sequence[int | None], keys: Sequence[int | None]
) -> None:
    """Say so if a mask does not fit the scores (batch, heads, queries, keys).

    Parameters
    ----------
    mask, queries, keys : shapes
        Of the mask, and of the tensors (batch, length, d_model) that attend and are attended to.
        `None` stands for a size that is not known yet.

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
        wanted = f"({queries[0]}, heads, {queries[1]}, {keys[1]})"
        sentence = (
            f"The mask has the shape {tuple(mask)}, but it must be (batch, heads, queries, keys) = "
            f"{wanted}, where any of the four may be 1."
        )
        raise InputError(sentence.replace("None", "?"))
