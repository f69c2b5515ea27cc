"""The kept masked head of lesson 5: its stored weights, and the same model for Hugging Face."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.bert.checkpoint import find_file, name_bert_tensors, read_config
from course_utils.bert.checks import check_candidates
from course_utils.checkpoints import Checkpoint, find_checkpoint
from course_utils.course import write_bytes
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.weights import read_weights, write_weights

_NEVER = -1e4  # the bias of a piece that is no candidate: it is never said
_HEAD = {
    "transform.kernel": "cls.predictions.transform.dense.weight",
    "transform.bias": "cls.predictions.transform.dense.bias",
    "transform_norm.scale": "cls.predictions.transform.LayerNorm.weight",
    "transform_norm.bias": "cls.predictions.transform.LayerNorm.bias",
}


def masked_head_checkpoint() -> Checkpoint:
    """Return the stored weights of the masked head, and the log of their training.

    Raises
    ------
    InputError
        If there are none, or their log is missing or damaged.
    """
    checkpoint = find_checkpoint("05", "masked_head")
    if checkpoint is None:
        raise InputError(
            "The stored weights masked_head.safetensors are missing: run `course train 05 --only "
            "masked_head`."
        )
    return checkpoint


def read_masked_head() -> tuple[int, np.ndarray, dict[str, np.ndarray]]:
    """Return how many blocks the kept head reads, its candidates (classes,), and its weights.

    Raises
    ------
    InputError
        If the file or its log is missing or damaged.
    """
    checkpoint = masked_head_checkpoint()
    weights = read_weights(checkpoint.path)
    candidates = weights.pop("candidates").astype(np.int64)
    return checkpoint.log["settings"]["layers"], candidates, weights


def with_table(
    weights: Mapping[str, np.ndarray], table: np.ndarray, mask_token_id: int
) -> dict[str, np.ndarray]:
    """Return stored weights as float32, with the table (pieces, d_model) that they belong to.

    Its row of `[MASK]` becomes the stored `mask_vector`.
    """
    own = {name: np.asarray(array, np.float32) for name, array in weights.items()}
    table = np.array(table, np.float32)
    table[mask_token_id] = own.pop("mask_vector")
    return own | {"bert.token_embedding.table": table}


@checked
def write_masked_lm(
    folder: str | Path,
    weights: Mapping[str, np.ndarray],
    candidates: np.ndarray,
    encoder: str | Path,
) -> Path:
    """Write a `MaskedLanguageModel` as a folder that Hugging Face reads as `BertForMaskedLM`.

    Pieces that are no candidates get a bias so low that they are never said.

    Parameters
    ----------
    folder : path
        Where to write; it is made if it is not there.
    weights : mapping of str to ndarray
        `get_weights` of a model with `transform=True`.
    candidates : ndarray of int, shape (classes,)
    encoder : path
        The folder of the encoder that the model was made from: its tokenizer and settings.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If these are no such weights, the model has no transform, the candidates are not those of
        the weights, or a file of the encoder is missing or damaged.
    """
    missing = sorted(set(_HEAD) - set(weights))
    if missing:
        raise InputError(
            f"Hugging Face's head has a transform, but these weights lack {missing[0]!r}: make the "
            "model with `transform=True`."
        )
    bert = {n.removeprefix("bert."): a for n, a in weights.items() if n.startswith("bert.")}
    if "token_embedding.table" not in bert or "bias.table" not in weights:
        raise InputError("These are no weights of a `MaskedLanguageModel`: take its `get_weights`.")
    candidates = check_candidates(candidates, len(bert["token_embedding.table"]))
    if len(weights["bias.table"]) != len(candidates):
        raise InputError(
            f"These weights score {len(weights['bias.table'])} candidates, but {len(candidates)} "
            "are given."
        )
    layers = len({name.split(".")[1] for name in bert if name.startswith("blocks.")})
    table = bert["token_embedding.table"]
    bias = np.full(len(table), _NEVER, np.float32)
    bias[candidates] = weights["bias.table"][:, 0]
    head = {theirs: _as_stored(own, weights[own]) for own, theirs in _HEAD.items()}
    tensors = {f"bert.{name}": array for name, array in name_bert_tensors(bert).items()}
    settings: dict[str, Any] = read_config(encoder) | {
        "architectures": ["BertForMaskedLM"],
        "num_hidden_layers": layers,
        "tie_word_embeddings": True,
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(tensors | head | {"cls.predictions.bias": bias}, folder / "model.safetensors")
    write_bytes(folder / "config.json", json.dumps(settings, indent=1).encode("utf8"))
    for name in ("tokenizer.json", "vocab.txt"):
        shutil.copyfile(find_file(encoder, name), folder / name)
    return folder


def _as_stored(name: str, array: np.ndarray) -> np.ndarray:
    """Turn a kernel (in, out) into BERT's order (out, in)."""
    return np.ascontiguousarray(array.T) if name.endswith(".kernel") else array
