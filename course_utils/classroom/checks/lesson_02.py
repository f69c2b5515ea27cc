"""How the exercises of lesson 2 are checked."""

from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import (
    array,
    experiment,
    letter,
    number,
    pair,
    prediction,
    sequence,
    strings,
)
from course_utils.classroom.checks.inputs import sizes, words
from course_utils.classroom.exercises import exercise, judged
from course_utils.classroom.net import Wrong, brief

Rng = np.random.Generator


def _sentence(rng: Rng, size: int) -> tuple:
    """A list of letters as words, with repeats, now and then empty, and a window."""
    length = int(rng.integers(0, size + 3))
    return [str(letter) for letter in rng.choice(list("abcd"), length)], int(rng.integers(1, 4))


def _word_pairs(answer: Any, wanted: list) -> list[tuple[str, str]]:
    what = "pairs (middle word, word nearby)"
    found = sequence(answer, what)
    for one in found:
        is_pair = isinstance(one, tuple | list) and len(one) == 2
        if not is_pair or not all(isinstance(word, str) for word in one):
            raise Wrong(f"return a list of {what}, not of such as {brief(one)}.", "form")
    return [(str(middle), str(nearby)) for middle, nearby in found]


@exercise(
    "02-pairs",
    grade="first steps",
    inputs=_sentence,
    returns=_word_pairs,
    examples=((["a", "b"], 1), (list("abcd"), 1), (list("abcd"), 2), (list("xxy"), 1), (["a"], 3)),
    praise="each word meets all others in its window, and never itself.",
    hint="Two loops over the positions i and j. Which distances abs(i - j) are allowed?",
)
def pairs(words: list[str], window: int) -> list[tuple[str, str]]:
    return [(words[i], words[j]) for i, j in _positions(words, 1, window)]


def _positions(words: list[str], nearest: int, farthest: int) -> list[tuple[int, int]]:
    """Return the pairs of positions at such distances, in reading order."""
    n = range(len(words))
    return [(i, j) for i in n for j in n if nearest <= abs(i - j) <= farthest]


@pairs.mistake("a word is paired with its own position: leave out distance 0.")
def _(words, window):
    return [(words[i], words[j]) for i, j in _positions(words, 0, window)]


@pairs.mistake("you look to the right only: the window has two sides.")
def _(words, window):
    return [(words[i], words[j]) for i, j in _positions(words, 1, window) if i < j]


@pairs.mistake("you look to the left only: the window has two sides.")
def _(words, window):
    return [(words[i], words[j]) for i, j in _positions(words, 1, window) if i > j]


@pairs.mistake("one word is missing on both sides: the distance may be equal to the window.")
def _(words, window):
    return pairs.reference(words, window - 1)


@pairs.mistake("on the right side one word is missing: a range ends before its last number.")
def _(words, window):
    near = _positions(words, 1, window)
    return [(words[i], words[j]) for i, j in near if j < i + window]


@pairs.mistake("these are positions: return the words that stand there.")
def _(words, window):
    return _positions(words, 1, window)


@pairs.mistake("the middle word comes first in a pair, the word nearby second.")
def _(words, window):
    return [(nearby, middle) for middle, nearby in pairs.reference(words, window)]


@pairs.mistake("the pairs are right, but not in reading order: sort by the middle word's position.")
def _(words, window):
    near = sorted(_positions(words, 1, window), key=lambda pair: abs(pair[0] - pair[1]))
    return [(words[i], words[j]) for i, j in near]


@pairs.mistake("when a word occurs twice, the two positions are different: compare these.")
def _(words, window):
    return [(a, b) for a, b in pairs.reference(words, window) if a != b]


@pairs.mistake("a pair that occurs twice is listed twice: it is asked twice, too.")
def _(words, window):
    return list(dict.fromkeys(pairs.reference(words, window)))


@pairs.mistake(
    "near the beginning i - window is negative, and the slice is empty: use max(0, ...)."
)
def _(words, window):
    n = range(len(words))
    return [
        (words[i], near)
        for i in n
        for near in words[i - window : i] + words[i + 1 : i + 1 + window]
    ]


def _company(rng: Rng, size: int) -> tuple:
    """Counts of pairs with many zeros, now and then a word that met nobody; one is above 0."""
    counts = rng.choice([0, 0, 1, 1, 2, 3, 5, 40], sizes(rng, 2, size)).astype(np.float32)
    if rng.integers(3) == 0:
        counts[rng.integers(len(counts))] = 0
    if rng.integers(3) == 0:
        counts[:, rng.integers(counts.shape[1])] = 0
    if not counts.any():
        counts[-1, -1] = 1
    return (counts,)


