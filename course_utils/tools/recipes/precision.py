"""Products in bfloat16, which are three times as fast where a processor has them."""

from typing import Any

import torch
from torch import nn


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
