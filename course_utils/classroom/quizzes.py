"""Quizzes from `quiz.toml`: interactive in JupyterLab, plain text everywhere else."""

import random
import tomllib
from pathlib import Path

from course_utils.errors import InputError
from course_utils.paths import project_root

PARTS = ("before", "after")
QUESTIONS = 5
_TYPES = ("multiple_choice", "many_choice", "numeric")


def quiz(lesson: str, part: str) -> None:
    """Show a lesson's quiz before or after the lesson. It needs no network.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".
    part : {"before", "after"}
    """
    from jupyterquiz import display_quiz

    questions = [_for_display(question) for question in load_quiz(lesson, part)]
    state = random.getstate()
    random.seed(f"{lesson}-{part}")  # the element ids come from here: the same in every run
    try:
        display_quiz(questions, shuffle_answers=False)
    finally:
        random.setstate(state)


def as_text(lesson: str, part: str) -> str:
    """Return the quiz as Markdown with folded answers, for viewers without JavaScript."""
    blocks = []
    for number, question in enumerate(load_quiz(lesson, part), start=1):
        answers = [
            f"- {a['text']} *{'Right' if a['correct'] else 'Wrong'}:* {a['feedback']}"
            for a in question["answers"]
        ]
        blocks.append(f"**{number}. {question['question']}**\n\n" + "\n".join(answers))
        blocks.append(f"See the section *{question['section']}*.")
    summary = "The same questions as plain text, with the answers"
    inside = "\n\n".join(blocks)
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def load_quiz(lesson: str, part: str) -> list[dict]:
    """Return the questions of one part of a lesson's quiz.

    Raises
    ------
    InputError
        If there is no such lesson, quiz or part.
    """
    if part not in PARTS:
        raise InputError(f"A quiz has the parts before and after, not {part!r}.")
    folders = sorted((project_root() / "notebooks").glob(f"{lesson}_*"))
    if not folders or not (folders[0] / "quiz.toml").is_file():
        raise InputError(f"There is no quiz for lesson {lesson!r}.")
    return tomllib.loads((folders[0] / "quiz.toml").read_text(encoding="utf8"))[part]


def problems(path: Path, headings: list[str]) -> list[str]:
    """Return what is wrong with a quiz file, each in a sentence.

    Parameters
    ----------
    headings : list of str
        The section headings of the lesson.
    """
    quizzes, found, seen = tomllib.loads(path.read_text(encoding="utf8")), [], set()
    for part in PARTS:
        questions = quizzes.get(part, [])
        if len(questions) != QUESTIONS:
            found.append(f"{part}: {len(questions)} questions instead of {QUESTIONS}.")
        for question in questions:
            name = question.get("id", "?")
            found += [f"{name}: {problem}" for problem in _question_problems(question, headings)]
            if name in seen:
                found.append(f"{name}: this id is used twice.")
            seen.add(name)
    return found


def _question_problems(question: dict, headings: list[str]) -> list[str]:
    answers = question.get("answers", [])
    correct = sum(bool(answer.get("correct")) for answer in answers)
    found = []
    if question.get("type") not in _TYPES:
        found.append(f"unknown type {question.get('type')!r}.")
    if question.get("section") not in headings:
        found.append(f"the lesson has no section {question.get('section')!r}.")
    if correct == 0 or (question.get("type") == "multiple_choice" and correct != 1):
        found.append(f"{correct} correct answers.")
    if question.get("type") != "numeric" and len(answers) < 3:
        found.append("fewer than three answers.")
    if any(not answer.get("feedback", "").strip() for answer in answers):
        found.append("an answer without feedback.")
    return found


def _for_display(question: dict) -> dict:
    """Translate a question into what jupyterquiz expects."""
    if question["type"] == "numeric":
        answers = [
            {"type": "range", "range": [a["value"] - a["tolerance"], a["value"] + a["tolerance"]],
             "correct": True, "feedback": a["feedback"]}
            for a in question["answers"]
        ]  # fmt: skip
        answers.append({"type": "default", "feedback": f"Look again at: {question['section']}."})
    else:
        answers = [
            {"answer": a["text"], "correct": a["correct"], "feedback": a["feedback"]}
            for a in question["answers"]
        ]
    return {"question": question["question"], "type": question["type"], "answers": answers}