@exercise(
    "02-ppmi",
    grade="the idea",
    tensors=True,
    inputs=_company,
    returns=lambda answer, wanted: array(answer, wanted.shape, "as the counts", of="float"),
    examples=(
        (np.array([[1, 3], [0, 4]], np.float32),),
        (np.array([[2, 0], [0, 0]], np.float32),),
    ),
    praise="meeting a word that is everywhere is no news, and who never met gets 0.",
    hint="By chance w and c meet (sum of row w) * (sum of column c) / (sum of all) times. Keep an "
    "axis: keepdim=True in PyTorch, keepdims=True in TensorFlow. At the end torch.where or "
    "tf.where puts 0 where the count is 0.",
)
def ppmi(counts: np.ndarray) -> np.ndarray:
    return np.maximum(0, _pmi(counts))


def _pmi(counts: np.ndarray, log: Any = np.log) -> np.ndarray:
    """Return the PMI of each cell that was counted, and 0 for the others, (words, contexts)."""
    with np.errstate(all="ignore"):
        return np.where(counts > 0, log(_ratio(counts)), 0)


def _ratio(counts: np.ndarray) -> np.ndarray:
    """Return how many times as often as by chance each pair met, NaN where nobody was met."""
    return counts * counts.sum() / (counts.sum(axis=1, keepdims=True) * counts.sum(axis=0))


@ppmi.mistake("keep the positive part: what is less than chance becomes 0.")
def _(counts):
    return _pmi(counts)


@ppmi.mistake("keep the positive part, not the negative one: the maximum of 0 and the PMI.")
def _(counts):
    return np.minimum(0, _pmi(counts))


@ppmi.mistake("the sign should be dropped by cutting at 0, not by taking the absolute value.")
def _(counts):
    return np.abs(_pmi(counts))


@ppmi.mistake("a word that met nobody gives 0 / 0, which is NaN: put 0 there.")
def _(counts):
    with np.errstate(all="ignore"):
        return np.maximum(0, np.log(_ratio(counts)))


@ppmi.mistake("the logarithm is missing: that is how many times as often as by chance.")
def _(counts):
    return np.where(counts > 0, _ratio(counts), 0)


@ppmi.mistake("the logarithm is missing, and you cut the ratio at 1: it is log 1 that is 0.")
def _(counts):
    return np.where(counts > 0, np.maximum(1, _ratio(counts)), 0)


@ppmi.mistake("that is the PPMI in bits: use the natural logarithm.")
def _(counts):
    return np.maximum(0, _pmi(counts, np.log2))


@ppmi.mistake("log(1 + ratio) is above 0 for each pair that met: take the logarithm of the ratio.")
def _(counts):
    return np.maximum(0, _pmi(counts, np.log1p))


@ppmi.mistake("the sum of all is missing: counts are no probabilities until you divide by it.")
def _(counts):
    return np.maximum(0, _pmi(counts, lambda ratio: np.log(ratio / counts.sum())))


@ppmi.mistake("you divide by the sum of the row alone: by the sum of the column, too.")
def _(counts):
    given = counts.sum(axis=1, keepdims=True)
    return np.maximum(0, _pmi(counts, lambda ratio: np.log(counts * counts.sum() / given)))


@ppmi.mistake("you divide by the sum of the column alone: by the sum of the row, too.")
def _(counts):
    nearby = counts.sum(axis=0)
    return np.maximum(0, _pmi(counts, lambda ratio: np.log(counts * counts.sum() / nearby)))


def _question(rng: Rng, size: int) -> tuple:
    """Vectors in tenths with small scores, and now and then with scores of a thousand."""
    dimension, n_negatives = sizes(rng, 2, size)
    v, u_true, u_negative = (
        rng.integers(-20, 21, shape) / 10
        for shape in (dimension, dimension, (n_negatives, dimension))
    )
    return v * rng.choice([1, 1, 1, 1000]), u_true, u_negative


_ONE, _FAR = np.array([1.0]), np.array([1000.0])


