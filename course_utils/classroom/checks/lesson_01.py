"""How the exercises of lesson 1 are checked."""

from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import array, number, pair, strings
from course_utils.classroom.checks.inputs import distinct, numbers, sizes, words
from course_utils.classroom.exercises import exercise
from course_utils.classroom.net import Wrong

Rng = np.random.Generator


def _two_vectors(rng: Rng, size: int) -> tuple:
    """Two vectors of one length, now and then one of zeros or both in one direction."""
    dimension = int(rng.integers(1, size + 2))
    a, b = numbers(rng, dimension), numbers(rng, dimension)
    return [(a, b), (a * 0, b), (a, b * 0), (a, -2 * a), (a, b)][rng.integers(5)]


@exercise(
    "01-cosine",
    grade="first steps",
    inputs=_two_vectors,
    returns=lambda answer, wanted: number(answer),
    examples=((np.array([3.0, 4.0]), np.array([4.0, 3.0])), (np.array([1, 0]), np.array([0, 1]))),
    praise="equal directions give 1, right angles 0, and length does not matter.",
    hint="np.linalg.norm(a) is the length of a. What should happen when it is 0?",
)
def cosine(a: np.ndarray, b: np.ndarray) -> float:
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / lengths) if lengths else 0.0


@cosine.mistake("that is the dot product: divide it by both lengths.")
def _(a, b):
    return a @ b


@cosine.mistake("you divided by the squared lengths: take the square roots.")
def _(a, b):
    return a @ b / max((a @ a) * (b @ b), 1e-30)


@cosine.mistake("you divided by one length only: divide by both.")
def _(a, b):
    return a @ b / (np.linalg.norm(a) or 1)


@cosine.mistake("that is the cosine distance, 1 minus the cosine.")
def _(a, b):
    return 1 - cosine.reference(a, b)


