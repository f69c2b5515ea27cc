"""Attention weights as heat maps, and as a table to point at."""

from collections.abc import Sequence
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive
from course_utils.visualization.style import plain_text


@plain_text
@checked
def plot_attention(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    heads: Sequence[str] | None = None,
    columns: int = 2,
    title: str = "",
    ylabel: str = "query",
    xlabel: str = "key",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw who looks at whom: tokens on both axes, a panel for each head, one color scale.

    Parameters
    ----------
    weights : ndarray, shape (queries, keys) or (heads, queries, keys)
        Shares from 0 to 1; each row should sum to 1, which is not checked.
    queries, keys : sequence of str
        The tokens that look, or queries (rows), and that are looked at, or keys (columns).
    heads : sequence of str, optional
        A title for each panel; "head 1", "head 2", ... by default.
    columns : int
        Panels in a row, at most.
    size : (width, height) in inches, optional
        By default as the tokens need, at most 11 by 11.

    Raises
    ------
    InputError
        If the weights do not fit the tokens or the titles, are no shares from 0 to 1, or there are
        none, `columns` is below 1, or a side is not above 0.
    """
    if columns < 1:
        raise InputError(f"There must be at least 1 panel in a row, but columns is {columns}.")
    weights = _checked(weights, queries, keys)
    names = _names(weights, heads)
    columns = min(columns, len(weights))
    rows = -(-len(weights) // columns)
    if size is None:
        size = (
            min(11, max(4.5, columns * (0.26 * len(keys) + 1.2))),
            min(11, max(2.4, rows * (0.26 * len(queries) + 1.1))),
        )
    for side in size:
        check_positive(side, "A side of the figure")
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[len(weights) :]:
        ax.axis("off")
    for number, (ax, panel) in enumerate(zip(axes.flat, weights, strict=False)):
        mesh = ax.pcolormesh(
            panel, cmap="Blues", vmin=0, vmax=1, edgecolors="#EEEEEE", linewidth=0.3
        )
        ax.set_xticks(np.arange(len(keys)) + 0.5, map(_visible, keys), fontsize=9)
        ax.set_yticks(np.arange(len(queries)) + 0.5, map(_visible, queries), fontsize=9)
        if max(map(len, keys)) > 2:
            plt.setp(ax.get_xticklabels(), rotation=90)
        ax.invert_yaxis()
        ax.grid(False)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        ax.set_xlabel(xlabel if number + columns >= len(weights) else "")
        ax.set_ylabel(ylabel if number % columns == 0 else "")
        if len(weights) > 1 or heads is not None:
            ax.set_title(names[number], fontsize=11, loc="left")
    figure.colorbar(mesh, ax=axes, label="share of attention", shrink=0.9, aspect=25)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure


@checked
def attention_table(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    heads: Sequence[str] | None = None,
    title: str = "",
) -> None:
    """Show attention as a plain HTML table: point at a cell to read its share.

    It needs no network and no script. With several heads, each is folded away below its name.

    Parameters
    ----------
    weights : ndarray, shape (queries, keys) or (heads, queries, keys)
    queries, keys : sequence of str
    heads : sequence of str, optional
        A name for each head; "head 1", "head 2", ... by default.

    Raises
    ------
    InputError
        If the weights do not fit the tokens or the names, are no shares from 0 to 1, or there are
        none.
    """
    from IPython.display import display

    html = attention_html(weights, queries, keys, heads=heads, title=title)
    text = f"A table of attention: {title}. Open it in JupyterLab to point at its cells."
    display({"text/html": html, "text/plain": text}, raw=True)


@checked
def attention_html(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    heads: Sequence[str] | None = None,
    title: str = "",
) -> str:
    """Return what `attention_table` shows, as HTML.

    Raises
    ------
    InputError
        If the weights do not fit the tokens or the names, are no shares from 0 to 1, or there are
        none.
    """
    weights = _checked(weights, queries, keys)
    names = _names(weights, heads)
    parts = [f"<p><b>{escape(title)}</b></p>"] if title else []
    for number, (name, panel) in enumerate(zip(names, weights, strict=True)):
        table = _table(panel, queries, keys, name)
        if len(weights) > 1:
            state = " open" if number == 0 else ""
            table = f"<details{state}><summary>{escape(name)}</summary>{table}</details>"
        parts.append(table)
    return "\n".join(parts)


def _table(panel: np.ndarray, queries: Sequence[str], keys: Sequence[str], name: str) -> str:
    head = "".join(f'<th scope="col">{escape(_visible(key))}</th>' for key in keys)
    rows = []
    for query, row in zip(queries, panel, strict=True):
        cells = "".join(
            f'<td title="{escape(_visible(query))} looks at {escape(_visible(key))}: {share:.2f}" '
            f'style="background:rgba(0,114,178,{share:.2f});min-width:1em;height:1em"></td>'
            for key, share in zip(keys, row, strict=True)
        )
        rows.append(f'<tr><th scope="row">{escape(_visible(query))}</th>{cells}</tr>')
    caption = f"<caption>{escape(name)}</caption>"
    return f"<table>{caption}<tr><td></td>{head}</tr>{''.join(rows)}</table>"


def _checked(weights: np.ndarray, queries: Sequence[str], keys: Sequence[str]) -> np.ndarray:
    """Return weights with an axis for the heads."""
    weights = np.asarray(weights, float)
    panels = weights[None] if weights.ndim == 2 else weights
    if panels.ndim != 3 or panels.shape[1:] != (len(queries), len(keys)) or not panels.size:
        raise InputError(
            f"The weights have the shape {weights.shape}, but there are {len(queries)} tokens that "
            f"look and {len(keys)} that are looked at."
        )
    if not (np.isfinite(panels).all() and panels.min() >= 0 and panels.max() <= 1 + 1e-5):
        raise InputError("Attention weights are shares from 0 to 1: take them after the softmax.")
    return np.minimum(panels, 1)


def _names(weights: np.ndarray, heads: Sequence[str] | None) -> Sequence[str]:
    names = [f"head {i + 1}" for i in range(len(weights))] if heads is None else heads
    if len(names) != len(weights):
        raise InputError(f"There are {len(names)} names for {len(weights)} heads.")
    return names


def _visible(token: str) -> str:
    """Return a token that can be seen: a space becomes an open box."""
    return token.replace(" ", "\u2423")
