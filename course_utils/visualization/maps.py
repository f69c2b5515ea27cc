"""Maps of points that one can read: classes in color and shape, labels that do not overlap."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive, whole_number
from course_utils.visualization.projection import Projection, points_of
from course_utils.visualization.style import MARKERS, PALETTE, plain_text

_TITLES = {"pca": "PCA", "sne": "SNE", "tsne": "t-SNE", "umap": "UMAP"}
# Where a label may stand around its point: right, left, above, below, then the corners.
_AROUND = [
    (1, 0, "left", "center"), (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"), (0, -1, "center", "top"),
    (1, 1, "left", "bottom"), (-1, 1, "right", "bottom"),
    (1, -1, "left", "top"), (-1, -1, "right", "top"),
]  # fmt: skip


@plain_text
@checked
def plot_map(
    projection: Projection | np.ndarray,
    *,
    labels: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    words: Sequence[str] | None = None,
    max_labels: int = 60,
    title: str = "",
    size: tuple[float, float] = (9, 7),
) -> Figure:
    """Draw one map.

    Parameters
    ----------
    projection : Projection or ndarray (n, 2)
    labels : sequence of int, length n, optional
        The class of each point.
    names : sequence of str, optional
        The classes' names; by default their numbers.
    words : sequence of str, length n, optional
        What to write beside the points, the most important first. A label that would cover
        another label or point is left out.
    max_labels : int
        How many words are written at most.
    size : (width, height) in inches

    Raises
    ------
    InputError
        If the points are no (n, 2) table, labels or words are not as many, a class has no name, or
        a side is not above 0.
    """
    points = points_of(projection, labels, names, words)
    for side in size:
        check_positive(side, "A side of the figure")
    figure, ax = plt.subplots(figsize=size)
    _scatter(ax, points, labels, names, 12 if words is not None else 22)
    if labels is not None:
        _legend(figure, ax)
    ax.set_title(title)
    if words is not None:
        place_labels(ax, points, words, whole_number(max_labels, "max_labels", 0))
    return figure


@plain_text
@checked
def plot_maps(
    projections: Sequence[Projection],
    *,
    labels: Sequence[int],
    names: Sequence[str],
    titles: Sequence[str] | None = None,
    columns: int = 2,
) -> Figure:
    """Draw several maps of the same points side by side, each with its trustworthiness.

    Parameters
    ----------
    projections : sequence of Projection
    labels : sequence of int, length n
        The class of each point.
    names : sequence of str
        The classes' names.
    titles : sequence of str, optional
        One for each map; by default the names of the methods.
    columns : int
        Maps in a row.

    Raises
    ------
    InputError
        If there is no map, one has no points (n, 2), the labels are not as many as the points, a
        class has no name or a map no title, or `columns` is below 1.
    """
    titles = [] if titles is None else list(titles)
    if not len(projections) or columns < 1 or (titles and len(titles) != len(projections)):
        raise InputError(
            f"There must be maps, a title for each, and columns: not {len(projections)} maps, "
            f"{len(titles)} titles and {columns} columns."
        )
    columns = min(columns, len(projections))
    rows = -(-len(projections) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9, 9 / columns * rows + 0.5), squeeze=False)
    for ax in axes.flat[len(projections) :]:
        ax.remove()
    for i, (ax, projection) in enumerate(zip(axes.flat, projections, strict=False)):
        _scatter(ax, points_of(projection, labels, names), labels, names, 80 / columns**2)
        heading = titles[i] if titles else _TITLES[projection.method]
        ax.set_title(f"{heading}\ntrustworthiness {projection.trustworthiness:.2f}", fontsize=11)
    _legend(figure, axes.flat[0])
    return figure


def _scatter(ax: Axes, points: np.ndarray, labels, names, size: float) -> None:
    """Draw the points of each class in its color and shape, without axes: they mean nothing."""
    labels = np.zeros(len(points), int) if labels is None else np.asarray(labels)
    for label in np.unique(labels):
        own = points[labels == label]
        ax.scatter(
            own[:, 0],
            own[:, 1],
            s=size,
            color=PALETTE[label % len(PALETTE)],
            marker=MARKERS[label % len(MARKERS)],
            linewidths=0,
            alpha=0.75,
            label=names[label] if names is not None else str(label),
        )
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="#CCCCCC")
    ax.margins(0.06)


def _legend(figure: Figure, ax: Axes) -> None:
    handles, texts = ax.get_legend_handles_labels()
    figure.legend(
        handles, texts, loc="outside lower center", ncols=min(len(texts), 5), markerscale=1.5
    )


def place_labels(
    ax: Axes,
    points: np.ndarray,
    words: Sequence[str],
    max_labels: int,
    size: float = 9,
    clear: np.ndarray | None = None,
) -> None:
    """Write words beside their points, first come first served, and never over one another.

    Parameters
    ----------
    ax : Axes
    points : ndarray, shape (n, 2)
    words : sequence of str, length n
        A word without room is left out.
    max_labels : int
    size : float
        Of the letters, in points.
    clear : ndarray, optional
        Shape (m, 2): more places that words keep off, if there is room elsewhere.
    """
    figure = ax.figure
    figure.canvas.draw()  # lays out the figure, so that positions on paper are known
    on_paper = ax.transData.transform(points)  # pixels, (n, 2)
    kept_off = on_paper
    if clear is not None:
        kept_off = np.vstack([on_paper, ax.transData.transform(clear)])
    taken = np.empty((0, 4))
    for word, point in zip(words, points, strict=True):
        if len(taken) >= max_labels:
            break
        box = _place_one(ax, word, point, kept_off, taken, size)
        if box is None and clear is not None:
            box = _place_one(ax, word, point, on_paper, taken, size)
        if box is not None:
            taken = np.vstack([taken, box])


def _place_one(ax, word, point, on_paper, taken, size) -> np.ndarray | None:
    """Try the positions around a point; return the box (left, bottom, right, top) that was free."""
    frame = ax.get_window_extent()
    for dx, dy, horizontal, vertical in _AROUND:
        text = ax.annotate(
            word,
            point,
            xytext=(3 * dx, 3 * dy),
            textcoords="offset points",
            ha=horizontal,
            va=vertical,
            fontsize=size,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )
        text.set_in_layout(False)
        extent = text.get_window_extent().padded(1)
        box = np.array([extent.x0, extent.y0, extent.x1, extent.y1])
        inside = extent.x0 >= frame.x0 and extent.x1 <= frame.x1
        if inside and not _covers(box, on_paper, taken):
            return box
        text.remove()
    return None


def _covers(box: np.ndarray, on_paper: np.ndarray, taken: np.ndarray) -> bool:
    """Whether a box lies over a point or over a label that is there already."""
    x, y = on_paper.T
    points = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
    apart = (taken[:, 0] >= box[2]) | (taken[:, 2] <= box[0])
    apart |= (taken[:, 1] >= box[3]) | (taken[:, 3] <= box[1])
    return bool(points.any() or not apart.all())
