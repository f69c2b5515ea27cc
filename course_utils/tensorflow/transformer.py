"""The transformer of lesson 4, as later lessons use it."""

import keras
import tensorflow as tf

from course_utils.transformer import (
    check_heads,
    check_length,
    check_mask,
    check_positions,
    sinusoidal_positions,
)


def padding_mask(ids: tf.Tensor) -> tf.Tensor:
    """From ids (batch, length), 0 = padding, to a mask (batch, 1, 1, length): True is a word."""
    return (ids != 0)[:, None, None, :]


def causal_mask(length: int) -> tf.Tensor:
    """Return a mask (1, 1, length, length) in which each place may look at itself and before."""
    return (tf.range(length)[:, None] >= tf.range(length))[None, None]


def attend(
    query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, visible: tf.Tensor | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return scaled dot-product attention and its weights.

    Parameters
    ----------
    query : (..., queries, d)
    key, value : (..., keys, d)
    visible : bool, broadcast to (..., queries, keys), optional
        True where a query may look. A query that may look nowhere looks everywhere alike.

    Returns
    -------
    mixed : (..., queries, d)
    weights : (..., queries, keys), each row sums to 1

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, eq. 1.
    """
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if visible is not None:
        scores = tf.where(visible, scores, scores.dtype.min)
    weights = tf.nn.softmax(scores)  # (..., queries, keys)
    return weights @ value, weights


class MultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, each in its own share of the width.

    Parameters
    ----------
    width, heads : int

    Raises
    ------
    InputError
        If the heads do not divide the width.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.2.2.
    """

    output = None  # Keras has a property of this name, which would refuse the layer below

    def __init__(self, width: int, heads: int):
        super().__init__()
        check_heads(width, heads)
        self.heads = heads
        self.query, self.key, self.value, self.output = (_dense(width, width) for _ in range(4))
        self.built = True

    def call(
        self, x: tf.Tensor, memory: tf.Tensor, visible: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Let each place of x look at all places of memory.

        Parameters
        ----------
        x : (batch, queries, width)
        memory : (batch, keys, width)
        visible : bool, (batch or 1, heads or 1, queries or 1, keys or 1), optional
            True where a query may look.

        Returns
        -------
        mixed : (batch, queries, width)
        weights : (batch, heads, queries, keys)

        Raises
        ------
        InputError
            If the mask has another shape.
        """
        if visible is not None:
            check_mask(visible.shape, x.shape, memory.shape)
        query, key, value = self.query(x), self.key(memory), self.value(memory)
        mixed, weights = attend(*(self._split(t) for t in (query, key, value)), visible)
        joined = tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), tf.shape(x))
        return self.output(tf.ensure_shape(joined, x.shape)), weights

    def _split(self, x: tf.Tensor) -> tf.Tensor:
        """From (batch, length, width) to (batch, heads, length, width / heads)."""
        sizes = [*tf.unstack(tf.shape(x)[:2]), self.heads, x.shape[2] // self.heads]
        return tf.transpose(tf.reshape(x, sizes), (0, 2, 1, 3))


class FeedForward(keras.layers.Layer):
    """Two linear layers with a GELU between them, the same at each place.

    Parameters
    ----------
    width, hidden : int

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.3; D. Hendrycks, K. Gimpel,
    Gaussian error linear units, 2016 (the exact form, as BERT has it).
    """

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.inner, self.outer = _dense(width, hidden), _dense(hidden, width)
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """From (..., width) to (..., width)."""
        return self.outer(tf.nn.gelu(self.inner(x), approximate=False))


class TransformerBlock(keras.layers.Layer):
    """Attention and a feed-forward layer, each added to its input and normalized.

    Parameters
    ----------
    width, heads : int
    hidden : int, optional
        Width inside the feed-forward layer, 4 * width by default.
    cross : bool
        Whether the block also looks at a memory, as in a decoder.
    norm_first : bool
        Normalize the input of each part (True, "pre-norm") or the sum after it ("post-norm", as
        in the first transformer and in BERT).
    epsilon : float
        Added to the variance in each normalization.
    dropout : float
        Share of the numbers that are set to 0 in training.

    Raises
    ------
    InputError
        If the heads do not divide the width.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.1; R. Xiong et al., On layer
    normalization in the transformer architecture, 2020.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int | None = None,
        *,
        cross: bool = False,
        norm_first: bool = True,
        epsilon: float = 1e-5,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.norm_first, self.dropout = norm_first, keras.layers.Dropout(dropout)
        self.attention, self.norm = MultiHeadAttention(width, heads), _norm(width, epsilon)
        self.cross_attention = MultiHeadAttention(width, heads) if cross else None
        self.cross_norm = _norm(width, epsilon) if cross else None
        self.feed_forward = FeedForward(width, hidden or 4 * width)
        self.feed_forward_norm = _norm(width, epsilon)
        self.built = True

    def call(
        self,
        x: tf.Tensor,
        *,
        visible: tf.Tensor | None = None,
        memory: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Return the new vectors (batch, length, width), and the weights of each attention.

        Parameters
        ----------
        x : (batch, length, width)
        memory : (batch, keys, width), for a block made with `cross`
        visible, memory_mask : bool, as `MultiHeadAttention` takes them, optional

        Returns
        -------
        x : (batch, length, width)
        weights : dict
            "self" (batch, heads, length, length) and, with a memory, "cross".

        Raises
        ------
        InputError
            If a mask has the wrong shape.
        """
        weights = {}

        def look(kind, attention, memory, visible):
            def part(y):
                mixed, weights[kind] = attention(y, y if memory is None else memory, visible)
                return mixed

            return part

        x = self._add(x, self.norm, look("self", self.attention, None, visible))
        if self.cross_attention is not None:
            part = look("cross", self.cross_attention, memory, memory_mask)
            x = self._add(x, self.cross_norm, part)
        return self._add(x, self.feed_forward_norm, self.feed_forward), weights

    def _add(self, x, norm, part):
        """Add what a part makes of x to x, with the normalization before or after."""
        if self.norm_first:
            return x + self.dropout(part(norm(x)))
        return norm(x + self.dropout(part(x)))


class Transformer(keras.Model):
    """From ids to one vector for each place: tables, blocks, normalization.

    Parameters
    ----------
    vocabulary_size, width, heads, layers : int
    length : int
        The longest sequence that it can read, where it has positions.
    hidden : int, optional
        Width inside the feed-forward layers, 4 * width by default.
    positions : {"learned", "sinusoidal", "none"}
    scale_tokens : bool
        Whether token vectors are multiplied by the root of the width, as in the first
        transformer, so that they are about as large as the positions. BERT does not.
    causal : bool
        Whether no place may look at later ones.
    cross : bool
        Whether the blocks also look at a memory.
    segments : int
        Kinds of segments that ids may be marked with; 0 for none.
    norm_first, epsilon, dropout
        As in `TransformerBlock`. Pre-norm has its extra normalization at the end, post-norm at
        the beginning.

    Raises
    ------
    InputError
        If the heads do not divide the width, or there are no such positions.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017; J. Devlin et al., BERT, 2019.
    """

    def __init__(
        self,
        vocabulary_size: int,
        width: int,
        heads: int,
        layers: int,
        length: int,
        *,
        hidden: int | None = None,
        positions: str = "learned",
        scale_tokens: bool = True,
        causal: bool = False,
        cross: bool = False,
        segments: int = 0,
        norm_first: bool = True,
        epsilon: float = 1e-5,
        dropout: float = 0.0,
    ):
        super().__init__()
        check_positions(positions)
        self.vocabulary_size, self.length, self.causal = vocabulary_size, length, causal
        self.positions, self.norm_first = positions, norm_first
        self.scale = width**0.5 if scale_tokens else 1.0
        self.tokens = _table(vocabulary_size, width)
        self.places = _table(length, width) if positions == "learned" else None
        self.segments = _table(segments, width) if segments else None
        if positions == "sinusoidal":
            self.waves = tf.constant(sinusoidal_positions(length, width))
        self.norm, self.dropout = _norm(width, epsilon), keras.layers.Dropout(dropout)
        self.blocks = [
            TransformerBlock(
                width, heads, hidden, cross=cross, norm_first=norm_first, epsilon=epsilon,
                dropout=dropout,
            )
            for _ in range(layers)
        ]  # fmt: skip
        self.built = True

    def call(
        self,
        ids: tf.Tensor,
        *,
        memory: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
        segments: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """From ids (batch, length), 0 = padding, to vectors (batch, length, width).

        Parameters
        ----------
        memory : (batch, keys, width), for a decoder
        memory_mask : bool, (batch, 1, 1, keys), optional
        segments : (batch, length), optional
            The kind of each id's segment; 0 by default.

        Raises
        ------
        InputError
            If the sequence is longer than the positions.
        """
        states, _ = self.look(ids, memory=memory, memory_mask=memory_mask, segments=segments)
        return states

    def look(
        self,
        ids: tf.Tensor,
        *,
        memory: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
        segments: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, list[dict[str, tf.Tensor]]]:
        """Do as `call`, and return the attention weights of each block as well.

        Raises
        ------
        InputError
            If the sequence is longer than the positions.
        """
        visible = padding_mask(ids)
        if self.causal:
            visible = visible & causal_mask(tf.shape(ids)[1])
        x, weights = self.embed(ids, segments), []
        for block in self.blocks:
            x, own = block(x, visible=visible, memory=memory, memory_mask=memory_mask)
            weights.append(own)
        return self.norm(x) if self.norm_first else x, weights

    def embed(self, ids: tf.Tensor, segments: tf.Tensor | None = None) -> tf.Tensor:
        """From ids (batch, length) to the vectors (batch, length, width) that enter the blocks.

        Raises
        ------
        InputError
            If the sequence is longer than the positions.
        """
        x, length = self.tokens(ids) * self.scale, tf.shape(ids)[1]
        if self.positions != "none":
            check_length(ids.shape[1], self.length)
            x = x + (self.waves if self.places is None else self.places.embeddings)[:length]
        if self.segments is not None:
            x = x + self.segments(tf.zeros_like(ids) if segments is None else segments)
        return self.dropout(x if self.norm_first else self.norm(x))


# The widths are known, so the layers get their weights at once. Keras would otherwise run each
# block once more, only to find out.
def _dense(inputs: int, outputs: int) -> keras.layers.Dense:
    layer = keras.layers.Dense(outputs)
    layer.build((None, inputs))
    return layer


def _norm(width: int, epsilon: float) -> keras.layers.LayerNormalization:
    layer = keras.layers.LayerNormalization(epsilon=epsilon)
    layer.build((None, width))
    return layer


def _table(rows: int, width: int) -> keras.layers.Embedding:
    layer = keras.layers.Embedding(rows, width)
    layer.build(None)
    return layer
