"""One training step and one loop: what `fit`, the language model and the sequences share."""

from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils.errors import CourseError, InputError
from course_utils.training import cosine_schedule, linear_schedule

PACKAGE = Path(course_utils.__file__).parent
RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(40, 8)).astype(np.float32)
IDS = RNG.integers(1, 9, (40, 5))
LABELS = RNG.integers(0, 3, 40)
TEXT = np.tile([1, 2, 3, 1, 3, 2, 4], 300)


@pytest.mark.parametrize(
    ("room", "words"), [("pytorch", ".backward()"), ("tensorflow", "GradientTape()")]
)
def test_each_framework_computes_its_gradients_in_one_place(room, words):
    texts = {path.name: path.read_text("utf8") for path in (PACKAGE / room).glob("*.py")}
    assert {name: text.count(words) for name, text in texts.items() if words in text} == {
        "training.py": 1
    }


def dropout_model(framework, outputs=3):
    """A linear layer after dropout; it keeps whether it was called as in training."""
    if framework.__name__.endswith("pytorch"):
        import torch

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.drop = torch.nn.Dropout(0.5)
                self.head = torch.nn.Linear(8, outputs)

            def forward(self, x):
                return self.head(self.drop(x))

        return framework.initialize(Model(), VECTORS[:2])
    import keras

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.drop = keras.layers.Dropout(0.5)
            self.head = keras.layers.Dense(outputs)

        def call(self, x):
            return self.head(self.drop(x))

    return framework.initialize(Model(), VECTORS[:2])


def test_evaluate_sees_no_dropout_and_no_gradients_and_training_goes_on_with_it(framework):
    model, alike, tracked = dropout_model(framework), [], []

    def evaluate():
        first, again = (model(framework.to_tensor(VECTORS)) for _ in range(2))
        tracked.append(getattr(first, "requires_grad", False))
        alike.append(bool((framework.to_numpy(first) == framework.to_numpy(again)).all()))
        return {"loss": 1.0}

    losses = framework.train_sequences(
        model, [(VECTORS, LABELS)] * 6, learning_rate=1e-12, loss_fn=framework.cross_entropy,
        evaluations=6, evaluate=evaluate, progress=False,
    ).column("train_loss")  # fmt: skip
    assert alike == [True] * 6 and tracked == [False] * 6
    assert len(set(losses.round(5))) == 6, "other numbers are dropped at each step"
    evaluate()
    assert alike[-1], "after the training dropout is off"


def test_a_schedule_gives_each_step_its_rate_and_long_gradients_are_clipped(framework):
    model = dropout_model(framework)
    rates = []

    def schedule(step):
        rates.append(step)
        return 1.0

    optimizer = framework.make_optimizer(model, "sgd", 1e-9)
    step = framework.make_train_step(
        model, optimizer, framework.cross_entropy, clip=0.01, schedule=schedule
    )
    before = framework.get_weights(model)
    assert step((VECTORS, LABELS))[1] == 40
    after = framework.get_weights(model)
    length = np.sqrt(sum(((after[name] - before[name]) ** 2).sum() for name in after))
    assert length == pytest.approx(0.01, rel=1e-3), "rate 1, a gradient of length 0.01"
    step((VECTORS, LABELS))
    assert rates == [0, 1]


@pytest.mark.parametrize(("steps", "evaluations"), [(25, 10), (19, 10), (7, 3), (3, 10)])
def test_a_language_model_takes_the_steps_and_evaluations_that_it_is_told(
    framework, steps, evaluations, monkeypatch
):
    import importlib

    module = importlib.import_module(f"{framework.__name__}.language")
    asked = []

    def schedule(step, **settings):
        asked.append((step, settings["steps"]))
        return cosine_schedule(step, **settings)

    monkeypatch.setattr(module, "cosine_schedule", schedule)
    model = framework.initialize(framework.LanguageModel(5, 4, 4), TEXT[None, :2])
    history = framework.train_language_model(
        model,
        TEXT,
        TEXT[:200],
        steps=steps,
        evaluations=evaluations,
        batch_size=4,
        sequence_length=5,
        progress=False,
    )
    assert len(history) == min(evaluations, steps)
    assert asked == [(step, steps) for step in range(steps)]


