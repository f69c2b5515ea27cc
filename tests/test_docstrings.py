"""What a docstring says of errors, parameters, defaults and attributes is what the code does."""

import ast
import re
from pathlib import Path

import pytest

from course_utils import errors

PACKAGE = Path(errors.__file__).parent
ERRORS = {name for name in vars(errors) if name.endswith("Error")}


def raised(node):
    """Return the names of the course's errors that a piece of code raises by itself."""
    calls = [n.exc for n in ast.walk(node) if isinstance(n, ast.Raise)]
    return {call.func.id for call in calls if isinstance(call, ast.Call)} & ERRORS


def described(path):
    """Return the docstrings that an adapter's file takes over from the interface, by name."""
    twin = PACKAGE / "interface" / path.name
    if path.parent.name not in ("pytorch", "tensorflow") or not twin.exists():
        return {}
    names = (ast.FunctionDef, ast.ClassDef)
    body = ast.parse(twin.read_text(encoding="utf8")).body
    return {node.name: ast.get_docstring(node) for node in body if isinstance(node, names)}


def documented(tree):
    """Return (node that raises, node whose docstring says so); a class speaks for its making."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            makers = ("__init__", "__post_init__")
            found += [(m, node if m.name in makers else m) for m in methods]
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found.append((node, node))
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_what_a_function_raises_is_in_its_docstring(path):
    texts = described(path)
    for node, speaker in documented(ast.parse(path.read_text(encoding="utf8"))):
        text = ast.get_docstring(speaker) or texts.get(speaker.name) or ""
        _, _, told = text.partition("Raises\n------\n")
        for error in raised(node):
            assert error in told, f"{speaker.name} raises {error}: say when, under Raises"


# Parameters that mean the same everywhere and need no line of their own.
OBVIOUS = {"model", "title", "xlabel", "ylabel", "seed", "epochs", "batch_size", "progress"}


def section(docstring, title):
    """Return the entries of a section, such as "a, b : int", as [(["a", "b"], "int")]."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-+$|\Z)", docstring, re.M | re.S)
    lines = [line for line in (found[1] if found else "").splitlines() if re.match(r"\S", line)]
    entries = [line.partition(" : ") for line in lines]
    return [([name.lstrip("*") for name in names.split(", ")], kind) for names, _, kind in entries]


def signature(node):
    """Return {parameter: default or nothing} of a function, or of what makes a class."""
    if isinstance(node, ast.ClassDef):
        makers = [part for part in node.body if getattr(part, "name", "") == "__init__"]
        if not makers:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            return {part.target.id: part.value for part in fields if part.target.id != "_"}
        node = makers[0]
    args = node.args
    by_place = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(by_place) - len(args.defaults)) + args.defaults
    named = dict(zip([arg.arg for arg in by_place], defaults, strict=True))
    named |= {args.vararg.arg: None} if args.vararg else {}
    named |= dict(zip([arg.arg for arg in args.kwonlyargs], args.kw_defaults, strict=True))
    named |= {args.kwarg.arg: None} if args.kwarg else {}
    named.pop("self", None)
    return named


def kept(node):
    """Return the names that an object of a class has: fields, properties, what methods set."""
    parts = list(ast.walk(node))
    names = {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)}
    names |= {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return names | {p.attr for p in parts if isinstance(p, ast.Attribute) and p.attr[0] != "_"}


def lies(node):
    """Return what a docstring says of parameters and attributes that the code does not."""
    told, known = ast.get_docstring(node) or "", signature(node)
    entries = section(told, "Parameters")
    names = [name for several, _ in entries for name in several]
    found = [f"{name} is no parameter" for name in names if name not in known]
    if not found and names != [name for name in known if name in names]:
        found.append(f"the order is {', '.join(known)}")
    for several, kind in entries:
        told_of = [(name, list(wrong_kind(kind, known.get(name)))) for name in several]
        mixed = len({bool(wrong) for _, wrong in told_of}) > 1  # "train, validation : ndarray"
        found += [f"{name}: {lie}" for name, wrong in told_of for lie in wrong if not mixed]
    if names:
        told = re.sub(r"`[^`]*`", "", told) + " ".join(re.findall(r"`(\w+)`", told))
        silent = [name for name in known if not re.search(rf"\b{name}\b", told)]
        found += [f"{name} is not explained" for name in silent if name not in OBVIOUS]
    if isinstance(node, ast.ClassDef):
        attributes = [name for names, _ in section(told, "Attributes") for name in names]
        found += [f"{name} is no attribute" for name in attributes if name not in kept(node)]
    return found


def wrong_kind(kind, default):
    """Compare "int", "float, optional" or '{"a", "b"}' with a default of the signature."""
    try:
        value = ast.literal_eval(default) if default is not None else ...
    except ValueError:  # computed, or a function: its name stands in the signature
        return
    if value is None and "optional" not in kind and "None" not in kind:
        yield "None by default, but not called optional"
    if value is ... and "optional" in kind:
        yield "called optional, but has no default"
    choices = re.match(r"\{.*?\}", kind)
    if choices and value not in (..., None) and value not in ast.literal_eval(choices[0]):
        yield f"{value!r} by default, which is no choice"
    simple = {"int": int, "float": (int, float), "str": str, "bool": bool}
    wanted = simple.get(kind.removesuffix(", optional"))
    right = isinstance(value, wanted or object) and (wanted is bool) == isinstance(value, bool)
    if wanted and value not in (..., None) and not right:
        yield f"{value!r} by default, which is no {kind}"


def public(tree):
    """Return the public functions and classes of a module, and their public methods."""
    defined = ast.FunctionDef | ast.ClassDef
    found = [node for node in tree.body if isinstance(node, defined) and node.name[0] != "_"]
    classes = [node for node in found if isinstance(node, ast.ClassDef)]
    parts = [part for node in classes for part in node.body if isinstance(part, ast.FunctionDef)]
    return found + [part for part in parts if part.name[0] != "_"]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_parameters_defaults_and_attributes_are_those_of_the_code(path):
    nodes = public(ast.parse(path.read_text(encoding="utf8")))
    assert [f"{node.name}: {lie}" for node in nodes for lie in lies(node)] == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["a : int", "b, c : str"], []),
        (["a : int", "b, d : str"], ["d is no parameter", "c is not explained"]),
        (["b, c : str", "a : int"], ["the order is a, b, c"]),
        (["a : int", "b : str"], ["c is not explained"]),
        (["a : int", "b : str", "    As `c`."], []),
        (["a : int", "b : str, optional", "c : str"], ["b: called optional, but has no default"]),
        (["a : bool", "b, c : str"], ["a: 1 by default, which is no bool"]),
        (['a : {"x", "y"}', "b, c : str"], ["a: 1 by default, which is no choice"]),
    ],
)
def test_a_lie_would_be_found(lines, found):
    told = "\n    ".join(["Add.", "", "Parameters", "----------", *lines])
    code = f'def f(a=1, *, b, c):\n    """{told}\n    """'
    assert lies(ast.parse(code).body[0]) == found


def test_a_default_of_none_is_called_optional():
    told = "Parameters\n    ----------\n    a : int\n    "
    (node,) = ast.parse(f'def f(a=None):\n    """{told}"""').body
    assert lies(node) == ["a: None by default, but not called optional"]


def test_an_attribute_that_there_is_not_would_be_found():
    told = "Attributes\n    ----------\n    a, b, c : int\n    "
    (node,) = ast.parse(f'class A:\n    """{told}"""\n    a: int\n    def b(self): pass').body
    assert lies(node) == ["c is no attribute"]
