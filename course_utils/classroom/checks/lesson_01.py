"""How the exercises of lesson 1 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.checks.answers import array, expect, number, pair, refuse, strings
from course_utils.classroom.exercises import Wrong, exercise


@exercise(
    "01-cosine",
    praise="equal directions give 1, right angles 0, and length does not matter.",
    hint="np.linalg.norm(a) is the length of a. What should happen when it is 0?",
)
def check_cosine(cosine: Callable) -> None:
    """Cosines of small vectors, with a zero vector on either side."""
    a, b = np.array([3.0, 4.0]), np.array([4.0, 3.0])
    refuse(
        number(cosine(a, b)),
        (a @ b, "that is the dot product: divide it by both lengths."),
        (a @ b / 25**2, "you divided by the squared lengths: take the square roots."),
        (a @ b / 5, "you divided by one length only: divide by both."),
        (1 - 0.96, "that is the cosine distance, 1 minus the cosine."),
    )
    x, y, zero = np.array([1, 2, 2]), np.array([2, 1, 2]), np.zeros(2)
    for first, second, right, where in (
        (a, b, 0.96, "for (3, 4) and (4, 3)"),
        (a, 10 * b, 0.96, "when one vector is ten times longer"),
        (a, -a, -1.0, "for opposite directions"),
        (x, y, 8 / 9, "in three dimensions"),
        (zero, a, 0.0, "when the first vector is all zeros"),
        (a, zero, 0.0, "when the second vector is all zeros"),
        (zero, zero, 0.0, "for two vectors of zeros"),
    ):
        got = number(cosine(first, second))
        if np.isnan(got):
            raise Wrong("your function returns NaN: it divides zero by zero.")
        expect(got, right, f"{where} the cosine is {right:.4g}, but you return {got:.4g}.")


@exercise(
    "01-flatten",
    praise="each offset points at the first word of its text, also after an empty text.",
    hint="The first text starts at 0. The second starts where the first one ends.",
)
def check_flatten(flatten: Callable) -> None:
    """Three texts, then empty texts first and in the middle."""
    names, texts = ("flat ids", "offsets"), [[5, 6, 7], [8], [9, 4]]
    flat, offsets = pair(flatten(texts), names, of="int")
    refuse(flat, ([0, 3, 4], "return the flat ids first, then the offsets."))
    told = f"the flat ids of {texts} are {flat.tolist()}; put all ids in one row."
    expect(flat, [5, 6, 7, 8, 9, 4], told)
    refuse(
        offsets,
        ([3, 4, 6], "these are the ends of the texts; an offset is where a text starts."),
        ([3, 1, 2], "these are the lengths; add up the lengths of the texts before."),
        ([0, 3, 4, 6], "one offset too many: three texts have three starts; the end is not one."),
    )
    told = f"the offsets of {texts} are {offsets.tolist()}; they should be [0, 3, 4]."
    expect(offsets, [0, 3, 4], told)
    for texts, starts in (([[1], [], [2]], [0, 1, 1]), ([[], [7, 7]], [0, 0])):
        got = pair(flatten(texts), names, of="int")[1]
        told = f"{texts} starts at {starts}, but you give {got.tolist()}."
        expect(got, starts, f"an empty text takes no room: {told}")


@exercise(
    "01-masked-mean",
    praise="padding counts neither in the sum nor in the number of words.",
    hint="Make a mask of 1 for words and 0 for padding, with one more axis at the end. Divide by "
    "at least 1: clamp(min=1) in PyTorch, tf.maximum(..., 1) in TensorFlow.",
)
def check_masked_mean(masked_mean: Callable, to_tensor: Callable, to_numpy: Callable) -> None:
    """A full text, a padded one, an empty one, and one with padding between the words."""
    vectors = np.random.default_rng(0).normal(size=(4, 6, 5)).astype(np.float32)
    ids = np.array([[3, 7, 2, 9, 4, 1], [5, 8, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 6, 0, 0, 2, 0]])
    full, padded, empty, between = array(
        masked_mean(to_tensor(vectors), to_tensor(ids)),
        (4, 5),
        "one row for each text",
        of="float",
        mistakes={(4, 6): "you averaged the numbers of each word: average over the words, axis 1."},
    )
    if np.isnan(empty).any():
        raise Wrong("a text of padding only gives NaN: divide by at least 1.")
    words = vectors[1, :2]
    refuse(
        padded,
        (vectors[1].mean(axis=0), "padding is averaged in: it must not count."),
        (words.sum(axis=0) / 6, "the sum is right, but you divide by the padded length."),
        (words.sum(axis=0), "that is the sum: divide by the number of words."),
    )
    told = "the mean of a text with two words and four paddings is not right."
    expect(padded, words.mean(axis=0), told)
    refuse(full, (vectors[0, :5].mean(axis=0), "id 1 was left out, but only id 0 is padding."))
    expect(full, vectors[0].mean(axis=0), "the mean of a text without padding is not right.")
    expect(empty, np.zeros(5), "a text of padding only should give zeros.")
    told = "padding may stand anywhere: mask it by its id, not by its place."
    expect(between, vectors[3, [1, 4]].mean(axis=0), told)


@exercise(
    "01-recall",
    praise="the target counts wherever it stands among the k best.",
    hint="np.argsort(-scores, axis=1)[:, :k] gives the k best items of each row.",
)
def check_recall(recall: Callable) -> None:
    """Four rows whose targets stand at the places 1, 3, 1 and 4."""
    scores = np.array(
        [[0.1, 0.9, 0.5, 0.2], [0.8, 0.2, 0.3, 0.1], [0.3, 0.4, 0.7, 0.9], [0.6, 0.5, 0.1, 0.2]]
    )
    targets = np.array([1, 2, 3, 2])
    found = [number(recall(scores, targets, k)) for k in (1, 2, 4)]
    if max(found) > 1:
        raise Wrong("return the share of hits, a number from 0 to 1.")
    refuse(
        np.array(found[:2]),
        ([0.5, 0.5], "you look at the best item only: use k."),
        ([0.25, 0.25], "you take the lowest scores: argsort goes upward."),
        ([0.5, 0.375], "do not divide by k: a row is a hit or it is not."),
    )
    for k, got, right in zip((1, 2, 4), found, (0.5, 0.75, 1.0), strict=True):
        told = f"for k={k} and four items you return {got:g}; it should be {right:g}."
        expect(got, right, told)


@exercise(
    "01-load-table",
    praise="each row belongs to its word, and padding is zero.",
    hint="Go through `words` in order; vectors.get(word, mean) gives the vector or the mean.",
)
def check_load_table(fill_table: Callable) -> None:
    """Two found words, two missing ones, and a vector that no word asks for."""
    words = ["<pad>", "<unk>", "cat", "dog", "axolotl"]
    cat, dog, sun = np.array([[1.5, 2.0, 3.0], [4.0, 5.5, 6.0], [7.0, 2.0, 0.5]])
    vectors = {"cat": cat, "dog": dog, "sun": sun}
    table = array(
        fill_table(words, vectors, 3),
        (5, 3),
        "a row for each word",
        of="float",
        name="table",
        mistakes={(3, 3): "padding and unknown need rows of their own, as all of `words`."},
    )
    shifted = "the rows are shifted by two: words[0] and words[1] are padding and unknown."
    refuse(table[0], (cat, shifted))
    downward = "the rows are shifted downward: row i belongs to words[i]."
    refuse(table[4], (cat, downward), (dog, downward))
    for i in (2, 3):
        told = f"row {i} should be the vector of {words[i]!r}, but it is {table[i].tolist()}."
        expect(table[i], vectors[words[i]], told)
    expect(table[0], np.zeros(3), "the row of the padding word should be zeros.")
    refuse(
        table[4],
        (np.zeros(3), "a missing word got zeros; give it the mean of all vectors."),
        ((cat + dog) / 2, "that is the mean of the found words only; take all of the source."),
    )
    mean = (cat + dog + sun) / 3
    expect(table[4], mean, "a missing word should get the mean of all vectors.")
    told = "the unknown word is missing in `vectors` too: give it the mean as well."
    expect(table[1], mean, told)


@exercise(
    "01-neighbors",
    praise="lengths do not matter, and the word itself is left out.",
    hint="Scale all rows to length 1; then one matrix product gives all cosines.",
)
def check_neighbors(neighbors: Callable) -> None:
    """Two near words, a long vector, an opposite one, and then an exact copy of the word."""

    def found(words: list[str], vectors: np.ndarray, k: int) -> list[str]:
        got = strings(neighbors("cat", words, vectors, k), "words", ": words[i] alone is the word")
        for word in got:
            if word not in words:
                raise Wrong(f"you return {word!r}, which is not in `words`.")
        expect(len(got), k, f"for k={k} you return {len(got)} words.")
        return got

    words = ["cat", "kitten", "giant", "dog", "car"]
    got = found(words, np.array([[1.0, 0.1], [2.0, 0.4], [9.0, 9.0], [0.5, 0.2], [-1.0, 0.3]]), 2)
    for word, sentence in (
        ("cat", "the word itself is its nearest neighbor: leave it out."),
        ("car", "you return the most distant words: sort from high to low cosine."),
        ("giant", "the longest vector wins: divide by the lengths."),
    ):
        if word in got:
            raise Wrong(sentence)
    refuse(got, (["dog", "kitten"], "the right words, but the nearest should come first."))
    told = f"the two nearest of 'cat' are kitten and dog, not {', '.join(got)}."
    expect(got, ["kitten", "dog"], told)
    copies = found(["copy", "cat", "dog"], np.array([[1.0, 0.1], [1.0, 0.1], [0.0, 1.0]]), 1)
    told = "another word may have the same vector: leave the word out by name, not place."
    expect(copies, ["copy"], told)
