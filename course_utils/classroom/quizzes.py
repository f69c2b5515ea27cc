"""Quizzes from `quiz.toml`: interactive in JupyterLab, plain text everywhere else."""

import math
import random
import re
from html import escape
from pathlib import Path

from course_utils.classroom.markdown import escaped
from course_utils.errors import CourseError, InputError
from course_utils.own_files import read_text, read_toml

PARTS = ("before", "after")
_TYPES = ("multiple_choice", "many_choice", "numeric")
_QUESTION_KEYS = ("id", "question", "type", "section", "answers")
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


def quiz(lesson: str, part: str) -> None:
    """Show a lesson's quiz before or after the lesson. It needs no network.

    The scripts travel with each quiz, so that it works alone after the page is loaded again. They
    are kept from setting formulas: for that they would load MathJax from a foreign server.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".
    part : {"before", "after"}

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If there is no such quiz or part.
    """
    from IPython.display import display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz

    questions = [_for_display(question) for question in load_quiz(lesson, part)]
    state = random.getstate()
    random.seed(f"{lesson}-{part}")  # the element ids come from here: the same in every run
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


def as_text(lesson: str, part: str) -> str:
    """Return the quiz as Markdown, for viewers without JavaScript.

    The whole is folded away, and in it the answer to each question once more.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If there is no such quiz or part.
    """
    questions = enumerate(load_quiz(lesson, part), start=1)
    inside = "\n\n".join(_question_text(number, question) for number, question in questions)
    summary = "The same questions as plain text"
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def load_quiz(lesson: str, part: str) -> list[dict]:
    """Return the questions of one part of a lesson's quiz.

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If it has no quiz or no such part, if the file is no TOML, or a question is incomplete or
        misspelled.
    """
    from course_utils.course import find_lesson

    if part not in PARTS:
        raise InputError(f"A quiz has the parts before and after, not {part!r}.")
    path = find_lesson(lesson).folder / "quiz.toml"
    if not path.is_file():
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
    for number, question in enumerate(parts[part]):
        for problem in form_problems(question):
            raise InputError(f"{_place_in(path, part, number, question)}: {problem}")
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
    found = [f"the {key} is empty." for key in ("id", "question", "section")
             if _empty(question, key)]  # fmt: skip
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
    if question["type"] == "many_choice":
        asked.append("More than one answer is right.")
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


def _for_display(question: dict) -> dict:
    """Translate a question into what jupyterquiz expects. Words say what the colors say.

    It takes texts for HTML, so that what looks like HTML is escaped.
    """
    if question["type"] == "numeric":
        again = f"Not right. Look again at: {escape(question['section'], quote=False)}."
        answers = [*map(_range, question["answers"]), {"type": "default", "feedback": again}]
    else:
        answers = [*map(_choice, question["answers"])]
    asked = escape(question["question"], quote=False)
    return {"question": asked, "type": question["type"], "answers": answers}


def _range(answer: dict) -> dict:
    """Translate an answer that is a number: every number within its tolerance is right."""
    value, tolerance = answer["value"], answer["tolerance"]
    told = f"Right. {escape(answer['feedback'], quote=False)}"
    span = [value - tolerance, value + tolerance]
    return {"type": "range", "range": span, "correct": True, "feedback": told}


def _choice(answer: dict) -> dict:
    """Translate an answer to choose."""
    right, feedback = answer["correct"], escape(answer["feedback"], quote=False)
    told = f"{'Right' if right else 'Not right'}. {feedback}"
    return {"answer": escape(answer["text"], quote=False), "correct": right, "feedback": told}
