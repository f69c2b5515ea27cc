"""The installed packages as a source of text: their files, their versions, and a cache.

Nothing is imported or run. `documentation` and `functions` read the files that are found here.
"""

import gzip
import hashlib
import json
import os
import re
import sys
import sysconfig
import zlib
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from course_utils.course import cache_dir, write_bytes
from course_utils.errors import DataError

_SKIPPED_FOLDERS = re.compile(
    r"tests?|testing|_?vendor(ed)?|_?externals?|(site|dist)-packages|idle_test|lib2to3|ensurepip"
)
# Markup -> what stays of it.
_MARKUP = [
    (re.compile(r":[\w:+.-]+:`([^`<]+?)\s*<[^`>]+>`"), r"\1"),  # :ref:`text <target>`
    (re.compile(r":[\w:+.-]+:`~(?:[^`]*\.)?([^`]+)`"), r"\1"),  # :class:`~package.Name`
    (re.compile(r"`~(?:[^`]*\.)?([^`]+)`"), r"\1"),  # `~package.Name`
    (re.compile(r":[\w:+.-]+:`([^`]+)`"), r"\1"),  # :class:`Name`
    (re.compile(r"`([^`<]+?)\s*<[^`>]+>`__?"), r"\1"),  # `text <address>`_
    (re.compile(r"<?\b(?:https?|ftp)://[^\s>]+>?"), ""),
    (re.compile(r"\s*\[\w+\]_|\s+\[\d+\]"), ""),  # references to literature
    (re.compile(r"(?<![\w*])\*{1,2}([^\s*](?:[^*]*[^\s*])?)\*{1,2}(?![\w*])"), r"\1"),
    (re.compile(r"`+_{0,2}|\$"), ""),
    (re.compile(r"::$"), ":"),
]


def version_of(package: str | None) -> str:
    """Return the version of a package, such as "1.9.1"; for None, that of Python.

    Raises
    ------
    DataError
        If the package is not installed.
    """
    if package is None:
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise _missing(error.name) from None


def _missing(package: str) -> DataError:
    return DataError(
        f"The documentation of {package} is part of this data set, but {package} is not "
        f"installed: run `pip install {package}`."
    )


def package_root(module: str | None, package: str | None = None) -> Path:
    """Return the folder of a package without importing it, or of the standard library.

    Parameters
    ----------
    module : str or None
        The name to import; None is the standard library.
    package : str, optional
        The name to install, for the error; by default `module`.

    Raises
    ------
    DataError
        If the package is not installed, or the standard library's source files are missing.
    """
    if module is None:
        root = Path(sysconfig.get_paths()["stdlib"])
        if not (root / "ast.py").is_file():
            raise DataError(
                f"The standard library's source files are not in {root}: install Python from "
                "python.org, conda or your system's packages, which bring them."
            )
        return root
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(package or module)
    return Path(spec.submodule_search_locations[0])


def python_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the Python files below a folder with their text, in the same order everywhere.

    Tests and copies of other packages are left out, and so are files that are not UTF-8.
    """
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(f for f in subfolders if not _SKIPPED_FOLDERS.fullmatch(f))
        for name in sorted(names):
            if name.endswith(".py"):
                path = Path(folder, name)
                try:
                    yield path, path.read_text(encoding="utf8")
                except (UnicodeDecodeError, OSError):
                    continue


def without_markup(block: str) -> str:
    """Return a paragraph of a docstring on one line, as plain text."""
    line = " ".join(block.split())
    for markup, rest in _MARKUP:
        line = markup.sub(rest, line)
    return " ".join(line.split())


def cached(name: str, versions: dict[str, str], code: tuple[str, ...], build: Callable[[], object]):
    """Return what `build` returns; the cache holds it while versions, code and Python stay.

    Where the cache cannot be written, one printed line says so.

    Parameters
    ----------
    name : str
        What the file in the cache is called, before the key of versions and code.
    versions : dict of str to str
        The version of each package that is read.
    code : tuple of str
        The paths of the source files that decide what is built.
    build : callable
        Returns what JSON can hold.

    Raises
    ------
    CourseError
        If COURSE_CACHE names no folder.
    """
    path = cache_dir() / "documentation" / f"{name}-{_key(versions, code)}.json.gz"
    try:
        with gzip.open(path, "rt", encoding="utf8") as stream:
            return json.load(stream)["built"]
    except (OSError, EOFError, ValueError, zlib.error, KeyError, TypeError):
        pass  # not built yet, or damaged: build it
    built = build()
    compressed = gzip.compress(json.dumps({"built": built}).encode("utf8"), mtime=0)
    try:
        write_bytes(path, compressed)
    except OSError as error:
        print(
            f"Could not store {path.name} in {path.parent} ({error.strerror}), so it is built anew "
            "each time: free some space or set COURSE_CACHE to another folder."
        )
    return built


def _key(versions: dict[str, str], code: tuple[str, ...]) -> str:
    """Return a name for these versions, read by these files and by this one."""
    key = hashlib.sha256(repr((sys.version_info[:3], versions)).encode())
    for file in (*code, __file__):
        key.update(Path(file).read_bytes())
    return key.hexdigest()[:16]
