"""A translator of GRUs with attention: what translated before transformers did."""

from typing import Any

import torch
from torch import nn

from course_utils import pytorch
from course_utils.tools.recipes.date_reader_training import run_rows, turn_rows


class AttentiveDecoder(nn.Module):
    """A GRU that looks back at the source after each step (Luong et al. 2015, "general")."""

    def __init__(self, pieces: int, width: int, units: int, dropout: float):
        super().__init__()
        self.embedding = nn.Embedding(pieces, width)
        self.gru = nn.GRU(width, units, batch_first=True)
        self.score = nn.Linear(units, units, bias=False)
        self.combine = nn.Linear(2 * units, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        ids: torch.Tensor,
        start: torch.Tensor,
        memory: torch.Tensor,
        not_padding: torch.Tensor,
    ) -> torch.Tensor:
        """From ids (batch, length) and the source's states to states (batch, length, width)."""
        h, _ = self.gru(self.dropout(self.embedding(ids)), start[None])  # (batch, length, units)
        scores = self.score(h) @ memory.transpose(1, 2)  # (batch, length, source)
        weights = scores.masked_fill(~not_padding[:, None], -1e9).softmax(dim=2)
        return self.dropout(torch.tanh(self.combine(torch.cat([weights @ memory, h], dim=2))))


class GRUTranslator(nn.Module):
    """Encoder and decoder, with the methods that `translation` asks a translator for."""

    def __init__(self, source_pieces: int, target_pieces: int, options: Any):
        super().__init__()
        width, units = options.d_model, options.units
        self.embedding = nn.Embedding(source_pieces, width)
        self.forward_cell = nn.GRU(width, units // 2, batch_first=True)
        self.backward_cell = nn.GRU(width, units // 2, batch_first=True)
        self.summary = nn.Linear(units, units)
        self.dropout = nn.Dropout(options.dropout)
        self.decoder = AttentiveDecoder(target_pieces, width, units, options.dropout)
        self.head = nn.Linear(width, target_pieces)

    def read(self, source: torch.Tensor) -> dict[str, torch.Tensor]:
        """From ids (batch, length) to what the decoder starts from and looks back at."""
        lengths = (source != 0).sum(dim=1)
        x = self.dropout(self.embedding(source))  # (batch, length, width)
        onward, last = run_rows(self.forward_cell, x, lengths)
        backward, first = run_rows(self.backward_cell, turn_rows(x, lengths), lengths)
        return {
            "start": torch.tanh(self.summary(torch.cat([last, first], dim=1))),
            "memory": torch.cat([onward, turn_rows(backward, lengths)], dim=2),
            "not_padding": source != 0,
        }

    def forward(self, source: torch.Tensor, decoder_inputs: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) of both sides to logits (batch, target length, pieces)."""
        return self.head(self.decoder(decoder_inputs, **self.read(source)))


def make_model(source_pieces: int, target_pieces: int, options: Any) -> GRUTranslator:
    """Return an untrained translator; `options` has `d_model`, `units`, `dropout` and `seed`."""
    pytorch.set_seed(options.seed)
    return GRUTranslator(source_pieces, target_pieces, options)
