"""What must be true of every `quiz.toml`."""

import tomllib
from collections import Counter
from pathlib import Path

from course_utils.classroom.markdown import headings
from course_utils.classroom.quizzes import PARTS

QUESTIONS = 5
_TYPES = ("multiple_choice", "many_choice", "numeric")


def validate(path: Path) -> list[str]:
    """Return what is wrong with a quiz file, each problem in a sentence.

    Parameters
    ----------
    path : Path
        A `quiz.toml` that lies beside its `lesson.md`, whose headings it may name.
    """
    try:
        parts = tomllib.loads(path.read_text(encoding="utf8"))
    except tomllib.TOMLDecodeError as error:
        return [f"{path.name} is no TOML: {error}."]
    titles = headings(path.with_name("lesson.md").read_text(encoding="utf8"))
    sizes = {part: len(parts.get(part, [])) for part in PARTS}
    wrong = [part for part in PARTS if sizes[part] != QUESTIONS]
    questions = [question for part in PARTS for question in parts.get(part, [])]
    return [
        *(f"{part}: {sizes[part]} questions instead of {QUESTIONS}." for part in wrong),
        *(
            f"{_name(question)}: {problem}"
            for question in questions
            for problem in [*_question_problems(question, titles), *_answer_problems(question)]
        ),
        *_problems_of_all(questions),
    ]


def _name(question: dict) -> str:
    return question.get("id", "a question without id")


def _there(problems: dict[str, bool]) -> list[str]:
    return [problem for problem, is_there in problems.items() if is_there]


def _empty(table: dict, key: str) -> bool:
    return not str(table.get(key, "")).strip()


def _question_problems(question: dict, titles: list[str]) -> list[str]:
    kind, section = question.get("type"), question.get("section")
    return _there(
        {
            "the question is empty.": _empty(question, "question"),
            f"unknown type {kind!r}.": kind not in _TYPES,
            f"the lesson has no section {section!r}.": section not in titles,
        }
    )


def _answer_problems(question: dict) -> list[str]:
    kind, answers = question.get("type"), question.get("answers", [])
    correct = sum(bool(answer.get("correct")) for answer in answers)
    numeric, measured = kind == "numeric", [{"value", "tolerance"} <= set(a) for a in answers]
    many = f"{correct} correct answers: make it a many_choice."
    return _there(
        {
            "no correct answer.": correct == 0,
            many: kind == "multiple_choice" and correct > 1,
            "1 correct answer: make it a multiple_choice.": kind == "many_choice" and correct == 1,
            "fewer than three answers.": not numeric and len(answers) < 3,
            "a numeric answer needs a value and a tolerance.": numeric and not all(measured),
            "an answer without text.": any(_empty(answer, "text") for answer in answers),
            "an answer without feedback.": any(_empty(answer, "feedback") for answer in answers),
        }
    )


def _problems_of_all(questions: list[dict]) -> list[str]:
    """Return what is wrong with all questions together: their ids, the places of right answers."""
    uses = Counter(map(_name, questions))
    found = [f"{name}: this id is used twice." for name, count in uses.items() if count > 1]
    places = {_place(q) for q in questions if q.get("type") == "multiple_choice"} - {None}
    if len(places) == 1 and len(questions) > 2:
        found.append("The right answer stands at the same place in every multiple choice.")
    return found


def _place(question: dict) -> int | None:
    """Return where the first right answer of a question stands, if one is right."""
    correct = [bool(answer.get("correct")) for answer in question.get("answers", [])]
    return correct.index(True) if any(correct) else None
