"""Numbers as colored cells, with names, shapes and arrows: the notation of all drawings.

Blue cells are above zero, orange ones below, the more the darker. A frame and a name in one color
say what the numbers are; `ROLES` has the color of each part that a network may play.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_utils.errors import InputError

# Dark enough to be read on white, and told apart by readers with any kind of color vision. The name
# always stands there as well, and the frame of a gradient is dashed.
ROLES = {
    "input": "#757575",
    "weights": "#001E4B",
    "query": "#0669C4",
    "key": "#154E58",
    "value": "#D91718",
    "hidden": "#7E2185",
    "gradient": "#6B4C35",
    "output": "#000000",
}
INK, SOFT = "#222222", "#666666"
_FILL = LinearSegmentedColormap.from_list("cells", ["#E07B39", "#FFFFFF", "#2F86BD"])
_CELL = 0.42  # inches: the height of a cell, and the unit of all places
_MARGIN = 0.3  # around a drawing, in cells
_MOST = 12  # rows or columns that a drawing has room for
CELL_TEXT, LABEL, SMALL, TITLE = 10.5, 11, 10, 12  # points


@dataclass(frozen=True)
class Block:
    """Where a table of cells lies, in cells from the top left; each row is 1 high.

    A cell is `wide`, and the name above ends at `reach`, if that is not before `right`.
    """

    left: float
    top: float
    right: float
    bottom: float
    wide: float
    reach: float

    @property
    def middle(self) -> float:
        """The middle from left to right."""
        return (self.left + self.right) / 2

    def row(self, i: int) -> float:
        """Return the middle of a row, from top to bottom."""
        return self.top + i + 0.5


def number(value: float, digits: int) -> str:
    """Return a number as it stands in a cell: with a true minus, and never minus zero."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def cell_color(share: float) -> tuple[float, float, float]:
    """Return the color of a cell, as red, green and blue, for a number from -1 to 1."""
    red, green, blue, _ = _FILL(0.5 + 0.5 * np.clip(share, -1, 1))
    return red, green, blue


def check_shapes(
    arrays: Mapping[str, tuple[np.ndarray, Sequence[str]]], room: int = _MOST, /, **known: int
) -> dict[str, int]:
    """Return the length of each axis, by its name, if the arrays fit one another and a drawing.

    Parameters
    ----------
    arrays : mapping of str to (ndarray, names of its axes)
    room : int
        How long an axis may be.
    known : int
        The length of an axis that is known beforehand, such as `words=5`.

    Raises
    ------
    InputError
        If an array has other axes than named, two arrays do not agree on one, an axis is empty or
        too long for a drawing, or a number is NaN or infinite.
    """
    lengths = dict(known)
    for name, (array, axes) in arrays.items():
        fits = array.ndim == len(axes) and all(
            lengths.setdefault(axis, size) == size
            for axis, size in zip(axes, array.shape, strict=False)
        )
        if not fits:
            wanted = ", ".join(f"{axis}={lengths[axis]}" if axis in lengths else axis
                               for axis in axes)  # fmt: skip
            raise InputError(f"{name} must have the shape ({wanted}), not {array.shape}.")
        if not np.isfinite(array.astype(float)).all():
            raise InputError(
                f"{name} holds NaN or infinite numbers: find out where they come from."
            )
    for axis, size in lengths.items():
        if not 1 <= size <= room:
            raise InputError(f"A drawing has room for 1 to {room} {axis}, not {size}.")
    return lengths


