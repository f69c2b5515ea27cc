"""Pieces hidden for masked language modeling."""

from collections.abc import Sequence

import numpy as np

from course_utils.bert.checks import check_candidates
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_two_axes, id_array, whole_number
from course_utils.text.words import PAD


@checked
def mask_tokens(
    ids: np.ndarray,
    rng: np.random.Generator,
    *,
    mask_token_id: int,
    candidates: Sequence[int] | np.ndarray,
    special_ids: Sequence[int],
    share: float = 0.15,
) -> tuple[np.ndarray, np.ndarray]:
    """Hide some tokens of each row, and return what is seen and what was there.

    Of the chosen tokens 80 % become `[MASK]`, 10 % a random candidate, and 10 % stay.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
        0 is padding.
    rng : numpy.random.Generator
    mask_token_id : int
        The id of `[MASK]`.
    candidates : sequence of int
        Ids of the pieces that may be asked for.
    special_ids : sequence of int
        Ids that are never hidden and never drawn.
    share : float
        Share of a row's candidates that is chosen: at least one, if the row has any.

    Returns
    -------
    inputs : ndarray of int64, shape (n, length)
    targets : ndarray of int64, shape (n, length)
        The hidden ids, and 0 where nothing is asked.

    Raises
    ------
    InputError
        If the ids have not two axes, the share is not between 0 and 1, there are no candidates, or
        an id is no whole number from 0 up.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1 (task 1) and appendix A.1.
    """
    check_two_axes(ids)
    if not 0 < share <= 1:
        raise InputError(f"The share of hidden tokens must be above 0 and up to 1, not {share}.")
    ids = id_array(ids, "Ids", 2)
    whole_number(mask_token_id, "mask_token_id", 0)
    candidates = id_array(candidates, "The candidates", 1)
    ordinary = np.setdiff1d(candidates, [PAD, *id_array(special_ids, "The special ids", 1)])
    if len(ordinary) == 0:
        raise InputError("There are no candidates: all ids that are given are special ones.")
    eligible = np.isin(ids, ordinary)
    wanted = np.maximum(1, np.round(share * eligible.sum(axis=1)))[:, None]  # (n, 1)
    draw = np.where(eligible, rng.random(ids.shape), 2.0)
    rank = draw.argsort(axis=1).argsort(axis=1)  # rank of each draw in its row
    chosen = eligible & (rank < wanted)
    fate, others = rng.random(ids.shape), rng.choice(ordinary, ids.shape)
    inputs = np.where(chosen & (fate < 0.8), mask_token_id, ids)
    inputs = np.where(chosen & (fate >= 0.9), others, inputs)
    return inputs, np.where(chosen, ids, PAD)


@checked
def masked_batch(
    inputs: np.ndarray, targets: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gather the asked-for positions of each row, as `MaskedLanguageModel` takes them.

    Parameters
    ----------
    inputs, targets : ndarray of int, shape (n, length)
        As `mask_tokens` returns them.
    candidates : ndarray of int, shape (classes,)
        Sorted ids, each once, the first is 0 (padding); all targets are among them.

    Returns
    -------
    inputs : ndarray of int64, shape (n, length)
    positions : ndarray of int64, shape (n, most)
        Where something is asked; filled up with 0.
    classes : ndarray of int64, shape (n, most)
        Which candidate is right; 0 where `positions` is filled up.

    Raises
    ------
    InputError
        If the candidates are not sorted, do not begin with 0, or lack a target, or inputs and
        targets are not whole numbers of the same shape.
    """
    candidates = check_candidates(candidates)
    inputs, targets = id_array(inputs, "Inputs", 2), id_array(targets, "Targets", 2)
    if inputs.shape != targets.shape:
        raise InputError(f"Inputs of shape {inputs.shape} need targets of the same shape.")
    asked = targets != PAD
    missing = np.setdiff1d(targets[asked], candidates)
    if len(missing):
        raise InputError(f"The id {missing[0]} is asked for, but it is not among the candidates.")
    most = max(1, int(asked.sum(axis=1).max(initial=0)))
    positions = np.argsort(~asked, axis=1, kind="stable")[:, :most]  # what is asked comes first
    there = np.take_along_axis(asked, positions, axis=1)
    classes = np.searchsorted(candidates, np.take_along_axis(targets, positions, axis=1))
    return inputs, np.where(there, positions, 0), np.where(there, classes, 0)


def log_shares(classes: int, counts: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
    """Return the logarithm of each candidate's share of all that is counted.

    Parameters
    ----------
    classes : int
        How many candidates there are.
    counts : sequence of int, length `classes`, optional
        How often each occurs. One is added, so that none has the share 0; without counts all
        shares are equal.

    Returns
    -------
    ndarray of float32, shape (classes, 1)

    Raises
    ------
    InputError
        If there are not as many counts as candidates, or one is negative or not finite.
    """
    found = np.zeros(classes) if counts is None else np.asarray(counts)
    if found.shape != (classes,):
        raise InputError(f"There are {classes} candidates, but counts of shape {found.shape}.")
    if not (np.isfinite(found) & (found >= 0)).all():
        raise InputError("The counts must be finite numbers from 0 up.")
    return np.log((found + 1) / (found + 1).sum()).astype(np.float32)[:, None]
