"""Weights by name: counted, drawn, exchanged with TensorFlow, saved and loaded."""

import os
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from course_utils import weights as named_weights
from course_utils.errors import InputError
from course_utils.pytorch.device import choose_device, to_numpy

# Layer type -> part -> (attribute, whether PyTorch stores it transposed).
_PARTS = {
    nn.Embedding: {"table": ("weight", False)},
    nn.Linear: {"kernel": ("weight", True), "bias": ("bias", False)},
    nn.LayerNorm: {"scale": ("weight", False), "bias": ("bias", False)},
}
_RECURRENT = {
    "kernel": ("weight_ih_l0", True),
    "recurrent": ("weight_hh_l0", True),
    "bias": ("bias_ih_l0", False),
}
_PARTS |= {
    nn.RNN: _RECURRENT,
    nn.LSTM: _RECURRENT,
    nn.GRU: _RECURRENT | {"recurrent_bias": ("bias_hh_l0", False)},
}


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers the model holds; the LSTM's second bias, which is 0, not counted."""
    return sum(parameter.numel() for parameter, _ in _named(model).values())


def get_weights(model: nn.Module) -> dict[str, np.ndarray]:
    """Return a copy of all weights under the names of `course_utils.weights`.

    Raises
    ------
    InputError
        If the model holds a kind of layer that the course does not named_weights.
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
    named_weights.check_weights(shapes, weights, partial)
    with torch.no_grad():
        for name, array in weights.items():
            parameter, transposed = named[name]
            tensor = torch.tensor(np.asarray(array), dtype=parameter.dtype)
            parameter.copy_(tensor.T if transposed else tensor)


def initialize(
    model: nn.Module, inputs: np.ndarray | tuple, seed: int = 0, embedding_std: float = 0.1
) -> nn.Module:
    """Give the model fresh weights, the same numbers in both frameworks, and return it.

    It is moved to the chosen device.

    Parameters
    ----------
    inputs : ndarray, or tuple of ndarray for a model of several inputs
        A batch of one row or more. TensorFlow builds its layers when it first sees one.
    embedding_std : float
        Standard deviation of the numbers in embedding tables.

    Raises
    ------
    InputError
        If the model has a layer that the exchange does not know.
    """
    weights = get_weights(model)
    shapes = {name: array.shape for name, array in weights.items()}
    set_weights(model, named_weights.draw_weights(shapes, seed, embedding_std))
    return model.to(choose_device())


def save_weights(model: nn.Module, path: str | os.PathLike) -> None:
    """Write the weights as a safetensors file that both frameworks can load."""
    named_weights.write_weights(get_weights(model), path)


def load_weights(model: nn.Module, path: str | os.PathLike) -> None:
    """Read weights that `save_weights` of either framework wrote into the model.

    Raises
    ------
    InputError
        If the file is missing or damaged, or does not fit the model.
    """
    set_weights(model, named_weights.read_weights(path))


def _named(model: nn.Module) -> dict[str, tuple[nn.Parameter, bool]]:
    """Return each parameter and whether it is stored transposed, by its exchange name."""
    named = {}
    for path, layer in model.named_modules():
        parts = _PARTS.get(type(layer), {})
        own = dict(layer.named_parameters(recurse=False))
        if isinstance(layer, nn.RNNBase):
            _prepare(layer, path)
        if own and not parts:
            raise InputError(
                f"The layer {path!r} is a {type(layer).__name__}, whose weights the course cannot "
                "exchange yet."
            )
        for part, (attribute, transposed) in parts.items():
            if attribute in own:
                named[f"{path}.{part}".lstrip(".")] = (own[attribute], transposed)
    return named


def _prepare(layer: nn.RNNBase, path: str) -> None:
    """Leave one bias to an RNN or LSTM, as Keras has it.

    PyTorch adds two biases. The second is added to the first and then held at 0: the outputs stay
    the same, and a step of training moves one bias, not two.
    """
    if layer.num_layers > 1 or layer.bidirectional or not layer.bias or layer.proj_size:
        raise InputError(
            f"The layer {path!r} must have one layer, one direction and a bias: the course cannot "
            "exchange others yet."
        )
    if not isinstance(layer, nn.GRU) and layer.bias_hh_l0.requires_grad:
        with torch.no_grad():
            layer.bias_ih_l0 += layer.bias_hh_l0
            layer.bias_hh_l0.zero_()
        layer.bias_hh_l0.requires_grad_(False)
