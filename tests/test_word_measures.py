"""Analogies and judgments of people: the measures of lesson 2."""

import numpy as np
import pytest

from course_utils.data.word_sets import Analogies, WordPairs
from course_utils.errors import InputError
from course_utils.vectors import WordVectors
from course_utils.word2vec import score_analogies, similarity_correlation


def vectors_of(**rows):
    return WordVectors(list(rows), np.array(list(rows.values()), np.float32))


# Two pairs with the same offset. King is nearest to what is asked, and woman to the answer.
ROYALTY = vectors_of(
    man=[5, 0, 1], king=[5, 1, 1], woman=[5, 0, -1], queen=[5, 1.6, -1.6], apple=[-1, -1, 0]
)
QUESTIONS = Analogies(
    [
        ("man", "king", "woman", "queen"),
        ("man", "king", "plum", "queen"),
        ("king", "man", "queen", "apple"),
    ],
    ["first", "first", "second"],
    "made here",
)


def test_analogies_are_answered_with_the_nearest_word_left_over():
    score = score_analogies(ROYALTY, QUESTIONS)
    assert score.correct.tolist() == [True, False] and score.accuracy == 0.5
    assert score.sections == ["first", "second"] and score.n_questions == 3
    assert score.by_section() == {"first": 1.0, "second": 0.0}


def test_the_options_of_analogies_change_the_answer():
    royal = Analogies([("man", "king", "woman", "woman")], ["s"], "made here")
    assert score_analogies(ROYALTY, royal, exclude=False, offset=False).accuracy == 1
    assert score_analogies(ROYALTY, royal, exclude=True, offset=False).accuracy == 0
    near = vectors_of(a=[1, 0], b=[0, 1], c=[-1, 0.2], d=[-1, 0.6], e=[-1, 0.3])
    asked = [Analogies([("a", "b", "c", answer)], ["s"], "made here") for answer in "de"]
    with_offset = [score_analogies(near, a).accuracy for a in asked]
    without = [score_analogies(near, a, offset=False).accuracy for a in asked]
    assert with_offset == [1, 0] and without == [0, 1]


def random_questions(vectors, n, rng):
    """Return questions with words drawn at random, and the answers that the vectors give."""
    words = [[str(word) for word in rng.permutation(vectors.words)[:3]] for _ in range(n)]
    return [(*three, vectors.analogy(*three)[0][0]) for three in words]


def test_centering_takes_away_what_all_vectors_share():
    rng = np.random.default_rng(0)
    words, table = [f"w{i}" for i in range(30)], rng.normal(size=(30, 4)) + [5, 0, 0, 0]
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    questions = random_questions(WordVectors(words, unit - unit.mean(axis=0)), 50, rng)
    asked = Analogies(questions, ["s"] * 50, "made here")
    assert score_analogies(WordVectors(words, table), asked, center=True).accuracy == 1
    assert score_analogies(WordVectors(words, table), asked).accuracy < 1


def test_batches_of_analogies_do_not_change_the_score():
    rng = np.random.default_rng(0)
    vectors = WordVectors([f"w{i}" for i in range(30)], rng.normal(size=(30, 4)))
    questions = random_questions(vectors, 101, rng)
    questions[1::2] = [(a, b, c, a) for a, b, c, _ in questions[1::2]]  # a is never the answer
    asked = Analogies(questions, ["s"] * 101, "made here")
    for size in (1, 50, 51, 100, 101, 1000):
        correct = score_analogies(vectors, asked, batch_size=size).correct
        assert correct.tolist() == [True, False] * 50 + [True]


def test_cosines_are_ranked_against_the_judgments_of_people():
    vectors = vectors_of(a=[1, 0], b=[9, 1], c=[1, 1], d=[0, 7])
    pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("a", "unknown")]
    assert similarity_correlation(vectors, WordPairs(pairs, [10, 5, 1, 7], "")) == (1, 3)
    assert similarity_correlation(vectors, WordPairs(pairs, [1, 2, 3, 0], "")) == (-1, 3)
    assert similarity_correlation(vectors, WordPairs(pairs, [5, 9, 1, 0], ""))[0] == 0.5


def test_questions_that_no_vector_covers_are_one_sentence():
    with pytest.raises(InputError, match="No analogy is covered"):
        score_analogies(ROYALTY, Analogies([("a", "b", "c", "king")], ["s"], ""))
    with pytest.raises(InputError, match="Only 1 pairs are covered: a correlation needs 3"):
        similarity_correlation(ROYALTY, WordPairs([("man", "king"), ("a", "man")], [1, 2], ""))
