"""The website in a real browser: `make test-browser`."""

import re

import pytest
from browsing import Visit, chromium

from course_utils.classroom.quizzes import SHOWN, groups
from course_utils.course import FRAMEWORKS, lessons
from course_utils.tools.lessons.closing import has_page_to_remember

pytest.importorskip("sphinx", reason="the extra docs is not installed")
from course_utils.tools.website import build
from course_utils.tools.website.build import build_site

pytestmark = pytest.mark.browser
FIRST = "01_embeddings"
PAGES = ["index", "glossary", "start", "contributing", "search", f"{FIRST}_assignment"]
PAGES += [lesson.folder.name for lesson in lessons()]
REMEMBERED = [f"{one.folder.name}_remember" for one in lessons() if has_page_to_remember(one)]
PAGES += REMEMBERED


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build_site(tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser, site):
    """Open a page of the site, or of another folder, in a fresh browser profile."""
    contexts = []

    def open_page(name, folder=site, scheme="light"):
        contexts.append(browser.new_context(color_scheme=scheme))
        seen = Visit(contexts[-1].new_page())
        seen.page.goto((folder / f"{name}.html").as_uri())
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_open_to_everybody(name, scheme, visit):
    seen = visit(name, scheme=scheme)
    assert seen.problems() == []
    assert seen.undescribed() == []
    unfold(seen.page)
    hold_still(seen.page)
    assert seen.barriers() == []


def hold_still(page):
    """End all transitions: on a busy machine axe would measure colors on their way."""
    page.add_style_tag(content="*, *::before, *::after { transition: none !important }")


def unfold(page):
    """Open what is folded: axe looks at visible things only."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def shown(page):
    """Return the framework of each visible tab."""
    labels = page.locator(".sd-tab-set > input:checked + label")
    return {text.strip() for text in labels.all_text_contents()}


def test_one_tab_switches_all_and_other_pages_follow(visit):
    page = visit(FIRST).page
    assert shown(page) == {"PyTorch"}
    page.locator(".sd-tab-set label", has_text="TensorFlow").nth(3).click()
    assert shown(page) == {"TensorFlow"}
    assert page.get_by_text("import tensorflow as tf").first.is_visible()
    assert not page.get_by_text("from torch import nn").first.is_visible()
    page.goto(page.url.replace(FIRST, "04_transformers"))
    assert shown(page) == {"TensorFlow"}


def test_tabs_work_with_the_keyboard(visit):
    page = visit(FIRST).page
    page.locator(".sd-tab-set > input").first.focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == {"TensorFlow"}


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_question_knows_its_right_answers(lesson, visit):
    page = visit(lesson.folder.name).page
    drawn = [group for part in ("before", "after") for group in groups(lesson.number, part)]
    questions = [question for group in drawn for question in group]
    forms = page.locator(".quiz .question").all()
    assert len(forms) == len(questions)
    assert [form.is_visible() for form in forms].count(True) == 2 * SHOWN
    for fold in page.locator(".quiz summary").all():
        fold.click()
    for form, question in zip(forms, questions, strict=True):
        answer(form, question, right=False)
        assert form.locator(".verdict").inner_text().startswith("Not right.")
        assert form.locator(".see a").is_visible()
        answer(form, question, right=True)
        assert form.locator(".verdict").inner_text().startswith("Right.")
        assert form.locator(".verdict .feedback").first.is_visible()
        assert not form.locator(".see a").is_visible()


def answer(form, question, right):
    """Give only right answers, or only wrong ones, and ask."""
    fields = form.locator("input").all()
    for field, choice in zip(fields, question["answers"], strict=True):
        if question["type"] == "numeric":
            field.fill(str(choice["value"] + (0 if right else 1 + choice["tolerance"])))
        elif question["type"] == "many_choice":
            field.set_checked(choice["correct"] == right)
        elif choice["correct"] == right:
            field.check()
    form.get_by_role("button", name="Check").click()


def test_a_quiz_asks_for_an_answer_and_for_all_of_them(visit):
    page = visit(FIRST).page
    for summary in page.get_by_text("More questions").all():
        summary.click()
    form = page.locator(".question[data-kind=many_choice]").first
    form.get_by_role("button").click()
    assert form.locator(".verdict").inner_text() == "Answer first."
    form.locator("input[data-correct=True]").first.check()
    form.get_by_role("button").click()
    assert "more answers are right" in form.locator(".verdict").inner_text()
    number = page.locator(".question[data-kind=numeric] input").first
    number.fill("5")
    number.press("Enter")
    assert page.locator(".verdict", has_text="Right.").first.is_visible()


@pytest.mark.parametrize("name", REMEMBERED)
def test_a_page_to_remember_is_one_sheet_of_paper(name, visit):
    page = visit(name).page
    for framework in FRAMEWORKS.values():
        page.locator(".sd-tab-set label", has_text=framework).click()
        for paper in ("A4", "Letter"):
            assert sheets(page, paper) == 1
    page.evaluate("document.querySelector('.to-remember').append(...'line '.repeat(9_000))")
    assert sheets(page, "A4") > 1


def sheets(page, paper):
    """Return how many sheets a page needs when it is printed."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))


def test_search_finds_a_term(visit, site):
    seen = visit("search")
    seen.page.goto((site / "search.html").as_uri() + "?q=trustworthiness")
    links = seen.page.locator("#search-results li a")
    links.first.wait_for()
    found = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert any("glossary.html" in link for link in found)
    assert any(FIRST in link for link in found)
    assert seen.problems() == []


