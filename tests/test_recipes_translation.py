"""The kept translator of lesson 4, trained on a language made here."""

import numpy as np
import pytest

from course_utils import data
from course_utils.data.splits import Splits
from course_utils.data.translation import SentencePairs

pytest.importorskip("torch")
pytest.importorskip("sacrebleu")

from course_utils.tools.recipes.translator import Translator, TranslatorGRU, scores

WORDS = {"le": "the", "un": "a", "rouge": "red", "vieux": "old", "chien": "dog", "été": "summer"}


@pytest.fixture
def backwards(monkeypatch):
    """A French that is English read backwards."""
    rows = np.random.default_rng(0).choice(list(WORDS), size=(1340, 5))
    sources = [" ".join(row).capitalize() + "." for row in rows]
    targets = [" ".join(WORDS[word] for word in row[::-1]).capitalize() + "." for row in rows]
    parts = (slice(1280), slice(1280, 1310), slice(1310, 1340))
    pairs = [SentencePairs(sources[part], targets[part]) for part in parts]
    monkeypatch.setattr(data, "load", lambda name: Splits(*pairs, source="made here"))


def test_the_translator_learns_an_order_that_word_by_word_cannot(backwards):
    settings = {"pieces": 70, "d_model": 32, "layers": 1, "epochs": 5, "batch_size": 30}
    weights, log = Translator(**settings, dropout=0, learning_rate=1e-2, warmup_steps=20).make()
    assert log["test"]["bleu"] > 90 > 40 > log["test_word_by_word"]["bleu"]
    assert log["validation"]["bleu"] == pytest.approx(
        log["validation_in_full_precision"]["bleu"], abs=1
    )
    assert log["validation_loss"][-1] < log["validation_loss"][0] and log["steps"] == 5 * 43
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float16)}
    assert sum(array.size for array in weights.values()) == log["n_parameters"]


def test_the_rival_of_grus_learns_it_too_and_ignores_padding(backwards):
    torch = pytest.importorskip("torch")
    settings = {"pieces": 70, "d_model": 32, "units": 64, "epochs": 5, "batch_size": 30}
    run = TranslatorGRU(**settings, dropout=0, learning_rate=1e-2, warmup_steps=20)
    weights, log = run.make()
    assert not weights and "tokenizers" not in log
    assert log["test"]["bleu"] > 80 and log["settings"]["units"] == 64
    model = run.make_model(70, 70).eval()
    ids = torch.tensor([[2, 5, 9, 3]]), torch.tensor([[2, 6]])
    padded = torch.nn.functional.pad(ids[0], (0, 3))
    with torch.no_grad():
        assert torch.allclose(model(*ids), model(padded, ids[1]), atol=1e-6)


def test_scores_ignore_case_and_see_a_wrong_word():
    same = scores(["The old dog sleeps."], ["the old dog sleeps."])
    other = scores(["The old cat sleeps."], ["the old dog sleeps."])
    assert same == {"bleu": 100, "chrf": 100} and other["bleu"] < 50 and 40 < other["chrf"] < 90
