"""What a Python file defines and documents, found with `ast`; `published` puts files together."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """The names of one source file. A definition is called "name" or "Class.method"."""

    listed: set[str] | None = None  # __all__, where it is written out
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, name
    starred: list[str] = field(default_factory=list)  # modules of which all is imported
    kinds: dict[str, str] = field(default_factory=dict)  # definition -> function or class
    docstrings: dict[str, str] = field(default_factory=dict)  # definition -> text
    copied: dict[str, tuple[str, dict]] = field(default_factory=dict)  # -> from where, words
    bases: dict[str, list[str]] = field(default_factory=dict)  # class -> names of its parents
    aliases: dict[str, str] = field(default_factory=dict)  # name -> "name" or "instance.method"
    instances: dict[str, str] = field(default_factory=dict)  # name -> class
    newdocs: list[list[ast.expr]] = field(default_factory=list)  # arguments of add_newdoc


def parse(code: str, package: str) -> Module:
    """Read one file; its relative imports start from `package`.

    Raises
    ------
    SyntaxError, ValueError
        If the code is none that this Python reads.
    """
    module = Module()
    for node in _statements(ast.parse(code).body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                _define(module, node.name, node)
            case ast.ImportFrom():
                _import(module, package, node)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                module.listed = _texts(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                more = _texts(value)
                if module.listed is None or more is None:
                    module.listed = None
                else:
                    module.listed |= more
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made))):
                module.instances[name] = made  # its methods may get names of their own
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute()):
                module.aliases.setdefault(name, ast.unparse(node.value))
            case ast.Expr(ast.Call(func=ast.Name("add_newdoc"), args=arguments)):
                module.newdocs.append(arguments)
            case ast.Assign(targets=[ast.Attribute(ast.Name(id=name), "__doc__")], value=value):
                _copy(module, name, value)
    return module


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, those inside `if`, `try` and `with` as well."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _FUNCTION | ast.ClassDef):
            for part in ("handlers", "finalbody", "orelse", "body"):
                waiting += reversed(getattr(node, part, []))


def _define(module: Module, name: str, node: _Definition) -> None:
    """Note a function or a class with its methods; of several definitions the first one counts."""
    if name in module.docstrings:
        return
    module.kinds[name] = "class" if isinstance(node, ast.ClassDef) else "function"
    if text := ast.get_docstring(node):
        module.docstrings[name] = text
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    copies = [call for call in calls if "copy" in ast.unparse(call.func) and call.args]
    if copies:  # a decorator copies the docstring of something else, and may fill in words
        module.copied[name] = (ast.unparse(copies[0].args[0]), _words(calls))
    if isinstance(node, ast.ClassDef):
        module.bases[name] = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
        for inner in _statements(node.body):
            match inner:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    _define(module, f"{name}.{inner.name}", inner)
                case ast.Assign(targets=[ast.Attribute(ast.Name(id=method), "__doc__")]):
                    _copy(module, f"{name}.{method}", inner.value)


def _copy(module: Module, name: str, value: ast.expr) -> None:
    """Note an assignment such as `name.__doc__ = other.__doc__.format(word="x")`."""
    for part in ast.walk(value):
        if isinstance(part, ast.Attribute) and part.attr == "__doc__":
            calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
            module.copied[name] = (ast.unparse(part.value), _words(calls))


def _words(calls: list[ast.Call]) -> dict[str, object]:
    """Return the keywords of calls that are given a constant."""
    keywords = [keyword for call in calls for keyword in call.keywords]
    return {k.arg: k.value.value for k in keywords if k.arg and isinstance(k.value, ast.Constant)}


def _import(module: Module, package: str, node: ast.ImportFrom) -> None:
    parents = package.split(".")
    start = parents[: len(parents) - node.level + 1] if node.level else []
    source = ".".join([*start, *([node.module] if node.module else [])])
    for alias in node.names:
        if alias.name == "*":
            module.starred.append(source)
        else:
            module.imported[alias.asname or alias.name] = (source, alias.name)


def _texts(node: ast.expr) -> set[str] | None:
    """Return the strings of a list that is written out."""
    try:
        return set(ast.literal_eval(node))
    except (ValueError, TypeError):
        return None


def longest_text(node: ast.expr) -> str:
    """Return the longest string in an expression, such as "text {}".format("more")."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return max((text for text in texts if isinstance(text, str)), key=len, default="")
