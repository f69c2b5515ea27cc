"""BERT of lesson 5: the block of lesson 4 with pre-trained weights, and what is built on it."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from course_utils.bert.checkpoint import check_fit, read_bert
from course_utils.bert.checks import check_pooling, check_segments
from course_utils.bert.masking import check_candidates, log_shares
from course_utils.bert.wordpiece import WordPiece
from course_utils.tensorflow.device import choose_device, input_tensor, to_numpy, to_tensor
from course_utils.tensorflow.transformer import (
    Transformer,
    make_dense,
    make_table,
    padding_mask,
)
from course_utils.tensorflow.weights import set_weights, sub_layers
from course_utils.training.bars import progress as progress_bar
from course_utils.training.batches import check_inputs, length_order
from course_utils.transformer.config import TransformerConfig


def load_bert(
    folder: str | Path | None = None, *, layers: int | None = None, dropout: float = 0.0
) -> Transformer:
    """Return a transformer of the course with the weights of a BERT model.

    Parameters
    ----------
    folder : path, optional
        With `config.json` and `model.safetensors`; by default that of all-MiniLM-L6-v2.
    layers : int, optional
        Take the lowest blocks only, so many of them; by default all.
    dropout : float
        Share of the numbers that are set to 0 in training; BERT was pre-trained with 0.1.

    Raises
    ------
    InputError
        If a file is missing or damaged, the weights do not fit the settings or the course's block,
        or there are fewer blocks.

    References
    ----------
    J. Devlin et al., BERT, 2019; W. Wang et al., MiniLM, 2020.
    """
    if folder is None:
        from course_utils.data.encoder import encoder

        folder = encoder()
    settings, weights = read_bert(folder, layers)
    model = Transformer(TransformerConfig(**settings, dropout=dropout))
    set_weights(model, weights)
    return model


def hidden_states(
    model: Transformer,
    ids: np.ndarray,
    segments: np.ndarray | None = None,
    *,
    batch_size: int = 64,
) -> list[np.ndarray]:
    """Return what enters the first block, and what leaves each block.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
        0 is padding.
    segments : ndarray of int, shape (n, length), optional
        1 at the second text of a pair; by default 0 everywhere.
    batch_size : int
        Rows that are computed at once.

    Returns
    -------
    list of ndarrays (n, length, width), one more than there are blocks

    Raises
    ------
    InputError
        If there are no rows, an id or a segment is outside the model's tables, the segments have
        another shape than the ids, the rows are too long, or the batch size is below 1.
    """
    kinds = 1 if model.token_type_embedding is None else model.token_type_embedding.input_dim
    ids, segments = check_segments(ids, segments, kinds)
    check_inputs(model, ids)
    batches = length_order((ids != 0).sum(axis=1), batch_size, sort=False)
    with tf.device(choose_device()):
        parts = [_states(model, input_tensor(ids[b]), input_tensor(segments[b])) for b in batches]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def _states(model: Transformer, ids: tf.Tensor, segments: tf.Tensor) -> list[np.ndarray]:
    x, mask = model.embed(ids, segments), padding_mask(ids)
    states = [x]
    for block in model.blocks:
        x = block(x, mask=mask)
        states.append(x)
    return [to_numpy(state) for state in states]


def pool(states: tf.Tensor, ids: tf.Tensor, how: str = "mean") -> tf.Tensor:
    """Return one vector for each text.

    Parameters
    ----------
    states : (batch, length, width)
    ids : (batch, length), 0 = padding
    how : {"mean", "first"}
        The mean over all tokens that are no padding, or the first token, `[CLS]`.

    Returns
    -------
    tensor (batch, width)

    Raises
    ------
    InputError
        If there is no such pooling.

    References
    ----------
    N. Reimers, I. Gurevych, Sentence-BERT, 2019, section 3.
    """
    check_pooling(how)
    if how == "first":
        return states[:, 0]
    words = tf.cast(ids != 0, states.dtype)[..., None]  # (batch, length, 1)
    return tf.reduce_sum(states * words, axis=1) / tf.maximum(tf.reduce_sum(words, axis=1), 1)


def encode(
    model: Transformer,
    tokenizer: WordPiece,
    texts: Sequence[str],
    *,
    batch_size: int = 32,
    pooling: str = "mean",
    length: int = 128,
    sort: bool = True,
    progress: bool = True,
) -> np.ndarray:
    """Return a vector of length 1 for each text, shape (n, width), float32.

    Parameters
    ----------
    model : Transformer
        As `load_bert` returns it.
    tokenizer : WordPiece
        From the same folder as the model.
    texts : sequence of str, length n
    batch_size : int
        Texts that are computed at once.
    pooling : {"mean", "first"}
        As in `pool`.
    length : int
        Longer texts lose their end.
    sort : bool
        Whether texts of about equal length share a batch, so that little is padded.
    progress : bool
        Whether a bar shows how many batches are done.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the model, `length` is more than the
        model can read, there is no such pooling, or the batch size is below 1.
    """
    check_fit(tokenizer.vocabulary_size, model.vocabulary_size)
    check_pooling(pooling)
    encoded = tokenizer.encode(texts, length=length)
    batches = length_order(encoded.lengths, batch_size, sort)
    vectors = np.empty((len(encoded.ids), model.token_embedding.output_dim), np.float32)
    compiled = _compiled(model, pooling)
    with tf.device(choose_device()):
        for rows in progress_bar(batches, "encoding", "batch") if progress else batches:
            ids = to_tensor(encoded.ids[rows, : encoded.lengths[rows].max()])
            vectors[rows] = to_numpy(compiled(ids))
    return vectors


def _compiled(model: Transformer, pooling: str):
    """Return the compiled way from ids to vectors. It stays with the model: tracing takes seconds.

    All axes are open, so one trace serves all batches. A model that got other layers since, such
    as fewer blocks, is traced anew.
    """
    name = f"_encode_{pooling}"
    traced = [model.scale, model.config, *sub_layers(model)]
    if getattr(getattr(model, name, None), "traced", None) != traced:

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64)], jit_compile=False)
        def compiled(ids):
            return tf.math.l2_normalize(pool(model(ids), ids, pooling), axis=1)  # (batch, width)

        compiled.traced = traced
        setattr(model, name, compiled)
    return getattr(model, name)


class BertClassifier(keras.Model):
    """Score classes from the mean of BERT's vectors; all weights can be trained.

    Parameters
    ----------
    bert : Transformer
    n_classes : int
    dropout : float
        Share of the mean's numbers that are set to 0 in training.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 4.1 (there with the first token).
    """

    def __init__(self, bert: Transformer, n_classes: int, dropout: float = 0.1):
        super().__init__()
        self.vocabulary_size, width = bert.token_embedding.embeddings.shape
        self.bert, self.dropout = bert, keras.layers.Dropout(dropout)
        self.classify = make_dense(width, n_classes)
        self.built = True

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        """From ids (batch, length), 0 = padding, to logits (batch, n_classes)."""
        return self.classify(self.dropout(pool(self.bert(ids), ids)))


class MaskedHead(keras.Model):
    """Score which piece was hidden: BERT's vector times the input vectors, and a bias.

    It is trained with `train_sequences` on batches that `course_utils.bert.wordpiece.masked_batch`
    makes.

    Parameters
    ----------
    bert : Transformer
    candidates : array of int, shape (classes,)
        Sorted ids of the pieces that are scored; the first is 0, padding, the class of places
        where nothing is asked.
    counts : array of int, shape (classes,), optional
        How often each occurs. The bias begins as the logarithm of the shares, so that the head
        begins as good as a guess from frequencies.

    Raises
    ------
    InputError
        If the candidates are not sorted or do not begin with 0, or there are not as many counts
        as candidates.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1; O. Press, L. Wolf, Using the output embedding to
    improve language models, 2017 (one table for input and output).
    """

    def __init__(self, bert: Transformer, candidates: np.ndarray, counts: np.ndarray | None = None):
        super().__init__()
        check_candidates(candidates)
        self.bert, self.vocabulary_size = bert, bert.vocabulary_size
        self.candidates = tf.constant(candidates, tf.int64)
        self.bias = make_table(len(candidates), 1)  # one number for each candidate
        self.built = True
        set_weights(self, {"bias.table": log_shares(len(candidates), counts)}, partial=True)

    def call(self, ids: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        """From ids (batch, length) and places (batch, asked) to logits (batch, asked, classes)."""
        states = self.bert(ids)  # (batch, length, width)
        asked = tf.gather(states, places, batch_dims=1)  # (batch, asked, width)
        table = self.bert.token_embedding(self.candidates)  # (classes, width)
        return tf.matmul(asked, table, transpose_b=True) + self.bias.embeddings[:, 0]
