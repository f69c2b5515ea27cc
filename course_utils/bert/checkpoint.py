"""A BERT checkpoint: its folder, and its weights under the names of this course's transformer."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import whole_number
from course_utils.transformer.config import TransformerConfig
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

_NORMS = {
    "embeddings.LayerNorm": "embedding_norm",
    "attention.output.LayerNorm": "attention_norm",
    "output.LayerNorm": "feed_forward_norm",
}
_LINEAR = {
    "attention.self.query": "attention.query",
    "attention.self.key": "attention.key",
    "attention.self.value": "attention.value",
    "attention.output.dense": "attention.output",
    "intermediate.dense": "feed_forward.inner",
    "output.dense": "feed_forward.outer",
}
_NAMES = {
    "embeddings.word_embeddings.weight": "token_embedding.table",
    "embeddings.position_embeddings.weight": "position_embedding.table",
    "embeddings.token_type_embeddings.weight": "token_type_embedding.table",
}
for _path, _own in _LINEAR.items():
    _NAMES[f"{_path}.weight"] = f"{_own}.kernel"
    _NAMES[f"{_path}.bias"] = f"{_own}.bias"
for _path, _own in _NORMS.items():
    for _part in ("weight", "gamma"):  # the second is the name in old files
        _NAMES[f"{_path}.{_part}"] = f"{_own}.scale"
    for _part in ("bias", "beta"):
        _NAMES[f"{_path}.{_part}"] = f"{_own}.bias"


@checked
def rename_bert_tensors(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the tensors of a BERT checkpoint for a `Transformer` with `norm_first=False`.

    The pooler and the heads of pre-training are left out. Old files call the two parts of a
    normalization gamma and beta, and put `bert.` before each name. Kernels are transposed: BERT's
    file has them as (out, in), the course as (in, out).

    Parameters
    ----------
    tensors : mapping of str to ndarray
        As `safetensors.numpy.load_file` reads them.

    Returns
    -------
    dict of str to ndarray of float32
        For `set_weights` of either framework.

    Raises
    ------
    InputError
        If there are no tensors, one belongs to no known part of BERT, or two are the same part.
    """
    if not tensors:
        raise InputError("There are no tensors: read them from the file of a model.")
    weights: dict[str, np.ndarray] = {}
    for name, tensor in tensors.items():
        path, block = name.removeprefix("bert."), ""
        if path.startswith(("pooler.", "cls.")) or path == "embeddings.position_ids":
            continue
        if path.startswith("encoder.layer."):
            number, _, path = path.removeprefix("encoder.layer.").partition(".")
            block = f"blocks.{number}."
        if path not in _NAMES:
            raise InputError(f"The tensor {name!r} belongs to no part of BERT that is known here.")
        own = block + _NAMES[path]
        if own in weights:
            raise InputError(
                f"The file has two tensors for one part of BERT, {own} in the course's names, and "
                f"{name!r} is the second: leave one of them out."
            )
        array = np.asarray(tensor, np.float32)
        weights[own] = np.ascontiguousarray(array.T) if own.endswith(".kernel") else array
    return weights


