"""Pictures of the machines of lesson 2. They show numbers that were computed, and compute none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_ids, id_array
from course_utils.visualization.canvas import (
    CELL_TEXT,
    ROLES,
    SMALL,
    SOFT,
    TITLE,
    Block,
    Canvas,
    check_shapes,
    number,
)
from course_utils.visualization.display import png_of
from course_utils.visualization.maps import place_labels
from course_utils.visualization.steps import Frame
from course_utils.visualization.style import PALETTE, plain_text

GIVEN, TRUE, NOISE = ROLES["weights"], PALETTE[0], PALETTE[1]  # words in all drawings of pairs
_PLANE = 9.0  # cells: the longer side of a plane
_STRIP = 50  # cells that a strip has room for


@plain_text
@checked
def draw_window(words: Sequence[str], around: np.ndarray, *, title: str = "") -> Figure:
    """Draw the window at each position of a sentence: an arrow is a pair.

    `window_frames` shows the same drawing position by position.

    Parameters
    ----------
    words : sequence of str
        The sentence.
    around : ndarray of int, shape (words, 2 * window)
        The ids of the words around each position, from left to right; 0 where there is none.

    Raises
    ------
    InputError
        If the shapes do not fit or are too large for a drawing, or `around` holds no ids or a word
        where the sentence has none.
    """
    return _window(words, around, title).figure


@checked
def window_frames(words: Sequence[str], around: np.ndarray, *, title: str = "") -> list[Frame]:
    """Return the steps of `draw_window`, for `show_steps`: each moves the window by one word.

    Parameters
    ----------
    words : sequence of str
        The sentence, at least two words.
    around : ndarray of int, shape (words, 2 * window)
        The ids of the words around each position, from left to right; 0 where there is none.

    Raises
    ------
    InputError
        If the shapes do not fit or are too large for a drawing, or `around` holds no ids or a word
        where the sentence has none.
    """
    with plt.rc_context({"text.parse_math": False}):
        canvas = _window(words, around, title)
    frames, total = [], 0
    for i in canvas.steps():
        pairs = [f"({words[i]}, {words[j]})" for j in _nearby(around, i)]
        total += len(pairs)
        text = f"“{words[i]}” is in the middle and makes {_pairs(len(pairs))}"
        text += f": {', '.join(pairs)}." if pairs else "."
        frames.append(
            Frame(png_of(canvas.figure, tight=False), text,
                  {"around": around[i], "pairs so far": total})
        )  # fmt: skip
    plt.close(canvas.figure)
    return frames


def _window(words: Sequence[str], around: np.ndarray, title: str) -> Canvas:
    """Draw a sentence as often as it has words, each time with the window one word farther."""
    around = id_array(around, "around", 2)
    check_shapes({"around": (around, ["words", "places"])}, words=len(words))
    canvas, high = Canvas(), 1.75
    wide = [canvas.width([word], weight="bold") + 0.5 for word in words]
    left = np.cumsum([0, *wide])
    middles = (left[:-1] + left[1:]) / 2
    for i, word in enumerate(words):
        nearby, y, canvas.stage = _nearby(around, i), i * high, i
        for j, other in enumerate(words):
            color = TRUE if j in nearby else SOFT
            weight = "bold" if j in nearby else "normal"
            if j == i:
                canvas.tile(left[j], y, wide[j], word, fill=GIVEN, weight="bold")
            else:
                canvas.tile(left[j], y, wide[j], other, color=color, weight=weight)
        reached = [*nearby, i]
        canvas.frame(left[min(reached)], y, left[max(reached) + 1], y + 1, TRUE)
        for j in nearby:
            swing = -0.9 / (middles[j] - middles[i])
            canvas.arrow((middles[i], y), (middles[j], y), TRUE, bend=swing)
        canvas.text(left[-1] + 0.4, y + 0.5, _pairs(len(nearby)))
    canvas.finished(title)
    return canvas


def _nearby(around: np.ndarray, i: int) -> list[int]:
    """Return the positions in the sentence that the window around position i holds."""
    half = around.shape[1] // 2
    offsets = [*range(-half, 0), *range(1, half + 1)]
    places = [i + offset for offset, word in zip(offsets, around[i], strict=False) if word]
    if around.shape[1] % 2 or not all(0 <= place < len(around) for place in places):
        raise InputError(
            "around must have as many places to the left as to the right, and 0 beyond the ends "
            "of the sentence: pass the rows of one sentence."
        )
    return places


def _pairs(count: int) -> str:
    return f"{count or 'no'} pair{'s' * (count != 1)}"


@plain_text
@checked
def draw_two_tables(
    given: np.ndarray,
    asked: np.ndarray,
    scores: np.ndarray,
    probabilities: np.ndarray,
    *,
    words: Sequence[str],
    middle: int,
    candidates: np.ndarray,
    title: str = "",
) -> Figure:
    """Draw the two tables of skip-gram with a true pair and its negative samples.

    A line is a score; an arrow says whether training makes it larger or smaller.

    Parameters
    ----------
    given, asked : ndarray, shape (words, dimensions)
        The tables v and u.
    scores, probabilities : ndarray, shape (candidates,)
        The dot products with the row of the middle word, and their sigmoids.
    words : sequence of str
        One for each row of both tables.
    middle : int
        The row of the word that is given.
    candidates : ndarray of int, shape (candidates,)
        Rows of `asked`: the true word first, then the negative samples, of which one may occur
        twice.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a row is outside the tables, or a
        number is not finite.
    """
    arrays = {
        "given": (given, ["words", "dimensions"]),
        "asked": (asked, ["words", "dimensions"]),
        "candidates": (candidates, ["candidates"]),
        "scores": (scores, ["candidates"]),
        "probabilities": (probabilities, ["candidates"]),
    }
    n = len(words)
    check_shapes(arrays, words=n)
    check_ids([middle], n)
    candidates = check_ids(candidates, n)
    canvas, scale = Canvas(), max(np.abs(given).max(), np.abs(asked).max())
    canvas.names(0, 0, words, bold=[middle])
    left = canvas.block(0.3, 0, given, "weights", "v, given", scale=scale,
                        faint=[i != middle for i in range(n)])  # fmt: skip
    right = canvas.block(left.reach + 1.5, 0, asked, "weights", "u, asked for", scale=scale,
                         faint=[i not in candidates for i in range(n)])  # fmt: skip
    for row in reversed(candidates):
        color = TRUE if row == candidates[0] else NOISE
        canvas.line([(left.right, left.row(middle)), (right.left, right.row(row))], color)
    _verdicts(canvas, right, scores, probabilities, candidates)
    return canvas.finished(title)


def _verdicts(
    canvas: Canvas,
    table: Block,
    scores: np.ndarray,
    probabilities: np.ndarray,
    candidates: np.ndarray,
) -> None:
    """Draw score, sigmoid and wish beside the row of each candidate."""
    left = table.reach + 0.4
    wide = max(canvas.width([number(score, 2) for score in scores], CELL_TEXT) + 0.3, 1.2)
    columns = [("u · v", left), ("σ", left + wide + 0.15)]
    for name, x in columns:
        canvas.text(x, table.top - 0.5, name, weight="bold", color=ROLES["output"])
    drawn, end = Counter(candidates[1:].tolist()), columns[1][1] + 1.4
    for (_, x), values, most, size in zip(
        columns, (scores, probabilities), (np.abs(scores).max(), 1.0), (wide, 1.1), strict=True
    ):
        for row, value in dict(zip(candidates, values, strict=True)).items():
            canvas.block(x, table.top + row, np.array([value]), "output", wide=size, scale=most,
                         shape=False, digits=2)  # fmt: skip
    true = int(candidates[0])
    for row in {true, *drawn}:
        told = ["↑ true"] if row == true else []
        if drawn[row]:
            told.append("↓ noise" if drawn[row] == 1 else f"↓ noise ×{drawn[row]}")
        canvas.text(end, table.row(row), " ".join(told), weight="bold",
                    color=TRUE if row == true else NOISE)  # fmt: skip


@plain_text
@checked
def draw_cbow_and_skipgram(
    around: np.ndarray,
    mean: np.ndarray,
    middle: np.ndarray,
    *,
    nearby: Sequence[str],
    word: str,
    title: str = "",
) -> Figure:
    """Draw what CBoW and skip-gram make of one window: one question, or one for each word nearby.

    Parameters
    ----------
    around : ndarray, shape (nearby, dimensions)
        The given vectors of the words nearby.
    mean : ndarray, shape (dimensions,)
        Their mean.
    middle : ndarray, shape (dimensions,)
        The given vector of the word in the middle.
    nearby : sequence of str
    word : str
        The word in the middle.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    arrays = {
        "around": (around, ["nearby", "dimensions"]),
        "mean": (mean, ["dimensions"]),
        "middle": (middle, ["dimensions"]),
    }
    check_shapes(arrays, nearby=len(nearby))
    canvas, scale, n = Canvas(), max(np.abs(around).max(), np.abs(middle).max()), len(nearby)
    top, wide = 1.6, max(canvas.width([word, *nearby], weight="bold") + 0.6, 2.0)
    canvas.names(0, top, nearby, bold=range(n))
    bag = canvas.block(0.3, top, around, "weights", "given", scale=scale, shape=False)
    pooled = canvas.block(0.3, bag.bottom + 2.6, mean, "hidden", "mean", scale=scale,
                          wide=bag.wide, shape=False)  # fmt: skip
    canvas.arrow((bag.middle, bag.bottom + 0.3), (bag.middle, pooled.top - 1.0), linewidth=2)
    low = pooled.bottom + 1.9
    canvas.arrow((bag.middle, pooled.bottom + 0.3), (bag.middle, low - 0.15), TRUE, linewidth=2)
    canvas.text(bag.middle + 0.3, pooled.bottom + 1.0, "asks for", color=TRUE)
    _question(canvas, bag.middle - wide / 2, low, wide, word)
    start = max(bag.reach, bag.middle + wide / 2) + 1.6
    x = start + canvas.width([word], weight="bold") + 0.3
    canvas.names(x - 0.3, top, [word], bold=[0])
    one = canvas.block(x, top, middle, "weights", "given", scale=scale, wide=bag.wide, shape=False)
    trunk, step = one.left + 0.5, (low - one.bottom - 1.2) / max(n - 1, 1)
    canvas.text(trunk + 0.3, one.bottom + 0.6, "asks for", color=TRUE)
    for i, other in enumerate(nearby):
        y = one.bottom + 1.2 + i * step if n > 1 else low
        canvas.line([(trunk, one.bottom + 0.15), (trunk, y + 0.5)], TRUE)
        canvas.arrow((trunk, y + 0.5), (trunk + 1.1, y + 0.5), TRUE, linewidth=2)
        _question(canvas, trunk + 1.2, y, wide, other)
    for left, name, count in ((0.3, "CBoW", 1), (x, "skip-gram", n)):
        canvas.text(left, 0, name, fontsize=TITLE + 1, weight="bold")
        told = f"{count} question{'s' * (count > 1)}"
        canvas.text(left, low + 1.8, told)
    return canvas.finished(title)


