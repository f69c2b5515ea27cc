"""BERT of lesson 5: the same numbers as other implementations, and clear words for bad input."""

import json
import logging
import struct

import numpy as np
import pytest
from adapters import PACKAGES, adapter
from tiny_bert import PIECES, tensors, write_folder

from course_utils.bert import WordPiece, mask_tokens, masked_batch, read_bert
from course_utils.errors import InputError
from course_utils.training import length_order
from course_utils.transformer import TransformerConfig

TEXTS = [
    "the children played in the garden.",
    "a b",
    "the play",
    "playing in a garden in the garden",
]
PAIRS = ["a", "the garden", "b b", "in"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def pieces(folder):
    return WordPiece.from_folder(folder)


def reference(folder, encoded):
    """Return the hidden states of the transformers library; what is padding is left open."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    import torch

    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.no_grad():
        states = model(
            torch.tensor(encoded.input_ids),
            attention_mask=torch.tensor(encoded.input_ids != 0),
            token_type_ids=torch.tensor(encoded.token_type_ids),
            output_hidden_states=True,
        ).hidden_states
    return [state.numpy() for state in states]


def test_a_text_becomes_pieces_and_comes_back(pieces):
    assert pieces.tokenize("The Playing, in") == [
        "[CLS]",
        "the",
        "play",
        "##ing",
        "[UNK]",
        "in",
        "[SEP]",
    ]
    encoded = pieces.encode(["The playing in.", "a"])
    assert encoded.input_ids.tolist() == [[2, 5, 6, 7, 12, 14, 3], [2, 10, 3, 0, 0, 0, 0]]
    assert encoded.lengths.tolist() == [7, 3]
    assert encoded.attention_mask.tolist() == [[True] * 7, [True] * 3 + [False] * 4]
    assert (
        encoded.input_ids.dtype == encoded.token_type_ids.dtype == np.int64
        and not encoded.token_type_ids.any()
    )
    assert pieces.decode(encoded.input_ids[0]) == "the playing in."
    assert pieces.decode([]) == "" and pieces.decode(np.array([0, 5, 0])) == "the"
    assert (pieces.id_to_token(7), pieces.token_to_id("##ing")) == ("##ing", 7)
    assert pieces.mask_token_id == 4
    assert pieces.all_special_ids == (0, 1, 2, 3, 4) and pieces.vocabulary_size == len(PIECES)
    for bad in (15, -1, 10**12):
        with pytest.raises(InputError, match=f"No piece has the id {bad}: ids go from 0 to 14"):
            pieces.id_to_token(bad)
    with pytest.raises(InputError, match="no piece 'moon'"):
        pieces.token_to_id("moon")


BAD_CALLS = {
    "half a character": (lambda p: p.encode(["a", "b \ud800"]), r"'\\ud800', which is half a char"),
    "half, to tokens": (lambda p: p.tokenize("\ud800"), "half a character"),
    "half, of a pair": (lambda p: p.encode(["a"], ["\udc00"]), "half a character"),
    "fraction": (
        lambda p: p.encode(["a"], max_length=6.0),
        r"max_length must be a whole number.* 6\.0",
    ),
    "word": (
        lambda p: p.encode(["a"], max_length="6"),
        r"max_length must be a whole number.* '6' \(str\)",
    ),
    "piece of a word": (
        lambda p: p.id_to_token("a"),
        "An id must be a whole number, but it is 'a'",
    ),
    "piece of a fraction": (
        lambda p: p.id_to_token(7.5),
        "An id must be a whole number, but it is 7.5",
    ),
    "id of a number": (lambda p: p.token_to_id(7), r"must be a string, but this one is 7 \(int\)"),
    "negative": (lambda p: p.decode([-1]), r"id -1 is outside the table of 15 rows"),
    "too large": (lambda p: p.decode([5, 99]), r"id 99 is outside the table of 15 rows"),
    "two rows": (lambda p: p.decode([[5], [6]]), r"in one row, but these have the shape \(2, 1\)"),
    "not found": (
        lambda p: p.char_to_tokens("a b", -1, 3),
        "no characters -1 to 3 in a text of 3.*returns -1",
    ),
    "behind the end": (
        lambda p: p.char_to_tokens("a b", 2, 4),
        "no characters 2 to 4 in a text of 3",
    ),
    "nothing": (lambda p: p.char_to_tokens("a b", 2, 2), "no characters 2 to 2"),
    "position of a word": (
        lambda p: p.char_to_tokens("a b", "a", 2),
        "start must be a whole number",
    ),
}


@pytest.mark.parametrize("kind", BAD_CALLS)
def test_bad_input_to_the_tokenizer_is_one_clear_sentence(pieces, kind):
    call, words = BAD_CALLS[kind]
    with pytest.raises(InputError, match=words):
        call(pieces)


class Stopped:
    """A tokenizer whose reader presses Ctrl-C."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def __getattr__(self, name):
        return getattr(self.tokenizer, name)

    def encode_batch(self, texts):
        raise KeyboardInterrupt


def test_a_call_that_fails_leaves_the_tokenizer_as_it_was(folder):
    own = WordPiece.from_folder(folder)
    with pytest.raises(InputError):
        own.encode(["a", "\ud800"], max_length=5)
    assert len(own.tokenize("a " * 30)) == 32
    own._tokenizer = Stopped(own._tokenizer)
    with pytest.raises(KeyboardInterrupt):
        own.encode(["a"], max_length=5)
    assert len(own.tokenize("a " * 30)) == 32 and own.char_to_tokens("a " * 30, 58, 59) == [30]


def test_long_texts_are_cut_and_keep_their_end_sign(pieces):
    encoded = pieces.encode(["a " * 30, "a b in", "a b"], max_length=np.int64(5))
    assert encoded.input_ids[:, -1].tolist() == [3, 3, 0] and encoded.lengths.tolist() == [5, 5, 4]
    assert pieces.encode(["a " * 30], max_length=20).input_ids.shape == (1, 20)
    assert len(pieces.tokenize("a " * 30)) == 32, "tokens shows everything"
    with pytest.raises(InputError, match="21 tokens does not work here: the model reads up to 20"):
        pieces.encode(["a"], max_length=21)


def test_pairs_have_token_types(pieces):
    encoded = pieces.encode(["a b", "a"], ["in", "the garden"], max_length=20)
    assert encoded.input_ids.tolist() == [[2, 10, 11, 3, 12, 3], [2, 10, 3, 5, 13, 3]]
    assert encoded.token_type_ids.tolist() == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]]
    with pytest.raises(InputError, match="2 texts, but 1 to pair"):
        pieces.encode(["a", "b"], ["a"], max_length=20)


