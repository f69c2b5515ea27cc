"""N-grams; from logits to text: temperature, top-k, nucleus, the loop; measures of the result."""

import io
import sys
import tokenize
from collections import Counter

import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.rnn import (
    NGramModel,
    Sampling,
    TextGenerator,
    distinct_ngrams,
    line_tokenizes,
    loop_length,
    loop_rate,
    next_probabilities,
    sample,
    share_of_known_words,
    share_of_lines,
)
from course_utils.text import CharVocabulary

ALPHABET = CharVocabulary("abcd")


def generator():
    """A model that likes the next letter of the alphabet, and says what it was fed."""
    fed = []

    def step(ids, state):
        fed.append(ids.copy())
        seen = (0 if state is None else state) + ids.shape[1]
        logits = np.zeros((len(ids), 5), np.float32)
        logits[np.arange(len(ids)), ids[:, -1] % 4 + 1] = 3.0
        logits[:, 0] = 50.0  # the sign for unknown characters must never be generated
        return logits, seen

    made = TextGenerator(step, ALPHABET)
    made.fed = fed
    return made


def test_greedy_text_and_what_is_fed_in():
    made = generator()
    assert made.generate("ab", length=6, temperature=0) == "cdabcd"
    shapes = [ids.shape for ids in made.fed]
    assert shapes == [(1, 2)] + [(1, 1)] * 5, "after the prompt only the new character is fed"
    assert [int(ids[0, -1]) for ids in made.fed] == [2, 3, 4, 1, 2, 3]


def test_streaming_generates_the_same_text_and_hands_out_one_character_at_a_time():
    settings = {"length": 40, "temperature": 1.5, "seed": 3}
    text = generator().generate("a", **settings)
    assert "".join(generator().stream("a", **settings)) == text
    stream = generator().stream("a", **settings)
    assert next(stream) == text[0] and next(stream) == text[1]


def test_the_seed_decides_and_a_text_does_not_depend_on_its_neighbors():
    settings = {"length": 30, "temperature": 2.0}
    first = generator().generate("a", seed=1, **settings)
    assert generator().generate("a", seed=1, **settings) == first
    assert generator().generate("a", seed=2, **settings) != first
    many = generator().generate_many(["a", "b", "c"], seed=1, **settings)
    assert many[0] == first and len(set(many)) == 3
    assert generator().generate_many(["a", "b"], seed=1, **settings) == many[:2]
    assert "\ufffd" not in "".join(many)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": ""}, "The prompt is empty: give the model at least one character"),
        ({"prompt": "axb"}, "does not know the characters 'x'"),
        ({"temperature": -0.5}, "0 \\(greedy\\) or a positive number, but it is -0.5"),
        ({"temperature": float("nan")}, "0 \\(greedy\\) or a positive number"),
        ({"top_k": 0}, "top_k must be a whole number from 1 up, but it is 0"),
        ({"top_p": 0}, "above 0 and at most 1, but it is 0"),
        ({"top_p": 1.1}, "above 0 and at most 1, but it is 1.1"),
        ({"length": 0}, "length must be a whole number from 1 up, but it is 0"),
        ({"length": 2.5}, "length must be a whole number from 1 up, but it is 2.5"),
        ({"temperature": "warm"}, "temperature must be a number, but it is 'warm'"),
        ({"temperature": None}, "temperature must be a number, but it is None"),
        ({"top_k": 2.5}, "top_k must be a whole number from 1 up, but it is 2.5"),
        ({"top_p": "all"}, "top_p must be a number, but it is 'all'"),
        ({"seed": -1}, "seed must be a whole number from 0 up, but it is -1"),
        ({"seed": None}, "seed must be a whole number from 0 up, but it is None"),
    ],
)
def test_bad_input_is_one_clear_sentence(change, words):
    for call in (lambda **s: generator().generate(**s), lambda **s: next(generator().stream(**s))):
        with pytest.raises(InputError, match=words) as caught:
            call(**{"prompt": "ab", "length": 3} | change)
        assert "\n" not in str(caught.value)


