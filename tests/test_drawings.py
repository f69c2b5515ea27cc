"""Drawings show the numbers that they are given, and can be read: on a phone, by everybody."""

import io
from dataclasses import replace
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from PIL import Image
from word_pictures import (
    SENTENCE,
    TOY,
    WORD_DRAWINGS,
    analogy,
    ids_around,
    numbers as toy_numbers,
    pair_step,
    pieces,
    strips,
    two_games,
    two_tables,
    two_ways,
    window,
)

from course_utils import visualization as vis
from course_utils.errors import InputError
from course_utils.visualization.canvas import ROLES, Canvas, number
from course_utils.visualization.display import DOTS_PER_INCH, png_of, screen_width
from course_utils.visualization.maps import place_labels
from course_utils.visualization.style import PALETTE

WORDS = ["good", "bad", "film", "dull", "great"]
TABLE = np.array([[0.91, 0.42], [-0.83, 0.34], [0.15, -0.56], [-0.67, -0.28], [1.19, 0.21]])
LAYER = np.array([[1.2, 0.3], [-1.0, 0.1]])
PHONE = 400  # pixels


def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum()


def training_step(table=TABLE, words=WORDS, classes=("positive", "negative"), rate=1.0):
    ids, target = np.array([3, 2]), 1
    mean = table[ids].mean(axis=0)
    shares = softmax(LAYER @ mean)
    difference = shares - np.eye(2)[target]
    gradient = np.zeros_like(table)
    np.add.at(gradient, ids, difference @ LAYER / len(ids))
    after = table - rate * gradient
    layer_after = LAYER - rate * np.outer(difference, mean)
    again = softmax(layer_after @ after[ids].mean(axis=0))
    return vis.TrainingStep(
        words, list(classes), ids, target, table, mean, LAYER, shares, -np.log(shares[target]),
        difference, gradient, rate, after, layer_after, again, -np.log(again[target]),
    )  # fmt: skip


def lookup(table=TABLE, row=2, words=WORDS):
    one_hot = np.eye(len(words))[row]
    return vis.draw_lookup(one_hot, table, one_hot @ table, words=words, title="A row " * 9)


def classifier(table=TABLE, words=WORDS[:3], classes=("positive", "negative")):
    vectors, bias = table[: len(words)], np.array([0.07, -0.08])
    mean = vectors.mean(axis=0)
    scores = LAYER @ mean + bias
    return vis.draw_classifier(
        vectors, mean, LAYER, bias, scores, words=words, classes=list(classes), title="A mean"
    )


