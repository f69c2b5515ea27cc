"""The lesson pipeline, on a tiny lesson made for the purpose."""

import ast
from pathlib import Path

import nbformat
import pytest
from notebook_checks import broken_links

from course_utils.course import find_lesson, front_matter, lessons, title
from course_utils.errors import CourseError
from course_utils.tools import data_commands
from course_utils.tools.cli import main
from course_utils.tools.lessons import build as builder
from course_utils.tools.lessons.build import build, differences
from course_utils.tools.lessons.execute import LessonError, execute
from course_utils.tools.lessons.fingerprint import meaning
from course_utils.tools.lessons.handout import write_handout
from course_utils.tools.lessons.source import assemble, humanize

SOURCE = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Tiny in {{framework}}, beside {{twin}}

It runs for {{run_time}}.

```{code-cell} ipython3
---
name: parameters
tags: [parameters]
---
x = 2
name = "me"
```

## Work

```{code-cell} ipython3
---
tags: [pytorch]
---
print("torch lane", x)
```

```{code-cell} ipython3
---
tags: [tensorflow]
---
print("tensorflow lane", x)
```

```{code-cell} ipython3
---
name: ask
tags: [exercise]
---
y = ...
```

```{code-cell} ipython3
---
name: tell
tags: [solution]
---
y = x + 1
```

```{code-cell} ipython3
print("a")
print("b", name)
```
"""

QUIZ = """[[before]]
id = "09-many"
type = "numeric"
question = "How many?"
section = "Work"
objective = "work"
answers = [{ value = 1, tolerance = 0, text = "1", correct = true, feedback = "Because." }]
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks" / "09_tiny"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("")
    (folder / "lesson.md").write_text(SOURCE)
    (folder / "assignment.md").write_text("Do it.")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    return folder


def change(folder, old, new):
    path = folder / "lesson.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def outputs(notebook):
    return "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", []))


def test_each_lane_gets_its_cells_and_its_words(course):
    lesson = find_lesson("9")
    first, second = assemble(lesson, "pytorch"), assemble(lesson, "tensorflow")
    assert first.cells[0].source.startswith("# Tiny in PyTorch, beside TensorFlow")
    assert "torch lane" in str(first.cells) and "tensorflow lane" not in str(first.cells)
    shared = {c.id for c in first.cells} & {c.id for c in second.cells}
    assert {"parameters", "ask", "tell"} <= shared and len(first.cells) == len(shared) + 1


def test_solutions_are_folded(course):
    tell = next(c for c in assemble(find_lesson("09"), "pytorch").cells if c.id == "tell")
    assert tell.metadata["jupyter"]["source_hidden"] is True


def test_ids_stay_when_another_section_changes(course):
    before = [c.id for c in assemble(find_lesson("09"), "pytorch").cells]
    change(course, "## Work", "## New\n\nwords\n\n+++\n\n## Work")
    after = [c.id for c in assemble(find_lesson("09"), "pytorch").cells]
    assert set(before) < set(after)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("tags: [pytorch]", "tags: [pytroch]", "unknown tag 'pytroch'"),
        ("tags: [pytorch]", "tags: [pytorch, tensorflow]", "no framework tag"),
        ("name: tell", "name: ask", "Two cells have the name 'ask'"),
        ("{{twin}}", "{{sister}}", "uses {{sister}}"),
        ("tags: [parameters]", "tags: [solution]", "a solution before any exercise"),
    ],
)
def test_mistakes_in_the_source_are_named(course, old, new, words):
    change(course, old, new)
    with pytest.raises(CourseError, match=words):
        assemble(find_lesson("09"), "pytorch")


def test_a_claim_may_tag_one_cell_only(course):
    change(course, "[exercise]", "[exercise, claim-E1]")
    change(course, "[solution]", "[solution, claim-E1]")
    with pytest.raises(CourseError, match="claim-E1 tags 2 cells"):
        assemble(find_lesson("09"), "pytorch")


