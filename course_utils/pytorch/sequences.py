"""Training over batches of sequences, with a learning rate that warms up and falls.

The docstrings of the public names stand in `course_utils/interface/sequences.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import nn

from course_utils.interface import implements, sequences as described
from course_utils.pytorch.training import (
    cross_entropy,
    evaluation_mode,
    logits_shape,
    make_optimizer,
    make_train_step,
    training_mode,
)
from course_utils.training.batches import Batch, check_batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import linear_schedule


@implements(described.token_loss)
def token_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)


@implements(described.train_sequences, own=("batches", "learning_rate", "warmup_steps"))
def train_sequences(
    model: nn.Module,
    batches: Sequence[Batch],
    *,
    learning_rate: float = 3e-3,
    warmup_steps: int = 50,
    clip: float | None = 1.0,
    optimizer: str = "adam",
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = token_loss,
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
    with training_mode(model):
        return run_epochs(
            make_train_step(
                model, make_optimizer(model, optimizer, learning_rate), loss_fn, clip, schedule
            ),
            lambda evaluation: parts[evaluation],
            epochs=len(parts),
            evaluate=None if evaluate is None else partial(_measure, model, evaluate),
            progress=progress,
        )


def _measure(model: nn.Module, evaluate: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Return what a function measures while the model has neither dropout nor gradients."""
    with evaluation_mode(model):
        return evaluate()
