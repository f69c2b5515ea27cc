"""A Sphinx extension: formulas as MathML, which browsers draw by themselves, without a script."""

from docutils import nodes
from latex2mathml.converter import convert

from course_utils.tools.safe_html import sanitized


def setup(app) -> dict:
    """Register the renderer; `html_math_renderer = "mathml"` chooses it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(translator, node) -> None:
    translator.body.append(sanitized(convert(node.astext())))
    raise nodes.SkipNode


def _block(translator, node) -> None:
    formula = sanitized(convert(node.astext(), display="block"))
    translator.body.append(f'<div class="formula" tabindex="0" role="region">{formula}</div>')
    raise nodes.SkipNode
