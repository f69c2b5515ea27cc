"""Answers to the exercises of lesson 4; tests/test_exercises.py says what each table is."""

import math
from importlib import import_module

import numpy as np
from exercises.formulas import normal, softmax


def mixed(weights, values):
    return np.einsum("...k,kd->...d", weights, values), weights


def tanh_scores(query, keys, v):
    return np.array([np.tanh(query + key) @ v for key in keys])


def additive(query, keys, v):
    return mixed(softmax(tanh_scores(query, keys, v)), keys)


def additive_by_logarithms(query, keys, v):
    scores = np.einsum("nd,d->n", np.tanh(keys + query[None]), v)
    weights = np.exp(scores - np.logaddexp.reduce(scores))
    return [(weights[:, None] * keys).sum(0), weights.tolist()]


def additive_in_torch(query, keys, v):
    import torch

    keys, v = torch.tensor(keys, dtype=torch.float64), torch.tensor(v, dtype=torch.float64)
    weights = torch.softmax(torch.tanh(torch.tensor(query) + keys) @ v, dim=0)
    return weights @ keys, weights.requires_grad_()


def additive_in_tensorflow(query, keys, v):
    import tensorflow as tf

    query, keys, v = (tf.constant(part, tf.float64) for part in (query, keys, v))
    weights = tf.nn.softmax(tf.linalg.matvec(tf.tanh(keys + query), v))
    return tf.reduce_sum(weights[:, None] * keys, axis=0), weights


def adds_to_its_keys(query, keys, v):
    keys += query
    return mixed(softmax(np.tanh(keys) @ v), keys)


def scores_of(query, key):
    return np.einsum("qd,kd->qk", query, key) / np.sqrt(query.shape[1])


def attention_in_a_loop(query, key, value):
    rows = []
    for q in query:
        scores = [sum(a * b for a, b in zip(q, k, strict=True)) / len(q) ** 0.5 for k in key]
        powers = [math.exp(score - max(scores)) for score in scores]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows) @ value, rows


def attention_of_scaled_keys(query, key, value):
    scores = np.matmul(query, (key / key.shape[-1] ** 0.5).swapaxes(0, 1))
    return mixed(np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)), value)


def attention_in_torch(query, key, value):
    import torch

    query, key, value = (torch.tensor(part, dtype=torch.float64) for part in (query, key, value))
    weights = torch.softmax(query @ key.T / query.shape[1] ** 0.5, dim=-1)
    return torch.nn.functional.scaled_dot_product_attention(query, key, value), weights


def scales_its_query(query, key, value):
    query /= np.sqrt(query.shape[1])
    return mixed(softmax(query @ key.T), value)


def split(x, heads):
    shares = x.shape[2] // heads
    return np.stack([x[:, :, i * shares : (i + 1) * shares] for i in range(heads)], axis=1)


def split_in_torch(x, heads):
    import torch

    return torch.tensor(x).unflatten(2, (heads, -1)).transpose(1, 2)


def split_in_lists(x, heads):
    share = x.shape[2] // heads
    return [
        [[list(token[h * share :][:share]) for token in sentence] for h in range(heads)]
        for sentence in x
    ]


def negates_its_input(x, heads):
    x *= -1
    return -split(x, heads)


def in_turn(first, second):
    return np.stack([first, second], axis=2).reshape(len(first), -1)


def waves(max_length, d_model):
    angles = np.outer(np.arange(max_length), 10_000.0 ** (-np.arange(0, d_model, 2) / d_model))
    return in_turn(np.sin(angles), np.cos(angles))


def waves_in_a_loop(max_length, d_model):
    return [
        [
            (math.cos if j % 2 else math.sin)(p / 10_000 ** ((j - j % 2) / d_model))
            for j in range(d_model)
        ]
        for p in range(max_length)
    ]


def waves_by_exponentials(max_length, d_model):
    table = np.empty((max_length, d_model), np.float32)
    rates = np.exp(np.arange(0, d_model, 2) * -(np.log(10_000) / d_model))
    table[:, ::2] = np.sin(np.arange(max_length)[:, None] * rates)
    table[:, 1::2] = np.cos(np.arange(max_length)[:, None] * rates)
    return table


