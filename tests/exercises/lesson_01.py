"""Answers to the exercises of lesson 1; tests/test_exercises.py says what each table is."""

import math

import numpy as np
from exercises.formulas import softmax, unit_rows

from course_utils.classroom.checks.lesson_01 import cosine, cross_entropy, training_step
from course_utils.training import History


def ranked(word, words, similarity):
    order = [words[i] for i in np.argsort(-similarity, kind="stable")]
    return [other for other in order if other != word]


def likeness(word, words, vectors):
    return unit_rows(vectors) @ unit_rows(vectors)[words.index(word)]


def ends(sequences):
    return np.cumsum([len(s) for s in sequences])


def mask_of(ids):
    return (np.asarray(ids) != 0)[..., None]


def mean_where(vectors, mask):
    return (vectors * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)


def hit_rate(scores, targets, k):
    return (np.argsort(-scores, axis=1)[:, :k] == targets[:, None]).any(axis=1).mean()


def table_with(words, vectors, missing, pad=0.0):
    table = np.stack([np.asarray(vectors.get(w, missing), float) for w in words])
    table[0] = pad
    return table


def mean_of(vectors):
    return np.mean(list(vectors.values()), axis=0)


def cosine_in_a_loop(a, b):
    dot = length_a = length_b = 0.0
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        dot, length_a, length_b = dot + x * y, length_a + x * x, length_b + y * y
    return dot / math.sqrt(length_a * length_b) if length_a * length_b > 0 else 0


def cosine_in_torch(a, b):
    import torch

    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b))
    return torch.nn.functional.cosine_similarity(a, b, dim=0)


def cosine_in_tensorflow(a, b):
    import tensorflow as tf

    unit = [tf.math.l2_normalize(tf.constant(x, tf.float64)) for x in (a, b)]
    return tf.reduce_sum(unit[0] * unit[1])


def flatten_in_a_loop(sequences):
    flat, offsets = [], []
    for sequence in sequences:
        offsets.append(len(flat))
        flat += sequence
    return flat, offsets


def flatten_with_concatenate(sequences):
    lengths = np.array(list(map(len, sequences)))
    flat = np.concatenate([np.array(s, dtype=np.int32) for s in sequences])
    return flat, np.cumsum(lengths) - lengths


def flatten_in_torch(sequences):
    import torch

    flat, offsets = flatten_in_a_loop(sequences)
    return torch.tensor(flat, dtype=torch.long), torch.tensor(offsets)


def mean_in_a_loop(vectors, ids):
    rows = [
        [vector for vector, i in zip(text, row, strict=True) if i != 0]
        for text, row in zip(vectors, ids, strict=True)
    ]
    return np.stack([np.mean(r, axis=0) if r else np.zeros(vectors.shape[2]) for r in rows])


def mean_by_einsum(vectors, ids):
    mask = (ids != 0).astype(np.float32)
    return np.einsum("tld,tl->td", vectors, mask) / mask.sum(axis=1, keepdims=True).clip(min=1)


def recall_in_a_loop(scores, targets, k):
    hits = 0
    for row, target in zip(scores.tolist(), targets.tolist(), strict=True):
        hits += target in sorted(range(len(row)), key=lambda i: -row[i])[:k]
    return hits / len(targets)


def recall_in_torch(scores, targets, k):
    import torch

    best = torch.topk(torch.tensor(scores), k, dim=1).indices
    return (best == torch.tensor(targets)[:, None]).any(1).float().mean()


def recall_by_counting(scores, targets, k):
    own = scores[np.arange(len(targets)), targets]
    return np.mean((scores > own[:, None]).sum(axis=1) < k)


def table_in_a_loop(words, vectors, dimension):
    table = np.zeros((len(words), dimension))
    mean = sum(vectors.values()) / len(vectors)
    for i in range(1, len(words)):
        table[i] = vectors.get(words[i], mean)
    return table


def table_as_lists(words, vectors, dimension):
    mean = mean_of(vectors)
    rows = [list(vectors.get(w, mean)) for w in words[1:]]
    return [[0.0] * dimension, *rows]


def table_in_tensorflow(words, vectors, dimension):
    import tensorflow as tf

    return tf.Variable(table_in_a_loop(words, vectors, dimension), dtype=tf.float32)


