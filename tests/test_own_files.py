"""The course's own files when they are wrong: a sentence with its place, and no script acts."""

import json
import os
import random
import re
import shutil
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from quiz_checks import validate

from course_utils.checkpoints import find_checkpoint, transfer_results
from course_utils.classroom.markdown import escaped
from course_utils.classroom.progress import keep
from course_utils.classroom.quizzes import PARTS, as_text
from course_utils.course import FRAMEWORKS, find_lesson, front_matter, project_root, title
from course_utils.data.foods import foods
from course_utils.data.functions import search_questions
from course_utils.data.register import register
from course_utils.data.senses import senses
from course_utils.data.translation import french_sentences
from course_utils.data.word_sets import library_analogies
from course_utils.errors import CourseError
from course_utils.own_files import read_table, read_text, read_toml
from course_utils.tools.cli import main
from course_utils.tools.gift import gift
from course_utils.tools.lessons.build import differences
from course_utils.tools.lessons.closing import page_to_remember, questionnaire_text
from course_utils.tools.lessons.handout import write_handout
from course_utils.tools.lessons.source import assemble, fence_problems
from course_utils.tools.lessons.stored import read_notebook
from course_utils.tools.safe_html import sanitized

ROOT = project_root()
WEBSITE = find_spec("docutils") is not None  # the extra `docs`


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the course's own files, small enough to be damaged often."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "data", root / "data")
    for source in ROOT.glob("notebooks/0*/*.*"):
        if source.suffix in (".md", ".toml"):
            target = root / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for name in ("notebooks/glossary.toml", "notebooks/README.md", "README.md", "pyproject.toml"):
        shutil.copyfile(ROOT / name, root / name)
    for source in ROOT.glob("notebooks/0*/weights/*"):  # only read: links will do
        target = root / source.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        if source.stem != "bilm":  # a test writes these two: through a link it would write ours
            target.symlink_to(source)
    weights = root / "notebooks" / "05_bert" / "weights"
    (weights / "transfer_pytorch.json").unlink()
    log = json.loads((ROOT / "notebooks/05_bert/weights/transfer_pytorch.json").read_text())
    (weights / "transfer_pytorch.json").write_text(json.dumps(log, indent=1))
    monkeypatch.setenv("COURSE_ROOT", str(root))
    return root


def small_notebook(folder):
    """Store a small notebook of lesson 1 as a build would."""
    course = {"lesson": "01", "framework": "pytorch", "seconds": 30, "code": "0"}
    cells = [
        nbformat.v4.new_markdown_cell("# A\n\ntext", id="a"),
        nbformat.v4.new_code_cell("x = 1", id="b", execution_count=1, metadata={"tags": ["trap"]}),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"course": course})
    path = folder / "notebooks" / "01_embeddings" / "embeddings_pytorch.ipynb"
    nbformat.write(notebook, path)
    return path


def store_both(folder):
    """Store notebooks of both frameworks, so that there is something to compare."""
    shutil.copyfile(small_notebook(folder), find_lesson("01").notebook("tensorflow"))


# The fuzz: real files, damaged in many ways.


WRONG = ("wrong", "")


def damaged(text: str, chance: random.Random) -> bytes:
    """Return a text after one mistake that people and programs make."""
    lines = text.splitlines(keepends=True)
    row = chance.randrange(len(lines))
    kind = chance.randrange(8)
    if kind == 0:
        del lines[row]
    elif kind == 1:
        lines.insert(row, lines[row])
    elif kind == 2:
        lines = [text[: chance.randrange(len(text))]]
    elif kind == 3:  # another type
        new = chance.choice(["3", "true", "[1]", "{}", "nan", "1979-05-27", '""', "- 1e999"])
        lines[row] = re.sub(r'"[^"]*"|\b\d[\d.]*\b|\[[^\]]*\]|true|false', new, lines[row], count=1)
    elif kind == 4:  # a key is misspelled or gone
        lines[row] = re.sub(r"\b([a-z_]+)(?= ?[=:])", chance.choice(WRONG), lines[row], count=1)
    elif kind == 5:
        place = chance.randrange(len(lines[row]))
        sign = chance.choice("\"'[]{}#:,=`*\\\t\x00\u2028-")
        lines[row] = lines[row][:place] + sign + lines[row][place + 1 :]
    elif kind == 6:
        lines[row] = lines[row][: chance.randrange(len(lines[row]))] + "\n"
    content = "".join(lines).encode("utf8")
    if kind == 7:
        place = chance.randrange(len(content))
        content = content[:place] + b"\xff" + content[place:]
    return content


