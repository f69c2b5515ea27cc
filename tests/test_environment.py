"""pyproject.toml, constraints.txt and environment.yml describe one and the same set."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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
    from packaging.specifiers import SpecifierSet

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
