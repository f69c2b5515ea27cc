"""Files that are verified before they get their final name, and what can be wrong with one."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from course_utils.course import write_atomically
from course_utils.data.register import File
from course_utils.errors import DataError


class UnavailableError(DataError):
    """No source has a file. (Trouble with the disk is another `DataError`: never passed over.)

    `different` says whether a source had the file with another size or checksum.
    """

    def __init__(self, message: str, different: bool = False):
        super().__init__(message)
        self.different = different


class NotHere(Exception):
    """One source does not have the file; the next one may."""


class Different(NotHere):
    """One source has the file, but not with the registered size and checksum."""


def store(target: Path, file: File, write: Callable[[Path], object]) -> None:
    """Write a file and verify it, before it gets its final name.

    Parameters
    ----------
    target : Path
        Its folder is made if need be.
    file : File
    write : callable
        Writes the content to the path that it is given.

    Raises
    ------
    Different
        If what was written has not the registered size and checksum.
    NotHere
        If `write` raises it.
    OSError
        If the folder cannot be written.
    """

    def write_and_verify(part: Path) -> None:
        write(part)
        found = problem(part, file)
        if found:
            raise Different(found)

    try:
        write_atomically(target, write_and_verify)
    except PermissionError:
        # Windows replaces no file that is open: another process was first and reads it already.
        if problem(target, file):
            raise


def problem(path: Path, file: File) -> str | None:
    """Say what is wrong with a file, or nothing."""
    if not path.is_file():
        return "the file is not there"
    size = path.stat().st_size
    if size < file.bytes:
        return f"the file is truncated ({size:,} of {file.bytes:,} bytes)"
    if size > file.bytes:
        return f"the file is too long ({size:,} instead of {file.bytes:,} bytes)"
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return None if found == file.sha256 else wrong_checksum(found, file.sha256)


def wrong_checksum(found: str, registered: str) -> str:
    """Say how two SHA-256 sums differ, for the end of a sentence."""
    return f"wrong checksum (SHA-256 {found[:12]}..., registered is {registered[:12]}...)"
