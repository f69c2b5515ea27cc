"""Which lesson runs on which standard data set, as the front matters say, and which program.

`make test-benchmarks` runs each row in each framework. The bounds are the lesson's own.
"""

from dataclasses import dataclass, field

from course_utils.course import front_matter, lessons


@dataclass(frozen=True)
class Standard:
    """A lesson, or a program of this folder, on a data set that many others use.

    Attributes
    ----------
    lesson : str
        The number of the lesson; a program belongs to one, too.
    dataset : str
        What is fetched, a name of `data/datasets.toml`.
    settings : dict of str to str
        The parameters of the lesson that choose it, as `course run --set` takes them.
    program : list of str, optional
        A program of this folder with its options, instead of the lesson.
    """

    lesson: str
    dataset: str
    settings: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ()


def declared() -> list[Standard]:
    """Return one row for each setting that the front matter of a lesson has under `standard`."""
    rows = {}
    for lesson in lessons():
        for dataset, setting in front_matter(lesson).standard.items():
            name, _, value = setting.partition("=")
            row = Standard(lesson.number, dataset, {name: value})
            rows.setdefault((lesson.number, setting), row)
    return list(rows.values())


PROGRAMS = [
    Standard("04", "multi30k", program=("multi30k.py", "--epochs", "1", "--limit", "4000")),
]
TABLE = declared() + PROGRAMS
