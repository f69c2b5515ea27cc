"""Lesson 3: n-grams, generating text with a model, and how good the text is."""

from course_utils.rnn.generation import Sampling, TextGenerator, next_probabilities, sample, softmax
from course_utils.rnn.ngrams import NGramModel
from course_utils.rnn.text_quality import (
    distinct_ngrams,
    line_tokenizes,
    loop_length,
    loop_rate,
    share_of_known_words,
    share_of_lines,
    words_of,
)
