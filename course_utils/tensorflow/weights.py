"""Weights by name: counted, drawn and exchanged with PyTorch."""

from collections.abc import Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf

from course_utils import exchange
from course_utils.errors import InputError
from course_utils.tensorflow.device import to_numpy

# Layer type -> part -> attribute.
_PARTS = {
    keras.layers.Embedding: {"table": "embeddings"},
    keras.layers.Dense: {"kernel": "kernel", "bias": "bias"},
    keras.layers.LayerNormalization: {"scale": "gamma", "bias": "beta"},
}


def count_parameters(model: keras.Model) -> int:
    """Return how many numbers the model holds."""
    return sum(int(np.prod(variable.shape)) for variable in model.weights)


def get_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Return a copy of all weights under the names of `course_utils.exchange`.

    Raises
    ------
    InputError
        If the model holds a kind of layer that the course does not exchange, or was never built.
    """
    return {name: np.array(to_numpy(variable)) for name, variable in _named(model).items()}


def set_weights(
    model: keras.Model, weights: Mapping[str, np.ndarray], partial: bool = False
) -> None:
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
    exchange.check_weights({name: v.shape for name, v in named.items()}, weights, partial)
    for name, array in weights.items():
        named[name].assign(np.asarray(array))


def initialize(model: keras.Model, inputs: np.ndarray | tuple, seed: int = 0) -> keras.Model:
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
    model(*map(tf.constant, inputs if isinstance(inputs, tuple) else (inputs,)))
    shapes = {name: tuple(variable.shape) for name, variable in _named(model).items()}
    set_weights(model, exchange.draw_weights(shapes, seed))
    return model


def _named(model: keras.Model) -> dict[str, keras.Variable]:
    """Return each variable by its exchange name."""
    named = {}
    for path, layer in _layers(model):
        parts = _PARTS.get(type(layer), {})
        own = layer._trainable_variables + layer._non_trainable_variables
        if (own or not layer.built) and not parts:
            raise InputError(
                f"The layer {path!r} is a {type(layer).__name__}, whose weights the course cannot "
                "exchange yet."
            )
        if not layer.built:
            raise InputError(f"The layer {path!r} has no weights yet: call initialize first.")
        for part, attribute in parts.items():
            if getattr(layer, attribute) is not None:
                named[f"{path}.{part}"] = getattr(layer, attribute)
    known = {id(variable) for variable in named.values()}
    unknown = [variable.path for variable in model.weights if id(variable) not in known]
    if unknown:
        raise InputError(
            f"The weight {unknown[0]!r} belongs to no layer that is an attribute of the model: the "
            "course cannot exchange it yet."
        )
    return named


def _layers(parent: object, path: str = "") -> Iterator[tuple[str, keras.Layer]]:
    """Walk the attributes of a model for its layers that hold no further layers."""
    if isinstance(parent, keras.Sequential):
        children = enumerate(parent.layers)
    else:
        children = vars(parent).items() if isinstance(parent, keras.Layer) else enumerate(parent)
    for name, child in children:
        inner = f"{path}.{name}".lstrip(".")
        if isinstance(child, keras.Layer) and not child._flatten_layers(include_self=False):
            yield inner, child
        elif isinstance(child, keras.Layer) or (
            isinstance(child, list) and not str(name).startswith("_")
        ):
            yield from _layers(child, inner)
