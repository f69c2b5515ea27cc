"""The vectors before training, the loss during it, and what comes out."""

from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError
from course_utils.text.checks import check_size
from course_utils.text.words import Vocabulary
from course_utils.training.loop import History
from course_utils.vectors import WordVectors
from course_utils.word2vec.settings import Word2VecSettings


def starting_vectors(vocabulary_size: int, settings: Word2VecSettings) -> np.ndarray:
    """Return the vectors before training, uniform in +-0.5 / dimension, shape (V, dimension).

    The context vectors start at 0, as in word2vec.c.

    Raises
    ------
    InputError
        If they would take more than 2 GB.
    """
    check_size(vocabulary_size, settings.dimension, what="A table of word vectors")
    rng = np.random.default_rng(settings.seed)
    shape = (vocabulary_size, settings.dimension)
    return (rng.random(shape, dtype=np.float32) - 0.5) / settings.dimension


def check_loss(loss: float, negatives: int) -> float:
    """Return a mean loss, unless it shows that training diverges.

    Raises
    ------
    CourseError
        If it is more than a hundred times the loss of guessing. (`run_epochs` finds NaN.)
    """
    guess = (1 + negatives) * np.log(2)
    if loss > 100 * guess:
        raise CourseError(
            f"The loss became {loss:.3g}, where guessing costs {guess:.2f}: lower the learning "
            "rate."
        )
    return loss


@dataclass(frozen=True)
class Word2VecModel:
    """What training gives: two tables of word vectors, and how they came about.

    Attributes
    ----------
    vocabulary : Vocabulary
        V words.
    vectors, context_vectors : ndarray of float32, shape (V, dimension)
        The two vectors of each word: as middle word, also called center word, and as context (for
        CBoW: as context and as middle word). The first are what is used afterwards.
    settings : Word2VecSettings
    history : History
        `train_loss` is the mean loss in nats of a pair with its negative samples (for CBoW: of a
        middle word with its own), measured at every 16th step and the last one.
    words_per_second : float
        Words of the corpus, before subsampling, in all finished epochs, by the seconds of a clock
        for the whole training.
    """

    vocabulary: Vocabulary
    vectors: np.ndarray
    context_vectors: np.ndarray
    settings: Word2VecSettings
    history: History
    words_per_second: float

    def word_vectors(self) -> WordVectors:
        """Return the words with their vectors, the two reserved ids left out."""
        return WordVectors(self.vocabulary.words[2:], self.vectors[2:])
