"""The command `course`, as a user meets it."""

import http.server
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest

from course_utils import __version__
from course_utils.course import find_lesson, lessons
from course_utils.data import sources
from course_utils.errors import CourseError
from course_utils.tools import cli
from course_utils.tools.cli import main
from course_utils.tools.lessons.run import with_settings
from course_utils.tools.lessons.source import assemble, parameters
from course_utils.tools.recipes.character_models import CharacterModel

ROOT = Path(__file__).resolve().parents[1]
HEADER = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A formula: $x^2$

"""
CELL = "```{{code-cell}} ipython3\n---\nname: {name}\ntags: [{tags}]\n---\n{code}\n```\n\n"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a function that writes lesson 9 of a course from (name, tags, code) cells."""
    folder = tmp_path / "course" / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "data").mkdir()
    (tmp_path / "course" / "data" / "datasets.toml").write_text("")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path / "course"))
    monkeypatch.setattr("course_utils.tools.lessons.run.installed", lambda name: True)
    monkeypatch.chdir(tmp_path)

    def write(*cells):
        texts = [CELL.format(name=name, tags=tags, code=code) for name, tags, code in cells]
        (folder / "lesson.md").write_text(HEADER + "".join(texts))
        return find_lesson("09")

    return write


def command(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "course_utils", *arguments], capture_output=True, text=True, **more
    )


def test_help_comes_at_once_and_loads_nothing_slow():
    code = (
        "import sys; from course_utils.tools.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'torch', 'tensorflow', 'sklearn', 'matplotlib', 'jupytext', 'nbconvert'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = result.stdout.splitlines()
    assert said[-1] == "[]"
    for name in ("doctor", "build", "check", "run", "release", "quiz", "data"):
        assert any(line.strip().startswith(name) for line in said)


def test_errors_of_the_module_are_one_line_without_a_traceback():
    result = command("release", "77", "--to", "nowhere")
    assert result.returncode == 2
    assert result.stderr.startswith("course: There is no lesson '77'")
    assert result.stderr.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_line(course, tmp_path, capsys):
    course(("one", "", "1"))
    (tmp_path / "file").write_text("")
    assert main(["release", "09", "--to", str(tmp_path / "file" / "below")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("course: ") and "below" in said and said.count("\n") == 1


@pytest.mark.parametrize("option", ["--to", "--html"])
def test_a_run_asks_for_its_folders_before_the_first_cell(option, course, tmp_path, capsys):
    course(("first", "", f"x = open({str(tmp_path / 'ran')!r}, 'w')"))
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["run", "09", option, str(place)]) == 2
        said = capsys.readouterr().err
        assert str(place) in said and "choose another folder" in said and said.count("\n") == 1
    assert not (tmp_path / "ran").exists()


def test_a_notebook_that_cannot_be_stored_ends_no_other(course, tmp_path, monkeypatch, capsys):
    course(("one", "", "1"))
    monkeypatch.chdir(tmp_path)
    blocked = tmp_path / "build" / "notebooks" / "tiny_pytorch.ipynb"
    blocked.mkdir(parents=True)
    assert main(["run", "09"]) == 1
    told = capsys.readouterr().out
    assert "could not be stored" in told and "Pages to read" in told
    assert (blocked.parent / "tiny_tensorflow.ipynb").is_file()


def test_a_training_asks_for_its_folder_before_it_begins(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(CharacterModel, "make", lambda self: pytest.fail("it began"))
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["train", "03", "--to", str(place)]) == 2
        assert "choose another folder" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0 and capsys.readouterr().out == f"course {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [("run", "01", "--to"), ("run", "01", "--html"), ("train", "03", "--to"),
     ("release", "01", "--to"), ("quiz", "01", "--gift"), ("data", "mirror")],
)  # fmt: skip
@pytest.mark.parametrize("place", ["a\0b", "", "~nobody-has-this-name/x"])
def test_what_is_no_path_is_told(arguments, place, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*arguments, place])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "is no path" in said or "write the full path" in said