def bag(framework, **options):
    return framework.initialize(framework.BagClassifier(9, 4, 3), IDS[:2], **options)


BAD_LABELS = [
    (np.where(LABELS == 2, 3, LABELS), "Label 3 is outside the 3 classes that the model scores"),
    (np.where(LABELS == 2, -100, LABELS), "Label -100 is outside the 3 classes"),
    (LABELS.astype(np.float32), "Labels must be whole numbers, but these have the type float32"),
    (LABELS[:, None], r"must have the shape \(40\), one .* have \(40, 1\)"),
]


@pytest.mark.parametrize(("labels", "words"), BAD_LABELS)
def test_labels_that_do_not_fit_are_named_before_the_first_step(framework, labels, words):
    model = bag(framework)
    before = framework.get_weights(model)
    with pytest.raises(InputError, match=words):
        framework.fit(model, (IDS, labels), epochs=1, progress=False)
    with pytest.raises(InputError, match=words):
        framework.fit(model, (IDS, LABELS), (IDS, labels), epochs=1, progress=False)
    with pytest.raises(InputError, match=words):
        framework.evaluate(model, IDS, labels)
    with pytest.raises(InputError, match=words):
        framework.train_sequences(
            model, [(IDS, LABELS), (IDS, labels)], loss_fn=framework.cross_entropy, progress=False
        )
    after = framework.get_weights(model)
    assert all((after[name] == before[name]).all() for name in before)


def test_ids_outside_the_table_are_named_before_the_first_step_of_train_sequences(framework):
    for wrong in (-1, 9):
        ids = np.where(IDS == 3, wrong, IDS)
        with pytest.raises(InputError, match=f"Word id {wrong} is outside the table of 9 rows"):
            framework.train_sequences(
                bag(framework), [(IDS, LABELS), (ids, LABELS)], loss_fn=framework.cross_entropy
            )


@pytest.mark.parametrize("rate", [float("nan"), 0, -0.1, float("inf"), "fast"])
def test_a_learning_rate_that_is_none_is_one_sentence(framework, rate):
    with pytest.raises(InputError, match="learning rate must be a number above 0"):
        framework.fit(bag(framework), (IDS, LABELS), learning_rate=rate, progress=False)
    with pytest.raises(InputError, match="learning rate must be a number above 0"):
        framework.train_sequences(
            bag(framework), [(IDS, LABELS)], loss_fn=framework.cross_entropy, learning_rate=rate
        )


def test_an_error_in_a_late_epoch_leaves_the_best_weights_and_its_history(framework, monkeypatch):
    import importlib

    module = importlib.import_module(f"{framework.__name__}.training")
    model, real, seen = bag(framework), module.evaluate, []

    def evaluate(*data):
        seen.append((real(*data), framework.get_weights(model)))
        if len(seen) == 4:
            raise RuntimeError("the disk is full")
        return seen[-1][0]

    monkeypatch.setattr(module, "evaluate", evaluate)
    with pytest.raises(RuntimeError, match="disk") as caught:
        framework.fit(
            model, (IDS, LABELS), (IDS, (LABELS + 1) % 3), epochs=9, learning_rate=0.3,
            progress=False,
        )  # fmt: skip
    history, now = caught.value.history, framework.get_weights(model)
    best = min(range(3), key=lambda i: seen[i][0]["loss"])
    assert len(history) == 3 and history.best_epoch == best + 1
    assert all((now[name] == seen[best][1][name]).all() for name in now)
    assert (now["embedding.table"] != seen[3][1]["embedding.table"]).any()


def test_a_loss_that_is_no_number_leaves_the_history_too(framework):
    batches = [(VECTORS, LABELS)] * 3 + [(VECTORS * np.float32(1e37), LABELS)]
    with pytest.raises(CourseError, match=r"became (nan|inf) in epoch 4") as caught:
        framework.train_sequences(
            dropout_model(framework), batches, loss_fn=overflowing(framework), evaluations=4,
            progress=False,
        )  # fmt: skip
    assert len(caught.value.history) == 3


