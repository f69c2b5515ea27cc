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
