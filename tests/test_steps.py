"""Drawings that move: their data, what is left without scripts, and the element in a browser."""

import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from browsing import chromium, opener
from bs4 import BeautifulSoup
from rnn_pictures import SIGNS, TEMPERATURES, shares_at, states, writing_numbers
from test_drawings import training_step
from word_pictures import SENTENCE, ids_around, pair_step

from course_utils import visualization as vis
from course_utils.errors import InputError
from course_utils.tools.safe_html import sanitized
from course_utils.visualization.steps import script_tag

ALT = "One training step on a table of five words: the loss falls."
STEP = training_step()


@pytest.fixture(scope="module")
def frames():
    with plt.rc_context():
        vis.use_style()
        return vis.training_step_frames(STEP, title="One step")


@pytest.fixture
def shown(monkeypatch):
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append(data))
    return calls


def element(html):
    return BeautifulSoup(html, "html.parser").find("course-steps")


def data(html):
    return json.loads(element(html)["data-steps"])["frames"]


def test_the_data_hold_the_computed_numbers(frames):
    found = {}
    for frame in data(vis.steps_html(frames, ALT)):
        found |= frame["values"]
    for name in ("table", "mean", "probabilities", "loss", "gradient", "table_after", "loss_after"):
        assert np.allclose(found[name], getattr(STEP, name), atol=1e-4), name
    other = vis.training_step_frames(training_step(rate=0.5))
    after = data(vis.steps_html(other, ALT))[6]["values"]["table_after"]
    assert after != found["table_after"]


def test_each_step_adds_to_the_picture_and_says_what_happens(frames):
    steps = data(vis.steps_html(frames, ALT))
    assert len(steps) == 8
    for kind in ("picture", "text"):
        assert len({step[kind] for step in steps}) == 8
    assert steps[3]["text"].startswith("The right class is negative: the loss is")
    sizes = {frame.picture[16:24] for frame in frames}  # width and height of a PNG
    assert len(sizes) == 1, "nothing jumps"


def test_a_moving_map_has_the_points_of_each_step():
    maps = np.random.default_rng(0).normal(size=(3, 5, 2))
    P = vis.neighbor_probabilities(maps[0], 2)
    forces = np.array([vis.pulls_and_pushes(P, points) for points in maps])
    frames = vis.forces_frames(
        maps, forces[:, 0], forces[:, 1], words=[*"abcde"], texts=["0", "1", "2"]
    )
    steps = data(vis.steps_html(frames, ALT))
    assert np.allclose([step["values"]["points"] for step in steps], maps, atol=1e-4)
    assert len({frame.picture[16:24] for frame in frames}) == 1


def test_the_window_moves_word_by_word_and_pairs_appear():
    frames = vis.window_frames(SENTENCE, ids_around(SENTENCE), title="Each arrow is a pair")
    steps = data(vis.steps_html(frames, ALT))
    assert [step["values"]["pairs so far"] for step in steps] == [2, 5, 9, 13, 17, 20, 22]
    assert steps[1]["values"]["around"] == ids_around(SENTENCE)[1].tolist()
    assert steps[1]["text"] == (
        "“axes” is in the middle and makes 3 pairs: (axes, the), (axes, of), (axes, the)."
    )
    assert len({step["picture"] for step in steps}) == 7
    assert len({frame.picture[16:24] for frame in frames}) == 1, "nothing jumps"
    alone = vis.window_frames(["a", "b"], np.zeros((2, 2), dtype=int))
    assert alone[0].text == "“a” is in the middle and makes no pairs."


def test_a_step_of_skip_gram_has_its_numbers_and_says_what_happens():
    step = pair_step()
    frames = vis.pair_step_frames(step, title="One step")
    steps = data(vis.steps_html(frames, ALT))
    found = {}
    for shown in steps:
        found |= shown["values"]
    for name in ("v", "u", "probabilities", "loss", "gradient_v", "gradient_u", "learning_rate",
                 "v_after", "u_after", "probabilities_after", "loss_after"):  # fmt: skip
        assert np.allclose(found[name], getattr(step, name), atol=1e-4), name
    for kind in ("picture", "text"):
        assert len({shown[kind] for shown in steps}) == 6
    assert "“axes” went from 0.55 to 0.80" in steps[-1]["text"]
    assert f"loss from {step.loss:.2f} to {step.loss_after:.2f}" in steps[-1]["text"]
    assert len({frame.picture[16:24] for frame in frames}) == 1, "nothing jumps"


