"""Show a figure together with the words that describe it."""

import io
from functools import partial

from matplotlib.figure import Figure

from course_utils.errors import InputError
from course_utils.text.arguments import checked

DOTS_PER_INCH = 100


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
    if not isinstance(alt, str) or len(alt.strip()) < 20:
        raise InputError("A figure needs a text alternative of at least 20 characters (alt=...).")
    import matplotlib.pyplot as plt
    from IPython.display import display

    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None}
    )
    plt.close(figure)
    display(
        {"image/png": buffer.getvalue(), "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