def test_a_tilde_that_the_shell_left_is_the_home(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["quiz", "01", "--gift=~/quiz.gift"]) == 0
    assert (tmp_path / "quiz.gift").is_file()


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_jobs_is_a_count(course, jobs, capsys):
    with pytest.raises(SystemExit):
        main(["run", "all", "--jobs", jobs])
    assert "no whole number from 1 up" in capsys.readouterr().err


def test_parameters_need_not_be_literals(course):
    code = "epochs: int = 3\nsteps = 10 * 100\nlow, high = 1, 2"
    notebook = assemble(course(("parameters", "parameters", code)), "pytorch")
    assert parameters(notebook) == ["epochs", "steps", "low", "high"]
    cells = with_settings(notebook, ["steps=7", "high=[1, 2]", "low=a b"]).cells
    given = next(i for i, cell in enumerate(cells) if cell.id == "given-parameters")
    assert cells[given - 1].id == "parameters"
    assert cells[given].source == "steps = 7\nhigh = [1, 2]\nlow = 'a b'"


def test_a_wrong_setting_stops_before_anything_runs(course, tmp_path, capsys):
    course(("parameters", "parameters", f"x = open({str(tmp_path / 'ran')!r}, 'w')"))
    assert main(["run", "all", "--jobs", "2", "--set", "y=1"]) == 2
    assert not (tmp_path / "ran").exists() and not (tmp_path / "build").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("a b", "cannot be named 'a b'"), ("x" * 65, "at most 64 letters")]
)
def test_cell_names_are_valid_ids(course, name, words):
    lesson = course((name, "", "1"))
    with pytest.raises(CourseError, match=words):
        assemble(lesson, "pytorch")


def test_a_source_that_cannot_be_read_is_one_sentence(course):
    lesson = course(("one", "", "1"))
    lesson.source.write_text(lesson.source.read_text().replace("  display_name: Python 3\n", ""))
    with pytest.raises(CourseError, match=r"lesson.md cannot be read as MyST: .*display_name"):
        assemble(lesson, "pytorch")


FIGURE = """from IPython.display import display
display({"image/png": "UE5H", "text/plain": "x"}, raw=True,
        metadata={"image/png": {"alt": "A red <dot>"}})
print("shown")"""


def test_a_run_leaves_pages_with_descriptions_and_without_require_js(course, capsys):
    course(("figure", "", FIGURE), ("fails", "tensorflow", "1 / 0"), ("after", "", "print(2)"))
    assert main(["run", "all", "--jobs", "2"]) == 1
    said = capsys.readouterr().out
    assert "tiny_pytorch.ipynb               passed" in said
    assert "FAILED: the cell 'fails' failed with ZeroDivisionError: division by zero" in said
    assert "(section 'A formula: $x^2$')" in said
    page = Path("build/html/tiny_pytorch.html").read_text(encoding="utf8")
    assert 'alt="A red &lt;dot&gt;"' in page or 'alt="A red <dot>"' in page
    assert "require.min.js" not in page
    partial = nbformat.read("build/notebooks/tiny_tensorflow.ipynb", as_version=4)
    counts = [cell.get("execution_count") for cell in partial.cells if cell.cell_type == "code"]
    assert counts == [1, 2, None], "what ran before the failure is there to look at"


def test_outputs_are_tidied(course):
    code = (
        "from tqdm.auto import tqdm\nfor i in tqdm(range(2)):\n    print(i, flush=True)\n"
        "print('done', flush=True)"
    )
    lesson = course(("bar", "", code))
    assert main(["build", "09", "--framework", "pytorch"]) == 0
    notebook = nbformat.read(lesson.notebook("pytorch"), as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "bar")
    assert [output.get("text") for output in cell.outputs] == ["0\n1\ndone\n"]
    assert "widgets" not in notebook.metadata and "execution" not in cell.metadata
    assert "version" not in notebook.metadata.language_info


