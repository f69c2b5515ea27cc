"""Questions about words, and running text from files: gensim's, the course's, the learner's own."""

import hashlib
import os
from collections import Counter
from pathlib import Path

import pytest

from course_utils.data import load, word_sets
from course_utils.errors import DataError, InputError

REAL_MIRROR = os.environ.get("COURSE_DATA_MIRROR", "")


# --- questions about words ----------------------------------------------------------------------


def test_the_analogies_of_the_paper():
    analogies = load("google_analogies")
    assert len(analogies) == len(analogies.sections) == 19_544
    assert len(set(analogies.sections)) == 14
    assert analogies.questions[0] == ("athens", "greece", "baghdad", "iraq")
    assert analogies.sections[0] == "capital-common-countries"
    assert Counter(analogies.sections)["gram8-plural"] == 1332


def test_the_analogies_of_the_course_have_one_right_answer():
    analogies = load("library_analogies")
    assert len(analogies) == len(set(analogies.questions)) >= 60
    assert ("row", "rows", "column", "columns") in analogies.questions
    assert ("column", "columns", "row", "rows") in analogies.questions
    by_section = {}
    for section, (a, b, c, d) in zip(analogies.sections, analogies.questions, strict=True):
        assert len({a, b, c, d}) == 4, f"{section}: the answer to {a} {b} {c} is in the question"
        assert all(word.isalpha() and word == word.lower() for word in (a, b, c, d))
        by_section.setdefault(section, set()).add((a, b))
    for section, pairs in by_section.items():
        asked = Counter(first for first, _ in pairs)
        assert max(asked.values()) == 1, f"{section}: {asked.most_common(1)} has two answers"
        assert len(pairs) * (len(pairs) - 1) == analogies.sections.count(section)


def test_the_pairs_that_people_judged():
    wordsim, simlex = load("wordsim353"), load("simlex999")
    assert len(wordsim) == len(wordsim.scores) == 353 and len(simlex) == len(simlex.scores) == 999
    judged = dict(zip(wordsim.pairs, wordsim.scores, strict=True))
    assert judged["love", "sex"] == 6.77 and judged["tiger", "tiger"] == 10
    assert dict(zip(simlex.pairs, simlex.scores, strict=True))["old", "new"] == 1.58
    for pairs in (wordsim, simlex):
        assert 0 <= min(pairs.scores) < max(pairs.scores) <= 10
        assert all(word == word.lower() for pair in pairs.pairs for word in pair)


@pytest.mark.parametrize("name", ["questions-words.txt", "simlex999.txt", "wordsim353.tsv"])
def test_a_file_of_gensim_that_is_damaged_or_missing_is_one_sentence(name, tmp_path, monkeypatch):
    class Package:
        origin = str(tmp_path / "gensim" / "__init__.py")

    loaders = {"questions-words.txt": "google_analogies", "simlex999.txt": "simlex999"}
    dataset = loaders.get(name, "wordsim353")
    monkeypatch.setattr(word_sets, "find_spec", lambda module: Package)
    with pytest.raises(DataError, match=f"{name} comes with the package gensim.*pip install"):
        load(dataset)
    path = tmp_path / "gensim" / "test" / "test_data" / name
    path.parent.mkdir(parents=True)
    path.write_text(": section\na b c d\n")
    with pytest.raises(DataError, match=f"{name} of the package gensim is not the one.*reinstall"):
        load(dataset)
    monkeypatch.setattr(word_sets, "find_spec", lambda module: None)
    with pytest.raises(DataError, match="run `pip install gensim`"):
        load(dataset)


# --- a text of one's own ------------------------------------------------------------------------


