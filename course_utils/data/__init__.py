"""All lessons: data sets; `load(name)` returns one, ready to use."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from course_utils.data.splits import ImageDataset, Splits, TextDataset, few_labels, hold_out, split
from course_utils.errors import DataError, InputError, suggestion

# Data sets beside those of the register: name -> module of this package and function in it.
_LOADERS = {
    "code_words": "small_tasks.code_words",
    "dates": "dates.dates",
    "digits": "splits.digits",
    "docstring_questions": "small_tasks.docstring_questions",
    "documentation": "documentation.documentation",
    "foods": "foods.foods",
    "french_sentences": "translation.french_sentences",
    "function_pairs": "small_tasks.function_pairs",
    "functions": "functions.functions",
    "google_analogies": "word_sets.google_analogies",
    "language_reference": "documentation.language_reference",
    "library_analogies": "word_sets.library_analogies",
    "running_text": "documentation.running_text",
    "search_questions": "functions.search_questions",
    "senses": "senses.senses",
    "simlex999": "word_sets.simlex999",
    "source_code": "documentation.source_code",
    "word_vectors": "encoder.word_vectors",
    "wordsim353": "word_sets.wordsim353",
}


def available() -> list[str]:
    """Return the names that `load` knows, in alphabetical order.

    Raises
    ------
    DataError
        If the register is no TOML, an entry of it is incomplete or misspelled, or has the name of
        a data set that needs no download.
    CourseError
        If the folder of the course is not found: see `course_utils.course.project_root`.
    """
    return sorted(_loaders())


def load(name: str, **options):
    """Return a data set.

    Parameters
    ----------
    name : str
        One of `available()`, or the path of a text file of your own that ends in .txt, .md or
        .rst, such as "my_text.txt", which is read as running text.
    **options
        Passed on to the data set's own loader, for example `classes=8` for "documentation".

    Returns
    -------
    object
        What the data set's own loader returns, such as a `TextDataset` or a `RunningText`.

    Raises
    ------
    DataError
        If the name is unknown, the data can be had from nowhere, or cannot be stored.
    InputError
        If the data set does not know an option or the option's value, or the text file cannot be
        read or holds no words.
    CourseError
        If the folder of the course is not found: see `course_utils.course.project_root`.
    """
    if str(name).lower().endswith((".txt", ".md", ".rst")):
        from course_utils.data.texts import text_file

        if options:
            raise InputError(f"A text file has no option {next(iter(options))!r}: leave it out.")
        return text_file(name)
    return _loader(name, options)(**options)


def _loaders() -> dict[str, str]:
    from course_utils.data.register import register

    registered = {name: download.parser for name, download in register().items()}
    taken = sorted(set(registered) & set(_LOADERS))
    if taken:
        raise DataError(
            f"The entry {taken[0]!r} in data/datasets.toml has the name of a data set that needs "
            "no download: choose another name."
        )
    return _LOADERS | registered


def _loader(name: str, options: dict) -> Callable:
    import inspect

    loaders = _loaders()
    if str(name) not in loaders:
        raise DataError(f"There is no data set {name!r}: {suggestion(name, sorted(loaders))}")
    loader = _function(name, loaders[name])
    known = inspect.signature(loader).parameters
    unknown = [option for option in options if option not in known]
    if unknown:
        raise InputError(
            f"The data set {name!r} has no option {unknown[0]!r}; it has "
            f"{', '.join(known) or 'none'}."
        )
    return loader


def _function(name: str, place: str) -> Callable:
    """Return the function at "module.function" of this package."""
    module, function = place.split(".")
    if find_spec(f"course_utils.data.{module}") is not None:
        found = getattr(import_module(f"course_utils.data.{module}"), function, None)
        if callable(found):
            return found
    raise DataError(
        f"The data set {name!r} is read by {place}, but course_utils/data/{module}.py has no "
        f"function {function}: look at its parser in data/datasets.toml."
    )
