"""Language models that carry a state: training, bits, and writing text (lesson 3)."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from course_utils.pytorch.device import choose_device, to_numpy, to_tensor
from course_utils.pytorch.training import cross_entropy, evaluating, make_optimizer
from course_utils.rnn.generation import TextGenerator
from course_utils.text.characters import CharVocabulary
from course_utils.text.words import check_ids
from course_utils.training.batches import ContiguousBatches
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule


class LanguageModel(nn.Module):
    """Score the next token at every place of a text: embedding, LSTM, linear layer (lesson 3).

    Parameters
    ----------
    vocabulary_size : int
        V, the number of tokens.
    dimension, units : int
        Numbers of a token's embedding, and of the LSTM's two states.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997; with forget gates: F. Gers,
    J. Schmidhuber, F. Cummins, Learning to forget, 2000.
    """

    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        self.vocabulary_size, self.units = vocabulary_size, units
        self.embedding = nn.Embedding(vocabulary_size, dimension)
        self.lstm = nn.LSTM(dimension, units, batch_first=True)
        self.score = nn.Linear(units, vocabulary_size)

    def forward(self, ids: torch.Tensor, state=None):
        """From ids (batch, length) to logits (batch, length, V), and the state after them."""
        hidden, state = self.lstm(self.embedding(ids), state)  # (batch, length, units)
        return self.score(hidden), state

    def start(self, batch: int):
        """Return the empty state of so many texts: two times (1, batch, units) zeros."""
        zeros = torch.zeros(1, batch, self.units, device=self.score.weight.device)
        return zeros, zeros


CLIP = 1.0  # the longest gradient that is taken as it is


def tbptt_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, carry: bool = True
) -> Callable[[tuple[np.ndarray, np.ndarray]], tuple[float, int]]:
    """Return a function that learns from one chunk of text: truncated back-propagation.

    The gradient ends at the beginning of the chunk. The state goes on into the next one.

    Parameters
    ----------
    model : callable
        From ids (batch, length) and a state to logits (batch, length, V) and the new state, with
        `start(batch)` for the empty state.
    carry : bool
        False begins every chunk with an empty state.

    Returns
    -------
    callable
        From inputs and targets (batch, length) to (mean loss in nats, tokens).

    References
    ----------
    R. Williams, J. Peng, An efficient gradient-based algorithm for on-line training of recurrent
    network trajectories, 1990.
    """
    state = None

    def step(batch):
        nonlocal state
        inputs, targets = (to_tensor(array, "int64") for array in batch)
        if state is None or not carry:
            state = model.start(len(inputs))
        logits, state = model(inputs, state)  # (batch, length, V)
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        state = tuple(part.detach() for part in state)  # keep the numbers, cut the gradient
        return loss.item(), targets.numel()

    return step


def train_language_model(
    model: nn.Module,
    train: np.ndarray,
    validation: np.ndarray | None = None,
    *,
    steps: int = 500,
    batch_size: int = 32,
    length: int = 64,
    learning_rate: float = 1e-2,
    carry: bool = True,
    checks: int = 10,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train with Adam, the learning rate falling along half a cosine.

    Parameters
    ----------
    train, validation : ndarray of int, shape (n,)
        Token ids in reading order.
    steps : int
        Batches in all.
    carry : bool
        Hand the state on from chunk to chunk.
    checks : int
        So often the validation text is read, at equal distances; each makes a row of the history.

    Returns
    -------
    History
        `train_loss` and `validation_loss` in nats a token.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, or the text is too short.
    CourseError
        If the loss stops being a number.
    """
    train = check_ids(train, model.vocabulary_size)
    model.to(choose_device()).train()
    each = max(1, steps // checks)
    optimizer = make_optimizer(model, "adam", learning_rate)
    learn, done = tbptt_step(model, optimizer, carry), 0

    def step(batch):
        nonlocal done
        for group in optimizer.param_groups:
            group["lr"] = cosine_schedule(done, steps, learning_rate)
        done += 1
        return learn(batch)

    return run_epochs(
        step,
        ContiguousBatches(train, batch_size, length, each, seed),
        epochs=steps // each,
        evaluate=None if validation is None else lambda: {"loss": mean_loss(model, validation)},
        progress=progress,
    )


def mean_loss(
    model: nn.Module,
    ids: np.ndarray,
    *,
    lanes: int = 20,
    length: int = 250,
    carry: bool = True,
) -> float:
    """Return the mean cross-entropy in nats of a text that is read once, in lanes side by side.

    Parameters
    ----------
    ids : ndarray of int, shape (n,)
        What does not fill the last chunk of a lane is left out.
    carry : bool
        Hand the state on from chunk to chunk.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, or the text is too short.
    """
    streams = ContiguousBatches.once(check_ids(ids, model.vocabulary_size), lanes, length)
    total, state = 0.0, None
    with evaluating(model):
        for batch in streams(0):
            inputs, targets = (to_tensor(array, "int64") for array in batch)
            logits, state = model(inputs, state if state and carry else model.start(lanes))
            total += cross_entropy(logits.flatten(0, 1), targets.flatten()).item()
    return total / streams.chunks


def make_generator(model: nn.Module, alphabet: CharVocabulary) -> TextGenerator:
    """Return a generator: it reads a prompt, and goes on with the state carried along."""
    model.to(choose_device()).eval()

    def step(ids, state):
        state = model.start(len(ids)) if state is None else state
        with torch.no_grad():
            logits, state = model(to_tensor(ids, "int64"), state)
        return to_numpy(logits[:, -1]), state

    return TextGenerator(step, alphabet)
