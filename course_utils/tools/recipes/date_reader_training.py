"""How the readers of lesson 4 are trained: the lesson's class, with PyTorch's own GRU in it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.pytorch.device import input_tensor, to_numpy
from course_utils.pytorch.sequences import token_loss
from course_utils.pytorch.training import evaluation_mode
from course_utils.text import Vocabulary, pad
from course_utils.training import length_batches

START = ">"


class Coder:
    """From sentences and ISO dates to ids, as in the lesson."""

    def __init__(self, characters: Sequence[str]):
        self.source = Vocabulary(list(characters), tokenize=list)
        self.target = Vocabulary([START, *"-0123456789"], tokenize=list)

    def encode(self, part: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return source ids (n, length) and target ids (n, 11)."""
        source = pad([self.source.encode(text) for text in part.texts])
        return source, np.stack([self.target.encode(START + iso) for iso in part.iso])

    def batches(self, part: Any, batch_size: int, seed: int) -> list[tuple[np.ndarray, ...]]:
        """Return batches of (source, what was written, what comes next), of about equal length."""
        rows = length_batches(*self.encode(part), batch_size=batch_size, seed=seed)
        return [(source, target[:, :-1], target[:, 1:]) for source, target in rows]


class DateReader(nn.Module):
    """Encoder and decoder of GRUs; with attention, the decoder looks back at each character."""

    def __init__(self, n_characters: int, n_digits: int, settings: Any):
        super().__init__()
        width, size, self.attention = settings.width, settings.size, settings.attention
        memory = 2 * size if self.attention else 0
        self.characters = nn.Embedding(n_characters, width)
        self.digits = nn.Embedding(n_digits, width)
        for table in (self.characters, self.digits):
            nn.init.normal_(table.weight, std=0.1)
        self.forward_cell = nn.GRU(width, size, batch_first=True)
        self.backward_cell = nn.GRU(width, size, batch_first=True)
        self.summary = nn.Linear(2 * size, size)
        self.decoder = nn.GRU(width + memory, size, batch_first=True)
        if self.attention:
            self.key = nn.Linear(2 * size, size)
            self.query = nn.Linear(size, size, bias=False)
            self.score = nn.Linear(size, 1, bias=False)
        self.head = nn.Linear(size + memory, n_digits)
        self.scale = width**0.5

    def encode(self, source: torch.Tensor) -> tuple[torch.Tensor, tuple]:
        """From ids (batch, length) to the summary (batch, size), and what attention reads."""
        lengths = (source != 0).sum(dim=1)
        x = self.characters(source) * self.scale  # (batch, length, width)
        forward_states, last = run_rows(self.forward_cell, x, lengths)
        turned = turn_rows(x, lengths)
        backward_states, first = run_rows(self.backward_cell, turned, lengths)
        h = torch.tanh(self.summary(torch.cat([last, first], dim=1)))
        memory = torch.cat([forward_states, turn_rows(backward_states, lengths)], dim=2)
        return h, (memory, self.key(memory) if self.attention else None, source != 0)

    def step(
        self, previous: torch.Tensor, h: torch.Tensor, encoded: tuple
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """From the character before (batch,) and the state to logits and the new state."""
        memory, keys, not_padding = encoded
        context = []
        if self.attention:
            scores = self.score(torch.tanh(keys + self.query(h)[:, None]))[..., 0]
            weights = scores.masked_fill(~not_padding, -1e9).softmax(dim=1)  # (batch, length)
            context = [(weights[:, None] @ memory)[:, 0]]  # (batch, 2 * size)
        inputs = torch.cat([self.digits(previous) * self.scale, *context], dim=1)
        h = self.decoder(inputs[:, None], h[None])[1][0]
        return self.head(torch.cat([h, *context], dim=1)), h

    def forward(self, source: torch.Tensor, decoder_inputs: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) and (batch, 10) to logits (batch, 10, digits)."""
        (h, encoded), logits = self.encode(source), []
        for previous in decoder_inputs.unbind(1):
            out, h = self.step(previous, h, encoded)
            logits.append(out)
        return torch.stack(logits, dim=1)


def run_rows(
    cell: nn.GRU, x: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the states (batch, length, size), and that at each row's end (batch, size).

    Padding stands after the row, so no state of the row depends on it. (Packed rows give the same
    and take four times as long on a processor.)
    """
    states, _ = cell(x)
    return states, states[torch.arange(len(x), device=x.device), lengths - 1]


def turn_rows(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Turn each row (length, size) around and leave its padding at the end."""
    places = torch.arange(x.shape[1], device=x.device)
    index = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)
    return x.gather(1, index[..., None].expand_as(x))


def written(model: DateReader, coder: Coder, part: Any, batch_size: int = 250) -> np.ndarray:
    """Return whether each character that the model writes, greedily, is right (n, 10)."""
    source, target = coder.encode(part)
    rows = []
    with evaluation_mode(model):
        for first in range(0, len(source), batch_size):
            ids = input_tensor(source[first : first + batch_size])
            h, encoded = model.encode(ids)
            previous, digits = torch.full_like(ids[:, 0], coder.target.id(START)), []
            for _ in range(target.shape[1] - 1):
                logits, h = model.step(previous, h, encoded)
                previous = logits.argmax(dim=1)
                digits.append(previous)
            rows.append(to_numpy(torch.stack(digits, dim=1)))
    return np.concatenate(rows) == target[:, 1:]


def measures(model: DateReader, coder: Coder, part: Any) -> dict[str, float]:
    """Return the loss in nats a character, and the shares that are right."""
    source, target = map(input_tensor, coder.encode(part))
    with evaluation_mode(model):
        loss = float(token_loss(model(source, target[:, :-1]), target[:, 1:]))
    return {"loss": loss} | share_right(model, coder, part)


def share_right(model: DateReader, coder: Coder, part: Any) -> dict[str, float]:
    """Return the shares of whole dates and of single characters that are right."""
    right = written(model, coder, part)
    return {"exact": float(right.all(axis=1).mean()), "characters": float(right.mean())}


def most_frequent(coder: Coder, train: Any, test: Any) -> dict[str, float]:
    """Return the same shares for writing the most frequent character of each place."""
    written_rows = coder.encode(train)[1][:, 1:]
    guess = [np.bincount(column).argmax() for column in written_rows.T]
    right = coder.encode(test)[1][:, 1:] == guess
    return {"exact": float(right.all(axis=1).mean()), "characters": float(right.mean())}


def by_length(
    model: DateReader, coder: Coder, part: Any, groups: Sequence[int]
) -> list[dict[str, float]]:
    """Return the same for groups of sentences, with their numbers of characters and sentences."""
    right, results = written(model, coder, part), []
    for low, high in zip(groups, (*groups[1:], np.inf), strict=True):
        rows = (part.lengths >= low) & (part.lengths < high)
        if rows.any():
            results.append({
                "characters_from": low,
                "sentences": int(rows.sum()),
                "exact": float(right[rows].all(axis=1).mean()),
                "characters": float(right[rows].mean()),
            })  # fmt: skip
    return results


def lesson_names(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the weights of PyTorch's GRU for the cell that the lesson writes out."""
    parts = {
        "kernel": "from_input.kernel",
        "bias": "from_input.bias",
        "recurrent": "from_state.kernel",
        "recurrent_bias": "from_state.bias",
    }
    renamed = {}
    for name, array in weights.items():
        layer, _, part = name.rpartition(".")
        cell = layer in ("forward_cell", "backward_cell", "decoder")
        renamed[f"{layer}.{parts[part]}" if cell else name] = array
    return renamed
