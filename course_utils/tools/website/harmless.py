"""A Sphinx extension: HTML in the pages can show something, but not act."""

from docutils import nodes

from course_utils.tools.safe_html import sanitized


def setup(app) -> dict:
    """Register what looks through each page once it is read."""
    app.connect("doctree-read", _clean, priority=1)  # before headings are copied into contents
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _clean(app, page: nodes.document) -> None:
    for part in page.findall(nodes.raw):
        part.children = [nodes.Text(sanitized(part.astext()))]
    for link in page.findall(nodes.reference):
        if link.get("refuri", "").lower().strip().startswith(("javascript:", "vbscript:", "data:")):
            del link["refuri"]
