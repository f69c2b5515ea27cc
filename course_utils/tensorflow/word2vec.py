"""Word2Vec in blocks, with the gradient written out (lesson 2).

The docstrings of the public names stand in `course_utils/interface/word2vec.py`.
"""

import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from course_utils.interface import implements
from course_utils.interface import word2vec as described
from course_utils.tensorflow.device import choose_device, to_numpy
from course_utils.training.loop import run_epochs
from course_utils.word2vec.blocks import Batch, Blocks, Step, Tables
from course_utils.word2vec.corpus import Corpus
from course_utils.word2vec.model import Word2VecModel, check_loss, starting_vectors
from course_utils.word2vec.settings import BLOCK, MAX_UPDATE_NORM, Word2VecSettings


@implements(described.train_word2vec)
def train_word2vec(corpus: Corpus, *, progress: bool = True, **settings: Any) -> Word2VecModel:
    chosen = Word2VecSettings(**settings)
    with tf.device(choose_device()):
        start_vectors = tf.Variable(starting_vectors(len(corpus.vocabulary), chosen))
        tables = Tables(start_vectors, tf.Variable(tf.zeros_like(start_vectors)))
        take_steps = _compiled_steps(tables, chosen)

        def learn(batch: Batch) -> tuple[float, int]:
            loss = take_steps(
                batch.ids, batch.sentences, batch.windows, batch.negatives, batch.rates
            )
            return check_loss(float(loss), chosen.negatives), batch.n_words

        start = time.perf_counter()
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


def _compiled_steps(tables: Tables, settings: Word2VecSettings) -> Callable[..., tf.Tensor]:
    """Return a function that takes all steps of a batch, and returns the last one's mean loss."""
    take_step = {"skipgram": _skipgram, "cbow": _cbow}[settings.model]
    distances = _distances(settings.window)

    around = tf.TensorSpec([None, None, BLOCK + 2 * settings.window], tf.int32)
    middle = tf.TensorSpec([None, None, BLOCK], tf.int32)
    drawn = tf.TensorSpec([None, None], tf.int32)
    rate = tf.TensorSpec([None], tf.float32)

    @tf.function(jit_compile=False, input_signature=[around, around, middle, drawn, rate])
    def steps(*batch: tf.Tensor) -> tf.Tensor:
        ids, sentences, windows, negatives, rates = batch
        loss, last = 0.0, tf.shape(rates)[0] - 1
        weight = settings.negatives / tf.cast(tf.shape(negatives)[1], tf.float32)
        for i in tf.range(last + 1):
            mask = _mask(sentences[i], windows[i], distances)
            loss = take_step(tables, Step(ids[i], mask, negatives[i], weight, rates[i], i == last))
        return loss

    return steps


def _distances(window: int) -> tf.Tensor:
    """Return how far position j of the surroundings is from middle word i, shape (T, T + 2w)."""
    middle = tf.range(BLOCK)[:, None] + window
    distances = tf.abs(middle - tf.range(BLOCK + 2 * window))
    return tf.where(distances == 0, 10**6, distances)  # a word is not its own context


def _mask(sentences: tf.Tensor, windows: tf.Tensor, distances: tf.Tensor) -> tf.Tensor:
    """Return 1 where a middle word and a context word make a pair, shape (M, T, T + 2w)."""
    window = (sentences.shape[1] - BLOCK) // 2
    middle = sentences[:, window:-window, None]  # (M, T, 1)
    together = (middle == sentences[:, None]) & (middle >= 0)
    return tf.cast(together & (distances <= windows[..., None]), tf.float32)


