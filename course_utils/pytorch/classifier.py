"""The classifier that lesson 1 writes out and later lessons import.

The docstrings of the public names stand in `course_utils/interface/classifier.py`.
"""

import torch
from torch import nn

from course_utils.interface import classifier as described, implements
from course_utils.text.checks import check_layer


@implements(described.BagClassifier)
class BagClassifier(nn.Module):
    def __init__(self, vocabulary_size: int, dimension: int, classes: int):
        super().__init__()
        check_layer(vocabulary_size=vocabulary_size, dimension=dimension, classes=classes)
        self.vocabulary_size = vocabulary_size
        self.embedding = nn.Embedding(vocabulary_size, dimension)
        self.classify = nn.Linear(dimension, classes)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        mask = (ids != 0).float()[..., None]  # (batch, length, 1)
        vectors = self.embedding(ids) * mask  # (batch, length, dimension)
        mean = vectors.sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return self.classify(mean)