class Canvas:
    """A drawing that grows as it is needed: places are in cells, x to the right and y downwards.

    What is drawn while `stage` is k is seen from step k on; see `steps`.
    """

    def __init__(self) -> None:
        still = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=False)
        self.figure = plt.figure(figsize=(10, 10), layout=still, facecolor="white")
        self.ax = self.figure.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, 10 / _CELL), ylim=(10 / _CELL, 0))
        self.ax.axis("off")
        self.stage = 0
        self._drawn: list[tuple[Artist, int]] = []

    def text(self, x: float, y: float, words: str, **style: Any) -> Text:
        """Write words; by default in the middle of their line, beginning at (x, y)."""
        usual = {"ha": "left", "va": "center", "fontsize": LABEL, "color": INK}
        style = {**usual, **style}
        text = self.ax.text(x, y, words, **style)
        self._drawn.append((text, self.stage))
        return text

    def width(self, words: Sequence[str], size: float = LABEL, weight: str = "normal") -> float:
        """Return how many cells wide the widest of the words is."""
        probe = self.figure.text(0, 0, "", fontsize=size, weight=weight)
        widths = []
        for word in words:
            probe.set_text(word)
            widths.append(probe.get_window_extent().width / self.figure.dpi / _CELL)
        probe.remove()
        return max(widths, default=0)

    def block(
        self,
        x: float,
        y: float,
        values: np.ndarray,
        role: str,
        name: str = "",
        *,
        column: bool = False,
        scale: float | None = None,
        faint: Sequence[bool] | None = None,
        wide: float = 1.0,
        shape: bool = True,
        filled: bool = True,
        written: bool = True,
        digits: int | None = None,
    ) -> Block:
        """Draw an array as cells from the top left corner (x, y), its name above, its shape below.

        Parameters
        ----------
        values : ndarray, shape (n,) or (rows, columns)
        role : str
            A key of `ROLES`.
        column : bool
            Whether an array of one axis stands upright.
        scale : float, optional
            The size at which a cell is darkest; by default that of the largest number.
        faint : sequence of bool, optional
            Which rows stand back.
        wide : float
            How wide a cell is at least.
        shape : bool
            Whether the array's shape is written below it.
        filled : bool
            Whether the color of a cell is its number: not that of an id, which is only a name.
        written : bool
            Whether the number stands in the cell; without it a cell can be narrow.
        digits : int, optional
            Decimals of a number; by default as many as show two or three digits of the largest.
        """
        table = np.atleast_2d(values.astype(float))
        table = table.T if column and values.ndim == 1 else table
        digits = _digits(table) if digits is None else digits
        texts = [[number(value, digits) if written else "" for value in row] for row in table]
        if written:
            wide = max(wide, self.width([text for row in texts for text in row], CELL_TEXT) + 0.3)
        rows, columns = table.shape
        scale = (scale or np.abs(table).max() or 1.0) if filled else np.inf
        for i, j in np.ndindex(rows, columns):
            back = faint is not None and faint[i]
            self._cell(
                x + j * wide, y + i, wide, texts[i][j], float(table[i, j] / scale), bool(back)
            )
        right = x + columns * wide
        reach = max(right, x + self.width([name], weight="bold"))
        block = Block(x, y, right, y + rows, wide, reach)
        self._frame(block, role)
        if name:
            self.text(block.left, y - 0.5, name, color=ROLES[role], weight="bold")
        if shape:
            self.text(block.right, block.bottom + 0.4, _shape(values), color=SOFT, ha="right",
                      fontsize=SMALL)  # fmt: skip
        return block

    def names(
        self, x: float, y: float, names: Sequence[str], bold: Sequence[int] | np.ndarray = ()
    ) -> None:
        """Write a name before each row, ending at x, the rows in `bold` stronger."""
        for i, name in enumerate(names):
            weight = "bold" if i in bold else "normal"
            self.text(x, y + i + 0.5, name, ha="right", weight=weight)

    def tile(
        self, x: float, y: float, wide: float, word: str, fill: str = "", **style: Any
    ) -> None:
        """Draw a cell with a word in it, in white if the cell is filled with a color."""
        self._add(Rectangle((x, y), wide, 1, facecolor=fill or "white", edgecolor="#CCCCCC",
                            linewidth=0.8))  # fmt: skip
        usual = {"ha": "center", "color": "white" if fill else INK}
        self.text(x + wide / 2, y + 0.5, word, **{**usual, **style})

    def _cell(self, x: float, y: float, wide: float, text: str, share: float, faint: bool) -> None:
        color = cell_color(share)
        fill = tuple(1 - 0.35 * (1 - part) for part in color) if faint else color
        cell = Rectangle((x, y), wide, 1, facecolor=fill, edgecolor="#CCCCCC", linewidth=0.8)
        self._add(cell)
        self.text(x + wide / 2, y + 0.5, text, ha="center", fontsize=CELL_TEXT,
                  color=SOFT if faint else "black")  # fmt: skip

    def _frame(self, block: Block, role: str) -> None:
        self.frame(block.left, block.top, block.right, block.bottom, ROLES[role],
                   "--" if role == "gradient" else "-")  # fmt: skip

    def frame(
        self, left: float, top: float, right: float, bottom: float, color: str, line: str = "-"
    ) -> None:
        """Draw a frame."""
        self._add(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=color,
                            linewidth=2, linestyle=line))  # fmt: skip

    def line(self, places: Sequence[tuple[float, float]], color: str = SOFT, **style: Any) -> None:
        """Draw a line from place to place."""
        x, y = zip(*places, strict=True)
        lines = self.ax.plot(x, y, color=color, linewidth=1.6, **style)
        self._drawn += [(line, self.stage) for line in lines]

    def dot(self, x: float, y: float, color: str = INK) -> None:
        """Draw a point."""
        self._drawn += [
            (dot, self.stage) for dot in self.ax.plot([x], [y], "o", color=color, markersize=4)
        ]

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        color: str = SOFT,
        bend: float = 0.0,
        line: str = "-",
        **style: Any,
    ) -> None:
        """Draw an arrow from start to end; `bend` is how far it swings out."""
        style = {"linewidth": 1.6, **style}
        self._add(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, color=color,
                                  shrinkA=0, shrinkB=0, linestyle=line,
                                  connectionstyle=f"arc3,rad={bend}", **style))  # fmt: skip

    def _add(self, patch: Rectangle | FancyArrowPatch) -> None:
        self.keep(self.ax.add_patch(patch))

    def keep(self, artist: Artist) -> None:
        """Make what was drawn on `ax` a part of the drawing, seen from this stage on."""
        self._drawn.append((artist, self.stage))

    def finished(self, title: str = "") -> Figure:
        """Return the figure, cut to what is drawn and a margin, with a title above."""
        box = self._extent()
        if title:
            self.stage = 0
            lines = -(-self.width([title], TITLE) // box.width)
            length = int(len(title) / lines) + 4  # lines of about one length
            words = "\n".join(wrap(title, length, break_on_hyphens=False))
            self.text(box.x0, box.y0 - 0.35, words, va="bottom", fontsize=TITLE)
            box = self._extent()
        left, right = box.x0 - _MARGIN, box.x1 + _MARGIN
        top, bottom = box.y0 - _MARGIN, box.y1 + _MARGIN
        self.figure.set_size_inches((right - left) * _CELL, (bottom - top) * _CELL)
        self.ax.set(xlim=(left, right), ylim=(bottom, top))
        return self.figure

    def _extent(self) -> Bbox:
        """Return the box around all that is drawn, in cells; y0 is its top."""
        boxes = [artist.get_window_extent() for artist, _ in self._drawn]
        box = self.ax.transData.inverted().transform_bbox(Bbox.union(boxes))
        return Bbox([[box.x0, min(box.y0, box.y1)], [box.x1, max(box.y0, box.y1)]])

    def steps(self) -> Iterator[int]:
        """Yield each stage, the figure showing what is drawn up to it."""
        for last in range(1 + max(stage for _, stage in self._drawn)):
            for artist, stage in self._drawn:
                artist.set_visible(stage <= last)
            yield last


def _digits(table: np.ndarray) -> int:
    """Return how many decimals let the largest number show two or three digits."""
    largest = np.abs(table).max()
    if (table == np.round(table)).all():
        return 0
    return 3 if largest < 0.1 else 2 if largest < 10 else 1 if largest < 100 else 0


def _shape(values: np.ndarray) -> str:
    return str(tuple(values.shape))
