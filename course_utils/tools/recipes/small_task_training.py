"""MiniLM fine-tuned for pairs, spans and tokens: rows of pieces, heads, losses, scores."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from course_utils.bert.wordpiece import WordPiece
from course_utils.pytorch.bert import load_bert, pool
from course_utils.pytorch.device import input_tensor, set_seed, to_numpy
from course_utils.pytorch.sequences import token_loss, train_sequences
from course_utils.pytorch.training import cross_entropy, evaluation_mode
from course_utils.pytorch.transformer import Transformer
from course_utils.text import pad
from course_utils.tools.recipes.precision import InBfloat16
from course_utils.tools.recipes.small_task_settings import TaskSettings
from course_utils.tools.recipes.translation import cut
from course_utils.training.batches import Batch, length_batches, length_order

NO_WORD, WORD, RIGHT = 0, 1, 2  # what the targets of spans and tokens say of a position
_LONGEST_ANSWER = 12  # words


class Rows(NamedTuple):
    """Texts as BERT reads them; `words` says which word begins at a position, from 1; 0 is none."""

    ids: np.ndarray  # (n, length)
    types: np.ndarray  # (n, length)
    words: np.ndarray  # (n, length)


def word_rows(
    tokenizer: WordPiece,
    texts: Sequence[Sequence[str]],
    questions: Sequence[str] | None = None,
    max_length: int = 256,
) -> Rows:
    """Return `[CLS] question [SEP] words [SEP]`, or `[CLS] words [SEP]` without questions."""
    pieces = _pieces(tokenizer, sorted({word for text in texts for word in text}))
    start, end = map(tokenizer.token_to_id, ("[CLS]", "[SEP]"))
    heads = [[start]] * len(texts)
    if questions is not None:
        encoded = tokenizer.encode(questions)
        heads = [
            row[:n].tolist() for row, n in zip(encoded.input_ids, encoded.lengths, strict=True)
        ]
    ids, types, places = [], [], []
    for head, text in zip(heads, texts, strict=True):
        row, words = list(head), [0] * len(head)
        for i, word in enumerate(text):
            if len(row) + len(pieces[word]) >= max_length:
                break
            row += pieces[word]
            words += [i + 1] + [0] * (len(pieces[word]) - 1)
        second = int(questions is not None)
        types.append([0] * len(head) + [second] * (len(row) + 1 - len(head)))
        ids.append([*row, end])
        places.append([*words, 0])
    return Rows(*map(pad, (ids, types, places)))


def _pieces(tokenizer: WordPiece, words: list[str]) -> dict[str, list[int]]:
    """Return the ids of the pieces of each word, at least one."""
    encoded = tokenizer.encode(words)
    unknown = [tokenizer.token_to_id("[UNK]")]
    return {
        word: row[1 : n - 1].tolist() or unknown
        for word, row, n in zip(words, encoded.input_ids, encoded.lengths, strict=True)
    }


class TaskModel(nn.Module):
    """BERT with a linear layer: for each position, or for the mean of all.

    The table of pieces stays as it is.

    Parameters
    ----------
    bert : Transformer
    n_outputs : int
    pooled : bool
        Whether the layer reads the mean of all positions.
    """

    def __init__(self, bert: Transformer, n_outputs: int, pooled: bool):
        super().__init__()
        self.vocabulary_size, self.n_outputs = bert.vocabulary_size, n_outputs
        self.bert, self.pooled = bert, pooled
        bert.token_embedding.requires_grad_(False)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(bert.config.d_model, n_outputs)

    def forward(self, ids: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """From ids and token types (batch, length) to logits (batch, [length,] outputs)."""
        states = self.bert(ids, token_type_ids=types)
        return self.output(self.dropout(pool(states, ids) if self.pooled else states))


class BiEncoder(nn.Module):
    """BERT that gives each text a vector; the logits of a batch of pairs are their cosines."""

    def __init__(self, bert: Transformer, scale: float):
        super().__init__()
        self.vocabulary_size, self.bert, self.scale = bert.vocabulary_size, bert, scale
        bert.token_embedding.requires_grad_(False)

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """From ids (n, length), twice, to logits (n, n)."""
        a, b = (nn.functional.normalize(pool(self.bert(ids), ids)) for ids in (first, second))
        return self.scale * a @ b.T


def pair_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of pairs: text i belongs to text i, all others are negatives."""
    return cross_entropy(logits, targets)


