"""Let through what HTML may say in a page of the course; what could act becomes text."""

import re
from html import escape
from html.parser import HTMLParser

_TAGS = frozenset(
    re.findall(
        r"\w+",
        """
    a abbr b blockquote br button caption code col colgroup dd del details div dl dt em
    fieldset form h1 h2 h3 h4 h5 h6 hr i img input ins kbd label legend li ol p pre s small
    span strong sub summary sup table tbody td tfoot th thead tr u ul math annotation
    menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms
    mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
    semantics
""",
    )
) | {"course-steps", "course-words"}  # show pictures and texts of their own data only
_ATTRIBUTES = frozenset(
    re.findall(
        r"\w+",
        """
    alt autocomplete class colspan display height hidden id inputmode mathvariant name open
    role rowspan scope stretchy style tabindex title type width accent columnalign
    columnlines columnspacing fence linethickness lspace maxsize minsize movablelimits
    rowlines rowspacing rspace separator xmlns
""",
    )
)
_KINDS = {"button", "checkbox", "radio", "text"}  # of a button or an input
_STYLE = re.compile(r"[\w\s.,:;%#()-]*")
_URL = re.compile(r"(?:https?://|mailto:|#|\.{0,2}/(?!/)|[\w-][\w./-]*(?:[#?]|$))")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[\w+/=\s]*")


def sanitized(html: str) -> str:
    """Return HTML without scripts: tags and attributes that are not known to be harmless are text.

    A fragment may begin or end within an element, as inline HTML in Markdown does.
    """
    parser = _Sanitizer()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts)


class _Sanitizer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.parts.append(escape(self.get_starttag_text() or "", quote=False))
            return
        kept = [f' {name}="{escape(value or "")}"' for name, value in attrs
                if _is_harmless(name, value or "")]  # fmt: skip
        self.parts.append(f"<{tag}{''.join(kept)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _TAGS and tag.startswith("m"):  # of MathML: without an end it holds what follows
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>" if tag in _TAGS else f"&lt;/{escape(tag)}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("<", "&lt;").replace(">", "&gt;"))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"&lt;!{escape(decl)}>")

    def unknown_decl(self, data: str) -> None:
        self.parts.append(f"&lt;![{escape(data)}]>")

    def handle_pi(self, data: str) -> None:
        self.parts.append(f"&lt;?{escape(data)}>")


def _is_harmless(name: str, value: str) -> bool:
    if name in ("href", "src"):
        return bool(_URL.match(value) or (name == "src" and _PICTURE.fullmatch(value)))
    if name == "style":
        return bool(_STYLE.fullmatch(value)) and "url" not in value and "expression" not in value
    if name == "type":
        return value in _KINDS
    return name in _ATTRIBUTES or re.fullmatch(r"(?:data|aria)-[a-z-]+", name) is not None
