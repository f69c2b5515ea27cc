"""The kept masked head of lesson 5: its weights, and what it guesses."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def put_weights(
    adapter: Any, model: Any, weights: Mapping[str, np.ndarray], mask_token_id: int
) -> None:
    """Put stored weights, in half precision, into a `MaskedLanguageModel` of either framework."""
    own = {name: np.asarray(array, np.float32) for name, array in weights.items()}
    table = adapter.get_weights(model)["bert.token_embedding.table"]
    table[mask_token_id] = own.pop("mask_vector")
    own.pop("candidates", None)
    adapter.set_weights(model, own | {"bert.token_embedding.table": table}, partial=True)
