"""Two LSTMs that read a text from both sides, in the manner of ELMo (lesson 5).

Docstrings of public names stand in course_utils/interface/elmo.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.bert.elmo import bidirectional_states, elmo_checkpoint
from course_utils.interface import elmo as described, implements
from course_utils.pytorch.device import choose_device, to_numpy, to_tensor
from course_utils.pytorch.training import evaluation_mode
from course_utils.pytorch.weights import load_weights
from course_utils.text.checks import check_layer


@implements(described.BiLM)
class BiLM(nn.Module):
    def __init__(self, width: int = 384, units: int = 256):
        super().__init__()
        check_layer(width=width, units=units)
        self.forward_lstm = nn.LSTM(width, units, batch_first=True)
        self.backward_lstm = nn.LSTM(width, units, batch_first=True)

    def forward(
        self, vectors: torch.Tensor, reversed_vectors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return self.forward_lstm(vectors)[0], self.backward_lstm(reversed_vectors)[0]


@implements(described.load_elmo)
def load_elmo() -> BiLM:
    checkpoint = elmo_checkpoint()
    model = BiLM(units=checkpoint.log["settings"]["units"])
    load_weights(model, checkpoint.path)
    return model.to(choose_device()).eval()


@implements(described.elmo_states, own=("texts",))
def elmo_states(
    model: BiLM, tokenizer: Any, texts: Sequence[str], *, batch_size: int = 64
) -> list[np.ndarray]:
    def read(*orders):
        return [to_numpy(states) for states in model(*map(to_tensor, orders))]

    with evaluation_mode(model):
        return bidirectional_states(read, tokenizer, texts, batch_size)