def website_quiz(part):
    """Return the quiz of the website's lesson 1; nothing without the extra `docs`."""
    if not WEBSITE:
        return ""
    from course_utils.tools.website.quiz import widget

    return widget("01", part)


def read_quiz(root):
    validate(root / "notebooks" / "01_embeddings" / "quiz.toml")
    for part in PARTS:
        as_text("01", part)
        website_quiz(part)
    gift("01")


def read_lesson(root):
    front_matter(find_lesson("01"))
    title(find_lesson("01"))
    assert assemble(find_lesson("01"), "pytorch").cells


def read_ending(root):
    questionnaire_text(find_lesson("01"))
    for framework in ("pytorch", "tensorflow"):
        page_to_remember(find_lesson("01"), framework)


def read_terms(root):
    from course_utils.tools.website.glossary import glossary_page, read_glossary

    terms = read_glossary(root / "notebooks" / "glossary.toml")
    glossary_page(terms, {term.lesson: "page" for term in terms})


def read_log(root):
    results = transfer_results("pytorch")
    assert results.means() and results.spreads()


def read_stored(root):
    read_notebook(root / "notebooks" / "01_embeddings" / "embeddings_pytorch.ipynb")
    differences(find_lesson("01"), "pytorch")


FUZZED = [
    ("notebooks/01_embeddings/quiz.toml", read_quiz, 60),
    ("notebooks/01_embeddings/lesson.md", read_lesson, 5),
    ("notebooks/01_embeddings/questionnaire.toml", read_ending, 60),
    ("notebooks/glossary.toml", read_terms, 60),
    ("notebooks/05_bert/weights/transfer_pytorch.json", read_log, 150),
    ("notebooks/01_embeddings/embeddings_pytorch.ipynb", read_stored, 10),
    ("data/datasets.toml", lambda root: register(), 200),
    ("data/foods.csv", lambda root: foods(users=1), 20),
    ("data/senses.csv", lambda root: senses(), 100),
    ("data/search_questions.csv", lambda root: search_questions(), 100),
    ("data/french_sentences.csv", lambda root: french_sentences(), 60),
    ("data/library_analogies.csv", lambda root: library_analogies(), 60),
]


@pytest.mark.parametrize(("name", "read", "times"), FUZZED, ids=[one[0] for one in FUZZED])
def test_a_damaged_file_is_read_or_is_one_sentence(name, read, times, copy):
    if name.endswith(".ipynb"):
        small_notebook(copy)
    path = copy / name
    whole = path.read_text(encoding="utf8")
    read(copy)
    refused = 0
    for seed in range(times):
        path.write_bytes(damaged(whole, random.Random(f"{name} {seed}")))
        try:
            read(copy)
        except CourseError as error:
            refused += 1
            told = str(error)
            assert "\n" not in told and "Traceback" not in told and len(told) > 20, (seed, told)
            assert re.search(r"\.(toml|md|json|csv|ipynb)|lesson 01|Lesson 01|datasets", told), told
        except Exception as error:
            pytest.fail(f"damage {seed} is {type(error).__name__}: {error}")
    assert refused > times / 10, "the damage must be noticed"


