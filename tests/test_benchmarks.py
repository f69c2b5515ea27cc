"""The benchmarks run, on a little text, and say what they measured."""

import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from course_utils.course import FRAMEWORKS, find_lesson, lessons
from course_utils.data.files import UnavailableError
from course_utils.data.register import dataset, register
from course_utils.data.splits import Splits
from course_utils.data.translation import SentencePairs
from course_utils.tools.lessons.source import assemble, parameters
from course_utils.tools.recipes import translation

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


@pytest.fixture(scope="module")
def standard():
    """Return the module that runs the lessons on the standard data sets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield importlib.import_module("test_standard")


def rows_of(lesson, standard):
    return [row for row in standard.TABLE if row.lesson == lesson.number]


def test_each_row_of_the_table_names_a_lesson_its_parameters_and_a_data_set(standard):
    known = {lesson.number: lesson for lesson in lessons()}
    for row in standard.TABLE:
        assert dataset(row.dataset).files
        assert bool(row.settings) != bool(row.program)
        assert not row.program or (FOLDER / row.program[0]).is_file()
        for framework in FRAMEWORKS:
            assert set(row.settings) <= set(parameters(assemble(known[row.lesson], framework)))


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_download_that_a_lesson_offers_is_in_the_table(lesson, standard):
    offered = downloads(assemble(lesson, "pytorch"))
    missing = offered - {row.dataset for row in rows_of(lesson, standard)}
    assert not missing, f"benchmarks/standard.py has no row for {missing}, as lesson.md offers"


def downloads(notebook):
    """Return the data sets to download that stand in quotes in a lesson's parameters cell."""
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    named = {name for cell in cells for name in re.findall(r'"([\w-]+)"', cell.source)}
    return {name for name in named if name in register()} - {"encoder"}


def test_a_download_that_has_no_row_would_be_noticed():
    notebook = assemble(find_lesson("03"), "pytorch")
    assert downloads(notebook) == {"tinyshakespeare"}
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source += '\nother = "multi30k"'
    assert downloads(notebook) == {"tinyshakespeare", "multi30k"}


@pytest.mark.parametrize(
    ("mirror", "different", "skipped"),
    [(None, False, True), ("/nowhere", False, False), (None, True, False)],
)
def test_only_a_missing_network_skips_a_standard_data_set(
    mirror, different, skipped, standard, monkeypatch
):
    def unavailable(download):
        raise UnavailableError("Could not get it.", different)

    monkeypatch.setattr(standard, "fetch_files", unavailable)
    monkeypatch.setenv("COURSE_DATA_MIRROR", mirror or "")
    with pytest.raises(pytest.skip.Exception if skipped else UnavailableError) as raised:
        standard.have("tinyshakespeare")
    assert "\n" not in str(raised.value)


def test_a_row_becomes_a_command(standard, tmp_path):
    for row in standard.TABLE:
        words = [str(word) for word in standard.command(row, "pytorch", tmp_path)]
        assert words[words.index("--framework") :][:2] == ["--framework", "pytorch"]
        settings = [f"{name}={value}" for name, value in row.settings.items()]
        assert set(settings) <= set(words) and set(row.program[1:]) <= set(words)


def test_encoding_is_measured(tmp_path):
    from course_utils.course import cache_dir

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


WORDS = {"der": "the", "ein": "a", "rote": "red", "alte": "old", "hund": "dog", "ball": "ball's"}


@pytest.fixture
def multi30k(monkeypatch):
    """The program, on sentences of a made-up German that is English read backwards."""
    pytest.importorskip("sacrebleu")
    spec = importlib.util.spec_from_file_location("multi30k", FOLDER / "multi30k.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    rows = np.random.default_rng(0).choice(list(WORDS), size=(1340, 5))
    sources = [" ".join(row).capitalize() + "." for row in rows]
    targets = [" ".join(WORDS[word] for word in row[::-1]) + "." for row in rows]
    parts = (slice(1280), slice(1280, 1310), slice(1310, 1340))
    pairs = [SentencePairs(sources[part], targets[part]) for part in parts]
    monkeypatch.setattr(translation, "MAX_LENGTH", 24)
    monkeypatch.setattr(program, "load", lambda name: Splits(*pairs, source="made here"))
    return program


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_the_transformer_learns_an_order_that_word_by_word_cannot(
    multi30k, framework, monkeypatch, tmp_path, capsys
):
    pytest.importorskip({"pytorch": "torch", "tensorflow": "tensorflow"}[framework])
    options = (
        f"--framework {framework} --epochs 4 --d-model 32 --layers 1 --pieces 60 --batch-size 32 "
        f"--rate 1e-2 --warmup-steps 20 --dropout 0 --test --json {tmp_path / 'numbers.json'}"
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
    wide = np.pad(ids, ((0, 0), (0, 9)))
    ((source, given, wanted),) = multi30k.make_batches(wide, ids, 2, seed=0)
    assert source.shape == (2, ids.shape[1]) and given.shape == wanted.shape == (2, len(ids[1]) - 1)
    assert (given[:, 1:] == wanted[:, :-1]).all()
    start, end = (pieces.token_to_id(sign) for sign in (translation.START, translation.END))
    assert (given[:, 0] == start).all() and all(row[row != 0][-1] == end for row in wanted)
