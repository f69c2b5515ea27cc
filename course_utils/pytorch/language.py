"""Language models that carry a state: training, bits, and writing text (lesson 3).

The docstrings of the public names stand in `course_utils/interface/language.py`.
"""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.interface import implements, language as described
from course_utils.pytorch.device import choose_device, input_tensor, to_numpy
from course_utils.pytorch.training import (
    cross_entropy,
    evaluation_mode,
    make_optimizer,
    make_train_step,
    training_mode,
)
from course_utils.rnn.generation import TextGenerator, check_alphabet
from course_utils.text.characters import CharVocabulary
from course_utils.text.checks import check_ids, check_layer, check_state, whole_number
from course_utils.training.batches import Batches, ContiguousBatches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule


@implements(described.LanguageModel)
class LanguageModel(nn.Module):
    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        check_layer(vocabulary_size=vocabulary_size, dimension=dimension, units=units)
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
        check_state(batch_size, self.units)
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


@implements(
    described.train_language_model,
    own=("train", "validation", "learning_rate", "seed", "steps", "evaluations"),
)
def train_language_model(
    model: Any,
    train: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    steps: int = 500,
    batch_size: int = 32,
    sequence_length: int = 64,
    learning_rate: float = 1e-2,
    warmup_steps: int = 20,
    stateful: bool = True,
    evaluations: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> History:
    ids = check_ids(train, model.vocabulary_size)
    text = ContiguousBatches(ids, batch_size, sequence_length, seed)
    if validation is not None:
        check_ids(validation, model.vocabulary_size)
    parts = split_evenly(range(whole_number(steps, "The number of steps", 1)), evaluations)
    schedule = partial(cosine_schedule, steps=steps, peak=learning_rate, warmup_steps=warmup_steps)
    with training_mode(model):
        return run_epochs(
            make_train_step(
                _StatefulModel(model, batch_size, stateful),
                make_optimizer(model, "adam", learning_rate),
                clip=1.0,
                schedule=schedule,
            ),
            lambda evaluation: Batches(text.batch, parts[evaluation]),
            epochs=len(parts),
            evaluate=None if validation is None else lambda: {"loss": mean_loss(model, validation)},
            progress=progress,
        )


@implements(described.mean_loss)
def mean_loss(
    model: Any,
    ids: np.ndarray,
    *,
    batch_size: int = 20,
    sequence_length: int = 250,
    stateful: bool = True,
) -> float:
    ids = check_ids(ids, model.vocabulary_size)
    text = ContiguousBatches.sequential(ids, batch_size, sequence_length)
    with evaluation_mode(model):
        reader = _StatefulModel(model, batch_size, stateful)
        batches = (map(input_tensor, batch) for batch in text)
        losses = [cross_entropy(reader(ids), targets).item() for ids, targets in batches]
    return sum(losses) / len(losses)


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