# Each kind of mistake, with its sentence.


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'feedback = "One class in four is right by chance. That is the baseline, and not 0 %."',
            'feedback = " "',
            r"line \d+ \(01-before-baseline\): an answer without fe",
        ),
        ("correct = true", 'correct = "false"', r"line 4 \(01-before-test\): `correct` must be"),
        ("value = 5", 'value = "5"', r"line 16 \(01-before-dot\): a numeric answer needs a value"),
        ("value = 5", "value = nan", "a numeric answer needs a value and a tolerance"),
        ("tolerance = 0.01", "tolerance = -1", "a numeric answer needs a value and a tolerance"),
        ('id = "01-before-dot"', "", "a question without id.*the id is empty"),
        ('id = "01-before-dot"', "id = 3", "a question without id.*the id is empty"),
        ('type = "numeric"', "type = [1]", r"unknown type \[1\]"),
        ('section = "Words', 'sektion = "Words', "the section is empty"),
        ('objective = "one', 'goal = "one', "the objective is empty"),
        ('code = """', 'code = ["""x"""]\nmore = """', "the code is empty"),
        ("correct = true", "correct = true, hint = 1", "an answer has an unknown key"),
        ("[[after]]", "[[afterwards]]", "has the part 'afterwards': choose from before and after"),
        ("[[before]]", "[before]", "is no TOML"),
        (
            'id = "01-before-dot"',
            'id = "01-before-test"',
            r"line \d+ \(01-before-test\): the id stan",
        ),
        ("value = 5", f"value = {'9' * 5000}", "is no TOML"),
        ("value = 5", f"value = {'[' * 3000}", "is no TOML: "),
    ],
)
def test_a_mistake_in_a_quiz_is_told_by_every_command(old, new, words, copy, capsys):
    store_both(copy)
    edited(copy / "notebooks" / "01_embeddings" / "quiz.toml", old, new)
    gifted = ["quiz", "01", "--gift", str(copy / "quiz.txt")]
    for command in (["quiz", "01"], gifted, ["build", "01"], ["check", "01"], ["run", "01"]):
        assert main(command) == 2, command
        told = capsys.readouterr().err
        assert re.search(words, told) and told.count("\n") == 1 and "quiz.toml" in told, told
    assert not (copy / "quiz.txt").exists()
    found = " ".join(validate(copy / "notebooks" / "01_embeddings" / "quiz.toml"))
    assert (
        re.search("01-before-(dot|test|baseline|rows)", found)
        or "quiz.toml" in found
        or ("a question without id" in found or "is no part" in found)
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  hours: two", "  hours: 2", "says 2 for 'hours' under `course`, where a text"),
        ("  hours: two", "  hours: two\n  hours: three", r"\(line 8\): 'hours' stands there twice"),
        ("downloads: [encoder]", "downloads: [1]", r"says \[1\] for 'downloads'"),
        ("dataset=ag_news", "3", "for 'standard' under `course`, where names with texts"),
        ("seconds: 100", "seconds: true", "says True for 'seconds'"),
        ("  seconds: 100", "  seconds: 100\n  objectives: {}", "'objectives' stands there twice"),
        (
            "      can: say why",
            "      may: say why",
            "for 'objectives' under `course`, where names, e",
        ),
        (
            "sections: [Pre-trained vectors]",
            "sections: Pre-trained vectors",
            "for 'objectives' under `course`, where names, e",
        ),
        ("seconds: 100", "seconds: -1", "says -1 for 'seconds'"),
        ("seconds: 100", "seconds: 2026-99-99", "is no YAML"),
        ("four_maps.png:", "../../x.png:", "names the picture '../../x.png'"),
        ("four_maps.png:", "lesson.md:", "names the picture 'lesson.md'"),
        ("  short: Embeddings", "  short: [Embeddings", r"\(line \d+\) is no YAML"),
        ("  short: Embeddings", "  short: !!python/name:os.system x", r"\(line 3\) is no YAML"),
        ("course:\n", "- course:\n", "is no YAML"),
        ("course:\n", "Course:\n", "has no `course`"),
        ("course:\n", "x: 1\n...\n---\ncourse:\n", "has no `course`"),
        ("---\n", "\n---\n", "does not begin in line 1"),
        ("  hours: two", "  hours: t\0wo", r"\(line 7\) is no YAML: special characters"),
        ("  hours: two", "  hours: ' '", "says ' ' for 'hours'"),
        ("can: say why", 'can: "a\\n|b|" #', "'objectives' under `course`, where names, e"),
        ("can: say why", 'can: " " #', "'objectives' under `course`, where names, e"),
        ("sections: [Pre-trained vectors]", "sections: []", "'objectives' under `course`, where"),
    ],
)
def test_a_mistake_in_a_front_matter_is_told_by_every_command(old, new, words, copy, capsys):
    store_both(copy)
    edited(copy / "notebooks" / "01_embeddings" / "lesson.md", old, new)
    commands = [
        ["build", "01"], ["check", "01"], ["run", "01"], ["data", "fetch", "--needed"],
        ["release", "01", "--to", str(copy / "out")],
    ]  # fmt: skip
    for command in commands:
        assert main(command) == 2, command
        told = capsys.readouterr().err
        assert re.search(words, told) and told.count("\n") == 1 and "lesson.md" in told, told
    for framework in FRAMEWORKS:
        find_lesson("01").notebook(framework).unlink()
    assert main(["report"]) == 2 and re.search(words, capsys.readouterr().err)
    assert main(["doctor"]) == 1
    assert re.search(words, capsys.readouterr().out)
    assert not (copy / "out").exists()


