"""What must be true of every `quiz.toml`, beyond the form that `load_quiz` asks for."""

from collections import Counter
from pathlib import Path

from course_utils.classroom.markdown import headings
from course_utils.classroom.quizzes import PARTS, form_problems, question_name
from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_toml

QUESTIONS = 5


def validate(path: Path) -> list[str]:
    """Return what is wrong with a quiz file, each problem in a sentence.

    Parameters
    ----------
    path : Path
        A `quiz.toml` that lies beside its `lesson.md`, whose headings it may name.
    """
    try:
        parts = read_toml(path)
    except CourseError as error:
        return [str(error)]
    titles = headings(read_text(path.with_name("lesson.md")))
    found = {part: parts[part] if isinstance(parts.get(part), list) else [] for part in PARTS}
    questions = [question for part in PARTS for question in found[part]]
    return [
        *(
            f"{part}: {len(found[part])} questions instead of {QUESTIONS}."
            for part in PARTS
            if len(found[part]) != QUESTIONS
        ),
        *(f"{name!r} is no part: choose from before and after." for name in parts.keys() - PARTS),
        *(
            f"{question_name(question)}: {problem}"
            for question in questions
            for problem in form_problems(question) or _content_problems(question, titles)
        ),
        *_problems_of_all([question for question in questions if not form_problems(question)]),
    ]


def _content_problems(question: dict, titles: list[str]) -> list[str]:
    kind, section, answers = question["type"], question["section"], question["answers"]
    correct = sum(answer["correct"] for answer in answers)
    many = f"{correct} correct answers: make it a many_choice."
    problems = {
        f"the lesson has no section {section!r}.": section not in titles,
        many: kind == "multiple_choice" and correct > 1,
        "1 correct answer: make it a multiple_choice.": kind == "many_choice" and correct == 1,
        "fewer than three answers.": kind != "numeric" and len(answers) < 3,
    }
    return [problem for problem, is_there in problems.items() if is_there]


def _problems_of_all(questions: list[dict]) -> list[str]:
    """Return what is wrong with all questions together: their ids, the places of right answers."""
    uses = Counter(map(question_name, questions))
    found = [f"{name}: this id is used twice." for name, count in uses.items() if count > 1]
    places = {_place(q) for q in questions if q.get("type") == "multiple_choice"} - {None}
    if len(places) == 1 and len(questions) > 2:
        found.append("The right answer stands at the same place in every multiple choice.")
    return found


def _place(question: dict) -> int | None:
    """Return where the first right answer of a question stands, if one is right."""
    correct = [bool(answer.get("correct")) for answer in question.get("answers", [])]
    return correct.index(True) if any(correct) else None
