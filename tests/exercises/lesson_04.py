"""Answers to the exercises of lesson 4; tests/test_exercises.py says what each table is."""

import numpy as np
from exercises.formulas import normal, softmax


def overflowing(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def mixed(weights, values):
    return np.einsum("...k,kd->...d", weights, values), weights


def tanh_scores(query, keys, v):
    return np.array([np.tanh(query + key) @ v for key in keys])


def scores_of(query, key, divisor):
    return np.einsum("qd,kd->qk", query, key) / divisor


def adds_to_its_keys(query, keys, v):
    keys += query
    return mixed(softmax(np.tanh(keys) @ v), keys)


def scales_its_query(query, key, value):
    query /= np.sqrt(query.shape[1])
    return mixed(softmax(query @ key.T), value)


def split(x, heads):
    shares = x.shape[2] // heads
    return np.stack([x[:, :, i * shares : (i + 1) * shares] for i in range(heads)], axis=1)


def negates_its_input(x, heads):
    x *= -1
    return -split(x, heads)


def waves(max_length, d_model, exponent=2.0, start=0):
    i = np.arange(d_model // 2)
    angles = (np.arange(max_length) + start)[:, None] / 10_000 ** (exponent * i / d_model)
    return np.sin(angles), np.cos(angles)


def in_turn(first, second):
    return np.stack([first, second], axis=2).reshape(len(first), -1)


def triangle(ids, k=0):
    return np.tril(np.ones((ids.shape[1],) * 2, bool), k)[None, None]


def words(ids):
    return (ids != 0)[:, None, None, :]


def right_mask(ids):
    positions = np.arange(ids.shape[1])
    return (positions[None, :] <= positions[:, None])[None, None] & words(ids)


def hides_in_its_ids(ids):
    found = right_mask(ids)
    ids[ids == 0] = -1
    return found


def residual(x, sublayer, norm_first, epsilon):
    if norm_first:
        return sublayer(normal(x, epsilon)) + x
    return normal(sublayer(x) + x, epsilon)


def centers_its_input(x, sublayer, norm_first, epsilon):
    result = residual(x, sublayer, norm_first, epsilon)
    x -= x.mean(axis=1, keepdims=True)
    return result


RIGHT = {
    "04-additive": lambda q, k, v: mixed(softmax(tanh_scores(q, k, v)), k),
    "04-attention": lambda q, k, v: mixed(softmax(scores_of(q, k, np.sqrt(q.shape[1]))), v),
    "04-split": split,
    "04-positions": lambda n, w: in_turn(*waves(n, w)),
    "04-masks": right_mask,
    "04-residual": residual,
}

WRONG = {
    "04-additive": {
        "the tanh is missing": lambda q, k, v: mixed(softmax((q + k) @ v), k),
        "dot-product attention": lambda q, k, v: mixed(softmax(k @ q), k),
        "the plain mean": lambda q, k, v: (k.mean(axis=0), softmax(tanh_scores(q, k, v))),
        "should sum to 1": lambda q, k, v: mixed(np.exp(tanh_scores(q, k, v)), k),
        "mix first": lambda q, k, v: mixed(softmax(tanh_scores(q, k, v)), k)[::-1],
        "of three keys are": lambda q, k, v: mixed(softmax(-tanh_scores(q, k, v)), k),
        "weighted by the shares": lambda q, k, v: (
            mixed(softmax(tanh_scores(q, k, v)), k + q)[:1] + (softmax(tanh_scores(q, k, v)),)
        ),
        "overflow": lambda q, k, v: mixed(overflowing(tanh_scores(q, k, v)), k),
        "return two arrays": lambda q, k, v: softmax(tanh_scores(q, k, v)),
        "changes what it was given": adds_to_its_keys,
    },
    "04-attention": {
        "by the root of d is missing": lambda q, k, v: mixed(softmax(scores_of(q, k, 1)), v),
        "divide by its root": lambda q, k, v: mixed(softmax(scores_of(q, k, q.shape[1])), v),
        "number of keys": lambda q, k, v: mixed(softmax(scores_of(q, k, len(k) ** 0.5)), v),
        "over the queries": lambda q, k, v: mixed(softmax(scores_of(q, k, 4), axis=0), v),
        "should sum to 1": lambda q, k, v: mixed(scores_of(q, k, 4), v),
        "the mean of the values": lambda q, k, v: (
            np.tile(v.mean(axis=0), (len(q), 1)),
            softmax(scores_of(q, k, 4)),
        ),
        "of the first query are": lambda q, k, v: mixed(softmax(-scores_of(q, k, 4)), v),
        "not all finite": lambda q, k, v: mixed(np.log(-np.square(scores_of(q, k, 4))), v),
        "overflow": lambda q, k, v: mixed(overflowing(scores_of(q, k, 4)), v),
        "mix first": lambda q, k, v: mixed(softmax(scores_of(q, k, 4)), v)[::-1],
        "changes what it was given": scales_its_query,
    },
    "04-split": {
        "a reshape alone": lambda x, h: x.reshape(len(x), h, x.shape[1], -1),
        "swap the axes": lambda x, h: x.reshape(*x.shape[:2], h, -1),
        "every third number": lambda x, h: x.reshape(*x.shape[:2], -1, h).transpose(0, 3, 1, 2),
        "it should be (2, 3, 5, 2)": lambda x, h: split(x, h).transpose(1, 0, 2, 3),
        "head 0 of the first token": lambda x, h: split(x, h)[:, ::-1],
        "changes what it was given": negates_its_input,
    },
    "04-positions": {
        "all sines first": lambda n, w: np.concatenate(waves(n, w), axis=1),
        "are swapped": lambda n, w: in_turn(*waves(n, w)[::-1]),
        "first position is 0": lambda n, w: in_turn(*waves(n, w, start=1)),
        "the exponent is": lambda n, w: in_turn(*waves(n, w, exponent=1.0)),
        "you multiply": lambda n, w: in_turn(*waves(n, w, exponent=-2.0)),
        "positions are rows": lambda n, w: in_turn(*waves(n, w)).T,
        "position 1 is": lambda n, w: 2 * in_turn(*waves(n, w)),
    },
    "04-masks": {
        "turned around": lambda i: ~right_mask(i),
        "padding is not masked": lambda i: triangle(i) & np.ones_like(words(i)),
        "the future is not masked: row": lambda i: words(i) & np.ones_like(triangle(i)),
        "lower triangle": lambda i: words(i) & triangle(i).swapaxes(2, 3),
        "keep the diagonal": lambda i: words(i) & triangle(i, -1),
        "is not right": lambda i: np.zeros_like(right_mask(i)),
        "you hide rows": lambda i: words(i).swapaxes(2, 3) & triangle(i),
        "True or False (bool), not int64": lambda i: right_mask(i).astype(int),
        "it should be (2, 1, 4, 4)": lambda i: right_mask(i)[:, 0],
        "changes what it was given": hides_in_its_ids,
    },
    "04-residual": {
        "not added": lambda x, sublayer, first, e: (
            residual(x, sublayer, first, e) - x if first else normal(sublayer(x), e)
        ),
        "are swapped": lambda x, sublayer, first, e: residual(x, sublayer, not first, e),
        "normalize columns": lambda x, sublayer, first, e: (
            x + sublayer(normal(x, e, axis=0)) if first else normal(x + sublayer(x), e, axis=0)
        ),
        "not normalized": lambda x, sublayer, first, e: (
            normal(x, e) + sublayer(normal(x, e)) if first else residual(x, sublayer, first, e)
        ),
        "with norm_first the result": lambda x, sublayer, first, e: (
            x - sublayer(normal(x, e)) if first else residual(x, sublayer, first, e)
        ),
        "without norm_first": lambda x, sublayer, first, e: residual(x, sublayer, True, e),
        "before the root": lambda x, sublayer, first, e: residual(x, sublayer, first, 1e-5),
        "changes what it was given": centers_its_input,
    },
}
