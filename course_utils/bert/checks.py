"""What a model in the manner of BERT must be given, said in one sentence."""

import numpy as np

from course_utils.errors import InputError


def check_pooling(how: str) -> None:
    """Say which ways there are to make one vector from those of all tokens.

    Raises
    ------
    InputError
        If `how` is none of them.
    """
    if how not in ("mean", "first"):
        raise InputError(f"Pooling is 'mean' or 'first', but not {how!r}.")


def check_segments(
    ids: np.ndarray, segments: np.ndarray | None, kinds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and their segments as arrays, or say what does not fit.

    Parameters
    ----------
    ids : array of int, shape (n, length)
    segments : array of int, shape (n, length), optional
        By default 0 everywhere.
    kinds : int
        Segments go from 0 to kinds - 1.

    Returns
    -------
    ids, segments : ndarrays, shape (n, length)

    Raises
    ------
    InputError
        If the ids have not two axes, the segments another shape, or a segment is none.
    """
    ids = np.asarray(ids)
    check_axes(ids)
    if segments is None:
        return ids, np.zeros(ids.shape, np.int64)
    segments = np.asarray(segments)
    if segments.shape != ids.shape:
        raise InputError(
            f"The segments have the shape {segments.shape}, but the ids {ids.shape}: give one "
            "segment for each id."
        )
    wrong = segments[~np.isin(segments, range(kinds))]
    if wrong.size:
        raise InputError(
            f"Segments are whole numbers from 0 to {kinds - 1} for this model, but one is "
            f"{wrong[0]}."
        )
    return ids, segments.astype(np.int64)


def check_axes(ids: np.ndarray) -> None:
    if ids.ndim != 2:
        raise InputError(
            f"Ids must have the shape (texts, length), but these have {ids.shape}: put a single "
            "text in [ ]."
        )
