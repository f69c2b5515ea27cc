"""The benchmarks run, on a little text, and say what they measured."""

import importlib.util
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from course_utils.data.translation import SentencePairs, TranslationData

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "word2vec.py"
OURS = "pytorch" if find_spec("torch") else "tensorflow"


def run(*arguments):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)],
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


WORDS = {"der": "the", "ein": "a", "rote": "red", "alte": "old", "hund": "dog", "ball": "ball's"}


@pytest.fixture
def multi30k(monkeypatch):
    """The program, on sentences of a made-up German that is English read backwards."""
    pytest.importorskip("sacrebleu")
    spec = importlib.util.spec_from_file_location("multi30k", SCRIPT.with_name("multi30k.py"))
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    rows = np.random.default_rng(0).choice(list(WORDS), size=(1340, 5))
    sources = [" ".join(row).capitalize() + "." for row in rows]
    targets = [" ".join(WORDS[word] for word in row[::-1]) + "." for row in rows]
    parts = (slice(1280), slice(1280, 1310), slice(1310, 1340))
    pairs = [SentencePairs(sources[part], targets[part]) for part in parts]
    monkeypatch.setattr(program, "LONGEST", 24)
    monkeypatch.setattr(program, "load", lambda name: TranslationData(*pairs, source="made here"))
    return program


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_the_transformer_learns_an_order_that_word_by_word_cannot(
    multi30k, framework, monkeypatch, tmp_path, capsys
):
    pytest.importorskip({"pytorch": "torch", "tensorflow": "tensorflow"}[framework])
    options = (
        f"--framework {framework} --epochs 4 --width 32 --layers 1 --pieces 60 --batch-size 32 "
        f"--rate 1e-2 --warm-up 20 --dropout 0 --test --json {tmp_path / 'numbers.json'}"
    )
    monkeypatch.setattr(sys, "argv", ["multi30k.py", *options.split()])
    multi30k.main()
    said = json.loads((tmp_path / "numbers.json").read_text())
    assert said["steps"] == 4 * 40 and len(said["curve"]) == 4
    for scores in said["scores"].values():
        assert scores["word by word"] < 40 and scores["transformer"] > 90
    assert f"| transformer | {said['scores']['validation']['transformer']:.1f} |" in (
        capsys.readouterr().out
    )


def test_word_by_word_finds_the_translation_of_each_word(multi30k):
    translated = multi30k.word_by_word(multi30k.load("multi30k").train)
    assert translated(["Der rote Ball, alte!", "ein Zug"]) == ["the red ball's, old!", "a zug"]


def test_a_batch_asks_for_the_next_piece_and_is_cut_to_its_longest_row(multi30k):
    pieces = multi30k.pieces_of(["The dog.", "The old dog's ball."], 60)
    ids = multi30k.encode(pieces, ["The dog.", "The old dog's ball."])
    assert pieces.decode(ids[1].tolist()) == "the old dog's ball."
    ((source, given, wanted),) = multi30k.make_batches(np.pad(ids, (0, 9)), ids, 2, seed=0)
    assert source.shape == (2, ids.shape[1]) and given.shape == wanted.shape == (2, len(ids[1]) - 1)
    assert (given[:, 1:] == wanted[:, :-1]).all()
    start, end = (pieces.token_to_id(sign) for sign in (multi30k.START, multi30k.END))
    assert (given[:, 0] == start).all() and all(row[row != 0][-1] == end for row in wanted)
