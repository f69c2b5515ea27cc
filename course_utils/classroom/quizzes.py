"""Quizzes from `quiz.toml`: interactive in JupyterLab, plain text everywhere else.

A lesson has a pool of questions before and one after it. A quiz shows five, and then five more.
"""

import math
import os
import random
import re
from collections import Counter
from functools import partial
from html import escape
from pathlib import Path
from textwrap import indent

from course_utils.classroom.markdown import escaped
from course_utils.errors import CourseError, InputError
from course_utils.own_files import read_text, read_toml
from course_utils.text.arguments import checked

PARTS = ("before", "after")
SHOWN = 5  # questions at a time
SEVERAL = "One or more answers are right."
_NO_ANSWERS = "Answer the questions above; each answer explains itself."
_TYPES = ("multiple_choice", "many_choice", "numeric")
_TEXTS = ("id", "question", "section", "objective")
_QUESTION_KEYS = (*_TEXTS, "type", "code", "answers")
_ANSWER_KEYS = ("text", "correct", "feedback", "value", "tolerance")
COLORS = {  # text and background differ by a contrast of at least 4.5 to 1 on a white page
    "--jq-multiple-choice-bg": "#392061",
    "--jq-many-choice-bg": "#1f4e79",
    "--jq-numeric-bg": "#00564c",
    "--jq-numeric-input-bg": "#101010",
    "--jq-numeric-input-label": "#6b6b6b",
    "--jq-correct-color": "#007a5a",
    "--jq-incorrect-color": "#c5221f",
}


@partial(checked, own=("more",))
def quiz(lesson: str, part: str, *, more: int = 0, seed: int = 0) -> None:
    """Show five questions of a lesson's quiz before or after the lesson. It needs no network.

    The scripts travel with each quiz, so that it works alone after the page is loaded again. They
    are kept from setting formulas: for that they would load MathJax from a foreign server.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".
    part : {"before", "after"}
    more : int
        1 shows five others, 2 the next five, and so on, while there are any.
    seed : int
        Another number draws other questions from the pool, the same in both frameworks.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If there is no such quiz or part, or no more questions.
    """
    from IPython.display import display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz

    drawn = groups(lesson, part, seed)
    if more not in range(len(drawn)):
        raise InputError(
            f"The pool {part} lesson {lesson} has {sum(map(len, drawn))} questions, {SHOWN} at a "
            f"time: `more` may be 0 to {len(drawn) - 1}, not {more!r}."
        )
    questions = [_for_display(question) for question in drawn[more]]
    state = random.getstate()
    random.seed(f"{lesson}-{part}-{seed}-{more}")  # for the element ids: the same in every run
    try:
        with capture_output(stdout=False, stderr=False) as captured:
            display_quiz(questions, shuffle_answers=False, colors=COLORS)
    finally:
        random.setstate(state)
    for output in captured.outputs:
        display({kind: _offline(text) for kind, text in output.data.items()}, raw=True)


def _offline(script: str) -> str:
    """Let jupyterquiz find no MathJax; half of one makes it load another from the network."""
    return script.replace("typeof MathJax", "typeof undefined")


def groups(lesson: str, part: str, seed: int = 0) -> list[list[dict]]:
    """Return the questions of a pool in groups of five, drawn by chance.

    Questions for one objective lie as far apart as they can, so that a group asks about much of
    the lesson. Within a group they stand in the order of the pool.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".
    part : {"before", "after"}
    seed : int
        Another number draws other groups.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If there is no such quiz or part, or a question is wrong.
    """
    pool = load_quiz(lesson, part)
    order = random.Random(f"{part}-{seed}").sample(range(len(pool)), len(pool))
    seen: Counter[str] = Counter()
    turns = {}  # 0 for the first question drawn for its objective, 1 for the second, ...
    for place in order:
        turns[place] = seen[pool[place]["objective"]]
        seen[pool[place]["objective"]] += 1
    order.sort(key=turns.__getitem__)
    drawn = [sorted(order[start : start + SHOWN]) for start in range(0, len(order), SHOWN)]
    return [[pool[place] for place in group] for group in drawn]


def as_text(lesson: str, part: str, *, answers: bool = True) -> str:
    """Return the quiz as Markdown, for viewers without JavaScript.

    Each group of five is folded away, and in it the answer to each question once more.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".
    part : {"before", "after"}
    answers : bool
        False leaves out the text: what remains says how to see more questions.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If there is no such quiz or part.
    """
    drawn = groups(lesson, part)
    told, number = [], 1
    for place, group in enumerate(drawn):
        if place:
            call = f'`quiz("{lesson.zfill(2)}", "{part}", more={place})`'
            told.append(f"**More questions:** run {call} in a new cell.")
        if answers:
            told.append(_folded(group, number, place))
        elif not place:
            told.append(_NO_ANSWERS)
        number += len(group)
    return "\n\n".join(told)