def test_build_runs_stores_and_agrees_with_check(course, capsys):
    lesson = find_lesson("09")
    assert "does not exist" in differences(lesson, "pytorch")[0]
    assert build(lesson, ["pytorch"]) == [lesson.notebook("pytorch")]
    stored = nbformat.read(lesson.notebook("pytorch"), as_version=4)
    assert outputs(stored) == "torch lane 2\na\nb me\n"
    assert [c.execution_count for c in stored.cells if c.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert "about 5 seconds" in stored.cells[0].source
    assert differences(lesson, "pytorch") == []
    first = lesson.notebook("pytorch").read_text()
    build(lesson, ["pytorch"], run=True)
    assert lesson.notebook("pytorch").read_text() == first, "a rebuild changes nothing"
    change(course, "## Work", "## Play")
    assert "other cells" in differences(lesson, "pytorch")[0]
    change(course, "## Play", "## Work")
    change(course, "y = x + 1", "y = x + 2")
    assert "'tell' differs from its source in its source" in differences(lesson, "pytorch")[0]


def test_a_cell_that_fails_is_named_and_nothing_is_overwritten(course):
    lesson = find_lesson("09")
    lesson.notebook("pytorch").write_text("the old one")
    change(course, "y = x + 1", "y = x / 0")
    with pytest.raises(CourseError, match="'tell' failed with ZeroDivisionError"):
        build(lesson, ["pytorch"])
    assert lesson.notebook("pytorch").read_text() == "the old one"


@pytest.fixture
def running(monkeypatch):
    """Return a function that lets notebooks run by another function, in 20 seconds or as given."""

    def count(notebook):
        for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
            cell.execution_count = number

    def let(run=count, seconds=20):
        monkeypatch.setattr(
            builder, "execute", lambda notebook, folder, on_cell: run(notebook) or seconds
        )

    return let


def test_if_one_twin_fails_none_is_stored(course, running):
    lesson = find_lesson("09")

    def fail(notebook):
        if notebook.metadata.course.framework == "tensorflow":
            raise LessonError("the cell 'tell' failed with E: e", notebook)

    running(fail)
    with pytest.raises(CourseError, match="tiny_tensorflow.ipynb: the cell 'tell' .* nothing was"):
        build(lesson, ["pytorch", "tensorflow"])
    assert not list(course.glob("*.ipynb"))


def test_what_is_edited_during_a_build_waits_for_the_next_one(course, running):
    lesson, cell = find_lesson("09"), "```{code-cell} ipython3\nprint(3)\n```\n"

    def edit(notebook):
        change(course, "It runs", "It still runs")
        change(course, "## Work\n", f"## Work\n\n{cell}")

    running(edit)
    build(lesson, ["pytorch"])
    stored = lesson.notebook("pytorch").read_text()
    assert "It runs for about 20 seconds" in stored and "print(3)" not in stored


def test_the_stored_time_stays_unless_it_is_measured_anew(course, running):
    lesson = find_lesson("09")
    for seconds, measure, said in ((20, False, 20), (40, False, 20), (40, True, 40)):
        running(seconds=seconds)
        build(lesson, ["pytorch"], run=True, measure=measure)
        stored = nbformat.read(lesson.notebook("pytorch"), as_version=4)
        assert stored.metadata.course.seconds == said
        assert f"about {said} seconds" in stored.cells[0].source


def test_a_notebook_that_git_could_not_merge_is_built_anew(course, running):
    lesson = find_lesson("09")
    lesson.notebook("pytorch").write_text("<<<<<<< HEAD")
    assert "is no notebook: run `course build 09`" in differences(lesson, "pytorch")[0]
    running()
    build(lesson, ["pytorch"])
    assert differences(lesson, "pytorch") == []


def test_build_leaves_out_a_missing_framework_and_says_so(course, running, monkeypatch, capsys):
    monkeypatch.setattr("course_utils.tools.lessons.run.installed", lambda name: name == "pytorch")
    running()
    assert main(["build", "9", "--time"]) == 0
    said = capsys.readouterr().out
    assert "tiny_tensorflow.ipynb" in said and "left out: tensorflow is not installed" in said
    assert f"Stored {Path('notebooks', '09_tiny', 'tiny_pytorch.ipynb')}" in said
    assert not find_lesson("09").notebook("tensorflow").exists()
    assert main(["build", "9", "--framework", "tensorflow"]) == 1


def declare(course, text):
    change(course, "kernelspec:", f"course: {text}\nkernelspec:")


def test_a_build_stores_the_declared_pictures(course, running, capsys):
    def show(notebook):
        cell = next(cell for cell in notebook.cells if cell.id == "tell")
        png = "UE5H" if notebook.metadata.course.framework == "pytorch" else "VEVO"
        cell.outputs = [nbformat.v4.new_output("display_data", data={"image/png": png})]

    declare(course, "{pictures: {tell.png: tell}}")
    running(show)
    assert main(["build", "09"]) == 0
    assert (course / "tell.png").read_bytes() == b"PNG"
    assert f"Stored {Path('notebooks', '09_tiny', 'tell.png')}" in capsys.readouterr().out
    running()
    with pytest.raises(CourseError, match="'tell' shows no figure; nothing was stored"):
        build(find_lesson("09"), ["pytorch"])
    change(course, "tell.png: tell", "tell.png: toll")
    with pytest.raises(CourseError, match="has no cell 'toll', whose figure tell.png is"):
        build(find_lesson("09"), ["pytorch"])


def test_a_source_declares_claims_time_and_pictures(course):
    assert front_matter(find_lesson("09")).claims == []
    declare(course, "{claims: [E1], seconds: 90}")
    assert front_matter(find_lesson("09")).claims == ["E1"]
    assert front_matter(find_lesson("09")).seconds == 90


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{claim: [E1]}", "says 'claim' under `course`: choose from short, adds"),
        ("{claims: E1}", "says 'E1' for 'claims' under `course`, where a list of texts must"),
        ("{seconds: soon}", "says 'soon' for 'seconds' under `course`, where a whole number"),
        ("[E1]", r"says \['E1'\] under `course`: write `key: value`"),
        ("{claims: [E1}", "The front matter of .*lesson.md \\(line 2\\) is no YAML"),
    ],
)
def test_a_mistake_in_the_front_matter_is_named(course, text, words):
    declare(course, text)
    with pytest.raises(CourseError, match=words):
        front_matter(find_lesson("09"))