def offsets(flat=(4, 2, 1, 3, 3, 2), starts=(0, 2, 3), words=WORDS):
    bounds = [*starts, len(flat)]
    rows = [list(flat[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]
    texts = [[words[i] for i in row] for row in rows]
    means = np.array([TABLE[row].mean(axis=0) for row in rows])
    return vis.draw_offsets(np.array(flat), np.array(starts), means, texts=texts)


def forces(points=None, words=tuple("abcdefgh")):
    points = np.random.default_rng(0).normal(size=(len(words), 2)) if points is None else points
    P = vis.neighbor_probabilities(points, 2)
    return vis.draw_forces(points, *vis.pulls_and_pushes(P, points), words=list(words))


FOODS = [f"food {i}" for i in range(20)]
FOOD_TABLE = np.random.default_rng(1).normal(size=(20, 3)).round(2)


def recommender(table=FOOD_TABLE, picks=(7, 0, 12, 3), names=FOODS, best=5):
    user = table[[i % len(table) for i in picks]].mean(axis=0)
    scores = table @ user
    return vis.draw_recommender(
        np.array(picks), table, user, scores, names=names, best=best, title="Picks become a user"
    )


LONG = ["extraordinarily", "bad", "documentation", "dull", "g"]
LARGE = TABLE * 137
DRAWINGS = {
    "lookup": lookup,
    "lookup, long words": lambda: lookup(words=LONG, row=4),
    "lookup, large numbers": lambda: lookup(LARGE, row=0),
    "lookup, small numbers": lambda: lookup(TABLE / 100),
    "classifier": classifier,
    "classifier, long names": lambda: classifier(words=LONG[:3], classes=("disappointing", "a")),
    "offsets": offsets,
    "offsets, long words": lambda: offsets((4, 0, 1), (0, 1), LONG),
    "step": lambda: vis.draw_training_step(training_step(), title="One step changes two rows"),
    "step, long names": lambda: vis.draw_training_step(training_step(words=LONG, rate=0.125)),
    "step, large numbers": lambda: vis.draw_training_step(training_step(TABLE * 9)),
    "forces": forces,
    "recommender": recommender,
    "recommender, long names": lambda: recommender(
        names=[f"a sandwich with chocolate {i}" for i in range(20)]
    ),
    "heavy tail": vis.plot_heavy_tail,
    "heavy tail, other pairs": lambda: vis.plot_heavy_tail(near=0.6, far=0.02, title="Two pairs"),
    **WORD_DRAWINGS,
}


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        vis.use_style()
        yield


@pytest.fixture(params=DRAWINGS)
def figure(request):
    drawn = DRAWINGS[request.param]()
    yield drawn
    plt.close(drawn)


def labels(figure):
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def shown(figure):
    return [text.get_text() for text in labels(figure)]


def overlapping(figure):
    boxes = [(text.get_text(), text.get_window_extent()) for text in labels(figure)]
    return [(a, b) for (a, box), (b, other) in combinations(boxes, 2) if box.overlaps(other)]


def outside(figure):
    artists = [*figure.axes[0].texts, *figure.axes[0].patches, *figure.axes[0].lines]
    boxes = [artist.get_window_extent() for artist in artists]
    width, height = figure.bbox.width, figure.bbox.height
    return [b for b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height]


def test_no_two_labels_overlap_and_nothing_lies_outside(figure):
    figure.canvas.draw()
    assert overlapping(figure) == []
    assert outside(figure) == []


@pytest.mark.parametrize(
    "name",
    ["lookup", "classifier", "offsets", "step", "forces", "recommender", "heavy tail"]
    + [name for name in WORD_DRAWINGS if "," not in name],
)
def test_a_drawing_can_be_read_at_the_width_of_a_phone(name):
    figure = DRAWINGS[name]()
    scale = PHONE / (72 * figure.get_figwidth())  # pixels for each point of a font
    assert min(text.get_fontsize() for text in labels(figure)) * min(scale, 1.4) > 8.5
    plt.close(figure)


def test_an_overlap_and_what_lies_outside_would_be_found():
    canvas = Canvas()
    canvas.text(0, 0, "one label")
    canvas.text(0.5, 0, "another")
    figure = canvas.finished()
    assert overlapping(figure) == [("one label", "another")] and not outside(figure)
    figure.axes[0].text(99, 0, "lost")
    assert len(outside(figure)) == 1


def numbers(figure):
    return sorted(text for text in shown(figure) if any(c.isdigit() for c in text))


def written(values, digits=2):
    return {number(value, digits) for value in np.ravel(values)}


CHANGED = TABLE + 0.33


@pytest.mark.parametrize(
    ("draw", "changed", "wanted"),
    [
        (lookup, lambda: lookup(CHANGED), written(CHANGED)),
        (lookup, lambda: lookup(row=1), written(TABLE[1])),
        (classifier, lambda: classifier(CHANGED), written(CHANGED[:3])),
        (offsets, lambda: offsets((4, 1, 1, 3, 3, 0)), written(TABLE[[3, 3, 0]].mean(axis=0))),
        (offsets, lambda: offsets(starts=(0, 1, 5)), {"5"} | written(TABLE[2])),
        (
            lambda: vis.draw_training_step(training_step()),
            lambda: vis.draw_training_step(training_step(CHANGED)),
            written(training_step(CHANGED).table_after) | written(training_step(CHANGED).gradient),
        ),
        (window, lambda: window(far=1), {"1 pair", "2 pairs"}),
        (two_tables, lambda: two_tables(CHANGED), written(CHANGED)),
        (
            two_tables,
            lambda: two_tables(candidates=np.array([0, 1, 1])),
            {"↓ noise ×2"} | written(toy_numbers(5, 2, seed=1)[:2] @ toy_numbers(5, 2)[3]),
        ),
        (two_games, lambda: two_games(CHANGED), written([*CHANGED, CHANGED[:4].mean(axis=0)])),
        (
            lambda: vis.draw_pair_step(pair_step()),
            lambda: vis.draw_pair_step(pair_step(rate=0.3)),
            written(pair_step(rate=0.3).probabilities_after)
            | written([pair_step().loss, pair_step(rate=0.3).loss_after]),
        ),
        (lambda: strips(cosines=False), strips, written(toy_numbers(5, seed=2))),
        (
            pieces,
            lambda: pieces(CHANGED[:, :1], cut=["<ax", "axe", "xes", "es>", "s"]),
            written([*CHANGED[:, 0], CHANGED[:, 0].sum()]),
        ),
        (two_ways, lambda: two_ways(np.full((5, 5), 83)), {"83"} | written([83 / 7], 1)),
    ],
)
def test_other_inputs_are_other_numbers_in_the_drawing(draw, changed, wanted):
    before, after = numbers(draw()), numbers(changed())
    assert before != after and wanted <= set(after)
    plt.close("all")


def test_the_recommender_shows_the_picks_the_user_and_the_best_that_are_left():
    before, after = recommender(), recommender(FOOD_TABLE + 0.5)
    assert numbers(before) != numbers(after)
    picks, user = [7, 0, 12, 3], FOOD_TABLE[[7, 0, 12, 3]].mean(axis=0)
    scores = FOOD_TABLE @ user
    offered = [i for i in np.argsort(-scores) if i not in picks][:5]
    words = shown(before)
    assert written(FOOD_TABLE[picks]) | written(user) | written(scores[offered]) <= set(words)
    names = [word for word in words if word in FOODS]
    assert names == [FOODS[i] for i in (*picks, *offered)]
    assert {"(4, 3)", "(3,)", "1  rows of the table (20, 3)"} <= set(words)
    plt.close("all")


def test_the_heavy_tail_marks_two_pairs_on_both_curves():
    figure = vis.plot_heavy_tail(near=0.7, far=0.1)
    points = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() in "os"]
    wanted = [
        [np.sqrt(-np.log(0.7)), np.sqrt(-np.log(0.1))],
        [np.sqrt(1 / 0.7 - 1), np.sqrt(1 / 0.1 - 1)],
    ]
    assert np.allclose(points, wanted, atol=1e-3)
    assert f"{wanted[1][1] / wanted[0][1]:.1f} times" in figure.axes[0].get_title("left")
    plt.close(figure)


def test_a_row_that_counts_is_dark_and_the_others_stand_back():
    figure = lookup(row=1)
    found = {t.get_text(): t.get_color() for t in figure.axes[0].texts}
    assert found[number(TABLE[1, 0], 2)] == "black" != found[number(TABLE[0, 0], 2)]
    plt.close(figure)


def test_the_color_of_a_cell_is_its_number():
    canvas = Canvas()
    canvas.block(0, 0, np.array([-1.0, 0.0, 1.0]), "key")
    low, zero, high = (np.array(cell.get_facecolor()[:3]) for cell in canvas.ax.patches[:3])
    assert low[0] > low[2] and high[2] > high[0] and zero.min() > 0.99
    assert canvas.ax.patches[3].get_edgecolor()[:3] == pytest.approx(to_rgb(ROLES["key"]))
    plt.close(canvas.figure)


def test_forces_point_where_they_pull_and_push():
    points, pull = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [-1.0, 0.0]])
    figure = vis.draw_forces(points, pull, -pull / 2, words=["a", "b"])
    arrows = [a for a in figure.axes[0].patches if isinstance(a, FancyArrowPatch)]
    ends = [arrow._posA_posB for arrow in arrows]
    steps = [round(b[0] - a[0], 3) for a, b in ends]
    assert steps[:4] == [2, -2, -1, 1]
    assert {"a", "b"} <= set(shown(figure))
    plt.close(figure)


