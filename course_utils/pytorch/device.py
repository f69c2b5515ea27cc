"""Device, seeds, and the way between NumPy arrays and tensors.

The docstrings of the public names stand in `course_utils/interface/device.py`.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from course_utils.errors import InputError
from course_utils.interface import device as described, implements
from course_utils.text.checks import number_array, number_type, whole_number
from course_utils.training.batches import model_dtype
from course_utils.training.device import want_processor, wanted_device

# What multiplies, and the setting that forbids it to round. PyTorch 2.9 brought a new name for
# it, and refuses to read the old one where both are set.
_BACKENDS: Any = torch.backends
_MULTIPLIES = [_BACKENDS.cuda.matmul, _BACKENDS.cudnn]
_FULL: tuple[str, str | bool] = ("allow_tf32", False)
if hasattr(_BACKENDS, "fp32_precision"):
    _MULTIPLIES = [_BACKENDS.cuda.matmul, _BACKENDS.cudnn.conv, _BACKENDS.cudnn.rnn]
    _MULTIPLIES += [_BACKENDS.mkldnn.matmul, _BACKENDS.mkldnn.conv, _BACKENDS.mkldnn.rnn]
    _FULL = ("fp32_precision", "ieee")


@implements(described.set_seed, own=("seed",))
def set_seed(seed: int) -> None:
    if whole_number(seed, "The seed", 0) >= 2**32:
        raise InputError(f"The seed must be below 2**32, but it is {seed}.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@implements(described.choose_device)
def choose_device(prefer: str = "auto") -> torch.device:
    prefer = wanted_device(prefer)
    if prefer != "cpu" and torch.cuda.is_available():
        return torch.device("cuda")
    if prefer != "cpu" and torch.backends.mps.is_available():
        return torch.device("mps")
    if prefer == "gpu":
        raise InputError("PyTorch sees no GPU here: choose the device 'cpu' or 'auto'.")
    return torch.device("cpu")


@implements(described.on_cpu)
@contextmanager
def on_cpu() -> Iterator[None]:
    with want_processor(), torch.device("cpu"):
        yield


@implements(described.full_precision)
@contextmanager
def full_precision() -> Iterator[None]:
    setting, full = _FULL
    before = [getattr(part, setting) for part in _MULTIPLIES]
    try:
        for part in _MULTIPLIES:
            setattr(part, setting, full)
        yield
    finally:
        for part, value in zip(_MULTIPLIES, before, strict=True):
            setattr(part, setting, value)


@implements(described.describe_device)
def describe_device() -> str:
    device = choose_device()
    name = torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()
    return f"PyTorch {torch.__version__.split('+')[0]} on {name}"


@implements(described.to_tensor, own=("array",))
def to_tensor(array: np.ndarray, dtype: str | None = None) -> torch.Tensor:
    array = number_array(array, "What becomes a tensor")
    return _tensor(array, number_type(array.dtype if dtype is None else dtype))


def _tensor(array: np.ndarray, kind: np.dtype) -> torch.Tensor:
    device = choose_device()
    if device.type == "mps" and kind == np.float64:
        kind = np.dtype(np.float32)
    return torch.from_numpy(np.array(array, dtype=kind)).to(device)


def input_tensor(array: np.ndarray) -> torch.Tensor:
    """Return an array as models take it: whole numbers as int64, all others as float32."""
    return _tensor(array, np.dtype(model_dtype(array)))


@implements(described.to_numpy)
def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
