"""Show a figure together with the words that describe it."""

import io
from functools import partial
from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from PIL import Image

from course_utils.errors import InputError
from course_utils.text.arguments import checked

DOTS_PER_INCH = 160  # sharp on screens that have more dots than pixels
SCREEN_DOTS = 100  # an inch is this wide on the page
_MARGIN = 0.15  # inches of white around each figure: on a dark page it is a card


@partial(checked, own=("alt",))
def show(figure: Figure, alt: str) -> None:
    """Show a figure in the notebook with a text alternative, and close it.

    Parameters
    ----------
    figure : Figure
    alt : str
        What a reader who cannot see the figure should know: its kind, and what to see in it.

    Raises
    ------
    InputError
        If the text alternative is missing or shorter than 20 characters.
    """
    check_alt(alt)
    import matplotlib.pyplot as plt
    from IPython.display import display

    picture = png_of(figure)
    plt.close(figure)
    display(
        {"image/png": picture, "text/plain": alt},
        metadata={"image/png": {"alt": alt, "width": screen_width(picture)}},
        raw=True,
    )


def check_alt(alt: str) -> None:
    """Refuse words that do not say what is to be seen.

    Raises
    ------
    InputError
        If the text alternative is missing or shorter than 20 characters.
    """
    if not isinstance(alt, str) or len(alt.strip()) < 20:
        raise InputError("A figure needs a text alternative of at least 20 characters (alt=...).")


def png_of(figure: Figure, tight: bool = True) -> bytes:
    """Return a figure as a PNG on white, in at most 256 colors, so that a notebook stays small.

    Parameters
    ----------
    figure : Figure
    tight : bool
        Cut the figure to what it shows, with a margin. Otherwise it keeps its size.
    """
    label_log_axes(figure)
    cut: dict[str, Any] = {"bbox_inches": "tight", "pad_inches": _MARGIN} if tight else {}
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DOTS_PER_INCH, facecolor="white", **cut)
    colors = Image.open(buffer).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small = io.BytesIO()
    colors.save(small, "png", optimize=True)
    return small.getvalue()


def screen_width(picture: bytes) -> int:
    """Return how many pixels wide a figure is shown; the PNG has more, for sharp screens."""
    return round(Image.open(io.BytesIO(picture)).width * SCREEN_DOTS / DOTS_PER_INCH)


def label_log_axes(figure: Figure) -> None:
    """Give each logarithmic axis ticks that it can be read by, where it has fewer than two."""
    figure.canvas.draw()
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        if axis.get_scale() == "log" and _labels(axis) < 2:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            if _labels(axis) < 2:  # less than one decade
                axis.set_major_locator(MaxNLocator(4))
            axis.set_minor_formatter(NullFormatter())


def _labels(axis: Axis) -> int:
    """Return how many labeled ticks are seen on an axis."""
    low, high = sorted(axis.get_view_interval())
    ticks = axis.get_major_ticks() + axis.get_minor_ticks()
    axis.get_tightbbox()  # sets the labels
    return sum(bool(t.label1.get_text()) and low <= t.get_loc() <= high for t in ticks)