def test_a_lesson_needs_a_title(course):
    assert title(find_lesson("09")) == "Tiny in {{framework}}, beside {{twin}}"
    change(course, "# Tiny in {{framework}}, beside {{twin}}", "# Lesson 9: Tiny, in {{framework}}")
    assert title(find_lesson("09")) == "Tiny"
    (course / "lesson.md").write_text("no heading")
    with pytest.raises(CourseError, match="lesson.md has no heading: begin it with"):
        title(find_lesson("09"))


def test_what_lessons_need_is_fetched_and_nothing_else(course, monkeypatch, capsys):
    declare(course, "{downloads: [encoder]}")
    (course.parents[1] / "data" / "datasets.toml").write_bytes(
        (Path(__file__).resolve().parents[1] / "data" / "datasets.toml").read_bytes()
    )
    fetched = []
    monkeypatch.setattr(
        data_commands, "fetch_files", lambda download: fetched.append(download.name)
    )
    assert main(["data", "fetch", "--needed"]) == 0 and fetched == ["encoder"]
    change(course, "downloads: [encoder]", "downloads: []")
    assert main(["data", "fetch", "--needed"]) == 0 and fetched == ["encoder"]
    assert main(["data", "fetch"]) == 0 and len(fetched) > 5, "without names, everything"


def test_only_numbered_folders_are_lessons_and_each_number_is_one(course):
    for name in ("draft", "9_short", "10_next"):
        (course.parent / name).mkdir()
        (course.parent / name / "lesson.md").write_text("no lesson")
    assert [lesson.number for lesson in lessons()] == ["09", "10"]
    (course.parent / "10_next").rename(course.parent / "09_next")
    with pytest.raises(CourseError, match="09_next and 09_tiny have the same number"):
        lessons()


def test_a_dead_kernel_is_said(course):
    notebook = assemble(find_lesson("09"), "pytorch")
    next(c for c in notebook.cells if c.id == "tell").source = "import os; os._exit(1)"
    with pytest.raises(CourseError, match="'tell' did not finish"):
        execute(notebook, course)


