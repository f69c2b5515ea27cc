"""One look for all figures."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FuncFormatter

Options = ParamSpec("Options")

# Colors that readers with any kind of color vision can tell apart (Okabe and Ito 2008), the yellow
# darkened for white paper, and two more for ten classes.
PALETTE = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#000000", "#8C6D00", "#7B3294", "#7F7F7F",
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")

# For scripts that Matplotlib's own font lacks: of Linux, of macOS, of Windows.
_OTHER_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Noto Sans Devanagari",
    "Noto Sans Tamil", "Noto Sans Bengali", "Noto Sans Thai", "Noto Sans Arabic",
    "Noto Sans Hebrew", "Noto Sans Ethiopic", "Lohit Devanagari", "Lohit Tamil", "Loma",
    "FreeSans", "Noto Sans", "Droid Sans Fallback",
    "PingFang SC", "Hiragino Sans", "Hiragino Sans GB", "Apple SD Gothic Neo", "Arial Unicode MS",
    "Kohinoor Devanagari", "Tamil MN", "Thonburi", "Geeza Pro",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Nirmala UI", "Leelawadee UI", "Segoe UI",
)  # fmt: skip


def plain_text(draw: Callable[Options, Figure]) -> Callable[Options, Figure]:
    """Make a function show names and words as they are: "$x$" is no formula in its figure."""

    @wraps(draw)
    def drawn(*args: Options.args, **kwargs: Options.kwargs) -> Figure:
        with plt.rc_context({"text.parse_math": False}):
            figure = draw(*args, **kwargs)
        for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
            named = isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter)
            if not named:
                for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                    tick.label1.set_parse_math(True)  # powers of ten are formulas
        return figure

    return drawn


def use_style() -> None:
    """Set fonts, colors and grid for every figure that follows.

    Of the fonts for other scripts those that are installed help out. A letter that none of them has
    is drawn as an empty box, without a warning for each.
    """
    installed = {font.name for font in font_manager.fontManager.ttflist}
    warnings.filterwarnings("ignore", r"(?s)Glyph \d+ .*missing from", UserWarning)
    plt.rcParams.update(
        {
            "figure.figsize": (8, 4),
            "figure.constrained_layout.use": True,
            "font.family": ["DejaVu Sans", *(name for name in _OTHER_FONTS if name in installed)],
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": plt.cycler("color", PALETTE),
            "grid.color": "#E5E5E5",
            "grid.linewidth": 0.8,
            "legend.frameon": False,
            "lines.linewidth": 2,
            "lines.markersize": 6,
            "image.cmap": "Blues",
        }
    )
