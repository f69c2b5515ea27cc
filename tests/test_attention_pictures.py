"""Attention as heat maps and as a table: readable, complete, and without scripts."""

import re

import numpy as np
import pytest

from course_utils import visualization as vis
from course_utils.errors import InputError

WEIGHTS = np.random.default_rng(0).dirichlet(np.ones(3), (4, 2))  # (heads, queries, keys)
QUERIES, KEYS = ["2", "0"], ["a", " ", "<b>"]


def test_each_head_has_its_panel_with_tokens_on_both_axes():
    figure = vis.plot_attention(WEIGHTS, QUERIES, KEYS, columns=3, title="who looks")
    panels = [ax for ax in figure.axes if ax.get_title(loc="left")]
    titles = [ax.get_title(loc="left") for ax in panels]
    assert titles == [f"head {i}" for i in range(1, 5)]
    for ax, weights in zip(panels, WEIGHTS, strict=True):
        assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "\u2423", "<b>"]
        assert [label.get_text() for label in ax.get_yticklabels()] == QUERIES
        drawn = ax.collections[0]
        assert np.allclose(drawn.get_array().reshape(2, 3), weights)
        assert drawn.get_clim() == (0, 1), "one color means the same in every panel"


def test_a_single_matrix_needs_no_head():
    figure = vis.plot_attention(WEIGHTS[0], QUERIES, KEYS)
    assert figure.axes[0].get_title(loc="left") == ""


def test_the_table_says_each_share_and_holds_no_script():
    html = vis.attention_html(WEIGHTS, QUERIES, KEYS, title="a & b")
    assert f'title="2 looks at a: {WEIGHTS[0, 0, 0]:.2f}"' in html
    assert html.count("<td title=") == WEIGHTS.size and html.count("<details") == 4
    assert "a &amp; b" in html and "&lt;b&gt;" in html and "<b>" not in html.replace("<p><b>", "")
    assert not re.search(r"<script|https?:|src=|onclick", html)


def test_the_table_is_shown_with_words_for_other_viewers(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    vis.attention_table(WEIGHTS, QUERIES, KEYS, title="dates")
    assert "dates" in shown[0]["text/plain"] and "<table>" in shown[0]["text/html"]


@pytest.mark.parametrize(
    ("weights", "heads", "words"),
    [
        (WEIGHTS[:, :1], None, "2 tokens that look and 3"),
        (WEIGHTS[None], None, r"shape \(1, 4, 2, 3\)"),
        (WEIGHTS - 1, None, "after the softmax"),
        (WEIGHTS * np.nan, None, "after the softmax"),
        (WEIGHTS, ["one"], "1 names for 4 heads"),
    ],
)
def test_what_does_not_fit_is_named(weights, heads, words):
    for draw in (vis.plot_attention, vis.attention_html):
        with pytest.raises(InputError, match=words):
            draw(weights, QUERIES, KEYS, heads=heads)
