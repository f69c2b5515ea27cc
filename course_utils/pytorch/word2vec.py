"""Word2Vec in blocks, with the gradient written out (lesson 2).

The docstrings of the public names stand in `course_utils/interface/word2vec.py`.
"""

import time
from typing import Any

import torch

from course_utils.interface import implements, word2vec as described
from course_utils.pytorch.device import choose_device, to_numpy
from course_utils.training.loop import run_epochs
from course_utils.word2vec.blocks import Batch, Blocks, Step, Tables
from course_utils.word2vec.corpus import Corpus
from course_utils.word2vec.model import Word2VecModel, check_loss, starting_vectors
from course_utils.word2vec.settings import BLOCK, MAX_UPDATE_NORM, Word2VecSettings


@implements(described.train_word2vec)
def train_word2vec(corpus: Corpus, *, progress: bool = True, **settings: Any) -> Word2VecModel:
    chosen = Word2VecSettings(**settings)
    device = choose_device()
    start_vectors = torch.tensor(starting_vectors(len(corpus.vocabulary), chosen), device=device)
    tables = Tables(start_vectors, torch.zeros_like(start_vectors))

    def learn(batch: Batch) -> tuple[float, int]:
        return check_loss(_take_steps(tables, batch, chosen), chosen.negatives), batch.n_words

    start = time.perf_counter()
    with torch.no_grad():
        history = run_epochs(
            learn,
            lambda epoch: Blocks(corpus, chosen, epoch),
            epochs=chosen.epochs,
            progress=progress,
            unit="word",
        )
    speed = len(history) * len(corpus) / (time.perf_counter() - start)
    vectors, contexts = map(to_numpy, tables)
    return Word2VecModel(corpus.vocabulary, vectors, contexts, chosen, history, speed)


def _take_steps(tables: Tables, batch: Batch, settings: Word2VecSettings) -> float:
    """Take all steps of a batch on the tables; return the mean loss of a pair in the last one."""
    take_step = {"skipgram": _skipgram, "cbow": _cbow}[settings.model]
    middle, around, negatives, rates = (
        torch.from_numpy(array).to(tables.vectors.device) for array in batch.for_steps()
    )
    weight = settings.negatives / negatives.shape[1]
    loss, last = 0.0, len(rates) - 1
    for i in range(last + 1):
        step = Step(middle[i], around[i], negatives[i], rates[i], weight, i == last)
        loss = take_step(tables, step)
    return loss


def _skipgram(tables: Tables, step: Step) -> float:
    """Take one step on the tables; return the mean loss of a pair if wanted."""
    M, d = len(step.rates), tables.vectors.shape[1]
    v = tables.vectors.index_select(0, step.middle)  # (M * T, d)
    u = tables.contexts.index_select(0, step.around).view(M, -1, d)  # (M, T + 2w, d)
    n = tables.contexts.index_select(0, step.negatives)  # (K, d)
    blocks = v.view(M, BLOCK, d)
    rates = step.rates.sum(dim=1).view(-1, 1)  # (M * T, 1) summed over the context words
    weight = rates * step.weight
    true, false = torch.bmm(u, blocks.transpose(1, 2)), v @ n.T  # (M, T + 2w, T), (M * T, K)
    loss = _mean_loss(true, step.rates, false, weight) if step.want_loss else 0.0
    g_true = true.neg_().sigmoid_().mul_(step.rates)  # -rate * d loss / d score of a true pair
    g_false = false.sigmoid_().mul_(-weight)
    g_v = torch.bmm(g_true.transpose(1, 2), u).view(-1, d).addmm_(g_false, n)
    g_u = torch.bmm(g_true, blocks).view(-1, d)
    g_n = g_false.T @ v
    tables.vectors.index_add_(0, step.middle, g_v)
    tables.contexts.index_add_(0, step.around, g_u)
    tables.contexts.index_add_(0, step.negatives, g_n.renorm_(2, 0, MAX_UPDATE_NORM))
    return loss


def _cbow(tables: Tables, step: Step) -> float:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    M, d = len(step.rates), tables.vectors.shape[1]
    x = tables.vectors.index_select(0, step.around).view(M, -1, d)  # (M, T + 2w, d)
    u = tables.contexts.index_select(0, step.middle)  # (M * T, d)
    n = tables.contexts.index_select(0, step.negatives)  # (K, d)
    share = torch.nn.functional.normalize(step.rates, p=1, dim=1)  # each word's part of the mean
    h = torch.bmm(share.transpose(1, 2), x).view(-1, d)  # (M * T, d) the mean of the context
    rates = step.rates.amax(dim=1).view(-1, 1)  # (M * T, 1) 0 for a word without context
    weight = rates * step.weight
    true, false = (h * u).sum(dim=1, keepdim=True), h @ n.T  # (M * T, 1), (M * T, K)
    loss = _mean_loss(true, rates, false, weight) if step.want_loss else 0.0
    g_true = true.neg_().sigmoid_().mul_(rates)
    g_false = false.sigmoid_().mul_(-weight)
    g_h = (g_true * u).addmm_(g_false, n).view(M, BLOCK, d)
    g_x = torch.bmm(share, g_h).view(-1, d)
    g_n = g_false.T @ h
    tables.vectors.index_add_(0, step.around, g_x)
    tables.contexts.index_add_(0, step.middle, g_true * h)
    tables.contexts.index_add_(0, step.negatives, g_n.renorm_(2, 0, MAX_UPDATE_NORM))
    return loss


def _mean_loss(
    true: torch.Tensor,
    true_weight: torch.Tensor,
    false: torch.Tensor,
    false_weight: torch.Tensor,
) -> float:
    """Return the weighted mean of -log sigmoid(true) - sum of log sigmoid(-false), in nats."""
    softplus = torch.nn.functional.softplus
    total = (softplus(-true) * true_weight).sum() + (softplus(false) * false_weight).sum()
    return float(total / true_weight.sum().clamp(min=1e-12))
