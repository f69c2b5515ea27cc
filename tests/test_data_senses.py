"""Ambiguous words in sentences: the course's own are fair, and WiC's are read right."""

import hashlib
import os
import re
import zipfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import load
from course_utils.errors import DataError, InputError

REAL_MIRROR = os.environ.get("COURSE_DATA_MIRROR", "")


# --- the course's sentences ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def data():
    return load("senses")


def both_senses(data):
    """Yield a word and the rows of its two senses."""
    for word in data.senses:
        rows = data.rows(word)
        yield word, [rows[data.labels[rows] == label] for label in (0, 1)]


def words_in(sentence):
    return set(re.findall("[a-z]+", sentence.lower()))


def test_there_are_enough_words_and_sentences(data):
    assert len(data.senses) >= 24 and set(data.senses) == set(data.words)
    assert set(data.parts_of_speech) == set(data.senses)
    for word, rows in both_senses(data):
        assert len(set(data.senses[word])) == 2
        assert min(len(sense) for sense in rows) >= 12, word
    assert "CC BY 4.0" in data.source and "written for this course" in data.source


def test_the_places_are_those_of_the_word(data):
    assert len(data) == len(data.starts) == len(data.ends) == len(data.labels)
    for word, sentence, start, end in zip(
        data.words, data.sentences, data.starts, data.ends, strict=True
    ):
        assert sentence[start:end] == word and "*" not in sentence
        assert len(re.findall(rf"\b{word}\b", sentence.lower())) == 1, sentence


def test_sentences_are_plain_and_no_two_are_alike(data):
    assert all(6 <= len(sentence.split()) <= 16 for sentence in data.sentences)
    bags = [words_in(sentence) for sentence in data.sentences]
    for (i, first), (j, second) in combinations(enumerate(bags), 2):
        alike = len(first & second) / len(first | second)
        assert alike < 0.7, f"{data.sentences[i]} {data.sentences[j]}"


def test_the_place_in_the_sentence_does_not_tell_the_sense(data):
    lengths = np.array([len(sentence) for sentence in data.sentences])
    place = data.starts / lengths
    for word, (first, second) in both_senses(data):
        assert abs(place[first].mean() - place[second].mean()) < 0.12, word


def test_no_other_word_tells_the_sense(data):
    for word, rows in both_senses(data):
        for sense in rows:
            bags = [words_in(data.sentences[i]) - {word} for i in sense]
            counts = Counter(other for bag in bags for other in bag if len(other) > 3)
            other, count = counts.most_common(1)[0]
            assert count <= len(sense) / 2, f"{other} gives a sense of {word} away"


def test_an_unknown_word_is_one_sentence(data):
    with pytest.raises(InputError, match="no sentences for 'zebra': choose from play, orange"):
        data.rows("zebra")