def span_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of the first and the last word of an answer, in nats.

    Both are (batch, length, 2). The answer may stand at several places: what counts is the sum of
    their probabilities.
    """
    least = torch.finfo(logits.dtype).min
    words = logits.masked_fill(targets == NO_WORD, least).logsumexp(dim=1)
    right = logits.masked_fill(targets != RIGHT, least).logsumexp(dim=1)
    return (words - right).mean()


class Training(NamedTuple):
    """The settings of a fine-tuning."""

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int

    @classmethod
    def of(cls, settings: TaskSettings, seed: int) -> "Training":
        """Take them from the settings of a run."""
        return cls(settings.epochs, settings.batch_size, settings.learning_rate, seed)


def tune(model: nn.Module, batches: list[Batch], training: Training, loss_fn) -> None:
    """Fine-tune a model on batches, with products in bfloat16.

    On a processor the fused attention is slow backward; the plain one takes two thirds of the time.
    """
    with sdpa_kernel(SDPBackend.MATH):
        train_sequences(
            InBfloat16(model), batches, learning_rate=training.learning_rate,
            warmup_steps=len(batches) // 10, optimizer="adamw", loss_fn=loss_fn, progress=False,
        )  # fmt: skip


def tuned_task(
    rows: Rows, targets: np.ndarray, drawn: np.ndarray, n_outputs: int, training: Training,
    loss_fn=token_loss,
) -> TaskModel:  # fmt: skip
    """Return MiniLM with a head for each position, fine-tuned on drawn rows of targets."""
    set_seed(training.seed)
    model = TaskModel(load_bert(dropout=0.1), n_outputs, pooled=False)
    batches = row_batches(training, rows.ids[drawn], rows.types[drawn], targets[drawn])
    tune(model, batches, training, loss_fn)
    return model


def tuned_cross_encoder(
    tokenizer: WordPiece, pairs: list[tuple[str, str]], wrong: int, training: Training
) -> TaskModel:
    """Return MiniLM that reads two texts at once, and says whether they belong together.

    In `pairs` one that does comes first, then so many wrong ones, and so on.
    """
    set_seed(training.seed)
    model = TaskModel(load_bert(dropout=0.1), 2, pooled=True)
    labels = np.tile([1] + [0] * wrong, len(pairs) // (wrong + 1))
    encoded = tokenizer.encode(*map(list, zip(*pairs, strict=True)), max_length=64)
    batches = row_batches(training, encoded.input_ids, encoded.token_type_ids, labels)
    tune(model, batches, training, cross_entropy)
    return model


def tuned_bi_encoder(
    tokenizer: WordPiece, first: list[str], second: list[str], training: Training,
    batch_size: int, scale: float,
) -> BiEncoder:  # fmt: skip
    """Return MiniLM fine-tuned with the loss of pairs: the other pairs of a batch are negatives."""
    set_seed(training.seed)
    model = BiEncoder(load_bert(dropout=0.1), scale)
    a, b = (tokenizer.encode(texts, max_length=64).input_ids for texts in (first, second))
    batches: list[Batch] = []
    for epoch in range(training.epochs):
        order = np.random.default_rng((training.seed, epoch)).permutation(len(a))
        for rows in np.array_split(order, -(-len(a) // batch_size)):
            batches.append((cut(a[rows]), cut(b[rows]), np.arange(len(rows))))
    tune(model, batches, training, pair_loss)
    return model


def row_batches(training: Training, ids: np.ndarray, *others: np.ndarray) -> list[Batch]:
    """Return the batches of all epochs: rows of about equal length, what belongs to them cut."""
    return [
        (rows, *(other[:, : rows.shape[1]] if other.ndim > 1 else other for other in rest))
        for epoch in range(training.epochs)
        for rows, *rest in length_batches(
            ids, *others, batch_size=training.batch_size, seed=1000 * training.seed + epoch
        )
    ]


def logits_of(model: TaskModel, ids: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Return the logits of rows (n, length): (n, length, outputs), or (n, outputs) if pooled."""
    shape = (len(ids), model.n_outputs) if model.pooled else (*ids.shape, model.n_outputs)
    found, lengths = np.zeros(shape, np.float32), (ids != 0).sum(axis=1)
    half = InBfloat16(model)
    with evaluation_mode(half):
        for rows in length_order(lengths, 64):
            cut = slice(lengths[rows].max())
            logits = to_numpy(half(input_tensor(ids[rows, cut]), input_tensor(types[rows, cut])))
            if model.pooled:
                found[rows] = logits
            else:
                found[rows, cut] = logits
    return found


def cross_scores(
    model: TaskModel, tokenizer: WordPiece, pairs: list[tuple[str, str]]
) -> np.ndarray:
    """Return how sure a cross-encoder is that two texts belong together, in nats: shape (n,)."""
    encoded = tokenizer.encode(*map(list, zip(*pairs, strict=True)), max_length=64)
    logits = logits_of(model, encoded.input_ids, encoded.token_type_ids)
    return logits[:, 1] - logits[:, 0]


def token_targets(rows: Rows, marked: list[list[bool]]) -> np.ndarray:
    """Return targets (n, length): `RIGHT` where a marked word begins, `WORD` at others, else 0."""
    targets = np.minimum(rows.words, WORD)
    for target, words, labels in zip(targets, rows.words, marked, strict=True):
        target[words > 0] += np.array(labels)[words[words > 0] - 1]
    return targets


def span_targets(rows: Rows, answers: list[list[list[int]]]) -> np.ndarray:
    """Return targets (n, length, 2): `RIGHT` where the first and the last word of answers are."""
    targets = np.repeat(np.minimum(rows.words, WORD)[..., None], 2, axis=2)
    for target, words, places in zip(targets, rows.words, answers, strict=True):
        for side in (0, 1):
            target[np.isin(words, [place[side] + 1 for place in places]), side] = RIGHT
    return targets


def best_spans(logits: np.ndarray, rows: Rows) -> list[list[int]]:
    """Return the first and the last word of the likeliest answer in each row, at most 12 words.

    Parameters
    ----------
    logits : ndarray, shape (n, length, 2)
    rows : Rows
    """
    spans = []
    for scores, words in zip(logits, rows.words, strict=True):
        first, last = scores[words > 0].T  # (words,)
        sums = first[:, None] + last[None, :]
        allowed = np.triu(np.ones_like(sums)) - np.triu(np.ones_like(sums), _LONGEST_ANSWER)
        best = np.where(allowed > 0, sums, -np.inf).argmax()
        spans.append([int(i) for i in divmod(best, len(first))])
    return spans


def by_word(values: np.ndarray, words: np.ndarray, n: int) -> list:
    """Return the value (length,) at the first piece of each of n words; 0 where it was cut off."""
    found = np.zeros(n, values.dtype)
    found[words[words > 0] - 1] = values[words > 0]
    return found.tolist()