def test_lines_that_repeat_each_other_are_read_at_once(copy):
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    source, bomb = find_lesson("01").source, "\n".join(lines)
    edited(source, "course:\n", f"{bomb}\ncourse:\n")
    assert front_matter(find_lesson("01")).hours == "two"
    edited(source, "  hours: two", "  hours: *a11")
    with pytest.raises(CourseError, match="for 'hours' under") as told:
        front_matter(find_lesson("01"))
    assert len(str(told.value)) < 20_000


@pytest.mark.parametrize("mark", ["---", "--- ", "\ufeff\ufeff---"])
def test_signs_that_nobody_sees_do_not_hide_a_front_matter(mark, copy):
    edited(find_lesson("01").source, "---", mark)
    assert front_matter(find_lesson("01")).hours == "two"


@pytest.mark.parametrize("content", [b"", b"\0" * 50, b"\n\n"])
def test_an_empty_lesson_makes_no_notebook(content, copy, capsys):
    store_both(copy)
    before = find_lesson("01").notebook("pytorch").read_bytes()
    find_lesson("01").source.write_bytes(content)
    for command in (["build", "01"], ["run", "01"], ["release", "01", "--to", str(copy / "out")]):
        assert main(command) == 2
        assert "lesson.md has no heading: begin it with" in capsys.readouterr().err
    assert find_lesson("01").notebook("pytorch").read_bytes() == before


@pytest.mark.parametrize("name", ["lesson.md", "quiz.toml", "questionnaire.toml", "remember.md"])
@pytest.mark.parametrize("harm", ["folder", "loop", "nowhere"])
def test_what_stands_in_the_place_of_a_file_is_named(name, harm, copy, capsys):
    path = find_lesson("01").folder / name
    path.unlink()
    path.mkdir() if harm == "folder" else path.symlink_to(name if harm == "loop" else "/nowhere/x")
    store_both(copy)
    for command in (["build", "01"], ["check", "01"], ["release", "01", "--to", str(copy / "out")]):
        assert main(command) == 2
        told = capsys.readouterr().err
        assert f"{name} cannot be read: " in told and told.count("\n") == 1, told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\n- a\n- b\n---\n# T\n", "must be lines of `key: value`"),
        ("---\njust words\n---\n# T\n", "must be lines of `key: value`"),
        ("---\ncourse:\n  hours: two\n", "does not end: a line --- is missing"),
    ],
)
def test_a_front_matter_is_a_mapping_that_ends(text, words, copy):
    find_lesson("01").source.write_text(text)
    with pytest.raises(CourseError, match=words):
        front_matter(find_lesson("01"))


CELL = "```{code-cell} ipython3\n---\nname: imports-framework\ntags: [pytorch]\n---\n"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (CELL.replace("[pytorch]", "pytorch"), "`tags` must be a list such as .* not 'pytorch'"),
        (CELL.replace("[pytorch]", "5"), "`tags` must be a list such as .* not 5"),
        (CELL.replace("[pytorch]", "[1]"), r"`tags` must be a list such as .* not \[1\]"),
        (CELL.replace("imports-framework", "[a]"), r"`name` must be a text, not \['a'\]"),
        (CELL.replace("imports-framework", "5"), "`name` must be a text, not 5"),
        (CELL.replace("tags:", "tag:"), "unknown option 'tag'"),
        (CELL.replace("{code-cell}", "{code-cel}"), r"line \d+: \{code-cel\} ipython3 is unknown"),
        ("```python\nx = 1\n\n" + CELL, r"line \d+: what begins here does not end before line \d+"),
        (CELL.replace("[pytorch]", "[pytorch"), r"under line BEGIN \(line TAGS\) is no YAML"),
        (CELL.replace("tags:", "name:"), r"line TAGS\): 'name' stands there twice"),
        ("{{ sister }}\n\n" + CELL, r"uses \{\{ sister \}\}, which nothing fills in \(line \d+\)"),
        ("{{sis-ter}}\n\n" + CELL, r"uses \{\{sis-ter\}\}, which nothing fills in"),
    ],
)
def test_a_mistake_in_the_cells_is_told_by_every_command(new, words, copy, capsys):
    store_both(copy)
    begin = find_lesson("01").source.read_text(encoding="utf8").partition(CELL)[0].count("\n") + 1
    words = words.replace("BEGIN", str(begin)).replace("TAGS", str(begin + 3))
    edited(find_lesson("01").source, CELL, new)
    out = str(copy / "out")
    for command in (
        ["build", "01"],
        ["check", "01"],
        ["run", "01"],
        ["release", "01", "--to", out],
    ):
        assert main(command) == 2, command
        told = capsys.readouterr().err
        assert re.search(words, told) and told.count("\n") == 1 and "lesson.md" in told, told
    assert not (copy / "out").exists()


