"""Answers to the exercises of lesson 2; tests/test_exercises.py says what each table is."""

import numpy as np

LETTERS = list("abcdef")


def near(n, window, nearest=1):
    return [(i, j) for i in range(n) for j in range(n) if nearest <= abs(i - j) <= window]


def pairs(words, window):
    return [(words[i], words[j]) for i, j in near(len(words), window)]


def pairs_by_slices(words, window):
    found = []
    for i, middle in enumerate(words):
        around = words[max(0, i - window) : i] + words[i + 1 : i + 1 + window]
        found += [[middle, other] for other in around]
    return found


def pairs_in_a_loop(words, window):
    found = []
    for i in range(len(words)):
        for j in range(max(0, i - window), min(len(words), i + window + 1)):
            if i != j:
                found.append((words[i], words[j]))
    return tuple(found)


def pairs_from_an_array(words, window):
    place = np.arange(len(words))
    distance = np.abs(place[:, None] - place)
    i, j = np.nonzero((distance > 0) & (distance <= window))
    return np.array(list(zip(np.array(words)[i], np.array(words)[j], strict=True)))


def pairs_round_the_corner(words, window):
    """The last word is taken for a neighbor of the first one."""
    n, found = len(words), []
    for i in range(n):
        places = range(i - window, min(n, i + window + 1))
        found += [(words[i], words[j]) for j in places if j != i]
    return found


def turns_its_input(words, window):
    found = pairs(words, window)
    words.reverse()
    return found


def softplus(score):
    return np.logaddexp(0, score)


def log_sigmoid(score):
    return np.log(1 / (1 + np.exp(-score)))


def loss(v, u, negatives):
    return softplus(-u @ v) + softplus(negatives @ v).sum()


def loss_in_a_loop(v, u, negatives):
    total = 0.0
    for row, sign in [(u, -1), *((row, 1) for row in negatives)]:
        score = sign * sum(x * y for x, y in zip(row, v, strict=True))
        total += max(score, 0) + np.log1p(np.exp(-abs(score)))
    return total


def loss_in_torch(v, u, negatives):
    import torch

    v, u, negatives = (torch.tensor(x, requires_grad=True) for x in (v, u, negatives))
    log_sigmoid = torch.nn.functional.logsigmoid
    return -log_sigmoid(u @ v) - log_sigmoid(-(negatives @ v)).sum()


def loss_in_tensorflow(v, u, negatives):
    import tensorflow as tf

    scores = tf.linalg.matvec(tf.constant(np.vstack([u, negatives])), tf.constant(v))
    labels = tf.one_hot(0, len(scores), dtype=scores.dtype)
    return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels, scores))


def loss_with_a_little_more(v, u, negatives):
    with np.errstate(all="ignore"):
        sigmoid = [1 / (1 + np.exp(-s)) for s in (u @ v, -negatives @ v)]
    return -np.log(sigmoid[0] + 1e-10) - np.log(sigmoid[1] + 1e-10).sum()


def scales_its_input(v, u, negatives):
    v *= 2
    return softplus(-u @ v / 2) + softplus(negatives @ v / 2).sum()


def share_of(counts):
    return counts / counts.sum()


def keep(share, threshold):
    return (np.sqrt(share / threshold) + 1) * threshold / share


def keep_in_a_loop(counts, threshold):
    kept = []
    for count in counts.tolist():
        ratio = threshold * sum(counts.tolist()) / count
        kept.append(min(1, ratio**0.5 + ratio))
    return kept


def keep_in_tensorflow(counts, threshold):
    import tensorflow as tf

    ratio = threshold / share_of(tf.constant(counts, tf.float64).numpy())
    return tf.minimum(tf.sqrt(ratio) + ratio, 1.0)


def keep_where_rare(counts, threshold):
    kept = np.ones(len(counts))
    frequent = keep(share_of(counts), threshold) < 1
    kept[frequent] = keep(share_of(counts)[frequent], threshold)
    return kept


def draws(counts, threshold):
    return np.random.default_rng(0).random(len(counts)) < keep(share_of(counts), threshold)


