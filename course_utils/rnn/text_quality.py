"""Measures of generated text: does it run in circles, does it vary, is it well formed?"""

import re
from collections.abc import Collection, Iterable
from functools import partial

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_texts, whole_number

_WORD = re.compile(r"[A-Za-z]{3,}")
_LAST = re.compile(r"[A-Za-z]+\Z")
_TOKEN = re.compile(
    r"""
    \s+ | \#.*                                # space, comment
    | (\'\'\'|\"\"\") (?:\\.|.)*? (?:\1|$)    # a text in three quotes, perhaps left open
    | (['"]) (?:\\.|(?!\2)[^\\])* (?:\2|\\$)  # a string, perhaps to be continued
    | \w+ | != | [][(){}:,;.+\-*/|&<>=%~^@]   # a name or number, an operator or other sign
    | \\$                                     # the line is to be continued
    """,
    re.VERBOSE,
)


@checked
def loop_length(text: str, *, longest: int = 150, times: int = 3, minimum: int = 60) -> int:
    """Return the length of the piece that a text repeats at its end, 0 if it does not.

    Parameters
    ----------
    longest : int
        Pieces of at most so many characters are looked for.
    times : int
        At least so often the piece must stand there in a row.
    minimum : int
        So many characters the repetitions must fill: an indentation is no loop.

    Examples
    --------
    >>> loop_length("x = self.a.b.a.b.a.b.", minimum=12)
    4

    Raises
    ------
    InputError
        If `times` is below 2.
    """
    whole_number(longest, "longest", 1)
    whole_number(minimum, "minimum", 1)
    if times < 2:
        raise InputError(f"A piece repeats if it stands there twice or more, not {times} times.")
    for length in range(1, min(longest, len(text) // times) + 1):
        filled = max(times * length, minimum)
        end = text[-filled:]  # periodic: equal to itself, shifted by the piece's length
        if len(end) == filled and end[length:] == end[:-length]:
            return length
    return 0


@checked
def loop_rate(texts: Iterable[str], **settings: int) -> float:
    """Return the share of texts that end in a loop; settings as in `loop_length`.

    Raises
    ------
    InputError
        If there are no texts, or `times` is below 2.
    """
    texts = check_texts(texts)
    return sum(loop_length(text, **settings) > 0 for text in texts) / len(texts)


@partial(checked, own=("n",))
def distinct_ngrams(texts: Iterable[str], n: int = 4) -> float:
    """Return the number of different word n-grams of all texts, divided by their number.

    Words are what stands between white space. 1 means that no n-gram occurs twice.

    Raises
    ------
    InputError
        If there are no texts, n is no whole number from 1 up, or no text has n words.

    References
    ----------
    J. Li et al., A diversity-promoting objective function for neural conversation models, 2016,
    section 5 (there as distinct-1 and distinct-2).
    """
    texts = check_texts(texts)
    whole_number(n, "The number of words n", 1)
    words = [text.split() for text in texts]
    grams = [tuple(row[i : i + n]) for row in words for i in range(len(row) - n + 1)]
    if not grams:
        raise InputError(f"No text has {n} words: write longer texts, or count shorter n-grams.")
    return len(set(grams)) / len(grams)


@checked
def line_tokenizes(line: str) -> bool:
    """Whether a line can be cut into Python's tokens, indentation and open brackets set aside.

    The tokens are names and numbers, strings, operators and other signs, and comments. A line
    that opens a bracket or a triple-quoted text and does not close it may be the beginning of
    something right, so it is accepted. A string that is not closed, or a character that Python
    does not know, is not. The answer is that of the module `tokenize` of Python 3.11, and the
    same on newer versions, whose `tokenize` differs.
    """
    return not _TOKEN.sub("", line.strip())  # nothing else is left


@checked
def share_of_lines(texts: Iterable[str]) -> float:
    """Return the share of lines, empty ones left out, that `line_tokenizes` accepts.

    The last line of each text is left out: it was cut.

    Raises
    ------
    InputError
        If there are no texts, or no whole lines in them.
    """
    texts = check_texts(texts)
    lines = [line for text in texts for line in text.split("\n")[:-1] if line.strip()]
    if not lines:
        raise InputError("There is no whole line in these texts: write longer ones.")
    return sum(map(line_tokenizes, lines)) / len(lines)


@checked
def words_of(text: str) -> list[str]:
    """Return the runs of three letters or more, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


@checked
def share_of_known_words(texts: Iterable[str], known: Collection[str]) -> float:
    """Return the share of words (three letters or more) that are among the known ones.

    Letters at the end of a text are left out: the word was cut.

    Raises
    ------
    InputError
        If there are no texts, or no words in them.
    """
    texts = check_texts(texts)
    words = [word for text in texts for word in words_of(_LAST.sub("", text))]
    if not words:
        raise InputError("There are no words in these texts: write longer ones.")
    return sum(word in known for word in words) / len(words)