def _question(canvas: Canvas, x: float, y: float, wide: float, word: str) -> None:
    """Draw a word that is asked for."""
    canvas.tile(x, y, wide, word, color=TRUE, weight="bold")
    canvas.frame(x, y, x + wide, y + 1, TRUE)


@checked
@dataclass(frozen=True)
class PairStep:
    """One step of skip-gram with negative sampling on vectors of two numbers.

    Attributes
    ----------
    middle : str
        The word that is given.
    candidates : sequence of str
        The words that are asked for: the true one first, then the negative samples.
    v, gradient_v, v_after : ndarray, shape (2,)
        The vector of the middle word, the gradient of the loss for it, and the vector after.
    u, gradient_u, u_after : ndarray, shape (candidates, 2)
        The same for the words that are asked for.
    probabilities, probabilities_after : ndarray, shape (candidates,)
        The sigmoids of the scores before the step and after it.
    loss, loss_after : float
    learning_rate : float

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """

    middle: str
    candidates: Sequence[str]
    v: np.ndarray
    u: np.ndarray
    probabilities: np.ndarray
    loss: float
    gradient_v: np.ndarray
    gradient_u: np.ndarray
    learning_rate: float
    v_after: np.ndarray
    u_after: np.ndarray
    probabilities_after: np.ndarray
    loss_after: float

    def __post_init__(self) -> None:
        one, all_, each = ["dimensions"], ["candidates", "dimensions"], ["candidates"]
        axes = {"v": one, "gradient_v": one, "v_after": one, "u": all_, "gradient_u": all_,
                "u_after": all_, "probabilities": each, "probabilities_after": each,
                "loss": [], "loss_after": [], "learning_rate": []}  # fmt: skip
        arrays = {name: (np.asarray(getattr(self, name)), names) for name, names in axes.items()}
        check_shapes(arrays, candidates=len(self.candidates), dimensions=2)


