"""The generated dates: their alignment is true, and no test day is trained on."""

import datetime

import numpy as np
import pytest

from course_utils.data import load
from course_utils.data.dates import MONTHS
from course_utils.errors import InputError

DATA = load("dates", n_train=3000, n_validation=100, n_test=400, seed=4)


def test_no_calendar_day_is_in_two_parts():
    parts = [set(part.iso) for part in (DATA.train, DATA.validation, DATA.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert len(parts[2]) == len(DATA.test) == 400


def test_each_copied_character_stands_where_the_alignment_says():
    for text, iso, source in zip(DATA.test.texts, DATA.test.iso, DATA.test.source, strict=True):
        assert all(text[s] == c for c, s in zip(iso, source, strict=True) if s >= 0)
        assert (source[:4] >= 0).all() and source[9] >= 0 and source[4] == source[7] == -1


def test_each_piece_says_the_day_month_or_year():
    for text, iso, pieces in zip(DATA.test.texts, DATA.test.iso, DATA.test.pieces, strict=True):
        date = datetime.date.fromisoformat(iso)
        year, month, day = (text[slice(*pieces[place])] for place in (0, 5, 8))
        assert int(year) == date.year
        assert int("".join(c for c in day if c.isdigit())) == date.day
        name = MONTHS[date.month - 1]
        assert month in (name, name[:3]) or int(month) == date.month
        assert (pieces[[4, 7]] == -1).all() and (pieces[0] == pieces[3]).all()


def test_lengths_reach_from_bare_dates_to_long_sentences():
    lengths = DATA.train.lengths
    assert lengths.min() <= 10 and lengths.max() > 100
    bare = load("dates", n_train=200, n_validation=10, n_test=10, longest=0).train
    assert bare.lengths.max() <= len("wednesday, september 30th, 2049")


def test_the_same_seed_gives_the_same_sentences_and_subset_keeps_rows_together():
    again = load("dates", n_train=3000, n_validation=100, n_test=400, seed=4)
    assert again.train.texts == DATA.train.texts
    assert (
        load("dates", n_train=9, n_validation=9, n_test=9, seed=5).train.texts != again.train.texts
    )
    few = DATA.test.subset(np.array([7, 3]))
    assert (
        few.iso == [DATA.test.iso[7], DATA.test.iso[3]]
        and (few.source[1] == DATA.test.source[3]).all()
    )


def test_parts_that_cannot_be_made_are_refused():
    for sizes in ((0, 1, 1), (10, 0, 10), (10, 10_000, 10_000)):
        with pytest.raises(InputError, match="at least 1 sentence"):
            load("dates", n_train=sizes[0], n_validation=sizes[1], n_test=sizes[2])
