"""Words, ids, padding and offsets."""

import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.text import (
    Vocabulary,
    bag_of_words,
    check_ids,
    encode_texts,
    flatten,
    pad,
    tokenize,
)
from course_utils.text.checks import real_number, whole_number

TEXTS = ["the cat sat", "the dog sat", "the cat ran"]


def test_tokenize_keeps_inner_apostrophes_digits_and_accents():
    assert tokenize("Don't panic: 3 Äxte, snake_case!") == [
        "don't", "panic", "3", "äxte", "snake", "case"
    ]  # fmt: skip


@pytest.mark.parametrize("value", [None, 3, b"bytes", ["a"]])
def test_a_text_that_is_no_string_is_named(value):
    with pytest.raises(InputError, match="must be a string"):
        tokenize(value)


def test_vocabulary_reserves_two_ids_and_orders_by_count_then_alphabet():
    vocabulary = Vocabulary.from_texts(TEXTS, minimum_count=2)
    assert vocabulary.words == ["<pad>", "<unk>", "the", "cat", "sat"]
    assert vocabulary.counts.tolist() == [0, 0, 3, 2, 2]
    assert vocabulary.encode("the dog sat").tolist() == [2, 1, 4]
    assert vocabulary.decode([2, 3, 0, 0]) == "the cat"
    assert vocabulary.suggest("catt") == ["cat"]


def test_vocabulary_does_not_depend_on_the_order_of_texts():
    assert Vocabulary.from_texts(TEXTS).words == Vocabulary.from_texts(TEXTS[::-1]).words


def test_no_texts_one_string_and_rare_words_are_clear_errors():
    with pytest.raises(InputError, match="list is empty"):
        Vocabulary.from_texts([])
    with pytest.raises(InputError, match="one string"):
        Vocabulary.from_texts("a text")
    with pytest.raises(InputError, match="lower minimum_count"):
        Vocabulary.from_texts(["a b"], minimum_count=2)
    with pytest.raises(InputError, match="There are 1 counts for 2 words"):
        Vocabulary(["a", "b"], [3])


def test_pad_fills_with_zero_and_cuts():
    assert pad([[5], [6, 7, 8]], length=2).tolist() == [[5, 0], [6, 7]]
    assert pad([[], [4]]).tolist() == [[0], [4]]


@pytest.mark.parametrize(
    ("sequences", "options", "words"),
    [
        ([], {}, "nothing to pad, no sequence has an id: give a length"),
        ([[], []], {}, "nothing to pad"),
        ([[1]], {"length": 0}, "padded length must be a whole number from 1 up, but it is 0"),
        ([[1]], {"length": 2.5}, "padded length must be a whole number from 1 up, but it is 2.5"),
    ],
)
def test_a_rectangle_without_columns_is_one_sentence(sequences, options, words):
    with pytest.raises(InputError, match=words):
        pad(sequences, **options)
    assert pad([], length=3).shape == (0, 3)


def test_flatten_gives_starts_also_after_an_empty_text():
    flat, offsets = flatten([[5, 6], [], [7]])
    assert flat.tolist() == [5, 6, 7] and offsets.tolist() == [0, 2, 2]


def test_encode_texts_gives_a_rectangle():
    ids = encode_texts(TEXTS, Vocabulary.from_texts(TEXTS), length=5)
    assert ids.shape == (3, 5) and ids.dtype == np.int64 and (ids[:, 3:] == 0).all()
    with pytest.raises(InputError, match="padded length must be a whole number from 1 up"):
        encode_texts(TEXTS, Vocabulary.from_texts(TEXTS), length=1.5)


def test_bag_of_words_counts_words_and_no_padding():
    bags = bag_of_words(np.array([[2, 3, 2, 0]]), 5).toarray()
    assert bags.tolist() == [[0, 0, 2, 1, 0]]


@pytest.mark.parametrize("ids", [[[5]], [[-1]]])
def test_ids_outside_the_table_are_named(ids):
    with pytest.raises(InputError, match=r"Word id -?\d is outside the table of 5 rows"):
        bag_of_words(np.array(ids), 5)


@pytest.mark.parametrize("ids", [[[1.5]], [[True]], [["1"]]])
def test_ids_must_be_whole_numbers(ids):
    with pytest.raises(InputError, match="must be whole numbers, but these have the type"):
        bag_of_words(np.array(ids), 5)
    assert check_ids([], 5).dtype == np.int64, "an empty list has no type of its own"


def test_ids_of_one_text_without_their_axis_are_one_sentence():
    with pytest.raises(
        InputError, match=r"shape \(n, length\), but these have \(2,\): put the ids"
    ):
        bag_of_words(np.array([2, 3]), 5)


def test_a_truth_value_is_no_number():
    assert whole_number(np.int32(3), "It") == 3 and real_number(np.float32(0.5), "It") == 0.5
    for call in (whole_number, real_number):
        with pytest.raises(InputError, match="It must be a .*number, but it is True .bool."):
            call(True, "It")
