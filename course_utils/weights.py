"""The names under which both frameworks exchange weights, and how fresh weights are drawn.

A weight's name is the path of its layer in the model and one of the parts below, for example
`embedding.table` or `blocks.0.attention_norm.scale`.

| layer | parts with shapes |
|---|---|
| embedding | `table` (words, dimension) |
| linear, dense | `kernel` (in, out), `bias` (out,) |
| layer normalization | `scale` (dimension,), `bias` (dimension,) |
| RNN | `kernel` (in, units), `recurrent` (units, units), `bias` (units,) |
| LSTM | the same three, each with 4 blocks of units side by side |
| GRU | the same three with 3 blocks, and `recurrent_bias` (3 units,) |

The blocks are in PyTorch's order: input, forget, candidate and output gate of the LSTM; reset,
update and candidate gate of the GRU.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.course import write_atomically
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array, real_number, whole_number

_KINDS = {"BOOL", "U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64"}


@partial(checked, own=("seed",))
def draw_weights(
    shapes: Mapping[str, tuple[int, ...]], seed: int, embedding_std: float = 0.1
) -> dict[str, np.ndarray]:
    """Draw fresh weights with NumPy, so that both frameworks start from the same numbers.

    Tables are normal with the standard deviation `embedding_std`, kernels Glorot-uniform,
    recurrent kernels uniform between -1/sqrt(units) and 1/sqrt(units), scales 1, biases 0.

    Raises
    ------
    InputError
        If the seed is no whole number from 0 up, or the deviation negative or not finite.

    References
    ----------
    X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, eq. 16.
    """
    rng = np.random.default_rng(whole_number(seed, "The seed", 0))
    finite_array(real_number(embedding_std, "embedding_std", 0), "embedding_std")
    return {
        name: _draw(name, shapes[name], rng, embedding_std).astype(np.float32)
        for name in sorted(shapes)
    }


def _draw(
    name: str, shape: tuple[int, ...], rng: np.random.Generator, embedding_std: float
) -> np.ndarray:
    part = name.rsplit(".", 1)[-1]
    if part == "table":
        return rng.normal(0, embedding_std, shape)
    if part == "recurrent":
        return rng.uniform(-1, 1, shape) / np.sqrt(shape[0])
    if part == "kernel":
        *window, inputs, outputs = shape  # a window of 1 unless the layer is convolutional
        limit = np.sqrt(6 / (np.prod(window) * (inputs + outputs)))
        return rng.uniform(-limit, limit, shape)
    return np.ones(shape) if part == "scale" else np.zeros(shape)


@checked
def check_weights(
    shapes: Mapping[str, tuple[int, ...]], weights: Mapping[str, Any], partial: bool
) -> None:
    """Say which tensor does not fit the model, if one does not.

    Raises
    ------
    InputError
        If a name is unknown or missing, a shape differs, or an array is not of a numeric type. NaN
        and infinity are numbers here.
    """
    unknown = sorted(set(weights) - set(shapes))
    if unknown:
        raise InputError(
            f"The model has no weight {unknown[0]!r}; it has {', '.join(sorted(shapes))}."
        )
    missing = sorted(set(shapes) - set(weights))
    if missing and not partial:
        raise InputError(f"The weights lack {missing[0]!r}: give all of them, or say partial=True.")
    for name, array in weights.items():
        if tuple(np.shape(array)) != tuple(shapes[name]):
            raise InputError(
                f"The weight {name!r} has the shape {tuple(np.shape(array))}, but the model needs "
                f"{tuple(shapes[name])}."
            )
        if np.asarray(array).dtype.kind not in "biuf":
            raise InputError(f"The weight {name!r} must be an array of numbers.")


@checked
def write_weights(weights: Mapping[str, np.ndarray], path: str | os.PathLike) -> None:
    """Write weights as a safetensors file; a crash leaves the old file or none, never half."""
    from safetensors.numpy import save_file

    arrays = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    write_atomically(Path(path), lambda part: save_file(arrays, part))


@checked
def read_weights(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read a safetensors file.

    Raises
    ------
    InputError
        If the file is missing, damaged or a folder, or holds numbers that NumPy does not have.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
            foreign = sorted(kinds - _KINDS)
            if foreign:
                raise InputError(
                    f"The weight file {Path(path).name!r} holds numbers of the kind {foreign[0]}, "
                    "which NumPy does not have: store them as float32."
                )
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise InputError(f"There is no weight file {Path(path).name!r}: save one first.") from None
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"The weight file {Path(path).name!r} is damaged or no safetensors file ({error})."
        ) from None
