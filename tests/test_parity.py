"""The same weights and batches give the same numbers in PyTorch and in TensorFlow.

The models are those that lesson 1 writes out, taken from its source.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
tensorflow = pytest.importorskip("tensorflow")

from course_utils import pytorch as pt, tensorflow as tf  # noqa: E402
from course_utils.course import find_lesson  # noqa: E402
from course_utils.tools.lessons.source import assemble  # noqa: E402

RNG = np.random.default_rng(0)
IDS = RNG.integers(2, 300, (400, 12))
IDS[RNG.random(IDS.shape) < 0.3] = 0
LABELS = RNG.integers(0, 4, 400)
PIXELS = RNG.random((400, 64)).astype(np.float32)


def written_out(framework, cell, name):
    """Return a class as the lesson defines it."""
    import keras

    source = next(c.source for c in assemble(find_lesson("01"), framework).cells if c.id == cell)
    scope = {"torch": torch, "nn": torch.nn, "tf": tensorflow, "keras": keras}
    exec(compile(source, cell, "exec"), scope)
    return scope[name]


CASES = {
    "bag": ("bag-classifier", "BagClassifier", (300, 16, 4), IDS, LABELS),
    "next item": ("next-item-model", "NextItemModel", (300, 3), IDS[:, :4], LABELS),
    "digits": ("digit-model", "DigitEncoder", (), PIXELS, LABELS),
}


@pytest.fixture(params=CASES)
def twins(request):
    cell, name, arguments, inputs, labels = CASES[request.param]
    first = written_out("pytorch", cell, name)(*arguments)
    second = written_out("tensorflow", f"{cell}-tensorflow", name)(*arguments)
    pt.initialize(first, inputs[:2], seed=3)
    tf.initialize(second, inputs[:2], seed=3)
    return first, second, inputs, labels


def test_they_start_from_the_same_weights(twins):
    first, second, _, _ = twins
    ours, theirs = pt.get_weights(first), tf.get_weights(second)
    assert sorted(ours) == sorted(theirs)
    assert all((ours[name] == theirs[name]).all() for name in ours)
    assert pt.count_parameters(first) == tf.count_parameters(second)


def test_outputs_agree(twins):
    first, second, inputs, _ = twins
    assert np.abs(pt.predict(first, inputs) - tf.predict(second, inputs)).max() <= 1e-5


@pytest.mark.parametrize(
    ("optimizer", "rate", "steps", "tolerance"),
    [("sgd", 0.5, 50, 1e-5), ("adam", 1e-3, 10, 1e-4), ("adam", 1e-3, 50, 1e-3)],
)
# Adam's first steps differ where gradients are tiny: see the test of epsilon below.
def test_losses_agree_step_by_step(twins, optimizer, rate, steps, tolerance):
    first, second, inputs, labels = twins
    one = pt.make_train_step(first, pt.make_optimizer(first, optimizer, rate))
    two = tf.make_train_step(second, tf.make_optimizer(second, optimizer, rate))
    rng = np.random.default_rng(1)
    batches = [rng.integers(0, len(inputs), 32) for _ in range(steps)]
    losses = np.array(
        [(one((inputs[b], labels[b]))[0], two((inputs[b], labels[b]))[0]) for b in batches]
    )
    assert np.abs(losses[:, 0] - losses[:, 1]).max() <= tolerance
    assert losses[-1, 0] != losses[0, 0], "nothing was learned"


def test_keras_adds_epsilon_before_the_correction_of_adam():
    """As `make_optimizer` says: a first gradient of 1e-7 moves a weight less in Keras."""
    ones = np.ones((1, 1), np.float32)
    first = torch.nn.Linear(1, 1, bias=False)
    second = tensorflow.keras.Sequential([tensorflow.keras.layers.Dense(1, use_bias=False)])
    second(ones)
    steps = []
    for adapter, model in ((pt, first), (tf, second)):
        before = next(iter(adapter.get_weights(model).values())).copy()
        optimizer = adapter.make_optimizer(model, "adam", 0.1)
        step = adapter.make_train_step(model, optimizer, lambda y, targets: (y * targets)[0, 0])
        step((ones, ones * 1e-7))
        steps.append((before - next(iter(adapter.get_weights(model).values()))).item() / 0.1)
    epsilon_hat = 1e-8 / np.sqrt(1 - 0.999)
    assert steps == pytest.approx([1e-7 / (1e-7 + 1e-8), 1e-7 / (1e-7 + epsilon_hat)], rel=1e-3)


def test_repeated_words_are_summed_before_adam_squares_them():
    ids, labels = np.full((8, 5), 7), np.arange(8) % 4
    first = pt.initialize(pt.BagClassifier(10, 4, 4), ids[:2], seed=0)
    second = tf.initialize(tf.BagClassifier(10, 4, 4), ids[:2], seed=0)
    one = pt.make_train_step(first, pt.make_optimizer(first, "adam", 0.1))
    two = tf.make_train_step(second, tf.make_optimizer(second, "adam", 0.1))
    for rows in ([0, 1, 2], [3, 3, 3], [5, 6, 1]):
        one((ids[rows], labels[rows]))
        two((ids[rows], labels[rows]))
    difference = (
        pt.get_weights(first)["embedding.table"] - tf.get_weights(second)["embedding.table"]
    )
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_what_the_notebook_defines_is_what_the_package_holds(framework):
    adapter = {"pytorch": pt, "tensorflow": tf}[framework]
    cell = "bag-classifier" + ("-tensorflow" if framework == "tensorflow" else "")
    written = written_out(framework, cell, "BagClassifier")(300, 16, 4)
    kept = adapter.BagClassifier(300, 16, 4)
    for model in (written, kept):
        adapter.initialize(model, IDS[:2], seed=5)
    assert (adapter.predict(written, IDS) == adapter.predict(kept, IDS)).all()


def test_weights_of_one_are_taken_over_by_the_other():
    first = pt.initialize(pt.BagClassifier(300, 16, 4), IDS[:2], seed=1)
    second = tf.initialize(tf.BagClassifier(300, 16, 4), IDS[:2], seed=2)
    tf.set_weights(second, pt.get_weights(first))
    assert np.abs(pt.predict(first, IDS) - tf.predict(second, IDS)).max() <= 1e-5


def test_layer_norm_is_exchanged_and_other_layers_are_refused():
    import keras

    class Torch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.norms = torch.nn.ModuleList([torch.nn.LayerNorm(64)])

        def forward(self, x):
            return self.norms[0](x)

    class Keras(keras.Model):
        def __init__(self):
            super().__init__()
            self.norms = [keras.layers.LayerNormalization(epsilon=1e-5)]

        def call(self, x):
            return self.norms[0](x)

    first, second = pt.initialize(Torch(), PIXELS[:2]), tf.initialize(Keras(), PIXELS[:2])
    tf.set_weights(second, pt.get_weights(first))
    assert list(pt.get_weights(first)) == ["norms.0.scale", "norms.0.bias"]
    assert np.abs(pt.predict(first, PIXELS) - tf.predict(second, PIXELS)).max() <= 1e-5
    with pytest.raises(ValueError, match="Conv1d"):
        pt.get_weights(torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1)))


def convolutional(framework):
    """Windows over pictures of 8 x 8 pixels, and a linear layer on what they see."""
    import keras

    class Torch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.windows, self.score = torch.nn.Conv2d(1, 5, (3, 2)), torch.nn.Linear(5, 4)

        def forward(self, pixels):
            return self.score(torch.relu(self.windows(pixels.view(-1, 1, 8, 8))).mean((2, 3)))

    class Keras(keras.Model):
        def __init__(self):
            super().__init__()
            self.windows, self.score = keras.layers.Conv2D(5, (3, 2)), keras.layers.Dense(4)

        def call(self, pixels):
            seen = keras.ops.relu(self.windows(keras.ops.reshape(pixels, (-1, 8, 8, 1))))
            return self.score(keras.ops.mean(seen, axis=(1, 2)))

    return {"pytorch": Torch, "tensorflow": Keras}[framework]()


def test_convolutions_start_alike_and_are_exchanged():
    pixels = RNG.normal(size=(20, 64)).astype(np.float32)
    first, second = (
        adapter.initialize(convolutional(name), pixels[:2], seed=1)
        for name, adapter in (("pytorch", pt), ("tensorflow", tf))
    )
    weights = pt.get_weights(first)
    assert weights["windows.kernel"].shape == (3, 2, 1, 5)
    limit = (6 / (3 * 2 * (1 + 5))) ** 0.5
    assert 0.8 * limit < np.abs(weights["windows.kernel"]).max() <= limit
    assert np.abs(pt.predict(first, pixels) - tf.predict(second, pixels)).max() <= 1e-5
    pt.set_weights(first, {name: 2 * array for name, array in weights.items()})
    tf.set_weights(second, pt.get_weights(first))
    assert np.abs(pt.predict(first, pixels) - tf.predict(second, pixels)).max() <= 1e-5


def recurrent(framework, kind):
    """A recurrent layer of the library, and a linear layer on its last state."""
    import keras

    class Torch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(torch.nn, kind)(6, 5, batch_first=True)
            self.score = torch.nn.Linear(5, 4)

        def forward(self, x):
            return self.score(self.rnn(x)[0][:, -1])

    class Keras(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(keras.layers, "SimpleRNN" if kind == "RNN" else kind)(5)
            self.score = keras.layers.Dense(4)

        def call(self, x):
            return self.score(self.rnn(x))

    return {"pytorch": Torch, "tensorflow": Keras}[framework]()


SERIES = RNG.normal(size=(64, 9, 6)).astype(np.float32)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_recurrent_layers_are_exchanged_and_learn_alike(kind):
    first = recurrent("pytorch", kind)  # with the biases that PyTorch draws: none of them is 0
    before = pt.predict(first, SERIES)
    second = tf.initialize(recurrent("tensorflow", kind), SERIES[:2], seed=2)
    weights = pt.get_weights(first)
    pt.set_weights(first, weights)
    assert np.abs(pt.predict(first, SERIES) - before).max() <= 1e-6, "folding changes no output"
    tf.set_weights(second, weights)
    returned = tf.get_weights(second)
    assert all((weights[name] == returned[name]).all() for name in weights)
    assert pt.count_parameters(first) == tf.count_parameters(second)
    assert np.abs(pt.predict(first, SERIES) - tf.predict(second, SERIES)).max() <= 1e-5
    one = pt.make_train_step(first, pt.make_optimizer(first, "sgd", 0.2))
    two = tf.make_train_step(second, tf.make_optimizer(second, "sgd", 0.2))
    batches = [np.random.default_rng(i).integers(0, 64, 16) for i in range(50)]
    losses = np.array(
        [(one((SERIES[b], LABELS[b]))[0], two((SERIES[b], LABELS[b]))[0]) for b in batches]
    )
    assert np.abs(losses[:, 0] - losses[:, 1]).max() <= 1e-5
    assert losses[-1, 0] != losses[0, 0], "nothing was learned"


def test_recurrent_layers_that_cannot_be_exchanged_are_refused():
    import keras

    class Old(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn = keras.layers.GRU(5, reset_after=False)

        def call(self, x):
            return self.rnn(x)

    with pytest.raises(ValueError, match="reset_after=True"):
        tf.initialize(Old(), SERIES[:2])
    for options in ({"num_layers": 2}, {"bidirectional": True}, {"bias": False}):
        with pytest.raises(ValueError, match="one layer, one direction and a bias"):
            pt.get_weights(torch.nn.Sequential(torch.nn.LSTM(6, 5, **options)))


@pytest.fixture(scope="module")
def language_models():
    """The same language model in both frameworks, on a text that is easy to learn."""
    from course_utils.text import CharVocabulary

    alphabet = CharVocabulary("abc \n")
    ids = alphabet.encode("abc abc\ncab cab\n" * 200)
    first = pt.initialize(pt.LanguageModel(6, 8, 16), ids[None, :2], seed=1, embedding_std=1)
    second = tf.initialize(tf.LanguageModel(6, 8, 16), ids[None, :2], seed=1, embedding_std=1)
    return alphabet, ids, first, second


def test_language_models_train_alike_with_and_without_the_state(language_models):
    alphabet, ids, *_ = language_models
    for stateful in (True, False):
        first, second = (
            a.initialize(a.LanguageModel(6, 8, 16), ids[None, :2], seed=1, embedding_std=1)
            for a in (pt, tf)
        )
        one, two = (
            adapter.train_language_model(
                model, ids, steps=50, evaluations=50, batch_size=4, sequence_length=8,
                learning_rate=3e-3, stateful=stateful, progress=False,
            ).column("train_loss")
            for adapter, model in ((pt, first), (tf, second))
        )  # fmt: skip
        assert np.abs(one - two).max() <= 1e-4
        assert one[-1] < 0.9 * one[0]
    tf.set_weights(second, pt.get_weights(first))
    assert pt.mean_loss(first, ids, batch_size=4, sequence_length=10) == pytest.approx(
        tf.mean_loss(second, ids, batch_size=4, sequence_length=10), abs=1e-5
    )


def test_both_frameworks_generate_the_same_text(language_models):
    alphabet, ids, first, second = language_models
    history = pt.train_language_model(
        first,
        ids,
        ids[:401],
        steps=60,
        batch_size=4,
        sequence_length=8,
        evaluations=3,
        progress=False,
    )
    assert len(history) == 3 and history.column("validation_loss")[-1] < 0.9
    tf.set_weights(second, pt.get_weights(first))
    one, two = pt.make_generator(first, alphabet), tf.make_generator(second, alphabet)
    logits = [generator.step(ids[None, :20], None)[0] for generator in (one, two)]
    assert logits[0].shape == (1, 6) and np.abs(logits[0] - logits[1]).max() <= 1e-5
    for settings in (
        {"temperature": 0},
        {"temperature": 1.2, "seed": 5},
        {"top_k": 2},
        {"top_p": 0.8},
    ):
        texts = [generator.generate("abc", length=60, **settings) for generator in (one, two)]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["source_code", "language_reference", "tinyshakespeare"])
def test_kept_weights_generate_the_same_in_both_frameworks(name):
    from course_utils.checkpoints import find_checkpoint
    from course_utils.rnn import next_probabilities
    from course_utils.text import CharVocabulary

    kept, alphabet, texts, probabilities = find_checkpoint("03", name), CharVocabulary(), [], []
    assert kept.path.stat().st_size < 4_000_000
    assert kept.log["validation_bits"][-1] == pytest.approx(
        min(kept.log["validation_bits"]), abs=0.02
    )
    for adapter in (pt, tf):
        settings = kept.log["settings"]
        model = adapter.LanguageModel(len(alphabet), settings["dimension"], settings["units"])
        adapter.initialize(model, np.zeros((1, 2), np.int64))
        adapter.load_weights(model, kept.path)
        generator = adapter.make_generator(model, alphabet)
        prompt = alphabet.encode("the state of the ")[None]
        probabilities.append(next_probabilities(generator.step(prompt, None)[0]))
        texts.append(generator.generate("the ", length=100, temperature=0))
    assert np.abs(probabilities[0] - probabilities[1]).max() <= 1e-5
    assert texts[0] == texts[1]
