"""Pictures of the machines of lesson 3. They show numbers that were computed, and compute none."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive, finite_array
from course_utils.visualization.canvas import (
    CELL_TEXT,
    LABEL,
    ROLES,
    SMALL,
    SOFT,
    Block,
    Canvas,
    cell_color,
    check_shapes,
    number,
)
from course_utils.visualization.display import check_alt, png_of
from course_utils.visualization.steps import Frame
from course_utils.visualization.style import PALETTE, plain_text

RIGHT = PALETTE[0]  # the right next character, and one that was drawn
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FORMULA = LABEL + 2  # points: its indices are smaller
_TOKENS = 100_000  # rows of a distribution, of which the likeliest are drawn
_BAR = 2.4  # cells: the longest bar
_GAPS = (0.75, 1.5)  # cells: between states that read a prompt, and that read what was drawn
_SIDE = 64  # pixels of an image
_LEVELS = 8  # colors on each side of zero in a colored text
_CARD = (
    "background:#fff;color:#000;padding:0.8em;line-height:1.5;white-space:pre-wrap;"
    "overflow-wrap:anywhere"
)


@plain_text
@checked
def draw_unrolled(symbols: Sequence[str], states: np.ndarray, *, title: str = "") -> Figure:
    """Draw a recurrent network that reads symbol after symbol: one cell, used again and again.

    `unrolled_frames` shows the same drawing symbol by symbol.

    Parameters
    ----------
    symbols : sequence of str
        A word, for its letters; five of them can be read on a phone.
    states : ndarray, shape (symbols + 1, units)
        The state before the first symbol, and after each.

    Raises
    ------
    InputError
        If the shapes do not fit or are too large for a drawing, or a number is not finite.
    """
    return _unrolled(symbols, states, title).figure


@checked
def unrolled_frames(symbols: Sequence[str], states: np.ndarray, *, title: str = "") -> list[Frame]:
    """Return the steps of `draw_unrolled`, for `show_steps`: each reads one more symbol.

    Parameters
    ----------
    symbols : sequence of str
        At least one.
    states : ndarray, shape (symbols + 1, units)
        The state before the first symbol, and after each.

    Raises
    ------
    InputError
        If the shapes do not fit or are too large for a drawing, or a number is not finite.
    """
    with plt.rc_context({"text.parse_math": False}):
        canvas = _unrolled(symbols, states, title)
    empty = "all its numbers are 0" if not states[0].any() else "it was handed over"
    told: list[tuple[str, Mapping[str, Any]]] = [
        (f"Before anything is read there is a first state h₀: {empty}.", {"h0": states[0]})
    ]
    for t, symbol in enumerate(symbols, start=1):
        text = (f"“{_seen(symbol)}” comes in. The cell makes {_state(t)} of it and of "
                f"{_state(t - 1)}, with the same weights as ever.")  # fmt: skip
        told.append((text, {f"h{t}": states[t]}))
    return _frames(canvas, told)


def _unrolled(symbols: Sequence[str], states: np.ndarray, title: str) -> Canvas:
    """Draw the cell rolled up, and below it a state for each symbol, one a stage."""
    check_shapes({"states": (states, ["states", "units"])}, states=len(symbols) + 1)
    canvas, scale = Canvas(), np.abs(states).max()
    _rolled_up(canvas)
    top, low, x = 5.4, 6.8 + states.shape[1], 0.0
    wide = _width(canvas, states)
    gap = max(1.2, canvas.width(symbols, weight="bold") + 0.7 - wide)
    for t, state in enumerate(states):
        canvas.stage = t
        block = canvas.block(x, top, state, "hidden", _state(t), column=True, scale=scale,
                             digits=2, shape=t == 0, wide=wide)  # fmt: skip
        if t:
            _symbol(canvas, block.middle, low, symbols[t - 1], "input")
            canvas.arrow((block.middle, low - 0.1), (block.middle, block.bottom + 0.1))
            canvas.text(block.middle + 0.15, low - 0.7, "W", color=ROLES["weights"])
            middle = (block.top + block.bottom) / 2
            canvas.arrow((x - gap + 0.1, middle), (x - 0.1, middle))
            canvas.text(x - gap / 2, middle - 0.5, "U", ha="center", color=ROLES["weights"])
        x = block.right + gap
    canvas.stage = 0
    canvas.text(0, top - 1.7, "unrolled: the same cell at each symbol", weight="bold")
    canvas.finished(title)
    return canvas


def _rolled_up(canvas: Canvas) -> None:
    """Draw one cell whose state comes back to it."""
    canvas.text(0, 0, "rolled up: one cell, one set of weights", weight="bold")
    _symbol(canvas, 0.5, 1, "x", "input")
    canvas.arrow((1.1, 1.5), (2.4, 1.5))
    _symbol(canvas, 3.0, 1, "h", "hidden")
    canvas.line([(3.6, 1.5), (4.5, 1.5), (4.5, 2.8), (3.0, 2.8)])
    canvas.arrow((3.0, 2.8), (3.0, 2.1))
    canvas.text(1.75, 1.0, "W", ha="center", color=ROLES["weights"])
    canvas.text(4.7, 2.1, "U", color=ROLES["weights"])


def _width(canvas: Canvas, *arrays: np.ndarray) -> float:
    """Return how wide cells are that have room for each of the numbers."""
    texts = [number(value, 2) for array in arrays for value in array.ravel()]
    return max(1.2, canvas.width(texts, CELL_TEXT) + 0.3)


def _state(t: int) -> str:
    return "h" + str(t).translate(_BELOW)


def _seen(symbol: str) -> str:
    """Return a symbol that can be seen: a space and a line break have a sign."""
    return {" ": "\N{OPEN BOX}", "\n": "↵"}.get(symbol, symbol)


def _symbol(
    canvas: Canvas, middle: float, y: float, symbol: str, role: str, color: str = ""
) -> None:
    """Draw a symbol in a frame of its role's color, or of another."""
    color, symbol = color or ROLES[role], _seen(symbol)
    wide = max(1.0, canvas.width([symbol], weight="bold") + 0.4)
    left = middle - wide / 2
    canvas.tile(left, y, wide, symbol, weight="bold", color=color)
    canvas.frame(left, y, left + wide, y + 1, color)


