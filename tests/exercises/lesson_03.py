"""Answers to the exercises of lesson 3; tests/test_exercises.py says what each table is."""

from functools import reduce
from itertools import accumulate

import numpy as np
from exercises.formulas import softmax

from course_utils.training import History


def bits_in_torch(loss, tokens, characters):
    import torch

    total = torch.tensor(loss * tokens, dtype=torch.float64, requires_grad=True)
    return total / torch.log(torch.tensor(2.0, dtype=torch.float64)) / characters


def states(cell, inputs, state):
    return list(accumulate(inputs, lambda s, x: cell(x, s), initial=state))[1:]


def states_in_a_loop(cell, inputs, state):
    found = []
    for x in inputs:
        state = cell(x, state)
        found += [state]
    return tuple(found)


def states_by_recursion(cell, inputs, state):
    if not inputs:
        return []
    after = cell(inputs[0], state)
    return [after, *states_by_recursion(cell, inputs[1:], after)]


def states_of_beginnings(cell, inputs, state):
    return [
        reduce(lambda s, x: cell(x, s), inputs[: i + 1], state) for i in range(len(inputs))
    ]  # fmt: skip


def state_forgotten(cell, inputs, state):
    return states(cell, inputs, type(state)()) if not isinstance(state, tuple) else []


def all_but_the_last(cell, inputs, state):
    return states(cell, inputs[: max(1, len(inputs) - 1)], state)


def empties_its_inputs(cell, inputs, state):
    found = []
    while inputs:
        state = cell(inputs.pop(0), state)
        found.append(state)
    return found


def shifted(targets, start):
    inputs = np.roll(targets, 1, axis=1)
    inputs[:, 0] = start
    return inputs


def shifted_in_place_of_a_copy(targets, start):
    inputs = np.empty_like(targets)
    inputs[:, 0], inputs[:, 1:] = start, targets[:, :-1]
    return inputs


def shifted_in_tensorflow(targets, start):
    import tensorflow as tf

    return tf.pad(tf.constant(targets)[:, :-1], [[0, 0], [1, 0]], constant_values=start)


def changes_targets(targets, start):
    targets[:] = shifted(targets, start)
    return targets


def greedy(logits):
    return (np.arange(len(logits)) == np.argmax(logits)).astype(float)


def tempered(logits, temperature):
    return greedy(logits) if temperature == 0 else softmax(logits / temperature)


def tempered_by_logarithms(logits, temperature):
    if not temperature:
        return [float(i == np.argmax(logits)) for i in range(len(logits))]
    z = logits / temperature
    return np.exp(z - np.logaddexp.reduce(z))


def tempered_in_a_loop(logits, temperature):
    weights = [
        float(z == max(logits)) if temperature == 0 else np.exp((z - max(logits)) / temperature)
        for z in logits.tolist()
    ]
    return [w / sum(weights) for w in weights]


def tempered_in_torch(logits, temperature):
    import torch

    z = torch.tensor(logits)
    if temperature == 0:
        return torch.nn.functional.one_hot(z.argmax(), len(z))
    return torch.softmax(z / temperature, dim=0)


def plain_softmax(z):
    return np.exp(z) / np.exp(z).sum()


def sharp_only(logits, temperature):
    return tempered(logits, temperature if temperature < 1 else 1)


def scaled(values):
    return values / values.sum()


def cut(probabilities, p):
    """Keep entry after entry while the sum so far is below p."""
    kept, total = np.zeros(len(probabilities)), 0.0
    for i in np.argsort(-probabilities):
        if total >= p - 1e-12:
            break
        kept[i] = probabilities[i]
        total += probabilities[i]
    return kept


def nucleus_by_counting(probabilities, p):
    ranked = sorted(probabilities, reverse=True)
    count = next(n for n in range(1, len(ranked) + 1) if sum(ranked[:n]) >= p - 1e-12)
    kept = np.where(probabilities >= ranked[count - 1], probabilities, 0)
    return kept / kept.sum()


def nucleus_by_comparing(probabilities, p):
    larger = probabilities[None, :] > probabilities[:, None]  # (V, V)
    before = (larger * probabilities).sum(axis=1)
    return scaled(np.where(before < p - 1e-12, probabilities, 0)).tolist()