def overflowing(framework):
    """Return a loss that is infinite or NaN for very large logits."""
    return lambda logits, targets: framework.cross_entropy(logits * 1e3, targets)


@pytest.mark.parametrize("clip", [None, 1.0])
def test_a_step_whose_loss_is_no_number_is_not_taken(framework, clip):
    model = dropout_model(framework)
    step = framework.make_train_step(
        model, framework.make_optimizer(model), overflowing(framework), clip
    )
    step((VECTORS, LABELS))
    before = framework.get_weights(model)
    assert not np.isfinite(step((VECTORS * np.float32(1e37), LABELS))[0])
    after = framework.get_weights(model)
    assert all((after[name] == before[name]).all() for name in before)
    assert np.isfinite(step((VECTORS, LABELS))[0])
    assert any((framework.get_weights(model)[name] != before[name]).any() for name in before)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e39])
def test_inputs_that_are_not_finite_are_named_before_the_first_step(framework, wrong):
    model, vectors = dropout_model(framework), VECTORS.astype(np.float64)
    before = framework.get_weights(model)
    vectors[7, 3] = wrong
    calls = (
        lambda: framework.fit(model, (vectors, LABELS), progress=False),
        lambda: framework.fit(model, (VECTORS, LABELS), (vectors, LABELS), progress=False),
        lambda: framework.predict(model, vectors),
        lambda: framework.evaluate(model, vectors, LABELS),
        lambda: framework.train_sequences(
            model, [(VECTORS, LABELS), (vectors, LABELS)], loss_fn=framework.cross_entropy,
            progress=False,
        ),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(InputError, match="finite float32 numbers, but one is NaN, infinite or"):
            call()
    after = framework.get_weights(model)
    assert all((after[name] == before[name]).all() for name in before)


def two_tables(framework):
    """A model that scores tokens from two arrays of ids, as a decoder does."""
    if framework.__name__.endswith("pytorch"):
        from torch import nn

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = nn.Embedding(9, 4), nn.Embedding(9, 4)

            def forward(self, ids, others):
                return self.second(others) + self.first(ids[:, :1])

        return Model()
    import keras

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = keras.layers.Embedding(9, 4), keras.layers.Embedding(9, 4)

        def call(self, ids, others):
            return self.second(others) + self.first(ids[:, :1])

    return Model()


def test_negative_ids_in_any_input_are_named_before_the_first_step(framework):
    wrong = np.where(IDS == 3, -1, IDS)
    with pytest.raises(InputError, match="are ids from 0 up, but one is -1: give measurements as"):
        framework.train_sequences(
            two_tables(framework), [(IDS, IDS, IDS % 4), (IDS, wrong, IDS % 4)], progress=False
        )


def test_labels_of_another_length_in_a_later_batch_are_named(framework):
    good = [(IDS, IDS, IDS % 4), (IDS, IDS[:, :3], IDS[:, :3] % 4)]
    assert len(framework.train_sequences(two_tables(framework), good, progress=False)) == 2
    with pytest.raises(InputError, match=r"must have the shape \(40, 5\), one .* have \(40, 3\)"):
        framework.train_sequences(
            two_tables(framework), [*good, (IDS[:, :4], IDS, IDS[:, :3] % 4)], progress=False
        )


def test_old_gradients_of_frozen_weights_do_not_count_when_gradients_are_clipped():
    torch = pytest.importorskip("torch")
    from course_utils import pytorch

    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 3))
    model[0].requires_grad_(False).weight.grad = torch.full((8, 8), 1e6)
    before = model[1].weight.clone()
    step = pytorch.make_train_step(model, pytorch.make_optimizer(model, "sgd", 1.0), clip=1.0)
    step((VECTORS, LABELS))
    assert (model[1].weight - before).abs().max() > 1e-3


def test_a_frozen_encoder_stays_without_dropout_after_predict():
    torch = pytest.importorskip("torch")
    from course_utils import pytorch

    model = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Linear(8, 3))
    model.train()[0].eval()
    pytorch.predict(model, VECTORS)
    assert [part.training for part in model.modules()] == [True, False, True]