def test_a_cell_without_an_end_is_found_by_its_line():
    cell = "```{code-cell} ipython3\nx = 1\n"
    assert list(fence_problems(f"# A\n\n{cell}```\n")) == []
    assert list(fence_problems(f"# A\n\n{cell}"))[0][0] == 3
    assert list(fence_problems(f"# A\n\n{cell}\ntext\n\n{cell}```\n"))[0][0] == 3
    assert list(fence_problems(f"````\n{cell}```\n````\n")) == [], "an example in a longer fence"


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n["cells"][0].pop("id"),
        lambda n: n["cells"][0].update(id=5),
        lambda n: n["cells"].append(3),
        lambda n: n["cells"][0].pop("metadata"),
        lambda n: n["cells"][0].update(cell_type="poem"),
        lambda n: n["cells"][0].pop("source"),
        lambda n: n.pop("metadata"),
        lambda n: n.pop("cells"),
        lambda n: n.update(cells={}),
        lambda n: n.update(nbformat=3),
        lambda n: n.update(nbformat="4"),
        lambda n: n.pop("nbformat"),
        lambda n: n["metadata"].update(course=[1]),
        lambda n: n["metadata"]["course"].update(seconds="soon"),
    ],
)
def test_a_foreign_notebook_is_one_sentence(change, copy, capsys):
    path = small_notebook(copy)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match=r"embeddings_pytorch.ipynb.*`course build`") as told:
        read_notebook(path)
    assert "\n" not in str(told.value)
    assert main(["check", "01", "--framework", "pytorch"]) == 1
    assert "is no notebook: run `course build 01`" in capsys.readouterr().out
    shutil.copyfile(path, find_lesson("01").notebook("tensorflow"))
    assert main(["report"]) == 2
    told = capsys.readouterr().err
    assert "embeddings_pytorch.ipynb" in told and told.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_notebook_is_one_sentence(content, tmp_path):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(CourseError, match=r"a\.ipynb"):
        read_notebook(tmp_path / "a.ipynb")
    with pytest.raises(CourseError, match="none.ipynb cannot be read: No such file"):
        read_notebook(tmp_path / "none.ipynb")


@pytest.mark.parametrize("content", ["3", "[]", "null", '"x"', "{", "[" * 100_000])
def test_a_damaged_log_is_one_sentence(content, copy):
    folder = copy / "notebooks" / "05_bert" / "weights"
    (folder / "transfer_pytorch.json").write_text(content)
    (folder / "bilm.json").write_text(content)
    (folder / "bilm.safetensors").write_text("x")
    for read in (lambda: transfer_results("pytorch"), lambda: find_checkpoint("05", "bilm")):
        with pytest.raises(CourseError, match="json of a stored training is missing or damaged"):
            read()


@pytest.mark.parametrize("rows", [3, [], [3], [{"method": "TF-IDF"}]])
def test_a_log_without_results_is_one_sentence(rows, copy):
    path = copy / "notebooks" / "05_bert" / "weights" / "transfer_pytorch.json"
    path.write_text(json.dumps({"rows": rows}))
    with pytest.raises(CourseError, match="transfer_pytorch.json of a stored .* damaged"):
        transfer_results("pytorch")


@pytest.mark.parametrize(
    ("read", "name", "old", "new", "words"),
    [
        (foods, "foods.csv", "0.85", "much", r"foods.csv, line 2: a rating is no number"),
        (foods, "foods.csv", "0.85", "1.5", r"foods.csv, line 2: it needs a name, and ratings"),
        (foods, "foods.csv", "0.85", "nan", r"foods.csv, line 2: it needs a name, and ratings"),
        (foods, "foods.csv", "0.85,", "", r"foods.csv, line 2: it has 3 columns, but 4"),
        (foods, "foods.csv", "sandwichness", "breadness", "foods.csv needs the first line name,"),
        (library_analogies, "library_analogies.csv", "rows", "", "csv, line 2: no column may be"),
        (search_questions, "search_questions.csv", "tuning", "tunning", "csv, line 2: it needs"),
        (
            french_sentences,
            "french_sentences.csv",
            "Le train pour Lyon part dans dix minutes.",
            "",
            "2: no col",
        ),
        (register, "datasets.toml", 'title = "AG', 'title = 3 # "AG', "'ag_news'.*must be texts"),
        (register, "datasets.toml", "[ag_news]\n", "ag = 3\n[ag_news]\n", "entry 'ag' in"),
        (register, "datasets.toml", "bytes = 29", "bytes = -29", "a whole number"),
        (register, "datasets.toml", "[ag_news]", "[ag_news", r"datasets.toml is no .*line 6"),
    ],
)
def test_a_mistake_in_the_data_is_told_with_its_line(read, name, old, new, words, copy):
    edited(copy / "data" / name, old, new)
    with pytest.raises(CourseError, match=words):
        read()


