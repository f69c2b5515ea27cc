"""Settings and fixtures of all tests: figures are drawn without a screen."""

from contextlib import suppress

import matplotlib
import pytest
from adapters import PACKAGES, adapter

with suppress(ImportError):
    # CUDA builds of PyTorch bring Triton. Loaded after TensorFlow it ends the process, and the
    # tests load both frameworks; before TensorFlow it does no harm.
    import triton  # noqa: F401

matplotlib.use("Agg")


@pytest.fixture(params=PACKAGES)
def framework(request):
    """One adapter after the other."""
    return adapter(request.param)
