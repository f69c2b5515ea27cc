"""A GPU, as far as a processor can tell: where tensors lie, and when products are rounded.

PyTorch meets an imitated GPU (`fake_device.py`), on which a tensor on the wrong side is an error.
TensorFlow moves tensors by itself and hides such mistakes; it gets a second processor, and is asked
where its weights and results lie. The notebooks of PyTorch run on the imitated GPU with
`make test-devices`.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import device_cases
import nbformat
import numpy as np
import pytest
from adapters import adapter
from device_checks import imprecise_claims, misplaced_tensors

from course_utils.course import FRAMEWORKS, lessons
from course_utils.tools.lessons.source import assemble

ROOT = Path(__file__).resolve().parents[1]
RNG = np.random.default_rng(0)
SHOWN_ON_PURPOSE = {"framework-for-numpy"}  # `torch.tensor` is introduced; nothing else uses it

# --- Full precision ---------------------------------------------------------------------------


def settings(framework):
    """Return whether an adapter's framework may round to TF32: in products, in recurrent layers."""
    if framework.__name__.endswith("tensorflow"):
        import tensorflow as tf

        return [tf.config.experimental.tensor_float_32_execution_enabled()] * 2
    import torch

    backends = torch.backends
    if not hasattr(backends, "fp32_precision"):
        return [backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32]
    asked = [backends.cuda.matmul.fp32_precision, backends.cudnn.rnn.fp32_precision]
    return [precision == "tf32" for precision in asked]


def let_round(framework):
    """Let a framework round wherever it can; the fixture `full_precision` mends that afterwards."""
    if framework.__name__.endswith("tensorflow"):
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(True)
        return
    import torch

    backends = torch.backends
    if hasattr(backends, "fp32_precision"):
        backends.cuda.matmul.fp32_precision = backends.cudnn.rnn.fp32_precision = "tf32"
        backends.mkldnn.matmul.fp32_precision = "bf16"
    else:
        backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = True


def test_all_tests_run_in_full_precision(framework):
    assert settings(framework) == [False, False]


def test_full_precision_ends_with_its_block_after_an_error_too(framework):
    let_round(framework)
    assert settings(framework) == [True, True]
    with pytest.raises(ZeroDivisionError), framework.full_precision():
        assert settings(framework) == [False, False]
        with framework.full_precision():
            assert settings(framework) == [False, False]
        assert settings(framework) == [False, False]
        raise ZeroDivisionError
    assert settings(framework) == [True, True]


def test_full_precision_stays_where_it_was(framework):
    with framework.full_precision():
        pass
    assert settings(framework) == [False, False]


def test_a_product_has_seven_digits_in_full_precision(framework):
    """A processor that can round to bfloat16 shows it; on others nothing is rounded anyway."""
    let_round(framework)
    numbers = RNG.normal(size=(256, 256)).astype(np.float32)
    exact = numbers.astype(np.float64) @ numbers
    with framework.full_precision():
        x = framework.to_tensor(numbers)
        product = framework.to_numpy(x @ x)
    assert np.abs(product - exact).max() < 1e-3


