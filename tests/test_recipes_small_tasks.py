"""The small tasks of lesson 5, learned by a tiny random BERT, and the rules that they must beat."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from tiny_bert import tensors, write_folder

from course_utils.checkpoints import training_log
from course_utils.data.small_tasks import CodeWords, DocstringQuestions, FunctionPairs, words_of
from course_utils.data.splits import Splits

pytest.importorskip("torch")

import torch

from course_utils.data import encoder
from course_utils.tools.recipes import (
    RECIPES,
    search_tasks,
    small_task_rivals as rivals,
    small_task_runs as runs,
    small_task_training as training,
)
from course_utils.tools.recipes.small_task_settings import CodeTokens, Pairs, Search, Spans
from course_utils.tools.recipes.small_tasks import SmallTask

FILLERS = ["the", "in", "playing", "garden", "."]
LETTERS = ["a", "b", "children", "played"]
RNG = np.random.default_rng


@pytest.fixture
def tokenizer(tmp_path, monkeypatch):
    """The encoder is a random BERT of two small blocks that learns fast and reads long texts."""
    weights = {name: array * 0.2 for name, array in tensors().items()}
    for name, array in weights.items():
        if "LayerNorm" in name:
            array[:] = name.endswith("weight")
    weights["embeddings.position_embeddings.weight"] = np.zeros((300, 16), np.float32)
    weights["embeddings.word_embeddings.weight"] *= 5
    folder = write_folder(tmp_path / "bert", weights, max_position_embeddings=300)
    monkeypatch.setattr(encoder, "encoder", lambda: folder)
    monkeypatch.setattr(runs, "encoder", lambda: folder)
    return training.WordPiece.from_folder(folder)


def learn_from(monkeypatch, make, n=200):
    parts = [make(RNG(i), n if i == 0 else 40) for i in range(3)]
    monkeypatch.setattr(runs, "load", lambda name: Splits(*parts, source="made here"))


def scores(log, **wanted):
    return [row["score"] for row in log["rows"] if wanted.items() <= row.items()]


def texts_with_a_garden(rng, n):
    """Return texts in which "garden" stands once, and where."""
    places = rng.integers(0, 7, n).tolist()
    texts = [[str(word) for word in rng.choice(FILLERS[:3], 7)] for _ in range(n)]
    for text, place in zip(texts, places, strict=True):
        text[place] = "garden"
    return texts, places


def gardens_are_marked(rng, n):
    texts, places = texts_with_a_garden(rng, n)
    labels = [[i == place for i in range(7)] for place in places]
    return CodeWords(["x", "y"] * (n // 2), texts, labels)


def the_garden_is_the_answer(rng, n):
    texts, places = texts_with_a_garden(rng, n)
    kinds = ["default", "raised"] * (n // 2)
    answers = [[[place, place]] for place in places]
    return DocstringQuestions(["x"] * n, kinds, ["", "the"] * (n // 2), texts, answers)


def sentences_of_letters(rng, n):
    ways = [f"{a} {b} {c}" for a in LETTERS for b in LETTERS for c in FILLERS]
    names = [ways[i % len(ways)] for i in rng.permutation(n)]
    return FunctionPairs(["x", "y"] * (n // 2), names, [f"{name} ." for name in names])


def test_a_head_learns_which_words_are_marked(tokenizer, monkeypatch):
    learn_from(monkeypatch, gardens_are_marked)
    arrays, log = SmallTask(CodeTokens(epochs=3, learning_rate=1e-2, seeds=(0,))).make()
    assert not arrays and log["source"] == "made here" and log["settings"]["seeds"] == (0,)
    assert scores(log, method="ever marked in training", group="all") == [1.0]
    assert scores(log, method="looks like code", group="all") == [0.0]
    assert scores(log, method="fine-tuned", seed=0, group="all")[0] > 0.9
    assert [row["group"] for row in log["rows"]] == ["x", "y", "all"] * 3
    assert log["rows"][-1]["rows"] == 40


def test_a_head_learns_where_answers_stand(tokenizer, monkeypatch):
    learn_from(monkeypatch, the_garden_is_the_answer)
    log = SmallTask(Spans(epochs=3, learning_rate=1e-2, seeds=(0,))).make()[1]
    assert min(scores(log, method="fine-tuned", group="all")) > 0.8
    assert max(scores(log, method="nearest keyword", group="all")) < 0.5
    assert {row["kind"] for row in log["rows"]} == {"default", "raised"}


def test_pairs_are_learned_and_their_rivals_measured(tokenizer, monkeypatch):
    learn_from(monkeypatch, sentences_of_letters, n=60)
    run = Pairs(examples=8, choices=5, wrong=2, per_library=6, batch_size=8, seeds=(0, 1))
    log = SmallTask(run).make()[1]
    assert scores(log, method="word overlap", group="all") == [1.0]
    assert len(scores(log, method="fine-tuned", group="all")) == 2
    assert all(0 <= row["score"] <= 1 and row["rows"] in (6, 12) for row in log["rows"])


def test_a_search_is_measured_before_and_after(tokenizer, monkeypatch):
    learn_from(monkeypatch, sentences_of_letters, n=60)
    run = Search(examples=8, per_library=6, batch_size=8, pair_batch_size=16, epochs=8, best=10,
                 learning_rate=1e-2, seeds=(0,))  # fmt: skip
    known = search_tasks.KnownSearch("question", ["a", "b"], ["u", "u"], ["a ."] * 12, [{0}, set()])
    monkeypatch.setattr(runs, "question_search", lambda: known)
    log = SmallTask(run).make()[1]
    at_1 = {row["method"]: row["score"] for row in log["rows"]
            if (row["query"], row["k"], row["group"]) == ("sentence", 1, "all")}  # fmt: skip
    names = ["before", "after", "before, ranked anew", "after, ranked anew"]
    assert list(at_1) == [f"bi-encoder, {name}" for name in names]
    questions = [row for row in log["rows"] if row["query"] == "question"]
    assert len(questions) == 4 * 3 * 2 and max(row["score"] for row in questions) == 0.5


def test_only_the_best_are_ranked_anew(tokenizer, monkeypatch):
    known = search_tasks.KnownSearch("", ["q"], ["x"], ["a", "b", "c", "d"], [{2}])
    cosines = np.array([[0.4, 0.1, 0.3, 0.2]])
    assert known.answered(cosines, 1).tolist() == [False] and known.answered(cosines, 2).all()
    asked = []

    def likes_c(model, tokenizer, pairs):
        asked.extend(pairs)
        return np.array([entry == "c" for _, entry in pairs], float)

    monkeypatch.setattr(search_tasks, "cross_scores", likes_c)
    anew = known.ranked_anew(cosines, None, tokenizer, 3)
    assert asked == [("q", "a"), ("q", "c"), ("q", "d")]
    assert known.answered(anew, 1).all() and anew[0, 1] == -np.inf
    pairs = known.with_hard_negatives(cosines, 3, 2, seed=0)
    assert pairs[0] == ("q", "c") and {b for _, b in pairs[1:]} <= {"a", "d", "b"}
    assert "b" not in {b for _, b in known.with_hard_negatives(cosines, 2, 2, seed=0)}


def test_rows_hold_the_pieces_of_words_behind_a_question(tokenizer):
    rows = training.word_rows(tokenizer, [["playing", "zz"], ["a"]], ["the garden", "b"])
    pieces = [[tokenizer.id_to_token(i) for i in row] for row in rows.ids]
    assert pieces[0] == ["[CLS]", "the", "garden", "[SEP]", "play", "##ing", "[UNK]", "[SEP]"]
    assert rows.types.tolist() == [[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0, 0]]
    assert rows.words.tolist() == [[0, 0, 0, 0, 1, 0, 2, 0], [0, 0, 0, 1, 0, 0, 0, 0]]
    assert training.token_targets(rows, [[False, True], [True]]).tolist() == [
        [0, 0, 0, 0, 1, 0, 2, 0], [0, 0, 0, 2, 0, 0, 0, 0],
    ]  # fmt: skip
    spans = training.span_targets(rows, [[[0, 1]], [[0, 0]]])
    assert spans[0, 4:7].tolist() == [[2, 1], [0, 0], [1, 2]] and spans[1, 3].tolist() == [2, 2]
    short = training.word_rows(tokenizer, [["a", "playing", "b"]], max_length=4)
    assert short.words.tolist() == [[0, 1, 0]], "a word is not cut in two"
    assert training.by_word(np.array([9, 5, 7]), short.words[0], 3) == [5, 0, 0]


def test_the_loss_of_spans_adds_up_right_places():
    logits = torch.zeros(1, 4, 2)
    targets = torch.tensor([[[0, 0], [1, 2], [2, 1], [2, 1]]])
    expected = (np.log(3 / 2) + np.log(3)) / 2
    assert float(training.span_loss(logits, targets)) == pytest.approx(expected, abs=1e-6)


def test_the_best_span_ends_after_it_begins():
    rows = training.Rows(*(np.array([[0, 1, 2, 3, 0]]),) * 3)
    logits = np.array([[[9, 9], [0, 5], [4, 0], [0, 3], [9, 9]]], float)
    assert training.best_spans(logits, rows) == [[1, 2]]


def test_rules_that_count_words():
    assert rivals.word_overlap("sum (a)", "The sum of a list.") == pytest.approx(2 / 5)
    words = words_of("size : int The default is -1. mode : str, default: fast")
    assert rivals.nearest_keyword("default", "size", words) == [6, 7]
    assert rivals.nearest_keyword("default", "mode", words) == [15, 15]
    assert rivals.nearest_keyword("raised", "", ["Raises", "KeyError", "if"]) == [1, 1]
    assert rivals.nearest_keyword("raised", "", ["a", "the"]) == [1, 1]
    assert rivals.marked_words([["a", "b"], ["b"]], [[True, False], [False]]) == {"a"}
    assert [rivals.code_like(w) for w in ("n_jobs", "np.sum", "x1", "aB", "The", ".")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


def test_scores_have_standard_errors():
    hits, names = np.array([1, 0, 1, 1]), ["a", "a", "b", "b"]
    rows = runs.result_rows({"method": "m"}, names, hits)
    assert [(r["group"], r["score"], r["rows"]) for r in rows] == [
        ("a", 0.5, 2), ("b", 1.0, 2), ("all", 0.75, 4),
    ]  # fmt: skip
    assert rows[2]["error"] == pytest.approx(np.sqrt(0.75 * 0.25 / 4), abs=1e-4)
    parts = rivals.f1_parts([["a", ".", "b"]], [[True, True, True]], [[True, False, False]])
    assert runs.result_rows({}, ["a"], *parts)[0]["score"] == pytest.approx(2 / 3, abs=1e-4)


@pytest.mark.parametrize("run", [r for r in RECIPES["05"] if isinstance(r, SmallTask)])
def test_the_kept_results_are_those_of_the_settings(run):
    log = training_log("05", run.name)
    assert log["settings"] == json.loads(json.dumps(asdict(run.settings))), "train again"
    assert {row["seed"] for row in log["rows"] if "seed" in row} == set(run.settings.seeds)
    assert {"networkx", "matplotlib", "all"} <= {row["group"] for row in log["rows"]}
