"""Answers to exercises 5 to 7 of lesson 5; tests/test_exercises.py says what each table is."""

import numpy as np


def one_by_one(states, ids, largest=np.max):
    rows = zip(states, ids, strict=True)
    return np.stack([largest(vectors[words != 0], axis=0) for vectors, words in rows])


def masked(states, ids, value, keep=True):
    return np.where(((ids != 0) == keep)[..., None], states, value)


def buries_its_padding(states, ids):
    states[ids == 0] = -np.inf
    return states.max(axis=1)


def log_shares(logits):
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def losses(first, second, scale):
    logits = np.einsum("id,jd->ij", first, second) * scale
    return -np.array([log_shares(row)[i] for i, row in enumerate(logits)])


def overflowing(first, second, scale):
    powers = np.exp(scale * first @ second.T)
    return -np.log(np.diag(powers) / powers.sum(axis=1)).mean()


def scales_its_input(first, second, scale):
    first *= scale
    return losses(first, second, 1).mean()


def batches(lengths, size):
    return [lengths[i : i + size] for i in range(0, len(lengths), size)]


def places(lengths, size):
    return sum(len(batch) * max(batch) for batch in batches(lengths, size))


def share(lengths, size):
    return np.concatenate([max(b) - b for b in batches(lengths, size)]).sum() / places(
        lengths, size
    )


def sorts_its_lengths(lengths, size):
    kept = share(lengths, size)
    lengths.sort()
    return kept


def without_rest(lengths, size):
    full = lengths[: len(lengths) // size * size]
    return 1 - full.sum() / places(full, size)


RIGHT = {
    "05-masked-max": one_by_one,
    "05-pair-loss": lambda a, b, scale: losses(a, b, scale).mean(),
    "05-padding": share,
}
WRONG = {
    "05-masked-max": {
        "put minus infinity": lambda s, i: s.max(axis=1),
        "times 0": lambda s, i: masked(s, i, 0).max(axis=1),
        "the smallest number": lambda s, i: masked(s, i, np.inf).min(axis=1),
        "turned round": lambda s, i: masked(s, i, -np.inf, keep=False).max(axis=1),
        "that is the mean": lambda s, i: one_by_one(s, i, np.mean),
        "the first token": lambda s, i: s[:, 0],
        "keep the sign": lambda s, i: one_by_one(np.abs(s), i),
        "the first text's vector is": lambda s, i: one_by_one(s, i) + 1,
        "it should be (3, 2)": lambda s, i: masked(s, i, -np.inf).max(axis=2),
        "changes what it was given": buries_its_padding,
    },
    "05-pair-loss": {
        "the sign is wrong": lambda a, b, scale: -losses(a, b, scale).mean(),
        "that is the sum": lambda a, b, scale: losses(a, b, scale).sum(),
        "the scale is missing": lambda a, b, scale: losses(a, b, 1).mean(),
        "along each row": lambda a, b, scale: losses(b, a, scale).mean(),
        "only the diagonal": lambda a, b, scale: -log_shares(scale * a @ b.T).mean(),
        "that is the share": lambda a, b, scale: np.exp(-losses(a, b, scale)).mean(),
        "the logarithm first": lambda a, b, scale: -np.log(np.exp(-losses(a, b, scale)).mean()),
        "in bits": lambda a, b, scale: losses(a, b, scale).mean() / np.log(2),
        "of three pairs is": lambda a, b, scale: losses(a, b, scale / 2).mean(),
        "overflows": overflowing,
        "return one number": losses,
        "changes what it was given": scales_its_input,
    },
    "05-padding": {
        "padding is the rest": lambda n, size: n.sum() / places(n, size),
        "divide by the tokens": lambda n, size: places(n, size) / n.sum() - 1,
        "number of places": lambda n, size: places(n, size) - n.sum(),
        "the longest of all": lambda n, size: 1 - n.sum() / (len(n) * n.max()),
        "has one text only": lambda n, size: (
            1 - n.sum() / sum(size * max(b) for b in batches(n, size))
        ),
        "the last batch is missing": without_rest,
        "in the given order": lambda n, size: share(np.sort(n)[::-1], size),
        "average the shares": lambda n, size: np.mean(
            [1 - b.mean() / b.max() for b in batches(n, size)]
        ),
        "4 / 27": lambda n, size: 0.5,
        "changes what it was given": sorts_its_lengths,
    },
}
