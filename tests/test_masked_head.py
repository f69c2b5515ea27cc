"""The masked head of lesson 5: its training, its stored form, and the same model elsewhere."""

import json
import math

import numpy as np
import pytest
from adapters import adapter
from tiny_bert import PIECES, write_folder

from course_utils.bert import WordPiece, write_masked_lm
from course_utils.bert.masked_head import with_table
from course_utils.errors import InputError

CANDIDATES = np.array([0, 5, 6, 9, 12, 13])
IDS = np.array([[2, 5, 4, 12, 5, 13, 3], [2, 4, 6, 3, 0, 0, 0]])
ASKED = np.array([[2], [1]])


@pytest.fixture
def folder(tmp_path):
    written = write_folder(tmp_path / "encoder")
    (written / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    return written


def masked_model(framework, folder, transform=True):
    bert = framework.load_bert(folder)
    model = framework.MaskedLanguageModel(bert, CANDIDATES, transform=transform)
    rng = np.random.default_rng(1)
    drawn = {n: rng.normal(0, 0.3, a.shape) for n, a in framework.get_weights(model).items()
             if n.startswith(("transform", "bias"))}  # fmt: skip
    framework.set_weights(model, drawn, partial=True)
    return model


def logits(framework, model, ids=IDS, asked=ASKED):
    return framework.to_numpy(model(framework.to_tensor(ids), framework.to_tensor(asked)))


def test_the_transform_is_a_layer_a_gelu_and_a_normalization(framework, folder):
    model = masked_model(framework, folder)
    weights = framework.get_weights(model)
    states = framework.hidden_states(model.bert, IDS)[-1]
    blanks = states[[0, 1], ASKED[:, 0]] @ weights["transform.kernel"] + weights["transform.bias"]
    erf = np.vectorize(math.erf)
    blanks = blanks * (1 + erf(blanks / 2**0.5)) / 2
    blanks = (blanks - blanks.mean(axis=1, keepdims=True)) / blanks.std(axis=1, keepdims=True)
    blanks = blanks * weights["transform_norm.scale"] + weights["transform_norm.bias"]
    table = weights["bert.token_embedding.table"][CANDIDATES]
    expected = blanks @ table.T + weights["bias.table"][:, 0]
    assert np.abs(logits(framework, model)[:, 0] - expected).max() < 1e-4
    plain = masked_model(framework, folder, transform=False)
    assert np.abs(logits(framework, plain)[:, 0] - expected).max() > 0.1


def test_both_frameworks_fill_alike(folder):
    found = [
        logits(framework, masked_model(framework, folder))
        for framework in map(adapter, ("pytorch", "tensorflow"))
    ]
    assert np.abs(found[0] - found[1]).max() < 1e-5


def test_hugging_face_reads_the_same_model(framework, folder, tmp_path):
    transformers, torch = pytest.importorskip("transformers"), pytest.importorskip("torch")
    model = masked_model(framework, folder)
    written = write_masked_lm(tmp_path / "hf", framework.get_weights(model), CANDIDATES, folder)
    theirs = transformers.BertForMaskedLM.from_pretrained(written).eval()
    with torch.inference_mode():
        scores = theirs(torch.tensor(IDS), attention_mask=torch.tensor(IDS != 0)).logits.numpy()
    asked = scores[[0, 1], ASKED[:, 0]]  # (2, pieces)
    assert np.abs(asked[:, CANDIDATES] - logits(framework, model)[:, 0]).max() < 1e-4
    others = np.setdiff1d(np.arange(len(PIECES)), CANDIDATES)
    assert asked[:, others].max() < -9_000
    assert json.loads((written / "config.json").read_text())["architectures"] == ["BertForMaskedLM"]
    tokens = transformers.AutoTokenizer.from_pretrained(written)("the play in [MASK].").input_ids
    assert (
        tokens
        == WordPiece.from_folder(folder).encode(["the play in [MASK]."]).input_ids[0].tolist()
    )


def test_a_head_without_a_transform_is_refused(framework, folder, tmp_path):
    weights = framework.get_weights(masked_model(framework, folder, transform=False))
    with pytest.raises(InputError, match="lack 'transform.bias'.*transform=True"):
        write_masked_lm(tmp_path / "hf", weights, CANDIDATES, folder)


def test_only_what_is_free_is_trained_and_what_is_stored_gives_the_model_again(folder):
    framework = adapter("pytorch")
    from course_utils.tools.recipes import masked_head_training as training

    tokenizer, rows = WordPiece.from_folder(folder), np.tile(IDS, (8, 1))
    rows[rows == 4] = 9
    model = masked_model(framework, folder)
    before = framework.get_weights(model)
    blanks = training.make_blanks(rows, CANDIDATES, tokenizer, 0)
    training.freeze(model, 1, tokenizer.mask_token_id)
    history = training.train(
        model, rows, blanks, CANDIDATES, tokenizer, steps=30, batch_size=4, share=0.4,
        learning_rate=1e-2, warmup_steps=2, weight_decay=0.0, evaluations=3, seed=0,
    )  # fmt: skip
    loss = history.column("validation_loss")
    assert loss[-1] < loss[0]
    stored = training.trained_weights(model, 1)
    assert {name.split(".")[0] for name in stored} == {
        "bert", "bias", "transform", "transform_norm", "mask_vector"
    }  # fmt: skip
    after = framework.get_weights(model)
    changed = {name for name in after if np.abs(after[name] - before[name]).max() > 0}
    assert changed <= {*stored, "bert.token_embedding.table"}
    silent = set(stored) - changed - {"mask_vector"}
    assert all(name.endswith("attention.key.bias") for name in silent)  # softmax ignores it
    table_rows = np.abs(after["bert.token_embedding.table"] - before["bert.token_embedding.table"])
    assert np.flatnonzero(table_rows.max(axis=1)).tolist() == [tokenizer.mask_token_id]
    for other in map(adapter, ("pytorch", "tensorflow")):
        again = other.MaskedLanguageModel(other.load_bert(folder), CANDIDATES, transform=True)
        table = other.get_weights(again)["bert.token_embedding.table"]
        other.set_weights(again, with_table(stored, table, tokenizer.mask_token_id), partial=True)
        expected = logits(framework, model.eval())
        assert np.abs(logits(other, again) - expected).max() < 1e-4


def test_stretches_hold_whole_sentences_of_one_chunk(folder):
    from course_utils.tools.recipes import masked_head_training as training

    tokenizer = WordPiece.from_folder(folder)
    rows = training.stretches(tokenizer, [["the garden", "a b", "the"], ["in the garden"]], 6)
    assert rows.tolist() == [[2, 5, 13, 10, 11, 3], [2, 5, 3, 0, 0, 0], [2, 12, 5, 13, 3, 0]]
    train, held = training.split_chunks([str(i) for i in range(1000)], 0.2, 0)
    assert len(held) == 2 and sorted(sum(train + held, []), key=int) == [
        str(i) for i in range(1000)
    ]
    assert all(int(chunk[-1]) - int(chunk[0]) == 99 for chunk in train + held)


def test_trigrams_look_at_both_neighbors(folder):
    from course_utils.tools.recipes import masked_head_training as training

    rows = np.array([[2, 5, 6, 12, 3]] * 3 + [[2, 5, 9, 13, 3]] * 2)
    inputs = np.array([[2, 5, 4, 13, 3], [2, 5, 4, 4, 3], [2, 13, 4, 12, 3]])
    targets = np.array([[0, 0, 9, 0, 0], [0, 0, 6, 13, 0], [0, 0, 9, 0, 0]])
    found = training.rivals(rows, training.Blanks(inputs, targets), CANDIDATES)
    # Between 5 and 13 stood 9; after 5 most often 6; after [MASK] and 13 nothing: then 5.
    assert found == {"most_frequent_piece": 0.0, "trigram": 0.5}
