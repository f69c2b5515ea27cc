"""The quizzes of `quiz.toml` as forms that work with mouse, keyboard and screen reader."""

from html import escape

from docutils.nodes import make_id
from markdown_it import MarkdownIt

from course_utils.classroom.quizzes import SEVERAL, groups

_INPUTS = {"multiple_choice": "radio", "many_choice": "checkbox"}


def widget(lesson: str, part: str) -> str:
    """Return the HTML of a quiz, folded after five questions; `static/quiz.js` answers it.

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
        If it has no quiz or no such part, or the quiz is no TOML.
    """
    parts, number = [], 1
    for group in groups(lesson, part):
        numbered = enumerate(group, start=number)
        asked = "\n".join(_question(place, question, part) for place, question in numbered)
        if number > 1:
            asked = f"<details><summary>More questions</summary>\n{asked}\n</details>"
        parts.append(asked)
        number += len(group)
    return "\n".join(['<form class="quiz">', *parts, "</form>"])


def _question(number: int, question: dict, part: str) -> str:
    kind, name = question["type"], f"{part}-{number}"
    answers = [_answer(kind, name, i, answer) for i, answer in enumerate(question["answers"])]
    more = f" <em>{SEVERAL}</em>" if kind == "many_choice" else ""
    code = [f"<pre>{escape(question['code'].strip())}</pre>"] if "code" in question else []
    section = question["section"]
    see = f'<a href="#{make_id(section)}">{escape(section)}</a>'
    return "\n".join([
        f'<fieldset class="question" data-kind="{kind}">',
        f"<legend>{number}. {_inline(question['question'])}{more}</legend>",
        *code,
        *answers,
        '<button type="button">Check</button>',
        '<div class="verdict" role="status"></div>',
        f'<p class="see" hidden>Look again at: {see}</p>',
        "</fieldset>",
    ])  # fmt: skip


def _answer(kind: str, name: str, place: int, answer: dict) -> str:
    feedback = f'<p class="feedback" hidden>{_inline(answer["feedback"])}</p>'
    if kind == "numeric":
        held = f'data-value="{answer["value"]}" data-tolerance="{answer["tolerance"]}"'
        field = f'<input type="text" inputmode="decimal" autocomplete="off" {held}>'
        return f'<div class="answer"><label>Your number: {field}</label>{feedback}</div>'
    field = f'<input type="{_INPUTS[kind]}" name="{name}" data-correct="{answer["correct"]}">'
    return f'<div class="answer"><label>{field} {_inline(answer["text"])}</label>{feedback}</div>'


def _inline(text: str) -> str:
    """Return a line of Markdown as HTML."""
    return MarkdownIt("commonmark", {"html": False}).disable("image").renderInline(text)
