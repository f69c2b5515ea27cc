"""The two adapters, for tests that run once for each framework."""

import importlib
import inspect

import pytest

PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow"}


def adapter(name):
    """Return `course_utils.pytorch` or `course_utils.tensorflow`, or skip the test without it."""
    pytest.importorskip(PACKAGES[name])
    return importlib.import_module(f"course_utils.{name}")


def public_names(package):
    """Return the names that a package hands on, without its modules, in alphabetical order."""
    return sorted(
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    )
