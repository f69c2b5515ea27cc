"""How the exercises of lesson 3 are checked."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import array, number, sequence
from course_utils.classroom.checks.inputs import distinct, sizes
from course_utils.classroom.exercises import exercise, judged
from course_utils.classroom.net import Wrong, brief
from course_utils.rnn.generation import softmax
from course_utils.training.loop import History

Rng = np.random.Generator


def _loss_and_lengths(rng: Rng, size: int) -> tuple:
    """A loss in nats, now and then 0; and tokens of one to several characters."""
    tokens = int(rng.integers(1, 10 * size))
    loss = round(float(rng.choice([0, 1, 1, 1]) * rng.uniform(0.5, 6)), 1)
    return loss, tokens, tokens * int(rng.integers(1, 4)) + int(rng.integers(0, tokens + 1))


@exercise(
    "03-bits",
    grade="first steps",
    inputs=_loss_and_lengths,
    returns=lambda answer, wanted: number(answer),
    examples=((1.4, 100, 100), (2.0, 10, 40)),
    praise="nats are bits times log 2, and the total is shared among the characters.",
    hint="The total in nats is loss * tokens. One bit is np.log(2) nats.",
)
def bits(loss: float, tokens: int, characters: int) -> float:
    return float(loss / np.log(2) * tokens / characters)


@bits.mistake("the loss is in nats: divide by the natural logarithm of 2.")
def _(loss, tokens, characters):
    return loss * tokens / characters


@bits.mistake("divide by log 2, do not multiply: there are more bits than nats.")
def _(loss, tokens, characters):
    return loss * np.log(2) * tokens / characters


@bits.mistake("divide by the natural logarithm of 2, not by the one to base 10.")
def _(loss, tokens, characters):
    return loss / np.log10(2) * tokens / characters


@bits.mistake("that is the total; share it among the characters.")
def _(loss, tokens, characters):
    return loss / np.log(2) * tokens


@bits.mistake("that is bits per token: a token may have several characters.")
def _(loss, tokens, characters):
    return loss / np.log(2)


@bits.mistake("tokens and characters are swapped: longer tokens cost less per character.")
def _(loss, tokens, characters):
    return loss / np.log(2) * characters / tokens


@bits.mistake("that is how many characters the model wavers between: leave out the power of 2.")
def _(loss, tokens, characters):
    return 2 ** bits.reference(loss, tokens, characters)


@bits.mistake("the loss is a logarithm already: divide it by log 2, do not take its log2.")
def _(loss, tokens, characters):
    return np.log2(loss) * tokens / characters


@dataclass(frozen=True)
class _Cell:
    """A cell that a sentence can show."""

    formula: str
    step: Callable[[Any, Any], Any]

    def __call__(self, x: Any, state: Any) -> Any:
        return self.step(x, state)

    def __repr__(self) -> str:
        return f"({self.formula})"


_LETTERS = _Cell("state + x", lambda x, state: state + x)
_DIGITS = _Cell("10 * state + x", lambda x, state: 10 * state + x)
_PAIR = _Cell("state[0] + x, state[1] * x", lambda x, state: (state[0] + x, state[1] * x))


def _cell_and_inputs(rng: Rng, size: int) -> tuple:
    """A cell whose states show which inputs it has seen, in which order; there may be no input."""
    numbers = [int(x) for x in rng.integers(1, 10, rng.integers(0, size + 2))]
    return [
        (_LETTERS, ["abcdefghij"[x] for x in numbers], ">"),
        (_DIGITS, numbers, int(rng.integers(1, 10))),
        (_PAIR, numbers, (int(rng.integers(2, 10)), int(rng.integers(2, 10)))),
    ][rng.integers(3)]


@exercise(
    "03-unroll",
    grade="the idea",
    inputs=_cell_and_inputs,
    returns=lambda answer, wanted: sequence(answer, "states"),
    examples=((_LETTERS, ["a", "b"], ">"), (_DIGITS, [1, 2, 3], 4)),
    praise="each step takes the state of the step before, and none is lost.",
    hint="state = cell(x, state) inside a loop over the inputs; append it to a list.",
)
def unroll(cell: Callable, inputs: list, state: Any) -> list:
    states = [state]
    for x in inputs:
        states.append(cell(x, states[-1]))
    return states[1:]


def _with_start(cell: Callable, inputs: list, state: Any) -> list:
    return [state, *unroll.reference(cell, inputs, state)]


@unroll.mistake("every step begins with the first state: hand the new state on.")
def _(cell, inputs, state):
    return [cell(x, state) for x in inputs]


@unroll.mistake("the first state is not the state after an input: leave it out.")
def _(cell, inputs, state):
    return _with_start(cell, inputs, state)


@unroll.mistake("your list holds the states before the inputs: append after the step.")
def _(cell, inputs, state):
    return _with_start(cell, inputs, state)[:-1]


@unroll.mistake("only the last state is in the list: append inside the loop.")
def _(cell, inputs, state):
    return _with_start(cell, inputs, state)[-1:]


@unroll.mistake("that is the last state: return the list of all of them.")
def _(cell, inputs, state):
    return _with_start(cell, inputs, state)[-1]


@unroll.mistake("the loop ends after the first input: `return` stands inside of it.")
def _(cell, inputs, state):
    return unroll.reference(cell, inputs[:1], state)


@unroll.mistake("the last input is left out: one state for each input.")
def _(cell, inputs, state):
    return unroll.reference(cell, inputs[:-1], state)


@unroll.mistake("you read from the end to the beginning: keep the order of the inputs.")
def _(cell, inputs, state):
    return unroll.reference(cell, inputs[::-1], state)


@unroll.mistake("the right states, but the last one comes first: append to the end of the list.")
def _(cell, inputs, state):
    return unroll.reference(cell, inputs, state)[::-1]


@unroll.mistake("without an input there is no state: return an empty list.")
def _(cell, inputs, state):
    return unroll.reference(cell, inputs, state) or [state]


@unroll.mistake("a state may be a pair, as the LSTM's: return whatever the cell returns.")
def _(cell, inputs, state):
    states = unroll.reference(cell, inputs, state)
    return [s[0] if isinstance(s, tuple) else s for s in states]


def _targets(rng: Rng, size: int) -> tuple:
    """Rows of ids, and a start symbol that may be among them."""
    n, length = sizes(rng, 2, size)
    return rng.integers(2, 10, (n, length)), int(rng.integers(0, 10))


@exercise(
    "03-shift",
    grade="first steps",
    inputs=_targets,
    returns=lambda answer, wanted: array(answer, wanted.shape, "as the targets", of="int"),
    examples=((np.array([[5, 6, 7], [8, 9, 4]]), 1), (np.array([[5, 6, 7]]), 3)),
    praise="the model reads the letter before, and never the one that it should write.",
    hint="Put a column of the start symbol in front, and leave out the last column.",
)
def shift(targets: np.ndarray, start: int) -> np.ndarray:
    first = np.full((len(targets), 1), start)
    return np.concatenate([first, targets[:, :-1]], axis=1)  # (n, length)


def _begun(inputs: np.ndarray, start: int) -> np.ndarray:
    """Return a copy whose first column is the start symbol."""
    copy = inputs.copy()
    copy[:, 0] = start
    return copy


@shift.mistake("these are the targets: the model would read what it should write.")
def _(targets, start):
    return targets


@shift.mistake("shifted to the left: the model would read the letter after.")
def _(targets, start):
    return np.concatenate([targets[:, 1:], np.full((len(targets), 1), start)], axis=1)


@shift.mistake("the last target came to the front, instead of the start.")
def _(targets, start):
    return np.roll(targets, 1, axis=1)


@shift.mistake("the first target was overwritten: shift first, then the start.")
def _(targets, start):
    return _begun(targets, start)


@shift.mistake("the first column is 0: it should be the start symbol.")
def _(targets, start):
    return shift.reference(targets, 0)


@shift.mistake("the start symbol is a parameter: do not write 1 into the function.")
def _(targets, start):
    return shift.reference(targets, 1)


@shift.mistake("one column too many: the last target is never an input.")
def _(targets, start):
    return np.concatenate([np.full((len(targets), 1), start), targets], axis=1)


@shift.mistake("the start symbol is missing: put it in front of each row.")
def _(targets, start):
    return targets[:, :-1]


@shift.mistake("you shifted down the rows, axis 0: each row is a sequence of its own.")
def _(targets, start):
    return np.concatenate([np.full((1, targets.shape[1]), start), targets[:-1]])


@shift.mistake("all rows hang together: the start symbol stands in front of each row.")
def _(targets, start):
    inputs = np.roll(targets, 1)  # without an axis: a row begins with the end of the one before
    inputs[0, 0] = start
    return inputs


_FEWEST_RATES = 3
_WORSE = 0.2  # nats: more than one seed differs from another
_NEW = float(np.log(97))  # nats: a model that has learned nothing, with the lesson's 97 characters
_BEST_POSSIBLE = 1.5  # nats: what minutes of training reach, and a small model in seconds does not


@judged(
    "03-rates",
    grade="the idea",
    kind="experiment",
    praise="with too small a rate the model hardly moves, with too large a one it jumps about, and "
    "between them lies a range of a factor of ten or more that works. Whoever meets a new model "
    "looks for this valley first, in factors of ten, with runs as short as these.",
    hint="Go in factors of ten, from 1e-4 to 10. A run of this size takes about a second.",
)
def rates(answer: Any, adapter: Any, seed: int) -> None:
    """Short runs by their learning rates: measured ones, and the best is neither end."""
    runs = _runs(answer)
    for rate, history in runs.items():
        _believe(rate, history)
    _compare(runs)
    smallest, largest = min(runs), max(runs)
    final = {rate: history.column("validation_loss")[-1] for rate, history in runs.items()}
    best = min(final, key=lambda rate: final[rate])
    told = f"of your rates {best:g} is the best, with {final[best]:.2f} nats"
    if best in (smallest, largest):
        side = "smaller" if best == smallest else "larger"
        told += f", and it is the {side[:-1]}st: try {side} ones, until it gets worse again."
        raise Wrong(told, "wrong result")
    for rate in (smallest, largest):
        if final[rate] < final[best] + _WORSE:
            further = "ten times smaller" if rate == smallest else "ten times larger"
            told += f", but {rate:g} has {final[rate]:.2f}, hardly worse: try one {further}, too."
            raise Wrong(told, "wrong result")


def _runs(answer: Any) -> dict[float, History]:
    """Return an answer that is a dict from rates to histories, in the order of the rates."""
    what = "a dict {rate: history}, with what run_with(rate) returns for each rate"
    if not isinstance(answer, dict):
        raise Wrong(f"give {what}, not {brief(answer)}.", "form")
    for rate, history in answer.items():
        if isinstance(rate, bool) or not isinstance(rate, Real) or not float(rate) > 0:
            raise Wrong(f"give {what}: {brief(rate)} is no rate above 0.", "form")
        if not isinstance(history, History) or not len(history):
            raise Wrong(f"give {what}: at {rate:g} there is {brief(history)}.", "form")
        if missing := {"train_loss", "validation_loss"} - {*history.rows[0]}:
            raise Wrong(f"the run at {rate:g} has no {missing.pop()}: use run_with.", "form")
    if len(answer) < _FEWEST_RATES:
        told = f"{len(answer)} run is no comparison" if len(answer) == 1 else "runs are missing"
        raise Wrong(f"{told}: change the rate, and run at {_FEWEST_RATES} rates or more.", "form")
    return {rate: answer[rate] for rate in sorted(answer)}


def _believe(rate: float, history: History) -> None:
    """Refuse a run that no training of a new model leaves behind."""
    train, held_out = history.column("train_loss"), history.column("validation_loss")
    losses = np.concatenate([train, held_out])
    told = f"the run at {rate:g} cannot be as it stands: "
    if not (np.isfinite(losses) & (losses > 0)).all():
        raise Wrong(f"{told}a loss is a number above 0.", "not measured")
    if np.array_equal(losses, losses.round(3)):
        raise Wrong(f"{told}its losses are rounded. Give the history itself.", "not measured")
    if held_out[-1] < _BEST_POSSIBLE:
        told += f"{held_out[-1]:.2f} nats on held-out text is more than minutes of training reach."
        raise Wrong(told, "not measured")
    if held_out[-1] < _NEW and abs(train[-1] - held_out[-1]) > 1:
        told += f"{train[-1]:.2f} nats in training and {held_out[-1]:.2f} on held-out text lie far "
        raise Wrong(f"{told}apart, and a second is too short to learn by heart.", "not measured")
    if train[0] < 3 and train[0] - train[-1] < _WORSE:
        told += f"it begins at {train[0]:.2f} nats and stays there, but a new model begins near "
        raise Wrong(f"{told}log V = {_NEW:.2f}. Make a new model for each rate.", "not measured")


def _compare(runs: dict[float, History]) -> None:
    """Refuse runs that are not different, or not of one length."""
    pairs = list(runs.items())
    for (rate, history), (next_rate, after) in zip(pairs, pairs[1:], strict=False):
        if len(history) != len(after):
            told = f"the runs at {rate:g} and {next_rate:g} differ in length"
            raise Wrong(f"{told}: change the rate alone.", "not measured")
        if np.array_equal(history.column("train_loss"), after.column("train_loss")):
            told = f"the runs at {rate:g} and {next_rate:g} are equal to the last digit"
            raise Wrong(f"{told}: hand the rate on to run_with.", "not measured")


def _logits(rng: Rng, size: int) -> tuple:
    """Logits in tenths, all different, now and then around 1,000 or -1,000; a temperature or 0."""
    logits = distinct(rng, int(rng.integers(1, size + 2)))
    logits = logits * 10 + rng.choice([-1000, 1000]) if rng.integers(4) == 0 else logits
    return logits, float(rng.choice([0, 0.5, 1, 2, 5]))


_LARGE, _LOW = np.array([1000.0, 999.0]), np.array([-1000.0, -1001.0])


@exercise(
    "03-temperature",
    grade="the idea",
    inputs=_logits,
    returns=lambda answer, wanted: array(answer, wanted.shape, "one probability for each entry"),
    examples=(
        (np.array([2.0, 1.0, 0.0]), 0.5), (np.array([2.0, 1.0, 0.0]), 2.0),
        (np.array([0.0, 3.0, 1.0]), 0.0), (np.array([0.0, 3.0, 1.0]), 0.0),
        (_LARGE, 0.5), (_LARGE, 1.0), (_LARGE, 1.0), (_LARGE, 0.5), (_LOW, 1.0), (_LOW, 1.0),
    ),
    praise="it sharpens, flattens, is greedy at 0, and does not overflow.",
    hint="Subtract the largest logit before np.exp; the result is the same, without overflow.",
)  # fmt: skip
def temperature(logits: np.ndarray, temperature: float) -> np.ndarray:
    if temperature == 0:
        return np.eye(len(logits))[np.argmax(logits)]  # (V,)
    return softmax(logits / temperature)


def _plain_softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum()


def _greedy_or(
    logits: np.ndarray, temperature: float, otherwise: Callable[[np.ndarray, float], np.ndarray]
) -> np.ndarray:
    """Return the right result at temperature 0, and another one elsewhere."""
    if temperature == 0:
        return _right(logits, 0)
    return otherwise(logits, temperature)


_right = temperature.reference


@temperature.mistake("the temperature has no effect: divide the logits by it before np.exp.")
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: softmax(z))


@temperature.mistake("the temperature has no effect, not even at 0: divide the logits by it.")
def _(logits, temperature):
    return softmax(logits)


@temperature.mistake("divide by the temperature, do not multiply: low temperatures sharpen.")
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: softmax(z * t))


@temperature.mistake("divide the logits, not the probabilities, by the temperature.")
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: softmax(z) / t)


@temperature.mistake("the probabilities must sum to 1: divide by the sum.")
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: np.exp((z - z.max()) / t))


@temperature.mistake("at temperature 0 you divide by 0: give 1 to the largest logit, without it.")
def _(logits, temperature):
    scaled = logits / temperature
    return _plain_softmax(scaled - scaled.max())


@temperature.mistake(
    "np.exp(1000) is inf, and np.exp(-1000) is 0: subtract the largest logit before."
)
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: _plain_softmax(z / t))


@temperature.mistake("at 0 you divide by 0, and np.exp of logits around 1000 or -1000 is inf or 0.")
def _(logits, temperature):
    return _plain_softmax(logits / temperature)


@temperature.mistake("subtract the largest after the division by the temperature, or divide both.")
def _(logits, temperature):
    return _greedy_or(logits, temperature, lambda z, t: _plain_softmax(z / t - z.max()))


@temperature.mistake("at temperature 0 you return the position: 1 stands there, 0 elsewhere.")
def _(logits, temperature):
    return np.argmax(logits) if temperature == 0 else _right(logits, temperature)


@temperature.mistake("at temperature 0 you return the logit: give it the probability 1.")
def _(logits, temperature):
    greedy = _right(logits, 0)
    return greedy * logits if temperature == 0 else _right(logits, temperature)


@temperature.mistake("at temperature 0 the result is as at 1: all goes to the largest logit.")
def _(logits, temperature):
    return _right(logits, temperature or 1)


def _row_and_p(rng: Rng, size: int) -> tuple:
    """Different sixteenths that sum to 1, in any order, with zeros now and then; and p."""
    n_cuts = rng.integers(0, min(size, 5))
    parts = np.zeros(2)
    while len(set(parts)) < len(parts):
        cuts = np.sort(1 + rng.permutation(15)[:n_cuts])
        parts = np.diff([0, *cuts, 16])
    row = rng.permutation([*parts, *[0] * rng.integers(2)])
    return row / 16, float(rng.integers(1, 17) / 16)


@exercise(
    "03-nucleus",
    grade="a challenge",
    inputs=_row_and_p,
    returns=lambda answer, wanted: array(answer, wanted.shape, "one probability for each entry"),
    examples=(
        (np.array([0.125, 0.5, 0.375]), 0.75), (np.array([0.125, 0.5, 0.375]), 0.5),
        (np.array([0.0625, 0.375, 0.1875, 0.125, 0.25]), 0.75), (np.array([0.25, 0.75]), 0.5),
        (np.array([0.0625, 0.375, 0.1875, 0.125, 0.25]), 0.9375), (np.array([0.25, 0.75]), 0.25),
    ),
    praise="it keeps the head, the entry that reaches p included, and sums to 1.",
    hint="np.cumsum of the sorted probabilities; keep an entry if those before sum to less than p.",
)  # fmt: skip
def nucleus(probabilities: np.ndarray, p: float) -> np.ndarray:
    return _scaled(probabilities * _head(probabilities, p))


def _scaled(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


def _before(probabilities: np.ndarray, sign: int = -1) -> np.ndarray:
    """Return for each entry what the more probable ones (or, for 1, the less) sum to, (V,)."""
    order = np.argsort(sign * probabilities, kind="stable")
    before = np.empty(len(probabilities))
    before[order] = np.cumsum(probabilities[order]) - probabilities[order]
    return before


def _head(probabilities: np.ndarray, p: float) -> np.ndarray:
    """Return which entries belong to the fewest that sum to p, (V,)."""
    return _before(probabilities) < p - 1e-12


def _likeliest(probabilities: np.ndarray) -> np.ndarray:
    return np.arange(len(probabilities)) == probabilities.argmax()


@nucleus.mistake("the entry that reaches p belongs to it, too; you keep one too few.")
def _(probabilities, p):
    kept = _before(probabilities) + probabilities <= p + 1e-12
    return _scaled(probabilities * (kept | _likeliest(probabilities)))


@nucleus.mistake("where the most probable entry is larger than p nothing is left: it always stays.")
def _(probabilities, p):
    return _scaled(probabilities * (_before(probabilities) + probabilities <= p + 1e-12))


@nucleus.mistake("at least p, not more than p: you keep another entry when p is reached exactly.")
def _(probabilities, p):
    return _scaled(probabilities * (_before(probabilities) <= p + 1e-12))


@nucleus.mistake("you keep one entry too many: that which reaches p is the last one.")
def _(probabilities, p):
    kept = _head(probabilities, p)
    return _scaled(probabilities * (kept | _likeliest(probabilities * ~kept)))


@nucleus.mistake("scale what is left, so that it sums to 1.")
def _(probabilities, p):
    return probabilities * _head(probabilities, p)


@nucleus.mistake("divide by the sum of what is left, which is p or more, not by p.")
def _(probabilities, p):
    return probabilities * _head(probabilities, p) / p


@nucleus.mistake("scale what is left by its sum: a second softmax makes it flat.")
def _(probabilities, p):
    return softmax(np.where(_head(probabilities, p), probabilities, -np.inf))


@nucleus.mistake("the entries are sorted now: put each back to its own place.")
def _(probabilities, p):
    return -np.sort(-nucleus.reference(probabilities, p))


@nucleus.mistake("you keep the least probable entries: sort from high to low.")
def _(probabilities, p):
    return _scaled(probabilities * (_before(probabilities, 1) < p - 1e-12))


@nucleus.mistake("you add up in the given order: sort from high to low first.")
def _(probabilities, p):
    return _scaled(probabilities * (np.cumsum(probabilities) - probabilities < p - 1e-12))


@nucleus.mistake("the mask belongs to the sorted entries: bring it back to their own places.")
def _(probabilities, p):
    mask = np.sort(_head(probabilities, p))[::-1]  # the head first, as the sorted entries have it
    return _scaled(probabilities * mask)


@nucleus.mistake(
    "an entry may be below p and still belong to it: add up, do not compare each with p."
)
def _(probabilities, p):
    return _scaled(probabilities * ((probabilities >= p) | _likeliest(probabilities)))


@nucleus.mistake("how many entries stay depends on all of them: add up, do not compare with 1 - p.")
def _(probabilities, p):
    return _scaled(probabilities * (probabilities >= 1 - p))
