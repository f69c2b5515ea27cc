"""The command `course`."""

import argparse
import io
import itertools
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from course_utils import __version__
from course_utils.course import (
    cache_dir,
    data_mirror,
    installed,
    numba_cache,
    project_root,
    writable,
)
from course_utils.errors import CourseError
from course_utils.tools.arguments import read_count, read_path
from course_utils.tools.data_commands import add_arguments as add_data_arguments

_TOOLS = ("bs4", "jupytext", "nbclient", "nbconvert", "nbformat")  # the extra `tools`
_INSTALL = 'run `pip install -c constraints.txt -e ".[tools]"`.'


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; by default the command line is read.

    What goes wrong is said in one line on standard error. Then the code is 2; it is 130 if the
    learner stopped the command. Some commands return 1: a check failed, or something is missing.

    Raises
    ------
    SystemExit
        If the arguments are wrong, or ask for help.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a code page may have no ✔: it becomes a ?
    parsed = _parser().parse_args(arguments)
    try:
        return parsed.run(parsed)
    except ModuleNotFoundError as error:
        if error.name not in _TOOLS:
            raise
        print(f"course: {error.name} is not installed here: {_INSTALL}", file=sys.stderr)
        return 2
    except (CourseError, OSError) as error:  # OSError: no right to write, a full disk
        print(f"course: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("course: stopped by you", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="Tools of the course.")
    parser.add_argument("--version", action="version", version=f"course {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    look = add("doctor", doctor, "look at this machine and say what is missing")
    look.add_argument("--devices", action="store_true", help="start the frameworks and ask them")

    gpu = add("gpu", _gpu, "name the GPU that a framework uses; fail if there is none")
    gpu.add_argument("framework", choices=("pytorch", "tensorflow"))

    build = add("build", _build, "make the notebooks of a lesson; run those whose code changed")
    check = add("check", _check, "say whether the notebooks are what the source builds")
    run = add("run", _run, "run lessons without a browser")
    for command in (build, check, run):
        command.add_argument("lesson", help="its number, such as 01, or all")
        command.add_argument("--framework", choices=("pytorch", "tensorflow"))
    build.add_argument("--run", action="store_true", dest="again", help="run all anew")
    build.add_argument("--time", action="store_true", help="let the text say this run's seconds")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="settings")
    run.add_argument(
        "--to", type=read_path, default=Path("build/notebooks"), help="executed notebooks"
    )
    run.add_argument("--html", type=read_path, default=Path("build/html"), help="pages to read")
    run.add_argument("--jobs", type=read_count, default=1, help="how many at the same time")

    add("report", _report, "write the pages that are made from the stored notebooks")

    train = add("train", _train, "train a lesson's stored models anew (minutes)")
    train.add_argument("lesson", help="its number, such as 03")
    train.add_argument("--only", help="only the training of this name, such as source_code")
    train.add_argument("--to", type=read_path, help="another folder than that of the lesson")

    release = add("release", _release, "write the student edition of a lesson")
    release.add_argument("lesson")
    release.add_argument("--to", type=read_path, required=True)
    release.add_argument("--with-solutions", action="store_true")

    quiz = add("quiz", _quiz, "print a lesson's quiz, or write it for a learning platform")
    quiz.add_argument("lesson")
    quiz.add_argument("--gift", type=read_path, help="write Moodle's GIFT format to this file")

    progress = add("progress", _progress, "say how many exercises of each lesson are done")
    progress.add_argument("--folder", type=read_path, help="where the lessons' folders lie")

    data = commands.add_parser("data", help="look after the data sets")
    add_data_arguments(data.add_subparsers(required=True, metavar="COMMAND"))
    return parser


def _chosen(parsed: argparse.Namespace) -> list:
    from course_utils.course import find_lesson, lessons
    from course_utils.tools.lessons.run import choose

    found = lessons() if parsed.lesson == "all" else [find_lesson(parsed.lesson)]
    return choose(found, parsed.framework)


def _gpu(parsed: argparse.Namespace) -> int:
    from importlib import import_module

    if not installed(parsed.framework):
        raise CourseError(f"{parsed.framework} is not installed here: there is no GPU to use.")
    os.environ["COURSE_DEVICE"] = "gpu"
    print(import_module(f"course_utils.{parsed.framework}").describe_device())
    return 0


def _build(parsed: argparse.Namespace) -> int:
    from course_utils.tools.lessons.build import build
    from course_utils.tools.lessons.run import runnable

    chosen = runnable(_chosen(parsed))
    for lesson, pairs in itertools.groupby(chosen, key=lambda pair: pair[0]):
        names = [framework for _, framework in pairs]
        for path in build(lesson, names, run=parsed.again, measure=parsed.time):
            print(f"Stored {path.relative_to(project_root())}")
    return 0 if chosen else 1


def _check(parsed: argparse.Namespace) -> int:
    from course_utils.course import front_matter
    from course_utils.tools.lessons.build import differences, reasons_to_run
    from course_utils.tools.lessons.pattern import counts, departures

    chosen = _chosen(parsed)
    for lesson, framework in chosen:
        print(f"{lesson.notebook(framework).name}: {counts(lesson, framework)}.")
    found = [line for pair in chosen for line in differences(*pair)]
    held = [pair for pair in chosen if front_matter(pair[0]).pattern]
    found += [
        f"{pair[0].notebook(pair[1]).name}: {line}" for pair in held for line in departures(*pair)
    ]
    stale = [line for pair in chosen for line in reasons_to_run(*pair)]
    print("\n".join(found + stale) or "The notebooks are what their sources build.")
    return 1 if found else 0


def _run(parsed: argparse.Namespace) -> int:
    from course_utils.tools.lessons.run import run_all

    failed = run_all(_chosen(parsed), parsed.to, parsed.settings, parsed.html, parsed.jobs)
    return 1 if failed else 0


def _report(parsed: argparse.Namespace) -> int:
    from course_utils.tools.lessons.results_page import write_pages

    for path in write_pages():
        print(f"Stored {path.relative_to(project_root())}")
    return 0


def _train(parsed: argparse.Namespace) -> int:
    from course_utils.tools.recipes import run_recipes

    for path in run_recipes(parsed.lesson, parsed.only, parsed.to):
        print(path)
    return 0


def _release(parsed: argparse.Namespace) -> int:
    from course_utils.course import find_lesson
    from course_utils.tools.lessons.handout import write_handout

    for path in write_handout(find_lesson(parsed.lesson), parsed.to, parsed.with_solutions):
        print(path)
    return 0


def _progress(parsed: argparse.Namespace) -> int:
    from course_utils.classroom.exercises import names
    from course_utils.classroom.progress import summary
    from course_utils.course import lessons

    for lesson in lessons():
        folder = lesson.folder
        if parsed.folder:
            folder = parsed.folder / folder.name
        print(f"{lesson.number}  {summary(names(lesson.number), folder)}")
    return 0


def _quiz(parsed: argparse.Namespace) -> int:
    from course_utils.classroom.quizzes import PARTS, as_text
    from course_utils.tools.gift import gift

    if parsed.gift:
        text = gift(parsed.lesson)
        try:
            with parsed.gift.open("x", encoding="utf8") as file:
                file.write(text)
        except FileExistsError:
            raise CourseError(f"{parsed.gift} exists already: choose a new name.") from None
        print(f"Wrote {parsed.gift}")
    else:
        print("\n\n".join(as_text(parsed.lesson, part) for part in PARTS))
    return 0


def doctor(parsed: argparse.Namespace) -> int:
    """Print one line for each thing that the course needs; 1 if something is missing, else 0."""
    looks = [_python, _frameworks, _course, _cache, _downloads, _mirror, _compiled]
    looks += [_devices] if parsed.devices else []
    lines = [line for look in looks for line in _lines(look)]
    for ok, text in lines:
        print(f"{'ok     ' if ok else 'missing'}  {text}")
    return 0 if all(ok for ok, _ in lines) else 1


def _lines(look: Callable) -> list[tuple[bool, str]]:
    """Return what a look at something found, or what stopped it."""
    try:
        found = look()
    except (CourseError, OSError) as error:
        return [(False, str(error))]
    return found if isinstance(found, list) else [found]


def _python() -> tuple[bool, str]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return good, f"Python {platform.python_version()}" + ("" if good else ": install 3.11 to 3.13")


def _frameworks() -> tuple[bool, str]:
    from importlib.metadata import version

    names = [("pytorch", "torch"), ("tensorflow", "tensorflow")]
    found = [f"{package} {version(package)}" for name, package in names if installed(name)]
    advice = 'no framework: run `pip install -c constraints.txt -e ".[pytorch]"`'
    return bool(found), ", ".join(found) or advice


def _devices() -> list[tuple[bool, str]]:
    """Ask each framework where it would run; this starts it."""
    from importlib import import_module

    from course_utils.course import FRAMEWORKS

    found = [name for name in FRAMEWORKS if installed(name)]
    return [(True, import_module(f"course_utils.{name}").describe_device()) for name in found]


def _course() -> tuple[bool, str]:
    return True, f"course in {project_root()}"


def _cache() -> tuple[bool, str]:
    folder = cache_dir()
    if writable(folder):
        free = shutil.disk_usage(folder).free / 1e9
        return free > 1, f"cache {folder}, {free:.0f} GB free"
    if folder.is_dir() and all(ok for ok, _ in _downloads()):
        return True, f"cache {folder}, which cannot be written: what lessons build is not kept"
    reason = "is a file, no folder" if folder.is_file() else "cannot be written"
    return False, f"cache {folder} {reason}: set COURSE_CACHE to another folder"


def _downloads() -> list[tuple[bool, str]]:
    """Look at each download that a lesson needs."""
    from course_utils.tools.data_commands import needed

    return [_download(name) for name in needed()]


def _download(name: str) -> tuple[bool, str]:
    from course_utils.data.register import dataset
    from course_utils.data.sources import verify

    download = dataset(name)
    states = verify(download)
    missing = [path for path in set(states) - set(download.optional) if states[path] != "ok"]
    if not missing:
        return True, name
    if all(map(_on_the_mirror, missing)):
        return True, f"{name}: on the mirror, copied at first use"
    return False, f"{name}: run `course data fetch {name}`"


def _on_the_mirror(path: str) -> bool:
    from course_utils.data.files import NotHere
    from course_utils.data.sources import ask

    try:
        mirror = data_mirror()
        if isinstance(mirror, str):
            return ask(f"{mirror}/{path}") == 200
        return mirror is not None and (mirror / path).is_file()
    except (CourseError, NotHere, OSError):
        return False  # the line on the mirror says why


def _mirror() -> tuple[bool, str]:
    from course_utils.data.files import NotHere
    from course_utils.data.sources import ask, without_password

    mirror = data_mirror()
    if mirror is None:
        return True, "no mirror is set (COURSE_DATA_MIRROR), none is needed"
    wrong = ""
    if isinstance(mirror, Path):
        if not mirror.is_dir():
            wrong = "it is a file" if mirror.is_file() else "there is no such folder"
    else:
        try:
            status = ask(f"{mirror}/")  # few servers list a folder: 403 and 404 are good answers
            if status in (401, 407) or status >= 500:
                wrong = f"the server answered {status}"
        except NotHere as error:
            wrong = str(error)
    return not wrong, f"mirror {without_password(mirror)}" + (f": {wrong}" if wrong else "")


def _compiled() -> list[tuple[bool, str]]:
    """Say where UMAP's compiled functions go on a machine where their usual places are closed."""
    folder = numba_cache()
    told = "the folder of the packages and the home cannot be written, so UMAP compiles into"
    return [] if folder is None else [(True, f"{told} {folder}")]
