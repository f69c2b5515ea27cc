"""Deeper parts: which cells they hold, and that both editions and the check know them."""

import nbformat
import pytest

from course_utils.course import find_lesson
from course_utils.errors import CourseError
from course_utils.tools.lessons.build import differences
from course_utils.tools.lessons.deeper import is_deeper, with_deeper_parts
from course_utils.tools.lessons.handout import write_handout
from course_utils.tools.lessons.source import assemble

CODE = "```{code-cell} ipython3\n---\nname: %s\ntags: [%s]\n---\n%s = 1\n```\n"
SOURCE = f"""---
course: {{}}
---

# Lesson 9: Tiny, in {{{{framework}}}}

{{{{signs}}}}

## One

Words of the core.

### Deeper: maps

Words below.

```
# Not: a heading
```

{CODE % ("map", "pytorch", "a")}

#### Small

{CODE % ("small", "claim-E1", "b")}

### Exercise 1: core (first steps)

{CODE % ("ask", "exercise", "c")}

## Deeper: all of it

### Exercise 2: deeper (a challenge)

{CODE % ("ask-more", "exercise", "d")}
{CODE % ("tell", "solution", "e")}

## Deeper: the next

Last words of it.

## End

The end.
"""


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("")
    (folder / "lesson.md").write_text(SOURCE)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    return find_lesson("09")


def first_lines(notebook, deeper):
    return [c.source.splitlines()[0] for c in notebook.cells if is_deeper(c) == deeper]


def test_a_deeper_part_ends_at_the_next_heading_as_high(lesson):
    notebook = assemble(lesson, "pytorch")
    nbformat.validate(notebook)
    core, deeper = (first_lines(notebook, which) for which in (False, True))
    assert core == ["# Lesson 9: Tiny, in PyTorch", "### Exercise 1: core (first steps)", "c = 1",
                    "## End"]  # fmt: skip
    assert deeper == ["### Deeper: maps", "a = 1", "#### Small", "b = 1", "## Deeper: all of it",
                      "d = 1", "e = 1", "## Deeper: the next"]  # fmt: skip
    tags = {c.id: c.metadata.get("tags") for c in notebook.cells}
    assert tags["map"] == ["deeper", "pytorch"] and tags["small"] == ["claim-E1", "deeper"]
    assert tags["tell"] == ["deeper", "solution"] and tags["ask"] == ["exercise"]
    assert "map" not in {c.id for c in assemble(lesson, "tensorflow").cells}


def test_its_heading_is_followed_by_the_words_that_it_can_be_skipped(lesson):
    texts = [c.source for c in assemble(lesson, "pytorch").cells if c.cell_type == "markdown"]
    maps = next(text for text in texts if text.startswith("### Deeper: maps"))
    said = "You can skip this part: nothing in the rest of the lesson needs it."
    assert maps.startswith(f"### Deeper: maps\n\n{said}\n\nWords below.\n\n```\n# Not: a heading")
    assert sum(said in text for text in texts) == 3
    assert '"Deeper:" opens a part that you can skip' in texts[0], "the signs explain the word"


def test_a_lesson_without_deeper_parts_says_nothing_of_them(lesson):
    text = SOURCE.replace("Deeper: ", "")
    lesson.source.write_text(text)
    notebook = assemble(lesson, "pytorch")
    assert not first_lines(notebook, True) and "skip" not in str(notebook)


def test_headings_in_code_of_a_text_begin_nothing():
    text = "~~~~\n## Deeper: no\n```\n~~~~\n\nText."
    (found,) = with_deeper_parts([nbformat.v4.new_markdown_cell(text)])
    assert found.source == text and not is_deeper(found)


def test_a_part_that_begins_at_once_leaves_no_empty_cell():
    cells = [nbformat.v4.new_markdown_cell("## Deeper: yes\n\n\n## End", metadata={"name": "x"})]
    found = with_deeper_parts(cells)
    assert [(c.metadata.get("name"), is_deeper(c)) for c in found] == [("x", True), (None, False)]


def test_the_tag_is_given_by_the_heading_alone(lesson):
    lesson.source.write_text(SOURCE.replace("[claim-E1]", "[deeper]"))
    with pytest.raises(CourseError, match="unknown tag 'deeper'"):
        assemble(lesson, "pytorch")


def test_the_student_edition_keeps_deeper_parts(lesson, tmp_path):
    write_handout(lesson, tmp_path / "class")
    path = tmp_path / "class" / "09_tiny" / "tiny_pytorch.ipynb"
    student = nbformat.read(path, as_version=4)
    assert "d = 1" in first_lines(student, True) and "e = 1" not in first_lines(student, True)


def test_course_check_sees_when_a_part_becomes_deeper(lesson):
    notebook = assemble(lesson, "pytorch")
    for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
    nbformat.write(notebook, lesson.notebook("pytorch"))
    assert differences(lesson, "pytorch") == []
    lesson.source.write_text(SOURCE.replace("## End", "## Deeper: end"))
    assert differences(lesson, "pytorch") != []
