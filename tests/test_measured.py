"""A run of notebooks measures every claim, also after one that does not hold, and keeps them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.classroom import claim, claims
from course_utils.course import FRAMEWORKS, lessons
from course_utils.errors import CourseError, InputError
from course_utils.tools.cli import main
from course_utils.tools.gpu import GpuUse
from course_utils.tools.lessons import measured, results_page
from course_utils.tools.lessons.source import assemble

ROOT = Path(__file__).resolve().parents[1]
IMPORT = "from course_utils.classroom import claim"
TWO = """claim("X1", "too small", 1.0, at_least=2, device="cpu", unit="s")
claim("X1", "large enough", 3.0, at_least=2)"""


def run(cells, folder, *options, name="tiny_pytorch", **environment):
    pytest.importorskip("nbval")
    (folder / "conftest.py").write_text((ROOT / "notebooks" / "conftest.py").read_text())
    cells = [nbformat.v4.new_code_cell(source) for source in [IMPORT, *cells]]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", *options]
    command += ["-p", "no:cacheprovider", str(folder / f"{name}.ipynb")]
    environment = {**os.environ, **environment}
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    return result.stdout + result.stderr


@pytest.mark.parametrize("workers", [[], ["-n", "1", "--dist", "loadfile"]])
def test_a_run_goes_on_after_a_claim_and_keeps_all_of_them(workers, tmp_path):
    cells = [TWO, 'claim("X2", "another", float("nan"), at_least=0)', "print(1)"]
    file = tmp_path / "deep" / "measured.json"
    told = run(cells, tmp_path, f"--measured={file}", *workers)
    assert "2 failed, 3 passed" in told, told
    summary = told[told.index("claims that do not hold") :]
    assert "tiny_pytorch: X1  too small: 1 (at least 2)" in summary
    assert "tiny_pytorch: X2  another: not a number (at least 0)" in summary
    assert "large enough" not in summary
    (one,) = json.loads(file.read_text())["notebooks"]
    assert [(c["id"], c["holds"]) for c in one["claims"]] == [
        ("X1", False),
        ("X1", True),
        ("X2", False),
    ]
    assert one["notebook"] == "tiny_pytorch" and one["broken"] is None and one["seconds"] > 0
    assert re.match(r"PyTorch [\d.]+ on \w+", one["device"]) and one["memory"] > 10**8
    assert one["gpu_memory"] == 0 or one["device"] != "cpu"
    assert one["framework"] == "pytorch" and {"numpy", "torch"} <= one["versions"].keys()


def test_many_short_cells_take_their_seconds(tmp_path):
    found = measured.Measured()
    for _ in range(100):
        found.add("tiny_pytorch", seconds=0.04)
    found.write(tmp_path / "measured.json")
    (one,) = json.loads((tmp_path / "measured.json").read_text())["notebooks"]
    assert one["seconds"] == 4.0


def test_any_other_failure_ends_the_notebook_and_is_named(tmp_path):
    file = tmp_path / "measured.json"
    told = run(["1 / 0", TWO], tmp_path, f"--measured={file}")
    assert "1 failed, 1 passed, 2 skipped" in told and "tiny_pytorch: broke, Cell 1" in told
    (one,) = json.loads(file.read_text())["notebooks"]
    assert one["broken"] == "Cell 1" and one["claims"] == [] and one["device"] is None


def test_the_tests_of_the_package_run_beside_notebooks(tmp_path):
    test = "import os, nbval\ndef test_it():\n    assert 'COURSE_CLAIMS_GO_ON' not in os.environ"
    (tmp_path / "test_package.py").write_text(test)
    told = run([TWO], tmp_path, str(tmp_path / "test_package.py"))
    assert "1 failed, 2 passed" in told, told


def test_without_the_option_a_claim_fails_its_cell_all_the_same(tmp_path):
    told = run([TWO, "print(1)"], tmp_path)
    assert "1 failed, 2 passed" in told and "too small: 1 s on the CPU (at least 2)" in told


def test_outside_of_a_test_a_claim_raises(monkeypatch):
    monkeypatch.delenv(claims.GO_ON, raising=False)
    with pytest.raises(AssertionError, match="too small"):
        claim("X1", "too small", 1.0, at_least=2)


def test_a_time_names_its_device(capsys):
    with pytest.raises(InputError, match='say where it was measured, device="cpu"'):
        claim("X1", "a step", 3.0, at_most=4, unit="ms")
    with pytest.raises(InputError, match="must be 'cpu' or 'gpu', not 'tpu'"):
        claim("X1", "a step", 3.0, at_most=4, device="tpu")
    claim("X1", "a step", 3.0, at_most=4, unit="ms", device="gpu")
    assert "a step: 3 ms on the GPU (at most 4)" in capsys.readouterr().out


CLOCKS = re.compile(r"\b(perf_counter|process_time|monotonic|timeit|\w*seconds\w*|\w*speed\w*"
                    r"|milliseconds|\w*words_per_second)\b")  # fmt: skip
WORDS = re.compile(r"\b(time|times as fast|speed|seconds?|faster|slower|words in the same)\b")
OF_A_CLOCK = re.compile("time|speed|second|start|middle|end")
NAMES = re.compile(r"\b[A-Za-z_]\w*\b")


def of_time(sources):
    """Return the calls of `claim` that speak of time, or whose value comes from a clock.

    A name comes from a clock if a line that assigns it names a clock, or another such name.
    """
    clocked, found = set(), []
    for _ in range(3):
        for source in sources:
            for name, value in re.findall(
                r"^\s*([\w, ]+?)\s*(?:\[.*?\])?\s*=\s(.*)$", source, re.M
            ):
                if CLOCKS.search(value) or clocked & set(NAMES.findall(value)):
                    clocked |= {n for n in NAMES.findall(name) if OF_A_CLOCK.search(n)}
    for source in sources:
        for call in re.findall(r"^claim\((.*?)^(?=\S|\Z)", source + "\n", re.M | re.S):
            statement = call.split('"')[3]
            rest = call.replace(statement, "")
            if WORDS.search(statement) or CLOCKS.search(rest) or clocked & set(NAMES.findall(rest)):
                found.append(call)
    return found


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.number)
def test_every_claim_about_time_names_its_device_and_measures_there(lesson, framework):
    sources = [c.source for c in assemble(lesson, framework).cells if c.cell_type == "code"]
    for call in of_time(sources):
        assert "device=" in call, f"a claim about time says device=...: claim({call}"
    named = [source for source in sources if 'device="cpu"' in source]
    assert not named or any(re.search(r"^with .*\bon_cpu\(\):", s, re.M) for s in sources)


def test_a_claim_about_time_is_recognized():
    hidden = "start = time.perf_counter()\nstep_times = stop - start"
    assert of_time([hidden, 'claim("X1", "one over two", step_times[0], at_least=1)'])
    assert of_time(['claim("X1", "one is faster than two", a / b, at_least=1)'])
    assert of_time(['claim("X1", "ratio",\n      speed["a"] / 2, at_least=1)\nprint()'])
    assert not of_time([hidden, 'claim("X1", "accuracy", score, at_least=1)'])


def test_enough_claims_about_time_are_found():
    found = [
        call
        for lesson in lessons()
        for call in of_time([c.source for c in assemble(lesson, "pytorch").cells])
    ]
    ids = {call.split('"')[1] for call in found}
    assert {"E2", "W4", "W5", "W7", "G5", "T8", "B9"} <= ids


def test_show_use_proves_the_gpu_where_one_is_wanted(capsys):
    on_cpu = GpuUse({"model": (8, "cpu")}, "cpu", 0)
    measured.show_use(on_cpu, lambda: "PyTorch on CPU")
    assert "PyTorch on CPU, " in capsys.readouterr().out
    with pytest.raises(CourseError, match="not on a GPU"):
        measured.show_use(on_cpu, lambda: "PyTorch on CPU", "gpu")


def kept(folder, **changes):
    """Write a made-up run of lesson 1 on a GPU."""
    found = measured.Measured()
    notebook = nbformat.read(lessons()[0].notebook("pytorch"), as_version=4)
    records = [r for cell in notebook.cells for r in results_page.records(cell)]
    records[0] = records[0] | {"value": 123.0, "holds": False}
    use = {"device": "PyTorch 9.9 on Imagined", "memory": 1, "gpu_memory": 5 * 10**6}
    found.add("embeddings_pytorch", seconds=7.0, claims=records, use=use, **changes)
    found.write(folder / "measured_gpu_pytorch.json")


def test_a_kept_run_on_a_gpu_stands_beside_the_stored_values(tmp_path, monkeypatch):
    assert "No run on a GPU is kept here" in results_page._runs_in_words({})
    kept(tmp_path)
    runs = measured.read_measured(tmp_path / "measured_gpu_pytorch.json")
    monkeypatch.setattr(results_page, "gpu_runs", lambda: runs)
    page = results_page.results()
    assert "| embeddings_pytorch | PyTorch 9.9 on Imagined | 20" in page
    assert "| 7 | 5 | E1 |" in page or "| 7 | 5 |" in page
    assert "| claim | what is measured | PyTorch | TensorFlow | PyTorch, GPU | bound |" in page
    assert "✘ 123" in page
    assert page.count("PyTorch, GPU") == 1  # the other lessons have no such run


def test_a_damaged_run_is_one_sentence(tmp_path, capsys, monkeypatch):
    path = tmp_path / "measured_gpu_pytorch.json"
    half = '{"date": "", "notebooks": [{"notebook": "embeddings_pytorch", "device": null}]}'
    for text in ("{", "[]", '{"notebooks": [{}]}', '{"date": 1, "notebooks": 3}', half):
        path.write_text(text)
        with pytest.raises(CourseError, match="make it with `make test-gpu`"):
            measured.read_measured(path)
    monkeypatch.setattr(results_page, "project_root", lambda: tmp_path)
    (tmp_path / "notebooks").mkdir()
    path.rename(tmp_path / "notebooks" / path.name)
    assert main(["report"]) == 2 and "make test-gpu" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["mine", "{}", "[]"])
def test_what_no_run_wrote_is_not_overwritten(content, tmp_path):
    file = tmp_path / "thesis.json"
    file.write_text(content)
    told = run([TWO], tmp_path, f"--measured={file}")
    assert "thesis.json is not what a run of the notebooks writes" in told
    assert "Choose another file for --measured" in told and "passed" not in told
    assert file.read_text() == content
    assert "cannot be read: Is a directory" in run([TWO], tmp_path, f"--measured={tmp_path}")
    (tmp_path / "measured.json").write_text('{"date": "2026-01-01", "notebooks": []}')
    assert "passed" in run([TWO], tmp_path, f"--measured={tmp_path / 'measured.json'}")
