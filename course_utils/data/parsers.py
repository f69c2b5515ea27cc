"""From the files of registered downloads to data sets in memory."""

import csv
import html
import re
from pathlib import Path

import numpy as np

from course_utils.data.files import UnavailableError
from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import TextDataset
from course_utils.errors import InputError


def ag_news(split: str = "any") -> TextDataset:
    """Load AG News: titles and first sentences of news, in four classes.

    Parameters
    ----------
    split : {"any", "train", "test"}
        "any" takes the training file (120,000 texts) where it can be had, else the test file
        (7,600). The attribute `source` says which.

    Raises
    ------
    InputError
        If there is no such split.
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    X. Zhang, J. Zhao, Y. LeCun, Character-level convolutional networks for text classification,
    2015, section 4.
    """
    if split not in ("any", "train", "test"):
        raise InputError(f"The split of AG News must be any, train or test, but it is {split!r}.")
    download = dataset("ag_news")
    used = "train" if split == "any" else split
    try:
        folder = fetch_files(download, (f"ag_news/{used}.csv",))
    except UnavailableError:
        if split != "any":
            raise
        used = "test"
        folder = fetch_files(download, ("ag_news/test.csv",))
    return read_ag_news(folder / f"{used}.csv", f"AG News, {used}.csv ({download.license})")


def read_ag_news(path: Path, source: str) -> TextDataset:
    """Read rows of class (1 to 4), title, description; `source` says where they come from."""
    with path.open(encoding="utf8", newline="") as stream:
        rows = list(csv.reader(stream))
    labels = np.array([int(row[0]) - 1 for row in rows], dtype=np.int64)
    texts = [_text(_clean(title), _clean(description)) for _, title, description in rows]
    classes = ["World", "Sports", "Business", "Sci/Tech"]
    return TextDataset("ag_news", texts, labels, classes, source)


def _text(title: str, description: str) -> str:
    stop = "" if title.endswith((".", "?", "!")) else "."
    return f"{title}{stop} {description}"


# The file lost the & of most HTML entities, and got a space before them instead.
_BARE_ENTITY = re.compile(r"(?<![\w&])(#\d{2,4}|quot|amp|lt|gt|nbsp|hellip|[mn]dash);")
_APOSTROPHE = re.compile(r" ?&(#39|#146|apos);")


def _clean(text: str) -> str:
    """Undo the file's escapes: a backslash for a line break, HTML entities. Markup stays text."""
    text = _BARE_ENTITY.sub(r"&\1;", text.replace("\\", " "))
    text = html.unescape(_APOSTROPHE.sub("'", text))
    return " ".join(text.split())
