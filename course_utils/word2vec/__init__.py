"""Lesson 2: Word2Vec without a framework: the corpus, what a step sees, what comes out.

Everything that is drawn at random (which words are dropped, window sizes, negative samples, the
order) is drawn here, with NumPy. So PyTorch and TensorFlow take the same steps.
"""

from course_utils.word2vec.blocks import Blocks
from course_utils.word2vec.corpus import Corpus, build_corpus
from course_utils.word2vec.measures import held_out_loss, score_analogies, similarity_correlation
from course_utils.word2vec.model import Word2VecModel
from course_utils.word2vec.settings import Word2VecSettings
