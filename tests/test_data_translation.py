"""The readers of sentence pairs, on tiny files made here."""

import gzip
import zipfile

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


@pytest.mark.parametrize("languages", ["de", "de-de", "de-es", "de-en-fr", "de-de-en", 3])
def test_other_languages_are_refused(languages):
    with pytest.raises(InputError, match="between de, en and fr"):
        load("multi30k", languages=languages)


PAIRS = [(f"Sentence {i}.", f"Phrase {i}.") for i in range(400)]


def test_an_english_sentence_is_held_out_with_all_its_translations(tmp_path, monkeypatch):
    doubled = [(english, french.replace("Phrase", "Mots")) for english, french in PAIRS]
    shared = [(english, "La même chose.") for english, _ in PAIRS[::4]]
    text = "".join("\t".join(pair) + "\n" for pair in PAIRS + doubled + shared)
    with zipfile.ZipFile(tmp_path / "fra-eng.zip", "w") as archive:
        archive.writestr("fra.txt", text)
    monkeypatch.setattr(translation, "fetch_files", lambda download: tmp_path)
    data = load("tatoeba")
    parts = [data.train, data.validation, data.test]
    assert all(len(part) >= 4 for part in parts) and "CC BY 2.0 FR" in data.source
    for both in ([set(part.targets) for part in parts], [set(part.sources) for part in parts]):
        assert both[0].isdisjoint(both[1] | both[2])
    assert ("Mots 0.", "Sentence 0.") in zip(data.train.sources, data.train.targets, strict=True)
    assert "La même chose." in data.test.sources and "La même chose." not in data.train.sources
