"""How the exercises of lesson 1 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise


@exercise(
    "01-cosine",
    praise="equal directions give 1, right angles 0, and length does not matter.",
    hint="np.linalg.norm(a) is the length of a. What should happen when it is 0?",
)
def check_cosine(cosine: Callable) -> None:
    """Cosines of small vectors, with a zero vector on either side."""
    a, b = np.array([3.0, 4.0]), np.array([4.0, 3.0])
    got = _number(cosine(a, b))
    if np.isclose(got, a @ b):
        raise Wrong("that is the dot product: divide it by both lengths.")
    if np.isclose(got, a @ b / 25**2):
        raise Wrong("you divided by the squared lengths: take the square roots.")
    if np.isclose(got, a @ b / 5):
        raise Wrong("you divided by one length only: divide by both.")
    if np.isclose(got, 1 - 0.96):
        raise Wrong("that is the cosine distance, 1 minus the cosine.")
    _close(got, 0.96, "for (3, 4) and (4, 3)")
    _close(_number(cosine(a, 10 * b)), 0.96, "when one vector is ten times longer")
    _close(_number(cosine(a, -a)), -1.0, "for opposite directions")
    _close(_number(cosine(np.array([1, 2, 2]), np.array([2, 1, 2]))), 8 / 9, "in three dimensions")
    zero = np.zeros(2)
    for first, second in ((zero, a), (a, zero), (zero, zero)):
        got = _number(cosine(first, second))
        if got != 0.0:
            raise Wrong(f"with a vector of zeros you return {got:g}; it should be 0.0.")


@exercise(
    "01-flatten",
    praise="each offset points at the first word of its text, also after an empty text.",
    hint="The first text starts at 0. The second starts where the first one ends.",
)
def check_flatten(flatten: Callable) -> None:
    """Three texts, then empty texts first and in the middle."""
    flat, offsets = _flat_and_offsets(flatten([[5, 6, 7], [8], [9, 4]]))
    if flat == [0, 3, 4]:
        raise Wrong("return the flat ids first, then the offsets.")
    if flat != [5, 6, 7, 8, 9, 4]:
        raise Wrong(f"the flat ids of [[5, 6, 7], [8], [9, 4]] are {flat}; put all ids in one row.")
    if offsets == [3, 4, 6]:
        raise Wrong("these are the ends of the texts; an offset is where a text starts.")
    if offsets == [3, 1, 2]:
        raise Wrong("these are the lengths; add up the lengths of the texts before.")
    if offsets == [0, 3, 4, 6]:
        raise Wrong("one offset too many: three texts have three starts, and the end is not one.")
    if offsets != [0, 3, 4]:
        raise Wrong(
            f"the offsets of [[5, 6, 7], [8], [9, 4]] are {offsets}; they should be [0, 3, 4]."
        )
    for texts, starts in (([[1], [], [2]], [0, 1, 1]), ([[], [7, 7]], [0, 0])):
        _, offsets = _flat_and_offsets(flatten(texts))
        if offsets != starts:
            raise Wrong(
                f"an empty text takes no room: {texts} starts at {starts}, but you give {offsets}."
            )


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
    result = masked_mean(to_tensor(vectors), to_tensor(ids))
    try:
        got = np.asarray(to_numpy(result))
    except Exception:  # each framework refuses in its own way
        raise Wrong(f"return a tensor, not {type(result).__name__}.") from None
    if got.shape == (4, 6):
        raise Wrong("you averaged the numbers of each word: average over the words, axis 1.")
    if got.shape != (4, 5):
        raise Wrong(
            f"your output has shape {got.shape}; it should be (4, 5), one row for each text."
        )
    if not np.issubdtype(got.dtype, np.floating):
        raise Wrong(f"a mean has fractions, but your output has the type {got.dtype}.")
    if np.isnan(got[2]).any():
        raise Wrong("a text of padding only gives NaN: divide by at least 1.")
    words = vectors[1, :2]
    if _near(got[1], vectors[1].mean(axis=0)):
        raise Wrong("padding is averaged in: it must not count.")
    if _near(got[1], words.sum(axis=0) / 6):
        raise Wrong("the sum is right, but you divide by the padded length, not by the words.")
    if _near(got[1], words.sum(axis=0)):
        raise Wrong("that is the sum: divide by the number of words.")
    if not _near(got[1], words.mean(axis=0)):
        raise Wrong("the mean of a text with two words and four paddings is not right.")
    if _near(got[0], vectors[0, :5].mean(axis=0)):
        raise Wrong("id 1 was left out, but only id 0 is padding.")
    if not _near(got[0], vectors[0].mean(axis=0)):
        raise Wrong("the mean of a text without padding is not right.")
    if not _near(got[2], np.zeros(5)):
        raise Wrong("a text of padding only should give zeros.")
    if not _near(got[3], vectors[3, [1, 4]].mean(axis=0)):
        raise Wrong("padding may stand anywhere: mask it by its id, not by its position.")


@exercise(
    "01-recall",
    praise="the target counts wherever it stands among the k best.",
    hint="np.argsort(-scores, axis=1)[:, :k] gives the k best items of each row.",
)
def check_recall(recall: Callable) -> None:
    """Four rows whose targets stand at the positions 1, 3, 1 and 4."""
    scores = np.array(
        [[0.1, 0.9, 0.5, 0.2], [0.8, 0.2, 0.3, 0.1], [0.3, 0.4, 0.7, 0.9], [0.6, 0.5, 0.1, 0.2]]
    )
    targets = np.array([1, 2, 3, 2])
    top1, top2, top4 = (_number(recall(scores, targets, k)) for k in (1, 2, 4))
    if (top1, top2) == (0.5, 0.5):
        raise Wrong("you look at the best item only: use k.")
    if (top1, top2) == (0.25, 0.25):
        raise Wrong("you take the lowest scores: argsort goes upward.")
    if max(top1, top2, top4) > 1:
        raise Wrong("return the share of hits, a number from 0 to 1.")
    if (top1, top2) == (0.5, 0.375):
        raise Wrong("do not divide by k: a row is a hit or it is not.")
    for k, got, wanted in ((1, top1, 0.5), (2, top2, 0.75), (4, top4, 1.0)):
        if not np.isclose(got, wanted):
            raise Wrong(f"for k={k} and four items you return {got:g}; it should be {wanted:g}.")


@exercise(
    "01-load-table",
    praise="each row belongs to its word, and padding is zero.",
    hint="Go through `words` in order; vectors.get(word, mean) gives the vector or the mean.",
)
def check_load_table(fill_table: Callable) -> None:
    """Two found words, two missing ones, and a vector that no word asks for."""
    words = ["<pad>", "<unk>", "cat", "dog", "axolotl"]
    vectors = {
        "cat": np.array([1.5, 2.0, 3.0]),
        "dog": np.array([4.0, 5.5, 6.0]),
        "sun": np.array([7.0, 2.0, 0.5]),
    }
    table = _numbers(fill_table(words, vectors, 3), "a table")
    if table.shape == (3, 3):
        raise Wrong("padding and unknown need rows of their own: one row for each of `words`.")
    if table.shape != (5, 3):
        raise Wrong(
            f"your table has shape {table.shape}; it should be (5, 3), a row for each word."
        )
    if np.issubdtype(table.dtype, np.integer):
        raise Wrong("a table of whole numbers cuts the fractions off: make it a float array.")
    if _near(table[0], vectors["cat"]):
        raise Wrong("the rows are shifted by two: words[0] and words[1] are padding and unknown.")
    if _near(table[4], vectors["cat"]) or _near(table[4], vectors["dog"]):
        raise Wrong("the rows are shifted downward: row i belongs to words[i].")
    for word, row in (("cat", 2), ("dog", 3)):
        if not _near(table[row], vectors[word]):
            raise Wrong(
                f"row {row} should be the vector of {word!r}, but it is {table[row].tolist()}."
            )
    if not _near(table[0], np.zeros(3)):
        raise Wrong("the row of the padding word should be zeros.")
    mean = np.mean(list(vectors.values()), axis=0)
    if _near(table[4], np.zeros(3)):
        raise Wrong("a missing word got zeros; give it the mean of all vectors.")
    if _near(table[4], (vectors["cat"] + vectors["dog"]) / 2):
        raise Wrong("that is the mean of the found words only; take all vectors of the source.")
    if not _near(table[4], mean):
        raise Wrong("a missing word should get the mean of all vectors.")
    if not _near(table[1], mean):
        raise Wrong("the unknown word is missing in `vectors` too: give it the mean as well.")


@exercise(
    "01-neighbors",
    praise="lengths do not matter, and the word itself is left out.",
    hint="Scale all rows to length 1; then one matrix product gives all cosines.",
)
def check_neighbors(neighbors: Callable) -> None:
    """Two near words, a long vector, an opposite one, and then an exact copy of the word."""
    words = ["cat", "kitten", "giant", "dog", "car"]
    vectors = np.array([[1.0, 0.1], [2.0, 0.4], [9.0, 9.0], [0.5, 0.2], [-1.0, 0.3]])
    got = _words(neighbors("cat", words, vectors, 2), words)
    if "cat" in got:
        raise Wrong("the word itself is its nearest neighbor: leave it out.")
    if len(got) != 2:
        raise Wrong(f"for k=2 you return {len(got)} words.")
    if "car" in got:
        raise Wrong("you return the most distant words: sort from high to low cosine.")
    if "giant" in got:
        raise Wrong("the longest vector wins: divide by the lengths.")
    if got == ["dog", "kitten"]:
        raise Wrong("the right words, but the nearest should come first.")
    if got != ["kitten", "dog"]:
        raise Wrong(f"the two nearest of 'cat' are kitten and dog, not {', '.join(got)}.")
    words, vectors = ["copy", "cat", "dog"], np.array([[1.0, 0.1], [1.0, 0.1], [0.0, 1.0]])
    if _words(neighbors("cat", words, vectors, 1), words) != ["copy"]:
        raise Wrong("another word may have the same vector: leave the word out by name, not place.")


def _number(value) -> float:
    """Return the one number that an answer should be."""
    if np.size(value) != 1 or np.ndim(value) > 0:
        raise Wrong(f"return one number, not {type(value).__name__} of shape {np.shape(value)}.")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Wrong(f"return one number, not {type(value).__name__}.") from None
    if np.isnan(number):
        raise Wrong("your function returns NaN: it divides zero by zero.")
    return number


def _numbers(value, what: str) -> np.ndarray:
    """Return an answer as an array of numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong(f"the rows of your result have different lengths: return {what}.") from None
    if not np.issubdtype(array.dtype, np.number):
        raise Wrong(f"return {what} of numbers, not {type(value).__name__}.")
    return array


