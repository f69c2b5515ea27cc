"""Measures that the lessons report, and the baseline that they must be held against."""

import math
import time
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import (
    as_array,
    check_ids,
    check_texts,
    finite_array,
    id_array,
    whole_number,
)
from course_utils.text.words import tokenize

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix, sparray, spmatrix


def _numbers(values: ArrayLike, what: str) -> np.ndarray:
    """Return an array if all of it is finite numbers."""
    array = as_array(values, what)
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise InputError(
            f"{what} must be numbers, but some are NaN, infinite or none at all: find out where "
            "they come from, such as a training that diverged."
        )
    return array


@checked
def accuracy(predictions: np.ndarray, targets: np.ndarray) -> float:
    """Return the share of predictions (n,) that equal their targets (n,).

    Raises
    ------
    InputError
        If they are no rows of equal length, or empty, or numbers that are no classes (NaN, 0.5).
    """
    if predictions.shape != targets.shape or predictions.ndim != 1 or not len(targets):
        raise InputError(
            f"Accuracy compares two rows of equal length, but the shapes are {predictions.shape} "
            f"and {targets.shape}."
        )
    for values in (predictions, targets):
        if values.dtype.kind == "f" and not (values == np.floor(values)).all():
            raise InputError(
                "Accuracy compares classes, but some of these numbers are NaN or no whole numbers: "
                "take the class with the highest score first."
            )
    return float((predictions == targets).mean())


@checked
def wilson_interval(correct: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval (low, high) for a share of `correct` out of `n`.

    Raises
    ------
    InputError
        If n is below 1, `correct` is not between 0 and n, or the confidence is not between 0 and 1.

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if not 0 <= correct <= n or n < 1:
        raise InputError(f"An interval needs 0 <= correct <= n and n >= 1, not {correct} of {n}.")
    if not 0 < confidence < 1:
        raise InputError(f"The confidence must lie between 0 and 1, but it is {confidence}.")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = correct / n, 1 + z * z / n
    center = (share + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, center - half), min(1.0, center + half)


@checked
def recall_at_k(
    scores: np.ndarray, targets: np.ndarray, k: int, exclude: np.ndarray | None = None
) -> float:
    """Return the share of rows whose target is among the k best scores.

    Parameters
    ----------
    scores : ndarray, shape (n, items)
    targets : ndarray of int, shape (n,)
    exclude : ndarray of int, shape (n, m), optional
        Items that cannot be recommended, because the user has them already.

    Raises
    ------
    InputError
        If k is no whole number, below 1 or above the number of items, a score is NaN or plus
        infinity, scores and targets do not fit together, or a target or excluded item is none of
        the items. A score of minus infinity is an item that is never recommended.
    """
    scores = np.array(scores, dtype=float)
    if scores.ndim != 2 or targets.shape != (len(scores),) or not len(scores):
        raise InputError(
            "Recall needs scores (n, items) and targets (n,), but the shapes are "
            f"{scores.shape} and {targets.shape}."
        )
    if not 1 <= whole_number(k, "k") <= scores.shape[1]:
        raise InputError(f"k must lie between 1 and the {scores.shape[1]} items, but it is {k}.")
    if not (scores < np.inf).all():
        raise InputError("A score is NaN or infinite: nothing can be ranked by it.")
    check_ids(targets, scores.shape[1])
    if exclude is not None:
        exclude = id_array(exclude, "The excluded items", 2, scores.shape[1])
        _check_rows(scores, exclude)
        np.put_along_axis(scores, exclude, -np.inf, axis=1)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]  # (n, k)
    allowed = np.take_along_axis(scores, best, axis=1) > -np.inf
    return float(((best == targets[:, None]) & allowed).any(axis=1).mean())


