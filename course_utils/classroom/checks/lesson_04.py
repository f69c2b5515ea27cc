"""How the exercises of lesson 4 are checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import array, normalize, pair
from course_utils.classroom.checks.inputs import numbers, sizes
from course_utils.classroom.checks.layers import new_layer, output_and_gradients
from course_utils.classroom.exercises import exercise, judged
from course_utils.classroom.net import Watched, Wrong, brief, detached
from course_utils.rnn.generation import softmax

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]


def _vectors(rng: Rng, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Arrays of numbers as float64, now and then of halves as float32, which rounding spares."""
    if rng.random() < 0.25:
        return [(rng.integers(-4, 5, shape) / 2).astype(np.float32) for shape in shapes]
    return [numbers(rng, *shape, dtype=np.float64) for shape in shapes]


def _two_arrays(answer: Any, wanted: Pair) -> Pair:
    """Return an answer that is a mix and its weights, in this order."""
    return pair(answer, ("mix", "weights"), (wanted[0].shape, wanted[1].shape))


def _naive_softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)


def _query_and_keys(rng: Rng, size: int) -> tuple:
    """A query, one or more keys, and v, now and then so large that exp of a score overflows."""
    n, d = sizes(rng, 2, size)
    query, keys, v = _vectors(rng, (d,), (n, d), (d,))
    large = 1000 if v.dtype == np.float64 and rng.random() < 0.2 else 1
    return query, keys, large * v


@exercise(
    "04-additive",
    grade="first steps",
    inputs=_query_and_keys,
    returns=_two_arrays,
    examples=(
        (np.array([0.5]), np.array([[1.0], [-2.0]]), np.array([2.0])),
        (np.array([0.5]), np.array([[1.0], [-2.0]]), np.array([2000.0])),
    ),
    praise="scores, weights that sum to 1, and a mean weighted by them.",
    hint="np.tanh(query + keys) adds the query to each row; @ v makes one score of each row.",
)
def additive(query: np.ndarray, keys: np.ndarray, v: np.ndarray) -> Pair:
    weights = softmax(np.tanh(query + keys) @ v)  # (n,)
    return weights @ keys, weights


