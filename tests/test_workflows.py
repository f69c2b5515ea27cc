"""The workflows on the code host: safe, complete, and made of the commands of the Makefile."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from course_utils.course import FRAMEWORKS, lessons

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
LONGEST = 90  # minutes
HOSTED = re.compile(r"(ubuntu|macos|windows)-\d+(\.\d+)?|\$\{\{ matrix\.os \}\}")
BY_MAINTAINERS = {"schedule", "workflow_dispatch"}  # what starts a run only from the repository
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def text_of(name):
    return WORKFLOWS[name].read_text(encoding="utf8")


def targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8").replace("\\\n", " ")
    return set(re.search(r"^\.PHONY:(.+)$", makefile, re.M)[1].split())


def problems(text):
    """Return what is wrong with a workflow."""
    workflow, found = yaml.safe_load(text), []
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("permissions are not contents: read")
    if not workflow.get("concurrency", {}).get("cancel-in-progress"):
        found.append("a newer run does not cancel an older one")
    for name, job in workflow["jobs"].items():
        if "permissions" in job:
            found.append(f"{name} has permissions of its own")
        if not 0 < job.get("timeout-minutes", 0) <= LONGEST:
            found.append(f"{name} has no short timeout")
        if not HOSTED.fullmatch(job["runs-on"]):
            if set(workflow[True]) - BY_MAINTAINERS:
                found.append(f"strangers can start {name} on a private machine")
            if job.get("environment") != "gpu":
                found.append(f"{name} is on a private machine, and nobody approves it")
        found += [f"{name}: {complaint}" for step in job["steps"] for complaint in _step(step)]
    pins = re.findall(r"uses: (\S+?)@(\S+)(.*)", text)
    for action, version, comment in pins:
        if not re.fullmatch(r"[0-9a-f]{40}", version):
            found.append(f"{action} is not pinned by a commit")
        if not re.fullmatch(r" # v\d+\.\d+\.\d+", comment):
            found.append(f"{action} does not name its version")
    return found


def _step(step):
    """Return what is wrong with one step."""
    found, run = [], step.get("run", "")
    checkout = step.get("uses", "").startswith("actions/checkout@")
    if checkout and step.get("with", {}).get("persist-credentials") is not False:
        found.append("the checkout leaves its credentials behind")
    for target in re.findall(r"\bmake (?:--silent )?([a-z-]+)", run):
        if target not in targets():
            found.append(f"the Makefile has no target {target}")
    if re.search(r"\$\{\{\s*(github\.(event|head_ref)|inputs\.)", run):
        found.append("words of strangers are part of a command")
    return found


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_sound(name):
    assert problems(text_of(name)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("contents: read", "contents: write", "permissions are not"),
        ("cancel-in-progress: true", "cancel-in-progress: false", "does not cancel"),
        ("timeout-minutes: 45", "timeout-minutes: 360", "package has no short timeout"),
        ("    timeout-minutes: 45\n", "", "package has no short timeout"),
        ("    timeout-minutes: 45", "    permissions: write-all\n    timeout-minutes: 45", "own"),
        ("make test-package", "make test-packages", "no target test-packages"),
        ("run: make lint", "run: make lint ${{ github.event.title }}", "words of strangers"),
        ("persist-credentials: false", "clean: true", "leaves its credentials"),
        ("08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5", "checkout is not pinned"),
        (" # v6.0.0", "", "setup-python does not name its version"),
        (" # v6.0.0", " # v6", "setup-python does not name its version"),
    ],
)
def test_each_check_of_a_workflow_can_fail(old, new, words):
    assert old in text_of("test.yml")
    assert words in " ".join(problems(text_of("test.yml").replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  schedule:", "  pull_request: {types: [labeled]}\n  schedule:", "strangers can start"),
        ("  schedule:", "  pull_request_target:\n  schedule:", "strangers can start"),
        ("  schedule:", "  issue_comment:\n  schedule:", "strangers can start"),
        ("    environment: gpu\n", "", "nobody approves"),
        ("environment: gpu", "environment: other", "nobody approves"),
        ("run: make test-gpu", "run: make test-gpu ${{ inputs.commit }}", "words of strangers"),
    ],
)
def test_each_check_of_a_private_machine_can_fail(old, new, words):
    assert old in text_of("gpu.yml")
    assert words in " ".join(problems(text_of("gpu.yml").replace(old, new)))


def test_an_action_has_the_same_pin_everywhere():
    found = {pin for name in WORKFLOWS for pin in re.findall(r"uses: (\S+)@(.+)", text_of(name))}
    assert len({action for action, _ in found}) == len(found)


def jobs(name):
    return yaml.safe_load(text_of(name))["jobs"]


def expand(matrix, **lists):
    """Return the jobs of a matrix as the code host makes them; `lists` fill in what is computed."""
    axes = {key: value for key, value in matrix.items() if key != "include"} | lists
    combined = [
        dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())
    ]
    for more in matrix.get("include", []):
        fits = [one for one in combined if all(more[k] == one[k] for k in axes.keys() & more)]
        if axes and fits:
            for one in fits:
                one |= more
        else:
            combined.append(dict(more))
    return [one for one in combined if one]


@pytest.fixture(scope="module")
def listed():
    """Return the lessons that the workflow's own command lists."""
    steps = {
        job["steps"][-1]["run"] for job in (jobs(n)["shards"] for n in ("test.yml", "weekly.yml"))
    }
    command = re.fullmatch(r'echo "lessons=\$\((.+)\)" >> "\$GITHUB_OUTPUT"', steps.pop())[1]
    assert not steps, "both workflows list the lessons with one command"
    done = subprocess.run(command.split(), cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@needs_make
@pytest.mark.parametrize(
    ("name", "environments"), [("test.yml", {"3.11 both", "3.13 alone"}), ("weekly.yml", {"alone"})]
)
def test_every_notebook_is_in_a_shard_of_each_environment(name, environments, listed):
    assert listed == [lesson.number for lesson in lessons()]
    job, found = jobs(name)["notebooks"], set()
    assert "fromJSON(needs.shards.outputs.lessons)" in job["strategy"]["matrix"]["lesson"]
    for shard in expand(job["strategy"]["matrix"], lesson=listed):
        extras = shard.get("extras", job["env"]["EXTRAS"]).replace(
            "${{ matrix.framework }}", shard["framework"]
        )
        assert shard["framework"] in extras.split(",")
        others = set(FRAMEWORKS) - {shard["framework"]}
        alone = "alone" if not others & set(extras.split(",")) else "both"
        where = f"{shard.get('python', '')} {alone}".strip()
        found.add((shard["lesson"], shard["framework"], where))
    pairs = {(number, framework) for number in listed for framework in FRAMEWORKS}
    assert found == {(*pair, where) for pair in pairs for where in environments}
    environment = job["env"]
    assert environment["LESSON"] == "${{ matrix.lesson }}"
    assert environment["FRAMEWORK"] == "${{ matrix.framework }}"
    assert job["steps"][-1]["run"].startswith("make test-notebooks")


@needs_make
def test_a_shard_runs_its_notebook_and_no_other():
    for lesson, framework in itertools.product(lessons(), FRAMEWORKS):
        shell = ["make", "--dry-run", "test-notebooks", "PYTHON=python"]
        shell += [f"LESSON={lesson.number}", f"FRAMEWORK={framework}"]
        done = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=True)
        pattern = re.search(r"pytest (\S+\.ipynb)", done.stdout)[1]
        assert list(ROOT.glob(pattern)) == [lesson.notebook(framework)]


