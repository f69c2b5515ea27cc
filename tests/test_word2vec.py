"""Word2Vec: the corpus, its blocks, one step in both frameworks, and what training gives."""

import dataclasses
import importlib
import inspect
import re
from collections import Counter

import numpy as np
import pytest
from adapters import adapter

from course_utils.errors import CourseError, InputError
from course_utils.text import Vocabulary
from course_utils.word2vec import (
    Blocks,
    Corpus,
    Word2VecSettings,
    build_corpus,
    held_out_loss,
)
from course_utils.word2vec.blocks import Batch, Tables
from course_utils.word2vec.corpus import context_pairs
from course_utils.word2vec.model import starting_vectors
from course_utils.word2vec.settings import BLOCK, MAX_UPDATE_NORM

MODELS = pytest.mark.parametrize("model", ["skipgram", "cbow"])


@pytest.fixture(autouse=True)
def no_bars(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "0")


def two_topics(sentences=400, seed=0):
    """Return sentences of 3 to 12 words, each from one of two topics of 10 words."""
    rng = np.random.default_rng(seed)
    topics = [[f"{letter}{i}" for i in range(10)] for letter in "ab"]
    chosen = zip(rng.integers(0, 2, sentences), rng.integers(3, 13, sentences), strict=True)
    return [" ".join(rng.choice(topics[topic], length)) for topic, length in chosen]


TOPICS = build_corpus(two_topics(), minimum_count=1)


# --- the corpus ---------------------------------------------------------------------------------


def test_a_corpus_is_counted_and_keeps_its_sentences():
    corpus = build_corpus(["b a b", "...", "A rare b"], minimum_count=2)
    assert corpus.vocabulary.words == ["<pad>", "<unk>", "b", "a"] and len(corpus) == 5
    assert corpus.ids.tolist() == [2, 3, 2, 3, 2] and corpus.sentences.tolist() == [0, 0, 0, 2, 2]
    assert corpus.counts.tolist() == [0, 0, 3, 2]
    assert corpus.ids.dtype == corpus.sentences.dtype == np.int32


def test_a_held_out_text_is_read_with_the_vocabulary_and_its_way_to_split():
    training = build_corpus(["a-b c", "c a-b"], minimum_count=1, tokenize=str.split)
    held_out = build_corpus(iter(["c new a-b", "new"]), vocabulary=training.vocabulary)
    assert held_out.vocabulary is training.vocabulary
    assert [training.vocabulary.words[i] for i in held_out.ids] == ["c", "a-b"]


@pytest.mark.parametrize(
    ("sentences", "options", "words"),
    [
        ("one string", {}, "this is one string: split it"),
        ([], {}, "there is no word in it"),
        (["", "..."], {}, "there is no word in it"),
        (["a a a"], {"minimum_count": 1}, "two different words, but 1 of 1 occur 1 times"),
        (["a b c"], {}, "0 of 3 occur 5 times or more: lower minimum_count"),
        (["a b"], {"vocabulary": Vocabulary(["c"])}, "the vocabulary has none of its words"),
        ([None], {}, "must be a list of strings"),
    ],
)
def test_a_corpus_that_cannot_be_used_is_one_sentence(sentences, options, words):
    with pytest.raises(InputError, match=words):
        build_corpus(sentences, **options)


def test_chances_are_those_worked_out_by_hand():
    even = build_corpus(["a b c d"], minimum_count=1)  # shares of 1/4
    assert even.keep_probabilities(0.01)[2:] == pytest.approx(0.24)  # (sqrt(25) + 1) / 25
    assert (even.keep_probabilities(0) == 1).all() and (even.keep_probabilities(1) == 1).all()
    uneven = build_corpus(["a " * 16 + "b"], minimum_count=1)
    assert uneven.negative_distribution() == pytest.approx([0, 0, 8 / 9, 1 / 9])  # 16 ** 0.75 is 8
    assert uneven.negative_distribution(0) == pytest.approx([0, 0, 1 / 2, 1 / 2])
    assert uneven.negative_distribution(-1) == pytest.approx([0, 0, 1 / 17, 16 / 17])
    with pytest.raises(InputError, match="subsample must be a number from 0 up"):
        even.keep_probabilities(-0.1)
    with pytest.raises(
        InputError, match="subsample must be a number from 0 up, but it is 'x' .str."
    ):
        even.keep_probabilities("x")


