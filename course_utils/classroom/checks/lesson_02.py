"""How the exercises of lesson 2 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise


@exercise(
    "02-pairs",
    praise="each word meets all others in its window, and never itself.",
    hint="Two loops over the positions i and j. Which distances abs(i - j) are allowed?",
)
def check_pairs(pairs_of: Callable) -> None:
    """Four words with windows 1 and 2, a repeated word, and a single word."""
    words = ["a", "b", "c", "d"]
    got = _pairs(pairs_of(words, 1))
    right = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"), ("c", "d"), ("d", "c")]
    if any(first == second for first, second in got):
        raise Wrong("a word is paired with its own position: leave out distance 0.")
    if got == [("a", "b"), ("b", "c"), ("c", "d")]:
        raise Wrong("you look to the right only: the window has two sides.")
    if got == [("b", "a"), ("c", "b"), ("d", "c")]:
        raise Wrong("you look to the left only: the window has two sides.")
    if not got:
        raise Wrong("with window 1 you find no pair: the distance may be equal to the window.")
    if got == [("0", "1"), ("1", "0"), ("1", "2"), ("2", "1"), ("2", "3"), ("3", "2")]:
        raise Wrong("these are positions: return the words that stand there.")
    if got == [(second, first) for first, second in right]:
        raise Wrong("the middle word comes first in a pair, the word nearby second.")
    order = (
        "the pairs are right, but not in reading order of first the middle word, then the other."
    )
    if sorted(got) == right and got != right:
        raise Wrong(order)
    if got != right:
        raise Wrong(f"the pairs of a b c d with window 1 are {got}; they should be {right}.")
    got = _pairs(pairs_of(words, 2))
    if len(got) != 10:
        raise Wrong(f"with window 2 the same words make 10 pairs, but you find {len(got)}.")
    if got != sorted(got):
        raise Wrong(order)
    repeated = _pairs(pairs_of(["x", "x", "y"], 1))
    if repeated != [("x", "x"), ("x", "x"), ("x", "y"), ("y", "x")]:
        raise Wrong("when a word occurs twice, the two positions are different: compare these.")
    if _pairs(pairs_of(["alone"], 3)):
        raise Wrong("a single word has no pair.")


@exercise(
    "02-loss",
    praise="the true pair pulls, the negative samples push, and large scores do not overflow.",
    hint="-log sigmoid(s) is np.logaddexp(0, -s). Which sign does a negative sample have?",
)
def check_loss(question_loss: Callable) -> None:
    """Small vectors with known scores, and scores that overflow exp."""
    v, u = np.array([1.0, 2.0]), np.array([0.5, 0.25])  # score 1
    negatives = np.array([[2.0, 0.0], [1.0, -1.0]])  # scores 2 and -1
    got = _number(question_loss(v, u, negatives))
    true, false = np.logaddexp(0, -1), np.logaddexp(0, np.array([2.0, -1.0]))
    if np.isclose(got, -(true + false.sum())):
        raise Wrong("the sign is turned round: a loss is positive.")
    if np.isclose(got, true + false.mean()):
        raise Wrong("sum over the negative samples, do not average them.")
    if np.isclose(got, true + np.logaddexp(0, -np.array([2.0, -1.0])).sum()):
        raise Wrong(
            "you reward negative samples as if they were true: mind the sign of their scores."
        )
    if np.isclose(got, np.logaddexp(0, 1) + false.sum()):
        raise Wrong("the sign of the true pair's score is turned round.")
    if np.isclose(got, false.sum()):
        raise Wrong("the true pair is missing.")
    if np.isclose(got, true):
        raise Wrong("the negative samples are missing.")
    if np.isclose(got, (true + false.sum()) / np.log(2)):
        raise Wrong("that is the loss in bits: use the natural logarithm.")
    if not np.isclose(got, true + false.sum()):
        raise Wrong(
            f"for scores 1, and 2 and -1 of negatives, the loss is {true + false.sum():.4f}, "
            f"but you return {got:.4f}."
        )
    got = _number(question_loss(1000 * v, -u, negatives[:1]))
    if not np.isclose(got, 3000):
        raise Wrong("a score of -1000 overflows: use np.logaddexp(0, x) for log(1 + exp(x)).")


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
        uncut = (np.sqrt(share / threshold) + 1) * threshold / share
        right = np.minimum(1, uncut)
        got = _row(keep_probability(counts, threshold), 5)
        if np.allclose(got, 1 - right) or np.allclose(got, 1 - uncut):
            raise Wrong("that is the probability to be dropped; return the one to stay.")
        if (got > 1).any():
            raise Wrong(f"a probability cannot be {got.max():.2f}: cut it at 1.")
        if np.allclose(got, np.minimum(1, np.sqrt(threshold / share))):
            raise Wrong(
                "that is the paper's formula: add 1 to the square root, as the program does."
            )
        if np.allclose(got, np.minimum(1, (np.sqrt(counts / threshold) + 1) * threshold / counts)):
            raise Wrong("you used the counts themselves: divide them by their sum first.")
        if not np.allclose(got, right):
            raise Wrong(
                f"for shares {share.tolist()} and threshold {threshold} the probabilities are "
                f"{right.round(3).tolist()}, but you return {got.round(3).tolist()}."
            )


@exercise(
    "02-negatives",
    praise="the power lifts rare words, and the probabilities sum to 1.",
    hint="Raise the counts to the power first, then divide by the sum.",
)
def check_negatives(negative_distribution: Callable) -> None:
    """Powers 0, 3/4 and 1."""
    counts = np.array([81.0, 16.0, 1.0])
    lifted, plain = np.array([27, 8, 1]) / 36, counts / 98
    for power, right in ((0.75, lifted), (1, plain), (0, np.full(3, 1 / 3))):
        got = _row(negative_distribution(counts, power), 3)
        if np.allclose(got, counts**power) and not np.isclose(got.sum(), 1):
            raise Wrong("the probabilities must sum to 1: divide by the sum.")
        if np.allclose(got, (counts / counts.sum()) ** power) and not np.isclose(got.sum(), 1):
            raise Wrong("divide by the sum after raising to the power, not before.")
        if power == 0.75 and np.allclose(got, plain):
            raise Wrong("the power is not used.")
        if power == 1 and np.allclose(got, lifted):
            raise Wrong("the power is a parameter: do not write 0.75 into the function.")
        if not np.allclose(got, right):
            raise Wrong(
                f"for counts 81, 16, 1 and power {power} the probabilities are "
                f"{right.round(3).tolist()}, but you return {got.round(3).tolist()}."
            )


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
    got = _list(pieces_of("axes", 3))
    if got == ["axe", "xes"]:
        raise Wrong("the marks < and > are missing.")
    if got == ["<ax", "axe", "xes"]:
        raise Wrong("the last piece is missing: check where the loop ends.")
    if any(len(piece) != 3 for piece in got):
        raise Wrong("each piece has exactly n characters: check where the loop ends.")
    if got != ["<ax", "axe", "xes", "es>"]:
        raise Wrong(f"the 3-grams of axes are {got}; they should be <ax, axe, xes, es>.")
    got = _list(pieces_of("banana", 2))
    if any(len(piece) != 2 for piece in got):
        raise Wrong("the length is a parameter: do not write 3 into the function.")
    if got != ["<b", "ba", "an", "na", "an", "na", "a>"]:
        raise Wrong("a piece that occurs twice is listed twice, from left to right.")
    if _list(pieces_of("a", 5)):
        raise Wrong("<a> has 3 characters, so it has no piece of 5: return an empty list.")


def _pairs(answer) -> list[tuple[str, str]]:
    try:
        return [(str(first), str(second)) for first, second in answer]
    except (TypeError, ValueError):
        raise Wrong("return a list of pairs (middle word, word nearby).") from None


def _list(answer) -> list[str]:
    if not isinstance(answer, list | tuple) or not all(isinstance(piece, str) for piece in answer):
        raise Wrong("return a list of strings.")
    return list(answer)


def _number(answer) -> float:
    array = np.asarray(answer)
    if array.shape != () or array.dtype.kind not in "iuf":
        raise Wrong("return one number.")
    return float(array)


def _row(answer, n: int) -> np.ndarray:
    array = np.asarray(answer)
    if array.shape != (n,) or array.dtype.kind not in "iuf":
        raise Wrong(f"return an array of shape ({n},), one probability for each word.")
    return array.astype(float)
