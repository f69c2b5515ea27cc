"""Word2Vec without a framework: the corpus as ids, what a training step sees, what comes out.

Everything that is drawn at random (which words are dropped, window sizes, noise words, the order)
is drawn here, with NumPy. So PyTorch and TensorFlow take the same steps.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from numbers import Integral

import numpy as np

from course_utils.errors import CourseError, InputError
from course_utils.text.words import Vocabulary, frequent_words, tokenize
from course_utils.training.bars import progress
from course_utils.training.loop import History
from course_utils.vectors import WordVectors

BLOCK = 32  # words that are trained together, see `Blocks`
STEPS_PER_BATCH = 16
LONG_TEXT = 1_500_000  # words
REPEATS = 3.0  # how often a word of a step occurs in it, on average, before the rate is lowered
LONGEST_STRIDE = 2.0  # a noise word meets every word of a step; more than this would overshoot


@dataclass(frozen=True)
class Corpus:
    """Sentences as one long row of word ids. Words outside the vocabulary are left out.

    Attributes
    ----------
    vocabulary : Vocabulary
        V words, ids 0 and 1 reserved, then by falling frequency.
    ids : ndarray of int32, shape (n,)
    sentences : ndarray of int32, shape (n,)
        The number of the sentence that each word stands in.
    counts : ndarray of int64, shape (V,)
        How often each word occurs in `ids`.
    """

    vocabulary: Vocabulary
    ids: np.ndarray
    sentences: np.ndarray
    counts: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        counts = np.bincount(self.ids, minlength=len(self.vocabulary))
        object.__setattr__(self, "counts", counts)

    def __len__(self) -> int:
        return len(self.ids)

    def keep_probabilities(self, sample: float) -> np.ndarray:
        """Return the chance of each word to stay when frequent words are thinned out, shape (V,).

        With the word's share f of the corpus it is (sqrt(f / sample) + 1) * sample / f, at most 1.
        `sample` 0 keeps everything.

        Raises
        ------
        InputError
            If `sample` is negative.

        References
        ----------
        T. Mikolov et al., Distributed representations of words and phrases, 2013, section 2.3
        (eq. 5); the formula is that of the authors' program, word2vec.c.
        """
        if not sample >= 0:
            raise InputError(f"The sample must be 0 (keep all) or a small share, not {sample}.")
        if sample == 0:
            return np.ones(len(self.counts))
        share = np.maximum(self.counts, 1) / len(self)
        return np.minimum(1, (np.sqrt(share / sample) + 1) * sample / share)

    def noise(self, exponent: float = 0.75) -> np.ndarray:
        """Return the chance of each word to be drawn as a noise word, shape (V,).

        References
        ----------
        T. Mikolov et al. 2013, section 2.2: counts to the power 3/4, scaled to sum 1.
        """
        weights = np.where(self.counts > 0, np.maximum(self.counts, 1.0) ** exponent, 0)
        return weights / weights.sum()

    def draw_noise(
        self, rng: np.random.Generator, shape: tuple[int, ...], exponent: float = 0.75
    ) -> np.ndarray:
        """Return ids of noise words, int32, each drawn with the chance that `noise` gives it."""
        chances = np.cumsum(self.noise(exponent))
        draws = rng.random(shape) * chances[-1]
        return np.searchsorted(chances, draws, side="right").astype(np.int32)


def build_corpus(
    sentences: Iterable[str],
    *,
    minimum_count: int = 5,
    vocabulary: Vocabulary | None = None,
    tokenize: Callable[[str], list[str]] = tokenize,
) -> Corpus:
    """Return sentences as ids.

    Parameters
    ----------
    sentences : iterable of str
    minimum_count : int
        Rarer words are left out. Not used if a vocabulary is given.
    vocabulary : Vocabulary, optional
        That of the training text, to read a held-out text with it.
    tokenize : callable
        From a sentence to its words. Not used if a vocabulary is given: it has its own.

    Raises
    ------
    InputError
        If there is no text, or fewer than two different words remain.
    """
    if isinstance(sentences, str):
        raise InputError("A corpus needs a list of sentences, but this is one string: split it.")
    sentences = sentences if isinstance(sentences, list) else list(sentences)
    tokenize = tokenize if vocabulary is None else vocabulary.tokenize
    shown = progress(sentences, "reading", "sentence") if len(sentences) > 10_000 else sentences
    words = [tokenize(sentence) for sentence in shown]
    if not any(words):
        raise InputError("The corpus is empty: there is no word in it.")
    if vocabulary is None:
        vocabulary = _frequent(Counter(chain.from_iterable(words)), minimum_count, tokenize)
    lengths = [len(sentence) for sentence in words]
    ids = np.fromiter(map(vocabulary.id, chain.from_iterable(words)), np.int32, sum(lengths))
    numbers = np.repeat(np.arange(len(words), dtype=np.int32), lengths)
    known = ids > 1
    if not known.any():
        raise InputError("The corpus is empty: the vocabulary has none of its words.")
    return Corpus(vocabulary, ids[known], numbers[known])


def _frequent(counted: Counter, minimum_count: int, tokenize) -> Vocabulary:
    kept = frequent_words(counted, minimum_count)
    if len(kept) < 2:
        raise InputError(
            f"Word2Vec needs at least two different words, but {len(kept)} of {len(counted)} "
            f"occur {minimum_count} times or more: lower minimum_count or give more text."
        )
    words, counts = zip(*kept, strict=True)
    return Vocabulary(words, counts, tokenize)


@dataclass(frozen=True)
class Word2VecSettings:
    """How Word2Vec is trained.

    Attributes
    ----------
    model : {"skipgram", "cbow"}
    dimension : int
        Numbers per word.
    window : int
        The farthest context word. Each position draws its own window from 1 to this.
    negatives : int
        Noise words that each pair is compared with.
    sample : float
        Frequent words are thinned out with this threshold; 0 keeps all. A text so short that less
        than a block of 32 words would stay is not thinned.
    exponent : float
        Noise words are drawn by count to this power.
    epochs : int
        Passes over the corpus.
    learning_rate : float, optional
        It falls in a straight line to almost 0. By default 0.025 (skip-gram) or 0.05 (CBoW) for
        each pair, as in word2vec.c, and less when there are so few different words (about ten)
        that each step would meet the same ones again and again.
    blocks : int, optional
        Blocks of 32 words in a step. By default 16, and fewer when the vocabulary is small or one
        word very frequent: a word that occurs many times in a step would take too long a stride.
    seed : int

    Raises
    ------
    InputError
        If the model is unknown or a number makes no sense.
    """

    model: str = "skipgram"
    dimension: int = 100
    window: int = 5
    negatives: int = 5
    sample: float = 1e-3
    exponent: float = 0.75
    epochs: int = 3
    learning_rate: float | None = None
    blocks: int | None = None
    noise_per_block: int | None = None
    seed: int = 0

    def __post_init__(self):
        if self.model not in ("skipgram", "cbow"):
            raise InputError(f"The model must be 'skipgram' or 'cbow', not {self.model!r}.")
        counts = ("dimension", "window", "negatives", "epochs", "blocks", "noise_per_block")
        for name, least in {**dict.fromkeys(counts, 1), "seed": 0}.items():
            value = getattr(self, name)
            if name in ("blocks", "noise_per_block") and value is None:
                continue
            if not isinstance(value, Integral) or value < least:
                raise InputError(
                    f"The {name} must be a whole number from {least} up, but it is {value!r}."
                )
        if self.window > BLOCK:
            raise InputError(f"The window must be at most {BLOCK}, but it is {self.window}.")
        if not self.sample >= 0:
            raise InputError(f"The sample must be 0 or more, but it is {self.sample}.")
        if not np.isfinite(self.exponent):
            raise InputError(f"The exponent must be a finite number, but it is {self.exponent}.")
        if self.learning_rate is not None and not 0 < self.learning_rate < np.inf:
            raise InputError(f"The learning rate must be above 0, but it is {self.learning_rate}.")

    @property
    def rate(self) -> float:
        """The learning rate at the start."""
        usual = {"skipgram": 0.025, "cbow": 0.05}[self.model]
        return usual if self.learning_rate is None else self.learning_rate

    def blocks_for(self, corpus: Corpus) -> int:
        """Return how many blocks a step takes."""
        if self.blocks is not None:
            return self.blocks
        left = corpus.counts * corpus.keep_probabilities(self.sample)
        of_the_most_frequent = BLOCK * left.max() / left.sum()  # times in one block
        return int(np.clip(min(len(corpus.vocabulary) / 500, 8 / of_the_most_frequent), 1, 16))

    def noise_for(self, corpus: Corpus) -> int:
        """Return how many noise words there are for each block of a step."""
        if self.noise_per_block is not None:
            return self.noise_per_block
        return int(np.clip(4 * LONG_TEXT / len(corpus), 4, 16))


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
    noise : ndarray of int32, shape (S, K)
        Noise words, shared by all words of a step.
    rates : ndarray of float32, shape (S,)
        Learning rates.
    n_words : int
        Words of the corpus, before thinning, that this batch stands for.
    """

    ids: np.ndarray
    sentences: np.ndarray
    windows: np.ndarray
    noise: np.ndarray
    rates: np.ndarray
    n_words: float


