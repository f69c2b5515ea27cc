"""Write the pages as Markdown, then let Sphinx make HTML of them."""

import shutil
import subprocess
import sys
from pathlib import Path

from course_utils.course import lessons
from course_utils.errors import CourseError
from course_utils.tools.website.pages import write_pages

_HERE = Path(__file__).parent


def build_site(target: Path) -> Path:
    """Write the whole site into a folder, which is emptied first, and return its absolute path.

    The pages as Markdown stay in a folder beside it, whose name ends in "-pages".

    Raises
    ------
    CourseError
        If a term of the glossary has no section, or Sphinx finds anything wrong, such as a link
        to nowhere.
    OSError
        If a notebook is missing, or the folder cannot be written.
    """
    target = target.absolute()
    source = target.with_name(f"{target.name}-pages")
    for folder in (source, target):
        shutil.rmtree(folder, ignore_errors=True)
    source.mkdir(parents=True)
    write_pages(lessons(), source)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(_HERE)]
    options += ["-d", str(source / ".doctrees"), str(source), str(target)]
    done = subprocess.run([sys.executable, "-m", "sphinx", *options], cwd=_HERE.parent)
    if done.returncode:
        raise CourseError(f"Sphinx found mistakes in {source}: see the lines above.")
    return target
