"""The runs of the small tasks of lesson 5; each returns its log."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from course_utils import pytorch
from course_utils.bert.wordpiece import WordPiece
from course_utils.data import load
from course_utils.data.encoder import encoder
from course_utils.data.small_tasks import FunctionPairs
from course_utils.data.splits import Splits
from course_utils.tools.recipes import small_task_rivals as rivals, small_task_training as training
from course_utils.tools.recipes.search_tasks import question_search, sentence_search
from course_utils.tools.recipes.small_task_settings import (
    CodeTokens,
    Pairs,
    Search,
    Spans,
    TaskSettings,
)

_DRAW = 9  # the seed of what is asked; that of a training draws what is learned from


def run(settings: TaskSettings) -> dict:
    """Return the log of the run with these settings."""
    runs: dict[type, Callable[[Any], dict]] = {
        Pairs: pairs, Spans: spans, CodeTokens: tokens, Search: search,
    }  # fmt: skip
    return runs[type(settings)](settings)


def pairs(settings: Pairs) -> dict:
    """Choose the sentence of a function among those of its library."""
    data, tokenizer = _data("function_pairs")
    test, rng = data.test, np.random.default_rng(_DRAW)
    asked = few_of_each(test.libraries, settings.per_library, rng)
    texts = with_others(test, asked, settings.choices - 1, rng)
    groups = [test.libraries[i] for i in asked]

    def rows(method: str, scores: Sequence[float] | np.ndarray, **about: Any) -> list[dict]:
        table = np.reshape(scores, (len(asked), settings.choices))
        hits = np.all(table[:, :1] > table[:, 1:], axis=1)  # the right one comes first
        return result_rows({"method": method} | about, groups, hits)

    bert = pytorch.load_bert()
    vectors = [
        pytorch.encode(bert, tokenizer, part, max_length=64, progress=False)
        for part in map(list, zip(*texts, strict=True))
    ]
    found = rows("word overlap", [rivals.word_overlap(*pair) for pair in texts])
    found += rows("cosine, not fine-tuned", (vectors[0] * vectors[1]).sum(axis=1))

    def tuned(seed: int) -> list[dict]:
        rng = np.random.default_rng(seed)
        drawn = rng.permutation(len(data.train))[: settings.examples]
        known = with_others(data.train, drawn, settings.wrong, rng)
        model = training.tuned_cross_encoder(
            tokenizer, known, settings.wrong, training.Training.of(settings, seed)
        )
        return rows("fine-tuned", training.cross_scores(model, tokenizer, texts), seed=seed)

    return _log(settings, data, found, tuned)


def spans(settings: Spans) -> dict:
    """Find the words that answer a question."""
    data, tokenizer = _data("docstring_questions")
    train, test = data.train, data.test
    known, asked = (
        training.word_rows(tokenizer, part.passages, part.questions) for part in (train, test)
    )
    targets = training.span_targets(known, train.answers)
    whole = np.flatnonzero((targets == training.RIGHT).any(axis=1).all(axis=1))  # not cut off

    def rows(method: str, guesses: list[list[int]], **about: Any) -> list[dict]:
        hits = np.array([g in right for g, right in zip(guesses, test.answers, strict=True)])
        kinds = np.array(test.kinds)
        return [
            row
            for kind in dict.fromkeys(test.kinds)
            for row in result_rows(
                {"method": method, "kind": kind} | about,
                np.array(test.libraries)[kinds == kind],
                hits[kinds == kind],
            )
        ]

    questions = zip(test.kinds, test.asked, test.passages, strict=True)
    found = rows("nearest keyword", [rivals.nearest_keyword(*question) for question in questions])

    def tuned(seed: int) -> list[dict]:
        drawn = np.random.default_rng(seed).permutation(whole)[: settings.examples]
        learned = training.Training.of(settings, seed)
        model = training.tuned_task(known, targets, drawn, 2, learned, training.span_loss)
        guesses = training.best_spans(training.logits_of(model, asked.ids, asked.types), asked)
        return rows("fine-tuned", guesses, seed=seed)

    return _log(settings, data, found, tuned)


def tokens(settings: CodeTokens) -> dict:
    """Find the words that stood in double backquotes."""
    data, tokenizer = _data("code_words")
    train, test = data.train, data.test
    known, asked = (training.word_rows(tokenizer, part.paragraphs) for part in (train, test))
    targets = training.token_targets(known, train.marked)

    def rows(method: str, guesses: list[list[bool]], **about: Any) -> list[dict]:
        parts = rivals.f1_parts(test.paragraphs, guesses, test.marked)
        return result_rows({"method": method} | about, test.libraries, *parts)

    ever = rivals.marked_words(train.paragraphs, train.marked)
    rules = {"ever marked in training": ever.__contains__, "looks like code": rivals.code_like}
    found = [
        row
        for name, rule in rules.items()
        for row in rows(name, [[rule(word) for word in text] for text in test.paragraphs])
    ]

    def tuned(seed: int) -> list[dict]:
        drawn = np.random.default_rng(seed).permutation(len(train))[: settings.examples]
        learned = training.Training.of(settings, seed)
        model = training.tuned_task(known, targets, drawn, 3, learned)
        logits = training.logits_of(model, asked.ids, asked.types)
        likelier = logits[..., training.RIGHT] > logits[..., training.WORD]
        guesses = [
            training.by_word(row, words, len(text))
            for row, words, text in zip(likelier, asked.words, test.paragraphs, strict=True)
        ]
        return rows("fine-tuned", guesses, seed=seed)

    return _log(settings, data, found, tuned)


def search(settings: Search) -> dict:
    """Search with a bi-encoder before and after training, and rank its best results anew."""
    data, tokenizer = _data("function_pairs")
    train, rng = data.train, np.random.default_rng(_DRAW)
    asked = few_of_each(data.test.libraries, settings.per_library, rng)
    searches = [sentence_search(data.test, asked), question_search()]
    plain = pytorch.load_bert()

    def rows(scores: list[np.ndarray], method: str, **about: Any) -> list[dict]:
        return [
            row
            for one, table in zip(searches, scores, strict=True)
            for k in (1, 5, 10)
            for row in result_rows(
                {"method": method, "query": one.name, "k": k} | about,
                one.groups, one.answered(table, k),
            )
        ]  # fmt: skip

    before = [one.cosines(plain, tokenizer) for one in searches]

    def tuned(seed: int) -> list[dict]:
        learned = training.Training.of(settings, seed)
        bi = training.tuned_bi_encoder(
            tokenizer, train.sentences, train.names, learned, settings.pair_batch_size,
            settings.scale,
        )  # fmt: skip
        after = [one.cosines(bi.bert, tokenizer) for one in searches]
        known = sentence_search(
            train, np.random.default_rng(seed).permutation(len(train))[: settings.examples]
        )
        hard = known.with_hard_negatives(
            known.cosines(plain, tokenizer), settings.best, settings.wrong, seed
        )
        cross = training.tuned_cross_encoder(tokenizer, hard, settings.wrong, learned)

        def anew(tables: list[np.ndarray]) -> list[np.ndarray]:
            return [
                one.ranked_anew(table, cross, tokenizer, settings.best)
                for one, table in zip(searches, tables, strict=True)
            ]

        return [
            *rows(after, "bi-encoder, after", seed=seed),
            *rows(anew(before), "bi-encoder, before, ranked anew", seed=seed),
            *rows(anew(after), "bi-encoder, after, ranked anew", seed=seed),
        ]

    return _log(settings, data, rows(before, "bi-encoder, before"), tuned)


def few_of_each(libraries: Sequence[str], n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers of n rows of each library, or of all that it has."""
    names = np.array(libraries)
    rows = [np.flatnonzero(names == name) for name in dict.fromkeys(libraries)]
    return np.concatenate([rng.permutation(own)[:n] for own in rows])


