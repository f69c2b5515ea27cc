"""Curves, bars, heat maps and the map of the course."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import LogLocator, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from course_utils.course import front_matter, lessons
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.training.loop import History
from course_utils.visualization.sne import gaussian_closeness, student_closeness
from course_utils.visualization.style import MARKERS, PALETTE, plain_text

_STYLES = ("--", ":", "-.")  # of baselines
_ASIDE = 4.0  # points between the lines of two series, so that no error bar hides another


@plain_text
@checked
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

    Parameters
    ----------
    x : sequence of float
    series : mapping of str to sequence of float, as long as x
        A point is left out where a number is NaN.
    errors : mapping of str to sequence of float, as long as x, optional
        Half the height of the error bars, for some of the series.
    baseline : mapping of str to float, optional
        Up to three levels, each a dashed or dotted line across.
    logx, logy : bool
        Draw the axis in powers; then only the values of `x` are marked on it.

    Raises
    ------
    InputError
        If a series or its errors are not as long as x, there are more than ten series or three
        baselines, or errors for a series that there is not.
    """
    _check_number(series, baseline)
    unknown = set(errors or {}) - set(series)
    if unknown:
        raise InputError(f"There are errors for {unknown.pop()!r}, but there is no such series.")
    figure, ax = plt.subplots()
    for i, (name, values) in enumerate(series.items()):
        spread = (errors or {}).get(name, values)
        if not len(values) == len(spread) == len(x):
            raise InputError(
                f"The series {name!r} has {len(values)} values and {len(spread)} errors for "
                f"{len(x)} values of x."
            )
        line, caps, bars = ax.errorbar(
            x, values, yerr=(errors or {}).get(name), capsize=3, label=name,
            marker=MARKERS[i], color=PALETTE[i],
        )  # fmt: skip
        if errors:
            aside = (i - (len(series) - 1) / 2) * _ASIDE / 72
            for artist in (line, *caps, *bars):
                artist.set_transform(
                    ax.transData + ScaledTranslation(aside, 0, figure.dpi_scale_trans)
                )
    _draw_baselines(ax, baseline)
    if logx:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{value:,}" for value in x])
        ax.minorticks_off()
    if logy:
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        if high < 1e4 * low:  # a longer axis has room for powers of ten only
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter("{x:g}")  # 20, not 2 x 10 to the power of 1
        ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    figure.legend(loc="outside right upper")
    return figure


@plain_text
@checked
def plot_learning_curves(
    histories: Mapping[str, History],
    *,
    column: str = "validation_accuracy",
    baseline: Mapping[str, float] | None = None,
    title: str = "",
) -> Figure:
    """Draw one measure over the epochs, one line for each training.

    Parameters
    ----------
    histories : mapping of str to History
    column : str
        The measure: see `History.column`.
    baseline : mapping of str to float, optional
        Up to three levels, each a dashed or dotted line across.

    Raises
    ------
    InputError
        If there is no history, one has no such column, or there are more than ten histories or
        three baselines.
    """
    _check_number(histories, baseline)
    if not histories:
        raise InputError("There is no history to draw: give the results of `fit`, by name.")
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


@plain_text
@checked
def plot_heavy_tail(*, near: float = 0.8, far: float = 0.05, title: str = "") -> Figure:
    """Draw how SNE's Gaussian and the t of t-SNE fall with the distance of two points on a map.

    Two pairs are marked, one near and one far: each stands on both curves at the same height. What
    lies between is the room that the heavy tail gives, and the default title says how much.

    Parameters
    ----------
    near, far : float
        The closeness of the two pairs, where 1 is the same point: 0.02 <= far < near < 1.

    Raises
    ------
    InputError
        If the two are not in that order.
    """
    if not 0.02 <= far < near < 1:
        raise InputError(f"It must be 0.02 <= far < near < 1, not far={far:g}, near={near:g}.")
    curves = {"Gaussian (SNE)": gaussian_closeness, "Student's t (t-SNE)": student_closeness}
    grid = np.linspace(0, 11, 2201)
    pairs = np.array([near, far])  # np.interp wants rising numbers: both are turned around
    reached = [np.interp(-pairs, -curve(grid**2), grid) for curve in curves.values()]
    narrow, wide = (pair[1] for pair in reached)
    distances = grid[grid <= max(5, wide * 1.45)]
    figure, ax = plt.subplots(figsize=(6, 4))
    for i, (name, curve) in enumerate(curves.items()):
        ax.plot(distances, curve(distances**2), color=PALETTE[i], linestyle=["--", "-"][i],
                label=name)  # fmt: skip
        ax.plot(reached[i], pairs, MARKERS[i], color=PALETTE[i], markersize=8)
    for word, height, ends in zip(("near", "far"), pairs, np.transpose(reached), strict=True):
        ax.plot(ends, [height, height], color="black", linewidth=1, zorder=1)
        ax.annotate(f"{word} pair: {ends[0]:.2g} and {ends[1]:.2g}", (ends[1], height),
                    xytext=(8, 8), textcoords="offset points")  # fmt: skip
    title = title or f"The heavy tail gives a far pair {wide / narrow:.1f} times the room"
    ax.set(title=title, xlabel="distance on the map", ylabel="closeness")
    ax.set_xlim(0, distances[-1])
    ax.legend(loc="upper right")
    return figure


