"""Run the lessons on the standard data sets: `make test-benchmarks`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from standard import TABLE

from course_utils.course import FRAMEWORKS, installed
from course_utils.data.files import UnavailableError
from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files

FOLDER = Path(__file__).resolve().parent
ROWS = [(row, framework) for row in TABLE for framework in FRAMEWORKS]


def have(name):
    """Fetch a data set. Without a mirror and a network, skip; what is damaged still fails."""
    try:
        fetch_files(dataset(name))
    except UnavailableError as error:
        if os.environ.get("COURSE_DATA_MIRROR") or error.different:
            raise
        pytest.skip(f"{name}: no mirror is set (COURSE_DATA_MIRROR), and no network is here")


def command(row, framework, folder):
    """Return the command that runs a row of the table."""
    if row.program:
        return [sys.executable, FOLDER / row.program[0], "--framework", framework, *row.program[1:]]
    settings = [
        part for name, value in row.settings.items() for part in ("--set", f"{name}={value}")
    ]
    run = [sys.executable, "-m", "course_utils", "run", row.lesson, "--framework", framework]
    return [*run, *settings, "--to", folder, "--html", folder]


@pytest.mark.parametrize(
    ("row", "framework"), ROWS, ids=[f"{r.lesson}-{r.dataset}-{name}" for r, name in ROWS]
)
def test_a_lesson_holds_on_a_standard_data_set(row, framework, tmp_path):
    if not installed(framework):
        pytest.skip(f"{framework} is not installed")
    if row.program:
        pytest.importorskip("sacrebleu")
    have(row.dataset)
    done = subprocess.run(
        command(row, framework, tmp_path), cwd=FOLDER.parent, capture_output=True, text=True
    )
    print(done.stdout)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
