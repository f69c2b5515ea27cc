"""The names under which both frameworks exchange weights, and how fresh weights are drawn.

A weight's name is the path of its layer in the model and one of the parts below, for example
`embedding.table` or `blocks.0.norm.scale`.

| layer | parts with shapes |
|---|---|
| embedding | `table` (words, dimension) |
| linear, dense | `kernel` (in, out), `bias` (out,) |
| layer normalization | `scale` (dimension,), `bias` (dimension,) |
"""

from collections.abc import Mapping

import numpy as np

from course_utils.errors import InputError

EMBEDDING_DEVIATION = 0.1


def draw_weights(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    """Draw fresh weights with NumPy, so that both frameworks start from the same numbers.

    Tables are normal with standard deviation 0.1, kernels Glorot-uniform, scales 1, biases 0.

    References
    ----------
    X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, eq. 16.
    """
    rng = np.random.default_rng(seed)
    return {name: _draw(name, shapes[name], rng).astype(np.float32) for name in sorted(shapes)}


def _draw(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    part = name.rsplit(".", 1)[-1]
    if part == "table":
        return rng.normal(0, EMBEDDING_DEVIATION, shape)
    if part == "kernel":
        limit = np.sqrt(6 / (shape[0] + shape[1]))
        return rng.uniform(-limit, limit, shape)
    return np.ones(shape) if part == "scale" else np.zeros(shape)


def check_weights(
    shapes: Mapping[str, tuple[int, ...]], weights: Mapping[str, np.ndarray], partial: bool
) -> None:
    """Say which tensor does not fit the model, if one does not.

    Raises
    ------
    InputError
        If a name is unknown or missing, or a shape differs.
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
