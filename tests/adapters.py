"""The two adapters, for tests that run once for each framework."""

import importlib

import pytest

PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow"}


def adapter(name):
    """Return `course_utils.pytorch` or `course_utils.tensorflow`, or skip the test without it."""
    pytest.importorskip(PACKAGES[name])
    return importlib.import_module(f"course_utils.{name}")
