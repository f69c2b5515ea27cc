"""The stored notebooks: what their source builds, clean, complete, and twins."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import notebook_checks as checks
import pytest

from course_utils.classroom.claims import MIME
from course_utils.classroom.markdown import headings
from course_utils.course import FRAMEWORKS, Lesson, find_lesson, front_matter, lessons
from course_utils.data.register import register
from course_utils.tools.lessons.build import differences, picture

ROOT = Path(__file__).resolve().parents[1]
PAIRS = [(lesson, framework) for lesson in lessons() for framework in FRAMEWORKS]
NAMES = [lesson.notebook(framework).name for lesson, framework in PAIRS]
LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)


def stored(lesson, framework):
    path = lesson.notebook(framework)
    assert path.is_file(), f"{path.name} does not exist: run course build {lesson.number}"
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_is_what_its_source_builds(lesson, framework):
    assert differences(lesson, framework) == []


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_is_clean(lesson, framework):
    assert checks.problems(stored(lesson, framework), lesson.folder) == []
    assert lesson.notebook(framework).stat().st_size < 2_500_000


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_ran_as_fast_as_its_source_declares(lesson, framework):
    limit = front_matter(lesson).seconds
    assert limit, f"{lesson.source} declares no `seconds` under `course` in its front matter"
    assert stored(lesson, framework).metadata["course"]["seconds"] < limit


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_every_declared_claim_is_made_and_no_other(lesson, framework):
    wanted, made = set(front_matter(lesson).claims), checks.claimed(stored(lesson, framework))
    assert wanted, f"{lesson.source} declares no `claims` under `course` in its front matter"
    assert not wanted - made, f"lesson.md declares {wanted - made}, which no cell is tagged with"
    assert not made - wanted, f"lesson.md does not declare {made - wanted}, which cells claim"


@LESSONS
def test_a_lesson_has_all_its_files(lesson):
    for name in ("assignment.md", "quiz.toml"):
        assert (lesson.folder / name).is_file(), f"{lesson.folder.name} has no {name}"


@LESSONS
def test_a_lesson_says_all_that_other_pages_tell_of_it(lesson):
    told = front_matter(lesson)
    for key in ("short", "adds", "about", "learn", "hours", "pause"):
        assert getattr(told, key), f"{lesson.source} declares no `{key}` under `course`"
    assert told.pause in headings(lesson.source.read_text("utf8")), "no such section to break at"
    assert {*told.downloads, *told.standard} <= set(register())


@LESSONS
def test_twins_have_the_same_sections_and_exercises(lesson):
    first, second = (stored(lesson, framework) for framework in FRAMEWORKS)
    assert checks.sections(first) == checks.sections(second)
    tagged = [
        [
            c.id.removesuffix("-tensorflow")  # a stub of a layer differs
            for c in notebook.cells
            if "exercise" in c.metadata.get("tags", [])
        ]
        for notebook in (first, second)
    ]
    assert tagged[0] == tagged[1]


@LESSONS
def test_twins_agree_in_their_scores(lesson):
    first, second = (claim_records(stored(lesson, framework)) for framework in FRAMEWORKS)
    assert first.keys() == second.keys(), "the twins claim different things"
    apart = disagreements(first, second)
    assert not apart, f"{apart} differ between the twins: say compare=False if they may"


def claim_records(notebook):
    made = [record for cell in notebook.cells for record in checks.records(cell)]
    return {(record["id"], record["statement"]): record for record in made}


def disagreements(first, second):
    """Return the claims whose values differ by more than 0.02 or, above 1, by more than 2 %."""
    return [
        name
        for name in first
        if first[name].get("compare", True)
        and abs(first[name]["value"] - second[name]["value"])
        > 0.02 * max(1, abs(first[name]["value"]))
    ]


@pytest.mark.parametrize(
    ("more", "found"), [({}, 1), ({"compare": True}, 1), ({"compare": False}, 0)]
)
def test_claims_are_compared_unless_they_say_otherwise(more, found):
    first, second = ({("E1", "sometimes"): {"value": value} | more} for value in (0.5, 0.6))
    assert len(disagreements(first, second)) == found


@LESSONS
def test_stored_pictures_are_figures_of_the_notebook(lesson):
    notebook = stored(lesson, "pytorch")
    for name, cell in front_matter(lesson).pictures.items():
        same = (lesson.folder / name).read_bytes() == picture(notebook, cell)
        assert same, f"{name} is not what the cell {cell} shows: run course build {lesson.number}"


@LESSONS
def test_the_front_matter_survives_an_edit_in_jupyterlab(lesson, tmp_path):
    import jupytext

    (tmp_path / "lesson.md").write_text(
        jupytext.writes(jupytext.read(lesson.source, fmt="md:myst"), fmt="md:myst"), "utf8"
    )
    kept = front_matter(Lesson(tmp_path)) == front_matter(lesson)
    assert kept, f"write `notebook_metadata_filter: course` under `jupytext` in {lesson.source}"


def pages():
    """Return all Markdown files but the sources: what these say is looked at in their notebooks."""
    folders = [ROOT / name for name in ("notebooks", "benchmarks", "data", "docs")]
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    own = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    return sorted(path for path in own if path.name != "lesson.md")


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_pictures_of_the_pages_are_whole(path):
    text = path.read_text(encoding="utf8")
    assert checks.broken_links(text, path.parent) == [] and "{{" not in re.sub("`.*?`", "", text)
    assert checks.bare_pictures(text) == []


def test_the_pages_of_every_lesson_are_looked_at():
    assert {lesson.folder / "assignment.md" for lesson in lessons()} < set(pages())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![](map.png)", 1),
        ("![ ](map.png)", 1),
        ("![a map](map.png)", 0),
        ('<img src="map.png">', 1),
        ('<img src="map.png" alt="">', 1),
        ('<img alt="a map" src="map.png">', 0),
        ("`![](map.png)`", 0),
    ],
)
def test_a_picture_without_words_is_found(text, found):
    assert len(checks.bare_pictures(text)) == found


def broken(change):
    """Return the problems of a copy of a good notebook that `change` has damaged."""
    lesson = find_lesson("01")
    notebook = copy.deepcopy(stored(lesson, "pytorch"))
    change(notebook, {cell.id: cell for cell in notebook.cells})
    return " ".join(checks.problems(notebook, lesson.folder))


def forget_alt(notebook, cells):
    for output in cells["figure-svd"].outputs:
        output.metadata = {}


def add_drawing(notebook, cells):
    output = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>"})
    cells["vocabulary"].outputs.append(output)


def add_html_picture(notebook, cells):
    output = nbformat.v4.new_output("display_data", {"text/html": "<p><img src='x.png'></p>"})
    cells["vocabulary"].outputs.append(output)


def add_error(notebook, cells):
    cells["vocabulary"].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="e"))


def add_stderr(notebook, cells):
    output = nbformat.v4.new_output("stream", name="stderr", text="warning")
    cells["vocabulary"].outputs.append(output)


def break_claim(notebook, cells):
    cells["claim-e4"].outputs[-1].data[MIME]["holds"] = False


def drop_claim(notebook, cells):
    cells["claim-e4"].outputs = []


def claim_another(notebook, cells):
    cells["claim-e4"].outputs[-1].data[MIME]["id"] = "E14"


def drop_figures(notebook, cells):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if "image/png" not in o.get("data", {})]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (forget_alt, "figure-svd: a figure without a text alternative"),
        (add_drawing, "vocabulary: a figure without a text alternative"),
        (add_html_picture, "vocabulary: <img src='x.png'> has no text alternative"),
        (lambda n, c: c["the-data-0"].update(source="![](x.png)"), "has no text alternative"),
        (add_error, "vocabulary: stores an error"),
        (add_stderr, "vocabulary: stores stderr"),
        (break_claim, "E4 does not hold"),
        (drop_claim, "claim-e4: is tagged claim-E4, but claims no E4"),
        (claim_another, "claim-e4: claims E14, but no cell is tagged claim-E14"),
        (drop_figures, "only 0 figures"),
        (lambda n, c: c["vocabulary"].update(execution_count=1), "did not run in order"),
        (lambda n, c: c["vocabulary"].update(source="!ls"), "a magic or shell line"),
        (lambda n, c: c["vocabulary"].update(source="%time x = 1"), "a magic or shell line"),
        (lambda n, c: c["vocabulary"].update(source="get_ipython().run()"), "a magic or shell"),
        (lambda n, c: c["vocabulary"].update(source="x = " + "1" * 141), "of 145 characters"),
        (lambda n, c: c["vocabulary"].update(source="x = 1\n" * 41), "41 lines of code"),
        (lambda n, c: c["vocabulary"].update(source="open('/home/me/x')"), "an absolute path"),
        (lambda n, c: c["the-data-0"].update(source="[x](none.md)"), "none.md points nowhere"),
        (lambda n, c: c["the-data-0"].update(source="[x](#None)"), "points to no heading"),
        (lambda n, c: c["the-data-0"].update(source="[x](../README.md#no)"), "to no heading"),
        (lambda n, c: c["the-data-0"].update(source="x" * 2_500_000), "bytes, more than 2,500,000"),
        (lambda n, c: c["one-hot-by-hand"].update(outputs=[]), "but stores no output"),
        (lambda n, c: [cell.metadata.clear() for cell in n.cells], "only 0 exercises"),
    ],
)
def test_each_check_can_fail(change, words):
    assert words in broken(change)


TINY = """
import nbformat, sys
cells = [nbformat.v4.new_code_cell(source) for source in {sources!r}]
for cell in cells:
    cell.metadata["tags"] = ["nbval-check-output"]
    cell.execution_count = 1
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\\n")]
kernel = {{"kernelspec": {{"name": "python3", "display_name": "Python 3", "language": "python"}}}}
nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), {path!r})
"""


@pytest.mark.parametrize(
    ("sources", "outcome", "words"),
    [
        (["print(1)"], "1 passed", ""),
        (["print(2)", "print(1)"], "1 failed, 1 skipped", "Cell 0 of this notebook failed"),
        (["import os; os._exit(1)", "print(1)"], "1 failed, 1 skipped", "kernel died"),
        (["1 / 0", "print(1)"], "1 failed, 1 skipped", "ZeroDivisionError"),
        (["import sys; print(1); print(2, file=sys.stderr)"], "1 passed", ""),
    ],
)
def test_nbval_notices_failures(sources, outcome, words, tmp_path):
    pytest.importorskip("nbval")
    (tmp_path / "conftest.py").write_text((ROOT / "notebooks" / "conftest.py").read_text())
    exec(TINY.format(sources=sources, path=str(tmp_path / "tiny.ipynb")))
    command = [sys.executable, "-m", "pytest", "-rs", "--nbval-lax", "--nbval-current-env"]
    command += ["-p", "no:cacheprovider", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert outcome in result.stdout and words in result.stdout, result.stdout


def test_nbval_leaves_out_a_missing_framework_and_says_so(tmp_path):
    pytest.importorskip("nbval")
    settings = (ROOT / "notebooks" / "conftest.py").read_text()
    settings += "\ninstalled = lambda name: name != 'tensorflow'\n"
    (tmp_path / "conftest.py").write_text(settings)
    for framework in FRAMEWORKS:
        path = tmp_path / f"tiny_{framework}.ipynb"
        exec(TINY.format(sources=["print(1)"], path=str(path)))
    command = [sys.executable, "-m", "pytest", "-rs", "--nbval-lax", "--nbval-current-env"]
    command += ["-p", "no:cacheprovider", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "1 passed, 1 skipped" in result.stdout
    assert "tensorflow is not installed" in result.stdout
