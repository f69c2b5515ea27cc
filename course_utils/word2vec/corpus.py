"""A text as one long row of word ids, and how often its words are kept, or drawn as negatives."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_size, finite_array, id_array, real_number
from course_utils.text.words import Vocabulary, frequent_words, tokenize
from course_utils.training.bars import track


@checked
@dataclass(frozen=True)
class Corpus:
    """Sentences as one long row of word ids. Words outside the vocabulary are left out.

    Attributes
    ----------
    vocabulary : Vocabulary
        V words, ids 0 and 1 reserved, then by falling frequency in the training text.
    ids : ndarray of int32, shape (n,)
    sentences : ndarray of int32, shape (n,)
        The number of the sentence that each word stands in.
    counts : ndarray of int64, shape (V,)
        How often each word occurs in `ids`.

    Raises
    ------
    InputError
        If ids and sentences are not whole numbers of equal count, or an id is no word's.
    """

    vocabulary: Vocabulary
    ids: np.ndarray
    sentences: np.ndarray
    counts: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ids = id_array(self.ids, "The ids of a corpus", 1, len(self.vocabulary))
        sentences = id_array(self.sentences, "The numbers of sentences", 1)
        if len(ids) != len(sentences):
            raise InputError(
                f"There are {len(ids)} ids, but {len(sentences)} numbers of sentences."
            )
        counts = np.bincount(ids, minlength=len(self.vocabulary))
        object.__setattr__(self, "counts", counts)

    def __len__(self) -> int:
        return len(self.ids)

    @partial(checked, own=True)
    def keep_probabilities(self, subsample: float) -> np.ndarray:
        """Return the probability of each word to stay when frequent words are dropped, shape (V,).

        With the word's share f of the corpus it is (sqrt(f / t) + 1) * t / f, at most 1, where t
        is `subsample`. The threshold 0 keeps everything.

        Raises
        ------
        InputError
            If the threshold is negative or no number.

        References
        ----------
        T. Mikolov et al., Distributed representations of words and phrases, 2013, section 2.3
        (eq. 5); the formula is that of the authors' program, word2vec.c.
        """
        if real_number(subsample, "The threshold subsample", 0) in (0, np.inf):
            return np.ones(len(self.counts))
        share = np.maximum(self.counts, 1) / len(self)
        return np.minimum(1, (np.sqrt(share / subsample) + 1) * subsample / share)

    @checked
    def negative_distribution(self, exponent: float = 0.75) -> np.ndarray:
        """Return the probability of each word to be drawn as a negative sample, shape (V,).

        References
        ----------
        T. Mikolov et al. 2013, section 2.2, the "noise distribution": counts to the power 3/4,
        scaled to sum 1.

        Raises
        ------
        InputError
            If the exponent is not finite.
        """
        finite_array(exponent, "The exponent")
        weights = np.where(self.counts > 0, np.maximum(self.counts, 1.0) ** exponent, 0)
        return weights / weights.sum()

    @checked
    def draw_negatives(
        self, rng: np.random.Generator, shape: tuple[int, ...], exponent: float = 0.75
    ) -> np.ndarray:
        """Return word ids (shape), int32, drawn from `negative_distribution(exponent)`.

        Raises
        ------
        InputError
            If the exponent is not finite, or the ids would take more than 2 GB.
        """
        check_size(*shape, what="The drawn ids")
        running = np.cumsum(self.negative_distribution(exponent))
        draws = rng.random(shape) * running[-1]
        return np.searchsorted(running, draws, side="right").astype(np.int32)


@checked
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
        If there is no text, a sentence is no string, fewer than two different words remain, or
        the given vocabulary has none of the words.
    """
    if isinstance(sentences, str):
        raise InputError("A corpus needs a list of sentences, but this is one string: split it.")
    sentences = list(sentences)
    tokenize = tokenize if vocabulary is None else vocabulary.tokenize
    shown = track(sentences, "reading", "sentence") if len(sentences) > 10_000 else sentences
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


def _frequent(
    counted: Counter[str], minimum_count: int, tokenize: Callable[[str], list[str]]
) -> Vocabulary:
    kept = frequent_words(counted, minimum_count)
    if len(kept) < 2:
        raise InputError(
            f"Word2Vec needs at least two different words, but {len(kept)} of {len(counted)} "
            f"occur {minimum_count} times or more: lower minimum_count or give more text."
        )
    words, counts = zip(*kept, strict=True)
    return Vocabulary(words, counts, tokenize)


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
    middle, context = [ids[:0]], [ids[:0]]
    for distance in range(1, int(windows.max(initial=0)) + 1):
        later, earlier = slice(distance, None), slice(None, -distance)
        together = sentences[later] == sentences[earlier]
        for here, there in ((later, earlier), (earlier, later)):
            chosen = together & (windows[here] >= distance)
            middle.append(ids[here][chosen])
            context.append(ids[there][chosen])
    return np.concatenate(middle), np.concatenate(context)
