"""Pairs of sentences that people judged, and treebanks: tiny files in the published formats."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import load, sentences

REAL_MIRROR = os.environ.get("COURSE_DATA_MIRROR", "")
STS = {
    "train": 'main-news\tMSRpar\t2012test\t0001\t2.5\tHe said "no.\tShe "agreed".\r\n',
    "dev": "main-forum\tx\t2014\t1\t0\tA\u2028b.\tC.\n"
    "main-forums\ty\t2016\t2\t5.000\tD.\tD.\tu\tv\n",
    "test": "main-captions\tMSRvid\t2012test\t1\t3.800\tA girl.\tA boy.\n",
}
CONLLU = """\
# sent_id = 1
# text = Im Haus - 3-4 Katzen
1-2\tIm\t_\t_
1\tIn\tin\tADP
2\tdem\tder\tDET
3\tHaus\tHaus\tNOUN
4\t-\t-\tPUNCT
4.1\tsind\tsein\tAUX
5\t3-4\t3-4\tNUM
6\tKatzen\tKatze\tNOUN

# text = 我們
# note = x
1\t我們\t我們\tPRON

"""


def register(folder, monkeypatch, name, parser, files):
    """Write a register with one data set, and a mirror that has its files."""
    lines = [f"[{name}]\ntitle='t'\nlicense='CC'\ncitation='c'\nlanguages=['en']\n"]
    lines.append(f"parser='sentences.{parser}'\n")
    for file, text in files.items():
        content = text.encode("utf8")
        path = folder / "mirror" / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"[[{name}.files]]\npath='{name}/{file}'\nurl='http://127.0.0.1:9/x'\n")
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"bytes={len(content)}\nsha256='{digest}'\n")
    (folder / "data").mkdir()
    (folder / "data" / "datasets.toml").write_text("".join(lines))
    monkeypatch.setenv("COURSE_ROOT", str(folder))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder / "mirror"))
    monkeypatch.setenv("COURSE_CACHE", str(folder / "cache"))


def test_the_sts_benchmark_is_read_without_quoting(tmp_path, monkeypatch):
    files = {f"sts-{part}.csv": text for part, text in STS.items()}
    register(tmp_path, monkeypatch, "stsbenchmark", "sts_benchmark", files)
    sts = load("stsbenchmark")
    assert (len(sts.train), len(sts.validation), len(sts.test)) == (1, 2, 1)
    assert sts.train.first == ['He said "no.'] and sts.train.second == ['She "agreed".']
    assert sts.validation.first[0] == "A\u2028b." and sts.validation.second[1] == "D."
    assert sts.validation.scores.tolist() == [0, 5]
    assert sts.validation.genres == ["forums", "forums"] and sts.test.genres == ["captions"]
    assert sts.test.years == ["2012test"] and sts.source == "STS benchmark (CC)"


@pytest.mark.parametrize(
    ("name", "parser"),
    [
        ("UD_Norwegian-Bokmaal", "norwegian"),
        ("UD_Dutch-Alpino", "dutch"),
        ("UD_Chinese-GSD", "chinese"),
    ],
)
def test_a_treebank_gives_texts_and_the_words_that_are_written(name, parser, tmp_path, monkeypatch):
    register(tmp_path, monkeypatch, name, parser, {"test.conllu": CONLLU})
    bank = load(name)
    assert bank.texts == ["Im Haus - 3-4 Katzen", "我們"] and len(bank) == 2
    assert bank.words == [["Im", "Haus", "-", "3-4", "Katzen"], ["我們"]]
    assert bank.source == f"{name}, test split (CC)"


def spaceless(text):
    return "".join(text.split())


@pytest.mark.skipif(
    not Path(REAL_MIRROR, "stsbenchmark").is_dir(), reason="no mirror has the STS benchmark"
)
def test_the_real_files(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    sts = load("stsbenchmark")
    assert [len(part) for part in (sts.train, sts.validation, sts.test)] == [5749, 1500, 1379]
    for part in (sts.train, sts.validation, sts.test):
        assert (part.scores.min(), part.scores.max()) == (0, 5)
    assert set(sts.test.genres) == set(sentences._GENRES.values())
    assert np.bincount(sts.test.scores.astype(int)).min() > 50
    sizes = {"UD_Norwegian-Bokmaal": 1939, "UD_Dutch-Alpino": 596, "UD_Chinese-GSD": 500}
    for name, size in sizes.items():
        bank = load(name)
        assert len(bank) == size
        pairs = zip(bank.texts, bank.words, strict=True)
        assert all(spaceless(text) == spaceless("".join(words)) for text, words in pairs)
