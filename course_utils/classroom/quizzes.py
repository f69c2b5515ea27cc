"""Quizzes from `quiz.toml`: interactive in JupyterLab, plain text everywhere else."""

import random
import tomllib

from course_utils.errors import InputError

PARTS = ("before", "after")
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
        If it has no quiz or no such part, or if the file is no TOML.
    """
    from course_utils.course import find_lesson

    if part not in PARTS:
        raise InputError(f"A quiz has the parts before and after, not {part!r}.")
    path = find_lesson(lesson).folder / "quiz.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf8"))[part]
    except FileNotFoundError:
        raise InputError(f"Lesson {lesson} has no quiz: {path.name} is missing.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} of lesson {lesson} is no TOML: {error}.") from None
    except KeyError:
        raise InputError(f"The quiz of lesson {lesson} has no part {part!r}.") from None


def _question_text(number: int, question: dict) -> str:
    """Return a question with its choices, and the answers folded away."""
    asked = [f"**{number}. {question['question']}**"]
    if question["type"] == "many_choice":
        asked.append("More than one answer is right.")
    if question["type"] != "numeric":
        asked.append("\n".join(f"- {answer['text']}" for answer in question["answers"]))
    told = "\n".join(_answer_text(answer) for answer in question["answers"])
    folded = f"<details><summary>Answer to question {number}</summary>\n\n{told}\n\n"
    folded += f"See the section *{question['section']}*.\n\n</details>"
    return "\n\n".join([*asked, folded])


def _answer_text(answer: dict) -> str:
    """Return an answer in a list; "5." with its point would start a numbered list in there."""
    right = "Right" if answer["correct"] else "Wrong"
    return f"- {answer['text'].rstrip('.')} *{right}:* {answer['feedback']}"


def _for_display(question: dict) -> dict:
    """Translate a question into what jupyterquiz expects. Words say what the colors say."""
    if question["type"] == "numeric":
        again = f"Not right. Look again at: {question['section']}."
        answers = [*map(_range, question["answers"]), {"type": "default", "feedback": again}]
    else:
        answers = [*map(_choice, question["answers"])]
    return {"question": question["question"], "type": question["type"], "answers": answers}


def _range(answer: dict) -> dict:
    """Translate an answer that is a number: every number within its tolerance is right."""
    value, tolerance = answer["value"], answer["tolerance"]
    told = f"Right. {answer['feedback']}"
    span = [value - tolerance, value + tolerance]
    return {"type": "range", "range": span, "correct": True, "feedback": told}


def _choice(answer: dict) -> dict:
    """Translate an answer to choose."""
    told = f"{'Right' if answer['correct'] else 'Not right'}. {answer['feedback']}"
    return {"answer": answer["text"], "correct": answer["correct"], "feedback": told}
