"""Answers to the exercises of lesson 2; tests/test_exercises.py says what each table is."""

import numpy as np
from exercises.formulas import sigmoid

from course_utils.classroom.checks.lesson_02 import ppmi, step

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


def ppmi_in_a_loop(counts):
    found = np.zeros(counts.shape, np.float32)
    for w, row in enumerate(counts):
        for c, together in enumerate(row):
            if together:
                chance = row.sum() * counts[:, c].sum() / counts.sum()
                found[w, c] = max(0.0, np.log(together / chance))
    return found


def ppmi_by_probabilities(counts):
    p = counts / counts.sum()
    log_p, log_w, log_c = (np.log(np.maximum(x, 1e-30)) for x in (p, p.sum(1), p.sum(0)))
    return np.where(p > 0, np.maximum(log_p - log_w[:, None] - log_c, 0), 0)


def ppmi_in_torch(counts):
    import torch

    counts = torch.tensor(counts)
    chance = torch.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return torch.nan_to_num(counts / chance).clamp(min=1).log()


def ppmi_of_sparse_counts(counts):
    w, c = np.nonzero(counts)
    ratio = counts[w, c] * counts.sum() / (counts.sum(1)[w] * counts.sum(0)[c])
    found = np.zeros_like(counts)
    found[w, c] = np.log(ratio).clip(min=0)
    return found.tolist()


def ppmi_with_one_added(counts):
    """Every pair met once more, which the exercise does not ask for."""
    return ppmi.reference(counts + 1)


def step_in_a_loop(given, asked, inputs, candidates, rate, wanted=lambda place: place == 0):
    new_given, new_asked = given.copy(), asked.copy()
    for w, row in zip(inputs, candidates, strict=True):
        for place, c in enumerate(row):
            surplus = sigmoid(given[w] @ asked[c]) - wanted(place)
            new_given[w] -= rate * surplus * asked[c]
            new_asked[c] -= rate * surplus * given[w]
    return new_given, new_asked


def step_by_one_hot(given, asked, inputs, candidates, rate):
    of_word, of_candidate = np.eye(len(given))[inputs], np.eye(len(asked))[candidates]
    surplus = sigmoid(np.einsum("bkv,vd,bd->bk", of_candidate, asked, of_word @ given))
    surplus[:, 0] -= 1
    of_pair = np.einsum("bk,bkc,bw->wc", surplus, of_candidate, of_word)  # (V, V)
    return given - rate * of_pair @ asked, asked - rate * of_pair.T @ given


def step_in_torch(given, asked, inputs, candidates, rate, reduction="sum"):
    import torch

    tables = [torch.nn.Parameter(torch.tensor(a)) for a in (given, asked)]
    inputs, candidates = torch.tensor(inputs).long(), torch.tensor(candidates).long()
    scores = torch.einsum("bd,bkd->bk", tables[0][inputs], tables[1][candidates])
    answers = torch.zeros_like(scores)
    answers[:, 0] = 1
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    loss(scores, answers, reduction=reduction).backward()
    return [table.detach() - rate * table.grad for table in tables]


def step_in_tensorflow(given, asked, inputs, candidates, rate):
    import tensorflow as tf

    tables = [tf.Variable(a) for a in (given, asked)]
    with tf.GradientTape() as tape:
        v, u = tf.gather(tables[0], inputs), tf.gather(tables[1], candidates)
        scores = tf.linalg.matvec(u, v)
        answers = tf.one_hot(tf.zeros_like(candidates[:, 0]), tf.shape(scores)[1])
        losses = tf.nn.sigmoid_cross_entropy_with_logits(answers, scores)
    for table, gradient in zip(tables, tape.gradient(losses, tables), strict=True):
        table.assign_sub(rate * tf.convert_to_tensor(gradient))
    return tables


def step_with_a_decay(given, asked, inputs, candidates, rate):
    return [0.9 * table for table in step.reference(given, asked, inputs, candidates, rate)]


# What true_share and purity_with measured on the documentation.
SHARES = {
    1: 0.92727634,
    10: 0.86233443,
    50: 0.74434645,
    100: 0.65830523,
    500: 0.47023145,
    1_000: 0.37557445,
    5_000: 0.15139828,
}
CUT = {
    2: (0.29582544, 0.22561669),
    5: (0.38444023, 0.28092979),
    10: (0.61546490, 0.39478178),
    25: (0.67343454, 0.55740038),
    50: (0.68491461, 0.61612903),
    100: (0.67893738, 0.65531309),
}


def shares(*ranks):
    return {rank: SHARES[rank] for rank in ranks}


def purities(*sizes):
    return {size: CUT[size] for size in sizes}


# The lesson measures; the tests take what it measured.
SCOPE = {"true_share": SHARES.__getitem__, "purity_with": CUT.__getitem__}