def powers_in_torch(counts, power):
    import torch

    weights = torch.tensor(counts, dtype=torch.float64) ** power
    return weights / weights.sum()


def powers_by_logarithms(counts, power):
    logits = power * np.log(counts)
    return np.exp(logits - np.logaddexp.reduce(logits))


def power_of_the_rest(counts, power):
    """Powers of all counts but the last one."""
    weights = np.append(counts[:-1].astype(float) ** power, counts[-1])
    return share_of(weights)


def shares_its_input(counts, power):
    counts[:] = np.sort(counts)[::-1]
    return share_of(counts**power)


def rows(words, *chosen):
    return [words.index(word) for word in chosen]


def answer(a, b, c, words, vectors, left_out="abc", of=lambda ranked: ranked[0]):
    a_row, b_row, c_row = rows(words, a, b, c)
    scores = vectors @ (vectors[b_row] - vectors[a_row] + vectors[c_row])
    own = {"a": a, "b": b, "c": c}
    ranked = [words[i] for i in np.argsort(-scores)]
    return of([w for w in ranked if w not in {own[letter] for letter in left_out}])


def answer_by_distance(a, b, c, words, vectors):
    wanted = vectors[words.index(b)] - vectors[words.index(a)] + vectors[words.index(c)]
    distance = {w: np.linalg.norm(v - wanted) for w, v in zip(words, vectors, strict=True)}
    return min((w for w in words if w not in (a, b, c)), key=distance.get)


def answer_by_minus_infinity(a, b, c, words, vectors):
    index = {word: i for i, word in enumerate(words)}
    query = vectors[index[b]] - vectors[index[a]] + vectors[index[c]]
    cosines = vectors @ query / np.linalg.norm(query)
    cosines[[index[a], index[b], index[c]]] = -np.inf
    return np.array(words)[cosines.argmax()]


def answer_in_torch(a, b, c, words, vectors):
    import torch

    table = torch.tensor(vectors)
    a_row, b_row, c_row = rows(words, a, b, c)
    query = table[b_row] - table[a_row] + table[c_row]
    order = torch.cosine_similarity(table, query[None]).argsort(descending=True)
    return next(words[i] for i in order.tolist() if i not in (a_row, b_row, c_row))


def answer_by_products(a, b, c, words, vectors):
    """The product of cosines of Levy and Goldberg, which the exercise does not ask for."""
    a_like, b_like, c_like = ((vectors @ vectors[row] + 1) / 2 for row in rows(words, a, b, c))
    scores = b_like * c_like / (a_like + 1e-3)
    scores[rows(words, a, b, c)] = -1
    return words[scores.argmax()]


def removes_from_its_input(a, b, c, words, vectors):
    found = answer(a, b, c, words, vectors)
    for word in (a, b, c):
        words.remove(word)
    return found


def pieces(marked, n):
    return [marked[i : i + n] for i in range(len(marked) - n + 1)]


def pieces_in_a_loop(word, n):
    marked, found = "<" + word + ">", []
    while len(marked) >= n:
        found.append(marked[:n])
        marked = marked[1:]
    return found


def pieces_by_zip(word, n):
    return tuple("".join(p) for p in zip(*(f"<{word}>"[i:] for i in range(n)), strict=False))


def pieces_by_a_pattern(word, n):
    import re

    return re.findall(f"(?=(.{{{n}}}))", f"<{word}>")


RIGHT = {
    "02-pairs": [pairs, pairs_by_slices, pairs_in_a_loop, pairs_from_an_array],
    "02-loss": [loss, loss_in_a_loop, loss_in_torch, loss_in_tensorflow],
    "02-keep": [
        lambda c, t: np.minimum(1, keep(share_of(c), t)),
        keep_in_a_loop,
        keep_in_tensorflow,
        keep_where_rare,
    ],
    "02-negatives": [
        lambda c, p: share_of(c**p),
        lambda c, p: [x**p / sum(y**p for y in c) for x in c],
        powers_in_torch,
        powers_by_logarithms,
    ],
    "02-analogy": [answer, answer_by_distance, answer_by_minus_infinity, answer_in_torch],
    "02-predict-people": ["b", "B", " b ", "(b)", "b."],
    "02-ngrams": [
        lambda w, n: pieces(f"<{w}>", n),
        pieces_in_a_loop,
        pieces_by_zip,
        pieces_by_a_pattern,
    ],
}

