"""What ends a lesson: the questionnaire, and the page to remember it by."""

import re
from importlib import import_module
from itertools import groupby

import numpy as np
import pytest
from adapters import PACKAGES
from notebook_checks import broken_links

from course_utils.classroom.markdown import headings
from course_utils.course import FRAMEWORKS, find_lesson, front_matter, installed, lessons
from course_utils.errors import CourseError
from course_utils.own_files import read_text
from course_utils.tools.lessons.closing import (
    Asked,
    code_to_remember,
    has_page_to_remember,
    page_to_remember,
    questionnaire,
    questionnaire_text,
)
from course_utils.tools.lessons.source import assemble

N_QUESTIONS, N_LINES = 20, 5
ASKING = [one for one in lessons() if (one.folder / "questionnaire.toml").exists()]
REMEMBERED = [one for one in lessons() if has_page_to_remember(one)]
BOTH = pytest.mark.parametrize("framework", FRAMEWORKS)


def of(chosen):
    return pytest.mark.parametrize("lesson", chosen, ids=lambda lesson: lesson.number)


def problems(asked: list[Asked], titles: list[str], taught: set[str]) -> list[str]:
    """Return what is wrong with a questionnaire.

    `titles` are the sections of the lesson, `taught` those that its objectives name.
    """
    texts, sections = [one.text for one in asked], [one.section for one in asked]
    turns = [section for section, _ in groupby(sections)]
    return [
        *([] if len(asked) == N_QUESTIONS else [f"{len(asked)} questions"]),
        *(f"asked twice: {text}" for text in {*texts} if texts.count(text) > 1),
        *(f"no question: {text}" for text in texts if not re.search(r"\?$", text)),
        *(f"no section {section}" for section in {*sections} - {*titles}),
        *(f"nothing is asked about {section}" for section in taught - {*sections}),
        *(f"asked about in two places: {s}" for s in {*turns} if turns.count(s) > 1),
    ]


@of(ASKING)
def test_a_questionnaire_asks_twenty_questions_about_all_that_is_taught(lesson):
    titles = headings(read_text(lesson.source), level=2)
    taught = {s for one in front_matter(lesson).objectives.values() for s in one.sections}
    assert problems(questionnaire(lesson), titles, taught) == []


@pytest.mark.parametrize(
    ("place", "one", "found"),
    [
        (3, None, "19 questions"),
        (3, Asked("What is 0?", "A"), "asked twice: What is 0?"),
        (3, Asked("Say why.", "A"), "no question: Say why."),
        (3, Asked("Why?", "C"), "no section C"),
        (19, Asked("Why?", "A"), "nothing is asked about B"),
        (0, Asked("Why?", "B"), "asked about in two places: B"),
    ],
)
def test_each_check_of_a_questionnaire_can_fail(place, one, found):
    asked = [Asked(f"What is {i}?", "A") for i in range(19)] + [Asked("What is 19?", "B")]
    assert problems(asked, ["A", "B"], {"A", "B"}) == []
    asked[place : place + 1] = [one] if one else []
    assert found in problems(asked, ["A", "B"], {"A", "B"})


@of(ASKING)
@BOTH
def test_every_link_of_a_questionnaire_leads_to_its_section(lesson, framework):
    cells = assemble(lesson, framework).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    links = [one for one in broken_links(text, lesson.folder) if "#" in one]
    assert links == [] and questionnaire_text(lesson) in text
    section = questionnaire(lesson)[0].section
    moved = text.replace(f"## {section}\n", "## Elsewhere\n")
    assert f"#{section.replace(' ', '-')} points to no heading" in str(
        broken_links(moved, lesson.folder)
    )


@of(REMEMBERED)
@BOTH
def test_the_page_to_remember_stands_in_the_notebook_with_one_framework(lesson, framework):
    cells = assemble(lesson, framework).cells
    page = page_to_remember(lesson, framework)
    told = page.partition("\n")[2].strip()
    assert any(told in cell.source for cell in cells) and page.startswith("# ")
    assert "```python" in told and not any(f"```{name}" in told for name in FRAMEWORKS)


# The letters of the pages to remember, and the arrays that their lines of code are about.
SIZES = {"n": 3, "L": 5, "V": 11, "d": 4, "C": 2, "K": 6}
ARRAYS = {
    "01": {"ids": ("n", "L"), "y": ("n",)},
    "02": {"given": ("V", "d"), "asked": ("V", "d"), "inputs": ("n",), "candidates": ("n", 7)},
}


