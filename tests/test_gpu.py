"""The run on GPUs: it fails in one sentence without a GPU; no notebook passes on the CPU."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import numpy as np
import pytest
from adapters import adapter

from course_utils.bert import BatchEncoding
from course_utils.errors import CourseError
from course_utils.tools.cli import main
from course_utils.tools.gpu import GpuUse
from course_utils.transformer import TransformerConfig

ROOT = Path(__file__).resolve().parents[1]
MODELS = {"model": (4_000, "cuda:0"), "toy": (8, "cpu")}


@pytest.fixture(params=["pytorch", "tensorflow"])
def no_gpu(request):
    """Return an adapter on a machine without a GPU."""
    found = adapter(request.param)
    if str(found.choose_device()).lower() not in ("cpu", "cpu:0"):
        pytest.skip("this machine has a GPU")
    return found


def test_a_model_and_data_on_the_gpu_are_reported():
    assert "model and the data on cuda:0, 5 MB" in GpuUse(MODELS, "cuda:0", 5_000_000).check()
    assert GpuUse({"m": (8, "GPU:0")}, "GPU:0", 8).check()
    assert GpuUse({}, "cuda:0", 1_000_000).check()
    assert GpuUse({"m": (8, "mps:0")}, "mps:0", 8).check()


@pytest.mark.parametrize(
    ("models", "data", "memory", "words"),
    [
        ({}, "cuda:0", 5_000, "it ran elsewhere"),
        ({}, "cpu", 5_000_000, "New data is on cpu"),
        ({"model": (4_000, "cpu")}, "cuda:0", 5_000, "The model 'model' is on cpu"),
        ({**MODELS, "big": (9_000, "CPU:0")}, "GPU:0", 9_000, "The model 'big' is on CPU:0"),
        (MODELS, "cpu", 5_000, "New data is on cpu"),
        (MODELS, "cuda:0", 3_999, "it ran elsewhere"),
    ],
)
def test_a_fall_back_to_the_cpu_is_an_error(models, data, memory, words):
    with pytest.raises(CourseError, match=words):
        GpuUse(models, data, memory).check()


def test_an_adapter_finds_the_models_of_a_notebook(no_gpu):
    model = no_gpu.initialize(no_gpu.BagClassifier(50, 6, 2), np.ones((1, 3), np.int64))
    tool = import_module(f"course_utils.tools.gpu.{no_gpu.__name__.rpartition('.')[2]}")
    found = tool.gpu_use({"model": model, "kind": type(model), "ids": np.ones(3)})
    assert list(found.models) == ["model"]
    size, device = found.models["model"]
    assert size == 4 * no_gpu.count_parameters(model)
    assert device.lower().startswith("cpu") and found.data.lower().startswith("cpu")
    assert found.memory == 0
    with pytest.raises(CourseError, match="not on a GPU"):
        found.check()


def test_the_command_says_in_one_sentence_that_there_is_no_gpu(no_gpu, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DEVICE", "auto")
    assert main(["gpu", no_gpu.__name__.rpartition(".")[2]]) == 2
    said = capsys.readouterr()
    assert "sees no GPU here" in said.err and said.err.count("\n") == 1 and not said.out


def test_the_command_says_that_a_framework_is_missing(monkeypatch, capsys):
    monkeypatch.setattr("course_utils.tools.cli.installed", lambda name: False)
    assert main(["gpu", "pytorch"]) == 2
    assert "pytorch is not installed" in capsys.readouterr().err


def test_a_head_lies_where_bert_lies():
    pytorch = adapter("pytorch")
    bert = pytorch.Transformer(*TRANSFORMER).to("meta")
    head, classifier = (
        pytorch.MaskedLanguageModel(bert, np.arange(9)),
        pytorch.BertClassifier(bert, 2),
    )
    tensors = [*head.parameters(), *head.buffers(), *classifier.parameters()]
    assert {str(tensor.device) for tensor in tensors} == {"meta"}


IDS = np.array([[2, 5, 3]])


class Pieces:
    """A tokenizer that knows one text."""

    vocabulary_size = 9

    def encode(self, texts, max_length=None):
        return BatchEncoding(IDS, IDS * 0, np.array([3]))


TRANSFORMER, LSTMS = (TransformerConfig(9, 8, 2, 1, 6),), (8, 4)
COMPUTE = {
    "predict": ("Transformer", TRANSFORMER, lambda p, m: p.predict(m, IDS)),
    "hidden_states": ("Transformer", TRANSFORMER, lambda p, m: p.hidden_states(m, IDS)),
    "encode": ("Transformer", TRANSFORMER, lambda p, m: p.encode(m, Pieces(), ["a"], max_length=3)),
    "elmo_states": ("BiLM", LSTMS, lambda p, m: p.elmo_states(m, Pieces(), ["a"])),
}


@pytest.mark.parametrize("name", COMPUTE)
def test_what_computes_moves_the_model_to_the_chosen_device(name, monkeypatch):
    pytorch = adapter("pytorch")
    kind, sizes, compute = COMPUTE[name]
    model, moves = getattr(pytorch, kind)(*sizes), []
    monkeypatch.setattr("course_utils.bert.elmo.static_table", lambda: np.ones((9, 8), np.float32))
    monkeypatch.setattr(model, "to", lambda device: moves.append(device) or model)
    compute(pytorch, model)
    assert moves == [pytorch.choose_device()] and model.training


FAKE = """
import sys, types
from course_utils.tools.gpu import GpuUse
use = GpuUse({{"model": (8, {1!r})}}, "cuda:0", 99)
sys.modules["course_utils.tools.gpu.{0}"] = types.SimpleNamespace(gpu_use=lambda variables: use)
sys.modules["course_utils.{0}"] = types.SimpleNamespace(describe_device=lambda: "imagined")
"""


@pytest.mark.parametrize(
    ("wanted", "framework", "device", "outcome", "words"),
    [
        ("gpu", "pytorch", "cuda:0", "2 passed", ""),
        ("gpu", "tensorflow", "cpu", "1 failed, 1 passed", "The model 'model' is on cpu"),
        ("auto", "pytorch", "cpu", "1 passed", ""),
    ],
)
def test_each_notebook_ends_with_the_question(wanted, framework, device, outcome, words, tmp_path):
    pytest.importorskip("nbval")
    settings = (ROOT / "notebooks" / "conftest.py").read_text()
    settings += "\ninstalled = lambda name: True\n"
    (tmp_path / "conftest.py").write_text(settings)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(FAKE.format(framework, device))]
    )
    nbformat.write(notebook, tmp_path / f"tiny_{framework}.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"]
    command += ["-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "COURSE_DEVICE": wanted}
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert outcome in result.stdout and words in result.stdout, result.stdout


@pytest.fixture
def mps(monkeypatch):
    """Imitate Apple's GPU on the CPU."""
    pytest.importorskip("torch")
    from fake_device import FakeDevice

    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    with FakeDevice("mps") as fake:
        yield fake