def test_run_sets_parameters_and_leaves_pages(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("course_utils.tools.lessons.run.installed", lambda name: name == "pytorch")
    target, html = tmp_path / "out", tmp_path / "html"
    arguments = ["run", "all", "--set", "x=5", "--set", "name=you"]
    assert main([*arguments, "--to", str(target), "--html", str(html)]) == 0
    said = capsys.readouterr().out
    assert "tiny_pytorch.ipynb" in said and "passed" in said
    assert "tiny_tensorflow.ipynb" in said and "left out" in said
    notebook = nbformat.read(target / "tiny_pytorch.ipynb", as_version=4)
    assert outputs(notebook) == "torch lane 5\na\nb you\n"
    page = (html / "tiny_pytorch.html").read_text()
    assert "torch lane 5" in page and "tiny_pytorch.html" in (html / "index.html").read_text()


def test_run_reports_a_failure(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("course_utils.tools.lessons.run.installed", lambda name: name == "pytorch")
    change(course, "y = x + 1", "assert x == 3, 'not three'")
    places = ["--to", str(tmp_path / "o"), "--html", str(tmp_path / "h")]
    assert main(["run", "09", "--framework", "pytorch", *places]) == 1
    assert (
        "FAILED: the cell 'tell' failed with AssertionError: not three" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "09", "--set", "z=1"], "no parameter 'z'; it has x, name"),
        (["run", "09", "--set", "x"], "name=value"),
        (["run", "12"], "no lesson '12': choose from 09"),
        (["train", "12"], "There is no lesson '12': choose from 09"),
        (["train", "9"], "Lesson 9 has no training to repeat: it stores nothing"),
        (["data", "fetch", "nothing"], "no registered download 'nothing'"),
    ],
)
def test_wrong_commands_get_one_line(course, arguments, words, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said and said.startswith("course: ") and said.count("\n") == 1


def test_the_student_edition_has_no_solutions_and_no_outputs(course, tmp_path):
    (course / "quiz.toml").write_text(QUIZ)
    change(course, "## Work", "{{quiz_before}}\n\n+++\n\n<details>Look here</details>\n\n## Work")
    written = write_handout(find_lesson("09"), tmp_path / "class")
    assert [path.name for path in written] == [
        "README.md",
        "tiny_pytorch.ipynb", "tiny_tensorflow.ipynb", "assignment.md"
    ]  # fmt: skip
    assert broken_links(written[0].read_text(), tmp_path / "class") == []
    with pytest.raises(CourseError, match="choose a new folder"):
        write_handout(find_lesson("09"), tmp_path / "class")
    for path in written[1:3]:
        notebook = nbformat.read(path, as_version=4)
        assert "tell" not in [c.id for c in notebook.cells] and "y = x + 1" not in str(notebook)
        assert "y = ..." in str(notebook) and outputs(notebook) == ""
        assert "<details>Look here</details>" in str(notebook) and "Because" not in str(notebook)
    complete = write_handout(find_lesson("09"), tmp_path / "teacher", with_solutions=True)
    assert "y = x + 1" in complete[1].read_text() and "Because" in complete[1].read_text()


def test_times_are_said_as_people_say_them():
    assert humanize(3) == "about 5 seconds" and humanize(47) == "about 45 seconds"
    assert humanize(100) == "about 1.5 minutes" and humanize(121) == "about 2 minutes"


def test_the_doctor_looks_and_says(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    assert main(["doctor"]) == 0
    assert "ok       Python 3.1" in capsys.readouterr().out
    declare(course, "{downloads: [glove]}")
    assert main(["doctor"]) == 1
    assert "missing  There is no registered download 'glove'" in capsys.readouterr().out


def test_check_fails_when_a_notebook_is_missing(course, capsys):
    assert main(["check", "all"]) == 1
    assert "run `course build 09`" in capsys.readouterr().out


def test_the_picture_of_a_cell_is_found():
    notebook = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("display_data", data={"image/png": "UE5H"})
    notebook.cells = [nbformat.v4.new_code_cell("1", id="f", outputs=[output])]
    assert builder.picture(notebook, "f") == b"PNG"
    with pytest.raises(CourseError, match="'g' shows no figure"):
        builder.picture(notebook, "g")


def built(course, running, **options):
    """Build the tiny lesson, and return whether it ran and its notebook."""
    ran = []

    def run(notebook):
        ran.append(notebook)
        for number, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text=f"run {number}\n")]

    running(run, options.pop("seconds", 20))
    lesson = find_lesson("09")
    build(lesson, ["pytorch"], **options)
    return bool(ran), nbformat.read(lesson.notebook("pytorch"), as_version=4)


def test_a_prose_edit_needs_no_run(course, running, capsys):
    ran, first = built(course, running)
    assert ran
    change(course, "It runs for", "It needs")
    change(course, "## Work", "## Play")
    ran, second = built(course, running, seconds=70)
    assert not ran and "kept: its code did not change" in capsys.readouterr().out
    assert "It needs about 20 seconds" in second.cells[0].source and "## Play" in str(second)
    assert outputs(second) == outputs(first) and "run 5" in outputs(second)
    assert [c.get("execution_count") for c in second.cells] == [
        c.get("execution_count") for c in first.cells
    ]
    assert differences(find_lesson("09"), "pytorch") == []


