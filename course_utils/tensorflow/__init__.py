"""All lessons, in TensorFlow: the same names and signatures as `course_utils.pytorch`."""

from course_utils.tensorflow import quiet  # noqa: F401  (first: it loads TensorFlow silently)
from course_utils.tensorflow.bert import (
    BertClassifier,
    MaskedHead,
    encode,
    hidden_states,
    load_bert,
    pool,
)
from course_utils.tensorflow.classifier import BagClassifier
from course_utils.tensorflow.device import (
    choose_device,
    describe_device,
    set_seed,
    to_numpy,
    to_tensor,
)
from course_utils.tensorflow.elmo import BiLM, elmo_states, load_elmo
from course_utils.tensorflow.language import (
    LanguageModel,
    make_generator,
    mean_loss,
    train_language_model,
)
from course_utils.tensorflow.sequences import token_loss, train_sequences
from course_utils.tensorflow.training import (
    cross_entropy,
    evaluate,
    fit,
    make_optimizer,
    make_train_step,
    predict,
)
from course_utils.tensorflow.transformer import (
    FeedForward,
    MultiHeadAttention,
    Transformer,
    TransformerBlock,
    attend,
    causal_mask,
    padding_mask,
)
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
    "BertClassifier",
    "BiLM",
    "FeedForward",
    "LanguageModel",
    "MaskedHead",
    "MultiHeadAttention",
    "Transformer",
    "TransformerBlock",
    "attend",
    "causal_mask",
    "choose_device",
    "count_parameters",
    "cross_entropy",
    "describe_device",
    "elmo_states",
    "encode",
    "evaluate",
    "fit",
    "get_weights",
    "hidden_states",
    "initialize",
    "load_bert",
    "load_elmo",
    "load_weights",
    "make_generator",
    "make_optimizer",
    "make_train_step",
    "mean_loss",
    "padding_mask",
    "pool",
    "predict",
    "save_weights",
    "set_seed",
    "set_weights",
    "to_numpy",
    "to_tensor",
    "token_loss",
    "train_language_model",
    "train_sequences",
    "train_word2vec",
]
