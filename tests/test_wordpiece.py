"""Word pieces: ids, pairs, cutting, places in the text; and the hiding of tokens."""

import numpy as np
import pytest
from test_bert import PIECES, write_folder

from course_utils.errors import InputError
from course_utils.wordpiece import WordPiece, length_order, mask_tokens, masked_batch


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    return WordPiece.from_folder(write_folder(tmp_path_factory.mktemp("bert")))


def test_a_text_becomes_pieces_and_comes_back(pieces):
    assert pieces.tokens("The Playing, in") == [
        "[CLS]",
        "the",
        "play",
        "##ing",
        "[UNK]",
        "in",
        "[SEP]",
    ]
    encoded = pieces.encode(["The playing in.", "a"])
    assert encoded.ids.tolist() == [[2, 5, 6, 7, 12, 14, 3], [2, 10, 3, 0, 0, 0, 0]]
    assert encoded.lengths.tolist() == [7, 3] and encoded.cut == 0
    assert encoded.ids.dtype == encoded.segments.dtype == np.int64 and not encoded.segments.any()
    assert pieces.decode(encoded.ids[0]) == "the playing in."
    assert (pieces.piece(7), pieces.id("##ing"), pieces.mask_id, pieces.pad_id) == (
        "##ing",
        7,
        4,
        0,
    )
    assert pieces.special_ids == (0, 1, 2, 3, 4) and pieces.vocabulary_size == len(PIECES)
    for bad in (15, -1):
        with pytest.raises(InputError, match=f"No piece has the id {bad}: ids go from 0 to 14"):
            pieces.piece(bad)
    with pytest.raises(InputError, match="no piece 'moon'"):
        pieces.id("moon")


def test_long_texts_are_cut_counted_and_keep_their_end_sign(pieces):
    encoded = pieces.encode(["a " * 30, "a b in", "a b"], length=5)
    assert encoded.ids[:, -1].tolist() == [3, 3, 0] and encoded.cut == 1
    assert pieces.encode(["a " * 30], length=20).ids.shape == (1, 20)
    assert len(pieces.tokens("a " * 30)) == 32, "tokens shows everything"
    with pytest.raises(InputError, match="21 tokens does not work here: the model reads up to 20"):
        pieces.encode(["a"], length=21)


def test_pairs_have_segments(pieces):
    encoded = pieces.encode(["a b", "a"], ["in", "the garden"], length=20)
    assert encoded.ids.tolist() == [[2, 10, 11, 3, 12, 3], [2, 10, 3, 5, 13, 3]]
    assert encoded.segments.tolist() == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]]
    with pytest.raises(InputError, match="2 texts, but 1 to pair"):
        pieces.encode(["a", "b"], ["a"], length=20)


def test_places_of_a_word_in_the_text(pieces):
    text = "The CHILDREN played"
    assert pieces.places(text, 13, 19) == [3, 4] and pieces.places(text, 0, 3) == [1]
    with pytest.raises(InputError, match="No token holds the characters 3 to 4"):
        pieces.places(text, 3, 4)


IDS = np.random.default_rng(0).integers(5, 15, (400, 30))
IDS[:, 0], IDS[:, 25:], IDS[0, 2:], IDS[1, 1:] = 2, 0, 0, 3
OPTIONS = {"mask_id": 4, "candidates": range(15), "special_ids": (0, 1, 2, 3, 4)}


def test_fifteen_percent_are_hidden_in_three_ways():
    inputs, targets = mask_tokens(IDS, np.random.default_rng(1), **OPTIONS)
    asked = targets > 0
    assert (targets[asked] == IDS[asked]).all() and (inputs[~asked] == IDS[~asked]).all()
    assert not asked[:, 0].any() and not asked[:, 25:].any()
    assert asked[0].sum() == 1 and not asked[1].any() and (asked[2:].sum(axis=1) == 4).all()
    masked, same = (inputs[asked] == 4).mean(), (inputs[asked] == IDS[asked]).mean()
    assert masked == pytest.approx(0.8, abs=0.03)
    assert same == pytest.approx(0.1 + 0.1 / 10, abs=0.03)  # a random piece may be the same one
    others = inputs[asked & (inputs != 4)]
    assert others.min() >= 5 and set(others) == set(range(5, 15))
    again, _ = mask_tokens(IDS, np.random.default_rng(1), **OPTIONS)
    assert (again == inputs).all()


def test_only_candidates_are_hidden_and_drawn():
    inputs, targets = mask_tokens(
        IDS, np.random.default_rng(1), **OPTIONS | {"candidates": [7, 8]}, share=1.0
    )
    assert set(targets[targets > 0]) == {7, 8} and (targets > 0).sum() == np.isin(IDS, [7, 8]).sum()
    assert set(inputs[targets > 0]) == {4, 7, 8}
    with pytest.raises(InputError, match="no candidates"):
        mask_tokens(IDS, np.random.default_rng(1), **OPTIONS | {"candidates": [0, 2]})
    with pytest.raises(InputError, match="above 0 and up to 1, not 15"):
        mask_tokens(IDS, np.random.default_rng(1), **OPTIONS, share=15)


def test_asked_places_are_gathered():
    targets = np.array([[0, 7, 0, 9], [0, 0, 0, 0], [5, 0, 0, 0]])
    _, places, classes = masked_batch(IDS[:3, :4], targets, np.array([0, 5, 7, 9]))
    assert places.tolist() == [[1, 3], [0, 0], [0, 0]]
    assert classes.tolist() == [[2, 3], [0, 0], [1, 0]]
    with pytest.raises(InputError, match="id 9 is asked for"):
        masked_batch(IDS[:3, :4], targets, np.array([0, 5, 7]))
    with pytest.raises(InputError, match="begin with 0"):
        masked_batch(IDS[:3, :4], targets, np.array([5, 7, 9]))


def test_batches_are_of_about_one_length():
    batches = length_order(np.array([3, 9, 1, 9, 5]), 2)
    assert [b.tolist() for b in batches] == [[1, 3], [4, 0], [2]]
    assert [b.tolist() for b in length_order(np.array([3, 9, 1]), 2, sort=False)] == [[0, 1], [2]]
