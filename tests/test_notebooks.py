"""The stored notebooks: what their source builds, clean, complete, and twins."""

import copy
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.lessons import hygiene
from course_utils.lessons.build import differences, picture
from course_utils.lessons.source import FRAMEWORKS, find_lesson, lessons

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")
CLAIMS = {"01": [f"E{n}" for n in range(1, 12)]}
PAIRS = [(lesson, framework) for lesson in lessons() for framework in FRAMEWORKS]
NAMES = [lesson.notebook(framework).name for lesson, framework in PAIRS]


def stored(lesson, framework):
    return nbformat.read(lesson.notebook(framework), as_version=4)


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_is_what_its_source_builds(lesson, framework):
    assert differences(lesson, framework) == []


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_is_clean(lesson, framework):
    assert hygiene.complaints(stored(lesson, framework), lesson.folder) == []
    assert lesson.notebook(framework).stat().st_size < 2_000_000


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_a_notebook_ran_as_fast_as_the_readme_says(lesson, framework):
    row = next(r for r in README.splitlines() if r.startswith(f"| {int(lesson.number)} "))
    limit = int(re.search(r"under (\d+) seconds", row)[1])
    assert stored(lesson, framework).metadata["course"]["seconds"] < limit


@pytest.mark.parametrize(("lesson", "framework"), PAIRS, ids=NAMES)
def test_every_claim_of_the_curriculum_is_made(lesson, framework):
    assert hygiene.claimed(stored(lesson, framework)) == set(CLAIMS[lesson.number])


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_twins_have_the_same_sections_and_exercises(lesson):
    first, second = (stored(lesson, framework) for framework in FRAMEWORKS)
    assert hygiene.headings(first) == hygiene.headings(second)
    tagged = [
        [c.id for c in notebook.cells if "exercise" in c.metadata.get("tags", [])]
        for notebook in (first, second)
    ]
    assert tagged[0] == tagged[1]


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_twins_agree_in_their_scores(lesson):
    """Accuracies and correlations that both measured lie within two points."""
    records = [claim_records(stored(lesson, framework)) for framework in FRAMEWORKS]
    assert records[0].keys() == records[1].keys()
    timings = {name for name in records[0] if "time" in name[1]}
    for name in records[0].keys() - timings:
        one, two = records[0][name], records[1][name]
        assert abs(one - two) <= 0.02 * max(1, abs(one)), name


def claim_records(notebook):
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            record = output.get("data", {}).get(hygiene.MIME)
            if record:
                found[record["id"], record["statement"]] = record["value"]
    return found


def test_the_picture_in_the_readme_comes_from_the_lesson():
    lesson = find_lesson("01")
    shown = picture(stored(lesson, "pytorch"), "figure-four-maps")
    assert (lesson.folder / "four_maps.png").read_bytes() == shown


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("notebooks/*.md")))
def test_links_of_the_pages_resolve(path):
    text = path.read_text(encoding="utf8")
    assert hygiene.broken_links(text, path.parent) == [] and "{{" not in re.sub("`.*?`", "", text)


def broken(change):
    """Return the complaints about a copy of a good notebook that `change` has damaged."""
    lesson = find_lesson("01")
    notebook = copy.deepcopy(stored(lesson, "pytorch"))
    change(notebook, {cell.id: cell for cell in notebook.cells})
    return " ".join(hygiene.complaints(notebook, lesson.folder))


def forget_alt(notebook, cells):
    for output in cells["figure-svd"].outputs:
        output.metadata = {}


def add_error(notebook, cells):
    cells["vocabulary"].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="e"))


def add_stderr(notebook, cells):
    output = nbformat.v4.new_output("stream", name="stderr", text="warning")
    cells["vocabulary"].outputs.append(output)


def break_claim(notebook, cells):
    cells["claim-e4"].outputs[-1].data[hygiene.MIME]["holds"] = False


def drop_claim(notebook, cells):
    cells["claim-e4"].outputs = []


def drop_figures(notebook, cells):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if "image/png" not in o.get("data", {})]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (forget_alt, "figure-svd: a figure without a text alternative"),
        (add_error, "vocabulary: stores an error"),
        (add_stderr, "vocabulary: stores stderr"),
        (break_claim, "E4 does not hold"),
        (drop_claim, "is tagged claim-E4, but claims nothing"),
        (drop_figures, "only 0 figures"),
        (lambda n, c: c["vocabulary"].update(execution_count=1), "did not run in order"),
        (lambda n, c: c["vocabulary"].update(source="!ls"), "a magic or shell line"),
        (lambda n, c: c["vocabulary"].update(source="x = 1\n" * 41), "41 lines of code"),
        (lambda n, c: c["vocabulary"].update(source="open('/home/me/x')"), "an absolute path"),
        (lambda n, c: c["the-data-0"].update(source="[x](none.md)"), "none.md points nowhere"),
        (lambda n, c: c["the-data-0"].update(source="[x](#None)"), "points to no heading"),
        (lambda n, c: c["the-data-0"].update(source="[x](../README.md#no)"), "to no heading"),
        (lambda n, c: c["the-data-0"].update(source="x" * 2_000_000), "bytes, more than 2,000,000"),
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
