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
    return found - {"course_utils", "exercises", "adapters", "browsing", "tiny_bert"}


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
def test_a_machine_without_the_command_python_is_fine(tmp_path):
    (tmp_path / "python3").symlink_to(sys.executable)
    show = "show: ; @: && echo $(PYTHON)"
    make = [shutil.which("make"), "--eval", show, "show"]
    done = subprocess.run(make, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True)
    assert done.stdout.decode().strip() == str(tmp_path / "python3"), done.stderr


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
    assert "course data fetch encoder" in text
    conda = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf8"))
    whole = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf8"))
    assert conda["dependencies"] == [d for d in whole["dependencies"] if isinstance(d, str)]
    assert conda["channels"] == whole["channels"]
