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
