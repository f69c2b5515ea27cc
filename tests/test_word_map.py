"""The map that shows a word's nearest: its data, what is left without scripts, and the browser."""

import io
import json
import re
from base64 import b64decode

import numpy as np
import pytest
from browsing import chromium, opener
from bs4 import BeautifulSoup
from PIL import Image

from course_utils import visualization as vis
from course_utils.errors import InputError
from course_utils.evaluation import nearest_neighbors
from course_utils.tools.safe_html import sanitized
from course_utils.visualization.steps import script_tag

ALT = "Map of twenty words in two classes."
WORDS = [f"word{i}" for i in range(18)] + ["<b>", '"&']
VECTORS = np.random.default_rng(0).normal(size=(20, 8))
PLACES = np.random.default_rng(1).normal(size=(20, 2))


def html_of(monkeypatch, **changed):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: shown.append(data))
    settings = {
        "words": WORDS,
        "labels": [0, 1] * 10,
        "names": ["a", "b"],
        "alt": ALT,
        "title": "T",
    }
    given = {"projection": PLACES, "vectors": VECTORS} | settings | changed
    vis.show_word_map(given.pop("projection"), given.pop("vectors"), **given)
    assert shown[0]["text/plain"] == ALT
    return shown[0]["text/html"]


def element(html):
    return BeautifulSoup(html, "html.parser").find("course-words")


def data(html):
    return json.loads(element(html)["data-map"])


def test_the_nearest_are_those_of_the_vectors_not_of_the_map(monkeypatch):
    found = data(html_of(monkeypatch, neighbors=3))
    for word, near in zip(WORDS, found["near"], strict=True):
        row = VECTORS[WORDS.index(word)]
        wanted = nearest_neighbors(row, VECTORS, WORDS, k=3, exclude=(word,))
        assert [(WORDS[i], pytest.approx(c, abs=1e-3)) for i, c in near] == wanted
    other = data(html_of(monkeypatch, vectors=VECTORS[::-1], neighbors=3))
    assert other["near"] != found["near"] and other["places"] == found["places"]


def test_each_place_is_that_of_its_dot_on_the_still_picture(monkeypatch):
    html = html_of(monkeypatch)
    picture = element(html).img["src"].partition(",")[2]
    image = Image.open(io.BytesIO(b64decode(picture))).convert("RGB")
    assert data(html)["height"] == pytest.approx(image.height / image.width, abs=1e-3)
    for x, y in data(html)["places"]:
        assert min(image.getpixel((int(x * image.width), int(y * image.height)))) < 200


def test_without_scripts_the_still_map_stands_there(monkeypatch):
    page = BeautifulSoup(html_of(monkeypatch), "html.parser")
    for script in page("script"):
        script.extract()
    page.find("course-words").unwrap()
    (still,) = page("img")
    assert still["alt"] == ALT and page.get_text().strip() == ""


def test_the_website_keeps_the_element_and_words_cannot_become_markup(monkeypatch):
    html = html_of(monkeypatch)
    safe = sanitized(str(element(html)))
    assert data(safe) == data(html) and data(html)["words"] == WORDS
    assert element(safe).img["alt"] == ALT and not BeautifulSoup(html, "html.parser")("b")


def test_the_script_sets_texts_as_text_and_takes_no_address():
    script = script_tag("words")
    assert not re.search(r"innerHTML|insertAdjacent|eval\(|fetch\(|import\(", script)
    assert script.count("</script>") == 1 and "customElements.get" in script


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"vectors": VECTORS[1:]}, "not 19 vectors and 20 different words"),
        ({"words": ["same"] * 20}, "not 20 vectors and 1 different words"),
        ({"neighbors": 20}, "each has 1 to 19 neighbors"),
        ({"neighbors": 0}, "each has 1 to 19 neighbors"),
        ({"vectors": VECTORS * np.nan}, "Vectors"),
        ({"alt": "a map"}, "text alternative"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(monkeypatch, changed, words):
    with pytest.raises(InputError, match=words):
        html_of(monkeypatch, **changed)


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.browser
class TestInABrowser:
    @pytest.fixture
    def visit(self, browser, monkeypatch, tmp_path):
        html = html_of(monkeypatch, neighbors=2)
        with opener(browser, tmp_path / "page.html", "Map", html) as open_page:
            yield open_page

    def said(self, page):
        return page.locator("course-words p").inner_text()

    def wanted(self, i):
        row = nearest_neighbors(VECTORS[i], VECTORS, WORDS, k=2, exclude=(WORDS[i],))
        return f"Nearest to {WORDS[i]}: " + ", ".join(f"{w} {c:.2f}" for w, c in row) + "."

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_is_open_to_everybody_and_asks_for_nothing(self, visit, scheme):
        seen = visit(color_scheme=scheme)
        seen.page.locator("course-words").press("End")
        assert seen.problems() == [] and seen.undescribed() == [] and seen.barriers() == []

    @pytest.mark.parametrize("width", [1000, 390])
    def test_the_pointer_shows_the_nearest_of_a_word(self, visit, width):
        page = visit(viewport={"width": width, "height": 900}).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn = page.locator("course-words svg")
        box = drawn.bounding_box()
        for i in (4, 11):
            x, y = page.evaluate(f"document.querySelector('course-words').map.places[{i}]")
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            assert self.said(page) == self.wanted(i)
            assert drawn.locator("line").count() == 2 and drawn.locator("circle").count() == 3
            assert WORDS[i] == page.locator("course-words input").input_value()

    def test_a_word_can_be_typed_and_the_arrow_keys_go_on(self, visit):
        page = visit().page
        page.locator("course-words input").fill("word7")
        assert self.said(page) == self.wanted(7)
        page.locator("course-words input").fill("unheard of")
        assert self.said(page) == self.wanted(7)
        moving = page.locator("course-words")
        moving.focus()
        for key, i in (("ArrowRight", 8), ("ArrowLeft", 7), ("Home", 0), ("ArrowLeft", 0),
                       ("End", 19), ("ArrowRight", 19)):  # fmt: skip
            page.keyboard.press(key)
            assert self.said(page) == self.wanted(i), key
        assert moving.locator("svg text", has_text='"&').first.is_visible()

    def test_without_scripts_the_still_map_is_seen(self, visit):
        page = visit(java_script_enabled=False).page
        assert page.locator("img").get_attribute("alt") == ALT and page.locator("img").is_visible()
