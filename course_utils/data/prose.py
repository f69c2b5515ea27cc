"""Plain English in the source files of packages: docstrings and comments, without their markup.

The files are read with `ast`. Nothing is imported or run.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from course_utils.data.installed import python_files, without_markup

# Files whose documentation stands in plain strings: the language reference, compiled functions.
_STRING_FILES = {"topics.py", "_add_newdocs.py", "_add_newdocs_scalars.py"}

_HEADING = re.compile(r"^[ \t]*(\S.*)\n[ \t]*[-=~^]{3,}[ \t]*$", re.M)
_LISTS = re.compile(
    r"(other )?parameters|returns|yields|receives|raises|warns|(class )?attributes|methods"
    r"|see also|references|examples?",
    re.I,
)
_SIGNATURE = re.compile(r"^[ \t]*\*{0,2}[\w.]+(?:, *\*{0,2}[\w.]+)* : .*$", re.M)  # name : type
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\.|[-=~^*]{3,}|\.\. |:\w+|@\w+|\||\+-)|%\(\w+\)|\\\w+", re.M)
_LIST = re.compile(r"^\s*([-*+] |\d+[.)] |\w+( \w+)?:$)", re.M)  # items, and "Args:"
_NOT_LETTERS = re.compile(r"(?:[^\w ]|[\d_])+")
_COMMENTS = re.compile(r"(?:^[ \t]*#(?!!).*\n)+", re.M)


def docstrings(root: Path) -> Iterator[str]:
    """Yield every docstring below a folder, and the strings that stand for docstrings."""
    for path, code in python_files(root):
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue
        yield from _docstrings_in(tree)
        if path.name in _STRING_FILES:
            yield from _long_strings(tree)


def _docstrings_in(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, going through statements only: expressions hold none."""
    documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        docstring = ast.get_docstring(node) if isinstance(node, documented) else None
        if docstring:
            yield docstring
        for part in ("cases", "handlers", "finalbody", "orelse", "body"):
            inner = getattr(node, part, None)
            if isinstance(inner, list):  # the body of a lambda is an expression
                waiting += reversed(inner)


def _long_strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 80:
            yield inspect.cleandoc(node.value)


def running_paragraphs(root: Path) -> Iterator[str]:
    """Yield the paragraphs of a package that make running text, comments of whole sentences too."""
    for text in docstrings(root):
        for heading, body in _sections(text):
            if heading.lower() not in ("references", "see also", "examples"):
                yield from (p for p in _blocks(_SIGNATURE.sub("\n", body)) if _reads_well(p))
    for _, code in python_files(root):
        for block in _COMMENTS.findall(code):
            comment = "\n".join(line.strip().lstrip("#") for line in block.splitlines())
            yield from (p for p in _blocks(comment) if _is_prose(p))


def paragraphs(docstring: str) -> list[str]:
    """Return the paragraphs of plain English in a docstring, without its lists of parameters."""
    return [
        paragraph
        for heading, body in _sections(docstring)
        if not _LISTS.fullmatch(heading.strip(" :"))
        for paragraph in _blocks(body, lists=False)
        if _is_prose(paragraph)
    ]


def _sections(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield (heading, body); the part before the first underlined heading has none."""
    parts = ["", *_HEADING.split(docstring)]
    yield from zip(parts[::2], parts[1::2], strict=True)


def _blocks(text: str, lists: bool = True) -> Iterator[str]:
    """Yield the paragraphs of a text without markup, each on one line; code is left out."""
    code_below = None  # indentation of the line whose "::" announced code
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        indentation = len(block) - len(block.lstrip(" "))
        if code_below is not None and indentation > code_below:
            continue
        code_below = indentation if block.endswith("::") else None
        listed = _SIGNATURE.search(block) or _LIST.search(block)
        if block.strip() and not _NOT_PROSE.search(block) and (lists or not listed):
            yield without_markup(block)


def _is_prose(paragraph: str) -> bool:
    """Whether a paragraph is a sentence or more of plain English."""
    return len(paragraph) >= 60 and paragraph[0].isupper() and _letters(paragraph) >= 0.85


def _reads_well(paragraph: str) -> bool:
    """As `_is_prose`, but short descriptions count as well."""
    return len(paragraph) >= 30 and _letters(paragraph) >= 0.8


def _letters(text: str) -> float:
    """Return the share of letters and spaces."""
    return 1 - sum(map(len, _NOT_LETTERS.findall(text))) / len(text)
