"""Names that packages publish, found without importing them, and questions to search them with."""

import subprocess
import sys
from collections import Counter

import pytest

from course_utils.data import functions, installed, load
from course_utils.data.published import Library, summary as first_paragraph
from course_utils.errors import DataError, InputError


def published(folder, **files):
    """Return {name: (kind, summary)} of a package of these files; "__" in a name is a slash."""
    for name, code in files.items():
        path = folder / "pack" / f"{name.replace('__', '/').replace('init', '__init__')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    found = Library(folder / "pack", "pack").published()
    return {name: (kind, summary) for name, kind, summary in found}


def test_a_name_is_the_one_that_the_package_publishes(tmp_path):
    found = published(
        tmp_path,
        init="from ._private import *\nfrom pack import inner\nfrom .inner.deep import shallow\n"
        "from .inner import deep as low",
        _private="__all__ = ['Shape']\nclass Shape:\n    '''A shape.'''\n"
        "    def area(self):\n        '''The area.'''\ndef helper():\n    '''Not listed.'''",
        inner__init="from ._engine import run",
        inner__deep="def shallow():\n    '''Found at the top.'''\ndef _private():\n    '''No.'''\n"
        "def bottom():\n    '''Found below.'''\ndef silent():\n    pass",
        inner___engine="def run():\n    '''Run it.'''",
    )
    assert found == {
        "pack.Shape": ("class", "A shape."),
        "pack.shallow": ("function", "Found at the top."),
        "pack.low.bottom": ("function", "Found below."),
        "pack.inner.run": ("function", "Run it."),
    }


def test_a_module_publishes_no_name_that_it_only_uses(tmp_path):
    found = published(
        tmp_path,
        init="",
        tools="from ._checks import check\ndef use():\n    '''Use it.'''",
        _checks="def check():\n    '''Check it.'''",
        tests__more="def test():\n    '''A test.'''",
        conftest="def setup():\n    '''For tests.'''",
        broken="def (",
    )
    assert list(found) == ["pack.tools.use"]


def test_a_package_that_publishes_by_running_code_counts_through_its_lists(tmp_path):
    found = published(
        tmp_path,
        init="",
        images__init="import importlib\nglobals().update(vars(importlib.import_module('x')))",
        images___filters="__all__ = ['blur']\ndef blur():\n    '''Blur it.'''\n"
        "def weights():\n    '''Not listed.'''",
    )
    assert list(found) == ["pack.images.blur"]


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ("shuffle = _one.shuffle", "Mix the cards."),
        ("@copy_docstring(Cards.shuffle)\ndef shuffle(): pass", "Mix the cards."),
        ("@copy_docstring(Deck.shuffle)\ndef shuffle(): pass", "Mix the cards."),  # inherited
        ("def shuffle(): pass\nshuffle.__doc__ = Cards.cut.__doc__.format(n=2)", "Cut in 2."),
        ("@fill(n='two')\n@copy(Cards.cut)\ndef shuffle(): pass", "Cut in two."),
        ("@copy(Cards.cut)\ndef shuffle(): pass", None),  # a gap that nobody fills
        ("add_newdoc('shuffle', 'shuffle(x, /)\\n--\\n\\nDone in C.')", "Done in C."),
        ("add_newdoc('pack.cards', 'shuffle', 'In C.' .replace('a', 'b'))", "In C."),
        (
            "try:\n    import x\nexcept ImportError:\n    def shuffle():\n        '''Plain.'''",
            "Plain.",
        ),
    ],
)
def test_a_docstring_may_stand_elsewhere(code, summary, tmp_path):
    cards = (
        "class Cards:\n    '''A pack of cards.'''\n"
        "    def shuffle(self):\n        '''Mix the cards.\n\n        Well.'''\n"
        "    def cut(self):\n        '''Cut in {n}.'''\n"
        "class Deck(Cards): pass\n_one = Cards()\n"
    )
    found = published(tmp_path, init="", cards=cards + code)
    assert found.get("pack.cards.shuffle", ("", None))[1] == summary


def test_an_object_that_is_made_once_has_the_docstring_of_its_class(tmp_path):
    made = "class _Normal:\n    '''A bell curve.'''\nnormal = _Normal()\nother = make()\n"
    made += "def make():\n    '''Make one.'''"
    assert published(tmp_path, init="from ._made import normal, other", _made=made) == {
        "pack.normal": ("class", "A bell curve.")
    }


def test_the_words_of_a_name_are_part_of_what_is_searched():
    names = ["networkx.shortest_path", "sklearn.cluster.MeanShift"]
    found = functions.Functions(names, ["function", "class"], ["A way.", "Groups."], "")
    assert found.texts == ["networkx shortest path: A way.", "sklearn cluster Mean Shift: Groups."]