def test_a_text_of_ones_own_is_cut_into_sentences(tmp_path):
    path = tmp_path / "Mine.TXT"
    content = "\ufeffIt rains. He said: Ωmega is\nbig! “Is it?” asked e.g. nobody\r\n\r\n"
    path.write_bytes((content + "A title\n \n\nEnd").encode())
    text = load(str(path))
    assert text.sentences == [
        "It rains.",
        "He said: Ωmega is big!",
        "“Is it?” asked e.g. nobody",
        "A title",
        "End",
    ]
    assert text.n_words == 15 and text.source == "Mine.TXT"
    assert load(path).sentences == text.sentences, "a Path will do as well"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file 'my.txt' here: check the path"),
        (b"", "There are no words in my.txt"),
        (b" \n\n \n", "There are no words in my.txt"),
        (b"*** --- !!!", "There are no words in my.txt"),
        ("Grüße".encode("latin-1"), "'my.txt' is not UTF-8 text: open it in an editor"),
        ("hello".encode("utf-16"), "'my.txt' is not UTF-8 text"),
        ("“It’s”".encode("cp1252"), "open it in an editor and save it with the encoding UTF-8"),
        ("Hello all".encode("utf-16-le"), "holds NUL characters"),
        ("Hello all".encode("utf-16-be"), "holds NUL characters"),
        ("Hello all".encode("utf-32-le"), "holds NUL characters"),
        (b"PK\x03\x04\x00words", "holds NUL characters"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is not UTF-8 text"),
    ],
)
def test_a_text_that_cannot_be_read_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "my.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load(path)


def test_one_enormous_line_is_read(tmp_path):
    (tmp_path / "my.txt").write_text("many words " * 500_000, encoding="utf8")
    assert load(tmp_path / "my.txt").n_words == 1_000_000


def test_a_folder_and_an_option_are_refused(tmp_path):
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match="'folder.txt' cannot be read"):
        load(tmp_path / "folder.txt")
    (tmp_path / "my.md").write_text("Some text.")
    with pytest.raises(InputError, match="A text file has no option 'classes'"):
        load(tmp_path / "my.md", classes=4)


# --- WikiText-2 ---------------------------------------------------------------------------------

ARTICLE = (
    " \n = A title = \n \n The 1 @,@ 000 well @-@ known <unk> sank in 1 @.@ 5 hours . It was old ."
    " \n \n = = A section = = \n \n Others did not\u2028sink . \n"
)


@pytest.fixture
def wikitext(tmp_path, monkeypatch):
    """Register two tiny parts, and put them into a mirror."""
    files = ""
    (tmp_path / "mirror" / "wikitext-2").mkdir(parents=True)
    for part in ("valid", "test"):
        content = ARTICLE.replace("A title", part).encode()
        (tmp_path / "mirror" / "wikitext-2" / f"{part}.txt").write_bytes(content)
        files += (
            f"[[wikitext-2.files]]\npath='wikitext-2/{part}.txt'\nurl='http://127.0.0.1:9/x'\n"
            f"bytes={len(content)}\nsha256='{hashlib.sha256(content).hexdigest()}'\n"
        )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text(
        "[wikitext-2]\ntitle='t'\nlicense='CC'\ncitation='c'\nlanguages=['en']\n"
        "parser='texts.wikitext_2'\n" + files
    )
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))


def test_wikitext_is_read_without_its_marks(wikitext):
    text = load("wikitext-2", split="valid")
    assert text.sentences == [
        "The 1,000 well-known sank in 1.5 hours .",
        "It was old .",
        "Others did not sink .",
    ]
    assert "WikiText-2, valid (CC)" in text.source
    assert len(load("wikitext-2").sentences) == 6
    with pytest.raises(InputError, match="must be all, valid or test, not 'train'"):
        load("wikitext-2", split="train")


@pytest.mark.skipif(
    not Path(REAL_MIRROR, "wikitext-2", "valid.txt").is_file(), reason="no mirror has WikiText-2"
)
def test_the_real_wikitext(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    text = load("wikitext-2")
    assert text.n_words == 408_690 and len(text.sentences) > 15_000
    assert not any(
        mark in sentence for sentence in text.sentences for mark in ("<unk>", "@", "= =")
    )