@exercise(
    "02-loss",
    grade="the idea",
    inputs=_question,
    returns=lambda answer, wanted: number(answer),
    examples=(
        (_FAR, -_ONE, np.array([[-1.0], [-2.0]])),
        (_FAR, _ONE, np.array([[1.0], [-2.0]])),
        (_FAR / 20, _ONE, np.array([[1.0], [-2.0]])),
        (np.array([2.0]), _ONE, np.array([[1.0], [0.0]])),
    ),
    praise="the true pair pulls, the negative samples push, and large scores do not overflow.",
    hint="-log sigmoid(s) is np.logaddexp(0, -s). Which sign does a negative sample have?",
)
def loss(v: np.ndarray, u_true: np.ndarray, u_negative: np.ndarray) -> float:
    true, false = u_true @ v, u_negative @ v  # one score, (K,) scores
    return float(_softplus(-true) + _softplus(false).sum())


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@loss.mistake("the sign is turned around: a loss is positive.")
def _(v, u_true, u_negative):
    return -loss.reference(v, u_true, u_negative)


@loss.mistake("sum over the negative samples, do not average them.")
def _(v, u_true, u_negative):
    return _softplus(-u_true @ v) + _softplus(u_negative @ v).mean()


@loss.mistake("sum over the 1 + K pairs, do not average them.")
def _(v, u_true, u_negative):
    return loss.reference(v, u_true, u_negative) / (1 + len(u_negative))


@loss.mistake("you reward negative samples as if they were true: mind their sign.")
def _(v, u_true, u_negative):
    return _softplus(-u_true @ v) + _softplus(-u_negative @ v).sum()


@loss.mistake("the sign of the true pair's score is turned around.")
def _(v, u_true, u_negative):
    return _softplus(u_true @ v) + _softplus(u_negative @ v).sum()


@loss.mistake("the signs of all scores are turned around: the true pair should have a high one.")
def _(v, u_true, u_negative):
    return loss.reference(-v, u_true, u_negative)


@loss.mistake("the true pair is missing.")
def _(v, u_true, u_negative):
    return _softplus(u_negative @ v).sum()


@loss.mistake("the negative samples are missing.")
def _(v, u_true, u_negative):
    return _softplus(-u_true @ v)


@loss.mistake("that is the loss in bits: use the natural logarithm.")
def _(v, u_true, u_negative):
    return loss.reference(v, u_true, u_negative) / np.log(2)


@loss.mistake("the formula is right, but np.exp overflows: np.logaddexp(0, x) is log(1 + exp(x)).")
def _(v, u_true, u_negative):
    return -np.log(_sigmoid(u_true @ v)) - np.log(_sigmoid(-u_negative @ v)).sum()


@loss.mistake("1 - sigmoid(s) is rounded to 0 for a large s: np.logaddexp(0, s) is -log of it.")
def _(v, u_true, u_negative):
    return -np.log(_sigmoid(u_true @ v)) - np.log(1 - _sigmoid(u_negative @ v)).sum()


@loss.mistake(
    "that is the softmax over the candidates: each pair is a question of its own, yes or no."
)
def _(v, u_true, u_negative):
    scores = np.array([u_true @ v, *(u_negative @ v)])  # (1 + K,)
    return np.logaddexp.reduce(scores) - scores[0]


def _counts(rng: Rng, size: int) -> np.ndarray:
    """Occurrences of some words, from one to thousands."""
    return rng.choice([1, 2, 3, 10, 30, 90, 500, 4000], rng.integers(1, size + 3))


def _counts_and_threshold(rng: Rng, size: int) -> tuple:
    return _counts(rng, size), float(rng.choice([0.3, 0.1, 0.01, 0.001]))


def _for_each_word(answer: Any, wanted: np.ndarray) -> np.ndarray:
    return array(answer, wanted.shape, "one probability for each word")


@exercise(
    "02-keep",
    grade="first steps",
    inputs=_counts_and_threshold,
    returns=_for_each_word,
    examples=((np.array([500, 400, 90, 9, 1]), 0.01), (np.array([500, 400, 90, 9, 1]), 0.001)),
    praise="frequent words are dropped often, rare ones always stay.",
    hint="share = counts / counts.sum(). Then write the formula, and np.minimum(1, ...).",
)
def keep(counts: np.ndarray, threshold: float) -> np.ndarray:
    return np.minimum(1, _uncut(counts / counts.sum(), threshold))


def _uncut(share: np.ndarray, threshold: float) -> np.ndarray:
    return (np.sqrt(share / threshold) + 1) * threshold / share  # (words,)


@keep.mistake("a probability cannot be above 1: cut it with np.minimum(1, ...).")
def _(counts, threshold):
    return _uncut(counts / counts.sum(), threshold)


