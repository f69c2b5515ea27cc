"""Claims, quizzes and their exports."""

import html
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter

import nbclient
import nbformat
import numpy as np
import pytest
from quiz_checks import form_scores, validate

from course_utils.classroom import claim, models, quiz, record_models
from course_utils.classroom.claims import MIME, legend
from course_utils.classroom.quizzes import (
    COLORS,
    PARTS,
    SEVERAL,
    SHOWN,
    as_text,
    groups,
    load_quiz,
)
from course_utils.course import find_lesson, lessons
from course_utils.errors import CourseError, InputError
from course_utils.tools.gift import gift


@pytest.fixture
def shown(monkeypatch):
    import IPython.display

    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **more: calls.append(data))
    return calls


def test_a_claim_shows_its_value_and_bound(shown):
    claim("E3", "largest difference", 3e-8, at_most=1e-6)
    assert shown[0]["text/plain"] == "✔ E3  largest difference: 3.0e-08 (at most 1e-06)"
    record = shown[0][MIME]
    assert record["holds"] and record["value"] == 3e-8 and record["at_most"] == 1e-6


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        (0.4, {"at_least": 0.5}),
        (2.0, {"at_most": 1}),
        (float("nan"), {"at_least": 0}),
        (float("inf"), {"at_least": 0}),
        (0.3, {"at_least": 0.5, "at_most": 1}),
    ],
)
def test_a_claim_that_does_not_hold_fails_and_is_recorded(value, bounds, shown):
    with pytest.raises(AssertionError, match="E4  accuracy.*does not hold"):
        claim("E4", "accuracy", value, **bounds)
    assert shown[0][MIME]["holds"] is False
    json.dumps(shown[0], allow_nan=False)  # as Jupyter stores it


def test_a_claim_that_fails_by_a_hair_says_the_exact_value(shown):
    with pytest.raises(AssertionError, match="the exact value is 0.499999"):
        claim("E4", "accuracy", 0.499999, at_least=0.5)


def test_a_claim_has_a_unit_and_takes_numbers_of_numpy(shown):
    claim("E2", "lookup", np.float32(0.5), at_most=np.float32(2), unit="ms", device="cpu")
    assert shown[0]["text/plain"] == "✔ E2  lookup: 0.5 ms on the CPU (at most 2)"
    assert json.loads(json.dumps(shown[0], allow_nan=False))[MIME]["unit"] == "ms"


def test_the_sign_of_a_claim_says_its_kind(shown):
    claim("G1", "difference", 0, at_most=1e-5, kind="equality")
    claim("B5", "gain", 0.08, at_least=0.05, kind="recorded")
    assert [data["text/plain"] for data in shown] == [
        "= G1  difference: 0 (at most 1e-05)",
        "← B5  gain: 0.08 (at least 0.05, measured earlier)",
    ]
    assert [data[MIME]["kind"] for data in shown] == ["equality", "recorded"]
    with pytest.raises(AssertionError, match="G1  difference"):
        claim("G1", "difference", 1, at_most=1e-5, kind="equality")
    assert shown[-1]["text/plain"].startswith("✘ G1") and shown[-1][MIME]["kind"] == "equality"
    with pytest.raises(InputError, match="kind of claim G1 must be one of outcome, equality, rec"):
        claim("G1", "difference", 0, at_most=0, kind="equal")


def test_the_legend_names_each_sign():
    lines = legend().splitlines()
    assert [line[:3] for line in lines] == ["- ✔", "- =", "- ←"]
    assert "(equals sign)" in lines[1] and "measured earlier" in lines[2]


