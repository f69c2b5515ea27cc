"""Settings and fixtures of all tests: figures are drawn without a screen."""

from contextlib import suppress
from importlib import import_module

import matplotlib
import pytest
from adapters import PACKAGES, adapter

# CUDA builds of PyTorch bring Triton. Loaded after TensorFlow it ends the process, and the tests
# load both frameworks; before TensorFlow it does no harm.
with suppress(ImportError):
    import_module("triton")

matplotlib.use("Agg")


@pytest.fixture(params=PACKAGES)
def framework(request):
    """One adapter after the other."""
    return adapter(request.param)
