"""How the exercises of lesson 3 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise
from course_utils.rnn.generation import softmax


@exercise(
    "03-bits",
    praise="nats are bits times log 2, and the total is shared among the characters.",
    hint="The total in nats is loss * tokens. One bit is np.log(2) nats.",
)
def check_bits(to_bits: Callable) -> None:
    """One token a character, and tokens of several characters."""
    got = _number(to_bits(1.4, 100, 100))
    if np.isclose(got, 1.4):
        raise Wrong("the loss is in nats: divide by the natural logarithm of 2.")
    if np.isclose(got, 1.4 * np.log(2)):
        raise Wrong("divide by log 2, do not multiply: there are more bits than nats.")
    if np.isclose(got, 140 / np.log(2)):
        raise Wrong("that is the total; share it among the characters.")
    if not np.isclose(got, 1.4 / np.log(2)):
        raise Wrong(f"1.4 nats are {1.4 / np.log(2):.4f} bits, but you return {got:.4f}.")
    got = _number(to_bits(2.0, 10, 40))
    right = 2 / np.log(2) * 10 / 40
    if np.isclose(got, 2 / np.log(2)):
        raise Wrong("that is bits per token: here a token has 4 characters.")
    if np.isclose(got, 2 / np.log(2) * 4):
        raise Wrong("tokens and characters are swapped: longer tokens cost less per character.")
    if not np.isclose(got, right):
        raise Wrong(
            f"10 tokens of 2 nats over 40 characters make {right:.4f} bits per character, "
            f"but you return {got:.4f}."
        )


@exercise(
    "03-unroll",
    praise="each step takes the state of the step before, and none is lost.",
    hint="state = cell(x, state) inside a loop over the inputs; append it to a list.",
)
def check_unroll(unroll: Callable) -> None:
    """A cell whose states show which inputs were seen in which order, and a pair of states."""
    got = _list(unroll(lambda x, state: 10 * state + x, [1, 2, 3], 0))
    if got == [1, 2, 3]:
        raise Wrong("every step begins with the first state: hand the new state on.")
    if got == [0, 1, 12, 123]:
        raise Wrong("the first state is not the state after an input: leave it out.")
    if got == [0, 1, 12]:
        raise Wrong("your list holds the states before the inputs: append after the step.")
    if got == [123]:
        raise Wrong("only the last state is in the list: append inside the loop.")
    if got == [3, 32, 321]:
        raise Wrong("you read from the end to the beginning: keep the order of the inputs.")
    if got != [1, 12, 123]:
        raise Wrong(
            f"with state = 10 * state + x and inputs 1, 2, 3 the states are 1, 12, 123, "
            f"but you return {got}."
        )
    pairs = _list(unroll(lambda x, s: (s[0] + x, s[1] * x), [2, 3], (5, 1)))
    if pairs != [(7, 2), (10, 6)]:
        raise Wrong("a state may be a pair, as the LSTM's: hand on whatever the cell returns.")
    if _list(unroll(lambda x, state: x, [], 4)):
        raise Wrong("without an input there is no state: return an empty list.")


@exercise(
    "03-shift",
    praise="the model reads the letter before, and never the one that it shall write.",
    hint="Put a column of the start symbol in front, and leave out the last column.",
)
def check_shift(shift_right: Callable) -> None:
    """Two rows, another start symbol, and a single column."""
    targets = np.array([[5, 6, 7], [8, 9, 4]])
    got = _table(shift_right(targets, 1), (2, 3), targets)
    right = np.array([[1, 5, 6], [1, 8, 9]])
    if np.array_equal(got, targets):
        raise Wrong("these are the targets: the model would read what it shall write.")
    if np.array_equal(got, [[6, 7, 1], [9, 4, 1]]):
        raise Wrong("shifted to the left: the model would read the letter after.")
    if np.array_equal(got, [[7, 5, 6], [4, 8, 9]]):
        raise Wrong("the last target came round to the front: the start symbol belongs there.")
    if np.array_equal(got, [[1, 6, 7], [1, 9, 4]]):
        raise Wrong("the first target was overwritten: shift, then put the start in front.")
    if np.array_equal(got, [[0, 5, 6], [0, 8, 9]]):
        raise Wrong("the first column is 0: it should be the start symbol.")
    if not np.array_equal(got, right):
        raise Wrong(f"the inputs should be {right.tolist()}, but they are {got.tolist()}.")
    again = _table(shift_right(targets, 3), (2, 3), targets)
    if not (again[:, 0] == 3).all():
        raise Wrong("the start symbol is a parameter: with start 3 the first column should be 3.")
    if not np.array_equal(_table(shift_right(targets[:, :1], 2), (2, 1), targets), [[2], [2]]):
        raise Wrong("with one position the only input is the start symbol.")


@exercise(
    "03-temperature",
    praise="it sharpens, flattens, is greedy at 0, and does not overflow.",
    hint="Subtract the largest logit before np.exp; the result is the same, without overflow.",
)
def check_temperature(with_temperature: Callable) -> None:
    """Temperatures above and below 1, zero, and logits that overflow."""
    logits = np.array([2.0, 1.0, 0.0])
    for temperature in (0.5, 2.0):
        got = _row(with_temperature(logits, temperature), 3)
        right = softmax(logits / temperature)
        if np.allclose(got, softmax(logits)):
            raise Wrong("the temperature is not used.")
        if np.allclose(got, softmax(logits * temperature)):
            raise Wrong("divide by the temperature, do not multiply: low temperatures sharpen.")
        if np.allclose(got, softmax(logits) / temperature):
            raise Wrong("divide the logits, not the probabilities, by the temperature.")
        if np.allclose(got, np.exp(logits / temperature)):
            raise Wrong("the probabilities must sum to 1: divide by the sum.")
        if not np.allclose(got, right):
            wanted, given = right.round(3).tolist(), got.round(3).tolist()
            raise Wrong(
                f"at temperature {temperature} the logits 2, 1, 0 give {wanted}, but you return "
                f"{given}."
            )
    got = _row(with_temperature(np.array([0.0, 3.0, 1.0]), 0), 3)
    if not np.allclose(got, [0, 1, 0]):
        raise Wrong("at temperature 0 the largest logit gets 1 and the others 0, without dividing.")
    got = _row(with_temperature(np.array([1000.0, 999.0]), 1.0), 2)
    if not np.allclose(got, softmax(np.array([1.0, 0.0]))):
        raise Wrong("logits of 1000 overflow: subtract the largest before np.exp.")


@exercise(
    "03-nucleus",
    praise="it keeps the head, the entry that reaches p included, and sums to 1.",
    hint="np.cumsum of the sorted probabilities; keep an entry if those before sum to less than p.",
)
def check_nucleus(nucleus: Callable) -> None:
    """An unsorted row at three thresholds, and one that is sure."""
    row = np.array([0.1, 0.5, 0.05, 0.35])
    got = _row(nucleus(row, 0.8), 4)
    if np.allclose(got, [0, 1, 0, 0]):
        raise Wrong("0.5 alone does not reach 0.8: the entry that reaches p belongs to it.")
    if np.allclose(got, [0, 0.5, 0, 0.35]):
        raise Wrong("scale what is left, so that it sums to 1.")
    if np.allclose(got, [0.5 / 0.85, 0.35 / 0.85, 0, 0]):
        raise Wrong("the entries are sorted now: put each back to its own place.")
    if np.allclose(got, row) or np.allclose(got, np.array([0.1, 0.5, 0, 0.35]) / 0.95):
        raise Wrong("you keep too many: 0.5 and 0.35 already reach 0.8.")
    if np.allclose(got, [2 / 3, 0, 1 / 3, 0]):
        raise Wrong("you keep the least probable entries: sort from high to low.")
    right = np.array([0, 0.5, 0, 0.35]) / 0.85
    if not np.allclose(got, right):
        raise Wrong(
            f"for p = 0.8 the result should be {right.round(3).tolist()}, but you return "
            f"{got.round(3).tolist()}."
        )
    if not np.allclose(_row(nucleus(row, 0.5), 4), [0, 1, 0, 0]):
        raise Wrong("for p = 0.5 the entry of 0.5 is enough: at least p, not more than p.")
    if not np.allclose(_row(nucleus(np.array([0.9, 0.1]), 0.3), 2), [1, 0]):
        raise Wrong("the most probable entry always stays, also if it is larger than p.")


def _number(answer) -> float:
    array = np.asarray(answer)
    if array.shape != () or not np.issubdtype(array.dtype, np.number):
        raise Wrong("return one number.")
    if np.iscomplexobj(array):
        raise Wrong("return a real number.")
    return float(array)


def _list(answer) -> list:
    if not isinstance(answer, list | tuple):
        raise Wrong("return a list of states.")
    return list(answer)


def _table(answer, shape: tuple[int, ...], targets: np.ndarray) -> np.ndarray:
    try:
        array = np.asarray(answer)
    except ValueError:
        raise Wrong("the rows of your result have different lengths.") from None
    if not np.issubdtype(array.dtype, np.number):
        raise Wrong("return an array of ids.")
    if array.shape == (shape[0], shape[1] + 1):
        raise Wrong("one column too many: the last target is never an input.")
    if array.shape != shape:
        raise Wrong(f"your result has shape {array.shape}; it should be {shape}, as the targets.")
    if not np.issubdtype(array.dtype, np.integer):
        raise Wrong(f"your ids have the type {array.dtype}: keep them whole numbers.")
    return array


def _row(answer, n: int) -> np.ndarray:
    array = np.asarray(answer)
    if array.shape != (n,) or not np.issubdtype(array.dtype, np.number):
        raise Wrong(f"return an array of shape ({n},), one probability for each entry.")
    return array.astype(float)
