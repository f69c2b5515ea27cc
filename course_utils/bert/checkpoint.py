"""A BERT checkpoint: its folder, and its weights under the names of this course's transformer."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course_utils.errors import InputError
from course_utils.weights import read_weights

_SETTINGS = {
    "vocab_size": "vocabulary_size",
    "hidden_size": "d_model",
    "num_attention_heads": "heads",
    "num_hidden_layers": "layers",
    "max_position_embeddings": "max_length",
    "intermediate_size": "d_ff",
    "type_vocab_size": "token_types",
    "layer_norm_eps": "epsilon",
}
_ONLY = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,  # a decoder would need a causal mask
}

_PLACES = {
    "embeddings.word_embeddings": "token_embedding",
    "embeddings.position_embeddings": "position_embedding",
    "embeddings.token_type_embeddings": "token_type_embedding",
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
_NORM_PARTS = {"weight": "scale", "gamma": "scale", "bias": "bias", "beta": "bias"}
_NAME = re.compile(r"(?:bert\.)?(?:encoder\.layer\.(\d+)\.)?(.+)\.(weight|bias|gamma|beta)")
_UNUSED = re.compile(r"(?:bert\.)?(?:pooler\..+|embeddings\.position_ids)|cls\..+")


def from_bert(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the tensors of a BERT checkpoint for a `Transformer` with `norm_first=False`.

    The pooler and the heads of pre-training are left out. Old files call the two parts of a
    normalization gamma and beta, and put `bert.` before each name. Kernels are turned round:
    BERT's file has them as (out, in), the exchange as (in, out).

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
        If a tensor belongs to no known part of BERT, or two are the same part.
    """
    weights = {}
    for name, array in tensors.items():
        if _UNUSED.fullmatch(name):
            continue
        own = _own_name(name)
        if own is None:
            raise InputError(f"The tensor {name!r} belongs to no part of BERT that is known here.")
        if own in weights:
            raise InputError(
                f"The file has two tensors for one part of BERT, {own} in the course's names, and "
                f"{name!r} is the second: leave one of them out."
            )
        array = np.asarray(array, np.float32)
        weights[own] = np.ascontiguousarray(array.T) if own.endswith(".kernel") else array
    return weights


def read_bert(folder: str | Path, layers: int | None = None) -> tuple[dict, dict[str, np.ndarray]]:
    """Read the folder of a BERT model, and check that its weights are those of its settings.

    Parameters
    ----------
    folder : path
        With `config.json` and `model.safetensors`.
    layers : int, optional
        Take the lowest blocks only, so many of them; by default all.

    Returns
    -------
    settings : dict
        For `TransformerConfig(**settings)`.
    weights : dict
        For `set_weights`.

    Raises
    ------
    InputError
        If a file is missing or damaged, the model is of a kind that the course's block is not, a
        tensor is missing or has another shape than the settings say, or there are fewer blocks.
    """
    config = read_config(folder)
    for name, wanted in _ONLY.items():
        if config.get(name, wanted) != wanted:
            raise InputError(
                f"The course's block works as BERT with {name} {wanted!r}, but config.json says "
                f"{config[name]!r}: take another model."
            )
    settings = {own: config[name] for name, own in _SETTINGS.items()}
    weights = from_bert(read_weights(find_file(folder, "model.safetensors")))
    _check_shapes(_shapes(**settings), weights)
    if layers is not None:
        if layers not in range(1, settings["layers"] + 1):
            raise InputError(
                f"The model has {settings['layers']} blocks: layers is from 1 to that number, not "
                f"{layers!r}."
            )
        left_out = tuple(f"blocks.{i}." for i in range(layers, settings["layers"]))
        settings["layers"] = layers
        weights = {n: array for n, array in weights.items() if not n.startswith(left_out)}
    return settings | {"norm_first": False, "scale_tokens": False}, weights


