"""What checks need of layers that learners write in PyTorch or Keras: outputs and gradients."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.classroom.net import Watched, Wrong
from course_utils.errors import InputError

Arrays = dict[str, np.ndarray]


def new_layer(
    adapter: Any, answer: Callable, arguments: tuple, shapes: Mapping[str, tuple[int, ...]]
) -> Any:
    """Return a layer of the learner's class that has exactly the weights of these shapes."""
    layer = Watched(answer, adapter.to_numpy)(*arguments)
    try:
        found = {name: array.shape for name, array in adapter.get_weights(layer).items()}
    except (InputError, AttributeError) as error:
        raise Wrong(f"the weights of your layer cannot be read: {error}", "form") from None
    for name, shape in shapes.items():
        if found.get(name) != shape:
            has = f"has the shape {found[name]}" if name in found else "is missing"
            raise Wrong(f"{name} {has}; it should have {shape}. Keep `__init__` as it was.", "form")
    if more := sorted(set(found) - set(shapes)):
        raise Wrong(f"your layer has a weight too many: {more[0]}.", "form")
    return layer


def output_and_gradients(
    adapter: Any,
    layer: Any,
    parts: Sequence[str],
    run: Callable,
    inputs: Sequence[np.ndarray | None],
    direction: np.ndarray,
) -> tuple[np.ndarray, Arrays]:
    """Return what a layer gives, and the gradients of the sum of output times direction.

    Parameters
    ----------
    adapter : module
        `course_utils.pytorch` or `course_utils.tensorflow`.
    layer : module, or Keras layer
    parts : sequence of str
        Its attributes that are linear layers.
    run : callable
        From the inputs, as tensors, to the output of the layer.
    inputs : sequence of ndarray or None
    direction : ndarray, of the output's shape

    Returns
    -------
    output : ndarray
    gradients : dict of ndarray
        By the names of `get_weights`. A weight that no gradient reaches is left out.
    """
    tensors = [None if array is None else adapter.to_tensor(array) for array in inputs]
    wanted = adapter.to_tensor(direction)
    of = _of_keras if adapter.__name__.endswith("tensorflow") else _of_pytorch
    with adapter.full_precision():
        output, gradients = of(layer, parts, lambda: _tensor(run(*tensors), wanted), wanted)
    known = {name: adapter.to_numpy(g) for name, g in gradients.items() if g is not None}
    return adapter.to_numpy(output), known


def _of_pytorch(layer: Any, parts: Sequence[str], run: Callable, wanted: Any) -> tuple[Any, dict]:
    layer.to(wanted.device).zero_grad()
    output = run()
    if output.requires_grad:
        (output * wanted).sum().backward()
    gradients = {}
    for part in parts:
        linear = getattr(layer, part)
        kernel = linear.weight.grad
        gradients[f"{part}.kernel"] = None if kernel is None else kernel.T
        gradients[f"{part}.bias"] = linear.bias.grad
    return output, gradients


def _of_keras(layer: Any, parts: Sequence[str], run: Callable, wanted: Any) -> tuple[Any, dict]:
    import tensorflow as tf

    variables = {
        f"{part}.{name}": getattr(getattr(layer, part), name).value
        for part in parts
        for name in ("kernel", "bias")
    }
    with tf.GradientTape() as tape:
        output = run()
        total = tf.reduce_sum(output * wanted)
    return output, tape.gradient(total, variables)


def _tensor(output: Any, wanted: Any) -> Any:
    """Return an output, which must be a tensor of the framework and of the wanted shape."""
    if isinstance(output, tuple | list):
        raise Wrong("return the output alone, not a pair.", "form")
    if not isinstance(output, type(wanted)):
        told = f"your layer returns {type(output).__name__}, not a tensor: compute with the "
        raise Wrong(f"{told}framework all the way, or no gradient comes back.", "form")
    if tuple(output.shape) != tuple(wanted.shape):
        shapes = f"{tuple(output.shape)}; it should be {tuple(wanted.shape)}, as that of x"
        raise Wrong(f"the shape of your output is {shapes}.", "form")
    return output
