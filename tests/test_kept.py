"""Weights that the repository keeps, and the command that makes them."""

import json

import numpy as np
import pytest

from course_utils import data, kept
from course_utils.cli import main
from course_utils.data.documentation import Documents
from course_utils.errors import InputError
from course_utils.kept import RUNS, Run, kept_weights, train_kept
from course_utils.lessons.source import find_lesson


def test_every_run_is_kept_with_its_log_and_all_together_are_small():
    for lesson, runs in RUNS.items():
        for run in runs:
            found = kept_weights(lesson, run.dataset)
            assert found is not None, f"run `course train {lesson} --dataset {run.dataset}`"
            assert Run(**found.log["settings"]) == run, "the settings changed: train again"
            bits, tokens = found.log["validation_bits"], found.log["tokens"]
            assert len(bits) == len(tokens) and bits[-1] < bits[0]
            assert tokens[-1] == run.steps * run.batch_size * run.length
        files = list((find_lesson(lesson).folder / "weights").iterdir())
        assert sum(path.stat().st_size for path in files) < 12_000_000
        assert {path.stem for path in files} == {run.dataset for run in runs}


def test_there_may_be_no_kept_weights():
    assert kept_weights("03", "my_text") is None
    assert kept_weights("03", "../weights/source_code") is None


def test_a_damaged_log_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_folder", lambda lesson: tmp_path)
    (tmp_path / "a.safetensors").write_bytes(b"")
    for content in (None, "{"):
        if content:
            (tmp_path / "a.json").write_text(content)
        with pytest.raises(InputError, match="run `course train 03` again"):
            kept_weights("03", "a")


def test_training_writes_weights_and_log_and_repeats_itself(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    documents = Documents(["abc cab " * 8000], ["one"], "a test")
    monkeypatch.setattr(data, "load", lambda name: documents)
    run = Run("tiny", steps=6, batch_size=4, length=8, units=8, dimension=4, checks=3)
    monkeypatch.setattr(kept, "RUNS", {"03": (run,)})
    for folder in ("a", "b"):
        assert main(["train", "3", "--to", str(tmp_path / folder)]) == 0
    assert "tiny.safetensors" in capsys.readouterr().out
    log = json.loads((tmp_path / "a" / "tiny.json").read_text())
    assert log["tokens"] == [64, 128, 192] and log["source"] == "a test"
    assert np.isfinite(log["validation_bits"]).all()
    stored = [(tmp_path / folder / "tiny.safetensors").read_bytes() for folder in ("a", "b")]
    assert stored[0] == stored[1]


def test_what_is_not_kept_is_said(capsys):
    with pytest.raises(InputError, match="keeps no weights for moon: it keeps those for source"):
        train_kept("03", "moon")
    assert main(["train", "01"]) == 2
    assert "it keeps none" in capsys.readouterr().err
