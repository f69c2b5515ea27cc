"""The transformer of lesson 4, as later lessons use it.

Docstrings of public names stand in course_utils/interface/transformer.py.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import keras
import numpy as np
import tensorflow as tf

from course_utils.interface import implements, transformer as described
from course_utils.tensorflow.device import choose_device, to_tensor
from course_utils.text.checks import check_ids, check_layer, check_size, whole_number
from course_utils.transformer import TransformerConfig, checks, sinusoidal_positions

Layer = TypeVar("Layer", bound=keras.Layer)
Weights = dict[str, tf.Tensor]  # of one block: "self" and perhaps "cross"


@implements(described.padding_mask)
def padding_mask(ids: tf.Tensor) -> tf.Tensor:
    return (ids != 0)[:, None, None, :]


@implements(described.causal_mask)
def causal_mask(length: int | tf.Tensor, device: str | None = None) -> tf.Tensor:
    if not tf.is_tensor(length):
        check_size(whole_number(length, "The length", 1), length, what="The mask")
    with tf.device(device):
        return (tf.range(length)[:, None] >= tf.range(length))[None, None]


@implements(described.attend)
def attend(
    query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, mask: tf.Tensor | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, scores.dtype.min)
    weights = tf.nn.softmax(scores)  # (..., queries, keys)
    return weights @ value, weights


def _no_mask(self: keras.layers.Layer, inputs: tf.Tensor, previous_mask: tf.Tensor | None) -> None:
    """Keep Keras from handing an argument named `mask` on with the output."""


@implements(described.MultiHeadAttention)
class MultiHeadAttention(keras.layers.Layer):
    compute_mask = _no_mask
    output: Any = None  # Keras has a property of this name, which would refuse the layer below

    def __init__(self, d_model: int, heads: int):
        super().__init__()
        checks.check_heads(d_model, heads)
        check_layer(d_model=d_model, width=d_model)
        self.heads = heads
        self.query = make_dense(d_model, d_model)
        self.key = make_dense(d_model, d_model)
        self.value = make_dense(d_model, d_model)
        self.output = make_dense(d_model, d_model)
        self.built = True

    def call(
        self,
        x: tf.Tensor,
        memory: tf.Tensor,
        mask: tf.Tensor | None = None,
        *,
        return_attention: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        checks.check_attention(x.shape, memory.shape, mask)
        query = self._split(self.query(x))  # (batch, heads, queries, d_model / heads)
        key = self._split(self.key(memory))  # (batch, heads, keys, d_model / heads)
        value = self._split(self.value(memory))
        mixed, weights = attend(query, key, value, mask)
        joined = tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), tf.shape(x))
        y = self.output(tf.ensure_shape(joined, x.shape))
        return y, weights if return_attention else None

    def _split(self, x: tf.Tensor) -> tf.Tensor:
        """From (batch, length, d_model) to (batch, heads, length, d_model / heads)."""
        sizes = [*tf.unstack(tf.shape(x)[:2]), self.heads, x.shape[2] // self.heads]
        return tf.transpose(tf.reshape(x, sizes), (0, 2, 1, 3))


@implements(described.FeedForward)
class FeedForward(keras.layers.Layer):
    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        check_layer(d_model=d_model, d_ff=d_ff)
        self.inner = make_dense(d_model, d_ff)
        self.outer = make_dense(d_ff, d_model)
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.outer(tf.nn.gelu(self.inner(x), approximate=False))


@implements(described.TransformerBlock)
class TransformerBlock(keras.layers.Layer):
    compute_mask = _no_mask

    def __init__(self, config: TransformerConfig):
        super().__init__()
        d_model, heads, epsilon = config.d_model, config.heads, config.epsilon
        self.norm_first = config.norm_first
        self.attention = MultiHeadAttention(d_model, heads)
        self.attention_norm = make_norm(d_model, epsilon)
        self.cross = config.cross
        if config.cross:
            self.cross_attention = MultiHeadAttention(d_model, heads)
            self.cross_norm = make_norm(d_model, epsilon)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.feed_forward_norm = make_norm(d_model, epsilon)
        self.dropout = keras.layers.Dropout(config.dropout)
        self.built = True

    def call(
        self,
        x: tf.Tensor,
        *,
        mask: tf.Tensor | None = None,
        memory: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
        return_attention: bool = False,
    ) -> tuple[tf.Tensor, Weights | None]:
        checks.check_memory(self.cross, memory, memory_mask)
        weights: Weights = {}

        def attend_to_itself(y: tf.Tensor) -> tf.Tensor:
            y, weights["self"] = self.attention(y, y, mask, return_attention=True)
            return y

        def attend_to_memory(y: tf.Tensor) -> tf.Tensor:
            y, weights["cross"] = self.cross_attention(
                y, memory, memory_mask, return_attention=True
            )
            return y

        x = self._residual(x, self.attention_norm, attend_to_itself)
        if self.cross:
            x = self._residual(x, self.cross_norm, attend_to_memory)
        x = self._residual(x, self.feed_forward_norm, self.feed_forward)
        return x, weights if return_attention else None

    def _residual(
        self, x: tf.Tensor, norm: keras.layers.Layer, sublayer: Callable[[tf.Tensor], tf.Tensor]
    ) -> tf.Tensor:
        """Pre-norm is x + sublayer(norm(x)), post-norm norm(x + sublayer(x))."""
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))


@implements(described.Transformer)
class Transformer(keras.Model):
    def __init__(self, config: TransformerConfig):
        super().__init__()
        check_layer(vocabulary_size=config.vocabulary_size, d_model=config.d_model)
        check_layer(max_length=config.max_length, width=config.d_model)
        check_size(config.layers, config.d_model, config.d_ff or 4 * config.d_model, what="Blocks")
        self.config = config
        self.vocabulary_size = config.vocabulary_size
        d_model = config.d_model
        self.scale = d_model**0.5 if config.scale_tokens else 1.0
        self.token_embedding = make_table(config.vocabulary_size, d_model)
        self.position_embedding = None
        self.token_type_embedding = None
        self.sinusoids = None
        if config.positions == "learned":
            self.position_embedding = make_table(config.max_length, d_model)
        if config.positions == "sinusoidal":
            self.sinusoids = to_tensor(sinusoidal_positions(config.max_length, d_model))
        if config.token_types:
            self.token_type_embedding = make_table(config.token_types, d_model)
        self.blocks = [TransformerBlock(config) for _ in range(config.layers)]
        norm = make_norm(d_model, config.epsilon)
        self.embedding_norm = keras.layers.Identity() if config.norm_first else norm
        self.final_norm = norm if config.norm_first else keras.layers.Identity()
        self.dropout = keras.layers.Dropout(config.dropout)
        self.built = True

    def call(
        self,
        ids: tf.Tensor,
        *,
        memory: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        return_attention: bool = False,
    ) -> tf.Tensor | tuple[tf.Tensor, list[Weights]]:
        x = self.embed(ids, token_type_ids)
        mask = self.attention_mask(ids)
        attention = []
        for block in self.blocks:
            x, block_weights = block(
                x, mask=mask, memory=memory, memory_mask=memory_mask, return_attention=True
            )
            attention.append(block_weights)
        x = self.final_norm(x)
        return (x, attention) if return_attention else x

    def attention_mask(self, ids: tf.Tensor) -> tf.Tensor:
        mask = padding_mask(ids)  # (batch, 1, 1, length)
        if self.config.causal:
            mask = mask & causal_mask(tf.shape(ids)[1], ids.device)  # (batch, 1, length, length)
        return mask

    def embed(self, ids: tf.Tensor, token_type_ids: tf.Tensor | None = None) -> tf.Tensor:
        if tf.executing_eagerly():  # Keras takes negative ids from the end of the table
            check_ids(np.asarray(ids), self.config.vocabulary_size)
        length = tf.shape(ids)[1]
        checks.check_types_used(self.config.token_types, token_type_ids)
        x = self.token_embedding(ids) * self.scale
        if self.config.positions != "none":
            checks.check_length(ids.shape[1], self.config.max_length)
        if self.position_embedding is not None:
            x = x + self.position_embedding.embeddings[:length]
        if self.sinusoids is not None:
            x = x + self.sinusoids[:length]
        if self.token_type_embedding is not None:
            types = tf.zeros_like(ids) if token_type_ids is None else token_type_ids
            if tf.executing_eagerly():
                checks.check_token_types(np.asarray(types), self.config.token_types)
            x = x + self.token_type_embedding(types)
        return self.dropout(self.embedding_norm(x))


# The sizes are known, so the layers get their weights at once. Keras would otherwise run each
# block once more, only to find out.
def built(layer: Layer, shape: tuple[int | None, ...] | None) -> Layer:
    """Give a layer its weights, on the chosen device, for inputs of a shape; return the layer."""
    with tf.device(choose_device()):
        layer.build(shape)
    return layer


def make_dense(inputs: int, outputs: int) -> keras.layers.Dense:
    """Return a dense layer that has its weights already."""
    return built(keras.layers.Dense(outputs), (None, inputs))


def make_table(rows: int, d_model: int) -> keras.layers.Embedding:
    """Return an embedding table that has its weights already."""
    return built(keras.layers.Embedding(rows, d_model), None)


def make_norm(d_model: int, epsilon: float) -> keras.layers.LayerNormalization:
    """Return a layer normalization that has its weights already."""
    return built(keras.layers.LayerNormalization(epsilon=epsilon), (None, d_model))
