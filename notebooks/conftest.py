"""nbval for lessons: a dead kernel is noticed, a notebook stops at its first failure.

Only the text of cells tagged `nbval-check-output` is compared with what is stored. The other cells
prove their point by assertions.
"""

import os
import time
from collections import defaultdict
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from course_utils.course import FRAMEWORKS, installed
from course_utils.tools.lessons.execute import CELL_TIMEOUT

POLL_SECONDS = 2.0
GPU_WANTED = os.environ.get("COURSE_DEVICE") == "gpu"
GPU_IMITATED = GPU_WANTED and "COURSE_FAKE_DEVICE" in os.environ  # see tests/fake_device.py
FAKE_CELL = f"""\
import sys
sys.path.append({str(Path(__file__).resolve().parents[1] / "tests")!r})
from fake_device import FakeDevice
from course_utils import classroom
FakeDevice().__enter__()
classroom.claim = lambda *values, **more: None  # it asks where tensors lie, not what they measure
"""
GPU_CELL = """\
from course_utils.tools.gpu.{} import gpu_use
print(gpu_use(globals()).check())
"""
NOT_COMPARED = (
    "stderr", "text/html", "image/svg+xml", "application/javascript",
    "application/vnd.course.claim+json", "application/vnd.plotly.v1+json",
)  # fmt: skip
_wait_for_reply = RunningKernel.await_reply


def _wait_for_reply_or_death(self, message, timeout=None):
    """Wait for a reply in short turns, and look between them whether the kernel lives."""
    deadline = time.monotonic() + (timeout or CELL_TIMEOUT)
    while True:
        try:
            return _wait_for_reply(self, message, timeout=POLL_SECONDS)
        except Empty:
            if not self.is_alive():
                raise RuntimeError("the kernel died: out of memory?") from None
            if time.monotonic() > deadline:
                raise


RunningKernel.await_reply = _wait_for_reply_or_death


def pytest_collectstart(collector):
    """Compare printed text and plain-text results, not what differs between machines."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += NOT_COMPARED


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Where a GPU is asked for, let each notebook end with a cell that proves that it was used.

    Where it is imitated, the first cell begins that.
    """
    report = yield
    if GPU_WANTED and isinstance(collector, IPyNbFile) and report.passed:
        framework = collector.path.stem.rpartition("_")[2]
        report.result.append(_cell(collector, "GPU", GPU_CELL.format(framework)))
        if GPU_IMITATED and framework == "pytorch":
            report.result.insert(0, _cell(collector, "imitated GPU", FAKE_CELL))
    return report


def _cell(collector, name, source):
    cell, number = nbformat.v4.new_code_cell(source), -1
    return IPyNbCell.from_parent(
        collector, name=name, cell_num=number, cell=cell, options=defaultdict(bool)
    )


def pytest_collection_modifyitems(items):
    """Leave out the notebooks of a framework that is not installed."""
    missing = [name for name in FRAMEWORKS if not installed(name)]
    for item in items:
        for name in missing:
            if isinstance(item, IPyNbCell) and item.path.stem.endswith(f"_{name}"):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))


def pytest_runtest_setup(item):
    """Skip what comes after a failure; refuse to compare with an output that is not stored."""
    if not isinstance(item, IPyNbCell):
        return
    if getattr(item.parent, "broken_at", None):
        pytest.skip(f"{item.parent.broken_at} of this notebook failed")
    if "nbval-check-output" in item.cell.metadata.get("tags", []) and not item.cell.outputs:
        pytest.fail("this cell is tagged nbval-check-output, but stores no output", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember the first failure of each notebook."""
    report = yield
    if isinstance(item, IPyNbCell) and report.failed:
        item.parent.broken_at = item.name
    return report
