"""pyproject.toml, constraints.txt and environment.yml describe one and the same set."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course_utils.tools.lessons.execute import CELL_TIMEOUT

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version.split(";")[0].strip() for name, version in pins}


def requirements() -> list[Requirement]:
    groups = [PROJECT["dependencies"], *EXTRAS.values()]
    return [Requirement(line) for group in groups for line in group]


def imported(*places: str, without: str = "") -> set[str]:
    """Return the packages of others that the Python files in some folders import."""
    trees = [
        ast.walk(ast.parse(path.read_text(encoding="utf8")))
        for place in places
        for path in sorted((ROOT / place).rglob("*.py"))
        if not without or ROOT / without not in path.parents
    ]
    nodes = [node for tree in trees for node in tree]
    full = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    full += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    found = {name.split(".")[0] for name in full} - set(sys.stdlib_module_names)
    own = {path.stem for path in (ROOT / "tests").glob("*.py")}  # tests share helpers
    return found - {"course_utils", "exercises"} - own


@pytest.mark.parametrize(
    ("places", "extras"),
    [
        (("course_utils",), ("pytorch", "tensorflow")),
        (("course_utils/tools",), ("pytorch", "tensorflow", "tools", "docs")),
        (("tests", "notebooks"), tuple(EXTRAS)),
    ],
)
def test_every_package_that_is_imported_is_declared(places, extras):
    without = "course_utils/tools" if places == ("course_utils",) else ""
    groups = [PROJECT["dependencies"], *(EXTRAS[extra] for extra in extras)]
    declared = {canonical(Requirement(line).name) for group in groups for line in group}
    packages = packages_distributions()
    for module in imported(*places, without=without):
        names = {canonical(name) for name in packages.get(module, [module])}
        assert names & declared, f"{module} is imported in {places}, but pyproject.toml has not it"


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_every_requirement_is_pinned_inside_its_range(requirement):
    assert canonical(requirement.name) in pinned(), f"constraints.txt does not pin {requirement}"
    assert requirement.specifier.contains(pinned()[canonical(requirement.name)])


def test_the_pinned_torch_is_the_tested_one():
    assert pinned()["torch"] == "2.13.0"


def test_conda_brings_python_and_pip_and_leaves_the_rest_to_the_constraints():
    yaml = pytest.importorskip("yaml")
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    assert {re.split("[=<>]", line)[0] for line in conda} == {"python", "pip"}
    python = next(line.split("=")[1] for line in conda if line.startswith("python"))
    assert SpecifierSet(PROJECT["requires-python"]).contains(python + ".0")
    pip_lines = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    constraint, project = pip_lines
    assert constraint == "-c constraints.txt"
    named = re.fullmatch(r"-e \.\[(.+)\]", project).group(1).split(",")
    assert set(named) <= set(EXTRAS)


def test_the_makefile_installs_the_extras_that_conda_installs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    extras = re.search(r"^EXTRAS \?= (.+)$", makefile, re.M).group(1)
    assert f"-e .[{extras}]" in (ROOT / "environment.yml").read_text(encoding="utf8")


def test_the_installed_set_is_the_pinned_one():
    from importlib.metadata import PackageNotFoundError, version

    wrong = {}
    for requirement in requirements():
        name = canonical(requirement.name)
        try:
            installed = version(name).split("+")[0]
        except PackageNotFoundError:
            continue  # one framework alone is a supported installation
        if not requirement.specifier.contains(installed):
            wrong[name] = installed
    assert not wrong, f"installed outside the stated ranges: {wrong}"


def test_a_cell_has_the_same_time_in_every_run():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    assert re.findall(r"--nbval-cell-timeout=(\d+)", makefile) == [str(CELL_TIMEOUT)]


def test_the_pinned_versions_run_on_the_oldest_python_that_is_promised():
    oldest, too_new = PROJECT["requires-python"].removeprefix(">=").split(",")[0] + ".0", {}
    for name in pinned():
        try:
            wanted = metadata(name)["Requires-Python"] or ""
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        if oldest not in SpecifierSet(wanted):
            too_new[name] = wanted
    assert not too_new


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("folder", ["bin", "a folder"])
def test_a_machine_without_the_command_python_is_fine(folder, tmp_path):
    tmp_path = tmp_path / folder
    tmp_path.mkdir()
    for name in ("python3", "python"):
        (tmp_path / name).symlink_to(sys.executable)
    show = "show: ; @: && echo $(PYTHON)"
    make = [shutil.which("make"), "--eval", show, "show"]
    done = subprocess.run(make, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True)
    assert done.stdout.decode().strip() == str(tmp_path / "python3"), done.stderr


FAKE_PYTHON = """#!/bin/sh
# Says whether its version is good, makes environments, and plays pip in them.
echo "$*" >> "{log}"
here=$(cd "$(dirname "$0")" && pwd)
case "$1 $2" in
"-c "*) exit {bad};;
"-m venv")
  for folder; do :; done
  case "$*" in *--clear*) rm -rf "$folder"/*;; esac
  mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python" || exit 1
  test {venv} = without-pip && {{ echo "ensurepip is not available" >&2; exit 1; }}
  path=$(cd "$folder" && pwd)
  printf '#!/bin/sh\\necho "pip 26 from %s/lib/pip"\\n' "$path" > "$folder/bin/pip"
  chmod +x "$folder/bin/pip";;
"-m pip")
  test -x "$here/pip" || {{ echo "No module named pip" >&2; exit 1; }}
  test "$PIP_USER$PIP_TARGET$PIP_PREFIX" = 0 || {{ echo "Can not install there" >&2; exit 1; }}
  printf '#!/bin/sh\\n# %s/python\\ntest ! -e offline\\n' "$here" > "$here/course"
  chmod +x "$here/course";;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """A copy of the Makefile among pythons that only pretend: new, old, and Debian's."""
    folder = tmp_path / "a course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (tmp_path / "log").touch()
    for name, bad, venv in (("new", 0, "whole"), ("old", 1, "whole"), ("debian", 0, "without-pip")):
        text = FAKE_PYTHON.format(log=tmp_path / "log", bad=bad, venv=venv)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return folder


def set_up(folder, python="new", *more, **environment):
    """Run `make setup`, and return its exit code, what it said, and what the pythons were asked."""
    log = folder.parent / "log"
    log.write_text("")
    python = str(folder.parent / python) if python else ""
    command = ["make", "setup", f"PYTHON={python}", *more]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PIP_"))}
    done = subprocess.run(
        command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr, log.read_text()


with_make = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="make is not installed"
)


@with_make
def test_a_second_set_up_does_nothing(machine):
    code, said, asked = set_up(machine)
    assert code == 0 and "Setting up" in said and "-m pip install" in asked
    assert set_up(machine)[2] == "" and (machine / ".venv" / ".ready").is_file()
    (machine / "pyproject.toml").touch()
    code, _, asked = set_up(machine)
    assert code == 0 and "-m venv" not in asked, "a whole environment stays"


def half_made(folder):
    set_up(folder, "debian")
    assert not (folder / ".venv" / "bin" / "pip").exists()


def too_old(folder):
    set_up(folder)
    shutil.copy(folder.parent / "old", folder / ".venv" / "bin" / "python")
    (folder / ".venv" / ".ready").unlink()


def moved(folder):
    set_up(folder)
    shutil.move(folder / ".venv", folder / "away")
    text = (folder / "away" / "bin" / "pip").read_text().replace("a course", "another course")
    (folder / "away" / "bin" / "pip").write_text(text)
    text = (folder / "away" / "bin" / "course").read_text().replace("a course", "another course")
    (folder / "away" / "bin" / "course").write_text(text)
    shutil.move(folder / "away", folder / ".venv")


def without_python(folder):
    set_up(folder)
    (folder / ".venv" / "bin" / "python").unlink()
    (folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")


def interrupted_at_once(folder):
    (folder / ".venv" / "bin").mkdir(parents=True)


def empty(folder):
    (folder / ".venv").mkdir()


@with_make
@pytest.mark.parametrize(
    "harm", [half_made, too_old, moved, without_python, interrupted_at_once, empty]
)
def test_an_environment_that_cannot_be_used_is_made_anew(harm, machine):
    harm(machine)
    (machine / ".venv" / "rest").touch()
    code, said, asked = set_up(machine)
    assert code == 0, said
    assert "-m venv --clear .venv" in asked and not (machine / ".venv" / "rest").exists()
    assert set_up(machine)[2] == ""


@with_make
@pytest.mark.parametrize("harm", [half_made, too_old, moved])
def test_an_environment_with_a_name_of_its_own_is_not_touched(harm, machine):
    harm(machine)
    shutil.move(machine / ".venv", machine / "mine")
    (machine / "mine" / "rest").touch()
    code, said, asked = set_up(machine, "new", "VENV=mine")
    assert code != 0 and "otherwise remove mine, then run make again" in said
    assert "-m venv" not in asked and (machine / "mine" / "rest").exists()


@with_make
def test_a_set_up_that_was_interrupted_goes_on(machine):
    (machine / "offline").touch()  # the encoder cannot be fetched
    assert set_up(machine)[0] != 0 and not (machine / ".venv" / ".ready").exists()
    (machine / "offline").unlink()
    code, _, asked = set_up(machine)
    assert code == 0 and "-m venv" not in asked


@with_make
def test_debian_without_venv_says_what_to_install(machine):
    for _ in range(2):
        code, said, _ = set_up(machine, "debian")
        assert code != 0 and "run 'sudo apt install python3-venv'" in said
        assert "No module named pip" not in said
    assert set_up(machine)[0] == 0


@with_make
@pytest.mark.parametrize(
    ("python", "found"), [("old", "old"), ("nowhere", "nowhere"), ("", "none")]
)
def test_a_python_that_does_not_serve_is_named_before_anything_is_made(python, found, machine):
    code, said, _ = set_up(machine, python)
    assert code != 0 and not (machine / ".venv").exists()
    assert re.search(rf"3.11, 3.12 or 3.13, and found \S*{found}: install one, or run 'make", said)
    assert "not found" not in said and said.count("\n") == 2, said


@with_make
@pytest.mark.parametrize("name", ["PIP_USER", "PIP_TARGET", "PIP_PREFIX"])
def test_pip_installs_into_the_environment_wherever_it_would_elsewhere(name, machine):
    code, said, _ = set_up(machine, **{name: "1"})
    assert code == 0, said


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_style_is_checked_where_there_are_python_files():
    command = ["make", "--dry-run", "lint", f"PYTHON={sys.executable}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = dict(re.findall(r"ruff (check|format --check) (.+)", result.stdout))
    assert lines.keys() == {"check", "format --check"} and "bin/codespell\n" in result.stdout
    for places in lines.values():
        assert {"course_utils", "tests", "notebooks/conftest.py"} <= set(places.split())
        assert all((ROOT / place).exists() for place in places.split())
    assert "notebooks" in lines["check"].split()
    assert "notebooks" not in lines["format --check"].split(), "notebooks are made, not written"


def test_one_script_runs_everything():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf8").splitlines()
    assert "make lint" in script and "make test" in script


def test_the_dev_container_sets_up_as_make_does():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf8"))
    assert settings["postCreateCommand"] == "make setup"
    version = re.search(r":(3\.\d+)-", settings["image"])[1]
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0")


def test_binder_installs_the_pinned_set_of_one_framework():
    yaml = pytest.importorskip("yaml")
    script = ROOT / ".binder" / "postBuild"
    assert os.name == "nt" or os.access(script, os.X_OK)
    text = script.read_text(encoding="utf8")
    extras = re.search(r'pip install .*-c constraints.txt -e "\.\[(.+)\]"', text)[1].split(",")
    assert set(extras) <= set(EXTRAS) and {"pytorch", "tensorflow"} & set(extras)
    assert "course data fetch --needed" in text
    conda = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf8"))
    whole = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf8"))
    assert conda["dependencies"] == [d for d in whole["dependencies"] if isinstance(d, str)]
    assert conda["channels"] == whole["channels"]
