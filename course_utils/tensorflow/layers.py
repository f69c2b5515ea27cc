"""Models that one lesson writes out and later lessons import."""

import keras
import tensorflow as tf


class BagClassifier(keras.Model):
    """Average the embeddings of a text and score the classes (lesson 1).

    Parameters
    ----------
    vocabulary_size, dimension, classes : int

    References
    ----------
    A. Joulin et al., Bag of tricks for efficient text classification, 2017, section 2.
    """

    def __init__(self, vocabulary_size: int, dimension: int, classes: int):
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.embedding = keras.layers.Embedding(vocabulary_size, dimension)
        self.classify = keras.layers.Dense(classes)

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        """From word ids (batch, length), 0 = padding, to logits (batch, classes)."""
        mask = tf.cast(ids != 0, tf.float32)[..., None]  # (batch, length, 1)
        vectors = self.embedding(ids) * mask  # (batch, length, dimension)
        mean = tf.reduce_sum(vectors, axis=1) / tf.maximum(tf.reduce_sum(mask, axis=1), 1)
        return self.classify(mean)


class LanguageModel(keras.Model):
    """Score the next token at every place of a text: embedding, LSTM, linear layer (lesson 3).

    Parameters
    ----------
    vocabulary_size : int
        V, the number of tokens.
    dimension, units : int
        Numbers of a token's embedding, and of the LSTM's two states.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997; with forget gates: F. Gers,
    J. Schmidhuber, F. Cummins, Learning to forget, 2000.
    """

    def __init__(self, vocabulary_size: int, dimension: int = 64, units: int = 256):
        super().__init__()
        self.vocabulary_size, self.units = vocabulary_size, units
        self.embedding = keras.layers.Embedding(vocabulary_size, dimension)
        self.lstm = keras.layers.LSTM(units, return_sequences=True, return_state=True)
        self.score = keras.layers.Dense(vocabulary_size)

    def call(self, ids: tf.Tensor, state=None):
        """From ids (batch, length) to logits (batch, length, V), and the state after them."""
        hidden, *state = self.lstm(self.embedding(ids), initial_state=state)
        return self.score(hidden), state

    def start(self, batch: int):
        """Return the empty state of so many texts: two times (batch, units) zeros."""
        return [tf.zeros((batch, self.units)), tf.zeros((batch, self.units))]