def test_classes_that_name_each_other_as_parents_end(tmp_path):
    code = "class A(b.A): pass\n@copy(A.x)\ndef x(): pass"
    assert published(tmp_path, init="", a=code) == {}


@pytest.mark.parametrize(
    ("docstring", "summary"),
    [
        ("Solve it.\n\nMore.", "Solve it."),
        ("solve(a, b) -> x\n\nSolve it.", "Solve it."),
        (".. note:: Old.\n\nSolve it\nwith `~numpy.ndarray`.", "Solve it with ndarray."),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_paragraph(docstring, summary):
    assert first_paragraph(docstring) == summary


@pytest.fixture(scope="module")
def everything():
    return load("functions")


def test_the_functions_of_all_libraries(everything):
    assert 4000 < len(everything) < 8000
    assert len(set(everything.names)) == len(everything) == len(everything.summaries)
    assert set(everything.kinds) == {"function", "class"} and all(everything.summaries)
    assert not [name for name in everything.names if "._" in name or ".tests." in name]
    known = dict(zip(everything.names, everything.summaries, strict=True))
    for name, word in {
        "random.shuffle": "Shuffle",  # a method under a name of its own
        "os.path.join": "Join",
        "numpy.arange": "evenly spaced",  # compiled, documented in another file
        "numpy.linalg.solve": "linear",
        "scipy.stats.ttest_ind": "T-test",
        "scipy.ndimage.gaussian_filter": "Gaussian",
        "sklearn.cluster.KMeans": "K-Means",
        "matplotlib.pyplot.hist": "histogram",  # a copied docstring
        "networkx.shortest_path": "shortest",
        "networkx.community.louvain_communities": "Louvain",
    }.items():
        assert word in known[name], name


def test_fewer_functions_are_a_part_of_all(everything):
    numpy = load("functions", libraries=["numpy"])
    assert {name.split(".")[0] for name in numpy.names} == {"numpy"} and "numpy 2" in numpy.source
    common = load("functions", common=True)
    assert set(common.names) < set(everything.names) and 2000 < len(common) < 4000
    for libraries, words in ((["numby"], "'numby'"), ([], "nothing")):
        with pytest.raises(InputError, match=words):
            load("functions", libraries=libraries)


def test_the_cache_knows_the_library_and_this_code(monkeypatch):
    keys = []
    monkeypatch.setattr(functions, "cached", lambda *key: keys.append(key[:3]))
    functions._of_library("numpy", "1"), functions._of_library("scipy", "1")
    assert keys[0] == ("functions-numpy", {"numpy": "1"}, functions._READERS)
    assert keys[1][:2] == ("functions-scipy", {"scipy": "1"})


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda module: None)
    monkeypatch.setattr(functions, "cached", lambda name, versions, code, build: build())
    with pytest.raises(DataError, match="pip install networkx"):
        load("functions", libraries=["networkx"])


def test_nothing_is_imported_to_find_functions():
    code = (
        "import sys; from course_utils.data import load; load('functions'); "
        "sys.exit(', '.join({'sklearn', 'networkx', 'matplotlib', 'scipy'} "
        "& set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_question_has_an_answer_among_the_common_functions(everything):
    asked = load("search_questions")
    assert len(set(asked.questions)) == len(asked)
    kinds = Counter(zip(asked.words, asked.splits, strict=True))
    assert set(kinds) == {("other", "tuning"), ("other", "test"), ("usual", "test")}
    assert min(kinds.values()) >= 60 and kinds["usual", "test"] >= 100
    assert abs(kinds["other", "tuning"] - kinds["other", "test"]) <= 2
    common, names = set(load("functions", common=True).names), set(everything.names)
    for question, answers in zip(asked.questions, asked.answers, strict=True):
        assert question.endswith("?") and set(answers) <= names, question
    for question, answers in zip(asked.questions, asked.listed, strict=True):
        assert set(answers) & common, question
    first = [answers[0].split(".")[0] for answers in asked.listed]
    for library in ("numpy", "scipy", "sklearn", "matplotlib", "networkx"):
        assert first.count(library) >= 15, library


def test_judged_answers_stay_apart_from_those_listed_before():
    asked = load("search_questions")
    row = asked.questions.index("What is the middle value of a list of numbers?")
    assert asked.listed[row] == ["statistics.median"] and asked.judged[row] == ["numpy.median"]
    assert asked.answers[row] == ["statistics.median", "numpy.median"]
    assert [] in asked.judged and any(asked.judged)
    for question, answers in zip(asked.questions, asked.answers, strict=True):
        assert len(set(answers)) == len(answers) and all(answers), question
