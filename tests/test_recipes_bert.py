"""What lesson 5 keeps: two LSTMs, and results of learning with few labels."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from adapters import adapter
from tiny_bert import write_folder

from course_utils import checkpoints
from course_utils.bert import BatchEncoding, elmo
from course_utils.checkpoints import METHODS, training_log, transfer_results
from course_utils.data.splits import TextDataset
from course_utils.errors import InputError
from course_utils.tools.recipes import RECIPES
from course_utils.tools.recipes.bidirectional_lm import BidirectionalLM
from course_utils.tools.recipes.few_labels import FewLabels

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(9, 6)).astype(np.float32)
IDS = np.array([[1, 5, 3, 2], [1, 4, 2, 0], [1, 8, 7, 2]])


class Tokenizer:
    """Knows three texts."""

    vocabulary_size = 9

    def encode(self, texts):
        ids = IDS[[ord(text) - ord("a") for text in texts]]
        lengths = (ids != 0).sum(axis=1)
        return BatchEncoding(ids[:, : lengths.max()], ids * 0, lengths)


@pytest.fixture
def tiny_encoder(tmp_path, monkeypatch):
    """The encoder is a random BERT of two small blocks."""
    from course_utils.data import encoder

    write_folder(tmp_path)
    monkeypatch.setattr(encoder, "encoder", lambda: tmp_path)


def test_only_the_tokens_of_a_row_are_reversed():
    backwards = elmo.reverse_padded(IDS, np.array([4, 3, 4]))
    assert backwards.tolist() == [[2, 3, 5, 1], [2, 4, 1, 0], [2, 7, 8, 1]]
    assert (elmo.reverse_padded(backwards, np.array([4, 3, 4])) == IDS).all()


def bilm(framework, monkeypatch):
    monkeypatch.setattr(elmo, "static_table", lambda: TABLE)
    one = np.zeros((1, 1, 6), np.float32)
    return framework.initialize(framework.BiLM(6, 5), (one, one), seed=1)


def test_a_word_sees_both_sides_and_padding_changes_nothing(framework, monkeypatch):
    model = bilm(framework, monkeypatch)
    static, states = framework.elmo_states(model, Tokenizer(), ["a", "b", "c"], batch_size=2)
    assert (static == TABLE[IDS]).all() and states.shape == (3, 4, 10)
    alone = framework.elmo_states(model, Tokenizer(), ["b"])[1]
    assert np.abs(alone[0] - states[1, :3]).max() <= 1e-6
    # Texts a and c begin and end alike: only what was read before the difference is the same.
    assert np.abs(states[0, 0, :5] - states[2, 0, :5]).max() <= 1e-6  # from the left
    assert np.abs(states[0, 3, 5:] - states[2, 3, 5:]).max() <= 1e-6  # from the right
    assert np.abs(states[0, 3, :5] - states[2, 3, :5]).max() > 1e-3
    assert np.abs(states[0, 0, 5:] - states[2, 0, 5:]).max() > 1e-3


def test_bad_input_to_the_lstms_is_one_clear_sentence(framework, monkeypatch):
    model = bilm(framework, monkeypatch)
    for batch_size in (0, -1):
        with pytest.raises(InputError, match=f"at least 1, but it is {batch_size}"):
            framework.elmo_states(model, Tokenizer(), ["a"], batch_size=batch_size)
    monkeypatch.setattr(Tokenizer, "vocabulary_size", 6)
    with pytest.raises(InputError, match="it has 6 pieces, but the model's table has 9 rows"):
        framework.elmo_states(model, Tokenizer(), ["a"])


def test_both_frameworks_read_alike(monkeypatch):
    states = []
    for name in ("pytorch", "tensorflow"):
        framework = adapter(name)
        model = bilm(framework, monkeypatch)
        states.append(framework.elmo_states(model, Tokenizer(), ["a", "b", "c"])[1])
    assert np.abs(states[0] - states[1]).max() <= 1e-6


def test_the_kept_lstms_have_the_settings_of_their_run(framework):
    kept_model = elmo.elmo_checkpoint()
    assert BidirectionalLM(**kept_model.log["settings"]) == RECIPES["05"][1], "train again"
    assert kept_model.log["held_out_bits"] < kept_model.log["unigram_bits"] - 1
    weights = framework.get_weights(framework.load_elmo())
    assert weights["forward_lstm.kernel"].shape == (384, 4 * RECIPES["05"][1].units)
    assert np.abs(weights["backward_lstm.recurrent"]).max() > 0.1


def test_missing_results_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "weights_folder", lambda lesson: tmp_path)
    with pytest.raises(InputError, match="course train 05 --only bilm"):
        elmo.elmo_checkpoint()
    with pytest.raises(InputError, match="transfer_pytorch.json .* run `course train 05` again"):
        transfer_results()


def test_the_kept_results_are_complete():
    rows = transfer_results()
    for run in RECIPES["05"][2:]:
        found = {
            (r["method"], r["labels"], r["seed"]) for r in rows if r["framework"] == run.framework
        }
        wanted = {(m, n, s) for m in METHODS for n in run.sizes for s in run.seeds}
        assert wanted <= found and len(found) == len(wanted) + len(METHODS), "train again"
        settings = training_log("05", run.name)["settings"]
        assert settings == json.loads(json.dumps(asdict(run))), "train again"
    assert all(0.25 < row["accuracy"] < 1 for row in rows)


def test_two_lstms_learn_from_running_text(tmp_path, monkeypatch, tiny_encoder):
    pytest.importorskip("torch")
    from course_utils.tools.recipes import bidirectional_training as training

    text = type("Text", (), {"sentences": ["the children play in a garden."] * 900, "source": "x"})
    monkeypatch.setattr(training, "load", lambda name: text)
    monkeypatch.setattr(training, "encoder", lambda: tmp_path)
    monkeypatch.setattr(training, "static_table", lambda: np.eye(15, 384, dtype=np.float32))
    sizes = {"steps": 60, "held_out": 2, "batch_size": 8, "length": 8, "units": 8, "guessed": 10}
    run = replace(RECIPES["05"][1], learning_rate=0.03, **sizes)
    arrays, log = run.make()
    assert set(arrays) == {f"{way}_lstm.{part}" for way in ("forward", "backward")
                           for part in ("kernel", "recurrent", "bias")}  # fmt: skip
    assert log["held_out_bits"] < log["unigram_bits"] - 0.5


def test_few_labels_are_learned_by_all_methods(framework, monkeypatch, tiny_encoder):
    from course_utils import data

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 240)
    fillers = rng.choice(["the", "in", "play", "garden"], (240, 4))
    texts = [
        f"{'ab'[label]} {' '.join(words)}" for label, words in zip(labels, fillers, strict=True)
    ]
    dataset = TextDataset("tiny", texts, labels, ["a", "b"], "a test")
    monkeypatch.setattr(data, "load", lambda name: dataset)
    name = framework.__name__.rsplit(".", 1)[-1]
    run = FewLabels(name, sizes=(40,), epochs=(4,), scratch_epochs=(6,), seeds=(0,), length=12)
    arrays, log = run.make()
    assert not arrays and log["source"] == "a test"
    assert [row["method"] for row in log["rows"]] == [*METHODS, *METHODS]
    assert all(set(row) >= {"labels", "accuracy", "cpu_seconds", "steps"} for row in log["rows"])
    steps = [row["steps"] for row in log["rows"]]
    all_labels = log["rows"][-1]["labels"] // 16
    assert steps == [0, 0, 0, 4 * 2, 6 * 2, 0, 0, 0, 4 * all_labels, 6 * all_labels]
    assert log["rows"][4]["accuracy"] > 0.8, "the small encoder learned nothing"
