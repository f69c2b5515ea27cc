"""The drawings of lesson 2 on toy numbers, for the tests of drawings and of steps."""

import numpy as np

from course_utils import visualization as vis

SENTENCE = ["the", "axes", "of", "the", "matrix", "are", "swapped"]
TOY = ["the", "cat", "dog", "drinks", "milk"]
LONG = ["extraordinarily", "bad", "documentation", "dull", "g"]
NOISY = np.array([2, 0, 4, 1])  # the true word first


def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 0.8, shape)


def ids_around(words, window=2):
    """Return the ids of the words around each position, 0 where there is none."""
    ids = {word: i for i, word in enumerate(words, start=2)}
    offsets = [*range(-window, 0), *range(1, window + 1)]
    places = np.arange(len(words))[:, None] + offsets
    inside = (places >= 0) & (places < len(words))
    return np.where(inside, np.array([ids[word] for word in words])[places % len(words)], 0)


def window(words=SENTENCE, far=2):
    return vis.draw_window(words, ids_around(words, far), title="Each arrow is a pair " * 3)


def two_tables(given=None, words=TOY, candidates=NOISY):
    given = numbers(5, 2) if given is None else given
    asked = numbers(5, 2, seed=1)
    scores = asked[candidates % len(asked)] @ given[3]
    return vis.draw_two_tables(
        given, asked, scores, sigmoid(scores), words=words, middle=3, candidates=candidates
    )


def two_games(table=None, nearby=TOY[:4], word="milk"):
    table = numbers(5, 2) if table is None else table
    around = table[: len(nearby)]
    return vis.draw_cbow_and_skipgram(
        around, around.mean(axis=0), table[-1], nearby=nearby, word=word, title="Two games"
    )


def pair_step(rate=0.8, candidates=("axes", "red", "file", "path"), v=(0.9, 0.4)):
    v = np.array(v)
    u = np.array([[-0.2, 1.0], [1.1, -0.4], [-0.9, 0.3], [-0.3, -0.9]])[: len(candidates)]
    true = np.arange(len(u)) == 0

    def loss(u, v):
        return np.logaddexp(0, np.where(true, -1, 1) * (u @ v)).sum()

    shares = sigmoid(u @ v)
    error = shares - true
    gradient_v, gradient_u = error @ u, np.outer(error, v)
    v_after, u_after = v - rate * gradient_v, u - rate * gradient_u
    return vis.PairStep(
        "matrix", list(candidates), v, u, shares, loss(u, v), gradient_v, gradient_u, rate,
        v_after, u_after, sigmoid(u_after @ v_after), loss(u_after, v_after),
    )  # fmt: skip


def strips(dimensions=24, names=("king", "− man", "+ woman", "= sum", "queen"), cosines=True):
    vectors = numbers(5, dimensions)
    told = numbers(5, seed=2) if cosines else None
    return vis.draw_strips(vectors, names=list(names), cosines=told, ruled=3, title="A sum")


ROYAL = ["man", "king", "woman", "queen", "tree"]
PLACES = [(-2, 1), (-2.5, -1), (2, 1.2), (1.8, -1), (0, 0)]


def analogy(points=PLACES, words=ROYAL):
    points = np.array(points, dtype=float)
    total = points[1] - points[0] + points[2]
    return vis.draw_analogy(points, total, words=words)


def pieces(vectors=None, word="axes", cut=("<ax", "axe", "xes", "es>", "<axe", "axes", "xes>")):
    vectors = numbers(len(cut), 3) if vectors is None else vectors
    return vis.draw_pieces(vectors, vectors.sum(axis=0), word=word, pieces=list(cut))


def two_ways(counts=None, words=TOY, pairs=(("the", "cat"), ("cat", "the")) * 4):
    counts = np.arange(25).reshape(5, 5) % 7 if counts is None else counts
    return vis.draw_counting_and_predicting(
        counts, counts / 7, numbers(5, 2), list(pairs), numbers(2), numbers(5, 2, seed=1),
        words=words, title="Two ways",
    )  # fmt: skip


WORD_DRAWINGS = {
    "window": window,
    "window, long words": lambda: window(LONG, 1),
    "window of one word": lambda: window(["alone"]),
    "two tables": two_tables,
    "two tables, long words": lambda: two_tables(words=LONG, candidates=np.array([2, 0, 0, 2])),
    "two tables, large numbers": lambda: two_tables(numbers(5, 2) * 137),
    "two games": two_games,
    "two games, one word nearby": lambda: two_games(nearby=["the"]),
    "two games, long words": lambda: two_games(nearby=LONG, word="extraordinarily"),
    "pair step": lambda: vis.draw_pair_step(pair_step(), title="One step"),
    "pair step, one noise word": lambda: vis.draw_pair_step(pair_step(candidates=LONG[:2])),
    "strips": strips,
    "strips, without cosines": lambda: strips(50, LONG, cosines=False),
    "analogy": analogy,
    "analogy, long words": lambda: analogy(words=LONG),
    "pieces": pieces,
    "two ways": two_ways,
    "two ways, long words": lambda: two_ways(words=LONG, pairs=[(LONG[0], LONG[2])]),
}
