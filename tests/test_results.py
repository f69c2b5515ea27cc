"""The page of results: what the stored notebooks say, all of it, and no older version of it."""

import itertools
import re
from pathlib import Path

import nbformat
import pytest

from course_utils.course import FRAMEWORKS, find_lesson, lessons
from course_utils.errors import CourseError
from course_utils.tools.lessons import results_page as results
from course_utils.tools.lessons.notebook_checks import records

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
            start = f"| {record['id']} | {record['statement']} |"
            row = next(line for line in lines if line.startswith(start)).split(" | ")
            value = float(re.match(r"[-\d.,e+]+", row[2 + list(FRAMEWORKS).index(framework)])[0]
                          .replace(",", ""))  # fmt: skip
            assert value == pytest.approx(record["value"], rel=1e-2, abs=1e-3)
            assert lesson.notebook(framework).name in row[-1]


HEADER = "model                 parameters  seconds  held-out score"
WIDE = "model                 parameters  seconds  held-out loss   purity"


@pytest.mark.parametrize(
    ("header", "line", "wanted"),
    [
        (HEADER, f"{'encoder':<20}{'22,713,216':>12}{'1.5':>9}  accuracy 0.9 (bag 0.8)",
         ("encoder", "22,713,216", "1.5", "accuracy 0.9 (bag 0.8)")),
        (HEADER, f"{'frozen, 50 labels':<20}{'1,536':>12}{'':>9}  0.620 +- 0.032",
         ("frozen, 50 labels", "1,536", "", "0.620 +- 0.032")),
        (HEADER, f"{'labels 200':<20}{'':>12}{'1.4':>9}  0.5", ("labels 200", "", "1.4", "0.5")),
        (HEADER, f"{'chance':<20}{'0':>12}{'':>9}  0.5", ("chance", "0", "", "0.5")),
        (WIDE, f"{'skip-gram, 0.05':<20}{'10':>12}{'0.0':>9}{'2.357':>15}{'0.654':>9}",
         ("skip-gram, 0.05", "10", "0.0", "held-out loss 2.357, purity 0.654")),
        (WIDE, f"{'random':<20}{'10':>12}{'0.0':>9}{'':>15}{'0.153':>9}",
         ("random", "10", "0.0", "purity 0.153")),
    ],
)  # fmt: skip
def test_a_printed_table_is_read(header, line, wanted):
    assert results.models_row(header, line) == wanted


@pytest.fixture
def altered(monkeypatch):
    """Return a function that changes the TensorFlow notebooks as they are read."""
    read = nbformat.read

    def alter(change):
        def changed(path, as_version):
            notebook = read(path, as_version=as_version)
            if path.stem.endswith("tensorflow"):
                change({cell.id: cell for cell in notebook.cells})
            return notebook

        monkeypatch.setattr(results.nbformat, "read", changed)
        monkeypatch.setattr(results, "lessons", lambda: [find_lesson("01")])

    return alter


def test_a_new_value_makes_the_page_another_one(altered):
    altered(lambda cells: None)
    before = results.results()
    altered(lambda cells: records(cells["claim-e11"])[0].update(value=0.123))
    after = results.results()
    assert "| 0.123 |" in after and "| 0.123 |" not in before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cells: cells["claim-e11"].update(outputs=[]), "claim different things"),
        (lambda cells: cells["summary"].update(outputs=[]), "prints no table of models"),
        (lambda cells: cells["summary"].outputs[0].update(text="model  size\na  1\n"), "no table"),
        (lambda cells: cells["summary"].outputs[0].update(text=f"{HEADER}\n"), "different models"),
    ],
)
def test_notebooks_that_do_not_fit_together_are_refused(altered, change, words):
    altered(change)
    with pytest.raises(CourseError, match=words):
        results.results()


def test_the_command_writes_the_pages(tmp_path, monkeypatch, capsys):
    from course_utils.tools.cli import main

    (tmp_path / "notebooks").mkdir()
    for name in ("pyproject.toml", "notebooks/README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(results, "project_root", lambda: tmp_path)
    monkeypatch.setattr("course_utils.tools.cli.project_root", lambda: tmp_path)
    assert main(["report"]) == 0 and "RESULTS.md" in capsys.readouterr().out
    assert (tmp_path / "notebooks" / "RESULTS.md").read_text("utf8") == results.results()
    readme = (tmp_path / "notebooks" / "README.md").read_text("utf8")
    assert readme == README.read_text("utf8")


def test_the_links_to_run_online_are_current():
    text = README.read_text(encoding="utf8")
    assert text == results.with_links(text), "run `course report`: the links are older"
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
    with pytest.raises(CourseError, match="to write between"):
        results.with_links("# A page\n")
