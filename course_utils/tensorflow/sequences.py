"""Training over batches of sequences, with a learning rate that warms up and falls.

The docstrings of the public names stand in `course_utils/interface/sequences.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import keras
import tensorflow as tf

from course_utils.interface import implements, sequences as described
from course_utils.tensorflow.device import choose_device, input_tensor
from course_utils.tensorflow.training import (
    compiled_step,
    cross_entropy,
    logits_shape,
    make_optimizer,
)
from course_utils.training.batches import Batch, check_batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import linear_schedule


@implements(described.token_loss)
def token_loss(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    words = tf.cast(targets != 0, losses.dtype)
    return tf.reduce_sum(losses * words) / tf.reduce_sum(words)


@implements(described.train_sequences, own=("batches", "learning_rate", "warmup_steps"))
def train_sequences(
    model: keras.Layer,
    batches: Sequence[Batch],
    *,
    learning_rate: float = 3e-3,
    warmup_steps: int = 50,
    clip: float | None = 1.0,
    optimizer: str = "adam",
    loss_fn: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] = token_loss,
    evaluations: int = 10,
    evaluate: Callable[[], dict[str, float]] | None = None,
    progress: bool = True,
) -> History:
    known = loss_fn in (token_loss, cross_entropy)  # another loss knows its own targets
    shape = partial(logits_shape, model) if known else None
    check_batches(model, batches, shape, tokens=loss_fn is token_loss)
    parts = split_evenly(batches, evaluations)
    schedule = partial(
        linear_schedule, steps=len(batches), peak=learning_rate, warmup_steps=warmup_steps
    )
    with tf.device(choose_device()):
        if not model.built:
            model(*(input_tensor(array[:1]) for array in batches[0][:-1]))
        chosen = make_optimizer(model, optimizer, learning_rate)
        return run_epochs(
            compiled_step(batches, model, chosen, loss_fn, clip, schedule),
            lambda evaluation: parts[evaluation],
            epochs=len(parts),
            evaluate=evaluate,
            progress=progress,
        )
