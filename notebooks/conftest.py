"""nbval for lessons: a dead kernel is noticed, and every claim is measured.

A claim that does not hold fails its cell, and the notebook goes on: at the end all of them are
named. `--measured FILE` writes every claim, with device, seconds and memory of each notebook, as
JSON. Any other failure ends its notebook.

Only the text of cells tagged `nbval-check-output` is compared with what is stored. The other cells
prove their point by assertions.
"""

import json
import os
import time
from collections import defaultdict
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from course_utils.classroom.claims import GO_ON, MIME as CLAIM
from course_utils.course import FRAMEWORKS, installed
from course_utils.errors import CourseError
from course_utils.tools.lessons.execute import CELL_TIMEOUT
from course_utils.tools.lessons.measured import MIME as USE, Measured, read_measured

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
USE_CELL = """\
from course_utils.{0} import describe_device
from course_utils.tools.gpu.{0} import gpu_use
from course_utils.tools.lessons.measured import show_use
show_use(gpu_use(globals()), describe_device, {1!r})
"""
measured = Measured()
NOT_COMPARED = (
    "stderr", "text/html", "image/svg+xml", "application/javascript",
    CLAIM, USE, "application/vnd.plotly.v1+json",
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


def pytest_addoption(parser):
    """Add `--measured FILE`."""
    parser.addoption("--measured", type=Path, metavar="FILE", help="write all claims as JSON")


def pytest_configure(config):
    """Refuse to overwrite a file that no run of the notebooks wrote, before anything runs."""
    path = config.getoption("measured", None)
    if path and os.path.lexists(path):
        try:
            read_measured(path)
        except CourseError as error:
            raise pytest.UsageError(f"{error} Choose another file for --measured.") from None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let each notebook end with a cell that tells its device, and proves that a GPU was used.

    Where a GPU is imitated, the first cell begins that.
    """
    report = yield
    asked = GPU_WANTED or collector.config.getoption("measured", None)
    if asked and isinstance(collector, IPyNbFile) and report.passed:
        framework = collector.path.stem.rpartition("_")[2]
        use = USE_CELL.format(framework, "gpu" if GPU_WANTED else None)
        report.result.append(_cell(collector, "device", use))
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Skip what comes after a failure; refuse to compare with an output that is not stored.

    A kernel that starts here is told that its claims go on; this process is not.
    """
    if not isinstance(item, IPyNbCell):
        return (yield)
    if getattr(item.parent, "broken_at", None):
        pytest.skip(f"{item.parent.broken_at} of this notebook failed")
    if "nbval-check-output" in item.cell.metadata.get("tags", []) and not item.cell.outputs:
        pytest.fail("this cell is tagged nbval-check-output, but stores no output", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(GO_ON, "1")
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail a cell whose claim does not hold; remember what else broke a notebook."""
    report = yield
    if not isinstance(item, IPyNbCell):
        return report
    told = {"seconds": report.duration}
    if report.failed:
        item.parent.broken_at = told["broken"] = item.name
    if call.when == "call":
        shown = [output.get("data", {}) for output in getattr(item, "test_outputs", None) or []]
        told["claims"] = [data[CLAIM] for data in shown if CLAIM in data]
        told["use"] = next((data[USE] for data in shown if USE in data), None)
        lines = [data["text/plain"] for data in shown if CLAIM in data and not data[CLAIM]["holds"]]
        if lines and report.passed:
            report.outcome, report.longrepr = "failed", "\n".join(lines)
    report.user_properties.append(("measured", (item.path.stem, json.dumps(told))))
    return report


def pytest_runtest_logreport(report):
    """Collect what a cell reported, here or in a worker process."""
    for name, value in report.user_properties:
        if name == "measured":
            notebook, told = value
            measured.add(notebook, **json.loads(told))


def pytest_terminal_summary(terminalreporter, config):
    """Name every claim that does not hold, and write the file."""
    if measured.failed():
        terminalreporter.section("claims that do not hold, notebooks that broke")
        for line in measured.failed():
            terminalreporter.line(line)
    path = config.getoption("measured", None)
    if path and measured.notebooks:
        measured.write(path)
        terminalreporter.line(f"All claims, devices, seconds and memory: {path}")