GOOD = (
    "word,sense,part_of_speech,sentence\n"
    "bank,money,noun,*Bank* clerks count.\n"
    'bank,river,noun,"Wet, we left the *bank*."\n'
)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Return a function that makes a text the file of sentences."""
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").touch()
    return lambda text: (tmp_path / "data" / "senses.csv").write_text(text, encoding="utf8")


def test_a_marked_sentence_is_taken_apart(table):
    table(GOOD)
    data = load("senses")
    assert data.sentences == ["Bank clerks count.", "Wet, we left the bank."]
    assert data.starts.tolist() == [0, 17] and data.ends.tolist() == [4, 21]
    assert data.labels.tolist() == [0, 1] and data.words == ["bank", "bank"]
    assert data.senses == {"bank": ("money", "river")}
    assert data.parts_of_speech == {"bank": "noun"} and data.rows("bank").tolist() == [0, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("the *bank*", "the bank", r"Line 3 .* must mark 'bank' once, as \*bank\*: Wet, we left"),
        ("the *bank*", "*the* *bank*", "Line 3 .* must mark 'bank' once"),
        ("the *bank*", "*the* bank", "Line 3 .* must mark 'bank' once"),
        ("the *bank*", "the *bank", "Line 3 .* must mark 'bank' once"),
        ('"', "", "Line 3 of data/senses.csv needs 4 columns, none empty: bank, river, noun, Wet"),
        ("money,", "", "Line 2 of data/senses.csv needs 4 columns"),
        ("money,", ",", "Line 2 of data/senses.csv needs 4 columns"),
        ("clerks count.\n", "clerks count.\n\n", "Line 3 of data/senses.csv needs 4 columns"),
        ('."', ".", "is no valid CSV"),
        ("part_of_speech", "pos", "needs the first line word,sense,part_of_speech,sentence"),
        (GOOD, "", "needs the first line"),
        ("river", "money", "'bank' .* needs two senses and one part of speech: it has money, and"),
        ("river,noun", "river,verb", "it has money, river, and noun, verb"),
    ],
)
def test_a_malformed_line_is_one_sentence(table, old, new, message):
    assert old in GOOD
    table(GOOD.replace(old, new))
    with pytest.raises(DataError, match=message):
        load("senses")


# --- WiC ----------------------------------------------------------------------------------------

PAIRS = "bank\tN\t0-3\tBanks lend money .\tWe left the bank .\ngo\tV\t1-1\tI went .\tI go on .\n"


@pytest.fixture
def wic(tmp_path, monkeypatch):
    """Return a function that puts a tiny archive into a mirror, and registers it."""
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    archive = tmp_path / "mirror" / "wic" / "WiC_dataset.zip"
    archive.parent.mkdir(parents=True)
    (tmp_path / "data").mkdir()

    def make(broken=False, **changed):
        members = {"../outside.txt": "no", "README.txt": "WiC"}
        for part in ("train", "dev", "test"):
            members[f"{part}/{part}.data.txt"] = PAIRS.replace("lend", part)
            members[f"{part}/{part}.gold.txt"] = "F\nT\n"
        members |= {f"dev/dev.{kind}.txt": text for kind, text in changed.items()}
        with zipfile.ZipFile(archive, "w") as opened:
            for name, text in members.items():
                if text is not None:
                    opened.writestr(name, text)
        if broken:
            archive.write_bytes(b"<html>Not found</html>")
        content = archive.read_bytes()
        (tmp_path / "data" / "datasets.toml").write_text(
            "[wic]\ntitle='t'\nlicense='CC'\ncitation='c'\nlanguages=['en']\n"
            "parser='senses.wic'\n[[wic.files]]\npath='wic/WiC_dataset.zip'\n"
            f"url='http://127.0.0.1:9/x'\nbytes={len(content)}\n"
            f"sha256='{hashlib.sha256(content).hexdigest()}'\n"
        )
        return tmp_path

    return make


def test_wic_is_read_in_place(wic):
    root = wic()
    data = load("wic")
    for name, part in {"train": data.train, "dev": data.validation, "test": data.test}.items():
        assert part.first == [f"Banks {name} money .", "I went ."], "each part from its own file"
        assert part.second == ["We left the bank .", "I go on ."]
        assert part.words == ["bank", "go"] and part.parts_of_speech == ["noun", "verb"]
        assert part.labels.tolist() == [0, 1] and len(part) == 2
        assert part.first_spans.tolist() == [[0, 5], [2, 6]]
        assert part.second_spans.tolist() == [[12, 16], [2, 4]]
    assert data.source == "WiC (CC)"
    assert [path.name for path in (root / "cache" / "wic").iterdir()] == ["WiC_dataset.zip"]
    assert not list(root.rglob("outside.txt"))


@pytest.mark.parametrize(
    "changed",
    [
        {"broken": True},
        {"data": None},
        {"gold": None},
        {"gold": "F\n"},
        {"gold": "F\nyes\n"},
        {"data": PAIRS.replace("\tN\t", "\tX\t")},
        {"data": PAIRS.replace("0-3", "0-9")},
        {"data": PAIRS.replace("0-3", "0")},
        {"data": PAIRS.replace("N\t", "N ")},
    ],
)
def test_a_wic_of_another_layout_is_one_sentence(wic, changed):
    wic(**changed)
    with pytest.raises(DataError, match=r"WiC_dataset.zip is not laid out as WiC is \(.+\): comp"):
        load("wic")


@pytest.mark.skipif(
    not Path(REAL_MIRROR, "wic", "WiC_dataset.zip").is_file(), reason="no mirror has WiC"
)
def test_the_real_wic(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    data = load("wic")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [5428, 638, 1400]
    for part in (data.train, data.validation, data.test):
        assert part.labels.mean() == 0.5, "both answers equally often"
        for sentence, (start, end) in zip(part.first, part.first_spans, strict=True):
            assert sentence[start:end] in sentence.split(" ")
