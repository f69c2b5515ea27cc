"""How the exercises of lesson 4 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise
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
    mix, weights = _pair(additive_attention(query, keys, v), (4,), (3,))
    scores = np.tanh(query + keys) @ v
    _shares(weights)
    if _near(weights, softmax((query + keys) @ v)):
        raise Wrong("the tanh is missing: the score is v times tanh(query + key).")
    if _near(weights, softmax(keys @ query)):
        raise Wrong("that is dot-product attention: here the score is v times tanh(query + key).")
    if not _near(weights, softmax(scores)):
        raise Wrong(f"the weights of three keys are {_row(weights)}, not {_row(softmax(scores))}.")
    if _near(mix, keys.mean(axis=0)):
        raise Wrong("the mix is the plain mean: weight each key by its share.")
    if not _near(mix, weights @ keys):
        raise Wrong("the mix is not the mean of the keys, weighted by the shares.")
    large = _pair(additive_attention(query, keys, 1000 * v), (4,), (3,))[1]
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
    mix, weights = _pair(attention(query, key, value), (2, 3), (2, 5))
    scores = query @ key.T
    if _near(weights.sum(axis=0), np.ones(5)):
        raise Wrong("your shares sum to 1 over the queries: the softmax goes along the keys.")
    _shares(weights)
    for divisor, sentence in (
        (1, "the division by the root of d is missing."),
        (16, "you divide by d: divide by its root."),
        (np.sqrt(5), "you divide by the root of the number of keys: take the length of a key."),
    ):
        if _near(weights, softmax(scores / divisor)):
            raise Wrong(sentence)
    if not _near(weights, softmax(scores / 4)):
        raise Wrong(f"the weights of the first query are {_row(weights[0])}, which is not right.")
    if not _near(mix, weights @ value):
        raise Wrong("the mix is not the mean of the values, weighted by the shares.")
    large = _pair(attention(1e4 * query, key, value), (2, 3), (2, 5))[1]
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
    got = _array(split_heads(x, 3))
    right = x.reshape(2, 5, 3, 2).transpose(0, 2, 1, 3)
    if got.shape == (2, 5, 3, 2):
        raise Wrong("the shape is (2, 5, 3, 2): swap the axes of the tokens and the heads.")
    if got.shape != (2, 3, 5, 2):
        raise Wrong(f"your result has the shape {got.shape}; it should be (2, 3, 5, 2).")
    if _near(got, x.reshape(2, 3, 5, 2)):
        raise Wrong("a reshape alone mixes tokens: head 0 of token 0 must be its first numbers.")
    if _near(got, x.reshape(2, 5, 2, 3).transpose(0, 3, 1, 2)):
        raise Wrong("head 0 got every third number: it should get the first two in a row.")
    if not _near(got, right):
        raise Wrong(f"head 0 of the first token is {_row(got[0, 0, 0])}; it should be [0, 1].")
    if _array(split_heads(x, 1)).shape != (2, 1, 5, 6):
        raise Wrong("one head should give the shape (2, 1, 5, 6).")


@exercise(
    "04-positions",
    praise="sines in the even columns, cosines in the odd ones, from fast to slow.",
    hint="np.arange(0, d_model, 2) is 2i for all i. table[:, 0::2] are the even columns.",
)
def check_positions(positions: Callable) -> None:
    """Seven positions of six numbers."""
    got = _array(positions(7, 6))
    if got.shape == (6, 7):
        raise Wrong("your table is (d_model, max_length): positions are rows.")
    if got.shape != (7, 6):
        raise Wrong(f"your table has the shape {got.shape}; it should be (7, 6).")
    rates = 10_000.0 ** (-np.arange(0, 6, 2) / 6)
    angles = np.arange(7)[:, None] * rates
    sines, cosines = np.sin(angles), np.cos(angles)
    if _near(got, np.concatenate([sines, cosines], axis=1)):
        raise Wrong("all sines first, then all cosines: here they take turns.")
    if _near(got[:, 0::2], cosines) and _near(got[:, 1::2], sines):
        raise Wrong("sine and cosine are swapped: the sine comes first.")
    if _near(got[:-1, 0::2], sines[1:]):
        raise Wrong("the first position is 0, where all sines are 0.")
    if _near(got[:, 2], np.sin(np.arange(7) * 10_000.0 ** (-1 / 6))):
        raise Wrong("the exponent is 2 * i / d_model: the second wave of d_model 6 has 2 / 6.")
    if _near(got[:, 2], np.sin(np.arange(7) * 10_000.0 ** (2 / 6))):
        raise Wrong("you multiply by 10000 ** ...: divide, so that the waves become slower.")
    if not (_near(got[:, 0::2], sines) and _near(got[:, 1::2], cosines)):
        raise Wrong(f"position 1 is {_row(got[1])}; it begins with sin(1) = 0.84, cos(1) = 0.54.")


@exercise(
    "04-masks",
    praise="neither padding nor the future is shown, for each sentence of its own.",
    hint="np.tril keeps what is on and below the diagonal; & joins two masks.",
)
def check_masks(decoder_mask: Callable) -> None:
    """A full sentence and one with two paddings."""
    ids = np.array([[4, 7, 2, 9], [5, 3, 0, 0]])
    got = _array(decoder_mask(ids))
    if got.dtype != bool:
        raise Wrong(f"a mask is True or False, but yours has the type {got.dtype}.")
    if got.shape != (2, 1, 4, 4):
        raise Wrong(f"your mask has the shape {got.shape}; it should be (2, 1, 4, 4).")
    earlier, words = np.tril(np.ones((4, 4), bool)), (ids != 0)[:, None, None, :]
    right = words & earlier
    for wrong, sentence in (
        (~right, "your mask is turned round: True should be where a position may attend."),
        (np.broadcast_to(earlier, right.shape), "padding is visible: the last two of the second."),
        (np.broadcast_to(words, right.shape), "the future is visible: row i may see 0 to i only."),
        (words & earlier.T, "the past is hidden and the future visible: keep the lower triangle."),
        (words & np.tril(earlier, -1), "a position should see itself: keep the diagonal."),
        ((ids != 0)[:, None, :, None] & earlier, "you hide rows: padding must not be looked at."),
    ):
        if np.array_equal(got, wrong):
            raise Wrong(sentence)
    if not np.array_equal(got, right):
        raise Wrong("the mask of a sentence with two words and two paddings is not right.")


@exercise(
    "04-residual",
    praise="the input is added, and the normalization stands where it should.",
    hint="Pre-norm: x + part(normalize(x)). Post-norm: normalize(x + part(x)).",
)
def check_residual(add_and_normalize: Callable) -> None:
    """Both orders, a large epsilon, and a part that depends on the other rows."""
    x = np.random.default_rng(2).normal(2, 3, size=(4, 8))
    part = _mixing

    def normal(y, epsilon=1e-5, axis=1):
        variance = y.var(axis=axis, keepdims=True)
        return (y - y.mean(axis=axis, keepdims=True)) / np.sqrt(variance + epsilon)

    first, last = (_array(add_and_normalize(x, part, order, 1e-5)) for order in (True, False))
    for got in (first, last):
        if got.shape != (4, 8):
            raise Wrong(f"your result has the shape {got.shape}; it should be (4, 8).")
    if _near(first, part(normal(x))) or _near(last, normal(part(x))):
        raise Wrong("x itself is not added.")
    if _near(first, normal(x + part(x))) and _near(last, x + part(normal(x))):
        raise Wrong("the two orders are swapped.")
    if _near(first, x + part(normal(x, axis=0))) or _near(last, normal(x + part(x), axis=0)):
        raise Wrong("you normalize columns: each row, a token, is normalized by itself.")
    if _near(first, normal(x) + part(normal(x))):
        raise Wrong("with norm_first, x is added as it was, not normalized.")
    if not _near(first, x + part(normal(x))):
        raise Wrong("with norm_first the result is not x + part(normalize(x)).")
    if not _near(last, normal(x + part(x))):
        raise Wrong("without norm_first the result is not normalize(x + part(x)).")
    got = _array(add_and_normalize(x, part, False, 5.0))
    if not _near(got, normal(x + part(x), 5.0)):
        raise Wrong("epsilon is added to the variance, before the root is taken.")


def _mixing(y: np.ndarray) -> np.ndarray:
    """A part that is neither linear nor the same for each row."""
    return np.tanh(y) * 2 + y[::-1] ** 2 / 3


def _array(value) -> np.ndarray:
    """Return an answer as an array of numbers or truth values."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong("the rows of your result have different lengths: return one array.") from None
    if array.ndim == 0 or not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise Wrong(f"return an array of numbers, not {type(value).__name__}.")
    return array


def _pair(value, mix_shape: tuple, weights_shape: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return both parts of an answer, or say which one has the wrong shape."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Wrong("return two arrays: the mix and the weights.")
    mix, weights = map(_array, value)
    if mix.shape == weights_shape and weights.shape == mix_shape and mix_shape != weights_shape:
        raise Wrong("return the mix first, then the weights.")
    for name, array, shape in (("mix", mix, mix_shape), ("weights", weights, weights_shape)):
        if array.shape != shape:
            raise Wrong(f"the {name} should have the shape {shape}, but yours has {array.shape}.")
    return mix, weights


def _shares(weights: np.ndarray) -> None:
    if not np.isfinite(weights).all():
        raise Wrong("the weights are not all finite numbers.")
    if not np.allclose(weights.sum(axis=-1), 1):
        raise Wrong("the weights of a query should sum to 1: divide by their sum.")


def _row(row: np.ndarray) -> str:
    return f"[{', '.join(f'{number:.3g}' for number in row)}]"


def _near(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and np.allclose(got, wanted, atol=1e-6)
