"""`course run`: execute lessons without a browser, with other parameters if wanted."""

import ast
import asyncio
import logging
from html import escape
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode

from course_utils.course import FRAMEWORKS, Lesson, check_writable, installed
from course_utils.errors import CourseError
from course_utils.tools.lessons.execute import LessonError, execute_async
from course_utils.tools.lessons.progress_line import ProgressLine
from course_utils.tools.lessons.source import assemble, parameters
from course_utils.tools.safe_html import sanitized

_PNG = "image/png"


def runnable(chosen: list[tuple[Lesson, str]]) -> list[tuple[Lesson, str]]:
    """Leave out the notebooks of a framework that is not installed, and say so."""
    for lesson, framework in chosen:
        if not installed(framework):
            print(f"{lesson.notebook(framework).name:<32} left out: {framework} is not installed")
    return [(lesson, framework) for lesson, framework in chosen if installed(framework)]


def run_all(
    chosen: list[tuple[Lesson, str]],
    folder: Path,
    settings: list[str],
    html: Path | None,
    jobs: int,
) -> int:
    """Run lessons, several at a time, and return how many failed.

    Parameters
    ----------
    chosen : list of (Lesson, framework)
    folder : Path
        Where the executed notebooks are written.
    settings : list of str
        As in `with_settings`.
    html : Path or None
        Where pages to read are written, if anywhere.
    jobs : int
        Notebooks that run at the same time.

    Raises
    ------
    ModuleNotFoundError
        If a package is missing that runs lessons or writes pages; nothing ran then.
    CourseError
        As `assemble` and `with_settings` do, or if a folder cannot be written. A notebook that
        fails or cannot be stored counts, and raises nothing.
    """
    for package in ["nbclient"] if html is None else ["nbclient", "nbconvert", "bs4"]:
        import_module(package)
    prepared = [
        (with_settings(assemble(lesson, framework), settings), lesson, framework)
        for lesson, framework in runnable(chosen)
    ]
    for place in [folder, html] if html is not None else [folder]:
        check_writable(place)
    passed = asyncio.run(_run_together(prepared, folder, html, jobs))
    failed = len(prepared) - sum(passed)
    if html is not None:
        _write_index(html)
        print(f"Pages to read: {html / 'index.html'}")
    return failed


def with_settings(notebook: NotebookNode, settings: list[str]) -> NotebookNode:
    """Add a cell after the parameters that sets some of them anew.

    Parameters
    ----------
    notebook : NotebookNode
    settings : list of str
        Each "name=value"; a value that is no Python literal is taken as a string.

    Raises
    ------
    CourseError
        If a setting has no `=`, or the lesson has no such parameter.
    """
    known, lines = parameters(notebook), []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CourseError(f"A setting is written name=value, not {setting!r}.")
        if name not in known:
            raise CourseError(f"The lesson has no parameter {name!r}; it has {', '.join(known)}.")
        lines.append(f"{name} = {_literal(text)!r}")
    if lines:
        place = next(
            i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", [])
        )
        cell = nbformat.v4.new_code_cell("\n".join(lines), id="given-parameters")
        notebook.cells.insert(place + 1, cell)
    return notebook


async def _run_together(
    prepared: list[tuple[NotebookNode, Lesson, str]], folder: Path, html: Path | None, jobs: int
) -> list[bool]:
    turns = asyncio.Semaphore(jobs)

    async def run(one: tuple[NotebookNode, Lesson, str]) -> bool:
        async with turns:
            return await _run(*one, folder, html)

    return await asyncio.gather(*map(run, prepared))


async def _run(
    notebook: NotebookNode, lesson: Lesson, framework: str, folder: Path, html: Path | None
) -> bool:
    path = folder / lesson.notebook(framework).name
    line, problem = ProgressLine(path.name), None
    try:
        await execute_async(notebook, lesson.folder, line.update)
    except LessonError as error:
        notebook, problem = error.notebook, str(error)
    try:
        nbformat.write(notebook, path)
        if html is not None:
            _write_page(notebook, html / f"{path.stem}.html")
    except OSError as error:  # a full disk must not end the notebooks beside it
        problem = problem or f"it ran, but could not be stored ({error})"
    line.done(f"FAILED: {problem}" if problem else "passed")
    return problem is None


def _write_page(notebook: NotebookNode, path: Path) -> None:
    """Write a page that needs no network: formulas stay readable as text without it."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True, require_js_url="")
    exporter.exclude_input_prompt = True
    exporter.log.setLevel(logging.ERROR)  # the text alternatives come in below
    page, _ = exporter.from_notebook_node(notebook)
    page = _with_descriptions(page, notebook)
    path.write_text(page, encoding="utf8")


def _with_descriptions(page: str, notebook: NotebookNode) -> str:
    """Give each figure its text alternative, and make HTML in texts harmless.

    The exporter leaves out the one, and lets scripts through.
    """
    from bs4 import BeautifulSoup

    outputs = [o for c in notebook.cells for o in c.get("outputs", []) if _PNG in o.get("data", {})]
    descriptions = {o.data[_PNG].strip(): o.metadata.get(_PNG, {}).get("alt", "") for o in outputs}
    soup = BeautifulSoup(page, "html.parser")
    for image in soup.select(".jp-RenderedImage img"):
        _, _, picture = str(image["src"]).partition(",")
        image["alt"] = descriptions.get(picture.strip(), "")
    for text in soup.select(".jp-RenderedMarkdown"):
        safe = BeautifulSoup(sanitized(text.decode_contents()), "html.parser")
        text.clear()
        text.append(safe)
    return str(soup)


def _write_index(folder: Path) -> None:
    names = sorted(path.stem for path in folder.glob("*.html") if path.name != "index.html")
    links = "\n".join(f'<li><a href="{quote(name)}.html">{escape(name)}</a></li>' for name in names)
    title = "The lessons, executed"
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body><h1>{title}</h1>\n<ul>\n{links}\n</ul></body></html>\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(text, encoding="utf8")


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def choose(lessons: list[Lesson], framework: str | None) -> list[tuple[Lesson, str]]:
    """Pair lessons with one framework or both."""
    names = [framework] if framework else list(FRAMEWORKS)
    return [(lesson, name) for lesson in lessons for name in names]