def test_pytorch_before_version_2_9_is_told_with_its_own_words(monkeypatch):
    device = pytest.importorskip("course_utils.pytorch.device")
    matmul, cudnn = SimpleNamespace(allow_tf32=False), SimpleNamespace(allow_tf32=True)
    old = SimpleNamespace(cuda=SimpleNamespace(matmul=matmul), cudnn=cudnn)
    monkeypatch.setattr("torch.backends", old)
    spec = importlib.util.spec_from_file_location("old_device", device.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.full_precision():
        assert (matmul.allow_tf32, cudnn.allow_tf32) == (False, False)
    assert (matmul.allow_tf32, cudnn.allow_tf32) == (False, True)


def test_tensorflow_makes_kernels_anew_on_both_ends_of_the_block(monkeypatch):
    """The kernel of a cuDNN layer keeps the precision of its first call."""
    framework, made = adapter("tensorflow"), []
    from tensorflow.python.eager.context import Context

    let_round(framework)
    monkeypatch.setattr(
        Context, "clear_kernel_cache", lambda self: made.append(settings(framework))
    )
    with framework.full_precision():
        assert made == [[False, False]]
    assert made == [[False, False], [True, True]]


@pytest.mark.parametrize("name", FRAMEWORKS)
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_tight_equalities_are_computed_in_full_precision(lesson, name):
    assert imprecise_claims(assemble(lesson, name)) == []


TIGHT = 'claim("X1", "difference", {}, at_most=1e-5, kind="equality")'
PRECISE = {
    "inside": f"with full_precision():\n    d = np.abs(model(x) - y).max()\n{TIGHT.format('d')}",
    "in a function": "def run(x):\n    with full_precision():\n        return model(x)\n"
    + TIGHT.format("np.abs(run(x) - run(y)).max()"),
    "a loose bound": TIGHT.format("abs(model(x) - y)").replace("1e-5", "0.1"),
    "an outcome": TIGHT.format("abs(model(x) - y)").replace("equality", "outcome"),
    "NumPy": "d = np.sort(x)\nd[k] = 0\n" + TIGHT.format("np.abs(d).max()"),
}
IMPRECISE = {
    "no block": TIGHT.format("abs(model(x) - y)"),
    "computed before": f"a = model(x)\nwith full_precision():\n    d = a - y\n{TIGHT.format('d')}",
    "half": "with full_precision():\n    a = model(x)\n" + TIGHT.format("abs(a - layer.call(y))"),
    "another block": f"with on_cpu():\n    d = model(x)\n{TIGHT.format('d')}",
    "appended": "d = []\nfor i in k:\n    d.append(model(i))\n" + TIGHT.format("max(d)"),
    "by key": "d = {}\nfor i in k:\n    d[i] = predict(model, i)\n" + TIGHT.format("d['a']"),
    "one return of two": "def run(x):\n    if x:\n        return model(x)\n"
    "    with full_precision():\n        return model(x)\n" + TIGHT.format("run(x)"),
    "the smaller bound": TIGHT.format("model(x)").replace("1e-5", "1e-6 if a else 1e-3"),
    "an adapter": "from course_utils.pytorch import predict\n" + TIGHT.format("predict(m, x)"),
}


@pytest.mark.parametrize("planted", [*PRECISE, *IMPRECISE])
def test_a_tight_equality_outside_of_full_precision_is_found(planted):
    source = (PRECISE | IMPRECISE)[planted]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    assert bool(imprecise_claims(notebook)) == (planted in IMPRECISE)


# --- Where tensors lie, read from the code ------------------------------------------------------


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_cells_say_where_their_tensors_lie(lesson):
    for cell in assemble(lesson, "pytorch").cells:
        if cell.cell_type == "code" and cell.id not in SHOWN_ON_PURPOSE:
            assert misplaced_tensors(cell.source, cell.id) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "course_utils/pytorch").glob("*.py")), ids=lambda path: path.stem
)
def test_the_adapter_says_where_its_tensors_lie(path):
    assert misplaced_tensors(path.read_text("utf8"), path.name) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = torch.zeros(3)", 1),
        ("x = torch.tril(torch.ones(3, 3))", 1),
        ("x = torch.from_numpy(a)", 1),
        ("x = f(torch.arange(3).to(device), torch.arange(4))", 1),
        ("x.to(torch.tensor(3))", 1),
        ("layer = nn.Linear(3, 4)", 1),
        ("class A:\n    def forward(self, x):\n        return x + torch.ones(3)", 1),
        ("with full_precision():\n    x = torch.eye(3)", 1),
        ("x = torch.zeros(3, device=choose_device())", 0),
        ("x = torch.arange(3)[:, None].to(device)", 0),
        ("with on_cpu():\n    x = torch.eye(3)", 0),
        ("w.copy_(torch.tensor(array))", 0),
        ("self.register_buffer('a', torch.from_numpy(a))", 0),
        ("layer = initialize(nn.Linear(3, 4), x)", 0),
        ("layer = nn.Linear(3, 4).to(choose_device())", 0),
        ("class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(3, 4)", 0),
        ("x = torch.zeros_like(y) + torch.cat([y, y])", 0),
    ],
)
def test_a_tensor_that_names_no_device_is_found(source, found):
    assert len(misplaced_tensors(source)) == found


# --- Where tensors lie, when everything runs ----------------------------------------------------


@pytest.fixture(params=["cuda", "mps"])
def fake(request):
    pytest.importorskip("torch")
    from fake_device import FakeDevice

    with FakeDevice(request.param) as device:
        yield device


@pytest.fixture
def static_table(monkeypatch):
    monkeypatch.setattr("course_utils.bert.elmo.static_table", lambda: np.ones((9, 8), np.float32))


