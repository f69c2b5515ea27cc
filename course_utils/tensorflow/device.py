"""Device, seeds, and the way between NumPy arrays and tensors."""

import os

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import InputError


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow."""
    keras.utils.set_random_seed(seed)


def choose_device(prefer: str = "auto") -> str:
    """Return the device to train on.

    Parameters
    ----------
    prefer : {"auto", "gpu", "cpu"}
        "auto" takes a GPU if there is one. The environment variable `COURSE_DEVICE` answers for
        "auto".

    Raises
    ------
    InputError
        If a GPU is asked for and there is none.
    """
    if prefer == "auto":
        prefer = os.environ.get("COURSE_DEVICE", "auto")
    if prefer not in ("auto", "gpu", "cpu"):
        raise InputError(f"The device must be 'auto', 'gpu' or 'cpu', but it is {prefer!r}.")
    if prefer != "cpu" and tf.config.list_physical_devices("GPU"):
        return "GPU:0"
    if prefer == "gpu":
        raise InputError("TensorFlow sees no GPU here: choose the device 'cpu' or 'auto'.")
    return "CPU:0"


def describe_device() -> str:
    """Return one line: framework, version, device."""
    device = choose_device()
    name = "CPU"
    if device.startswith("GPU"):
        gpu = tf.config.list_physical_devices("GPU")[0]
        name = tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
    return f"TensorFlow {tf.__version__} with Keras {keras.__version__} on {name}"


def to_tensor(array: np.ndarray, dtype: str | None = None) -> tf.Tensor:
    """Return an array as a tensor on the chosen device.

    Parameters
    ----------
    dtype : str, optional
        A NumPy name such as "float32"; by default the array's own type.
    """
    array = np.asarray(array)
    with tf.device(choose_device()):
        return tf.constant(np.array(array, dtype=dtype or array.dtype))


def to_numpy(tensor: tf.Tensor) -> np.ndarray:
    """Return a tensor's numbers as an array, cut off from gradients and device."""
    return keras.ops.convert_to_numpy(tensor)
