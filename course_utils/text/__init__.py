"""Lesson 1, and all others: from words and characters to ids, and back."""

from course_utils.text.characters import PRINTABLE, UNKNOWN_SIGN, CharVocabulary
from course_utils.text.checks import check_ids
from course_utils.text.words import (
    Vocabulary,
    bag_of_words,
    encode_texts,
    flatten,
    frequent_words,
    pad,
    tokenize,
)
