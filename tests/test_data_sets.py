"""The data that needs no download: splits, documentation, foods, digits."""

import numpy as np
import pytest

from course_utils.data import (
    TextDataset,
    documentation,
    few_labels,
    hold_out,
    installed,
    load,
    split,
)
from course_utils.data.splits import Documents
from course_utils.errors import DataError, InputError


def toy(n=100, classes=4):
    labels = np.arange(n) % classes
    texts = [f"text {i}" for i in range(n)]
    return TextDataset("toy", texts, labels, [f"c{i}" for i in range(classes)], "made up")


def test_parts_are_disjoint_complete_and_stratified():
    parts = split(toy(), validation=0.1, test=0.2, seed=1)
    texts = [set(part.texts) for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, texts)) == 100 == len(set.union(*texts))
    assert np.bincount(parts.test.labels).tolist() == [5] * 4
    assert all(
        int(t.split()[1]) % 4 == y for t, y in zip(parts.test.texts, parts.test.labels, strict=True)
    )


def test_a_seed_decides_the_split():
    assert split(toy(), seed=1).test.texts == split(toy(), seed=1).test.texts
    assert split(toy(), seed=1).test.texts != split(toy(), seed=2).test.texts


@pytest.mark.parametrize("shares", [(0, 0.2), (0.5, 0.5), (-0.1, 0.2)])
def test_silly_shares_are_clear_errors(shares):
    with pytest.raises(InputError, match="above 0 and together below 1"):
        split(toy(), validation=shares[0], test=shares[1])


def test_a_class_that_is_too_small_is_named():
    with pytest.raises(InputError, match="'c0' has 2 rows"):
        split(toy(8), validation=0.1, test=0.2)


def test_few_labels_are_balanced_and_distinct():
    few = few_labels(toy(), 10, seed=0)
    assert sorted(np.bincount(few.labels)) == [2, 2, 3, 3] and len(set(few.texts)) == 10
    with pytest.raises(InputError, match="cannot cover 4 classes"):
        few_labels(toy(), 3)
    with pytest.raises(InputError, match="fewer than the 50"):
        few_labels(toy(), 200)


def test_digits_are_scaled():
    digits = load("digits")
    assert digits.images.shape == (1797, 64) and digits.images.dtype == np.float32
    assert digits.images.min() == 0 and digits.images.max() == 1


@pytest.fixture(scope="module")
def texts():
    return load("documentation")


def test_documentation_is_prose_with_its_label_masked(texts):
    assert texts.classes == ["scikit-learn", "matplotlib", "networkx", "standard library"]
    assert np.bincount(texts.labels).min() > 800
    joined = " ".join(texts.texts).lower()
    for giveaway in ("scikit-learn", "sklearn", "matplotlib", "networkx", " python "):
        assert giveaway not in joined, giveaway
    assert ">>>" not in joined and min(len(text.split()) for text in texts.texts) >= 12


def test_documentation_has_no_copies(texts):
    def runs(text, n=6):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    assert len(set(texts.texts)) == len(texts)
    parts = split(texts)
    known = set().union(*(runs(text) for text in parts.train.texts))
    copied = [np.mean([r in known for r in runs(text)]) > 0.6 for text in parts.test.texts]
    assert np.mean(copied) < 0.02


def test_the_harder_variant_has_eight_classes():
    assert len(load("documentation", classes=8).classes) == 8
    with pytest.raises(InputError, match="4 or 8 classes"):
        load("documentation", classes=5)


def test_a_missing_library_is_named(monkeypatch):
    from importlib.metadata import PackageNotFoundError

    def version(package):
        raise PackageNotFoundError("networkx")

    monkeypatch.setattr(installed, "version", version)
    with pytest.raises(DataError, match="pip install networkx"):
        documentation.documentation()


def test_a_damaged_cache_is_built_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(documentation, "_labeled_texts", lambda names: {n: ["text"] for n in names})
    assert len(documentation.documentation()) == 4
    stored = next(tmp_path.rglob("*.json.gz"))
    stored.write_bytes(stored.read_bytes()[:20])
    assert len(documentation.documentation()) == 4


def test_running_text_is_long_enough():
    text = load("running_text")
    assert text.n_words >= 1_500_000
    assert text.n_words == sum(len(s.split()) for s in text.sentences)


def test_source_code_is_long_enough_and_python():
    code = load("source_code")
    assert len(code.text) > 5_000_000 and "def " in code.text
    assert len(code.texts) == len(code.names) == len(set(code.names))
    for left_out in ("/test/", "/encodings/", "/_sysconfigdata"):
        assert not any(left_out in f"/{name}" for name in code.names)


def test_the_language_reference_is_english():
    reference = load("language_reference")
    assert len(reference.text) > 400_000 and "assignment" in reference.names
    assert reference.names == sorted(set(reference.names))
    assert "statement" in reference.texts[reference.names.index("assignment")]


def test_held_out_documents_are_chosen_by_name():
    names = [f"file{i}.py" for i in range(200)]
    full = Documents([f"[{name}]" for name in names], names, "test")
    train, held_out = hold_out(full)
    held = held_out.split("\n")
    assert 8 <= len(held) <= 35 and not set(held) & set(train.split("\n"))
    fewer = Documents(full.texts[::-1][:150], full.names[::-1][:150], "another version")
    again = hold_out(fewer)[1].split("\n")
    assert set(again) == {f"[{name}]" for name in fewer.names} & set(held)
    single = Documents(["0123456789" * 10], ["one"], "test")
    assert hold_out(single) == ("0123456789" * 9, "0123456789")
    short = Documents(["abc"], ["a"], "test")
    for documents, share, words in ((full, 1, "2 or more"), (short, 5, "too little text")):
        with pytest.raises(InputError, match=words):
            hold_out(documents, share)


def test_foods_are_rated_by_hand_on_axes_that_are_nearly_independent():
    foods = load("foods")
    assert len(foods.names) == len(set(foods.names)) >= 100
    assert foods.axis_names == ["sandwichness", "dessertness", "liquidness"]
    assert foods.axes.min() >= 0 and foods.axes.max() <= 1
    correlations = np.corrcoef(foods.axes.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.5


def test_favorites_are_distinct_near_to_each_other_and_repeatable():
    foods = load("foods", users=3000)
    assert foods.train.shape == (3000, 5) and foods.test.shape == (4000, 5)
    assert all(len(set(row)) == 5 for row in foods.train[:200].tolist())
    spread = foods.axes[foods.train].std(axis=1).mean()
    random = foods.axes[np.random.default_rng(0).permutation(foods.train.ravel()).reshape(-1, 5)]
    assert spread < 0.8 * random.std(axis=1).mean()
    assert (load("foods", users=3000).train == foods.train).all()
    with pytest.raises(InputError, match="noise above 0"):
        load("foods", noise=0)


def test_word_vectors_know_their_words():
    vectors = load("word_vectors")
    assert vectors.vectors.shape == (len(vectors), 384) and len(vectors) > 20_000
    assert "king" in vectors and vectors["king"].dtype == np.float32
    with pytest.raises(InputError, match="no vector for 'kinng'; similar words"):
        vectors["kinng"]