def names_of(lesson, framework):
    """Return what a notebook has imported, and the arrays: tables are floats, the others ids."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, letters in ARRAYS[lesson.number].items():
        shape = [SIZES.get(letter, letter) for letter in letters]
        floats = letters == ("V", "d")
        arrays[name] = (
            rng.normal(size=shape).astype(np.float32) if floats else rng.integers(0, 2, shape)
        )
    if framework == "pytorch":
        import torch

        imported = {"nn": torch.nn, "torch": torch}
        return imported | {name: torch.tensor(array) for name, array in arrays.items()}
    import keras
    import tensorflow as tf

    imported = {"keras": keras, "tf": tf}
    return imported | {name: tf.constant(array) for name, array in arrays.items()}


def wrong_shapes(code, scope):
    """Run lines of code, and return those whose result has not the shape of its comment."""
    found = []
    for line in code.splitlines():
        name, shape = re.fullmatch(r"(\w+) = .*  # \(([^()]*)\)", line).groups()
        exec(line, scope)
        told = [eval(part, dict(SIZES)) for part in shape.split(",") if part.strip()]
        if [*scope[name].shape] != told:
            found.append(f"{line}: {tuple(scope[name].shape)}")
    return found


@of(REMEMBERED)
@BOTH
def test_the_five_lines_run_and_have_the_shapes_that_they_tell(lesson, framework):
    if not installed(framework):
        pytest.skip(f"{framework} is not installed")
    import_module(PACKAGES[framework])
    assert lesson.number in ARRAYS, f"ARRAYS has nothing for the page of lesson {lesson.number}"
    code = code_to_remember(lesson, framework)
    assert len(code.splitlines()) == N_LINES
    assert max(map(len, code.splitlines())) <= 88
    assert wrong_shapes(code, names_of(lesson, framework) | SIZES) == []
    other = code.replace("# (n, d)", "# (n, V)")
    assert len(wrong_shapes(other, names_of(lesson, framework) | SIZES)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin each with a line [[question]]"),
        ("[[ask]]\ntext = 'a'", "begin each with a line [[question]]"),
        ("[[question]]\ntext = 'Why?'", "line 1: the section of a question must be"),
        ("\n[[question]]\ntext = ' '\nsection = 'Work'", "line 2: the text of a question must be"),
        ("[[question]]\ntext = 'a'\nsection = 'b'\nanswer = 'c'", "unknown key 'answer'"),
        ("question = [1]", "a question must be a table"),
        ("[[question]", "is no TOML"),
    ],
)
def test_a_mistake_in_a_questionnaire_is_one_sentence(text, words, tmp_path, monkeypatch):
    lesson = tiny(tmp_path, monkeypatch)
    (lesson.folder / "questionnaire.toml").write_text(text)
    with pytest.raises(CourseError, match=re.escape(words)) as told:
        assemble(lesson, "pytorch")
    assert "questionnaire.toml" in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cosine.\n\n```pytorch\nx = 1\n```\n", "must begin with a title"),
        ("# Page\n\n```tensorflow\nx = 1\n```\n", "has no code for pytorch"),
    ],
)
def test_a_mistake_in_a_page_to_remember_is_one_sentence(text, words, tmp_path, monkeypatch):
    lesson = tiny(tmp_path, monkeypatch, "{{remember}}")
    (lesson.folder / "remember.md").write_text(text)
    with pytest.raises(CourseError, match=words) as told:
        assemble(lesson, "pytorch")
    assert "remember.md" in str(told.value)


@pytest.mark.parametrize("name", ["questionnaire", "remember"])
def test_a_lesson_that_shows_what_it_lacks_says_so(name, tmp_path, monkeypatch):
    with pytest.raises(CourseError, match=rf"Lesson 09 has no .*: {name}\.\w+ is missing"):
        assemble(tiny(tmp_path, monkeypatch, f"{{{{{name}}}}}"), "pytorch")


def tiny(tmp_path, monkeypatch, shows="{{questionnaire}}"):
    """Make a course of one lesson whose only section shows one of the two."""
    folder = tmp_path / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("")
    (folder / "lesson.md").write_text(f"# Tiny\n\n## Work\n\n{shows}\n")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    return find_lesson("09")
