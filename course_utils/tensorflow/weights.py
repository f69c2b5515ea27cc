"""Weights by name: counted, drawn, exchanged with PyTorch, saved and loaded.

The docstrings of the public names stand in `course_utils/interface/weights.py`.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_utils import weights as named_weights
from course_utils.errors import InputError
from course_utils.interface import implements, weights as described
from course_utils.tensorflow.device import choose_device, to_numpy

# Layer type -> part -> attribute.
_PARTS = {
    keras.layers.Embedding: {"table": "embeddings"},
    keras.layers.Dense: {"kernel": "kernel", "bias": "bias"},
    keras.layers.Conv2D: {"kernel": "kernel", "bias": "bias"},
    keras.layers.LayerNormalization: {"scale": "gamma", "bias": "beta"},
}
_RECURRENT = {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"}
_PARTS |= dict.fromkeys((keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU), _RECURRENT)


@dataclass(frozen=True)
class _Slot:
    """Where an exchanged weight lies: a variable, or a row of it, its blocks perhaps swapped."""

    variable: keras.Variable
    row: int | None = None  # Keras keeps the two biases of a GRU as rows of one variable
    swapped: bool = False  # Keras has the update gate of a GRU before its reset gate

    @property
    def shape(self) -> tuple[int, ...]:
        shape = tuple(self.variable.shape)
        return shape if self.row is None else shape[1:]

    def read(self) -> np.ndarray:
        array = np.array(to_numpy(self.variable))
        return self._swap(array if self.row is None else array[self.row])

    def write(self, array: np.ndarray) -> None:
        array = self._swap(np.asarray(array))
        if self.row is not None:
            rows = np.array(to_numpy(self.variable))
            rows[self.row] = array
            array = rows
        self.variable.assign(array)

    def _swap(self, array: np.ndarray) -> np.ndarray:
        if not self.swapped:
            return array
        first, second, candidate = np.split(array, 3, axis=-1)
        return np.concatenate([second, first, candidate], axis=-1)


@implements(described.count_parameters)
def count_parameters(model: keras.Layer) -> int:
    layers = [*model._flatten_layers()]
    for layer in layers:
        if not layer.built and type(layer).build is not keras.Layer.build:
            raise InputError(f"The layer {layer.name!r} has no weights yet: call initialize first.")
    own = {id(v): v for layer in layers for v in layer._trainable_variables}
    return sum(int(np.prod(variable.shape)) for variable in own.values())


@implements(described.get_weights)
def get_weights(model: keras.Layer) -> dict[str, np.ndarray]:
    return {name: slot.read() for name, slot in _named(model).items()}


@implements(described.set_weights, own=("weights",))
def set_weights(
    model: keras.Layer, weights: Mapping[str, np.ndarray], partial: bool = False
) -> None:
    named = _named(model)
    named_weights.check_weights({name: v.shape for name, v in named.items()}, weights, partial)
    for name, array in weights.items():
        named[name].write(array)


@implements(described.initialize, own=("inputs", "seed"))
def initialize(
    model: keras.Layer, inputs: np.ndarray | tuple, seed: int = 0, embedding_std: float = 0.1
) -> keras.Layer:
    with tf.device(choose_device()):
        model(*map(tf.constant, inputs if isinstance(inputs, tuple) else (inputs,)))
    shapes = {name: slot.shape for name, slot in _named(model).items()}
    set_weights(model, named_weights.draw_weights(shapes, seed, embedding_std))
    return model


@implements(described.save_weights)
def save_weights(model: keras.Layer, path: str | os.PathLike) -> None:
    named_weights.write_weights(get_weights(model), path)


@implements(described.load_weights)
def load_weights(model: keras.Layer, path: str | os.PathLike) -> None:
    set_weights(model, named_weights.read_weights(path))


def _named(model: keras.Layer) -> dict[str, _Slot]:
    """Return where each weight lies, by its exchange name."""
    named: dict[str, _Slot] = {}
    for path, layer in sub_layers(model):
        parts = _PARTS.get(type(layer), {})
        holder = layer.cell if isinstance(layer, keras.layers.RNN) else layer
        own = holder._trainable_variables + holder._non_trainable_variables
        if (own or not layer.built) and not parts:
            raise InputError(
                f"The layer {path!r} is a {type(layer).__name__}, whose weights the course cannot "
                "exchange yet."
            )
        if not layer.built:
            raise InputError(f"The layer {path!r} has no weights yet: call initialize first.")
        if isinstance(layer, keras.layers.GRU):
            named |= {f"{path}.{part}": slot for part, slot in _gru_slots(layer, path).items()}
            continue
        for part, attribute in parts.items():
            if getattr(holder, attribute) is not None:
                named[f"{path}.{part}"] = _Slot(getattr(holder, attribute))
    known = {id(slot.variable) for slot in named.values()}
    unknown = [variable.path for variable in model.weights if id(variable) not in known]
    if unknown:
        raise InputError(
            f"The weight {unknown[0]!r} belongs to no layer that is an attribute of the model: the "
            "course cannot exchange it yet."
        )
    return named


def _gru_slots(layer: keras.layers.GRU, path: str) -> dict[str, _Slot]:
    """Return where the four weights of a GRU lie."""
    cell = layer.cell
    if not cell.reset_after or cell.bias is None:
        raise InputError(
            f"The layer {path!r} must have a bias and reset_after=True, as PyTorch's GRU: the "
            "course cannot exchange others yet."
        )
    return {
        "kernel": _Slot(cell.kernel, swapped=True),
        "recurrent": _Slot(cell.recurrent_kernel, swapped=True),
        "bias": _Slot(cell.bias, row=0, swapped=True),
        "recurrent_bias": _Slot(cell.bias, row=1, swapped=True),
    }


def sub_layers(parent: keras.Layer | list, path: str = "") -> Iterator[tuple[str, keras.Layer]]:
    """Walk the attributes of a model for its layers that hold no further layers, or a cell only."""
    children: Iterable[tuple[object, object]]
    if isinstance(parent, keras.Sequential):
        children = enumerate(parent.layers)
    else:
        children = enumerate(parent) if isinstance(parent, list) else vars(parent).items()
    for name, child in children:
        inner = f"{path}.{name}".lstrip(".")
        leaf = isinstance(child, keras.layers.RNN) or (
            isinstance(child, keras.Layer) and not child._flatten_layers(include_self=False)
        )
        if leaf:
            yield inner, child
        elif isinstance(child, keras.Layer) or (
            isinstance(child, list) and not str(name).startswith("_")
        ):
            yield from sub_layers(child, inner)
