"""Device, seeds, and the way between NumPy arrays and tensors."""

import os
import random

import numpy as np
import torch

from course_utils.errors import InputError
from course_utils.interface import device as described
from course_utils.interface import implements
from course_utils.text.checks import whole_number
from course_utils.training.batches import model_dtype


@implements(described.set_seed)
def set_seed(seed: int) -> None:
    whole_number(seed, "The seed", 0)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@implements(described.choose_device)
def choose_device(prefer: str = "auto") -> torch.device:
    if prefer == "auto":
        prefer = os.environ.get("COURSE_DEVICE", "auto")
    if prefer not in ("auto", "gpu", "cpu"):
        raise InputError(f"The device must be 'auto', 'gpu' or 'cpu', but it is {prefer!r}.")
    if prefer != "cpu" and torch.cuda.is_available():
        return torch.device("cuda")
    if prefer != "cpu" and torch.backends.mps.is_available():
        return torch.device("mps")
    if prefer == "gpu":
        raise InputError("PyTorch sees no GPU here: choose the device 'cpu' or 'auto'.")
    return torch.device("cpu")


@implements(described.describe_device)
def describe_device() -> str:
    device = choose_device()
    name = torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()
    return f"PyTorch {torch.__version__.split('+')[0]} on {name}"


@implements(described.to_tensor)
def to_tensor(array: np.ndarray, dtype: str | None = None) -> torch.Tensor:
    array = np.asarray(array)
    return torch.from_numpy(np.array(array, dtype=dtype or array.dtype)).to(choose_device())


def input_tensor(array: np.ndarray) -> torch.Tensor:
    """Return an array as models take it: whole numbers as int64, all others as float32."""
    return to_tensor(array, model_dtype(array))


@implements(described.to_numpy)
def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
