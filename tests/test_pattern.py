"""The pattern of a lesson: what it counts, and each limit on a made-up lesson that breaks it."""

import pytest

from course_utils.course import FRAMEWORKS, find_lesson, front_matter, lessons
from course_utils.tools.cli import main
from course_utils.tools.lessons.names import borrowed, names_of
from course_utils.tools.lessons.pattern import counts, departures

HELD = [(one, name) for one in lessons() for name in FRAMEWORKS if front_matter(one).pattern]


@pytest.mark.parametrize(
    ("lesson", "framework"), HELD, ids=[one.notebook(name).name for one, name in HELD]
)
def test_a_lesson_that_says_so_follows_the_pattern(lesson, framework):
    assert departures(lesson, framework) == []


def cell(name, source, *tags):
    options = f"---\nname: {name}\ntags: [{', '.join(tags)}]\n---"
    return f"```{{code-cell}} ipython3\n{options}\n{source}\n```\n"


def exercise(number, name, *tags):
    call = f'check("{name}", f{number})'
    stub = f"def f{number}():\n    return ...\n\n\n{call}"
    return "\n".join(
        [
            f"### Exercise {number}: a name",
            "Do it.",
            cell(f"exercise-{name}", stub, "exercise"),
            cell(f"solution-{name}", f"f{number} = 1\n{call}", "solution", *tags),
            f'Stuck? Run `hint("{name}")`.\n',
        ]
    )


# The exercises of lesson 1, whose kinds and grades the pattern asks for; two more would do as well.
ASKED = ["01-cosine", "01-cross-entropy", "01-dimension", "01-flatten", "01-load-table",
         "01-masked-mean", "01-minimum-count", "01-neighbors", "01-predict-neighbors",
         "01-predict-padding", "01-recall", "01-training-step"]  # fmt: skip
SOURCE = "\n".join([
    "---\ncourse: {pattern: true}\n---\n\n# Lesson 9: Tiny, in {{framework}}\n",
    "## A map",
    cell("imports-course", "import numpy as np"),
    cell("figure-map", "rows = np.eye(2)\nvis.show(draw(rows), alt='A map.')"),
    cell("near", "print(rows)"),
    "## Where you are\n\nSeven words stand here, and `x` besides.\n\n$$x = y$$\n\n{{quiz_before}}",
    cell("parameters", "seed = 0", "parameters"),
    cell("quiz-before", 'quiz("09", "before")'),
    "## The work",
    cell("scores", "score = seed + 1\ndef scored(x):\n    return x + score"),
    cell("figure-scores", "bars = [score]\nvis.show(draw(bars), alt='Bars.')"),
    "### Deeper: more scores\n\nMany more words that nobody has to read.",
    cell("more-scores", "more = scored(score)\nbars = more"),
    *(exercise(number, name) for number, name in enumerate(ASKED, start=1)),
    "## Questionnaire\n\n{{questionnaire}}\n\n## One page to remember\n\n{{remember}}\n",
    "## Further reading\n\n- An author. *A long title that is not counted.*",
])  # fmt: skip
QUESTION = """[[{part}]]
id = "09-{number}"
type = "numeric"
question = "How many?"
section = "The work"
objective = "work"
answers = [{{ value = 1, tolerance = 0, text = "1", correct = true, feedback = "Because." }}]
"""


def ask(folder, before, after):
    """Write a quiz with so many questions."""
    asked = [("before", i) for i in range(before)] + [("after", i) for i in range(after)]
    texts = [QUESTION.format(part=part, number=f"{part}-{i}") for part, i in asked]
    (folder / "quiz.toml").write_text("\n".join(texts))


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("")
    (folder / "lesson.md").write_text(SOURCE)
    ask(folder, 10, 10)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    return find_lesson("09")


def test_a_sound_lesson_departs_nowhere_and_is_counted(lesson):
    for framework in FRAMEWORKS:
        assert departures(lesson, framework) == []
        found = counts(lesson, framework)
        assert (found.cells, found.exercises, found.questions) == (5, 12, 20)
        # Two headings of each exercise, "Do it." and "Stuck? Run `hint(...)`."
        assert found.in_exercises == 12 * (2 + 1 + 2 + 3)
        assert found.words - found.in_exercises == 3 + 2 + 3 + 7 + 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## The work", "## The work\n" + "\n".join(cell(f"c{i}", "x = 1") for i in range(56)),
         "The core has 61 code cells, more than 60."),
        ("## The work", "## The work\n\n" + "word " * 4000, "words, more than 4,000."),
        (exercise(11, "01-recall"), "", "There are 11 exercises, fewer than 12."),
        ("score = seed + 1", f"score = seed + {'1' * 74}", "scores: a line of 89 characters"),
        ("score = seed + 1", "score = seed + 1\n" * 24, "scores: 26 lines, more than 25."),
        ('Stuck? Run `hint("01-flatten")`.', "Now look.\n\nAnd so the story goes on.",
         "the lesson goes on below 'Exercise 4: a name': end it first."),
        ('Stuck? Run `hint("01-flatten")`.', cell("later", "x = 1"), "later: the lesson goes on"),
        ("## A map", cell("parameters-above", "seed = 1", "parameters") + "\n## A map",
         "The parameters stand above the first figure"),
        ("## A map", "## Before you start\n\nWords.\n\n## A map", "first figure stand 2 sections"),
        ("vis.show", "vis.keep", "No cell shows a figure"),
        ("## Questionnaire\n\n{{questionnaire}}", "## Questionnaire", "says {{questionnaire}}"),
        ("{{remember}}", "", "Nothing says {{remember}}"),
        ("01-predict-padding", "01-cosine", "1 are of the kind 'prediction', fewer than 2."),
        ("01-minimum-count", "01-cosine", "1 are of the kind 'experiment', fewer than 2."),
        ("01-masked-mean", "01-cosine", "1 are of the kind 'in the framework', fewer than 2."),
        ("01-training-step", "01-cosine", "No exercise has the grade 'a challenge'."),
        (exercise(1, "01-cosine"), "### End\n" + cell("late", "print(more)"),
         "late: uses 'more' of 'more-scores', which is in a deeper part."),
        ("more = scored", "score = scored", "scores: uses 'score' of 'more-scores'"),
        ("## Questionnaire", "## End\n" + cell("late", "print(f3)") + "\n## Questionnaire",
         "late: uses 'f3' of 'solution-01-dimension', which is in an exercise."),
    ],
)  # fmt: skip
def test_each_limit_is_noticed(old, new, words, lesson):
    assert old in SOURCE
    lesson.source.write_text(SOURCE.replace(old, new))
    # A name in two places would be two cells of one name: each stays one.
    text = lesson.source.read_text()
    for kind in ("exercise", "solution"):
        text = text.replace(f"name: {kind}-01-cosine\n", f"name: {kind}-01-cosine-again\n", 1)
    lesson.source.write_text(text)
    found = " ".join(departures(lesson, "pytorch"))
    assert words in found


