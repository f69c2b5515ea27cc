"""Word2Vec in blocks, with the gradient written out (lesson 2)."""

import time

import torch

from course_utils.pytorch.device import choose_device, to_numpy
from course_utils.training.loop import run_epochs
from course_utils.word2vec import (
    BLOCK,
    LONGEST_STRIDE,
    Batch,
    Blocks,
    Corpus,
    Word2VecModel,
    Word2VecSettings,
    check_loss,
    starting_vectors,
)


def train_word2vec(corpus: Corpus, *, progress: bool = True, **settings) -> Word2VecModel:
    """Train word vectors with negative sampling.

    Parameters
    ----------
    corpus : Corpus
        From `course_utils.word2vec.build_corpus`.
    **settings
        Those of `course_utils.word2vec.Word2VecSettings`, such as `model="cbow"`, `dimension=50`.

    Raises
    ------
    InputError
        If a setting makes no sense.
    CourseError
        If the loss stops being a number, or is far above that of guessing.

    References
    ----------
    T. Mikolov et al., Distributed representations of words and phrases and their compositionality,
    2013, eq. 4. Noise words shared by a step: S. Ji et al., Parallelizing Word2Vec in shared and
    distributed memory, 2016, section 3.
    """
    settings = Word2VecSettings(**settings)
    device = choose_device()
    vectors = torch.tensor(starting_vectors(len(corpus.vocabulary), settings), device=device)
    contexts = torch.zeros_like(vectors)
    step = {"skipgram": _skipgram, "cbow": _cbow}[settings.model]
    distances = _distances(settings.window).to(device)

    def learn(batch: Batch) -> tuple[float, int]:
        ids, sentences, windows, noise = (
            torch.from_numpy(array).to(device)
            for array in (batch.ids, batch.sentences, batch.windows, batch.noise)
        )
        loss = 0.0
        for i, rate in enumerate(batch.rates.tolist()):
            mask = _mask(sentences[i], windows[i], distances)
            last = i == len(ids) - 1
            loss = step(vectors, contexts, ids[i], mask, noise[i], settings.negatives, rate, last)
        return check_loss(loss, settings.negatives), batch.n_words

    start = time.perf_counter()
    with torch.no_grad():
        history = run_epochs(
            learn,
            lambda epoch: Blocks(corpus, settings, epoch),
            epochs=settings.epochs,
            progress=progress,
            unit="word",
        )
    speed = len(history) * len(corpus) / (time.perf_counter() - start)
    return Word2VecModel(
        corpus.vocabulary, to_numpy(vectors), to_numpy(contexts), settings, history, speed
    )


def _distances(window: int) -> torch.Tensor:
    """Return how far position j of the surroundings is from middle word i, shape (T, T + 2w)."""
    middle = torch.arange(BLOCK)[:, None] + window
    distances = (middle - torch.arange(BLOCK + 2 * window)).abs()
    return distances.masked_fill(distances == 0, 10**6).int()  # a word is not its own context


def _mask(sentences, windows, distances) -> torch.Tensor:
    """Return 1 where a middle word and a context word make a pair, shape (M, T, T + 2w)."""
    window = (sentences.shape[1] - BLOCK) // 2
    middle = sentences[:, window:-window, None]  # (M, T, 1)
    together = (middle == sentences[:, None]) & (middle >= 0)
    return (together & (distances <= windows[..., None])).float()


def _skipgram(vectors, contexts, ids, mask, noise, negatives, rate, want_loss) -> float:
    """Take one step on `vectors` and `contexts`; return the mean loss of a pair if wanted."""
    window = (ids.shape[1] - BLOCK) // 2
    middle, around = ids[:, window:-window].reshape(-1), ids.reshape(-1)
    v = vectors[middle]  # (M * T, d)
    u = contexts[around].view(len(ids), -1, v.shape[1])  # (M, T + 2w, d)
    n = contexts[noise]  # (K, d)
    blocks = v.view(len(ids), BLOCK, -1)  # (M, T, d)
    pairs = mask.sum(dim=2).view(-1, 1)  # (M * T, 1) context words of each middle word
    weight = pairs * (negatives / len(noise))
    true, false = torch.bmm(blocks, u.transpose(1, 2)), v @ n.T  # (M, T, T + 2w), (M * T, K)
    loss = _mean_loss(true, mask, false, weight, pairs) if want_loss else 0.0
    g_true = true.sigmoid_().sub_(1).mul_(mask)  # d loss / d score of a true pair
    g_false = false.sigmoid_().mul_(weight)
    g_v = torch.bmm(g_true, u).view(-1, v.shape[1]).addmm_(g_false, n)
    g_u = torch.bmm(g_true.transpose(1, 2), blocks).view(-1, v.shape[1])
    vectors.index_add_(0, middle, g_v, alpha=-rate)
    contexts.index_add_(0, around, g_u, alpha=-rate)
    contexts.index_add_(0, noise, _limited(g_false.T @ v, rate), alpha=-rate)
    return loss


def _cbow(vectors, contexts, ids, mask, noise, negatives, rate, want_loss) -> float:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    window = (ids.shape[1] - BLOCK) // 2
    middle, around = ids[:, window:-window].reshape(-1), ids.reshape(-1)
    pairs = mask.sum(dim=2, keepdim=True)  # (M, T, 1)
    share = mask / pairs.clamp(min=1)  # each context word's part of the mean
    x = vectors[around].view(len(ids), -1, vectors.shape[1])  # (M, T + 2w, d)
    h = torch.bmm(share, x).view(-1, vectors.shape[1])  # (M * T, d) the mean of the context
    u, n = contexts[middle], contexts[noise]  # (M * T, d), (K, d)
    some = (pairs > 0).float().view(-1, 1)  # a word without context teaches nothing
    weight = some * (negatives / len(noise))
    true, false = (h * u).sum(dim=1, keepdim=True), h @ n.T  # (M * T, 1), (M * T, K)
    loss = _mean_loss(true, some, false, weight, some) if want_loss else 0.0
    g_true = true.sigmoid_().sub_(1).mul_(some)
    g_false = false.sigmoid_().mul_(weight)
    g_h = (g_true * u).addmm_(g_false, n).view(len(ids), BLOCK, -1)
    g_x = torch.bmm(share.transpose(1, 2), g_h).view(-1, vectors.shape[1])
    vectors.index_add_(0, around, g_x, alpha=-rate)
    contexts.index_add_(0, middle, g_true * h, alpha=-rate)
    contexts.index_add_(0, noise, _limited(g_false.T @ h, rate), alpha=-rate)
    return loss


def _limited(gradients, rate):
    """Shorten the rows that would move farther than `LONGEST_STRIDE`, shape (K, d)."""
    strides = rate * gradients.norm(dim=1, keepdim=True)
    return gradients * (LONGEST_STRIDE / strides.clamp(min=LONGEST_STRIDE))


def _mean_loss(true, mask, false, weight, pairs) -> float:
    """Return the mean of -log sigmoid(true) - sum of log sigmoid(-false) over pairs, in nats."""
    softplus = torch.nn.functional.softplus
    total = (softplus(-true) * mask).sum() + (softplus(false) * weight).sum()
    return float(total / pairs.sum().clamp(min=1))
