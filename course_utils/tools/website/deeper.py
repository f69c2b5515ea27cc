"""A Sphinx extension: the deeper parts of a lesson are folded under their headings."""

from docutils import nodes

from course_utils.tools.lessons.deeper import DEEPER


def setup(app) -> dict:
    """Register what folds them once headings are collected; `static/deeper.js` opens them."""
    app.connect("doctree-resolved", _fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fold(app, page: nodes.document, name: str) -> None:
    for section in list(page.findall(nodes.section)):
        title = section.next_node(nodes.title)
        if title.parent is section and title.astext().startswith(DEEPER):
            section.insert(section.index(title), _html('<details class="deeper"><summary>'))
            section.insert(section.index(title) + 1, _html("</summary>"))
            section.append(_html("</details>"))


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")
