"""Multi30k's reader, on tiny files made here."""

import gzip

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