def arrows(figure):
    """Where the arrows begin and end, in cells, as arrays (2, 2)."""
    patches = figure.axes[0].patches
    return [np.array(a._posA_posB) for a in patches if isinstance(a, FancyArrowPatch)]


def test_each_arrow_of_a_window_is_a_pair():
    figure = window(SENTENCE)
    tiles = [p for p in figure.axes[0].patches if not isinstance(p, FancyArrowPatch)]
    middles = sorted({round(tile.get_x() + tile.get_width() / 2, 2) for tile in tiles[:7]})
    places = [tuple(middles.index(round(x, 2)) for x in ends[:, 0]) for ends in arrows(figure)]
    assert places == [(i, j) for i in range(7) for j in range(7) if 0 < abs(i - j) <= 2]
    assert shown(figure).count("4 pairs") == 3 and len(places) == 22
    plt.close(figure)


def test_a_step_on_a_plane_ends_where_the_gradient_leads():
    step = pair_step()
    found = arrows(vis.draw_pair_step(step))
    before, moves, after = found[:5], found[5:10], found[10:]
    for old, move, new in zip(before, moves, after, strict=True):
        assert (old[1] == move[0]).all() and (move[1] == new[1]).all()
        assert (old[0] == new[0]).all(), "all vectors begin at zero"
    size = (before[4][1] - before[4][0]) / step.v * [1, -1]  # cells for 1
    assert size[0] == pytest.approx(size[1])
    gradients = [*step.gradient_u, step.gradient_v]
    for move, gradient in zip(moves, gradients, strict=True):
        assert np.allclose((move[1] - move[0]) / size[0] * [1, -1], -0.8 * gradient)
    plt.close("all")