def test_a_term_leads_to_the_glossary_and_back(visit):
    page = visit(FIRST).page
    page.locator("#the-data a", has_text="vocabulary").click()
    page.wait_for_url(re.compile("glossary.html#term-vocabulary"))
    page.locator("dt#term-vocabulary + dd a").click()
    page.wait_for_url(re.compile(f"{FIRST}.html#the-data"))


DEEPER = """# A lesson

[To the part](#deeper-maps), [into it](#a-small-one), [the next](#deeper-more).

## Core

Words that all read.

### Deeper: maps

Words of the part.

#### A small one

A word like antidisestablishment.

## Deeper: more

Last words.
"""


@pytest.fixture(scope="module")
def deeper_site(tmp_path_factory):
    def write_pages(lessons, target):
        (target / "index.md").write_text(DEEPER)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "write_pages", write_pages)
        return build_site(tmp_path_factory.mktemp("deeper") / "site")


def opened(page):
    """Return whether the words are seen: in the first part, in its small section, in the second."""
    words = ("Words of the part.", "A word like", "Last words.")
    return [page.get_by_text(word).is_visible() for word in words]


def test_deeper_parts_are_folded_under_their_headings(deeper_site, visit):
    seen = visit("index", deeper_site)
    page = seen.page
    assert opened(page) == [False, False, False]
    assert page.get_by_text("Words that all read.").is_visible()
    page.locator("summary", has_text="Deeper: more").focus()
    page.keyboard.press("Enter")
    assert opened(page) == [False, False, True]
    page.locator("summary", has_text="Deeper: maps").click(position={"x": 4, "y": 10})
    assert opened(page) == [True, True, True]
    assert seen.problems() == []
    hold_still(page)
    assert seen.barriers() == []


@pytest.mark.parametrize("place", ["article", ".bd-sidebar-secondary"])
def test_a_link_opens_the_part_that_it_leads_to(deeper_site, visit, place):
    page = visit("index", deeper_site).page
    link = page.locator(f"{place} a[href='#deeper-maps']").first
    link.click()
    assert opened(page) == [True, True, False]
    page.locator("summary", has_text="Deeper: maps").click(position={"x": 4, "y": 10})
    assert opened(page)[0] is False
    link.click()
    assert opened(page)[0] is True, "a second time, too"


def test_an_address_opens_the_part_around_its_goal(deeper_site, visit):
    page = visit("index", deeper_site).page
    page.goto(f"{page.url}#a-small-one")
    page.reload()
    page.wait_for_load_state()
    assert opened(page) == [True, True, False]
    assert page.locator("#a-small-one").evaluate("one => one.getBoundingClientRect().top") < 600


def test_search_finds_what_is_folded_and_leads_into_it(deeper_site, visit):
    page = visit("search", deeper_site).page
    address = (deeper_site / "search.html").as_uri()
    for words, goal in (
        ("antidisestablishment", "index.html"),
        ("small+one", "index.html#a-small-one"),
    ):
        page.goto(f"{address}?q={words}")
        page.locator(f"#search-results a[href='{goal}']").first.wait_for()
    page.locator(f"#search-results a[href='{goal}']").first.click()
    page.get_by_text("A word like").wait_for()
    assert opened(page) == [True, True, False]


def test_paper_shows_all_parts(deeper_site, visit):
    page = visit("index", deeper_site).page
    page.evaluate(
        "addEventListener('beforeprint', () => { window.open_parts ="
        " document.querySelectorAll('details.deeper[open]').length })"
    )
    page.pdf()
    assert page.evaluate("window.open_parts") == 2
    assert opened(page) == [False, False, False], "and afterwards they are folded again"


def test_dark_mode_is_two_clicks_away(visit):
    page = visit("index").page
    assert brightness(page) == 255
    page.locator("button.theme-switch-button:visible").click()
    page.locator("button.theme-change-button[data-mode=dark]:visible").click()
    page.wait_for_timeout(1_000)  # colors change gradually
    assert brightness(page) < 60


def brightness(page):
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(int(part) for part in re.findall(r"\d+", color)[:3])


def test_formulas_are_drawn_by_the_browser_itself(visit):
    page = visit("02_word2vec").page
    boxes = [formula.bounding_box() for formula in page.locator("math:visible").all()]
    assert len(boxes) > 10 and all(box["height"] > 5 for box in boxes)


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("<img src='x.png'>", "no text alternative: x.png"),
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script>nothing.there()</script>", "console: nothing is not defined"),
        ("<script src='https://example.org/a.js'></script>", "asks for https://example.org/a.js"),
        ("<img src='http://example.org/a.png' alt='a'>", "asks for http://example.org/a.png"),
        ("<p style='color:#aaa;background:#fff'>faint words</p>", "color-contrast (serious)"),
        ("<button></button>", "button-name (critical)"),
    ],
)
def test_each_check_can_fail(planted, found, visit, tmp_path):
    page = "<!doctype html><html lang='en'><title>Broken</title><main><h1>Broken</h1>{}</main>"
    (tmp_path / "sound.html").write_text(page.format(""))
    (tmp_path / "broken.html").write_text(page.format(planted))
    assert everything(visit("sound", tmp_path)) == []
    assert any(line.startswith(found) for line in everything(visit("broken", tmp_path)))


def everything(seen):
    return [*seen.problems(), *seen.undescribed(), *seen.barriers()]