@pytest.mark.parametrize(
    "case", [*device_cases.CASES, device_cases.attend], ids=lambda c: c.__name__
)
def test_the_adapter_computes_on_the_chosen_device(case, fake, static_table, monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    models = case(adapter("pytorch"))
    tensors = [t for model in models for t in (*model.parameters(), *model.buffers())]
    assert all(map(fake.holds, tensors))
    assert "torch.float32" in fake.moved and fake.taken > 0


@pytest.mark.parametrize("case", device_cases.CASES[:2], ids=lambda c: c.__name__)
def test_on_cpu_leaves_the_gpu_alone(case, fake):
    pytorch = adapter("pytorch")
    with pytorch.on_cpu(), pytorch.full_precision():
        models = case(pytorch)
    assert fake.taken == 0 and not any(fake.holds(p) for m in models for p in m.parameters())


def wrong_places():
    """Return mistakes that a real GPU refuses, each with what it says."""
    import torch

    there, here = adapter("pytorch").to_tensor(np.ones((3, 2), np.float32)), torch.ones(3, 2)
    model = adapter("pytorch").initialize(torch.nn.Linear(2, 1), np.ones((1, 2), np.float32))
    return {
        "a sum": lambda: there + here,
        "a sum with a number of the GPU": lambda: here + there.sum(),
        "a product": lambda: there @ torch.eye(2),
        "an input": lambda: model(here),
        "positions": lambda: here[torch.tensor([0]).to(there.device)],
        "a gradient": lambda: (model(there) * here[:, :1]).sum().backward(),
        "a mask": lambda: there.masked_fill(here > 0, 0.0),
        "an array": lambda: there.numpy(),
        "an array by NumPy": lambda: np.asarray(there),
        "an array of a view": lambda: there.detach().T[0].numpy(),
        "a layer that was forgotten": lambda: torch.nn.Linear(2, 1)(there),
    }


ALLOWED = {
    "the way back": lambda torch, there, here: there.cpu().numpy() + here.numpy(),
    "one number": lambda torch, there, here: (there.sum().item(), there * 2, there + here.sum()),
    "a copy": lambda torch, there, here: (there.copy_(here), here.copy_(there)),
    "positions": lambda torch, there, here: there[torch.tensor([0])],
    "to the other side": lambda torch, there, here: (
        there.to("cpu") + here,
        here.to(there) + there,
    ),
    "a new tensor": lambda torch, there, here: there + torch.ones(2, device=there.device),
    "alike": lambda torch, there, here: torch.zeros_like(there) + there.new_ones(2),
}


def test_the_imitated_gpu_refuses_what_a_real_one_refuses(fake):
    for name, mistake in wrong_places().items():
        with pytest.raises((RuntimeError, TypeError), match="same device|device type tensor"):
            mistake()
            pytest.fail(f"{name} was not refused")


@pytest.mark.parametrize("name", ALLOWED)
def test_the_imitated_gpu_allows_what_a_real_one_allows(name, fake):
    import torch

    there, here = torch.ones(3, 2, device=fake.kind), torch.ones(3, 2)
    assert there.device.type == fake.kind and here.device.type == "cpu"
    ALLOWED[name](torch, there, here)
    assert fake.holds(there) and not fake.holds(here)


def test_apples_gpu_gets_no_float64_from_a_computation_either(fake):
    import torch

    with pytest.raises(TypeError) if fake.kind == "mps" else nullcontext():
        torch.ones(3, device=fake.kind).double()


def test_tensorflow_computes_on_the_chosen_device_and_keeps_weights_there():
    pytest.importorskip("tensorflow")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    ran = subprocess.run(
        [sys.executable, ROOT / "tests/second_processor.py"],
        capture_output=True, text=True, timeout=240, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    written = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    places = json.loads(written[-1])  # TensorFlow says where it computes, at times below it
    assert {*map(tuple, places.values())} == {("CPU:1",), ()}  # Word2Vec returns arrays
    record = ran.stdout + ran.stderr
    products = re.findall(r"(?:MatMul|Gather)\w*(?:\): | in device )\S*device:(CPU:\d)", record)
    assert len(products) > 50 and set(products) == {"CPU:1"}


MOVED = (
    "from course_utils.pytorch import to_tensor\nimport torch\nweights = to_tensor(torch.ones({}))"
)
FORGOTTEN = "weights[:3] + torch.ones(3)"
CLAIM = "from course_utils.classroom import claim\nclaim('X1', 'a time', 2.0, at_most=1)"


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ([CLAIM, MOVED.format(300_000)], "4 passed"),
        ([MOVED.format(3), FORGOTTEN], "1 failed, 2 passed, 1 skipped"),
        ([MOVED.format(3)], "1 failed, 2 passed"),  # too little for a training
    ],
)
def test_a_notebook_runs_on_the_imitated_gpu(cells, outcome, tmp_path):
    pytest.importorskip("nbval")
    pytest.importorskip("torch")
    for name in ("notebooks/conftest.py", "tests/fake_device.py"):
        copy = tmp_path / name
        copy.parent.mkdir()
        copy.write_text((ROOT / name).read_text("utf8"), "utf8")
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    nbformat.write(notebook, tmp_path / "notebooks" / "tiny_pytorch.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "notebooks"]
    environment = {
        **os.environ, "COURSE_DEVICE": "gpu", "COURSE_FAKE_DEVICE": "1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert outcome in ran.stdout, ran.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_one_command_runs_the_notebooks_on_the_imitated_gpu():
    command = ["make", "--dry-run", "test-devices", "LESSON=03"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    assert "COURSE_DEVICE=gpu COURSE_FAKE_DEVICE=1" in said and "03*/*_pytorch.ipynb" in said
