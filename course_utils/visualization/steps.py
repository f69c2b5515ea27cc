"""Drawings that move step by step: in JupyterLab and on the website, a still picture elsewhere."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.visualization.display import check_alt, screen_width

_DIGITS = 4  # of the numbers beside the pictures


@checked
@dataclass(frozen=True)
class Frame:
    """One step of a drawing that moves.

    Attributes
    ----------
    picture : bytes
        A PNG, as `png_of` makes it.
    text : str
        What happens in this step, for readers who see the picture and for those who do not.
    values : mapping of str to array or number
        The numbers that the picture shows, by name.
    """

    picture: bytes
    text: str
    values: Mapping[str, Any]


@checked
def show_steps(frames: Sequence[Frame], alt: str) -> None:
    """Show a drawing that moves, with buttons and arrow keys.

    Where scripts are removed (a code host, a notebook that is not trusted, a printed page), the
    last step stands there as a still picture.

    Parameters
    ----------
    frames : sequence of Frame
        At least two, with pictures of one size.
    alt : str
        What a reader who cannot see the still picture should know.

    Raises
    ------
    InputError
        If there are fewer than two frames, or the text alternative is shorter than 20 characters.
    """
    from IPython.display import display

    html = f"{steps_html(frames, alt)}\n{script_tag()}"
    display({"text/html": html, "text/plain": alt}, raw=True)


@checked
def steps_html(frames: Sequence[Frame], alt: str) -> str:
    """Return what `show_steps` shows as HTML, without the script.

    Raises
    ------
    InputError
        If there are fewer than two frames, or the text alternative is shorter than 20 characters.
    """
    check_alt(alt)
    if len(frames) < 2:
        raise InputError(f"A drawing that moves needs at least 2 frames, not {len(frames)}.")
    steps = [
        {"picture": address(frame.picture), "text": frame.text, "values": _plain(frame.values)}
        for frame in frames
    ]
    data = json.dumps({"frames": steps}, ensure_ascii=False, separators=(",", ":"))
    width = screen_width(frames[-1].picture)
    still = f'<img src="{steps[-1]["picture"]}" alt="{escape(alt)}" width="{width}">'
    return (
        f'<course-steps data-width="{width}" data-steps="{escape(data)}">{still}'
        f"<p>{escape(frames[-1].text)}</p></course-steps>"
    )


@cache
def script_tag(name: str = "steps") -> str:
    """Return the script of `<course-steps>` or `<course-words>` with its tag.

    Twice on a page it does no harm.
    """
    script = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf8")
    return f"<script data-course>\n{script}</script>"


def address(picture: bytes) -> str:
    """Return a PNG as an address that brings the picture along."""
    return f"data:image/png;base64,{b64encode(picture).decode()}"


def _plain(values: Mapping[str, Any]) -> dict:
    return {name: np.round(np.asarray(value), _DIGITS).tolist() for name, value in values.items()}
