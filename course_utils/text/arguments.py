"""Arguments are read as the annotations of a function say, or refused in a sentence at once."""

import builtins
import inspect
import operator
import types
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
    ValuesView,
)
from functools import cache, wraps
from itertools import chain, repeat
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike

from course_utils.errors import InputError
from course_utils.text.checks import describe

Function = TypeVar("Function", bound=Callable)
Reader = Callable[[Any], Any]  # returns a value as a function takes it, or `_NO`
_NO = object()
_IN_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_ANY_PLACE = inspect.Parameter.VAR_POSITIONAL
_LISTS = (Sequence, Iterable, Collection, list, tuple)
_WORDS = {  # what a type is called, and in a list of many
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "truth values"),
    str: ("a string", "strings"),
    type(None): ("None", "None"),
    Path: ("a path", "paths"),
    PathLike: ("a path", "paths"),
    Callable: ("a function", "functions"),
    np.ndarray: ("an array of numbers", "arrays of numbers"),
    ArrayLike: ("an array of numbers", "arrays of numbers"),
    np.random.Generator: ("a generator such as np.random.default_rng(0)", "generators"),
}


def checked(function: Function, own: Sequence[str] | Literal[True] = ()) -> Function:
    """Let a function, or the making of a class, refuse arguments that are not of their types.

    The types are those of the annotations, read as NumPy's users mean them. A whole number of
    NumPy becomes Python's, a tensor or a list of numbers an array, a set a list. A word may stand
    for the list of its letters; True is no number, and a generator is no list.

    Parameters
    ----------
    function : callable
    own : sequence of str, or True for all
        Arguments that the function itself refuses, in sentences of its own.

    Raises
    ------
    InputError
        At a call with such an argument; the sentence names the argument.
    """
    if isinstance(function, type):
        function.__init__ = checked(function.__init__, own)  # type: ignore[misc]
        return function
    signature = inspect.signature(function)
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
    places = [name for name, kind in kinds.items() if kind in _IN_PLACE]
    rest = next((name for name, kind in kinds.items() if kind is _ANY_PLACE), None)

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        readers = _readers(function)

        def read(name: str | None, value: Any) -> Any:
            found = readers[name](value) if name in readers else value
            if found is not _NO:
                return found
            if own is True or name in own:
                return value
            raise InputError(_refusal(function, name, value))

        return function(
            *map(read, chain(places, repeat(rest)), args),
            **{name: read(name, value) for name, value in kwargs.items()},
        )

    guarded.__signature__ = signature  # type: ignore[attr-defined]  # Keras reads it
    return guarded  # type: ignore[return-value]


