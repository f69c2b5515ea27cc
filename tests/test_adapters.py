"""Both adapters: the same names and signatures, the same behavior, one framework each."""

import inspect
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from adapters import adapter, public_names

from course_utils.errors import CourseError, InputError

IDS = np.random.default_rng(0).integers(2, 50, (64, 8))
IDS[:, 5:] = 0
LABELS = (IDS[:, 0] > 25).astype(np.int64)


def small_model(framework, seed=0):
    return framework.initialize(framework.BagClassifier(50, 6, 2), IDS[:2], seed=seed)


def test_the_adapters_are_twins():
    torch_names, tf_names = adapter("pytorch"), adapter("tensorflow")
    assert public_names(torch_names) == public_names(tf_names)
    for name in public_names(torch_names):
        first, second = parameters(getattr(torch_names, name)), parameters(getattr(tf_names, name))
        assert first == second and first is not None, name


def parameters(target):
    """Return names, kinds and defaults; a default function counts by its name."""
    return [
        (p.name, p.kind, getattr(p.default, "__name__", p.default))
        for p in inspect.signature(target).parameters.values()
    ]


def run_python(code):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


def test_importing_the_package_is_fast_and_loads_no_framework():
    code = "import sys, course_utils; print({'torch', 'tensorflow', 'keras'} & set(sys.modules))"
    empty = min(timed("pass") for _ in range(3))
    assert min(timed("import course_utils") for _ in range(3)) - empty < 0.3
    assert run_python(code).stdout.strip() == "set()"


def timed(code):
    start = time.perf_counter()
    run_python(code)
    return time.perf_counter() - start


@pytest.mark.parametrize(("name", "other"), [("pytorch", "tensorflow"), ("tensorflow", "torch")])
def test_an_adapter_never_loads_the_other_framework(name, other):
    adapter(name)
    code = f"""
import sys, numpy as np
import course_utils.{name}
from course_utils import classroom, data, evaluation, visualization
visualization.project(np.random.default_rng(0).normal(size=(40, 5)), "umap", neighbors=5)
print({other!r} in sys.modules)
"""
    result = run_python(code)
    assert result.stdout.strip() == "False", result.stderr


def test_tensorflow_is_loaded_without_a_word():
    adapter("tensorflow")
    assert run_python("import course_utils.tensorflow").stderr == ""


def test_many_short_trainings_in_tensorflow_bring_no_warning():
    adapter("tensorflow")
    code = """
import numpy as np
from course_utils.tensorflow import BagClassifier, fit, initialize
ids, labels = np.ones((4, 3), int), np.array([0, 1, 0, 1])
for seed in range(7):
    fit(initialize(BagClassifier(5, 2, 2), ids, seed=seed), (ids, labels), epochs=1, progress=False)
"""
    assert run_python(code).stderr == ""


def test_training_learns_and_prediction_keeps_the_order(framework):
    model = small_model(framework)
    history = framework.fit(model, (IDS, LABELS), epochs=60, batch_size=16, progress=False)
    assert framework.evaluate(model, IDS, LABELS)["accuracy"] > 0.95
    assert history.rows[-1]["train_loss"] < history.rows[0]["train_loss"] / 2
    logits = framework.predict(model, IDS, batch_size=10)
    assert logits.shape == (64, 2)
    assert (logits.argmax(1) == LABELS).mean() > 0.95


def test_the_best_weights_are_put_back(framework):
    model = small_model(framework)
    wrong = (IDS, 1 - LABELS)  # validation gets worse as training goes on
    history = framework.fit(model, (IDS, LABELS), wrong, epochs=8, progress=False)
    assert history.best_epoch == 1
    best = history.column("validation_loss").min()
    assert framework.evaluate(model, *wrong)["loss"] == pytest.approx(best, abs=1e-5)


def test_padding_does_not_count_and_an_empty_text_gives_no_nan(framework):
    model = small_model(framework)
    longer = np.concatenate([IDS, np.zeros((64, 9), int)], axis=1)
    assert np.abs(framework.predict(model, IDS) - framework.predict(model, longer)).max() < 1e-6
    assert np.isfinite(framework.predict(model, np.zeros((1, 4), int))).all()


