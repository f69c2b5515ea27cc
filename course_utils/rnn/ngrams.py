"""Character n-grams: the baseline of every character model."""

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.characters import find_sorted
from course_utils.text.checks import id_array, whole_number


class NGramModel:
    """Character n-grams with Witten-Bell smoothing: the baseline of every character model.

    A long context that was seen rarely is mixed with the next shorter one. The weight of the
    shorter one is the number of different characters that followed the context:
    p(c | h) = (count(h c) + kinds(h) p(c | shorter h)) / (count(h) + kinds(h)).

    Parameters
    ----------
    order : int
        5 looks at the four characters before. 1 is the unigram model.
    vocabulary_size : int

    Raises
    ------
    InputError
        If a number is no whole number or below 1, or the order so high that an n-gram does not fit
        into 63 bits.

    References
    ----------
    I. Witten, T. Bell, The zero-frequency problem, 1991, method C.
    """

    def __init__(self, order: int, vocabulary_size: int):
        whole_number(vocabulary_size, "The vocabulary size", 1)
        most = 63 / max(1.0, np.log2(vocabulary_size))
        if not 1 <= whole_number(order, "The order") < most + 1 or vocabulary_size**order >= 2**63:
            raise InputError(f"The order must be at least 1 and small enough, not {order}.")
        self.order = order
        self.vocabulary_size = vocabulary_size

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
        self.tables = []  # for n = order, ..., 1: grams, counts, contexts, their counts and kinds
        for _ in range(self.order):
            contexts, first, kinds = np.unique(
                grams // self.vocabulary_size, return_index=True, return_counts=True
            )
            totals = np.add.reduceat(counts, first)
            self.tables.append((grams, counts, contexts, totals, kinds))
            grams, counts = contexts, totals  # the shorter grams, counted by what follows them
        return self

    @property
    def n_parameters(self) -> int:
        """Counts that the model keeps."""
        return sum(len(grams) for grams, *_ in self.tables)

    @checked
    def probabilities(self, ids: np.ndarray, order: int | None = None) -> np.ndarray:
        """Return the probability of each id after those before it, from `self.order` - 1 on.

        Parameters
        ----------
        ids : ndarray of int, shape (n,)
        order : int, optional
            A shorter context than the model's own, which it has counted as well.

        Returns
        -------
        ndarray, shape (n - self.order + 1,), the same positions for every order

        Raises
        ------
        InputError
            If the text is shorter than the model's order, an id is outside the vocabulary, or
            `order` is no whole number from 1 to the model's own.
        """
        ids = id_array(ids, "Ids", 1, self.vocabulary_size)
        order = self.order if order is None else whole_number(order, "The order")
        if len(ids) < self.order:
            raise InputError(f"{len(ids)} characters are too few for {self.order}-grams.")
        if not 1 <= order <= self.order:
            raise InputError(f"This model has the orders 1 to {self.order}, not {order}.")
        probability = np.full(len(ids) - self.order + 1, 1 / self.vocabulary_size)
        for n, (grams, counts, contexts, totals, kinds) in enumerate(
            self.tables[: -order - 1 : -1], start=1
        ):
            keys = self._keys(ids[self.order - n :], n)
            context = find_sorted(keys // self.vocabulary_size, contexts)
            gram = find_sorted(keys, grams)
            seen = np.where(gram >= 0, counts[gram], 0)
            total = np.where(context >= 0, totals[context], 0)
            kind = np.where(context >= 0, kinds[context], 1)  # an unseen context says nothing
            probability = (seen + kind * probability) / (total + kind)
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
