"""Users and their favorite foods, generated, so that the true axes of taste are known."""

from dataclasses import dataclass

import numpy as np

from course_utils.course import project_root
from course_utils.errors import CourseError, InputError
from course_utils.own_files import read_table

TEST_USERS = 4_000
FAVORITES = 5
_AXES = ("sandwichness", "dessertness", "liquidness")


@dataclass(frozen=True)
class FoodData:
    """Favorites of invented users.

    Attributes
    ----------
    names : list of str
        The foods.
    axes : ndarray of float, shape (foods, 3)
        Each food's true position, from 0 to 1, rated by hand in `data/foods.csv`.
    axis_names : list of str
    train, test : ndarray of int64, shapes (users, 5) and (4000, 5)
        The favorites of each user as rows of `axes`, in random order. No user is in both.
    tastes, weights : ndarray of float, shape (4000, 3)
        What each test user likes best, and how much each axis counts: the secrets behind `test`.
    """

    names: list[str]
    axes: np.ndarray
    axis_names: list[str]
    train: np.ndarray
    test: np.ndarray
    tastes: np.ndarray
    weights: np.ndarray


def foods(noise: float = 0.3, users: int = 20_000, seed: int = 0) -> FoodData:
    """Generate users who pick the foods nearest to their taste.

    A user has a taste point in the unit cube and weights for the three axes. A food's appeal is
    minus its weighted squared distance to the taste, over `noise` squared. Gumbel noise added to
    the appeal makes the five best a draw from the softmax without replacement.

    Parameters
    ----------
    noise : float
        How much chance decides, in units of the axes; at 0.3 a food that is 0.3 away from the
        taste is e times less likely to be picked first than one right there.
    users : int
        Training users; 4,000 test users come on top.
    seed : int
        The same seed gives the same users.

    Raises
    ------
    InputError
        If `noise` is not above 0, or `users` below 1.
    CourseError
        If the folder of the course is not found, or a line of `data/foods.csv` is wrong.

    References
    ----------
    J. I. Yellott, The relationship between Luce's choice axiom, Thurstone's theory of comparative
    judgment, and the double exponential distribution, 1977.
    """
    if not noise > 0 or users < 1:
        raise InputError(
            f"The food data needs noise above 0 and at least 1 user, not {noise} and {users}."
        )
    names, axis_names, axes = _table()
    rng = np.random.default_rng(seed)
    chunks = [
        _picks(axes, min(5_000, users + TEST_USERS - start), noise, rng)
        for start in range(0, users + TEST_USERS, 5_000)
    ]
    picks, tastes, weights = map(np.concatenate, zip(*chunks, strict=True))
    return FoodData(
        names, axes, axis_names, picks[:users], picks[users:], tastes[users:], weights[users:]
    )


def _picks(
    axes: np.ndarray, users: int, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return favorites (users, 5), in random order, tastes and weights (users, 3)."""
    taste = rng.uniform(0, 1, (users, 1, 3))
    weights = 3 * rng.dirichlet([2, 2, 2], (users, 1))  # (users, 1, 3), mean 1
    distance = ((taste - axes) ** 2 * weights).sum(axis=2)  # (users, foods)
    appeal = -distance / noise**2 + rng.gumbel(size=distance.shape)
    best = np.argsort(-appeal, axis=1)[:, :FAVORITES]
    return rng.permuted(best, axis=1), taste[:, 0], weights[:, 0]


def _table() -> tuple[list[str], list[str], np.ndarray]:
    path = project_root() / "data" / "foods.csv"
    rows = read_table(path, ["name", *_AXES])
    if len(rows) < FAVORITES:
        raise CourseError(f"{path} needs at least {FAVORITES} foods, but has {len(rows)}.")
    ratings = [_ratings(f"{path}, line {number}", row) for number, row in rows]
    return [row["name"] for _, row in rows], [*_AXES], np.array(ratings)


def _ratings(place: str, row: dict[str, str]) -> list[float]:
    try:
        ratings = [float(row[axis]) for axis in _AXES]
    except ValueError as error:
        raise CourseError(f"{place}: a rating is no number ({error}).") from None
    if not row["name"].strip() or not all(0 <= rating <= 1 for rating in ratings):
        raise CourseError(f"{place}: it needs a name, and ratings from 0 to 1.")
    return ratings