# A process that a script starts in the background ignores Ctrl-C, and its children inherit that.
WITH_CONTROL_C = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from course_utils.tools.cli import main
sys.exit(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
@pytest.mark.parametrize("arguments", [["run", "09", "--jobs", "2"], ["build", "09"]])
def test_control_c_stops_at_once_and_leaves_no_kernel(course, tmp_path, arguments):
    code = f"import os, time\nopen(f'{tmp_path}/{{os.getpid()}}.pid', 'w')\ntime.sleep(60)"
    lesson = course(("sleep", "", code))
    command = [sys.executable, "-c", WITH_CONTROL_C, *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 40
    while not list(tmp_path.glob("*.pid")) and time.monotonic() < deadline:
        time.sleep(0.1)
    kernels = [int(path.stem) for path in tmp_path.glob("*.pid")]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "course: stopped by you" in said
    assert "Traceback" not in said and kernels
    assert not lesson.notebook("pytorch").exists()
    for kernel in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(kernel, 0)


def test_the_doctor_asks_the_devices_only_when_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    asked = []
    monkeypatch.setattr(
        "course_utils.tools.cli._devices", lambda: asked.append(1) or [(True, "a GPU")]
    )
    main(["doctor"])
    assert not asked and "course data fetch encoder" in capsys.readouterr().out
    main(["doctor", "--devices"])
    assert asked and "ok       a GPU" in capsys.readouterr().out


def test_the_doctor_names_a_mirror_that_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "none"))
    assert main(["doctor"]) == 1
    assert "there is no such folder" in capsys.readouterr().out


class Server(http.server.BaseHTTPRequestHandler):
    """Answers each request with the status that stands in `status`, or with silence."""

    status = 200

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.status is None:
            time.sleep(2)
            return
        self.send_response(self.status if self.path.endswith("/") else 200)
        self.end_headers()


@contextmanager
def serving(status=200):
    handler = type("Handler", (Server,), {"status": status})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def said_of(word, capsys):
    main(["doctor"])
    return next(line for line in capsys.readouterr().out.splitlines() if f" {word}" in line)


