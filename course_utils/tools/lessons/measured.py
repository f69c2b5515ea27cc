"""What a run of notebooks measured: every claim, on which device, in which time and memory.

`notebooks/conftest.py` collects it cell by cell, and writes it as JSON. `course report` puts the
file of a GPU beside the stored results.
"""

import datetime
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from course_utils.classroom.claims import bounds_in_words, shown
from course_utils.course import write_bytes
from course_utils.errors import CourseError
from course_utils.own_files import read_text
from course_utils.tools.gpu import GpuUse

MIME = "application/vnd.course.use+json"
_TOLD = ("device", "seconds", "broken", "claims")  # of every notebook
_COMPUTING = ("numpy", "torch", "tensorflow", "keras")


def show_use(found: GpuUse, describe: Callable[[], str], wanted: str | None = None) -> None:
    """Record the device, the memory and the versions of a notebook, in its last cell.

    Parameters
    ----------
    found : GpuUse
        Where the notebook's models and data lie.
    describe : callable
        `describe_device` of the framework.
    wanted : str, optional
        "gpu" if the notebook should have run on one.

    Raises
    ------
    CourseError
        If it should have, and did not.
    """
    from IPython.display import display

    proof = f"; {found.check()}" if wanted == "gpu" else ""
    device, memory = describe(), _peak_memory()
    use = {"device": device, "memory": memory, "gpu_memory": found.memory, "versions": _versions()}
    told = f"{device}, {memory / 1e6:,.0f} MB{proof}"
    display({"text/plain": told, MIME: use}, raw=True)


def _versions() -> dict[str, str]:
    """Return the versions of the libraries that the notebook computed with."""
    return {name: version(name) for name in _COMPUTING if name in sys.modules}


def _peak_memory() -> int:
    """Return the most bytes of main memory that this process took; 0 where nothing tells."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # macOS counts bytes


class Measured:
    """Collects what the cells of many notebooks report."""

    def __init__(self) -> None:
        self.notebooks: dict[str, dict[str, Any]] = {}

    def add(
        self,
        notebook: str,
        *,
        seconds: float,
        claims: Iterable[dict] = (),
        use: dict | None = None,
        broken: str | None = None,
    ) -> None:
        """Add a cell.

        Parameters
        ----------
        notebook : str
            Its name without the ending.
        seconds : float
            What the cell took.
        claims : iterable of dict
            The records of `claim`.
        use : dict, optional
            The record of `show_use`.
        broken : str, optional
            What the cell ended with, if not with a claim that failed.
        """
        empty: dict[str, Any] = {
            "notebook": notebook,
            "framework": notebook.rpartition("_")[2],
            "device": None,
            "seconds": 0.0,
            "broken": None,
            "claims": [],
        }
        found = self.notebooks.setdefault(notebook, empty)
        found["seconds"] += seconds
        found["claims"] += claims
        found["broken"] = found["broken"] or broken
        found.update(use or {})

    def failed(self) -> list[str]:
        """Return a line for each claim that did not hold, and for each notebook that broke."""
        lines = []
        for name, found in self.notebooks.items():
            for record in found["claims"]:
                if not record["holds"]:
                    lines.append(f"{name}: {_line(record)}")
            if found["broken"]:
                lines.append(f"{name}: broke, {found['broken']}")
        return lines

    def write(self, path: Path) -> None:
        """Write all as JSON."""
        made = {
            "date": datetime.date.today().isoformat(),
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "notebooks": [
                found | {"seconds": round(found["seconds"], 1)}
                for _, found in sorted(self.notebooks.items())
            ],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode("utf8"))


def _line(record: dict) -> str:
    value = "not a number" if record["value"] is None else shown(record["value"])
    return f"{record['id']}  {record['statement']}: {value} ({bounds_in_words(record)})"


def read_measured(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a file of `Measured.write` says of each notebook, by its name.

    Raises
    ------
    CourseError
        If the file cannot be read or is no such file.
    """
    try:
        content = json.loads(read_text(path))
        return {
            one["notebook"]: {**one, **{key: one[key] for key in _TOLD}, "date": content["date"]}
            for one in content["notebooks"]
        }
    except (ValueError, KeyError, TypeError):
        raise CourseError(
            f"{path} is not what a run of the notebooks writes: make it with `make test-gpu`."
        ) from None
