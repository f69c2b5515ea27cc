"""Language models that carry a state: training, bits, and writing text (lesson 3).

The docstrings of the public names stand in `course_utils/interface/language.py`.
"""

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from course_utils.interface import implements, language as described
from course_utils.rnn.generation import TextGenerator, check_alphabet
from course_utils.tensorflow.device import choose_device, input_tensor, to_numpy
from course_utils.tensorflow.training import cross_entropy, make_optimizer, make_train_step
from course_utils.text.characters import CharVocabulary
from course_utils.text.checks import check_ids, check_layer, check_state, whole_number
from course_utils.training.batches import Batches, ContiguousBatches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule


@implements(described.LanguageModel)
class LanguageModel(keras.Model):
    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        check_layer(vocabulary_size=vocabulary_size, dimension=dimension, units=units)
        self.vocabulary_size = vocabulary_size
        self.units = units
        self.embedding = keras.layers.Embedding(vocabulary_size, dimension)
        self.lstm = keras.layers.LSTM(units, return_sequences=True, return_state=True)
        self.score = keras.layers.Dense(vocabulary_size)

    def call(
        self, ids: tf.Tensor, state: list[tf.Tensor] | None = None
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        hidden, *state = self.lstm(self.embedding(ids), initial_state=state)
        return self.score(hidden), state

    def initial_state(self, batch_size: int) -> list[tf.Tensor]:
        check_state(batch_size, self.units)
        return [tf.zeros((batch_size, self.units)), tf.zeros((batch_size, self.units))]


class _StatefulModel:
    """A language model that remembers its state from batch to batch, without the gradient."""

    def __init__(self, model: keras.Layer, batch_size: int, stateful: bool):
        self.model = model
        self.stateful = stateful
        self.state = [
            tf.Variable(part, trainable=False) for part in model.initial_state(batch_size)
        ]

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        return self.model.trainable_variables

    def __call__(self, ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        state = [tf.convert_to_tensor(variable) for variable in self.state]
        logits, state = self.model(ids, state, training=training)  # (batch, length, V)
        if self.stateful:
            for variable, part in zip(self.state, state, strict=True):
                variable.assign(part)  # the numbers, not the gradient
        return logits

    def reset(self) -> None:
        """Begin with the empty state again."""
        for variable in self.state:
            variable.assign(tf.zeros_like(variable))


@implements(
    described.train_language_model,
    own=("train", "validation", "learning_rate", "seed", "steps", "evaluations"),
)
def train_language_model(
    model: keras.Layer,
    train: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    steps: int = 500,
    batch_size: int = 32,
    sequence_length: int = 64,
    learning_rate: float = 1e-2,
    warmup_steps: int = 20,
    stateful: bool = True,
    evaluations: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> History:
    ids = check_ids(train, model.vocabulary_size)
    text = ContiguousBatches(ids, batch_size, sequence_length, seed)
    measure = None if validation is None else _loss_measure(model, validation)
    parts = split_evenly(range(whole_number(steps, "The number of steps", 1)), evaluations)
    schedule = partial(cosine_schedule, steps=steps, peak=learning_rate, warmup_steps=warmup_steps)
    with tf.device(choose_device()):
        model(input_tensor(ids[None, :2]))  # layers get their weights at the first call
        return run_epochs(
            make_train_step(
                _StatefulModel(model, batch_size, stateful),
                make_optimizer(model, "adam", learning_rate),
                clip=1.0,
                schedule=schedule,
            ),
            lambda evaluation: Batches(text.batch, parts[evaluation]),
            epochs=len(parts),
            evaluate=None if measure is None else lambda: {"loss": measure()},
            progress=progress,
        )


@implements(described.mean_loss)
def mean_loss(
    model: keras.Layer,
    ids: np.ndarray,
    *,
    batch_size: int = 20,
    sequence_length: int = 250,
    stateful: bool = True,
) -> float:
    measure = _loss_measure(model, ids, batch_size, sequence_length, stateful)
    return measure()


def _loss_measure(
    model: keras.Layer,
    ids: np.ndarray,
    batch_size: int = 20,
    sequence_length: int = 250,
    stateful: bool = True,
) -> Callable[[], float]:
    """Return a function that reads a text once, from its beginning, and gives the mean loss."""
    ids = check_ids(ids, model.vocabulary_size)
    text = ContiguousBatches.sequential(ids, batch_size, sequence_length)
    with tf.device(choose_device()):
        reader = _StatefulModel(model, batch_size, stateful)

    @tf.function(jit_compile=False)
    def read(ids: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return cross_entropy(reader(ids), targets)

    def measure() -> float:
        with tf.device(choose_device()):
            reader.reset()
            losses = [float(read(*map(input_tensor, batch))) for batch in text]
        return sum(losses) / len(losses)

    return measure


@implements(described.make_generator)
def make_generator(model: keras.Layer, alphabet: CharVocabulary) -> TextGenerator:
    check_alphabet(alphabet, model.vocabulary_size)

    @tf.function(jit_compile=False, reduce_retracing=True)
    def read(ids, state):
        logits, state = model(ids, state)
        return logits[:, -1], state

    def step(ids, state):
        with tf.device(choose_device()):
            state = model.initial_state(len(ids)) if state is None else state
            logits, state = read(input_tensor(ids), state)
        return to_numpy(logits), state

    return TextGenerator(step, alphabet)
