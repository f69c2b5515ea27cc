"""The pre-trained encoder all-MiniLM-L6-v2, and its input table as static word vectors."""

from pathlib import Path

import numpy as np

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.vectors import WordVectors


def encoder() -> Path:
    """Return the folder with `model.safetensors`, `tokenizer.json`, `vocab.txt`, `config.json`.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    W. Wang et al., MiniLM: deep self-attention distillation for task-agnostic compression of
    pre-trained transformers, 2020. N. Reimers, I. Gurevych, Sentence-BERT: sentence embeddings
    using Siamese BERT-networks, 2019.
    """
    return fetch_files(dataset("encoder"))


def word_vectors(pieces: bool = False) -> WordVectors:
    """Return the encoder's input table as static vectors of 384 numbers.

    Parameters
    ----------
    pieces : bool
        Return all 30,522 rows in the order of the encoder's own ids, word pieces and special
        tokens included. By default only whole words of letters a to z.

    Returns
    -------
    WordVectors
        With `vectors` of float32, shape (words, 384).

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.
    """
    from safetensors import safe_open

    folder = encoder()
    words = (folder / "vocab.txt").read_text(encoding="utf8").splitlines()
    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        table = weights.get_tensor("embeddings.word_embeddings.weight").astype(np.float32)
    if pieces:
        return WordVectors(words, table)
    rows = [i for i, word in enumerate(words) if word.isascii() and word.isalpha()]
    return WordVectors([words[i] for i in rows], table[rows])
