"""Steps, training and prediction for PyTorch models; the loop itself is `run_epochs`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from course_utils.errors import InputError
from course_utils.pytorch.device import choose_device, to_numpy, to_tensor
from course_utils.text.words import check_ids
from course_utils.training.batches import check_rows, minibatches
from course_utils.training.loop import History, run_epochs

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def make_optimizer(
    model: nn.Module, name: str = "adam", learning_rate: float = 1e-3
) -> torch.optim.Optimizer:
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
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return _OPTIMIZERS[name](trainable, lr=learning_rate)


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy in nats of logits (batch, classes) and class ids (batch,)."""
    return nn.functional.cross_entropy(logits, targets)


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Callable = cross_entropy
) -> Callable[[tuple[np.ndarray, np.ndarray]], tuple[float, int]]:
    """Return a function that learns from one batch and gives back (mean loss, rows)."""

    def step(batch):
        inputs, targets = (batch_to_tensor(array) for array in batch)
        value = loss(model(inputs), targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value.item(), len(targets)

    return step


def fit(
    model: nn.Module,
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
    model.to(choose_device())
    check_inputs(model, train[0])
    if validation is not None:
        check_rows(*validation)
        check_inputs(model, validation[0])
    model.train()
    return run_epochs(
        train_step(model, make_optimizer(model, optimizer, learning_rate)),
        minibatches(train, batch_size, seed=seed),
        epochs=epochs,
        evaluate=None if validation is None else lambda: evaluate(model, *validation),
        patience=patience,
        get_state=lambda: {name: value.clone() for name, value in model.state_dict().items()},
        set_state=model.load_state_dict,
        progress=progress,
    )


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Let a model compute on the chosen device, without dropout or gradients, for a `with` block.

    Afterwards it is in training again, if it was before.
    """
    was_training = model.training
    model.to(choose_device()).eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def predict(model: nn.Module, inputs: np.ndarray, *, batch_size: int = 512) -> np.ndarray:
    """Return the model's logits for all inputs, shape (n, classes).

    Raises
    ------
    InputError
        If there are no inputs, or an id is outside the model's table.
    """
    check_inputs(model, inputs)
    with evaluating(model):
        batches = [
            to_numpy(model(batch_to_tensor(inputs[start : start + batch_size])))
            for start in range(0, len(inputs), batch_size)
        ]
    return np.concatenate(batches)


def evaluate(
    model: nn.Module, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
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
        "loss": float(cross_entropy(torch.from_numpy(logits), torch.from_numpy(targets))),
        "accuracy": float(hits.mean()),
    }


def batch_to_tensor(array: np.ndarray) -> torch.Tensor:
    """Return whole numbers as int64 and all others as float32, the types that models work with."""
    array = np.asarray(array)
    return to_tensor(array, "int64" if np.issubdtype(array.dtype, np.integer) else "float32")


def check_inputs(model: nn.Module, inputs: np.ndarray) -> None:
    """Say which word id is outside the model's table, if the model says how large it is."""
    if len(inputs) == 0:
        raise InputError("There are no inputs: the array has no rows.")
    if getattr(model, "vocabulary_size", None) is not None:
        check_ids(inputs, model.vocabulary_size)
