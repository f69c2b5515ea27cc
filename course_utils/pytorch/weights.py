"""Weights by name: counted, drawn and exchanged with TensorFlow."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from course_utils import exchange
from course_utils.errors import InputError
from course_utils.pytorch.device import to_numpy

# Layer type -> part -> (attribute, whether PyTorch stores it transposed).
_PARTS = {
    nn.Embedding: {"table": ("weight", False)},
    nn.Linear: {"kernel": ("weight", True), "bias": ("bias", False)},
    nn.LayerNorm: {"scale": ("weight", False), "bias": ("bias", False)},
}


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers the model holds."""
    return sum(parameter.numel() for parameter in model.parameters())


def get_weights(model: nn.Module) -> dict[str, np.ndarray]:
    """Return a copy of all weights under the names of `course_utils.exchange`.

    Raises
    ------
    InputError
        If the model holds a kind of layer that the course does not exchange.
    """
    return {
        name: np.array(to_numpy(parameter.T if transposed else parameter))
        for name, (parameter, transposed) in _named(model).items()
    }


def set_weights(model: nn.Module, weights: Mapping[str, np.ndarray], partial: bool = False) -> None:
    """Copy weights into the model.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As `get_weights` of either framework returns them.
    partial : bool
        Whether some of the model's weights may stay as they are.

    Raises
    ------
    InputError
        If a name or a shape does not fit. Nothing is changed then.
    """
    named = _named(model)
    shapes = {name: (p.T if transposed else p).shape for name, (p, transposed) in named.items()}
    exchange.check_weights(shapes, weights, partial)
    with torch.no_grad():
        for name, array in weights.items():
            parameter, transposed = named[name]
            tensor = torch.tensor(np.asarray(array), dtype=parameter.dtype)
            parameter.copy_(tensor.T if transposed else tensor)


def initialize(model: nn.Module, inputs: np.ndarray | tuple, seed: int = 0) -> nn.Module:
    """Give the model fresh weights, the same numbers in both frameworks, and return it.

    Parameters
    ----------
    inputs : ndarray, or tuple of ndarray for a model of several inputs
        A batch of one row or more. TensorFlow builds its layers when it first sees one.

    Raises
    ------
    InputError
        If the model has a layer that the exchange does not know.
    """
    weights = get_weights(model)
    shapes = {name: array.shape for name, array in weights.items()}
    set_weights(model, exchange.draw_weights(shapes, seed))
    return model


def _named(model: nn.Module) -> dict[str, tuple[nn.Parameter, bool]]:
    """Return each parameter and whether it is stored transposed, by its exchange name."""
    named = {}
    for path, layer in model.named_modules():
        parts = _PARTS.get(type(layer), {})
        own = dict(layer.named_parameters(recurse=False))
        if own and not parts:
            raise InputError(
                f"The layer {path!r} is a {type(layer).__name__}, whose weights the course cannot "
                "exchange yet."
            )
        for part, (attribute, transposed) in parts.items():
            if attribute in own:
                named[f"{path}.{part}".lstrip(".")] = (own[attribute], transposed)
    return named
