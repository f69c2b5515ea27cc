"""How the exercises of lesson 4 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.checks.answers import (
    array,
    expect,
    near,
    normalize,
    pair,
    refuse,
    shown,
)
from course_utils.classroom.exercises import old_style as exercise
from course_utils.classroom.net import Wrong
from course_utils.rnn.generation import softmax


@exercise(
    "04-additive",
    praise="scores, shares that sum to 1, and a mean weighted by them.",
    hint="np.tanh(query + keys) adds the query to each row; @ v makes one score of each row.",
)
def check_additive(additive_attention: Callable) -> None:
    """Three keys, then large scores."""
    rng = np.random.default_rng(0)
    query, keys, v = rng.normal(size=4), rng.normal(size=(3, 4)), 2 * rng.normal(size=4)
    names, shapes = ("mix", "weights"), ((4,), (3,))
    mix, weights = pair(additive_attention(query, keys, v), names, shapes)
    right = softmax(np.tanh(query + keys) @ v)
    _shares(weights)
    untamed = "the tanh is missing: the score is v times tanh(query + key)."
    dotted = "that is dot-product attention: here the score is v times tanh(query + key)."
    refuse(weights, (softmax((query + keys) @ v), untamed), (softmax(keys @ query), dotted))
    expect(weights, right, f"the weights of three keys are {shown(weights)}, not {shown(right)}.")
    refuse(mix, (keys.mean(axis=0), "the mix is the plain mean: weight each key by its share."))
    expect(mix, weights @ keys, "the mix is not the mean of the keys, weighted by the shares.")
    large = pair(additive_attention(query, keys, 1000 * v), names, shapes)[1]
    if not np.isfinite(large).all():
        raise Wrong("scores of a thousand overflow: subtract the largest score before np.exp.")


@exercise(
    "04-attention",
    praise="dot products, divided by the root of their length, a softmax along the keys, a mix.",
    hint="query @ key.T has a row for each query. The softmax goes along each row, axis 1.",
)
def check_attention(attention: Callable) -> None:
    """Two queries, five keys, values of another length; then large scores."""
    rng = np.random.default_rng(1)
    query, key = rng.normal(size=(2, 16)), rng.normal(size=(5, 16))
    value = rng.normal(size=(5, 3))
    names, shapes = ("mix", "weights"), ((2, 3), (2, 5))
    mix, weights = pair(attention(query, key, value), names, shapes)
    scores = query @ key.T
    told = "your shares sum to 1 over the queries: the softmax goes along the keys."
    refuse(weights.sum(axis=0), (np.ones(5), told))
    _shares(weights)
    keys = "you divide by the root of the number of keys: take the length of a key."
    refuse(
        weights,
        (softmax(scores), "the division by the root of d is missing."),
        (softmax(scores / 16), "you divide by d: divide by its root."),
        (softmax(scores / np.sqrt(5)), keys),
    )
    told = f"the weights of the first query are {shown(weights[0])}, which is not right."
    expect(weights, softmax(scores / 4), told)
    expect(mix, weights @ value, "the mix is not the mean of the values, weighted by the shares.")
    large = pair(attention(1e4 * query, key, value), names, shapes)[1]
    if not np.isfinite(large).all():
        raise Wrong("large scores overflow: subtract the largest of each row before np.exp.")


@exercise(
    "04-split",
    praise="each head gets its own numbers of each token.",
    hint="Reshape to (batch, length, heads, d_model / heads) first; then swap two axes.",
)
def check_split(split_heads: Callable) -> None:
    """Two sentences of five tokens, six numbers, three heads, then one head."""
    x = np.arange(60.0).reshape(2, 5, 6)
    unswapped = "the shape is (2, 5, 3, 2): swap the axes of the tokens and the heads."
    got = array(split_heads(x, 3), (2, 3, 5, 2), mistakes={(2, 5, 3, 2): unswapped})
    mixed = "a reshape alone mixes tokens: head 0 of token 0 must be its first numbers."
    third = "head 0 got every third number: it should get the first two in a row."
    refuse(
        got,
        (x.reshape(2, 3, 5, 2), mixed),
        (x.reshape(2, 5, 2, 3).transpose(0, 3, 1, 2), third),
    )
    told = f"head 0 of the first token is {shown(got[0, 0, 0])}; it should be [0, 1]."
    expect(got, x.reshape(2, 5, 3, 2).transpose(0, 2, 1, 3), told)
    array(split_heads(x, 1), (2, 1, 5, 6), "with one head")


@exercise(
    "04-positions",
    praise="sines in the even columns, cosines in the odd ones, from fast to slow.",
    hint="np.arange(0, d_model, 2) is 2i for all i. table[:, 0::2] are the even columns.",
)
def check_positions(positions: Callable) -> None:
    """Seven positions of six numbers."""
    turned = "your table is (d_model, max_length): positions are rows."
    got = array(positions(7, 6), (7, 6), name="table", mistakes={(6, 7): turned})
    rows = np.arange(7)
    angles = rows[:, None] * 10_000.0 ** (-np.arange(0, 6, 2) / 6)
    sines, cosines = np.sin(angles), np.cos(angles)
    right = np.stack([sines, cosines], axis=2).reshape(7, 6)
    apart = "all sines first, then all cosines: here they take turns."
    swapped = "sine and cosine are swapped: the sine comes first."
    refuse(
        got,
        (np.concatenate([sines, cosines], axis=1), apart),
        (np.stack([cosines, sines], axis=2).reshape(7, 6), swapped),
    )
    refuse(got[:-1, 0::2], (sines[1:], "the first position is 0, where all sines are 0."))
    exponent = "the exponent is 2 * i / d_model: the second wave of d_model 6 has 2 / 6."
    faster = "you multiply by 10000 ** ...: divide, so that the waves become slower."
    refuse(
        got[:, 2],
        (np.sin(rows * 10_000.0 ** (-1 / 6)), exponent),
        (np.sin(rows * 10_000.0 ** (2 / 6)), faster),
    )
    told = f"position 1 is {shown(got[1])}; it begins with sin(1) = 0.84, cos(1) = 0.54."
    expect(got, right, told)


@exercise(
    "04-masks",
    praise="neither padding nor the future is shown, for each sentence of its own.",
    hint="np.tril keeps what is on and below the diagonal; & joins two masks.",
)
def check_masks(decoder_mask: Callable) -> None:
    """A full sentence and one with two paddings."""
    ids = np.array([[4, 7, 2, 9], [5, 3, 0, 0]])
    got = array(decoder_mask(ids), (2, 1, 4, 4), of="bool", name="mask")
    earlier, words = np.tril(np.ones((4, 4), bool)), (ids != 0)[:, None, None, :]
    right = words & earlier
    past = "the past is masked and the future is not: keep the lower triangle."
    rows = (ids != 0)[:, None, :, None] & earlier
    refuse(
        got,
        (~right, "your mask is turned around: True should be where one may attend."),
        (
            np.broadcast_to(earlier, right.shape),
            "padding is not masked: the last two of the second.",
        ),
        (np.broadcast_to(words, right.shape), "the future is not masked: row i may see 0 to i."),
        (words & earlier.T, past),
        (words & np.tril(earlier, -1), "a position should see itself: keep the diagonal."),
        (rows, "you hide rows: padding must not be looked at."),
    )
    expect(got, right, "the mask of a sentence with two words and two paddings is not right.")


@exercise(
    "04-residual",
    praise="the input is added, and the normalization stands where it should.",
    hint="Pre-norm: x + sublayer(normalize(x)). Post-norm: normalize(x + sublayer(x)).",
)
def check_residual(residual: Callable) -> None:
    """Both orders, a large epsilon, and a sublayer that depends on the other rows."""
    x = np.random.default_rng(2).normal(2, 3, size=(4, 8))
    sublayer, epsilon = _mixing, 1e-5
    first, last = (array(residual(x, sublayer, order, epsilon), (4, 8)) for order in (True, False))
    unit, joined = normalize(x, epsilon), x + sublayer(x)
    before, after = x + sublayer(unit), normalize(joined, epsilon)
    if near(first, after) and near(last, before):
        raise Wrong("the two orders are swapped.")
    missing = "x itself is not added."
    columns = "you normalize columns: each row, a token, is normalized by itself."
    refuse(
        first,
        (sublayer(unit), missing),
        (x + sublayer(normalize(x, epsilon, axis=0)), columns),
        (unit + sublayer(unit), "with norm_first, x is added as it was, not normalized."),
    )
    refuse(
        last,
        (normalize(sublayer(x), epsilon), missing),
        (normalize(joined, epsilon, axis=0), columns),
    )
    expect(first, before, "with norm_first the result is not x + sublayer(normalize(x)).")
    expect(last, after, "without norm_first the result is not normalize(x + sublayer(x)).")
    got = array(residual(x, sublayer, False, 5.0), (4, 8))
    told = "epsilon is added to the variance, before the root is taken."
    expect(got, normalize(joined, 5.0), told)


def _mixing(y: np.ndarray) -> np.ndarray:
    """A sublayer that is neither linear nor the same for each row."""
    return np.tanh(y) * 2 + y[::-1] ** 2 / 3


def _shares(weights: np.ndarray) -> None:
    if not np.isfinite(weights).all():
        raise Wrong("the weights are not all finite numbers.")
    if not np.allclose(weights.sum(axis=-1), 1):
        raise Wrong("the weights of a query should sum to 1: divide by their sum.")
