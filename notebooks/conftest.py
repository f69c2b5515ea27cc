"""nbval for lessons: a dead kernel is noticed, a notebook stops at its first failure.

Only the text of cells tagged `nbval-check-output` is compared with what is stored. The other cells
prove their point by assertions.
"""

import importlib.util
import time
from queue import Empty

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

POLL_SECONDS = 2.0
_MODULES = {"pytorch": "torch", "tensorflow": "tensorflow"}
_wait_for_reply = RunningKernel.await_reply


def _wait_for_reply_or_death(self, message, timeout=None):
    """Wait for a reply in short turns, and look between them whether the kernel lives."""
    deadline = time.monotonic() + (timeout or 600)
    while True:
        try:
            return _wait_for_reply(self, message, timeout=POLL_SECONDS)
        except Empty:
            if not self.is_alive():
                raise RuntimeError("the kernel died: out of memory?") from None
            if time.monotonic() > deadline:
                raise


RunningKernel.await_reply = _wait_for_reply_or_death


def pytest_ignore_collect(collection_path):
    """Leave out notebooks of a framework that is not installed."""
    for framework, module in _MODULES.items():
        if collection_path.stem.endswith(f"_{framework}"):
            return True if importlib.util.find_spec(module) is None else None
    return None


def pytest_collectstart(collector):
    """Do not compare what differs from machine to machine."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("stderr", "text/html", "image/svg+xml")


def pytest_collection_modifyitems(items):
    """Refuse cells that are marked for comparison and stored without output."""
    for item in items:
        marked = isinstance(item, IPyNbCell) and "nbval-check-output" in item.cell.metadata.get(
            "tags", []
        )
        if marked and not item.cell.outputs:
            raise pytest.UsageError(f"{item.nodeid} is marked for checking, but has no output")


def pytest_runtest_setup(item):
    """After a failure, skip the rest of that notebook."""
    broken = getattr(item.parent, "broken_at", None) if isinstance(item, IPyNbCell) else None
    if broken:
        pytest.skip(f"{broken} of this notebook failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember the first failure of each notebook."""
    report = yield
    if isinstance(item, IPyNbCell) and report.failed:
        item.parent.broken_at = item.name
    return report
