"""How good are vectors? The loss on held-out text, analogies, and what people say of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.data.word_sets import Analogies, WordPairs
from course_utils.errors import InputError
from course_utils.evaluation import normalize_rows
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array, whole_number
from course_utils.vectors import WordVectors
from course_utils.word2vec.corpus import Corpus, context_pairs
from course_utils.word2vec.settings import Word2VecSettings


@checked
def held_out_loss(
    vectors: np.ndarray,
    context_vectors: np.ndarray,
    held_out: Corpus,
    training: Corpus,
    settings: Word2VecSettings | None = None,
    *,
    predictions: int = 100_000,
    seed: int = 1,
) -> float:
    """Return the mean loss of a prediction on held-out text, in nats.

    What is predicted and the negative samples depend on the corpora, the settings and `seed`
    alone, so that programs can be compared. Guessing costs (1 + negatives) * log 2. The losses of
    skip-gram and CBoW cannot be compared: they predict different things.

    Parameters
    ----------
    vectors, context_vectors : ndarray, shape (V, d)
        Rows in the order of the vocabulary.
    held_out, training : Corpus
        With the same vocabulary.
    settings : Word2VecSettings, optional
        Its model, window, negatives and subsample say what is asked. The negative samples are
        drawn by count to the power 3/4, whatever its exponent is. By default `Word2VecSettings()`.
    predictions : int
        At most so many are measured, drawn at random.
    seed : int
        Of the measurement. The settings have one of their own, which plays no part here.

    Raises
    ------
    InputError
        If the vectors or the held-out text belong to another vocabulary, a number of them is not
        finite, the held-out text has no two known words beside each other, or a number is too
        small.

    References
    ----------
    T. Mikolov et al. 2013, eq. 4.
    """
    settings = settings or Word2VecSettings()
    _check_same_vocabulary(vectors, context_vectors, held_out, training)
    whole_number(predictions, "The number of predictions", 1)
    rng = np.random.default_rng(whole_number(seed, "The seed", 0))
    keep = training.keep_probabilities(settings.subsample)
    kept = rng.random(len(held_out)) < keep[held_out.ids]
    ids = held_out.ids[kept]
    windows = rng.integers(1, settings.window + 1, len(ids))
    middle, context = context_pairs(np.arange(len(ids)), held_out.sentences[kept], windows)
    if not len(middle):
        raise InputError("The held-out text has no pair of known words: give more of it.")
    if settings.model == "skipgram":
        chosen = rng.permutation(len(middle))[:predictions]
        given, asked = vectors[ids[middle[chosen]]], ids[context[chosen]]  # (n, d), (n,)
    else:
        chosen = rng.permutation(np.unique(middle))[:predictions]
        given, asked = _mean_contexts(vectors, ids, middle, context)[chosen], ids[chosen]
    negatives = training.draw_negatives(rng, (len(asked), settings.negatives))
    true = (given * context_vectors[asked]).sum(axis=1)
    false = np.einsum("nd,nkd->nk", given, context_vectors[negatives])
    return float((np.logaddexp(0, -true) + np.logaddexp(0, false).sum(axis=1)).mean())


def _check_same_vocabulary(
    vectors: np.ndarray, context_vectors: np.ndarray, held_out: Corpus, training: Corpus
) -> None:
    words = training.vocabulary.words
    if held_out.vocabulary.words != words:
        raise InputError(
            "The held-out text has another vocabulary than the training text: read it with "
            "build_corpus(..., vocabulary=training.vocabulary)."
        )
    for table in (vectors, context_vectors):
        finite_array(table, "Vectors", 2)
    if not len(vectors) == len(context_vectors) == len(words):
        raise InputError(
            f"There are {len(vectors)} vectors and {len(context_vectors)} context vectors for a "
            f"vocabulary of {len(words)}: give both tables with the two reserved rows."
        )


def _mean_contexts(
    vectors: np.ndarray, ids: np.ndarray, middle: np.ndarray, context: np.ndarray
) -> np.ndarray:
    """Return the mean vector of the words around each position, shape (positions, d)."""
    from scipy.sparse import csr_array

    shares = 1 / np.bincount(middle, minlength=len(ids))[middle]
    means = csr_array((shares, (middle, ids[context])), shape=(len(ids), len(vectors)))
    return means @ vectors


@dataclass(frozen=True)
class AnalogyScore:
    """How many analogies were answered rightly.

    Attributes
    ----------
    correct : ndarray of bool, shape (covered,)
    sections : list of str
        The section of each covered question.
    n_questions : int
        All questions, those with unknown words included.
    """

    correct: np.ndarray
    sections: list[str]
    n_questions: int

    @property
    def accuracy(self) -> float:
        """Share of the covered questions that were answered rightly."""
        return float(self.correct.mean())

    def by_section(self) -> dict[str, float]:
        """Return the accuracy of each section, in the order of the questions."""
        sections = np.array(self.sections)
        return {
            name: float(self.correct[sections == name].mean())
            for name in dict.fromkeys(self.sections)
        }


@checked
def score_analogies(
    vectors: WordVectors,
    analogies: Analogies,
    *,
    exclude: bool = True,
    offset: bool = True,
    center: bool = False,
    batch_size: int = 1000,
) -> AnalogyScore:
    """Answer "a is to b as c is to ?" with the word nearest to b - a + c (3CosAdd).

    Parameters
    ----------
    vectors : WordVectors
        n words; they are the candidates.
    analogies : Analogies
        Questions with a word that has no vector are left out.
    exclude : bool
        Whether the answer may not be one of the question's own three words.
    offset : bool
        False answers with the word nearest to c alone: the baseline.
    center : bool
        Subtract the mean of all (unit) vectors first.
    batch_size : int
        Questions that are answered at once; it changes the memory, not the result.

    Raises
    ------
    InputError
        If no question is covered.

    References
    ----------
    O. Levy, Y. Goldberg, Linguistic regularities in sparse and explicit word representations,
    2014, eq. 3. Centering: J. Mu, P. Viswanath, All-but-the-top, 2018, section 2.
    """
    covered, rows = _covered(vectors, analogies.questions)  # rows (covered, 4)
    if not covered:
        raise InputError("No analogy is covered: the vectors lack a word of every question.")
    unit = normalize_rows(vectors.vectors)
    if center:
        unit = normalize_rows(unit - unit.mean(axis=0))
    correct = np.empty(len(rows), dtype=bool)
    for start in range(0, len(rows), whole_number(batch_size, "The batch size", 1)):
        a, b, c, d = rows[start : start + batch_size].T
        query = unit[b] - unit[a] + unit[c] if offset else unit[c]
        scores = query @ unit.T  # (batch, n)
        if exclude:
            np.put_along_axis(scores, np.stack([a, b, c], axis=1), -np.inf, axis=1)
        correct[start : start + batch_size] = scores.argmax(axis=1) == d
    return AnalogyScore(correct, [analogies.sections[i] for i in covered], len(analogies))


@checked
def similarity_correlation(vectors: WordVectors, pairs: WordPairs) -> tuple[float, int]:
    """Return Spearman's correlation of cosines with people's judgments, and the pairs covered.

    Pairs with a word that has no vector are left out.

    Parameters
    ----------
    vectors : WordVectors
    pairs : WordPairs

    Raises
    ------
    InputError
        If fewer than three pairs are covered.
    """
    from scipy.stats import spearmanr

    covered, rows = _covered(vectors, pairs.pairs)  # rows (covered, 2)
    if len(covered) < 3:
        raise InputError(f"Only {len(covered)} pairs are covered: a correlation needs 3 or more.")
    unit = normalize_rows(vectors.vectors)
    cosines = (unit[rows[:, 0]] * unit[rows[:, 1]]).sum(axis=1)
    correlation = spearmanr(cosines, [pairs.scores[i] for i in covered]).statistic
    return float(correlation), len(covered)


def _covered(vectors: WordVectors, groups: Sequence[Sequence[str]]) -> tuple[list[int], np.ndarray]:
    """Return which groups of words have vectors for all their words, and the rows of these."""
    covered = [i for i, group in enumerate(groups) if all(word in vectors for word in group)]
    return covered, np.array([[vectors.row(word) for word in groups[i]] for i in covered])