def _tanh_scores(query: np.ndarray, keys: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.tanh(query + keys) @ v


def _mixed(weights: np.ndarray, values: np.ndarray) -> Pair:
    return weights @ values, weights


@additive.mistake("the tanh is missing: the score is v times tanh(query + key).")
def _(query, keys, v):
    return _mixed(softmax((query + keys) @ v), keys)


@additive.mistake("the tanh comes before the product with v: the score is v times tanh(...).")
def _(query, keys, v):
    return _mixed(softmax(np.tanh((query + keys) @ v)), keys)


@additive.mistake("add query and key first, and take the tanh of the sum.")
def _(query, keys, v):
    return _mixed(softmax((np.tanh(query) + np.tanh(keys)) @ v), keys)


@additive.mistake("that is dot-product attention: here the score is v times tanh(query + key).")
def _(query, keys, v):
    return _mixed(softmax(keys @ query), keys)


@additive.mistake("query and key are added here, not multiplied.")
def _(query, keys, v):
    return _mixed(softmax(np.tanh(query * keys) @ v), keys)


@additive.mistake(
    "v is missing: it weighs the numbers of tanh(query + key) before they are summed."
)
def _(query, keys, v):
    return _mixed(softmax(np.tanh(query + keys).sum(axis=1)), keys)


@additive.mistake("nothing is divided by the root of d here: that belongs to dot products.")
def _(query, keys, v):
    return _mixed(softmax(_tanh_scores(query, keys, v) / np.sqrt(len(query))), keys)


@additive.mistake("the weights must sum to 1: divide the exponentials by their sum.")
def _(query, keys, v):
    return _mixed(np.exp(_tanh_scores(query, keys, v)), keys)


@additive.mistake("the exponential is missing: weights are exp(score), divided by their sum.")
def _(query, keys, v):
    scores = _tanh_scores(query, keys, v)
    return _mixed(scores / scores.sum(), keys)


@additive.mistake("large scores overflow: subtract the largest score before np.exp.")
def _(query, keys, v):
    return _mixed(_naive_softmax(_tanh_scores(query, keys, v)), keys)


@additive.mistake(
    "large scores overflow, and 0 in place of NaN hides it: subtract the largest first."
)
def _(query, keys, v):
    return _mixed(np.nan_to_num(_naive_softmax(_tanh_scores(query, keys, v))), keys)


@additive.mistake("the mix is the plain mean: weight each key by its share.")
def _(query, keys, v):
    return keys.mean(axis=0), softmax(_tanh_scores(query, keys, v))


@additive.mistake("the mix is the sum of the keys: weight each key by its share.")
def _(query, keys, v):
    return keys.sum(axis=0), softmax(_tanh_scores(query, keys, v))


@additive.mistake("the mix is the key with the largest weight alone: all keys belong in it.")
def _(query, keys, v):
    weights = softmax(_tanh_scores(query, keys, v))
    return keys[weights.argmax()], weights


@additive.mistake("what is mixed are the keys as they were given, without the query.")
def _(query, keys, v):
    weights = softmax(_tanh_scores(query, keys, v))
    return weights @ (keys + query), weights


def _query_key_value(rng: Rng, size: int) -> tuple:
    """Queries, keys and values; now and then the dot products are so large that exp overflows."""
    n_queries, n_keys, d, m = sizes(rng, 4, size)
    query, key, value = _vectors(rng, (n_queries, d), (n_keys, d), (n_keys, m))
    large = 1000 if query.dtype == np.float64 and rng.random() < 0.2 else 1
    return large * query, key, value


@exercise(
    "04-attention",
    grade="the idea",
    inputs=_query_key_value,
    returns=_two_arrays,
    examples=(
        (np.array([[1.0, 2]]), np.array([[1.0, 0], [0, 1], [2, 1]]), np.array([[1.0], [2], [4]])),
        (np.array([[900.0]]), np.array([[1.0], [2]]), np.array([[1.0, 0, 2], [3, 5, 1]])),
    ),
    tolerance=1e-4,
    praise="dot products, divided by the root of their length, a softmax along the keys, a mix.",
    hint="query @ key.T has a row for each query. The softmax goes along each row, axis 1.",
)
def attention(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> Pair:
    weights = softmax(query @ key.T / np.sqrt(key.shape[1]))  # (queries, keys)
    return weights @ value, weights


def _attention(query: np.ndarray, key: np.ndarray, value: np.ndarray, divisor: float) -> Pair:
    return _mixed(softmax(query @ key.T / divisor), value)


@attention.mistake("the division by the root of d is missing.")
def _(query, key, value):
    return _attention(query, key, value, 1)


@attention.mistake("you divide by d: divide by its root.")
def _(query, key, value):
    return _attention(query, key, value, key.shape[1])


@attention.mistake("you multiply by the root of d: divide by it.")
def _(query, key, value):
    return _attention(query, key, value, key.shape[1] ** -0.5)


@attention.mistake("you divide by the root of the number of keys: take the length of a key.")
def _(query, key, value):
    return _attention(query, key, value, len(key) ** 0.5)


@attention.mistake("you divide by the root of the number of queries: take the length of a query.")
def _(query, key, value):
    return _attention(query, key, value, len(query) ** 0.5)


@attention.mistake("you divide by the root of the length of a value: take the length of a key.")
def _(query, key, value):
    return _attention(query, key, value, value.shape[1] ** 0.5)


@attention.mistake("queries and keys are scaled to length 1: take the dot products as they are.")
def _(query, key, value):
    lengths = np.outer(np.linalg.norm(query, axis=1), np.linalg.norm(key, axis=1))
    return _mixed(_naive_softmax(query @ key.T / lengths), value)


@attention.mistake("your weights sum to 1 over the queries: the softmax goes along the keys.")
def _(query, key, value):
    return _mixed(softmax(key @ query.T / np.sqrt(key.shape[1])).T, value)


def _softmax_of_all(scores: np.ndarray) -> np.ndarray:
    return softmax(scores.ravel()).reshape(scores.shape)


@attention.mistake(
    "your weights sum to 1 over the whole table: each query has a softmax of its own."
)
def _(query, key, value):
    return _mixed(_softmax_of_all(query @ key.T / np.sqrt(key.shape[1])), value)


@attention.mistake("the softmax is missing: the weights of a query sum to 1.")
def _(query, key, value):
    return _mixed(query @ key.T / np.sqrt(key.shape[1]), value)


@attention.mistake("large scores overflow: subtract the largest of each row before np.exp.")
def _(query, key, value):
    return _mixed(_naive_softmax(query @ key.T / np.sqrt(key.shape[1])), value)


@attention.mistake(
    "large scores overflow, and 0 in place of NaN hides it: subtract the largest first."
)
def _(query, key, value):
    return _mixed(np.nan_to_num(_naive_softmax(query @ key.T / np.sqrt(key.shape[1]))), value)


@attention.mistake("a later key is hidden: no mask is asked for here.")
def _(query, key, value):
    scores = query @ key.T / np.sqrt(key.shape[1])
    return _mixed(softmax(np.where(np.tril(np.ones(scores.shape)), scores, -np.inf)), value)


@attention.mistake("every query gets the plain mean of the values: weight them.")
def _(query, key, value):
    mix, weights = attention.reference(query, key, value)
    return np.broadcast_to(value.mean(axis=0), mix.shape), weights


def _tokens_and_heads(rng: Rng, size: int) -> tuple:
    """Numbers that count up, so that one sees where each has gone; more than one share."""
    batch, length, heads, share = sizes(rng, 4, size)
    x = np.arange(batch * length * heads * share).reshape(batch, length, heads * share)
    kind = (np.int64, np.float64, np.float32)[rng.integers(3)]
    return (x - int(rng.integers(0, 9))).astype(kind), heads


@exercise(
    "04-split",
    grade="first steps",
    inputs=_tokens_and_heads,
    returns=lambda answer, wanted: array(answer, wanted.shape),
    examples=((np.arange(12.0).reshape(1, 3, 4), 2), (np.arange(3).reshape(1, 1, 3), 1)),
    praise="each head gets its own numbers of each token.",
    hint="Reshape to (batch, length, heads, d_model / heads) first; then swap two axes.",
)
def split(x: np.ndarray, heads: int) -> np.ndarray:
    return _shares(x, heads).transpose(0, 2, 1, 3)


def _shares(x: np.ndarray, heads: int) -> np.ndarray:
    """From (batch, length, d_model) to (batch, length, heads, d_model / heads)."""
    return x.reshape(*x.shape[:2], heads, -1)


@split.mistake("the tokens come before the heads: swap these two axes.")
def _(x, heads):
    return _shares(x, heads)


@split.mistake("a reshape alone mixes tokens: head 0 of token 0 must be its first numbers.")
def _(x, heads):
    return x.reshape(len(x), heads, x.shape[1], -1)


@split.mistake("each head gets numbers that lie apart: it should get some in a row.")
def _(x, heads):
    return x.reshape(*x.shape[:2], -1, heads).transpose(0, 3, 1, 2)


@split.mistake("the axes of the tokens and of a share are swapped as well: swap two axes only.")
def _(x, heads):
    return split.reference(x, heads).swapaxes(2, 3)


@split.mistake("the heads stand in front of the batch: it stays in front.")
def _(x, heads):
    return split.reference(x, heads).swapaxes(0, 1)


@split.mistake("the heads are in the wrong order: head 0 gets the first numbers.")
def _(x, heads):
    return split.reference(x, heads)[:, ::-1]


@split.mistake("`heads` is how many heads there are, not how many numbers one gets.")
def _(x, heads):
    return split.reference(x, x.shape[2] // heads)


PARTS = ("query", "key", "value", "output")
_SIZES = ((1, 1, 2, 1), (1, 3, 2, 2), (2, 5, 3, 4))  # batch, length, heads, share


@judged(
    "04-multi-query",
    grade="a challenge",
    framework=True,
    praise="outputs and gradients are those of attention whose heads all have the same keys and "
    "values. Models that write long texts are built like this, since they keep the keys and values "
    "of everything read: here that is one head's, not all heads'.",
    hint="Split the query into heads as `split` does. Keys and values get an axis of length 1 for "
    "the heads, (batch, 1, length, d_model / heads), and `attend` spreads it over all of them.",
)
def multi_query(answer: Any, adapter: Any, seed: int) -> None:
    """Layers of several sizes: outputs and gradients of the course's layer on tied weights."""
    rng = np.random.default_rng(seed)
    tries = [_multi_query_try(answer, adapter, rng, *size) for size in _SIZES]
    wrong = [t for t in tries if not _close(t.output, t.wanted)]
    for sentence, mistake in _MULTI_QUERY_MISTAKES.items():
        if wrong and all(_close(t.output, mistake(t)) for t in tries):
            raise Wrong(f"{sentence} {wrong[0].told()}", "known mistake")
    if wrong:
        raise Wrong(wrong[0].told(), "wrong result")
    for t in tries:
        for name, gradient in t.wanted_gradients.items():
            told = "the output is right, but the gradient of"
            if name not in t.gradients:
                told = f"{told} {name} is missing: something cuts it off, such as detach,"
                raise Wrong(f"{told} stop_gradient or a way through NumPy.", "wrong result")
            if not _close(t.gradients[name], gradient):
                told = f"{told} {name} is not: let it flow through every use of the weight."
                raise Wrong(told, "wrong result")


@dataclass(frozen=True)
class _LayerTry:
    """A layer on one input, and what the course's own has there."""

    weights: dict[str, np.ndarray]
    heads: int
    x: np.ndarray
    mask: np.ndarray | None
    output: np.ndarray
    gradients: dict[str, np.ndarray]
    wanted: np.ndarray
    wanted_gradients: dict[str, np.ndarray]

    def told(self) -> str:
        given = f"x = {brief(self.x)}, mask = {brief(self.mask)} and heads = {self.heads}"
        return (
            f"With {given}, MultiHeadAttention whose heads have the same keys and values gives "
            f"{brief(self.wanted)}, and yours {brief(self.output)}."
        )


def _multi_query_try(
    answer: Any, adapter: Any, rng: Rng, batch: int, length: int, heads: int, share: int
) -> _LayerTry:
    d_model = heads * share
    widths = {"query": d_model, "key": share, "value": share, "output": d_model}
    shapes: dict[str, tuple[int, ...]] = {
        f"{part}.kernel": (d_model, widths[part]) for part in PARTS
    }
    shapes |= {f"{part}.bias": (widths[part],) for part in PARTS}
    weights = {n: rng.normal(size=shape).astype(np.float32) for n, shape in shapes.items()}
    x = rng.normal(size=(batch, length, d_model)).round(1).astype(np.float32)
    seen = rng.random((batch, 1, length, length)) < 0.5  # where one may look
    mask = seen | np.eye(length, dtype=bool) if length > 1 else None
    direction = rng.normal(size=x.shape).astype(np.float32)

    layer = new_layer(adapter, answer, (d_model, heads), shapes)
    adapter.set_weights(layer, weights)
    output, gradients = output_and_gradients(
        adapter, layer, PARTS, _run(layer, adapter), (x, mask), direction
    )
    own = adapter.MultiHeadAttention(d_model, heads)
    adapter.set_weights(own, {name: _tied(name, w, heads) for name, w in weights.items()})
    wanted, wanted_gradients = output_and_gradients(
        adapter, own, PARTS, lambda x, mask: own(x, x, mask)[0], (x, mask), direction
    )
    summed = {name: _shared(name, g, heads) for name, g in wanted_gradients.items()}
    return _LayerTry(weights, heads, x, mask, output, gradients, wanted, summed)


def _run(layer: Any, adapter: Any) -> Watched:
    """Return the learner's own method, so that an error names a line of it."""
    return Watched(layer.call if hasattr(layer, "call") else layer.forward, adapter.to_numpy)


def _tied(name: str, weight: np.ndarray, heads: int) -> np.ndarray:
    """Repeat the weights of the only key or value, once for each head."""
    tied = name.startswith(("key", "value"))
    return np.concatenate([weight] * heads, axis=-1) if tied else weight


def _shared(name: str, gradient: np.ndarray, heads: int) -> np.ndarray:
    """Sum the gradients of what `_tied` has repeated."""
    if not name.startswith(("key", "value")):
        return gradient
    return gradient.reshape(*gradient.shape[:-1], heads, -1).sum(axis=-2)


def _close(got: np.ndarray, wanted: np.ndarray) -> bool:
    scale = max(1.0, np.abs(wanted).max())
    return got.shape == wanted.shape and np.allclose(got, wanted, rtol=0, atol=1e-4 * scale)


def _multi_query_by_hand(
    t: _LayerTry,
    *,
    masked: Callable = lambda scores, mask: np.where(mask, scores, -1e30),
    divisor: Callable = lambda share, d_model: np.sqrt(share),
    split: Callable = lambda q, heads: q.reshape(*q.shape[:2], heads, -1).transpose(0, 2, 1, 3),
    join: Callable = lambda mixed: mixed.transpose(0, 2, 1, 3),
    axis: int = -1,
    end: Callable = lambda y, t: y @ t.weights["output.kernel"] + t.weights["output.bias"],
) -> np.ndarray:
    """Return the output in NumPy, with one step done in another way."""
    query, key, value = (
        t.x @ t.weights[f"{part}.kernel"] + t.weights[f"{part}.bias"] for part in PARTS[:3]
    )
    scores = split(query, t.heads) @ key[:, None].swapaxes(2, 3)  # (batch, heads, queries, keys)
    scores = scores / divisor(key.shape[2], t.x.shape[2])
    scores = scores if t.mask is None else masked(scores, t.mask)
    with np.errstate(all="ignore"):
        exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
        mixed = exponentials / exponentials.sum(axis=axis, keepdims=True) @ value[:, None]
    return end(join(mixed).reshape(t.x.shape), t)


_MULTI_QUERY_MISTAKES: dict[str, Callable[[_LayerTry], np.ndarray]] = {
    "the mask is not used: hand it to `attend`.": lambda t: _multi_query_by_hand(
        t, masked=lambda scores, mask: scores
    ),
    "the mask is turned around: it is True where one may look.": lambda t: _multi_query_by_hand(
        t, masked=lambda scores, mask: np.where(mask, -1e30, scores)
    ),
    "the scores are not divided by the root of d_model / heads.": lambda t: _multi_query_by_hand(
        t, divisor=lambda share, d_model: 1
    ),
    "the scores are divided by the root of d_model: a query of a head has d_model / heads "
    "numbers.": lambda t: _multi_query_by_hand(t, divisor=lambda share, d_model: np.sqrt(d_model)),
    "the heads are joined without swapping the axes back: (batch, length, heads, d_model / heads) "
    "comes first, then the reshape.": lambda t: _multi_query_by_hand(t, join=lambda mixed: mixed),
    "a reshape alone does not split the query: swap the axes of the tokens and the heads "
    "after it.": lambda t: _multi_query_by_hand(
        t, split=lambda q, heads: q.reshape(len(q), heads, q.shape[1], -1)
    ),
    "the last linear layer, `output`, is missing.": lambda t: _multi_query_by_hand(
        t, end=lambda y, t: y
    ),
    "x is added: that is the block's task, not that of attention.": lambda t: (
        t.x + _multi_query_by_hand(t)
    ),
    "the softmax goes along the queries: each query has weights that sum to 1.": lambda t: (
        _multi_query_by_hand(t, axis=-2)
    ),
}


@exercise(
    "04-positions",
    grade="the idea",
    inputs=lambda rng, size: (
        int(rng.integers(1, 2 * size + 2)),
        2 * int(rng.integers(1, size + 2)),
    ),
    returns=lambda answer, wanted: array(answer, wanted.shape, "a row for each position"),
    examples=((2, 4), (3, 6)),
    praise="sines in the even columns, cosines in the odd ones, from fast to slow.",
    hint="np.arange(0, d_model, 2) is 2i for all i. table[:, 0::2] are the even columns.",
)
def positions(max_length: int, d_model: int) -> np.ndarray:
    return _in_turn(*_waves(np.arange(max_length), np.arange(0, d_model, 2) / d_model))


def _waves(rows: np.ndarray, exponents: np.ndarray, base: float = 10_000) -> Pair:
    """Return sines and cosines, both (positions, d_model / 2)."""
    angles = rows[:, None] / base**exponents
    return np.sin(angles), np.cos(angles)


def _in_turn(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.stack([first, second], axis=2).reshape(len(first), -1)


def _table(max_length: int, exponents: np.ndarray, base: float = 10_000) -> np.ndarray:
    return _in_turn(*_waves(np.arange(max_length), exponents, base))


@positions.mistake("all sines come first, then all cosines: here they take turns.")
def _(max_length, d_model):
    found = positions.reference(max_length, d_model)
    return np.concatenate([found[:, 0::2], found[:, 1::2]], axis=1)


@positions.mistake("sine and cosine are swapped: the sine comes first.")
def _(max_length, d_model):
    found = positions.reference(max_length, d_model)
    return _in_turn(found[:, 1::2], found[:, 0::2])


@positions.mistake("the first position is 0, where all sines are 0.")
def _(max_length, d_model):
    return positions.reference(max_length + 1, d_model)[1:]


@positions.mistake("your table is (d_model, max_length): positions are rows.")
def _(max_length, d_model):
    return positions.reference(max_length, d_model).T


@positions.mistake("the exponent is 2i / d_model, not i / d_model.")
def _(max_length, d_model):
    return _table(max_length, np.arange(d_model // 2) / d_model)


@positions.mistake("np.arange(0, d_model, 2) is 2i already: do not double it again.")
def _(max_length, d_model):
    return _table(max_length, 2 * np.arange(0, d_model, 2) / d_model)


@positions.mistake("you multiply by 10000 ** ...: divide, so that the waves become slower.")
def _(max_length, d_model):
    return _table(max_length, -np.arange(0, d_model, 2) / d_model)


@positions.mistake("the base is 10000, not 1000.")
def _(max_length, d_model):
    return _table(max_length, np.arange(0, d_model, 2) / d_model, base=1000)


@positions.mistake("the exponent belongs to 10000 alone, not to position / 10000.")
def _(max_length, d_model):
    angles = (np.arange(max_length)[:, None] / 10_000) ** (np.arange(0, d_model, 2) / d_model)
    return _in_turn(np.sin(angles), np.cos(angles))


@positions.mistake("2i is divided by d_model, not by d_model - 2.")
def _(max_length, d_model):
    return _table(max_length, np.arange(0, d_model, 2) / max(d_model - 2, 1))


@positions.mistake("`//` rounds the exponent down to 0: divide with `/`.")
def _(max_length, d_model):
    return _table(max_length, np.arange(0, d_model, 2) // d_model)


@positions.mistake("each column has an exponent of its own here: a sine and its cosine share 2i.")
def _(max_length, d_model):
    sines, cosines = _waves(np.arange(max_length), np.arange(d_model) / d_model)
    return np.where(np.arange(d_model) % 2, cosines, sines)


def _ids(rng: Rng, size: int) -> tuple:
    """Rows of small ids, some with padding at the end; the length differs from the rows."""
    batch, length = sizes(rng, 2, size)
    ids = rng.integers(1, 6, (batch, length))
    words = rng.integers(0 if rng.random() < 0.2 else 1, length + 1, batch)
    return (np.where(np.arange(length) < words[:, None], ids, 0),)


@exercise(
    "04-masks",
    grade="the idea",
    inputs=_ids,
    returns=lambda answer, wanted: array(answer, wanted.shape, of="bool", name="mask"),
    examples=((np.array([[4, 7]]),), (np.array([[5, 3, 0]]),), (np.array([[4, 7, 2], [1, 0, 0]]),)),
    praise="neither padding nor the future is shown, for each sentence of its own.",
    hint="np.tril keeps what is on and below the diagonal; & joins two masks.",
)
def masks(ids: np.ndarray) -> np.ndarray:
    return _is_word(ids) & _triangle(ids)


def _is_word(ids: np.ndarray) -> np.ndarray:
    """Return (batch, 1, 1, length)."""
    return (ids != 0)[:, None, None, :]


def _triangle(ids: np.ndarray, k: int = 0) -> np.ndarray:
    """Return (1, 1, length, length)."""
    return np.tril(np.ones((1, 1, ids.shape[1], ids.shape[1]), bool), k)


@masks.mistake("your mask is turned around: True should be where one may attend.")
def _(ids):
    return ~masks.reference(ids)


@masks.mistake("padding is not masked: ids of 0 are columns of False.")
def _(ids):
    return _triangle(ids) & np.ones_like(_is_word(ids))


@masks.mistake("the future is not masked: row i may see the positions 0 to i.")
def _(ids):
    return _is_word(ids) & np.ones_like(_triangle(ids))


@masks.mistake("the past is masked and the future is not: keep the lower triangle.")
def _(ids):
    return _is_word(ids) & _triangle(ids).swapaxes(2, 3)


@masks.mistake("a position may see itself: keep the diagonal.")
def _(ids):
    return _is_word(ids) & _triangle(ids, -1)


@masks.mistake("a position may not see the next one: the diagonal is the last that counts.")
def _(ids):
    return _is_word(ids) & _triangle(ids, 1)


@masks.mistake("you hide the rows of padding: hide its columns, so that nobody looks at it.")
def _(ids):
    return _is_word(ids).swapaxes(2, 3) & _triangle(ids)


@masks.mistake("both must hold, no future and no padding: join the two with & instead of |.")
def _(ids):
    return _is_word(ids) | _triangle(ids)


@masks.mistake("padding is turned around: what is not 0 may be seen.")
def _(ids):
    return ~_is_word(ids) & _triangle(ids)


@masks.mistake("padding is the id 0 and no other: 1 is a word.")
def _(ids):
    return (ids > 1)[:, None, None, :] & _triangle(ids)


@masks.mistake("the last column is always hidden: hide it only where it is padding.")
def _(ids):
    return masks.reference(ids) & (np.arange(ids.shape[1]) < ids.shape[1] - 1)


@masks.mistake("the axis of the heads is missing: the shape is (batch, 1, length, length).")
def _(ids):
    return masks.reference(ids)[:, 0]


@dataclass(frozen=True)
class _Sublayer:
    """A sublayer that a sentence can show. It takes arrays and tensors, and returns the same."""

    formula: str
    of: Callable[[np.ndarray], np.ndarray]

    def __call__(self, y: Any) -> Any:
        result = self.of(np.asarray(detached(y), dtype=float))
        return y.new_tensor(result) if hasattr(y, "new_tensor") else result

    def __repr__(self) -> str:
        return f"({self.formula})"


_NOTHING = _Sublayer("y: 0 * y", lambda y: 0 * y)
_SQUARES = _Sublayer("y: y ** 2", lambda y: y**2)
_MIXING = _Sublayer("y: y[::-1] + 1", lambda y: y[::-1] + 1)


def _step(rng: Rng, size: int) -> tuple:
    """Rows of numbers, one of them perhaps constant; sublayers of all kinds, both orders."""
    length, d_model = sizes(rng, 2, size)
    (x,) = _vectors(rng, (length, d_model))
    sublayer = (_NOTHING, _SQUARES, _MIXING)[rng.integers(3)]
    return x, sublayer, bool(rng.integers(2)), float(rng.choice([1e-3, 0.5, 4.0]))


_ROW = np.array([[1.0, 2, 6]])


@exercise(
    "04-residual",
    grade="a challenge",
    inputs=_step,
    returns=lambda answer, wanted: array(answer, wanted.shape, "as x"),
    examples=tuple((_ROW, s, first, 1.0) for s in (_NOTHING, _SQUARES) for first in (True, False)),
    tolerance=1e-4,
    praise="the input is added, and the normalization stands where it should.",
    hint="Pre-norm: x + sublayer(normalize(x)). Post-norm: normalize(x + sublayer(x)).",
)
def residual(x: np.ndarray, sublayer: Callable, norm_first: bool, epsilon: float) -> np.ndarray:
    return _residual(x, sublayer, norm_first, lambda y: normalize(y, epsilon))


def _residual(x: np.ndarray, sublayer: Callable, norm_first: bool, norm: Callable) -> np.ndarray:
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


@residual.mistake("x itself is not added.")
def _(x, sublayer, norm_first, epsilon):
    if norm_first:
        return sublayer(normalize(x, epsilon))
    return normalize(sublayer(x), epsilon)


@residual.mistake("the two orders are swapped.")
def _(x, sublayer, norm_first, epsilon):
    return residual.reference(x, sublayer, not norm_first, epsilon)


@residual.mistake("norm_first is not looked at: without it, normalize the sum.")
def _(x, sublayer, norm_first, epsilon):
    return residual.reference(x, sublayer, True, epsilon)


@residual.mistake("norm_first is not looked at: with it, normalize before the sublayer.")
def _(x, sublayer, norm_first, epsilon):
    return residual.reference(x, sublayer, False, epsilon)


@residual.mistake("with norm_first, x is added as it was, not normalized.")
def _(x, sublayer, norm_first, epsilon):
    start = normalize(x, epsilon) if norm_first else x
    return start + sublayer(start) if norm_first else normalize(x + sublayer(x), epsilon)


@residual.mistake("without norm_first, the sum is normalized, not what the sublayer gives.")
def _(x, sublayer, norm_first, epsilon):
    if norm_first:
        return residual.reference(x, sublayer, norm_first, epsilon)
    return x + normalize(sublayer(x), epsilon)


@residual.mistake("nothing is normalized.")
def _(x, sublayer, norm_first, epsilon):
    return x + sublayer(x)


@residual.mistake("you normalize columns: each row, a token, is normalized by itself.")
def _(x, sublayer, norm_first, epsilon):
    return _residual(x, sublayer, norm_first, lambda y: normalize(y, epsilon, axis=0))


@residual.mistake("you normalize all rows together: each row, a token, is normalized by itself.")
def _(x, sublayer, norm_first, epsilon):
    return _residual(x, sublayer, norm_first, lambda y: (y - y.mean()) / np.sqrt(y.var() + epsilon))


def _scaled(x: np.ndarray, sublayer: Callable, norm_first: bool, scale: Callable) -> np.ndarray:
    """A step whose rows are centered and divided by `scale`."""
    return _residual(
        x, sublayer, norm_first, lambda y: (y - y.mean(axis=1, keepdims=True)) / scale(y)
    )


@residual.mistake("epsilon is added to the variance, before the root is taken.")
def _(x, sublayer, norm_first, epsilon):
    return _scaled(x, sublayer, norm_first, lambda y: y.std(axis=1, keepdims=True) + epsilon)


@residual.mistake("epsilon is not used: add it to the variance.")
def _(x, sublayer, norm_first, epsilon):
    return _scaled(x, sublayer, norm_first, lambda y: y.std(axis=1, keepdims=True))


@residual.mistake("you divide by the variance: divide by its root.")
def _(x, sublayer, norm_first, epsilon):
    return _scaled(x, sublayer, norm_first, lambda y: y.var(axis=1, keepdims=True) + epsilon)


@residual.mistake("the variance is a mean over d_model numbers, not over one less.")
def _(x, sublayer, norm_first, epsilon):
    less = np.float64(x.shape[1]) / (x.shape[1] - 1)
    return _scaled(
        x, sublayer, norm_first, lambda y: np.sqrt(y.var(axis=1, keepdims=True) * less + epsilon)
    )


@residual.mistake("the mean is not subtracted: each row is centered first.")
def _(x, sublayer, norm_first, epsilon):
    return _residual(
        x,
        sublayer,
        norm_first,
        lambda y: y / np.sqrt((y**2).mean(axis=1, keepdims=True) + epsilon),
    )


@residual.mistake(
    "the mean is subtracted, but the rows are not divided by the root of the variance."
)
def _(x, sublayer, norm_first, epsilon):
    return _scaled(x, sublayer, norm_first, lambda y: 1)
