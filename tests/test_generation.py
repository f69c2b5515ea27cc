"""From logits to text: temperature, top-k, nucleus, the loop, and measures of the result."""

import sys

import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.rnn import (
    Writer,
    choose,
    distinct_ngrams,
    line_tokenizes,
    loop_length,
    loop_rate,
    next_probabilities,
    share_of_known_words,
    share_of_lines,
)
from course_utils.text import CharVocabulary

ALPHABET = CharVocabulary("abcd")


def writer(logits_of=None):
    """A model that likes the next letter of the alphabet, and says what it was fed."""
    fed = []

    def advance(ids, state):
        fed.append(ids.copy())
        seen = (0 if state is None else state) + ids.shape[1]
        logits = np.zeros((len(ids), 5), np.float32)
        logits[np.arange(len(ids)), ids[:, -1] % 4 + 1] = 3.0
        logits[:, 0] = 50.0  # the sign for unknown characters must never be written
        return logits, seen

    made = Writer(advance, ALPHABET)
    made.fed = fed
    return made


def test_greedy_text_and_what_is_fed_in():
    made = writer()
    assert made.write("ab", length=6, temperature=0) == "cdabcd"
    shapes = [ids.shape for ids in made.fed]
    assert shapes == [(1, 2)] + [(1, 1)] * 5, "after the prompt only the new character is fed"
    assert [int(ids[0, -1]) for ids in made.fed] == [2, 3, 4, 1, 2, 3]


def test_streaming_writes_the_same_text_and_hands_out_one_character_at_a_time():
    settings = {"length": 40, "temperature": 1.5, "seed": 3}
    text = writer().write("a", **settings)
    assert "".join(writer().stream("a", **settings)) == text
    stream = writer().stream("a", **settings)
    assert next(stream) == text[0] and next(stream) == text[1]


def test_the_seed_decides_and_a_text_does_not_depend_on_its_neighbors():
    settings = {"length": 30, "temperature": 2.0}
    first = writer().write("a", seed=1, **settings)
    assert writer().write("a", seed=1, **settings) == first
    assert writer().write("a", seed=2, **settings) != first
    many = writer().write_many(["a", "b", "c"], seed=1, **settings)
    assert many[0] == first and len(set(many)) == 3
    assert writer().write_many(["a", "b"], seed=1, **settings) == many[:2]
    assert "\ufffd" not in "".join(many)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": ""}, "The prompt is empty: give the model at least one character"),
        ({"prompt": "axb"}, "does not know the characters 'x'"),
        ({"temperature": -0.5}, "0 \\(greedy\\) or a positive number, but it is -0.5"),
        ({"temperature": float("nan")}, "0 \\(greedy\\) or a positive number"),
        ({"top_k": 0}, "top_k must keep at least 1 token, but it is 0"),
        ({"top_p": 0}, "above 0 and at most 1, but it is 0"),
        ({"top_p": 1.1}, "above 0 and at most 1, but it is 1.1"),
        ({"length": 0}, "at least 1 character, but it is 0"),
    ],
)
def test_bad_input_is_one_clear_sentence(change, words):
    for call in (lambda **s: writer().write(**s), lambda **s: next(writer().stream(**s))):
        with pytest.raises(InputError, match=words) as caught:
            call(**{"prompt": "ab", "length": 3} | change)
        assert "\n" not in str(caught.value)


def test_prompts_of_one_call_are_equally_long_and_a_list():
    with pytest.raises(InputError, match="same length"):
        writer().write_many(["a", "ab"])
    for wrong in ("ab", []):
        with pytest.raises(InputError, match="list of one string or more"):
            writer().write_many(wrong)


LOGITS = np.log(np.array([[0.5, 0.05, 0.3, 0.15], [0.01, 0.97, 0.01, 0.01]]))


