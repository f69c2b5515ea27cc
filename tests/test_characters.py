"""The alphabet, and batches that follow the text."""

import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.text import CharVocabulary
from course_utils.training import ContiguousBatches


def test_a_text_survives_encoding_and_strange_characters_get_id_0():
    alphabet = CharVocabulary()
    text = "def f(x):\n    return ~x"
    assert alphabet.decode(alphabet.encode(text)) == text
    ids = alphabet.encode("na\u00efve \U0001f600")
    assert ids.dtype == np.int64 and (ids == 0).tolist() == [False, False, True, *[False] * 3, True]
    assert len(alphabet) == 97 and "\n" in alphabet and "\t" not in alphabet
    assert len(alphabet.encode("")) == 0


def test_an_alphabet_holds_single_characters_that_it_knows():
    alphabet = CharVocabulary("abc")
    assert [character in alphabet for character in ("a", "c", "d")] == [True, True, False]
    assert not any(no_character in alphabet for no_character in ("abc", "ab", "", "\ufffd"))


def test_an_alphabet_comes_from_a_text():
    alphabet = CharVocabulary.from_text("abcabcab\u00e5", minimum_count=2)
    assert alphabet.characters == "\ufffdabc"
    assert alphabet.encode("c\u00e5").tolist() == [3, 0]
    assert CharVocabulary.from_text("ab\ufffdb").characters == "\ufffdab", "id 0 has it already"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: CharVocabulary(""), "at least one character"),
        (lambda: CharVocabulary("aa"), "each only once"),
        (lambda: CharVocabulary("a\ufffd"), "stands for unknown characters .id 0.: leave it out"),
        (lambda: CharVocabulary.from_text("ab", minimum_count=2), "at least one character"),
        (
            lambda: CharVocabulary("ab").encode("axbxy", strict=True),
            "does not know the characters 'xy'",
        ),
        (lambda: CharVocabulary("ab").encode(3), "must be a string, not int"),
        (lambda: CharVocabulary("ab").decode(np.array([3])), "outside the table"),
        (
            lambda: ContiguousBatches(np.arange(10), 4, 3),
            "too short for 4 rows with chunks of 3",
        ),
        (lambda: ContiguousBatches(np.arange(10), 0, 3), "a whole number from 1 up"),
    ],
)
def test_what_makes_no_sense_gets_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_rows_go_on_where_they_stopped_and_targets_are_the_next_tokens():
    ids = np.arange(1000)
    streams = ContiguousBatches(ids, batch_size=3, sequence_length=10, seed=1)
    batches = [streams.batch(number) for number in range(80)]
    for inputs, targets in batches:
        assert inputs.shape == targets.shape == (3, 10)
        assert (targets == inputs + 1).all()
    follows = [
        (b[0][:, 0] == a[0][:, -1] + 1).tolist() for a, b in zip(batches, batches[1:], strict=False)
    ]
    assert np.mean(follows) > 0.95, "only at the end of its stretch a row jumps back"
    seen = np.unique(np.concatenate([inputs.ravel() for inputs, _ in batches]))
    assert len(seen) == 3 * streams.n_chunks * 10, "every chunk is read"
    once = list(streams)
    assert len(once) == len(streams) == streams.n_chunks
    assert all((once[i][0] == batches[i][0]).all() for i in range(len(once)))


def test_seeds_begin_at_other_places():
    starts = [
        ContiguousBatches(np.arange(10_000), 4, 10, seed).batch(0)[0][:, 0] for seed in (0, 0, 1)
    ]
    assert (starts[0] == starts[1]).all() and (starts[0] != starts[2]).any()
