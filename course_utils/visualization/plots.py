"""Curves, bars, heat maps and the map of the course."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import LogLocator, MaxNLocator

from course_utils.errors import InputError
from course_utils.training.loop import History
from course_utils.visualization.style import MARKERS, PALETTE


def plot_lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    errors: Mapping[str, Sequence[float]] | None = None,
    baseline: Mapping[str, float] | None = None,
    xlabel: str,
    ylabel: str,
    title: str = "",
    logx: bool = False,
    logy: bool = False,
) -> Figure:
    """Draw one line for each series over the same x, with error bars and baselines if given.

    Raises
    ------
    InputError
        If a series is not as long as x, or there are more series than markers.
    """
    _check_number(series)
    figure, ax = plt.subplots()
    for i, (name, values) in enumerate(series.items()):
        if len(values) != len(x):
            raise InputError(f"The series {name!r} has {len(values)} values for {len(x)} places.")
        ax.errorbar(
            x, values, yerr=(errors or {}).get(name), capsize=3, label=name,
            marker=MARKERS[i], color=PALETTE[i],
        )  # fmt: skip
    _draw_baselines(ax, baseline)
    if logx:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{value:,}" for value in x])
        ax.minorticks_off()
    if logy:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")  # 20, not 2 x 10 to the power of 1
        ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    figure.legend(loc="outside right upper")
    return figure


def plot_learning_curves(
    histories: Mapping[str, History],
    *,
    column: str = "validation_accuracy",
    baseline: Mapping[str, float] | None = None,
    title: str = "",
) -> Figure:
    """Draw one measure over the epochs, one line for each training.

    Raises
    ------
    InputError
        If a history has no such column, or there are more histories than markers.
    """
    _check_number(histories)
    figure, ax = plt.subplots()
    for i, (name, history) in enumerate(histories.items()):
        values = history.column(column)
        ax.plot(np.arange(1, len(values) + 1), values, marker=MARKERS[i], color=PALETTE[i],
                label=name)  # fmt: skip
    _draw_baselines(ax, baseline)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="epoch", ylabel=column.replace("_", " "), title=title)
    figure.legend(loc="outside right upper")
    return figure


def plot_bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    errors: Sequence[float] | None = None,
    baseline: Mapping[str, float] | None = None,
    ylabel: str,
    title: str = "",
    log: bool = False,
) -> Figure:
    """Draw one bar for each name, with its value on top.

    Raises
    ------
    InputError
        If there are more values than names, or fewer.
    """
    if len(names) != len(values):
        raise InputError(f"There are {len(values)} values for {len(names)} bars.")
    figure, ax = plt.subplots()
    bars = ax.bar(names, values, yerr=errors, capsize=4, width=0.6, color=PALETTE[0])
    ax.bar_label(
        bars, [f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in values], padding=3
    )
    if log:
        ax.set_yscale("log")
    ax.margins(y=0.15)
    _draw_baselines(ax, baseline)
    ax.grid(axis="x", visible=False)
    ax.set(ylabel=ylabel, title=title)
    if baseline:
        figure.legend(loc="outside right upper")
    return figure


def plot_confusion(
    targets: np.ndarray, predictions: np.ndarray, names: Sequence[str], title: str = ""
) -> Figure:
    """Count how often each true class (rows) is predicted as each class (columns)."""
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (np.asarray(targets), np.asarray(predictions)), 1)
    return plot_heatmap(
        counts, names, names, title=title, ylabel="true class", xlabel="predicted class"
    )


def plot_heatmap(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str = "",
    ylabel: str = "",
    xlabel: str = "",
    annotate: bool = True,
) -> Figure:
    """Draw a matrix as colored cells; `annotate` writes the numbers into them.

    Raises
    ------
    InputError
        If the matrix does not have these rows and columns.
    """
    matrix = np.asarray(matrix)
    if matrix.shape != (len(rows), len(columns)):
        raise InputError(
            f"The matrix {matrix.shape} does not fit {len(rows)} rows and {len(columns)} columns."
        )
    height = min(6.5, max(2.6, 0.55 * len(rows) + 1.5))
    figure, ax = plt.subplots(figsize=(min(9, max(5, 0.6 * len(columns) + 3)), height))
    ax.pcolormesh(matrix, cmap="Blues", edgecolors="white", linewidth=1.5)
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    if max(len(str(column)) for column in columns) > 8:
        plt.setp(ax.get_xticklabels(), rotation=25, ha="right")
    ax.invert_yaxis()
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if annotate:
        _write_numbers(ax, matrix)
    return figure


def _check_number(lines: Mapping) -> None:
    """Refuse more lines than a reader can tell apart."""
    if len(lines) > len(MARKERS):
        raise InputError(
            f"{len(lines)} lines cannot be told apart: draw at most {len(MARKERS)} in a figure."
        )


def _write_numbers(ax: Axes, matrix: np.ndarray) -> None:
    middle = (matrix.max() + matrix.min()) / 2
    for (row, column), value in np.ndenumerate(matrix):
        text = f"{value}" if np.issubdtype(matrix.dtype, np.integer) else f"{value:.2f}"
        color = "white" if value > middle else "black"
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=color)


def _draw_baselines(ax: Axes, baseline: Mapping[str, float] | None) -> None:
    for style, (name, value) in zip(("--", ":", "-."), (baseline or {}).items(), strict=False):
        ax.axhline(value, color="#555555", linestyle=style, linewidth=1.5, label=name)


_LESSONS = (
    ("1 Embeddings", "words\nbecome points"),
    ("2 Word2Vec", "points from\ncontext"),
    ("3 RNNs", "order, and\nwriting text"),
    ("4 Transformers", "words look at\neach other"),
    ("5 BERT", "a vector for each\nword in its place"),
)


def course_map(current: int) -> Figure:
    """Draw the five lessons in a row, the current one (1 to 5) lit.

    Raises
    ------
    InputError
        If there is no such lesson.
    """
    if not 1 <= current <= len(_LESSONS):
        raise InputError(f"The lesson must be between 1 and {len(_LESSONS)}, not {current}.")
    figure, ax = plt.subplots(figsize=(9, 1.7))
    for i, (name, adds) in enumerate(_LESSONS):
        lit = i + 1 == current
        ax.add_patch(
            FancyBboxPatch(
                (2 * i, 0), 1.6, 0.7, boxstyle="round,pad=0.05", linewidth=1.5,
                facecolor=PALETTE[0] if lit else "white", edgecolor=PALETTE[0],
            )
        )  # fmt: skip
        ax.text(2 * i + 0.8, 0.35, name, ha="center", va="center", fontsize=10.5,
                color="white" if lit else "black", weight="bold" if lit else "normal")  # fmt: skip
        ax.text(2 * i + 0.8, -0.2, adds, ha="center", va="top", fontsize=9.5, color="#444444")
        if i:
            ax.annotate("", (2 * i - 0.07, 0.35), (2 * i - 0.33, 0.35),
                        arrowprops={"arrowstyle": "->", "color": "#444444"})  # fmt: skip
    ax.set(xlim=(-0.15, 9.8), ylim=(-0.95, 0.85))
    ax.axis("off")
    return figure
