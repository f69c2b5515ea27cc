"""Training over batches of sequences, with a learning rate that warms up and falls."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn

from course_utils.pytorch.device import choose_device
from course_utils.pytorch.training import batch_to_tensor, make_optimizer
from course_utils.training.batches import check_batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import linear_schedule


def token_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy in nats over all tokens that are no padding.

    Parameters
    ----------
    logits : (batch, length, words)
    targets : (batch, length), 0 = padding
    """
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)


def train_sequences(
    model: nn.Module,
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
    model.to(choose_device()).train()
    steps, done = len(batches), 0
    optimizer = make_optimizer(model, optimizer, learning_rate)

    def step(batch):
        nonlocal done
        *inputs, targets = map(batch_to_tensor, batch)
        optimizer.param_groups[0]["lr"] = linear_schedule(done, steps, learning_rate, warm_up)
        value = loss(model(*inputs), targets)
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        done += 1
        return value.item(), len(targets)

    pieces = split_evenly(batches, parts)
    return run_epochs(
        step, lambda epoch: pieces[epoch], epochs=len(pieces), evaluate=evaluate,
        progress=progress,
    )  # fmt: skip
