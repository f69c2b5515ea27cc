"""From many dimensions to two: PCA, SNE, t-SNE and UMAP through one call."""

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.errors import InputError
from course_utils.evaluation import neighborhood_overlap, normalize_rows, trustworthiness
from course_utils.visualization.sne import symmetric_sne


@dataclass(frozen=True)
class Projection:
    """A map of vectors, and how far it can be trusted.

    Attributes
    ----------
    points : ndarray of float32, shape (n, dimensions)
    method : str
    settings : dict
        The settings that the method used.
    trustworthiness : float
        Are neighbors on the map true neighbors? 1 is perfect, about 0.5 is random.
    overlap : float
        Share of each vector's nearest neighbors that are nearest on the map as well.
    seconds : float
    """

    points: np.ndarray
    method: str
    settings: dict
    trustworthiness: float
    overlap: float
    seconds: float


def project(
    vectors: np.ndarray,
    method: str = "pca",
    *,
    dimensions: int = 2,
    metric: str = "cosine",
    perplexity: float = 30.0,
    neighbors: int = 15,
    seed: int = 0,
    neighbors_scored: int = 10,
) -> Projection:
    """Place vectors on a map.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    method : {"pca", "sne", "tsne", "umap"}
    metric : {"cosine", "euclidean"}
        "cosine" scales each vector to length 1 first, which gives the same neighbors.
    perplexity : float
        For SNE and t-SNE: about how many neighbors a point has.
    neighbors : int
        For UMAP: how many neighbors a point has.
    neighbors_scored : int
        How many neighbors `trustworthiness` and `overlap` look at.

    Raises
    ------
    InputError
        If the vectors are no finite (n, d) table, are too few for the settings, have fewer than
        `dimensions` columns, or the method or metric is unknown.

    References
    ----------
    Hinton and Roweis 2002 (SNE); van der Maaten and Hinton 2008 (t-SNE); McInnes et al. 2018
    (UMAP); Kobak and Berens 2019, The art of using t-SNE (start from PCA).
    """
    vectors = _check(vectors, method, dimensions, metric, perplexity, neighbors, neighbors_scored)
    if metric == "cosine":
        vectors = normalize_rows(vectors)
    settings = {"pca": {}, "umap": {"neighbors": neighbors}}.get(method, {"perplexity": perplexity})
    start = time.perf_counter()
    points = _METHODS[method](vectors, dimensions, seed, **settings).astype(np.float32)
    seconds = time.perf_counter() - start
    return Projection(
        points,
        method,
        settings,
        trustworthiness(vectors, points, neighbors_scored),
        neighborhood_overlap(vectors, points, neighbors_scored),
        seconds,
    )


def points_of(projection: Projection | np.ndarray) -> np.ndarray:
    """Return the points of a map, shape (n, 2).

    Raises
    ------
    InputError
        If they have another shape, or there are none.
    """
    points = projection.points if isinstance(projection, Projection) else np.asarray(projection)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise InputError(f"A map needs points of the shape (n, 2), not {points.shape}.")
    return points


def check_length(name: str, values: Sequence | None, points: np.ndarray) -> None:
    """Say how many labels or words there are, if they are not as many as the points.

    Raises
    ------
    InputError
        If the numbers differ.
    """
    if values is not None and len(values) != len(points):
        raise InputError(f"There are {len(values)} {name} for {len(points)} points.")


def _pca(vectors, dimensions, seed):
    from sklearn.decomposition import PCA

    return PCA(dimensions, svd_solver="full").fit_transform(vectors)


def _sne(vectors, dimensions, seed, perplexity):
    start = _pca(vectors, dimensions, seed)
    return symmetric_sne(vectors, 1e-2 * start / start.std(), perplexity=perplexity)


def _tsne(vectors, dimensions, seed, perplexity):
    from sklearn.manifold import TSNE

    model = TSNE(dimensions, perplexity=perplexity, init="pca", random_state=seed)
    return model.fit_transform(vectors)


def _umap(vectors, dimensions, seed, neighbors):
    model = _umap_class()(
        n_components=dimensions, n_neighbors=neighbors, random_state=seed, n_jobs=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit_transform(vectors)


_METHODS: dict[str, Callable[..., np.ndarray]] = {
    "pca": _pca,
    "sne": _sne,
    "tsne": _tsne,
    "umap": _umap,
}


def _umap_class():
    """Import UMAP without its parametric part, which would load TensorFlow wherever it is found."""
    if "umap" not in sys.modules:
        sys.modules["umap.parametric_umap"] = None  # type: ignore[assignment]  # stops its import
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import umap
        finally:
            del sys.modules["umap.parametric_umap"]
    import umap

    return umap.UMAP


def _check(
    vectors, method, dimensions, metric, perplexity, neighbors, neighbors_scored
) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float32)
    if vectors.ndim != 2:
        raise InputError(f"A map needs a table of vectors (n, d), not the shape {vectors.shape}.")
    if not 1 <= dimensions <= min(vectors.shape):
        raise InputError(
            f"A table of the shape {vectors.shape} has no map of {dimensions} dimensions: choose "
            f"between 1 and {min(vectors.shape)}."
        )
    if method not in _METHODS:
        raise InputError(f"The method must be one of {', '.join(_METHODS)}, not {method!r}.")
    if metric not in ("cosine", "euclidean"):
        raise InputError(f"The metric must be 'cosine' or 'euclidean', not {metric!r}.")
    if not np.isfinite(vectors).all():
        raise InputError("The vectors hold NaN or infinite numbers: find out where they come from.")
    n = len(vectors)
    if n <= 2 * neighbors_scored:
        raise InputError(
            f"{n} vectors are too few to score {neighbors_scored} neighbors each: give more than "
            f"{2 * neighbors_scored}, or lower neighbors_scored."
        )
    if method in ("sne", "tsne") and not 1 <= perplexity <= (n - 1) / 3:
        raise InputError(
            f"Perplexity {perplexity:g} does not fit {n} vectors: choose between 1 and "
            f"{(n - 1) // 3}, a third of their number."
        )
    if method == "umap" and not 2 <= neighbors < n:
        raise InputError(f"UMAP with {n} vectors needs between 2 and {n - 1} neighbors.")
    return vectors