def read_config(folder: str | Path) -> dict:
    """Return the settings in a BERT model's `config.json`.

    Raises
    ------
    InputError
        If the file is missing or damaged, or lacks a setting that BERT has, or one is no number.
    """
    path = find_file(folder, "config.json")
    try:
        config = dict(json.loads(path.read_text(encoding="utf8")))
    except (ValueError, TypeError):
        raise InputError("The file config.json is damaged: get it anew.") from None
    for name in _SETTINGS:
        if name not in config:
            raise InputError(
                f"The file config.json has no {name!r}: take the folder of a BERT model."
            )
        _check_number(name, config[name])
    return config


def find_file(folder: str | Path, name: str) -> Path:
    """Return a file of a BERT model's folder.

    Raises
    ------
    InputError
        If it is not there.
    """
    path = Path(folder) / name
    if not path.is_file():
        raise InputError(
            f"The folder {Path(folder).name!r} has no {name}: it must hold config.json, "
            "tokenizer.json and model.safetensors of one BERT model."
        )
    return path


def check_fit(pieces: int, rows: int) -> None:
    """Say so if a tokenizer and a model are not made for each other.

    Raises
    ------
    InputError
        If the tokenizer has not as many pieces as the model's table has rows.
    """
    if pieces != rows:
        raise InputError(
            f"The tokenizer does not fit the model: it has {pieces:,} pieces, but the model's "
            f"table has {rows:,} rows; take both from one folder."
        )


def _shapes(vocabulary_size, d_model, heads, layers, max_length, d_ff, token_types, epsilon):
    """Return the shape of each weight of a BERT with these settings."""
    linear = {
        f"attention.{part}": (d_model, d_model) for part in ("query", "key", "value", "output")
    }
    linear |= {"feed_forward.inner": (d_model, d_ff), "feed_forward.outer": (d_ff, d_model)}
    shapes = {
        "token_embedding.table": (vocabulary_size, d_model),
        "position_embedding.table": (max_length, d_model),
        "token_type_embedding.table": (token_types, d_model),
    }
    norms = ["norm"]
    for block in (f"blocks.{i}" for i in range(layers)):
        norms += [f"{block}.norm", f"{block}.feed_forward_norm"]
        for name, shape in linear.items():
            shapes |= {f"{block}.{name}.kernel": shape, f"{block}.{name}.bias": shape[1:]}
    for norm in norms:
        shapes |= {f"{norm}.scale": (d_model,), f"{norm}.bias": (d_model,)}
    return shapes


def _check_number(name: str, value: object) -> None:
    types, what = ((int,), "whole number") if name != "layer_norm_eps" else ((int, float), "number")
    if type(value) not in types or value <= 0:
        raise InputError(
            f"In the file config.json {name!r} must be a {what} above 0, but it is {value!r}: take "
            "the folder of a BERT model."
        )


def _check_shapes(shapes: dict, weights: Mapping[str, np.ndarray]) -> None:
    for name in sorted(shapes | weights):
        wanted, found = shapes.get(name), getattr(weights.get(name), "shape", None)
        if wanted != found:
            has = f"has the shape {found}" if found else "is missing"
            needs = f"must have {wanted}" if wanted else "should not be there"
            raise InputError(
                "The file model.safetensors does not fit config.json: in the course's names, "
                f"{name} {has}, but {needs}."
            )


def _own_name(name: str) -> str | None:
    """Return the course's name of a tensor, or None if it belongs to no known part of BERT."""
    found = _NAME.fullmatch(name)
    layer, place, part = found.groups() if found else (None, None, None)
    if place not in _PLACES:
        return None
    if place.endswith("LayerNorm"):
        own = _NORM_PARTS[part]
    elif place.endswith("embeddings"):
        own = {"weight": "table"}.get(part)
    else:
        own = {"weight": "kernel", "bias": "bias"}.get(part)
    block = "" if layer is None else f"blocks.{layer}."
    return own and f"{block}{_PLACES[place]}.{own}"
