"""Steps, training and prediction for Keras models; the loop itself is `run_epochs`."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import InputError
from course_utils.tensorflow.device import choose_device, to_numpy, to_tensor
from course_utils.text import check_ids
from course_utils.training import History, minibatches, run_epochs

_OPTIMIZERS = {
    "adam": lambda rate: keras.optimizers.Adam(rate, epsilon=1e-8),
    "adamw": lambda rate: keras.optimizers.AdamW(rate, weight_decay=1e-2, epsilon=1e-8),
    "sgd": lambda rate: keras.optimizers.SGD(rate),
}


def make_optimizer(
    model: keras.Model, name: str = "adam", learning_rate: float = 1e-3
) -> keras.optimizers.Optimizer:
    """Return an optimizer for the model's trainable weights: "adam", "adamw" or "sgd".

    Adam's epsilon is 1e-8 in both frameworks.

    References
    ----------
    D. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015, algorithm 1.
    """
    if name not in _OPTIMIZERS:
        raise InputError(f"The optimizer must be adam, adamw or sgd, but it is {name!r}.")
    optimizer = _OPTIMIZERS[name](learning_rate)
    optimizer.build(model.trainable_variables)
    return optimizer


def cross_entropy(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the mean cross-entropy in nats of logits (batch, classes) and class ids (batch,)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))


def train_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Callable = cross_entropy
) -> Callable[[tuple[np.ndarray, np.ndarray]], tuple[float, int]]:
    """Return a function that learns from one batch and gives back (mean loss, rows)."""

    def update(inputs, targets):
        with tf.GradientTape() as tape:
            value = loss(model(inputs, training=True), targets)
        gradients = tape.gradient(value, model.trainable_variables)
        # An embedding's gradient comes as a list of rows. A word that occurs twice must be summed
        # before Adam squares it, as PyTorch does.
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        optimizer.apply(dense, model.trainable_variables)
        return value

    compiled = None

    def step(batch):
        nonlocal compiled
        inputs, targets = (to_tensor(array) for array in batch)
        if compiled is None:
            compiled = _compile(update, inputs, targets)
        return float(compiled(inputs, targets)), len(targets)

    return step


def fit(
    model: keras.Model,
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
    """Train a classifier, and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : callable
        From inputs to logits (batch, classes).
    train, validation : (inputs, targets)
        Arrays with the same number of rows; targets are class ids. The best epoch is the one with
        the lowest validation loss.
    patience : int, optional
        Stop after so many epochs without a lower validation loss.

    Raises
    ------
    InputError
        If ids are outside the model's table, or the arrays do not fit together.
    CourseError
        If the loss stops being a number.
    """
    _check_inputs(model, train[0])
    with tf.device(choose_device()):
        model(to_tensor(train[0][:1]))  # layers get their weights at the first call
        return run_epochs(
            train_step(model, make_optimizer(model, optimizer, learning_rate)),
            minibatches(train, batch_size, seed=seed),
            epochs=epochs,
            evaluate=None if validation is None else lambda: evaluate(model, *validation),
            patience=patience,
            get_state=model.get_weights,
            set_state=model.set_weights,
            progress=progress,
        )


def predict(model: keras.Model, inputs: np.ndarray, *, batch_size: int = 512) -> np.ndarray:
    """Return the model's logits for all inputs, shape (n, classes)."""
    _check_inputs(model, inputs)
    with tf.device(choose_device()):
        batches = [
            to_numpy(model(to_tensor(inputs[start : start + batch_size]), training=False))
            for start in range(0, len(inputs), batch_size)
        ]
    return np.concatenate(batches)


def evaluate(
    model: keras.Model, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
) -> dict[str, float]:
    """Return `loss` (mean cross-entropy, nats) and `accuracy` on inputs with known targets."""
    logits = predict(model, inputs, batch_size=batch_size)
    hits = logits.argmax(axis=1) == targets
    return {
        "loss": float(cross_entropy(tf.constant(logits), tf.constant(targets))),
        "accuracy": float(hits.mean()),
    }


def _compile(update: Callable, *tensors: tf.Tensor) -> Callable:
    """Trace once for batches of any number of rows, so that a short last batch costs nothing."""
    signature = [tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype) for tensor in tensors]
    return tf.function(update, input_signature=signature, jit_compile=False)


def _check_inputs(model: keras.Model, inputs: np.ndarray) -> None:
    """Say which word id is outside the model's table, if the model says how large it is."""
    if len(inputs) == 0:
        raise InputError("There are no inputs: the array has no rows.")
    if getattr(model, "vocabulary_size", None) is not None:
        check_ids(inputs, model.vocabulary_size)
