"""The steps of one epoch: which words they see, and which negative samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from course_utils.text.arguments import checked
from course_utils.text.checks import whole_number
from course_utils.word2vec.corpus import Corpus
from course_utils.word2vec.settings import BLOCK, Word2VecSettings

STEPS_PER_BATCH = 16
REPEATS = 3.0  # how often a word of a step occurs in it, on average, before the rate is lowered


@dataclass(frozen=True)
class Batch:
    """What S steps of training see; each step takes M blocks of T = 32 words.

    Attributes
    ----------
    ids : ndarray of int32, shape (S, M, T + 2 * window)
        The words of each block, and the words around it.
    sentences : ndarray of int32, shape (S, M, T + 2 * window)
        Their sentences; -1 is padding. A pair never crosses a sentence.
    windows : ndarray of int32, shape (S, M, T)
        The window that each of the T middle words drew.
    negatives : ndarray of int32, shape (S, K)
        Negative samples, shared by all words of a step.
    rates : ndarray of float32, shape (S,)
        Learning rates.
    n_words : int
        Words of the corpus, before subsampling, that this batch stands for.
    """

    ids: np.ndarray
    sentences: np.ndarray
    windows: np.ndarray
    negatives: np.ndarray
    rates: np.ndarray
    n_words: int

    def for_steps(self) -> tuple[np.ndarray, ...]:
        """Return what the S steps are told: the first four fields of `Step`, with S in front."""
        S, window = len(self.ids), (self.ids.shape[2] - BLOCK) // 2
        ids = self.ids.astype(np.int64)
        middle = ids[:, :, window:-window].reshape(S, -1)
        return middle, ids.reshape(S, -1), self.negatives.astype(np.int64), self.pair_rates()

    def pair_rates(self) -> np.ndarray:
        """Return the learning rate of each pair, shape (S, M, T + 2 * window, T), as in `Step`."""
        window = (self.ids.shape[2] - BLOCK) // 2
        middle = self.sentences[:, :, window:-window]
        windows = np.where(middle >= 0, self.windows, 0)  # padding has no context
        places = np.arange(BLOCK + 2 * window, dtype=np.int32)
        distances = np.abs(places[:, None] - places[window:-window])  # (T + 2 * window, T)
        distances[distances == 0] = BLOCK + 1  # a word is not its own context
        pairs = self.sentences[..., None] == middle[:, :, None]
        pairs &= distances <= windows[:, :, None]
        return pairs * self.rates[:, None, None, None]


class Tables(NamedTuple):
    """The two vectors of each word, as tensors of the framework that trains them.

    Attributes
    ----------
    vectors : float32, shape (V, d)
        Of words that are given: middle words (skip-gram) or context words (CBoW).
    contexts : float32, shape (V, d)
        Of words that are asked for: context words (skip-gram) or middle words (CBoW), and of the
        negative samples.
    """

    vectors: Any
    contexts: Any


class Step(NamedTuple):
    """What one step is told, as tensors of the framework that takes it.

    Attributes
    ----------
    middle : int64, shape (M * T,)
        The middle words of all blocks.
    around : int64, shape (M * (T + 2 * window),)
        All words of the blocks: the middle words and those around them.
    negatives : int64, shape (K,)
    rates : float32, shape (M, T + 2 * window, T)
        The learning rate where a word of a block and a middle word make a pair, 0 elsewhere.
    weight : float
        What one of the K negative samples counts for each pair.
    want_loss : bool
    """

    middle: Any
    around: Any
    negatives: Any
    rates: Any
    weight: Any
    want_loss: Any


@checked
class Blocks:
    """The batches of one epoch.

    The corpus is cut into blocks of 32 words. A block's vectors are gathered once and then used in
    every pair inside the block. That is what makes training fast: a pair by itself would fetch two
    vectors from memory for a single product.
    """

    def __init__(self, corpus: Corpus, settings: Word2VecSettings, epoch: int):
        self.corpus = corpus
        self.settings = settings
        self.epoch = epoch
        rng = np.random.default_rng([settings.seed, whole_number(epoch, "The epoch", 0)])
        keep = corpus.keep_probabilities(settings.subsample)
        kept = rng.random(len(corpus)) < keep[corpus.ids]
        if kept.sum() < BLOCK:  # subsampling is meant for long texts: here little or nothing stays
            kept[:] = True
        self.ids = self._cut(corpus.ids[kept], 0)  # (blocks, T + 2 * window)
        self.sentences = self._cut(corpus.sentences[kept], -1)
        self.windows = rng.integers(1, settings.window + 1, (len(self.ids), BLOCK), dtype=np.int32)
        self.order = rng.permutation(len(self.ids))
        self.blocks = min(settings.blocks_for(corpus), len(self.ids))
        self.steps = -(-len(self.ids) // self.blocks)
        self.rate = settings.rate
        if settings.learning_rate is None:
            shares = np.bincount(corpus.ids[kept]) / kept.sum()
            repeats = min(self.blocks * BLOCK, kept.sum()) * (shares**2).sum()
            self.rate *= min(1, REPEATS / repeats)
        shape = (self.steps, settings.negatives_for(corpus) * self.blocks)
        self.negatives = corpus.draw_negatives(rng, shape, settings.exponent)

    def _cut(self, row: np.ndarray, filler: int) -> np.ndarray:
        """Cut a row into overlapping pieces of T + 2 * window, shape (blocks, T + 2 * window)."""
        window = self.settings.window
        rest = -len(row) % BLOCK
        padded = np.pad(row, (window, window + rest), constant_values=filler)
        pieces = np.lib.stride_tricks.sliding_window_view(padded, BLOCK + 2 * window)
        return pieces[::BLOCK]

    def __len__(self) -> int:
        return -(-self.steps // STEPS_PER_BATCH)

    @property
    def n_rows(self) -> int:
        """Words of the corpus."""
        return len(self.corpus)

    def __iter__(self) -> Iterator[Batch]:
        done = (self.epoch + np.arange(self.steps) / self.steps) / self.settings.epochs
        rates = (self.rate * np.maximum(1 - done, 1e-4)).astype(np.float32)
        words = np.arange(self.steps + 1) * len(self.corpus) // self.steps  # read before each step
        # The last step borrows blocks from the first, so that all steps have the same shape.
        order = np.resize(self.order, (self.steps, self.blocks))
        for start in range(0, self.steps, STEPS_PER_BATCH):
            end = min(start + STEPS_PER_BATCH, self.steps)
            rows = order[start:end]  # (S, M)
            yield Batch(
                self.ids[rows],
                self.sentences[rows],
                self.windows[rows],
                self.negatives[start:end],
                rates[start:end],
                int(words[end] - words[start]),
            )