def test_models_are_shown_as_a_table_and_recorded(shown):
    record_models(
        [
            ("bag", np.int64(2600), np.float32(1.25), {"accuracy": [0.5, 0.7], "chance": 0.25}),
            ("TF-IDF, all labels", None, None, {"accuracy": np.float32(0.5)}),
        ]
    )
    assert shown[0]["text/plain"].splitlines() == [
        "model                parameters  seconds  held-out scores",
        "bag                       2,600      1.2  accuracy 0.600 ± 0.141, chance 0.250",
        "TF-IDF, all labels                        accuracy 0.500",
    ]
    records = json.loads(json.dumps(shown[0], allow_nan=False))[models.MIME]["models"]
    assert records[0]["parameters"] == 2600 and records[0]["seconds"] == 1.25
    assert records[0]["scores"][0]["deviation"] == pytest.approx(0.1414, abs=1e-4)
    assert records[1] == {
        "name": "TF-IDF, all labels",
        "parameters": None,
        "seconds": None,
        "scores": [{"name": "accuracy", "value": 0.5, "deviation": None}],
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("bag", 1, float("nan"), {}), "A number of 'bag' is not finite"),
        (("bag", 1, 1.0, {"loss": [1, float("inf")]}), "A number of 'bag' is not finite"),
    ],
)
def test_a_model_without_a_number_is_refused(row, words, shown):
    with pytest.raises(InputError, match=words):
        record_models([row])
    with pytest.raises(InputError, match="no model to record"):
        record_models([])
    assert not shown


def test_a_claim_is_compared_between_frameworks_unless_it_says_otherwise(shown):
    claim("E2", "lookup", 0.5, at_most=2)
    claim("E2", "speed-up", 5180, at_least=5, compare=False)
    assert [data[MIME]["compare"] for data in shown] == [True, False]


def test_a_claim_without_a_bound_is_refused():
    with pytest.raises(InputError, match="needs a bound"):
        claim("E1", "something", 1.0)
    with pytest.raises(InputError, match="value of claim E1 must be one number, not str"):
        claim("E1", "something", "high", at_least=1)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_quiz_is_sound(lesson):
    assert validate(lesson.folder / "quiz.toml") == []


@pytest.fixture
def altered(tmp_path):
    """Validate a copy of a sound quiz in which some text has been replaced."""
    folder = find_lesson("01").folder
    shutil.copy(folder / "lesson.md", tmp_path)
    sound = (folder / "quiz.toml").read_text(encoding="utf8")

    def validate_altered(old, new, times=1):
        assert old in sound
        (tmp_path / "quiz.toml").write_text(sound.replace(old, new, times), encoding="utf8")
        return validate(tmp_path / "quiz.toml")

    return validate_altered


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("correct = true", "correct = false", "01-before-test: no correct answer."),
        ("feedback = ", "hint = ", "01-before-test: an answer without feedback."),
        ('text = "5."', 'text = ""', "01-before-dot: an answer without text."),
        (
            'section = "The data"',
            'section = "No"',
            "01-before-test: the lesson has no section 'No'",
        ),
        ('section = "The data"', 'section = "cat"', "01-before-test: the lesson has no section 'c"),
        ('id = "01-before-shape"', 'id = "01-before-dot"', "01-before-dot: this id is used twice."),
        ('type = "many_choice"', 'type = "essay"', "01-before-baseline: unknown type 'essay'."),
        ('type = "many_choice"', 'type = "multiple_choice"', "2 correct answers: make it a many_"),
        (
            'text = "(64, 4)"',
            'text = "(64, 4)", more = 1',
            "before-shape: an answer has an unknown",
        ),
        ('objective = "layer"', 'objective = " "', "01-before-shape: the objective is empty."),
        ("vectors = table[ids]\nmeans = vectors.mean(axis=1)\n", "", "padding: the code is empty."),
        ("tolerance = 0.01, ", "", "01-before-dot: a numeric answer needs a value and a tolerance"),
        ('question = "What is the dot product', 'question = "" # "', "the question is empty."),
        ("[[before]]", "[[before]", "quiz.toml is no TOML"),
    ],
)
def test_each_problem_of_a_quiz_is_found(old, new, problem, altered):
    assert problem in " ".join(altered(old, new))


def test_a_pool_with_too_few_questions_is_found(altered):
    spare = len(load_quiz("01", "before")) - SHOWN
    assert altered("[[before]]", "[[after]]", spare) == []
    found = altered("[[before]]", "[[after]]", spare + 1)
    assert found == ["before: 4 questions, fewer than 5."]


def test_a_comment_in_the_code_of_a_lesson_is_no_section(tmp_path):
    shutil.copy(find_lesson("01").folder / "quiz.toml", tmp_path)
    lesson = "# The data\n\n```{code-cell} ipython3\n# Four maps of the same vectors\n```\n"
    (tmp_path / "lesson.md").write_text(lesson)
    found = " ".join(validate(tmp_path / "quiz.toml"))
    assert "'Four maps of the same vectors'" in found and "'The data'" not in found


