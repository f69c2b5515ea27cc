"""All pages of the site as Markdown: lessons, assignments, glossary, and the pages of the clone."""

import os
import re
import shutil
from pathlib import Path

from course_utils.classroom.markdown import anchor as anchor_of
from course_utils.course import FRAMEWORKS, Lesson, front_matter, project_root, title
from course_utils.errors import CourseError
from course_utils.own_files import read_text
from course_utils.tools.lessons.closing import has_page_to_remember, page_to_remember
from course_utils.tools.lessons.stored import read_notebook
from course_utils.tools.website.glossary import (
    Term,
    glossary_page,
    homeless,
    link_terms,
    list_of_terms,
    read_glossary,
)
from course_utils.tools.website.lesson_page import lesson_body, prose
from course_utils.tools.website.markup import directive

_HERE = Path(__file__).parent
_LINK = re.compile(r"^```.*?^```|`[^`\n]*`|(?<=\])\((?P<target>[^)\s]+)\)", re.M | re.S)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_OVERVIEW = "notebooks/README.md"
_RESULTS = "notebooks/RESULTS.md"


def write_pages(lessons: list[Lesson], target: Path) -> None:
    """Write every page, with the pictures and notebooks that they need, into an empty folder.

    Raises
    ------
    CourseError
        If a term of the glossary names a section that its lesson does not have, or stands there
        twice, or README.md has no picture.
    """
    root = project_root()
    terms = read_glossary(root / "notebooks" / "glossary.toml")
    texts = {lesson.number: lesson_body(lesson, target) for lesson in lessons}
    wrong = homeless(terms, texts)
    if wrong:
        raise CourseError(f"glossary.toml: {'; '.join(wrong)}.")
    for lesson in lessons:
        own = [term for term in terms if term.lesson == lesson.number]
        page = _lesson_page(lesson, texts[lesson.number], own, target)
        _write(target, document(lesson), page, lesson.folder)
    for lesson in _assigned(lessons):
        text = read_text(lesson.folder / "assignment.md")
        _write(target, f"{document(lesson)}_assignment", text, lesson.folder)
    for lesson in filter(has_page_to_remember, lessons):
        _write(target, _to_remember(lesson), _remember_page(lesson), lesson.folder)
    pages = {"start": _start(root), "contributing": read_text(root / "CONTRIBUTING.md")}
    for name, text in pages.items():
        _write(target, name, text, root)
    results = root / _RESULTS
    _write(target, "results", read_text(results), results.parent)
    documents = {lesson.number: document(lesson) for lesson in lessons}
    _write(target, "glossary", glossary_page(terms, documents), root)
    _write(target, "index", _index(lessons, target), root)


def document(lesson: Lesson) -> str:
    """Return the name of a lesson's page."""
    return lesson.folder.name


def relink(text: str, folder: Path) -> str:
    """Point the links of a text of the repository to the pages of the site.

    A link to a file that has no page becomes plain text.

    Parameters
    ----------
    folder : Path
        Where the text lies in the repository.
    """
    text = re.sub(r"(?<!!)\[([^\]\n]+)\]\((LICENSE[\w-]*)\)", r"\1 (`\2`)", text)

    def point(match: re.Match) -> str:
        target = match["target"]
        if target is None or re.match(r"[a-z]+:|<", target):
            return match[0]
        path, _, anchor = target.partition("#")
        page = _page_of(folder / path) if path else ""
        if page == "index.md":  # a page of its own, without the sections of the overview
            anchor = ""
        return f"({page}{'#' + anchor_of(anchor.replace('-', ' ')) if anchor else ''})"

    return _LINK.sub(point, text)


def _page_of(path: Path) -> str:
    """Return the page that shows a file of the repository, or the path if there is none."""
    relative = Path(os.path.relpath(path, project_root()))
    known = {
        _OVERVIEW: "index.md",
        _RESULTS: "results.md",
        "README.md": "start.md",
        "CONTRIBUTING.md": "contributing.md",
    }
    if relative.suffix == ".ipynb":
        return f"{relative.parent.name}.md"
    if relative.name in ("assignment.md", "remember.md"):
        return f"{relative.parent.name}_{relative.name}"
    return known.get(relative.as_posix(), path.name)


