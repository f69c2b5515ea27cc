"""Searches whose right answers are known: with a bi-encoder, and with its best results anew."""

from dataclasses import dataclass

import numpy as np

from course_utils import pytorch
from course_utils.bert.wordpiece import WordPiece
from course_utils.data import load
from course_utils.data.small_tasks import FunctionPairs
from course_utils.pytorch.transformer import Transformer
from course_utils.tools.recipes.small_task_training import TaskModel, cross_scores


@dataclass(frozen=True)
class KnownSearch:
    """Queries, what is searched, and the right results of each query.

    Attributes
    ----------
    name : str
    queries : list of str, length n
    groups : list of str, length n
    entries : list of str, length m
    right : list of set of int, length n
        Numbers of entries.
    """

    name: str
    queries: list[str]
    groups: list[str]
    entries: list[str]
    right: list[set[int]]

    def cosines(self, model: Transformer, tokenizer: WordPiece) -> np.ndarray:
        """Return the cosine of each query to each entry: shape (n, m)."""
        queries, entries = (
            pytorch.encode(model, tokenizer, texts, max_length=64, dtype="bfloat16", progress=False)
            for texts in (self.queries, self.entries)
        )
        return queries @ entries.T

    def answered(self, scores: np.ndarray, k: int) -> np.ndarray:
        """Return which queries have a right answer among their k best scores: shape (n,)."""
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.array([bool(right & {*row}) for right, row in zip(self.right, best, strict=True)])

    def ranked_anew(
        self, scores: np.ndarray, model: TaskModel, tokenizer: WordPiece, k: int
    ) -> np.ndarray:
        """Return scores (n, m) in which a cross-encoder ranks the k best anew; these stay first."""
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]  # (n, k)
        pairs = [
            (query, self.entries[i])
            for query, row in zip(self.queries, best, strict=True)
            for i in row
        ]
        order = cross_scores(model, tokenizer, pairs).reshape(best.shape)
        anew = np.full(scores.shape, -np.inf)
        np.put_along_axis(anew, best, order, axis=1)
        return anew

    def with_hard_negatives(
        self, scores: np.ndarray, k: int, n: int, seed: int
    ) -> list[tuple[str, str]]:
        """Return each query with its right entry, then with n wrong ones of its k best."""
        rng, pairs = np.random.default_rng(seed), []
        for query, right, row in zip(self.queries, self.right, scores, strict=True):
            wrong = [i for i in np.argsort(-row, kind="stable")[: k + 1] if i not in right]
            drawn = rng.choice(wrong, n, replace=False)
            pairs += [(query, self.entries[i]) for i in (*right, *drawn)]
        return pairs


def sentence_search(part: FunctionPairs, asked: np.ndarray) -> KnownSearch:
    """Search the functions of a part for those that some of the sentences belong to."""
    return KnownSearch(
        "sentence",
        [part.sentences[i] for i in asked],
        [part.libraries[i] for i in asked],
        part.names,
        [{int(i)} for i in asked],
    )


def question_search() -> KnownSearch:
    """Search the index of lesson 5 for answers to the questions of the test part."""
    functions, asked = load("functions", common=True), load("search_questions")
    row_of = {name: row for row, name in enumerate(functions.names)}
    rows = [i for i, part in enumerate(asked.splits) if part == "test"]
    return KnownSearch(
        "question",
        [asked.questions[i] for i in rows],
        [f"{asked.words[i]} words" for i in rows],
        functions.texts,
        [{row_of[name] for name in asked.answers[i] if name in row_of} for i in rows],
    )