def name_bert_tensors(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a transformer's weights under the names of a BERT checkpoint, as its file has them.

    It undoes `rename_bert_tensors`.
    """
    theirs = {own: name for name, own in _NAMES.items() if not name.endswith(("gamma", "beta"))}
    tensors = {}
    for own, array in weights.items():
        path, block = own, ""
        if own.startswith("blocks."):
            _, number, path = own.split(".", 2)
            block = f"encoder.layer.{number}."
        kernel = own.endswith(".kernel")
        tensors[block + theirs[path]] = np.ascontiguousarray(array.T) if kernel else array
    return tensors


@partial(checked, own=("layers",))
def read_bert(
    folder: str | Path | None = None, layers: int | None = None
) -> tuple[TransformerConfig, dict[str, np.ndarray]]:
    """Read the folder of a BERT model, and check that its weights are those of its settings.

    Parameters
    ----------
    folder : path, optional
        With `config.json` and `model.safetensors`; by default that of all-MiniLM-L6-v2.
    layers : int, optional
        Take the lowest blocks only, so many of them; by default all.

    Returns
    -------
    config : TransformerConfig
        For `Transformer(config)` of either framework; without dropout.
    weights : dict of str to ndarray
        For `set_weights`.

    Raises
    ------
    InputError
        If a file is missing or damaged, the model is of a kind that the course's block is not, its
        settings do not fit together, a tensor is missing or has another shape than they say, or
        `layers` is no whole number from 1 to the number of blocks.
    DataError
        If no folder is given and all-MiniLM-L6-v2 can be had from nowhere.
    """
    if folder is None:
        from course_utils.data.encoder import encoder

        folder = encoder()
    settings = read_config(folder)
    for name, wanted in _ONLY.items():
        if settings.get(name, wanted) != wanted:
            raise InputError(
                f"The course's block works as BERT with {name} {wanted!r}, but config.json says "
                f"{settings[name]!r}: take another model."
            )
    config = TransformerConfig(
        **{own: settings[name] for name, own in _SETTINGS.items()},
        norm_first=False,
        scale_tokens=False,
    )
    weights = rename_bert_tensors(read_weights(find_file(folder, "model.safetensors")))
    _check_shapes(_shapes(config), weights)
    if layers is not None:
        layers = whole_number(layers, "The number of layers")
        if not 1 <= layers <= config.layers:
            raise InputError(
                f"The model has {config.layers} blocks: layers is from 1 to that number, not "
                f"{layers}."
            )
        left_out = tuple(f"blocks.{i}." for i in range(layers, config.layers))
        config = replace(config, layers=layers)
        weights = {n: array for n, array in weights.items() if not n.startswith(left_out)}
    return config, weights


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
        whole = name != "layer_norm_eps"
        if type(config[name]) not in ((int,) if whole else (int, float)) or config[name] <= 0:
            raise InputError(
                f"In the file config.json {name!r} must be a {'whole ' if whole else ''}number "
                f"above 0, but it is {config[name]!r}: take the folder of a BERT model."
            )
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


def _shapes(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight of a BERT with these settings."""
    d_model, d_ff = config.d_model, config.d_ff or 4 * config.d_model
    shapes: dict[str, tuple[int, ...]] = {
        "token_embedding.table": (config.vocabulary_size, d_model),
        "position_embedding.table": (config.max_length, d_model),
        "token_type_embedding.table": (config.token_types, d_model),
        "embedding_norm.scale": (d_model,),
        "embedding_norm.bias": (d_model,),
    }
    inside = {"feed_forward.inner": (d_model, d_ff), "feed_forward.outer": (d_ff, d_model)}
    for block in (f"blocks.{i}" for i in range(config.layers)):
        for norm in ("attention_norm", "feed_forward_norm"):
            shapes |= {f"{block}.{norm}.scale": (d_model,), f"{block}.{norm}.bias": (d_model,)}
        for name in _LINEAR.values():
            shape = inside.get(name, (d_model, d_model))
            shapes |= {f"{block}.{name}.kernel": shape, f"{block}.{name}.bias": shape[1:]}
    return shapes


def _check_shapes(shapes: Mapping[str, tuple[int, ...]], weights: Mapping[str, np.ndarray]) -> None:
    found = {name: array.shape for name, array in weights.items()}
    for name in sorted(shapes.keys() | found.keys()):
        if shapes.get(name) != found.get(name):
            has = f"has the shape {found[name]}" if name in found else "is missing"
            needs = f"must have {shapes[name]}" if name in shapes else "should not be there"
            raise InputError(
                "The file model.safetensors does not fit config.json: in the course's names, "
                f"{name} {has}, but {needs}."
            )