@keep.mistake("np.maximum keeps the larger one: np.minimum(1, ...) cuts at 1.")
def _(counts, threshold):
    return np.maximum(1, _uncut(counts / counts.sum(), threshold))


@keep.mistake("that is the probability to be dropped; return the one to stay.")
def _(counts, threshold):
    return 1 - keep.reference(counts, threshold)


@keep.mistake("that is 1 minus the formula, the probability to be dropped, and it falls below 0.")
def _(counts, threshold):
    return 1 - _uncut(counts / counts.sum(), threshold)


@keep.mistake("that is the paper's formula: add 1 to the root, as the program does.")
def _(counts, threshold):
    return np.minimum(1, np.sqrt(threshold * counts.sum() / counts))


@keep.mistake("the 1 stands outside of the root.")
def _(counts, threshold):
    share = counts / counts.sum()
    return np.minimum(1, np.sqrt(share / threshold + 1) * threshold / share)


@keep.mistake("the last factor is turned around: it is the threshold divided by the share.")
def _(counts, threshold):
    share = counts / counts.sum()
    return np.minimum(1, (np.sqrt(share / threshold) + 1) * share / threshold)


@keep.mistake("you used the counts themselves: divide them by their sum first.")
def _(counts, threshold):
    return np.minimum(1, _uncut(counts, threshold))


@keep.mistake("divide the counts by their sum, not by the largest one.")
def _(counts, threshold):
    return np.minimum(1, _uncut(counts / counts.max(), threshold))


@keep.mistake("the threshold is a parameter: do not write 0.001 into the function.")
def _(counts, threshold):
    return keep.reference(counts, 0.001)


def _counts_and_power(rng: Rng, size: int) -> tuple:
    counts = _counts(rng, size) * [1, 1.0][rng.integers(2)]  # whole numbers, or not
    return counts, float(rng.choice([0.0, 0.5, 0.75, 1.0]))


@exercise(
    "02-negatives",
    grade="first steps",
    inputs=_counts_and_power,
    returns=_for_each_word,
    examples=((np.array([10, 80, 3]), 0.75), (np.array([10, 80, 3]), 0.5)),
    praise="the power lifts rare words, and the probabilities sum to 1.",
    hint="Raise the counts to the power first, then divide by the sum.",
)
def negatives(counts: np.ndarray, power: float) -> np.ndarray:
    return _shared(counts**power)