def test_set_weights_really_sets_them(framework):
    model = small_model(framework)
    table = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    framework.set_weights(model, {"embedding.table": table}, partial=True)
    assert (framework.get_weights(model)["embedding.table"] == table).all()


@pytest.mark.parametrize(
    ("weights", "partial", "words"),
    [
        ({"nothing.table": np.zeros(1)}, True, "has no weight 'nothing.table'"),
        ({"embedding.table": np.zeros((50, 7))}, True, r"\(50, 7\), but the model needs \(50, 6\)"),
        ({"embedding.table": np.zeros((50, 6))}, False, "lack 'classify.bias'"),
    ],
)
def test_weights_that_do_not_fit_are_named(framework, weights, partial, words):
    with pytest.raises(InputError, match=words):
        framework.set_weights(small_model(framework), weights, partial)


def test_ids_outside_the_table_are_named(framework):
    with pytest.raises(InputError, match="Word id 50 is outside the table of 50 rows"):
        framework.predict(small_model(framework), np.array([[50]]))
    with pytest.raises(InputError, match="is outside the table of 50 rows"):
        framework.fit(small_model(framework), (IDS + 49, LABELS), epochs=1, progress=False)


def test_a_learning_rate_that_explodes_is_one_clear_error(framework):
    with pytest.raises(CourseError, match="lower the learning rate"):
        framework.fit(
            small_model(framework), (IDS, LABELS), epochs=40, learning_rate=1e20,
            optimizer="sgd", progress=False,
        )  # fmt: skip


def test_unknown_optimizer_and_device_are_clear_errors(framework, monkeypatch):
    with pytest.raises(InputError, match="adam, adamw or sgd"):
        framework.make_optimizer(small_model(framework), "adagrad")
    with pytest.raises(InputError, match="'auto', 'gpu' or 'cpu'"):
        framework.choose_device("tpu")
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert "cpu" in str(framework.choose_device()).lower()


def test_parameters_are_counted(framework):
    assert framework.count_parameters(small_model(framework)) == 50 * 6 + 6 * 2 + 2


def test_one_trace_serves_every_batch_size():
    framework = adapter("tensorflow")
    model, traces = small_model(framework), []

    def loss(logits, targets):
        traces.append(1)
        from course_utils.tensorflow.training import cross_entropy

        return cross_entropy(logits, targets)

    step = framework.make_train_step(model, framework.make_optimizer(model), loss)
    for size in (16, 16, 5, 1):
        step((IDS[:size], LABELS[:size]))
    assert len(traces) == 1


def test_number_types_do_not_matter(framework):
    small = (IDS.astype(np.int32), LABELS.astype(np.int32))
    losses = [
        framework.fit(small_model(framework), data, data, epochs=1, progress=False).rows[0]
        for data in ((IDS, LABELS), small)
    ]
    assert losses[0]["train_loss"] == losses[1]["train_loss"]
    assert losses[0]["validation_loss"] == losses[1]["validation_loss"]


def test_float64_inputs_are_taken_as_float32(framework):
    model, inputs = layers_model(framework), np.random.default_rng(0).normal(size=(64, 8))
    history = framework.fit(model, (inputs, LABELS), epochs=1, progress=False)
    assert np.isfinite(history.rows[0]["train_loss"])
    assert framework.predict(model, inputs).dtype == np.float32


def layers_model(framework):
    """Two layers with dropout between them, and a layer that the output does not depend on."""
    if framework.__name__.endswith("pytorch"):
        from torch import nn

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Dropout(0.5))
                self.head, self.spare = nn.Linear(6, 2), nn.Linear(8, 2)

            def forward(self, x):
                return self.head(self.body(x))

        return Model()
    import keras

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            layers = keras.layers
            self.body = keras.Sequential([layers.Dense(6), layers.ReLU(), layers.Dropout(0.5)])
            self.head, self.spare = layers.Dense(2), layers.Dense(2)
            self.spare.build((None, 8))

        def call(self, x):
            return self.head(self.body(x))

    return Model()


def test_a_sequence_of_layers_is_exchanged_and_dropout_has_no_parameters(framework):
    inputs = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    model = framework.initialize(layers_model(framework), inputs[:2], seed=0)
    parts = ("body.0", "head", "spare")
    assert sorted(framework.get_weights(model)) == sorted(
        f"{layer}.{part}" for layer in parts for part in ("kernel", "bias")
    )
    assert framework.count_parameters(model) == (8 * 6 + 6) + (6 * 2 + 2) + (8 * 2 + 2)