class Blocks:
    """The batches of one epoch.

    The corpus is cut into blocks of 32 words. A block's vectors are gathered once and then used in
    every pair inside the block. That is what makes training fast: a pair by itself would fetch two
    vectors from memory for a single product.
    """

    def __init__(self, corpus: Corpus, settings: Word2VecSettings, epoch: int):
        self.corpus, self.settings, self.epoch = corpus, settings, epoch
        rng = np.random.default_rng([settings.seed, epoch])
        keep = corpus.keep_probabilities(settings.sample)
        kept = rng.random(len(corpus)) < keep[corpus.ids]
        if kept.sum() < BLOCK:  # thinning is meant for long texts: here little or nothing is left
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
        shape = (self.steps, settings.noise_for(corpus) * self.blocks)
        self.noise = corpus.draw_noise(rng, shape, settings.exponent)

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
        rates = self.rate * np.maximum(1 - done, 1e-4)
        # The last step borrows blocks from the first, so that all steps have the same shape.
        order = np.resize(self.order, (self.steps, self.blocks))
        for start in range(0, self.steps, STEPS_PER_BATCH):
            steps = slice(start, start + STEPS_PER_BATCH)
            rows = order[steps]  # (S, M)
            yield Batch(
                self.ids[rows],
                self.sentences[rows],
                self.windows[rows],
                self.noise[steps],
                rates[steps].astype(np.float32),
                len(self.corpus) * len(rows) / self.steps,
            )


