"""A claim: a sentence of theory with the measured value and the bound that it must keep."""

import math

from course_utils.errors import InputError

MIME = "application/vnd.course.claim+json"


def claim(
    id: str,
    statement: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    """Show a measured value beside its bound, and fail if it misses it.

    The line is stored in the notebook together with a record, from which tables of all claims can
    be made.

    Parameters
    ----------
    id : str
        The claim's number in the curriculum, such as "E3".
    statement : str
        What was measured, in words.
    value : float
    at_least, at_most : float
        One bound or both.

    Raises
    ------
    AssertionError
        If the value misses a bound or is not a number.
    InputError
        If no bound is given.
    """
    from IPython.display import display

    if at_least is None and at_most is None:
        raise InputError(f"The claim {id} needs a bound: at_least=... or at_most=...")
    value = float(value)
    holds = not math.isnan(value)
    holds = holds and (at_least is None or value >= at_least)
    holds = holds and (at_most is None or value <= at_most)
    bounds = [f"at least {at_least:g}"] if at_least is not None else []
    bounds += [f"at most {at_most:g}"] if at_most is not None else []
    line = f"{id}  {statement}: {_short(value)} ({', '.join(bounds)})"
    record = {"id": id, "statement": statement, "value": None if math.isnan(value) else value}
    record |= {"at_least": at_least, "at_most": at_most, "holds": holds}
    display({"text/plain": f"{'✔' if holds else '✘'} {line}", MIME: record}, raw=True)
    if not holds:
        raise AssertionError(f"Claim {line} does not hold.")


def _short(value: float) -> str:
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}"
