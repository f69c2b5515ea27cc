"""All lessons, in PyTorch: the same names and signatures as `course_utils.tensorflow`."""

try:
    import torch
except ImportError as error:
    raise ImportError(
        'PyTorch is not installed here: run `pip install -c constraints.txt -e ".[pytorch]"`.'
    ) from error

from course_utils.pytorch.bert import (
    BertClassifier,
    MaskedLanguageModel,
    encode,
    hidden_states,
    load_bert,
    load_masked_lm,
    pool,
)
from course_utils.pytorch.classifier import BagClassifier
from course_utils.pytorch.device import (
    choose_device,
    describe_device,
    full_precision,
    on_cpu,
    set_seed,
    to_numpy,
    to_tensor,
)
from course_utils.pytorch.elmo import BiLM, elmo_states, load_elmo
from course_utils.pytorch.language import (
    LanguageModel,
    make_generator,
    mean_loss,
    train_language_model,
)
from course_utils.pytorch.sequences import token_loss, train_sequences
from course_utils.pytorch.training import (
    cross_entropy,
    evaluate,
    fit,
    make_optimizer,
    make_train_step,
    predict,
)
from course_utils.pytorch.transformer import (
    FeedForward,
    MultiHeadAttention,
    Transformer,
    TransformerBlock,
    attend,
    causal_mask,
    padding_mask,
)
from course_utils.pytorch.weights import (
    count_parameters,
    get_weights,
    initialize,
    load_weights,
    save_weights,
    set_weights,
)
from course_utils.pytorch.word2vec import train_word2vec
