"""Data sets in memory, and fair ways to cut them."""

import zlib
from collections.abc import Sized
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import finite_array, id_array, whole_number


@checked
@dataclass(frozen=True)
class TextDataset:
    """Texts with labels.

    Attributes
    ----------
    name : str
    texts : list of str, length n
    labels : ndarray of int64, shape (n,)
        Indices into `classes`.
    classes : list of str
    source : str
        One line that says where the texts come from.

    Raises
    ------
    InputError
        If there is not one label for each text, or one is the number of no class.
    """

    name: str
    texts: list[str]
    labels: np.ndarray
    classes: list[str]
    source: str

    def __post_init__(self) -> None:
        _check_labels(self.labels, self.texts, self.classes)

    def __len__(self) -> int:
        return len(self.labels)

    @checked
    def subset(self, indices: np.ndarray) -> "TextDataset":
        """Return the rows with these indices, or those where a mask is true.

        Raises
        ------
        InputError
            If an index is no whole number or there is no such row.
        """
        rows = _rows(indices, len(self))
        return replace(self, texts=[self.texts[i] for i in rows], labels=self.labels[rows])


@dataclass(frozen=True)
class RunningText:
    """English sentences in reading order.

    Attributes
    ----------
    sentences : list of str
    n_words : int
        All words of the sentences, set apart by spaces.
    source : str
        One line that says where they come from.
    """

    sentences: list[str]
    n_words: int
    source: str


@dataclass(frozen=True)
class Documents:
    """Whole texts, such as files, each with its name.

    Attributes
    ----------
    texts : list of str
    names : list of str
        Unique, and the same in every version of the data set that has the text.
    source : str
    """

    texts: list[str]
    names: list[str]
    source: str

    @property
    def text(self) -> str:
        """All texts, joined by line breaks."""
        return "\n".join(self.texts)


