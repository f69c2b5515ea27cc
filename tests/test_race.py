"""The race of lesson 2: both programs learn, are asked the same, and the gaps have limits."""

import json
from dataclasses import replace

import numpy as np
import pytest

from course_utils import data
from course_utils.checkpoints import training_log
from course_utils.data.splits import RunningText, TextDataset
from course_utils.data.word_sets import Analogies
from course_utils.tools.recipes import RECIPES
from course_utils.tools.recipes.race import Race, RaceTrack, gap_with_limits
from course_utils.tools.recipes.word2vec_settings import CBOW, USUAL, Settings, Trials

TINY = Race(epochs=3, dimension=8, window=2, rates=(0.05, 0.1), seeds=(0, 1), draws=50)


@pytest.fixture
def tiny_data(monkeypatch):
    """Two topics of ten words and their plurals: sentences, labeled texts, and two analogies."""
    monkeypatch.setenv("COURSE_PROGRESS", "0")
    rng = np.random.default_rng(0)
    topics = [[f"{letter}word{chr(97 + i)}" for i in range(10)] for letter in "xy"]
    topics = [topic + [word + "s" for word in topic] for topic in topics]
    texts = [" ".join(rng.choice(topics[i % 2], 12)) for i in range(600)]
    names = [str(i) for i in range(8)]
    sets = {
        "running_text": RunningText(texts, len(texts) * 12, "a test"),
        "documentation": TextDataset(
            "documentation", texts[:200], np.arange(200) % 2, names, "a test"
        ),
        "library_analogies": Analogies(
            [tuple(topics[0][i] for i in (0, 10, 1, 11))], ["s"], "a test"
        ),
    }
    monkeypatch.setattr(data, "load", lambda name, **_: sets[name])


def test_both_programs_run_and_their_rows_are_complete(tiny_data, capsys):
    pytest.importorskip("torch")
    pytest.importorskip("gensim")
    arrays, log = TINY.make()
    assert not arrays and json.loads(json.dumps(log)) and log["source"] == "a test"
    rows = [(row["program"], row["rate"], row["seed"]) for row in log["rows"]]
    assert len(set(rows)) == len(rows) == 8
    for row in log["rows"]:
        assert 0 < row["held_out_loss"] < 6 * np.log(2) + 0.1 and row["cpu_seconds"] >= 0
    best = max(row["purity"] for row in log["rows"] if row["program"] == "ours")
    assert best > 0.6, "words of one topic stand together"
    assert capsys.readouterr().out.count("held_out_loss") == 8


def test_a_gap_is_ours_minus_gensim_at_the_best_rate_of_each(tiny_data):
    track = RaceTrack(TINY)
    rows = []
    for program, losses in (("ours", (2.0, 3.0)), ("gensim", (3.0, 2.0))):
        for rate, loss in zip(TINY.rates, losses, strict=True):
            for seed in TINY.seeds:
                rows.append({"program": program, "rate": rate, "held_out_loss": loss})
                right = np.full(40, 0.75 if program == "ours" and rate == 0.05 else 0.25)
                right[:4] += 0.1 * seed
                track.answers[program, rate, seed] = dict.fromkeys(track.judge.measures, right)
    gaps = track.gaps(rows)
    assert gaps.pop("rates") == [0.05, 0.1]
    assert gaps == dict.fromkeys(track.judge.measures, [0.5, 0.5, 0.5])


def test_the_limits_of_a_gap_hold_the_luck_of_seeds_and_of_questions(tiny_data):
    track = RaceTrack(replace(TINY, draws=2000))
    rows = [
        {"program": p, "rate": r, "held_out_loss": r}
        for p in ("ours", "gensim")
        for r in TINY.rates
    ]
    for seed in TINY.seeds:
        right = (np.arange(40) < 20 + 10 * seed).astype(float)
        track.answers["ours", 0.05, seed] = dict.fromkeys(track.judge.measures, right)
        track.answers["gensim", 0.05, seed] = dict.fromkeys(track.judge.measures, 0 * right)
    gap, low, high = track.gaps(rows)["purity"]
    assert gap == 0.625 and low < 0.5 and high > 0.75


def test_the_kept_race_has_all_rows_and_the_settings_of_its_run():
    run = next(run for run in RECIPES["02"] if run.name == "race")
    log = training_log("02", "race")
    assert {(row["program"], row["rate"], row["seed"]) for row in log["rows"]} == {
        (program, rate, seed)
        for program in ("ours", "gensim")
        for rate in run.rates
        for seed in run.seeds
    }
    for measure in ("purity", "plurals", "analogies"):
        gap, low, high = log["gaps"][measure]
        assert low <= gap <= high


SMALL = Settings(
    usual=replace(TINY, rates=(0.1,)),
    variants={USUAL: {}, "one pass": {"epochs": 1}, "1/8 of the text": {"share": 1 / 8},
              CBOW: {"model": "cbow", "learning_rate": 0.1}},
)  # fmt: skip


def test_each_setting_is_tried_with_each_seed_and_compared_with_the_usual_ones(tiny_data):
    pytest.importorskip("torch")
    arrays, log = SMALL.make()
    assert not arrays and json.loads(json.dumps(log))["source"] == "a test"
    tried = [(row["variant"], row["seed"]) for row in log["rows"]]
    assert tried == [(name, seed) for name in SMALL.variants for seed in (0, 1)]
    assert log["gaps"].keys() == SMALL.variants.keys() - {USUAL}
    assert log["gaps"][CBOW].keys() - log["gaps"]["one pass"].keys() == {
        "rare_purity",
        "rare_plurals",
    }
    means = {name: np.mean([r["purity"] for r in log["rows"] if r["variant"] == name])
             for name in SMALL.variants}  # fmt: skip
    gap, low, high = log["gaps"]["one pass"]["purity"]
    assert gap == pytest.approx(means[USUAL] - means["one pass"], abs=1e-3) and low <= gap <= high
    assert means[USUAL] > 0.6 and abs(log["two_seeds"]["cosine"]) < 0.9


def test_bands_are_shares_of_plurals_by_the_rarer_word(tiny_data):
    trials = Trials(SMALL)
    trials.rarer = np.repeat([5, 15, 30, 100, 500], [20, 20, 20, 20, 5])
    found = np.repeat([0.0, 1.0, 0.0, 1.0, 1.0], [20, 20, 20, 20, 5]) == 1
    assert trials.bands(found) == [0.0, 1.0, 0.0, 1.0, None]


def test_a_share_of_the_text_keeps_whole_sentences_and_the_vocabulary(tiny_data):
    from course_utils.tools.recipes.word2vec_settings import _part

    whole = Trials(SMALL).track.corpus
    part = _part(whole, 1 / 4)
    assert part.vocabulary is whole.vocabulary
    assert len(np.unique(part.sentences)) == round(len(np.unique(whole.sentences)) / 4)
    for number in np.unique(part.sentences)[:5]:
        kept, there = (text.ids[text.sentences == number] for text in (part, whole))
        assert (kept == there).all()


def test_the_gap_without_luck_has_limits_on_itself():
    assert gap_with_limits(np.ones((2, 9)), np.zeros((2, 9)), 50) == [1.0, 1.0, 1.0]


def test_the_kept_settings_have_all_rows():
    log = training_log("02", "settings")
    run = next(run for run in RECIPES["02"] if run.name == "settings")
    assert log["settings"]["variants"] == run.variants
    assert [(row["variant"], row["seed"]) for row in log["rows"]] == [
        (name, seed) for name in run.variants for seed in run.usual.seeds
    ]
