"""Word2Vec in blocks, with the gradient written out (lesson 2)."""

import time

import tensorflow as tf

from course_utils.tensorflow.device import choose_device, to_numpy
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
    with tf.device(choose_device()):
        vectors = tf.Variable(starting_vectors(len(corpus.vocabulary), settings))
        contexts = tf.Variable(tf.zeros_like(vectors))
        steps = _compiled_steps(vectors, contexts, settings)

        def learn(batch: Batch) -> tuple[float, int]:
            loss = steps(batch.ids, batch.sentences, batch.windows, batch.noise, batch.rates)
            return check_loss(float(loss), settings.negatives), batch.n_words

        start = time.perf_counter()
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


def _compiled_steps(vectors: tf.Variable, contexts: tf.Variable, settings: Word2VecSettings):
    """Return a function that takes all steps of a batch, and returns the last one's mean loss."""
    step = {"skipgram": _skipgram, "cbow": _cbow}[settings.model]
    distances = _distances(settings.window)

    @tf.function(
        jit_compile=False,
        input_signature=[
            tf.TensorSpec([None, None, BLOCK + 2 * settings.window], tf.int32),
            tf.TensorSpec([None, None, BLOCK + 2 * settings.window], tf.int32),
            tf.TensorSpec([None, None, BLOCK], tf.int32),
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None], tf.float32),
        ],
    )
    def steps(ids, sentences, windows, noise, rates):
        loss = 0.0
        last = tf.shape(rates)[0] - 1
        for i in tf.range(last + 1):
            mask = _mask(sentences[i], windows[i], distances)
            loss = step(
                vectors, contexts, ids[i], mask, noise[i], settings.negatives, rates[i], i == last
            )
        return loss

    return steps


def _distances(window: int) -> tf.Tensor:
    """Return how far position j of the surroundings is from middle word i, shape (T, T + 2w)."""
    middle = tf.range(BLOCK)[:, None] + window
    distances = tf.abs(middle - tf.range(BLOCK + 2 * window))
    return tf.where(distances == 0, 10**6, distances)  # a word is not its own context


def _mask(sentences, windows, distances) -> tf.Tensor:
    """Return 1 where a middle word and a context word make a pair, shape (M, T, T + 2w)."""
    window = (sentences.shape[1] - BLOCK) // 2
    middle = sentences[:, window:-window, None]  # (M, T, 1)
    together = (middle == sentences[:, None]) & (middle >= 0)
    return tf.cast(together & (distances <= windows[..., None]), tf.float32)


def _skipgram(vectors, contexts, ids, mask, noise, negatives, rate, want_loss) -> tf.Tensor:
    """Take one step on `vectors` and `contexts`; return the mean loss of a pair if wanted."""
    window, d = (ids.shape[1] - BLOCK) // 2, vectors.shape[1]
    middle, around = tf.reshape(ids[:, window:-window], [-1]), tf.reshape(ids, [-1])
    v = tf.gather(vectors, middle)  # (M * T, d)
    u = tf.reshape(tf.gather(contexts, around), [-1, ids.shape[1], d])  # (M, T + 2w, d)
    n = tf.gather(contexts, noise)  # (K, d)
    blocks = tf.reshape(v, [-1, BLOCK, d])  # (M, T, d)
    pairs = tf.reshape(tf.reduce_sum(mask, axis=2), [-1, 1])  # (M * T, 1) contexts of each word
    weight = pairs * (negatives / tf.cast(tf.shape(noise)[0], tf.float32))
    true = tf.matmul(blocks, u, transpose_b=True)  # (M, T, T + 2w)
    false = tf.matmul(v, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(want_loss, lambda: _mean_loss(true, mask, false, weight, pairs), lambda: 0.0)
    g_true = (tf.sigmoid(true) - 1) * mask * -rate  # -rate * d loss / d score of a true pair
    g_false = tf.sigmoid(false) * (weight * -rate)
    g_v = tf.reshape(tf.matmul(g_true, u), [-1, d]) + tf.matmul(g_false, n)
    g_u = tf.reshape(tf.matmul(g_true, blocks, transpose_a=True), [-1, d])
    vectors.scatter_add(tf.IndexedSlices(g_v, middle))
    contexts.scatter_add(tf.IndexedSlices(g_u, around))
    g_n = _limited(tf.matmul(g_false, v, transpose_a=True))
    contexts.scatter_add(tf.IndexedSlices(g_n, noise))
    return loss


def _cbow(vectors, contexts, ids, mask, noise, negatives, rate, want_loss) -> tf.Tensor:
    """As `_skipgram`; `vectors` belong to the context words, `contexts` to the middle word."""
    window, d = (ids.shape[1] - BLOCK) // 2, vectors.shape[1]
    middle, around = tf.reshape(ids[:, window:-window], [-1]), tf.reshape(ids, [-1])
    pairs = tf.reduce_sum(mask, axis=2, keepdims=True)  # (M, T, 1)
    share = mask / tf.maximum(pairs, 1)  # each context word's part of the mean
    x = tf.reshape(tf.gather(vectors, around), [-1, ids.shape[1], d])  # (M, T + 2w, d)
    h = tf.reshape(tf.matmul(share, x), [-1, d])  # (M * T, d) the mean of the context
    u, n = tf.gather(contexts, middle), tf.gather(contexts, noise)  # (M * T, d), (K, d)
    some = tf.reshape(tf.cast(pairs > 0, tf.float32), [-1, 1])  # no context teaches nothing
    weight = some * (negatives / tf.cast(tf.shape(noise)[0], tf.float32))
    true = tf.reduce_sum(h * u, axis=1, keepdims=True)  # (M * T, 1)
    false = tf.matmul(h, n, transpose_b=True)  # (M * T, K)
    loss = tf.cond(want_loss, lambda: _mean_loss(true, some, false, weight, some), lambda: 0.0)
    g_true = (tf.sigmoid(true) - 1) * some * -rate
    g_false = tf.sigmoid(false) * (weight * -rate)
    g_h = tf.reshape(g_true * u + tf.matmul(g_false, n), [-1, BLOCK, d])
    g_x = tf.reshape(tf.matmul(share, g_h, transpose_a=True), [-1, d])
    vectors.scatter_add(tf.IndexedSlices(g_x, around))
    contexts.scatter_add(tf.IndexedSlices(g_true * h, middle))
    g_n = _limited(tf.matmul(g_false, h, transpose_a=True))
    contexts.scatter_add(tf.IndexedSlices(g_n, noise))
    return loss


def _limited(strides) -> tf.Tensor:
    """Shorten the rows that would move farther than `LONGEST_STRIDE`, shape (K, d)."""
    lengths = tf.norm(strides, axis=1, keepdims=True)
    return strides * (LONGEST_STRIDE / tf.maximum(lengths, LONGEST_STRIDE))


def _mean_loss(true, mask, false, weight, pairs) -> tf.Tensor:
    """Return the mean of -log sigmoid(true) - sum of log sigmoid(-false) over pairs, in nats."""
    total = tf.reduce_sum(tf.math.softplus(-true) * mask)
    total += tf.reduce_sum(tf.math.softplus(false) * weight)
    return total / tf.maximum(tf.reduce_sum(pairs), 1)
