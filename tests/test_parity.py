"""The same weights and batches give the same numbers in PyTorch and in TensorFlow.

The models are those that lesson 1 writes out, taken from its source.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
tensorflow = pytest.importorskip("tensorflow")

from course_utils import pytorch as pt  # noqa: E402
from course_utils import tensorflow as tf  # noqa: E402
from course_utils.lessons.source import assemble, find_lesson  # noqa: E402

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
def test_losses_agree_step_by_step(twins, optimizer, rate, steps, tolerance):
    first, second, inputs, labels = twins
    one = pt.train_step(first, pt.make_optimizer(first, optimizer, rate))
    two = tf.train_step(second, tf.make_optimizer(second, optimizer, rate))
    rng = np.random.default_rng(1)
    batches = [rng.integers(0, len(inputs), 32) for _ in range(steps)]
    losses = np.array(
        [(one((inputs[b], labels[b]))[0], two((inputs[b], labels[b]))[0]) for b in batches]
    )
    assert np.abs(losses[:, 0] - losses[:, 1]).max() <= tolerance
    assert losses[-1, 0] != losses[0, 0], "nothing was learned"


def test_repeated_words_are_summed_before_adam_squares_them():
    ids, labels = np.full((8, 5), 7), np.arange(8) % 4
    first = pt.initialize(pt.BagClassifier(10, 4, 4), ids[:2], seed=0)
    second = tf.initialize(tf.BagClassifier(10, 4, 4), ids[:2], seed=0)
    one = pt.train_step(first, pt.make_optimizer(first, "adam", 0.1))
    two = tf.train_step(second, tf.make_optimizer(second, "adam", 0.1))
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