def _frames(canvas: Canvas, told: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Frame]:
    """Return a frame for each stage of a drawing, and close its figure."""
    frames = [Frame(png_of(canvas.figure, tight=False), *told[stage]) for stage in canvas.steps()]
    plt.close(canvas.figure)
    return frames


@plain_text
@checked
def draw_lstm_step(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    *,
    f: np.ndarray,
    i: np.ndarray,
    g: np.ndarray,
    o: np.ndarray,
    c_after: np.ndarray,
    h_after: np.ndarray,
    title: str = "",
) -> Figure:
    """Draw one step of an LSTM: the cell goes straight down, gates decide what happens to it.

    Parameters
    ----------
    x : ndarray, shape (dimensions,)
        The input. Three numbers in it and in the state can be read on a phone.
    h, c : ndarray, shape (units,)
        The state before the step: what is shown, and the cell.
    f, i, g, o : ndarray, shape (units,)
        Forget gate, input gate, candidate and output gate, after sigmoid and tanh.
    c_after, h_after : ndarray, shape (units,)
        The state after the step.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    states = {"h": h, "c": c, "f": f, "i": i, "g": g, "o": o, "c_after": c_after,
              "h_after": h_after}  # fmt: skip
    check_shapes({"x": (x, ["dimensions"])} | {name: (a, ["units"]) for name, a in states.items()})
    cell = _Cell([x, *states.values()])
    start = cell.state(0, c, "$c_{t{-}1}$")
    named = {"$x_t$": (x, "input"), "$h_{t{-}1}$": (h, "hidden")}
    bus = cell.inputs(named, cell.left + len(x) * cell.wide / 2)
    forget = cell.gate(3.6, f, r"$f = \sigma(x_t W_f + h_{t{-}1} U_f + b_f)$")
    add = cell.gate(6.1, i, r"$i = \sigma(x_t W_i + h_{t{-}1} U_i + b_i)$")
    new = cell.gate(8.3, g, r"$g = \tanh(x_t W_g + h_{t{-}1} U_g + b_g)$")
    kept = cell.node(forget.row(0), "⊙", start.bottom)
    cell.into(forget, "forget", forget.row(0))
    middle = (add.row(0) + new.row(0)) / 2
    cell.join(add, new, ("input", "candidate"), middle)
    summed = cell.node(middle, "⊕", kept)
    after = cell.state(10.5, c_after, "$c_t$", r"$c_t = f \odot c_{t{-}1} + i \odot g$", summed)
    shown = cell.gate(13.1, o, r"$o = \sigma(x_t W_o + h_{t{-}1} U_o + b_o)$")
    cell.into(shown, "output", shown.row(0))
    last = cell.node(shown.row(0), "⊙", after.bottom, "tanh")
    cell.state(15.3, h_after, "$h_t$", r"$h_t = o \odot \tanh(c_t)$", last)
    cell.wire(bus)
    return cell.canvas.finished(title)


@plain_text
@checked
def draw_gru_step(
    x: np.ndarray,
    h: np.ndarray,
    *,
    z: np.ndarray,
    r: np.ndarray,
    n: np.ndarray,
    h_after: np.ndarray,
    title: str = "",
) -> Figure:
    """Draw one step of a GRU: part of the old state stays, the rest comes from a candidate.

    Parameters
    ----------
    x : ndarray, shape (dimensions,)
        The input. Three numbers in it and in the state can be read on a phone.
    h : ndarray, shape (units,)
        The state before the step.
    z, r, n : ndarray, shape (units,)
        Update gate, reset gate and candidate, after sigmoid and tanh.
    h_after : ndarray, shape (units,)
        The state after the step.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, or a number is not finite.
    """
    states = {"h": h, "z": z, "r": r, "n": n, "h_after": h_after}
    check_shapes({"x": (x, ["dimensions"])} | {name: (a, ["units"]) for name, a in states.items()})
    cell = _Cell([x, *states.values()])
    start = cell.state(0, h, "$h_{t{-}1}$")
    bus = cell.inputs({"$x_t$": (x, "input")}, cell.middle)
    cell.canvas.dot(cell.middle, bus)
    update = cell.gate(3.6, z, r"$z = \sigma(x_t W_z + h_{t{-}1} U_z + b_z)$")
    reset = cell.gate(6.0, r, r"$r = \sigma(x_t W_r + h_{t{-}1} U_r + b_r)$")
    new = cell.gate(8.5, n, r"$n = \tanh(x_t W_n + b_n + r \odot (h_{t{-}1} U_n + b_n^{\prime}))$")
    kept = cell.node(update.row(0), "⊙", start.bottom)
    cell.into(update, "update", update.row(0))
    side = cell.left - 0.1
    cell.canvas.arrow((side, reset.row(0)), (side, new.row(0) - 0.3), bend=0.5)
    cell.canvas.text(side - 0.8, 7.7, "reset", ha="right")
    summed = cell.node(new.row(0) + 0.1, "⊕", kept)
    cell.into(new, "⊙ (1 − z)", new.row(0) + 0.1)
    cell.canvas.text((cell.left + cell.middle) / 2 + 0.2, new.row(0) + 0.6, "candidate",
                     ha="center")  # fmt: skip
    formula = r"$h_t = z \odot h_{t{-}1} + (1 - z) \odot n$"
    cell.state(11.0, h_after, "$h_t$", formula, summed)
    cell.wire(bus)
    return cell.canvas.finished(title)


class _Cell:
    """A gated cell: its state goes down on the left, gates stand on the right."""

    def __init__(self, arrays: Sequence[np.ndarray]) -> None:
        self.canvas, units = Canvas(), len(arrays[-1])
        self.scale = max(1.0, *(np.abs(array).max() for array in arrays))
        self.wide = _width(self.canvas, *arrays)
        self.middle = units * self.wide / 2
        self.left = max(self.middle + 4.2, units * self.wide + 1.6)  # of the gates
        self.gates: list[Block] = []
        self.end = 0.0  # of the longest formula

    def formula(self, x: float, y: float, words: str, color: str = ROLES["output"]) -> float:
        """Write a formula and return where it ends."""
        text = self.canvas.text(x, y, words, fontsize=_FORMULA, parse_math=True, color=color)
        box = text.get_window_extent()
        return self.canvas.ax.transData.inverted().transform(box)[1, 0]

    def row(self, x: float, y: float, values: np.ndarray, role: str) -> Block:
        scale = 1.0 if role == "output" else self.scale
        return self.canvas.block(x, y, values, role, scale=scale, wide=self.wide, digits=2,
                                 shape=False)  # fmt: skip

    def state(
        self, y: float, values: np.ndarray, name: str, formula: str = "", above: float | None = None
    ) -> Block:
        """Draw a state, an arrow to it from above, and beside it how it is computed."""
        if above is not None:
            self.canvas.arrow((self.middle, above), (self.middle, y - 0.1), linewidth=2.5)
        block = self.row(0, y, values, "hidden")
        self.formula(0, y - 0.55, name, ROLES["hidden"])
        if formula:
            self.formula(block.right + 0.5, y + 0.5, formula)
        return block

    def inputs(self, named: Mapping[str, tuple[np.ndarray, str]], start: float) -> float:
        """Draw what all gates read and a wire from it; return how far down the wire begins."""
        x, bus, last = self.left, 1.8, start
        for name, (values, role) in named.items():
            self.formula(x, -0.55, name, ROLES[role])
            block = self.row(x, 0, values, role)
            self.canvas.line([(block.middle, 1.1), (block.middle, bus)])
            self.canvas.dot(block.middle, bus)
            x, last = block.right + 0.6, block.middle
        self.canvas.line([(start, bus), (last, bus)])
        return bus

    def gate(self, y: float, values: np.ndarray, formula: str) -> Block:
        """Draw what a gate lets through, its formula above."""
        self.end = max(self.end, self.formula(self.left, y - 0.55, formula))
        block = self.row(self.left, y, values, "output")
        self.gates.append(block)
        return block

    def node(self, y: float, sign: str, above: float, word: str = "") -> float:
        """Draw where something happens to the state, and return where it goes on."""
        self.canvas.arrow((self.middle, above + 0.1), (self.middle, y - 0.4), linewidth=2.5)
        self.canvas.text(self.middle, y, sign, ha="center", fontsize=20)
        if word:
            self.canvas.text(self.middle - 0.2, (above + y - 0.3) / 2, word, ha="right")
        return y + 0.35

    def into(self, gate: Block, word: str, y: float) -> None:
        """Draw an arrow from a gate to the state, with its word above."""
        self.canvas.arrow((gate.left - 0.1, y), (self.middle + 0.45, y))
        self.canvas.text((gate.left + self.middle) / 2 + 0.2, y - 0.4, word, ha="center")

    def join(self, one: Block, other: Block, words: tuple[str, str], y: float) -> None:
        """Draw how two gates are multiplied, and an arrow from there to the state."""
        x = self.middle + 1.2
        for block, word in zip((one, other), words, strict=True):
            near = y + (0.35 if block is other else -0.35)
            self.canvas.line([(self.left - 0.1, block.row(0)), (x, block.row(0))])
            self.canvas.arrow((x, block.row(0)), (x, near))
            self.canvas.text((self.left + x) / 2, block.row(0) - 0.4, word, ha="center")
        self.canvas.text(x, y, "⊙", ha="center", fontsize=20)
        self.canvas.arrow((x - 0.4, y), (self.middle + 0.45, y))

    def wire(self, bus: float) -> None:
        """Draw the wire that brings the input and the old state to all gates."""
        x = self.end + 0.5
        self.canvas.line([(self.gates[0].middle, bus), (x, bus), (x, self.gates[-1].row(0))])
        for gate in self.gates:
            self.canvas.arrow((x, gate.row(0)), (gate.right + 0.1, gate.row(0)))


@plain_text
@checked
def draw_four_shapes(
    image: np.ndarray,
    *,
    label: str,
    spelled: str,
    letters: str,
    verdict: str,
    word: str,
    backward: str,
    title: str = "",
) -> Figure:
    """Draw the four shapes of a recurrent network, each with an input and what came out of it.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Shades of gray, the larger the darker: the input of one-to-one and of one-to-many.
    label, spelled : str
        What one-to-one and one-to-many made of it: "7", and "seven" letter by letter.
    letters, verdict : str
        The input and the output of many-to-one.
    word, backward : str
        The input and the output of many-to-many. Four letters each can be read on a phone.

    Raises
    ------
    InputError
        If the image has other axes or a number in it is not finite, or what is drawn letter by
        letter has no letter or too many.
    """
    check_shapes({"image": (image, ["rows", "columns"])}, _SIDE)
    texts = {"spelled": spelled, "letters": letters, "word": word, "backward": backward}
    for name, text in texts.items():
        check_shapes({}, **{f"letters in {name}": len(text)})
    canvas, left, second, third = Canvas(), 4.4, 8.2, 15.4
    _heading(canvas, 0, 0, "one-to-one", "no state")
    _picture(canvas, 0, 5.1, image)
    _symbol(canvas, 1, 1.5, label, "output")
    canvas.arrow((1, 5.0), (1, 2.6))
    _heading(canvas, left, 0, "one-to-many", "each state is asked for a letter")
    _picture(canvas, left, 5.1, image)
    canvas.arrow((left + 1, 5.0), (left + 1, 4.4))
    _chain(canvas, left + 1, 0, ["h"] * len(spelled), "", spelled)
    _heading(canvas, 0, second, "many-to-one", "only the last state is asked")
    _chain(canvas, 0.5, second, ["h"] * len(letters), letters, [verdict])
    _heading(canvas, 0, third, "many-to-many", "one network reads, a second one writes")
    _chain(canvas, 0.5, third, ["h"] * len(word) + ["s"] * len(backward), word, backward)
    canvas.arrow((0, third + 7.0), (1.2, third + 7.0), line="--")
    canvas.text(1.5, third + 7.0, "a letter that was written is the next input")
    return canvas.finished(title)


def _heading(canvas: Canvas, x: float, y: float, name: str, told: str) -> None:
    canvas.text(x, y, name, weight="bold")
    canvas.text(x, y + 0.75, told, fontsize=SMALL, color=SOFT)


def _picture(canvas: Canvas, x: float, y: float, image: np.ndarray) -> None:
    """Draw an image, two cells high and wide, in the frame of an input."""
    shown = canvas.ax.imshow(image, cmap="Greys", extent=(x, x + 2, y + 2, y), aspect="auto")
    canvas.keep(shown)
    canvas.frame(x, y, x + 2, y + 2, ROLES["input"])


def _chain(
    canvas: Canvas, x: float, y: float, states: Sequence[str], read: Sequence[str],
    written: Sequence[str],
) -> None:  # fmt: skip
    """Draw states from left to right: the first ones read from below, the last ones write above."""
    for t, state in enumerate(states):
        middle, out = x + 1.6 * t, t - len(states) + len(written)
        _symbol(canvas, middle, y + 3.3, state, "hidden")
        if t < len(states) - 1:
            canvas.arrow((middle + 0.55, y + 3.8), (middle + 1.05, y + 3.8))
        if t < len(read):
            _symbol(canvas, middle, y + 5.1, read[t], "input")
            canvas.arrow((middle, y + 5.0), (middle, y + 4.4))
        if out >= 0:
            _symbol(canvas, middle, y + 1.5, written[out], "output")
            canvas.arrow((middle, y + 3.2), (middle, y + 2.6))
            if out < len(written) - 1:
                canvas.arrow((middle + 0.55, y + 2.4), (middle + 1.2, y + 3.2), line="--")


@plain_text
@checked
def draw_next_characters(
    one_hot: np.ndarray,
    states: np.ndarray,
    scores: np.ndarray,
    *,
    text: str,
    characters: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw a model of characters on a small text: one-hot in, state, scores of the next character.

    The right next character has a frame.

    Parameters
    ----------
    one_hot : ndarray, shape (positions, characters)
        The input at each position.
    states : ndarray, shape (positions, units)
        The state after each input.
    scores : ndarray, shape (positions, characters)
        The logits of the next character.
    text : str
        The inputs and one character more: the last one is only asked for.
    characters : sequence of str
        The name of each row.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a number is not finite, or the text
        has a character that is not among the characters.
    """
    shown = ["positions", "characters"]
    arrays = {"one_hot": (one_hot, shown), "states": (states, ["positions", "units"]),
              "scores": (scores, shown)}  # fmt: skip
    check_shapes(arrays, positions=len(text) - 1, characters=len(characters))
    right, (V, units) = _rows(text, characters)[1:], (len(characters), states.shape[1])
    canvas, middle, low = Canvas(), 3.3 + V, 5.0 + V + units  # the tops of states and one-hots
    wide = _width(canvas, states, scores)
    _tell_rows(canvas, characters, units, low)
    for t, target in enumerate(right):
        x = t * (wide + 1.1)
        _symbol(canvas, x + wide / 2, 0, text[t + 1], "output", RIGHT)
        above = canvas.block(x, 1.6, scores[t], "output", column=True, wide=wide, digits=2,
                             scale=np.abs(scores).max(), shape=False)  # fmt: skip
        canvas.frame(x, above.top + target, above.right, above.top + target + 1, RIGHT)
        state = canvas.block(x, middle, states[t], "hidden", column=True, wide=wide, digits=2,
                             scale=np.abs(states).max(), shape=False)  # fmt: skip
        below = canvas.block(x, low, one_hot[t], "input", column=True, wide=wide, shape=False)
        canvas.arrow((state.middle, state.top - 0.1), (state.middle, above.bottom + 0.1))
        canvas.arrow((state.middle, below.top - 0.1), (state.middle, state.bottom + 0.1))
        if t:
            y = middle + units / 2
            canvas.arrow((x - 1.0, y), (x - 0.1, y))
        _symbol(canvas, x + wide / 2, low + V + 0.7, text[t], "input")
    return canvas.finished(title)