def check_loss(loss: float, negatives: int) -> float:
    """Return a mean loss, unless it shows that training has gone astray.

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


def starting_vectors(vocabulary_size: int, settings: Word2VecSettings) -> np.ndarray:
    """Return the vectors before training, uniform in +-0.5 / dimension, shape (V, dimension).

    The context vectors start at 0, as in word2vec.c.
    """
    rng = np.random.default_rng(settings.seed)
    shape = (vocabulary_size, settings.dimension)
    return (rng.random(shape, dtype=np.float32) - 0.5) / settings.dimension


@dataclass(frozen=True)
class Word2VecModel:
    """What training gives.

    Attributes
    ----------
    vocabulary : Vocabulary
        V words.
    vectors, context_vectors : ndarray of float32, shape (V, dimension)
        The two vectors of each word: as middle word and as context (for CBoW: as context and as
        middle word). The first are what is used afterwards.
    settings : Word2VecSettings
    history : History
        `train_loss` is the mean loss in nats of a pair (for CBoW: of a middle word), measured at
        every 16th step.
    words_per_second : float
        Words of the corpus, before thinning, in all finished epochs.
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


def context_pairs(
    ids: np.ndarray, sentences: np.ndarray, windows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return all (middle word, context word) pairs of a row of words.

    Parameters
    ----------
    ids, sentences : ndarray of int, shape (n,)
        Words and the sentence that each stands in.
    windows : ndarray of int, shape (n,)
        How far each middle word looks to both sides.

    Returns
    -------
    middle, context : ndarray of int, shape (pairs,)
    """
    middle, context = [], []
    for distance in range(1, int(windows.max(initial=0)) + 1):
        together = sentences[distance:] == sentences[:-distance]
        for here, there in ((slice(distance, None), slice(None, -distance)),
                            (slice(None, -distance), slice(distance, None))):  # fmt: skip
            chosen = together & (windows[here] >= distance)
            middle.append(ids[here][chosen])
            context.append(ids[there][chosen])
    if not middle:
        return np.array([], ids.dtype), np.array([], ids.dtype)
    return np.concatenate(middle), np.concatenate(context)


def held_out_loss(
    vectors: np.ndarray,
    context_vectors: np.ndarray,
    held_out: Corpus,
    training: Corpus,
    *,
    model: str = "skipgram",
    window: int = 5,
    negatives: int = 5,
    sample: float = 1e-3,
    predictions: int = 100_000,
    seed: int = 1,
) -> float:
    """Return the mean loss of a prediction on held-out text, in nats.

    What is predicted and the noise words depend on the corpora and `seed` alone, so that programs
    can be compared. Guessing costs (1 + negatives) * log 2. The losses of skip-gram and CBoW cannot
    be compared: they predict different things.

    Parameters
    ----------
    vectors, context_vectors : ndarray, shape (V, d)
        Rows in the order of the vocabulary.
    held_out, training : Corpus
        With the same vocabulary.
    model : {"skipgram", "cbow"}
    predictions : int
        At most so many are measured, drawn at random.

    Raises
    ------
    InputError
        If the vectors or the held-out text belong to another vocabulary, a setting makes no sense,
        or the held-out text has no two known words beside each other.

    References
    ----------
    T. Mikolov et al. 2013, eq. 4.
    """
    Word2VecSettings(model=model, window=window, negatives=negatives, sample=sample, seed=seed)
    _check_same_vocabulary(vectors, context_vectors, held_out, training)
    rng = np.random.default_rng(seed)
    kept = rng.random(len(held_out)) < training.keep_probabilities(sample)[held_out.ids]
    ids = held_out.ids[kept]
    windows = rng.integers(1, window + 1, len(ids))
    places = np.arange(len(ids))
    middle, context = context_pairs(places, held_out.sentences[kept], windows)
    if not len(middle):
        raise InputError("The held-out text has no pair of known words: give more of it.")
    if model == "skipgram":
        chosen = rng.permutation(len(middle))[:predictions]
        first, target = vectors[ids[middle[chosen]]], ids[context[chosen]]  # (n, d), (n,)
    else:
        chosen = rng.permutation(np.unique(middle))[:predictions]
        first, target = _mean_contexts(vectors, ids, middle, context)[chosen], ids[chosen]
    noise = training.draw_noise(rng, (len(target), negatives))
    true = (first * context_vectors[target]).sum(axis=1)
    false = np.einsum("nd,nkd->nk", first, context_vectors[noise])
    return float((np.logaddexp(0, -true) + np.logaddexp(0, false).sum(axis=1)).mean())


def _check_same_vocabulary(vectors, context_vectors, held_out: Corpus, training: Corpus) -> None:
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


def _mean_contexts(vectors, ids, middle, context) -> np.ndarray:
    """Return the mean vector of the words around each place, shape (places, d)."""
    from scipy.sparse import csr_array

    shares = 1 / np.bincount(middle, minlength=len(ids))[middle]
    means = csr_array((shares, (middle, ids[context])), shape=(len(ids), len(vectors)))
    return means @ vectors
