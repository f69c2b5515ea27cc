"""Steps, training and prediction for Keras models; the loop itself is `run_epochs`."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import InputError
from course_utils.tensorflow.device import choose_device, to_numpy, to_tensor
from course_utils.text.words import check_ids
from course_utils.training.batches import check_rows, minibatches
from course_utils.training.loop import History, run_epochs

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

    Raises
    ------
    InputError
        If there is no optimizer of this name.

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


def gradients_of(
    value: tf.Tensor, tape: tf.GradientTape, model: keras.Model
) -> list[tuple[tf.Tensor, keras.Variable]]:
    """Return the gradient of each trainable weight with the weight, as optimizers take them.

    An embedding's gradient comes as a list of rows. A word that occurs twice must be summed before
    Adam squares it, as PyTorch does. A weight that the loss does not use has none.
    """
    gradients = tape.gradient(value, model.trainable_variables)
    return [
        (tf.convert_to_tensor(gradient), variable)
        for gradient, variable in zip(gradients, model.trainable_variables, strict=True)
        if gradient is not None
    ]


def train_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Callable = cross_entropy
) -> Callable[[tuple[np.ndarray, np.ndarray]], tuple[float, int]]:
    """Return a function that learns from one batch and gives back (mean loss, rows)."""

    def update(inputs, targets):
        with tf.GradientTape() as tape:
            value = loss(model(inputs, training=True), targets)
        optimizer.apply_gradients(gradients_of(value, tape, model))
        return value

    compiled, signature = None, None

    def step(batch):
        nonlocal compiled, signature
        inputs, targets = (batch_to_tensor(array) for array in batch)
        widened = _widen(signature, inputs, targets)
        if widened != signature:
            signature = widened
            compiled = tf.function(update, input_signature=signature, jit_compile=False)
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
    check_inputs(model, train[0])
    if validation is not None:
        check_rows(*validation)
        check_inputs(model, validation[0])
    with tf.device(choose_device()):
        model(batch_to_tensor(train[0][:1]))  # layers get their weights at the first call
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
    """Return the model's logits for all inputs, shape (n, classes).

    Raises
    ------
    InputError
        If there are no inputs, or an id is outside the model's table.
    """
    check_inputs(model, inputs)
    with tf.device(choose_device()):
        batches = [
            to_numpy(model(batch_to_tensor(inputs[start : start + batch_size]), training=False))
            for start in range(0, len(inputs), batch_size)
        ]
    return np.concatenate(batches)


def evaluate(
    model: keras.Model, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
) -> dict[str, float]:
    """Return `loss` (mean cross-entropy, nats) and `accuracy` on inputs with known targets.

    Raises
    ------
    InputError
        If inputs and targets differ in number, are empty, or do not fit the model.
    """
    check_rows(inputs, targets)
    logits, targets = predict(model, inputs, batch_size=batch_size), np.asarray(targets, np.int64)
    hits = logits.argmax(axis=1) == targets
    return {
        "loss": float(cross_entropy(tf.constant(logits), tf.constant(targets))),
        "accuracy": float(hits.mean()),
    }


def _widen(signature: list[tf.TensorSpec] | None, *tensors: tf.Tensor) -> list[tf.TensorSpec]:
    """Return shapes that hold for these tensors and for all before.

    The number of rows is open from the start, so that a short last batch is not traced again.
    Another length of the texts opens that axis too: one more trace, for all lengths.
    """
    specs = [tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype) for tensor in tensors]
    if signature is None:
        return specs
    pairs = zip(signature, specs, strict=True)
    return [old.most_specific_common_supertype([new]) or new for old, new in pairs]


def batch_to_tensor(array: np.ndarray) -> tf.Tensor:
    """Return whole numbers as int64 and all others as float32, the types that models work with."""
    array = np.asarray(array)
    return to_tensor(array, "int64" if np.issubdtype(array.dtype, np.integer) else "float32")


def check_inputs(model: keras.Model, inputs: np.ndarray) -> None:
    """Say which word id is outside the model's table, if the model says how large it is."""
    if len(inputs) == 0:
        raise InputError("There are no inputs: the array has no rows.")
    if getattr(model, "vocabulary_size", None) is not None:
        check_ids(inputs, model.vocabulary_size)
