"""The transformer of lesson 4 in both adapters, and the real BERT weights that it carries."""

import re

import numpy as np
import pytest
from adapters import adapter

from course_utils.bert import rename_bert_tensors
from course_utils.course import find_lesson
from course_utils.errors import CourseError, InputError
from course_utils.tools.lessons.source import assemble
from course_utils.training import length_batches, linear_schedule
from course_utils.transformer import TransformerConfig, sinusoidal_positions
from course_utils.transformer.checks import check_mask
from course_utils.weights import draw_weights

RNG = np.random.default_rng(0)
IDS = RNG.integers(2, 30, (40, 9))
IDS[::2, 6:] = 0
MEMORY = RNG.normal(size=(40, 5, 16)).astype(np.float32)
KINDS = {
    "pre-norm": {},
    "post-norm": {"norm_first": False, "epsilon": 1e-12, "token_types": 2},
    "sinusoidal, causal": {"positions": "sinusoidal", "causal": True},
    "no positions": {"positions": "none", "scale_tokens": False},
    "decoder": {"causal": True, "cross": True},
}


def make(framework, **options):
    return framework.Transformer(TransformerConfig(30, 16, 4, 2, 12, **options))


def run(framework, model, ids=IDS, memory=None):
    options = {} if memory is None else {"memory": framework.to_tensor(memory)}
    return framework.to_numpy(model(framework.to_tensor(ids), **options))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_weights_give_the_same_vectors(kind):
    first, second = adapter("pytorch"), adapter("tensorflow")
    memory = MEMORY if KINDS[kind].get("cross") else None
    one, two = make(first, **KINDS[kind]), make(second, **KINDS[kind])
    second.set_weights(two, first.get_weights(one))
    difference = run(first, one, memory=memory) - run(second, two, memory=memory)
    assert np.abs(difference).max() <= 1e-5
    assert first.count_parameters(one) == second.count_parameters(two)


def test_initial_weights_are_the_same_numbers():
    first, second = adapter("pytorch"), adapter("tensorflow")
    weights = [f.get_weights(f.initialize(make(f), IDS, seed=3)) for f in (first, second)]
    assert sorted(weights[0]) == sorted(weights[1])
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])
    names = {name.split("blocks.0.")[1].rsplit(".", 1)[0] for name in weights[0] if "s.0" in name}
    assert {"attention.query", "attention.key", "attention.value", "attention.output"} <= names
    assert {"attention_norm", "feed_forward.inner", "feed_forward_norm"} <= names


def gpt(framework):
    """The smallest model that answers with logits (batch, length, words)."""
    if framework.__name__.endswith("pytorch"):
        from torch import nn

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                body = make(framework, causal=True, positions="sinusoidal")
                self.body, self.head = body, nn.Linear(16, 30)

            def forward(self, ids):
                return self.head(self.body(ids))
    else:
        import keras

        class Model(keras.Model):
            def __init__(self):
                super().__init__()
                body = make(framework, causal=True, positions="sinusoidal")
                self.body, self.head = body, keras.layers.Dense(30)

            def call(self, ids):
                return self.head(self.body(ids))

    return framework.initialize(Model(), IDS[:2, :-1], seed=1)


@pytest.mark.parametrize(
    ("optimizer", "rate", "tolerance"), [("sgd", 0.3, 1e-5), ("adam", 1e-3, 1e-3)]
)
def test_losses_of_fifty_steps_agree(optimizer, rate, tolerance):
    rows = [np.random.default_rng(i).integers(0, 40, 8) for i in range(50)]
    batches = [(IDS[r, :-1], IDS[r, 1:]) for r in rows]
    losses = []
    for name in ("pytorch", "tensorflow"):
        framework = adapter(name)
        history = framework.train_sequences(
            gpt(framework), batches, learning_rate=rate, warmup_steps=5, evaluations=50,
            optimizer=optimizer, progress=False,
        )  # fmt: skip
        losses.append(history.column("train_loss"))
    assert np.abs(losses[0] - losses[1]).max() <= tolerance
    assert losses[0][-5:].mean() < losses[0][:5].mean(), "nothing was learned"


