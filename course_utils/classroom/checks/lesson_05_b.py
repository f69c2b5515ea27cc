"""How exercises 5 to 7 of lesson 5 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise
from course_utils.generation import softmax


@exercise(
    "05-masked-max",
    praise="a place of padding can never be the largest.",
    hint="np.where(mask, states, -np.inf) puts minus infinity where the mask is False.",
)
def check_masked_max(masked_max: Callable) -> None:
    """A text of two tokens, a full one, and one of a single token; all numbers below zero."""
    states = -np.random.default_rng(0).uniform(1, 9, (3, 4, 2))
    ids = np.array([[5, 7, 0, 0], [3, 9, 2, 4], [8, 0, 0, 0]])
    states[0, 2], states[2, 1] = -0.5, -0.25  # the largest numbers are padding
    got = _numbers(masked_max(states, ids), (3, 2))
    words = (ids != 0)[..., None]
    right = np.where(words, states, -np.inf).max(axis=1)
    for wrong, sentence in (
        (states.max(axis=1), "padding is the largest here: put minus infinity at its places."),
        ((states * words).max(axis=1), "times 0, padding becomes 0, which is larger than -3."),
        (np.where(words, states, np.inf).min(axis=1), "that is the smallest number."),
        (np.where(words, -np.inf, states).max(axis=1), "your mask is turned round: 0 is padding."),
        ((states * words).sum(axis=1) / words.sum(axis=1), "that is the mean."),
        (states[:, 0], "that is the first token: take the largest of all tokens."),
        (np.abs(np.where(words, states, 0)).max(axis=1), "keep the sign: -3 is larger than -9."),
    ):
        if _near(got, wrong):
            raise Wrong(sentence)
    if not _near(got, right):
        raise Wrong(f"the first text's vector is {_row(got[0])}; it should be {_row(right[0])}.")


@exercise(
    "05-pair-loss",
    praise="each text finds its own partner among all others of the batch.",
    hint="logits = scale * first @ second.T; subtract each row's largest before np.exp.",
)
def check_pair_loss(pair_loss: Callable) -> None:
    """Three pairs; then logits that overflow."""
    rng = np.random.default_rng(2)
    first, second = (_unit(rng.normal(size=(3, 4))) for _ in range(2))
    got, logits = _number(pair_loss(first, second, 5.0)), 5 * first @ second.T
    losses = -np.log(np.diag(softmax(logits)))
    for wrong, sentence in (
        (-losses.mean(), "the sign is wrong: a loss is -log, which is never below 0."),
        (losses.sum(), "that is the sum over the pairs: return the mean."),
        (-np.log(np.diag(softmax(logits / 5))).mean(), "the scale is missing in the logits."),
        (-np.log(np.diag(softmax(logits.T))).mean(), "the softmax goes along each row of logits."),
        (-np.log(softmax(logits)).mean(), "only the diagonal counts: pair i is right for row i."),
        (np.diag(softmax(logits)).mean(), "that is the share of the right pairs: take -log of it."),
        (-np.log(np.diag(softmax(logits)).mean()), "take the logarithm first, then the mean."),
        (losses.mean() / np.log(2), "that is in bits: take the natural logarithm."),
    ):
        if np.isclose(got, wrong):
            raise Wrong(sentence)
    if not np.isclose(got, losses.mean()):
        raise Wrong(f"the loss of three pairs is {losses.mean():.4f}, but yours is {got:.4f}.")
    if not np.isfinite(_number(pair_loss(first, second, 1e4))):
        raise Wrong("a scale of 10,000 overflows: subtract each row's largest logit before np.exp.")


@exercise(
    "05-padding",
    praise="each batch is as wide as its own longest text.",
    hint="A batch has len(batch) * max(batch) places. Padding is what is not taken by tokens.",
)
def check_padding(padding_share: Callable) -> None:
    """Five texts in batches of two: the last batch has one."""
    lengths = np.array([2, 6, 3, 3, 9])
    got = _number(padding_share(lengths, 2))
    tokens, places = lengths.sum(), 2 * 6 + 2 * 3 + 9
    in_order = 2 * 9 + 2 * 3 + 2
    for wrong, sentence in (
        (tokens / places, "that is the share of tokens: padding is the rest."),
        (places / tokens - 1, "you divide by the tokens: divide by all computed places."),
        (places - tokens, "that is the number of places with padding: divide by all places."),
        (1 - tokens / 45, "you pad all texts to the longest of all: each batch has its own."),
        (1 - tokens / (places + 9), "the last batch has one text only: count it as it is."),
        (1 - 14 / 18, "the last batch is missing: it may be smaller than the others."),
        (1 - tokens / in_order, "you sort the texts first: take them in the given order."),
        ((4 / 12 + 0 + 0) / 3, "you average the shares of the batches: count all places together."),
    ):
        if np.isclose(got, wrong):
            raise Wrong(sentence)
    if not np.isclose(got, 1 - tokens / places):
        raise Wrong(
            "lengths 2, 6, 3, 3, 9 in batches of two have 27 places for 23 tokens: the share is "
            f"4 / 27, but yours is {got:.3f}."
        )


def _numbers(value, shape: tuple) -> np.ndarray:
    """Return an answer as an array of numbers of this shape, or say what it is instead."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong("the rows of your result have different lengths: return one array.") from None
    if not np.issubdtype(array.dtype, np.number):
        raise Wrong(f"return an array of numbers, not {type(value).__name__}.")
    if array.shape != shape:
        raise Wrong(f"your result has the shape {array.shape}; it should be {shape}.")
    return array


def _number(value) -> float:
    if np.ndim(value) != 0 or isinstance(value, bool | complex):
        raise Wrong(f"return one number, not {type(value).__name__}.")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Wrong(f"return one number, not {type(value).__name__}.") from None


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _row(row: np.ndarray) -> str:
    return f"[{', '.join(f'{number:.3g}' for number in row)}]"


def _near(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and np.allclose(got, wanted, atol=1e-6)