def test_a_choice_of_two_is_found(altered):
    text = (find_lesson("01").folder / "quiz.toml").read_text(encoding="utf8")
    row = next(line for line in text.splitlines() if "costs no more" in line)
    assert "01-before-test: fewer than three answers." in altered(row + "\n", "")


@pytest.mark.parametrize("right", [0, 1, 2, 3, 4])
def test_one_to_three_answers_of_many_are_right_and_not_all(right, tmp_path):
    rows = [f"{{text='x', feedback='x', correct={i < right!s}}}".lower() for i in range(4)]
    question = question_of("many_choice", rows)
    (tmp_path / "quiz.toml").write_text(question.replace("NAME", "q"))
    (tmp_path / "lesson.md").write_text("# Here")
    found = " ".join(validate(tmp_path / "quiz.toml"))
    assert ("correct" in found) == (right in (0, 4)), found


def question_of(kind, rows):
    """Return a question of a quiz file as text."""
    return (
        f"[[after]]\nid='NAME'\nquestion='x'\nsection='Here'\nobjective='here'\ntype='{kind}'\n"
        f"answers=[{','.join(rows)}]\n"
    )


def every_question():
    return [q for lesson in lessons() for part in PARTS for q in load_quiz(lesson.number, part)]


def test_the_right_answers_are_not_known_by_their_form():
    scores = form_scores(every_question())
    assert all(abs(score) < 2 for score in scores.values()), scores


@pytest.mark.parametrize(
    ("solver", "right", "wrong"),
    [
        ("longest", "it is long and careful", "it is not"),
        ("shortest", "no", "it is long"),
        ("most hedged", "it may usually be so", "it never ever is so"),
        ("most like the question", "a table of word vectors", "another thing altogether"),
    ],
)
def test_a_solver_of_forms_finds_what_gives_the_answers_away(solver, right, wrong):
    rows = [{"text": text, "correct": text == right} for text in (wrong, right, wrong)]
    for kind in ("multiple_choice", "many_choice"):
        questions = [
            {"question": "What is a table of vectors?", "type": kind, "answers": rows}
        ] * 20
        assert form_scores(questions)[solver] > 2
        told_apart = [answer | {"text": "the same"} for answer in rows]
        plain = [question | {"answers": told_apart} for question in questions]
        assert form_scores(plain)[solver] == pytest.approx(0)


def test_the_places_and_the_numbers_of_right_answers_vary():
    places, rights = Counter(), Counter()
    for question in every_question():
        correct = [answer["correct"] for answer in question["answers"]]
        if question["type"] == "multiple_choice":
            places[len(correct), correct.index(True)] += 1
        elif question["type"] == "many_choice":
            rights[sum(correct)] += 1
    assert set(rights) == {1, 2, 3} and max(rights.values()) < 0.6 * sum(rights.values()), rights
    for size in (3, 4):
        counts = [places[size, place] for place in range(size)]
        assert min(counts) > 0.5 * sum(counts) / size, (size, counts)


def test_a_quiz_whose_right_answer_is_always_the_first_is_found(tmp_path):
    rows = [f"{{text='x', feedback='x', correct={c}}}" for c in ("true", "false", "false")]
    question = question_of("multiple_choice", rows)
    (tmp_path / "quiz.toml").write_text("".join(question.replace("NAME", f"{i}") for i in range(5)))
    (tmp_path / "lesson.md").write_text("# Here")
    assert "the same place in every multiple choice" in validate(tmp_path / "quiz.toml")[-1]


def test_a_quiz_shows_the_same_in_every_run_and_leaves_chance_alone(monkeypatch):
    import jupyterquiz.dynamic.display as module

    outputs = []
    for seed in (7, 8):
        outputs.append([])
        monkeypatch.setattr(module, "display", lambda shown: outputs[-1].append(shown.data))
        random.seed(seed)
        quiz("01", "before")
        assert random.random() == random.Random(seed).random()
    assert outputs[0] == outputs[1] and outputs[0]


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
@pytest.mark.parametrize("part", PARTS)
def test_a_quiz_draws_five_from_its_pool_for_different_objectives(lesson, part):
    pool = load_quiz(lesson.number, part)
    many = len({question["objective"] for question in pool})
    for seed in range(5):
        drawn = groups(lesson.number, part, seed)
        assert [len(group) for group in drawn[:-1]] == [SHOWN] * (len(drawn) - 1)
        asked = [question["id"] for group in drawn for question in group]
        assert sorted(asked) == sorted(question["id"] for question in pool)
        assert len({question["objective"] for question in drawn[0]}) == min(many, SHOWN)
        for group in drawn:
            assert group == [question for question in pool if question in group]
    assert groups(lesson.number, part) == groups(lesson.number, part)
    draws = [str(groups(lesson.number, part, seed)[0]) for seed in range(5)]
    assert (len(set(draws)) > 1) == (len(pool) > SHOWN)


