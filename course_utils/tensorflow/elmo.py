"""Two LSTMs that read a text from both sides, in the manner of ELMo (lesson 5).

Docstrings of public names stand in course_utils/interface/elmo.py.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.bert.elmo import bidirectional_states, elmo_checkpoint
from course_utils.interface import elmo as described, implements
from course_utils.tensorflow.device import choose_device, to_numpy, to_tensor
from course_utils.tensorflow.transformer import built
from course_utils.tensorflow.weights import load_weights
from course_utils.text.checks import check_layer


@implements(described.BiLM)
class BiLM(keras.Model):
    def __init__(self, width: int = 384, units: int = 256):
        super().__init__()
        check_layer(width=width, units=units)
        self.forward_lstm = keras.layers.LSTM(units, return_sequences=True)
        self.backward_lstm = keras.layers.LSTM(units, return_sequences=True)
        for lstm in (self.forward_lstm, self.backward_lstm):
            built(lstm, (None, None, width))
        self.built = True

    def call(self, vectors: tf.Tensor, reversed_vectors: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return self.forward_lstm(vectors), self.backward_lstm(reversed_vectors)


@implements(described.load_elmo)
def load_elmo() -> BiLM:
    checkpoint = elmo_checkpoint()
    model = BiLM(units=checkpoint.log["settings"]["units"])
    load_weights(model, checkpoint.path)
    return model


@implements(described.elmo_states, own=("texts",))
def elmo_states(
    model: BiLM, tokenizer: Any, texts: Sequence[str], *, batch_size: int = 64
) -> list[np.ndarray]:
    def read(*orders):
        return [to_numpy(states) for states in model(*map(to_tensor, orders))]

    with tf.device(choose_device()):
        return bidirectional_states(read, tokenizer, texts, batch_size)
