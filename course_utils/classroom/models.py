"""The models of a lesson side by side: a table to read, stored together with its records."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked

MIME = "application/vnd.course.models+json"
Score = float | Sequence[float] | np.ndarray


@checked
def record_models(
    models: Iterable[tuple[str, int | None, float | None, Mapping[str, Score]]],
) -> None:
    """Show a table of models, and store one record for each in the notebook.

    Parameters
    ----------
    models : list of (name, parameters, seconds, scores)
        `parameters` and `seconds` may be None where they say nothing. `scores` has a number for
        each name of a measure; several numbers, such as one a seed, are shown as their mean and
        standard deviation (that of a sample, n - 1).

    Raises
    ------
    InputError
        If there is no model, or a number is NaN or infinite: leave a score out, and write None for
        `parameters` or `seconds`.

    Examples
    --------
    >>> record_models([("LSTM", 2600, 1.25, {"bits": [2.0, 2.2]})])  # doctest: +SKIP
    model  parameters  seconds  held-out scores
    LSTM        2,600      1.2  bits 2.100 ± 0.141
    """
    from IPython.display import display

    records = [_record(*model) for model in models]
    if not records:
        raise InputError("There is no model to record.")
    display({"text/plain": _table(records), MIME: {"models": records}}, raw=True)


def scores_in_words(record: dict) -> str:
    """Return the scores of a record in one line: "accuracy 0.912 ± 0.004, chance 0.250"."""
    return ", ".join(
        f"{score['name']} {score['value']:.3f}"
        + ("" if score["deviation"] is None else f" ± {score['deviation']:.3f}")
        for score in record["scores"]
    )


def _record(
    name: str, parameters: int | None, seconds: float | None, scores: Mapping[str, Score]
) -> dict:
    values = {measure: np.asarray(score, float) for measure, score in scores.items()}
    given = [number for number in (parameters, seconds) if number is not None]
    if not all(np.isfinite(numbers).all() for numbers in [np.asarray(given), *values.values()]):
        raise InputError(
            f"A number of {name!r} is not finite: leave a score out, or write None for the others."
        )
    return {
        "name": name,
        "parameters": None if parameters is None else int(parameters),
        "seconds": None if seconds is None else float(seconds),
        "scores": [_score(measure, numbers) for measure, numbers in values.items()],
    }


def _score(measure: str, values: np.ndarray) -> dict:
    deviation = float(values.std(ddof=1)) if values.size > 1 else None
    return {"name": measure, "value": float(values.mean()), "deviation": deviation}


def _table(records: list[dict]) -> str:
    width = max(len(record["name"]) for record in records)
    lines = [f"{'model':<{width}}{'parameters':>13}{'seconds':>9}  held-out scores"]
    for record in records:
        size, seconds = size_and_seconds(record)
        scores = scores_in_words(record)
        lines.append(f"{record['name']:<{width}}{size:>13}{seconds:>9}  {scores}".rstrip())
    return "\n".join(lines)


def size_and_seconds(record: dict) -> tuple[str, str]:
    """Return the parameters and the seconds of a record as text, empty where there are none."""
    size, seconds = record["parameters"], record["seconds"]
    return "" if size is None else f"{size:,}", "" if seconds is None else f"{seconds:.1f}"