def test_prompts_of_one_call_are_equally_long_and_a_list():
    with pytest.raises(InputError, match="same length"):
        generator().generate_many(["a", "ab"])
    for wrong in ("ab", []):
        with pytest.raises(InputError, match="list of one string or more"):
            generator().generate_many(wrong)


def test_an_unknown_setting_is_refused():
    with pytest.raises(TypeError, match="heat"):
        generator().generate("a", heat=2)
    assert Sampling(0.5, 3).top_p is None


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


def test_logits_of_one_text_without_their_axis_are_one_sentence():
    with pytest.raises(InputError, match=r"shape \(texts, V\), but these have \(4,\): put those"):
        next_probabilities(LOGITS[0])


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
    drawn = sample(probabilities, np.random.default_rng(0).random(20_000))
    assert np.bincount(drawn, minlength=4) / 20_000 == pytest.approx([0.5, 0, 0.3, 0.2], abs=0.02)
    assert sample(np.array([[0.0, 0.0, 1.0]]), np.array([0.0])).tolist() == [2]
    assert sample(np.array([[1.0, 0.0]]), np.array([1 - 1e-16])).tolist() == [0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("setting", [{}, {"temperature": 0}, {"top_k": 1}, {"top_p": 0.5}])
def test_logits_without_a_number_are_one_sentence(bad, setting):
    logits = np.array([[0.0, 1.0], [bad, -np.inf]])
    with pytest.raises(InputError, match="Logits must be numbers or minus infinity"):
        next_probabilities(logits, **setting)
    with pytest.raises(InputError, match="Logits must be numbers"):
        next_probabilities(np.empty((1, 0)), **setting)


@pytest.mark.parametrize("temperature", [1e-307, 1e-308, 5e-324])
@pytest.mark.parametrize("shift", [0, 900, -900])
def test_a_temperature_too_small_to_divide_by_is_greedy(temperature, shift):
    greedy = next_probabilities(LOGITS + shift, temperature=0)
    assert (next_probabilities(LOGITS + shift, temperature=temperature) == greedy).all()


@pytest.mark.parametrize(
    ("row", "uniform", "words"),
    [
        ([np.nan, 1.0], 0.5, "Probabilities must be numbers from 0 up"),
        ([np.inf, 1.0], 0.5, "Probabilities must be numbers from 0 up"),
        ([-0.5, 1.5], 0.5, "Probabilities must be numbers from 0 up"),
        ([0.0, 0.0], 0.5, "one above 0 in each row"),
        ([], 0.5, "one above 0 in each row"),
        ([0.5, 0.5], 1.0, "Random numbers to draw with"),
        ([0.5, 0.5], np.nan, "Random numbers to draw with"),
        ([0.5, 0.5], [0.5], "the shapes are"),
    ],
)
def test_nothing_is_drawn_from_what_is_no_distribution(row, uniform, words):
    with pytest.raises(InputError, match=words):
        sample(np.array([row]), np.array([uniform]))


def test_loops_are_found_at_the_end_only():
    assert loop_length("it began " + "and so on, " * 8) == len("and so on, ")
    assert loop_length("and so on, " * 8 + "until it ended well.") == 0
    assert loop_length("so on, " * 8 + "so o") == 7, "the last round may be cut"
    assert loop_length("def f():\n            ") == 0, "an indentation is no loop"
    assert loop_length("x" * 80) == 1
    assert loop_length("ab" * 40, times=50) == 0
    assert loop_rate(["so on, " * 20, "x = 1"]) == 0.5


ACCEPTED = (
    "    return x + 1",
    "x = f(a,",
    "    )",
    "else:",
    "    @property",
    "x: int = 0x1f_ff + 1e-5 + 3j  # a comment with ' and $",
    "a != b, a := b, lambda *a, **b: a // b << ~c",
    '    """A text that goes on',
    "'''A text's end''' + '''another one",
    r"""x = '''a \''' 5" b'''""",
    'x = """a""" \'b\'',
    "x = 'it\\'s' + r'\\d' + b'' + f'{y}'",
    "x = 1 + \\",
    "x = 'goes on \\",
    "0x1d61a:'s', 0x1d61b:'t', 0x",
    "1_a = 012",
    "größe = 1",
)
REFUSED = (
    "x = 'a string",
    "x = \"it's",
    'x = """a""" \'b',
    "    doesn't this close?",
    "x = $y",
    "cost: 5 ? 6",
    "Hello world!",
    "x ! = y",
    "`x`",
    "x \\ y",
    "5 €",
    "'goes on \\ not",
)


@pytest.mark.parametrize("line", ACCEPTED + REFUSED)
def test_lines_are_accepted_as_the_tokenizer_of_python_3_11_does_it(line):
    # These answers are fixed. On Python 3.12 and later `tokenize` itself answers otherwise.
    assert line_tokenizes(line) is (line in ACCEPTED)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the tokenizer of 3.11 is what is compared")
def test_fixed_answers_are_those_of_the_tokenizer_itself():
    for line in ACCEPTED + REFUSED:
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline))
            accepted = all(t.type != tokenize.ERRORTOKEN or t.string.isspace() for t in tokens)
        except tokenize.TokenError as error:  # something is open: a bracket, a text, a line
            accepted = "EOF in multi-line" in str(error)
        assert accepted is (line in ACCEPTED), line