@pytest.mark.parametrize(
    ("array", "dtype", "stored"),
    [
        ([0.5], None, "float32"),
        (0.5, None, "float32"),
        (np.zeros((2, 3)), None, "float32"),
        (np.zeros(2, np.float32), "float64", "float32"),
        (np.zeros(2, ">f8"), "float", "float32"),
        (np.zeros(2, np.float16), None, "float16"),
        ([1, 2], None, "int64"),
        ([True], None, "bool"),
        ([1, 2], "float32", "float32"),
    ],
)
def test_apples_gpu_gets_no_float64(mps, array, dtype, stored):
    assert str(adapter("pytorch").to_tensor(array, dtype).dtype) == f"torch.{stored}"
    assert mps.moved == {f"torch.{stored}"}, "it was moved there"


def test_without_apples_gpu_float64_stays():
    framework = adapter("pytorch")
    assert str(framework.to_tensor([0.5]).dtype) == "torch.float64"


def test_apples_gpu_is_asked(mps):
    adapter("pytorch")
    use = import_module("course_utils.tools.gpu.pytorch").gpu_use({})
    assert use.data == "mps:0" and use.memory == 4, "one number of 32 bits"


STUB = """#!/bin/sh
case "$*" in *environment.py*) exit 0;; esac
echo "$(basename $0) $COURSE_DEVICE $*" >> "{log}"
exit {code}
"""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
@pytest.mark.parametrize("code", [0, 2])
def test_one_command_asks_for_the_gpu_first_and_stops_without_one(framework, code, tmp_path):
    (tmp_path / "bin").mkdir()
    log = tmp_path / "log"
    for name, returned in (("course", code), ("python", 0), ("nvidia-smi", 0)):
        path = tmp_path / "bin" / name
        path.write_text(STUB.format(log=log, code=returned))
        path.chmod(0o755)
    (tmp_path / ".ready").touch()
    command = ["make", "test-gpu", f"FRAMEWORK={framework}", f"GPU_VENV={tmp_path}"]
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, env=environment
    )
    asked, *calls = log.read_text().splitlines()
    assert asked.startswith("nvidia-smi ")
    assert calls[0] == f"course gpu gpu {framework}"
    assert (result.returncode == 0) == (code == 0)
    assert len(calls) == (2 if code == 0 else 1)
    if code == 0:
        assert calls[1].startswith("python gpu -m pytest")
        assert calls[1].endswith(f"--measured build/measured_gpu_{framework}.json")
        assert all(name.endswith(f"{framework}.ipynb") for name in notebooks_in(calls[1]))
        assert len(notebooks_in(calls[1])) == len(list(ROOT.glob("notebooks/*/lesson.md")))


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there may be a GPU here")
@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a GPU")
def test_without_a_gpu_the_lane_says_so_before_it_installs_anything(tmp_path):
    command = ["make", "test-gpu", "FRAMEWORK=pytorch", f"GPU_VENV={tmp_path / 'new'}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0 and not (tmp_path / "new").exists()
    assert result.stdout.startswith("No GPU is seen here") and result.stdout.count("\n") == 1


def notebooks_in(call):
    return [word for word in call.split() if word.endswith(".ipynb")]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_lane_asks_for_a_framework():
    result = subprocess.run(["make", "test-gpu"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode != 0 and "FRAMEWORK=pytorch" in result.stdout


@pytest.mark.parametrize("name", ["pytorch", "tensorflow"])
def test_on_cpu_comes_before_a_gpu_and_ends_with_its_block(name, monkeypatch):
    package = adapter(name)
    if name == "pytorch":
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    else:
        monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: ["a GPU"])
    monkeypatch.setenv("COURSE_DEVICE", "gpu")
    outside = str(package.choose_device())
    with pytest.raises(ZeroDivisionError), package.on_cpu():
        with package.on_cpu():
            pass
        assert str(package.choose_device()).lower().startswith("cpu")
        assert "cpu" in str(package.to_tensor(np.ones(2)).device).lower()
        raise ZeroDivisionError
    assert str(package.choose_device()) == outside != "cpu"