def test_temperature_sharpens_flattens_and_ends_in_greedy():
    plain = next_probabilities(LOGITS)
    assert plain == pytest.approx(np.exp(LOGITS))
    cold, hot = (
        next_probabilities(LOGITS, temperature=0.5),
        next_probabilities(LOGITS, temperature=2),
    )
    assert (cold.max(axis=1) > plain.max(axis=1)).all() and (
        hot.max(axis=1) < plain.max(axis=1)
    ).all()
    assert cold[0] == pytest.approx(np.exp(LOGITS[0]) ** 2 / (np.exp(LOGITS[0]) ** 2).sum())
    assert next_probabilities(LOGITS, temperature=0).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    assert next_probabilities(LOGITS, temperature=1e-4)[0] == pytest.approx([1, 0, 0, 0])
    assert next_probabilities(np.array([[-np.inf, 900.0, 901.0]])).sum() == pytest.approx(1)


def test_top_k_keeps_the_k_most_probable_and_a_k_above_the_alphabet_keeps_all():
    assert next_probabilities(LOGITS, top_k=2)[0] == pytest.approx([5 / 8, 0, 3 / 8, 0])
    assert next_probabilities(LOGITS, top_k=1) == pytest.approx(
        next_probabilities(LOGITS, temperature=0)
    )
    assert next_probabilities(LOGITS, top_k=999) == pytest.approx(np.exp(LOGITS))


def test_the_nucleus_is_small_where_the_model_is_sure():
    kept = next_probabilities(LOGITS, top_p=0.9)
    assert (kept > 0).sum(axis=1).tolist() == [3, 1]
    assert kept.sum(axis=1) == pytest.approx([1, 1])
    assert next_probabilities(LOGITS, top_p=0.5)[0] == pytest.approx([1, 0, 0, 0])
    assert next_probabilities(LOGITS, top_p=1.0) == pytest.approx(np.exp(LOGITS))
    both = next_probabilities(LOGITS, top_k=2, top_p=0.99)
    assert (both > 0).sum(axis=1).tolist() == [2, 2]


def test_tokens_are_drawn_as_often_as_their_probability_says():
    probabilities = np.tile([0.5, 0.0, 0.3, 0.2], (20_000, 1))
    drawn = choose(probabilities, np.random.default_rng(0).random(20_000))
    assert np.bincount(drawn, minlength=4) / 20_000 == pytest.approx([0.5, 0, 0.3, 0.2], abs=0.02)
    assert choose(np.array([[0.0, 0.0, 1.0]]), np.array([0.0])).tolist() == [2]
    assert choose(np.array([[1.0, 0.0]]), np.array([1 - 1e-16])).tolist() == [0]


def test_loops_are_found_at_the_end_only():
    assert loop_length("it began " + "and so on, " * 8) == len("and so on, ")
    assert loop_length("and so on, " * 8 + "until it ended well.") == 0
    assert loop_length("so on, " * 8 + "so o") == 7, "the last round may be cut"
    assert loop_length("def f():\n            ") == 0, "an indentation is no loop"
    assert loop_length("x" * 80) == 1
    assert loop_length("ab" * 40, times=50) == 0
    assert loop_rate(["so on, " * 20, "x = 1"]) == 0.5


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("    return x + 1", True),
        ("x = f(a,", True),
        ('    """A text that goes on', True),
        ("x = 'a string", False),
        ("x = $y", False),
        ("cost: 5 ? 6", False),
        ("else:", True),
    ],
)
def test_lines_are_accepted_as_python_s_tokenizer_says(line, accepted):
    assert line_tokenizes(line) is accepted, sys.version


def test_shares_of_lines_and_words_leave_out_what_was_cut():
    assert share_of_lines(["x = 1\n\ny = $\nz = 'cut"]) == 0.5
    assert share_of_known_words(["the cat sat on the mxtk cu"], {"the", "cat", "sat"}) == 0.8
    assert distinct_ngrams(["a b a b a b"], 2) == pytest.approx(2 / 5)
    assert distinct_ngrams(["a b c", "d e f"], 2) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: loop_rate([]), "list of one string or more"),
        (lambda: share_of_lines("x = 1"), "list of one string or more"),
        (lambda: share_of_lines(["x = 1"]), "no whole line"),
        (lambda: share_of_known_words(["a b"], {"a"}), "no words"),
        (lambda: distinct_ngrams(["a b"], 3), "No text has 3 words"),
        (lambda: loop_length("aaa", times=1), "twice or more"),
    ],
)
def test_measures_say_what_they_cannot_measure(call, words):
    with pytest.raises(InputError, match=words):
        call()
