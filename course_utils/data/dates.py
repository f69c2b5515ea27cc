"""Dates as people write them, inside sentences, with their ISO form and the true alignment."""

import datetime
from dataclasses import dataclass, replace

import numpy as np

from course_utils.data.splits import Splits
from course_utils.errors import InputError

FIRST_DAY, LAST_DAY = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BEFORE = (
    "as you know", "in our last report", "the mayor said that", "please note that",
    "after a long delay", "it was cold and", "we are glad that", "her letter says that",
)  # fmt: skip
_EVENTS = (
    "the bridge was opened on", "we met on", "the train left on", "she was born on",
    "the lease ends on", "they signed it on", "the shop closed on", "he arrived on",
)  # fmt: skip
_AFTER = (
    "in the old town hall", "with all members present", "before noon", "near the river",
    "although it rained", "without any warning", "for the second time", "by our office",
    "and left early", "in front of a crowd",
)  # fmt: skip


@dataclass(frozen=True)
class DateTexts:
    """Sentences with one date each.

    Attributes
    ----------
    texts : list of str, length n
        Lower-case sentences; some are the bare date.
    iso : list of str, length n
        The date as year-month-day, 10 characters.
    source : ndarray of int64, shape (n, 10)
        For each ISO character that is copied, the position in the text from which it comes; -1
        for hyphens, filled-in zeros, and months that are written as names.
    pieces : ndarray of int64, shape (n, 10, 2)
        The position of the first character of the day, month or year in the text that decides each
        ISO character, and the position after its last; -1 for hyphens.
    """

    texts: list[str]
    iso: list[str]
    source: np.ndarray
    pieces: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def lengths(self) -> np.ndarray:
        """Characters of each text, shape (n,)."""
        return np.array([len(text) for text in self.texts])

    def subset(self, indices: np.ndarray) -> "DateTexts":
        """Return the rows with these indices, or those where a mask is true."""
        rows = np.arange(len(self))[indices]
        return replace(
            self,
            texts=[self.texts[i] for i in rows],
            iso=[self.iso[i] for i in rows],
            source=self.source[rows],
            pieces=self.pieces[rows],
        )


def dates(
    n_train: int = 16_000,
    n_validation: int = 500,
    n_test: int = 1_500,
    *,
    longest: int = 100,
    seed: int = 0,
) -> Splits[DateTexts]:
    """Generate dates inside sentences, from 1950 to 2049. No day of one split occurs in another.

    With a slash the month stands first (American), with dots the day (European).

    Parameters
    ----------
    n_train, n_validation, n_test : int
        Sentences of each split. In the last two, every sentence has a day of its own.
    longest : int
        About how many characters the longest sentences have, at most about 360: then the phrases
        run out. With 0 or less all are bare dates, as every fifth is with 100.
    seed : int
        The same seed gives the same sentences.

    Raises
    ------
    InputError
        If a split is empty, or validation and test together would take more than half of the days
        of the century.
    """
    days = (LAST_DAY - FIRST_DAY).days + 1
    if min(n_train, n_validation, n_test) < 1 or n_validation + n_test > days // 2:
        raise InputError(
            f"Each split needs at least 1 sentence, and validation and test together at most "
            f"{days // 2}, but they are {n_train}, {n_validation} and {n_test}."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(days)
    held, rest = order[: n_validation + n_test], order[n_validation + n_test :]
    splits = held[:n_validation], held[n_validation:], rng.choice(rest, n_train)
    validation, test, train = (_split(numbers, longest, rng) for numbers in splits)
    return Splits(train, validation, test)


def _split(numbers: np.ndarray, longest: int, rng: np.random.Generator) -> DateTexts:
    rows = [_row(FIRST_DAY + datetime.timedelta(int(i)), longest, rng) for i in numbers]
    texts, iso, source, pieces = zip(*rows, strict=True)
    return DateTexts(list(texts), list(iso), np.array(source), np.array(pieces))


def _row(date: datetime.date, longest: int, rng: np.random.Generator):
    """Return text, ISO date, source positions (10,) and pieces (10, 2) of one sentence."""
    before, after = _surroundings(int(rng.integers(-20, max(longest - 20, -19))), rng)
    text, where = before, {}
    for kind, piece in _written(date, int(rng.integers(8))):
        if kind:
            where[kind] = (len(text), len(text) + len(piece))
        text += piece
    kinds = ["year"] * 4 + [""] + ["month"] * 2 + [""] + ["day"] * 2
    iso, source, pieces = date.isoformat(), [], []
    for i, kind in enumerate(kinds):
        start, end = where.get(kind, (-1, -1))
        pieces.append((start, end))
        source.append(_copied_from(text, start, end, len(kinds) - kinds[::-1].index(kind) - i)
                      if kind else -1)  # fmt: skip
    return text + after, iso, source, pieces


def _copied_from(text: str, start: int, end: int, from_right: int) -> int:
    """Return the position of a digit of a piece, counted from the right, or -1."""
    digits = [i for i in range(start, end) if text[i].isdigit()]
    return digits[-from_right] if len(digits) >= from_right else -1


def _written(date: datetime.date, style: int) -> list[tuple[str, str]]:
    """Return the date in one of eight styles, as (day, month, year or nothing, text) in order."""
    name, weekday = MONTHS[date.month - 1], _WEEKDAYS[date.weekday()]
    day, month, year = ("day", str(date.day)), ("month", name), ("year", str(date.year))
    short, ordinal = ("month", name[:3]), ("day", _ordinal(date.day))
    number, day2, month2 = ("month", str(date.month)), f"{date.day:02}", f"{date.month:02}"

    def gap(text):
        return "", text

    return [
        [month, gap(" "), day, gap(", "), year],
        [day, gap(" "), month, gap(" "), year],
        [day, gap(" "), short, gap(" "), year],
        [short, gap(" "), day, gap(" "), year],
        [gap(f"{weekday}, "), month, gap(" "), ordinal, gap(", "), year],
        [number, gap("/"), day, gap("/"), year],
        [("day", day2), gap("."), ("month", month2), gap("."), year],
        [gap("the "), ordinal, gap(" of "), month, gap(" "), year],
    ][style]


def _ordinal(day: int) -> str:
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _surroundings(length: int, rng: np.random.Generator) -> tuple[str, str]:
    """Return about `length` characters of text, cut into what precedes the date and what follows.

    A length of 0 or less gives a bare date.
    """
    if length <= 0:
        return "", ""
    openings, endings = (list(rng.permutation(phrases)) for phrases in (_BEFORE, _AFTER))
    before, after = f"{rng.choice(_EVENTS)} ", ""
    while len(before) + len(after) < length and openings and endings:
        if rng.random() < 0.4:
            before = f"{openings.pop()} {before}"
        else:
            after = f"{after} {endings.pop()}"
    return before, after
