"""Positions that are computed, not learned."""

import numpy as np

from course_utils.text.arguments import checked
from course_utils.text.checks import check_size, whole_number
from course_utils.transformer.checks import check_even


@checked
def sinusoidal_positions(max_length: int, d_model: int) -> np.ndarray:
    """Return a fixed vector for each position, shape (max_length, d_model), float32.

    Number 2i of position p is sin(p / 10000^(2i / d_model)), number 2i + 1 the cosine of the same.

    Raises
    ------
    InputError
        If `d_model` is odd, a size is below 1, or the vectors would take more than 2 GB.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.5.
    """
    whole_number(max_length, "max_length", 1)
    check_even(whole_number(d_model, "d_model", 1))
    check_size(max_length, 2 * d_model, what="The positions")
    rates = 10_000.0 ** (-np.arange(0, d_model, 2) / d_model)  # (d_model / 2,)
    angles = np.arange(max_length)[:, None] * rates  # (max_length, d_model / 2)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=2)  # (max_length, d_model / 2, 2)
    return waves.reshape(max_length, d_model).astype(np.float32)
