"""Checks of what models in the manner of BERT are given."""

import numpy as np

from course_utils.errors import InputError
from course_utils.text.checks import as_array, check_ids, check_two_axes
from course_utils.text.words import PAD
from course_utils.transformer.checks import check_token_types


def check_pooling(pooling: str) -> None:
    """Say which ways there are to make one vector from those of all tokens.

    Raises
    ------
    InputError
        If `pooling` is none of them.
    """
    if pooling not in ("mean", "first"):
        raise InputError(f"Pooling is 'mean' or 'first', but not {pooling!r}.")


def check_dtype(dtype: str) -> None:
    """Say which number formats a model can compute in.

    Raises
    ------
    InputError
        If `dtype` is none of them.
    """
    if dtype not in ("float32", "bfloat16", "float16"):
        raise InputError(f"The dtype is 'float32', 'bfloat16' or 'float16', but not {dtype!r}.")


def check_token_type_ids(
    ids: np.ndarray, token_type_ids: np.ndarray | None, kinds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and their token types as arrays, or say what does not fit.

    Parameters
    ----------
    ids : array of int, shape (n, length)
    token_type_ids : array of int, shape (n, length), or None
        None is 0 everywhere.
    kinds : int
        Token types go from 0 to kinds - 1.

    Returns
    -------
    ids, token_type_ids : ndarrays, shape (n, length)

    Raises
    ------
    InputError
        If the ids have not two axes, the token types another shape, or a token type is none.
    """
    ids = as_array(ids, "Ids")
    check_two_axes(ids)
    types = as_array(ids * 0 if token_type_ids is None else token_type_ids, "The token_type_ids")
    if types.shape != ids.shape:
        raise InputError(
            f"The token_type_ids have the shape {types.shape}, but the ids {ids.shape}: give one "
            "token type for each id."
        )
    check_token_types(types, kinds)
    return ids, types.astype(np.int64)


def check_vocabulary_size(pieces: int, rows: int) -> None:
    """Say so if a tokenizer and a model are not made for each other.

    Raises
    ------
    InputError
        If the tokenizer has not as many pieces as the model's table has rows.
    """
    if pieces != rows:
        raise InputError(
            f"The tokenizer does not fit the model: it has {pieces:,} pieces, but the model's "
            f"table has {rows:,} rows; take both from one folder."
        )


def check_candidates(candidates: np.ndarray, size: int | None = None) -> np.ndarray:
    """Return the candidates of a masked head as an int64 array, or say why they are none.

    Parameters
    ----------
    candidates : array of int, shape (classes,)
    size : int, optional
        Rows of the table in which they are looked up.

    Raises
    ------
    InputError
        If they are not sorted, each once, do not begin with 0 (padding), or one has no row.
    """
    ids = np.asarray(candidates)
    if ids.ndim != 1 or len(ids) < 2 or ids[0] != PAD or (np.diff(ids) <= 0).any():
        raise InputError(
            "Candidates must be sorted ids, each once, that begin with 0 (padding): make them with "
            "`np.unique`, with 0 put in."
        )
    return check_ids(ids, int(ids[-1]) + 1 if size is None else size)