def test_shares_of_lines_and_words_leave_out_what_was_cut():
    assert share_of_lines(["x = 1\n\ny = $\nz = 'cut"]) == 0.5
    assert share_of_known_words(["the cat sat on the mxtk cu"], {"the", "cat", "sat"}) == 0.8
    assert distinct_ngrams(["a b a b a b"], 2) == pytest.approx(2 / 5)
    assert distinct_ngrams(["a b c", "d e f"], 2) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: loop_rate([]), "There are no texts"),
        (lambda: share_of_lines("x = 1"), "this is one string"),
        (lambda: share_of_lines(["x = 1"]), "no whole line"),
        (lambda: share_of_known_words(["a b"], {"a"}), "no words"),
        (lambda: distinct_ngrams(["a b"], 3), "No text has 3 words"),
        (lambda: distinct_ngrams(["a b"], 0), "n must be a whole number from 1 up, but it is 0"),
        (lambda: distinct_ngrams(["a b"], 1.5), "n must be a whole number from 1 up"),
        (lambda: loop_length("aaa", times=1), "twice or more"),
    ],
)
def test_measures_say_what_they_cannot_measure(call, words):
    with pytest.raises(InputError, match=words):
        call()


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: NGramModel(0, 5), "at least 1 and small enough"),
        (lambda: NGramModel(12, 97), "at least 1 and small enough"),
        (lambda: NGramModel(3, 5).fit(np.array([1, 2])), "too few for 3-grams"),
        (lambda: NGramModel(2, 5).fit(np.array([1, 5])), "outside the table"),
        (lambda: NGramModel(2.5, 5), "order must be a whole number, but it is 2.5 .float."),
        (lambda: NGramModel(True, 5), "order must be a whole number, but it is True"),
        (lambda: NGramModel(2, 0), "vocabulary size must be a whole number from 1 up"),
        (lambda: NGramModel(2, 1.5), "vocabulary size must be a whole number from 1 up"),
        (
            lambda: NGramModel(2, 5).fit(np.arange(5)).probabilities(np.arange(3), 3),
            "1 to 2, not 3",
        ),
        (lambda: NGramModel(2, 5, "kneserney"), "no smoothing 'kneserney': .*kneser_ney"),
        (
            lambda: NGramModel(2, 5, "kneser_ney").fit(np.arange(5)).probabilities(np.arange(3), 1),
            "fit a model of the order 1",
        ),
    ],
)
def test_n_grams_that_make_no_sense_get_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("smoothing", ["witten_bell", "kneser_ney"])
def test_all_next_ids_have_the_probabilities_of_the_text(smoothing):
    model = NGramModel(3, 4, smoothing).fit(RNG.integers(0, 4, 60))
    text = RNG.integers(0, 4, 12)
    rows = model.next_probabilities(np.stack([text[:-2], text[1:-1]], axis=1))
    assert np.allclose(rows.sum(axis=1), 1) and rows.shape == (10, 4)
    assert np.allclose(rows[np.arange(10), text[2:]], model.probabilities(text))
    with pytest.raises(InputError, match="A 3-gram model reads 2 ids, .* have 3"):
        model.next_probabilities(np.zeros((1, 3), int))


