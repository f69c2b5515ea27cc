"""The pages of `course report`: what notebooks and front matters say, and nothing older."""

import copy
import itertools
import re
from pathlib import Path

import nbformat
import pytest

from course_utils.classroom.claims import KINDS, MIME as CLAIM
from course_utils.classroom.models import MIME as MODELS
from course_utils.course import FRAMEWORKS, find_lesson, lessons
from course_utils.errors import CourseError
from course_utils.tools.cli import main
from course_utils.tools.lessons import results_page as results
from course_utils.tools.lessons.results_page import records

ROOT = Path(__file__).resolve().parents[1]
PAGE, README = ROOT / "notebooks" / "RESULTS.md", ROOT / "notebooks" / "README.md"


def test_the_page_is_what_the_notebooks_say():
    current = PAGE.read_text(encoding="utf8") == results.results()
    assert current, "run `course report`: notebooks/RESULTS.md is older than the notebooks"


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_claim_is_on_the_page_with_its_value_in_both_frameworks(lesson):
    lines = PAGE.read_text(encoding="utf8").splitlines()
    for framework in FRAMEWORKS:
        notebook = nbformat.read(lesson.notebook(framework), as_version=4)
        for record in (record for cell in notebook.cells for record in records(cell)):
            start = f"| {KINDS[record['kind']][0]} {record['id']} | {record['statement']} |"
            row = next(line for line in lines if line.startswith(start)).split(" | ")
            value = float(re.match(r"[-\d.,e+]+", row[2 + list(FRAMEWORKS).index(framework)])[0]
                          .replace(",", ""))  # fmt: skip
            assert value == pytest.approx(record["value"], rel=1e-2, abs=1e-3)
            assert lesson.notebook(framework).name in row[-1]


@pytest.mark.parametrize("name", results.PARTS)
def test_the_other_pages_tell_of_the_lessons_as_they_are(name):
    text = (ROOT / name).read_text(encoding="utf8")
    current = results.filled(name, text, results.PARTS[name])
    assert text == current, f"run `course report`: {name} is older than the front matters"


SOURCE = """---
course:
  short: Tiny{number}
  adds: "a little\\nmore"
  about: what is tiny {number}
  learn: to be tiny {number}
  hours: two
  pause: Work
  downloads: [encoder]
  standard:
    ag_news: dataset=ag_news
  claims: [X1, X2]
  seconds: 77
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Lesson {number}: Tiny {number}, in {{{{framework}}}}

{{{{where_things_are}}}}

About {{{{hours}}}} hours.

{{{{signs}}}}

## Work

```{{code-cell}} ipython3
---
name: claim-x1
tags: [claim-X1]
---
from course_utils import visualization as vis
from course_utils.classroom import claim, record_models
claim("X1", "gain", 0.5, at_least=0.25)
claim("X1", "apart", 0, at_most=1e-5, kind="equality")
```

## Past

```{{code-cell}} ipython3
---
name: claim-x2
tags: [claim-X2]
---
claim("X2", "kept gain", 12345.6, at_least=2, kind="recorded", unit="ms", device="cpu")
```

```{{code-cell}} ipython3
---
name: summary
---
record_models([
    ("bag|words", 2600, 1.25, {{"accuracy": [0.5, 0.7]}}), ("chance", 0, None, {{"right": 0.25}}),
])
```
"""


