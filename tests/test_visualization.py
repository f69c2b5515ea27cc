"""Projections and figures."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.text import Text

from course_utils import visualization as vis
from course_utils.errors import InputError
from course_utils.training import History
from course_utils.visualization.maps import place_labels
from course_utils.visualization.sne import neighbor_probabilities, symmetric_sne

RNG = np.random.default_rng(0)
NAMES = [*"abcde"]
LABELS = np.arange(150) % 5
VECTORS = (RNG.normal(size=(5, 20))[LABELS] * 2 + RNG.normal(size=(150, 20)) * 0.5).astype("f4")


@pytest.mark.parametrize("method", ["pca", "sne", "tsne", "umap"])
def test_every_method_places_clusters(method):
    first = vis.project(VECTORS, method, perplexity=15, neighbors=10)
    assert first.points.shape == (150, 2) and first.points.dtype == np.float32
    assert np.isfinite(first.points).all() and first.method == method
    assert first.trustworthiness > 0.9
    centers = np.array([first.points[k == LABELS].mean(axis=0) for k in range(5)])
    spread = np.mean([first.points[k == LABELS].std() for k in range(5)])
    assert np.linalg.norm(centers[0] - centers[1:], axis=1).min() > spread


def test_a_seed_makes_maps_repeatable():
    for method in ("sne", "tsne"):
        maps = [vis.project(VECTORS, method, perplexity=15).points for _ in range(2)]
        assert (maps[0] == maps[1]).all()


def test_scores_tell_a_good_map_from_noise():
    noise = RNG.normal(size=(150, 20))
    good, bad = vis.project(VECTORS, "pca"), vis.project(noise, "pca")
    assert good.trustworthiness > bad.trustworthiness + 0.1


def test_each_row_of_neighbor_probabilities_has_the_perplexity():
    P = neighbor_probabilities(VECTORS, 20)
    assert P.sum() == pytest.approx(1) and np.allclose(P, P.T) and (np.diag(P) == 0).all()
    effective = 2 ** -(150 * P * np.log2(np.maximum(150 * P, 1e-300))).sum(axis=1)
    assert np.median(effective) == pytest.approx(20, rel=0.3)


@pytest.mark.parametrize(
    ("vectors", "options", "words"),
    [
        (VECTORS[:25], {"method": "tsne", "perplexity": 30}, "choose between 1 and 8"),
        (VECTORS[:25], {"method": "umap", "neighbors": 25}, "between 2 and 24 neighbors"),
        (VECTORS[:15], {}, "too few to score"),
        (VECTORS[0], {}, r"not the shape \(20,\)"),
        (VECTORS * np.nan, {}, "NaN or infinite"),
        (VECTORS, {"method": "mds"}, "pca, sne, tsne, umap"),
        (VECTORS, {"method": "tsne", "dimensions": 4}, "at most 3 dimensions, not 4"),
        (
            VECTORS * 0,
            {"method": "sne", "perplexity": 5},
            "nothing to place on a map",
        ),
        (VECTORS, {"dimensions": 21}, "no map of 21 dimensions: choose between 1 and 20"),
        (VECTORS, {"metric": "l1"}, "'cosine' or 'euclidean'"),
    ],
)
def test_what_does_not_fit_is_said(vectors, options, words):
    with pytest.raises(InputError, match=words):
        vis.project(vectors, **options)


def test_cosine_ignores_lengths():
    scaled = VECTORS * RNG.uniform(1, 9, (150, 1)).astype("f4")
    ours, theirs = vis.project(VECTORS, "pca").points, vis.project(scaled, "pca").points
    assert np.allclose(ours, theirs, atol=1e-4)


def boxes_of(ax):
    renderer = ax.figure.canvas.get_renderer()
    return [text.get_window_extent(renderer) for text in ax.texts]


def test_labels_cover_neither_one_another_nor_points():
    points = RNG.normal(size=(120, 2))
    figure = vis.plot_map(points, words=[f"word{i}" for i in range(120)], max_labels=60)
    boxes, ax = boxes_of(figure.axes[0]), figure.axes[0]
    assert 20 < len(boxes) <= 60
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    on_paper = ax.transData.transform(points)
    assert not any(box.contains(x, y) for box in boxes for x, y in on_paper)
    assert ax.texts[0].get_text() == "word0", "the first word is the most important"
    place_labels(ax, points, ["late"] * 120, 120)
    assert len(ax.texts) > 0


def test_maps_show_every_class_with_its_own_color_and_marker():
    maps = [vis.project(VECTORS, "pca"), vis.project(VECTORS, "sne", perplexity=15)]
    figure = vis.plot_maps(maps, labels=LABELS, names=list("abcde"))
    assert len(figure.axes) == 2 and "trustworthiness" in figure.axes[0].get_title()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list("abcde")
    with pytest.raises(InputError, match="3 labels for 150 points"):
        vis.plot_map(maps[0], labels=[0, 1, 2])


def test_curves_bars_and_cells_show_what_they_are_given():
    figure = vis.plot_lines([1, 2], {"a": [3, 4]}, xlabel="x", ylabel="y", baseline={"b": 2})
    assert figure.axes[0].get_xlabel() == "x"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["b", "a"]
    history = History([{"epoch": 1, "validation_accuracy": 0.5}])
    assert vis.plot_learning_curves({"seed 0": history}).axes[0].lines[0].get_ydata()[0] == 0.5
    bars = vis.plot_bars(["a", "b"], [1.0, 2.5], ylabel="y").axes[0]
    assert [text.get_text() for text in bars.texts] == ["1", "2.5"]
    cells = vis.plot_confusion([0, 0, 1], [0, 1, 1], ["a", "b"]).axes[0]
    assert [text.get_text() for text in cells.texts] == ["1", "1", "0", "1"]
    assert vis.course_map(2).axes
    with pytest.raises(InputError, match="has 1 values and 1 errors for 2 values of x"):
        vis.plot_lines([1, 2], {"a": [3]}, xlabel="x", ylabel="y")
    with pytest.raises(InputError, match="11 lines cannot be told apart: draw at most 10"):
        vis.plot_lines([1], {str(i): [i] for i in range(11)}, xlabel="x", ylabel="y")
    with pytest.raises(InputError, match="11 lines cannot be told apart"):
        vis.plot_learning_curves({str(i): history for i in range(11)})
    with pytest.raises(InputError, match=r"There is no lesson 6: choose from \[1, 2"):
        vis.course_map(6)


def test_a_logarithmic_axis_has_plain_numbers():
    figure = vis.plot_lines([1, 2], {"a": [1.5, 50]}, xlabel="x", ylabel="y", logy=True)
    figure.canvas.draw()
    low, high = figure.axes[0].get_ylim()
    ticks = figure.axes[0].yaxis.get_major_ticks()
    labels = [t.label1.get_text() for t in ticks if low <= t.get_loc() <= high]
    assert labels == ["2", "5", "10", "20", "50"]


@pytest.mark.parametrize("low", [1e-7, 1e-30, 2e-5])
def test_a_logarithmic_axis_of_many_decades_has_powers_of_ten(low):
    figure = vis.plot_lines([1, 2], {"a": [low, 2]}, xlabel="x", ylabel="y", logy=True)
    figure.canvas.draw()
    bottom, top = figure.axes[0].get_ylim()
    ticks = figure.axes[0].yaxis.get_major_ticks()
    shown = [t.label1.get_text() for t in ticks if bottom <= t.get_loc() <= top]
    assert len(shown) >= 3 and all("10^{" in text for text in shown)


@pytest.fixture
def shown(monkeypatch):
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append((data, more)))
    return calls


def test_a_figure_is_shown_with_its_text_alternative(shown):
    alt = "A line that rises from left to right."
    for _ in range(2):
        vis.show(vis.plot_lines([1, 2], {"a": [1, 2]}, xlabel="x", ylabel="y"), alt)
    (data, more), (again, _) = shown
    assert data["text/plain"] == alt and more["metadata"]["image/png"]["alt"] == alt
    assert data["image/png"][:4] == b"\x89PNG" and data["image/png"] == again["image/png"]


@pytest.mark.parametrize("alt", ["", "a plot", None])
def test_a_figure_without_words_is_refused(alt, shown):
    with pytest.raises(InputError, match="text alternative"):
        vis.show(vis.course_map(1), alt)


def test_the_interactive_map_is_small_repeatable_and_readable_without_it(shown):
    for _ in range(2):
        vis.interactive_map(VECTORS[:, :2], labels=LABELS, names=list("abcde"), words=["w"] * 150)
    (first, _), (second, _) = shown
    figure = first["application/vnd.plotly.v1+json"]
    assert first == second and len(figure["data"]) == 5 and len(str(figure)) < 50_000
    assert "150 points" in first["text/plain"]
    import plotly.graph_objects

    plotly.graph_objects.Figure(data=figure["data"], layout=figure["layout"])  # plotly accepts it


def test_the_projector_files_fit_together(tmp_path):
    folder = vis.export_projector(tmp_path / "p", VECTORS[:3], ["a", "b\tc", "d"], ["x", "y", "z"])
    assert len((folder / "vectors.tsv").read_text().splitlines()) == 3
    metadata = (folder / "metadata.tsv").read_text().splitlines()
    assert metadata == ["word\tlabel", "a\tx", "b c\ty", "d\tz"]
    assert 'tensor_path: "vectors.tsv"' in (folder / "projector_config.pbtxt").read_text()
    with pytest.raises(InputError, match="one word and label"):
        vis.export_projector(tmp_path, VECTORS, ["a"])


POINTS = vis.Projection(VECTORS[:, :2], "pca", {}, 1.0, 1.0, 0.0)
SPACE = vis.Projection(VECTORS[:, :3], "pca", {}, 1.0, 1.0, 0.0)
CURVE = {"a": [1, 2]}
FOUR = dict.fromkeys("wxyz", 1.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: neighbor_probabilities(VECTORS, 150), "Perplexity 150 does not fit 150 points"),
        (lambda: neighbor_probabilities(VECTORS, 0.5), "Perplexity 0.5 does not fit"),
        (lambda: symmetric_sne(VECTORS, VECTORS[1:, :2]), "149 starting points for 150 vectors"),
        (lambda: vis.plot_map(POINTS, labels=LABELS, names=["a"]), "The class 4 has no name"),
        (lambda: vis.plot_map(POINTS, labels=["a"] * 150), "whole numbers"),
        (lambda: vis.interactive_map(POINTS, labels=LABELS, names=["a"]), "class 4 has no name"),
        (lambda: vis.interactive_map(POINTS, labels=LABELS - 1), "whole numbers from 0 up"),
        (lambda: vis.plot_maps([], labels=[], names=[]), "not 0 maps"),
        (lambda: vis.plot_maps([POINTS], labels=LABELS, names=[*"abcde"], columns=0), "0 columns"),
        (
            lambda: vis.plot_maps([POINTS] * 2, labels=LABELS, names=[*"abcde"], titles=["a"]),
            "1 titles",
        ),
        (
            lambda: vis.plot_maps([POINTS], labels=LABELS, names=[*"abcd"]),
            "The class 4 has no name",
        ),
        (lambda: vis.plot_maps([SPACE], labels=LABELS, names=[*"abcde"]), r"not \(150, 3\)"),
        (lambda: vis.export_projector("x", VECTORS[:, 0], ["w"] * 150), r"not the shape \(150,\)"),
        (lambda: vis.plot_confusion([0, 2], [0, 1], ["a", "b"]), "each from 0 to 1"),
        (lambda: vis.plot_confusion([0, -1], [0, 1], ["a", "b"]), "each from 0 to 1"),
        (lambda: vis.plot_confusion([0], [0, 1], ["a", "b"]), "as many predictions as targets"),
        (lambda: vis.plot_heatmap(np.ones((0, 0)), [], []), "does not fit 0 rows"),
        (
            lambda: vis.plot_lines([1, 2], CURVE, errors={"a": [1]}, xlabel="", ylabel=""),
            "1 errors for 2 values of x",
        ),
        (
            lambda: vis.plot_lines([1, 2], CURVE, errors={"b": [1, 2]}, xlabel="", ylabel=""),
            "errors for 'b', but there is no such series",
        ),
        (
            lambda: vis.plot_lines([1, 2], CURVE, baseline=FOUR, xlabel="", ylabel=""),
            "styles for 3 baselines, not 4",
        ),
        (lambda: vis.plot_bars(["a"], [1], baseline=FOUR, ylabel=""), "3 baselines, not 4"),
        (lambda: vis.plot_bars(["a", "a"], [1, 2], ylabel=""), "a name of its own"),
        (lambda: vis.plot_bars(["a", "b"], [1, 2], errors=[1], ylabel=""), "an error if any"),
        (lambda: vis.plot_attention(np.ones((0, 0)), [], []), "there are 0 tokens"),
        (lambda: vis.plot_attention(np.ones((1, 1)), ["a"], ["b"], columns=0), "columns is 0"),
    ],
)
def test_a_figure_of_what_does_not_fit_is_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


FORMULAS = ["$x", "a_b$c$", r"$\frac{$", "$$", r"\$5 and \$6", "北京 हिन्दी ไทย"]


def test_words_that_look_like_formulas_or_are_of_any_script_are_shown_as_they_are():
    vis.use_style()
    points, square = np.random.default_rng(0).normal(size=(6, 2)), np.eye(6)
    one = {name: [1, 2] for name in FORMULAS}
    levels = dict.fromkeys(FORMULAS[1:4], 1)
    history = {name: History([{"accuracy": 0.5}]) for name in FORMULAS}
    title = FORMULAS[1]
    text = {"xlabel": title, "ylabel": title, "title": title}
    figures = [
        vis.plot_lines([1, 2], one, baseline=levels, **text),
        vis.plot_learning_curves(history, column="accuracy", title=title),
        vis.plot_bars(FORMULAS, range(1, 7), ylabel=title, baseline=levels, title=title),
        vis.plot_heatmap(square, FORMULAS, FORMULAS, **text),
        vis.plot_attention(square, FORMULAS, FORMULAS, heads=[title], **text),
        vis.plot_map(points, labels=range(6), names=FORMULAS, words=FORMULAS, title=title),
    ]
    with warnings.catch_warnings(record=True) as said:
        for figure in figures:
            figure.canvas.draw()
            texts = [t for t in figure.findobj(Text) if "$" in t.get_text()]
            assert texts and not any(t.get_parse_math() for t in texts)
    plt.close("all")
    assert not said, "no warning for a letter that no font has"


def test_powers_on_a_logarithmic_axis_stay_formulas():
    vis.use_style()
    figure = vis.plot_bars(["a", "b"], [1, 1e6], ylabel="y", log=True)
    figure.canvas.draw()
    powers = [t for t in figure.axes[0].get_yticklabels() if "$" in t.get_text()]
    assert powers and all(t.get_parse_math() for t in powers)


def test_powers_that_a_lesson_writes_on_the_axis_are_formulas():
    vis.use_style()
    figure = vis.plot_lines([0, 1], {"a": [1e-7, 1]}, xlabel="x", ylabel="y", logy=True)
    powers = [f"10$^{{{power}}}$" for power in range(-7, 1)]
    figure.axes[0].set_yticks(10.0 ** np.arange(-7, 1), powers)
    figure.canvas.draw()
    shown = [t for t in figure.axes[0].get_yticklabels() if t.get_text() in powers]
    assert len(shown) == 8 and all(t.get_parse_math() for t in shown)


def test_only_installed_fonts_are_asked_for():
    vis.use_style()
    known = {font.name for font in font_manager.fontManager.ttflist}
    assert plt.rcParams["font.family"][0] == "DejaVu Sans"
    assert set(plt.rcParams["font.family"]) <= known


def test_umap_leaves_the_threads_of_a_framework_alone():
    """numba would set them to all cores; small models then compute many times slower."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        vis.project(np.random.default_rng(0).normal(size=(60, 8)), "umap")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