@plain_text
@checked
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

    Parameters
    ----------
    names : sequence of str
        Each once.
    values : sequence of float, one for each name
        A value that is NaN is written, but has no bar.
    errors : sequence of float, one for each name, optional
        Half the height of the error bars.
    baseline : mapping of str to float, optional
        Up to three levels, each a dashed or dotted line across.
    log : bool
        Draw the values in powers.

    Raises
    ------
    InputError
        If there are more values or errors than names, or fewer, two names are the same, or there
        are more than three baselines.
    """
    if (
        not len(set(names))
        == len(names)
        == len(values)
        == len(values if errors is None else errors)
    ):
        raise InputError(
            f"There are {len(values)} values for {len(set(names))} bars: give each bar a name of "
            "its own, a value, and an error if any has one."
        )
    _check_number((), baseline)
    figure, ax = plt.subplots()
    places = range(len(names))
    bars = ax.bar(places, values, yerr=errors, capsize=4, width=0.6, color=PALETTE[0])
    ax.set_xticks(places, names)
    ax.bar_label(
        bars, [f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in values], padding=3
    )
    if log:
        ax.set_yscale("log")
        plt.setp(ax.get_yticklabels(), parse_math=True)  # powers of 10
    ax.margins(y=0.15)
    _draw_baselines(ax, baseline)
    ax.grid(axis="x", visible=False)
    ax.set(ylabel=ylabel, title=title)
    if baseline:
        figure.legend(loc="outside right upper")
    return figure


@checked
def plot_confusion(
    targets: np.ndarray, predictions: np.ndarray, names: Sequence[str], title: str = ""
) -> Figure:
    """Count how often each true class (rows) is predicted as each class (columns).

    Parameters
    ----------
    targets, predictions : ndarray of int, shape (n,)
        Classes, as positions in `names`.
    names : sequence of str

    Raises
    ------
    InputError
        If targets and predictions are not as many, or not all are classes.
    """
    known = range(len(names))
    fits = targets.shape == predictions.shape and np.isin([targets, predictions], known).all()
    if not fits or bool in (targets.dtype, predictions.dtype):
        raise InputError(
            f"A confusion matrix needs as many predictions as targets, each from 0 to "
            f"{len(names) - 1}: one for each of the {len(names)} names."
        )
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (targets.astype(int), predictions.astype(int)), 1)
    return plot_heatmap(
        counts, names, names, title=title, ylabel="true class", xlabel="predicted class"
    )


@plain_text
@checked
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

    Parameters
    ----------
    matrix : ndarray, shape (rows, columns)
        The largest number is the darkest. Whole numbers are written as they are, others with two
        decimals.
    rows, columns : sequence of str
        From top to bottom, and from left to right.

    Raises
    ------
    InputError
        If the matrix does not have these rows and columns, or is empty.
    """
    if matrix.shape != (len(rows), len(columns)) or not matrix.size:
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


def _check_number(lines: Collection, baseline: Mapping[str, float] | None) -> None:
    """Refuse more lines than a reader can tell apart."""
    if len(baseline or {}) > len(_STYLES):
        raise InputError(
            f"There are styles for {len(_STYLES)} baselines, not {len(baseline or {})}."
        )
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
    for style, (name, value) in zip(_STYLES, (baseline or {}).items(), strict=False):
        ax.axhline(value, color="#555555", linestyle=style, linewidth=1.5, label=name)


@plain_text
@checked
def course_map(current: int) -> Figure:
    """Draw the lessons of the course in a row, the current one (from 1) lit.

    Each lesson's front matter says what stands on the map (`short`) and below it (`adds`).

    Raises
    ------
    InputError
        If there is no such lesson.
    """
    known = lessons()
    numbers = [int(lesson.number) for lesson in known]
    if current not in numbers:
        raise InputError(f"There is no lesson {current!r}: choose from {numbers}.")
    figure, ax = plt.subplots(figsize=(1.8 * len(known), 1.7))
    for i, lesson in enumerate(known):
        about, lit = front_matter(lesson), numbers[i] == current
        name = f"{numbers[i]} {about.short}"
        ax.add_patch(
            FancyBboxPatch(
                (2 * i, 0), 1.6, 0.7, boxstyle="round,pad=0.05", linewidth=1.5,
                facecolor=PALETTE[0] if lit else "white", edgecolor=PALETTE[0],
            )
        )  # fmt: skip
        ax.text(2 * i + 0.8, 0.35, name, ha="center", va="center", fontsize=10.5,
                color="white" if lit else "black", weight="bold" if lit else "normal")  # fmt: skip
        ax.text(2 * i + 0.8, -0.2, about.adds, ha="center", va="top", fontsize=9.5, color="#444444")
        if i:
            ax.annotate("", (2 * i - 0.07, 0.35), (2 * i - 0.33, 0.35),
                        arrowprops={"arrowstyle": "->", "color": "#444444"})  # fmt: skip
    ax.set(xlim=(-0.15, 2 * len(known) - 0.2), ylim=(-0.95, 0.85))
    ax.axis("off")
    return figure
