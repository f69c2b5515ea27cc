"""Settings and fixtures of all tests: figures are drawn without a screen."""

import os
import sys
from contextlib import ExitStack, suppress
from importlib import import_module

import matplotlib
import pytest
from adapters import PACKAGES, adapter

# CUDA builds of PyTorch bring Triton. Loaded after TensorFlow it ends the process, and the tests
# load both frameworks; before TensorFlow it does no harm.
with suppress(ImportError):
    import_module("triton")

matplotlib.use("Agg")

# Under `make test` a make that a test starts is a first one too, as at a user's prompt.
for inherited in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
    os.environ.pop(inherited, None)


@pytest.fixture(params=PACKAGES)
def framework(request):
    """One adapter after the other."""
    return adapter(request.param)


@pytest.fixture(autouse=True)
def full_precision(request):
    """Numbers are compared to many digits: also on a GPU no framework rounds to TF32."""
    if "framework" in request.fixturenames:
        request.getfixturevalue("framework")  # it may load now
    with ExitStack() as stack:
        for name in PACKAGES:
            if f"course_utils.{name}" in sys.modules:
                stack.enter_context(adapter(name).full_precision())
        yield