class _Names(dict):
    """The names that a function sees; what it imports for type checkers only may be anything."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, Any)


@cache
def _hints(function: Callable) -> dict[str | None, Any]:
    names = _Names(getattr(function, "__globals__", {}))
    return {
        name: eval(hint, {}, names) if isinstance(hint, str) else hint
        for name, hint in inspect.get_annotations(function).items()
        if name != "return"
    }


def _split(hint: Any) -> tuple[Any, tuple]:
    """Return what a type is at its core, and its parts: a list, and what is in it."""
    if isinstance(hint, TypeVar):
        return Union, hint.__constraints__ or (hint.__bound__ or Any,)
    origin = get_origin(hint) or hint
    return (Union if origin is types.UnionType else origin), get_args(hint)


@cache
def _readers(function: Callable) -> dict[str | None, Reader]:
    """Return the reader of each argument, but for those that may be anything."""
    return {name: _reader(hint) for name, hint in _hints(function).items() if hint is not Any}


@cache
def _reader(hint: Any) -> Reader:
    """Return what reads the values of a type."""
    origin, parts = (hint, ()) if hint in _READERS else _split(hint)
    if origin in _READERS:
        return _READERS[origin]
    if origin is Union:  # what needs no reading first: a tuple of arrays is no array
        readers = [_reader(part) for part in sorted(parts, key=_READERS.__contains__)]
        return lambda value: next((v for r in readers if (v := r(value)) is not _NO), _NO)
    if origin is Literal:
        return _accept(lambda value: value in parts)
    if origin in _LISTS:
        return _list_reader(origin, parts or (Any,))
    if origin is Any or not isinstance(origin, type):
        return lambda value: value
    if issubclass(origin, Mapping) and parts:
        read = _reader(parts[-1])
        return _accept(lambda value: isinstance(value, origin) and _all(read, value.values()))
    if origin.__name__ == "Tensor":
        return _accept(_is_tensor if origin.__module__.startswith("torch") else _is_numbers)
    return _accept(lambda value: isinstance(value, origin))


def _accept(fits: Callable[[Any], bool]) -> Reader:
    """Return what takes a value as it is, if it fits."""
    return lambda value: value if fits(value) else _NO


def _list_reader(origin: type, parts: tuple) -> Reader:
    """Return what reads a list, and tests its items where they can be read again."""
    several = len(parts) > 1 and parts[-1] is not Ellipsis  # a pair, for example
    item = _reader(parts[0])

    def read(value: Any) -> Any:
        if isinstance(value, str):  # a word is the list of its letters
            return value if parts[0] is str else _NO
        if not _is_list(value) or (isinstance(value, Iterator) and origin is not Iterable):
            return _NO
        if isinstance(value, Set | ValuesView) and not isinstance(value, origin):
            value = list(value)
        if several:
            fits = len(value) == len(parts) and all(
                _reader(part)(one) is not _NO for part, one in zip(parts, value, strict=True)
            )
        elif isinstance(value, np.ndarray) and value.dtype != object:
            fits = not len(value) or item(value[0]) is not _NO  # all are of one type
        else:
            fits = not isinstance(value, Sequence | np.ndarray) or _all(item, value)
        return value if fits else _NO

    return read


def _all(read: Reader, values: Iterable) -> bool:
    """Whether all values fit."""
    return all(read(value) is not _NO for value in values)


def _is_list(value: Any) -> bool:
    if isinstance(value, str | bytes | Mapping):
        return False
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) > 0


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return _NO
    try:
        return operator.index(value)
    except (TypeError, AttributeError):  # the second from an array of TensorFlow
        return _NO


def _number(value: Any) -> Any:
    if isinstance(value, int | float | np.integer | np.floating):
        return _NO if isinstance(value, bool) else value
    if isinstance(value, Real) or getattr(value, "shape", None) == ():
        try:
            return float(value)
        except (TypeError, ValueError):  # it holds no number, or none yet
            return _NO
    return _NO


def _array(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        if not (hasattr(value, "__array__") or isinstance(value, list | tuple | range)):
            return _NO
        try:
            value = np.asarray(value)
        except ValueError:  # rows of different lengths
            return _NO
    return value if value.dtype.kind in "biufc" or not value.size else _NO


def _is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of a framework, or stands for one while a model is built."""
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, np.ndarray)


def _is_numbers(value: Any) -> bool:
    """Whether TensorFlow, which reads arrays itself, can take a value as a tensor."""
    return _is_tensor(value) or _array(value) is not _NO


_READERS: dict[Any, Reader] = {
    int: _whole_number,
    float: _number,
    bool: lambda value: bool(value) if isinstance(value, bool | np.bool_) else _NO,
    np.ndarray: _array,
    ArrayLike: _array,
    Path: _accept(lambda value: isinstance(value, str | PathLike)),
    PathLike: _accept(lambda value: isinstance(value, str | PathLike)),
    Callable: _accept(callable),
}


def _refusal(function: Callable, name: str | None, value: Any) -> str:
    hint = _hints(function)[name]
    whose = function.__qualname__.removesuffix(".__init__")
    return f"{name} of {whose} must be {_words(hint)}, but {_found(value, hint)}."


def _found(value: Any, hint: Any) -> str:
    """Return what stands in the place of a good value: it, or its first item that does not fit."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) in _LISTS and isinstance(value, list | tuple):
            items: Iterable = enumerate(value)
            read = _reader(get_args(part)[0])
        elif isinstance(value, Mapping) and get_args(part):
            items, read = value.items(), _reader(get_args(part)[-1])
        else:
            continue
        for place, item in items:
            if read(item) is _NO:
                return f"its item {place!r} is {describe(item)}"
    one = ": put a single one in [ ]" if isinstance(value, str) and "a list" in _words(hint) else ""
    return f"it is {describe(value)}{one}"


def _words(hint: Any, many: bool = False) -> str:
    """Return a type in words: "a list of strings"."""
    origin, parts = (hint, ()) if hint in _WORDS else _split(hint)
    if origin in _WORDS:
        return _WORDS[origin][many]
    if origin is Union:
        return " or ".join(dict.fromkeys(_words(part, many) for part in parts))
    if origin is Literal:
        return "one of " + ", ".join(map(repr, parts))
    if origin in _LISTS:
        inside = f" of {_words(parts[0], many=True)}" if parts else ""
        return f"{'lists' if many else 'a list'}{inside}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "dicts" if many else "a dict"
    name = getattr(origin, "__name__", str(origin))
    name = {"Module": "model", "Layer": "model", "Tensor": "tensor"}.get(name, name)
    return name if many else f"a {name}"