def test_texts_tables_and_toml_say_their_place(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\xff")
    with pytest.raises(CourseError, match="a.txt, line 2: this is no UTF-8"):
        read_text(path)
    path.write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert read_text(path) == "a,b\n1,2\n" and read_table(path, "ab") == [(2, {"a": "1", "b": "2"})]
    path.write_text('a,b\n1,"2\n')
    with pytest.raises(CourseError, match="a.txt, line 2: this is no CSV"):
        read_table(path, "ab")
    path.write_text("a = 1\na = 2\n")
    with pytest.raises(CourseError, match="a.txt is no TOML: Cannot overwrite a value.*line 2"):
        read_toml(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[term]]\nname='a'\nlesson='01'\nsection='S'\n", "line 1: the text of a term must be"),
        ("[[term]]\nname='a'\nlesson=1\nsection='S'\ntext='t'\n", "the lesson of a term must be"),
        ("[[term]]\nnome='a'\n", "unknown key 'nome'"),
        ("[[term]]\nname='a<b>'\nlesson='01'\nsection='S'\ntext='t'\n", "'a<b>' is no name of a"),
        ("[[term]]\nname='a'\nlesson='01'\nsection='S'\ntext='t'\nalso='b'\n", "must be a list"),
        ("term=3\n", "begin each term with a line"),
        ("\n", "begin each term with a line"),
        ("[[term]\n", "glossary.toml is no TOML"),
    ],
)
def test_a_mistake_in_the_glossary_is_told_with_its_line(text, words, tmp_path):
    from course_utils.tools.website.glossary import read_glossary

    (tmp_path / "glossary.toml").write_text(text)
    with pytest.raises(CourseError, match=words):
        read_glossary(tmp_path / "glossary.toml")


# Hostile HTML.

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "<IMG SRC=x onerror=alert(1)",
    "</script><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    "\\`<img src=x onerror=alert(1)>`",
    "`a``<img src=x onerror=alert(1)>`",
    "<details open ontoggle=alert(1)>",
    "<p style='background:url(//x.org)'>",
    "<!-- --><script>alert(1)</script>",
    "$\\text{<script>alert(1)</script>}$",
)
ALL = "\n\n".join(HOSTILE)


