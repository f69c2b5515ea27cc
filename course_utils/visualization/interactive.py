"""Maps to move around in: in JupyterLab, and in TensorBoard's projector."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array
from course_utils.visualization.projection import Projection, points_of
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
