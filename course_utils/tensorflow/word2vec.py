"""Word2Vec in blocks, with the gradient written out (lesson 2).

The docstrings of the public names stand in `course_utils/interface/word2vec.py`.
"""

import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from course_utils.interface import implements, word2vec as described
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
            loss = float(take_steps(*batch.for_steps()))
            return check_loss(loss, chosen.negatives), batch.n_words

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
    words = tf.TensorSpec([None, None], tf.int64)
    each_pair = tf.TensorSpec([None, None, BLOCK + 2 * settings.window, BLOCK], tf.float32)

    @tf.function(jit_compile=False, input_signature=[words, words, words, each_pair])
    def steps(
        middle: tf.Tensor, around: tf.Tensor, negatives: tf.Tensor, rates: tf.Tensor
    ) -> tf.Tensor:
        loss, last = 0.0, tf.shape(rates)[0] - 1
        weight = settings.negatives / tf.cast(tf.shape(negatives)[1], tf.float32)
        for i in tf.range(last + 1):
            step = Step(middle[i], around[i], negatives[i], rates[i], weight, i == last)
            loss = take_step(tables, step)
        return loss

    return steps


def _skipgram(tables: Tables, step: Step) -> tf.Tensor:
    """Take one step on the tables; return the mean loss of a pair if wanted."""
    _, width, _ = step.rates.shape  # (M, T + 2w, T)
    d = tables.vectors.shape[1]
    v = tf.gather(tables.vectors, step.middle)  # (M * T, d)
    u = tf.reshape(tf.gather(tables.contexts, step.around), [-1, width, d])  # (M, T + 2w, d)
    n = tf.gather(tables.contexts, step.negatives)  # (K, d)
    blocks = tf.reshape(v, [-1, BLOCK, d])  # (M, T, d)
    rates = tf.reshape(tf.reduce_sum(step.rates, axis=1), [-1, 1])  # (M * T, 1) of all contexts
    weight = rates * step.weight
    true = tf.matmul(u, blocks, transpose_b=True)  # (M, T + 2w, T)
    false = tf.matmul(v, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(step.want_loss, lambda: _mean_loss(true, step.rates, false, weight), lambda: 0.0)
    g_true = (1 - tf.sigmoid(true)) * step.rates  # -rate * d loss / d score of a true pair
    g_false = tf.sigmoid(false) * -weight
    g_v = tf.reshape(tf.matmul(g_true, u, transpose_a=True), [-1, d]) + tf.matmul(g_false, n)
    g_u = tf.reshape(tf.matmul(g_true, blocks), [-1, d])
    g_n = tf.clip_by_norm(tf.matmul(g_false, v, transpose_a=True), MAX_UPDATE_NORM, axes=1)
    tables.vectors.scatter_add(tf.IndexedSlices(g_v, step.middle))
    tables.contexts.scatter_add(tf.IndexedSlices(g_u, step.around))
    tables.contexts.scatter_add(tf.IndexedSlices(g_n, step.negatives))
    return loss


def _cbow(tables: Tables, step: Step) -> tf.Tensor:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    _, width, _ = step.rates.shape  # (M, T + 2w, T)
    d = tables.vectors.shape[1]
    x = tf.reshape(tf.gather(tables.vectors, step.around), [-1, width, d])  # (M, T + 2w, d)
    u = tf.gather(tables.contexts, step.middle)  # (M * T, d)
    n = tf.gather(tables.contexts, step.negatives)  # (K, d)
    share = tf.math.divide_no_nan(step.rates, tf.reduce_sum(step.rates, axis=1, keepdims=True))
    h = tf.reshape(tf.matmul(share, x, transpose_a=True), [-1, d])  # (M * T, d) the mean context
    rates = tf.reshape(tf.reduce_max(step.rates, axis=1), [-1, 1])  # (M * T, 1) 0 without context
    weight = rates * step.weight
    true = tf.reduce_sum(h * u, axis=1, keepdims=True)  # (M * T, 1)
    false = tf.matmul(h, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(step.want_loss, lambda: _mean_loss(true, rates, false, weight), lambda: 0.0)
    g_true = (1 - tf.sigmoid(true)) * rates
    g_false = tf.sigmoid(false) * -weight
    g_h = tf.reshape(g_true * u + tf.matmul(g_false, n), [-1, BLOCK, d])
    g_x = tf.reshape(tf.matmul(share, g_h), [-1, d])
    g_n = tf.clip_by_norm(tf.matmul(g_false, h, transpose_a=True), MAX_UPDATE_NORM, axes=1)
    tables.vectors.scatter_add(tf.IndexedSlices(g_x, step.around))
    tables.contexts.scatter_add(tf.IndexedSlices(g_true * h, step.middle))
    tables.contexts.scatter_add(tf.IndexedSlices(g_n, step.negatives))
    return loss


def _mean_loss(
    true: tf.Tensor, true_weight: tf.Tensor, false: tf.Tensor, false_weight: tf.Tensor
) -> tf.Tensor:
    """Return the weighted mean of -log sigmoid(true) - sum of log sigmoid(-false), in nats."""
    total = tf.reduce_sum(tf.math.softplus(-true) * true_weight)
    total += tf.reduce_sum(tf.math.softplus(false) * false_weight)
    return tf.math.divide_no_nan(total, tf.reduce_sum(true_weight))