def test_drawings_of_lesson_2_take_little_of_a_notebook():
    moving = [vis.pair_step_frames(pair_step()), vis.window_frames(SENTENCE, ids_around(SENTENCE))]
    assert max(len(vis.steps_html(frames, ALT)) for frames in moving) < 400_000


def test_a_network_reads_symbol_after_symbol():
    found = states("abc")
    frames = vis.unrolled_frames("abc", found, title="One cell")
    steps = data(vis.steps_html(frames, ALT))
    for t, step in enumerate(steps):
        assert np.allclose(step["values"][f"h{t}"], found[t], atol=1e-4)
    assert steps[0]["text"].endswith("all its numbers are 0.")
    assert "“b” comes in. The cell makes h₂ of it and of h₁" in steps[2]["text"]
    assert len({step["picture"] for step in steps}) == 4
    assert len({frame.picture[16:24] for frame in frames}) == 1, "nothing jumps"
    handed = vis.unrolled_frames("abc", found + 1)
    assert handed[0].text.endswith("it was handed over.")


def test_what_is_drawn_goes_back_in():
    prompt, written, reads, shares = writing_numbers()
    frames = vis.writing_frames(prompt, written, reads, shares, characters=SIGNS, title="It writes")
    steps = data(vis.steps_html(frames, ALT))
    assert steps[0]["text"].startswith("The prompt “a␣b␣” is read")
    for k, character in enumerate(written):
        values = steps[k + 1]["values"]
        assert values["probability"] == round(shares[k, SIGNS.index(character)], 4)
        assert np.allclose(values["state"], reads[len(prompt) + k - 1], atol=1e-4)
    assert (
        steps[2]["text"].startswith("“h” goes back in")
        and "is drawn: “↵”, with" in steps[2]["text"]
    )
    assert len({step["picture"] for step in steps}) == 4
    assert len({frame.picture[16:24] for frame in frames}) == 1, "nothing jumps"


def test_a_distribution_is_reshaped_temperature_by_temperature():
    shares = shares_at(TEMPERATURES)
    frames = vis.temperature_frames(shares, TEMPERATURES, characters=SIGNS, best=3)
    steps = data(vis.steps_html(frames, ALT))
    order = np.argsort(-shares[0])[:3]
    for step, row, temperature in zip(steps, shares, TEMPERATURES, strict=True):
        assert np.allclose(step["values"]["probabilities"], row[order], atol=1e-4)
        first = f"At temperature {temperature:g}, “{SIGNS[order[0]]}” {row.max():.2f} and"
        assert step["text"].startswith(first)
        rest = f"the 7 others have {1 - row[order].sum():.2f} together."
        assert step["text"].endswith(rest)
    assert len({step["picture"] for step in steps}) == 3
    assert len({frame.picture[16:24] for frame in frames}) == 1, "nothing jumps"


def without_scripts(html):
    """What a viewer leaves that knows neither scripts nor elements of one's own, nor data."""
    page = BeautifulSoup(html, "html.parser")
    for script in page("script"):
        script.extract()
    page.find("course-steps").unwrap()
    return page


def test_without_scripts_the_last_step_stands_there(frames, shown):
    vis.show_steps(frames, ALT)
    (bundle,) = shown
    assert bundle["text/plain"] == ALT and "<script" in bundle["text/html"]
    page = without_scripts(bundle["text/html"])
    (still,) = page("img")
    assert still["alt"] == ALT
    assert still["src"] == data(bundle["text/html"])[-1]["picture"]
    assert page.get_text().strip() == frames[-1].text