def _flat_and_offsets(value) -> tuple[list[int], list[int]]:
    """Return both parts of an answer as lists of whole numbers."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Wrong("return two arrays: the flat ids and the offsets.")
    for name, part in zip(("flat ids", "offsets"), value, strict=True):
        array = _numbers(part, f"the {name} as one row")
        if array.ndim != 1:
            raise Wrong(f"the {name} have shape {array.shape}; they should be one row.")
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise Wrong(f"the {name} have the type {array.dtype}: make them whole numbers.")
    return np.asarray(value[0]).tolist(), np.asarray(value[1]).tolist()


def _words(value, known: list[str]) -> list[str]:
    """Return an answer as a list of words."""
    if isinstance(value, str) or np.ndim(value) != 1:
        raise Wrong("return a list of words only, without their cosines.")
    for word in value:
        if not isinstance(word, str):
            raise Wrong(f"return the words, not {type(word).__name__}: words[i] is the word.")
        if word not in known:
            raise Wrong(f"you return {word!r}, which is not in `words`.")
    return [str(word) for word in value]


def _close(got: float, wanted: float, where: str) -> None:
    if not np.isclose(got, wanted):
        raise Wrong(f"{where} the cosine is {wanted:.4g}, but you return {got:.4g}.")


def _near(row: np.ndarray, wanted: np.ndarray) -> bool:
    return np.allclose(row, wanted, atol=1e-5)
