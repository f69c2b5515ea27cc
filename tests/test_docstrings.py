"""A public function that raises an error of the course says so under Raises."""

import ast
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