def test_a_new_tag_needs_no_run_and_arrives(course, running):
    built(course, running)
    change(course, "name: tell\ntags: [solution]", "name: tell\ntags: [solution, trap]")
    ran, notebook = built(course, running)
    assert not ran
    assert next(c for c in notebook.cells if c.id == "tell").metadata.tags == ["solution", "trap"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y = x + 1", "y = x + 2"),
        ('print("a")\nprint("b", name)\n', 'print("b", name)\nprint("a")\n'),
        ("## Work\n", "## Work\n\n```{code-cell} ipython3\nprint(3)\n```\n"),
    ],
)
def test_a_code_edit_needs_a_run(course, running, old, new):
    built(course, running)
    change(course, old, new)
    assert built(course, running)[0]


def test_a_run_can_be_asked_for(course, running):
    built(course, running)
    assert not built(course, running)[0]
    ran, notebook = built(course, running, run=True, seconds=70)
    assert ran and notebook.metadata.course.seconds == 20, "the stored time stays"
    ran, notebook = built(course, running, measure=True, seconds=70)
    assert ran and notebook.metadata.course.seconds == 70


def test_a_notebook_that_did_not_run_is_run(course, running):
    _, notebook = built(course, running)
    notebook.cells[-1].execution_count = None
    nbformat.write(notebook, find_lesson("09").notebook("pytorch"))
    assert built(course, running)[0]


def emptied(code):
    code[1].outputs = []


def exchanged(code):
    code[1].outputs[0].text = "run 7\n"


def failed(code):
    code[1].outputs = [nbformat.v4.new_output("error", ename="E", evalue="e", traceback=[])]


def out_of_order(code):
    for number, cell in enumerate(code):
        cell.execution_count = 9 - number


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (emptied, 0, "has other outputs than its build stored: `course build 09` runs it again"),
        (exchanged, 0, "has other outputs than its build stored: `course build 09` runs it again"),
        (failed, 1, "tiny_pytorch.ipynb: the cell 'work-1' stores an error."),
        (out_of_order, 1, "pytorch.ipynb: its cells did not run once each, from top to bottom."),
    ],
)
def test_outputs_that_no_build_stored_are_named_and_made_anew(
    course, running, capsys, spoil, code, words
):
    path = find_lesson("09").notebook("pytorch")
    _, notebook = built(course, running)
    first = path.read_text()
    spoil([cell for cell in notebook.cells if cell.cell_type == "code"])
    nbformat.write(notebook, path)
    capsys.readouterr()
    assert main(["check", "09", "--framework", "pytorch"]) == code
    said = capsys.readouterr().out
    assert words in said and "are what their sources build" not in said
    assert built(course, running)[0] and path.read_text() == first
    capsys.readouterr()
    assert main(["check", "09", "--framework", "pytorch"]) == 0
    _, verdict = capsys.readouterr().out.splitlines()  # the first line counts the core
    assert verdict == "The notebooks are what their sources build."


