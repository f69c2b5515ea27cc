"""Character n-grams: the baseline of every character model."""

from dataclasses import dataclass

import numpy as np

from course_utils.errors import InputError, suggestion
from course_utils.text.arguments import checked
from course_utils.text.characters import find_sorted
from course_utils.text.checks import id_array, whole_number

SMOOTHINGS = ("witten_bell", "kneser_ney")


@dataclass(frozen=True)
class _Table:
    """What a model knows of its n-grams of one length n, as numbers sorted for a binary search.

    p(c | h) = (kept(h c) + shared(h) p(c | shorter h)) / total(h), where h is the context.
    """

    grams: np.ndarray  # (grams,), the context and its next character
    kept: np.ndarray  # (grams,), what is left of a count
    contexts: np.ndarray  # (contexts,)
    shared: np.ndarray  # (contexts,), what goes to the shorter context
    totals: np.ndarray  # (contexts,)


class NGramModel:
    """Character n-grams, smoothed: the baseline of every character model.

    A long context that was seen rarely is mixed with the next shorter one.

    `"witten_bell"`: the weight of the shorter one is the number of different characters that
    followed the context: p(c | h) = (count(h c) + kinds(h) p(c | shorter h)) / (count(h) +
    kinds(h)).

    `"kneser_ney"` (modified, interpolated): each count gives a discount to the shorter context, one
    for counts of 1, of 2, and of 3 or more. A shorter context counts in how many different places
    its n-grams stand, not how often: p(c | h) = (count(h c) - D(count(h c)) + the discounts of h
    times p(c | shorter h)) / count(h).

    Parameters
    ----------
    order : int
        5 looks at the four characters before. 1 is the unigram model.
    vocabulary_size : int
    smoothing : {"witten_bell", "kneser_ney"}

    Raises
    ------
    InputError
        If a number is no whole number or below 1, the order so high that an n-gram does not fit
        into 63 bits, or there is no such smoothing.

    References
    ----------
    I. Witten, T. Bell, The zero-frequency problem, 1991, method C.
    S. Chen, J. Goodman, An empirical study of smoothing techniques for language modeling, 1999,
    section 3 (modified Kneser-Ney), equations 17 and 26.
    """

    def __init__(self, order: int, vocabulary_size: int, smoothing: str = "witten_bell"):
        whole_number(vocabulary_size, "The vocabulary size", 1)
        most = 63 / max(1.0, np.log2(vocabulary_size))
        if not 1 <= whole_number(order, "The order") < most + 1 or vocabulary_size**order >= 2**63:
            raise InputError(f"The order must be at least 1 and small enough, not {order}.")
        if smoothing not in SMOOTHINGS:
            raise InputError(
                f"There is no smoothing {smoothing!r}: {suggestion(smoothing, SMOOTHINGS)}"
            )
        self.order = order
        self.vocabulary_size = vocabulary_size
        self.smoothing = smoothing

    @checked
    def fit(self, ids: np.ndarray) -> "NGramModel":
        """Count the n-grams of a text of ids (n,), and return the model itself.

        Raises
        ------
        InputError
            If the text is shorter than the order, or an id is outside the vocabulary.
        """
        ids = id_array(ids, "Ids", 1, self.vocabulary_size)
        if len(ids) < self.order:
            raise InputError(f"{len(ids)} characters are too few for {self.order}-grams.")
        grams, counts = np.unique(self._keys(ids, self.order), return_counts=True)
        self.tables = []  # for n = order, ..., 1
        for n in range(self.order, 0, -1):
            contexts, first = np.unique(grams // self.vocabulary_size, return_index=True)
            totals = np.add.reduceat(counts, first)
            if self.smoothing == "witten_bell":
                kinds = np.diff(first, append=len(grams))
                table = _Table(grams, counts, contexts, kinds, totals + kinds)
                shorter = contexts, totals  # counted by what follows them
            else:
                discounts = _discounts(counts)[np.minimum(counts, 3)]
                shared = np.add.reduceat(discounts, first)
                table = _Table(grams, counts - discounts, contexts, shared, totals)
                suffixes = grams % self.vocabulary_size ** (n - 1)
                shorter = np.unique(suffixes, return_counts=True)  # by what stands before them
            self.tables.append(table)
            grams, counts = shorter
        return self

    @property
    def n_parameters(self) -> int:
        """Counts that the model keeps."""
        return sum(len(table.grams) for table in self.tables)

    @checked
    def probabilities(self, ids: np.ndarray, order: int | None = None) -> np.ndarray:
        """Return the probability of each id after those before it, from `self.order` - 1 on.

        Parameters
        ----------
        ids : ndarray of int, shape (n,)
        order : int, optional
            A shorter context than the model's own, which it has counted as well; not with
            Kneser-Ney smoothing, whose shorter contexts count places.

        Returns
        -------
        ndarray, shape (n - self.order + 1,), the same positions for every order

        Raises
        ------
        InputError
            If the text is shorter than the model's order, an id is outside the vocabulary, `order`
            is no whole number from 1 to the model's own, or a shorter one is asked of a model with
            Kneser-Ney smoothing.
        """
        ids = id_array(ids, "Ids", 1, self.vocabulary_size)
        order = self.order if order is None else whole_number(order, "The order")
        if len(ids) < self.order:
            raise InputError(f"{len(ids)} characters are too few for {self.order}-grams.")
        if not 1 <= order <= self.order:
            raise InputError(f"This model has the orders 1 to {self.order}, not {order}.")
        if order < self.order and self.smoothing == "kneser_ney":
            raise InputError(
                f"With Kneser-Ney smoothing the shorter contexts of a model only help the longest: "
                f"fit a model of the order {order}."
            )
        keys = [self._keys(ids[self.order - n :], n) for n in range(1, order + 1)]
        return self._mix(keys)

    @checked
    def next_probabilities(self, contexts: np.ndarray) -> np.ndarray:
        """Return the probability of each id of the vocabulary after some contexts.

        Parameters
        ----------
        contexts : ndarray of int, shape (n, order - 1)
            The last ids of n texts.

        Returns
        -------
        ndarray, shape (n, V), rows that sum to 1

        Raises
        ------
        InputError
            If the contexts have another length, or an id is outside the vocabulary.
        """
        contexts = id_array(contexts, "Contexts", 2, self.vocabulary_size)
        if contexts.shape[1] != self.order - 1:
            raise InputError(
                f"A {self.order}-gram model reads {self.order - 1} ids, but these contexts have "
                f"{contexts.shape[1]}."
            )
        following = np.arange(self.vocabulary_size)
        keys, before, place = [], np.zeros((len(contexts), 1), np.int64), 1
        for n in range(1, self.order + 1):
            keys.append(before * self.vocabulary_size + following)  # (n texts, V)
            if n < self.order:
                before = before + contexts[:, -n, None] * place
                place *= self.vocabulary_size
        return self._mix(keys)

    def _mix(self, keys: list[np.ndarray]) -> np.ndarray:
        """From n-grams as numbers, for n = 1, 2, ..., to their probabilities, of the same shape."""
        probability = np.full(keys[0].shape, 1 / self.vocabulary_size)
        for keys_n, table in zip(keys, reversed(self.tables), strict=False):
            context = find_sorted(keys_n // self.vocabulary_size, table.contexts)
            gram = find_sorted(keys_n, table.grams)
            kept = np.where(gram >= 0, table.kept[gram], 0)
            total = np.where(context >= 0, table.totals[context], 1)
            shared = np.where(context >= 0, table.shared[context], 1)  # unseen: it says nothing
            probability = (kept + shared * probability) / total
        return probability

    @checked
    def bits_per_character(self, ids: np.ndarray, order: int | None = None) -> float:
        """Return the mean of -log2 of the probabilities.

        Raises
        ------
        InputError
            As `probabilities` does.
        """
        return float(-np.log2(self.probabilities(ids, order)).mean())

    def _keys(self, ids: np.ndarray, n: int) -> np.ndarray:
        """Return each run of n ids as one number, the first id in front."""
        keys = np.zeros(len(ids) - n + 1, dtype=np.int64)
        for i in range(n):
            keys = keys * self.vocabulary_size + ids[i : len(ids) - n + 1 + i]
        return keys


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return Kneser-Ney's discounts for counts of 0 (none), 1, 2, and 3 or more, shape (4,).

    A text too small to estimate them, which has no n-gram of one of the counts 1 to 4, gets 0.5, 1
    and 1.5.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=5)  # n[k]: n-grams seen k times
    if (n[1:5] == 0).any():
        return np.array([0, 0.5, 1, 1.5])
    y = n[1] / (n[1] + 2 * n[2])
    k = np.arange(1, 4)
    return np.concatenate([[0], np.clip(k - (k + 1) * y * n[k + 1] / n[k], 0, k)])