@plain_text
@checked
def draw_pair_step(step: PairStep, *, title: str = "") -> Figure:
    """Draw one step of skip-gram on a plane: vectors before, against their gradients, and after.

    `pair_step_frames` shows the same drawing step by step.
    """
    return _pair_step(step, title).figure


@checked
def pair_step_frames(step: PairStep, *, title: str = "") -> list[Frame]:
    """Return the steps of `draw_pair_step`, for `show_steps`: each adds to the drawing."""
    with plt.rc_context({"text.parse_math": False}):
        canvas = _pair_step(step, title)
    word, true = step.middle, step.candidates[0]
    before, after = step.probabilities[0], step.probabilities_after[0]
    told = [
        (f"“{word}” is given. “{true}” stood near it in the text; the orange words are noise.",
         ["v", "u"]),
        ("Dot product and sigmoid: how sure the model is that a pair is true. It should say 1 for "
         f"“{true}” and says {number(before, 2)}; for the noise it should say 0. "
         f"The loss is {number(step.loss, 2)}.", ["probabilities", "loss"]),
        (f"Against its gradient, “{true}” is pulled along “{word}”, and each noise word is pushed "
         "the other way, the more the surer the model was.", ["gradient_u"]),
        (f"“{word}” moves too: toward “{true}”, and away from the noise.", ["gradient_v"]),
        (f"The vectors after the step: each moved {step.learning_rate:g} times its gradient.",
         ["v_after", "u_after", "learning_rate"]),
        (f"The same pairs again: “{true}” went from {number(before, 2)} to {number(after, 2)}, and "
         f"the loss from {number(step.loss, 2)} to {number(step.loss_after, 2)}.",
         ["probabilities_after", "loss_after"]),
    ]  # fmt: skip
    frames = []
    for stage in canvas.steps():
        text, names = told[stage]
        values = {name: getattr(step, name) for name in names}
        frames.append(Frame(png_of(canvas.figure, tight=False), text, values))
    plt.close(canvas.figure)
    return frames


