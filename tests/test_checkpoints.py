"""Weights that the repository keeps, and the command that makes them."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_utils import checkpoints, data
from course_utils.checkpoints import find_checkpoint
from course_utils.data.documentation import Documents
from course_utils.errors import InputError
from course_utils.tools import recipes
from course_utils.tools.cli import main
from course_utils.tools.recipes import RECIPES, run_recipes
from course_utils.tools.recipes.character_models import CharacterModel


def test_every_run_is_kept_and_all_together_are_small():
    for lesson, runs in RECIPES.items():
        files = list(Path(checkpoints.__file__).parents[1].glob(f"notebooks/{lesson}_*/weights/*"))
        logs = {path.stem for path in files if path.suffix == ".json"}
        assert logs == {run.name for run in runs}, f"run `course train {lesson}`"
        assert {path.stem for path in files} == logs
        most = {"02": 25_000, "03": 3_200_000, "04": 10_500_000, "05": 12_500_000}  # with the logs
        assert sum(path.stat().st_size for path in files) < most[lesson]
        weights = [path.stat().st_size for path in files if path.suffix == ".safetensors"]
        most = {"02": 0, "03": 3_000_000, "04": 10_000_000, "05": 12_000_000}
        assert sum(weights) <= most[lesson]


@pytest.mark.parametrize("run", RECIPES["03"][:3], ids=lambda run: run.name)
def test_a_kept_character_model_has_the_settings_of_its_run(run):
    found = find_checkpoint("03", run.name)
    assert CharacterModel(**found.log["settings"]) == run, "the settings changed: train again"
    bits, tokens = found.log["validation_bits"], found.log["tokens"]
    assert len(bits) == len(tokens) and bits[-1] < bits[0]
    assert tokens[-1] == run.steps * run.batch_size * run.sequence_length


def test_there_may_be_no_kept_weights():
    assert find_checkpoint("03", "my_text") is None
    assert find_checkpoint("03", "../weights/source_code") is None


def test_a_damaged_log_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "weights_folder", lambda lesson: tmp_path)
    (tmp_path / "a.safetensors").write_bytes(b"")
    for content in (None, "{"):
        if content:
            (tmp_path / "a.json").write_text(content)
        with pytest.raises(InputError, match="run `course train 03` again"):
            find_checkpoint("03", "a")


def test_training_writes_weights_and_log_and_repeats_itself(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    documents = Documents(["abc cab " * 8000], ["one"], "a test")
    monkeypatch.setattr(data, "load", lambda name: documents)
    run = CharacterModel(
        "tiny", "none", steps=6, batch_size=4, sequence_length=8, units=8, dimension=4,
        evaluations=3,
    )  # fmt: skip
    monkeypatch.setattr(recipes, "RECIPES", {"03": (run,)})
    for folder in ("a", "b"):
        assert main(["train", "3", "--to", str(tmp_path / folder)]) == 0
    assert "tiny.safetensors" in capsys.readouterr().out
    log = json.loads((tmp_path / "a" / "tiny.json").read_text())
    assert log["tokens"] == [64, 128, 192] and log["source"] == "a test"
    assert np.isfinite(log["validation_bits"]).all()
    stored = [(tmp_path / folder / "tiny.safetensors").read_bytes() for folder in ("a", "b")]
    assert stored[0] == stored[1]


def test_what_is_not_stored_is_said(capsys):
    with pytest.raises(InputError, match="no training moon: it stores source_code"):
        run_recipes("03", "moon")
    assert main(["train", "01"]) == 2
    assert "it stores nothing" in capsys.readouterr().err


def test_a_log_names_the_commit_that_made_it(tmp_path, monkeypatch):
    for lesson, runs in RECIPES.items():
        folder = next(Path(checkpoints.__file__).parents[1].glob(f"notebooks/{lesson}_*/weights"))
        for run in runs:
            log = json.loads((folder / f"{run.name}.json").read_text("utf8"))
            assert len(log["commit"]) >= 7
    monkeypatch.setattr(recipes, "project_root", lambda: tmp_path)
    assert recipes.current_commit() == "unknown"