def test_a_quiz_shows_five_more_as_long_as_there_are_any(monkeypatch):
    import jupyterquiz

    shown = []
    monkeypatch.setattr(jupyterquiz, "display_quiz", lambda questions, **_: shown.append(questions))
    drawn = groups("01", "after", seed=3)
    for more in range(len(drawn)):
        quiz("01", "after", more=more, seed=3)
    assert [len(group) for group in shown] == [len(group) for group in drawn]
    for told, group in zip(shown, drawn, strict=True):
        for one, question in zip(told, group, strict=True):
            assert one["type"] == question["type"]
            assert question["question"].split("`")[-1] in one["question"]
    for more in (len(drawn), -1, "1"):
        with pytest.raises(InputError, match="has 12 questions, 5 at a time: `more` may be 0 to 2"):
            quiz("01", "after", more=more)


def contrast(first, second):
    """Return the contrast of two colors as WCAG 2 defines it, from 1 to 21."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_the_colors_of_a_quiz_can_be_read():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for name, color in COLORS.items():
        if name != "--jq-numeric-input-label":
            assert contrast(color, "#fafafa") >= 4.5, name
    assert contrast(COLORS["--jq-numeric-input-label"], "#ffffff") >= 4.5


def test_a_quiz_says_in_words_what_its_colors_say(monkeypatch):
    import jupyterquiz

    shown = []
    monkeypatch.setattr(jupyterquiz, "display_quiz", lambda questions, **_: shown.extend(questions))
    quiz("01", "before")
    quiz("01", "after")
    answers = [answer for question in shown for answer in question["answers"]]
    assert len(shown) == 2 * SHOWN
    for answer in answers:
        assert answer["feedback"].startswith("Right. " if answer.get("correct") else "Not right. ")
    for question in shown:
        assert question["question"].endswith(SEVERAL) == (question["type"] == "many_choice")
    codes = [question["code"] for question in shown if "code" in question]
    assert any("table[ids]" in code for code in codes) and "`" not in str(shown)


@pytest.mark.parametrize("part", PARTS)
def test_a_quiz_is_readable_as_text(part):
    text = as_text("01", part)
    pool, folds = load_quiz("01", part), len(groups("01", part))
    assert text.count("<details>") == text.count("</details>") == len(pool) + folds
    assert text.count(f'run `quiz("01", "{part}", more=') == folds - 1
    numbers = re.findall(r"^\*\*(\d+)\. ", text, re.M)
    assert numbers == [str(number) for number in range(1, len(pool) + 1)]
    open_text = re.sub(r"<details><summary>Answer to.*?</details>", "", text, flags=re.S)
    for question in pool:
        assert question["question"] in open_text and question["section"] in text
        assert all(
            f"    {line}" in open_text for line in question.get("code", "").split("\n")[1:-1]
        )
        for answer in question["answers"]:
            assert answer["feedback"] in text and answer["feedback"] not in open_text
            assert question["type"] == "numeric" or answer["text"] in open_text


@pytest.mark.parametrize("part", PARTS)
def test_a_quiz_passes_strict_nbval_in_two_new_kernels(part, tmp_path):
    pytest.importorskip("nbval")
    cells = [
        nbformat.v4.new_code_cell("from course_utils.classroom import quiz"),
        nbformat.v4.new_code_cell(f"quiz('01', '{part}')"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    assert len(notebook.cells[1].outputs) == 2
    script = notebook.cells[1].outputs[1].data["application/javascript"]
    assert "typeof undefined" in script and "typeof MathJax" not in script
    nbformat.write(notebook, tmp_path / "quiz.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", str(tmp_path)]
    result = subprocess.run(
        [*command, "-p", "no:cacheprovider"], capture_output=True, text=True, timeout=120
    )
    assert "2 passed" in result.stdout, result.stdout


def test_unknown_quizzes_are_clear_errors():
    with pytest.raises(InputError, match="before and after"):
        quiz("01", "during")
    with pytest.raises(CourseError, match="There is no lesson '77'"):
        quiz("77", "before")


def test_a_broken_quiz_file_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.course.project_root", lambda: tmp_path)
    path = tmp_path / "notebooks" / "01_x" / "quiz.toml"
    path.parent.mkdir(parents=True)
    path.with_name("lesson.md").write_text("# A lesson")
    with pytest.raises(InputError, match="Lesson 01 has no quiz: quiz.toml is missing"):
        load_quiz("01", "before")
    path.write_text("[[before")
    with pytest.raises(InputError, match="01_x/quiz.toml is no TOML"):
        load_quiz("01", "before")
    path.write_text("[[before]]")
    with pytest.raises(InputError, match="has no part 'after'"):
        load_quiz("01", "after")


def parse_gift(text):
    """Read GIFT back: title -> (question, [(points, text, feedback)]); points is 100 if right."""
    found = {}
    for block in text.strip().split("\n\n"):
        if block.startswith("$CATEGORY: "):
            continue
        title, rest = re.fullmatch(r"::(.*?)(?<!\\)::\[html\](.*)", block, re.S).groups()
        question, answers = re.fullmatch(r"(.*?)(?<!\\)\{#?\n(.*)\n\}", rest, re.S).groups()
        rows = []
        for row in answers.split("\n"):
            mark, points, told = re.fullmatch(r"\t([=~])(?:%(-?[\d.]+)%)?(.*)", row).groups()
            answer, feedback = re.split(r"(?<!\\)#", told)
            worth = float(points) if points else 100.0 * (mark == "=")
            rows.append((worth, unescaped(answer), unescaped(feedback)))
        found[unescaped(title)] = (unescaped(question), rows)
    return found


def unescaped(text):
    text = re.sub(r"(?<!\\)\\n", "\n", text)
    return html.unescape(re.sub(r"\\([\\~=#{}:])", r"\1", text))


def shown_as(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


@pytest.mark.parametrize("number", [lesson.number for lesson in lessons()])
def test_gift_says_what_the_quiz_says(number):
    written = gift(number)
    parsed = parse_gift(written)
    questions = [question for part in PARTS for question in load_quiz(number, part)]
    assert len(parsed) == len(questions)
    order = re.findall(r"^(?:\$CATEGORY: .*/|::)(.*?)(?:$|::)", written, re.M)
    assert order == [one for part in PARTS
                     for one in (part, *(q["id"] for q in load_quiz(number, part)))]  # fmt: skip
    for question in questions:
        text, rows = parsed[question["id"]]
        code = f"<pre>{question['code'].strip()}</pre>" if "code" in question else ""
        assert text == shown_as(question["question"]) + code
        for (points, answer, feedback), a in zip(rows, question["answers"], strict=True):
            numeric = question["type"] == "numeric"
            assert answer == (f"{a['value']}:{a['tolerance']}" if numeric else shown_as(a["text"]))
            assert feedback == shown_as(a["feedback"]) and (points > 0) == a["correct"]
        if question["type"] == "many_choice":
            assert sum(points for points, *_ in rows if points > 0) == pytest.approx(100, abs=0.01)


def test_gift_escapes_its_own_signs(monkeypatch):
    hard = "a ~ b = c # d { e } f : g \\ h :: <unk> & i"
    answers = [{"text": hard, "correct": right, "feedback": hard} for right in (True, False, False)]
    question = {"id": hard, "question": hard, "type": "multiple_choice", "answers": answers}
    question["code"] = f"{hard}\n\n{hard}\\n"
    monkeypatch.setattr(
        "course_utils.tools.gift.load_quiz",
        lambda lesson, part: [question] if part == "before" else [],
    )
    text = gift("01")
    assert not re.search(r"(?<!\\)[{}#=~]", text.split("{\n")[0])
    assert "<unk>" not in text.split("[html]")[1]
    asked = f"{hard}<pre>{question['code']}</pre>"
    rows = [(100, hard, hard), (0, hard, hard), (0, hard, hard)]
    assert parse_gift(text) == {hard: (asked, rows)}