def _pair_step(step: PairStep, title: str) -> Canvas:
    """Draw a step in six stages."""
    canvas = Canvas()
    before, after = np.vstack([step.u, step.v]), np.vstack([step.u_after, step.v_after])
    n = len(before)
    zero, old, new = np.split(_places(np.vstack([np.zeros(2), before, after])), [1, 1 + n])
    _axes(canvas, *zero[0])
    colors = [TRUE, *[NOISE] * (n - 2), GIVEN]
    for end, color in zip(old, colors, strict=True):
        canvas.arrow(tuple(zero[0]), tuple(end), color, alpha=0.55)
    for stage, moved in ((2, slice(n - 1)), (3, slice(n - 1, n))):
        canvas.stage = stage
        for start, end in zip(old[moved], new[moved], strict=True):
            if np.linalg.norm(end - start) > 0.05:
                canvas.arrow(tuple(start), tuple(end), ROLES["gradient"], line="--")
    canvas.stage = 4
    for end, color in zip(new, colors, strict=True):
        canvas.arrow(tuple(zero[0]), tuple(end), color, linewidth=3)
    _answers(canvas, step)
    canvas.finished(title)
    lines = [_along(zero, old), _along(zero, new), _along(old, new)]
    place_labels(canvas.ax, old, [*step.candidates, step.middle], n, CELL_TEXT, np.vstack(lines))
    return canvas


