"""The glossary of `notebooks/glossary.toml`: its page, and the links from the lessons to it."""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path

from course_utils.classroom.markdown import anchor, headings
from course_utils.tools.entries import problems_of_keys, read_entries
from course_utils.tools.website.markup import directive

# Code blocks and inline code are stepped over; headings say where we are; emphasis may be a term.
_PARTS = re.compile(
    r"^(?P<fence>`{3,}).*?^(?P=fence)$|`[^`\n]+`|^\#{1,6}\ (?P<heading>[^\n]+)$"
    r"|(?P<mark>\*\*?)(?P<words>[^*\n]+)(?P=mark)",
    re.M | re.S | re.X,
)
_NAME = re.compile(r"\w(?:[^<>`{}\[\]*\n\\]*[^\s<>`{}\[\]*\n\\])?")


@dataclass(frozen=True)
class Term:
    """A term with the section that introduces it.

    Attributes
    ----------
    name : str
    lesson : str
        Its number as two digits.
    section : str
        The heading of the section.
    text : str
        What it means.
    also : list of str
        Other names for it.
    """

    name: str
    lesson: str
    section: str
    text: str
    also: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """All its names."""
        return [self.name, *self.also]


def read_glossary(path: Path) -> list[Term]:
    """Return the terms of a glossary file, in its order.

    Raises
    ------
    CourseError
        If it is no TOML, or a term is incomplete, misspelled or has a name with signs of markup.
    """
    return [Term(**entry) for entry in read_entries(path, "term", _problems, "each term")]


def _problems(entry: object) -> list[str]:
    """Return what is wrong with a term."""
    if not isinstance(entry, dict):
        return ["a term must be a table of keys."]
    also = entry.get("also", [])
    if not isinstance(also, list):
        return ["`also` must be a list of names."]
    known = [one.name for one in fields(Term)]
    found = problems_of_keys(entry, "term", known, ("name", "lesson", "section", "text"))
    names = [entry.get("name"), *also]
    wrong = [one for one in names if not isinstance(one, str) or not _NAME.fullmatch(one)]
    return found + [f"{one!r} is no name of a term: it has signs of markup." for one in wrong]


def homeless(terms: list[Term], pages: dict[str, str]) -> list[str]:
    """Return the terms that name a section which no page has, and those that stand there twice.

    Parameters
    ----------
    terms : list of Term
    pages : dict of str to str
        The Markdown of each lesson's page, by the lesson's number.
    """
    places = {number: set(headings(text)) for number, text in pages.items()}
    found = [
        f"{term.name}: lesson {term.lesson} has no section {term.section!r}"
        for term in terms
        if term.section not in places.get(term.lesson, set())
    ]
    names = [name.lower() for term in terms for name in term.names]
    return found + [f"{name}: stands there twice" for name in set(names) if names.count(name) > 1]


def glossary_page(terms: list[Term], documents: dict[str, str]) -> str:
    """Return the Markdown of the glossary.

    Parameters
    ----------
    terms : list of Term
    documents : dict of str to str
        The name of each lesson's page, by the lesson's number.
    """
    entries = [_entry(term, documents[term.lesson]) for term in terms]
    intro = "Each term leads to the section that introduces it."
    return f"# Glossary\n\n{intro}\n\n{directive('glossary', chr(10).join(entries), sorted='')}\n"


def link_terms(text: str, terms: list[Term]) -> str:
    """Link each term in the section that introduces it, where it is first set in *emphasis*."""
    section, linked = "", set()

    def link(match: re.Match) -> str:
        nonlocal section
        if match["heading"]:
            section = match["heading"].strip()
        term = _named(match["words"] or "", section, terms)
        if term is None or term.name in linked:
            return match[0]
        linked.add(term.name)
        return f"{match['mark']}{{term}}`{match['words']} <{term.name}>`{match['mark']}"

    return _PARTS.sub(link, text)


def list_of_terms(terms: list[Term]) -> str:
    """Return the section that ends a lesson's page: its terms, each with a link."""
    names = sorted((term.name for term in terms), key=str.lower)
    return "## Terms of this lesson\n\n" + ", ".join(f"{{term}}`{name}`" for name in names) + "."


def _entry(term: Term, document: str) -> str:
    place = f"[{term.section}](<{document}.md#{anchor(term.section)}>)"
    if not term.section.startswith("Lesson "):
        place = f"Lesson {int(term.lesson)}: {place}"
    return "\n".join([*term.names, f"  {term.text} {place}.", ""])


def _named(words: str, section: str, terms: list[Term]) -> Term | None:
    said = words.strip().rstrip(".,:").lower()
    for term in terms:
        forms = {form for name in term.names for form in (name.lower(), f"{name.lower()}s")}
        if term.section == section and said in forms:
            return term
    return None