def waves_of_complex_numbers(max_length, d_model):
    rates = 1e4 ** (-np.arange(d_model // 2) / (d_model // 2))
    turned = np.exp(1j * np.arange(max_length)[:, None] * rates)
    return np.stack([turned.imag, turned.real], axis=-1).reshape(max_length, d_model)


def triangle(ids, k=0):
    return np.tril(np.ones((ids.shape[1],) * 2, bool), k)[None, None]


def words(ids):
    return (ids != 0)[:, None, None, :]


def right_mask(ids):
    positions = np.arange(ids.shape[1])
    return (positions[None, :] <= positions[:, None])[None, None] & words(ids)


def mask_in_a_loop(ids):
    length = ids.shape[1]
    return [
        [[[j <= i and bool(row[j]) for j in range(length)] for i in range(length)]] for row in ids
    ]


def mask_of_products(ids):
    rows, columns = np.indices((ids.shape[1],) * 2)
    return ((ids[:, None, None] > 0) * (rows >= columns)).astype(bool)


def mask_in_torch(ids):
    import torch

    ids = torch.tensor(ids)
    causal = torch.ones(ids.shape[1], ids.shape[1]).tril().bool()
    return torch.logical_and(causal, (ids != 0)[:, None, None])


def hides_in_its_ids(ids):
    found = right_mask(ids)
    ids[ids == 0] = -1
    return found


def residual(x, sublayer, norm_first, epsilon):
    if norm_first:
        return sublayer(normal(x, epsilon)) + x
    return normal(sublayer(x) + x, epsilon)


def residual_row_by_row(x, sublayer, norm_first, epsilon):
    def norm(y):
        return np.array([(row - np.mean(row)) / math.sqrt(np.var(row) + epsilon) for row in y])

    return np.add(x, sublayer(norm(x))) if norm_first else norm(np.add(x, sublayer(x)))


def residual_in_torch(x, sublayer, norm_first, epsilon):
    import torch

    def norm(y):
        return torch.nn.functional.layer_norm(y, y.shape[1:], eps=epsilon)

    x = torch.tensor(x, dtype=torch.float64)
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


def residual_in_tensorflow(x, sublayer, norm_first, epsilon):
    import tensorflow as tf

    def norm(y):
        mean, variance = tf.nn.moments(y, axes=1, keepdims=True)
        return (y - mean) * tf.math.rsqrt(variance + epsilon)

    x = tf.constant(x, tf.float64)
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


def residual_by_moments(x, sublayer, norm_first, epsilon):
    def norm(y):
        mean = y.mean(axis=-1)[:, None]
        return (y - mean) * ((y**2).mean(axis=-1)[:, None] - mean**2 + epsilon) ** -0.5

    start = x.astype(float)
    return start + sublayer(norm(start)) if norm_first else norm(start + sublayer(start))


def centers_its_input(x, sublayer, norm_first, epsilon):
    result = residual(x, sublayer, norm_first, epsilon)
    x -= x.mean(axis=1, keepdims=True) + 1
    return result


def in_pytorch(forward):
    """Return the stub's module with this way to compute: forward(layer, x, mask, attend)."""

    def make(adapter):
        if not adapter.__name__.endswith("pytorch"):
            return None
        from torch import nn

        class MultiQueryAttention(nn.Module):
            def __init__(self, d_model, heads):
                super().__init__()
                self.heads = heads
                self.query = nn.Linear(d_model, d_model)
                self.key = nn.Linear(d_model, d_model // heads)
                self.value = nn.Linear(d_model, d_model // heads)
                self.output = nn.Linear(d_model, d_model)

            def forward(self, x, mask=None):
                return forward(self, x, mask, adapter.attend)

        return MultiQueryAttention

    return make


def in_keras(call):
    """Return the stub's layer with this way to compute: call(layer, x, mask, attend)."""

    def make(adapter):
        if not adapter.__name__.endswith("tensorflow"):
            return None
        import keras

        class MultiQueryAttention(keras.layers.Layer):
            output = None

            def __init__(self, d_model, heads):
                super().__init__()
                self.heads = heads
                self.query = keras.layers.Dense(d_model)
                self.key = keras.layers.Dense(d_model // heads)
                self.value = keras.layers.Dense(d_model // heads)
                self.output = keras.layers.Dense(d_model)
                for layer in (self.query, self.key, self.value, self.output):
                    layer.build((None, d_model))
                self.built = True

            def call(self, x, mask=None):
                return call(self, x, mask, adapter.attend)

        return MultiQueryAttention

    return make


def heads_of(layer, x):
    """From (batch, length, d_model) to (batch, heads, length, d_model / heads), in PyTorch."""
    return x.unflatten(2, (layer.heads, -1)).transpose(1, 2)


def shared(layer, x, mask, attend, *, scale=1.0, join=lambda mixed: mixed.transpose(1, 2)):
    query, key, value = heads_of(layer, layer.query(x)), layer.key(x), layer.value(x)
    mixed, _ = attend(query * scale, key[:, None], value[:, None], mask)
    return layer.output(join(mixed).reshape(x.shape))


def repeated(layer, x, mask, attend):
    many = (-1, layer.heads, -1, -1)
    key, value = (part(x)[:, None].expand(many) for part in (layer.key, layer.value))
    mixed, _ = attend(heads_of(layer, layer.query(x)), key, value, mask)
    return layer.output(mixed.permute(0, 2, 1, 3).flatten(2))


def head_by_head(layer, x, mask, attend):
    import torch

    queries = layer.query(x).chunk(layer.heads, dim=-1)
    mask = None if mask is None else mask[:, 0]
    key, value = layer.key(x), layer.value(x)
    return layer.output(torch.cat([attend(q, key, value, mask)[0] for q in queries], dim=-1))


def by_einsum(layer, x, mask, attend):
    import torch

    query = layer.query(x).unflatten(2, (layer.heads, -1))
    scores = torch.einsum("bqhs,bks->bhqk", query, layer.key(x)) / query.shape[-1] ** 0.5
    scores = scores if mask is None else scores.masked_fill(~mask, -torch.inf)
    mixed = torch.einsum("bhqk,bks->bqhs", scores.softmax(-1), layer.value(x))
    return layer.output(mixed.flatten(2))


def split_in_keras(layer, x, mask, attend):
    import tensorflow as tf

    batch, length, d_model = x.shape
    query = tf.reshape(layer.query(x), (batch, length, layer.heads, d_model // layer.heads))
    mixed, _ = attend(
        tf.transpose(query, (0, 2, 1, 3)), layer.key(x)[:, None], layer.value(x)[:, None], mask
    )
    return layer.output(tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), x.shape))


def head_by_head_in_keras(layer, x, mask, attend):
    import tensorflow as tf

    queries = tf.split(layer.query(x), layer.heads, axis=-1)
    mask = None if mask is None else mask[:, 0]
    key, value = layer.key(x), layer.value(x)
    return layer.output(tf.concat([attend(q, key, value, mask)[0] for q in queries], axis=-1))


def by_einsum_in_keras(layer, x, mask, attend):
    from keras import ops

    query = ops.reshape(layer.query(x), (*x.shape[:2], layer.heads, -1))
    scores = ops.einsum("bqhs,bks->bhqk", query, layer.key(x)) / query.shape[-1] ** 0.5
    scores = scores if mask is None else ops.where(mask, scores, -1e30)
    mixed = ops.einsum("bhqk,bks->bqhs", ops.softmax(scores), layer.value(x))
    return layer.output(ops.reshape(mixed, x.shape))


def repeated_in_keras(layer, x, mask, attend):
    import tensorflow as tf

    query = tf.stack(tf.split(layer.query(x), layer.heads, axis=2), axis=1)
    key, value = (tf.stack([part(x)] * layer.heads, axis=1) for part in (layer.key, layer.value))
    mixed, _ = attend(query, key, value, mask)
    return layer.output(tf.concat(tf.unstack(mixed, axis=1), axis=-1))


def in_numpy(layer, x, mask, attend):
    return np.asarray(by_einsum(layer, x, mask, attend).detach().cpu())


def stop(tensor):
    import tensorflow as tf

    return tf.stop_gradient(tensor)


def wide(adapter):
    """Every head has a key and a value of its own, as before."""
    return adapter.MultiHeadAttention


def unmasked(layer, x, mask, attend):
    return shared(layer, x, None, attend)


RIGHT = {
    "04-multi-query": [
        in_pytorch(shared),
        in_pytorch(repeated),
        in_pytorch(head_by_head),
        in_pytorch(by_einsum),
        in_keras(split_in_keras),
        in_keras(head_by_head_in_keras),
        in_keras(by_einsum_in_keras),
        in_keras(repeated_in_keras),
    ],
    "04-additive": [
        additive,
        additive_by_logarithms,
        additive_in_torch,
        additive_in_tensorflow,
    ],
    "04-attention": [
        lambda q, k, v: mixed(softmax(scores_of(q, k)), v),
        attention_in_a_loop,
        attention_of_scaled_keys,
        attention_in_torch,
    ],
    "04-split": [
        split,
        split_in_torch,
        split_in_lists,
        lambda x, h: np.moveaxis(np.array(np.split(x, h, axis=-1)), 0, 1),
        lambda x, h: np.einsum("blhs->bhls", x.reshape(len(x), x.shape[1], h, x.shape[2] // h)),
    ],
    "04-positions": [waves, waves_in_a_loop, waves_by_exponentials, waves_of_complex_numbers],
    "04-masks": [right_mask, mask_in_a_loop, mask_of_products, mask_in_torch],
    "04-residual": [
        residual,
        residual_row_by_row,
        residual_in_torch,
        residual_in_tensorflow,
        residual_by_moments,
    ],
}

WRONG = {
    "04-multi-query": {
        "the mask is not used": in_pytorch(unmasked),
        "the mask is not used: hand": in_keras(
            lambda layer, x, mask, attend: split_in_keras(layer, x, None, attend)
        ),
        "turned around": in_pytorch(
            lambda layer, x, mask, attend: shared(
                layer, x, None if mask is None else mask.logical_not(), attend
            )
        ),
        "not divided by the root": in_pytorch(
            lambda layer, x, mask, attend: shared(
                layer, x, mask, attend, scale=(x.shape[2] // layer.heads) ** 0.5
            )
        ),
        "by the root of d_model:": in_pytorch(
            lambda layer, x, mask, attend: shared(layer, x, mask, attend, scale=layer.heads**-0.5)
        ),
        "joined without swapping": in_pytorch(
            lambda layer, x, mask, attend: shared(layer, x, mask, attend, join=lambda mixed: mixed)
        ),
        "x is added": in_pytorch(lambda layer, x, mask, attend: x + shared(layer, x, mask, attend)),
        "x is added: that": in_keras(
            lambda layer, x, mask, attend: x + split_in_keras(layer, x, mask, attend)
        ),
        "With x = [[[": in_pytorch(lambda layer, x, mask, attend: -shared(layer, x, mask, attend)),
        "gradient of key.kernel is missing": in_pytorch(
            lambda layer, x, mask, attend: head_by_head(
                layer, x, mask, lambda q, k, v, m: attend(q, k.detach(), v, m)
            )
        ),
        "gradient of value.kernel is missing": in_keras(
            lambda layer, x, mask, attend: head_by_head_in_keras(
                layer, x, mask, lambda q, k, v, m: attend(q, k, stop(v), m)
            )
        ),
        "not a tensor": in_pytorch(in_numpy),
        "not a pair": in_keras(
            lambda layer, x, mask, attend: (split_in_keras(layer, x, mask, attend), None)
        ),
        "your function returns nothing": in_pytorch(lambda *given: None),
        "key.kernel has the shape (2, 2); it should have (2, 1). Keep": wide,
        "raised": in_keras(lambda layer, x, mask, attend: layer.keys(x)),
        "give the function itself": lambda adapter: 3,
    },
    "04-additive": {
        "the tanh is missing": lambda q, k, v: mixed(softmax((q + k) @ v), k),
        "dot-product attention": lambda q, k, v: mixed(softmax(k @ q), k),
        "the plain mean": lambda q, k, v: (k.mean(axis=0), softmax(tanh_scores(q, k, v))),
        "must sum to 1": lambda q, k, v: mixed(np.exp(tanh_scores(q, k, v)), k),
        "subtract the largest score": lambda q, k, v: mixed(
            np.exp(tanh_scores(q, k, v)) / np.exp(tanh_scores(q, k, v)).sum(), k
        ),
        "mix first": lambda q, k, v: additive(q, k, v)[::-1],
        "and yours is [[": lambda q, k, v: mixed(softmax(-tanh_scores(q, k, v)), k),
        "keys = [[": lambda q, k, v: mixed(softmax(tanh_scores(q, k, np.abs(v))), k),
        "For query = [": lambda q, k, v: mixed(softmax(np.clip(tanh_scores(q, k, v), -5, 5)), k),
        "return two arrays": lambda q, k, v: softmax(tanh_scores(q, k, v)),
        "changes what it was given": adds_to_its_keys,
    },
    "04-attention": {
        "by the root of d is missing": lambda q, k, v: mixed(softmax(q @ k.T), v),
        "divide by its root": lambda q, k, v: mixed(softmax(q @ k.T / q.shape[1]), v),
        "number of keys": lambda q, k, v: mixed(softmax(q @ k.T / len(k) ** 0.5), v),
        "over the queries": lambda q, k, v: mixed(softmax(scores_of(q, k), axis=0), v),
        "the softmax is missing": lambda q, k, v: mixed(scores_of(q, k), v),
        "the plain mean of the values": lambda q, k, v: (
            np.tile(v.mean(axis=0), (len(q), 1)),
            softmax(scores_of(q, k)),
        ),
        "For query = [[": lambda q, k, v: mixed(softmax(-scores_of(q, k)), v),
        "value = [[": lambda q, k, v: mixed(softmax(q @ k.T / 4), v),
        "key = [[": lambda q, k, v: mixed(softmax(np.clip(scores_of(q, k), -9, 9)), v),
        "0 in place of NaN": lambda q, k, v: mixed(
            np.nan_to_num(
                np.exp(scores_of(q, k)) / np.exp(scores_of(q, k)).sum(axis=1, keepdims=True)
            ),
            v,
        ),
        "mix first": lambda q, k, v: mixed(softmax(scores_of(q, k)), v)[::-1],
        "changes what it was given": scales_its_query,
    },
    "04-split": {
        "a reshape alone": lambda x, h: x.reshape(len(x), h, x.shape[1], -1),
        "swap these two axes": lambda x, h: x.reshape(*x.shape[:2], h, -1),
        "numbers that lie apart": lambda x, h: x.reshape(*x.shape[:2], -1, h).transpose(0, 3, 1, 2),
        "it stays in front": lambda x, h: split(x, h).transpose(1, 0, 2, 3),
        "wrong order": lambda x, h: split(x, h)[:, ::-1],
        "it should be (1, 1, 1, 3)": lambda x, h: split(x, h) if h > 1 else x,
        "x = [[[": lambda x, h: np.abs(split(x, h)),
        "heads = ": lambda x, h: split(x, h)[..., ::-1],
        "changes what it was given": negates_its_input,
    },
    "04-positions": {
        "all sines come first": lambda n, w: np.concatenate(
            [waves(n, w)[:, ::2], waves(n, w)[:, 1::2]], axis=1
        ),
        "are swapped": lambda n, w: in_turn(waves(n, w)[:, 1::2], waves(n, w)[:, ::2]),
        "first position is 0": lambda n, w: waves(n + 1, w)[1:],
        "not i / d_model": lambda n, w: in_turn(
            *(f(np.outer(np.arange(n), 1e4 ** (-np.arange(w // 2) / w))) for f in (np.sin, np.cos))
        ),
        "positions are rows": lambda n, w: waves(n, w).T,
        "max_length = ": lambda n, w: 2 * waves(n, w),
        "d_model = ": lambda n, w: np.where(np.arange(w) < 4, waves(n, w), 0),
        "and yours is [[0, 1": lambda n, w: waves(n, w) * (np.arange(n) < 3)[:, None],
    },
    "04-masks": {
        "turned around: True": lambda i: ~right_mask(i),
        "padding is not masked": lambda i: triangle(i) & np.ones_like(words(i)),
        "the future is not masked: row": lambda i: words(i) & np.ones_like(triangle(i)),
        "lower triangle": lambda i: words(i) & triangle(i).swapaxes(2, 3),
        "keep the diagonal": lambda i: words(i) & triangle(i, -1),
        "and yours is [[[[False": lambda i: np.zeros_like(right_mask(i)),
        "hide its columns, so": lambda i: words(i).swapaxes(2, 3) & triangle(i),
        "instead of |": lambda i: words(i) | triangle(i),
        "True or False (bool), not int64": lambda i: right_mask(i).astype(int),
        "axis of the heads": lambda i: right_mask(i)[:, 0],
        "For ids = [[": lambda i: (i > 2)[:, None, None] & triangle(i),
        "ids = ": lambda i: words(i[:1]) & triangle(i) & np.ones((len(i), 1, 1, 1), bool),
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
        "added as it was": lambda x, sublayer, first, e: (
            normal(x, e) + sublayer(normal(x, e)) if first else residual(x, sublayer, first, e)
        ),
        "without it, normalize the sum": lambda x, sublayer, first, e: residual(
            x, sublayer, True, e
        ),
        "norm_first = True": lambda x, sublayer, first, e: (
            x - sublayer(normal(x, e)) if first else residual(x, sublayer, first, e)
        ),
        "sublayer = (y": lambda x, sublayer, first, e: residual(x, sublayer, first, 1e-5),
        "norm_first = False": lambda x, sublayer, first, e: (
            residual(x, sublayer, first, e) if first else 2 * residual(x, sublayer, first, e)
        ),
        "changes what it was given": centers_its_input,
    },
}


def additive_arguments(rng):
    n, d = rng.integers(1, 14, 2)
    large = 10.0 ** rng.uniform(-1, 3)
    return rng.uniform(-2, 2, d), rng.uniform(-2, 2, (n, d)), large * rng.uniform(-1, 1, d)


def attention_arguments(rng):
    queries, keys, d, m = rng.integers(1, 13, 4)
    large = 10.0 ** rng.uniform(-1, 3)
    return (
        large * rng.uniform(-1, 1, (queries, d)),
        rng.uniform(-1, 1, (keys, d)),
        rng.exponential(1, (keys, m)),
    )


def split_arguments(rng):
    batch, length, heads, share = (int(size) for size in rng.integers(1, 9, 4))
    return rng.uniform(-5, 5, (batch, length, heads * share)), heads


def mask_arguments(rng):
    ids = rng.poisson(2, rng.integers(1, 15, 2))
    return (np.where(np.cumsum(ids == 0, axis=1) > 0, 0, ids),)


def residual_arguments(rng):
    x = 3 * rng.uniform(-1, 2, rng.integers(1, 15, 2))
    return x, lambda y: np.sin(y) + np.roll(y, 1, axis=0), bool(rng.integers(2)), rng.uniform(0.01)


SECOND = {
    "04-additive": additive_arguments,
    "04-attention": attention_arguments,
    "04-split": split_arguments,
    "04-positions": lambda rng: (int(rng.integers(1, 30)), 2 * int(rng.integers(1, 20))),
    "04-masks": mask_arguments,
    "04-residual": residual_arguments,
}


def attend(query, *others):
    """The function that the lesson writes, of the framework whose tensors these are."""
    framework = "pytorch" if hasattr(query, "detach") else "tensorflow"
    return import_module(f"course_utils.{framework}").attend(query, *others)


SCOPE = {"attend": attend}
