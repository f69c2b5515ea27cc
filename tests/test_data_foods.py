"""The food recommender's data: the picks carry the three axes, and noise hides them."""

import numpy as np
import pytest

from course_utils.data import load
from course_utils.errors import InputError
from course_utils.evaluation import canonical_correlations


def axes_from_picks(foods):
    """Return 3 numbers a food, from nothing but how often two foods are liked together."""
    liked = np.zeros((len(foods.train), len(foods.names)))
    np.put_along_axis(liked, foods.train, 1, axis=1)
    together = liked.T @ liked
    np.fill_diagonal(together, 0)
    expected = np.outer(liked.mean(0), liked.mean(0)) * len(liked)
    association = np.log((together + 1) / (expected + 1))
    centered = association - association.mean(0) - association.mean(1)[:, None]
    return np.linalg.eigh(centered + association.mean())[1][:, -3:]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_picks_carry_all_three_axes(seed):
    foods = load("foods", noise=0.3, seed=seed)
    assert canonical_correlations(axes_from_picks(foods), foods.axes).min() >= 0.95


def test_users_who_pick_by_chance_carry_none():
    foods = load("foods", noise=5.0)
    assert canonical_correlations(axes_from_picks(foods), foods.axes).max() < 0.5


def test_the_table_spreads_over_the_cube():
    octant = (load("foods", users=1).axes > 0.5) @ [4, 2, 1]
    assert np.bincount(octant, minlength=8).min() >= 5


def test_the_axes_are_nearly_uncorrelated():
    correlations = np.corrcoef(load("foods", users=1).axes.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.35


def test_a_familiar_food_is_where_it_belongs():
    foods = load("foods", users=1)
    axes_of = dict(zip(foods.names, foods.axes, strict=True))
    assert axes_of["hot dog"][0] > 0.7 and axes_of["hot dog"][1:].max() < 0.3
    assert axes_of["milkshake"][0] < 0.3 and axes_of["milkshake"][1:].min() > 0.7
    assert axes_of["borsch"][2] > 0.7 and axes_of["borsch"][:2].max() < 0.3


def test_test_users_are_others_than_training_users():
    foods = load("foods", users=4000)
    rows = [{tuple(row) for row in part.tolist()} for part in (foods.train, foods.test)]
    assert len(rows[0] & rows[1]) < 40  # chance coincidences; the same users would give 4,000
    assert (load("foods", users=4000, seed=1).train != foods.train).any()


def test_favorites_come_in_random_order():
    foods = load("foods", users=20_000)
    to_middle = ((foods.axes[foods.train] - 0.5) ** 2).sum(axis=2)  # (users, 5)
    nearest = ((foods.axes[foods.train] - foods.axes[foods.train].mean(1, keepdims=True)) ** 2).sum(
        axis=2
    )
    for measure in (to_middle, nearest):
        means = measure.mean(axis=0)
        assert means.max() - means.min() < 0.03 * means.mean()


@pytest.mark.parametrize("options", [{"noise": -1}, {"noise": float("nan")}, {"users": 0}])
def test_silly_numbers_are_clear_errors(options):
    with pytest.raises(InputError, match="noise above 0 and at least 1 user"):
        load("foods", **options)
