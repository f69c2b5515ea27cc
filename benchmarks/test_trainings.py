"""The short trainings of kept models, made again: about the numbers of their logs come out.

Run by `make test-benchmarks`. The long ones take half an hour and more each: `course train`.
"""

import json

import pytest

from course_utils.checkpoints import training_log
from course_utils.data.files import UnavailableError
from course_utils.tools.recipes import RECIPES, run_recipes

SHORT = 120  # CPU seconds
RUNS = [
    (lesson, run.name)
    for lesson, runs in RECIPES.items()
    for run in runs
    if training_log(lesson, run.name).get("cpu_seconds", 0) < SHORT
    and not run.name.startswith("transfer")  # nine trainings in one log
]


def numbers(log, path=()):
    """Yield the measured numbers of a log with their places; seconds are those of a machine."""
    if isinstance(log, dict):
        for key, value in log.items():
            if "seconds" not in str(key) and key not in ("settings", "commit"):
                yield from numbers(value, (*path, key))
    elif isinstance(log, list):
        yield from numbers(dict(enumerate(log)), path) if log else ()
    elif isinstance(log, int | float):
        yield path, log


@pytest.mark.parametrize(("lesson", "name"), RUNS, ids=[f"{n}-{name}-pytorch" for n, name in RUNS])
def test_a_short_training_comes_out_as_before(lesson, name, tmp_path):
    pytest.importorskip("torch")
    try:
        written = run_recipes(lesson, name, tmp_path)
    except UnavailableError as error:
        pytest.skip(str(error))
    again = dict(numbers(json.loads(written[-1].read_text(encoding="utf8"))))
    kept = dict(numbers(training_log(lesson, name)))
    assert again.keys() == kept.keys()
    for place, number in kept.items():
        assert again[place] == pytest.approx(number, rel=0.1, abs=0.05), place
