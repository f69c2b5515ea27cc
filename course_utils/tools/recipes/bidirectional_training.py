"""How the two LSTMs of lesson 5 were trained: each predicts the piece that comes next."""

import numpy as np
import torch
from torch import nn

from course_utils.bert.elmo import static_table
from course_utils.bert.masking import log_shares
from course_utils.bert.wordpiece import WordPiece
from course_utils.data import load
from course_utils.data.encoder import encoder
from course_utils.pytorch.device import input_tensor
from course_utils.pytorch.elmo import BiLM
from course_utils.pytorch.sequences import token_loss
from course_utils.pytorch.training import evaluation_mode
from course_utils.pytorch.weights import initialize, set_weights
from course_utils.rnn import NGramModel


def text_batches(
    batch_size: int, length: int, output_vocabulary: int, seed: int
) -> tuple[list[tuple[np.ndarray, ...]], str]:
    """Return batches of running text in random order, and its source.

    Stretches of text that do not fill a batch are left out.

    Parameters
    ----------
    batch_size : int
    length : int
        Tokens that each LSTM reads in a row.
    output_vocabulary : int
        How many pieces, the most frequent ones, are predicted.
    seed : int
        Decides the order of the rows.

    Returns
    -------
    batches : list of tuples (ids, reversed_ids, classes)
        `ids` (batch, length) are stretches of text without their last token; `reversed_ids`, of
        the same shape, the same stretches from the last token back, without the first. `classes`
        (batch, 2 * length) is what comes next after each id of `ids`, then of `reversed_ids`: 1
        for the most frequent piece, and so on; 0 outside the output vocabulary.
    source : str
    """
    text = load("running_text")
    encoded = WordPiece.from_folder(encoder()).encode(text.sentences)
    stream = encoded.input_ids[encoded.attention_mask]  # all sentences, with [CLS] and [SEP]
    counts = np.bincount(stream)
    classes = np.zeros(len(counts), np.int64)
    frequent = np.argsort(-counts, kind="stable")[:output_vocabulary]
    classes[frequent] = np.arange(1, output_vocabulary + 1)
    n = len(stream) // (length + 1)
    rows = stream[: n * (length + 1)].reshape(n, length + 1)
    rows = np.random.default_rng(seed).permutation(rows)
    batches: list[tuple[np.ndarray, ...]] = []
    for start in range(0, n - batch_size + 1, batch_size):
        forward = rows[start : start + batch_size]
        backward = forward[:, ::-1].copy()
        wanted = np.concatenate([classes[forward[:, 1:]], classes[backward[:, 1:]]], axis=1)
        batches.append((forward[:, :-1], backward[:, :-1], wanted))
    return batches, text.source


class BiLMWithHead(nn.Module):
    """The two LSTMs over the fixed table, and one LM head, a linear layer, for both.

    Parameters
    ----------
    units : int
        Numbers of each LSTM's state.
    counts : ndarray of int, shape (classes,)
        How often each class is asked for: the bias begins as the logarithm of the shares.
    """

    table: torch.Tensor

    def __init__(self, units: int, counts: np.ndarray, seed: int):
        super().__init__()
        table = static_table()
        self.register_buffer("table", torch.from_numpy(table), persistent=False)
        one = np.zeros((1, 1, table.shape[1]), np.float32)
        self.bilm = initialize(BiLM(units=units), (one, one), seed=seed)
        self.lm_head = nn.Linear(units, len(counts))
        kernel = np.zeros((units, len(counts)), np.float32)
        set_weights(self.lm_head, {"kernel": kernel, "bias": log_shares(len(counts), counts)[:, 0]})

    def forward(self, ids: torch.Tensor, reversed_ids: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) in both orders to logits (batch, 2 * length, classes)."""
        states = self.bilm(self.table[ids], self.table[reversed_ids])
        return self.lm_head(torch.cat(states, dim=1))

    def bits(self, batches: list[tuple[np.ndarray, ...]]) -> float:
        """Return the mean bits per predicted piece of batches as `text_batches` makes them."""
        with evaluation_mode(self):
            losses = [
                token_loss(self(*map(input_tensor, inputs)), input_tensor(wanted)).item()
                for *inputs, wanted in batches
            ]
        return float(np.mean(losses) / np.log(2))


def unigram_bits(counts: np.ndarray, held_out: list[tuple[np.ndarray, ...]]) -> float:
    """Return the bits per predicted piece of a guess from the frequencies alone.

    Parameters
    ----------
    counts : ndarray of int, shape (classes,)
        From the training batches, as `class_counts` returns them.
    held_out : list of tuples
        Batches as `text_batches` makes them.
    """
    asked = np.concatenate([wanted[wanted > 0] for *_, wanted in held_out])
    return float(-log_shares(len(counts), counts)[asked].mean() / np.log(2))


def n_gram_bits(
    batches: list[tuple[np.ndarray, ...]],
    held_out: list[tuple[np.ndarray, ...]],
    classes: int,
    order: int = 5,
) -> float:
    """Return the bits per predicted piece of counting: n-grams, Kneser-Ney, one for each direction.

    As the two LSTMs do, they see a stretch of text and nothing before it, and leave class 0 out.

    Parameters
    ----------
    batches, held_out : list of tuples
        Batches as `text_batches` makes them; the first are counted.
    classes : int
        How many there are, class 0 included.
    order : int, default 5
        5 looks at the four pieces before.
    """
    bits = []
    for backward in (False, True):
        model = NGramModel(order, classes + 1, "kneser_ney")
        model.fit(_stretches(batches, order, classes, backward).ravel())
        rows = _stretches(held_out, order, classes, backward)
        windows = np.lib.stride_tricks.sliding_window_view(rows, order, axis=1)[:, 1:]
        windows = windows[windows[..., -1] > 0]  # (predictions, order)
        other = windows.copy()
        other[:, -1] = 0
        right, outside = (model.probabilities(rows.ravel())[::order] for rows in (windows, other))
        bits.append(-np.log2(right / (1 - outside)))
    return float(np.concatenate(bits).mean())


def _stretches(
    batches: list[tuple[np.ndarray, ...]], order: int, start: int, backward: bool
) -> np.ndarray:
    """Return the classes of stretches of text, (rows, order + length), `start` in front of each."""
    ids = np.concatenate([batch[backward] for batch in batches])  # (rows, length)
    both = np.concatenate([batch[2] for batch in batches])  # (rows, 2 * length)
    wanted = np.split(both, 2, axis=1)[backward]
    class_of = np.zeros(ids.max() + 1, np.int64)
    class_of[ids[:, 1:]] = wanted[:, :-1]
    pad = np.full((len(ids), order - 1), start)
    return np.concatenate([pad, class_of[ids[:, :1]], wanted], axis=1)


def class_counts(batches: list[tuple[np.ndarray, ...]], classes: int) -> np.ndarray:
    """Return how often each class is asked for; class 0, outside the output vocabulary, never.

    Parameters
    ----------
    batches : list of tuples
        As `text_batches` makes them.
    classes : int
        How many there are, class 0 included.

    Returns
    -------
    ndarray of int, shape (classes,)
    """
    asked = np.concatenate([wanted.ravel() for *_, wanted in batches])
    counts = np.bincount(asked, minlength=classes)
    counts[0] = 0
    return counts