def test_a_layer_that_the_loss_does_not_use_stays_as_it_was(framework):
    inputs = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    model = framework.initialize(layers_model(framework), inputs[:2], seed=0)
    before = framework.get_weights(model)
    framework.fit(model, (inputs, LABELS), epochs=2, progress=False)
    after = framework.get_weights(model)
    assert (after["spare.kernel"] == before["spare.kernel"]).all()
    assert (after["head.kernel"] != before["head.kernel"]).any()
    first, again = framework.predict(model, inputs), framework.predict(model, inputs)
    assert (first == again).all(), "dropout is off in prediction"


def test_a_weight_outside_every_layer_is_refused_not_dropped(framework):
    if framework.__name__.endswith("pytorch"):
        import torch

        model = torch.nn.Module()
        model.own = torch.nn.Parameter(torch.zeros(3))
    else:
        import keras

        model = keras.Model()
        model.own = model.add_weight(shape=(3,), name="own")
        model.built = True
    with pytest.raises(InputError, match="cannot exchange"):
        framework.get_weights(model)


def test_arrays_that_do_not_fit_together_are_named_before_training(framework):
    model = small_model(framework)
    before = framework.get_weights(model)
    with pytest.raises(InputError, match="they have 64, 10"):
        framework.evaluate(model, IDS, LABELS[:10])
    for validation in ((IDS, LABELS[:10]), (IDS + 49, LABELS)):
        with pytest.raises(InputError, match="they have 64, 10|outside the table"):
            framework.fit(model, (IDS, LABELS), validation, epochs=1, progress=False)
    after = framework.get_weights(model)
    assert all((after[name] == before[name]).all() for name in before)


def test_the_mode_comes_back_also_when_prediction_fails():
    framework = adapter("pytorch")
    model = small_model(framework)
    for training in (True, False):
        model.train(training)
        framework.predict(model, IDS)
        assert model.training is training
        with pytest.raises(RuntimeError):
            model.forward, kept = fail, model.forward
            framework.predict(model, IDS)
        model.forward = kept
        assert model.training is training


def fail(inputs):
    raise RuntimeError("a mistake in the learner's model")


def test_texts_of_other_lengths_cost_one_more_trace_in_all():
    framework = adapter("tensorflow")
    from course_utils.tensorflow.training import cross_entropy

    model, traces = small_model(framework), []

    def loss(logits, targets):
        traces.append(1)
        return cross_entropy(logits, targets)

    step = framework.make_train_step(model, framework.make_optimizer(model), loss)
    for length in (8, 5, 3, 7):
        step((IDS[:16, :length], LABELS[:16]))
    assert len(traces) == 2


def test_weights_survive_saving_and_a_damaged_file_is_named(framework, tmp_path):
    model, other = small_model(framework, seed=1), small_model(framework, seed=2)
    framework.save_weights(model, tmp_path / "w.safetensors")
    framework.load_weights(other, tmp_path / "w.safetensors")
    assert (framework.predict(model, IDS) == framework.predict(other, IDS)).all()
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]
    (tmp_path / "w.safetensors").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="damaged"):
        framework.load_weights(other, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="no weight file"):
        framework.load_weights(other, tmp_path / "none.safetensors")


TEXT = np.tile([1, 2, 3, 1, 3, 2, 4], 300)


def language_model(framework, seed=0):
    model = framework.LanguageModel(5, 6, 12)
    return framework.initialize(model, TEXT[None, :2], seed=seed, embedding_std=1.0)


def test_a_language_model_learns_and_reads_with_the_state_carried(framework):
    model = language_model(framework)
    before = framework.mean_loss(model, TEXT)
    history = framework.train_language_model(
        model,
        TEXT,
        TEXT[:701],
        steps=100,
        batch_size=8,
        sequence_length=10,
        learning_rate=0.05,
        evaluations=4,
    )
    assert len(history) == 4 and before > 1.4
    assert history.column("validation_loss")[-1] < 0.2
    carried, forgotten = (
        framework.mean_loss(model, TEXT, batch_size=5, sequence_length=4, stateful=stateful)
        for stateful in (True, False)
    )
    assert carried < 0.2 and forgotten > carried + 0.05
    again = language_model(framework)
    framework.train_language_model(
        again, TEXT, steps=100, batch_size=8, sequence_length=10, learning_rate=0.05, evaluations=4
    )
    difference = framework.mean_loss(again, TEXT) - framework.mean_loss(model, TEXT)
    assert difference == pytest.approx(0, abs=1e-6), "the same seed, the same model"