@cosine.mistake("where a length is zero you divide zero by zero.")
def _(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def _texts(rng: Rng, size: int) -> tuple:
    """Lists of ids, some of them empty, with repeats inside and between them."""
    lengths = rng.integers(0, size + 1, rng.integers(1, size + 2))
    return ([rng.integers(1, 9, length).tolist() for length in lengths],)


def _ids_and_offsets(answer: Any, wanted: Any) -> Any:
    flat, offsets = pair(answer, ("flat ids", "offsets"), of="int")
    return flat.astype(int), offsets.astype(int)


@exercise(
    "01-flatten",
    grade="first steps",
    inputs=_texts,
    returns=_ids_and_offsets,
    examples=(([[5, 6, 7], [8], [9, 4]],), ([[5], [5]],), ([[1], []],), ([[], [7, 7]],)),
    praise="each offset points at the first word of its text, also after an empty text.",
    hint="The first text starts at 0. The second starts where the first one ends.",
)
def flatten(sequences: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(sequence) for sequence in sequences]
    flat = np.array([i for sequence in sequences for i in sequence], dtype=int)
    return flat, np.cumsum([0, *lengths[:-1]])


@flatten.mistake("return the flat ids first, then the offsets.")
def _(sequences):
    return flatten.reference(sequences)[::-1]


@flatten.mistake("these are the ends of the texts; an offset is where a text starts.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([len(s) for s in sequences])


@flatten.mistake("these are the lengths; add up the lengths of the texts before.")
def _(sequences):
    return flatten.reference(sequences)[0], np.array([len(s) for s in sequences])


@flatten.mistake("one offset too many: the end of the last text is no start.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([0, *map(len, sequences)])


@flatten.mistake("an empty text takes no room: the next one starts at the same place.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([0, *(len(s) or 1 for s in sequences[:-1])])


def _padded(rng: Rng, size: int) -> tuple:
    """Vectors and ids; padding (0) may stand anywhere, and may be all there is."""
    n_texts, length, dimension = sizes(rng, 3, size)
    ids = rng.integers(0, 4, (n_texts, length))
    ids[rng.integers(n_texts)] *= rng.integers(2)
    return numbers(rng, n_texts, length, dimension, dtype=np.float32), ids


@exercise(
    "01-masked-mean",
    grade="the idea",
    tensors=True,
    inputs=_padded,
    returns=lambda answer, wanted: array(answer, wanted.shape, "one row for each text", of="float"),
    praise="padding counts neither in the sum nor in the number of words.",
    hint="Make a mask of 1 for words and 0 for padding, with one more axis at the end. Divide by "
    "at least 1: clamp(min=1) in PyTorch, tf.maximum(..., 1) in TensorFlow.",
)
def masked_mean(vectors: np.ndarray, ids: np.ndarray) -> np.ndarray:
    mask = (ids != 0)[..., None]  # (texts, length, 1)
    return (vectors * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)


@masked_mean.mistake("padding is averaged in: it must not count.")
def _(vectors, ids):
    return vectors.mean(axis=1)


@masked_mean.mistake("the sum is right, but you divide by the padded length.")
def _(vectors, ids):
    return (vectors * (ids != 0)[..., None]).mean(axis=1)


@masked_mean.mistake("that is the sum: divide by the number of words.")
def _(vectors, ids):
    return (vectors * (ids != 0)[..., None]).sum(axis=1)


@masked_mean.mistake("you averaged the numbers of each word: average over the words, axis 1.")
def _(vectors, ids):
    return vectors.mean(axis=2)


@masked_mean.mistake("a text of padding only gives NaN: divide by at least 1.")
def _(vectors, ids):
    mask = (ids != 0)[..., None]
    return (vectors * mask).sum(axis=1) / mask.sum(axis=1)


@masked_mean.mistake("Id 1 was left out, but only id 0 is padding.")
def _(vectors, ids):
    return masked_mean.reference(vectors, ids * (ids > 1))


@masked_mean.mistake("padding may stand anywhere: mask it by its id, not by its position.")
def _(vectors, ids):
    words_first = np.arange(ids.shape[1]) < (ids != 0).sum(axis=1, keepdims=True)
    return masked_mean.reference(vectors, words_first)


def _ranking(rng: Rng, size: int) -> tuple:
    """Scores without ties, one target a row, and k up to the number of items."""
    n_users, n_items = sizes(rng, 2, size)
    targets = rng.integers(0, n_items, n_users)
    return distinct(rng, n_users, n_items), targets, int(rng.integers(1, n_items + 1))


@exercise(
    "01-recall",
    grade="the idea",
    inputs=_ranking,
    returns=lambda answer, wanted: number(answer),
    praise="the target counts wherever it stands among the k best.",
    hint="np.argsort(-scores, axis=1)[:, :k] gives the k best items of each row.",
)
def recall(scores: np.ndarray, targets: np.ndarray, k: int) -> float:
    best = np.argsort(-scores, axis=1)[:, :k]  # (users, k)
    return float((best == targets[:, None]).any(axis=1).mean())


@recall.mistake("you look at the best item only: use k.")
def _(scores, targets, k):
    return recall.reference(scores, targets, 1)


@recall.mistake("you take the lowest scores: argsort goes upward.")
def _(scores, targets, k):
    return recall.reference(-scores, targets, k)


@recall.mistake("return the share of hits, not their number.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k) * len(targets)


@recall.mistake("do not divide by k: a row is a hit or it is not.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k) / k


@recall.mistake("you look at one item too many.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k + 1)


@recall.mistake("you look at one item too few.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k - 1)


@recall.mistake("you rank the users of each item (axis 0): rank the items of each user, axis 1.")
def _(scores, targets, k):
    ranks = np.argsort(np.argsort(-scores, axis=0), axis=0)  # (users, items)
    return float((ranks[np.arange(len(targets)), targets] < k).mean())


def _source(rng: Rng, size: int) -> tuple:
    """Words of which some have a vector, now and then the padding word, too."""
    dimension = int(rng.integers(1, size + 2))
    names = ["<pad>", "<unk>", *words(rng, size)]
    known = [*names[2 + rng.integers(size) :], *("sea", "sky")[rng.integers(2) :]]
    known += names[: rng.integers(3)]
    vectors = {w: numbers(rng, dimension, dtype=np.float64) for w in known}
    return names, vectors, dimension


def _table(answer: Any, wanted: np.ndarray) -> np.ndarray:
    rows: dict[tuple[int, ...], str] = {}
    rows[len(wanted) - 2, wanted.shape[1]] = "padding and unknown need rows of their own, too."
    return array(answer, wanted.shape, "a row for each word", of="float", mistakes=rows)


@exercise(
    "01-load-table",
    grade="first steps",
    inputs=_source,
    returns=_table,
    praise="each row belongs to its word, and padding is zero.",
    hint="Go through `words` in order; vectors.get(word, mean) gives the vector or the mean.",
)
def load_table(words: list[str], vectors: dict[str, np.ndarray], dimension: int) -> np.ndarray:
    return _filled(words, vectors, np.mean(list(vectors.values()), axis=0))


def _filled(words: list[str], vectors: dict[str, np.ndarray], missing: np.ndarray) -> np.ndarray:
    """Return a table whose missing words get one vector, and padding zeros."""
    table = np.stack([vectors.get(word, missing) for word in words])
    table[0] = 0
    return table


@load_table.mistake("a missing word got zeros; give it the mean of all vectors.")
def _(words, vectors, dimension):
    return _filled(words, vectors, np.zeros(dimension))


@load_table.mistake("that is the mean of the found words only; take all of the source.")
def _(words, vectors, dimension):
    found = [vectors[w] for w in words if w in vectors]
    return _filled(words, vectors, np.mean(found, axis=0))


@load_table.mistake("the unknown word got zeros: give it its vector, or the mean.")
def _(words, vectors, dimension):
    table = load_table.reference(words, vectors, dimension)
    table[1] = 0
    return table


@load_table.mistake("the row of the padding word should be zeros, whatever the source says.")
def _(words, vectors, dimension):
    mean = np.mean(list(vectors.values()), axis=0)
    return np.stack([vectors.get(word, mean) for word in words])


@load_table.mistake("the rows are shifted by two: words[0] and words[1] have rows, too.")
def _(words, vectors, dimension):
    return np.roll(load_table.reference(words, vectors, dimension), -2, axis=0)


@load_table.mistake("the rows are shifted by one: row i belongs to words[i].")
def _(words, vectors, dimension):
    return np.roll(load_table.reference(words, vectors, dimension), 1, axis=0)


def _cosines(word: str, words: list[str], vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit[words.index(word)]


def _ranked(word: str, words: list[str], scores: np.ndarray) -> list[str]:
    order = [words[i] for i in np.argsort(-scores, kind="stable")]
    return [other for other in order if other != word]


def _word_and_vectors(rng: Rng, size: int) -> tuple:
    """A word among others, with cosines that differ clearly, and now and then a copy of it."""
    while True:
        names = words(rng, size + 2)
        word = names[rng.integers(len(names))]
        vectors = rng.normal(size=(len(names), 2 + size % 3)).round(1)
        vectors *= rng.choice([1, 1, 3], (len(names), 1))
        if rng.integers(3) == 0:
            vectors[rng.integers(len(names))] = vectors[names.index(word)]
        if not vectors.any(axis=1).all():
            continue
        others = np.delete(_cosines(word, names, vectors), names.index(word))
        if np.diff(np.sort(others)).min(initial=1) > 0.01:
            return word, names, vectors, int(rng.integers(1, len(names)))


def _names(answer: Any, wanted: list[str]) -> list[str]:
    got = strings(answer, "words", ": words[i] alone is the word")
    if len(got) != len(wanted):
        raise Wrong(f"for k={len(wanted)} you return {len(got)} words.", "form")
    return got


@exercise(
    "01-neighbors",
    grade="the idea",
    inputs=_word_and_vectors,
    returns=_names,
    praise="lengths do not matter, and the word itself is left out.",
    hint="Scale all rows to length 1; then one matrix product gives all cosines.",
)
def neighbors(word: str, words: list[str], vectors: np.ndarray, k: int) -> list[str]:
    return _ranked(word, words, _cosines(word, words, vectors))[:k]


@neighbors.mistake("the word itself is its nearest neighbor: leave it out.")
def _(word, words, vectors, k):
    return [word, *neighbors.reference(word, words, vectors, k)][:k]


@neighbors.mistake("the first is left out by its place: leave the word out by its name.")
def _(word, words, vectors, k):
    order = np.argsort(-_cosines(word, words, vectors).round(9), kind="stable")
    return [words[i] for i in order[1 : k + 1]]


@neighbors.mistake("the longest vectors win: divide by the lengths.")
def _(word, words, vectors, k):
    return _ranked(word, words, vectors @ vectors[words.index(word)])[:k]


@neighbors.mistake("you return the most distant words: sort from high to low cosine.")
def _(word, words, vectors, k):
    return _ranked(word, words, -_cosines(word, words, vectors))[:k]


@neighbors.mistake("the right words, but the nearest should come first.")
def _(word, words, vectors, k):
    return neighbors.reference(word, words, vectors, k)[::-1]


@neighbors.mistake("you rank by Euclidean distance; the exercise asks for the cosine.")
def _(word, words, vectors, k):
    distances = np.linalg.norm(vectors - vectors[words.index(word)], axis=1)
    return _ranked(word, words, -distances)[:k]
