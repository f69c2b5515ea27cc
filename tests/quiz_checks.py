"""What must be true of every `quiz.toml`, beyond the form that `load_quiz` asks for."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from course_utils.classroom.markdown import headings
from course_utils.classroom.quizzes import PARTS, SHOWN, form_problems, question_name
from course_utils.errors import CourseError
from course_utils.own_files import read_text, read_toml

# Words that take a statement back a little: whoever writes the right answer is careful.
HEDGES = {
    "about", "almost", "can", "could", "generally", "hardly", "likely", "may", "might", "mostly",
    "nearly", "often", "partly", "perhaps", "possibly", "practically", "probably", "rarely",
    "roughly", "seldom", "some", "sometimes", "tend", "tends", "typically", "usually",
}  # fmt: skip


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
            f"{part}: {len(found[part])} questions, fewer than {SHOWN}."
            for part in PARTS
            if len(found[part]) < SHOWN
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
        f"{correct} of {len(answers)} answers are correct: make it one to three, and not all.": (
            kind == "many_choice" and correct not in range(1, min(4, len(answers)))
        ),
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


def form_scores(questions: Iterable[dict]) -> dict[str, float]:
    """Return how far solvers that look at form alone are from chance, in standard errors.

    Each solver takes the answer that it likes best: the longest, the shortest, the one with the
    most hedges, or the one that shares most words with the question. Of several that it likes
    equally it takes one by chance. It has a point if that answer is right. So its chance is the
    share of right answers, where one is to be chosen and where several may be right. Questions for
    a number are left out.
    """
    choices = [question for question in questions if question["type"] != "numeric"]
    chances = [_share(question["answers"]) for question in choices]
    error = math.sqrt(sum(chance * (1 - chance) for chance in chances))
    return {
        name: (sum(_points(question, liking) for question in choices) - sum(chances)) / error
        for name, liking in _LIKINGS.items()
    }


def _points(question: dict, liking: Callable[[dict, str], int]) -> float:
    """Return how probable it is that the answer which a solver takes is right."""
    liked = [liking(question, answer["text"]) for answer in question["answers"]]
    best = max(liked)
    return _share([a for a, much in zip(question["answers"], liked, strict=True) if much == best])


def _share(answers: list[dict]) -> float:
    return sum(answer["correct"] for answer in answers) / len(answers)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


_LIKINGS: dict[str, Callable[[dict, str], int]] = {
    "longest": lambda question, text: len(text),
    "shortest": lambda question, text: -len(text),
    "most hedged": lambda question, text: len(_words(text) & HEDGES),
    "most like the question": lambda question, text: len(
        _words(text) & _words(question["question"])
    ),
}