def test_positions_of_a_word_in_the_text(pieces):
    text = "The CHILDREN played"
    assert pieces.char_to_tokens(text, 13, 19) == [3, 4] and pieces.char_to_tokens(text, 0, 3) == [
        1
    ]
    with pytest.raises(InputError, match="No token holds the characters 3 to 4"):
        pieces.char_to_tokens(text, 3, 4)


ROWS = np.random.default_rng(0).integers(5, 15, (400, 30))
ROWS[:, 0], ROWS[:, 25:], ROWS[0, 2:], ROWS[1, 1:] = 2, 0, 0, 3
MASKING = {"mask_token_id": 4, "candidates": range(15), "special_ids": (0, 1, 2, 3, 4)}


def test_fifteen_percent_are_hidden_in_three_ways():
    inputs, targets = mask_tokens(ROWS, np.random.default_rng(1), **MASKING)
    asked = targets > 0
    assert (targets[asked] == ROWS[asked]).all() and (inputs[~asked] == ROWS[~asked]).all()
    assert not asked[:, 0].any() and not asked[:, 25:].any()
    assert asked[0].sum() == 1 and not asked[1].any() and (asked[2:].sum(axis=1) == 4).all()
    masked, same = (inputs[asked] == 4).mean(), (inputs[asked] == ROWS[asked]).mean()
    assert masked == pytest.approx(0.8, abs=0.03)
    assert same == pytest.approx(0.1 + 0.1 / 10, abs=0.03)  # a random piece may be the same one
    others = inputs[asked & (inputs != 4)]
    assert others.min() >= 5 and set(others) == set(range(5, 15))
    again, _ = mask_tokens(ROWS, np.random.default_rng(1), **MASKING)
    assert (again == inputs).all()