def neighbors_in_a_loop(word, words, vectors, k):
    own = vectors[words.index(word)]
    found = {
        other: cosine_in_a_loop(own, vector)
        for other, vector in zip(words, vectors, strict=True)
        if other != word
    }
    return sorted(found, key=lambda other: -found[other])[:k]


def neighbors_by_minus_infinity(word, words, vectors, k):
    scores = likeness(word, words, vectors)
    scores[words.index(word)] = -np.inf
    return tuple(words[i] for i in scores.argsort()[::-1][:k])


def neighbors_by_deletion(word, words, vectors, k):
    others = [w for w in words if w != word]
    scores = np.delete(likeness(word, words, vectors), words.index(word))
    return np.array(others)[np.argsort(-scores)[:k]].tolist()


def found_only(words, vectors, dimension):
    mean = np.mean([vectors[w] for w in words if w in vectors], axis=0)
    return table_with(words, vectors, mean)


def unknown_as_zero(words, vectors, dimension):
    table = table_with(words, vectors, mean_of(vectors))
    table[1] = 0
    return table


def scales_its_input(a, b):
    a /= max(np.linalg.norm(a), 1e-9)
    return a @ b / max(np.linalg.norm(b), 1e-9)


def empties_its_input(sequences):
    flat, offsets = [], []
    for sequence in sequences:
        offsets.append(len(flat))
        while sequence:
            flat.append(sequence.pop(0))
    return flat, offsets


def looks_the_first_word_up(sequences):
    flat, offsets = [], []
    for sequence in sequences:
        flat += sequence
        offsets.append(flat.index(sequence[0]) if sequence else len(flat))
    return flat, offsets


def sorts_its_input(scores, targets, k):
    rate = hit_rate(scores, targets, k)
    scores.sort(axis=1)
    return rate


def adds_to_its_input(words, vectors, dimension):
    for word in words:
        vectors.setdefault(word, mean_of(vectors))
    return table_with(words, vectors, None)


def normalizes_its_input(word, words, vectors, k):
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return ranked(word, words, likeness(word, words, vectors))[:k]


def loss_in_a_loop(logits, labels):
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        largest = max(row)
        total += math.log(sum(math.exp(z - largest) for z in row)) + largest - row[label]
    return total / len(labels)


def loss_by_logaddexp(logits, labels):
    return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels])


def loss_in_torch(logits, labels):
    import torch

    return torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels))


def loss_in_keras(logits, labels):
    import tensorflow as tf

    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.constant(logits))
    return tf.reduce_mean(losses)


def step_by_one_hot(table, weights, ids, labels, rate):
    counts = np.eye(len(table))[ids].mean(axis=1)  # (texts, V)
    to_logits = softmax(counts @ table @ weights) - np.eye(weights.shape[1])[labels]
    to_logits /= len(labels)
    return (
        table - rate * counts.T @ to_logits @ weights.T,
        weights - rate * (counts @ table).T @ to_logits,
    )


def step_in_a_loop(table, weights, ids, labels, rate):
    table, weights = table.astype(float), weights.astype(float)
    new_table, new_weights = table.copy(), weights.copy()
    for text, label in zip(ids, labels, strict=True):
        mean = table[text].mean(axis=0)
        pull = softmax(mean @ weights)
        pull[label] -= 1
        for word in text:
            new_table[word] -= rate * weights @ pull / len(text) / len(ids)
        new_weights -= rate * np.outer(mean, pull) / len(ids)
    return new_table, new_weights


def step_by_differences(table, weights, ids, labels, rate, small=1e-6):
    def loss(flat):
        t, w = flat[: table.size].reshape(table.shape), flat[table.size :].reshape(weights.shape)
        return loss_by_logaddexp(t[ids].mean(axis=1) @ w, labels)

    flat = np.concatenate([table.ravel(), weights.ravel()]).astype(float)
    slopes = [(loss(flat + e) - loss(flat - e)) / 2 / small for e in small * np.eye(len(flat))]
    flat = flat - rate * np.array(slopes)
    return flat[: table.size].reshape(table.shape), flat[table.size :].reshape(weights.shape)


