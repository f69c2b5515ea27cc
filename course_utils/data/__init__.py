"""Data sets of the course: `load(name)` returns one, ready to use."""

from collections.abc import Callable
from importlib import import_module

from course_utils.data.splits import (
    ImageDataset,
    Splits,
    TextDataset,
    few_labels,
    split,
)
from course_utils.errors import DataError, InputError

__all__ = [
    "ImageDataset",
    "Splits",
    "TextDataset",
    "available",
    "few_labels",
    "fetch",
    "load",
    "split",
]

# Data sets beside those of the register: name -> module of this package and function in it.
_LOADERS = {
    "digits": "splits.digits",
    "documentation": "documentation.documentation",
    "foods": "foods.foods",
    "google_analogies": "word_sets.google_analogies",
    "library_analogies": "word_sets.library_analogies",
    "running_text": "documentation.running_text",
    "simlex999": "word_sets.simlex999",
    "source_code": "documentation.source_code",
    "word_vectors": "encoder.word_vectors",
    "wordsim353": "word_sets.wordsim353",
}


def available() -> list[str]:
    """Return the names that `load` knows."""
    return sorted(_loaders())


def load(name: str, **options):
    """Return a data set.

    Parameters
    ----------
    name : str
        One of `available()`, or the path of a text file of your own, such as "my_text.txt", which
        is read as running text.
    **options
        Passed on to the data set's own loader, for example `classes=8` for "documentation".

    Raises
    ------
    DataError
        If the name is unknown, or the data can be had from nowhere.
    InputError
        If the data set does not know an option, or the text file cannot be read.
    """
    if str(name).lower().endswith((".txt", ".md", ".rst")):
        from course_utils.data.texts import text_file

        return text_file(name)
    return _loader(name, options)(**options)


def fetch(name: str):
    """Return the folder of a registered download, after every file in it was verified.

    Raises
    ------
    DataError
        If the name is not registered, or no source has the files.
    """
    from course_utils.data.register import dataset
    from course_utils.data.sources import fetch_files

    return fetch_files(dataset(name))


def _loaders() -> dict[str, str]:
    from course_utils.data.register import register

    return _LOADERS | {name: download.parser for name, download in register().items()}


def _loader(name: str, options: dict) -> Callable:
    import difflib
    import inspect

    loaders = _LOADERS if str(name) in _LOADERS else _loaders()
    if str(name) not in loaders:
        close = difflib.get_close_matches(str(name), loaders, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(available())}."
        raise DataError(f"There is no data set {name!r}: {hint}")
    module, function = loaders[name].split(".")
    loader = getattr(import_module(f"course_utils.data.{module}"), function)
    known = inspect.signature(loader).parameters
    unknown = [option for option in options if option not in known]
    if unknown:
        raise InputError(
            f"The data set {name!r} has no option {unknown[0]!r}; it has "
            f"{', '.join(known) or 'none'}."
        )
    return loader