def test_only_candidates_are_hidden_and_drawn():
    inputs, targets = mask_tokens(
        ROWS, np.random.default_rng(1), **MASKING | {"candidates": [7, 8]}, share=1.0
    )
    assert (
        set(targets[targets > 0]) == {7, 8} and (targets > 0).sum() == np.isin(ROWS, [7, 8]).sum()
    )
    assert set(inputs[targets > 0]) == {4, 7, 8}
    with pytest.raises(InputError, match="no candidates"):
        mask_tokens(ROWS, np.random.default_rng(1), **MASKING | {"candidates": [0, 2]})
    with pytest.raises(InputError, match="above 0 and up to 1, not 15"):
        mask_tokens(ROWS, np.random.default_rng(1), **MASKING, share=15)
    for shape in ((30,), (4, 10, 30)):
        with pytest.raises(InputError, match=r"\(texts, length\), but these have \(.*30,?\)"):
            mask_tokens(np.full(shape, 5), np.random.default_rng(1), **MASKING)


def test_asked_positions_are_gathered():
    targets = np.array([[0, 7, 0, 9], [0, 0, 0, 0], [5, 0, 0, 0]])
    _, positions, classes = masked_batch(ROWS[:3, :4], targets, np.array([0, 5, 7, 9]))
    assert positions.tolist() == [[1, 3], [0, 0], [0, 0]]
    assert classes.tolist() == [[2, 3], [0, 0], [1, 0]]
    with pytest.raises(InputError, match="id 9 is asked for"):
        masked_batch(ROWS[:3, :4], targets, np.array([0, 5, 7]))
    with pytest.raises(InputError, match="begin with 0"):
        masked_batch(ROWS[:3, :4], targets, np.array([5, 7, 9]))


def test_batches_are_of_about_one_length():
    batches = length_order(np.array([3, 9, 1, 9, 5]), 2)
    assert [b.tolist() for b in batches] == [[1, 3], [4, 0], [2]]
    assert [b.tolist() for b in length_order(np.array([3, 9, 1]), 2, sort=False)] == [[0, 1], [2]]
    with pytest.raises(InputError, match="must be a whole number from 1 up, but it is 2.5"):
        length_order(np.array([3, 9]), 2.5)


@pytest.mark.parametrize("pairs", [None, PAIRS], ids=["one text", "pairs"])
def test_every_layer_agrees_with_transformers(framework, folder, pieces, pairs):
    encoded = pieces.encode(TEXTS, pairs, max_length=20)
    assert (encoded.input_ids == 0).any() and (encoded.token_type_ids == 1).any() == (
        pairs is not None
    )
    model = framework.load_bert(folder)
    own = framework.hidden_states(model, encoded.input_ids, encoded.token_type_ids, batch_size=3)
    wanted, words = reference(folder, encoded), encoded.input_ids != 0
    assert len(own) == len(wanted) == 3
    for mine, theirs in zip(own, wanted, strict=True):
        assert np.abs(mine - theirs)[words].max() <= 1e-5
    last = framework.to_numpy(
        model(
            framework.to_tensor(encoded.input_ids),
            token_type_ids=framework.to_tensor(encoded.token_type_ids),
        )
    )
    assert np.abs(last - own[-1])[words].max() <= 1e-5


