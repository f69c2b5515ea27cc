"""A text colored by numbers: read by everybody, light or dark, with styles and without."""

import re

import numpy as np
import pytest
from browsing import chromium, opener
from bs4 import BeautifulSoup
from matplotlib.colors import to_rgb
from test_drawings import linear, nearest

from course_utils import visualization as vis
from course_utils.errors import InputError
from course_utils.tools.safe_html import sanitized

ALT = "The unit is above zero between the brackets, and below zero at the line break."
TEXT = "f(<b>&\n  x)"
VALUES = np.array([0.0, 0.9, 1.0, 0.8, 0.7, 0.6, -1.0, -0.2, 0.1, 0.0, -0.4])


def page(html):
    return BeautifulSoup(html, "html.parser")


def backgrounds(html):
    """Return the text and the color of each run of characters, the key left out."""
    runs = page(html).pre("span")
    return [(run.text, re.search(r"background:(#\w+)", run["style"])[1]) for run in runs]


def contrast(color):
    return (linear(color) @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.05  # to black letters


def test_the_text_stays_and_its_colors_are_the_numbers():
    html = vis.colored_text_html(TEXT, VALUES, ALT, title="a < b")
    assert page(html).pre.text == TEXT and page(html).p.text == "a < b"
    colors = [color for text, color in backgrounds(html) for _ in text]
    red, _, blue = np.array([to_rgb(color) for color in colors]).T
    assert (blue > red)[VALUES > 0.1].all() and (red > blue)[VALUES < -0.1].all()
    assert colors[0] == colors[9] and colors[1] != colors[4] != colors[8], "the more the darker"
    half = vis.colored_text_html(TEXT, VALUES, ALT, scale=4.0)
    assert len(set(backgrounds(half))) < len(set(backgrounds(html)))
    assert "−4.00" in half and "−1.00" in html


def test_letters_can_be_read_and_colors_told_apart_by_everybody():
    html = vis.colored_text_html("abc", np.array([-1.0, 0.0, 1.0]), ALT)
    colors = [color for _, color in backgrounds(html)]
    assert min(map(contrast, colors)) >= 4.5 and nearest(colors) > 15
    styles = [tag["style"] for tag in page(html)(style=True)]
    assert all("color:#000" in style and "background:" in style for style in styles)


def test_what_matters_stays_where_styles_and_scripts_are_removed():
    html = vis.colored_text_html(TEXT, VALUES, ALT)
    assert "<script" not in html and "class=" not in html
    assert "".join(bold.text for bold in page(html).pre("b")) == "(<b>&"
    assert page(html)("p")[-1].text == ALT
    assert page(sanitized(html)).pre.text == TEXT
    assert backgrounds(sanitized(html)) == backgrounds(html)


def test_neighbors_of_one_color_are_one_run():
    html = vis.colored_text_html("x" * 5000, np.repeat([0.0, 1.0], 2500), ALT)
    assert len(backgrounds(html)) == 2 and len(html) < 7000


def test_the_notebook_gets_the_page_and_the_words(monkeypatch):
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append(data))
    vis.show_colored_text(TEXT, VALUES, ALT, title="a unit")
    html = vis.colored_text_html(TEXT, VALUES, ALT, title="a unit")
    assert calls == [{"text/html": html, "text/plain": ALT}]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": VALUES[1:]}, "one number for each of the 11 characters"),
        ({"text": "", "values": np.zeros(0)}, "at least one"),
        ({"values": np.full(11, np.nan)}, "values must be finite"),
        ({"values": VALUES[None]}, "values must have 1 axes"),
        ({"scale": 0.0}, "scale must be a number above 0"),
        ({"alt": "colors"}, "text alternative"),
    ],
)
def test_what_cannot_be_colored_is_one_sentence(change, words):
    with pytest.raises(InputError, match=words):
        vis.colored_text_html(**{"text": TEXT, "values": VALUES, "alt": ALT} | change)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_it_is_open_to_everybody_and_fits_a_phone(tmp_path, scheme):
    html = vis.colored_text_html("word " * 40 + "w" * 90, np.linspace(-1, 1, 290), ALT)
    with chromium() as browser, opener(browser, tmp_path / "page.html", "Colors", html) as visit:
        seen = visit(color_scheme=scheme, viewport={"width": 390, "height": 800})
        assert seen.problems() == [] and seen.barriers() == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