def test_the_model_is_measured_after_each_part(framework):
    losses = iter([3.0, 2.0, 1.0])
    history = framework.train_sequences(
        gpt(framework), [(IDS[:8, :-1], IDS[:8, 1:])] * 6, evaluations=3, progress=False,
        evaluate=lambda: {"loss": next(losses)},
    )  # fmt: skip
    assert history.column("validation_loss").tolist() == [3, 2, 1]


def test_a_decoder_needs_its_memory(framework):
    ids, memory = framework.to_tensor(IDS), framework.to_tensor(MEMORY)
    config = TransformerConfig(30, 16, 4, 2, 12, causal=True, cross=True)
    mask = framework.to_tensor(np.ones((1, 1, 1, 5), bool))
    for options in ({}, {"memory_mask": mask}):
        with pytest.raises(InputError, match="to a memory .cross=True., but there is none"):
            framework.Transformer(config)(ids, **options)
        with pytest.raises(InputError, match="to a memory .cross=True., but there is none"):
            framework.TransformerBlock(config)(memory, **options)
    plain = TransformerConfig(30, 16, 4, 2, 12)
    for options in ({"memory": memory}, {"memory_mask": mask}):
        with pytest.raises(InputError, match="no use for a memory or a memory_mask"):
            framework.Transformer(plain)(ids, **options)
        with pytest.raises(InputError, match="no use for a memory or a memory_mask"):
            framework.TransformerBlock(plain)(memory, **options)


def test_an_error_in_a_keras_model_is_the_sentence_alone():
    tf, framework = pytest.importorskip("tensorflow"), adapter("tensorflow")
    model = make(framework, causal=True, cross=True)
    sentence = (
        "The model attends to a memory (cross=True), but there is none: give it `memory`, the "
        "vectors of an encoder."
    )
    with pytest.raises(InputError) as caught:
        model(framework.to_tensor(IDS))
    assert str(caught.value) == sentence
    with pytest.raises(InputError) as caught:
        tf.function(lambda ids: model(ids))(framework.to_tensor(IDS))
    assert sentence in str(caught.value)


def test_a_decoder_never_sees_the_future(framework):
    config = TransformerConfig(30, 16, 4, 2, 12, causal=True, cross=True)
    model = framework.Transformer(config)
    weights = framework.get_weights(model)
    shapes = {name: array.shape for name, array in weights.items()}
    framework.set_weights(model, draw_weights(shapes, 0, 0.1))
    whole, changed = run(framework, model, memory=MEMORY), IDS.copy()
    changed[:, 5] = 29
    after = run(framework, model, changed, memory=MEMORY)
    assert (after[:, :5] == whole[:, :5]).all() and np.abs(after[:, 5:] - whole[:, 5:]).max() > 0.01


def test_ids_outside_the_table_are_named_by_tensorflow():
    """PyTorch names them itself; compiled TensorFlow models get ids that `fit` has checked."""
    framework = adapter("tensorflow")
    model = make(framework)
    for wrong in (-1, 30):
        with pytest.raises(InputError, match=f"id {wrong} is outside the table of 30 rows"):
            model(framework.to_tensor(np.array([[5, wrong]])))
    typed = make(framework, token_types=2)
    for wrong in (-1, 2):
        with pytest.raises(
            InputError, match=f"whole numbers from 0 to 1 for this model, .* is {wrong}"
        ):
            typed(framework.to_tensor(IDS), token_type_ids=framework.to_tensor(IDS * 0 + wrong))
    with pytest.raises(InputError, match="ids must be whole numbers"):
        model(framework.to_tensor(np.array([[5.5, 2.0]])))


def test_weights_are_returned_only_if_they_are_asked_for(framework):
    config = TransformerConfig(30, 16, 4, 2, 12, cross=True)
    ids, memory = framework.to_tensor(IDS), framework.to_tensor(MEMORY)
    x, weights = framework.Transformer(config)(ids, memory=memory, return_attention=True)
    assert x.shape == (40, 9, 16) and [set(block) for block in weights] == [{"self", "cross"}] * 2
    assert weights[0]["cross"].shape == (40, 4, 9, 5)
    block, attention = framework.TransformerBlock(config), framework.MultiHeadAttention(16, 4)
    for y, weights in (block(memory, memory=memory), attention(memory, memory)):
        assert y.shape == (40, 5, 16) and weights is None
    assert set(block(memory, memory=memory, return_attention=True)[1]) == {"self", "cross"}
    assert attention(memory, memory, return_attention=True)[1].shape == (40, 4, 5, 5)


