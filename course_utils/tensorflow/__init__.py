"""The TensorFlow adapter: the same names and signatures as `course_utils.pytorch`."""

from course_utils.tensorflow import quiet  # noqa: F401  (first: it loads TensorFlow silently)
from course_utils.tensorflow.device import (
    choose_device,
    describe_device,
    set_seed,
    to_numpy,
    to_tensor,
)
from course_utils.tensorflow.language import (
    chunk_step,
    make_writer,
    mean_loss,
    train_language_model,
)
from course_utils.tensorflow.layers import BagClassifier, LanguageModel
from course_utils.tensorflow.training import evaluate, fit, make_optimizer, predict, train_step
from course_utils.tensorflow.weights import (
    count_parameters,
    get_weights,
    initialize,
    load_weights,
    save_weights,
    set_weights,
)
from course_utils.tensorflow.word2vec import train_word2vec

__all__ = [
    "BagClassifier",
    "LanguageModel",
    "choose_device",
    "chunk_step",
    "count_parameters",
    "describe_device",
    "evaluate",
    "fit",
    "get_weights",
    "initialize",
    "load_weights",
    "make_optimizer",
    "make_writer",
    "mean_loss",
    "predict",
    "save_weights",
    "set_seed",
    "set_weights",
    "to_numpy",
    "to_tensor",
    "train_language_model",
    "train_step",
    "train_word2vec",
]
