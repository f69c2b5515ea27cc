"""Which lesson runs on which standard data set: the one table that the tests and CI read.

`make test-benchmarks` runs each row in each framework. The bounds are the lesson's own.
"""

from dataclasses import dataclass, field


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


TABLE = [
    Standard("01", "ag_news", {"dataset": "ag_news"}),
    Standard("02", "wikitext-2", {"dataset": "wikitext-2"}),
    Standard("03", "tinyshakespeare", {"dataset": "tinyshakespeare"}),
    Standard("04", "ag_news", {"dataset": "ag_news"}),
    Standard("04", "multi30k", program=("multi30k.py", "--epochs", "1", "--limit", "4000")),
    Standard("05", "ag_news", {"dataset": "ag_news"}),
    Standard("05", "stsbenchmark", {"standard_sets": "True"}),  # and WiC, and three treebanks
]
