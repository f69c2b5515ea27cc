"""How the exercises of lesson 3 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.checks.answers import array, expect, number, refuse, sequence, shown
from course_utils.classroom.exercises import old_style as exercise
from course_utils.rnn.generation import softmax


@exercise(
    "03-bits",
    praise="nats are bits times log 2, and the total is shared among the characters.",
    hint="The total in nats is loss * tokens. One bit is np.log(2) nats.",
)
def check_bits(to_bits: Callable) -> None:
    """One token a character, and tokens of several characters."""
    got, right = number(to_bits(1.4, 100, 100)), 1.4 / np.log(2)
    refuse(
        got,
        (1.4, "the loss is in nats: divide by the natural logarithm of 2."),
        (1.4 * np.log(2), "divide by log 2, do not multiply: there are more bits than nats."),
        (100 * right, "that is the total; share it among the characters."),
    )
    expect(got, right, f"1.4 nats are {right:.4f} bits, but you return {got:.4f}.")
    got, token = number(to_bits(2.0, 10, 40)), 2 / np.log(2)
    refuse(
        got,
        (token, "that is bits per token: here a token has 4 characters."),
        (token * 4, "tokens and characters are swapped: longer tokens cost less per character."),
    )
    told = f"{token / 4:.4f} bits per character, but you return {got:.4f}."
    expect(got, token / 4, f"10 tokens of 2 nats over 40 characters make {told}")


@exercise(
    "03-unroll",
    praise="each step takes the state of the step before, and none is lost.",
    hint="state = cell(x, state) inside a loop over the inputs; append it to a list.",
)
def check_unroll(unroll: Callable) -> None:
    """A cell whose states show which inputs were seen in which order, and a pair of states."""
    got = sequence(unroll(lambda x, state: 10 * state + x, [1, 2, 3], 0), "states")
    refuse(
        got,
        ([1, 2, 3], "every step begins with the first state: hand the new state on."),
        ([0, 1, 12, 123], "the first state is not the state after an input: leave it out."),
        ([0, 1, 12], "your list holds the states before the inputs: append after the step."),
        ([123], "only the last state is in the list: append inside the loop."),
        ([3, 32, 321], "you read from the end to the beginning: keep the order of the inputs."),
    )
    told = f"inputs 1, 2, 3 the states are 1, 12, 123, but you return {got}."
    expect(got, [1, 12, 123], f"with state = 10 * state + x and {told}")
    pairs = sequence(unroll(lambda x, s: (s[0] + x, s[1] * x), [2, 3], (5, 1)), "states")
    told = "a state may be a pair, as the LSTM's: hand on whatever the cell returns."
    expect(pairs, [(7, 2), (10, 6)], told)
    none = sequence(unroll(lambda x, state: x, [], 4), "states")
    expect(none, [], "without an input there is no state: return an empty list.")


@exercise(
    "03-shift",
    praise="the model reads the letter before, and never the one that it should write.",
    hint="Put a column of the start symbol in front, and leave out the last column.",
)
def check_shift(shift_right: Callable) -> None:
    """Two rows, another start symbol, and a single column."""
    targets = np.array([[5, 6, 7], [8, 9, 4]])
    got = array(
        shift_right(targets, 1),
        (2, 3),
        "as the targets",
        of="int",
        mistakes={(2, 4): "one column too many: the last target is never an input."},
    )
    refuse(
        got,
        (targets, "these are the targets: the model would read what it should write."),
        ([[6, 7, 1], [9, 4, 1]], "shifted to the left: the model would read the letter after."),
        ([[7, 5, 6], [4, 8, 9]], "the last target came to the front, instead of the start."),
        ([[1, 6, 7], [1, 9, 4]], "the first target was overwritten: shift first, then the start."),
        ([[0, 5, 6], [0, 8, 9]], "the first column is 0: it should be the start symbol."),
    )
    right = [[1, 5, 6], [1, 8, 9]]
    expect(got, right, f"the inputs should be {right}, but they are {got.tolist()}.")
    again = array(shift_right(targets, 3), (2, 3), "as the targets", of="int")
    told = "the start symbol is a parameter: with start 3 the first column should be 3."
    expect(again[:, 0], [3, 3], told)
    narrow = array(shift_right(targets[:, :1], 2), (2, 1), "as the targets", of="int")
    expect(narrow, [[2], [2]], "with one position the only input is the start symbol.")


@exercise(
    "03-temperature",
    praise="it sharpens, flattens, is greedy at 0, and does not overflow.",
    hint="Subtract the largest logit before np.exp; the result is the same, without overflow.",
)
def check_temperature(with_temperature: Callable) -> None:
    """Temperatures above and below 1, zero, and logits that overflow."""
    each = "one probability for each entry"
    logits = np.array([2.0, 1.0, 0.0])
    for temperature in (0.5, 2.0):
        got = array(with_temperature(logits, temperature), (3,), each)
        right, plain = softmax(logits / temperature), softmax(logits)
        multiplied = "divide by the temperature, do not multiply: low temperatures sharpen."
        refuse(
            got,
            (plain, "the temperature is not used."),
            (softmax(logits * temperature), multiplied),
            (plain / temperature, "divide the logits, not the probabilities, by the temperature."),
            (np.exp(logits / temperature), "the probabilities must sum to 1: divide by the sum."),
        )
        told = f"the logits 2, 1, 0 give {shown(right)}, but you return {shown(got)}."
        expect(got, right, f"at temperature {temperature} {told}")
    got = array(with_temperature(np.array([0.0, 3.0, 1.0]), 0), (3,), each)
    told = "at temperature 0 the largest logit gets 1 and the others 0, without dividing."
    expect(got, [0, 1, 0], told)
    got = array(with_temperature(np.array([1000.0, 999.0]), 1.0), (2,), each)
    told = "logits of 1000 overflow: subtract the largest before np.exp."
    expect(got, softmax(np.array([1.0, 0.0])), told)


@exercise(
    "03-nucleus",
    praise="it keeps the head, the entry that reaches p included, and sums to 1.",
    hint="np.cumsum of the sorted probabilities; keep an entry if those before sum to less than p.",
)
def check_nucleus(nucleus: Callable) -> None:
    """An unsorted row at three thresholds, and one that is sure."""
    each = "one probability for each entry"
    row, kept = np.array([0.1, 0.5, 0.05, 0.35]), np.array([0, 0.5, 0, 0.35])
    got, right = array(nucleus(row, 0.8), (4,), each), kept / 0.85
    many = "you keep too many: 0.5 and 0.35 already reach 0.8."
    refuse(
        got,
        ([0, 1, 0, 0], "0.5 alone does not reach 0.8: the entry that reaches p belongs to it."),
        (kept, "scale what is left, so that it sums to 1."),
        (np.sort(right)[::-1], "the entries are sorted now: put each back to its own place."),
        (row, many),
        (np.array([0.1, 0.5, 0, 0.35]) / 0.95, many),
        ([2 / 3, 0, 1 / 3, 0], "you keep the least probable entries: sort from high to low."),
    )
    told = f"the result should be {shown(right)}, but you return {shown(got)}."
    expect(got, right, f"for p = 0.8 {told}")
    got = array(nucleus(row, 0.5), (4,), each)
    told = "for p = 0.5 the entry of 0.5 is enough: at least p, not more than p."
    expect(got, [0, 1, 0, 0], told)
    got = array(nucleus(np.array([0.9, 0.1]), 0.3), (2,), each)
    expect(got, [1, 0], "the most probable entry always stays, also if it is larger than p.")
