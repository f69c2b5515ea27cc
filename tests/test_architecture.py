"""The rooms of the package: no circles, no arrow into the tools, no private name from next door."""

import ast
from pathlib import Path

import pytest

import course_utils

PACKAGE = Path(course_utils.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
MAY_USE_TOOLS = {"course_utils.__main__"}
ADAPTERS = ("course_utils.pytorch", "course_utils.tensorflow")


def module_name(path, root=ROOT):
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imported(tree, modules):
    """Return (module, name) for each import of the package in a file, those in functions too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.append((inner, "") if inner in modules else (node.module, alias.name))
    return [(module, name) for module, name in found if module in modules]


ARROWS = {
    name: imported(ast.parse(path.read_text(encoding="utf8")), MODULES)
    for name, path in MODULES.items()
}


def circle(arrows):
    """Return the names along one circle of imports, or nothing."""
    done = set()

    def follow(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        found = next(filter(None, (follow(m, [*path, name]) for m, _ in arrows[name])), [])
        done.add(name)
        return found

    return next(filter(None, (follow(name, []) for name in arrows)), [])


def test_no_imports_go_round_in_a_circle():
    # A room hands on the names of its files: that is no circle unless a file imports the room.
    assert not circle(ARROWS), " -> ".join(circle(ARROWS))


def test_a_circle_would_be_found():
    arrows = {"a": [("b", "")], "b": [("c", "x")], "c": [("a", "")], "d": [("a", "")]}
    assert circle(arrows) == ["a", "b", "c", "a"]
    assert circle({"a": [("b", "")], "b": []}) == []
    inside = ast.parse("def late():\n    from course_utils.errors import InputError")
    assert imported(inside, MODULES) == [("course_utils.errors", "InputError")]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_what_a_learner_imports_knows_no_tools(name):
    tools = [m for m, _ in ARROWS[name] if m.startswith("course_utils.tools")]
    assert not tools or name.startswith("course_utils.tools") or name in MAY_USE_TOOLS, tools


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_private_name_is_imported_from_another_file(name):
    private = [(m, n) for m, n in ARROWS[name] if n.startswith("_") and not n.startswith("__")]
    assert not private


@pytest.mark.parametrize("name", sorted(MODULES))
def test_arrows_point_from_the_adapters_to_the_core(name):
    core = not name.startswith((*ADAPTERS, "course_utils.tools"))
    adapters = {m for m, _ in ARROWS[name] if m.startswith(ADAPTERS)}
    if core:
        assert not adapters
    for one, other in (ADAPTERS, ADAPTERS[::-1]):
        assert not (name.startswith(one) and any(m.startswith(other) for m in adapters))


def test_few_files_lie_loose_and_each_room_says_what_it_serves():
    assert len(list(PACKAGE.glob("*.py"))) <= 9
    for room in (path for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()):
        text = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf8")))
        first = text.splitlines()[0]
        task = "lesson" in first.lower() or room.name == "tools"
        assert task and first.endswith("."), f"{room.name}: say which lesson or task it serves"


def room(name):
    """Return the room of a module: its folder, or the loose file itself."""
    return ".".join(name.split(".")[:2])


def test_no_rooms_need_each_other():
    rooms = {room(name): set() for name in MODULES}
    for name, arrows in ARROWS.items():
        rooms[room(name)] |= {(room(m), "") for m, _ in arrows} - {(room(name), "")}
    assert not circle(rooms), " -> ".join(circle(rooms))
