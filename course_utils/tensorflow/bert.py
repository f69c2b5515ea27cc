"""BERT of lesson 5: the block of lesson 4 with pre-trained weights, and what is built on it.

Docstrings of public names stand in course_utils/interface/bert.py.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.bert import checks
from course_utils.bert.checkpoint import read_bert
from course_utils.bert.masked_head import read_masked_head, with_table
from course_utils.bert.masking import log_shares
from course_utils.bert.wordpiece import WordPiece
from course_utils.data.encoder import encoder
from course_utils.interface import bert as described, implements
from course_utils.tensorflow.device import choose_device, input_tensor, to_numpy, to_tensor
from course_utils.tensorflow.transformer import (
    Transformer,
    make_dense,
    make_norm,
    make_table,
)
from course_utils.tensorflow.weights import get_weights, set_weights, sub_layers
from course_utils.text.checks import check_layer, check_share
from course_utils.training.bars import track
from course_utils.training.batches import check_inputs, length_order


@implements(described.load_bert, own=("layers",))
def load_bert(
    folder: str | Path | None = None, *, layers: int | None = None, dropout: float = 0.0
) -> Transformer:
    config, weights = read_bert(folder, layers)
    model = Transformer(replace(config, dropout=dropout))
    set_weights(model, weights)
    return model


@implements(described.hidden_states)
def hidden_states(
    model: Transformer,
    ids: np.ndarray,
    token_type_ids: np.ndarray | None = None,
    *,
    batch_size: int = 64,
) -> list[np.ndarray]:
    ids, types = checks.check_token_type_ids(ids, token_type_ids, max(model.config.token_types, 1))
    check_inputs(model, ids)
    batches = length_order((ids != 0).sum(axis=1), batch_size, sort=False)
    with tf.device(choose_device()):
        parts = [_states(model, input_tensor(ids[b]), input_tensor(types[b])) for b in batches]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def _states(model: Transformer, ids: tf.Tensor, types: tf.Tensor) -> list[np.ndarray]:
    mask = model.attention_mask(ids)
    states = [model.embed(ids, types if model.config.token_types else None)]
    for block in model.blocks:
        states.append(block(states[-1], mask=mask)[0])
    states[-1] = model.final_norm(states[-1])
    return [to_numpy(state) for state in states]


@implements(described.pool)
def pool(states: tf.Tensor, ids: tf.Tensor, pooling: str = "mean") -> tf.Tensor:
    checks.check_pooling(pooling)
    if pooling == "first":
        return states[:, 0]
    mask = tf.cast(ids != 0, states.dtype)[..., None]  # (batch, length, 1)
    return tf.reduce_sum(states * mask, axis=1) / tf.maximum(tf.reduce_sum(mask, axis=1), 1)


@implements(described.encode, own=("texts",))
def encode(
    model: Transformer,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    batch_size: int = 32,
    pooling: str = "mean",
    max_length: int = 128,
    sort: bool = True,
    dtype: str = "float32",
    progress: bool = True,
) -> np.ndarray:
    checks.check_vocabulary_size(tokenizer.vocabulary_size, model.vocabulary_size)
    checks.check_pooling(pooling)
    checks.check_dtype(dtype)
    encoded = tokenizer.encode(texts, max_length=max_length)
    batches = length_order(encoded.lengths, batch_size, sort)
    vectors = np.empty((len(encoded.lengths), model.config.d_model), np.float32)
    compiled = _compiled(model, pooling, dtype)
    with tf.device(choose_device()):
        for rows in track(batches, "encoding", "batch") if progress else batches:
            ids = to_tensor(encoded.input_ids[rows, : encoded.lengths[rows].max()])
            vectors[rows] = to_numpy(compiled(ids))
    return vectors


def _compiled(model: Transformer, pooling: str, dtype: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the compiled way from ids to vectors. It stays with the model: tracing takes seconds.

    All axes are open, so one trace serves all batches. A model that got other layers since, such
    as fewer blocks, is traced anew.
    """
    name = f"_encode_{pooling}_{dtype}"
    traced = [model.config, model.scale, *sub_layers(model)]
    if getattr(getattr(model, name, None), "traced", None) != traced:

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64)], jit_compile=False)
        def compiled(ids):
            with _dense_layers_in(model, dtype):
                states = model(ids)
            return tf.math.l2_normalize(pool(states, ids, pooling), axis=1)  # (batch, d_model)

        compiled.traced = traced
        setattr(model, name, compiled)
    return getattr(model, name)


@contextmanager
def _dense_layers_in(model: Transformer, dtype: str) -> Iterator[None]:
    """Let dense layers, and the attention between them, compute in a dtype, for a `with` block.

    Their weights stay as they are, and all other layers turn what they are given into float32.
    """
    dense = [layer for _, layer in sub_layers(model) if isinstance(layer, keras.layers.Dense)]
    before = [layer.dtype_policy for layer in dense]
    try:
        for layer in dense:
            layer.dtype_policy = keras.DTypePolicy(
                dtype if dtype == "float32" else f"mixed_{dtype}"
            )
        yield
    finally:
        for layer, policy in zip(dense, before, strict=True):
            layer.dtype_policy = policy


@implements(described.BertClassifier)
class BertClassifier(keras.Model):
    def __init__(self, bert: Transformer, n_classes: int, dropout: float = 0.1):
        super().__init__()
        check_layer(n_classes=n_classes, d_model=bert.config.d_model)
        check_share(dropout, "The dropout rate")
        self.vocabulary_size = bert.vocabulary_size
        self.bert = bert
        self.dropout = keras.layers.Dropout(dropout)
        self.classify = make_dense(bert.config.d_model, n_classes)
        self.built = True

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        return self.classify(self.dropout(pool(self.bert(ids), ids)))


@implements(described.MaskedLanguageModel)
class MaskedLanguageModel(keras.Model):
    def __init__(
        self,
        bert: Transformer,
        candidates: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        transform: bool = False,
    ):
        super().__init__()
        ids = checks.check_candidates(candidates, bert.vocabulary_size)
        self.vocabulary_size = bert.vocabulary_size
        self.bert = bert
        if transform:
            d_model = bert.config.d_model
            self.transform = make_dense(d_model, d_model)
            self.transform_norm = make_norm(d_model, bert.config.epsilon)
        self.candidates = to_tensor(ids)
        self.bias = make_table(len(ids), 1)  # one number each, as a table: `get_weights` knows it
        self.built = True
        set_weights(self, {"bias.table": log_shares(len(ids), counts)}, partial=True)

    def call(self, ids: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
        states = self.bert(ids)  # (batch, length, d_model)
        blanks = tf.gather(states, positions, batch_dims=1)  # (batch, blanks, d_model)
        if hasattr(self, "transform"):
            blanks = self.transform_norm(tf.nn.gelu(self.transform(blanks), approximate=False))
        table = self.bert.token_embedding(self.candidates)  # (classes, d_model)
        return tf.matmul(blanks, table, transpose_b=True) + self.bias.embeddings[:, 0]


@implements(described.load_masked_lm)
def load_masked_lm() -> MaskedLanguageModel:
    layers, candidates, weights = read_masked_head()
    bert = load_bert(layers=layers)
    model = MaskedLanguageModel(bert, candidates, transform=True)
    table = get_weights(bert)["token_embedding.table"]
    mask_token_id = WordPiece.from_folder(encoder()).mask_token_id
    set_weights(model, with_table(weights, table, mask_token_id), partial=True)
    return model
