"""The loss on text that was not trained on, the same for every program that makes vectors."""

import numpy as np

from course_utils.errors import InputError
from course_utils.word2vec.corpus import Corpus, context_pairs
from course_utils.word2vec.settings import Word2VecSettings


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
        If the vectors or the held-out text belong to another vocabulary, or the held-out text has
        no two known words beside each other.

    References
    ----------
    T. Mikolov et al. 2013, eq. 4.
    """
    settings = settings or Word2VecSettings()
    _check_same_vocabulary(vectors, context_vectors, held_out, training)
    rng = np.random.default_rng(seed)
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
