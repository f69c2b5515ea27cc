"""Pictures of the machines of lesson 1. They show numbers that were computed, and compute none."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_ids, finite_array, id_array
from course_utils.visualization.canvas import (
    CELL_TEXT,
    INK,
    LABEL,
    ROLES,
    SMALL,
    SOFT,
    Block,
    Canvas,
    check_shapes,
    number,
)
from course_utils.visualization.display import png_of
from course_utils.visualization.maps import place_labels
from course_utils.visualization.steps import Frame
from course_utils.visualization.style import PALETTE, plain_text

_MAP, _LONGEST = 8.0, 2.0  # cells: how wide the points lie, and the longest arrow


@plain_text
@checked
def draw_lookup(
    one_hot: np.ndarray,
    table: np.ndarray,
    vector: np.ndarray,
    *,
    words: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw why a one-hot vector times a table is a row of the table.

    Parameters
    ----------
    one_hot : ndarray, shape (words,)
        0 but for one 1, beside the table: what each of its rows is multiplied by.
    table : ndarray, shape (words, dimensions)
    vector : ndarray, shape (dimensions,)
        The product, drawn below the table as the sum of its columns.
    words : sequence of str
        One for each row.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    arrays = {
        "one_hot": (one_hot, ["words"]),
        "table": (table, ["words", "dimensions"]),
        "vector": (vector, ["dimensions"]),
    }
    check_shapes(arrays, words=len(words))
    canvas, row = Canvas(), int(np.argmax(one_hot))
    others = [i != row for i in range(len(words))]
    canvas.names(0, 0, words, bold=[row])
    left = canvas.block(0.3, 0, one_hot, "input", "one-hot", column=True, faint=others)
    scale = np.abs(table).max()
    right = left.reach + 0.9
    canvas.text((left.right + right) / 2, left.row(row), "×", ha="center", fontsize=LABEL + 3)
    middle = canvas.block(right, 0, table, "weights", "table", faint=others, scale=scale)
    top = middle.bottom + 2.2
    canvas.text(right - 0.3, top + 0.5, "all products, added up:", ha="right")
    result = canvas.block(right, top, vector, "output", scale=scale)
    side = middle.right + 0.15
    canvas.arrow((side, middle.row(row)), (side, result.row(0)), ROLES["output"], bend=-0.45)
    canvas.text(side + 1.6, (middle.row(row) + result.row(0)) / 2, f"the row\nof “{words[row]}”")
    return canvas.finished(title)


@plain_text
@checked
def draw_classifier(
    vectors: np.ndarray,
    mean: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    scores: np.ndarray,
    *,
    words: Sequence[str],
    classes: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw a bag of words, its mean, and a linear layer that gives each class a score.

    Parameters
    ----------
    vectors : ndarray, shape (words, dimensions)
        One for each word of the text.
    mean : ndarray, shape (dimensions,)
    weights : ndarray, shape (classes, dimensions)
    bias, scores : ndarray, shape (classes,)
    words, classes : sequence of str

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    arrays = {
        "vectors": (vectors, ["words", "dimensions"]),
        "mean": (mean, ["dimensions"]),
        "weights": (weights, ["classes", "dimensions"]),
        "bias": (bias, ["classes"]),
        "scores": (scores, ["classes"]),
    }
    check_shapes(arrays, words=len(words), classes=len(classes))
    canvas, scale = Canvas(), max(np.abs(vectors).max(), np.abs(mean).max())
    canvas.names(0, 0, words)
    bag = canvas.block(0.3, 0, vectors, "input", "1  a vector for each word", scale=scale)
    _down(canvas, bag, "mean of each column")
    middle = canvas.block(0.3, bag.bottom + 2.6, mean, "hidden", "2  their mean", scale=scale,
                          wide=bag.wide)  # fmt: skip
    _down(canvas, middle, "times each row")
    top = middle.bottom + 2.6
    canvas.names(0, top, classes)
    layer = canvas.block(0.3, top, weights, "weights", "3  a row for each class", wide=bag.wide)
    canvas.text(layer.reach + 0.5, top + len(classes) / 2, "+", ha="center", fontsize=LABEL + 3)
    added = canvas.block(layer.reach + 1.0, top, bias, "weights", "bias", column=True)
    canvas.text(added.reach + 0.5, top + len(classes) / 2, "=", ha="center", fontsize=LABEL + 3)
    canvas.block(added.reach + 1.0, top, scores, "output", "scores", column=True)
    return canvas.finished(title)


@plain_text
@checked
def draw_recommender(
    picks: np.ndarray,
    table: np.ndarray,
    user: np.ndarray,
    scores: np.ndarray,
    *,
    names: Sequence[str],
    best: int = 5,
    title: str = "",
) -> Figure:
    """Draw how a few picks become a user, and the user a score for each item.

    Parameters
    ----------
    picks : ndarray of int, shape (picks,)
        What the user likes: rows of the table.
    table : ndarray, shape (items, dimensions)
        One row for each item; those of the picks are drawn.
    user : ndarray, shape (dimensions,)
        The mean of these rows.
    scores : ndarray, shape (items,)
        The score of each item for this user; the highest are drawn, without the picks.
    names : sequence of str
        One for each item.
    best : int
        How many scores are drawn.

    Raises
    ------
    InputError
        If the shapes do not fit, the drawn rows are too many for a drawing, a pick is no row of the
        table, fewer items than `best` are left, or a number is not finite.
    """
    table, scores = finite_array(table, "table", axes=2), finite_array(scores, "scores", axes=1)
    if not len(table) == len(scores) == len(names):
        raise InputError(
            f"There must be one row, one score and one name for each item, not {len(table)} rows, "
            f"{len(scores)} scores and {len(names)} names."
        )
    picks = id_array(picks, "picks", 1, len(names))
    rows = table[picks]
    arrays = {"the rows of the picks": (rows, ["picks", "dimensions"]),
              "user": (user, ["dimensions"])}  # fmt: skip
    check_shapes(arrays, best=best)
    offered = [i for i in np.argsort(-scores, kind="stable") if i not in picks][:best]
    if len(offered) < best:
        raise InputError(f"Without the picks {len(offered)} items are left, fewer than {best}.")
    canvas, scale = Canvas(), max(np.abs(rows).max(), np.abs(user).max())
    canvas.names(0, 0, [names[i] for i in picks])
    block = canvas.block(0.3, 0, rows, "weights", f"1  rows of the table {table.shape}",
                         scale=scale)  # fmt: skip
    _down(canvas, block, "mean of each column")
    mean = canvas.block(0.3, block.bottom + 2.6, user, "hidden", "2  the user", scale=scale,
                        wide=block.wide)  # fmt: skip
    _down(canvas, mean, "a linear layer")
    top = mean.bottom + 2.6
    canvas.names(0, top, [names[i] for i in offered])
    canvas.block(0.3, top, scores[offered], "output", f"3  the best of the scores {scores.shape}",
                 column=True, shape=False)  # fmt: skip
    return canvas.finished(title)


@plain_text
@checked
def draw_offsets(
    flat: np.ndarray,
    offsets: np.ndarray,
    means: np.ndarray,
    *,
    texts: Sequence[Sequence[str]],
    title: str = "",
) -> Figure:
    """Draw how texts of different lengths become one row of ids, and where each begins in it.

    Parameters
    ----------
    flat : ndarray of int, shape (tokens,)
        The ids of all texts, one after the other.
    offsets : ndarray of int, shape (texts,)
        The place in `flat` at which each text begins.
    means : ndarray, shape (texts, dimensions)
        The mean of each text's vectors.
    texts : sequence of sequences of str
        The words of each text.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, an offset is no place in `flat`, or a
        number is not finite.
    """
    arrays = {
        "flat": (flat, ["tokens"]),
        "offsets": (offsets, ["texts"]),
        "means": (means, ["texts", "dimensions"]),
    }
    check_shapes(arrays, texts=len(texts), tokens=sum(map(len, texts)))
    starts = id_array(offsets, "offsets", 1, len(flat))
    flat = id_array(flat, "flat", 1)
    canvas, colors = Canvas(), [PALETTE[i % 2] for i in range(len(texts))]
    words = [word for text in texts for word in text]
    wide = max(1.2, canvas.width([*words, *map(str, flat)], SMALL) + 0.25)
    _flat_row(canvas, wide, words, flat)
    names = [f"text {i + 1}" for i in range(len(texts))]
    begin = canvas.block(-1.6, 3.2, offsets, "input", column=True, filled=False)
    canvas.names(-1.9, 3.2, names)
    canvas.text(-1.9, 2.7, "offsets", ha="right", weight="bold", color=ROLES["input"])
    for i, (start, end) in enumerate(zip(starts, [*starts[1:], len(flat)], strict=True)):
        if end > start:
            canvas.frame(start * wide + 0.04, 0, end * wide - 0.04, 1, colors[i])
        x, y = start * wide + 0.25 + 0.15 * (i % 2), begin.row(i)
        canvas.line([(begin.right + 0.15, y), (x, y)], colors[i])
        canvas.arrow((x, y), (x, 1.85), colors[i])
    top = begin.bottom + 2.6
    canvas.block(-1.6, top, means, "hidden", "a mean for each text")
    canvas.names(-1.9, top, names)
    return canvas.finished(title)


def _flat_row(canvas: Canvas, wide: float, words: Sequence[str], flat: np.ndarray) -> None:
    """Draw ids in a row: each word above its id, and its place below."""
    canvas.text(-1.9, 0.5, "flat ids", ha="right", weight="bold", color=ROLES["input"])
    canvas.text(-1.9, 1.4, "place", ha="right", color=SOFT, fontsize=SMALL)
    for place, (word, id_) in enumerate(zip(words, flat, strict=True)):
        x = (place + 0.5) * wide
        canvas.text(x, -0.5, word, ha="center", fontsize=SMALL)
        canvas.text(x, 0.5, str(id_), ha="center", fontsize=CELL_TEXT)
        canvas.text(x, 1.4, str(place), ha="center", fontsize=SMALL, color=SOFT)


@checked
@dataclass(frozen=True)
class TrainingStep:
    """The numbers of one training step: mean of a text's vectors, linear layer, softmax.

    Attributes
    ----------
    words : sequence of str
        One for each row of the table.
    classes : sequence of str
    ids : ndarray of int, shape (tokens,)
        The text: rows of the table.
    target : int
        The right class.
    table, gradient, table_after : ndarray, shape (words, dimensions)
        The table before the step, the gradient of the loss for it, and the table after the step.
    mean : ndarray, shape (dimensions,)
    weights, weights_after : ndarray, shape (classes, dimensions)
        The layer before and after the step.
    probabilities, difference, probabilities_after : ndarray, shape (classes,)
        The softmax of the scores, the gradient of the loss for the scores (probabilities minus
        one-hot target), and the softmax of the same text after the step.
    loss, loss_after : float
    learning_rate : float

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, an id or the target is not among the
        rows, or a number is not finite.
    """

    words: Sequence[str]
    classes: Sequence[str]
    ids: np.ndarray
    target: int
    table: np.ndarray
    mean: np.ndarray
    weights: np.ndarray
    probabilities: np.ndarray
    loss: float
    difference: np.ndarray
    gradient: np.ndarray
    learning_rate: float
    table_after: np.ndarray
    weights_after: np.ndarray
    probabilities_after: np.ndarray
    loss_after: float

    def __post_init__(self) -> None:
        arrays = {
            "ids": (self.ids, ["tokens"]),
            "table": (self.table, ["words", "dimensions"]),
            "mean": (self.mean, ["dimensions"]),
            "weights": (self.weights, ["classes", "dimensions"]),
            "probabilities": (self.probabilities, ["classes"]),
            "difference": (self.difference, ["classes"]),
            "gradient": (self.gradient, ["words", "dimensions"]),
            "table_after": (self.table_after, ["words", "dimensions"]),
            "weights_after": (self.weights_after, ["classes", "dimensions"]),
            "probabilities_after": (self.probabilities_after, ["classes"]),
        }
        check_shapes(arrays, words=len(self.words), classes=len(self.classes))
        check_ids(self.ids, len(self.words))
        check_ids([self.target], len(self.classes))
        numbers = {"loss": self.loss, "loss_after": self.loss_after, "rate": self.learning_rate}
        for name, value in numbers.items():
            check_shapes({name: (np.asarray(value), [])})


@plain_text
@checked
def draw_training_step(step: TrainingStep, *, title: str = "") -> Figure:
    """Draw one training step on a small table: forward, loss, gradient, update, and once more.

    `training_step_frames` shows the same drawing step by step.
    """
    return _training(step, title).figure


@checked
def training_step_frames(step: TrainingStep, *, title: str = "") -> list[Frame]:
    """Return the steps of `draw_training_step`, for `show_steps`: each adds to the drawing."""
    with plt.rc_context({"text.parse_math": False}):
        canvas = _training(step, title)
    words, target = step.words, step.classes[step.target]
    text = " ".join(words[i] for i in step.ids)
    share, loss = number(step.probabilities[step.target], 2), number(step.loss, 2)
    error = ", ".join(number(value, 2) for value in step.difference)
    told = [
        (f"The text “{text}” looks up the rows of its words.", ["ids", "table"]),
        ("Their mean is the vector of the text.", ["mean"]),
        (f"The layer gives each class a score, and softmax makes {_shares(step.probabilities)} of "
         "the scores.", ["weights", "probabilities"]),
        (f"The right class is {target}: the loss is −log {share} = {loss}.", ["loss"]),
        (f"The error of the scores is the softmax minus 1 at {target}: {error}.", ["difference"]),
        ("Through layer and mean the error goes back to the table. Words that are not in the text "
         "have the gradient 0.", ["gradient"]),
        (f"Each number moves against its gradient, {step.learning_rate:g} times as far. The layer "
         "moves by the same rule: its gradient is error times mean.",
         ["learning_rate", "table_after", "weights_after"]),
        (f"The same text again, with both: {_shares(step.probabilities_after)}. The loss was "
         f"{loss} and is {number(step.loss_after, 2)}.",
         ["probabilities_after", "loss_after"]),
    ]  # fmt: skip
    frames = []
    for stage in canvas.steps():
        sentence, names = told[stage]
        values = {name: getattr(step, name) for name in names}
        frames.append(Frame(png_of(canvas.figure, tight=False), sentence, values))
    plt.close(canvas.figure)
    return frames


def _shares(probabilities: np.ndarray) -> str:
    return " and ".join(number(share, 2) for share in probabilities)


def _training(step: TrainingStep, title: str) -> Canvas:
    """Draw a training step in eight stages."""
    canvas, n = Canvas(), len(step.words)
    others = [i not in step.ids for i in range(n)]
    scale = max(np.abs(step.table).max(), np.abs(step.table_after).max())
    canvas.names(0, 0, step.words, bold=step.ids)
    table = canvas.block(0.3, 0, step.table, "weights", "1 table", faint=others, scale=scale)
    canvas.stage = 1
    _down(canvas, table, "mean")
    mean = canvas.block(0.3, table.bottom + 2.6, step.mean, "hidden", "2 mean of the text",
                        scale=scale, wide=table.wide, shape=False)  # fmt: skip
    shares = _forward(canvas, step, mean)
    _backward(canvas, step, table, others, shares)
    canvas.finished(title)
    return canvas


def _forward(canvas: Canvas, step: TrainingStep, mean: Block) -> Block:
    """Draw the linear layer, the loss and the probabilities, and return the latter."""
    top = mean.bottom + 2.0
    canvas.stage = 2
    canvas.names(0, top, step.classes, bold=[step.target])
    layer = canvas.block(0.3, top, step.weights, "weights", "layer", wide=mean.wide, shape=False)
    canvas.arrow((layer.right + 0.2, layer.row(0)), (layer.right + 1.0, layer.row(0)))
    shares = canvas.block(layer.right + 1.2, top, step.probabilities, "output", "3 softmax",
                          column=True, shape=False)  # fmt: skip
    canvas.stage = 3
    share, loss = number(step.probabilities[step.target], 2), number(step.loss, 2)
    canvas.text(0.3, layer.bottom + 0.8, f"4 loss = −log {share} = {loss}", weight="bold")
    return shares


def _backward(
    canvas: Canvas, step: TrainingStep, table: Block, others: Sequence[bool], shares: Block
) -> None:
    """Draw the way back: error of the scores, gradient of the table, the table after the step."""
    canvas.stage = 4
    error = canvas.block(shares.reach + 0.6, shares.top, step.difference, "gradient", "5 error",
                         column=True, shape=False)  # fmt: skip
    canvas.stage = 5
    rate = f"− {step.learning_rate:g} ×"
    gap = canvas.width([rate]) + 0.5
    gradient = canvas.block(table.right + gap, 0, step.gradient, "gradient", "6 gradient",
                            faint=others)  # fmt: skip
    canvas.arrow((error.middle, error.top - 1.1), (error.middle, gradient.bottom + 1.0),
                 ROLES["gradient"], line="--")  # fmt: skip
    canvas.stage = 6
    middle = len(step.words) / 2
    canvas.text((table.right + gradient.left) / 2, middle, rate, ha="center")
    canvas.text(gradient.right + 0.5, middle, "=", ha="center", fontsize=LABEL + 3)
    scale = max(np.abs(step.table).max(), np.abs(step.table_after).max())
    after = canvas.block(gradient.right + 1.0, 0, step.table_after, "weights", "7 new table",
                         faint=others, scale=scale)  # fmt: skip
    left = max(after.left, error.reach + 0.6)
    layer = canvas.block(left, shares.top, step.weights_after, "weights", "new layer", shape=False)
    canvas.stage = 7
    for upper, lower in ((after.bottom + 0.6, layer.top - 1.1), (layer.bottom + 0.3, None)):
        end = layer.bottom + 1.1 if lower is None else lower
        canvas.arrow((layer.left + 0.5, upper), (layer.left + 0.5, end))
    again = canvas.block(left, layer.bottom + 2.2, step.probabilities_after, "output",
                         "8 again", column=True, shape=False)  # fmt: skip
    canvas.text(again.left, again.bottom + 0.8, f"loss {number(step.loss_after, 2)}", weight="bold")


@plain_text
@checked
def draw_forces(
    points: np.ndarray,
    pulls: np.ndarray,
    pushes: np.ndarray,
    *,
    words: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw a map with the force that pulls each point and the force that pushes it.

    The longest arrow has the same length in every drawing.

    Parameters
    ----------
    points, pulls, pushes : ndarray, shape (points, 2)
    words : sequence of str
        One for each point.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    axes = ["points", "axes"]
    arrays = {"points": (points, axes), "pulls": (pulls, axes), "pushes": (pushes, axes)}
    check_shapes(arrays, points=len(words), axes=2)
    return _forces(points, pulls, pushes, words, title, *_sizes(points, pulls, pushes))


def _sizes(points: np.ndarray, pulls: np.ndarray, pushes: np.ndarray) -> tuple[float, float]:
    """Return how wide a map is, or the widest of some, and the length of the longest force."""
    wide = np.ptp(points, axis=-2).max()
    longest = max(np.linalg.norm(forces, axis=-1).max() for forces in (pulls, pushes))
    return max(wide, 1e-12), longest or 1.0


def _forces(
    points: np.ndarray,
    pulls: np.ndarray,
    pushes: np.ndarray,
    words: Sequence[str],
    title: str,
    wide: float,
    longest: float,
) -> Figure:
    """Draw a map on a field for maps that are `wide`, with arrows for forces up to `longest`."""
    canvas, low = Canvas(), points.min(axis=0)
    places = (points - low - np.ptp(points, axis=0) / 2) / wide * _MAP * [1, -1]  # (n, 2)
    side = _MAP / 2 + _LONGEST + 0.4
    canvas.frame(-side, -side, side, side, "#CCCCCC")
    for forces, color, line in ((pulls, PALETTE[0], "-"), (pushes, PALETTE[1], "-")):
        for place, force in zip(places, forces / longest * _LONGEST * [1, -1], strict=True):
            if np.linalg.norm(force) > 0.05:
                canvas.arrow(tuple(place), tuple(place + force), color, line=line)
    for x, y in places:
        canvas.dot(x, y)
    _key(canvas, -side, side + 0.7)
    figure = canvas.finished(title)
    place_labels(canvas.ax, places, words, len(words), CELL_TEXT)
    return figure


@checked
def forces_frames(
    maps: np.ndarray,
    pulls: np.ndarray,
    pushes: np.ndarray,
    *,
    words: Sequence[str],
    texts: Sequence[str],
    title: str = "",
) -> list[Frame]:
    """Return one `draw_forces` for each map, all to one scale, for `show_steps`.

    Parameters
    ----------
    maps, pulls, pushes : ndarray, shape (steps, points, 2)
    words : sequence of str
        One for each point.
    texts : sequence of str
        What each step shows.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    axes = ["steps", "points", "axes"]
    arrays = {"maps": (maps, axes), "pulls": (pulls, axes), "pushes": (pushes, axes)}
    check_shapes(arrays, steps=len(texts), points=len(words), axes=2)
    frames, sizes = [], _sizes(maps, pulls, pushes)
    for points, pull, push, text in zip(maps, pulls, pushes, texts, strict=True):
        with plt.rc_context({"text.parse_math": False}):
            figure = _forces(points, pull, push, words, title, *sizes)
        frames.append(
            Frame(png_of(figure), text, {"points": points, "pulls": pull, "pushes": push})
        )
        plt.close(figure)
    return frames


def _key(canvas: Canvas, x: float, y: float) -> None:
    """Say what the arrows of `draw_forces` mean."""
    for words, color in (("pulled to neighbors", PALETTE[0]), ("pushed by all", PALETTE[1])):
        canvas.arrow((x, y), (x + 1.2, y), color)
        canvas.text(x + 1.5, y, words)
        x += 1.5 + canvas.width([words]) + 0.8


def _down(canvas: Canvas, block: Block, words: str) -> None:
    """Draw an arrow down from a block, with words to its right."""
    x = block.left + 0.6
    canvas.arrow((x, block.bottom + 0.3), (x, block.bottom + 1.5))
    canvas.text(x + 0.3, block.bottom + 0.95, words, color=INK)
