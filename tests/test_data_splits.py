"""Data sets in memory: rows are chosen as NumPy chooses them, images are cut like texts."""

import numpy as np
import pytest

from course_utils.data import ImageDataset, TextDataset, few_labels, load, split
from course_utils.errors import InputError


def toy(counts=(40, 20)):
    labels = np.repeat(np.arange(len(counts)), counts)
    texts = [f"text {i}" for i in range(len(labels))]
    return TextDataset("toy", texts, labels, [f"c{i}" for i in range(len(counts))], "made up")


def test_a_mask_chooses_rows_instead_of_counting_as_zero_and_one():
    mask = np.arange(60) >= 57
    assert toy().subset(mask).texts == ["text 57", "text 58", "text 59"]
    assert toy().subset(mask).labels.tolist() == [1, 1, 1]


def test_indices_choose_rows_in_their_order_and_texts_keep_their_labels():
    part = toy().subset([59, 0, 40])
    assert part.texts == ["text 59", "text 0", "text 40"] and part.labels.tolist() == [1, 0, 1]
    assert part.classes == ["c0", "c1"] and part.source == "made up"


def test_unequal_classes_keep_their_mix_in_every_part():
    parts = split(toy((400, 200)), validation=0.1, test=0.2)
    for part, size in ((parts.train, 420), (parts.validation, 60), (parts.test, 120)):
        assert np.bincount(part.labels).tolist() == [size * 2 // 3, size // 3]


def test_parts_are_shuffled_over_the_classes():
    labels = split(toy((400, 200))).train.labels
    assert 0.2 < labels[:50].mean() < 0.5  # one class first would give 0


def test_images_are_cut_like_texts():
    digits = load("digits")
    parts = split(digits, validation=0.1, test=0.3, seed=3)
    assert isinstance(parts.test, ImageDataset) and parts.test.images.shape[1:] == (64,)
    assert sum(map(len, (parts.train, parts.validation, parts.test))) == len(digits)
    rows = zip(digits.images, digits.labels, strict=True)
    label_of = {image.tobytes(): label for image, label in rows}
    rows = zip(parts.test.images, parts.test.labels, strict=True)
    assert all(label_of[image.tobytes()] == label for image, label in rows)


@pytest.mark.parametrize("shares", [(float("nan"), 0.2), (0.1, float("nan")), (0.1, 1.5)])
def test_shares_that_are_no_shares_are_clear_errors(shares):
    with pytest.raises(InputError, match="above 0 and together below 1"):
        split(toy(), validation=shares[0], test=shares[1])


def test_a_draw_of_few_labels_depends_on_its_seed_only():
    assert few_labels(toy(), 8, seed=1).texts == few_labels(toy(), 8, seed=1).texts
    assert few_labels(toy(), 8, seed=1).texts != few_labels(toy(), 8, seed=2).texts
