"""Products in bfloat16, which some processors compute three times as fast; rounded weights."""

from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.pytorch.weights import get_weights, set_weights


class InBfloat16(nn.Module):
    """A model whose products are computed in bfloat16; weights, sums and results stay float32."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("model"), name)

    def forward(self, ids: torch.Tensor, *inputs: Any) -> Any:
        with torch.autocast(ids.device.type, torch.bfloat16):
            outputs = self.model(ids, *inputs)
        return _as_float(outputs)


def _as_float(outputs: Any) -> Any:
    if isinstance(outputs, torch.Tensor):
        return outputs.float()
    return tuple(map(_as_float, outputs))


def round_weights(model: nn.Module) -> dict[str, np.ndarray]:
    """Round a model's weights to half precision, as they are stored, and return them so."""
    weights = {name: array.astype(np.float16) for name, array in get_weights(model).items()}
    set_weights(model, {name: array.astype(np.float32) for name, array in weights.items()})
    return weights
