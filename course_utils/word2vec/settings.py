"""How Word2Vec is trained, and what is chosen where nothing is said."""

from dataclasses import dataclass
from functools import partial
from math import isfinite

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive, finite_array, real_number, whole_number
from course_utils.word2vec.corpus import Corpus

BLOCK = 32  # consecutive words that are trained together, see `Blocks`
LONG_TEXT = 1_500_000  # words
MAX_UPDATE_NORM = 2.0  # a negative sample meets every word of a step: more than this overshoots

_COUNTS = ("dimension", "window", "negatives", "epochs", "blocks", "negatives_per_block")


@partial(checked, own=True)
@dataclass(frozen=True)
class Word2VecSettings:
    """How Word2Vec is trained.

    Attributes
    ----------
    model : {"skipgram", "cbow"}
    dimension : int
        Numbers per word.
    window : int
        How far the farthest context word is, at most 32. Each position draws its own window from 1
        to this.
    negatives : int
        Negative samples that each true pair counts as much as.
    subsample : float
        Frequent words are dropped at random above this share of the text; 0 keeps all. A text so
        short that less than a block of 32 words would stay is not subsampled.
    exponent : float
        Negative samples are drawn by count to this power.
    epochs : int
        Passes over the corpus.
    learning_rate : float, optional
        It falls in a straight line to almost 0. By default 0.025 (skip-gram) or 0.05 (CBoW) for
        each pair, as in word2vec.c, and less when there are so few different words (about ten)
        that each step would meet the same ones again and again.
    blocks : int, optional
        Blocks of 32 words in a step. By default 16, and fewer when the vocabulary is small or one
        word very frequent: the update of a word that occurs many times in a step would overshoot.
    negatives_per_block : int, optional
        Negative samples that are drawn for each block of a step; all words of the step share
        them. By default 4, and up to 16 for texts of less than 1.5 million words.
    seed : int

    Raises
    ------
    InputError
        If the model is unknown, or a setting has the wrong type or makes no sense.
    """

    model: str = "skipgram"
    dimension: int = 100
    window: int = 5
    negatives: int = 5
    subsample: float = 1e-3
    exponent: float = 0.75
    epochs: int = 3
    learning_rate: float | None = None
    blocks: int | None = None
    negatives_per_block: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.model not in ("skipgram", "cbow"):
            raise InputError(f"The model must be 'skipgram' or 'cbow', not {self.model!r}.")
        whole_number(self.seed, "The seed", 0)
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None or name not in ("blocks", "negatives_per_block"):
                whole_number(value, f"The setting {name}", 1)
        if self.window > BLOCK:
            raise InputError(f"The window must be at most {BLOCK}, but it is {self.window}.")
        finite_array(real_number(self.subsample, "The setting subsample", 0), "The subsample")
        if not isfinite(real_number(self.exponent, "The exponent")):
            raise InputError(f"The exponent must be a finite number, but it is {self.exponent}.")
        check_positive(self.rate, "The learning rate")

    @property
    def rate(self) -> float:
        """The learning rate at the start."""
        usual = {"skipgram": 0.025, "cbow": 0.05}[self.model]
        return usual if self.learning_rate is None else self.learning_rate

    @checked
    def blocks_for(self, corpus: Corpus) -> int:
        """Return how many blocks a step takes."""
        if self.blocks is not None:
            return self.blocks
        left = corpus.counts * corpus.keep_probabilities(self.subsample)
        of_the_most_frequent = BLOCK * left.max() / left.sum()  # times in one block
        return int(np.clip(min(len(corpus.vocabulary) / 500, 8 / of_the_most_frequent), 1, 16))

    @checked
    def negatives_for(self, corpus: Corpus) -> int:
        """Return how many negative samples are drawn for each block of a step."""
        if self.negatives_per_block is not None:
            return self.negatives_per_block
        return int(np.clip(4 * LONG_TEXT / len(corpus), 4, 16))
