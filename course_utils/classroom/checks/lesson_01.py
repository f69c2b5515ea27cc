"""How the exercises of lesson 1 are checked."""

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise


@exercise(
    "01-cosine",
    praise="equal directions give 1, right angles 0, and length does not matter.",
    hint="np.linalg.norm(a) is the length of a. What should happen when it is 0?",
)
def check_cosine(cosine) -> None:
    a, b = np.array([3.0, 4.0]), np.array([4.0, 3.0])
    got = _number(cosine(a, b))
    if np.isclose(got, a @ b):
        raise Wrong("that is the dot product: divide it by both lengths.")
    if np.isclose(got, a @ b / 25**2):
        raise Wrong("you divided by the squared lengths: take the square roots.")
    if np.isclose(got, 1 - 0.96):
        raise Wrong("that is the cosine distance, 1 minus the cosine.")
    _close(got, 0.96, "for (3, 4) and (4, 3)")
    _close(_number(cosine(a, 10 * b)), 0.96, "when one vector is ten times longer")
    _close(_number(cosine(a, -a)), -1.0, "for opposite directions")
    zero = _number(cosine(np.zeros(2), a))
    if zero != 0.0:
        raise Wrong(f"with a vector of zeros you return {zero}; it should be 0.0.")


@exercise(
    "01-flatten",
    praise="each offset points at the first word of its text, also after an empty text.",
    hint="The first text starts at 0. The second starts where the first one ends.",
)
def check_flatten(flatten) -> None:
    flat, offsets = _pair(flatten([[5, 6, 7], [8], [9, 4]]))
    if list(flat) != [5, 6, 7, 8, 9, 4]:
        raise Wrong(f"the flat ids of [[5, 6, 7], [8], [9, 4]] are {list(flat)}, in one row.")
    if list(offsets) == [3, 4, 6]:
        raise Wrong("these are the ends of the texts; an offset is where a text starts.")
    if list(offsets) == [3, 1, 2]:
        raise Wrong("these are the lengths; add up the lengths of the texts before.")
    if list(offsets) != [0, 3, 4]:
        raise Wrong(
            f"the offsets of [[5, 6, 7], [8], [9, 4]] are {list(offsets)}; expected [0, 3, 4]."
        )
    _, offsets = _pair(flatten([[1], [], [2]]))
    if list(offsets) != [0, 1, 1]:
        raise Wrong(
            f"an empty text takes no room: [[1], [], [2]] starts at [0, 1, 1], not {list(offsets)}."
        )
    if not np.issubdtype(np.asarray(offsets).dtype, np.integer):
        raise Wrong("offsets are positions: make them whole numbers.")


@exercise(
    "01-masked-mean",
    praise="padding counts neither in the sum nor in the number of words.",
    hint="Make a mask of 1 for words and 0 for padding, with one more axis at the end.",
)
def check_masked_mean(masked_mean, to_tensor, to_numpy) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(3, 4, 5)).astype(np.float32)
    ids = np.array([[3, 7, 2, 9], [5, 8, 0, 0], [0, 0, 0, 0]])
    got = np.asarray(to_numpy(masked_mean(to_tensor(vectors), to_tensor(ids))))
    if got.shape != (3, 5):
        raise Wrong(
            f"your output has shape {got.shape}; it should be (3, 5), one row for each text."
        )
    if np.isnan(got[2]).any():
        raise Wrong("a text of padding only gives NaN: divide by at least 1.")
    if np.allclose(got[1], vectors[1].mean(axis=0), atol=1e-5):
        raise Wrong("padding is averaged in: it must not count.")
    if np.allclose(got[1], vectors[1, :2].sum(axis=0) / 4, atol=1e-5):
        raise Wrong("the sum is right, but you divide by the padded length, not by the words.")
    if np.allclose(got[1], vectors[1, :2].sum(axis=0), atol=1e-5):
        raise Wrong("that is the sum: divide by the number of words.")
    if not np.allclose(got[1], vectors[1, :2].mean(axis=0), atol=1e-5):
        raise Wrong("the mean of a text with two words and two paddings is not right.")
    if not np.allclose(got[0], vectors[0].mean(axis=0), atol=1e-5):
        raise Wrong("the mean of a text without padding is not right.")
    if not np.allclose(got[2], 0):
        raise Wrong("a text of padding only should give zeros.")