@pytest.mark.parametrize("spoil", [failed, out_of_order])
def test_a_run_that_does_not_look_like_one_is_not_kept_even_with_its_sum(course, running, spoil):
    lesson, spoiling = find_lesson("09"), [spoil]

    def run(notebook):
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for number, cell in enumerate(code, 1):
            cell.execution_count = number
        for change_it in spoiling:
            change_it(code)

    running(run)
    build(lesson, ["pytorch"])
    spoiling.clear()
    build(lesson, ["pytorch"])
    assert differences(lesson, "pytorch") == []


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a copy of a package with one file of each kind, which notebooks are said to use."""
    folder = tmp_path / "package"
    for name in ("a.py", "tools/b.py", "pytorch/c.py", "tensorflow/d.py", "checks/lesson_01.py",
                 "checks/lesson_09.py"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('''"""What."""\n\n\ndef f(x):\n    """Do."""\n    return x\n''')
    monkeypatch.setattr("course_utils.tools.lessons.fingerprint.PACKAGE", folder)
    return folder


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("a.py", True),
        ("pytorch/c.py", True),
        ("checks/lesson_09.py", True),
        ("tools/b.py", False),
        ("tensorflow/d.py", False),
        ("checks/lesson_01.py", False),
    ],
)
def test_an_edit_of_the_package_needs_a_run_where_it_can_be_seen(
    course, running, package, name, needed, capsys
):
    built(course, running)
    edit(package / name, "return x", "return x + 1")
    assert main(["check", "09", "--framework", "pytorch"]) == 0
    said = capsys.readouterr().out
    assert ("tiny_pytorch.ipynb ran with older code or data" in said) is needed
    assert ("`course build 09` runs it again" in said) is needed
    assert built(course, running)[0] is needed
    main(["check", "09", "--framework", "pytorch"])
    assert "older" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new"),
    [("Do.", "Do this."), ("What.", "Where."), ("def f", "# Why\n\ndef f"), ("(x)", "(\n    x\n)")],
)
def test_comments_docstrings_and_layout_need_no_run(course, running, package, old, new):
    built(course, running)
    edit(package / "a.py", old, new)
    assert not built(course, running)[0]


def test_a_package_file_that_comes_or_goes_needs_a_run(course, running, package):
    built(course, running)
    (package / "a.py").rename(package / "e.py")
    assert built(course, running)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x = 1\ndef f(:\n", "a.py, line 2: this is no Python: invalid syntax."),
        (b"x = 1\ny = '\xff'\n", "a.py, line 2: this is no UTF-8 text: save it as such."),
        (b"x = '\0'\n", ": this is no Python: source code string cannot contain null bytes."),
    ],
)
def test_a_package_file_that_is_no_python_is_one_sentence(
    course, running, package, content, words, capsys
):
    built(course, running)
    (package / "a.py").write_bytes(content)
    for command in (["build", "09"], ["check", "09"]):
        assert main([*command, "--framework", "pytorch"]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"course: {package / 'a.py'}") and words in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("name", [".DS_Store", "a/.hidden/b.csv", "._foods.csv"])
def test_hidden_data_need_no_run(course, running, name):
    built(course, running)
    path = course.parents[1] / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0")
    assert not built(course, running)[0]


def test_hidden_files_of_the_package_need_no_run(course, running, package):
    built(course, running)
    (package / ".ipynb_checkpoints").mkdir()
    (package / ".ipynb_checkpoints" / "a-checkpoint.py").write_text("x = 1")
    assert not built(course, running)[0]


def test_data_that_move_to_another_folder_need_a_run(course, running):
    data = course.parents[1] / "data"
    for folder in ("one", "two"):
        (data / folder).mkdir()
    (data / "one" / "foods.csv").write_text("new")
    built(course, running)
    (data / "one" / "foods.csv").rename(data / "two" / "foods.csv")
    assert built(course, running)[0]


@pytest.mark.parametrize("name", ["../../data/foods.csv", "quiz.toml", "weights/kept.json"])
def test_other_data_need_a_run(course, running, name):
    built(course, running)
    (course / name).parent.mkdir(exist_ok=True)
    (course / name).write_text("new")
    assert built(course, running)[0]
    (course / "assignment.md").write_text("Do it well.")
    assert not built(course, running)[0]


def test_a_change_of_the_questionnaire_changes_the_text_and_needs_no_run(course, running):
    change(course, "## Work", "{{questionnaire}}\n\n## Work")
    question = "[[question]]\ntext = 'How many?'\nsection = 'Work'\n"
    (course / "questionnaire.toml").write_text(question)
    assert "1. How many? [Work](#Work)" in str(built(course, running)[1].cells)
    (course / "questionnaire.toml").write_text(question.replace("many", "much"))
    assert differences(find_lesson("09"), "pytorch")
    ran, notebook = built(course, running)
    assert not ran and "1. How much? [Work](#Work)" in str(notebook.cells)


def test_the_meaning_of_code_does_not_depend_on_the_version_of_python():
    tree = ast.parse("def f(x, *y: int) -> None:\n    'doc'\n    return f'{x!r}' if y else [0.5]")
    assert "doc" not in repr(meaning(tree)) and "type_params" not in repr(meaning(tree))
    assert repr(meaning(tree)).startswith(
        "['Module', {'body': [['FunctionDef', {'name': 'f', 'args'"
    )
    assert repr(meaning(ast.parse("f(1)"))) != repr(meaning(ast.parse("f(1.0)")))
    padded = ast.parse("f'{x:<{n}}'")
    spec = padded.body[0].value.values[0].format_spec
    before = repr(meaning(padded))
    spec.values.append(ast.Constant(""))  # as some versions of Python 3.12 do
    assert repr(meaning(padded)) == before
    assert meaning(ast.parse("'a'")) == meaning(ast.parse("'b'")), "a docstring"
    assert meaning(ast.parse("x = 'a'")) != meaning(ast.parse("x = 'b'"))
