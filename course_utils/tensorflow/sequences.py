"""Training over batches of sequences, with a learning rate that warms up and falls."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from course_utils.tensorflow.device import choose_device
from course_utils.tensorflow.training import batch_to_tensor, gradients_of, make_optimizer
from course_utils.training.batches import check_batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import linear_schedule


def token_loss(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the mean cross-entropy in nats over all tokens that are no padding.

    Parameters
    ----------
    logits : (batch, length, words)
    targets : (batch, length), 0 = padding
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    words = tf.cast(targets != 0, losses.dtype)
    return tf.reduce_sum(losses * words) / tf.reduce_sum(words)


def train_sequences(
    model: keras.Model,
    batches: Sequence[tuple[np.ndarray, ...]],
    *,
    learning_rate: float = 3e-3,
    warm_up: int = 50,
    clip: float = 1.0,
    optimizer: str = "adam",
    loss: Callable = token_loss,
    parts: int = 10,
    evaluate: Callable[[], dict[str, float]] | None = None,
    progress: bool = True,
) -> History:
    """Train on each batch once, in the given order.

    Parameters
    ----------
    model : callable
        From the inputs of a batch to logits (batch, length, words).
    batches : sequence of tuples (input, ..., target)
        Arrays of ids; the last is (batch, length), 0 = padding. As `length_batches` makes them.
    learning_rate : float
        The peak, which is reached after `warm_up` steps; see `linear_schedule`.
    clip : float
        Longer gradients are shortened to this length.
    loss : callable
        From logits and targets to one number; `cross_entropy` for a classifier, whose targets are
        class ids (batch,).
    parts : int
        The history has so many rows, called epochs there.
    evaluate : callable, optional
        Measures the model after each part, for example `{"loss": 2.1, "accuracy": 0.3}`.

    Raises
    ------
    InputError
        If there are no batches, or `evaluate` measures no loss.
    CourseError
        If the loss stops being a number.
    """
    check_batches(batches)
    with tf.device(choose_device()):
        if not model.built:
            model(*map(batch_to_tensor, (array[:1] for array in batches[0][:-1])))
        optimizer = make_optimizer(model, optimizer, learning_rate)
        update = _compiled(model, optimizer, loss, clip, batches)
        steps, done = len(batches), 0

        def step(batch):
            nonlocal done
            rate = tf.constant(linear_schedule(done, steps, learning_rate, warm_up), tf.float32)
            done += 1
            return float(update(rate, *map(batch_to_tensor, batch))), len(batch[-1])

        pieces = split_evenly(batches, parts)
        return run_epochs(
            step, lambda epoch: pieces[epoch], epochs=len(pieces), evaluate=evaluate,
            progress=progress,
        )  # fmt: skip


def _compiled(model, optimizer, loss: Callable, clip: float, batches):
    """Return one compiled step. Axes on which batches differ stay open, so it is traced once."""

    def update(rate, *batch):
        *inputs, targets = batch
        with tf.GradientTape() as tape:
            value = loss(model(*inputs, training=True), targets)
        pairs = gradients_of(value, tape, model)
        shrink = tf.minimum(1.0, clip / (tf.linalg.global_norm([g for g, _ in pairs]) + 1e-6))
        optimizer.learning_rate.assign(rate)
        optimizer.apply_gradients([(g * shrink, variable) for g, variable in pairs])
        return value

    specs = [tf.TensorSpec([], tf.float32)]
    for arrays in zip(*batches, strict=True):
        sizes = zip(*(array.shape for array in arrays), strict=True)
        shape = [None] + [size[0] if len(set(size)) == 1 else None for size in list(sizes)[1:]]
        specs.append(tf.TensorSpec(shape, batch_to_tensor(arrays[0][:1]).dtype))
    return tf.function(update, input_signature=specs, jit_compile=False)
