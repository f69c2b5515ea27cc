"""Language models that carry a state: training, bits, and writing text (lesson 3)."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from course_utils.rnn.generation import TextGenerator
from course_utils.tensorflow.device import choose_device, to_numpy, to_tensor
from course_utils.tensorflow.training import cross_entropy, gradients_of, make_optimizer
from course_utils.text.characters import CharVocabulary
from course_utils.text.words import check_ids
from course_utils.training.batches import ContiguousBatches
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule


class LanguageModel(keras.Model):
    """Score the next token at every place of a text: embedding, LSTM, linear layer (lesson 3).

    Parameters
    ----------
    vocabulary_size : int
        V, the number of tokens.
    dimension, units : int
        Numbers of a token's embedding, and of the LSTM's two states.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997; with forget gates: F. Gers,
    J. Schmidhuber, F. Cummins, Learning to forget, 2000.
    """

    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        self.vocabulary_size, self.units = vocabulary_size, units
        self.embedding = keras.layers.Embedding(vocabulary_size, dimension)
        self.lstm = keras.layers.LSTM(units, return_sequences=True, return_state=True)
        self.score = keras.layers.Dense(vocabulary_size)

    def call(self, ids: tf.Tensor, state=None):
        """From ids (batch, length) to logits (batch, length, V), and the state after them."""
        hidden, *state = self.lstm(self.embedding(ids), initial_state=state)
        return self.score(hidden), state

    def start(self, batch: int):
        """Return the empty state of so many texts: two times (batch, units) zeros."""
        return [tf.zeros((batch, self.units)), tf.zeros((batch, self.units))]


CLIP = 1.0  # the longest gradient that is taken as it is


def tbptt_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, carry: bool = True
) -> Callable[[tuple[np.ndarray, np.ndarray]], tuple[float, int]]:
    """Return a function that learns from one chunk of text: truncated back-propagation.

    The gradient ends at the beginning of the chunk. The state goes on into the next one.

    Parameters
    ----------
    model : callable
        From ids (batch, length) and a state to logits (batch, length, V) and the new state, with
        `start(batch)` for the empty state.
    carry : bool
        False begins every chunk with an empty state.

    Returns
    -------
    callable
        From inputs and targets (batch, length) to (mean loss in nats, tokens).

    References
    ----------
    R. Williams, J. Peng, An efficient gradient-based algorithm for on-line training of recurrent
    network trajectories, 1990.
    """

    @tf.function(jit_compile=False)
    def update(inputs, targets, state):
        with tf.GradientTape() as tape:
            logits, state = model(inputs, state)  # (batch, length, V)
            loss = cross_entropy(logits, targets)
        gradients, variables = zip(*gradients_of(loss, tape, model), strict=True)
        gradients, _ = tf.clip_by_global_norm(gradients, CLIP)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss, state  # numbers without a tape: the gradient ends here

    state = None

    def step(batch):
        nonlocal state
        inputs, targets = (to_tensor(array, "int64") for array in batch)
        if state is None or not carry:
            state = model.start(len(inputs))
        loss, state = update(inputs, targets, state)
        return float(loss), targets.shape.num_elements()

    return step


def train_language_model(
    model: keras.Model,
    train: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    steps: int = 500,
    batch_size: int = 32,
    length: int = 64,
    learning_rate: float = 1e-2,
    carry: bool = True,
    checks: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train with Adam, the learning rate falling along half a cosine.

    Parameters
    ----------
    train, validation : ndarray of int, shape (n,)
        Token ids in reading order.
    steps : int
        Batches in all.
    carry : bool
        Hand the state on from chunk to chunk.
    checks : int
        So often the validation text is read, at equal distances; each makes a row of the history.

    Returns
    -------
    History
        `train_loss` and `validation_loss` in nats a token.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, or the text is too short.
    CourseError
        If the loss stops being a number.
    """
    train = check_ids(train, model.vocabulary_size)
    each = max(1, steps // checks)
    with tf.device(choose_device()):
        model(to_tensor(train[None, :2], "int64"))  # layers get their weights at the first call
        optimizer = make_optimizer(model, "adam", learning_rate)
        learn, read, done = tbptt_step(model, optimizer, carry), _reader(model), 0

        def step(batch):
            nonlocal done
            optimizer.learning_rate.assign(cosine_schedule(done, steps, learning_rate))
            done += 1
            return learn(batch)

        return run_epochs(
            step,
            ContiguousBatches(train, batch_size, length, each, seed),
            epochs=steps // each,
            evaluate=None
            if validation is None
            else lambda: {"loss": _mean_loss(model, read, validation)},
            progress=progress,
        )


def mean_loss(
    model: keras.Model,
    ids: np.ndarray,
    *,
    lanes: int = 20,
    length: int = 250,
    carry: bool = True,
) -> float:
    """Return the mean cross-entropy in nats of a text that is read once, in lanes side by side.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
        What does not fill the last chunk of a lane is left out.
    carry : bool
        Hand the state on from chunk to chunk.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, or the text is too short.
    """
    return _mean_loss(model, _reader(model), ids, lanes, length, carry)


def make_generator(model: keras.Model, alphabet: CharVocabulary) -> TextGenerator:
    """Return a generator: it reads a prompt, and goes on with the state carried along."""

    @tf.function(jit_compile=False, reduce_retracing=True)
    def read(ids, state):
        logits, state = model(ids, state)
        return logits[:, -1], state

    def step(ids, state):
        with tf.device(choose_device()):
            state = model.start(len(ids)) if state is None else state
            logits, state = read(to_tensor(ids, "int64"), state)
        return to_numpy(logits), state

    return TextGenerator(step, alphabet)


def _reader(model: keras.Model) -> Callable:
    """Return a compiled function from inputs, targets and a state to (mean loss, new state)."""

    @tf.function(jit_compile=False)
    def read(inputs, targets, state):
        logits, state = model(inputs, state)
        return cross_entropy(logits, targets), state

    return read


def _mean_loss(model, read, ids, lanes=20, length=250, carry=True) -> float:
    streams = ContiguousBatches.once(check_ids(ids, model.vocabulary_size), lanes, length)
    total, state = 0.0, None
    with tf.device(choose_device()):
        for batch in streams(0):
            inputs, targets = (to_tensor(array, "int64") for array in batch)
            begin = state if state is not None and carry else model.start(lanes)
            loss, state = read(inputs, targets, begin)
            total += float(loss)
    return total / streams.chunks