def step_in_torch(table, weights, ids, labels, rate):
    import torch

    weights_of = [torch.nn.Parameter(torch.tensor(a)) for a in (table, weights)]
    ids, labels = torch.tensor(ids).long(), torch.tensor(labels).long()
    bags = torch.nn.functional.embedding_bag(ids, weights_of[0], mode="mean")
    optimizer = torch.optim.SGD(weights_of, lr=rate)
    torch.nn.functional.cross_entropy(bags @ weights_of[1], labels).backward()
    optimizer.step()
    return weights_of


def with_second_softmax(table, weights, ids, labels, rate):
    import torch

    found = [torch.tensor(a, requires_grad=True) for a in (table, weights)]
    p = (found[0][torch.tensor(ids).long()].mean(1) @ found[1]).softmax(1)
    torch.nn.functional.cross_entropy(p, torch.tensor(labels).long()).backward()
    return [(a - rate * a.grad).detach() for a in found]


def exponentials_of(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


# What vocabulary_with and train_with measured on the documentation.
COUNTED = {
    1: (8258, 0.02832979),
    2: (5033, 0.04847953),
    5: (2786, 0.08415750),
    20: (961, 0.19364082),
}
TRAINED = {
    2: ([1.36222, 1.23179, 1.02519], 0.69212),
    4: ([1.33426, 1.06312, 0.70523], 0.82578),
    16: ([1.24213, 0.66542, 0.31347], 0.84248),
    64: ([1.04838, 0.32537, 0.11931], 0.85919),
    256: ([0.82914, 0.16338, 0.03822], 0.85442),
    8: ([1.30132, 0.90791, 0.53645], 0.83532),
    32: ([1.15373, 0.46845, 0.19976], 0.84726),
    128: ([0.92858, 0.22514, 0.06755], 0.85680),
}


def vocabulary_with(count):
    return COUNTED[count]


def train_with(numbers):
    losses, accuracy = TRAINED[numbers]
    return history(losses, accuracy)


def history(losses, accuracy=0.84248):
    rows = [
        {"epoch": i, "train_loss": loss, "validation_accuracy": accuracy, "seconds": 0.2}
        for i, loss in enumerate(losses, start=1)
    ]
    return History(rows, best_epoch=len(rows))


def counted(*counts):
    return {count: COUNTED[count] for count in counts}


def trained(*sizes):
    return {size: train_with(size) for size in sizes}


# The lesson measures; the tests take what it measured.
SCOPE = {"vocabulary_with": vocabulary_with, "train_with": train_with}

RIGHT = {
    "01-predict-padding": ["b", "B", " b ", "(b)", "b."],
    "01-cross-entropy": [loss_in_a_loop, loss_by_logaddexp, loss_in_torch, loss_in_keras],
    "01-training-step": [step_by_one_hot, step_in_a_loop, step_by_differences, step_in_torch],
    "01-minimum-count": [
        (counted(1, 2, 5, 20), "b"),
        (counted(20, 5, 1), "B"),
        [{np.int64(count): list(COUNTED[count]) for count in (1, 2, 20)}, "(b)"],
    ],
    "01-dimension": [
        (trained(4, 16, 64), "b"),
        (trained(2, 4, 16, 64, 256), "b."),
        [{np.int64(256): train_with(256), **trained(16, 2)}, "B"],
    ],
    "01-predict-neighbors": ["b", "B", " b ", "(b)"],
    "01-cosine": [
        lambda a, b: a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-9),
        cosine_in_a_loop,
        cosine_in_torch,
        cosine_in_tensorflow,
    ],
    "01-flatten": [
        lambda s: (sum(s, []), [0, *ends(s)[:-1]]),
        flatten_in_a_loop,
        flatten_with_concatenate,
        flatten_in_torch,
    ],
    "01-masked-mean": [
        lambda v, i: mean_where(v, mask_of(i)),
        mean_in_a_loop,
        mean_by_einsum,
        lambda v, i: np.nan_to_num((v * mask_of(i)).sum(1) / mask_of(i).sum(1)).tolist(),
    ],
    "01-recall": [hit_rate, recall_in_a_loop, recall_in_torch, recall_by_counting],
    "01-load-table": [
        lambda w, v, d: table_with(w, v, mean_of(v)),
        table_in_a_loop,
        table_as_lists,
        table_in_tensorflow,
    ],
    "01-neighbors": [
        lambda w, ws, v, k: ranked(w, ws, likeness(w, ws, v))[:k],
        neighbors_in_a_loop,
        neighbors_by_minus_infinity,
        neighbors_by_deletion,
    ],
}