def test_the_website_keeps_the_element_and_has_the_script_once(frames):
    html = vis.steps_html(frames, ALT)
    assert data(sanitized(html)) == data(html)
    assert element(sanitized(html)).img["alt"] == ALT
    assert "<script" not in html and sanitized("<script>x</script>").startswith("&lt;script")


def test_words_cannot_become_markup():
    frame = vis.Frame(b"\x89PNG", "<b onclick='x'>", {})
    with pytest.raises(InputError, match="at least 2 frames"):
        vis.steps_html([frame], ALT)
    step = training_step(words=["<i>", '"&', "film", "</p>", "'"])
    html = vis.steps_html(vis.training_step_frames(step), f'{ALT} <script>"')
    assert not BeautifulSoup(html, "html.parser")(["i", "b", "script"])
    assert "</p> film" in data(html)[0]["text"]


@pytest.mark.parametrize("alt", ["", "a picture"])
def test_a_still_picture_needs_words(frames, alt):
    with pytest.raises(InputError, match="text alternative"):
        vis.steps_html(frames, alt)


def test_the_script_sets_texts_as_text_and_takes_no_address():
    script = script_tag()
    assert not re.search(r"innerHTML|insertAdjacent|eval\(|https?:|fetch\(|import\(", script)
    assert "customElements.get" in script, "twice on a page it does no harm"
    assert script.count("</script>") == 1


def test_a_drawing_that_moves_takes_little_of_a_notebook(frames):
    assert len(vis.steps_html(frames, ALT)) < 500_000


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.browser
class TestInABrowser:
    @pytest.fixture
    def visit(self, browser, frames, tmp_path):
        one = vis.steps_html(frames, ALT) + script_tag()
        with opener(browser, tmp_path / "page.html", "Steps", 2 * one) as open_page:
            yield open_page

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_is_open_to_everybody_and_asks_for_nothing(self, visit, scheme):
        seen = visit(color_scheme=scheme)
        assert seen.problems() == [] and seen.undescribed() == [] and seen.barriers() == []

    def test_buttons_and_arrow_keys_go_on_and_back(self, visit, frames):
        page = visit().page
        moving = page.locator("course-steps").first
        said = moving.locator("p[aria-live]")
        assert said.inner_text() == frames[0].text
        moving.get_by_role("button", name="next").click()
        assert said.inner_text() == frames[1].text
        for key, place in [("ArrowRight", 2), ("ArrowLeft", 1), ("End", 7), ("ArrowRight", 7),
                           ("Home", 0), ("ArrowLeft", 0)]:  # fmt: skip
            page.keyboard.press(key)
            assert said.inner_text() == frames[place].text, key
        assert page.locator("course-steps p[aria-live]").nth(1).inner_text() == frames[0].text

    def test_the_numbers_can_be_read(self, visit):
        moving = visit().page.locator("course-steps").first
        moving.press("End")
        moving.get_by_text("The numbers of this step").click()
        assert f"loss_after = {round(STEP.loss_after, 4)}" in moving.locator("pre").inner_text()

    def test_it_fits_a_phone(self, visit):
        page = visit(viewport={"width": 390, "height": 800}).page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

    def test_it_plays_but_not_under_reduced_motion(self, visit, frames):
        moving = visit().page.locator("course-steps").first
        moving.get_by_role("button", name="play").click()
        moving.get_by_role("button", name="stop").wait_for()
        assert moving.locator("p[aria-live]").inner_text() == frames[1].text
        quiet = visit(reduced_motion="reduce").page.locator("course-steps").first
        assert not quiet.get_by_role("button", name="play").is_visible()
        animation = "one => getComputedStyle(one).animationName"
        assert quiet.locator("img").last.evaluate(animation) == "none"

    def test_without_scripts_the_still_picture_is_seen(self, visit, frames):
        page = visit(java_script_enabled=False).page
        assert page.locator("img").first.get_attribute("alt") == ALT
        assert page.locator("img").first.is_visible()
        assert page.get_by_text(frames[-1].text).first.is_visible()