def test_the_two_ways_of_an_analogy_are_parallel_and_the_sum_is_marked():
    figure = analogy()
    first, second = (ends[1] - ends[0] for ends in arrows(figure))
    assert np.allclose(first, second) and first[1] > 0, "king lies below man"
    assert "king − man + woman" in shown(figure)
    assert {"man", "king", "woman", "queen", "tree"} <= set(shown(figure))
    plt.close(figure)


@pytest.mark.parametrize("dimensions", [3, 24, 50])
def test_strips_of_any_length_end_before_their_cosines(dimensions):
    figure = strips(dimensions)
    cells = [patch for patch in figure.axes[0].patches if patch.get_fill()]
    assert len(cells) == 5 * dimensions
    cosine = next(
        text for text in labels(figure) if text.get_text() == number(toy_numbers(5, seed=2)[0], 2)
    )
    assert max(cell.get_x() + cell.get_width() for cell in cells) < cosine.get_position()[0]
    plt.close(figure)


def test_true_and_noise_words_are_told_apart():
    figure = two_tables(candidates=np.array([2, 0, 2]))
    found = {t.get_text(): t.get_color() for t in labels(figure)}
    assert found["↑ true ↓ noise"] == PALETTE[0] and found["↓ noise"] == PALETTE[1]
    plt.close(figure)


def test_a_word_is_cut_where_its_pieces_stand():
    figure = pieces(cut=["an", "ana", "an", "na>"], word="banana")
    frames = [p for p in figure.axes[0].patches if not p.get_fill()][:4]
    starts = [round(frame.get_x() / 0.75) for frame in frames]
    assert starts == [2, 2, 4, 5], "<banana>"
    plt.close(figure)


def test_words_keep_off_lines_where_there_is_room():
    canvas = Canvas()
    canvas.frame(-5, -5, 5, 5, "black")
    figure, point = canvas.finished(), np.zeros((1, 2))
    line = np.column_stack([np.linspace(0, 4, 50), np.zeros(50)])
    place_labels(canvas.ax, point, ["word"], 1)
    place_labels(canvas.ax, point, ["other"], 1, clear=line)
    everywhere = np.random.default_rng(0).uniform(-5, 5, (9999, 2))
    place_labels(canvas.ax, point, ["crowded"], 1, clear=everywhere)
    left = [text.get_window_extent().x0 for text in figure.axes[0].texts]
    middle = canvas.ax.transData.transform(point)[0, 0]
    assert left[0] > middle > left[1] and left[2] == pytest.approx(left[0])
    plt.close(figure)