def _skipgram(tables: Tables, step: Step) -> tf.Tensor:
    """Take one step on the tables; return the mean loss of a pair if wanted."""
    ids, mask = step.ids, step.mask
    window, d = (ids.shape[1] - BLOCK) // 2, tables.vectors.shape[1]
    middle, around = tf.reshape(ids[:, window:-window], [-1]), tf.reshape(ids, [-1])
    v = tf.gather(tables.vectors, middle)  # (M * T, d)
    u = tf.reshape(tf.gather(tables.contexts, around), [-1, ids.shape[1], d])  # (M, T + 2w, d)
    n = tf.gather(tables.contexts, step.negatives)  # (K, d)
    blocks = tf.reshape(v, [-1, BLOCK, d])  # (M, T, d)
    pairs = tf.reshape(tf.reduce_sum(mask, axis=2), [-1, 1])  # (M * T, 1) contexts of each word
    weight = pairs * step.weight
    true = tf.matmul(blocks, u, transpose_b=True)  # (M, T, T + 2w)
    false = tf.matmul(v, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(
        step.want_loss, lambda: _mean_loss(true, mask, false, weight, pairs), lambda: 0.0
    )
    g_true = (tf.sigmoid(true) - 1) * mask * -step.rate  # -rate * d loss / d score of a true pair
    g_false = tf.sigmoid(false) * (weight * -step.rate)
    g_v = tf.reshape(tf.matmul(g_true, u), [-1, d]) + tf.matmul(g_false, n)
    g_u = tf.reshape(tf.matmul(g_true, blocks, transpose_a=True), [-1, d])
    tables.vectors.scatter_add(tf.IndexedSlices(g_v, middle))
    tables.contexts.scatter_add(tf.IndexedSlices(g_u, around))
    g_n = clip_rows(tf.matmul(g_false, v, transpose_a=True))
    tables.contexts.scatter_add(tf.IndexedSlices(g_n, step.negatives))
    return loss


def _cbow(tables: Tables, step: Step) -> tf.Tensor:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    ids, mask = step.ids, step.mask
    window, d = (ids.shape[1] - BLOCK) // 2, tables.vectors.shape[1]
    middle, around = tf.reshape(ids[:, window:-window], [-1]), tf.reshape(ids, [-1])
    pairs = tf.reduce_sum(mask, axis=2, keepdims=True)  # (M, T, 1)
    share = mask / tf.maximum(pairs, 1)  # each context word's part of the mean
    x = tf.reshape(tf.gather(tables.vectors, around), [-1, ids.shape[1], d])  # (M, T + 2w, d)
    h = tf.reshape(tf.matmul(share, x), [-1, d])  # (M * T, d) the mean of the context
    u, n = (
        tf.gather(tables.contexts, middle),
        tf.gather(tables.contexts, step.negatives),
    )  # (M * T, d), (K, d)
    some = tf.reshape(tf.cast(pairs > 0, tf.float32), [-1, 1])  # no context teaches nothing
    weight = some * step.weight
    true = tf.reduce_sum(h * u, axis=1, keepdims=True)  # (M * T, 1)
    false = tf.matmul(h, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(step.want_loss, lambda: _mean_loss(true, some, false, weight, some), lambda: 0.0)
    g_true = (tf.sigmoid(true) - 1) * some * -step.rate
    g_false = tf.sigmoid(false) * (weight * -step.rate)
    g_h = tf.reshape(g_true * u + tf.matmul(g_false, n), [-1, BLOCK, d])
    g_x = tf.reshape(tf.matmul(share, g_h, transpose_a=True), [-1, d])
    tables.vectors.scatter_add(tf.IndexedSlices(g_x, around))
    tables.contexts.scatter_add(tf.IndexedSlices(g_true * h, middle))
    g_n = clip_rows(tf.matmul(g_false, h, transpose_a=True))
    tables.contexts.scatter_add(tf.IndexedSlices(g_n, step.negatives))
    return loss


def clip_rows(updates: tf.Tensor) -> tf.Tensor:
    """Shorten the rows that are longer than `MAX_UPDATE_NORM`, shape (K, d)."""
    lengths = tf.norm(updates, axis=1, keepdims=True)
    return updates * (MAX_UPDATE_NORM / tf.maximum(lengths, MAX_UPDATE_NORM))


def _mean_loss(
    true: tf.Tensor, mask: tf.Tensor, false: tf.Tensor, weight: tf.Tensor, pairs: tf.Tensor
) -> tf.Tensor:
    """Return the mean of -log sigmoid(true) - sum of log sigmoid(-false) over pairs, in nats."""
    total = tf.reduce_sum(tf.math.softplus(-true) * mask)
    total += tf.reduce_sum(tf.math.softplus(false) * weight)
    return total / tf.maximum(tf.reduce_sum(pairs), 1)