BAD_SETTINGS = {
    "heads must be a whole number from 1 up, but it is 0": {"heads": 0},
    "heads must be a whole number from 1 up, but it is True": {"heads": True},
    "layers must be a whole number from 1 up, but it is 2.0": {"layers": 2.0},
    "max_length must be a whole number from 1 up, but it is '12'": {"max_length": "12"},
    "vocabulary_size must be a whole number from 1 up, but it is -3": {"vocabulary_size": -3},
    "d_model must be a whole number from 1 up, but it is None": {"d_model": None},
    "d_ff must be a whole number from 1 up, but it is 0": {"d_ff": 0},
    "token_types must be a whole number from 0 up, but it is -1": {"token_types": -1},
    "d_model = 16 cannot be shared by 3 heads": {"heads": 3},
    "causal is True or False, but not 1": {"causal": 1},
    "positions: learned, sinusoidal or none, not 'relative'": {"positions": "relative"},
    "positions: learned, sinusoidal or none, not None": {"positions": None},
    "d_model = 15 must be even": {"d_model": 15, "heads": 3, "positions": "sinusoidal"},
    "epsilon must be a number above 0, but it is 0.0": {"epsilon": 0.0},
    "epsilon must be a number above 0, but it is '1e-5'": {"epsilon": "1e-5"},
    "dropout must be from 0 to less than 1, but it is 1.0": {"dropout": 1.0},
    "dropout must be from 0 to less than 1, but it is nan": {"dropout": float("nan")},
}
GOOD_SETTINGS = {"vocabulary_size": 30, "d_model": 16, "heads": 4, "layers": 2, "max_length": 12}


