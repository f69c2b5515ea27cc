"""Maps to move around in: in JupyterLab, on the website, and in TensorBoard's projector."""

import json
from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from course_utils.errors import InputError
from course_utils.evaluation import cosine_similarity
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array, whole_number
from course_utils.visualization.display import check_alt, png_of, screen_width
from course_utils.visualization.maps import plot_map
from course_utils.visualization.projection import Projection, points_of
from course_utils.visualization.steps import address, script_tag
from course_utils.visualization.style import PALETTE


@checked
def interactive_map(
    projection: Projection | np.ndarray,
    *,
    labels: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    words: Sequence[str] | None = None,
    title: str = "",
) -> None:
    """Show a map in which the learner can hover and zoom. It needs no network.

    Viewers that cannot show it (a code host, a printed page) show one line of text instead, so
    draw the static map as well.

    Parameters
    ----------
    projection : Projection or ndarray (n, 2)
    labels : sequence of int, length n, optional
        The class of each point.
    names : sequence of str, optional
        The classes' names; without them there is no legend.
    words : sequence of str, length n, optional
        What the pointer shows at each point.

    Raises
    ------
    InputError
        If the points are no (n, 2) table, labels or words are not as many, or a class has no name.
    """
    from IPython.display import display

    points = points_of(projection, labels, names, words)
    groups = np.zeros(len(points), int) if labels is None else np.asarray(labels)
    traces = []
    for label in np.unique(groups).tolist():
        own = np.flatnonzero(groups == label)
        traces.append(
            {
                "type": "scattergl",
                "mode": "markers",
                "name": names[label] if names is not None else str(label),
                "x": points[own, 0].round(2).astype(float).tolist(),
                "y": points[own, 1].round(2).astype(float).tolist(),
                "text": [words[i] for i in own.tolist()] if words is not None else None,
                "hoverinfo": "text+name" if names is not None else "text",
                "marker": {"size": 7, "color": PALETTE[label % len(PALETTE)]},
            }
        )
    axis = {"showticklabels": False, "zeroline": False, "showgrid": False}
    layout = {
        "title": {"text": title},
        "height": 550,
        "plot_bgcolor": "white",
        "xaxis": axis,
        "yaxis": axis,
        "showlegend": names is not None,
        "margin": {"l": 10, "r": 10, "t": 50, "b": 10},
    }
    figure = {"data": traces, "layout": layout, "config": {"displaylogo": False}}
    display(
        {
            "application/vnd.plotly.v1+json": figure,
            "text/plain": f"Interactive map of {len(points)} points: {title}. Open it in "
            "JupyterLab to hover and zoom.",
        },
        raw=True,
    )


@partial(checked, own=("alt",))
def show_word_map(
    projection: Projection | np.ndarray,
    vectors: np.ndarray,
    *,
    words: Sequence[str],
    labels: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    neighbors: int = 5,
    title: str = "",
    alt: str,
) -> None:
    """Show a map of words that joins the word under the pointer to its nearest by the vectors.

    Words can be typed as well, and the arrow keys go through them. It works on the website and in
    a trusted JupyterLab. Where scripts are removed (a code host, a printed page), the map of
    `plot_map` stands there as a still picture: it need not be drawn as well.

    Parameters
    ----------
    projection : Projection or ndarray (n, 2)
    vectors : ndarray, shape (n, d)
        The vectors that the map shows: nearest are those of the highest cosine.
    words : sequence of str, length n
        Each once, the most important first: on the still picture one without room is left out.
    labels : sequence of int, length n, optional
        The class of each word.
    names : sequence of str, optional
        The classes' names; by default their numbers.
    neighbors : int
        How many words each is joined to, from 1 to n - 1.
    alt : str
        What a reader who cannot see the map should know.

    Raises
    ------
    InputError
        If the points are no (n, 2) table, vectors, words or labels are not as many, a word comes
        twice, a class has no name, `neighbors` is out of its range, a number is NaN or infinite, or
        the text alternative is shorter than 20 characters.
    """
    from IPython.display import display

    check_alt(alt)
    points = finite_array(points_of(projection, labels, names, words), "Points")
    vectors = finite_array(vectors, "Vectors", axes=2)
    if len(vectors) != len(points) or len(set(words)) != len(points):
        raise InputError(
            f"There must be one vector and another word for each of {len(points)} points, not "
            f"{len(vectors)} vectors and {len(set(words))} different words."
        )
    if not 1 <= whole_number(neighbors, "neighbors") < len(points):
        raise InputError(
            f"There are {len(points)} words: each has 1 to {len(points) - 1} neighbors."
        )
    figure = plot_map(points, labels=labels, names=names, words=words, max_labels=len(points),
                      title=title)  # fmt: skip
    picture = png_of(figure, tight=False)
    places = figure.axes[0].transData.transform(points) / figure.bbox.size  # from the lower left
    wide, high = figure.get_size_inches()
    plt.close(figure)
    data = {
        "words": list(words),
        "places": (places * [1, -1] + [0, 1]).round(4).tolist(),
        "near": _nearest(vectors, neighbors),
        "height": round(float(high / wide), 4),
    }
    still = f'<img src="{address(picture)}" alt="{escape(alt)}" width="{screen_width(picture)}">'
    held = escape(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    html = f'<course-words data-map="{held}">{still}</course-words>\n{script_tag("words")}'
    display({"text/html": html, "text/plain": alt}, raw=True)


def _nearest(vectors: np.ndarray, neighbors: int) -> list[list[tuple[int, float]]]:
    """Return for each row the rows of the highest cosine with their cosines."""
    cosines = cosine_similarity(vectors)  # (n, n)
    np.fill_diagonal(cosines, -np.inf)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :neighbors]
    return [[(int(j), round(float(cosines[i, j]), 3)) for j in row] for i, row in enumerate(best)]


@checked
def export_projector(
    folder: str | Path,
    vectors: np.ndarray,
    words: Sequence[str],
    labels: Sequence[str] | None = None,
) -> Path:
    """Write vectors for TensorBoard's projector: `vectors.tsv`, `metadata.tsv` and its settings.

    Parameters
    ----------
    folder : str or Path
        It is made if need be.
    vectors : ndarray, shape (n, d)
    words : sequence of str, length n
    labels : sequence of str, length n, optional

    Returns
    -------
    Path
        The folder, for `tensorboard --logdir FOLDER`.

    Raises
    ------
    InputError
        If the vectors are no table, or words or labels are not as many.
    OSError
        If the folder cannot be written.
    """
    if vectors.ndim != 2:
        raise InputError(f"The projector needs vectors (n, d), not the shape {vectors.shape}.")
    if len(words) != len(vectors) or (labels is not None and len(labels) != len(vectors)):
        raise InputError(f"There must be one word and label for each of {len(vectors)} vectors.")
    finite_array(vectors, "Vectors")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clean = [" ".join(word.split()) for word in words]  # a tab or line break would shift the table
    if labels is None:
        metadata = clean  # a single column has no header
    else:
        metadata = ["word\tlabel"] + [f"{w}\t{x}" for w, x in zip(clean, labels, strict=True)]
    np.savetxt(folder / "vectors.tsv", vectors, fmt="%.6g", delimiter="\t")
    (folder / "metadata.tsv").write_text("\n".join(metadata) + "\n", encoding="utf8")
    (folder / "projector_config.pbtxt").write_text(
        'embeddings {\n  tensor_name: "vectors"\n  tensor_path: "vectors.tsv"\n'
        '  metadata_path: "metadata.tsv"\n}\n',
        encoding="utf8",
    )
    return folder
