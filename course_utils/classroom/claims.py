"""A claim: a sentence of theory with the measured value and the bound that it must keep."""

import math
import os
from typing import Literal

from course_utils.errors import InputError

MIME = "application/vnd.course.claim+json"
KINDS = {  # each kind with its sign, the sign's name and what it says of a value
    "outcome": ("✔", "check mark", "measured in this run; it could have come out otherwise"),
    "equality": ("=", "equals sign", "a check of correctness, which every right program passes"),
    "recorded": ("←", "arrow to the left", "measured earlier, and only read from a stored log"),
}
GO_ON = "COURSE_CLAIMS_GO_ON"  # where it is set, whoever runs the notebook reads the records
FAILED = "✘"
DEVICES = {"cpu": "on the CPU", "gpu": "on the GPU"}
_UNITS_OF_TIME = ("ns", "µs", "us", "ms", "s", "min", "h")


def claim(
    id: str,
    statement: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
    compare: bool = True,
    kind: Literal["outcome", "equality", "recorded"] = "outcome",
    device: Literal["cpu", "gpu"] | None = None,
) -> None:
    """Show a measured value beside its bound, and fail if it misses it.

    The line is stored in the notebook together with a record, from which tables of all claims can
    be made. Both are shown before a claim that does not hold fails. (The tests of the notebooks
    let it go on, and fail its cell by the record.)

    Parameters
    ----------
    id : str
        The claim's number, such as "E3"; its cell is tagged `claim-E3`.
    statement : str
        What was measured, in words.
    value : float
        The measured value. An infinite value or NaN proves nothing and fails.
    at_least, at_most : float, optional
        One bound or both.
    unit : str
        What the value counts, such as "ms", if anything.
    compare : bool
        Whether both frameworks must come to the same value. Say False for times, and for what
        depends on the framework.
    kind : {"outcome", "equality", "recorded"}
        What the value is, shown as the sign at the start of the line: ✔ an outcome, measured now,
        that could have been otherwise; = an equality that a right program must give; ← a value
        that was measured earlier and is only read from a stored log.
    device : {"cpu", "gpu"}, optional
        Where a time was measured. A time says nothing without its machine: a cell that measures the
        processor on purpose says so `with on_cpu():`.

    Raises
    ------
    AssertionError
        If the value misses a bound or is not a finite number.
    InputError
        If no bound is given, if the value or a bound is no number, if the kind or the device is
        unknown, or if a time names no device.
    """
    from IPython.display import display

    if at_least is None and at_most is None:
        raise InputError(f"The claim {id} needs a bound: at_least=... or at_most=...")
    if kind not in KINDS:
        raise InputError(f"The kind of claim {id} must be one of {', '.join(KINDS)}, not {kind!r}.")
    if device is not None and device not in DEVICES:
        raise InputError(f"The device of claim {id} must be 'cpu' or 'gpu', not {device!r}.")
    if device is None and unit in _UNITS_OF_TIME:
        raise InputError(f'The claim {id} is a time: say where it was measured, device="cpu".')
    value = _number(id, "value", value)
    lower = None if at_least is None else _number(id, "bound at_least", at_least)
    upper = None if at_most is None else _number(id, "bound at_most", at_most)
    finite = math.isfinite(value)
    holds = finite and (lower is None or value >= lower) and (upper is None or value <= upper)
    record: dict[str, object] = {"id": id, "kind": kind, "statement": statement, "unit": unit}
    record |= {"value": value if finite else None, "at_least": lower, "at_most": upper}
    record |= {"holds": holds, "compare": compare, "device": device}
    bounds = [bounds_in_words(record)]
    bounds += ["measured earlier"] if kind == "recorded" else []
    measured = " ".join(filter(None, [shown(value), unit, DEVICES.get(device or "")]))
    line = f"{id}  {statement}: {measured} ({', '.join(bounds)})"
    sign = KINDS[kind][0] if holds else FAILED
    display({"text/plain": f"{sign} {line}", MIME: record}, raw=True)
    if not holds and GO_ON not in os.environ:
        raise AssertionError(f"Claim {line} does not hold: the exact value is {value!r}.")


def _number(id: str, name: str, given: float) -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        kind = type(given).__name__
        raise InputError(f"The {name} of claim {id} must be one number, not {kind}.") from None


def legend() -> str:
    """Return what the signs before claims mean, as a Markdown list."""
    return "\n".join(f"- {sign} ({name}): {text}." for sign, name, text in KINDS.values())


def bounds_in_words(record: dict) -> str:
    """Return the bounds of a claim's record: "at least 1, at most 2"."""
    sides = {"at_least": "at least", "at_most": "at most"}
    return ", ".join(
        f"{words} {record[s]:g}" for s, words in sides.items() if record[s] is not None
    )


def shown(value: float) -> str:
    """Return a measured value as claims write it: four digits, or the power of ten if tiny."""
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}"
