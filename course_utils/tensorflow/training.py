"""Steps, training and prediction for Keras models; the loop itself is `run_epochs`.

The docstrings of the public names stand in `course_utils/interface/training.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import InputError
from course_utils.interface import implements, training as described
from course_utils.tensorflow.device import choose_device, input_tensor, on_cpu, to_numpy, to_tensor
from course_utils.text.checks import check_positive
from course_utils.training import batches
from course_utils.training.loop import History, run_epochs

Gradients = list[tuple[tf.Tensor, keras.Variable]]

_OPTIMIZERS = {
    "adam": lambda rate: keras.optimizers.Adam(rate, epsilon=1e-8),
    "adamw": lambda rate: keras.optimizers.AdamW(rate, weight_decay=1e-2, epsilon=1e-8),
    "sgd": lambda rate: keras.optimizers.SGD(rate),
}


@implements(described.make_optimizer, own=("name", "learning_rate"))
def make_optimizer(
    model: keras.Layer, name: str = "adam", learning_rate: float = 1e-3
) -> keras.optimizers.Optimizer:
    if name not in _OPTIMIZERS:
        raise InputError(f"The optimizer must be adam, adamw or sgd, but it is {name!r}.")
    optimizer = _OPTIMIZERS[name](check_positive(learning_rate, "The learning rate"))
    optimizer.build(model.trainable_variables)
    return optimizer


@implements(described.cross_entropy)
def cross_entropy(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))


@implements(described.make_train_step)
def make_train_step(
    model: Callable,
    optimizer: keras.optimizers.Optimizer,
    loss_fn: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] = cross_entropy,
    clip: float | None = None,
    schedule: Callable[[int], float] | None = None,
) -> Callable[[batches.Batch], tuple[float, int]]:
    return compiled_step((), model, optimizer, loss_fn, clip, schedule)


def compiled_step(
    examples: Iterable[batches.Batch],
    model: keras.Layer,
    optimizer: keras.optimizers.Optimizer,
    loss_fn: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    clip: float | None,
    schedule: Callable[[int], float] | None,
) -> Callable[[batches.Batch], tuple[float, int]]:
    """Return the function of `make_train_step`, traced once for the shapes of all examples."""

    if clip is not None:
        check_positive(clip, "The gradient norm clip")

    def update(*batch: tf.Tensor) -> tf.Tensor:
        *inputs, targets = batch
        with tf.GradientTape() as tape:
            loss = loss_fn(model(*inputs, training=True), targets)
        gradients = _gradients(tape, loss, model.trainable_variables)
        if tf.math.is_finite(loss):  # a tf.cond in the compiled step
            optimizer.apply_gradients(gradients if clip is None else _clip(gradients, clip))
        return loss

    step_numbers, signature, compiled = count(), None, None
    for batch in examples:
        signature = _widen(signature, batch)

    def step(batch: batches.Batch) -> tuple[float, int]:
        nonlocal signature, compiled
        widened = _widen(signature, batch)
        if compiled is None or widened != signature:
            signature = widened
            compiled = tf.function(update, input_signature=signature, jit_compile=False)
        if schedule is not None:
            optimizer.learning_rate.assign(schedule(next(step_numbers)))
        return float(compiled(*map(input_tensor, batch))), len(batch[-1])

    return step


def _gradients(tape: tf.GradientTape, loss: tf.Tensor, variables: list) -> Gradients:
    """Return each gradient with its variable; a weight that the loss does not use has none.

    An embedding's gradient is a list of rows. A word that occurs twice must be summed before Adam
    squares it, as PyTorch does.
    """
    return [
        (tf.convert_to_tensor(gradient), variable)
        for gradient, variable in zip(tape.gradient(loss, variables), variables, strict=True)
        if gradient is not None
    ]


def _clip(gradients: Gradients, longest: float) -> Gradients:
    """Shorten gradients whose length, all weights taken together, is above the longest allowed."""
    norm = tf.linalg.global_norm([gradient for gradient, _ in gradients])
    shrink = tf.minimum(1.0, longest / (norm + 1e-6))  # as PyTorch does
    return [(gradient * shrink, variable) for gradient, variable in gradients]


def _widen(signature: list[tf.TensorSpec] | None, batch: batches.Batch) -> list[tf.TensorSpec]:
    """Return shapes that hold for the arrays of a batch and for all before.

    The number of rows is open from the start, so that a short last batch is not traced again.
    Another length of the texts opens that axis too: one more trace, for all lengths.
    """
    specs = [
        tf.TensorSpec([None, *np.shape(array)[1:]], batches.model_dtype(array)) for array in batch
    ]
    if signature is None:
        return specs
    pairs = zip(signature, specs, strict=True)
    return [old.most_specific_common_supertype([new]) or new for old, new in pairs]


@implements(described.fit, own=("train", "validation", "learning_rate", "seed"))
def fit(
    model: keras.Layer,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    *,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 1e-2,
    optimizer: str = "adam",
    patience: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    parts = batches.fit_parts(train, validation)
    batches.check_batches(model, parts, partial(logits_shape, model))
    with tf.device(choose_device()):
        return run_epochs(
            make_train_step(model, make_optimizer(model, optimizer, learning_rate)),
            batches.minibatches(train, batch_size, seed=seed),
            epochs=epochs,
            evaluate=None if validation is None else lambda: evaluate(model, *validation),
            patience=patience,
            get_state=model.get_weights,
            set_state=model.set_weights,
            progress=progress,
        )


def logits_shape(model: keras.Layer, *inputs: np.ndarray) -> Sequence[int]:
    """Return the shape of the model's logits for the first row of its inputs, and so build it."""
    with tf.device(choose_device()):
        return tuple(model(*(input_tensor(array[:1]) for array in inputs)).shape)


@implements(described.predict)
def predict(model: keras.Layer, inputs: np.ndarray, *, batch_size: int = 512) -> np.ndarray:
    batches.check_inputs(model, inputs)

    def read(batch: np.ndarray) -> np.ndarray:
        return to_numpy(model(input_tensor(batch), training=False))

    with tf.device(choose_device()):
        return batches.in_batches(read, inputs, batch_size)


@implements(described.evaluate)
def evaluate(
    model: keras.Layer, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
) -> dict[str, float]:
    batches.check_rows(inputs, targets)
    logits = predict(model, inputs, batch_size=batch_size)
    batches.check_labels(targets, logits.shape)
    targets = np.asarray(targets, np.int64)
    hits = logits.argmax(axis=-1) == targets
    with on_cpu():
        loss = cross_entropy(to_tensor(logits), to_tensor(targets))
    return {
        "loss": float(loss),
        "accuracy": float(hits.mean()),
    }
