"""The alphabet, batches that follow the text, and the n-gram baseline."""

from collections import Counter

import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.rnn import NGramModel
from course_utils.text import CharVocabulary
from course_utils.training import ContiguousBatches

RNG = np.random.default_rng(0)


def test_a_text_survives_encoding_and_strange_characters_get_id_0():
    alphabet = CharVocabulary()
    text = "def f(x):\n    return ~x"
    assert alphabet.decode(alphabet.encode(text)) == text
    ids = alphabet.encode("na\u00efve \U0001f600")
    assert ids.dtype == np.int64 and (ids == 0).tolist() == [False, False, True, *[False] * 3, True]
    assert len(alphabet) == 97 and "\n" in alphabet and "\t" not in alphabet
    assert len(alphabet.encode("")) == 0


def test_an_alphabet_comes_from_a_text():
    alphabet = CharVocabulary.from_text("abcabcab\u00e5", minimum_count=2)
    assert alphabet.characters == "\ufffdabc"
    assert alphabet.encode("c\u00e5").tolist() == [3, 0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: CharVocabulary(""), "at least one character"),
        (lambda: CharVocabulary("aa"), "each only once"),
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
        (lambda: ContiguousBatches(np.arange(10), 0, 3), "at least 1"),
        (lambda: NGramModel(0, 5), "at least 1 and small enough"),
        (lambda: NGramModel(12, 97), "at least 1 and small enough"),
        (lambda: NGramModel(3, 5).fit(np.array([1, 2])), "too few for 3-grams"),
        (lambda: NGramModel(2, 5).fit(np.array([1, 5])), "outside the table"),
        (
            lambda: NGramModel(2, 5).fit(np.arange(5)).probabilities(np.arange(3), 3),
            "1 to 2, not 3",
        ),
    ],
)
def test_what_makes_no_sense_gets_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_rows_go_on_where_they_stopped_and_targets_are_the_next_tokens():
    ids = np.arange(1000)
    streams = ContiguousBatches(ids, batch_size=3, length=10, seed=1)
    batches = [streams.batch(number) for number in range(80)]
    for inputs, targets in batches:
        assert inputs.shape == targets.shape == (3, 10)
        assert (targets == inputs + 1).all()
    follows = [
        (b[0][:, 0] == a[0][:, -1] + 1).tolist() for a, b in zip(batches, batches[1:], strict=False)
    ]
    assert np.mean(follows) > 0.95, "only at the end of its stretch a row jumps back"
    seen = np.unique(np.concatenate([inputs.ravel() for inputs, _ in batches]))
    assert len(seen) == 3 * streams.chunks * 10, "every chunk is read"
    once = list(streams)
    assert len(once) == len(streams) == streams.chunks
    assert all((once[i][0] == batches[i][0]).all() for i in range(len(once)))


def test_seeds_begin_at_other_places():
    starts = [
        ContiguousBatches(np.arange(10_000), 4, 10, seed).batch(0)[0][:, 0] for seed in (0, 0, 1)
    ]
    assert (starts[0] == starts[1]).all() and (starts[0] != starts[2]).any()


def by_definition(train, held, order, size):
    """Witten-Bell, gram by gram."""
    tables = {}
    for n in range(1, order + 1):
        for i in range(len(train) - order + 1):  # as the model counts: prefixes of whole grams
            gram = tuple(train[i : i + n])
            tables.setdefault((n, gram[:-1]), Counter())[gram[-1]] += 1

    def chance(context, token):
        n = len(context) + 1
        shorter = chance(context[1:], token) if context else 1 / size
        counts = tables.get((n, context), Counter())
        kinds = len(counts) or 1
        return (counts[token] + kinds * shorter) / (sum(counts.values()) + kinds)

    return [
        chance(tuple(held[i - order + 1 : i]), held[i]) for i in range(order - 1, len(held))
    ]  # fmt: skip


@pytest.mark.parametrize("order", [1, 2, 3])
def test_n_grams_are_counted_as_the_formula_says(order):
    train, held = RNG.integers(0, 4, 60), RNG.integers(0, 5, 40)
    model = NGramModel(order, 5).fit(train)
    wanted = by_definition(train.tolist(), held.tolist(), order, 5)
    assert model.probabilities(held) == pytest.approx(wanted)
    assert model.bits_per_character(held) == pytest.approx(-np.log2(wanted).mean())


def test_probabilities_of_all_characters_sum_to_1():
    train, context = RNG.integers(0, 4, 200), [1, 3, 2]
    model = NGramModel(4, 5).fit(train)
    for order in (1, 2, 4):
        chances = [model.probabilities(np.array([*context, c]), order)[-1] for c in range(5)]
        assert sum(chances) == pytest.approx(1)


def test_a_longer_context_helps_where_it_decides():
    text = np.tile([0, 1, 1, 0, 2], 200)
    model = NGramModel(3, 3).fit(text)
    bits = [model.bits_per_character(text, order) for order in (1, 2, 3)]
    assert bits[0] > bits[1] > bits[2] and bits[2] < 0.2