def make_lesson(root, number):
    folder = root / "notebooks" / f"{number}_tiny{int(number)}"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(SOURCE.format(number=int(number)))
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course of two tiny lessons, built in both frameworks, with the pages of the real one."""
    root = tmp_path_factory.mktemp("course")
    for name in ("data/datasets.toml", "pyproject.toml", "README.md", "notebooks/README.md"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes((ROOT / name).read_bytes())
    for number in ("05", "06"):
        make_lesson(root, number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(root))
        patch.setattr("course_utils.tools.lessons.run.installed", lambda name: True)
        assert main(["build", "all"]) == 0
    return root


@pytest.fixture
def course(built, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(built))
    return built


def test_a_new_lesson_appears_everywhere_by_its_source_alone(course, capsys):
    from course_utils import visualization as vis

    assert main(["check", "all"]) == 0
    assert capsys.readouterr().out.endswith("\nThe notebooks are what their sources build.\n")
    assert main(["report"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("RESULTS.md", "README.md"))
    page, inner, outer = (
        (course / name).read_text(encoding="utf8")
        for name in ("notebooks/RESULTS.md", "notebooks/README.md", "README.md")
    )
    assert "## Lesson 6: Tiny 6\n" in page
    links = "[PyTorch](06_tiny6/tiny6_pytorch.ipynb), [TensorFlow](06_tiny6/tiny6_tensorflow.ipynb)"
    assert f"| 6 Tiny 6 | what is tiny 6 | {links}, [assignment]" in inner
    assert inner.count("blob/main/notebooks/06_tiny6/") == 2
    assert "| 6 [Tiny 6](notebooks/README.md) | to be tiny 6 | under 77 seconds |" in outer
    assert "| 6 Tiny 6 | two | Work | `encoder` | `ag_news` | [assignment](" in outer
    assert "Word2Vec" not in re.sub(
        "^.*?made by|to here.*?made by|to here.*$", "", outer, flags=re.S
    )
    figure = vis.course_map(6)
    assert [text.get_text() for text in figure.axes[0].texts if text.get_text()] == [
        "5 Tiny5", "a little\nmore", "6 Tiny6", "a little\nmore"
    ]  # fmt: skip
    first, last = (
        nbformat.read(find_lesson(number).notebook("tensorflow"), as_version=4).cells[0].source
        for number in ("05", "06")
    )
    assert "After it comes [lesson 6, Tiny 6](../06_tiny6/tiny6_tensorflow.ipynb)." in first
    assert "Before it comes [lesson 5, Tiny 5](../05_tiny5/tiny5_tensorflow.ipynb)." in last
    assert "Before" not in first and "This is the last lesson." in last
    assert "About two hours." in last and "is a claim." in last and "- = (equals sign)" in last


def test_a_claim_is_shown_with_its_sign_and_a_model_with_its_scores(course):
    page = results.results()
    links = ", ".join(
        f"[{name}](06_tiny6/tiny6_{framework}.ipynb#{{0}})"
        for framework, name in FRAMEWORKS.items()
    )
    section = page.partition("## Lesson 6")[2]
    for row, place in (
        ("| ✔ X1 | gain | 0.5 | 0.5 | at least 0.25 | `claim-x1`: ", "work"),
        ("| = X1 | apart | 0 | 0 | at most 1e-05 | `claim-x1`: ", "work"),
        (
            f"| ← X2 | kept gain | {' | '.join(['12,346 ms on the CPU'] * 2)} | at least 2 "
            "| `claim-x2`: ",
            "past",
        ),
    ):
        assert f"{row}{links.format(place)} |" in section
    scores = "accuracy 0.600 ± 0.141 | accuracy 0.600 ± 0.141"
    assert f"| bag\\|words | 2,600 | 1.2 | 1.2 | {scores} |" in section
    assert "| chance | 0 |  |  | right 0.250 | right 0.250 |" in section
    for sign in ("✔ (check mark)", "= (equals sign)", "← (arrow to the left)"):
        assert page.count(f"- {sign}: ") == 1, "the legend"


@pytest.fixture
def altered(course, monkeypatch):
    """Return a function that changes the TensorFlow notebooks as they are read."""
    read = results.read_notebook

    def alter(change):
        def changed(path):
            notebook = copy.deepcopy(read(path))
            if path.stem.endswith("tensorflow"):
                change({cell.id: cell for cell in notebook.cells})
            return notebook

        monkeypatch.setattr(results, "read_notebook", changed)

    return alter


def test_a_new_value_makes_the_page_another_one(altered):
    before = results.results()
    altered(lambda cells: cells["claim-x1"].outputs[0].data[CLAIM].update(value=0.123))
    after = results.results()
    assert "| 0.123 |" in after and "| 0.123 |" not in before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cells: cells["claim-x2"].update(outputs=[]), "claim different things"),
        (lambda cells: cells["summary"].update(outputs=[]), "records no models: call `record_m"),
        (
            lambda cells: cells["summary"].outputs[0].data[MODELS]["models"].pop(),
            "different models",
        ),
    ],
)
def test_notebooks_that_do_not_fit_together_are_refused(altered, change, words):
    altered(change)
    with pytest.raises(CourseError, match=words):
        results.results()


def test_the_links_to_run_online_are_current():
    text = README.read_text(encoding="utf8")
    for lesson, framework in itertools.product(lessons(), FRAMEWORKS):
        assert (
            f"/blob/main/notebooks/{lesson.folder.name}/{lesson.notebook(framework).name})" in text
        )


def test_only_one_place_knows_the_address():
    words = results.online("https://github.com/someone/somewhere")
    assert words.count("someone/somewhere") == 2 * len(lessons()) + 3
    name = results.address().removeprefix("https://github.com/")
    assert name not in words
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", PAGE):
        assert name not in path.read_text(encoding="utf8")


def test_a_page_without_marks_is_refused():
    with pytest.raises(
        CourseError, match="a.md has no lines '<!-- made by `course report`: x -->'"
    ):
        results.filled("a.md", "# A page\n", {"x": str})
