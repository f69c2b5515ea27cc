"""Answers to the exercises of lesson 2; tests/test_exercises.py says what each table is."""

import numpy as np


def pairs(words, window, step=1, least=1, key=lambda i, words: words[i]):
    n = len(words)
    return [
        (key(i, words), key(j, words))
        for i in range(0, n, step)
        for j in range(n)
        if least <= abs(i - j) <= window
    ]


def by_distance(words, window):
    order = sorted(pairs(range(len(words)), window), key=lambda p: abs(p[0] - p[1]))
    return [(words[i], words[j]) for i, j in order]


def shuffles_its_input(words, window):
    found = pairs(words, window)
    words.reverse()
    return found


def log_sigmoid(score):
    return np.log(1 / (1 + np.exp(-score)))


def softplus(score):
    return np.logaddexp(0, score)


def scales_its_input(v, u_true, u_noise):
    v *= 2
    return softplus(-u_true @ v / 2) + softplus(u_noise @ v / 2).sum()


def share_of(counts):
    return counts / counts.sum()


def keep(share, threshold):
    return (np.sqrt(share / threshold) + 1) * threshold / share


def divides_its_input(counts, power):
    counts /= counts.sum()
    return share_of(counts**power)


def answer(a, b, c, words, vectors, signs=(-1, 1, 1), exclude="abc"):
    rows = {"a": words.index(a), "b": words.index(b), "c": words.index(c)}
    query = np.array(signs) @ vectors[list(rows.values())]
    left_out = {rows[name] for name in exclude}
    ranked = np.argsort(-vectors @ query)
    return next(words[i] for i in ranked if i not in left_out)


def removes_from_its_input(a, b, c, words, vectors):
    found = answer(a, b, c, words, vectors)
    for word in (a, b, c):
        words.remove(word)
    return found


def pieces(marked, n):
    return [marked[i : i + n] for i in range(len(marked) - n + 1)]


RIGHT = {
    "02-pairs": lambda w, k: [
        (x, y) for i, x in enumerate(w) for y in w[max(0, i - k) : i] + w[i + 1 : i + 1 + k]
    ],
    "02-loss": lambda v, u, n: (
        -np.minimum(u @ v, 0) + np.log1p(np.exp(-abs(u @ v))) + sum(softplus(row @ v) for row in n)
    ),
    "02-keep": lambda c, t: [min(1, (t / f) ** 0.5 + t / f) for f in share_of(c)],
    "02-noise": lambda c, p: np.array([x**p for x in c]) / sum(x**p for x in c),
    "02-analogy": answer,
    "02-ngrams": lambda w, n: [
        "".join(piece) for piece in zip(*(f"<{w}>"[i:] for i in range(n)), strict=False)
    ],
}

WRONG = {
    "02-pairs": {
        "its own place": lambda w, k: pairs(w, k, least=0),
        "to the right only": lambda w, k: [
            (w[i], w[j]) for i in range(len(w)) for j in range(i + 1, min(len(w), i + 1 + k))
        ],
        "to the left only": lambda w, k: [
            (w[i], w[j]) for i in range(len(w)) for j in range(max(0, i - k), i)
        ],
        "may be equal to the window": lambda w, k: pairs(w, k - 1),
        "these are places": lambda w, k: pairs(w, k, key=lambda i, words: i),
        "the middle word comes first": lambda w, k: [(y, x) for x, y in pairs(w, k)],
        "not in reading order": by_distance,
        "the pairs of a b c d with window 1": lambda w, k: pairs(w, 2),
        "make 10 pairs, but you find 6": lambda w, k: pairs(w, 1),
        "compare places": lambda w, k: [(x, y) for x, y in pairs(w, k) if x != y],
        "a single word has no pair": lambda w, k: pairs(w, k) or [(w[0], w[0])],
        "return a list of pairs": lambda w, k: w,
        "changes what it was given": shuffles_its_input,
    },
    "02-loss": {
        "a loss is positive": lambda v, u, n: log_sigmoid(u @ v) + log_sigmoid(-n @ v).sum(),
        "do not average": lambda v, u, n: softplus(-u @ v) + softplus(n @ v).mean(),
        "as if they were true": lambda v, u, n: softplus(-u @ v) + softplus(-n @ v).sum(),
        "sign of the true pair's score": lambda v, u, n: softplus(u @ v) + softplus(n @ v).sum(),
        "the true pair is missing": lambda v, u, n: softplus(n @ v).sum(),
        "the noise words are missing": lambda v, u, n: softplus(-u @ v),
        "in bits": lambda v, u, n: (softplus(-u @ v) + softplus(n @ v).sum()) / np.log(2),
        "for scores 1, and 2 and -1 of noise": lambda v, u, n: -u @ v + (n @ v).sum(),
        "overflows": lambda v, u, n: -log_sigmoid(u @ v) - log_sigmoid(-n @ v).sum(),
        "return one number": lambda v, u, n: softplus(-u @ v) + softplus(n @ v),
        "changes what it was given": scales_its_input,
    },
    "02-keep": {
        "cut it at 1": lambda c, t: keep(share_of(c), t),
        "the probability to be dropped": lambda c, t: 1 - np.minimum(1, keep(share_of(c), t)),
        "that is the paper's formula": lambda c, t: np.minimum(1, np.sqrt(t / share_of(c))),
        "the counts themselves": lambda c, t: np.minimum(1, keep(c, t)),
        "the chances are": lambda c, t: share_of(c),
        "shape (5,)": lambda c, t: np.minimum(1, keep(share_of(c), t)).mean(),
    },
    "02-noise": {
        "the chances must sum to 1": lambda c, p: c**p,
        "after raising to the power": lambda c, p: share_of(c) ** p,
        "the power is not used": lambda c, p: share_of(c),
        "do not write 0.75": lambda c, p: share_of(c**0.75),
        "the chances are": lambda c, p: share_of(c**-p),
        "shape (3,)": lambda c, p: (c**p).max() / (c**p).sum(),
        "changes what it was given": divides_its_input,
    },
    "02-analogy": {
        "woman is one of the question's own words": lambda *q: answer(*q, exclude=""),
        "king is one of the question's own words": lambda *q: answer(*q, exclude="c"),
        "the wrong way": lambda *q: answer(*q, signs=(1, -1, 1)),
        "nearest to c alone": lambda *q: answer(*q, signs=(0, 0, 1)),
        "one of the three words is missing": lambda *q: answer(*q, signs=(-1, 1, 0)),
        "the signs are wrong": lambda *q: answer(*q, signs=(1, 1, 1)),
        "but you answer prince": lambda *q: "prince",
        "return the word itself": lambda a, b, c, words, v: words.index(answer(a, b, c, words, v)),
        "changes what it was given": removes_from_its_input,
    },
    "02-ngrams": {
        "the marks < and > are missing": pieces,
        "the last piece is missing": lambda w, n: pieces(f"<{w}>", n)[:-1],
        "exactly n characters": lambda w, n: [f"<{w}>"[i : i + n] for i in range(len(w) + 2)],
        "they should be": lambda w, n: sorted(pieces(f"<{w}>", n)),
        "do not write 3": lambda w, n: pieces(f"<{w}>", 3),
        "is listed twice": lambda w, n: list(dict.fromkeys(pieces(f"<{w}>", n))),
        "return an empty list": lambda w, n: pieces(f"<{w}>", n) or [f"<{w}>"],
        "return a list of strings": lambda w, n: set(pieces(f"<{w}>", n)),
    },
}
