"""How the exercises of lesson 2 are checked."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import (
    array,
    expect,
    near,
    number,
    refuse,
    sequence,
    shown,
    strings,
)
from course_utils.classroom.exercises import old_style as exercise
from course_utils.classroom.net import Wrong


@exercise(
    "02-pairs",
    praise="each word meets all others in its window, and never itself.",
    hint="Two loops over the positions i and j. Which distances abs(i - j) are allowed?",
)
def check_pairs(pairs_of: Callable) -> None:
    """Four words with windows 1 and 2, a repeated word, and a single word."""
    words = ["a", "b", "c", "d"]
    got = _pairs(pairs_of(words, 1))
    if any(first == second for first, second in got):
        raise Wrong("a word is paired with its own position: leave out distance 0.")
    positions = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]
    right = [(words[i], words[j]) for i, j in positions]
    refuse(
        got,
        (right[::2], "you look to the right only: the window has two sides."),
        (right[1::2], "you look to the left only: the window has two sides."),
        ([], "with window 1 you find no pair: the distance may be equal to the window."),
        (_pairs(positions), "these are positions: return the words that stand there."),
        (
            [(second, first) for first, second in right],
            "the middle word comes first in a pair, the word nearby second.",
        ),
    )
    order = "the pairs are right, but not in reading order: first the middle word, then the other."
    if sorted(got) == right:
        expect(got, right, order)
    expect(got, right, f"the pairs of a b c d with window 1 are {got}; they should be {right}.")
    got = _pairs(pairs_of(words, 2))
    expect(len(got), 10, f"with window 2 the same words make 10 pairs, but you find {len(got)}.")
    expect(got, sorted(got), order)
    expect(
        _pairs(pairs_of(["x", "x", "y"], 1)),
        [("x", "x"), ("x", "x"), ("x", "y"), ("y", "x")],
        "when a word occurs twice, the two positions are different: compare these.",
    )
    expect(_pairs(pairs_of(["alone"], 3)), [], "a single word has no pair.")


def _pairs(answer: Any) -> list[tuple[str, str]]:
    what = "pairs (middle word, word nearby)"
    try:
        return [(str(first), str(second)) for first, second in sequence(answer, what)]
    except (TypeError, ValueError):
        raise Wrong(f"return a list of {what}.") from None


@exercise(
    "02-loss",
    praise="the true pair pulls, the negative samples push, and large scores do not overflow.",
    hint="-log sigmoid(s) is np.logaddexp(0, -s). Which sign does a negative sample have?",
)
def check_loss(question_loss: Callable) -> None:
    """Small vectors with known scores, and scores that overflow exp."""
    v, u = np.array([1.0, 2.0]), np.array([0.5, 0.25])  # score 1
    negatives = np.array([[2.0, 0.0], [1.0, -1.0]])  # scores 2 and -1
    got = number(question_loss(v, u, negatives))
    true, false = np.logaddexp(0, -1), np.logaddexp(0, np.array([2.0, -1.0]))
    right, rewarded = true + false.sum(), np.logaddexp(0, np.array([-2.0, 1.0])).sum()
    refuse(
        got,
        (-right, "the sign is turned around: a loss is positive."),
        (true + false.mean(), "sum over the negative samples, do not average them."),
        (true + rewarded, "you reward negative samples as if they were true: mind their sign."),
        (np.logaddexp(0, 1) + false.sum(), "the sign of the true pair's score is turned around."),
        (false.sum(), "the true pair is missing."),
        (true, "the negative samples are missing."),
        (right / np.log(2), "that is the loss in bits: use the natural logarithm."),
    )
    told = f"the loss is {right:.4f}, but you return {got:.4f}."
    expect(got, right, f"for scores 1, and 2 and -1 of negatives, {told}")
    got = number(question_loss(1000 * v, -u, negatives[:1]))
    told = "a score of -1000 overflows: use np.logaddexp(0, x) for log(1 + exp(x))."
    expect(got, 3000.0, told)


@exercise(
    "02-keep",
    praise="frequent words are dropped often, rare ones always stay.",
    hint="share = counts / counts.sum(). Then write the formula, and np.minimum(1, ...).",
)
def check_keep(keep_probability: Callable) -> None:
    """Shares of one half to one in a thousand, with two thresholds."""
    counts = np.array([500, 400, 90, 9, 1])
    share = counts / 1000
    for threshold in (0.01, 0.001):
        uncut, uncut_counts = (
            (np.sqrt(x / threshold) + 1) * threshold / x for x in (share, counts)
        )
        right, paper = np.minimum(1, uncut), np.minimum(1, np.sqrt(threshold / share))
        got = array(keep_probability(counts, threshold), (5,), "one probability for each word")
        dropped = "that is the probability to be dropped; return the one to stay."
        refuse(got, (1 - right, dropped), (1 - uncut, dropped))
        if (got > 1).any():
            raise Wrong(f"a probability cannot be {got.max():.2f}: cut it at 1.")
        unshared = "you used the counts themselves: divide them by their sum first."
        refuse(
            got,
            (paper, "that is the paper's formula: add 1 to the root, as the program does."),
            (np.minimum(1, uncut_counts), unshared),
        )
        told = f"the probabilities are {shown(right)}, but you return {shown(got)}."
        expect(got, right, f"for shares {share.tolist()} and threshold {threshold} {told}")


@exercise(
    "02-negatives",
    praise="the power lifts rare words, and the probabilities sum to 1.",
    hint="Raise the counts to the power first, then divide by the sum.",
)
def check_negatives(negative_distribution: Callable) -> None:
    """Powers 0, 3/4 and 1."""
    counts = np.array([81.0, 16.0, 1.0])
    lifted, plain = np.array([27, 8, 1]) / 36, counts / 98
    for power, right, mistakes in (
        (0.75, lifted, [(plain, "the power is not used.")]),
        (1, plain, [(lifted, "the power is a parameter: do not write 0.75 into the function.")]),
        (0, np.full(3, 1 / 3), []),
    ):
        got = array(negative_distribution(counts, power), (3,), "one probability for each word")
        refuse(
            got, (counts**power, "the probabilities must sum to 1: divide by the sum."), *mistakes
        )
        if not near(got, right):
            late = "divide by the sum after raising to the power, not before."
            refuse(got, (plain**power, late))
        told = f"the probabilities are {shown(right)}, but you return {shown(got)}."
        expect(got, right, f"for counts 81, 16, 1 and power {power} {told}")


@exercise(
    "02-analogy",
    praise="the offset is added the right way round, and the question's own words are left out.",
    hint="First find the rows of a, b and c. Set their three scores to -np.inf before the argmax.",
)
def check_analogy(answer_analogy: Callable) -> None:
    """Two questions in four dimensions, where each mistake leads to another word."""
    words = ["man", "king", "woman", "queen", "girl", "maid", "crown", "boy", "prince"]
    table = np.array(
        [[3, 0, 1, 0], [3, 1, 1, 0], [-3, 0, 1, 0], [-3, 1, 1, 1.6], [-3, 0, 1, 1.8],
         [-3, -1.5, 1, 1.5], [0, 3, 0.5, 1], [3, 0, 1, 0.6], [3, 1, 1, 2]]
    )  # fmt: skip
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    mistakes = {
        "maid": "the offset points the wrong way: it is b minus a, plus c.",
        "girl": "that is the word nearest to c alone: add the offset from a to b.",
        "crown": "one of the three words is missing: the answer is near b minus a, plus c.",
        "boy": "the signs are wrong: a is subtracted, b and c are added.",
    }
    for a, b, c, right in (("man", "king", "woman", "queen"), ("man", "king", "boy", "prince")):
        got = answer_analogy(a, b, c, words, table)
        if not isinstance(got, str):
            raise Wrong(f"return the word itself, not {type(got).__name__}.")
        if got in (a, b, c):
            raise Wrong(f"{got} is one of the question's own words: leave a, b and c out.")
        if got != right:
            told = f"{a} is to {b} as {c} is to {right}, but you answer {got}."
            raise Wrong(mistakes.get(got, told))


@exercise(
    "02-ngrams",
    praise="the marks at both ends are there, and a word shorter than n has no piece.",
    hint="Put the marks round the word first. At how many positions can a piece start?",
)
def check_ngrams(pieces_of: Callable) -> None:
    """Pieces of a word, and of a word that is too short."""
    got = strings(pieces_of("axes", 3))
    refuse(
        got,
        (["axe", "xes"], "the marks < and > are missing."),
        (["<ax", "axe", "xes"], "the last piece is missing: check where the loop ends."),
    )
    if any(len(piece) != 3 for piece in got):
        raise Wrong("each piece has exactly n characters: check where the loop ends.")
    told = f"the 3-grams of axes are {got}; they should be <ax, axe, xes, es>."
    expect(got, ["<ax", "axe", "xes", "es>"], told)
    got = strings(pieces_of("banana", 2))
    if any(len(piece) != 2 for piece in got):
        raise Wrong("the length is a parameter: do not write 3 into the function.")
    told = "a piece that occurs twice is listed twice, from left to right."
    expect(got, ["<b", "ba", "an", "na", "an", "na", "a>"], told)
    told = "<a> has 3 characters, so it has no piece of 5: return an empty list."
    expect(strings(pieces_of("a", 5)), [], told)