WRONG = {
    "01-predict-padding": {
        "the sum is divided by 64": "a",
        "the direction stays": "C",
        "not with 'shorter'": "shorter",
        "not with 1": 1,
    },
    "01-predict-neighbors": {
        "what PCA keeps": "a",
        "as much as 384": "(c)",
        'with one letter in quotation marks, "a", "b" or "c", not with 4': 4,
    },
    "01-cross-entropy": {
        "not ndarray of shape": lambda z, y: -np.log(softmax(z)),
        "it should be 1.313, and yours is 2.313": lambda z, y: cross_entropy.reference(z, y) + 1,
        "np.exp overflows": lambda z, y: -np.log(exponentials_of(z)[np.arange(len(y)), y]).mean(),
        "a probability of 0 has no logarithm": lambda z, y: (
            -np.log(softmax(z)[np.arange(len(y)), y]).mean()
        ),
        "there are two softmaxes": lambda z, y: cross_entropy.reference(softmax(z), y),
        "and yours is 30": lambda z, y: min(30.0, cross_entropy.reference(z, y)),
        "raised IndexError": lambda z, y: -np.log(softmax(z))[y + 7].mean(),
        "changes what it was given": lambda z, y: cross_entropy.reference(
            np.subtract(z, z.max(axis=1, keepdims=True), out=z), y
        ),
    },
    "01-training-step": {
        "return two arrays: the table and the weights": lambda t, w, i, y, r: (
            training_step.reference(t, w, i, y, r)[0]
        ),
        "the shape of your": lambda t, w, i, y, r: (
            training_step.reference(t, w, i, y, r)[0][i],
            w,
        ),
        "a second softmax": with_second_softmax,
        "both gradients before you move": lambda t, w, i, y, r: (
            training_step.reference(t, training_step.reference(t, w, i, y, r)[1], i, y, r)[0],
            training_step.reference(t, w, i, y, r)[1],
        ),
        "you climb": lambda t, w, i, y, r: step_by_one_hot(t, w, i, y, -r),
        "it should be [[": lambda t, w, i, y, r: [
            a * 0.9 for a in training_step.reference(t, w, i, y, r)
        ],
    },
    "01-minimum-count": {
        "give two things: a dict {count: vocabulary_with(count)}": counted(1, 2, 20),
        "first, not 'b'": ("b", counted(1, 2, 20)),
        "measure at three values or more: you have 2": (counted(1, 20), "b"),
        "0.5 is no whole number above 0": ({0.5: (9, 0.1)} | counted(1, 2), "b"),
        "at 5 give what vocabulary_with(5) returns, not 2786": (
            counted(1, 2, 20) | {5: 2786},
            "b",
        ),
        "return one number, not str": (counted(1, 2) | {20: ("many", 0.3)}, "b"),
        "a higher count leaves fewer words": (counted(1, 2, 20) | {5: COUNTED[1]}, "b"),
        "not rounded": ({1: (8258, 0.028), 2: (5033, 0.048), 20: (961, 0.194)}, "b"),
        "begin with 1": ({2: COUNTED[2], 5: COUNTED[5], 20: COUNTED[20]}, "b"),
        "go further than 5": (counted(1, 2, 5), "b"),
        "they stay until the end": (counted(1, 2, 20), "a"),
        "training never saw": (counted(1, 2, 20), "c"),
        "not with 'rare ones'": (counted(1, 2, 20), "rare ones"),
    },
    "01-dimension": {
        "give two things: a dict {dimension: train_with(dimension)}": trained(4, 16, 64),
        "first, not": (train_with(4), "b"),
        "you have 1": (trained(4), "b"),
        "True is no whole number": ({True: train_with(4)} | trained(16, 64), "b"),
        "at 64 give the history that train_with(64) returns, not 0.8592": (
            trained(4, 16) | {64: 0.85919},
            "b",
        ),
        "differ in length": (trained(4, 16) | {64: history([1.01234, 0.51234])}, "b"),
        "equal to the last digit": (trained(4, 16) | {64: train_with(16)}, "b"),
        "as they were measured": (trained(4, 16) | {64: history([1.048, 0.325, 0.119])}, "b"),
        "numbers above 0": (trained(4, 16) | {64: history([1.04812, np.nan, np.nan])}, "b"),
        "your smallest is 16": (trained(16, 64, 256), "b"),
        "your largest is 16": (trained(2, 4, 16), "b"),
        "as much as the one before": (trained(4, 16, 64), "a"),
        "so it was trained": (trained(4, 16, 64), "c"),
    },
    "01-cosine": {
        "returns nothing: it prints": lambda a, b: print(a @ b),
        "it should be -1, and yours is 1": lambda a, b: abs(cosine.reference(a, b)),
        "b = [0] it should be 0, and yours is 1": lambda a, b: (
            cosine.reference(a, b) if a.any() and b.any() else 1.0
        ),
        "[0, 1] it should be 0, and yours is 1": lambda a, b: (
            cosine.reference(a, b) if a @ b else float(a.any() and b.any())
        ),
        "not ndarray of shape": lambda a, b: a * b,
        "changes what it was given": scales_its_input,
        "'>' not supported": lambda a, b: a @ b if "1" > 0 else 0,
        "squared lengths": lambda a, b: a @ b / max((a @ a) * (b @ b), 1e-20),
    },
    "01-flatten": {
        "return two arrays": lambda s: np.array(sum(s, [])),
        "offsets should hold whole numbers": lambda s: (
            sum(s, []),
            np.cumsum([0.0, *map(len, s[:-1])]),
        ),
        "flat ids should hold whole numbers": lambda s: (
            np.array(sum(s, []), float),
            [0, *ends(s)[:-1]],
        ),
        "it should be [[5, 8], [0, 1]], and yours is [[8, 5], [0, 1]]": lambda s: (
            sum(s[::-1], []),
            [0, *ends(s)[:-1]],
        ),
        "flat ids should be an array of whole numbers (int), not one number": lambda s: (6, 3),
        "it should be [[5, 5], [0, 1]], and yours is [[5, 5], [0, 0]]": looks_the_first_word_up,
        "and yours is [[], [0, 1]]": lambda s: (sum(s, []), list(range(len(s)))),
        "changes what it was given": empties_its_input,
        "the ends of the texts": lambda s: (sum(s, []), ends(s)),
    },
    "01-masked-mean": {
        "by its id, not by its position": lambda v, i: mean_where(
            v, (np.arange(i.shape[1]) < (i != 0).sum(1)[:, None])[..., None]
        ),
        "it should be [[0, 0, 0]], and yours is [[1, 1, 1]]": lambda v, i: (
            mean_where(v, mask_of(i)) + ~i.any(axis=1)[:, None]
        ),
        "it should be [[1.5, 0, 0]], and yours is [[2.5, 1, 1]]": lambda v, i: (
            mean_where(v, mask_of(i)) + 1
        ),
        "fractions (float), not int64": lambda v, i: mean_where(v, mask_of(i)).astype(int),
        "one row for each text": lambda v, i: v.mean(axis=(0, 1)),
        "it should be [[1.5, 0, 0]], and yours is [[3, 3, 0]]": lambda v, i: np.where(
            i.all(axis=1)[:, None], v.max(axis=1), mean_where(v, mask_of(i))
        ),
        "gives NaN": lambda v, i: (v * mask_of(i)).sum(1) / mask_of(i).sum(1),
    },
    "01-recall": {
        "not ndarray of shape": lambda s, t, k: s.argmax(1) == t,
        "and yours is 0.75": lambda s, t, k: hit_rate(s, t, k) * 0.75,
        "changes what it was given": sorts_its_input,
        "rank the items of each user": lambda s, t, k: (
            np.argsort(np.argsort(-s, axis=0), axis=0)[np.arange(len(t)), t] < k
        ).mean(),
        "it should be 0, and yours is 1": lambda s, t, k: float(hit_rate(s, t, k) > 0 or k > 1),
        "raised IndexError": lambda s, t, k: hit_rate(s[:, : t[5]], t, k),
    },
    "01-load-table": {
        "it should be [[0], [-1], [1]], and yours is [[0], [1], [1]]": lambda w, v, d: table_with(
            w, v, np.ones(d)
        ),
        "rows of their own": lambda w, v, d: table_with(w, v, mean_of(v))[2:],
        "a row for each word": lambda w, v, d: table_with(w, v, mean_of(v))[1:],
        "fractions (float), not int64": lambda w, v, d: table_with(w, v, mean_of(v)).astype(int),
        "different lengths": lambda w, v, d: [v.get(x, [0.0] * (d + 1)) for x in w],
        "changes what it was given": adds_to_its_input,
        "the found words only": found_only,
        "the unknown word got zeros": unknown_as_zero,
        "whatever the source says": lambda w, v, d: np.stack([v.get(x, mean_of(v)) for x in w]),
    },
    "01-neighbors": {
        "a list of words, not of tuple": lambda w, ws, v, k: [(x, 1.0) for x in ws[1 : k + 1]],
        "words[i] alone is the word": lambda w, ws, v, k: [1, 3][:k],
        "for k=1 you return 2 words": lambda w, ws, v, k: ranked(w, ws, likeness(w, ws, v)),
        "and yours is ['tiger'": lambda w, ws, v, k: ["tiger", "dog", "sun", "sea", "sky"][:k],
        "changes what it was given": normalizes_its_input,
        "Euclidean distance": lambda w, ws, v, k: ranked(
            w, ws, -np.linalg.norm(v - v[ws.index(w)], axis=1)
        )[:k],
        "it should be ['fish', 'moon'], and yours is ['moon', 'fish']": lambda w, ws, v, k: ranked(
            w, ws, likeness(w, ws, v - v.mean(axis=0))
        )[:k],
    },
}