def test_too_few_questions_are_noticed(lesson):
    ask(lesson.folder, 9, 10)
    assert departures(lesson, "pytorch") == ["There are 19 questions, fewer than 20."]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("vis.show(draw(score), alt='Bars.')", 0),
        ("vis.show_steps(frames(score), alt='Bars.')", 0),
        ("vis.interactive_map(score)", 0),
        ("print(score)", 1),
        ("vis.show(draw(score), alt='Bars.')\nclaim('E1', 'x', 1, at_least=0)", 1),
        ("history = fit(model)\nvis.show(draw(history), alt='A curve.')", 1),
        ("seed = score\nvis.show(draw(seed), alt='Bars.')", 1),
    ],
)
def test_a_cell_that_only_draws_is_not_counted(source, more, lesson):
    old = "bars = [score]\nvis.show(draw(bars), alt='Bars.')"
    new = cell("after", "print(seed)").partition("```{")[2]
    lesson.source.write_text(SOURCE.replace(f"{old}\n```\n", f"{source}\n```\n\n```{{{new}"))
    assert counts(lesson, "pytorch").cells == 6 + more


def test_course_check_counts_and_fails_where_the_pattern_is_left(lesson, capsys):
    main(["check", "09", "--framework", "pytorch"])
    said = capsys.readouterr().out
    assert "tiny_pytorch.ipynb: 5 code cells and" in said and "12 exercises, 20 questions." in said
    lesson.source.write_text(SOURCE.replace("vis.show", "vis.keep"))
    assert main(["check", "09", "--framework", "pytorch"]) == 1
    assert "tiny_pytorch.ipynb: No cell shows a figure" in capsys.readouterr().out
    lesson.source.write_text(SOURCE.replace("vis.show", "vis.keep").replace("true", "false"))
    main(["check", "09", "--framework", "pytorch"])
    assert "No cell shows" not in capsys.readouterr().out, "an older lesson may be as it is"


@pytest.mark.parametrize(
    ("source", "sets", "reads", "inside"),
    [
        ("x = y", "x", "y", ""),
        ("x = x + 1", "x", "x", ""),
        ("x += 1", "x", "x", ""),
        ("x = 1\nz = x", "x z", "", ""),
        ("z = x\nx = 1", "x z", "x", ""),
        ("for i in n:\n    t = i + s", "i t", "n s", ""),
        ("for i in n:\n    t += i", "i t", "n t", ""),
        ("with a as b, c:\n    d = b", "b d", "a c", ""),
        ("if (n := m):\n    pass\nelse:\n    k = n", "n k", "m", ""),
        (
            "try:\n    a = b\nexcept E as e:\n    print(e)\nfinally:\n    c = d",
            "a c e",
            "b E d print",
            "",
        ),
        ("import a.b, c as d\nfrom e import f", "a d f", "", ""),
        ("x = [i * k for i in n if i]", "x", "n k", ""),
        ("x = sorted(n, key=lambda i: i[k])", "x", "n k sorted", ""),
        ("def f(a, b=c):\n    d = a + e\n    return d, f", "f", "c", "e f"),
        ("class A(B):\n    def g(self):\n        return self.x + h", "A", "B", "h"),
        ("a.b = c\nd[e] = 1", "", "a c d e", ""),
        ("(a, *b), c = d", "a b c", "d", ""),
        ("print(f'{x:.{n}f}')", "", "x n print", ""),
    ],
)
def test_names_that_a_cell_sets_and_reads(source, sets, reads, inside):
    found = names_of(source)
    wanted = [set(text.split()) for text in (sets, reads, inside)]
    assert [found.sets, found.reads, found.inside] == wanted


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["x = 1", "+y = x", "print(x)"], []),
        (["+x = 1", "print(x)"], [(1, "x", 0)]),
        (["x = 1", "+x = 2", "print(x)"], [(2, "x", 1)]),
        (["+x = 1", "x = 2", "print(x)"], []),
        (["+x = 1", "x = 2; print(x)"], []),
        (["+x = 1", "def f(): return x"], [(1, "x", 0)]),
        (["x = 1", "def f(): return x", "+x = 2", "f()"], [(1, "x", 2)]),
        (["+def f(): pass", "+f()"], []),
        (["+import a", "a.b()"], [(1, "a", 0)]),
    ],
)
def test_what_is_borrowed_from_a_part_that_stands_apart(cells, wanted):
    marked = [(text.lstrip("+"), text.startswith("+")) for text in cells]
    assert list(borrowed(marked)) == wanted
