"""What the fine-tuned models of the small tasks must beat: rules that count words."""

import re
from collections.abc import Sequence

import numpy as np

from course_utils.text import tokenize

_KEYWORDS = {"default": "default", "raised": "rais"}  # how the keyword of a question begins
_LITTLE = {"is", "to", "of", "the", "a", "an", "value", "be", "will", "=", ":", "(", "'", '"', "`"}


def word_overlap(first: str, second: str) -> float:
    """Return the share of different words of two texts that both have (Jaccard)."""
    a, b = set(tokenize(first)), set(tokenize(second))
    return len(a & b) / max(1, len(a | b))


def nearest_keyword(kind: str, asked: str, words: Sequence[str]) -> list[int]:
    """Return the first and last word of the answer that stands after the nearest keyword.

    The keyword is the first one after the name that is asked about; little words after it do not
    count. A minus sign belongs to the number after it.
    """
    lower = [word.lower() for word in words]
    start = words.index(asked) if asked in words else 0
    found = [i for i in range(start, len(words)) if lower[i].startswith(_KEYWORDS[kind])]
    first = found[0] + 1 if found else start
    while first < len(words) - 1 and lower[first] in _LITTLE:
        first += 1
    first = min(first, len(words) - 1)
    return [first, min(first + (words[first] == "-"), len(words) - 1)]


def marked_words(paragraphs: list[list[str]], marked: list[list[bool]]) -> set[str]:
    """Return the words that were marked anywhere."""
    return {
        word
        for words, labels in zip(paragraphs, marked, strict=True)
        for word, label in zip(words, labels, strict=True)
        if label
    }


def code_like(word: str) -> bool:
    """Whether a word has an underscore, a point or a digit, or a capital after a small letter."""
    return re.search(r"_|\w\.\w|\d|[a-z][A-Z]", word) is not None


def f1_parts(
    paragraphs: list[list[str]], guessed: list[list[bool]], marked: list[list[bool]]
) -> np.ndarray:
    """Return 2 TP and 2 TP + FP + FN of each paragraph: (2, n); F1 is their sums' ratio.

    Marks of punctuation do not count.
    """
    parts = []
    for words, guesses, labels in zip(paragraphs, guessed, marked, strict=True):
        asked = np.array([word[0].isalnum() or word[0] == "_" for word in words])
        yes, right = np.array(guesses) & asked, np.array(labels) & asked
        parts.append([2 * (yes & right).sum(), yes.sum() + right.sum()])
    return np.array(parts).T