def by_definition(train, held, order, size):
    """Witten-Bell, gram by gram."""
    tables = {}
    for n in range(1, order + 1):
        for i in range(len(train) - order + 1):  # as the model counts: prefixes of whole grams
            gram = tuple(train[i : i + n])
            tables.setdefault((n, gram[:-1]), Counter())[gram[-1]] += 1

    def probability(context, token):
        n = len(context) + 1
        shorter = probability(context[1:], token) if context else 1 / size
        counts = tables.get((n, context), Counter())
        kinds = len(counts) or 1
        return (counts[token] + kinds * shorter) / (sum(counts.values()) + kinds)

    return [
        probability(tuple(held[i - order + 1 : i]), held[i]) for i in range(order - 1, len(held))
    ]  # fmt: skip


def kneser_ney_by_definition(train, held, order, size):
    """Modified Kneser-Ney, gram by gram (Chen and Goodman 1999, section 3)."""
    counts = {order: Counter(tuple(train[i : i + order]) for i in range(len(train) - order + 1))}
    for n in range(order - 1, 0, -1):
        counts[n] = Counter(gram[1:] for gram in counts[n + 1])  # different characters before it

    def discount(n, count):
        seen = Counter(counts[n].values())
        if any(seen[k] == 0 for k in (1, 2, 3, 4)):
            return (0, 0.5, 1, 1.5)[min(count, 3)]
        k, y = min(count, 3), seen[1] / (seen[1] + 2 * seen[2])
        return min(max(k - (k + 1) * y * seen[k + 1] / seen[k], 0), k) if k else 0

    def probability(context, token):
        n = len(context) + 1
        shorter = probability(context[1:], token) if context else 1 / size
        after = [counts[n][(*context, c)] for c in range(size)]
        if sum(after) == 0:
            return shorter
        own = counts[n][(*context, token)]
        shared = sum(discount(n, count) for count in after)
        return (own - discount(n, own) + shared * shorter) / sum(after)

    return [
        probability(tuple(held[i - order + 1 : i]), held[i]) for i in range(order - 1, len(held))
    ]  # fmt: skip


@pytest.mark.parametrize("length", [60, 2000])  # too short to estimate discounts, and long enough
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_kneser_ney_is_what_its_formula_says(order, length):
    train = (RNG.pareto(1, length) * 2).astype(int) % 12
    held = np.concatenate([train[:40], RNG.integers(0, 13, 40)])
    model = NGramModel(order, 13, "kneser_ney").fit(train)
    wanted = kneser_ney_by_definition(train.tolist(), held.tolist(), order, 13)
    assert model.probabilities(held) == pytest.approx(wanted)


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
    best = NGramModel(4, 5, "kneser_ney").fit(train)
    for counted, order in ((model, 1), (model, 2), (model, 4), (best, 4)):
        given = [counted.probabilities(np.array([*context, c]), order)[-1] for c in range(5)]
        assert sum(given) == pytest.approx(1)


def test_a_longer_context_helps_where_it_decides():
    text = np.tile([0, 1, 1, 0, 2], 200)
    model = NGramModel(3, 3).fit(text)
    bits = [model.bits_per_character(text, order) for order in (1, 2, 3)]
    assert bits[0] > bits[1] > bits[2] and bits[2] < 0.2
