"""One look for all figures."""

import matplotlib.pyplot as plt

# Colors that readers with any kind of color vision can tell apart (Okabe and Ito 2008), the yellow
# darkened for white paper, and two more for ten classes.
PALETTE = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#000000", "#8C6D00", "#7B3294", "#7F7F7F",
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def use_style() -> None:
    """Set fonts, colors and grid for every figure that follows."""
    plt.rcParams.update(
        {
            "figure.figsize": (8, 4),
            "figure.constrained_layout.use": True,
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
