"""Multi30k's reader, on tiny files made here, and the baseline of its benchmark."""

import gzip
import importlib.util
from pathlib import Path

import pytest

from course_utils.data import load, translation
from course_utils.errors import InputError

LINES = {
    "de": ["Ein Hund  läuft.", "Eine Katze schläft.", "Ein Hund schläft."],
    "en": ["A dog runs.", "A cat sleeps.", "A dog sleeps."],
}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    for language, lines in LINES.items():
        for name in translation._FILES.values():
            with gzip.open(tmp_path / f"{name}.{language}.gz", "wt", encoding="utf8") as stream:
                stream.write("\n".join(lines) + "\n")
    asked = []
    monkeypatch.setattr(
        translation, "fetch_files", lambda download, paths: asked.extend(paths) or tmp_path
    )
    return asked


def test_pairs_stay_together_and_only_the_asked_languages_are_fetched(tiny):
    data = load("multi30k")
    assert data.train.sources[0] == "Ein Hund läuft." and data.train.targets[0] == "A dog runs."
    assert len(data.test) == 3 and "Multi30k, de-en" in data.source
    assert len(tiny) == 6 and not any(".fr." in path for path in tiny)
    turned = load("multi30k", languages="en-de")
    assert turned.validation.sources == data.validation.targets


@pytest.mark.parametrize("languages", ["de", "de-de", "de-es", "de-en-fr", 3])
def test_other_languages_are_refused(languages):
    with pytest.raises(InputError, match="between de, en and fr"):
        load("multi30k", languages=languages)


def test_word_by_word_takes_the_word_that_goes_with_it(tiny):
    path = Path(__file__).parents[1] / "benchmarks" / "multi30k.py"
    spec = importlib.util.spec_from_file_location("multi30k_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    data = load("multi30k")
    outputs = benchmark.word_by_word(data.train, data.test)
    assert outputs[0].split()[1] == "dog" and outputs[1].split()[1] == "cat"
    vocabulary = benchmark.vocabulary_of(data.train.targets, minimum_count=1)
    _, targets = benchmark.encode(data.train, vocabulary, vocabulary)
    assert [vocabulary.words[i] for i in targets[0]] == ["<s>", "a", "dog", "runs", ".", "</s>"]
    assert benchmark.as_text(["a", "dog", "runs", "."]) == "a dog runs."