def acts(html: str) -> list[str]:
    """Return what in a page could run a script that nobody meant to be there."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    found = [str(tag) for tag in page(["script", "iframe", "svg", "object"]) if "alert" in str(tag)]
    for tag in page(True):
        for name, value in tag.attrs.items():
            text = re.sub(r"\s", "", str(value)).lower()
            leads = name in ("href", "src", "action", "formaction", "xlink:href", "data")
            if name.startswith("on") or leads and text.startswith(("javascript:", "vbscript:")):
                found.append(str(tag)[:100])
            if name == "style" and "url(" in text:
                found.append(str(tag)[:100])
    return found


def test_what_acts_would_be_found():
    raw = [one for one in HOSTILE if "<" in one and "javascript:alert(1)>" not in one]
    assert sum(bool(acts(one)) for one in raw) >= 9


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_made_harmless(text):
    from markdown_it import MarkdownIt

    assert acts(sanitized(text)) == []
    assert acts(sanitized(MarkdownIt("commonmark").render(text))) == []
    assert acts(MarkdownIt("commonmark").render(escaped(text))) == []


def test_sound_html_stays():
    sound = (
        '<details open=""><summary>A &amp; B</summary>\n<b>x</b> &lt; <a href="#part">y</a> '
        '<input type="radio" name="q" data-correct="True"> <a href="https://x.org/a?b=c">z</a>'
    )
    assert sanitized(sound) == sound and sanitized("</details>") == "</details>"
    assert sanitized("a <unk> b") == "a &lt;unk&gt; b"
    assert sanitized("<mspace width='1em'/>a<br/>b") == '<mspace width="1em"></mspace>a<br>b'


@pytest.fixture
def hostile_quiz(monkeypatch):
    """Let every quiz be one whose texts are hostile."""
    answers = [
        {"text": ALL, "correct": right, "feedback": ALL, "value": 1, "tolerance": 0}
        for right in (True, False, False)
    ]
    questions = [
        {"id": ALL, "question": ALL, "type": kind, "section": ALL, "objective": ALL, "code": ALL}
        | {"answers": answers}
        for kind in ("multiple_choice", "many_choice", "numeric")
    ]
    for place in ("classroom.quizzes", "tools.gift"):
        monkeypatch.setattr(f"course_utils.{place}.load_quiz", lambda *_: questions)


def test_a_quiz_cannot_act(hostile_quiz, monkeypatch):
    import jupyterquiz
    from markdown_it import MarkdownIt
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    from course_utils.classroom import quiz

    shown = []
    monkeypatch.setattr(jupyterquiz, "display_quiz", lambda questions, **_: shown.extend(questions))
    quiz("01", "before")
    texts = [str(one).replace("<code>", "").replace("</code>", "") for one in shown]
    assert len(texts) == 3 and not any("<" in text for text in texts)
    for page in (markdown2html_mistune, MarkdownIt("commonmark").render):
        assert acts(page(as_text("01", "before"))) == []
    assert acts(website_quiz("before")) == []
    assert "<script" not in without_code(as_text("01", "before"))
    html = re.sub(r"^::.*?::\[html\]", "", gift("01"), flags=re.M | re.S)  # names are no HTML
    assert "<" not in re.sub(r"</?(code|pre)>", "", html)


def without_code(text):
    return re.sub(r"`[^`]*`|^    .*$", "", text, flags=re.M)


def test_tables_of_attention_cannot_act():
    from course_utils.visualization.attention import attention_html

    page = attention_html([[1.0]], [ALL], [ALL], heads=[ALL], title=ALL)
    assert acts(page) == []
    page = attention_html([[[1.0]], [[1.0]]], [ALL], [ALL], heads=[ALL, ALL], title=ALL)
    assert acts(page) == []


def test_a_page_of_a_run_cannot_act(tmp_path):
    from course_utils.tools.lessons.run import _write_page

    picture = nbformat.v4.new_output(
        "display_data", data={"image/png": "UE5H"}, metadata={"image/png": {"alt": ALL}}
    )
    printed = nbformat.v4.new_output("stream", name="stdout", text=ALL)
    cells = [nbformat.v4.new_markdown_cell(f"# {one}\n\n{one}\n\n- {one}") for one in HOSTILE]
    cells += [nbformat.v4.new_code_cell("1", outputs=[picture, printed])]
    _write_page(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf8")
    assert acts(page) == []
    assert "&lt;script&gt;" in page or "&lt;script>" in page


def test_a_website_cannot_act(tmp_path, monkeypatch, hostile_quiz):
    pytest.importorskip("sphinx_book_theme")
    from course_utils.tools.website import build
    from course_utils.tools.website.glossary import Term, glossary_page
    from course_utils.tools.website.lesson_page import both
    from course_utils.tools.website.markup import directive, raw
    from course_utils.tools.website.quiz import widget

    html = nbformat.v4.new_output("display_data", data={"text/html": ALL, "text/plain": ALL})
    claimed = nbformat.v4.new_output(
        "display_data",
        data={"application/vnd.course.claim+json": {"statement": ALL}, "text/plain": ALL},
    )
    picture = nbformat.v4.new_output(
        "display_data", data={"image/png": "UE5H"}, metadata={"image/png": {"alt": ALL}}
    )
    printed = nbformat.v4.new_output("stream", name="stdout", text=ALL)
    outputs = [html, claimed, picture, printed]
    cells = [nbformat.v4.new_markdown_cell(f"## {one}\n\n{one}\n\n- {one}") for one in HOSTILE]
    cells += [nbformat.v4.new_markdown_cell(f"```{{raw}} html\n{ALL}\n```", id="raw")]
    cells += [nbformat.v4.new_code_cell("x", outputs=outputs, id="code")]

    def write_pages(lessons, target):
        (target / "a.png").write_bytes(
            (ROOT / "notebooks/01_embeddings/four_maps.png").read_bytes()
        )
        body = "\n\n".join(both([cell], [cell], lambda name, content: "a.png") for cell in cells)
        term = Term("loss", "01", "A part", " ".join(HOSTILE))
        card = directive("grid", directive("grid-item-card", ALL, HOSTILE[1]), "1 2 2 2")
        page = f"# Start\n\n{body}\n\n{raw(widget('01', 'before'))}\n\n{card}\n\n## A part\n"
        (target / "index.md").write_text(page + "\n```{toctree}\nglossary\n```\n")
        (target / "glossary.md").write_text(glossary_page([term], {"01": "index"}))

    monkeypatch.setattr(build, "write_pages", write_pages)
    with suppress(CourseError):  # warnings of Sphinx about such a page; the files are there
        build.build_site(tmp_path / "site")
    for name in ("index", "glossary"):
        page = (tmp_path / "site" / f"{name}.html").read_text(encoding="utf8")
        assert acts(page) == [], name
        assert "alert(1)" in page


# Releases.


def test_two_lessons_in_one_folder_keep_both(copy, tmp_path):
    out = tmp_path / "class"
    assert main(["release", "02", "--to", str(out)]) == 0
    assert main(["release", "01", "--to", str(out)]) == 0
    page = (out / "README.md").read_text()
    assert re.findall(r"^- Lesson (\d\d)", page, re.M) == ["01", "02"]
    for link in re.findall(r"\]\((.*?)\)", page):
        assert (out / link).is_file()
    assert not list(out.glob("*.part"))


@pytest.mark.parametrize("text", ["Our own page", "", None])
def test_a_page_of_another_hand_is_kept(text, copy, tmp_path, capsys):
    out = tmp_path / "class"
    out.mkdir()
    if text is None:
        assert main(["release", "02", "--to", str(out)]) == 0
        text = (out / "README.md").read_text() + "Hand in on Friday.\n"
    (out / "README.md").write_text(text)
    before = sorted(out.rglob("*"))
    capsys.readouterr()
    assert main(["release", "01", "--to", str(out)]) == 2
    told = capsys.readouterr().err
    assert "README.md was not written by `course release`" in told and told.count("\n") == 1
    assert (out / "README.md").read_text() == text and sorted(out.rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(copy, tmp_path, capsys):
    os.mkfifo(tmp_path / "README.md")
    assert main(["release", "01", "--to", str(tmp_path)]) == 2
    assert "README.md was not written by `course release`" in capsys.readouterr().err
    (tmp_path / "01_embeddings").mkdir()
    os.mkfifo(tmp_path / "01_embeddings" / "progress.json")
    assert main(["progress", "--folder", str(tmp_path)]) == 0
    assert "0 of 6 exercises done" in capsys.readouterr().out
    assert keep("01-cosine", ["01-cosine"], tmp_path / "01_embeddings").startswith("1 of 1")


@pytest.mark.parametrize("content", ["{}", "my notes", "", "[", "3"])
def test_progress_is_not_written_over_a_file_of_another_hand(content, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(content)
    assert keep("01-cosine", ["01-cosine"], tmp_path).startswith("1 of 1")
    assert path.read_text() == content


def test_progress_is_not_written_through_a_link(tmp_path):
    (tmp_path / "other.json").write_text("[]")
    for target in ("other.json", "nowhere.json", "progress.json"):
        (tmp_path / "progress.json").symlink_to(target)
        assert keep("01-cosine", ["01-cosine"], tmp_path).startswith("1 of 1")
        assert (tmp_path / "progress.json").is_symlink()
        (tmp_path / "progress.json").unlink()
    assert (tmp_path / "other.json").read_text() == "[]"
    assert not (tmp_path / "nowhere.json").exists()
    assert keep("a", ["a", "b"], tmp_path) and keep("b", ["a", "b"], tmp_path).startswith("2 of 2")


def test_a_lesson_that_lies_there_is_kept(copy, tmp_path):
    lesson = find_lesson("01")
    (tmp_path / "01_embeddings").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CourseError, match="01_embeddings exists already"):
        write_handout(lesson, tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "01_embeddings").write_text("mine")
    with pytest.raises(CourseError, match="01_embeddings exists already"):
        write_handout(lesson, tmp_path / "b")
    assert (tmp_path / "b" / "01_embeddings").read_text() == "mine"


def test_a_release_that_fails_leaves_nothing(copy, tmp_path):
    edited(find_lesson("01").source, "{{twin}}", "{{sister}}")
    with pytest.raises(CourseError, match="sister"):
        write_handout(find_lesson("01"), tmp_path / "class")
    assert not (tmp_path / "class").exists()


def test_an_export_does_not_overwrite(tmp_path, capsys):
    path = tmp_path / "quiz.txt"
    path.write_text("mine")
    assert main(["quiz", "01", "--gift", str(path)]) == 2
    told = capsys.readouterr().err
    assert "quiz.txt exists already: choose a new name" in told and told.count("\n") == 1
    assert path.read_text() == "mine"
