"""Answers to the exercises of lesson 1; tests/test_exercises.py says what each table is."""

import numpy as np
from exercises.formulas import unit_rows

CONTEXT = {"01-masked-mean": {"to_tensor": np.array, "to_numpy": np.asarray}}


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


def masks_its_input(vectors, ids):
    vectors *= mask_of(ids)
    return mean_where(vectors, mask_of(ids))


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


RIGHT = {
    "01-cosine": lambda a, b: a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-9),
    "01-flatten": lambda s: (sum(s, []), [0, *ends(s)[:-1]]),
    "01-masked-mean": lambda v, i: mean_where(v, mask_of(i)),
    "01-recall": hit_rate,
    "01-load-table": lambda w, v, d: table_with(w, v, mean_of(v)),
    "01-neighbors": lambda w, ws, v, k: ranked(w, ws, likeness(w, ws, v))[:k],
}

WRONG = {
    "01-cosine": {
        "that is the dot product": lambda a, b: a @ b,
        "the squared lengths": lambda a, b: a @ b / max((a @ a) * (b @ b), 1),
        "one length only": lambda a, b: a @ b / max(np.linalg.norm(a), 1e-9),
        "cosine distance": lambda a, b: 1 - a @ b / np.sqrt((a @ a) * (b @ b)),
        "returns NaN": lambda a, b: a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
        "opposite directions": lambda a, b: abs(a @ b) / max(1e-9, np.sqrt((a @ a) * (b @ b))),
        "all zeros the cosine is 0, but you return 1": lambda a, b: (
            a @ b / np.sqrt((a @ a) * (b @ b)) if a.any() and b.any() else 1.0
        ),
        "not ndarray of shape (2,)": lambda a, b: a * b,
        "changes what it was given": scales_its_input,
    },
    "01-flatten": {
        "the ends of the texts": lambda s: (sum(s, []), ends(s)),
        "these are the lengths": lambda s: (sum(s, []), [len(x) for x in s]),
        "one offset too many": lambda s: (sum(s, []), [0, *ends(s)]),
        "the flat ids first": lambda s: ([0, *ends(s)[:-1]], sum(s, [])),
        "return two arrays": lambda s: np.array(sum(s, [])),
        "offsets should hold whole numbers": lambda s: (
            sum(s, []),
            np.cumsum([0.0, *map(len, s[:-1])]),
        ),
        "flat ids should hold whole numbers": lambda s: (np.array(sum(s, []), float), ends(s)),
        "put all ids in one row": lambda s: (sum(s[::-1], []), [0, *ends(s)[:-1]]),
        "flat ids should be an array of whole numbers (int), not one number": lambda s: (6, 3),
        "they should be [0, 3, 4]": lambda s: (sum(s, []), list(range(len(s)))),
        "an empty text takes no room": lambda s: (
            sum(s, []),
            [0, *ends([x or [0] for x in s])[:-1]],
        ),
        "changes what it was given": empties_its_input,
    },
    "01-masked-mean": {
        "padding is averaged in": lambda v, i: v.mean(axis=1),
        "by the padded length": lambda v, i: (v * mask_of(i)).sum(axis=1) / v.shape[1],
        "that is the sum": lambda v, i: (v * mask_of(i)).sum(axis=1),
        "numbers of each word": lambda v, i: v.mean(axis=2),
        "gives NaN": lambda v, i: (v * mask_of(i)).sum(1) / mask_of(i).sum(1),
        "id 1 was left out": lambda v, i: mean_where(v, (i > 1)[..., None]),
        "by its id, not by its place": lambda v, i: mean_where(
            v, (np.arange(6) < (i != 0).sum(1)[:, None])[..., None]
        ),
        "two words and four paddings": lambda v, i: mean_where(v, mask_of(i)) + 1,
        "without padding is not right": lambda v, i: np.where(
            i.all(axis=1)[:, None], v.max(axis=1), mean_where(v, mask_of(i))
        ),
        "should give zeros": lambda v, i: mean_where(v, mask_of(i)) + ~i.any(axis=1)[:, None],
        "fractions (float), not int64": lambda v, i: mean_where(v, mask_of(i)).astype(int),
        "is (5,); it should be (4, 5)": lambda v, i: v.mean(axis=(0, 1)),
        "changes what it was given": masks_its_input,
    },
    "01-recall": {
        "at the best item only": lambda s, t, k: (s.argmax(1) == t).mean(),
        "the lowest scores": lambda s, t, k: hit_rate(-s, t, k),
        "the share of hits": lambda s, t, k: hit_rate(s, t, k) * len(t),
        "do not divide by k": lambda s, t, k: hit_rate(s, t, k) / k,
        "for k=1 and four items": lambda s, t, k: hit_rate(s, t, k + 1),
        "not ndarray of shape (4,)": lambda s, t, k: s.argmax(1) == t,
        "changes what it was given": sorts_its_input,
    },
    "01-load-table": {
        "shifted by two": lambda w, v, d: np.roll(table_with(w, v, mean_of(v)), -2, axis=0),
        "shifted downward": lambda w, v, d: np.roll(table_with(w, v, mean_of(v)), 1, axis=0),
        "a missing word got zeros": lambda w, v, d: table_with(w, v, np.zeros(d)),
        "should get the mean of all": lambda w, v, d: table_with(w, v, np.ones(d)),
        "padding word should be zeros": lambda w, v, d: table_with(w, v, mean_of(v), pad=1.0),
        "rows of their own": lambda w, v, d: table_with(w, v, mean_of(v))[2:],
        "is (2, 3); it should be (5, 3)": lambda w, v, d: np.stack([v[x] for x in w if x in v]),
        "fractions (float), not int64": lambda w, v, d: table_with(w, v, mean_of(v)).astype(int),
        "the found words only": found_only,
        "the unknown word is missing": unknown_as_zero,
        "different lengths": lambda w, v, d: [v.get(x, [0.0]) for x in w],
        "changes what it was given": adds_to_its_input,
    },
    "01-neighbors": {
        "the word itself": lambda w, ws, v, k: [w, *ranked(w, ws, likeness(w, ws, v))][:k],
        "the longest vector wins": lambda w, ws, v, k: ranked(w, ws, v @ v[ws.index(w)])[:k],
        "most distant": lambda w, ws, v, k: ranked(w, ws, -likeness(w, ws, v))[:k],
        "the nearest should come first": lambda w, ws, v, k: RIGHT["01-neighbors"](w, ws, v, k)[
            ::-1
        ],
        "for k=2 you return 4 words": lambda w, ws, v, k: ranked(w, ws, likeness(w, ws, v)),
        "by name, not place": lambda w, ws, v, k: [
            ws[i] for i in np.argsort(-likeness(w, ws, v).round(9), kind="stable")[1 : k + 1]
        ],
        "a list of words, not of tuple": lambda w, ws, v, k: [(x, 1.0) for x in ws[1 : k + 1]],
        "words[i] alone is the word": lambda w, ws, v, k: [1, 3],
        "which is not in `words`": lambda w, ws, v, k: ["tiger", "dog"],
        "changes what it was given": normalizes_its_input,
    },
}