def _shared(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


@negatives.mistake("the probabilities must sum to 1: divide by the sum.")
def _(counts, power):
    return counts**power


@negatives.mistake("divide by the sum after raising to the power, not before.")
def _(counts, power):
    return _shared(counts) ** power


@negatives.mistake("you divide by the sum of the counts: divide by the sum of their powers.")
def _(counts, power):
    return counts**power / counts.sum()


@negatives.mistake("the power is not used.")
def _(counts, power):
    return _shared(counts)


@negatives.mistake("the power is a parameter: do not write 0.75 into the function.")
def _(counts, power):
    return _shared(counts**0.75)


@negatives.mistake("you multiply by the power: raise the counts to it, counts**power.")
def _(counts, power):
    return _shared(counts * power)


@negatives.mistake(
    "the power is turned around: rare words are drawn more often than frequent ones."
)
def _(counts, power):
    return _shared(1.0 * counts**-power)


@negatives.mistake("the counts to the power are no whole numbers: do not round them.")
def _(counts, power):
    return _shared((counts**power).astype(int))


@negatives.mistake("divide by the sum, not by the largest one.")
def _(counts, power):
    return counts**power / (counts**power).max()


@negatives.mistake("that is a softmax: the powers themselves are the weights, without np.exp.")
def _(counts, power):
    weights = counts**power
    return _shared(np.exp(weights - weights.max()))


@judged(
    "02-true-noise",
    grade="first steps",
    kind="experiment",
    praise="near *the* stands nearly every word that is drawn often, so most of its noise is true "
    "somewhere. Yet each of them is asked for as true only as often as it does stand there. The "
    "score settles where both balance, so nobody needs to check the draws.",
    hint="Measure at 1, 10, 100 and 1,000. Which words are drawn most, and whom have they met?",
)
def true_noise(answer: Any, adapter: Any, seed: int) -> None:
    """Shares of noise that is true, by the rank of the given word; then the reason, a letter."""
    found, why = experiment(answer, "{rank: true_share(rank)}")
    shares = np.array([number(share) for share in found.values()])
    if not ((shares > 0) & (shares < 1)).all() or np.array_equal(shares, shares.round(3)):
        told = "the shares lie between 0 and 1, as they were measured, not rounded."
        raise Wrong(f"{told} Give what true_share returns.", "not measured")
    if not (np.diff(shares) < 0).all():
        told = "a rarer word has met fewer others; your shares do not fall. "
        raise Wrong(f"{told}Give true_share the rank, and take ranks far apart.", "not measured")
    if min(found) > 10:
        raise Wrong(f"your first rank is {min(found)}: try 10 or less, the most frequent.", "form")
    if max(found) < 500:
        raise Wrong(f"your last rank is {max(found)}: go to 500 or more, to rare words.", "form")
    letter(why, _NOT_NOISE)


_NOT_NOISE = {
    "a": "the vectors of frequent words are not worse for it: a true neighbor is asked for as "
    "true, too, and more often than it is drawn as noise.",
    "c": "that speaks of the words that are drawn; you changed the word that is given. Compare "
    "whom the words at rank 1 have met with whom those at your last rank have.",
}


prediction(
    "02-predict-noise",
    grade="first steps",
    praise="with true pairs alone each step pulls two vectors together and none apart, so the "
    "loss falls toward 0 while all pairs are called true. Noise is what gives *no* a price. The "
    "solution shows it on two small topics.",
    hint="Look at the step by hand. Which part of it moves two vectors apart?",
    wrong={
        "a": "then a model that says yes to everything would be as good as any: it has the lowest "
        "loss on true pairs.",
        "c": "a true pair has a gradient as long as the model is not sure of it: its surplus is "
        "the probability minus 1.",
    },
)


def _step(rng: Rng, size: int) -> tuple:
    """Two tables in tenths, given words and candidates with repeats, and a rate."""
    batch, n_negatives, dimension, more = sizes(rng, 4, size)
    n_words = dimension + more
    given, asked = rng.integers(-15, 16, (2, n_words, dimension)) / 10
    inputs = rng.integers(0, min(n_words, 3), batch)
    candidates = rng.integers(0, min(n_words, 4), (batch, 1 + n_negatives))
    tables = given.astype(np.float32), asked.astype(np.float32)
    return *tables, inputs, candidates, float(rng.choice([0.1, 0.5, 1]))


_V = np.array([[1.0, 0.5], [0.0, 1.0]], np.float32)
_U = np.array([[0.2, 0.4], [0.6, -0.2]], np.float32)


def _two_tables(answer: Any, wanted: Any) -> Any:
    return pair(answer, ("given", "asked"), (wanted[0].shape, wanted[1].shape), of="float")


@exercise(
    "02-step",
    grade="a challenge",
    tensors=True,
    inputs=_step,
    returns=_two_tables,
    examples=(
        (_V, _U, np.array([0]), np.array([[0, 1]]), 0.5),
        (_V, _U, np.array([0, 1]), np.array([[0, 1], [0, 1]]), 0.5),
        (_V, _U, np.array([0, 0]), np.array([[0, 1], [1, 0]]), 0.5),
        (_V, _U, np.array([1]), np.array([[1, 0, 0, 1]]), 1.0),
    ),
    tolerance=1e-4,
    praise="the true pair is pulled together, the noise pushed away, and repeats add up. That is "
    "all of Word2Vec; the rest is doing it often.",
    hint="Look up asked[candidates], (batch, 1 + K, d), multiply by given[inputs][:, None] and sum "
    "over the last axis. PyTorch: copies by .clone().requires_grad_(), "
    'binary_cross_entropy_with_logits with reduction="sum", .backward(), .grad. TensorFlow: '
    "tf.Variable copies, tf.gather and tf.nn.softplus inside of tf.GradientTape, tape.gradient, "
    "and tf.convert_to_tensor, which makes a full matrix of the gradient's rows.",
)
def step(
    given: np.ndarray,
    asked: np.ndarray,
    inputs: np.ndarray,
    candidates: np.ndarray,
    rate: float,
) -> tuple[np.ndarray, np.ndarray]:
    return _stepped(given, asked, inputs, candidates, rate, _surplus)


def _surplus(scores: np.ndarray) -> np.ndarray:
    """Return the probability minus the answer wanted, both (batch, 1 + K): 1 for the first."""
    return _sigmoid(scores) - _first(scores)


def _first(scores: np.ndarray) -> np.ndarray:
    return np.eye(scores.shape[1])[:1]  # (1, 1 + K)


def _stepped(
    given: np.ndarray,
    asked: np.ndarray,
    inputs: np.ndarray,
    candidates: np.ndarray,
    rate: float,
    surplus_of: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Return both tables after a step whose gradients of the scores are `surplus_of` them."""
    to_given, to_asked = np.zeros_like(given), np.zeros_like(asked)
    v, u = given[inputs], asked[candidates]  # (batch, d), (batch, 1 + K, d)
    surplus = surplus_of((u * v[:, None]).sum(axis=2))  # (batch, 1 + K)
    np.add.at(to_given, inputs, (surplus[..., None] * u).sum(axis=1))
    np.add.at(to_asked, candidates, surplus[..., None] * v[:, None])
    return given - rate * to_given, asked - rate * to_asked


@step.mistake("you climb: subtract the gradients, do not add them.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates, -rate)


@step.mistake("nothing has moved: return both tables after the step.")
def _(given, asked, inputs, candidates, rate):
    return given, asked


@step.mistake("the table of given words has not moved: both learn.")
def _(given, asked, inputs, candidates, rate):
    return given, step.reference(given, asked, inputs, candidates, rate)[1]


@step.mistake("the table of words that are asked for has not moved: both learn.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates, rate)[0], asked


@step.mistake("the loss is the sum over the questions; yours is their mean.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates, rate / len(inputs))


@step.mistake("the loss is a sum; yours is the mean over all answers, reduction='mean'.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates, rate / candidates.size)


@step.mistake("the rate is not used: multiply the gradients by it.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates, 1)


@step.mistake("these are the gradients: subtract them, times the rate, from the tables.")
def _(given, asked, inputs, candidates, rate):
    moved = step.reference(given, asked, inputs, candidates, -1)
    return moved[0] - given, moved[1] - asked


@step.mistake("noise is pulled near as if it were true: the answer wanted is 0 for it.")
def _(given, asked, inputs, candidates, rate):
    return _stepped(given, asked, inputs, candidates, rate, lambda s: _sigmoid(s) - 1)


@step.mistake("the true word is pushed away as if it were noise: the answer wanted is 1 for it.")
def _(given, asked, inputs, candidates, rate):
    return _stepped(given, asked, inputs, candidates, rate, _sigmoid)


@step.mistake("the noise has no part in your loss: add the softplus of its scores.")
def _(given, asked, inputs, candidates, rate):
    return _stepped(given, asked, inputs, candidates, rate, lambda s: _surplus(s) * _first(s))


@step.mistake("the true word stands first in its row, not last.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(given, asked, inputs, candidates[:, ::-1], rate)


@step.mistake("that is a softmax over the candidates: each answer is a yes or no of its own.")
def _(given, asked, inputs, candidates, rate):
    def softmax_surplus(scores):
        powers = np.exp(scores)
        return powers / powers.sum(axis=1, keepdims=True) - _first(scores)

    return _stepped(given, asked, inputs, candidates, rate, softmax_surplus)


@step.mistake("a sigmoid is in the loss already: give it the scores, not the probabilities.")
def _(given, asked, inputs, candidates, rate):
    def twice(scores):
        p = _sigmoid(scores)
        return _surplus(p) * p * (1 - p)

    return _stepped(given, asked, inputs, candidates, rate, twice)


@step.mistake("the tables are swapped: the inputs are rows of given, the candidates of asked.")
def _(given, asked, inputs, candidates, rate):
    return step.reference(asked, given, inputs, candidates, rate)[::-1]


@step.mistake("a row that is used several times gets all of its gradients: add them up.")
def _(given, asked, inputs, candidates, rate):
    v, u = given[inputs], asked[candidates]
    surplus = _surplus((u * v[:, None]).sum(axis=2))[..., None]
    given, asked = given.copy(), asked.copy()
    given[inputs] -= rate * (surplus * u).sum(axis=1)
    asked[candidates] -= rate * surplus * v[:, None]
    return given, asked


@step.mistake("two steps at once: take both gradients before you move anything.")
def _(given, asked, inputs, candidates, rate):
    moved, _ = step.reference(given, asked, inputs, candidates, rate)
    return moved, step.reference(moved, asked, inputs, candidates, rate)[1]


# Rows of length 1 that are easy to read.
_UNIT = [(1, 0), (0.8, 0.6), (0.6, 0.8), (0.28, 0.96), (0.96, 0.28)]
_UNIT += [(-y, x) for x, y in _UNIT]
_UNIT += [(-x, -y) for x, y in _UNIT]


def _analogy(rng: Rng, size: int) -> tuple:
    """Words with vectors of length 1; no mistake in the query leads to two equal scores."""
    while True:
        names = words(rng, size + 3)
        vectors = rng.normal(size=(size + 3, 2 + size % 3))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        if size <= 2:
            vectors = np.array(_UNIT)[rng.permutation(len(_UNIT))[: size + 3]]
        a, b, c = rng.permutation(size + 3)[:3]
        queries = np.array(_SIGNS) @ vectors[[a, b, c]]  # (mixtures, d)
        scores = np.sort(vectors @ queries.T, axis=0)  # (words, mixtures)
        if np.diff(scores, axis=0).min() > 0.01:
            return names[a], names[b], names[c], names, vectors


_SIGNS = ((-1, 1, 1), (1, -1, 1), (0, 0, 1), (-1, 1, 0), (1, 1, 1))


def _one_word(answer: Any, wanted: str) -> str:
    if not isinstance(answer, str):
        raise Wrong(f"return the word itself, not {type(answer).__name__}.", "form")
    return str(answer)


@exercise(
    "02-analogy",
    grade="the idea",
    inputs=_analogy,
    returns=_one_word,
    praise="the offset is added the right way round, and the question's own words are left out.",
    hint="First find the rows of a, b and c. Set their three scores to -np.inf before the argmax.",
)
def analogy(a: str, b: str, c: str, words: list[str], vectors: np.ndarray) -> str:
    return _best(_scores(a, b, c, words, vectors), words, (a, b, c))


def _scores(
    a: str, b: str, c: str, words: list[str], vectors: np.ndarray, signs: tuple = (-1, 1, 1)
) -> np.ndarray:
    """Return how near each word is to b - a + c, or to another mixture, (words,)."""
    rows = [words.index(word) for word in (a, b, c)]
    return vectors @ (np.array(signs) @ vectors[rows])


def _best(scores: np.ndarray, words: list[str], left_out: tuple[str, ...]) -> str:
    others = [i for i, word in enumerate(words) if word not in left_out]
    return words[max(others, key=lambda i: scores[i])]


@analogy.mistake("the answer may be one of the question's own words: leave a, b and c out.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors), words, ())


@analogy.mistake("only c is left out: leave out a and b, too.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors), words, (c,))


@analogy.mistake("b and c are left out, but a may be the answer: leave it out, too.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors), words, (b, c))


@analogy.mistake("set the three scores to -np.inf: 0 wins where all others are negative.")
def _(a, b, c, words, vectors):
    scores = _scores(a, b, c, words, vectors)
    scores[[words.index(word) for word in (a, b, c)]] = 0
    return _best(scores, words, ())


@analogy.mistake("you left three scores out, and not the words: all places after them are shifted.")
def _(a, b, c, words, vectors):
    scores = _scores(a, b, c, words, vectors)
    return words[np.argmax(np.delete(scores, [words.index(word) for word in (a, b, c)]))]


@analogy.mistake("the offset points the wrong way: it is b minus a, plus c.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors, (1, -1, 1)), words, (a, b, c))


@analogy.mistake("that is the word nearest to c alone: add the offset from a to b.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors, (0, 0, 1)), words, (a, b, c))


@analogy.mistake("c is missing: the answer is near b minus a, plus c.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors, (-1, 1, 0)), words, (a, b, c))


@analogy.mistake("the signs are wrong: a is subtracted, b and c are added.")
def _(a, b, c, words, vectors):
    return _best(_scores(a, b, c, words, vectors, (1, 1, 1)), words, (a, b, c))


@analogy.mistake("that is the most distant word: take the highest cosine.")
def _(a, b, c, words, vectors):
    return _best(-_scores(a, b, c, words, vectors), words, (a, b, c))


@judged(
    "02-cut",
    grade="the idea",
    kind="experiment",
    praise="the loss of skip-gram sees dot products alone. Turn both tables by one rotation, and "
    "all scores stay as they were: so none of its numbers means anything by itself, and none "
    "comes first. A counted table may be cut; for fewer numbers skip-gram is trained anew.",
    hint="Take 5, 10, 25 and all. Then try the last ten numbers in place of the first ten.",
)
def cut(answer: Any, adapter: Any, seed: int) -> None:
    """Purities of two cut tables, by the numbers that stay; then the reason, a letter."""
    found, why = experiment(answer, "{numbers: purity_with(numbers)}")
    for numbers, measured in found.items():
        if not isinstance(measured, tuple | list) or len(measured) != 2:
            told = f"at {numbers} give the two purities that purity_with({numbers}) returns"
            raise Wrong(f"{told}, not {brief(measured)}.", "form")
    purities = np.array([[number(part) for part in measured] for measured in found.values()])
    if not ((purities > 0) & (purities < 1)).all() or np.array_equal(purities, purities.round(3)):
        told = "purities lie between 0 and 1, as they were measured, not rounded."
        raise Wrong(f"{told} Give what purity_with returns.", "not measured")
    if (np.diff(purities, axis=0) == 0).all(axis=1).any():
        told = "two sizes have equal purities, to the last digit: hand the size on to purity_with."
        raise Wrong(f"{told} Beyond the size of the table nothing changes.", "not measured")
    if min(found) > 10:
        raise Wrong(f"your smallest is {min(found)}: try 10 or fewer, where it shows.", "form")
    if max(found) < 50:
        raise Wrong(f"your largest is {max(found)}: go to 50 or more, to compare with.", "form")
    letter(why, _NOT_CUT)


_NOT_CUT = {
    "a": "all numbers of a row move in the same step. Try it: the last ten numbers, "
    "skipgram.vectors[:, -10:], are about as good as the first ten.",
    "c": "then all the numbers of this one table would not be enough either. Look at your row with "
    "the most numbers.",
}


prediction(
    "02-predict-people",
    grade="first steps",
    praise="opposites. Hot and cold stand in the same sentences, so their vectors are alike, and "
    "people say that they are anything but similar. Now look at the pairs in the figure.",
    hint="Vectors know which words stand nearby. For which two words is that the same, although "
    "nobody would call them similar?",
    wrong={
        "a": "two names of one thing keep the same company, but people call them similar as well.",
        "c": "two words that have nothing to do with each other keep different company, so their "
        "cosine is low, as the people's rating.",
    },
)


def _word_and_n(rng: Rng, size: int) -> tuple:
    """A word of few different letters, and a length that may be too much for it."""
    letters = rng.choice(list("abx"), rng.integers(1, size + 3))
    return "".join(letters), int(rng.integers(1, 6))


@exercise(
    "02-ngrams",
    grade="first steps",
    inputs=_word_and_n,
    returns=lambda answer, wanted: [str(piece) for piece in strings(answer)],
    examples=(("axes", 3), ("banana", 2), ("a", 5), ("axes", 3)),
    praise="the marks at both ends are there, and a word shorter than n has no piece.",
    hint="Put the marks round the word first. At how many positions can a piece start?",
)
def ngrams(word: str, n: int) -> list[str]:
    return _pieces(f"<{word}>", n)


def _pieces(marked: str, n: int) -> list[str]:
    return [marked[i : i + n] for i in range(len(marked) - n + 1)]


@ngrams.mistake("the marks < and > are missing.")
def _(word, n):
    return _pieces(word, n)


@ngrams.mistake("the last piece is missing: is the mark > there, and where does the loop end?")
def _(word, n):
    return _pieces(f"<{word}>", n)[:-1]


@ngrams.mistake("the first piece is missing: is the mark < there, and where does the loop begin?")
def _(word, n):
    return _pieces(f"<{word}>", n)[1:]


@ngrams.mistake("the pieces at the end are too short: each has exactly n characters.")
def _(word, n):
    return [f"<{word}>"[i : i + n] for i in range(len(word) + 2)]


@ngrams.mistake("the number of pieces depends on n, too: yours is right for n = 3 alone.")
def _(word, n):
    return [f"<{word}>"[i : i + n] for i in range(len(word))]


@ngrams.mistake("the length is a parameter: do not write 3 into the function.")
def _(word, n):
    return _pieces(f"<{word}>", 3)


@ngrams.mistake("a piece that occurs twice is listed twice, from left to right.")
def _(word, n):
    return list(dict.fromkeys(_pieces(f"<{word}>", n)))


@ngrams.mistake("the pieces are sorted: list them from left to right.")
def _(word, n):
    return sorted(_pieces(f"<{word}>", n))


@ngrams.mistake("pieces overlap: the next one starts one character later, not n.")
def _(word, n):
    return _pieces(f"<{word}>", n)[::n]


@ngrams.mistake("a word that is too short has no piece: return an empty list.")
def _(word, n):
    return _pieces(f"<{word}>", n) or [f"<{word}>"]


@ngrams.mistake("fastText takes pieces of several lengths; here all have n characters.")
def _(word, n):
    return [piece for length in range(1, n + 1) for piece in _pieces(f"<{word}>", length)]