@checked
def canonical_correlations(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the correlations of the best-matching directions of two tables, largest first.

    They do not change under any invertible linear map of X or of Y.

    Parameters
    ----------
    X : ndarray, shape (n, p)
    Y : ndarray, shape (n, q)

    Returns
    -------
    ndarray, shape (min(p, q),), between 0 and 1

    Raises
    ------
    InputError
        If the tables differ in their rows, or have no more rows than columns, or a column is
        constant or follows from the others, so that its direction would be arbitrary, or a number
        is NaN or infinite.

    References
    ----------
    H. Hotelling, Relations between two sets of variates, 1936. Computed from the QR
    decompositions and one SVD (Bjorck and Golub 1973).
    """
    X, Y = (np.asarray(_numbers(table, "The columns"), float) for table in (X, Y))
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y) or len(X) <= max(X.shape[1], Y.shape[1]):
        raise InputError(
            "Canonical correlation needs two tables with the same rows and more rows than "
            f"columns, but the shapes are {X.shape} and {Y.shape}."
        )
    tables = [table - table.mean(axis=0) for table in (X, Y)]
    if any(np.linalg.matrix_rank(table) < table.shape[1] for table in tables):
        raise InputError(
            "Canonical correlation needs columns of which none is constant or follows from the "
            "others: leave that column out."
        )
    bases = [np.linalg.qr(table)[0] for table in tables]
    return np.clip(np.linalg.svd(bases[0].T @ bases[1], compute_uv=False), 0, 1)


@checked
def normalize_rows(X: np.ndarray) -> np.ndarray:
    """Return rows (..., d) scaled to length 1; rows of zeros stay zeros."""
    X = finite_array(X, "Vectors")
    _, powers = np.frexp(np.abs(X).max(axis=-1, keepdims=True, initial=0))
    X = np.ldexp(X, -powers)  # by a power of 2, so that no square is too large or small for a float
    lengths = np.linalg.norm(X, axis=-1, keepdims=True)
    return X / np.where(lengths > 0, lengths, 1)


def cosine_similarity(X: np.ndarray, Y: np.ndarray | None = None) -> np.ndarray:
    """Return the cosines of all rows of X (n, d) to all rows of Y (m, d): shape (n, m).

    `Y` is `X` by default. A row of zeros has cosine 0 to every row.

    Raises
    ------
    InputError
        If these are no tables with the same number of columns, or hold NaN or infinite numbers.
    """
    X = _numbers(X, "Vectors")
    Y = X if Y is None else _numbers(Y, "Vectors")
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise InputError(f"Cosines need rows of the same length, not {X.shape} and {Y.shape}.")
    return normalize_rows(X) @ normalize_rows(Y).T


@checked
def nearest_neighbors(
    query: np.ndarray,
    vectors: np.ndarray,
    words: Sequence[str],
    k: int = 5,
    exclude: str | Iterable[str] = (),
) -> list[tuple[str, float]]:
    """Return the k words whose vectors have the highest cosine to the query, with the cosines.

    Parameters
    ----------
    query : ndarray, shape (d,)
    vectors : ndarray, shape (n, d)
    words : sequence of str, length n
    k : int
        How many to return; fewer if there are not as many.
    exclude : str or sequence of str
        Words that must not be returned, such as the query's own word.

    Raises
    ------
    InputError
        If there are more words than vectors, or fewer, the query has another length than they, k
        is no whole number or below 1, or a number is NaN or infinite.
    """
    if whole_number(k, "k") < 1:
        raise InputError(f"The nearest words are 1 or more, but k is {k}.")
    if len(words) != len(vectors):
        raise InputError(f"{len(words)} words cannot name {len(vectors)} vectors.")
    cosines = cosine_similarity(query[None], vectors)[0]  # (n,)
    excluded = {exclude} if isinstance(exclude, str) else set(exclude)
    ranked = ((words[i], float(cosines[i])) for i in np.argsort(-cosines, kind="stable"))
    return [pair for pair in ranked if pair[0] not in excluded][:k]


@checked
def knn_accuracy(
    train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray, k: int = 5
) -> float:
    """Return the test accuracy of a vote of the k nearest training rows (Euclidean).

    Parameters
    ----------
    train_x, train_y : ndarray, shape (n, d), and their labels, shape (n,)
    test_x, test_y : ndarray, shape (m, d), and their labels, shape (m,)
    k : int

    Raises
    ------
    InputError
        If k is no whole number or below 1, there are fewer than k training rows, not as many
        labels as rows, or a number is NaN or infinite.
    """
    from sklearn.neighbors import KNeighborsClassifier

    _check_rows(train_x, train_y)
    _check_rows(test_x, test_y)
    for labels in (train_y, test_y):
        _classes(labels)
    for table in (train_x, test_x):
        _numbers(table, "Vectors")
    if not 1 <= whole_number(k, "k") <= len(train_x):
        raise InputError(f"A vote of {k} rows needs as many, but there are {len(train_x)}.")

    return float(KNeighborsClassifier(k).fit(train_x, train_y).score(test_x, test_y))


@checked
def neighbor_ids(X: "np.ndarray | sparray | spmatrix", k: int) -> np.ndarray:
    """Return the k nearest other rows of each row of X (n, d) (Euclidean), shape (n, k).

    The nearest comes first. X may be sparse.

    Raises
    ------
    InputError
        If k is no whole number or below 1, there are no k other rows, or a number is NaN or
        infinite.
    """
    from sklearn.neighbors import NearestNeighbors

    X = _table(X)
    n = X.shape[0]
    if not 1 <= whole_number(k, "k") < n:
        raise InputError(f"{k} neighbors need more than {k} rows, but there are {n}.")
    return NearestNeighbors(n_neighbors=k).fit(X).kneighbors(return_distance=False)


@checked
def centroid_accuracy(vectors: np.ndarray, labels: np.ndarray, *, balanced: bool = False) -> float:
    """Return the share of rows that are nearest, by cosine, to the centroid of their own class.

    A centroid is the mean of a class's rows, each scaled to length 1. The row itself is left out
    of it. A row that is as near to another centroid (cosines within 1e-6) counts one half.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    labels : ndarray of int, shape (n,)
    balanced : bool
        Leave one row out of each class: with a class's first row the first of all others, and so
        on. Taking a row out moves its own centroid away from it; now the others move as well.

    Raises
    ------
    InputError
        If there are fewer than two classes, or one has a single row, or the classes differ in size
        and `balanced` is asked for, there are not as many labels as rows, or a number is NaN or
        infinite.
    """
    _check_rows(vectors, labels)
    vectors = _numbers(vectors, "Vectors")
    vectors, labels = normalize_rows(np.asarray(vectors, float)), _classes(labels)
    classes, own, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(classes) < 2 or counts.min() < 2:
        raise InputError("Nearest centroids need two classes or more, each with two rows or more.")
    members = np.eye(len(classes))[own]  # (n, classes)
    sums = members.T @ vectors  # (classes, d); a cosine does not mind how long a vector is
    if balanced:
        if len(set(counts)) > 1:
            raise InputError("Balanced centroids need classes with equally many rows.")
        order = np.argsort(own, kind="stable").reshape(len(classes), -1)  # (classes, rows)
        ranks = np.empty(len(own), int)
        ranks[order] = np.arange(order.shape[1])
        left_out = vectors[order.T][ranks]  # (n, classes, d)
        cosines = np.einsum("nd,ncd->nc", vectors, normalize_rows(sums - left_out))
    else:
        cosines = vectors @ normalize_rows(sums).T
    rest = normalize_rows(sums[own] - vectors)  # the own class without the row
    cosines[np.arange(len(own)), own] = -np.inf
    margins = (vectors * rest).sum(axis=1) - cosines.max(axis=1)
    return float(np.where(np.abs(margins) < 1e-6, 0.5, margins > 0).mean())


@checked
def neighbor_purity(
    vectors: "np.ndarray | sparray | spmatrix", labels: np.ndarray, k: int = 10
) -> float:
    """Return the share of the k nearest neighbors that have the row's own label, on average.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    labels : ndarray, shape (n,)

    Raises
    ------
    InputError
        If k is no whole number or below 1, there are no k other rows, not as many labels as rows,
        or a number is NaN or infinite.
    """
    vectors, labels = _table(vectors), _classes(labels)
    _check_rows(vectors, labels)
    return float((labels[neighbor_ids(vectors, k)] == labels[:, None]).mean())


@checked
def neighborhood_overlap(
    X: "np.ndarray | sparray | spmatrix", Y: "np.ndarray | sparray | spmatrix", k: int = 10
) -> float:
    """Return the share of the k nearest neighbors in X that are neighbors in Y as well.

    Parameters
    ----------
    X, Y : ndarray or sparse matrix, shapes (n, p) and (n, q)
        The same n things, described twice.

    Raises
    ------
    InputError
        If k is no whole number or below 1, there are no k other rows, X and Y differ in their
        rows, or a number is NaN or infinite.
    """
    X, Y = _table(X), _table(Y)
    _check_rows(X, Y)
    pairs = zip(neighbor_ids(X, k), neighbor_ids(Y, k), strict=True)
    return float(np.mean([len(np.intersect1d(a, b)) / k for a, b in pairs]))


@checked
def trustworthiness(X: np.ndarray, Y: np.ndarray, k: int = 10) -> float:
    """Return how far neighbors in the map Y (n, 2) can be trusted to be neighbors in X (n, d).

    1 is perfect; a random map has about 0.5.

    Raises
    ------
    InputError
        If k is no whole number, below 1, or half of the rows or more, X and Y differ in their
        rows, or a number is NaN or infinite.

    References
    ----------
    J. Venna, S. Kaski, Neighborhood preservation in nonlinear projection methods: an experimental
    study, 2001.
    """
    from sklearn.manifold import trustworthiness as score

    _check_rows(X, Y)
    for table in (X, Y):
        _numbers(table, "Vectors")
    if not 1 <= whole_number(k, "k") < len(X) / 2:
        raise InputError(f"Trustworthiness with k={k} needs more than {2 * k} rows, not {len(X)}.")
    return float(score(X, Y, n_neighbors=k))


def _table(X: "np.ndarray | sparray | spmatrix") -> "np.ndarray | sparray | spmatrix":
    """Return rows of finite numbers: an array, or sparse rows as they are."""
    numbers = _numbers(X.data if hasattr(X, "tocsr") else X, "Vectors")
    table = X if hasattr(X, "tocsr") else numbers
    if table.ndim != 2:
        raise InputError(f"Neighbors need rows of numbers, not the shape {table.shape}.")
    return table


def _classes(labels: ArrayLike) -> np.ndarray:
    """Return labels as an array if they are one row of classes: no fractions."""
    labels = finite_array(labels, "Labels", 1)
    if (labels != np.floor(labels)).any():
        raise InputError("Labels are the numbers of classes, but one of them is a fraction.")
    return labels


def _check_rows(*tables) -> None:
    """Refuse tables whose rows cannot belong together one by one."""
    counts = [(t.shape or [None])[0] if hasattr(t, "shape") else len(t) for t in tables]
    if len(set(counts)) > 1:
        raise InputError(f"The rows belong together one by one, but there are {counts}.")


class TfidfBaseline:
    """TF-IDF and logistic regression: what a new text classifier must be compared with.

    Attributes
    ----------
    n_parameters : int
        Weights and biases of the linear classifier.
    seconds : float
        Time on the clock to fit both.
    """

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self.vectorizer = TfidfVectorizer(
            tokenizer=tokenize, token_pattern=None, lowercase=False, sublinear_tf=True
        )
        self.classifier = LogisticRegression(C=10, max_iter=1000)

    @checked
    def fit(self, texts: Iterable[str], labels: np.ndarray) -> "TfidfBaseline":
        """Fit on n texts with n labels.

        Raises
        ------
        InputError
            If there are no texts, none of them has a word, or the labels are not as many or all
            the same.
        """
        texts, labels = check_texts(texts), _classes(labels)
        _check_rows(texts, labels)
        if len(set(labels)) < 2 or not any(map(tokenize, texts)):
            raise InputError("A classifier needs texts with words, and labels of two classes.")
        start = time.perf_counter()
        self.classifier.fit(self.vectorizer.fit_transform(texts), labels)
        self.seconds = time.perf_counter() - start
        self.n_parameters = self.classifier.coef_.size + self.classifier.intercept_.size
        return self

    @checked
    def transform(self, texts: Iterable[str]) -> "csr_matrix":
        """Return the sparse TF-IDF rows (n, words) of texts.

        Raises
        ------
        InputError
            If there are no texts.
        """
        return self.vectorizer.transform(check_texts(texts))

    @checked
    def predict(self, texts: Iterable[str]) -> np.ndarray:
        """Return a label for each text, shape (n,).

        Raises
        ------
        InputError
            If there are no texts.
        """
        return self.classifier.predict(self.transform(texts))

    @checked
    def score(self, texts: Iterable[str], labels: np.ndarray) -> float:
        """Return the accuracy on texts with known labels.

        Raises
        ------
        InputError
            If the labels are not as many as the texts, or there are none.
        """
        return accuracy(self.predict(texts), labels)
