"""Answers to the exercises of lesson 3; tests/test_exercises.py says what each table is."""

from functools import reduce
from itertools import accumulate

import numpy as np
from exercises.formulas import softmax


def greedy(logits):
    return (np.arange(len(logits)) == np.argmax(logits)).astype(float)


def shifted(targets, start):
    inputs = np.roll(targets, 1, axis=1)
    inputs[:, 0] = start
    return inputs


def overwritten(targets, start):
    inputs = targets.copy()
    inputs[:, 0] = start
    return inputs


def changes_targets(targets, start):
    inputs = shifted(targets, start)
    targets[:] = inputs
    return inputs


def first_state_always(cell, inputs, state):
    return [cell(x, state) for x in inputs]


def states_before(cell, inputs, state):
    return list(accumulate(inputs, lambda s, x: cell(x, s), initial=state))[:-1]


def with_start(cell, inputs, state):
    return list(accumulate(inputs, lambda s, x: cell(x, s), initial=state))


def last_only(cell, inputs, state):
    return [reduce(lambda s, x: cell(x, s), inputs, state)]


def from_the_end(cell, inputs, state):
    return with_start(cell, inputs[::-1], state)[1:]


def pair_forgotten(cell, inputs, state):
    states = with_start(cell, inputs, state)[1:]
    return [s[0] if isinstance(s, tuple) else s for s in states]


def cut(probabilities, p, before=0.0, strict=True):
    """Keep entry after entry while the sum so far is below p."""
    kept, total = np.zeros(len(probabilities)), 0.0
    for i in np.argsort(-probabilities):
        if total >= p - 1e-12 if strict else total > p + 1e-12:
            break
        kept[i] = probabilities[i]
        total += probabilities[i]
    return kept


def scaled(values):
    return values / values.sum()


def one_too_few(probabilities, p):
    order = np.argsort(-probabilities)
    kept = np.cumsum(probabilities[order]) <= p
    kept[0] = True
    result = np.zeros(len(probabilities))
    result[order[kept]] = probabilities[order[kept]]
    return scaled(result)


def too_few_or_none(probabilities, p):
    if probabilities.max() > p:
        return np.zeros(len(probabilities))
    return scaled(cut(probabilities, p))


def sorted_result(probabilities, p):
    return scaled(np.sort(cut(probabilities, p))[::-1])


def one_too_many(probabilities, p):
    kept = cut(probabilities, p)
    rest = np.where(kept > 0, 0, probabilities)
    kept[rest.argmax()] = probabilities[rest.argmax()]
    return scaled(kept)


RIGHT = {
    "03-bits": lambda loss, tokens, characters: loss * np.log2(np.e) / (characters / tokens),
    "03-unroll": lambda cell, inputs, state: with_start(cell, inputs, state)[1:],
    "03-shift": shifted,
    "03-temperature": lambda z, t: greedy(z) if t == 0 else softmax(np.array(z) / t),
    "03-nucleus": lambda row, p: scaled(cut(row, p)),
}

WRONG = {
    "03-bits": {
        "the loss is in nats": lambda n, t, c: n * t / c,
        "divide by log 2, do not multiply": lambda n, t, c: n * np.log(2) * t / c,
        "that is the total": lambda n, t, c: n / np.log(2) * t,
        "bits per token": lambda n, t, c: n / np.log(2),
        "swapped": lambda n, t, c: n / np.log(2) * c / t,
        "1.4 nats are": lambda n, t, c: n / np.log(10) * t / c,
    },
    "03-unroll": {
        "begins with the first state": first_state_always,
        "leave it out": with_start,
        "the states before the inputs": states_before,
        "only the last state": last_only,
        "from the end to the beginning": from_the_end,
        "return an empty list": lambda *given: with_start(*given)[1:] or [given[2]],
        "a state may be a pair": pair_forgotten,
    },
    "03-shift": {
        "these are the targets": lambda t, s: t.copy(),
        "shifted to the left": lambda t, s: np.hstack([t[:, 1:], np.full((len(t), 1), s)]),
        "came to the front": lambda t, s: np.roll(t, 1, axis=1),
        "was overwritten": overwritten,
        "the first column is 0": lambda t, s: shifted(t, 0),
        "with one position": lambda t, s: shifted(t, s) if t.shape[1] > 1 else t.copy(),
        "with start 3": lambda t, s: shifted(t, 1),
        "one column too many": lambda t, s: np.hstack([np.full((len(t), 1), s), t]),
        "whole numbers (int), not float64": lambda t, s: shifted(t.astype(float), s),
        "changes what it was given": changes_targets,
    },
    "03-temperature": {
        "is not used": lambda z, t: softmax(z),
        "do not multiply": lambda z, t: softmax(z * t),
        "not the probabilities": lambda z, t: softmax(z) / t,
        "must sum to 1": lambda z, t: np.exp(z / t),
        "at temperature 0": lambda z, t: softmax(z / max(t, 0.3)),
        "overflow": lambda z, t: greedy(z) if t == 0 else np.exp(z / t) / np.exp(z / t).sum(),
    },
    "03-nucleus": {
        "does not reach 0.8": one_too_few,
        "scale what is left": lambda row, p: cut(row, p),
        "sorted now": sorted_result,
        "too many": one_too_many,
        "least probable": lambda row, p: scaled(np.where(row < 0.2, row, 0)),
        "at least p": lambda row, p: scaled(cut(row, p, strict=False)),
        "always stays": too_few_or_none,
    },
}
