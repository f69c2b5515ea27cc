"""Device, seeds, and the way between NumPy arrays and tensors."""

import os
import random

import numpy as np
import torch

from course_utils.errors import InputError


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and PyTorch."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def choose_device(prefer: str = "auto") -> torch.device:
    """Return the device to train on.

    Parameters
    ----------
    prefer : {"auto", "gpu", "cpu"}
        "auto" takes a GPU if there is one (CUDA, then Apple's). The environment variable
        `COURSE_DEVICE` answers for "auto".

    Raises
    ------
    InputError
        If a GPU is asked for and there is none.
    """
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


def describe_device() -> str:
    """Return one line: framework, version, device."""
    device = choose_device()
    name = torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()
    return f"PyTorch {torch.__version__.split('+')[0]} on {name}"


def to_tensor(array: np.ndarray, dtype: str | None = None) -> torch.Tensor:
    """Return an array as a tensor on the chosen device.

    Parameters
    ----------
    dtype : str, optional
        A NumPy name such as "float32"; by default the array's own type.
    """
    array = np.asarray(array)
    return torch.from_numpy(np.array(array, dtype=dtype or array.dtype)).to(choose_device())


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Return a tensor's numbers as an array, cut off from gradients and device."""
    return tensor.detach().cpu().numpy()