def test_the_lowest_blocks_are_a_model_of_their_own(framework, folder, pieces):
    ids = pieces.encode(TEXTS, max_length=20).input_ids
    whole = framework.hidden_states(framework.load_bert(folder), ids)
    lower = framework.hidden_states(framework.load_bert(folder, layers=1), ids)
    assert len(whole) == 3 and len(lower) == 2
    assert all(np.array_equal(one, other) for one, other in zip(lower, whole[:2], strict=True))
    for layers in (0, 3):
        with pytest.raises(InputError, match=f"has 2 blocks: layers is from 1 .* not {layers}"):
            framework.load_bert(folder, layers=layers)
    with pytest.raises(InputError, match=r"number of layers must be a whole number.* 1\.0"):
        framework.load_bert(folder, layers=1.0)


def old_names(weights):
    """Return a checkpoint as Google published BERT: prefix, gamma and beta, pooler, heads."""
    old = {}
    for name, array in weights.items():
        if "LayerNorm" in name:
            name = name.replace("weight", "gamma").replace("bias", "beta")
        old[f"bert.{name}"] = array
    old["bert.pooler.dense.weight"] = old["cls.seq_relationship.weight"] = np.ones((16, 16), "f4")
    old["cls.predictions.transform.LayerNorm.gamma"] = np.ones(16, "f4")
    return old | {"cls.predictions.bias": np.ones(15, "f4"), "bert.pooler.dense.bias": np.ones(16)}


def test_the_names_of_bert_base_are_understood(folder, tmp_path):
    settings, weights = read_bert(folder)
    same, renamed = read_bert(write_folder(tmp_path, old_names(tensors())))
    assert settings == same and sorted(weights) == sorted(renamed)
    assert all((weights[name] == renamed[name]).all() for name in weights)


def without(name):
    weights = tensors()
    del weights[name]
    return weights


BAD_FOLDERS = {
    "missing tensor": (
        {"weights": without("encoder.layer.1.output.dense.bias")},
        r"blocks\.1\.feed_forward\.outer\.bias is missing, but must have \(16,\)",
    ),
    "misshapen": (
        {"weights": tensors() | {"embeddings.LayerNorm.bias": np.zeros(8, "f4")}},
        r"embedding_norm\.bias has the shape \(8,\), but must have \(16,\)",
    ),
    "more layers than told": ({"num_hidden_layers": 1}, r"blocks\.1\..+ should not be there"),
    "rows": (
        {"vocab_size": 14},
        r"token_embedding\.table has the shape \(15, 16\), but must have \(14, 16",
    ),
    "activation": (
        {"hidden_act": "gelu_new"},
        "hidden_act 'gelu', but config.json says 'gelu_new'",
    ),
    "kind": ({"model_type": "distilbert"}, "says 'distilbert'"),
    "decoder": ({"is_decoder": True}, "is_decoder False, but config.json says True"),
    "null": ({"num_hidden_layers": None}, "'num_hidden_layers' must be a whole number.* is None"),
    "no rows": ({"vocab_size": 0}, "'vocab_size' must be a whole number above 0, but it is 0"),
    "fraction": ({"hidden_size": 16.0}, "'hidden_size' must be a whole number"),
    "epsilon": ({"layer_norm_eps": "1e-12"}, "'layer_norm_eps' must be a number above 0"),
    "part of a norm": (
        {"weights": tensors() | {"encoder.layer.0.attention.self.query.gamma": np.ones(16, "f4")}},
        "query.gamma' belongs to no part of BERT",
    ),
    "bias of a table": (
        {"weights": tensors() | {"embeddings.word_embeddings.bias": np.ones((15, 16), "f4")}},
        "word_embeddings.bias' belongs to no part of BERT",
    ),
    "old name and new": (
        {"weights": tensors() | {"bert.embeddings.LayerNorm.gamma": np.ones(16, "f4")}},
        r"two tensors for one part of BERT, embedding_norm\.scale in the course's names",
    ),
}