def test_the_package_is_tested_on_three_systems_and_with_one_framework_alone():
    job = jobs("test.yml")["package"]
    found = {
        (
            one["os"].split("-")[0],
            one["python"],
            one["extras"].removesuffix(",docs").removesuffix(",lab,tools,dev"),
        )
        for one in expand(job["strategy"]["matrix"])
    }
    assert found == {
        ("ubuntu", "3.11", "pytorch,tensorflow"),
        ("ubuntu", "3.13", "pytorch"),
        ("ubuntu", "3.13", "tensorflow"),
        ("macos", "3.11", "pytorch,tensorflow"),
    }
    commands = [step.get("run") for step in job["steps"]]
    assert {"make lint", "make test-package", "make test-notebooks LESSON=01"} <= set(commands)


def test_windows_runs_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    commands = [step["run"] for step in jobs("test.yml")["windows"]["steps"] if "run" in step]
    assert len(commands) == 5
    for command in commands:
        told = command.replace(r"pytest notebooks\01_embeddings", "pytest notebooks")
        assert told in readme, f"README.md does not say {told!r}"


def test_make_takes_the_python_that_was_set_up():
    for name in WORKFLOWS:
        workflow = yaml.safe_load(text_of(name))
        for job in workflow["jobs"].values():
            settings = {**workflow.get("env", {}), **job.get("env", {})}
            runs = " ".join(step.get("run", "") for step in job["steps"])
            assert "make" not in runs or "shards" in runs or settings["PYTHON"] == "python"


def test_the_gpu_lane_has_one_framework_a_machine_and_no_way_around_the_gpu():
    workflow = yaml.safe_load(text_of("gpu.yml"))
    assert set(workflow[True]) == BY_MAINTAINERS
    (job,) = workflow["jobs"].values()
    assert job["if"] == "vars.GPU_RUNNER != ''"
    assert [one["framework"] for one in expand(job["strategy"]["matrix"])] == list(FRAMEWORKS)
    assert job["env"]["FRAMEWORK"] == "${{ matrix.framework }}"
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make test-gpu"]
    assert list(workflow[True]["workflow_dispatch"]["inputs"]) == ["commit"]
    assert job["steps"][0]["with"]["ref"] == "${{ inputs.commit }}"


@needs_make
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_gpu_lane_keeps_what_it_measured_also_after_a_failure(framework):
    (job,) = jobs("gpu.yml").values()
    kept = job["steps"][-1]
    assert kept["uses"].startswith("actions/upload-artifact@") and kept["if"] == "always()"
    assert kept["with"]["if-no-files-found"] == "error"
    assert "${{ matrix.framework }}" in kept["with"]["name"], "two artifacts need two names"
    command = ["make", "--dry-run", "test-notebooks", "PYTHON=python", f"FRAMEWORK={framework}"]
    done = subprocess.run(
        [*command, "COURSE_DEVICE=gpu"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    written = re.search(r"--measured (\S+)", done.stdout)[1]
    assert kept["with"]["path"].replace("${{ matrix.framework }}", framework) == written


def test_the_weekly_run_takes_the_newest_versions():
    workflow = yaml.safe_load(text_of("weekly.yml"))
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}
    for name in ("package", "notebooks"):
        runs = [step["run"] for step in workflow["jobs"][name]["steps"] if "run" in step]
        assert all(run.endswith(" CONSTRAINTS=") for run in runs if run.startswith("make"))


@needs_make
def test_without_constraints_none_are_given(tmp_path):
    for more, wanted in (([], True), (["CONSTRAINTS="], False)):
        command = ["make", "--dry-run", "setup", f"VENV={tmp_path}", "PYTHON=python", *more]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert ("-c constraints.txt" in done.stdout) == wanted and "pip install" in done.stdout
