"""Measures, checked against values worked out by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils import evaluation as ev
from course_utils.errors import InputError


def test_accuracy():
    assert ev.accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 0])) == 0.5
    with pytest.raises(InputError, match="equal length"):
        ev.accuracy(np.zeros(2), np.zeros(3))


def test_wilson_interval_of_eight_in_ten():
    low, high = ev.wilson_interval(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4) and high == pytest.approx(0.9433, abs=1e-4)
    assert ev.wilson_interval(0, 5)[0] == 0
    with pytest.raises(InputError, match="between 0 and 1, but it is 95"):
        ev.wilson_interval(8, 10, 95)


def test_recall_at_k_and_exclusion():
    scores = np.array([[0.9, 0.5, 0.1], [0.1, 0.2, 0.9]])
    assert ev.recall_at_k(scores, [1, 0], k=1) == 0
    assert ev.recall_at_k(scores, [1, 0], k=2) == 0.5
    assert ev.recall_at_k(scores, [1, 0], k=1, exclude=np.array([[0], [2]])) == 0.5
    with pytest.raises(InputError, match="between 1 and the 3 items"):
        ev.recall_at_k(scores, [1, 0], k=4)


def test_canonical_correlations_ignore_linear_maps_and_see_noise():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    turned = X @ rng.normal(size=(3, 3)) + 5
    assert ev.canonical_correlations(X, turned) == pytest.approx([1, 1, 1])
    assert ev.canonical_correlations(X, rng.normal(size=(200, 3))).max() < 0.3


def test_cosines_and_neighbors():
    vectors = np.array([[1.0, 0], [10, 1], [0, 1], [0, 0]])
    assert ev.cosine_similarity(vectors)[0, 2] == 0 and ev.cosine_similarity(vectors)[0, 3] == 0
    near = ev.nearest_neighbors(vectors[0], vectors, list("abcd"), k=1, exclude=("a",))
    assert near[0][0] == "b" and near[0][1] == pytest.approx(10 / np.sqrt(101))
    words = ["cat", "c", "a", "t"]  # one excluded word is a word, not its letters
    assert [w for w, _ in ev.nearest_neighbors(vectors[0], vectors, words, exclude="cat")] == [
        "c", "a", "t"
    ]  # fmt: skip


def test_neighborhood_measures_on_two_clusters():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 50)
    X = rng.normal(size=(100, 5)) + 20 * labels[:, None]
    assert ev.neighbor_purity(X, labels) == 1
    assert ev.neighborhood_overlap(X, X * 3) == 1
    assert ev.neighborhood_overlap(X, rng.normal(size=(100, 2))) < 0.3
    assert ev.trustworthiness(X, X[:, :2]) > ev.trustworthiness(X, rng.normal(size=(100, 2)))
    assert ev.knn_accuracy(X[::2], labels[::2], X[1::2], labels[1::2]) == 1


def test_the_tfidf_baseline_learns_words_and_counts_its_weights():
    texts = ["red apple pie", "green apple pie", "fast car race", "slow car race"] * 3
    baseline = ev.TfidfBaseline().fit(texts, np.array([0, 0, 1, 1] * 3))
    assert baseline.score(["apple pie", "car race"], np.array([0, 1])) == 1
    assert baseline.n_parameters == 9  # 8 words, 1 bias
    once = ev.TfidfBaseline().fit(["red apple", "fast car"], np.array([0, 1]))
    assert once.n_parameters == 5  # a word that occurs once counts: with few labels most do
    with pytest.raises(InputError, match="no texts"):
        ev.TfidfBaseline().fit([], np.array([]))


def test_balanced_centroids_score_noise_as_chance():
    rng, labels = np.random.default_rng(0), np.tile([0, 1], 12)
    twins = np.repeat(
        rng.normal(size=(12, 5)) + 3, 2, axis=0
    )  # both senses stand at the same places
    assert ev.centroid_accuracy(twins, labels) < 0.3
    assert ev.centroid_accuracy(twins, labels, balanced=True) == 0.5
    known = twins + np.outer(labels - 0.5, [8, 0, 0, 0, 0])
    assert ev.centroid_accuracy(known, labels, balanced=True) == 1
    by_hand = []
    noise = rng.normal(size=(24, 5))
    unit = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    for i in range(24):
        kept = np.arange(24) // 2 != i // 2
        cosines = [unit[i] @ c / np.linalg.norm(c) for k in (0, 1)
                   for c in [unit[kept & (labels == k)].sum(axis=0)]]  # fmt: skip
        by_hand.append(np.argmax(cosines) == labels[i])
    assert ev.centroid_accuracy(noise, labels, balanced=True) == np.mean(by_hand)
    with pytest.raises(InputError, match="equally many rows"):
        ev.centroid_accuracy(noise[:-1], labels[:-1], balanced=True)


def test_an_excluded_item_is_never_recommended():
    assert ev.recall_at_k(np.zeros((1, 3)), [0], 3, exclude=np.array([[0, 1]])) == 0
    assert ev.recall_at_k(np.zeros((1, 3)), [2], 1, exclude=np.array([[0, 1]])) == 1


TABLE, LABELS = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ev.recall_at_k(TABLE[0], [0], 1), r"the shapes are \(3,\) and \(1,\)"),
        (lambda: ev.recall_at_k(TABLE, LABELS[1:], 1), r"the shapes are \(20, 3\) and \(19,\)"),
        (lambda: ev.recall_at_k(TABLE[:0], [], 1), r"the shapes are \(0, 3\) and \(0,\)"),
        (lambda: ev.canonical_correlations(TABLE * [1, 1, 0], TABLE), "none is constant"),
        (lambda: ev.canonical_correlations(TABLE, TABLE[:, [0, 0]]), "follows from the others"),
        (lambda: ev.cosine_similarity(TABLE, TABLE[:, 1:]), r"not \(20, 3\) and \(20, 2\)"),
        (lambda: ev.cosine_similarity(TABLE[0]), r"not \(3,\) and \(3,\)"),
        (lambda: ev.nearest_neighbors(TABLE[0], TABLE, list("a" * 20), k=0), "but k is 0"),
        (lambda: ev.knn_accuracy(TABLE, LABELS, TABLE, LABELS, k=21), "but there are 20"),
        (lambda: ev.knn_accuracy(TABLE, LABELS, TABLE, LABELS, k=0), "A vote of 0 rows"),
        (lambda: ev.knn_accuracy(TABLE, LABELS[1:], TABLE, LABELS), r"\[20, 19\]"),
        (lambda: ev.knn_accuracy(TABLE, LABELS, TABLE[1:], LABELS), r"\[19, 20\]"),
        (lambda: ev.centroid_accuracy(TABLE, LABELS[1:]), r"\[20, 19\]"),
        (lambda: ev.neighbor_purity(TABLE, LABELS[1:]), r"\[20, 19\]"),
        (lambda: ev.neighborhood_overlap(TABLE, TABLE[1:]), r"\[20, 19\]"),
        (lambda: ev.trustworthiness(TABLE, TABLE[1:], 3), r"\[20, 19\]"),
        (lambda: ev.TfidfBaseline().fit(["a", "b"], [1]), r"\[2, 1\]"),
        (lambda: ev.TfidfBaseline().fit(["a", "b"], [1, 1]), "labels of two classes"),
        (lambda: ev.TfidfBaseline().fit(["", " "], [0, 1]), "texts with words"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


SCORES, ROWS, CLASSES = np.eye(6), np.random.default_rng(0).normal(size=(12, 3)), np.arange(12) % 2


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: ev.recall_at_k(x[:6, :3], [0, 1, 2, 0, 1, 2], 2),
        lambda x: ev.accuracy(x[:, 0], CLASSES),
        lambda x: ev.accuracy(CLASSES, x[:, 0]),
        lambda x: ev.canonical_correlations(x, ROWS),
        lambda x: ev.canonical_correlations(ROWS, x),
        lambda x: ev.cosine_similarity(x),
        lambda x: ev.cosine_similarity(ROWS, x),
        lambda x: ev.nearest_neighbors(x[0], ROWS, list("abcdefghijkl")),
        lambda x: ev.nearest_neighbors(ROWS[0], x, list("abcdefghijkl")),
        lambda x: ev.knn_accuracy(x, CLASSES, ROWS, CLASSES),
        lambda x: ev.knn_accuracy(ROWS, CLASSES, x, CLASSES),
        lambda x: ev.neighbor_ids(x, 2),
        lambda x: ev.neighbor_ids(csr_array(x), 2),
        lambda x: ev.centroid_accuracy(x, CLASSES),
        lambda x: ev.neighbor_purity(x, CLASSES, 2),
        lambda x: ev.neighborhood_overlap(ROWS, x, 2),
        lambda x: ev.trustworthiness(x, ROWS[:, :2], 2),
        lambda x: ev.trustworthiness(ROWS, x[:, :2], 2),
        lambda x: ev.wilson_interval(1, 2, x[0, 0]),
        lambda x: ev.wilson_interval(x[0, 0], 2),
    ],
)
def test_nothing_is_measured_with_nan_or_infinite_numbers(call, bad):
    table = ROWS.copy()
    table[0, 0] = bad
    with pytest.raises(InputError, match=r"NaN|confidence must lie|An interval|whole number"):
        call(table)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ev.recall_at_k(SCORES, np.arange(6), 2.5), "k must be a whole number"),
        (lambda: ev.recall_at_k(SCORES, np.arange(6) + 1, 2), "6 is outside"),
        (lambda: ev.recall_at_k(SCORES, np.arange(6), 2, np.full((6, 1), 9)), "9 is outside"),
        (lambda: ev.accuracy([0.5, 1.0], [0, 1]), "take the class"),
        (lambda: ev.nearest_neighbors(ROWS[0], ROWS, list("abcdefghijkl"), None), "whole number"),
        (lambda: ev.neighbor_ids(ROWS, 2.0), "whole number"),
        (lambda: ev.cosine_similarity([["a"]]), "must be numbers"),
    ],
)
def test_what_counts_and_ranks_must_be_of_the_right_kind(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_minus_infinity_is_an_item_that_is_never_recommended():
    assert ev.recall_at_k(np.array([[-np.inf, -np.inf, 1.0]]), np.array([0]), 2) == 0


@pytest.mark.parametrize("scale", [1e-300, 1e-42, 1e-30, 1e30, 1e38, 1e300])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_cosine_does_not_depend_on_how_long_vectors_are(scale, kind):
    with np.errstate(over="ignore"):
        table = (np.array([[3.0, 4.0], [4.0, -3.0], [0.0, 0.0]]) / 5 * scale).astype(kind)
    if not np.isfinite(table).all() or not table.any():
        return  # float32 has no such numbers
    wanted = [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert ev.cosine_similarity(table) == pytest.approx(np.array(wanted), abs=1e-3)
