"""Small tasks made from docstrings: what is asked, what is right, and that libraries are apart."""

import pytest

from course_utils.data import load, small_tasks
from course_utils.data.docstrings import Documented, _in_folder
from course_utils.data.small_tasks import words_of

CODE = '''
class Shape:
    """A shape with sides."""
    def __init__(self, sides=3, *, name="none", filled): pass
    def area(self, unit="cm"):
        """Return the area."""
        if unit == "km":
            raise errors.TooLarge("too large")
        raise ValueError
    def _hidden(self):
        """Hidden."""
def _private():
    """Private."""
async def draw(shape, /, pen=None, *others):
    """Draw it."""
def silent(x): pass
'''


def test_definitions_come_with_parameters_and_what_they_raise(tmp_path):
    (tmp_path / "_inner").mkdir()
    (tmp_path / "_inner" / "shapes.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("def (")
    found = list(_in_folder(tmp_path, "pack"))
    assert found == [
        Documented("pack.shapes.Shape", False, {"sides": "3", "name": "'none'", "filled": ""}, [],
                   "A shape with sides."),
        Documented("pack.shapes.Shape.area", True, {"unit": "'cm'"}, ["ValueError", "TooLarge"],
                   "Return the area."),
        Documented("pack.shapes.draw", False, {"shape": "", "pen": "None"}, [], "Draw it."),
    ]  # fmt: skip


DOCSTRING = """Return parts, e.g. ``Part`` objects. More of it.

Parameters
----------
size : int
    How many parts. The default is 3 for all.
kind, mode : {'slow', 'fast'}, default 'fast'
    How, see `~pack.Mode`.
rest : list
    Not named here.

Raises
------
PartError
    If ``size`` is 0; a KeyError never comes.
"""
ITEM = Documented(
    "pack.cutMany", False, {"size": "3", "mode": "'fast'", "rest": "None"},
    ["PartError", "Unnamed"], DOCSTRING,
)  # fmt: skip


@pytest.fixture
def one_docstring(monkeypatch):
    """Each library defines the same function; a method and a copy are left out of pairs."""
    method = Documented("pack.A.cut", True, {}, [], "Cut it into four parts.")
    copy = Documented("pack.other", False, {}, [], DOCSTRING)
    monkeypatch.setattr(small_tasks, "documented", lambda module, package: [ITEM, method, copy])
    parts = {"train": {"a": "a", None: None}, "validation": {"b": "b"}, "test": {"c": "c"}}
    monkeypatch.setattr(small_tasks, "_PARTS", parts)
    monkeypatch.setattr(small_tasks, "version_of", lambda package: "1")


def test_a_function_is_paired_with_its_first_sentence(one_docstring):
    data = load("function_pairs")
    assert data.train.names == ["cut Many (size, mode, rest)"] * 2
    assert data.train.sentences == ["Return parts, e.g. Part objects."] * 2
    assert data.train.libraries == ["a", "standard library"]
    assert data.source == "documentation of a 1, standard library 1, b 1, c 1"


def test_what_is_right_comes_from_the_code(one_docstring):
    data = load("docstring_questions").test
    assert data.kinds == ["default", "default", "raised"]
    assert data.questions == [
        "What is the default of size?", "What is the default of mode?", "What is raised?",
    ]  # fmt: skip
    for words, answers, right in zip(
        data.passages, data.answers, [["3"], ["fast"], ["PartError"]], strict=True
    ):
        assert answers and all(words[first : last + 1] == right for first, last in answers)
        assert len(words) <= small_tasks.PASSAGE and "`" not in words and "-" not in words
    assert len(data.answers[1]) == 2, "both places in the entry count, and no other"


def test_marks_become_labels(one_docstring):
    data = load("code_words").test
    marked = [
        [w for w, mark in zip(words, labels, strict=True) if mark]
        for words, labels in zip(data.paragraphs, data.marked, strict=True)
    ]
    assert marked == [["Part"], ["size"]]
    assert "`" not in data.paragraphs[0] + data.paragraphs[1]


def test_a_long_passage_holds_its_answer(monkeypatch):
    many = "word " * 300
    text = f"{many}\n\nsize : int\n    {many}\n\nother : int\n    The default is 7. {many}"
    item = Documented("f", False, {"size": "3", "other": "7"}, [], text)
    monkeypatch.setattr(small_tasks, "documented", lambda module, package: [item])
    data = load("docstring_questions").train
    assert data.passages and max(map(len, data.passages)) <= small_tasks.PASSAGE
    for words, answers in zip(data.passages, data.answers, strict=True):
        assert [words[first : last + 1] for first, last in answers] == [["7"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k-means, 1e-3.", ["k-means", ",", "1e-3", "."]),
        ("np.sum(x)=-1", ["np.sum", "(", "x", ")", "=", "-", "1"]),
        ("", []),
    ],
)
def test_words_are_cut(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("name", ["function_pairs", "docstring_questions", "code_words"])
def test_no_library_is_in_two_parts(name):
    data = load(name)
    parts = [set(part.libraries) for part in (data.train, data.validation, data.test)]
    assert len(set.union(*parts)) == sum(map(len, parts)) and parts[2] == {"matplotlib", "networkx"}
    assert min(len(data.train), len(data.test)) > 700
