"""What the course reads out of Markdown texts."""

import re


def headings(text: str, level: int = 1) -> list[str]:
    """Return the headings of a text in order, from a level on; comments in its code are none."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.findall(rf"^#{{{level},6}} +(.+?) *$", text, re.M)


def anchor(heading: str) -> str:
    """Return the anchor under which code hosts and MyST find a heading."""
    return re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-").lower()