def nucleus_in_torch(probabilities, p):
    import torch

    ranked, order = torch.sort(torch.tensor(probabilities), descending=True)
    ranked[torch.cumsum(ranked, 0) - ranked >= p - 1e-12] = 0
    return torch.zeros_like(ranked).scatter(0, order, ranked / ranked.sum())


def order_twice(probabilities, p):
    """The sorted entries are put back by `order` itself instead of by its inverse."""
    order = np.argsort(-probabilities)
    kept = cut(probabilities, p)[order]
    return scaled(kept[order])


def first_two(probabilities, p):
    kept = np.argsort(-probabilities)[:2]
    return scaled(np.where(np.isin(np.arange(len(probabilities)), kept), probabilities, 0))


def nothing_if_sure(probabilities, p):
    return scaled(cut(probabilities, p)) if probabilities.max() <= p else 0 * probabilities


def sorts_its_input(probabilities, p):
    result = scaled(cut(probabilities, p))
    probabilities.sort()
    return result


# Measured with run_with of the lesson: training and held-out losses at the three evaluations.
MEASURED = {
    1e-5: ([4.56625, 4.56055, 4.55946], [4.57559, 4.56915, 4.5677]),
    1e-4: ([4.55323, 4.49103, 4.45507], [4.53804, 4.4721, 4.45665]),
    1e-3: ([4.41991, 3.71874, 3.297], [4.1369, 3.37746, 3.27405]),
    1e-2: ([3.67555, 2.81394, 2.60255], [3.01936, 2.69295, 2.63086]),
    3e-2: ([3.32809, 2.58109, 2.37657], [2.7808, 2.56136, 2.4753]),
    1e-1: ([3.03126, 2.47593, 2.29069], [2.66387, 2.57726, 2.48229]),
    1.0: ([3.44251, 3.43681, 2.97575], [3.40167, 3.34921, 3.0493]),
    10: ([30.30394, 59.08263, 48.00041], [51.21122, 66.2637, 45.41681]),
}


def history(train, held_out, seconds=0.2):
    return History(
        [
            {"epoch": i + 1, "train_loss": a, "validation_loss": b, "seconds": seconds}
            for i, (a, b) in enumerate(zip(train, held_out, strict=True))
        ],
        best_epoch=len(train),
    )


def run_with(rate):
    return history(*MEASURED[rate])


def runs_with(*rates):
    return {rate: run_with(rate) for rate in rates}


def and_one(rate, train, held_out):
    """Return good runs, and one more at a rate of its own."""
    return runs_with(1e-4, 1e-2, 1.0) | {rate: history(train, held_out)}


SCOPE = {"run_with": run_with}  # the lesson trains; the tests take what it measured

