"""From the files of registered downloads to data sets in memory."""

import csv
import html
from pathlib import Path

import numpy as np

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import TextDataset
from course_utils.errors import DataError, InputError


def ag_news(part: str = "any") -> TextDataset:
    """Load AG News: titles and first sentences of news, in four classes.

    Parameters
    ----------
    part : {"any", "train", "test"}
        "any" takes the training file (120,000 texts) where it can be had, else the test file
        (7,600). The attribute `source` says which.

    References
    ----------
    X. Zhang, J. Zhao, Y. LeCun, Character-level convolutional networks for text classification,
    2015, section 4.
    """
    if part not in ("any", "train", "test"):
        raise InputError(f"The part of AG News must be any, train or test, but it is {part!r}.")
    download = dataset("ag_news")
    used = "train" if part == "any" else part
    try:
        folder = fetch_files(download, (f"ag_news/{used}.csv",))
    except DataError:
        if part != "any":
            raise
        used = "test"
        folder = fetch_files(download, ("ag_news/test.csv",))
    return read_ag_news(folder / f"{used}.csv", f"AG News, {used}.csv ({download.licence})")


def read_ag_news(path: Path, source: str) -> TextDataset:
    """Read rows of class (1 to 4), title, description."""
    with path.open(encoding="utf8", newline="") as stream:
        rows = list(csv.reader(stream))
    labels = np.array([int(row[0]) - 1 for row in rows], dtype=np.int64)
    texts = [_clean(f"{title}. {description}") for _, title, description in rows]
    classes = ["World", "Sports", "Business", "Sci/Tech"]
    return TextDataset("ag_news", texts, labels, classes, source)


def _clean(text: str) -> str:
    """Undo the file's escapes: a backslash for a line break, HTML entities with a missing &."""
    text = text.replace("\\", " ").replace(" #39;", "'").replace("#39;", "'")
    text = text.replace("&lt;", "<").replace("&gt;", ">")
    return " ".join(html.unescape(text).split())
