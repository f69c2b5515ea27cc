"""Checks of what a transformer is made from and given."""

from collections.abc import Sequence
from typing import Any

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


def check_types_used(kinds: int, types: object | None) -> None:
    """Say so if a model that was made without token types is given some.

    Raises
    ------
    InputError
        If there are `types` and no `kinds`.
    """
    if types is not None and not kinds:
        raise InputError(
            "The model has no token types: make it with token_types=2, or leave token_type_ids out."
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


def check_attention(
    queries: Sequence[int | None], keys: Sequence[int | None], mask: Any | None
) -> None:
    """Say so if tensors cannot attend to each other, or a mask does not fit their scores.

    Parameters
    ----------
    queries, keys : shapes
        Of the tensors (batch, length, d_model) that attend and are attended to. `None` stands for
        a size that is not known yet.
    mask : tensor or None

    Raises
    ------
    InputError
        If the tensors have not three axes or differ in their batch or width, or the mask is not of
        truth values, has not four axes (batch, heads, queries, keys), or one is neither 1 nor as
        long as that of the scores.
    """
    if (
        len(queries) != 3
        or len(keys) != 3
        or any(
            None not in (mine, other) and mine != other
            for mine, other in ((queries[0], keys[0]), (queries[2], keys[2]))
        )
    ):
        raise InputError(
            f"What attends has the shape {tuple(queries)} and what is attended to {tuple(keys)}, "
            "but both must be (batch, length, d_model) with the same batch and d_model."
        )
    if mask is not None:
        check_mask(mask.shape, queries, keys)
        if "bool" not in str(mask.dtype):
            raise InputError(f"A mask must be True or False, but it has the type {mask.dtype}.")


def check_mask(
    mask: Sequence[int | None], queries: Sequence[int | None], keys: Sequence[int | None]
) -> None:
    """Say so if the shape of a mask does not fit the scores (batch, heads, queries, keys).

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
