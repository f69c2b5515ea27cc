"""The website: its parts, and the whole of it built once, without a browser."""

import re

import nbformat
import pytest

for needed in ("sphinx", "myst_parser", "sphinx_book_theme", "sphinx_design", "latex2mathml"):
    pytest.importorskip(needed, reason="the extra docs is not installed")

from bs4 import BeautifulSoup  # noqa: E402
from site_checks import problems  # noqa: E402

from course_utils.classroom.quizzes import PARTS, load_quiz  # noqa: E402
from course_utils.course import (  # noqa: E402
    FRAMEWORKS,
    lessons,
    project_root,
)
from course_utils.errors import CourseError  # noqa: E402
from course_utils.tools.lessons.closing import code_to_remember, has_page_to_remember  # noqa: E402
from course_utils.tools.website import build  # noqa: E402
from course_utils.tools.website.glossary import (  # noqa: E402
    Term,
    glossary_page,
    homeless,
    link_terms,
    read_glossary,
)
from course_utils.tools.website.lesson_page import aligned, both  # noqa: E402
from course_utils.tools.website.markup import directive, either, paragraphs, tabs, verbatim  # noqa: E402
from course_utils.tools.website.pages import relink  # noqa: E402

LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
GLOSSARY = project_root() / "notebooks" / "glossary.toml"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build.build_site(tmp_path_factory.mktemp("site") / "site")


def page(site, name):
    return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf8"), "html.parser")


def test_the_site_is_whole_and_needs_no_network(site):
    assert problems(site) == []


