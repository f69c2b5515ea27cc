"""Quizzes for learning platforms."""

from html import escape

from course_utils.classroom.quizzes import PARTS, as_html, load_quiz

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\~=#{}:"})


def gift(lesson: str) -> str:
    """Return a lesson's pools in Moodle's GIFT format, each as a category of its own.

    All texts are HTML, so that `<unk>` and code are shown as they are.

    Parameters
    ----------
    lesson : str
        Its number, such as "01".

    Raises
    ------
    CourseError
        If there is no such lesson.
    InputError
        If it has no quiz, or the quiz is no TOML.

    References
    ----------
    Moodle documentation, "GIFT format": https://docs.moodle.org/en/GIFT_format
    """
    blocks = []
    for part in PARTS:
        blocks.append(f"$CATEGORY: lesson {lesson}/{part}")
        blocks += [_question(question) for question in load_quiz(lesson, part)]
    return "\n\n".join(blocks) + "\n"


def _question(question: dict) -> str:
    if question["type"] == "numeric":
        answers = [
            f"\t={a['value']}:{a['tolerance']}#{_escape(a['feedback'])}"
            for a in question["answers"]
        ]
        opening = "{#"
    else:
        right = sum(answer["correct"] for answer in question["answers"])
        shared = right if question["type"] == "many_choice" else None
        answers = [_choice(answer, shared) for answer in question["answers"]]
        opening = "{"
    asked = f"::{_escaped(question['id'])}::[html]{_escape(question['question'])}"
    if "code" in question:
        lines = _escaped(escape(question["code"].strip())).splitlines()
        asked += "<pre>" + r"\n".join(lines) + "</pre>"
    return "\n".join([asked + opening, *answers, "}"])


def _choice(answer: dict, shared: int | None) -> str:
    """One right answer is marked `=`; several share the points, and a wrong one costs them."""
    if shared is None:
        mark = "=" if answer["correct"] else "~"
    else:
        mark = f"~%{100 / shared:.5g}%" if answer["correct"] else "~%-100%"
    return f"\t{mark}{_escape(answer['text'])}#{_escape(answer['feedback'])}"


def _escape(text: str) -> str:
    return _escaped(" ".join(as_html(text).split()))


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
