"""Weights by name: counted, drawn, exchanged with TensorFlow, saved and loaded.

The docstrings of the public names stand in `course_utils/interface/weights.py`.
"""

import os
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from course_utils import weights as named_weights
from course_utils.errors import InputError
from course_utils.interface import implements, weights as described
from course_utils.pytorch.device import choose_device, to_numpy

# Layer type -> part -> (attribute, the order of its axes if PyTorch stores them otherwise).
_Parts = dict[str, tuple[str, tuple[int, ...] | None]]
_TURNED = (1, 0)
_PARTS: dict[type, _Parts] = {
    nn.Embedding: {"table": ("weight", None)},
    nn.Linear: {"kernel": ("weight", _TURNED), "bias": ("bias", None)},
    nn.Conv2d: {"kernel": ("weight", (2, 3, 1, 0)), "bias": ("bias", None)},
    nn.LayerNorm: {"scale": ("weight", None), "bias": ("bias", None)},
}
_RECURRENT: _Parts = {
    "kernel": ("weight_ih_l0", _TURNED),
    "recurrent": ("weight_hh_l0", _TURNED),
    "bias": ("bias_ih_l0", None),
}
_PARTS |= {
    nn.RNN: _RECURRENT,
    nn.LSTM: _RECURRENT,
    nn.GRU: _RECURRENT | {"recurrent_bias": ("bias_hh_l0", None)},
}


@implements(described.count_parameters)
def count_parameters(model: nn.Module) -> int:
    doubles = [
        parameter
        for layer in model.modules()
        if isinstance(layer, nn.RNN | nn.LSTM)
        for name, parameter in layer.named_parameters(recurse=False)
        if name.startswith("bias_hh")
    ]
    counted = sum(parameter.numel() for parameter in model.parameters())
    return counted - sum(parameter.numel() for parameter in doubles)


@implements(described.get_weights)
def get_weights(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: np.array(to_numpy(tensor)) for name, tensor in _named(model).items()}


@implements(described.set_weights, own=("weights",))
def set_weights(model: nn.Module, weights: Mapping[str, np.ndarray], partial: bool = False) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in _named(model).items()}
    named_weights.check_weights(shapes, weights, partial)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.RNN | nn.LSTM):
                _merge_biases(dict(layer.named_parameters(recurse=False)))
        named = _named(model)
        for name, array in weights.items():
            named[name].copy_(torch.tensor(np.asarray(array)))


@implements(described.initialize, own=("inputs", "seed"))
def initialize(
    model: nn.Module, inputs: np.ndarray | tuple, seed: int = 0, embedding_std: float = 0.1
) -> nn.Module:
    shapes = {name: tuple(tensor.shape) for name, tensor in _named(model).items()}
    set_weights(model, named_weights.draw_weights(shapes, seed, embedding_std))
    return model.to(choose_device())


@implements(described.save_weights)
def save_weights(model: nn.Module, path: str | os.PathLike) -> None:
    named_weights.write_weights(get_weights(model), path)


@implements(described.load_weights)
def load_weights(model: nn.Module, path: str | os.PathLike) -> None:
    set_weights(model, named_weights.read_weights(path))


def _named(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return each weight by its exchange name: a view of the parameter, or the sum of two biases.

    Once the biases are merged, that is a view as well.
    """
    named = {}
    for path, layer in model.named_modules():
        parts = _PARTS.get(type(layer), {})
        own = dict(layer.named_parameters(recurse=False))
        if isinstance(layer, nn.RNNBase):
            _check_recurrent(layer, path)
        if own and not parts:
            raise InputError(
                f"The layer {path!r} is a {type(layer).__name__}, whose weights the course cannot "
                "exchange yet."
            )
        for part, (attribute, axes) in parts.items():
            if attribute in own:
                tensor = own[attribute].detach()
                if part == "bias" and isinstance(layer, nn.RNN | nn.LSTM):
                    second = own["bias_hh_l0"].detach()
                    tensor = tensor + second if second.any() else tensor
                named[f"{path}.{part}".lstrip(".")] = tensor.permute(axes) if axes else tensor
    return named


def _check_recurrent(layer: nn.RNNBase, path: str) -> None:
    if layer.num_layers > 1 or layer.bidirectional or not layer.bias or layer.proj_size:
        raise InputError(
            f"The layer {path!r} must have one layer, one direction and a bias: the course cannot "
            "exchange others yet."
        )


def _merge_biases(own: dict[str, nn.Parameter]) -> None:
    """Add the second bias of an RNN or LSTM to its first, and hold it at 0 from now on."""
    own["bias_ih_l0"].add_(own["bias_hh_l0"])
    own["bias_hh_l0"].zero_().requires_grad_(False)
