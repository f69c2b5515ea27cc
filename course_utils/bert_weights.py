"""The weights of a BERT checkpoint, under the names that this course's transformer has."""

import re
from collections.abc import Mapping

import numpy as np

from course_utils.errors import InputError

_PLACES = {
    "embeddings.word_embeddings": "tokens",
    "embeddings.position_embeddings": "places",
    "embeddings.token_type_embeddings": "segments",
    "embeddings.LayerNorm": "norm",
    "attention.self.query": "attention.query",
    "attention.self.key": "attention.key",
    "attention.self.value": "attention.value",
    "attention.output.dense": "attention.output",
    "attention.output.LayerNorm": "norm",
    "intermediate.dense": "feed_forward.inner",
    "output.dense": "feed_forward.outer",
    "output.LayerNorm": "feed_forward_norm",
}
_NAME = re.compile(r"(?:bert\.)?(?:encoder\.layer\.(\d+)\.)?(.+)\.(weight|bias)")
_UNUSED = re.compile(r"(?:bert\.)?(?:pooler\..+|embeddings\.position_ids)|cls\..+")


def from_bert(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the tensors of a BERT checkpoint for `Transformer(..., norm_first=False)`.

    The pooler and the heads of pre-training are left out. Kernels are turned round: BERT's file
    has them as (out, in), the exchange as (in, out).

    Parameters
    ----------
    tensors : mapping of str to ndarray
        As `safetensors.numpy.load_file` reads them.

    Returns
    -------
    dict
        For `set_weights` of either framework.

    Raises
    ------
    InputError
        If a tensor belongs to no known part of BERT.
    """
    weights = {}
    for name, array in tensors.items():
        if _UNUSED.fullmatch(name):
            continue
        found = _NAME.fullmatch(name)
        layer, place, part = found.groups() if found else (None, None, None)
        if place not in _PLACES:
            raise InputError(f"The tensor {name!r} belongs to no part of BERT that is known here.")
        own = _PLACES[place] if layer is None else f"blocks.{layer}.{_PLACES[place]}"
        weights[f"{own}.{_part(place, part)}"] = _array(place, part, array)
    return weights


def _part(place: str, part: str) -> str:
    if place.endswith("LayerNorm"):
        return {"weight": "scale", "bias": "bias"}[part]
    if place.endswith("embeddings"):
        return "table"
    return {"weight": "kernel", "bias": "bias"}[part]


def _array(place: str, part: str, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array, np.float32)
    turned = part == "weight" and _part(place, part) == "kernel"
    return np.ascontiguousarray(array.T) if turned else array