@pytest.mark.parametrize("kind", BAD_FOLDERS)
def test_a_checkpoint_that_does_not_fit_is_one_clear_sentence(framework, tmp_path, kind):
    options, words = BAD_FOLDERS[kind]
    with pytest.raises(InputError, match=words):
        framework.load_bert(write_folder(tmp_path, **options))


def test_half_floats_are_read_and_bfloat16_is_refused(framework, folder, tmp_path):
    write_folder(tmp_path, {name: array.astype("f2") for name, array in tensors().items()})
    halves = framework.get_weights(framework.load_bert(tmp_path))
    wanted = framework.get_weights(framework.load_bert(folder))
    assert all(np.abs(halves[name] - wanted[name]).max() < 0.01 for name in wanted)
    header = {"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    with pytest.raises(InputError, match="numbers of the kind BF16.* store them as float32"):
        framework.load_bert(tmp_path)


def test_missing_and_damaged_files_are_named(framework, tmp_path):
    write_folder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="'model.safetensors' is damaged"):
        framework.load_bert(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InputError, match="has no model.safetensors: it must hold config.json"):
        framework.load_bert(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match="tokenizer.json is damaged"):
        WordPiece.from_folder(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="config.json has no 'vocab_size'"):
        framework.load_bert(tmp_path)
    (tmp_path / "config.json").write_text("[1")
    with pytest.raises(InputError, match="config.json is damaged"):
        framework.load_bert(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(InputError, match="has no config.json"):
        WordPiece.from_folder(tmp_path)


def test_a_tokenizer_that_does_not_fit_is_refused(framework, folder, tmp_path):
    write_folder(tmp_path, pieces=PIECES[:-1])
    with pytest.raises(InputError, match="does not fit the model: it has 14 pieces.* 15 rows"):
        WordPiece.from_folder(tmp_path)
    write_folder(tmp_path, pieces=PIECES[1:], vocab_size=14)
    with pytest.raises(InputError, match="must have the id 0"):
        WordPiece.from_folder(tmp_path)
    write_folder(tmp_path, pieces=[*PIECES, "more"], vocab_size=16)
    with pytest.raises(InputError, match="it has 16 pieces"):
        framework.encode(framework.load_bert(folder), WordPiece.from_folder(tmp_path), ["a"])


def vectors_of(framework, folder, pieces, **options):
    return framework.encode(
        framework.load_bert(folder), pieces, TEXTS * 5, max_length=20, progress=False, **options
    )


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_encoding_keeps_the_order_and_forgets_the_padding(framework, folder, pieces, pooling):
    model, alone = framework.load_bert(folder), []
    for text in TEXTS:
        ids = pieces.encode([text]).input_ids
        state = framework.hidden_states(model, ids)[-1][0]  # (length, d_model)
        vector = state.mean(axis=0) if pooling == "mean" else state[0]
        alone.append(vector / np.linalg.norm(vector))
    for options in ({"batch_size": 3}, {"batch_size": 20, "sort": False}, {"batch_size": 1}):
        found = vectors_of(framework, folder, pieces, pooling=pooling, **options)
        assert found.shape == (20, 16) and found.dtype == np.float32
        assert np.abs(found - np.tile(alone, (5, 1))).max() <= 1e-5


def test_both_frameworks_encode_alike(folder, pieces):
    both = [vectors_of(adapter(name), folder, pieces) for name in PACKAGES]
    assert np.abs(both[0] - both[1]).max() <= 1e-5


@pytest.mark.parametrize(("dtype", "error"), [("bfloat16", 2e-2), ("float16", 2e-3)])
def test_half_precision_is_close_and_leaves_the_model_alone(
    framework, folder, pieces, dtype, error
):
    model = framework.load_bert(folder)
    exact, half, again = (
        framework.encode(model, pieces, TEXTS, max_length=20, progress=False, dtype=name)
        for name in ("float32", dtype, "float32")
    )
    assert half.dtype == np.float32 and (exact == again).all()
    assert error / 100 < np.abs(half - exact).max() < error
    states = framework.hidden_states(model, pieces.encode(TEXTS).input_ids)
    before = framework.hidden_states(framework.load_bert(folder), pieces.encode(TEXTS).input_ids)
    assert (states[-1] == before[-1]).all(), "half precision was left on"


def test_encoding_sees_new_weights_and_no_dropout(framework, folder, pieces):
    model = framework.load_bert(folder, dropout=0.5)
    first = framework.encode(model, pieces, TEXTS, max_length=20, progress=False)
    traced = getattr(model, "_encode_mean_float32", None)
    table = framework.get_weights(model)["token_embedding.table"]
    framework.set_weights(model, {"token_embedding.table": table[::-1].copy()}, partial=True)
    if framework.__name__.endswith("pytorch"):
        model.train()
    again = [
        framework.encode(model, pieces, TEXTS, max_length=20, progress=False) for _ in range(2)
    ]
    assert np.abs(first - again[0]).max() > 0.01 and (again[0] == again[1]).all()
    states = [framework.hidden_states(model, pieces.encode(TEXTS).input_ids)[-1] for _ in range(2)]
    assert (states[0] == states[1]).all()
    assert getattr(model, "training", True), "the mode comes back"
    assert getattr(model, "_encode_mean_float32", None) is traced, "TensorFlow traces once"


def test_encoding_sees_that_a_model_lost_a_block(framework, folder, pieces):
    model = framework.load_bert(folder)
    ids = pieces.encode(TEXTS).input_ids

    def changes():
        model.blocks = model.blocks[:1]
        yield
        model.scale = 3.0
        yield
        model.embedding_norm = framework.load_bert(folder).blocks[1].attention_norm
        yield

    before = framework.encode(model, pieces, TEXTS, max_length=20, progress=False)
    for _ in changes():
        found = framework.encode(model, pieces, TEXTS, max_length=20, progress=False)
        assert np.abs(found - before).max() > 0.01
        states = framework.to_tensor(framework.hidden_states(model, ids)[-1])
        wanted = framework.to_numpy(framework.pool(states, framework.to_tensor(ids)))
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        assert np.abs(found - wanted).max() <= 1e-5
        before = found


def test_bad_input_to_encoding_is_one_clear_sentence(framework, folder, pieces):
    model = framework.load_bert(folder)
    for options, words in [
        ({"max_length": 21}, "21 tokens does not work here: the model reads up to 20"),
        ({"max_length": 2}, "special tokens with a piece of text need 3"),
        ({"pooling": "max"}, "'mean' or 'first', but not 'max'"),
        ({"dtype": "int8"}, "'float32', 'bfloat16' or 'float16', but not 'int8'"),
        ({"batch_size": 0}, "batch size must be a whole number from 1 up"),
        ({"texts": "one text"}, "this is one string"),
        ({"texts": []}, "list is empty"),
        ({"texts": ["a", None]}, "must be a string, but this one is None"),
    ]:
        with pytest.raises(InputError, match=words):
            framework.encode(
                model, pieces, progress=False, **{"texts": TEXTS, "max_length": 20} | options
            )
    with pytest.raises(InputError, match="21 tokens, but the model has positions for 20"):
        framework.hidden_states(model, np.ones((1, 21), int))
    with pytest.raises(InputError, match="outside the table of 15 rows"):
        framework.hidden_states(model, np.array([[15]]))


def test_bad_input_to_hidden_states_is_one_clear_sentence(framework, folder):
    model, ids = framework.load_bert(folder), np.ones((3, 4), int)
    for types in (ids * 2, ids * -1, ids * 0.5):
        with pytest.raises(InputError, match="whole numbers from 0 to 1 for this model, but one"):
            framework.hidden_states(model, ids, types)
    for types in (ids[:1], ids[0], ids[:, :2]):
        with pytest.raises(
            InputError, match=r"token_type_ids have the shape \(.*\), but the ids \(3, 4"
        ):
            framework.hidden_states(model, ids, types)
    with pytest.raises(InputError, match=r"shape \(texts, length\), but these have \(4,\)"):
        framework.hidden_states(model, ids[0])
    for batch_size in (0, -1):
        with pytest.raises(InputError, match=f"from 1 up, but it is {batch_size}"):
            framework.hidden_states(model, ids, batch_size=batch_size)
    plain = framework.Transformer(TransformerConfig(15, 16, 4, 1, 20))
    framework.initialize(plain, ids)
    with pytest.raises(InputError, match="from 0 to 0 for this model, but one is 1"):
        framework.hidden_states(plain, ids, ids)
    assert framework.hidden_states(plain, ids, ids * 0)[0].shape == (3, 4, 16)


@pytest.mark.parametrize("norm_first", [True, False])
def test_the_last_hidden_states_are_what_a_causal_model_returns(framework, norm_first):
    ids = np.array([[5, 6, 7, 8], [9, 5, 0, 0]])
    config = TransformerConfig(15, 16, 4, 2, 20, causal=True, norm_first=norm_first)
    model = framework.initialize(framework.Transformer(config), ids)
    own = framework.to_numpy(model(framework.to_tensor(ids)))
    found = framework.hidden_states(model, ids)[-1]
    assert np.abs(found - own)[ids != 0].max() <= 1e-6


def test_a_classifier_learns_and_agrees(folder, pieces):
    ids, labels = pieces.encode(TEXTS * 8).input_ids, np.tile([0, 1, 0, 1], 8)
    logits, losses, start = [], [], None
    for name in PACKAGES:
        framework = adapter(name)
        model = framework.BertClassifier(framework.load_bert(folder), 2, dropout=0.0)
        start = framework.get_weights(model) if start is None else start
        framework.set_weights(model, start)
        logits.append(framework.predict(model, ids))
        history = framework.fit(
            model, (ids, labels), epochs=3, batch_size=8, learning_rate=0.05, optimizer="sgd",
            progress=False,
        )  # fmt: skip
        losses.append(history.column("train_loss"))
    assert np.abs(logits[0] - logits[1]).max() <= 1e-5
    assert np.abs(losses[0] - losses[1]).max() <= 1e-5 and losses[0][-1] < losses[0][0]


CANDIDATES = np.array([0, *range(5, 15)])


def masked_batches(pieces, n=30):
    """Return n batches of masked tokens, and how often each candidate is in the texts."""
    ids, rng = pieces.encode(TEXTS * 8).input_ids, np.random.default_rng(0)
    options = {"mask_token_id": pieces.mask_token_id, "special_ids": pieces.all_special_ids}
    batches = [
        masked_batch(*mask_tokens(ids, rng, candidates=CANDIDATES, **options), CANDIDATES)
        for _ in range(n)
    ]
    return batches, (ids[..., None] == CANDIDATES).sum(axis=(0, 1)) * (CANDIDATES > 0)


def test_a_masked_head_starts_at_the_frequencies_learns_and_agrees(folder, pieces):
    batches, counts = masked_batches(pieces)
    logits, losses = [], []
    for name in PACKAGES:
        framework = adapter(name)
        model = framework.MaskedLanguageModel(framework.load_bert(folder), CANDIDATES, counts)
        bias = framework.get_weights(model)["bias.table"]
        assert np.exp(bias).sum() == pytest.approx(1) and bias.argmax() == counts.argmax()
        inputs, positions, _ = (framework.to_tensor(array) for array in batches[0])
        logits.append(framework.to_numpy(model(inputs, positions)))
        history = framework.train_sequences(
            model, batches, learning_rate=0.1, optimizer="sgd", evaluations=30, progress=False
        )
        losses.append(history.column("train_loss"))
        moved = framework.get_weights(model)
        assert np.abs(moved["bias.table"] - bias).max() > 1e-3
    assert logits[0].shape == (32, batches[0][1].shape[1], 11)
    assert np.abs(logits[0] - logits[1]).max() <= 1e-4
    assert np.abs(losses[0] - losses[1]).max() <= 1e-3
    assert losses[0][-5:].mean() < losses[0][:5].mean() - 0.5


def test_a_masked_head_multiplies_with_the_input_table(framework, folder, pieces):
    (inputs, positions, classes), *_ = masked_batches(pieces)[0]
    bert = framework.load_bert(folder)
    table = framework.get_weights(bert)["token_embedding.table"][CANDIDATES]
    states = framework.hidden_states(bert, inputs)[-1]
    model = framework.MaskedLanguageModel(bert, CANDIDATES)
    logits = framework.to_numpy(model(framework.to_tensor(inputs), framework.to_tensor(positions)))
    wanted = states[1, positions[1, 0]] @ table.T - np.log(11)
    assert np.abs(logits[1, 0] - wanted).max() <= 1e-4
    for candidates in ([1, 2], [0, 3, 2], [0, 2, 2], [0]):
        with pytest.raises(InputError, match="sorted ids, each once"):
            framework.MaskedLanguageModel(bert, np.array(candidates))
    with pytest.raises(InputError, match="id 15 is outside the table of 15 rows"):
        framework.MaskedLanguageModel(bert, np.array([0, 7, 15]))
    with pytest.raises(InputError, match=r"11 candidates, but counts of shape \(3,\)"):
        framework.MaskedLanguageModel(bert, CANDIDATES, [1, 2, 3])
    for wrong in (-1, np.nan, np.inf):
        with pytest.raises(InputError, match="counts must be finite numbers from 0 up"):
            framework.MaskedLanguageModel(bert, CANDIDATES, [wrong, *[1] * 10])
    outside = framework.to_tensor(np.full_like(positions, inputs.shape[1]))
    with pytest.raises(Exception, match="out of bounds|is not in"):
        model(framework.to_tensor(inputs), outside)


@pytest.fixture(scope="module")
def real():
    """The folder of the real encoder, if it is here already: nothing is downloaded."""
    from course_utils.course import cache_dir

    folder = cache_dir() / "encoder"
    if not (folder / "model.safetensors").is_file():
        pytest.skip("the encoder is not in the cache: run `course data fetch encoder`")
    return folder


def test_the_real_encoder_agrees_with_the_kept_reference(framework, real):
    from course_utils.course import project_root
    from course_utils.tools.recipes.bert_reference import TEXTS as REFERENCE_TEXTS
    from course_utils.weights import read_weights

    kept = read_weights(project_root() / "notebooks/05_bert/weights/reference.safetensors")
    ids = WordPiece.from_folder(real).encode(REFERENCE_TEXTS).input_ids
    assert (ids == kept["ids"]).all() and (ids == 0).any()
    states = framework.hidden_states(framework.load_bert(), ids)
    assert len(states) == 7 and len(kept) == 8
    for i, state in enumerate(states):
        assert np.abs(state - kept[f"states.{i}"])[ids != 0].max() <= 1e-5


def test_the_real_encoder_agrees_with_transformers_on_pairs(framework, real):
    encoded = WordPiece.from_folder(real).encode(TEXTS, PAIRS)
    states = framework.hidden_states(
        framework.load_bert(), encoded.input_ids, encoded.token_type_ids
    )
    for mine, theirs in zip(states, reference(real, encoded), strict=True):
        assert np.abs(mine - theirs)[encoded.input_ids != 0].max() <= 1e-4


def test_the_real_encoder_agrees_with_sentence_transformers(framework, real):
    library = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer import modules

    parts = [modules.Transformer(str(real)), modules.Pooling(384), modules.Normalize()]
    rival = library.SentenceTransformer(modules=parts, device="cpu")
    own = framework.encode(framework.load_bert(), WordPiece.from_folder(real), TEXTS)
    assert np.abs(own - rival.encode(TEXTS)).max() <= 1e-5
