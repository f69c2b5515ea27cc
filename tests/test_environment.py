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
@pytest.mark.parametrize("name", ["COURSE_CACHE", "PYTHONHOME", "PYTHONPLATLIBDIR"])
def test_a_machine_without_the_command_python_is_fine(folder, name, tmp_path):
    tmp_path = tmp_path / folder
    tmp_path.mkdir()
    for name in ("python3", "python"):
        (tmp_path / name).symlink_to(sys.executable)
    show = "show: ; @: && echo $(PYTHON)"
    make = [shutil.which("make"), "--eval", show, "show"]
    environment = {"PATH": str(tmp_path), name: "/nowhere"}
    done = subprocess.run(make, cwd=ROOT, env=environment, capture_output=True)
    assert done.stdout.decode().strip() == str(tmp_path / "python3"), done.stderr


FAKE_PYTHON = """#!/bin/sh
# A Python whose version is good or not, and whose environments get a pip that pretends, or none.
echo "$*" >> "{log}"
case "$*" in
*"-c "*) {good} && exec "{python}" "$@"; exit 1;;
"-m venv"*)
  for folder; do :; done
  "{python}" "$@" --without-pip || exit 1
  {pip} || {{ echo "ensurepip is not available" >&2; exit 1; }}
  "$folder/bin/python" "{pretender}" "{log}";;
*) exit 1;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """A copy of the Makefile among pythons that only pretend: new, old, and Debian's."""
    folder = tmp_path / "a course"
    check = "course_utils/tools/environment.py"
    for name in ("Makefile", "pyproject.toml", "constraints.txt", check):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    pretender = ROOT / "tests" / "pretend_pip.py"
    fixed = {"log": tmp_path / "log", "python": sys.executable, "pretender": pretender}
    for name, good, pip in (
        ("new", "true", "true"), ("old", "false", "true"), ("debian", "true", "false")
    ):  # fmt: skip
        (tmp_path / name).write_text(FAKE_PYTHON.format(good=good, pip=pip, **fixed))
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
    (folder / ".venv" / "bin" / "python").unlink()
    shutil.copy(folder.parent / "old", folder / ".venv" / "bin" / "python")


def broken(folder):
    too_old(folder)
    (folder / ".venv" / "bin" / "python").write_text("#!/bin/sh\nkill -SEGV $$\n")


def moved(folder):
    before = folder.rename(folder.with_name("before"))
    set_up(before)
    before.rename(folder)


def copied(folder):
    before = shutil.copytree(folder, folder.with_name("before"))
    set_up(before)
    shutil.copytree(before / ".venv", folder / ".venv", symlinks=True)


def without_python(folder):
    set_up(folder)
    (folder / ".venv" / "bin" / "python").unlink()
    (folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")


def without_settings(folder):
    set_up(folder)
    (folder / ".venv" / "pyvenv.cfg").unlink()


def without_library(folder):
    set_up(folder)
    shutil.rmtree(folder / ".venv" / "lib")


def interrupted_at_once(folder):
    (folder / ".venv" / "bin").mkdir(parents=True)


def empty(folder):
    (folder / ".venv").mkdir()


HARMS = [
    half_made, too_old, broken, moved, copied, without_python, without_settings, without_library,
    interrupted_at_once, empty,
]  # fmt: skip


@with_make
@pytest.mark.parametrize("harm", HARMS)
def test_an_environment_that_cannot_be_used_is_made_anew(harm, machine):
    harm(machine)
    (machine / ".venv" / "rest").touch()
    code, said, asked = set_up(machine)
    assert code == 0, said
    assert "-m venv --clear .venv" in asked and not (machine / ".venv" / "rest").exists()
    assert set_up(machine)[2] == ""


@with_make
@pytest.mark.parametrize("name", ["numpy", "torch", "course_utils"])
def test_a_package_that_went_is_installed_again(name, machine):
    set_up(machine, "new", "EXTRAS=pytorch,lab")
    (site,) = (machine / ".venv" / "lib").glob("python*/site-packages")
    shutil.rmtree(site / name)
    shutil.rmtree(site / f"{name}-1.dist-info")
    code, _, asked = set_up(machine)
    assert code == 0 and "-m pip install" in asked and "-m venv" not in asked
    assert set_up(machine)[2] == ""


@with_make
def test_packages_of_extras_that_were_not_asked_for_are_not_missed(machine):
    set_up(machine, "new", "EXTRAS=tensorflow,lab")
    (site,) = (machine / ".venv" / "lib").glob("python*/site-packages")
    shutil.rmtree(site / "torch-1.dist-info")
    assert set_up(machine)[2] == "", "the second set-up has the default extras, and asks for none"


@with_make
def test_a_pip_that_installs_nothing_is_noticed(machine):
    (machine / "hollow").touch()
    code, said, _ = set_up(machine)
    assert code != 0 and "pip did not install the course into .venv" in said
    assert not (machine / ".venv" / ".ready").exists()
    (machine / "hollow").unlink()
    assert set_up(machine)[0] == 0


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
def test_what_is_linked_is_used_if_it_can_be_and_never_emptied(machine):
    other = machine.with_name("other")
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    (machine / ".venv").symlink_to(other)
    code, said, _ = set_up(machine)
    assert code != 0 and "otherwise remove .venv, then run make again" in said
    assert (other / "thesis.txt").read_text() == "mine"
    subprocess.run([machine.parent / "new", "-m", "venv", other / "whole"], check=True)
    (machine / ".venv").unlink()
    (machine / ".venv").symlink_to(other / "whole")
    assert set_up(machine)[0] == 0 and set_up(machine)[2] == ""


@with_make
@pytest.mark.parametrize("sign", [":", "$USER", "$(touch pwned)", "`touch pwned`", '"', "\t"])
def test_a_folder_in_which_python_s_tools_do_not_work_is_named(sign, machine):
    folder = machine.rename(machine.with_name(f"a {sign} course"))
    code, said, _ = set_up(folder)
    assert code != 0 and "move the course to another folder, then run make again." in said
    assert said.count("\n") == 2 and not (folder / ".venv").exists()
    assert not (folder / "pwned").exists()


@with_make
@pytest.mark.parametrize("name", ["ü 課", "a#b", "50%", "it's", "a;b&c", "(x)[y]*", "~", "a\\b"])
def test_a_folder_may_have_any_other_name(name, machine):
    folder = machine.rename(machine.with_name(name))
    code, said, _ = set_up(folder)
    assert code == 0 and set_up(folder)[2] == "", said
    command = ["make", "lab", f"PYTHON={machine.parent / 'new'}"]
    lab = folder / ".venv" / "bin" / "jupyter"
    lab.write_text('#!/bin/sh\nprintf "%s\\n" "$PATH" "$@"\n')
    lab.chmod(0o755)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert f"\n{folder}/.venv/bin:" in done.stdout
    assert f"--ServerApp.root_dir={folder}\n" in done.stdout


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
@pytest.mark.parametrize(
    "name",
    ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_PYTHON", "PIP_NO_DEPS", "PIP_DRY_RUN",
     "PYTHONHOME", "PYTHONPATH"],
)  # fmt: skip
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