def test_reading_in_one_go_equals_reading_with_the_state(framework):
    from course_utils.text import CharVocabulary

    generator = framework.make_generator(language_model(framework), CharVocabulary("abcd"))
    ids, state = TEXT[None, :30], None
    whole, _ = generator.step(ids, None)
    for place in range(30):
        logits, state = generator.step(ids[:, place : place + 1], state)
    assert np.abs(logits - whole).max() <= 1e-5
    forgotten, _ = generator.step(ids[:, -1:], None)
    assert np.abs(forgotten - whole).max() > 1e-3


def test_an_alphabet_of_another_model_is_refused(framework):
    from course_utils.text import CharVocabulary

    for characters in ("abc", "abcde"):
        with pytest.raises(InputError, match="scores 5 characters, but the alphabet has"):
            framework.make_generator(language_model(framework), CharVocabulary(characters))


def test_a_language_model_reads_a_list_of_ids(framework):
    model = language_model(framework)
    assert len(framework.train_language_model(model, TEXT.tolist(), steps=1, progress=False)) == 1


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"clip": -1.0}, "norm clip must be a number above 0"),
        ({"clip": 0}, "norm clip must be a number above 0"),
        ({"warmup_steps": -1}, "warmup_steps must be a whole number from 0 up"),
        ({"warmup_steps": 1.5}, "warmup_steps must be a whole number from 0 up"),
        ({"learning_rate": True}, "learning rate must be a number"),
    ],
)
def test_settings_that_would_train_in_silence_are_refused(framework, setting, words):
    model = small_model(framework)
    with pytest.raises(InputError, match=words):
        framework.train_sequences(
            model, [(IDS, LABELS)], loss_fn=framework.cross_entropy, progress=False, **setting
        )


def test_the_loss_of_tokens_is_no_loss_of_classes(framework):
    with pytest.raises(InputError, match="For a classifier take loss_fn=cross_entropy"):
        framework.train_sequences(small_model(framework), [(IDS, LABELS)], progress=False)


def test_seeds_are_whole_numbers_from_0_up(framework):
    model = small_model(framework)
    calls = (
        lambda: framework.set_seed(-1),
        lambda: framework.set_seed(1.5),
        lambda: framework.initialize(model, IDS[:2], seed=None),
        lambda: framework.fit(model, (IDS, LABELS), seed=1.5),
        lambda: framework.fit(model, (IDS, LABELS), seed=None),
    )
    for call in calls:
        with pytest.raises(InputError, match="The seed must be a whole number from 0 up"):
            call()


def test_a_folder_is_no_weight_file(framework, tmp_path):
    with pytest.raises(InputError, match="is damaged or no safetensors file"):
        framework.load_weights(small_model(framework), tmp_path)


def test_texts_that_do_not_fit_a_language_model_are_named(framework):
    model = language_model(framework)
    with pytest.raises(InputError, match="outside the table of 5 rows"):
        framework.train_language_model(model, TEXT + 1, progress=False)
    with pytest.raises(InputError, match="too short for 32 rows"):
        framework.train_language_model(model, TEXT[:100], progress=False)
    with pytest.raises(InputError, match="too short for 20 rows"):
        framework.mean_loss(model, TEXT[:30])
    with pytest.raises(InputError, match="outside the table"):
        framework.mean_loss(model, TEXT + 1)


def test_embedding_tables_start_as_wide_as_they_are_told(framework):
    tables = [
        framework.get_weights(
            framework.initialize(framework.LanguageModel(500, 8, 4), TEXT[None, :2], **options)
        )["embedding.table"]
        for options in ({}, {"embedding_std": 1.0})
    ]
    assert tables[0].std() == pytest.approx(0.1, rel=0.1)
    assert tables[1].std() == pytest.approx(1.0, rel=0.1)
