"""Pieces of Markdown as MyST reads it: directives, code blocks, tabs."""

import re

from course_utils.course import FRAMEWORKS


def directive(name: str, body: str = "", argument: str = "", **options: str) -> str:
    """Return a directive whose fence is longer than every fence in its body.

    Examples
    --------
    >>> print(directive("note", "Mind the zeros."))
    :::{note}
    Mind the zeros.
    :::
    """
    fence = _fence(":", body)
    lines = [f"{fence}{{{name}}} {argument}".rstrip()]
    lines += [f":{key.replace('_', '-')}: {value}".rstrip() for key, value in options.items()]
    return "\n".join([*lines, *([body] if body else []), fence])


def verbatim(text: str, language: str, classes: str = "") -> str:
    """Return text as it stands, as code in a language or as plain `text`."""
    fence = _fence("`", text)
    option = f":class: {classes}\n" if classes else ""
    return f"{fence}{{code-block}} {language}\n{option}\n{text.rstrip()}\n{fence}"


def raw(html: str) -> str:
    """Return HTML that goes into the page as it stands."""
    fence = _fence("`", html)
    return f"{fence}{{raw}} html\n{html}\n{fence}"


def tabs(bodies: dict[str, str]) -> str:
    """Return one tab for each framework; all tabs of the site are switched together."""
    items = [
        directive("tab-item", body, FRAMEWORKS[framework], sync=framework)
        for framework, body in bodies.items()
    ]
    return directive("tab-set", "\n\n".join(items), sync_group="framework")


def either(bodies: dict[str, str]) -> str:
    """Return the text once where both frameworks have the same, and in tabs where not."""
    return next(iter(bodies.values())) if len(set(bodies.values())) == 1 else tabs(bodies)


def paragraphs(text: str) -> list[str]:
    """Split Markdown at its blank lines; blank lines inside of fenced code do not count."""
    parts = re.findall(r"^```.*?^```[^\n]*|(?:^(?!```)[^\n]*\S[^\n]*\n?)+", text, re.M | re.S)
    return [part.rstrip("\n") for part in parts]


def _fence(mark: str, body: str) -> str:
    longest = max((len(run) for run in re.findall(rf"^\s*({mark}{{3,}})", body, re.M)), default=2)
    return mark * (longest + 1)
