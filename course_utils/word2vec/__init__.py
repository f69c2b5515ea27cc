"""Lesson 2: Word2Vec without a framework: the corpus, what a step sees, what comes out.

Everything that is drawn at random (which words are dropped, window sizes, negative samples, the
order) is drawn here, with NumPy. So PyTorch and TensorFlow take the same steps.
"""

from course_utils.word2vec.blocks import Batch, Blocks, Step
from course_utils.word2vec.corpus import Corpus, build_corpus, context_pairs
from course_utils.word2vec.held_out import held_out_loss
from course_utils.word2vec.model import (
    MAX_UPDATE_NORM,
    Tables,
    Word2VecModel,
    check_loss,
    starting_vectors,
)
from course_utils.word2vec.settings import BLOCK, Word2VecSettings

__all__ = [
    "BLOCK",
    "MAX_UPDATE_NORM",
    "Batch",
    "Blocks",
    "Corpus",
    "Step",
    "Tables",
    "Word2VecModel",
    "Word2VecSettings",
    "build_corpus",
    "check_loss",
    "context_pairs",
    "held_out_loss",
    "starting_vectors",
]