def test_pulls_and_pushes_are_the_gradient_of_what_t_sne_minimizes():
    rng = np.random.default_rng(0)
    P = vis.neighbor_probabilities(rng.normal(size=(7, 4)), 2)
    Y = rng.normal(size=(7, 2))

    def divergence(Y):
        close = 1 / (1 + ((Y[:, None] - Y) ** 2).sum(axis=-1))
        np.fill_diagonal(close, 0)
        Q = close / close.sum()
        return np.sum(P[P > 0] * np.log(P[P > 0] / Q[P > 0]))

    pulls, pushes = vis.pulls_and_pushes(P, Y)
    slopes = np.zeros_like(Y)
    for place in np.ndindex(*Y.shape):
        step = np.zeros_like(Y)
        step[place] = 1e-5
        slopes[place] = (divergence(Y + step) - divergence(Y - step)) / 2e-5
    assert np.allclose(-slopes, pulls + pushes, atol=1e-7)
    far = np.array([[0.0, 0.0], [3.0, 0.0]])
    pulls, pushes = vis.pulls_and_pushes(np.array([[0, 0.5], [0.5, 0]]), far)
    assert pulls[0, 0] > 0 > pushes[0, 0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: vis.draw_lookup(np.eye(4)[0], TABLE, TABLE[0], words=WORDS[:4]),
            r"table must have the shape \(words=4, dimensions\), not \(5, 2\)",
        ),
        (lambda: lookup(TABLE * np.nan), "table holds NaN or infinite numbers"),
        (lambda: lookup(np.ones((5, 13))), "room for 1 to 12 dimensions, not 13"),
        (lambda: replace(training_step(), target=2), "id 2 is outside the table of 2 rows"),
        (lambda: replace(training_step(), ids=np.array([5, 0])), "id 5 is outside"),
        (lambda: replace(training_step(), loss=np.nan), "loss holds NaN"),
        (
            lambda: replace(training_step(), mean=np.ones(3)),
            r"mean must have the shape \(dimensions=2\), not \(3,\)",
        ),
        (
            lambda: vis.draw_offsets(np.arange(2), np.array([2]), TABLE[:1], texts=[["a", "b"]]),
            "offsets must be from 0 to 1: 2 is outside the table",
        ),
        (lambda: recommender(picks=(20,)), "picks must be from 0 to 19: 20 is outside the table"),
        (lambda: recommender(names=FOODS[:19]), "not 20 rows, 20 scores and 19 names"),
        (lambda: recommender(picks=range(12), best=9), "8 items are left, fewer than 9"),
        (lambda: recommender(best=13), "room for 1 to 12 best, not 13"),
        (lambda: vis.plot_heavy_tail(far=0.9), "0.02 <= far < near < 1, not far=0.9, near=0.8"),
        (lambda: vis.pulls_and_pushes(np.ones((2, 3)), np.ones((2, 2))), "for each of 2 points"),
        (
            lambda: vis.forces_frames(*[np.ones((2, 3, 2))] * 3, words=["a"] * 3, texts=["x"]),
            r"shape \(steps=1, points=3, axes=2\)",
        ),
        (
            lambda: vis.draw_window(TOY, np.ones((5, 4), dtype=int)),
            "0 beyond the ends of the sentence: pass the rows of one sentence",
        ),
        (lambda: vis.draw_window(TOY, ids_around(TOY)[:, :3]), "as many places to the left as"),
        (lambda: vis.draw_window(TOY, ids_around(TOY)[1:]), r"shape \(words=5, places\)"),
        (lambda: two_tables(candidates=np.array([2, 5])), "id 5 is outside"),
        (lambda: two_tables(CHANGED * np.nan), "given holds NaN"),
        (lambda: two_games(toy_numbers(3, 2)), r"around must have the shape \(nearby=4"),
        (lambda: replace(pair_step(), v=np.ones(3)), r"v must have the shape \(dimensions=2\)"),
        (lambda: replace(pair_step(), loss=np.nan), "loss holds NaN"),
        (lambda: strips(51), "room for 1 to 50 dimensions, not 51"),
        (lambda: vis.draw_strips(TABLE, names=WORDS, ruled=5), "strips 1 to 4, not 5"),
        (lambda: analogy(TABLE[:3], WORDS[:3]), "at least 4 words, not 3"),
        (lambda: pieces(cut=["<ax", "ex"]), "The piece 'ex' is not in <axes>"),
        (lambda: pieces(cut=["xe", "xe"]), "or not so often"),
        (lambda: two_ways(pairs=[("a", "b", "c")]), "only pairs of two words"),
        (lambda: two_ways(pairs=[]), "at least one pair"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_numbers_have_a_true_minus_and_no_negative_zero():
    assert [number(value, 1) for value in (-0.5, -0.01, 0.0, 3)] == [
        "\u22120.5",
        "0.0",
        "0.0",
        "3.0",
    ]


# How readers without cones for red, for green or for blue see linear RGB (Machado et al. 2009).
VISIONS = [
    np.eye(3),
    [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
]


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colors):
    return min(
        np.linalg.norm(lab(vision @ linear(a)) - lab(vision @ linear(b)))
        for vision in map(np.array, VISIONS)
        for a, b in combinations(colors, 2)
    )


def test_the_colors_of_the_roles_can_be_read_and_told_apart_by_everybody():
    luminances = [linear(color) @ [0.2126, 0.7152, 0.0722] for color in ROLES.values()]
    assert 1.05 / (max(luminances) + 0.05) >= 4.5
    assert nearest(ROLES.values()) > 15
    assert nearest(["#D55E00", "#7A8B00"]) < 15, "a pair that some readers confuse"


def picture(png):
    return Image.open(io.BytesIO(png))


def line_plot():
    return vis.plot_lines([1, 2], {"a": [1, 2], "b": [2, 1]}, xlabel="x", ylabel="y", title="t")


def test_a_figure_is_sharp_small_and_a_white_card():
    figure = line_plot()
    plain = io.BytesIO()
    figure.savefig(plain, dpi=DOTS_PER_INCH, bbox_inches="tight")
    png = png_of(figure)
    assert DOTS_PER_INCH >= 160 and picture(png).mode == "P"
    assert len(png) < 0.6 * len(plain.getvalue())
    pixels = np.asarray(picture(png).convert("RGB")).astype(int)
    edge = 20
    for border in (pixels[:edge], pixels[-edge:], pixels[:, :edge], pixels[:, -edge:]):
        assert (border == 255).all(), "a margin of white on each side"
    for color in PALETTE[:2]:
        wanted = np.array(to_rgb(color)) * 255
        assert np.abs(pixels - wanted).max(axis=-1).min() < 3, "the colors stay"
    assert screen_width(png) == round(picture(png).width * 100 / DOTS_PER_INCH)
    assert png == png_of(line_plot()), "the same figure is the same file"
    plt.close("all")


def readable(axis):
    axis.get_tightbbox()
    low, high = sorted(axis.get_view_interval())
    ticks = axis.get_major_ticks() + axis.get_minor_ticks()
    return [
        t.label1.get_text() for t in ticks if low <= t.get_loc() <= high and t.label1.get_text()
    ]


@pytest.mark.parametrize(("low", "high"), [(3.1, 4.3), (0.3, 0.9), (1e-7, 1), (1e-30, 1), (2, 90)])
def test_every_logarithmic_axis_has_labels(low, high):
    figure = vis.plot_lines([1, 2], {"a": [low, high]}, xlabel="x", ylabel="y", logy=True)
    png_of(figure)
    assert len(readable(figure.axes[0].yaxis)) >= 2
    figure, ax = plt.subplots()
    ax.plot([1, 2], [low, high])
    ax.set(yscale="log", yticks=[])
    ax.minorticks_off()
    assert len(readable(ax.yaxis)) < 2
    png_of(figure)
    assert len(readable(ax.yaxis)) >= 2
    plt.close("all")


def test_labels_that_a_lesson_writes_on_the_axis_stay():
    figure, ax = plt.subplots()
    ax.plot([1, 2], [1, 100])
    ax.set_yscale("log")
    ax.set_yticks([2, 50], ["two", "fifty"])
    png_of(figure)
    assert readable(ax.yaxis) == ["two", "fifty"]
    plt.close(figure)
