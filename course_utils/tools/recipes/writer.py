"""What the judge of samples asks of a model that writes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Writer:
    """A model that writes several texts at once."""

    begin: Callable[[str, int], np.ndarray]  # a prompt and the number of texts -> logits (n, V)
    step: Callable[[np.ndarray], np.ndarray]  # the ids that were drawn (n,) -> logits (n, V)
    decode: Callable[[np.ndarray], list[str]]  # ids (n,) -> their texts