WRONG = {
    "02-pairs": {
        "return a list of pairs (middle word, word nearby), not of such as 'a'": lambda w, k: w,
        "not of such as 'ab'": lambda w, k: [x + y for x, y in pairs(w, k)],
        "not set": lambda w, k: set(pairs(w, k)),
        "raised IndexError on (['a'], 3)": pairs_round_the_corner,
        "it should be [], and yours is [['a', 'a']]": lambda w, k: (
            pairs(w, k) or [(x, x) for x in w]
        ),
        "'c'], window = 3 it should be [['b', 'd'], ['b', 'a']": lambda w, k: pairs(w, min(k, 2)),
        "it should be [['a', 'b'], ['b', 'a']], and yours is [['b', 'a'], ['a', 'b']]": (
            lambda w, k: sorted(pairs(w, k), reverse=True)
        ),
        "changes what it was given": turns_its_input,
        "its own position": lambda w, k: [(w[i], w[j]) for i, j in near(len(w), k, 0)],
        "compare these": lambda w, k: [(x, y) for x, y in pairs(w, k) if x != y],
    },
    "02-loss": {
        "v = [50], u_true = [1], u_negative = [[1], [-2]] it should be 50, and yours is 23.03": (
            loss_with_a_little_more
        ),
        "u_negative = [[1], [0]] it should be 2.947, and yours is 2": lambda v, u, n: (
            -u @ v + 2 * (n @ v).sum()
        ),
        "it should be 2.947, and yours is 2.254": lambda v, u, n: (
            softplus(-u @ v) + softplus((n @ v).sum())
        ),
        "return one number, not ndarray of shape (2,)": lambda v, u, n: softplus(n @ v),
        "return one number, not list": lambda v, u, n: [softplus(-u @ v), 1, [2]],
        "changes what it was given": scales_its_input,
        "as if they were true": lambda v, u, n: softplus(-u @ v) + softplus(-n @ v).sum(),
        "np.exp overflows": lambda v, u, n: (
            np.log1p(np.exp(-u @ v)) + np.log1p(np.exp(n @ v)).sum()
        ),
        "in bits": lambda v, u, n: (
            np.logaddexp2(0, (-u @ v) / np.log(2)) + (softplus(n @ v).sum() / np.log(2))
        ),
    },
    "02-keep": {
        "should hold numbers, not bool": draws,
        "one probability for each word": lambda c, t: np.minimum(1, keep(share_of(c), t)).mean(),
        "it should be [0.8477], and yours is [1]": lambda c, t: share_of(c),
        "it should be [0.8477], and yours is [0.5477]": lambda c, t: np.sqrt(t / share_of(c)),
        "it should be [0.8477], and yours is [0.3]": lambda c, t: np.minimum(1, t / share_of(c)),
        "threshold = 0.3 it should be [0.9045, 1], and yours is [1, 0.9045]": lambda c, t: (
            np.minimum(1, keep(share_of(c), t))[::-1]
        ),
        "the paper's formula": lambda c, t: np.minimum(1, np.sqrt(t / share_of(c))),
        "the counts themselves": lambda c, t: np.minimum(1, keep(c, t)),
        "cut it": lambda c, t: keep(share_of(c), t),
    },
    "02-negatives": {
        "one probability for each word": lambda c, p: (c**p).max() / (c**p).sum(),
        "power = 0.5 it should be [0.366, 0.634], and yours is [0.25, 0.75]": lambda c, p: (
            share_of(c**p) if p != 0.5 else share_of(c)
        ),
        "it should be [0.75, 0.25], and yours is [0.25, 0.75]": lambda c, p: share_of(c**p)[::-1],
        "it should be [0.5, 0.5], and yours is": power_of_the_rest,
        "should be an array of shape (1,)": lambda c, p: "even",
        "changes what it was given": shares_its_input,
        "do not round them": lambda c, p: share_of(np.floor(c**p)),
        "after raising to the power": lambda c, p: share_of(c) ** p,
        "do not write 0.75": lambda c, p: share_of(c**0.75),
    },
    "02-analogy": {
        "return the word itself, not int": lambda a, b, c, words, v: words.index(
            answer(a, b, c, words, v)
        ),
        "return the word itself, not list": lambda *q: [answer(*q)],
        "it should be 'sun', and yours is 'blue'": lambda *q: q[3][0],
        "a may be the answer": lambda *q: answer(*q, left_out="bc"),
        "and yours is ''": lambda *q: "",
        "that is the most distant word": lambda *q: answer(*q, of=lambda ranked: ranked[-1]),
        "it should be 'tree', and yours is 'moon'": answer_by_products,
        "changes what it was given": removes_from_its_input,
        "only c is left out": lambda *q: answer(*q, left_out="c"),
        "set the three scores to -np.inf": lambda a, b, c, words, v: words[
            np.argmax(
                (v @ (v[words.index(b)] - v[words.index(a)] + v[words.index(c)]))
                * [word not in (a, b, c) for word in words]
            )
        ],
    },
    "02-predict-people": {
        "people call them similar as well. Guess again": "a",
        "keep different company": "C",
        'with one letter in quotation marks, "a", "b" or "c", not with \'d\'': "d",
        "not with 'opposites'": "opposites",
        "not with 2": 2,
        "not with ['b']": ["b"],
        "not with ''": "",
    },
    "02-ngrams": {
        "return a list of strings, not set": lambda w, n: set(pieces(f"<{w}>", n)),
        "return a list of strings, not of list": lambda w, n: [
            [*piece] for piece in pieces(f"<{w}>", n)
        ],
        "it should be ['<', 'a', '>'], and yours is ['>', 'a', '<']": lambda w, n: pieces(
            f">{w}<", n
        ),
        "n = 5 it should be [], and yours is ['<a>..']": lambda w, n: pieces(
            f"<{w}>".ljust(n, "."), n
        ),
        "n = 5 it should be [], and yours is ['<<a>>']": lambda w, n: pieces(f"<<{w}>>", n),
        "return a list of strings, not str": lambda w, n: f"<{w}>",
        "raised ValueError": lambda w, n: pieces(f"<{w}>", n)[:: max(0, 3 - len(w)) - 1],
        "right for n = 3 alone": lambda w, n: [f"<{w}>"[i : i + n] for i in range(len(w))],
        "exactly n characters": lambda w, n: [f"<{w}>"[i : i + n] for i in range(len(w) + 2)],
        "is the mark > there": lambda w, n: pieces(f"<{w}", n),
        "is listed twice": lambda w, n: list(dict.fromkeys(pieces(f"<{w}>", n))),
    },
}


