"""Measures, checked against values worked out by hand."""

import numpy as np
import pytest

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
