"""All lessons, in TensorFlow: the same names and signatures as `course_utils.pytorch`."""

from course_utils.tensorflow import quiet  # first: it loads TensorFlow silently
from course_utils.tensorflow.bert import (
    BertClassifier,
    MaskedLanguageModel,
    encode,
    hidden_states,
    load_bert,
    load_masked_lm,
    pool,
)
from course_utils.tensorflow.classifier import BagClassifier
from course_utils.tensorflow.device import (
    choose_device,
    describe_device,
    full_precision,
    on_cpu,
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
