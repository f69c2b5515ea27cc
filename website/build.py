"""Write the pages as Markdown, then let Sphinx make HTML of them."""

import shutil
from pathlib import Path

from sphinx.cmd.build import build_main

from course_utils.errors import CourseError
from course_utils.lessons.source import lessons
from website.pages import write_pages

HERE = Path(__file__).parent


def build_site(target: Path) -> Path:
    """Write the whole site into a folder, which is emptied first, and return the folder.

    Raises
    ------
    CourseError
        If Sphinx finds anything wrong: a link to nowhere, a formula that it cannot set.
    """
    source = target.with_name(f"{target.name}-pages")
    for folder in (source, target):
        shutil.rmtree(folder, ignore_errors=True)
    source.mkdir(parents=True)
    write_pages(lessons(), source)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(HERE)]
    folders = ["-d", str(source / ".doctrees"), str(source), str(target)]
    if build_main([*options, *folders]):
        raise CourseError(f"Sphinx found mistakes in {source}: see the lines above.")
    return target