def some_sentence(rng):
    return rng.choice(["x", "y", "z", "longer"], rng.poisson(4)).tolist(), int(rng.integers(1, 9))


def some_question(rng):
    d, k = rng.integers(1, 13, 2)
    spread = rng.choice([0.3, 3, 30])
    return rng.normal(0, spread, d), rng.normal(0, spread, d), rng.normal(0, spread, (k, d))


def some_counts(rng):
    counts = 1 + rng.zipf(1.5, rng.integers(1, 15)).clip(max=10**6)
    return counts, float(10 ** rng.uniform(-4, -0.5))


def some_powers(rng):
    return rng.integers(1, 10**5, rng.integers(1, 15)), float(rng.uniform(0, 2))


def some_analogy(rng):
    n, d = int(rng.integers(4, 15)), int(rng.integers(3, 9))
    names = [f"w{i}" for i in rng.permutation(n)]
    vectors = rng.normal(size=(n, d)) + rng.choice([0, 1])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return *(names[i] for i in rng.permutation(n)[:3]), names, vectors


def some_word(rng):
    return "".join(rng.choice(LETTERS, rng.integers(1, 16))), int(rng.integers(1, 9))


SECOND = {
    "02-pairs": some_sentence,
    "02-loss": some_question,
    "02-keep": some_counts,
    "02-negatives": some_powers,
    "02-analogy": some_analogy,
    "02-ngrams": some_word,
}
