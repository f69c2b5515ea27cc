"""Symmetric stochastic neighbor embedding, written out."""

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array

_HALVINGS = 40  # of the interval in which the logarithm of 1 / (2 variance) is searched


@checked
def neighbor_probabilities(X: np.ndarray, perplexity: float) -> np.ndarray:
    """Return how likely each pair of points are neighbors, shape (n, n), symmetric, sum 1.

    Around each point lies a Gaussian. Its width is found by bisection, so that the point has
    `perplexity` neighbors in effect: 2 to the power of the entropy of its row, in bits.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    perplexity : float
        From 1 to n - 1.

    Raises
    ------
    InputError
        If X is no finite (n, d) table, the perplexity is out of its range, or all points are the
        same.

    References
    ----------
    G. Hinton, S. Roweis, Stochastic neighbor embedding, 2002, eq. 1 (a point's row);
    L. van der Maaten, G. Hinton, Visualizing data using t-SNE, 2008, section 2 (perplexity) and
    section 3.1 (made symmetric).
    """
    X = finite_array(X, "Points", axes=2)
    if not 1 <= perplexity <= len(X) - 1:
        raise InputError(f"Perplexity {perplexity:g} does not fit {len(X)} points.")
    distances = _squared_distances(X)
    scale = distances.mean()
    if scale == 0:
        raise InputError("All points are the same: there are no neighbors to keep together.")
    distances = distances / scale
    low, high = np.full(len(X), -20.0), np.full(len(X), 20.0)  # logarithm of the precision
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rows = _gaussian_rows(distances, np.exp(middle))
        entropy = -(rows * np.log2(np.maximum(rows, 1e-300))).sum(axis=1)  # bits, (n,)
        too_wide = entropy > np.log2(perplexity)
        low, high = np.where(too_wide, middle, low), np.where(too_wide, high, middle)
    return (rows + rows.T) / (2 * len(X))


def symmetric_sne(
    X: np.ndarray,
    start: np.ndarray,
    *,
    perplexity: float = 30.0,
    iterations: int = 500,
    learning_rate: float = 0.1,
    momentum: float = 0.8,
) -> np.ndarray:
    """Place points so that likely neighbors in X are likely neighbors on the map.

    Minimizes the Kullback-Leibler divergence of the two sets of pair probabilities by gradient
    descent with momentum. On the map the probabilities come from Gaussians as well; that is the
    one difference to what t-SNE minimizes, which has Student's t there.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    start : ndarray, shape (n, k)
        Where the points begin.
    perplexity : float
        About how many neighbors a point has, from 1 to n - 1.
    iterations : int
        Steps of gradient descent.
    learning_rate : float
        It is multiplied by n, since the probabilities of n points' pairs sum to 1.
    momentum : float
        Share of the last step that goes into the next one.

    Returns
    -------
    ndarray of float32, shape (n, k), with mean 0

    Raises
    ------
    InputError
        If the perplexity is out of its range, all points are the same, or `start` has other rows.

    References
    ----------
    L. van der Maaten, G. Hinton, Visualizing data using t-SNE, 2008, section 3.1: the gradient is
    4 sum_j (p_ij - q_ij)(y_i - y_j).
    """
    if len(start) != len(X):
        raise InputError(f"There are {len(start)} starting points for {len(X)} vectors.")
    P = neighbor_probabilities(X, perplexity).astype(np.float32)
    Y = start.astype(np.float32)
    velocity = np.zeros_like(Y)
    for _ in range(iterations):
        weights = gaussian_closeness(_squared_distances(Y))
        np.fill_diagonal(weights, 0)
        difference = P - weights / weights.sum()  # (n, n)
        gradient = 4 * (difference.sum(axis=1, keepdims=True) * Y - difference @ Y)
        velocity = momentum * velocity - learning_rate * len(X) * gradient
        Y = Y + velocity
        Y -= Y.mean(axis=0)
    return Y


@checked
def pulls_and_pushes(P: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two forces of t-SNE on each point of a map: their sum is minus the gradient.

    Likely neighbors pull a point; all points push it, the near ones most. Student's t with one
    degree of freedom makes both weak for points that lie far from each other.

    Parameters
    ----------
    P : ndarray, shape (n, n)
        How likely each pair are neighbors, as `neighbor_probabilities` says.
    Y : ndarray, shape (n, k)
        Where the points lie on the map.

    Returns
    -------
    pulls, pushes : ndarray, shape (n, k)

    Raises
    ------
    InputError
        If `P` is not of the shape (n, n), or a number is NaN or infinite.

    References
    ----------
    L. van der Maaten, G. Hinton, Visualizing data using t-SNE, 2008, eq. 5: the gradient is
    4 sum_j (p_ij - q_ij)(y_i - y_j) / (1 + |y_i - y_j|^2).
    """
    P, Y = finite_array(P, "P", axes=2), finite_array(Y, "Y", axes=2)
    if P.shape != (len(Y), len(Y)):
        raise InputError(f"P must have a row and a column for each of {len(Y)} points: {P.shape}.")
    closeness = student_closeness(_squared_distances(Y))
    np.fill_diagonal(closeness, 0)
    Q = closeness / closeness.sum()  # (n, n)
    pulls, pushes = (
        4 * ((share * closeness) @ Y - (share * closeness).sum(axis=1, keepdims=True) * Y)
        for share in (P, Q)
    )
    return pulls, -pushes


def gaussian_closeness(squared: np.ndarray) -> np.ndarray:
    """Return how close two points of a map are to SNE, from their squared distance: a Gaussian."""
    return np.exp(-squared)


def student_closeness(squared: np.ndarray) -> np.ndarray:
    """Return how close two points of a map are to t-SNE: Student's t with one degree of freedom.

    References
    ----------
    L. van der Maaten, G. Hinton, Visualizing data using t-SNE, 2008, section 3.3.
    """
    return 1 / (1 + squared)


def _gaussian_rows(distances: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Return each row's softmax of minus precision times distance, the diagonal left out."""
    exponents = -distances * precision[:, None]
    np.fill_diagonal(exponents, -np.inf)
    exponents -= exponents.max(axis=1, keepdims=True)
    rows = np.exp(exponents)
    return rows / rows.sum(axis=1, keepdims=True)


def _squared_distances(X: np.ndarray) -> np.ndarray:
    squares = (X**2).sum(axis=1)
    return np.maximum(squares[:, None] + squares - 2 * X @ X.T, 0)