@exercise(
    "01-recall",
    praise="the target counts wherever it stands among the k best.",
    hint="np.argsort(-scores, axis=1)[:, :k] gives the k best items of each row.",
)
def check_recall(recall) -> None:
    scores = np.array(
        [[0.1, 0.9, 0.5, 0.2], [0.8, 0.2, 0.3, 0.1], [0.3, 0.4, 0.7, 0.9], [0.6, 0.5, 0.1, 0.2]]
    )
    targets = np.array([1, 2, 3, 2])
    top1, top2 = _number(recall(scores, targets, 1)), _number(recall(scores, targets, 2))
    if (top1, top2) == (0.5, 0.5):
        raise Wrong("you look at the best item only: use k.")
    if (top1, top2) == (0.25, 0.25):
        raise Wrong("you take the lowest scores: argsort goes upward.")
    if top2 > 1:
        raise Wrong("return the share of hits, not their number.")
    if (top1, top2) == (0.5, 0.375):
        raise Wrong("do not divide by k: a row is a hit or it is not.")
    if not np.allclose([top1, top2], [0.5, 0.75]):
        raise Wrong(f"for k=1 and k=2 you return {top1:g} and {top2:g}; it should be 0.5 and 0.75.")


@exercise(
    "01-load-table",
    praise="each row belongs to its word, and padding is zero.",
    hint="Go through `words` in order; vectors.get(word, mean) gives the vector or the mean.",
)
def check_load_table(fill_table) -> None:
    words = ["<pad>", "<unk>", "cat", "dog", "axolotl"]
    vectors = {
        "cat": np.array([1.0, 2.0, 3.0]),
        "dog": np.array([4.0, 5.0, 6.0]),
        "sun": np.array([7.0, 2.0, 0.0]),
    }
    table = np.asarray(fill_table(words, vectors, 3))
    if table.shape != (5, 3):
        raise Wrong(
            f"your table has shape {table.shape}; it should be (5, 3), a row for each word."
        )
    if np.allclose(table[0], vectors["cat"]):
        raise Wrong("the rows are shifted: words[0] and words[1] are padding and unknown.")
    for word, row in (("cat", 2), ("dog", 3)):
        if not np.allclose(table[row], vectors[word]):
            raise Wrong(f"row {row} should be the vector of {word!r}, but it is {table[row]}.")
    if not np.allclose(table[0], 0):
        raise Wrong("the row of the padding word should be zeros.")
    mean = np.mean(list(vectors.values()), axis=0)
    if np.allclose(table[4], 0):
        raise Wrong("a missing word got zeros; give it the mean of all vectors.")
    if np.allclose(table[4], (vectors["cat"] + vectors["dog"]) / 2):
        raise Wrong("that is the mean of the found words only; take all vectors of the source.")
    if not (np.allclose(table[4], mean) and np.allclose(table[1], mean)):
        raise Wrong("a missing word, the unknown word too, should get the mean of all vectors.")


@exercise(
    "01-neighbors",
    praise="lengths do not matter, and the word itself is left out.",
    hint="Scale all rows to length 1; then one matrix product gives all cosines.",
)
def check_neighbors(neighbors) -> None:
    words = ["cat", "kitten", "giant", "dog", "car"]
    vectors = np.array([[1.0, 0.1], [2.0, 0.4], [9.0, 9.0], [0.5, 0.2], [-1.0, 0.3]])
    before = vectors.copy()
    got = neighbors("cat", words, vectors, 2)
    if not np.array_equal(before, vectors):
        raise Wrong("your function changes the vectors that it was given: work on a copy.")
    got = [str(word) for word in got]
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


def _number(value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Wrong(f"return one number, not {type(value).__name__}.") from None


def _pair(value) -> tuple:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Wrong("return two arrays: the flat ids and the offsets.")
    return value


def _close(got: float, wanted: float, where: str) -> None:
    if not np.isclose(got, wanted):
        raise Wrong(f"{where} the cosine is {wanted:g}, but you return {got:.4g}.")