@LESSONS
def test_a_page_shows_all_that_its_notebooks_hold(lesson, site):
    shown = page(site, lesson.folder.name)
    for part in shown(class_="headerlink"):
        part.extract()
    headings = [" ".join(part.get_text().split()) for part in shown.select("h2, h3")]
    headings = [heading.replace("\u2019", "'") for heading in headings]  # Sphinx curls them
    code = {plain(part.get_text()) for part in shown.select(".highlight-python pre")}
    outputs = plain(" ".join(p.get_text() for p in shown.select(".output pre, .claim pre")))
    images = {image["alt"] for image in shown.select("article img")}
    for framework in FRAMEWORKS:
        notebook = nbformat.read(lesson.notebook(framework), as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                text = re.sub(r"^```.*?^```", "", cell.source, flags=re.M | re.S)
                for heading in re.findall(r"^##+ (.+)$", text, re.M):
                    assert any(heading.split("`")[0][:20] in one for one in headings)
                continue
            assert cell.source.startswith("quiz(") or plain(cell.source) in code, cell.id
            for output in cell.outputs:
                if output.output_type == "stream" or "vnd.course." in str(output.data.keys()):
                    text = output.get("text") or output.data["text/plain"]
                    assert plain(text) in outputs, cell.id
                elif "image/png" in output.data:
                    assert " ".join(output.metadata["image/png"]["alt"].split()) in images
    assert len(shown.select(".quiz .question")) == sum(
        len(load_quiz(lesson.number, part)) for part in PARTS
    )


def plain(text):
    return "".join(text.split())


@LESSONS
def test_what_the_twins_share_stands_there_once(lesson, site):
    shown = page(site, lesson.folder.name)
    blocks = [plain(part.get_text()) for part in shown.select(".highlight-python pre")]
    assert len(blocks) == len(set(blocks))
    for labels in shown.select(".sd-tab-set"):
        names = [label.get_text().strip() for label in labels.select("label")]
        assert names in (["PyTorch", "TensorFlow"], ["PyTorch"], ["TensorFlow"])


@LESSONS
def test_the_terms_of_a_lesson_are_linked_both_ways(lesson, site):
    terms = [term for term in read_glossary(GLOSSARY) if term.lesson == lesson.number]
    if not terms:
        pytest.skip(f"the glossary has no terms of lesson {lesson.number} yet")
    shown, name = page(site, lesson.folder.name), lesson.folder.name
    links = {link["href"] for link in shown.select("#terms-of-this-lesson a")}
    assert len([link for link in links if link.startswith("glossary.html#term-")]) == len(terms)
    back = page(site, "glossary").select(f"dd a[href^='{name}.html']")
    assert len(back) == len(terms)
    assert len(shown.select("article p a[href^='glossary.html#term-']")) > len(terms)


def test_the_start_page_leads_to_everything(site):
    links = {link["href"].split("#")[0] for link in page(site, "index").select("a[href]")}
    names = [lesson.folder.name for lesson in lessons()]
    wanted = {f"{name}{kind}.html" for name in names for kind in ("", "_assignment")}
    assert wanted | {"glossary.html", "start.html", "contributing.html"} <= links


@pytest.mark.parametrize(
    "lesson", [*filter(has_page_to_remember, lessons())], ids=lambda lesson: lesson.number
)
def test_a_page_to_remember_has_both_frameworks_and_is_linked(lesson, site):
    name = f"{lesson.folder.name}_remember"
    shown = page(site, name)
    code = [plain(part.get_text()) for part in shown.select(".to-remember .highlight-python pre")]
    assert code == [plain(code_to_remember(lesson, framework)) for framework in FRAMEWORKS]
    for other in (lesson.folder.name, "index"):
        assert page(site, other).select(f"a[href='{name}.html']"), f"{other} does not lead to it"


@pytest.mark.parametrize(
    ("file", "planted", "words"),
    [
        ("page.html", "<img src='a.png'>", "page.html: a.png has no text alternative"),
        ("page.html", "<script src='//x.org/a.js'></script>", "page.html: loads //x.org/a.js"),
        ("page.html", "<a href='none.html'>x</a>", "the link none.html points nowhere"),
        ("page.html", "<a href='page.html#no'>x</a>", "to no anchor of that page"),
        ("page.html", "<p>{term}`x`</p>", "shows the markup {term}"),
        ("page.css", "@import 'https://x.org/a.css';", "page.css: loads https://x.org/a.css"),
        ("page.css", "a{b:url(https://x.org/a.woff)}", "page.css: loads https://x.org/a.woff"),
    ],
)
def test_each_check_can_fail(file, planted, words, tmp_path):
    sound = "<h1 id='top'>Sound</h1><a href='#top'>top</a><img src='a.png' alt='A picture.'>"
    (tmp_path / "page.html").write_text(sound)
    (tmp_path / "page.css").write_text("a { background: url(a.png) }")
    assert problems(tmp_path) == []
    with (tmp_path / file).open("a") as text:
        text.write(planted)
    found = problems(tmp_path)
    assert len(found) == 1 and words in found[0]


def test_a_link_to_nowhere_stops_the_build(monkeypatch, tmp_path):
    def write_pages(lessons, target):
        (target / "index.md").write_text("# Start\n\n[nowhere](#no-such-place)\n")

    monkeypatch.setattr(build, "write_pages", write_pages)
    with pytest.raises(CourseError, match="Sphinx found mistakes"):
        build.build_site(tmp_path / "site")


def test_a_deeper_part_is_folded_and_stays_in_the_contents(monkeypatch, tmp_path):
    def write_pages(lessons, target):
        text = "# A lesson\n\n[there](#small)\n\n## Deeper: maps\n\nWords.\n\n### Small\n\nMore.\n"
        (target / "index.md").write_text(f"{text}\n## End\n\nThe end.\n")

    monkeypatch.setattr(build, "write_pages", write_pages)
    site = build.build_site(tmp_path / "site")
    shown = page(site, "index")
    (fold,) = shown.select("details.deeper")
    assert fold.select_one("summary > h2").get_text().startswith("Deeper: maps")
    assert "More." in fold.get_text() and "The end." not in fold.get_text()
    assert not fold.has_attr("open") and fold.parent["id"] == "deeper-maps"
    links = [link["href"] for link in shown.select(".bd-sidebar-secondary a")]
    assert "#deeper-maps" in links and "#small" in links
    assert problems(site) == []


def test_every_term_has_a_home():
    pages = {lesson.number: titled(lesson) for lesson in lessons()}
    assert homeless(read_glossary(GLOSSARY), pages) == []


def titled(lesson):
    return lesson.source.read_text(encoding="utf8").replace(", in {{framework}}", "")


def test_a_term_without_a_home_is_noticed():
    terms = [Term("loss", "01", "Nowhere", "."), Term("a", "02", "B", ".", ["Loss"])]
    found = homeless(terms, {"01": "## Here", "02": "## B"})
    assert found == ["loss: lesson 01 has no section 'Nowhere'", "loss: stands there twice"]


def test_terms_are_linked_where_they_are_introduced():
    terms = [Term("batch", "01", "Data", "."), Term("loss", "01", "Later", ".")]
    text = (
        "*batch*\n\n## Data\n`*batch*`\n\n```\n*batch*\n```\n*Batches* **batch** *batch* **loss**"
    )
    assert link_terms(text, terms) == (
        "*batch*\n\n## Data\n`*batch*`\n\n```\n*batch*\n```\n"
        "*Batches* **{term}`batch <batch>`** *batch* **loss**"
    )


def test_the_glossary_links_the_sections():
    text = glossary_page([Term("loss", "01", "The loss: how?", "Wrong.", ["cost"])], {"01": "one"})
    assert "loss\ncost\n  Wrong. Lesson 1: [The loss: how?](<one.md#the-loss-how>)." in text


def cell(name, source="x", text=None):
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
    return nbformat.v4.new_code_cell(source, id=name, outputs=outputs)


def names(pairs):
    return [tuple([one.id for one in run] for run in pair) for pair in pairs]


def test_cells_are_paired_by_their_names():
    first = [cell("a"), cell("b"), cell("c"), cell("d")]
    second = [cell("a"), cell("b-tensorflow"), cell("d"), cell("e")]
    assert names(aligned(first, second)) == [
        (["a"], ["a"]),
        (["b", "c"], ["b-tensorflow"]),
        (["d"], ["d"]),
        ([], ["e"]),
    ]


@pytest.mark.parametrize(
    ("first", "second", "tab_sets", "times"),
    [
        (cell("a", "x", "1"), cell("a", "x", "1"), 0, 1),
        (cell("a", "x", "1"), cell("a", "x", "2"), 1, 1),
        (cell("a", "x", "1"), cell("a-tensorflow", "x", "1"), 1, 2),
    ],
)
def test_only_what_differs_is_in_tabs(first, second, tab_sets, times):
    text = both([first], [second], None)
    assert text.count("{tab-set}") == tab_sets
    assert text.count("```{code-block} python\n\nx\n```") == times


def showing(data, **metadata):
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    return nbformat.v4.new_code_cell("x", id="a", outputs=[output])


def test_a_page_leaves_out_the_script_that_the_site_has_once():
    html = "<course-steps data-steps='{}'><p>still</p></course-steps>\n"
    moving = showing({"text/html": f"{html}<script data-course>\nact()</script>"})
    text = both([moving], [moving], None)
    assert "<p>still</p></course-steps>" in text and "act()" not in text


def test_a_sharp_figure_is_as_wide_as_in_the_notebook():
    about = {"image/png": {"alt": "A line.", "width": 640}}
    sharp = showing({"image/png": "aGk="}, **about)
    text = both([sharp], [sharp], lambda cell, content: f"{cell}.png")
    assert ":width: 640px" in text and ":alt: A line." in text


def test_a_solution_is_folded_around_its_tabs():
    one, other = cell("a"), cell("b")
    one.metadata["tags"] = other.metadata["tags"] = ["solution"]
    lines = [line for line in both([one], [other], None).splitlines() if "{" in line]
    assert "{dropdown} Solution" in lines[0] and "{tab-set}" in lines[1]


def test_a_fence_is_longer_than_what_it_holds():
    inner = directive("note", "text")
    assert directive("note", inner).startswith("::::{note}")
    assert verbatim("```\ncode\n```", "text").startswith("````{code-block}")
    assert tabs({"pytorch": inner}).startswith(":::::{tab-set}")
    assert either({"pytorch": "a", "tensorflow": "a"}) == "a"


def test_paragraphs_keep_code_together():
    text = "one\nline\n\n```python\na\n\nb\n```\n\n$$\nx\n$$\nend"
    assert paragraphs(text) == ["one\nline", "```python\na\n\nb\n```", "$$\nx\n$$\nend"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[a](../README.md)", "[a](index.md)"),
        ("[a](../02_word2vec/word2vec_pytorch.ipynb)", "[a](02_word2vec.md)"),
        ("[a](assignment.md)", "[a](01_embeddings_assignment.md)"),
        ("[a](#When-labels-are-few)", "[a](#when-labels-are-few)"),
        ("[a](https://x.org/b.ipynb)", "[a](https://x.org/b.ipynb)"),
        ("`[a](../README.md)`", "`[a](../README.md)`"),
    ],
)
def test_links_between_files_become_links_between_pages(text, wanted):
    assert relink(text, project_root() / "notebooks" / "01_embeddings") == wanted