def some_vectors(rng):
    a, b = rng.normal(size=(2, rng.integers(1, 12))) * rng.choice([0, 1e-3, 1, 50], (2, 1))
    return a, b * rng.choice([1, -1])


def some_texts(rng):
    return ([rng.integers(0, 30, rng.poisson(2)).tolist() for _ in range(rng.integers(1, 9))],)


def some_padded(rng):
    shape = rng.integers(1, 8, 3)
    ids = rng.integers(1, 20, shape[:2]) * (rng.random(shape[:2]) < rng.random())
    return rng.normal(size=shape).astype(np.float32), ids


def some_scores(rng):
    users, items = rng.integers(1, 10, 2)
    scores = rng.permuted(np.tile(np.linspace(-1, 1, items), (users, 1)), axis=1)
    return scores, rng.integers(0, items, users), int(rng.integers(1, items + 1))


def some_source(rng):
    names, d = ["[PAD]", "[UNK]", *map(str, range(rng.integers(1, 9)))], rng.integers(1, 7)
    known = [w for w in [*names, "other", "more"] if rng.random() < 0.6] or ["more"]
    return names, {w: rng.normal(size=d) for w in known}, int(d)


def some_words(rng):
    n = int(rng.integers(2, 14))
    names = [f"w{i}" for i in rng.permutation(n)]
    return names[rng.integers(n)], names, rng.normal(size=(n, 3)) + 0.5, int(rng.integers(1, n))


def some_logits(rng):
    texts, classes = rng.integers(1, 9, 2)
    logits = rng.normal(size=(texts, classes)) * rng.choice([1, 10, 2000])
    return logits, rng.integers(0, classes, texts)


def some_step(rng):
    texts, length, dimension, classes = rng.integers(1, 6, 4)
    words = int(rng.integers(1, 9))
    table = rng.normal(size=(words, dimension)).astype(np.float32)
    weights = rng.normal(size=(dimension, classes + 1)).astype(np.float32)
    ids, labels = rng.integers(0, words, (texts, length)), rng.integers(0, classes + 1, texts)
    return table, weights, ids, labels, float(rng.random() + 0.1)


SECOND = {
    "01-cross-entropy": some_logits,
    "01-training-step": some_step,
    "01-cosine": some_vectors,
    "01-flatten": some_texts,
    "01-masked-mean": some_padded,
    "01-recall": some_scores,
    "01-load-table": some_source,
    "01-neighbors": some_words,
}
