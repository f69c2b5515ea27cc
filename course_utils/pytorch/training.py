"""Steps, training and prediction for PyTorch models; the loop itself is `run_epochs`.

The docstrings of the public names stand in `course_utils/interface/training.py`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

import numpy as np
import torch
from torch import nn

from course_utils.errors import InputError
from course_utils.interface import implements, training as described
from course_utils.pytorch.device import choose_device, input_tensor, on_cpu, to_numpy, to_tensor
from course_utils.text.checks import check_positive
from course_utils.training import batches
from course_utils.training.loop import History, run_epochs

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


@implements(described.make_optimizer, own=("name", "learning_rate"))
def make_optimizer(
    model: nn.Module, name: str = "adam", learning_rate: float = 1e-3
) -> torch.optim.Optimizer:
    if name not in _OPTIMIZERS:
        raise InputError(f"The optimizer must be adam, adamw or sgd, but it is {name!r}.")
    rate = check_positive(learning_rate, "The learning rate")
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return _OPTIMIZERS[name](trainable, lr=rate)


@implements(described.cross_entropy)
def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


@implements(described.make_train_step)
def make_train_step(
    model: Callable,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = cross_entropy,
    clip: float | None = None,
    schedule: Callable[[int], float] | None = None,
) -> Callable[[batches.Batch], tuple[float, int]]:
    if clip is not None:
        check_positive(clip, "The gradient norm clip")
    step_numbers = count()

    def step(batch: batches.Batch) -> tuple[float, int]:
        *inputs, targets = map(input_tensor, batch)
        if schedule is not None:
            rate = schedule(next(step_numbers))
            for group in optimizer.param_groups:
                group["lr"] = rate
        loss = loss_fn(model(*inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            groups = optimizer.param_groups  # other weights may hold old gradients
            nn.utils.clip_grad_norm_([p for group in groups for p in group["params"]], clip)
        if math.isfinite(loss.item()):
            optimizer.step()
        return loss.item(), len(targets)

    return step


@implements(described.fit, own=("train", "validation", "learning_rate", "seed"))
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
    parts = batches.fit_parts(train, validation)
    batches.check_batches(model, parts, partial(logits_shape, model))
    with training_mode(model):
        return run_epochs(
            make_train_step(model, make_optimizer(model, optimizer, learning_rate)),
            batches.minibatches(train, batch_size, seed=seed),
            epochs=epochs,
            evaluate=None if validation is None else lambda: evaluate(model, *validation),
            patience=patience,
            get_state=lambda: {name: value.clone() for name, value in model.state_dict().items()},
            set_state=model.load_state_dict,
            progress=progress,
        )


@contextmanager
def training_mode(model: nn.Module) -> Iterator[None]:
    """Let a model learn on the chosen device, with dropout, for a `with` block; then without."""
    model.to(choose_device()).train()
    try:
        yield
    finally:
        model.eval()


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Let a model compute on the chosen device, without dropout or gradients, for a `with` block.

    Afterwards each of its modules is in training again, if it was before.
    """
    in_training = [module for module in model.modules() if module.training]
    model.to(choose_device()).eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module in in_training:
            module.training = True


def logits_shape(model: nn.Module, *inputs: np.ndarray) -> torch.Size:
    """Return the shape of the model's logits for the first row of its inputs."""
    with evaluation_mode(model):
        return model(*(input_tensor(array[:1]) for array in inputs)).shape


@implements(described.predict)
def predict(model: nn.Module, inputs: np.ndarray, *, batch_size: int = 512) -> np.ndarray:
    batches.check_inputs(model, inputs)
    with evaluation_mode(model):
        return batches.in_batches(
            lambda batch: to_numpy(model(input_tensor(batch))), inputs, batch_size
        )


@implements(described.evaluate)
def evaluate(
    model: nn.Module, inputs: np.ndarray, targets: np.ndarray, *, batch_size: int = 512
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
