"""Lesson 3: n-grams, writing text with a model, and how good the text is."""

from course_utils.rnn.generation import Writer, check_settings, choose, next_probabilities, softmax
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

__all__ = [
    "NGramModel",
    "Writer",
    "check_settings",
    "choose",
    "distinct_ngrams",
    "line_tokenizes",
    "loop_length",
    "loop_rate",
    "next_probabilities",
    "share_of_known_words",
    "share_of_lines",
    "softmax",
    "words_of",
]