def _tell_rows(canvas: Canvas, characters: Sequence[str], units: int, low: float) -> None:
    """Say what the rows of `draw_next_characters` are; the one-hots begin at `low`."""
    names, V = [_seen(character) for character in characters], len(characters)
    left = -0.6 - canvas.width(names)
    _tell(canvas, left, 0, {"next": (0.5, RIGHT), "input": (low + V + 1.2, ROLES["input"])})
    parts = [(1.6, "scores", "output", V), (3.3 + V, "state", "hidden", units),
             (low, "one-hot", "input", V)]  # fmt: skip
    for top, name, role, rows in parts:
        y = top + rows / 2
        canvas.text(left, y - 0.4, name, color=ROLES[role], weight="bold", ha="right")
        canvas.text(left, y + 0.45, f"({rows},)", color=SOFT, fontsize=SMALL, ha="right")
        if role != "hidden":
            canvas.names(-0.3, top, names)


def _rows(text: str, characters: Sequence[str]) -> list[int]:
    """Return the row of each character of a text."""
    places = {character: row for row, character in enumerate(characters)}
    unknown = [character for character in text if character not in places]
    if unknown:
        raise InputError(f"{unknown[0]!r} is not among the characters: pass those of the model.")
    return [places[character] for character in text]


@plain_text
@checked
def draw_writing(
    prompt: str,
    written: str,
    states: np.ndarray,
    probabilities: np.ndarray,
    *,
    characters: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw how a model goes on with a prompt: each character that is drawn goes back in.

    `writing_frames` shows the same drawing character by character.

    Parameters
    ----------
    prompt : str
        What is read first.
    written : str
        What was drawn after it. Seven characters in all can be read on a phone.
    states : ndarray, shape (len(prompt) + len(written) - 1, units)
        A few units of the state after each character that was read; the last written one is not.
    probabilities : ndarray, shape (len(written), characters)
        From which each character was drawn; the likeliest three stand above it.
    characters : sequence of str
        The character of each probability.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a number is not finite or no
        probability, or a written character is not among the characters.
    """
    return _writing(prompt, written, states, probabilities, characters, title).figure


@checked
def writing_frames(
    prompt: str,
    written: str,
    states: np.ndarray,
    probabilities: np.ndarray,
    *,
    characters: Sequence[str],
    title: str = "",
) -> list[Frame]:
    """Return the steps of `draw_writing`, for `show_steps`: the prompt, then each character.

    Parameters
    ----------
    prompt, written : str
        What is read first, and what was drawn after it.
    states : ndarray, shape (len(prompt) + len(written) - 1, units)
        A few units of the state after each character that was read.
    probabilities : ndarray, shape (len(written), characters)
        From which each character was drawn.
    characters : sequence of str
        The character of each probability.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, a number is not finite or no
        probability, or a written character is not among the characters.
    """
    with plt.rc_context({"text.parse_math": False}):
        canvas = _writing(prompt, written, states, probabilities, characters, title)
    told: list[tuple[str, Mapping[str, Any]]] = [
        (f"The prompt “{''.join(map(_seen, prompt))}” is read character by character, and the "
         "state remembers it.", {"state": states[len(prompt) - 1]})
    ]  # fmt: skip
    for k, row in enumerate(_rows(written, characters)):
        before = f"“{_seen(written[k - 1])}” goes back in, and the state is carried along. "
        share = number(probabilities[k, row], 2)
        text = (f"{before if k else ''}Every character has a probability, and one is drawn: "
                f"“{_seen(written[k])}”, with {share}.")  # fmt: skip
        told.append((text, {"state": states[len(prompt) + k - 1],
                            "probability": probabilities[k, row]}))  # fmt: skip
    return _frames(canvas, told)


def _writing(
    prompt: str,
    written: str,
    states: np.ndarray,
    probabilities: np.ndarray,
    characters: Sequence[str],
    title: str,
) -> Canvas:
    """Draw the prompt, then in one stage for each what is drawn and goes back in."""
    for name, part in (("characters in the prompt", prompt), ("written characters", written)):
        check_shapes({}, **{name: len(part)})
    check_shapes({"states": (states, ["states", "units"])}, states=len(prompt + written) - 1)
    _check_shares(probabilities, "written", len(written), len(characters))
    rows, canvas, first = _rows(written, characters), Canvas(), len(prompt) - 1
    top, scale, x = 5.2, np.abs(states).max(), 0.0
    low = top + states.shape[1] + 0.9
    for t, state in enumerate(states):
        canvas.stage, fed = max(0, t - first + 1), t > first
        block = canvas.block(x, top, state, "hidden", column=True, scale=scale, written=False,
                             shape=False)  # fmt: skip
        _symbol(canvas, block.middle, low, (prompt + written)[t], "input", RIGHT if fed else "")
        canvas.arrow((block.middle, low - 0.1), (block.middle, block.bottom + 0.1))
        if t:
            _carried(canvas, block, 3.3, low + 0.5, fed)
        if t >= first:
            canvas.stage = t - first + 1
            _drawn(canvas, block, probabilities[t - first], characters, rows[t - first])
        x = block.right + (_GAPS[0] if t < first else _GAPS[1])
    _tell(canvas, -0.3, 0, {"state": (top + states.shape[1] / 2, ROLES["hidden"]),
                            "in": (low + 0.5, ROLES["input"])})  # fmt: skip
    _tell(canvas, first * (1 + _GAPS[0]) - 0.4, 1, {"likely": (0.8, SOFT), "drawn": (3.3, RIGHT)})
    canvas.stage = 0
    canvas.finished(title)
    return canvas


def _carried(canvas: Canvas, block: Block, above: float, below: float, fed: bool) -> None:
    """Draw how the state comes to a block, and, if it is fed, the character that was drawn."""
    gap, y = _GAPS[fed], (block.top + block.bottom) / 2
    canvas.arrow((block.left - gap + 0.1, y), (block.left - 0.1, y))
    if fed:
        turn = block.left - gap / 2
        places = [(block.left - gap + 0.1, above), (turn, above), (turn, below)]
        canvas.line(places, RIGHT, linestyle="--")
        canvas.arrow((turn, below), (block.left - 0.1, below), RIGHT)


def _tell(canvas: Canvas, x: float, stage: int, names: Mapping[str, tuple[float, str]]) -> None:
    """Write names that end at x, each with its height and color."""
    canvas.stage = stage
    for name, (y, color) in names.items():
        canvas.text(x, y, name, color=color, weight="bold", ha="right")


def _drawn(
    canvas: Canvas, block: Block, shares: np.ndarray, characters: Sequence[str], row: int
) -> None:
    """Draw the likeliest characters above a state, and the one that was drawn."""
    best = np.argsort(-shares, kind="stable")[:3]
    if row not in best:
        best[-1] = row
    for y, i in enumerate(best):
        told, drawn = f"{_seen(characters[i])} {number(shares[i], 2)}", i == row
        look = {"color": RIGHT, "weight": "bold"} if drawn else {"color": SOFT}
        canvas.text(block.middle, 0.8 * y, told, ha="center", fontsize=CELL_TEXT, **look)
    canvas.arrow((block.middle, block.top - 0.1), (block.middle, 3.9))
    _symbol(canvas, block.middle, 2.8, characters[row], "output", RIGHT)


def _check_shares(shares: np.ndarray, axis: str, size: int, names: int) -> None:
    """Say so if rows are no probabilities."""
    arrays = {"probabilities": (shares, [axis, "characters"])}
    check_shapes(arrays, _TOKENS, **{axis: size}, characters=names)
    if shares.min() < 0 or shares.sum(axis=1).max() > 1.001:
        raise InputError("Probabilities are from 0 to 1 and sum to 1: take them after the softmax.")


@plain_text
@checked
def draw_temperatures(
    probabilities: np.ndarray,
    temperatures: Sequence[float],
    *,
    characters: Sequence[str],
    best: int = 7,
    title: str = "",
) -> Figure:
    """Draw one distribution at several temperatures: bars of the likeliest characters.

    `temperature_frames` shows the same drawing temperature by temperature.

    Parameters
    ----------
    probabilities : ndarray, shape (temperatures, characters)
        Each row sums to 1.
    temperatures : sequence of float
    characters : sequence of str
        The character of each probability.
    best : int
        How many characters have a bar; a last bar is what the others have together.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, there are fewer characters than
        `best`, or a number is not finite or no probability.
    """
    return _temperatures(probabilities, temperatures, characters, best, title).figure


@checked
def temperature_frames(
    probabilities: np.ndarray,
    temperatures: Sequence[float],
    *,
    characters: Sequence[str],
    best: int = 7,
    title: str = "",
) -> list[Frame]:
    """Return the steps of `draw_temperatures`, for `show_steps`: each adds a temperature.

    Parameters
    ----------
    probabilities : ndarray, shape (temperatures, characters)
        Each row sums to 1.
    temperatures : sequence of float
    characters : sequence of str
        The character of each probability.
    best : int
        How many characters have a bar; a last bar is what the others have together.

    Raises
    ------
    InputError
        If the shapes do not fit, are too large for a drawing, there are fewer characters than
        `best`, or a number is not finite or no probability.
    """
    with plt.rc_context({"text.parse_math": False}):
        canvas = _temperatures(probabilities, temperatures, characters, best, title)
    order, others = _likeliest(probabilities, best), len(characters) - best
    told = []
    for temperature, shares in zip(temperatures, probabilities, strict=True):
        first, second = (f"“{_seen(characters[i])}” {number(shares[i], 2)}" for i in order[:2])
        rest = number(shares.sum() - shares[order].sum(), 2)
        text = f"At temperature {temperature:g}, {first} and {second} lead"
        text += f"; the {others} others have {rest} together." if others else "."
        told.append((text, {"temperature": temperature, "probabilities": shares[order]}))
    return _frames(canvas, told)


def _likeliest(probabilities: np.ndarray, best: int) -> np.ndarray:
    """Return the characters that have a bar, the likeliest first."""
    return np.argsort(-probabilities.sum(axis=0), kind="stable")[:best]


def _temperatures(
    probabilities: np.ndarray,
    temperatures: Sequence[float],
    characters: Sequence[str],
    best: int,
    title: str,
) -> Canvas:
    """Draw a row of bars for each temperature, one a stage."""
    check_shapes({"temperatures": (np.asarray(temperatures), ["temperatures"])}, best=best)
    _check_shares(probabilities, "temperatures", len(temperatures), len(characters))
    if not 2 <= best <= len(characters):
        raise InputError(f"best must be from 2 to the {len(characters)} characters, not {best}.")
    canvas, order, others = Canvas(), _likeliest(probabilities, best), len(characters) - best
    names = [_seen(characters[i]) for i in order] + ([f"{others} others"] if others else [])
    rows = [[*shares[order], shares.sum() - shares[order].sum()] for shares in probabilities]
    highest = max(map(max, rows))
    for k, (temperature, shares) in enumerate(zip(temperatures, rows, strict=True)):
        canvas.stage, floor = k, (k + 1) * (_BAR + 2.9)
        canvas.text(0, floor - _BAR - 1.5, f"temperature {temperature:g}", weight="bold")
        for j, (name, share) in enumerate(zip(names, shares, strict=False)):
            x, color = (j * 1.4, RIGHT) if j < best else (j * 1.4 + 0.8, SOFT)
            high = share / highest * _BAR
            bar = Rectangle((x, floor - high), 1, high, facecolor=color)
            canvas.keep(canvas.ax.add_patch(bar))
            canvas.text(x + 0.5, floor - high - 0.45, number(share, 2), ha="center", fontsize=SMALL)
            canvas.text(x + 0.5, floor + 0.5, name, ha="center")
        canvas.line([(0, floor), (x + 1.2, floor)], SOFT)
    canvas.finished(title)
    return canvas


@checked
def show_colored_text(
    text: str, values: np.ndarray, alt: str, *, scale: float | None = None, title: str = ""
) -> None:
    """Show a text colored by one number for each character, such as one unit of a state.

    Blue is above zero and orange below, as in all drawings, the more the darker; what is above half
    of the scale is bold as well. It needs no script, and looks the same on a dark page.

    Parameters
    ----------
    text : str
    values : ndarray, shape (characters,)
    alt : str
        What a reader who cannot see the colors should know. It stands below the text.
    scale : float, optional
        The size at which a color is darkest; by default that of the largest number.
    title : str

    Raises
    ------
    InputError
        If there is not one finite number for each character, the text is empty, the scale is not
        above 0, or the text alternative is shorter than 20 characters.
    """
    from IPython.display import display

    html = colored_text_html(text, values, alt, scale=scale, title=title)
    display({"text/html": html, "text/plain": alt}, raw=True)


@checked
def colored_text_html(
    text: str, values: np.ndarray, alt: str, *, scale: float | None = None, title: str = ""
) -> str:
    """Return what `show_colored_text` shows, as HTML.

    Raises
    ------
    InputError
        If there is not one finite number for each character, the text is empty, the scale is not
        above 0, or the text alternative is shorter than 20 characters.
    """
    check_alt(alt)
    values = finite_array(values, "values", axes=1).astype(float)
    if not len(values) == len(text) > 0:
        raise InputError(
            f"There must be one number for each of the {len(text)} characters, and at least one, "
            f"not {len(values)} numbers."
        )
    scale = check_positive(np.abs(values).max() or 1.0 if scale is None else scale, "scale")
    levels = np.rint(np.clip(values / scale, -1, 1) * _LEVELS).astype(int)
    parts, start = [], 0
    for level, run in groupby(levels):
        end = start + len(list(run))
        parts.append(_colored(text[start:end], level / _LEVELS))
        start = end
    ends = [(-scale, -1.0), (0.0, 0.0), (scale, 1.0)]
    key = " ".join(_colored(f"\N{NO-BREAK SPACE}{number(value, 2)}\N{NO-BREAK SPACE}", share)
                   for value, share in ends)  # fmt: skip
    head = f"<p><b>{escape(title)}</b></p>" if title else ""
    return (
        f'{head}<pre style="{_CARD}">{"".join(parts)}</pre><p>Colors: {key}</p><p>{escape(alt)}</p>'
    )


def _colored(text: str, share: float) -> str:
    """Return characters on a background of their color, bold if it is above half."""
    color = to_hex(cell_color(share))
    bold, end = ("<b>", "</b>") if share > 0.5 else ("", "")
    return f'<span style="background:{color};color:#000">{bold}{escape(text)}{end}</span>'