@pytest.mark.parametrize("sentence", BAD_SETTINGS)
def test_a_setting_that_cannot_be_is_one_clear_sentence(sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        TransformerConfig(**GOOD_SETTINGS | BAD_SETTINGS[sentence])


def test_padding_and_the_future_are_hidden(framework):
    model = framework.initialize(make(framework, causal=True), IDS, seed=0)
    whole, changed = run(framework, model), IDS.copy()
    changed[:, 5] = 29
    after = run(framework, model, changed)
    assert (after[:, :5] == whole[:, :5]).all() and np.abs(after[:, 5:] - whole[:, 5:]).max() > 0.01
    seeing = framework.initialize(make(framework), IDS, seed=0)
    longer = np.pad(IDS[::2, :6], ((0, 0), (0, 6)))
    difference = run(framework, seeing, longer)[:, :6] - run(framework, seeing)[::2, :6]
    assert np.abs(difference).max() <= 1e-5


def test_weights_of_attention_are_shares_and_hidden_positions_get_none(framework):
    model = framework.initialize(make(framework), IDS, seed=0)
    _, weights = model(framework.to_tensor(IDS), return_attention=True)
    shares = framework.to_numpy(weights[1]["self"])  # (40, 4, 9, 9)
    assert shares.shape == (40, 4, 9, 9) and set(weights[0]) == {"self"}
    assert np.allclose(shares.sum(axis=-1), 1) and (shares[::2, :, :, 6:] == 0).all()


def test_dropout_is_on_in_training_only(framework):
    model = make(framework, dropout=0.5)
    framework.initialize(model, IDS, seed=0)
    ids = framework.to_tensor(IDS)
    if framework.__name__.endswith("pytorch"):
        trained = framework.to_numpy(model.train()(ids))
        calm = [framework.to_numpy(model.eval()(ids)) for _ in range(2)]
    else:
        trained = framework.to_numpy(model(ids, training=True))
        calm = [framework.to_numpy(model(ids, training=False)) for _ in range(2)]
    assert (calm[0] == calm[1]).all() and np.abs(trained - calm[0]).max() > 0.1


def test_bad_input_is_one_clear_sentence(framework):
    with pytest.raises(InputError, match="d_model = 16 cannot be shared by 3 heads"):
        framework.MultiHeadAttention(16, 3)
    with pytest.raises(InputError, match="cannot be shared by 0 heads"):
        framework.MultiHeadAttention(16, 0)
    with pytest.raises(InputError, match="13 tokens, but the model has positions for 12"):
        run(framework, make(framework), np.ones((2, 13), int))
    x = framework.to_tensor(MEMORY)
    block = framework.TransformerBlock(TransformerConfig(30, 16, 4, 2, 12))
    for shape in [(40, 5), (40, 1, 1, 6), (40, 1, 4, 5), (3, 1, 1, 5), (40, 5, 5)]:
        with pytest.raises(InputError, match=r"must be \(batch, heads, queries, keys\)"):
            block(x, mask=framework.to_tensor(np.ones(shape, bool)))
    for shape in [(40, 1, 1, 5), (1, 1, 5, 5), (40, 4, 5, 5)]:
        block(x, mask=framework.to_tensor(np.ones(shape, bool)))
    with pytest.raises(InputError, match="one tuple each"):
        framework.train_sequences(gpt(framework), [], progress=False)


def test_training_is_measured_after_each_part(framework):
    measured = iter([3.0, 2.0])
    history = framework.train_sequences(
        gpt(framework), [(IDS[:8, :-1], IDS[:8, 1:])] * 4, evaluations=2, progress=False,
        evaluate=lambda: {"loss": next(measured)},
    )  # fmt: skip
    assert history.column("validation_loss").tolist() == [3.0, 2.0] and len(history) == 2


def test_training_that_explodes_is_one_clear_error(framework):
    batches = [(IDS[:8, :-1], IDS[:8, 1:])] * 30
    with pytest.raises(CourseError, match="lower the learning rate"):
        framework.train_sequences(
            gpt(framework),
            batches,
            learning_rate=1e30,
            optimizer="sgd",
            warmup_steps=1,
            progress=False,
        )


def test_padding_does_not_count_in_the_loss(framework):
    logits = RNG.normal(size=(2, 3, 5)).astype(np.float32)
    targets = np.array([[1, 4, 0], [2, 0, 0]])
    log_p = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    wanted = -np.mean([log_p[0, 0, 1], log_p[0, 1, 4], log_p[1, 0, 2]])
    got = framework.token_loss(framework.to_tensor(logits), framework.to_tensor(targets))
    assert float(framework.to_numpy(got)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("name", ["pytorch", "tensorflow"])
def test_what_the_lesson_defines_is_what_the_package_holds(name):
    framework, scope = adapter(name), {"to_tensor": adapter(name).to_tensor}
    if name == "pytorch":
        import torch

        scope |= {"torch": torch, "nn": torch.nn}
    else:
        import keras
        import tensorflow

        scope |= {"tf": tensorflow, "keras": keras}
    scope["sinusoidal_positions"] = sinusoidal_positions
    scope["choose_device"] = framework.choose_device
    source = {cell.id: cell.source for cell in assemble(find_lesson("04"), name).cells}
    for cell in ("attend", "multi-head", "masks", "feed-forward", "block", "transformer"):
        exec(source[cell + ("-tensorflow" if name == "tensorflow" else "")], scope)
    for options in ({}, {"positions": "sinusoidal", "causal": True}, {"d_ff": 24}):
        written = scope["Transformer"](30, 16, 4, 2, 12, **options)
        models = [
            framework.initialize(m, IDS, seed=5) for m in (written, make(framework, **options))
        ]
        outputs = [run(framework, model) for model in models]
        # PyTorch rounds otherwise where nobody asks the package for the weights of attention.
        assert np.abs(outputs[0] - outputs[1]).max() <= 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_attention_without_weights_gives_the_same_numbers_and_gradients(kind):
    framework, ids = adapter("pytorch"), IDS.copy()
    ids[0] = 0  # nothing but padding
    model = framework.initialize(make(framework, **KINDS[kind]), IDS, seed=0)
    options = {}
    if KINDS[kind].get("cross"):
        mask = framework.to_tensor(np.arange(5) < 3).expand(40, 1, 1, 5)
        options = {"memory": framework.to_tensor(MEMORY), "memory_mask": mask}
    results = []
    for way in (model, lambda *a, **o: model(*a, return_attention=True, **o)[0]):
        model.zero_grad()
        states = way(framework.to_tensor(ids), **options)
        (states * states.cos()).mean().backward()
        gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
        results.append([states.detach(), *gradients])
    assert len(results[0]) == len(results[1]) > 30
    assert max((a - b).abs().max() for a, b in zip(*results, strict=True)) <= 1e-5


def test_sinusoidal_positions_are_those_of_the_paper():
    table = sinusoidal_positions(20, 8)
    assert table.shape == (20, 8) and table.dtype == np.float32
    assert table[3, 4] == pytest.approx(np.sin(3 / 10_000 ** (4 / 8)))
    assert table[3, 5] == pytest.approx(np.cos(3 / 10_000 ** (4 / 8)))
    with pytest.raises(InputError, match="must be even"):
        sinusoidal_positions(4, 7)


def test_batches_are_of_one_length_and_hold_each_row_once():
    other = np.arange(40)
    batches = length_batches(IDS, other, batch_size=10, seed=1)
    assert sorted(np.concatenate([rows for _, rows in batches])) == list(range(40))
    assert sorted(source.shape[1] for source, _ in batches) == [6, 6, 9, 9]
    assert all((source == IDS[rows, : source.shape[1]]).all() for source, rows in batches)
    again = length_batches(IDS, other, batch_size=10, seed=1)
    assert all((a[1] == b[1]).all() for a, b in zip(batches, again, strict=True))
    with pytest.raises(InputError, match="cannot be filled from 40 rows"):
        length_batches(IDS, batch_size=41)


@pytest.mark.parametrize("n", [64, 65, 100, 127])
def test_every_row_is_in_a_batch_also_the_longest(n):
    ids = np.tril(np.ones((n, n), int))  # row i has i + 1 tokens
    batches = length_batches(ids, np.arange(n), batch_size=64)
    assert sorted(np.concatenate([rows for _, rows in batches])) == list(range(n))
    assert sorted(len(rows) for _, rows in batches) == sorted([64, n - 64] if n > 64 else [64])
    assert max(source.shape[1] for source, _ in batches) == n


def test_the_learning_rate_rises_and_falls():
    rates = [linear_schedule(step, 100, 1e-3, 10) for step in range(100)]
    assert np.argmax(rates) == 9 and rates[0] == pytest.approx(1e-4)
    assert rates[-1] < 0.03e-3 * 1.1 and min(rates) > 0


def bert(framework):
    """The real encoder in the course's transformer: (model, ids, hidden states)."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    from course_utils.data import load

    folder = load("encoder")
    config = TransformerConfig(
        30_522, 384, 12, 6, 512, d_ff=1536, token_types=2, norm_first=False, epsilon=1e-12,
        scale_tokens=False,
    )  # fmt: skip
    model = framework.Transformer(config)
    framework.set_weights(model, rename_bert_tensors(load_file(folder / "model.safetensors")))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding(length=24)
    texts = ["The actors performed the play.", "Children play in the garden behind the old house."]
    ids = np.array([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    return ids, run(framework, model, ids)


@pytest.fixture(scope="module")
def both_berts():
    return {name: bert(adapter(name)) for name in ("pytorch", "tensorflow")}


def test_bert_gives_the_same_vectors_in_both_frameworks(both_berts):
    (ids, first), (_, second) = both_berts["pytorch"], both_berts["tensorflow"]
    assert (ids == 0).any() and first.shape == (2, 24, 384)
    assert np.abs(first - second)[ids != 0].max() <= 1e-4


def test_bert_understands(both_berts):
    """Sentence vectors of the real encoder are known to be about this far apart."""
    ids, states = both_berts["pytorch"]
    words = (ids != 0)[..., None]
    vectors = (states * words).sum(axis=1) / words.sum(axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert 0.2 < vectors[0] @ vectors[1] < 0.5


def test_tensors_that_are_no_part_of_bert_are_named():
    assert rename_bert_tensors({"pooler.dense.weight": np.zeros((2, 2))}) == {}
    for name in ("encoder.layer.0.attention.relative.weight", "lm_head"):
        with pytest.raises(InputError, match=re.escape(repr(name))):
            rename_bert_tensors({name: np.zeros(2)})
    turned = rename_bert_tensors(
        {"bert.encoder.layer.3.output.dense.weight": np.arange(6).reshape(2, 3)}
    )
    assert turned["blocks.3.feed_forward.outer.kernel"].shape == (3, 2)


def test_a_size_that_is_not_known_yet_is_shown_as_such():
    with pytest.raises(InputError, match=re.escape("shape (2, 3), but it must be")) as caught:
        check_mask((2, 3), (None, 5, 16), (None, 7, 16))
    assert "(?, heads, 5, 7)" in str(caught.value)
