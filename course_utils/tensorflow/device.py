"""Device, seeds, and the way between NumPy arrays and tensors.

The docstrings of the public names stand in `course_utils/interface/device.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from course_utils.errors import InputError
from course_utils.interface import device as described, implements
from course_utils.text.checks import number_array, number_type, whole_number
from course_utils.training.batches import model_dtype
from course_utils.training.device import want_processor, wanted_device


@implements(described.set_seed, own=("seed",))
def set_seed(seed: int) -> None:
    if whole_number(seed, "The seed", 0) >= 2**32:
        raise InputError(f"The seed must be below 2**32, but it is {seed}.")
    keras.utils.set_random_seed(seed)


@implements(described.choose_device)
def choose_device(prefer: str = "auto") -> str:
    prefer = wanted_device(prefer)
    if prefer != "cpu" and tf.config.list_physical_devices("GPU"):
        return "GPU:0"
    if prefer == "gpu":
        raise InputError("TensorFlow sees no GPU here: choose the device 'cpu' or 'auto'.")
    return "CPU:0"


@implements(described.on_cpu)
@contextmanager
def on_cpu() -> Iterator[None]:
    with want_processor(), tf.device("CPU:0"):
        yield


@implements(described.full_precision)
@contextmanager
def full_precision() -> Iterator[None]:
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    try:
        _allow_tf32(False)
        yield
    finally:
        _allow_tf32(before)


def _allow_tf32(allowed: bool) -> None:
    """Let products round their factors to TF32, or forbid it.

    The kernel of a matrix product asks for the setting each time it runs (`GetNumericOptions` in
    `tensorflow/core/kernels`), so a function that was traced earlier obeys, too. The kernel of a
    recurrent layer asks once for each length of a sequence, when it makes its cuDNN descriptor. It
    must be made anew: Keras's `clear_session` drops the kernels outside of functions the same way.
    """
    tf.config.experimental.enable_tensor_float_32_execution(allowed)
    context.context().clear_kernel_cache()


@implements(described.describe_device)
def describe_device() -> str:
    device = choose_device()
    name = "CPU"
    if device.startswith("GPU"):
        gpu = tf.config.list_physical_devices("GPU")[0]
        name = tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
    return f"TensorFlow {tf.__version__} with Keras {keras.__version__} on {name}"


@implements(described.to_tensor, own=("array",))
def to_tensor(array: np.ndarray, dtype: str | None = None) -> tf.Tensor:
    array = number_array(array, "What becomes a tensor")
    return _tensor(array, number_type(array.dtype if dtype is None else dtype))


def _tensor(array: np.ndarray, kind: np.dtype) -> tf.Tensor:
    with tf.device(choose_device()):
        return tf.constant(np.array(array, dtype=kind))


def input_tensor(array: np.ndarray) -> tf.Tensor:
    """Return an array as models take it: whole numbers as int64, all others as float32."""
    return _tensor(array, np.dtype(model_dtype(array)))


@implements(described.to_numpy)
def to_numpy(tensor: tf.Tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)
