"""Models that one lesson writes out and later lessons import."""

import torch
from torch import nn


class BagClassifier(nn.Module):
    """Average the embeddings of a text and score the classes (lesson 1).

    Parameters
    ----------
    vocabulary_size, dimension, classes : int

    References
    ----------
    A. Joulin et al., Bag of tricks for efficient text classification, 2017, section 2.
    """

    def __init__(self, vocabulary_size: int, dimension: int, classes: int):
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.embedding = nn.Embedding(vocabulary_size, dimension)
        self.classify = nn.Linear(dimension, classes)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """From word ids (batch, length), 0 = padding, to logits (batch, classes)."""
        mask = (ids != 0).float()[..., None]  # (batch, length, 1)
        vectors = self.embedding(ids) * mask  # (batch, length, dimension)
        mean = vectors.sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return self.classify(mean)


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
