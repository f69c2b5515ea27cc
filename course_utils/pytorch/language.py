"""Language models that carry a state: training, bits, and writing text (lesson 3)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.interface import implements
from course_utils.interface import language as described
from course_utils.pytorch.device import choose_device, input_tensor, to_numpy
from course_utils.pytorch.training import (
    cross_entropy,
    evaluating,
    make_optimizer,
    train_step,
    training,
)
from course_utils.rnn.generation import TextGenerator, check_alphabet
from course_utils.text.characters import CharVocabulary
from course_utils.text.checks import check_ids, whole_number
from course_utils.training.batches import Batches, ContiguousBatches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule


@implements(described.LanguageModel)
class LanguageModel(nn.Module):
    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.units = units
        self.embedding = nn.Embedding(vocabulary_size, dimension)
        self.lstm = nn.LSTM(dimension, units, batch_first=True)
        self.score = nn.Linear(units, vocabulary_size)

    def forward(
        self, ids: torch.Tensor, state: tuple[torch.Tensor, ...] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        hidden, state = self.lstm(self.embedding(ids), state)  # (batch, length, units)
        return self.score(hidden), state

    def initial_state(self, batch_size: int) -> tuple[torch.Tensor, ...]:
        zeros = torch.zeros(1, batch_size, self.units, device=self.score.weight.device)
        return zeros, zeros


class _StatefulModel(nn.Module):
    """A language model that remembers its state from batch to batch, without the gradient."""

    def __init__(self, model: Any, batch_size: int, stateful: bool):
        super().__init__()
        self.model = model
        self.stateful = stateful
        self.state = model.initial_state(batch_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits, state = self.model(ids, self.state)  # (batch, length, V)
        if self.stateful:
            self.state = tuple(part.detach() for part in state)  # the numbers, not the gradient
        return logits


@implements(described.train_language_model)
def train_language_model(
    model: Any,
    train: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    steps: int = 500,
    batch_size: int = 32,
    length: int = 64,
    learning_rate: float = 1e-2,
    warmup_steps: int = 20,
    stateful: bool = True,
    checks: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> History:
    text = ContiguousBatches(check_ids(train, model.vocabulary_size), batch_size, length, seed)
    measure = None if validation is None else _loss_measure(model, validation)
    parts = split_evenly(range(whole_number(steps, "The number of steps", 1)), checks)
    schedule = partial(cosine_schedule, steps=steps, peak=learning_rate, warmup_steps=warmup_steps)
    with training(model):
        return run_epochs(
            train_step(
                _StatefulModel(model, batch_size, stateful),
                make_optimizer(model, "adam", learning_rate),
                clip=1.0,
                schedule=schedule,
            ),
            lambda check: Batches(text.batch, parts[check]),
            epochs=len(parts),
            evaluate=None if measure is None else lambda: {"loss": measure()},
            progress=progress,
        )


@implements(described.mean_loss)
def mean_loss(
    model: Any, ids: np.ndarray, *, rows: int = 20, length: int = 250, stateful: bool = True
) -> float:
    return _loss_measure(model, ids, rows, length, stateful)()


def _loss_measure(
    model: Any, ids: np.ndarray, rows: int = 20, length: int = 250, stateful: bool = True
) -> Callable[[], float]:
    """Return a function that reads a text once, from its beginning, and gives the mean loss."""
    text = ContiguousBatches.once(check_ids(ids, model.vocabulary_size), rows, length)

    def measure() -> float:
        with evaluating(model):
            reader = _StatefulModel(model, rows, stateful)
            batches = (map(input_tensor, batch) for batch in text)
            losses = [cross_entropy(reader(ids), targets).item() for ids, targets in batches]
        return sum(losses) / len(losses)

    return measure


@implements(described.make_generator)
def make_generator(model: Any, alphabet: CharVocabulary) -> TextGenerator:
    check_alphabet(alphabet, model.vocabulary_size)
    model.to(choose_device()).eval()

    def step(ids, state):
        state = model.initial_state(len(ids)) if state is None else state
        with torch.no_grad():
            logits, state = model(input_tensor(ids), state)
        return to_numpy(logits[:, -1]), state

    return TextGenerator(step, alphabet)