def test_a_whole_number_is_a_learning_rate(framework):
    for train in (
        lambda: framework.fit(bag(framework), (IDS, LABELS), epochs=1, learning_rate=1),
        lambda: framework.train_sequences(
            bag(framework), [(IDS, LABELS)], loss_fn=framework.cross_entropy, learning_rate=1
        ),
    ):
        assert len(train()) == 1


def test_what_is_no_list_of_batches_is_one_sentence(framework):
    model = bag(framework)
    for train in (IDS, None, "ab", {"inputs": IDS, "targets": LABELS}, (IDS,)):
        with pytest.raises(InputError, match="needs batches of inputs and targets, one tuple each"):
            framework.fit(model, train, progress=False)
    with pytest.raises(InputError, match="Batches must have a length: make a list of them"):
        framework.train_sequences(
            model, (batch for batch in [(IDS, LABELS)]), loss_fn=framework.cross_entropy
        )


def test_the_peak_is_reached_in_training(framework, monkeypatch):
    import importlib

    rates = []

    def schedule(*args, **settings):
        rates.append(linear_schedule(*args, **settings))
        return rates[-1]

    module = importlib.import_module(f"{framework.__name__}.sequences")
    monkeypatch.setattr(module, "linear_schedule", schedule)
    framework.train_sequences(
        bag(framework), [(IDS, LABELS)] * 8, loss_fn=framework.cross_entropy, learning_rate=0.01,
        warmup_steps=3, progress=False,
    )  # fmt: skip
    assert len(rates) == 8 and max(rates) == 0.01


def test_functions_that_look_change_nothing():
    torch = pytest.importorskip("torch")
    from course_utils import pytorch

    model = torch.nn.Sequential(torch.nn.LSTM(3, 4, batch_first=True))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert pytorch.count_parameters(model) == 3 * 16 + 4 * 16 + 16
    weights = pytorch.get_weights(model)
    with pytest.raises(InputError, match="has no weight 'nothing'"):
        pytorch.set_weights(model, {"nothing": np.zeros(1)}, partial=True)
    assert all((model.state_dict()[name] == before[name]).all() for name in before)
    assert all(parameter.requires_grad for parameter in model.parameters())
    with pytest.raises(InputError, match="must be an array of numbers"):
        pytorch.set_weights(model, weights | {"0.bias": np.full(16, "x")})
    both = before["0.bias_ih_l0"] + before["0.bias_hh_l0"]
    assert (weights["0.bias"] == both.numpy()).all()
    pytorch.set_weights(model, weights)
    assert (model.state_dict()["0.bias_ih_l0"] == both).all()
    assert not model[0].bias_hh_l0.any() and not model[0].bias_hh_l0.requires_grad


def test_layers_that_are_not_exchanged_are_counted_alike():
    torch, keras = pytest.importorskip("torch"), pytest.importorskip("keras")
    from course_utils import pytorch, tensorflow

    first = torch.nn.Sequential(torch.nn.Linear(8, 6), torch.nn.BatchNorm1d(6))
    second = keras.Sequential([keras.layers.Dense(6), keras.layers.BatchNormalization()])
    second(VECTORS)
    second.layers[0].trainable = False
    assert pytorch.count_parameters(first) == 8 * 6 + 6 + 2 * 6
    assert tensorflow.count_parameters(second) == pytorch.count_parameters(first)


def test_recurrent_models_have_as_many_parameters_in_both():
    pytest.importorskip("torch")
    pytest.importorskip("tensorflow")
    from course_utils import pytorch, tensorflow

    first, second = (
        adapter.initialize(adapter.LanguageModel(5, 4, 6), TEXT[None, :2])
        for adapter in (pytorch, tensorflow)
    )
    assert pytorch.count_parameters(first) == tensorflow.count_parameters(second)


def test_each_check_reads_the_validation_text_with_the_empty_state(framework):
    model = framework.initialize(
        framework.LanguageModel(5, 4, 8), TEXT[None, :2], embedding_std=1.0
    )
    losses = framework.train_language_model(
        model, TEXT, TEXT[:62], steps=2, evaluations=2, batch_size=4, sequence_length=5,
        learning_rate=1e-12, progress=False,
    ).column("validation_loss")  # fmt: skip
    assert np.ptp(losses) < 1e-6
