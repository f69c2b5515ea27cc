"""Steps, training and prediction for PyTorch models; the loop itself is `run_epochs`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import numpy as np
import torch
from torch import nn

from course_utils.errors import InputError
from course_utils.interface import implements
from course_utils.interface import training as described
from course_utils.pytorch.device import choose_device, input_tensor, to_numpy
from course_utils.text.checks import whole_number
from course_utils.training.batches import (
    Batch,
    check_inputs,
    check_labels,
    check_rows,
    minibatches,
)
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import check_positive

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


@implements(described.make_optimizer)
def make_optimizer(
    model: nn.Module, name: str = "adam", learning_rate: float = 1e-3
) -> torch.optim.Optimizer:
    if name not in _OPTIMIZERS:
        raise InputError(f"The optimizer must be adam, adamw or sgd, but it is {name!r}.")
    check_positive(learning_rate, "The learning rate")
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return _OPTIMIZERS[name](trainable, lr=learning_rate)


@implements(described.cross_entropy)
def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


@implements(described.train_step)
def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = cross_entropy,
    clip: float | None = None,
    schedule: Callable[[int], float] | None = None,
) -> Callable[[Batch], tuple[float, int]]:
    if clip is not None:
        check_positive(clip, "The gradient norm clip")
    numbers = count()

    def step(batch: Batch) -> tuple[float, int]:
        *inputs, targets = map(input_tensor, batch)
        if schedule is not None:
            rate = schedule(next(numbers))
            for group in optimizer.param_groups:
                group["lr"] = rate
        value = loss(model(*inputs), targets)
        optimizer.zero_grad()
        value.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        return value.item(), len(targets)

    return step


@implements(described.fit)
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
    for inputs, targets in (train,) if validation is None else (train, validation):
        check_rows(inputs, targets)
        check_inputs(model, inputs)
        check_labels(targets, (len(inputs), *logits_shape(model, inputs)[1:]))
    with training(model):
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
def training(model: nn.Module) -> Iterator[None]:
    """Let a model learn on the chosen device, with dropout, for a `with` block; then without."""
    model.to(choose_device()).train()
    try:
        yield
    finally:
        model.eval()


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


def logits_shape(model: nn.Module, *inputs: np.ndarray) -> torch.Size:
    """Return the shape of the model's logits for the first row of its inputs."""
    with evaluating(model):
        return model(*(input_tensor(array[:1]) for array in inputs)).shape


@implements(described.predict)
def predict(model: nn.Module, inputs: np.ndarray, *, batch_size: int = 512) -> np.ndarray:
    check_inputs(model, inputs)
    size = whole_number(batch_size, "The batch size", 1)
    with evaluating(model):
        batches = [
            to_numpy(model(input_tensor(inputs[start : start + size])))
            for start in range(0, len(inputs), size)
        ]
    return np.concatenate(batches)


@implements(described.evaluate)
def evaluate(
    model: nn.Module, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
) -> dict[str, float]:
    check_rows(inputs, targets)
    logits = predict(model, inputs, batch_size=batch_size)
    check_labels(targets, logits.shape)
    targets = np.asarray(targets, np.int64)
    hits = logits.argmax(axis=-1) == targets
    return {
        "loss": float(cross_entropy(torch.from_numpy(logits), torch.from_numpy(targets))),
        "accuracy": float(hits.mean()),
    }
