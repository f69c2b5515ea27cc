"""What the course reads out of Markdown texts."""

import re
from collections.abc import Iterator

# A character after a backslash, or code; neither begins markup.
_LITERAL = re.compile(r"(\\.|(?<!`)(?P<marks>`+)(?!`)(?:.+?)(?<!`)(?P=marks)(?!`))")
_FENCE_OR_HEADING = re.compile(r"(?P<fence>`{3,}|~{3,})|(?P<level>#{1,6}) +(?P<title>.+?) *$")
_DESTINATION = re.compile(r"\](\((?!https?://|#)|:)")


def headings(text: str, level: int = 1) -> list[str]:
    """Return the headings of a text in order, from a level on; comments in its code are none."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.findall(rf"^#{{{level},6}} +(.+?) *$", text, re.M)


def split_at_headings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each part of a text that begins with a heading: its level, its title, the part itself.

    What stands above the first heading comes first, with the level 0, if there is anything.

    Examples
    --------
    >>> list(split_at_headings("Words.\\n## More\\n~~~\\n# no\\n~~~"))
    [(0, '', 'Words.\\n'), (2, 'More', '## More\\n~~~\\n# no\\n~~~')]
    """
    level, title, lines, fence = 0, "", list[str](), ""
    for line in text.splitlines(keepends=True):
        found = _FENCE_OR_HEADING.match(line.rstrip("\n"))
        if found and found["fence"] and found["fence"].startswith(fence):
            fence = "" if fence else found["fence"]
        elif found and found["level"] and not fence:
            if lines:
                yield level, title, "".join(lines)
            level, title, lines = len(found["level"]), found["title"], []
        lines.append(line)
    if lines:
        yield level, title, "".join(lines)


def anchor(heading: str) -> str:
    """Return the anchor under which code hosts and MyST find a heading."""
    return re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-").lower()


def escaped(text: str) -> str:
    """Return Markdown on one line in which HTML is text; links lead to the web or into the page.

    Code stays as it is: there HTML is text already.

    Examples
    --------
    >>> escaped("the sign `<unk>`, <b>not</b>")
    'the sign `<unk>`, &lt;b>not&lt;/b>'
    """
    line, found, start = " ".join(text.split()), [], 0
    for match in _LITERAL.finditer(line):
        found += [_outside(line[start : match.start()]), match[0]]
        start = match.end()
    return "".join([*found, _outside(line[start:])])


def _outside(text: str) -> str:
    return _DESTINATION.sub(r"]\\\1", text.replace("<", "&lt;"))
