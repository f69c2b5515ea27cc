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
    device = tables.vectors.device
    distances = _distances(settings.window, device)
    ids, sentences, windows, negatives = (
        torch.from_numpy(array).to(device)
        for array in (batch.ids, batch.sentences, batch.windows, batch.negatives)
    )
    weight = settings.negatives / negatives.shape[1]
    loss, last = 0.0, len(ids) - 1
    for i, rate in enumerate(batch.rates.tolist()):
        mask = _mask(sentences[i], windows[i], distances)
        loss = take_step(tables, Step(ids[i], mask, negatives[i], weight, rate, i == last))
    return loss


def _distances(window: int, device: torch.device) -> torch.Tensor:
    """Return how far position j of the surroundings is from middle word i, shape (T, T + 2w)."""
    middle = torch.arange(BLOCK, device=device)[:, None] + window
    distances = (middle - torch.arange(BLOCK + 2 * window, device=device)).abs()
    return distances.masked_fill(distances == 0, 10**6).int()  # a word is not its own context


def _mask(sentences: torch.Tensor, windows: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    """Return 1 where a middle word and a context word make a pair, shape (M, T, T + 2w)."""
    window = (sentences.shape[1] - BLOCK) // 2
    middle = sentences[:, window:-window, None]  # (M, T, 1)
    together = (middle == sentences[:, None]) & (middle >= 0)
    return (together & (distances <= windows[..., None])).float()


def _skipgram(tables: Tables, step: Step) -> float:
    """Take one step on the tables; return the mean loss of a pair if wanted."""
    ids, mask = step.ids, step.mask
    window, d = (ids.shape[1] - BLOCK) // 2, tables.vectors.shape[1]
    middle, around = ids[:, window:-window].reshape(-1), ids.reshape(-1)
    v = tables.vectors[middle]  # (M * T, d)
    u = tables.contexts[around].view(len(ids), -1, d)  # (M, T + 2w, d)
    n = tables.contexts[step.negatives]  # (K, d)
    blocks = v.view(len(ids), BLOCK, d)  # (M, T, d)
    pairs = mask.sum(dim=2).view(-1, 1)  # (M * T, 1) context words of each middle word
    weight = pairs * step.weight
    true, false = torch.bmm(blocks, u.transpose(1, 2)), v @ n.T  # (M, T, T + 2w), (M * T, K)
    loss = _mean_loss(true, mask, false, weight, pairs) if step.want_loss else 0.0
    g_true = true.sigmoid_().sub_(1).mul_(mask)  # d loss / d score of a true pair
    g_false = false.sigmoid_().mul_(weight)
    g_v = torch.bmm(g_true, u).view(-1, d).addmm_(g_false, n)
    g_u = torch.bmm(g_true.transpose(1, 2), blocks).view(-1, d)
    g_n = g_false.T @ v
    tables.vectors.index_add_(0, middle, g_v, alpha=-step.rate)
    tables.contexts.index_add_(0, around, g_u, alpha=-step.rate)
    tables.contexts.index_add_(0, step.negatives, clip_rows(g_n.mul_(-step.rate)))
    return loss


def _cbow(tables: Tables, step: Step) -> float:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    ids, mask = step.ids, step.mask
    window, d = (ids.shape[1] - BLOCK) // 2, tables.vectors.shape[1]
    middle, around = ids[:, window:-window].reshape(-1), ids.reshape(-1)
    pairs = mask.sum(dim=2, keepdim=True)  # (M, T, 1)
    share = mask / pairs.clamp(min=1)  # each context word's part of the mean
    x = tables.vectors[around].view(len(ids), -1, d)  # (M, T + 2w, d)
    h = torch.bmm(share, x).view(-1, d)  # (M * T, d) the mean of the context
    u, n = tables.contexts[middle], tables.contexts[step.negatives]  # (M * T, d), (K, d)
    some = (pairs > 0).float().view(-1, 1)  # a word without context teaches nothing
    weight = some * step.weight
    true, false = (h * u).sum(dim=1, keepdim=True), h @ n.T  # (M * T, 1), (M * T, K)
    loss = _mean_loss(true, some, false, weight, some) if step.want_loss else 0.0
    g_true = true.sigmoid_().sub_(1).mul_(some)
    g_false = false.sigmoid_().mul_(weight)
    g_h = (g_true * u).addmm_(g_false, n).view(len(ids), BLOCK, d)
    g_x = torch.bmm(share.transpose(1, 2), g_h).view(-1, d)
    g_n = g_false.T @ h
    tables.vectors.index_add_(0, around, g_x, alpha=-step.rate)
    tables.contexts.index_add_(0, middle, g_true * h, alpha=-step.rate)
    tables.contexts.index_add_(0, step.negatives, clip_rows(g_n.mul_(-step.rate)))
    return loss


def clip_rows(updates: torch.Tensor) -> torch.Tensor:
    """Shorten the rows that are longer than `MAX_UPDATE_NORM`, shape (K, d)."""
    lengths = updates.norm(dim=1, keepdim=True)
    return updates * (MAX_UPDATE_NORM / lengths.clamp(min=MAX_UPDATE_NORM))


def _mean_loss(
    true: torch.Tensor,
    mask: torch.Tensor,
    false: torch.Tensor,
    weight: torch.Tensor,
    pairs: torch.Tensor,
) -> float:
    """Return the mean of -log sigmoid(true) - sum of log sigmoid(-false) over pairs, in nats."""
    softplus = torch.nn.functional.softplus
    total = (softplus(-true) * mask).sum() + (softplus(false) * weight).sum()
    return float(total / pairs.sum().clamp(min=1))