def _folded(questions: list[dict], number: int, more: int) -> str:
    """Return a group of questions as text, the first of which has this number."""
    inside = "\n\n".join(
        _question_text(place, question) for place, question in enumerate(questions, start=number)
    )
    summary = "More questions as plain text" if more else "The same questions as plain text"
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def load_quiz(lesson: str, part: str) -> list[dict]:
    """Return the questions of one part of a lesson's quiz.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If it has no quiz or no such part, if the file is no TOML, or a question is incomplete,
        misspelled or there twice.
    """
    from course_utils.course import find_lesson

    if part not in PARTS:
        raise InputError(f"A quiz has the parts before and after, not {part!r}.")
    path = find_lesson(lesson).folder / "quiz.toml"
    if not os.path.lexists(path):
        raise InputError(f"Lesson {lesson} has no quiz: {path.name} is missing.")
    try:
        parts = read_toml(path)
    except CourseError as error:
        raise InputError(str(error)) from None
    unknown = [name for name in parts if name not in PARTS]
    if unknown:
        raise InputError(f"{path} has the part {unknown[0]!r}: choose from before and after.")
    if part not in parts:
        raise InputError(f"The quiz of lesson {lesson} has no part {part!r}.")
    if not isinstance(parts[part], list):
        raise InputError(f"{path}: begin each question with a line [[{part}]].")
    seen = set()
    for number, question in enumerate(parts[part]):
        for problem in form_problems(question):
            raise InputError(f"{_place_in(path, part, number, question)}: {problem}")
        if question["id"] in seen:
            raise InputError(
                f"{_place_in(path, part, number, question)}: the id stands there twice."
            )
        seen.add(question["id"])
    return parts[part]


def _place_in(path: Path, part: str, number: int, question: object) -> str:
    """Return file, line and id of a question."""
    begins = [
        place
        for place, line in enumerate(read_text(path).splitlines(), start=1)
        if re.match(rf"\s*\[\[\s*{part}\s*\]\]", line)
    ]
    line = f", line {begins[number]}" if number < len(begins) else ""
    return f"{path}{line} ({question_name(question)})"


def form_problems(question: object) -> list[str]:
    """Return what is wrong with the keys of a question and its answers, and with their values."""
    if not isinstance(question, dict):
        return ["a question must be a table of keys."]
    kind, answers = question.get("type"), question.get("answers")
    asked = (*_TEXTS, "code") if "code" in question else _TEXTS
    found = [f"the {key} is empty." for key in asked if _empty(question, key)]
    found += [f"unknown key {key!r}." for key in question if key not in _QUESTION_KEYS]
    found += [] if kind in _TYPES else [f"unknown type {kind!r}."]
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        return [*found, "the answers must be a list of tables."]
    numeric = kind == "numeric"
    measured = all(_is_number(one.get("value")) and _is_number(one.get("tolerance"), 0)
                   for one in answers)  # fmt: skip
    problems = {
        "`correct` must be true or false in each answer.": any(
            type(one.get("correct")) is not bool for one in answers
        ),
        "no correct answer.": not any(one.get("correct") is True for one in answers),
        "an answer without text.": any(_empty(one, "text") for one in answers),
        "an answer without feedback.": any(_empty(one, "feedback") for one in answers),
        "a numeric answer needs a value and a tolerance.": numeric and not measured,
        "an answer has an unknown key.": any(key not in _ANSWER_KEYS
                                             for one in answers for key in one),
    }  # fmt: skip
    return found + [problem for problem, is_there in problems.items() if is_there]


def question_name(question: object) -> str:
    """Return the id of a question, if it has one."""
    found = question.get("id") if isinstance(question, dict) else None
    return found if isinstance(found, str) else "a question without id"


def _empty(table: dict, key: str) -> bool:
    return not isinstance(table.get(key), str) or not table[key].strip()


def _is_number(value: object, least: float = -math.inf) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e15 and value >= least


def _question_text(number: int, question: dict) -> str:
    """Return a question with its choices, and the answers folded away."""
    asked = [f"**{number}. {escaped(question['question'])}**"]
    if "code" in question:
        asked.append(indent(question["code"].strip(), "    "))
    if question["type"] == "many_choice":
        asked.append(SEVERAL)
    if question["type"] != "numeric":
        asked.append("\n".join(f"- {escaped(answer['text'])}" for answer in question["answers"]))
    told = "\n".join(_answer_text(answer) for answer in question["answers"])
    folded = f"<details><summary>Answer to question {number}</summary>\n\n{told}\n\n"
    folded += f"See the section *{escaped(question['section'])}*.\n\n</details>"
    return "\n\n".join([*asked, folded])


def _answer_text(answer: dict) -> str:
    """Return an answer in a list; "5." with its point would start a numbered list in there."""
    right = "Right" if answer["correct"] else "Wrong"
    return f"- {escaped(answer['text']).rstrip('.')} *{right}:* {escaped(answer['feedback'])}"


def as_html(text: str) -> str:
    """Return a text as HTML: what looks like HTML is escaped, and `code` is set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _for_display(question: dict) -> dict:
    """Translate a question into what jupyterquiz expects. Words say what the colors say."""
    if question["type"] == "numeric":
        again = f"Not right. Look again at: {as_html(question['section'])}."
        answers = [*map(_range, question["answers"]), {"type": "default", "feedback": again}]
    else:
        answers = [*map(_choice, question["answers"])]
    asked = as_html(question["question"])
    if question["type"] == "many_choice":
        asked += f" {SEVERAL}"
    code = {"code": escape(question["code"].strip(), quote=False)} if "code" in question else {}
    return {"question": asked, "type": question["type"], "answers": answers} | code


def _range(answer: dict) -> dict:
    """Translate an answer that is a number: every number within its tolerance is right."""
    value, tolerance = answer["value"], answer["tolerance"]
    told = f"Right. {as_html(answer['feedback'])}"
    span = [value - tolerance, value + tolerance]
    return {"type": "range", "range": span, "correct": True, "feedback": told}


def _choice(answer: dict) -> dict:
    """Translate an answer to choose."""
    right, feedback = answer["correct"], as_html(answer["feedback"])
    told = f"{'Right' if right else 'Not right'}. {feedback}"
    return {"answer": as_html(answer["text"]), "correct": right, "feedback": told}