@checked
@dataclass(frozen=True)
class ImageDataset:
    """Images with labels.

    Attributes
    ----------
    name : str
    images : ndarray of float32, shape (n, pixels), from 0 (empty) to 1 (full ink)
    labels : ndarray of int64, shape (n,)
    classes : list of str
    source : str

    Raises
    ------
    InputError
        If there is not one label for each image, one is the number of no class, or a pixel is not
        finite.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    classes: list[str]
    source: str

    def __post_init__(self) -> None:
        _check_labels(self.labels, self.images, self.classes)
        finite_array(self.images, "Images", 2)

    def __len__(self) -> int:
        return len(self.labels)

    @checked
    def subset(self, indices: np.ndarray) -> "ImageDataset":
        """Return the rows with these indices, or those where a mask is true.

        Raises
        ------
        InputError
            If an index is no whole number or there is no such row.
        """
        rows = _rows(indices, len(self))
        return replace(self, images=self.images[rows], labels=self.labels[rows])


def _check_labels(labels: np.ndarray, rows: Sized, classes: Sized) -> None:
    if len(id_array(labels, "Labels", 1, len(classes))) != len(rows):
        raise InputError(f"There are {len(labels)} labels for {len(rows)} rows: give one for each.")


def _rows(indices: np.ndarray, n: int) -> np.ndarray:
    """Return row numbers from indices or from a mask (n,)."""
    if indices.dtype == bool:
        if indices.shape != (n,):
            raise InputError(f"A mask needs the shape ({n},), but it has {indices.shape}.")
        return np.flatnonzero(indices)
    return id_array(indices, "Indices", 1, n)


Dataset = TypeVar("Dataset", TextDataset, ImageDataset)
Part = TypeVar("Part")


@dataclass(frozen=True)
class Splits(Generic[Part]):
    """Three parts without common rows. They are taken by name, so none is mistaken for another.

    Attributes
    ----------
    train, validation, test : data sets of one kind
    source : str
        One line that says where they come from, if they do not say it themselves.
    """

    train: Part
    validation: Part
    test: Part
    source: str = ""


@checked
def split(
    dataset: Dataset, *, validation: float = 0.1, test: float = 0.2, seed: int = 0
) -> Splits[Dataset]:
    """Cut a data set into training, validation and test splits, with the same mix of classes.

    Parameters
    ----------
    dataset : TextDataset or ImageDataset
    validation, test : float
        Shares of the whole, each above 0, together below 1.
    seed : int
        The same seed gives the same splits.

    Raises
    ------
    InputError
        If the shares are out of range, or a class has too few rows for three splits.
    """
    if not (validation > 0 and test > 0 and validation + test < 1):
        raise InputError(
            "The validation and test shares must be above 0 and together below 1, but they are "
            f"{validation} and {test}."
        )
    rng = np.random.default_rng(whole_number(seed, "The seed", 0))
    splits: dict[str, list[np.ndarray]] = {"train": [], "validation": [], "test": []}
    for label, class_name in enumerate(dataset.classes):
        rows = rng.permutation(np.flatnonzero(dataset.labels == label))
        n_validation, n_test = round(validation * len(rows)), round(test * len(rows))
        if min(n_validation, n_test, len(rows) - n_validation - n_test) < 1:
            raise InputError(
                f"The class {class_name!r} has {len(rows)} rows, too few for three splits: give "
                "more data or larger shares."
            )
        splits["test"].append(rows[:n_test])
        splits["validation"].append(rows[n_test : n_test + n_validation])
        splits["train"].append(rows[n_test + n_validation :])
    train_part, validation_part, test_part = (
        dataset.subset(rng.permutation(np.concatenate(rows))) for rows in splits.values()
    )
    return Splits(train_part, validation_part, test_part)


@checked
def few_labels(dataset: Dataset, n: int, seed: int = 0) -> Dataset:
    """Draw n rows at random with equally many of each class (to within one).

    Raises
    ------
    InputError
        If n is smaller than the number of classes, or a class has too few rows.
    """
    classes = len(dataset.classes)
    if n < classes:
        raise InputError(f"{n} labels cannot cover {classes} classes: draw at least {classes}.")
    rng, rows = np.random.default_rng(whole_number(seed, "The seed", 0)), []
    for label, class_name in enumerate(dataset.classes):
        wanted = n // classes + (label < n % classes)
        own = np.flatnonzero(dataset.labels == label)
        if wanted > len(own):
            raise InputError(
                f"The class {class_name!r} has {len(own)} rows, fewer than the {wanted} that "
                f"{n} labels need."
            )
        rows.append(rng.choice(own, wanted, replace=False))
    return dataset.subset(rng.permutation(np.concatenate(rows)))


def digits() -> ImageDataset:
    """Load 1,797 handwritten digits of 8 x 8 pixels from scikit-learn.

    References
    ----------
    E. Alpaydin, C. Kaynak, Optical recognition of handwritten digits, UCI repository, 1998.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return ImageDataset(
        "digits",
        (pixels / 16).astype(np.float32),
        labels.astype(np.int64),
        [str(digit) for digit in range(10)],
        "1,797 handwritten digits of 8 x 8 pixels, from scikit-learn (UCI repository)",
    )


@checked
def hold_out(documents: Documents, share: int = 10) -> tuple[str, str]:
    """Return the texts to learn from and the texts to be judged by, each as one string.

    Of many documents, about one in `share` is held out: those whose names have a CRC-32 that
    `share` divides. So a document that one version of the data set holds out is held out in every
    other version as well. A single document is cut: its end, one character in `share`, is held out.

    Parameters
    ----------
    documents : Documents
    share : int
        10 holds out a tenth.

    Raises
    ------
    InputError
        If `share` is below 2, or one of the two would be empty.
    """
    if share < 2:
        raise InputError(f"One document in {share} cannot be held out: share must be 2 or more.")
    if len(documents.texts) == 1:
        text = documents.texts[0]
        cut = len(text) - len(text) // share
        halves = text[:cut], text[cut:]
    else:
        held = [zlib.crc32(name.encode("utf8")) % share == 0 for name in documents.names]
        pairs = list(zip(documents.texts, held, strict=True))
        halves = (
            "\n".join(text for text, out in pairs if not out),
            "\n".join(text for text, out in pairs if out),
        )
    if not all(halves):
        raise InputError("There is too little text to hold a part of it out.")
    return halves