def _along(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return places on the lines from starts to ends, both (n, 2), shape (12 * n, 2)."""
    shares = np.linspace(0, 1, 12)[:, None, None]
    return (starts + shares * (ends - starts)).reshape(-1, 2)


def _answers(canvas: Canvas, step: PairStep) -> None:
    """Draw what the model says of each pair, before the step and after it."""
    names, canvas.stage = step.candidates, 0
    left = _PLANE + 0.7 + canvas.width(names, weight="bold")
    canvas.text(left, 0.5, "σ(u · v)", weight="bold")
    for i, name in enumerate(names):
        canvas.text(left - 0.3, i + 2.5, name, ha="right", weight="bold" if i == 0 else "normal",
                    color=NOISE if i else TRUE)  # fmt: skip
    shown = {"before": (1, step.probabilities, step.loss),
             "after": (5, step.probabilities_after, step.loss_after)}  # fmt: skip
    for name, (canvas.stage, shares, loss) in shown.items():
        block = canvas.block(left, 2, shares, "output", name, column=True, scale=1.0, shape=False)
        canvas.text(block.left, block.bottom + 0.6, "loss")
        canvas.text(block.left, block.bottom + 1.4, number(loss, 2), weight="bold")
        left = block.reach + 0.4


def _places(points: np.ndarray) -> np.ndarray:
    """Return where points lie on a drawing, shape (n, 2), in a square of cells from (0, 0) on."""
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    places = (points - low - size / 2) / max(size.max(), 1e-12) * (_PLANE - 2) * [1, -1]
    return places + _PLANE / 2


def _axes(canvas: Canvas, x: float, y: float) -> None:
    """Draw the frame of a plane and the two axes that cross at (x, y)."""
    canvas.frame(0, 0, _PLANE, _PLANE, "#CCCCCC")
    canvas.line([(0, y), (_PLANE, y)], "#DDDDDD", zorder=0)
    canvas.line([(x, 0), (x, _PLANE)], "#DDDDDD", zorder=0)


@plain_text
@checked
def draw_strips(
    vectors: np.ndarray,
    *,
    names: Sequence[str],
    cosines: np.ndarray | None = None,
    ruled: int | None = None,
    title: str = "",
) -> Figure:
    """Draw vectors as strips of color, one below the other: blue above zero, orange below.

    Parameters
    ----------
    vectors : ndarray, shape (names, dimensions)
        At most 50 dimensions.
    names : sequence of str
        One for each strip, such as "king", "− man", "+ woman".
    cosines : ndarray, optional
        Shape (names,): a number after each strip, its cosine to the sum.
    ruled : int, optional
        The strip that has a line above it, as a sum has.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a number is not finite, or the line
        is above no strip.
    """
    arrays = {"vectors": (vectors, ["names", "dimensions"])}
    n, dimensions = check_shapes(arrays, _STRIP, names=len(names)).values()
    if cosines is not None:
        check_shapes({"cosines": (cosines, ["names"])}, names=n)
    if ruled is not None and not 0 < ruled < n:
        raise InputError(f"The line must be above one of the strips 1 to {n - 1}, not {ruled}.")
    canvas, scale = Canvas(), np.abs(vectors).max()
    wide, high = 9.0 / dimensions, 1.35
    for i, (name, vector) in enumerate(zip(names, vectors, strict=True)):
        top = i * high + (0.5 if ruled is not None and i >= ruled else 0)
        bold = [0] if i == ruled else []
        canvas.names(0, top, [name], bold=bold)
        canvas.block(0.3, top, vector, "output" if bold else "weights", scale=scale, wide=wide,
                     written=False, shape=False)  # fmt: skip
        if bold:
            canvas.line([(0.3, top - 0.42), (9.3, top - 0.42)], ROLES["output"])
        if cosines is not None:
            canvas.text(9.7, top + 0.5, number(cosines[i], 2), weight="bold" if bold else "normal")
    if cosines is not None:
        canvas.text(9.7, -0.2, "cosine to\nthe sum", color=SOFT, va="bottom", fontsize=SMALL)
    return canvas.finished(title)


@plain_text
@checked
def draw_analogy(
    points: np.ndarray, total: np.ndarray, *, words: Sequence[str], title: str = ""
) -> Figure:
    """Draw b - a + c as arrows in a plane: the way from a to b, gone once more from c.

    Parameters
    ----------
    points : ndarray, shape (words, 2)
        Places of a, b, c, the answer, and of more words if wanted, in a linear projection such as
        that of PCA: in any other the two arrows are not parallel.
    total : ndarray, shape (2,)
        The place of b - a + c in the same projection.
    words : sequence of str
        One for each point, at least four.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, there are fewer than four words, or a
        number is not finite.
    """
    arrays = {"points": (points, ["words", "axes"]), "total": (total, ["axes"])}
    check_shapes(arrays, words=len(words), axes=2)
    if len(words) < 4:
        raise InputError(f"An analogy has at least 4 words, not {len(words)}.")
    canvas, places = Canvas(), _places(np.vstack([points, total]))
    canvas.frame(0, 0, _PLANE, _PLANE, "#CCCCCC")
    (a, b, c, *_), end = places, places[-1]
    for start, stop, line in ((a, b, "-"), (c, end, "--")):
        short = (stop - start) * 0.15 / max(np.linalg.norm(stop - start), 0.15)  # up to the dot
        canvas.arrow(tuple(start), tuple(stop - short), TRUE, line=line, linewidth=2)
    colors = [*[ROLES["output"]] * 4, *["#AAAAAA"] * (len(words) - 4), NOISE]
    for (x, y), color in zip(places, colors, strict=True):
        canvas.dot(x, y, color)
    canvas.dot(0.2, _PLANE + 0.7, NOISE)
    canvas.text(0.6, _PLANE + 0.7, f"{words[1]} − {words[0]} + {words[2]}")
    figure = canvas.finished(title)
    lines = np.vstack([end[None], _along(a, b), _along(c, end)])
    place_labels(canvas.ax, places[:-1], words, len(words), CELL_TEXT, lines)
    return figure


@plain_text
@checked
def draw_pieces(
    vectors: np.ndarray, total: np.ndarray, *, word: str, pieces: Sequence[str], title: str = ""
) -> Figure:
    """Draw a word cut into character n-grams, the row of each, and the sum of the rows.

    Parameters
    ----------
    vectors : ndarray, shape (pieces, dimensions)
    total : ndarray, shape (dimensions,)
        The vector of the word: the sum of the rows.
    word : str
        Without marks; the drawing puts < before and > after it.
    pieces : sequence of str
        As they stand in the marked word.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a piece is not in the word, or a
        number is not finite.
    """
    arrays = {"vectors": (vectors, ["pieces", "dimensions"]), "total": (total, ["dimensions"])}
    marked = f"<{word}>"
    check_shapes(arrays, pieces=len(pieces), letters=len(marked))
    canvas, wide = Canvas(), 0.75
    scale, right = max(np.abs(vectors).max(), np.abs(total).max()), len(marked) * wide
    for j, letter in enumerate(marked):
        canvas.tile(j * wide, 0, wide, letter, fill=GIVEN, weight="bold")
    seen: Counter[str] = Counter()
    for i, piece in enumerate(pieces):
        start = marked.find(piece, seen[piece])
        if start < 0 or not piece:
            raise InputError(f"The piece {piece!r} is not in {marked}, or not so often.")
        seen[piece] = start + 1
        for j, letter in enumerate(piece, start):
            canvas.tile(j * wide, i + 1.5, wide, letter)
        canvas.frame(start * wide, i + 1.5, (start + len(piece)) * wide, i + 2.5, TRUE)
    rows = canvas.block(right + 0.8, 1.5, vectors, "weights", "a row for each", scale=scale)
    canvas.block(rows.left, rows.bottom + 1.4, total, "output", scale=scale, wide=rows.wide)
    canvas.text(rows.left - 0.3, rows.bottom + 1.9, f"their sum: {word}", ha="right", weight="bold")
    return canvas.finished(title)


@plain_text
@checked
def draw_counting_and_predicting(
    counts: np.ndarray,
    ppmi: np.ndarray,
    counted: np.ndarray,
    pairs: Sequence[Sequence[str]],
    gradient: np.ndarray,
    predicted: np.ndarray,
    *,
    words: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw two ways from a text to vectors: count, compare with chance, decompose; or guess pairs.

    Parameters
    ----------
    counts, ppmi : ndarray, shape (words, words)
        How often the word of a row and that of a column meet, and their PPMI.
    counted : ndarray, shape (words, dimensions)
        Vectors from the SVD of `ppmi`.
    pairs : sequence of (str, str)
        Of which the drawing shows as many as there are words.
    gradient : ndarray, shape (dimensions,)
        The gradient of the first pair's loss for the vector of its first word.
    predicted : ndarray, shape (words, dimensions)
        Vectors after training.
    words : sequence of str

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, what should be a pair is none, or a
        number is not finite.
    """
    arrays = {
        "counts": (counts, ["words", "words"]),
        "ppmi": (ppmi, ["words", "words"]),
        "counted": (counted, ["words", "dimensions"]),
        "gradient": (gradient, ["dimensions"]),
        "predicted": (predicted, ["words", "dimensions"]),
    }
    check_shapes(arrays, words=len(words))
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise InputError("pairs must hold at least one pair, and only pairs of two words.")
    canvas, half = Canvas(), len(words) / 2
    canvas.text(0.3, 0, "counting", fontsize=TITLE + 1, weight="bold")
    top = canvas.width(words, SMALL) + 1.9
    canvas.names(0, top, words)
    first = canvas.block(0.3, top, counts, "input", digits=0, wide=0.75)
    second = canvas.block(first.right + 1.3, top, ppmi, "hidden", digits=1, wide=0.75)
    for table, name, role in ((first, "counts", "input"), (second, "PPMI", "hidden")):
        canvas.text(table.left, 1.2, name, color=ROLES[role], weight="bold")
        _columns(canvas, table, words)
    third = canvas.block(second.right + 1.5, top, counted, "output", "vectors", digits=1)
    _across(canvas, first.right, second.left, top + half)
    _across(canvas, second.right, third.left, top + half, "SVD")
    _predicting(canvas, third, pairs, gradient, predicted, words)
    return canvas.finished(title)


def _across(canvas: Canvas, left: float, right: float, y: float, words: str = "") -> None:
    """Draw an arrow to the right, with words above it."""
    canvas.arrow((left + 0.2, y), (right - 0.2, y))
    canvas.text((left + right) / 2, y - 0.4, words, ha="center", fontsize=SMALL)


def _columns(canvas: Canvas, table: Block, words: Sequence[str]) -> None:
    """Write a word above each column, upright."""
    for j, word in enumerate(words):
        canvas.text(table.left + (j + 0.5) * table.wide, table.top - 0.15, word, rotation=90,
                    ha="center", va="bottom", fontsize=SMALL)  # fmt: skip


def _predicting(
    canvas: Canvas,
    above: Block,
    pairs: Sequence[Sequence[str]],
    gradient: np.ndarray,
    predicted: np.ndarray,
    words: Sequence[str],
) -> None:
    """Draw pairs, the gradient of the first, and the vectors that come of many steps."""
    top, n = above.bottom + 2.9, len(words)
    middle = top + n / 2
    canvas.text(0.3, top - 1.5, "predicting", fontsize=TITLE + 1, weight="bold")
    canvas.text(0.3, top - 0.4, "pairs", color=ROLES["input"], weight="bold")
    told = [f"{given} → {asked}" for given, asked in pairs[:n]]
    for i, line in enumerate(told):
        canvas.text(0.3, top + i + 0.5, line, fontsize=CELL_TEXT)
    end = 0.3 + canvas.width(told, CELL_TEXT)
    one = canvas.block(end + 1.3, middle - 0.5, gradient, "gradient", "gradient", shape=False,
                       digits=1)  # fmt: skip
    named = canvas.width(words) + 0.3
    left = max(above.left, one.reach + 2.6 + named)
    canvas.names(left - 0.3, top, words)
    canvas.block(left, top, predicted, "output", "vectors", digits=1)
    _across(canvas, end, one.left, middle)
    _across(canvas, one.right, left - named, middle, "many steps")
