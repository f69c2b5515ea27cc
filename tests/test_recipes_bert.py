"""What lesson 5 keeps: two LSTMs, and results of learning with few labels."""

import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
from adapters import adapter
from tiny_bert import write_folder

from course_utils import checkpoints
from course_utils.bert import BatchEncoding, elmo
from course_utils.checkpoints import METHODS, TransferResults, training_log, transfer_results
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
        with pytest.raises(InputError, match=f"from 1 up, but it is {batch_size}"):
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
        transfer_results("pytorch")
    with pytest.raises(InputError, match="framework is pytorch or tensorflow, but not 'jax'"):
        transfer_results("jax")


@pytest.mark.parametrize("run", RECIPES["05"][2:4], ids=lambda run: run.framework)
def test_the_kept_results_are_complete(run):
    rows = transfer_results(run.framework).rows
    found = {(row["method"], row["labels"], row["seed"]) for row in rows}
    wanted = {(m, n, s) for m in METHODS for n in run.sizes for s in run.seeds}
    assert wanted <= found and len(found) == len(wanted) + len(METHODS), "train again"
    settings = training_log("05", run.name)["settings"]
    assert settings == json.loads(json.dumps(asdict(run))), "train again"
    assert all(0.25 < row["accuracy"] < 1 for row in rows)
    assert {row["framework"] for row in rows} == {run.framework}


def test_results_are_given_by_method_and_number_of_labels():
    numbers = {("TF-IDF", 50): [0.5, 0.7], ("TF-IDF", 900): [0.8], ("table only", 50): [0.4, 0.4],
               ("table only", 900): [0.6]}  # fmt: skip
    rows = [
        {"method": method, "labels": labels, "accuracy": accuracy, "cpu_seconds": 2.0}
        for (method, labels), accuracies in numbers.items()
        for accuracy in accuracies
    ]
    results = TransferResults(rows)
    assert results.labels == [50, 900]
    assert results.values("TF-IDF", 50).tolist() == [0.5, 0.7]
    assert results.values("TF-IDF", 900, "cpu_seconds").tolist() == [2.0]
    assert results.means() == {"TF-IDF": [pytest.approx(0.6), 0.8], "table only": [0.4, 0.6]}
    spreads = results.spreads()
    assert spreads["TF-IDF"][0] == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert np.isnan(spreads["TF-IDF"][1]), "one run has no spread"
    with pytest.raises(InputError, match="No stored result of 'TF-IDF' with 60 labels.*50, 900"):
        results.values("TF-IDF", 60)


def test_batches_of_text_hold_all_rows_that_fill_one(tmp_path, monkeypatch, tiny_encoder):
    pytest.importorskip("torch")
    from course_utils.tools.recipes import bidirectional_training as training

    text = SimpleNamespace(sentences=["the play in a garden"] * 30, source="x")  # 30 * 7 tokens
    monkeypatch.setattr(training, "load", lambda name: text)
    monkeypatch.setattr(training, "encoder", lambda: tmp_path)
    for batch_size, n_batches in ((6, 5), (7, 4), (30, 1), (15, 2)):
        batches, source = training.text_batches(batch_size, 6, output_vocabulary=10, seed=0)
        assert len(batches) == n_batches and source == "x"
        ids, backwards, classes = batches[0]
        assert ids.shape == backwards.shape == (batch_size, 6) and classes.shape[1] == 12
        assert (ids[:, 1:] == backwards[:, ::-1][:, :-1]).all()


def test_two_lstms_learn_from_running_text(tmp_path, monkeypatch, tiny_encoder):
    pytest.importorskip("torch")
    from course_utils.tools.recipes import bidirectional_training as training

    text = type("Text", (), {"sentences": ["the children play in a garden."] * 900, "source": "x"})
    monkeypatch.setattr(training, "load", lambda name: text)
    monkeypatch.setattr(training, "encoder", lambda: tmp_path)
    monkeypatch.setattr(training, "static_table", lambda: np.eye(15, 384, dtype=np.float32))
    sizes = {"steps": 60, "held_out": 2, "batch_size": 8, "length": 8, "units": 8}
    sizes["output_vocabulary"] = 10
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
    run = FewLabels(name, sizes=(40,), epochs=(4,), scratch_epochs=(6,), seeds=(0,), max_length=12)
    arrays, log = run.make()
    assert not arrays and log["source"] == "a test"
    methods = [row["method"] for row in log["rows"]]
    assert methods[:5] == methods[5:] and sorted(methods[:5]) == sorted(METHODS)
    assert all(set(row) >= {"labels", "accuracy", "cpu_seconds", "steps"} for row in log["rows"])
    steps = [row["steps"] for row in log["rows"]]
    all_labels = -(-log["rows"][-1]["labels"] // 16)  # the last batch is smaller
    assert steps == [0, 0, 0, 4 * 3, 6 * 3, 0, 0, 0, 4 * all_labels, 6 * all_labels]
    assert log["rows"][4]["accuracy"] > 0.8, "the small encoder learned nothing"


def test_counting_predicts_what_always_follows_and_leaves_out_class_0():
    pytest.importorskip("torch")
    from course_utils.tools.recipes.bidirectional_training import n_gram_bits

    def batch(row):
        forward, backward = np.tile(row, (20, 1)), np.tile(row[::-1], (20, 1))
        wanted = np.concatenate([forward[:, 1:], backward[:, 1:]], axis=1)
        return forward[:, :-1], backward[:, :-1], wanted

    one, other = batch(np.array([1, 2, 0, 3, 1, 2])), batch(np.array([3, 3, 2, 1, 0, 1]))
    seen = n_gram_bits([one], [one], classes=4, order=3)
    assert 0 < seen < 0.3 < 1.5 < n_gram_bits([one], [other], classes=4, order=3)
