"""From many dimensions to two: PCA, SNE, t-SNE and UMAP through one call."""

import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils.course import numba_cache
from course_utils.errors import InputError
from course_utils.evaluation import neighborhood_overlap, normalize_rows, trustworthiness
from course_utils.text.arguments import checked
from course_utils.visualization.sne import symmetric_sne


@checked
@dataclass(frozen=True)
class Projection:
    """A map of vectors, and how far it can be trusted.

    Attributes
    ----------
    points : ndarray of float32, shape (n, dimensions)
    method : str
        "pca", "sne", "tsne" or "umap".
    settings : dict
        `perplexity` of SNE and t-SNE, `neighbors` of UMAP.
    trustworthiness : float
        Are neighbors on the map true neighbors? 1 is perfect, about 0.5 is random.
    overlap : float
        Share of each vector's nearest neighbors that are nearest on the map as well.
    seconds : float
        Time on the clock to compute the map, the two scores not counted.
    """

    points: np.ndarray
    method: str
    settings: dict
    trustworthiness: float
    overlap: float
    seconds: float


@checked
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

    Vectors that are very long, very short or nearly the same are moved and scaled first, all alike,
    so that rounding does not decide the map; its own scale follows them.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    method : {"pca", "sne", "tsne", "umap"}
        "sne" is the symmetric form.
    dimensions : int
        Of the map; at most 3 with t-SNE.
    metric : {"cosine", "euclidean"}
        "cosine" scales each vector to length 1 first: then the nearest vectors are those with the
        highest cosine.
    perplexity : float
        For SNE and t-SNE: about how many neighbors a point has, at most a third of the others.
    neighbors : int
        For UMAP: how many neighbors a point has.
    seed : int
        For t-SNE and UMAP; PCA, and SNE, which starts from it, leave nothing to chance.
    neighbors_scored : int
        How many neighbors `trustworthiness` and `overlap` look at: fewer than half of the vectors.

    Raises
    ------
    InputError
        If the vectors are no finite (n, d) table, are too few for the settings, all the same (with
        "cosine": all of one direction), have fewer than `dimensions` columns, or the method or
        metric is unknown.

    References
    ----------
    Hinton and Roweis 2002 (SNE); van der Maaten and Hinton 2008 (symmetric SNE in section 3.1,
    t-SNE in section 3.3); McInnes et al. 2018 (UMAP); Kobak and Berens 2019, The art of using t-SNE
    (start from PCA).
    """
    vectors = _check(vectors, method, dimensions, metric, perplexity, neighbors, neighbors_scored)
    vectors = _comparable(vectors, metric)
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


def _comparable(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Return vectors as float32 with distances that float32 can tell apart.

    Raises
    ------
    InputError
        If they are all the same.
    """
    _, powers = np.frexp(np.abs(vectors.astype(np.float64)).max(axis=1, keepdims=True))  # (n, 1)
    if metric == "euclidean":
        powers = np.full_like(powers, powers.max())
    near_one = np.ldexp(vectors.astype(np.float64), -powers)  # no number too large or too small
    exact = normalize_rows(near_one) if metric == "cosine" else near_one
    rounding = 8 * np.finfo(vectors.dtype if vectors.dtype.kind == "f" else np.float64).eps
    middle = exact.mean(axis=0)
    size, spread = np.abs(exact).max(), np.abs(exact - middle).max()
    if spread <= rounding * size:
        same = "point in the same direction" if metric == "cosine" else "are the same"
        raise InputError(
            f"All {len(vectors)} vectors {same}: there is nothing to place on a map. Find out why "
            "they are alike."
        )
    if spread < 1e-3 * size:
        return ((exact - middle) / spread).astype(np.float32)
    if metric == "cosine":
        return normalize_rows(near_one.astype(np.float32))
    return (near_one if abs(powers[0, 0]) > 20 else vectors).astype(np.float32)


def points_of(
    projection: Projection | np.ndarray,
    labels: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    words: Sequence[str] | None = None,
) -> np.ndarray:
    """Return the points of a map, shape (n, 2), if all that is drawn with them fits.

    Parameters
    ----------
    projection : Projection or ndarray (n, 2)
    labels : sequence of int, length n, optional
        The class of each point, from 0 up.
    names : sequence of str, optional
        A name for each class.
    words : sequence of str, length n, optional

    Raises
    ------
    InputError
        If the points have another shape, there are none, labels or words are not as many, a label
        is no whole number from 0 up, or has no name.
    """
    points = projection.points if isinstance(projection, Projection) else np.asarray(projection)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise InputError(f"A map needs points of the shape (n, 2), not {points.shape}.")
    for name, values in (("labels", labels), ("words", words)):
        if values is not None and len(values) != len(points):
            raise InputError(f"There are {len(values)} {name} for {len(points)} points.")
    classes = np.asarray([0] if labels is None else labels)
    if not np.issubdtype(classes.dtype, np.integer) or classes.min() < 0:
        raise InputError("Labels are whole numbers from 0 up: give the classes' names as `names`.")
    if names is not None and classes.max() >= len(names):
        raise InputError(f"The class {classes.max()} has no name: there are {len(names)} names.")
    return points


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
    with warnings.catch_warnings(), threadpool_limits(limits=1):  # numba changes them for all
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
        _give_numba_a_place()
        sys.modules["umap.parametric_umap"] = None  # type: ignore[assignment]  # stops its import
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import umap
        finally:
            del sys.modules["umap.parametric_umap"]
    import umap

    return umap.UMAP


def _give_numba_a_place() -> None:
    """Say where numba stores what it compiles, which UMAP cannot be imported without."""
    import numba

    folder = numba_cache()
    if folder is not None:
        os.environ["NUMBA_CACHE_DIR"] = str(folder)
        numba.config.reload_config()


def _check(
    vectors: np.ndarray,
    method: str,
    dimensions: int,
    metric: str,
    perplexity: float,
    neighbors: int,
    neighbors_scored: int,
) -> np.ndarray:
    vectors = np.asarray(vectors)
    if vectors.dtype.kind not in "fiub":
        raise InputError(f"Vectors are numbers, but these have the type {vectors.dtype}.")
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
    if method == "tsne" and dimensions > 3:
        raise InputError(f"A map of t-SNE has at most 3 dimensions, not {dimensions}.")
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
