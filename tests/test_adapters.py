"""Both adapters: the same names and signatures, the same behavior, one framework each."""

import importlib
import inspect
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from course_utils.errors import CourseError, InputError

IDS = np.random.default_rng(0).integers(2, 50, (64, 8))
IDS[:, 5:] = 0
LABELS = (IDS[:, 0] > 25).astype(np.int64)


def adapter(name):
    pytest.importorskip({"pytorch": "torch", "tensorflow": "tensorflow"}[name])
    return importlib.import_module(f"course_utils.{name}")


@pytest.fixture(params=["pytorch", "tensorflow"])
def framework(request):
    return adapter(request.param)


def small_model(framework, seed=0):
    return framework.initialize(framework.BagClassifier(50, 6, 2), IDS[:2], seed=seed)


def test_the_adapters_are_twins():
    torch_names, tf_names = adapter("pytorch"), adapter("tensorflow")
    assert torch_names.__all__ == tf_names.__all__ == sorted(torch_names.__all__)
    for name in torch_names.__all__:
        signatures = [
            [(p.name, p.kind, p.default) for p in inspect.signature(target).parameters.values()
             if not callable(p.default)]
            for target in (getattr(torch_names, name), getattr(tf_names, name))
        ]  # fmt: skip
        assert signatures[0] == signatures[1], name


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

    step = framework.train_step(model, framework.make_optimizer(model), loss)
    for size in (16, 16, 5, 1):
        step((IDS[:size], LABELS[:size]))
    assert len(traces) == 1
