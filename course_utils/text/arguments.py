"""Arguments of another type than a function's annotations say: one sentence, before any work."""

import builtins
import inspect
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, wraps
from itertools import chain, repeat
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np

from course_utils.errors import InputError
from course_utils.text.checks import describe

Function = TypeVar("Function", bound=Callable)
_WORDS = {  # what a type is called, and in a list of many
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "truth values"),
    str: ("a string", "strings"),
    type(None): ("None", "None"),
    Path: ("a path", "paths"),
    np.ndarray: ("an array of numbers", "arrays of numbers"),
    np.random.Generator: ("a generator such as np.random.default_rng(0)", "generators"),
}
_IN_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_ANY_PLACE = inspect.Parameter.VAR_POSITIONAL
_LISTS = (Sequence, Iterable, Collection, list, tuple)


def checked(function: Function, own: Sequence[str] = ()) -> Function:
    """Let a function, or the making of a class, refuse arguments that are not of their types.

    The types are those of the annotations, read as NumPy's users mean them: a whole number may be
    one of NumPy, an array may be a list of numbers, a list of strings is not one string.

    Parameters
    ----------
    function : callable
    own : sequence of str
        Arguments for which the function has sentences of its own.

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
        tests = _tests(function)
        names = places if len(args) <= len(places) else chain(places, repeat(rest))
        for name, value in chain(zip(names, args, strict=False), kwargs.items()):
            test = tests.get(name)
            if test is not None and name not in own and not test(value):
                raise InputError(_refusal(function, name, value))
        return function(*args, **kwargs)

    guarded.__signature__ = signature  # type: ignore[attr-defined]  # Keras reads it
    return guarded  # type: ignore[return-value]


def _refusal(function: Callable, name: str | None, value: Any) -> str:
    hint = _hints(function)[name]
    whose = function.__qualname__.removesuffix(".__init__")
    return f"{name} of {whose} must be {_words(hint)}, but {_found(value, hint)}."


@cache
def _tests(function: Callable) -> dict[str | None, Callable[[Any], bool]]:
    """Return the test of each argument, but for those that may be anything."""
    hints = _hints(function)
    return {name: _test(hint) for name, hint in hints.items() if hint is not Any}


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
    }


@cache
def _test(hint: Any) -> Callable[[Any], bool]:
    """Return the function that says whether a value fits a type."""
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, types.UnionType):
        tests = [_test(part) for part in parts]
        return lambda value: any(test(value) for test in tests)
    if origin is Literal:
        return lambda value: value in parts
    if isinstance(hint, TypeVar):
        return _test(_meant(hint))
    if origin in _LISTS and parts:
        return _list_test(parts)
    if isinstance(origin, type) and issubclass(origin, Mapping) and parts:
        test = _test(parts[1])
        return lambda value: isinstance(value, origin) and all(map(test, value.values()))
    if origin in _TESTS:
        return _TESTS[origin]
    if isinstance(origin, type) and origin.__name__ == "Tensor":
        return _is_tensor
    if isinstance(origin, type) and origin is not Any:
        return lambda value: isinstance(value, origin)
    return lambda value: True


def _meant(variable: TypeVar) -> Any:
    """Return the types that a type variable stands for."""
    return Union[variable.__constraints__ or (variable.__bound__ or Any,)]  # noqa: UP007


def _list_test(parts: tuple) -> Callable[[Any], bool]:
    """Return the test of a list: of each item, if it can be read more than once."""
    if len(parts) > 1 and parts[-1] is not Ellipsis:
        tests = [_test(part) for part in parts]
        return lambda value: (
            isinstance(value, Sequence)
            and len(value) == len(tests)
            and all(test(item) for test, item in zip(tests, value, strict=True))
        )
    test = _test(parts[0])

    def fits(value: Any) -> bool:
        if isinstance(value, str):  # a word is the list of its letters
            return parts[0] is str
        if not _is_list(value):
            return False
        return not isinstance(value, Sequence | np.ndarray) or all(map(test, value))

    return fits


def _is_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _found(value: Any, hint: Any) -> str:
    """Return what stands in the place of a good value: it, or its first item that does not fit."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) in _LISTS and isinstance(value, list | tuple):
            items: Iterable = enumerate(value)
            test = _test(get_args(part)[0])
        elif isinstance(value, Mapping) and get_args(part):
            items, test = value.items(), _test(get_args(part)[-1])
        else:
            continue
        for place, item in items:
            if not test(item):
                return f"its item {place!r} is {describe(item)}"
    one = ": put a single one in [ ]" if isinstance(value, str) and "a list" in _words(hint) else ""
    return f"it is {describe(value)}{one}"


def _is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of a framework, or stands for one while a model is built."""
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, np.ndarray)


def _is_array(value: Any) -> bool:
    """Whether NumPy can read a value as numbers: an array, a tensor, or a list."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    if hasattr(value, "__array__"):
        return True
    if not isinstance(value, list | tuple | range):
        return False
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    return array.dtype.kind in "biufc" or array.size == 0


_TESTS: dict[Any, Callable[[Any], bool]] = {
    int: lambda v: hasattr(v, "__index__") and not isinstance(v, bool | np.bool_ | np.ndarray),
    float: lambda v: isinstance(v, Real) and not isinstance(v, bool | np.bool_),
    bool: lambda v: isinstance(v, bool | np.bool_),
    np.ndarray: _is_array,
    Path: lambda v: isinstance(v, str | PathLike),
    PathLike: lambda v: isinstance(v, str | PathLike),
    Callable: callable,
    Iterable: _is_list,
    Sequence: _is_list,
}


def _words(hint: Any, many: bool = False) -> str:
    """Return a type in words: "a list of strings"."""
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if isinstance(hint, TypeVar):
        return _words(_meant(hint), many)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(part, many) for part in parts))
    if origin is Literal:
        return "one of " + ", ".join(map(repr, parts))
    if origin in _LISTS:
        inside = f" of {_words(parts[0], many=True)}" if parts else ""
        return f"{'lists' if many else 'a list'}{inside}"
    if origin in _WORDS:
        return _WORDS[origin][many]
    if origin is Callable:
        return "functions" if many else "a function"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "dicts" if many else "a dict"
    name = getattr(origin, "__name__", str(origin))
    return name if many else f"a {name}"
