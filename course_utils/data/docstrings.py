"""What the installed libraries define and document, with their parameters and what they raise.

The files are read with `ast`. Nothing is imported or run.
"""

import ast
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from course_utils.data.installed import cached, package_root, python_files, version_of

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Documented:
    """A public function, class or method with a docstring.

    Attributes
    ----------
    name : str
        Such as "numpy.linalg.solve": where it is written, without private files and folders.
    is_method : bool
    parameters : dict of str to str
        Each parameter, and its default as Python code, or "" if it has none. A class has those of
        its `__init__`.
    raised : list of str
        The exceptions that its own code raises, each once.
    docstring : str
    """

    name: str
    is_method: bool
    parameters: dict[str, str]
    raised: list[str]
    docstring: str


def documented(module: str | None, package: str | None) -> list[Documented]:
    """Return what a library defines and documents, in the order of its files.

    Parameters
    ----------
    module : str or None
        The name to import; None is the standard library.
    package : str or None
        The name to install.

    Raises
    ------
    DataError
        If the library is not installed.
    """

    def read() -> list[dict]:
        return [asdict(found) for found in _in_folder(package_root(module, package), module)]

    name = f"docstrings-{module or 'python'}"
    rows = cached(name, {name: version_of(package)}, (__file__,), read)
    return [Documented(**row) for row in rows]


def _in_folder(root: Path, module: str | None) -> Iterator[Documented]:
    for path, code in python_files(root):
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):  # a file for another version of Python
            continue
        parts = [*([module] if module else []), *path.relative_to(root).with_suffix("").parts]
        place = ".".join(part for part in parts if part[0] != "_")
        for node in tree.body:
            yield from _definitions(node, place)


def _definitions(node: ast.stmt, place: str, is_method: bool = False) -> Iterator[Documented]:
    """Yield a public function, or a class with its public methods."""
    if not isinstance(node, _FUNCTION | ast.ClassDef) or node.name[0] == "_":
        return
    name, docstring = f"{place}.{node.name}", ast.get_docstring(node)
    inner = node.body if isinstance(node, ast.ClassDef) else []
    makers = [part for part in inner if isinstance(part, _FUNCTION) and part.name == "__init__"]
    code = node if isinstance(node, _FUNCTION) else next(iter(makers), None)
    if docstring:
        parameters = _parameters(code.args) if code else {}
        raised = _raised(code) if code else []
        yield Documented(name, is_method, parameters, raised, docstring)
    for part in inner:
        yield from _definitions(part, name, is_method=True)


def _parameters(arguments: ast.arguments) -> dict[str, str]:
    named = arguments.posonlyargs + arguments.args
    missing = [None] * (len(named) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    return {
        argument.arg: ast.unparse(default) if default else ""
        for argument, default in zip(named + arguments.kwonlyargs, defaults, strict=True)
        if argument.arg not in ("self", "cls")
    }


def _raised(code: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the last part of the names after `raise`."""
    names: dict[str, None] = {}  # keeps the order, and each name once
    for part in ast.walk(code):
        if isinstance(part, ast.Raise) and part.exc is not None:
            called = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            if isinstance(called, ast.Name | ast.Attribute):
                names[ast.unparse(called).rpartition(".")[2]] = None
    return list(names)