@pytest.mark.parametrize("status", [200, 403, 404])
def test_the_doctor_asks_a_mirror_on_the_web(status, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    with serving(status) as address:
        monkeypatch.setenv("COURSE_DATA_MIRROR", address)
        assert said_of("mirror http", capsys) == f"ok       mirror {address}"
        assert "on the mirror, copied at first use" in said_of("encoder", capsys)


@pytest.mark.parametrize("status", [401, 500, 503])
def test_the_doctor_says_what_a_mirror_on_the_web_answers(status, monkeypatch, capsys):
    with serving(status) as address:
        monkeypatch.setenv("COURSE_DATA_MIRROR", address.replace("//", "//me:secret@"))
        said = said_of("mirror http", capsys)
    assert said == f"missing  mirror {address}: the server answered {status}"


def test_the_doctor_waits_for_no_silent_mirror(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sources.ask, "__defaults__", ((0.2, 0.2),))
    with serving(None) as address:
        for mirror in (
            address,
            "http://127.0.0.1:9",
            "http://no.such.host.invalid",
            "http://[::bad",
        ):
            monkeypatch.setenv("COURSE_DATA_MIRROR", mirror)
            assert said_of("mirror http", capsys) == f"missing  mirror {mirror}: unreachable"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("COURSE_CACHE", "{folder}/file", "is a file, no folder: set COURSE_CACHE"),
        ("COURSE_CACHE", "{folder}/file/x", "cannot be written: set COURSE_CACHE"),
        ("COURSE_CACHE", "~nobody_of_this_name/x", "COURSE_CACHE is '~nobody_of_this_name/x'"),
        ("COURSE_DATA_MIRROR", "{folder}/file", "mirror {folder}/file: it is a file"),
        ("COURSE_DATA_MIRROR", "httpfolder", f"mirror {ROOT}/httpfolder: there is no such folder"),
        ("COURSE_DATA_MIRROR", "ftp://a.example", "give a folder, or an address"),
        ("COURSE_ROOT", ".", "COURSE_ROOT is '.'"),
        ("COURSE_ROOT", "{folder}/file", "No course in {folder}/file"),
    ],
)
def test_the_doctor_names_a_place_that_does_not_serve(
    name, value, words, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(name, value.format(folder=tmp_path))
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(
        line.startswith("missing") and words.format(folder=tmp_path) in line for line in lines
    )
    assert any(line.startswith("ok       Python") for line in lines), "the rest is looked at, too"


@pytest.mark.parametrize("complete", [True, False])
def test_a_cache_that_may_only_be_read_serves_if_all_is_in_it(
    complete, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(cli, "writable", lambda folder: False)
    monkeypatch.setattr(cli, "_downloads", lambda: [(complete, "encoder")])
    said = said_of(f"cache {tmp_path}", capsys)
    assert said.startswith("ok" if complete else "missing")
    assert ("what lessons build is not kept" if complete else "set COURSE_CACHE") in said


def test_the_doctor_says_where_umap_compiles(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli, "numba_cache", lambda: tmp_path)
    assert said_of("UMAP compiles into", capsys).endswith(str(tmp_path))


ENCODINGS = re.findall(
    r"\S+",
    """ascii cp437 cp850 cp866 cp932 cp936 cp949 cp950 cp1250 cp1251 cp1252 cp1253 cp1254
cp1255 cp1256 cp1257 cp1258 cp874 latin-1 koi8-r mac-roman utf-8 utf-16""",
)
COMMANDS = [["data", "list"], ["doctor"], ["--help"], ["check", "01"]]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_output_may_be_redirected_under_any_code_page(encoding, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "Кэш 缓存 ✔ \udcff"))
    monkeypatch.setattr(cli, "_downloads", list)
    monkeypatch.setattr(cli, "_compiled", list)
    said = io.BytesIO()
    with io.TextIOWrapper(said, encoding=encoding) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        for arguments in (*COMMANDS, *(["quiz", lesson.number] for lesson in lessons())):
            with suppress(SystemExit):
                assert main(arguments) in (0, 1)
        stream.flush()
        assert "license: " in said.getvalue().decode(encoding)


@pytest.mark.skipif(os.name == "nt", reason="a locale of POSIX")
def test_a_locale_without_utf8_will_do():
    code = (
        "import sys; from course_utils.tools.cli import main\n"
        "sys.exit(main(['quiz', '01']) + main(['data', 'list']) + main(['check', '01']) // 2)"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-X", "utf8=0", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-800:]


def test_the_quiz_is_printed_or_written(tmp_path, capsys):
    assert main(["quiz", "01"]) == 0
    said = capsys.readouterr().out
    assert "**1. " in said
    assert main(["quiz", "1"]) == 0 and capsys.readouterr().out == said
    assert main(["quiz", "77"]) == 2 and "no lesson '77'" in capsys.readouterr().err
    assert main(["quiz", "01", "--gift", str(tmp_path / "quiz.txt")]) == 0
    assert (tmp_path / "quiz.txt").read_text().count("::") == 2 * 20


TOOLS = {"bs4", "jupytext", "nbclient", "nbconvert", "nbformat"}


def without(packages, code):
    """Run code in a process with a finder that knows none of the packages, as at a learner's."""
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {packages}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from course_utils.tools.cli import main
{code}
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_the_doctor_and_the_question_for_a_gpu_need_no_tools(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    result = without(TOOLS, "main(['doctor'])\nmain(['gpu', 'pytorch'])")
    assert "course in" in result.stdout and "is not installed here: run" not in result.stderr


@pytest.mark.parametrize("package", ["bs4", "nbclient", "nbconvert"])
def test_a_run_asks_for_the_tools_before_the_first_cell(course, tmp_path, package):
    course(("one", "", f"open({str(tmp_path / 'ran')!r}, 'w')"))
    result = without({package}, "sys.exit(main(['run', '09', '--framework', 'pytorch']))")
    assert result.returncode == 2 and not (tmp_path / "ran").exists(), result.stderr
    assert result.stderr.startswith(f"course: {package} is not installed here: run `pip install")
    assert result.stderr.count("\n") == 1 and not (tmp_path / "build").exists()


def test_a_command_without_the_extra_for_tools_says_what_to_install(tmp_path):
    code = f"""
codes = [main(["check", "01"]), main(["quiz", "01", "--gift", {str(tmp_path / "q")!r}])]
import course_utils.classroom, course_utils.data, course_utils.visualization
print(codes)
"""
    result = without(TOOLS, code)
    assert result.stdout.splitlines()[-1] == "[2, 0]", result.stderr
    assert 'nbformat is not installed here: run `pip install -c constraints.txt -e ".[tools]"`' in (
        result.stderr
    )
