"""Which device is wanted: what a call, a `with` block and the environment say, in this order."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from course_utils.errors import InputError

_processor_wanted = ContextVar("_processor_wanted", default=False)


def wanted_device(prefer: str = "auto") -> str:
    """Return "auto", "gpu" or "cpu".

    Parameters
    ----------
    prefer : {"auto", "gpu", "cpu"}
        For "auto" a block of `want_processor` answers, then the environment variable
        `COURSE_DEVICE`.

    Raises
    ------
    InputError
        If the device has another name.
    """
    if prefer == "auto":
        prefer = "cpu" if _processor_wanted.get() else os.environ.get("COURSE_DEVICE", "auto")
    if prefer not in ("auto", "gpu", "cpu"):
        raise InputError(f"The device must be 'auto', 'gpu' or 'cpu', but it is {prefer!r}.")
    return prefer


@contextmanager
def want_processor() -> Iterator[None]:
    """Let `wanted_device` answer "cpu" within a `with` block."""
    token = _processor_wanted.set(True)
    try:
        yield
    finally:
        _processor_wanted.reset(token)