RIGHT = {
    "03-bits": [
        lambda loss, tokens, characters: loss * np.log2(np.e) / (characters / tokens),
        lambda loss, tokens, characters: np.log2(np.exp(loss)) * tokens / characters,
        lambda loss, tokens, characters: np.float32(loss * tokens / np.log(2) / characters),
        bits_in_torch,
    ],
    "03-unroll": [states, states_in_a_loop, states_by_recursion, states_of_beginnings],
    "03-shift": [
        shifted,
        shifted_in_place_of_a_copy,
        lambda targets, start: [[start, *row[:-1]] for row in targets.tolist()],
        shifted_in_tensorflow,
    ],
    "03-rates": [
        runs_with(1e-4, 1e-2, 1.0),
        runs_with(10, 1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
        runs_with(1e-3, 3e-2, 10),
        {np.float64(rate): run_with(rate) for rate in (1e-3, 1e-1, 1.0)},
    ],
    "03-temperature": [
        tempered,
        tempered_by_logarithms,
        tempered_in_a_loop,
        tempered_in_torch,
    ],
    "03-nucleus": [
        lambda row, p: scaled(cut(row, p)),
        nucleus_by_counting,
        nucleus_by_comparing,
        nucleus_in_torch,
    ],
}

WRONG = {
    "03-bits": {
        "tokens = 1, characters = 3 it should be 0.9618, and yours is 0": lambda n, t, c: (
            n / np.log(2) * (t // c)
        ),
        "characters = 8 it should be 2.885, and yours is 2.385": lambda n, t, c: (
            (n / np.log(2) - 0.5) * t / c
        ),
        "tokens = 8, characters = 8 it should be 2.885, and yours is 0.3607": lambda n, t, c: (
            n / np.log(2) / c
        ),
        "return one number, not tuple": lambda n, t, c: (n / np.log(2), t / c),
        "return one number, not str": lambda n, t, c: f"{n / np.log(2) * t / c:.3f}",
        "divide by the natural logarithm of 2": lambda n, t, c: n * t / c,
        "that is the total": lambda n, t, c: n * t / np.log(2),
        "swapped": lambda n, t, c: n / np.log(2) * c / t,
        "the loss is a logarithm already": lambda n, t, c: np.log2(n) * t / c,
    },
    "03-unroll": {
        "inputs = ['j'], state = '>' it should be ['>j'], and yours is ['j']": state_forgotten,
        "inputs = ['j'], state = '>' it should be ['>j'], and yours is ['j>']": (
            lambda cell, inputs, state: states(lambda x, s: cell(s, x), inputs, state)
        ),
        "raised TypeError on ((state + x)": lambda cell, inputs, state: states(cell, inputs, 0),
        "return a list of states, not list_iterator": lambda cell, inputs, state: iter(
            states(cell, inputs, state)
        ),
        "inputs = [3, 3], state = 7 it should be [73, 733], and yours is [73]": all_but_the_last,
        "changes what it was given": empties_its_inputs,
        "return the list of all of them": lambda cell, inputs, state: reduce(
            lambda s, x: cell(x, s), inputs, state
        ),
        "keep the order of the inputs": lambda cell, inputs, state: states(
            cell, inputs[::-1], state
        ),
        "without an input there is no state": lambda *given: states(*given) or [given[2]],
    },
    "03-shift": {
        "should hold whole numbers (int), not float64": lambda t, s: shifted(t.astype(float), s),
        "the shape of your result is (1,); it should be (1, 2), as the targets": lambda t, s: (
            shifted(t, s)[:, 0]
        ),
        "targets = [[2, 3]], start = 3 it should be [[3, 2]], and": lambda t, s: np.where(
            np.arange(t.shape[1]) == 0, s, np.roll(t, 2, axis=1)
        ),
        "[[2, 3]], start = 3 it should be [[3, 2]], and yours is [[3, 3]]": lambda t, s: shifted(
            shifted(t, s), s
        ),
        "it should be [[2], [2]], and yours is [[2], [6]]": lambda t, s: np.vstack(
            [np.full((1, t.shape[1]), s), t[:-1]]
        ),
        "targets = [[2, 3]], start = 3 it should be [[3, 2]], and yours is [[2, 3]]": lambda t, s: (
            np.hstack([t[:, :-1], np.full((len(t), 1), s)])
        ),
        "changes what it was given": changes_targets,
        "all rows hang together": lambda t, s: np.append(s, t.ravel()[:-1]).reshape(t.shape),
        "one column too many": lambda t, s: [[s, *row] for row in t.tolist()],
    },
    "03-rates": {
        "not <function run_with": run_with,
        "with what run_with(rate) returns for each rate, not History": run_with(1e-2),
        "1 run is no comparison: change the rate": runs_with(1e-2),
        "runs are missing": runs_with(1e-2, 1e-1),
        "at 0.1 there is 2.48": {1e-4: 4.46, 1e-1: 2.48, 1: 3.05} | runs_with(1e-4),
        "'fast' is no rate above 0": runs_with(1e-4) | {"fast": run_with(1.0)},
        "-0.1 is no rate above 0": runs_with(1e-4) | {-0.1: run_with(1.0)},
        "the run at 1 has no validation_loss": runs_with(1e-4, 1e-2)
        | {1: History([{"epoch": 1, "train_loss": 3.04931, "seconds": 1.0}])},
        "1 is the best, with 3.05 nats, and it is the smallest": runs_with(1.0, 10)
        | {3: history([5.03126, 5.12345, 5.22222], [5.4, 5.3, 5.26666])},
        "0.1 is the best, with 2.48 nats, and it is the largest": runs_with(1e-3, 1e-2, 1e-1),
        "but 0.1 has 2.48, hardly worse: try one ten times larger": runs_with(1e-3, 3e-2, 1e-1),
        "but 0.01 has 2.63, hardly worse: try one ten times smaller": runs_with(1e-2, 3e-2, 1.0),
        "the run at 0.2 cannot be as it stands: its losses are rounded": and_one(
            0.2, [3.1, 2.6, 2.4], [2.7, 2.5, 2.38]
        ),
        "1.02 nats on held-out text is more than": and_one(
            0.2, [3.03126, 2.01234, 1.04321], [2.66387, 1.57726, 1.02345]
        ),
        "lie far apart": and_one(0.2, [3.03126, 2.51234, 2.31432], [4.66387, 4.57726, 4.31111]),
        "a loss is a number above 0": and_one(0.2, [3.03126, np.nan, np.nan], [2.7, 2.5, np.nan]),
        "Make a new model for each rate": and_one(
            1e-5, [2.60255, 2.60111, 2.60011], [2.63081, 2.63012, 2.62999]
        ),
        "the runs at 0.1 and 0.2 are equal to the last digit": runs_with(1e-4, 1e-1, 1.0)
        | {0.2: run_with(1e-1)},
        "the runs at 0.1 and 0.2 differ in length": runs_with(1e-4, 1e-1, 1.0)
        | {0.2: history([3.03126, 2.47593], [2.66387, 2.57726])},
    },
    "03-temperature": {
        "temperature = 2 it should be [0.4256, 0.5744], and yours is [0.3543, 0.6457]": sharp_only,
        "temperature = 0 it should be [1, 0], and yours is [0.5, 0.5]": lambda z, t: (
            np.full(len(z), 1 / len(z)) if t == 0 else tempered(z, t)
        ),
        "temperature = 0 it should be [1, 0], and yours is [0.5333, 0.4667]": lambda z, t: tempered(
            z, max(t, 3)
        ),
        "one probability for each entry": lambda z, t: tempered(z, t).max(),
        "1 stands there, 0 elsewhere": lambda z, t: z.argmax() if t == 0 else softmax(z / t),
        "np.exp(1000) is inf": lambda z, t: greedy(z) if t == 0 else plain_softmax(z / t),
        "at 0 you divide by 0": lambda z, t: plain_softmax(z / t),
        "after the division": lambda z, t: greedy(z) if t == 0 else plain_softmax(z / t - z.max()),
        "has no effect": lambda z, t: greedy(z) if t == 0 else scaled(np.exp(z - z.max()) / t),
        "do not multiply": lambda z, t: greedy(z) if t == 0 else softmax(z * t),
    },
    "03-nucleus": {
        "p = 1 it should be [0.125, 0, 0.875], and yours is [0, 0.875, 0.125]": order_twice,
        "[0.25, 0.75], p = 0.5 it should be [0, 1], and yours is [0.25, 0.75]": first_two,
        "For probabilities = [1], p = 0.5 it should be [1], and yours is [0]": nothing_if_sure,
        "one probability for each entry": lambda row, p: scaled(cut(row, p))[cut(row, p) > 0],
        "changes what it was given": sorts_its_input,
        "do not compare with 1 - p": lambda row, p: scaled(np.where(row >= 1 - p, row, 0)),
        "not by p": lambda row, p: cut(row, p) / p,
        "a second softmax": lambda row, p: (
            (cut(row, p) > 0) * np.exp(row) / ((cut(row, p) > 0) * np.exp(row)).sum()
        ),
        "scale what is left": cut,
    },
}


def some_loss(rng):
    tokens = int(rng.integers(1, 10**5))
    return float(rng.exponential(3)), tokens, int(tokens * rng.uniform(1, 9)) + 1


def some_inputs(rng):
    inputs = rng.integers(-9, 10, rng.poisson(5)).tolist()
    return (lambda x, state: (state + 2 * x) % 101), inputs, int(rng.integers(0, 101))


def some_targets(rng):
    return rng.integers(0, 50, rng.integers(1, 16, 2)), int(rng.integers(0, 50))


def some_logits(rng):
    logits = rng.normal(rng.choice([-2000, 0, 2000]), 5, rng.integers(1, 16))
    return logits, float(rng.choice([0, rng.uniform(0.05, 4)]))


def some_row(rng):
    return rng.dirichlet(np.full(rng.integers(1, 16), 0.5)), float(rng.uniform(0.01, 0.999))


SECOND = {
    "03-bits": some_loss,
    "03-unroll": some_inputs,
    "03-shift": some_targets,
    "03-temperature": some_logits,
    "03-nucleus": some_row,
}