RIGHT = {
    "02-ppmi": [ppmi_in_a_loop, ppmi_by_probabilities, ppmi_in_torch, ppmi_of_sparse_counts],
    "02-step": [step_in_a_loop, step_by_one_hot, step_in_torch, step_in_tensorflow],
    "02-true-noise": [
        (shares(1, 10, 100, 1_000), "b"),
        (shares(5_000, 500, 10), "B"),
        [{np.int64(rank): np.float64(SHARES[rank]) for rank in (1, 50, 500)}, "(b)"],
    ],
    "02-predict-noise": ["b", "B", " b ", "(b)", "b."],
    "02-cut": [
        (purities(5, 10, 25, 100), "b"),
        (purities(100, 2, 10, 50), "b."),
        [{np.int64(size): list(CUT[size]) for size in (5, 25, 50)}, "B"],
    ],
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
    "02-ppmi": {
        "the shape of your result is": lambda x: ppmi.reference(x).sum(0),
        "it should be [[0, 0]], and yours is [[1, 1]]": lambda x: 1 - ppmi.reference(x),
        "it should be [[0.6931, 0], [0, 0.1335]], and yours is [[0.2877": ppmi_with_one_added,
        "should hold fractions (float), not int": lambda x: ppmi.reference(x).astype(int),
        "keep the positive part: what is less": lambda x: np.where(
            x > 0, np.log(x * x.sum() / np.maximum(np.outer(x.sum(1), x.sum(0)), 1) + 1e-30), 0
        ),
        "in bits": lambda x: ppmi.reference(x) / np.log(2),
        "the sum of all is missing": lambda x: np.maximum(
            0, np.log(np.maximum(x, 1e-9) / np.maximum(np.outer(x.sum(1), x.sum(0)), 1e-9))
        ),
        "which is NaN": lambda x: np.maximum(
            0, np.log(x) + np.log(x.sum()) - np.log(x.sum(1, keepdims=True)) - np.log(x.sum(0))
        ),
    },
    "02-step": {
        "return two arrays: the given and the asked": lambda *a: step.reference(*a)[0],
        "the shape of your given is": lambda g, a, i, c, r: (
            step.reference(g, a, i, c, r)[0][i],
            a,
        ),
        "it should be [[[": step_with_a_decay,
        "as if it were true": lambda *a: step_in_a_loop(*a, wanted=lambda place: 1),
        "the true word is pushed": lambda *a: step_in_a_loop(*a, wanted=lambda place: 0),
        "first in its row, not last": lambda g, a, i, c, r: step_in_a_loop(
            g, a, i, c, r, wanted=lambda place: place == c.shape[1] - 1
        ),
        "reduction='mean'": lambda *a: step_in_torch(*a, reduction="mean"),
        "you climb": lambda g, a, i, c, r: step_by_one_hot(g, a, i, c, -r),
    },
    "02-true-noise": {
        "give two things: a dict {rank: true_share(rank)}": shares(1, 10, 1_000),
        "first, not 'b'": ("b", shares(1, 10, 1_000)),
        "measure at three values or more: you have 2": (shares(1, 1_000), "b"),
        "0 is no whole number above 0": ({0: 0.95234567} | shares(10, 1_000), "b"),
        "return one number, not tuple": (shares(1, 10) | {1_000: ("some", [])}, "b"),
        "not rounded": ({1: 0.927, 100: 0.658, 1_000: 0.376}, "b"),
        "lie between 0 and 1": ({1: 92.72763, 100: 65.83052, 1_000: 37.55745}, "b"),
        "your shares do not fall": (shares(1, 100) | {1_000: SHARES[1]}, "b"),
        "try 10 or less": (shares(50, 100, 1_000), "b"),
        "go to 500 or more": (shares(1, 10, 100), "b"),
        "not worse for it": (shares(1, 10, 1_000), "a"),
        "you changed the word that is given": (shares(1, 10, 1_000), "c"),
        "not with 'frequent words'": (shares(1, 10, 1_000), "frequent words"),
    },
    "02-predict-noise": {
        "says yes to everything": "a",
        "its surplus is the probability minus 1": "C",
        "not with 'nothing'": "nothing",
        "not with 0": 0,
    },
    "02-cut": {
        "give two things: a dict {numbers: purity_with(numbers)}": purities(5, 25, 100),
        "first, not 'b'": ("b", purities(5, 25, 100)),
        "you have 1": (purities(5), "b"),
        "-5 is no whole number": (purities(5, 100) | {-5: CUT[25]}, "b"),
        "at 25 give the two purities that purity_with(25) returns, not 0.5574": (
            purities(5, 100) | {25: CUT[25][1]},
            "b",
        ),
        "return one number, not str": (purities(5, 25) | {100: ("much", 0.65531)}, "b"),
        "not rounded": ({5: (0.384, 0.281), 25: (0.673, 0.557), 100: (0.679, 0.655)}, "b"),
        "to the last digit": (purities(5, 100) | {200: CUT[100]}, "b"),
        "your smallest is 25": (purities(25, 50, 100), "b"),
        "your largest is 25": (purities(2, 5, 25), "b"),
        "about as good as the first": (purities(5, 25, 100), "a"),
        "this one table": (purities(5, 25, 100), "c"),
    },
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


def some_company(rng):
    words, contexts = rng.integers(1, 9, 2)
    counts = rng.poisson(rng.choice([0.3, 2, 20]), (words, contexts)).astype(np.float32)
    counts[0, 0] += 1
    return (counts,)


def some_step(rng):
    batch, n_noise, d = (int(n) for n in rng.integers(1, 6, 3))
    words = int(rng.integers(2, 9))
    given, asked = rng.normal(size=(2, words, d)).astype(np.float32)
    inputs = rng.integers(0, words, batch)
    candidates = rng.integers(0, words, (batch, 1 + n_noise))
    return given, asked, inputs, candidates, float(rng.random() + 0.1)


SECOND = {
    "02-ppmi": some_company,
    "02-step": some_step,
    "02-pairs": some_sentence,
    "02-loss": some_question,
    "02-keep": some_counts,
    "02-negatives": some_powers,
    "02-analogy": some_analogy,
    "02-ngrams": some_word,
}