def _write(target: Path, name: str, text: str, folder: Path) -> None:
    (target / f"{name}.md").write_text(relink(text, folder), encoding="utf8")


def _lesson_page(lesson: Lesson, text: str, terms: list[Term], target: Path) -> str:
    title, _, rest = text.partition("\n")
    parts = [title, _notebooks(lesson, target), link_terms(f"{title}\n{rest}", terms)[len(title) :]]
    return "\n\n".join([*parts, *([list_of_terms(terms)] if terms else [])]) + "\n"


def _notebooks(lesson: Lesson, target: Path) -> str:
    """Return the line that offers both notebooks, and put them where Sphinx finds them."""
    links = []
    for framework, name in FRAMEWORKS.items():
        path = lesson.notebook(framework)
        shutil.copyfile(path, target / path.name)
        links.append(f"[{name}](<{path.name}>)")
    line = f"To run this lesson yourself, download its notebook for {' or '.join(links)}."
    if has_page_to_remember(lesson):
        line += f" To print: [one page to remember it by](<{_to_remember(lesson)}.md>)."
    return line


def _to_remember(lesson: Lesson) -> str:
    """Return the name of the page to remember a lesson by."""
    return f"{document(lesson)}_remember"


def _remember_page(lesson: Lesson) -> str:
    """Return the page to remember a lesson by; `course.css` sets it on one sheet of paper."""
    texts = {framework: page_to_remember(lesson, framework) for framework in FRAMEWORKS}
    title, _, rest = prose(texts).partition("\n")
    return f"{title}\n\n{directive('container', rest.strip(), 'to-remember')}\n"


def _assigned(lessons: list[Lesson]) -> list[Lesson]:
    return [lesson for lesson in lessons if (lesson.folder / "assignment.md").is_file()]


def _start(root: Path) -> str:
    """Return the README from its section "Start" on, without the list of lessons."""
    sections = re.split(r"^(?=## )", read_text(root / "README.md"), flags=re.M)
    kept = [part for part in sections[1:] if not part.startswith("## The course")]
    return "# Set up and use\n\n" + "".join(kept)


def _index(lessons: list[Lesson], target: Path) -> str:
    found = _PICTURE.search(read_text(project_root() / "README.md"))
    if found is None:
        raise CourseError("README.md has no picture for the first page of the website.")
    alt, picture = found.groups()
    shutil.copyfile(project_root() / picture, target / Path(picture).name)
    filled = {
        "picture": Path(picture).name,
        "alt": alt,
        "lessons": _cards(lessons),
        "documents": "\n".join(map(document, lessons)),
        "assignments": "\n".join(f"{document(one)}_assignment" for one in _assigned(lessons)),
        "remember": "\n".join(map(_to_remember, filter(has_page_to_remember, lessons))),
    }
    text = (_HERE / "index.md").read_text(encoding="utf8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: filled[match[1]], text)


def _cards(lessons: list[Lesson]) -> str:
    cards = []
    for lesson in lessons:
        about = front_matter(lesson).about
        body = f"{about[:1].upper()}{about[1:]}.\n\n{directive('card-footer', _contents(lesson))}"
        card = directive("grid-item-card", body, f"{int(lesson.number)} {title(lesson)}",
                         link=document(lesson), link_type="doc")  # fmt: skip
        cards.append(card)
    return directive("grid", "\n\n".join(cards), "1 2 2 2", gutter="3")


def _contents(lesson: Lesson) -> str:
    """Return what a lesson holds, in numbers."""
    notebook = read_notebook(lesson.notebook("pytorch"))
    figures = sum(
        "image/png" in o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])
    )
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    claims = len({tag for tag in tags if tag.startswith("claim-")})
    return f"{figures} figures, {tags.count('exercise')} exercises, {claims} claims"
