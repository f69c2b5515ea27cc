"""`course data list | fetch | verify | mirror`."""

import argparse

from course_utils.course import cache_dir, front_matter, lessons
from course_utils.data.register import Download, dataset, register
from course_utils.data.sources import copy_files, fetch_files, verify
from course_utils.errors import InputError
from course_utils.tools.arguments import read_path


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the four commands to a parser."""
    _add(commands, "list", show, "name every download: license, citation, size, state")
    fetching = _add(commands, "fetch", fetch, "bring downloads into the cache", names=True)
    fetching.add_argument("--needed", action="store_true", help="only what lessons need")
    _add(commands, "verify", check, "compare the cache with the registered checksums", names=True)
    mirror_parser = _add(commands, "mirror", mirror, "copy downloads into a folder for a class")
    mirror_parser.add_argument("folder", type=read_path)
    mirror_parser.add_argument("names", nargs="*", help="by default all")


def _add(commands, name: str, run, text: str, names: bool = False) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    if names:
        parser.add_argument("names", nargs="*", help="by default all")
    return parser


def show(arguments: argparse.Namespace) -> int:
    """Print every registered download, and return 0."""
    for download in register().values():
        size = sum(file.bytes for file in download.files) / 1e6
        states = set(verify(download).values())
        state = "ready" if states == {"ok"} else "partly there" if "ok" in states else "not fetched"
        print(f"{download.name:<12} {size:8.1f} MB  {state:<12} {download.title}")
        print(f"{'':<12} license: {download.license}")
        print(f"{'':<12} citation: {download.citation}")
    print(f"cache: {cache_dir()}")
    return 0


def needed() -> list[str]:
    """Return the names of the downloads without which a lesson does not run, in alphabetical order.

    Raises
    ------
    CourseError
        If the front matter of a lesson cannot be read.
    """
    return sorted({name for lesson in lessons() for name in front_matter(lesson).downloads})


def fetch(arguments: argparse.Namespace) -> int:
    """Bring downloads into the cache, and return 0.

    Raises
    ------
    DataError
        If there is no such download, or it can be had from nowhere.
    """
    chosen = map(dataset, needed()) if arguments.needed else _chosen(arguments.names)
    for download in chosen:
        folder = fetch_files(download)
        missing = [path for path, state in verify(download).items() if state != "ok"]
        print(f"{download.name}: ready in {folder}{_without(missing)}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Verify every file in the cache; return 1 if one is damaged, else 0.

    Raises
    ------
    DataError
        If there is no such download.
    """
    damaged = 0
    for download in _chosen(arguments.names):
        for path, state in verify(download).items():
            print(f"{path:<32} {state}")
            damaged += state not in ("ok", "not fetched")
    if damaged:
        print("Damaged files are fetched anew when they are next used.")
    return 1 if damaged else 0


def mirror(arguments: argparse.Namespace) -> int:
    """Copy verified files into a folder that COURSE_DATA_MIRROR can name, and return 0.

    Raises
    ------
    DataError
        If there is no such download, it can be had from nowhere, or the folder cannot be written.
    InputError
        If the folder was forgotten: it has the name of a download.
    """
    if str(arguments.folder) in register():
        raise InputError(
            f"{arguments.folder} is a data set: write the folder before it, as in "
            f"`course data mirror class_data {arguments.folder}`."
        )
    for download in _chosen(arguments.names):
        missing = copy_files(download, arguments.folder)
        print(f"{download.name}: copied{_without(missing)}")
    print(
        "Set COURSE_DATA_MIRROR to this folder, as each machine of the class sees it (here "
        f"{arguments.folder.resolve()})."
    )
    return 0


def _without(missing: list[str]) -> str:
    return f" (without {', '.join(missing)}, which no source has now)" if missing else ""


def _chosen(names: list[str]) -> list[Download]:
    return [dataset(name) for name in names] if names else list(register().values())