def with_others(
    part: FunctionPairs, asked: np.ndarray, n: int, rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Return for each function its name with its sentence, then with n others of its library."""
    libraries, found = np.array(part.libraries), []
    for i in asked:
        others = np.flatnonzero(libraries == libraries[i])
        drawn = rng.choice(others[others != i], n, replace=False)
        found += [(part.names[i], part.sentences[j]) for j in (i, *drawn)]
    return found


def result_rows(
    about: dict, groups: Sequence[str] | np.ndarray, hits: np.ndarray,
    counts: np.ndarray | None = None,
) -> list[dict]:  # fmt: skip
    """Return the score of each group and of all, each with its standard error.

    A score is the sum of `hits` divided by that of `counts`, which is 1 by default: a mean, or F1
    if these are 2 TP and 2 TP + FP + FN of each row.
    """
    names, found = np.array(groups), []
    counts = np.ones(len(hits)) if counts is None else counts
    for group in (*dict.fromkeys(names.tolist()), "all"):
        here = (names == group) | (group == "all")
        total = counts[here].sum()
        score = hits[here].sum() / total
        error = np.sqrt(((hits[here] - score * counts[here]) ** 2).sum()) / total
        numbers = {"score": round(float(score), 4), "error": round(float(error), 4)}
        found.append(about | {"group": group, "rows": int(here.sum())} | numbers)
    return found


def _data(name: str) -> tuple[Splits, WordPiece]:
    return load(name), WordPiece.from_folder(encoder())


def _log(
    settings: TaskSettings, data: Splits, rows: list[dict], tuned: Callable[[int], list[dict]]
) -> dict:
    """Return the log of a run: what `tuned` measures for each seed, below what is known before."""
    start, found = time.process_time(), list(rows)
    for seed in settings.seeds:
        found += tuned(seed)
    return {
        "settings": asdict(settings),
        "source": data.source,
        "framework": pytorch.describe_device(),
        "cpu_seconds": round(time.process_time() - start),
        "rows": found,
    }