# --- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "glove"}, "'skipgram' or 'cbow', not 'glove'"),
        ({"dimension": 0}, "dimension must be a whole number from 1 up, but it is 0"),
        ({"dimension": 50.5}, "dimension must be a whole number"),
        ({"window": 0}, "window must be"),
        ({"window": 33}, "window must be at most 32"),
        ({"negatives": -1}, "negatives must be"),
        ({"epochs": 0}, "epochs must be"),
        ({"blocks": 0}, "blocks must be"),
        ({"seed": -1}, "seed must be a whole number from 0 up"),
        ({"subsample": -1e-3}, "subsample must be a number from 0 up"),
        ({"subsample": float("nan")}, "subsample must be a number from 0 up"),
        ({"exponent": float("inf")}, "exponent must be a finite number"),
        ({"learning_rate": 0}, "learning rate must be a number above 0, but it is 0"),
        ({"learning_rate": -0.1}, "learning rate must be a number above 0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_sentence(settings, words):
    with pytest.raises(InputError, match=words):
        Word2VecSettings(**settings)


SETTINGS = [field.name for field in dataclasses.fields(Word2VecSettings)]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("value", ["x", True, [2]])
def test_a_setting_of_the_wrong_type_is_one_sentence(name, value):
    with pytest.raises(
        InputError, match=rf"{name.replace('_', '.')} must be .*(x|True|2)"
    ) as caught:
        Word2VecSettings(**{name: value})
    assert "\n" not in str(caught.value)


def test_all_settings_are_described():
    described = re.findall(r"^(\w+) : ", inspect.getdoc(Word2VecSettings), re.MULTILINE)
    assert described == SETTINGS


def corpus_of(n_words, n_different=20_000, most=0):
    """A corpus of `n_words` in which each word is as frequent as the others, but the first."""
    ids = np.arange(n_words, dtype=np.int32) % n_different + 2
    ids[:most] = 2
    vocabulary = Vocabulary([f"w{i}" for i in range(n_different)])
    return Corpus(vocabulary, ids, np.arange(n_words, dtype=np.int32) // 20)


def test_rates_that_are_not_given_are_chosen():
    assert Word2VecSettings().rate == 0.025 and Word2VecSettings(model="cbow").rate == 0.05
    assert Word2VecSettings(learning_rate=0.2).rate == 0.2


@pytest.mark.parametrize(
    ("corpus", "blocks"),
    [
        (corpus_of(40_000), 16),
        (corpus_of(40_000, n_different=2_000), 4),
        (corpus_of(40_000, n_different=100), 1),
        (corpus_of(40_000, most=2_400), 4),  # about one word in 16: twice in a block
    ],
)
def test_steps_are_short_if_words_would_occur_too_often_in_them(corpus, blocks):
    assert Word2VecSettings(subsample=0).blocks_for(corpus) == blocks
    assert Word2VecSettings(subsample=0, blocks=7).blocks_for(corpus) == 7


@pytest.mark.parametrize(("n_words", "drawn"), [(2_000_000, 4), (600_000, 10), (5_000, 16)])
def test_short_texts_get_more_negative_samples(n_words, drawn):
    assert Word2VecSettings().negatives_for(corpus_of(n_words)) == drawn
    assert Word2VecSettings(negatives_per_block=5).negatives_for(corpus_of(n_words)) == 5


# --- blocks -------------------------------------------------------------------------------------


def blocks_of(epoch=0, corpus=TOPICS, **settings):
    return Blocks(corpus, Word2VecSettings(**{"blocks": 4, "subsample": 0.0, **settings}), epoch)


def middle(blocks, array):
    """Return what belongs to the middle words, one after the other, in the order of the text."""
    window = (array.shape[1] - BLOCK) // 2
    inside = blocks.sentences[:, window : window + BLOCK] >= 0
    return array[:, window : window + BLOCK][inside]


def pairs_in(ids, sentences, windows):
    """Return the positions (middle, nearby) of all pairs in the surroundings of one block."""
    width = (len(ids) - BLOCK) // 2
    return [
        (i, j)
        for i in range(width, width + BLOCK)
        for j in range(len(ids))
        if 0 < abs(i - j) <= windows[i - width] and sentences[i] == sentences[j] >= 0
    ]


def test_every_word_is_a_middle_word_once_and_the_last_step_borrows():
    blocks = blocks_of()
    assert middle(blocks, blocks.ids).tolist() == TOPICS.ids.tolist()
    batches = list(blocks)
    rows = np.concatenate([batch.ids.reshape(-1, BLOCK + 10) for batch in batches])
    borrowed = len(rows) - len(blocks.ids)
    assert 0 < borrowed < 4 and (rows[len(blocks.ids) :] == rows[:borrowed]).all()
    once = Counter(map(bytes, rows[: len(blocks.ids)]))
    assert once == Counter(map(bytes, blocks.ids))
    assert sum(batch.n_words for batch in batches) == len(TOPICS)
    assert len(batches) == len(blocks) and blocks.n_rows == len(TOPICS)


@pytest.mark.parametrize("subsample", [0.0, 0.008])
def test_the_blocks_have_the_pairs_of_the_text_neither_more_nor_fewer(subsample):
    blocks = blocks_of(subsample=subsample, window=7)
    found = Counter(
        (int(ids[i]), int(ids[j]))
        for ids, sentences, windows in zip(
            blocks.ids, blocks.sentences, blocks.windows, strict=True
        )
        for i, j in pairs_in(ids, sentences, windows)
    )
    row, sentences = middle(blocks, blocks.ids), middle(blocks, blocks.sentences)
    expected = context_pairs(row, sentences, blocks.windows.ravel()[: len(row)])
    assert found == Counter(zip(*map(np.ndarray.tolist, expected), strict=True))
    assert set(blocks.windows.ravel()) == set(range(1, 8))


def test_each_pair_of_a_block_has_the_rate_of_its_step_and_padding_has_none():
    for batch in blocks_of():
        rates = batch.pair_rates()  # (S, M, T + 2 * window, T)
        assert rates.dtype == np.float32
        for step, block in np.ndindex(rates.shape[:2]):
            row = (part[step, block] for part in (batch.ids, batch.sentences, batch.windows))
            expected = np.zeros_like(rates[0, 0])
            for i, j in pairs_in(*row):
                expected[j, i - 5] = batch.rates[step]
            assert (rates[step, block] == expected).all()


def test_pairs_are_those_of_a_slow_loop_and_never_cross_a_sentence():
    rng = np.random.default_rng(0)
    n = 60
    ids, windows, sentences = np.arange(n), rng.integers(1, 6, n), np.sort(rng.integers(0, 9, n))
    slow = {
        (i, j)
        for i in range(n)
        for j in range(n)
        if 0 < abs(i - j) <= windows[i] and sentences[i] == sentences[j]
    }
    first, second = context_pairs(ids, sentences, windows)
    assert len(first) == len(slow) and set(zip(first, second, strict=True)) == slow
    assert [len(part) for part in context_pairs(ids[:0], ids[:0], windows[:0])] == [0, 0]


def test_frequent_words_are_dropped_in_the_share_that_the_formula_says():
    kept = [
        len(middle(b, b.ids)) for b in (blocks_of(e, subsample=0.008, epochs=50) for e in range(50))
    ]
    expected = TOPICS.keep_probabilities(0.008)[TOPICS.ids].sum()
    assert 0.4 < expected / len(TOPICS) < 0.8
    assert np.mean(kept) == pytest.approx(expected, rel=0.01)


def test_negative_samples_are_drawn_as_often_as_their_distribution_says():
    corpus = build_corpus(["a " * 16 + "b"] * 500, minimum_count=1)
    drawn = blocks_of(corpus=corpus).negatives
    assert drawn.shape[1] == 4 * 16, "16 for each of the four blocks"
    assert np.bincount(drawn.ravel(), minlength=4) / drawn.size == pytest.approx(
        corpus.negative_distribution(), abs=0.02
    )


def test_the_learning_rate_falls_in_a_straight_line():
    epochs = [blocks_of(epoch, epochs=3, learning_rate=0.3) for epoch in range(3)]
    rates = np.concatenate([batch.rates for blocks in epochs for batch in blocks])
    assert rates == pytest.approx(np.linspace(0.3, 0, len(rates), endpoint=False), abs=1e-6)
    assert rates.min() > 0


def test_where_the_same_words_come_again_and_again_the_usual_rate_is_lower():
    two = build_corpus(["x y " * 1000], minimum_count=1)  # each fills half of a block of 32
    assert blocks_of(corpus=two, blocks=1).rate == pytest.approx(0.025 * 3 / 16)
    assert blocks_of(corpus=two, blocks=1, learning_rate=0.1).rate == 0.1
    assert blocks_of(blocks=1).rate == 0.025  # of twenty words none comes often


def test_the_seed_and_the_epoch_decide_what_is_drawn():
    def drawn(epoch, seed):
        batches = list(blocks_of(epoch, seed=seed, epochs=2, subsample=0.008))
        return [batch.ids.tobytes() + batch.negatives.tobytes() for batch in batches]

    assert drawn(0, 1) == drawn(0, 1)
    assert drawn(0, 1) != drawn(1, 1) and drawn(0, 1) != drawn(0, 2)
    first = starting_vectors(7, Word2VecSettings(dimension=4, seed=1))
    assert first.shape == (7, 4) and first.dtype == np.float32 and np.abs(first).max() <= 1 / 8
    assert (first == starting_vectors(7, Word2VecSettings(dimension=4, seed=1))).all()
    assert (first != starting_vectors(7, Word2VecSettings(dimension=4, seed=2))).any()


# --- the held-out loss --------------------------------------------------------------------------


@MODELS
def test_vectors_that_were_not_trained_cost_what_guessing_costs(model):
    vectors = starting_vectors(len(TOPICS.vocabulary), Word2VecSettings())
    for negatives in (1, 5):
        settings = Word2VecSettings(model=model, negatives=negatives, subsample=0)
        loss = held_out_loss(vectors, 0 * vectors, TOPICS, TOPICS, settings)
        assert loss == pytest.approx((1 + negatives) * np.log(2))


@MODELS
def test_the_held_out_loss_is_that_of_a_slow_loop(model):
    held_out = build_corpus(["a b c b", "c a", "b"], minimum_count=1)
    training = Corpus(held_out.vocabulary, held_out.ids, held_out.sentences)
    negative = held_out.vocabulary.id("c")  # the only one that is ever drawn
    object.__setattr__(training, "counts", np.eye(5, dtype=int)[negative])
    rng = np.random.default_rng(0)
    vectors, contexts = rng.normal(size=(2, 5, 3))
    losses = []
    for i, word in enumerate(held_out.ids):
        near = [
            held_out.ids[j]
            for j in (i - 1, i + 1)
            if 0 <= j < len(held_out) and held_out.sentences[i] == held_out.sentences[j]
        ]
        questions = [(vectors[word], other) for other in near]
        if model == "cbow":
            questions = [(np.mean(vectors[near], axis=0), word)] if near else []
        for given, asked in questions:
            true, false = given @ contexts[asked], given @ contexts[negative]
            losses.append(np.log1p(np.exp(-true)) + 2 * np.log1p(np.exp(false)))
    settings = Word2VecSettings(model=model, window=1, negatives=2, subsample=0)
    loss = held_out_loss(vectors, contexts, held_out, training, settings)
    assert loss == pytest.approx(np.mean(losses))


def test_a_held_out_loss_that_cannot_be_measured_is_one_sentence():
    vectors = starting_vectors(len(TOPICS.vocabulary), Word2VecSettings())
    other = build_corpus(["x y x y"], minimum_count=1)
    alone = build_corpus(["a1", "b1"], vocabulary=TOPICS.vocabulary)
    for tables, held_out, words in (
        ((vectors, vectors), other, "another vocabulary"),
        ((vectors[2:], vectors[2:]), TOPICS, "with the two reserved rows"),
        ((vectors, vectors), alone, "no pair of known words"),
    ):
        with pytest.raises(InputError, match=words):
            held_out_loss(*tables, held_out, TOPICS, Word2VecSettings(subsample=0))


# --- one step -----------------------------------------------------------------------------------


def one_batch(model, rate):
    """Return settings, a batch of one step, and random tables, such as training would meet."""
    settings = Word2VecSettings(
        model=model, dimension=8, negatives=3, blocks=2, negatives_per_block=4, window=4
    )
    batch = next(iter(Blocks(TOPICS, settings, 0)))
    fields = ("ids", "sentences", "windows", "negatives")
    parts = {name: getattr(batch, name)[:1] for name in fields}
    rng = np.random.default_rng(0)
    tables = rng.normal(0, 0.5, (2, len(TOPICS.vocabulary), 8)).astype(np.float32)
    return settings, {**parts, "rates": np.array([rate], np.float32)}, tables


def questions(model, parts):
    """Return how a step's questions are made of words: shares (questions, words), and the targets.

    `shares @ vectors` is what is given; the middle word itself, or the mean of the words around.
    """
    given, asked = [], []
    size = len(TOPICS.vocabulary)
    for ids, sentences, windows in zip(
        parts["ids"][0], parts["sentences"][0], parts["windows"][0], strict=True
    ):
        near = {}
        for i, j in pairs_in(ids, sentences, windows):
            near.setdefault(int(i), []).append(ids[j])
        for i, around in near.items():
            if model == "skipgram":
                given += [np.eye(size)[ids[i]]] * len(around)
                asked += around
            else:
                given.append(np.eye(size)[around].mean(axis=0))
                asked.append(ids[i])
    return np.array(given, np.float32), np.array(asked)


def written_out(einsum, softplus, shares, asked, negatives):
    """Return the loss of all questions, as the paper writes it, as a function of the tables."""

    def loss(vectors, contexts, drawn):
        given = einsum("qv,vd->qd", shares, vectors)
        true = einsum("qd,qv,vd->q", given, asked, contexts)
        false = einsum("qd,kd->qk", given, drawn)
        weight = negatives / drawn.shape[0]
        return einsum("q->", softplus(-true)) + weight * einsum("qk->", softplus(false))

    return loss


def autograd(name, tables, *question):
    """Return the loss and its gradients, by PyTorch or TensorFlow."""
    if name == "pytorch":
        import torch

        leaves = [torch.tensor(table, requires_grad=True) for table in tables]
        shares, asked, negatives = *map(torch.tensor, question[:2]), question[2]
        softplus = torch.nn.functional.softplus
        loss = written_out(torch.einsum, softplus, shares, asked, negatives)(*leaves)
        loss.backward()
        return loss.item(), [leaf.grad.numpy() for leaf in leaves]
    import tensorflow as tf

    leaves = [tf.Variable(table) for table in tables]
    with tf.GradientTape() as tape:
        loss = written_out(tf.einsum, tf.math.softplus, *question)(*leaves)
    return float(loss), [gradient.numpy() for gradient in tape.gradient(loss, leaves)]


def take_step(name, settings, parts, tables):
    """Let an adapter take the step; return the tables after it, and the loss that it tells."""
    module = importlib.import_module(f"{adapter(name).__name__}.word2vec")
    if name == "tensorflow":
        import tensorflow as tf

        tables = Tables(*map(tf.Variable, tables))
        loss = module._compiled_steps(tables, settings)(*Batch(**parts, n_words=1).for_steps())
        return *(table.numpy() for table in tables), float(loss)
    import torch

    tables = Tables(*map(torch.tensor, tables))
    loss = module._take_steps(tables, Batch(**parts, n_words=1), settings)
    return *(table.numpy() for table in tables), loss


@pytest.mark.parametrize("name", ["pytorch", "tensorflow"])
@pytest.mark.parametrize(
    ("model", "rate", "shortened"),
    [
        ("skipgram", 0.01, False),
        ("skipgram", 0.35, True),
        ("cbow", 0.01, False),
        ("cbow", 0.55, True),
    ],
)
def test_a_step_follows_the_gradient_and_clips_long_updates(name, model, rate, shortened):
    adapter(name)
    settings, parts, (vectors, contexts) = one_batch(model, rate)
    shares, words = questions(model, parts)
    asked, drawn = np.eye(len(contexts), dtype=np.float32)[words], parts["negatives"][0]
    tables = (vectors, contexts, contexts[drawn])
    loss, (g_vectors, g_contexts, g_drawn) = autograd(
        name, tables, shares, asked, settings.negatives
    )
    lengths = rate * np.linalg.norm(g_drawn, axis=1, keepdims=True)
    assert (lengths.max() > MAX_UPDATE_NORM) == shortened and lengths.min() < MAX_UPDATE_NORM
    expected = contexts - rate * g_contexts
    np.subtract.at(expected, drawn, rate * g_drawn / np.maximum(1, lengths / MAX_UPDATE_NORM))

    after, contexts_after, told = take_step(name, settings, parts, [vectors, contexts])
    assert np.abs(after - (vectors - rate * g_vectors)).max() < 1e-5
    assert np.abs(contexts_after - expected).max() < 1e-5
    assert told == pytest.approx(loss / len(words), rel=1e-5)


# --- training -----------------------------------------------------------------------------------


@MODELS
def test_both_frameworks_learn_the_same_numbers(model):
    corpus = build_corpus(two_topics(640), minimum_count=1)
    settings = {"model": model, "dimension": 16, "epochs": 2, "subsample": 0, "blocks": 6}
    assert 50 <= 2 * Blocks(corpus, Word2VecSettings(**settings), 0).steps < 60
    first, second = (
        adapter(n).train_word2vec(corpus, **settings) for n in ("pytorch", "tensorflow")
    )
    for ours, theirs in (
        (first.vectors, second.vectors),
        (first.context_vectors, second.context_vectors),
        (first.history.column("train_loss"), second.history.column("train_loss")),
    ):
        assert np.abs(ours - theirs).max() < 1e-5
    assert np.abs(first.context_vectors).max() > 0.1, "nothing was learned"


@MODELS
def test_words_of_one_topic_become_neighbors(framework, model):
    trained = framework.train_word2vec(TOPICS, model=model, dimension=16, epochs=5, subsample=0)
    vectors = trained.word_vectors()
    same = [near[0] == word[0] for word in vectors.words for near, _ in vectors.nearest(word, 5)]
    assert np.mean(same) > 0.95
    losses = trained.history.column("train_loss")
    assert losses[-1] < losses[0] < 6 * np.log(2) + 0.01 and trained.words_per_second > 0


TINY = {
    "ten words": ["the cat drinks milk", "the dog drinks", "the cat sees"],
    "one word a sentence but two": ["a", "b", "c d"],
    "200 words": two_topics(30),
    "a vocabulary of two": ["x y"] * 150,
    "the same in a long sentence": ["x y " * 1000],
    "one word nearly alone": ["x " * 500 + "y"],
}


@MODELS
@pytest.mark.parametrize("text", TINY)
def test_tiny_texts_are_learned_with_the_usual_settings(framework, text, model):
    corpus = build_corpus(TINY[text], minimum_count=1)
    trained = framework.train_word2vec(corpus, model=model, epochs=20)
    assert np.isfinite(trained.vectors).all() and np.isfinite(trained.context_vectors).all()
    assert trained.vectors.shape == (len(corpus.vocabulary), 100)
    assert np.abs(trained.context_vectors).max() > 0, "nothing was learned"
    assert trained.history.column("train_loss").max() < 6 * np.log(2) + 0.5
    assert len(trained.word_vectors()) == len(corpus.vocabulary) - 2


def test_stopping_keeps_the_vectors(framework, monkeypatch, capsys):
    whole = Blocks.__iter__

    def stopped(blocks):
        if blocks.epoch == 1:
            raise KeyboardInterrupt
        return whole(blocks)

    monkeypatch.setattr(Blocks, "__iter__", stopped)
    trained = framework.train_word2vec(TOPICS, dimension=8, epochs=5)
    assert "Stopped by you after 1 of 5 epochs" in capsys.readouterr().out
    assert trained.history.stopped_early and np.abs(trained.context_vectors).max() > 0


@pytest.mark.parametrize(("rate", "words"), [(0.11, "where guessing costs 4.16"), (1e30, "became")])
def test_a_rate_that_explodes_is_one_sentence(framework, rate, words):
    with pytest.raises(CourseError, match=f"{words}.*: lower the learning rate"):
        framework.train_word2vec(
            TOPICS, learning_rate=rate, subsample=0, dimension=16, negatives_per_block=4
        )


def test_a_wrong_setting_is_said_before_training(framework):
    with pytest.raises(InputError, match="window must be"):
        framework.train_word2vec(TOPICS, window=0)
