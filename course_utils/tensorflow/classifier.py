"""The classifier that lesson 1 writes out and later lessons import.

The docstrings of the public names stand in `course_utils/interface/classifier.py`.
"""

import keras
import tensorflow as tf

from course_utils.interface import classifier as described, implements
from course_utils.text.checks import check_layer


@implements(described.BagClassifier)
class BagClassifier(keras.Model):
    def __init__(self, vocabulary_size: int, dimension: int, classes: int):
        super().__init__()
        check_layer(vocabulary_size=vocabulary_size, dimension=dimension, classes=classes)
        self.vocabulary_size = vocabulary_size
        self.embedding = keras.layers.Embedding(vocabulary_size, dimension)
        self.classify = keras.layers.Dense(classes)

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        mask = tf.cast(ids != 0, tf.float32)[..., None]  # (batch, length, 1)
        vectors = self.embedding(ids) * mask  # (batch, length, dimension)
        mean = tf.reduce_sum(vectors, axis=1) / tf.maximum(tf.reduce_sum(mask, axis=1), 1)
        return self.classify(mean)
