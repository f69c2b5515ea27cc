"""Generated inputs for checks: small, easy to read, and full of what wrong answers overlook."""

import numpy as np

WORDS = ["cat", "dog", "sun", "tree", "red", "car", "fish", "blue", "bird", "moon"]


def numbers(
    rng: np.random.Generator, *shape: int, positive: bool = False, dtype: type | None = None
) -> np.ndarray:
    """Return numbers of a shape, as float64 or float32 if no dtype is given.

    They are whole, with many zeros, ties and repeats; or tenths; or far from 1, now and then.
    """
    kind = rng.integers(4)
    if kind < 2:
        found = rng.integers(-3, 4, shape).astype(float)
    elif kind == 2:
        found = rng.normal(size=shape).round(1)
    else:
        found = (10.0 ** rng.integers(-2, 3) * rng.normal(size=shape)).round(2)
    found = np.abs(found) if positive else found
    kinds: tuple[type, ...] = (np.float64, np.float32)
    return (found + 0.0).astype(dtype or kinds[rng.integers(2)])  # without -0


def distinct(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Return numbers of a shape in tenths, no two of them equal, so that their order is clear."""
    count = int(np.prod(shape))
    return (rng.permutation(3 * count + 3)[:count].reshape(shape) - count) / 10


def sizes(rng: np.random.Generator, count: int, size: int) -> list[int]:
    """Return sizes from 1 up that all differ, so that no axis can be taken for another."""
    return (1 + rng.permutation(size + count)[:count]).tolist()


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Return different words in any order."""
    return [WORDS[i] for i in rng.permutation(len(WORDS))[:count]]
