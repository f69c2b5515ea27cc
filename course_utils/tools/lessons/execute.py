"""Run a notebook in a fresh kernel, and keep of its outputs what is worth keeping."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from nbformat import NotebookNode

from course_utils.classroom.markdown import headings
from course_utils.errors import CourseError

CELL_TIMEOUT = 240  # seconds; the Makefile gives nbval the same
_TRANSIENT = ("application/vnd.jupyter.widget-view+json",)


class LessonError(CourseError):
    """A cell failed. `notebook` holds what ran before it."""

    def __init__(self, message: str, notebook: NotebookNode):
        super().__init__(message)
        self.notebook = notebook


def execute(
    notebook: NotebookNode, folder: Path, on_cell: Callable[[int, int], None] | None = None
) -> float:
    """Run all cells in place and return the seconds that they took, as `execute_async` does.

    Raises
    ------
    LessonError
        As `execute_async` does.
    """
    return asyncio.run(execute_async(notebook, folder, on_cell))


async def execute_async(
    notebook: NotebookNode, folder: Path, on_cell: Callable[[int, int], None] | None = None
) -> float:
    """Run all cells in place and return the seconds that they took.

    Parameters
    ----------
    folder : Path
        The working directory of the kernel.
    on_cell : callable, optional
        Told after each cell: how many are done, and of how many.

    Raises
    ------
    LessonError
        If a cell fails, takes more than `CELL_TIMEOUT` seconds, or ends the kernel.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        extra_arguments=["--log-level=40"],
    )
    start = time.perf_counter()
    running: NotebookNode | None = None
    try:
        async with _kernel(client):
            for number, cell in enumerate(code, start=1):
                running = cell
                index = notebook.cells.index(cell)
                await client.async_execute_cell(cell, index, execution_count=number)
                if on_cell:
                    on_cell(number, len(code))
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".splitlines()[0]
        raise _failure(notebook, running, f"failed with {reason}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        task = asyncio.current_task()
        if task and task.cancelling():  # Ctrl-C: nbclient takes it for a dead kernel
            raise asyncio.CancelledError from None
        reason = str(error).strip().splitlines()[0]
        raise _failure(notebook, running, f"did not finish: {reason}") from None
    seconds = time.perf_counter() - start
    for cell in code:
        cell.outputs = _clean(cell.outputs)
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    return seconds


@asynccontextmanager
async def _kernel(client) -> AsyncIterator[None]:
    """Start a client's kernel and stop it in any case.

    nbclient's own context manager takes over Ctrl-C, of one client out of many; this one leaves
    it alone.
    """
    client.create_kernel_manager()
    await client.async_start_new_kernel(env=_environment())
    try:
        await client.async_start_new_kernel_client()
        yield
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        if client.km is not None:
            await client.km.shutdown_kernel(now=True)


def _failure(notebook: NotebookNode, cell: NotebookNode | None, what: str) -> LessonError:
    """Return the error that says in which cell and section something went wrong."""
    if cell is None:
        return LessonError(f"the kernel {what}", notebook)
    before = notebook.cells[: notebook.cells.index(cell)]
    titles = headings("\n".join(c.source for c in before if c.cell_type == "markdown"))
    section = f" (section {titles[-1]!r})" if titles else ""
    return LessonError(f"the cell {cell.id!r} {what}{section}", notebook)


def _environment() -> dict[str, str]:
    """The kernel's environment: quiet, one thread, the same hashes in every run."""
    defaults = {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONHASHSEED": "0",
        "COURSE_PROGRESS": "0",
    }
    return {**defaults, **os.environ, "COURSE_PROGRESS": "0"}


def _clean(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Drop progress bars and join pieces of text that were printed one after the other."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if any(kind in output.get("data", {}) for kind in _TRANSIENT):
            continue
        joins = kept and output.output_type == "stream" == kept[-1].output_type
        if joins and output.name == kept[-1].name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept
