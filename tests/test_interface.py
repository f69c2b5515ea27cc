"""Every name of the adapters is described once, in `course_utils.interface`."""

import importlib
import inspect
import pkgutil

import pytest
from adapters import adapter, public_names

from course_utils import interface


def described():
    """Return all functions and classes that the interface describes, by name."""
    found = {}
    for module in pkgutil.iter_modules(interface.__path__):
        names = vars(importlib.import_module(f"course_utils.interface.{module.name}"))
        found |= {
            name: target
            for name, target in names.items()
            if not name.startswith("_") and getattr(target, "__module__", "").endswith(module.name)
        }
    return found


def shape(target):
    """Return names, kinds and defaults of the parameters; a default function counts by its name."""
    return [
        (p.name, p.kind, getattr(p.default, "__name__", p.default))
        for p in inspect.signature(target).parameters.values()
    ]


def methods(target):
    """Return the public methods that a class defines itself, under the names of PyTorch."""
    own = {"forward" if name == "call" else name: m for name, m in vars(target).items()}
    return {n: m for n, m in own.items() if inspect.isfunction(m) and not n.startswith("_")}


def test_the_interface_describes_the_adapters_names_and_no_others(framework):
    assert sorted(described()) == public_names(framework)


@pytest.mark.parametrize("name", sorted(described()))
def test_twins_have_the_described_text_and_signature(framework, name):
    text, twin = described()[name], getattr(framework, name)
    assert inspect.getdoc(twin) == inspect.getdoc(text) and inspect.getdoc(text)
    assert shape(twin) == shape(text)
    if inspect.isclass(text):
        described_methods, own = methods(text), methods(twin)
        for method in described_methods:
            assert inspect.getdoc(own[method]) == inspect.getdoc(described_methods[method])
            assert shape(own[method]) == shape(described_methods[method])


def test_describing_loads_no_framework():
    assert adapter and not any(
        "torch" in vars(importlib.import_module(f"course_utils.interface.{m.name}"))
        for m in pkgutil.iter_modules(interface.__path__)
    )
