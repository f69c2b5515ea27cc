"""Ruff, mypy and codespell find nothing in code, notebooks and texts; they would."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
needs_ruff = pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
needs_codespell = pytest.mark.skipif(
    find_spec("codespell_lib") is None, reason="codespell is not installed"
)


def run(*arguments, folder):
    """Run a tool in a folder; return its exit status and what it prints."""
    command = [sys.executable, "-m", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def ruff(folder):
    return run("ruff", "check", "--no-cache", "--output-format", "concise", ".", folder=folder)


@needs_ruff
def test_ruff_finds_nothing():
    status, said = ruff(ROOT)
    assert status == 0, said


@needs_codespell
def test_every_word_is_spelled_the_american_way():
    status, said = run("codespell_lib", folder=ROOT)
    assert status == 0, said


@pytest.fixture
def copy(tmp_path):
    """Return a folder with the settings of the project and nothing else."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@needs_ruff
@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("import os", "F401"),
        ("print(unknown)", "F821"),
        ("def f():\n    x = 1", "F841"),
        ("def f(x=[]):\n    return x", "B006"),
        ("x = 1 if True == (1 > 0) else 0", "E712"),
        ("functions = [lambda: i for i in range(3)]", "B023"),
    ],
)
def test_ruff_finds_mistakes_in_a_notebook(code, rule, copy):
    folder = copy / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(notebook, folder / "tiny_pytorch.ipynb")
    status, said = ruff(copy)
    assert status != 0 and rule in said


@needs_ruff
def test_what_a_learner_will_use_may_be_imported(copy):
    code = "from course_utils.classroom import hint"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(notebook, copy / "tiny_pytorch.ipynb")
    assert ruff(copy)[0] == 0


@needs_codespell
@pytest.mark.parametrize(
    ("name", "word", "right"),
    [
        ("page.md", "colour", "color"),
        ("page.md", "behaviour", "behavior"),
        ("lesson.md", "normalise", "normalize"),
        ("module.py", "neighbours", "neighbors"),
        ("quiz.toml", "centre", "center"),
        ("page.md", "recieve", "receive"),
    ],
)
def test_a_wrong_word_is_found(name, word, right, copy):
    (copy / name).write_text(f"text = 'A {word} here.'\n")
    status, said = run("codespell_lib", folder=copy)
    assert status != 0 and f"{word} ==> {right}" in said


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_a_wrong_type_and_a_nameless_ignore_are_found(copy):
    (copy / "module.py").write_text(
        "def size(text: str) -> str:\n    return len(text)\n\n\nx: int = 'a'  # type: ignore\n"
    )
    status, said = run("mypy", "--no-site-packages", "module.py", folder=copy)
    assert status != 0 and "[return-value]" in said and "[ignore-without-code]" in said
