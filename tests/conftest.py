"""Settings and fixtures of all tests: figures are drawn without a screen."""

import matplotlib
import pytest
from adapters import PACKAGES, adapter

matplotlib.use("Agg")


@pytest.fixture(params=PACKAGES)
def framework(request):
    """One adapter after the other."""
    return adapter(request.param)
