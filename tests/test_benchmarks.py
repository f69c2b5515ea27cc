"""The benchmarks run, on a little text, and say what they measured."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
OURS = "pytorch" if find_spec("torch") else "tensorflow"


def run(*arguments, script="word2vec.py"):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, FOLDER / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
    )


def test_word2vec_is_measured_beside_gensim(tmp_path):
    numbers = tmp_path / "numbers.json"
    done = run(
        "--frameworks", OURS, "gensim", "--limit", 20_000, "--epochs", 1, "--repeat", 2,
        "--json", numbers,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(numbers.read_text())
    ours, rival = said["fastest"]
    assert [ours["framework"], rival["framework"]] == [OURS, "gensim"] and len(said["runs"]) == 4
    assert 10_000 < ours["words"] == rival["words"] < 20_000
    best = max(r["words_per_second"] for r in said["runs"] if r["framework"] == OURS)
    assert ours["words_per_second"] == best
    for speed in ("words_per_second", "words_per_cpu_second"):
        assert rival[f"{speed}_ratio"] == 1
        assert ours[f"{speed}_ratio"] == pytest.approx(ours[speed] / rival[speed])
    for result in said["fastest"]:
        assert 2 < result["held_out_loss"] < 4.2 and 0 < result["purity"] < 1
    assert done.stdout.count("\n") == 4 and f"{ours['words_per_second']:,.0f}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--epochs", 0), "must be at least 1"), (("--frameworks", "jax"), "invalid choice: 'jax'")],
)
def test_options_that_make_no_sense_are_refused(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2 and words in done.stderr


def test_encoding_is_measured(tmp_path):
    from course_utils.paths import cache_dir

    if not (cache_dir() / "encoder" / "model.safetensors").is_file():
        pytest.skip("the encoder is not in the cache: run `course data fetch encoder`")
    numbers = tmp_path / "numbers.json"
    done = run(
        "--frameworks", OURS, "--texts", 6, "--batch-sizes", 2, 3, "--repeat", 1, "--unsorted",
        "--json", numbers, script="encoding.py",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(numbers.read_text())["fastest"]
    assert [r["batch_size"] for r in results] == [2, 2, 3, 3]
    assert [r["sorted"] for r in results] == [True, False, True, False]
    assert all(r["per_cpu_second"] > 1 and r["megabytes"] > 100 for r in results)
    assert done.stdout.count("\n") == 6
    assert "must be at least 1" in run("--texts", 0, script="encoding.py").stderr
