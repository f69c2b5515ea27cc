"""Where the models and the data of a TensorFlow notebook lie."""

import keras
import numpy as np
import tensorflow as tf

from course_utils.tensorflow.device import to_tensor
from course_utils.tools.gpu import GpuUse


def gpu_use(variables: dict[str, object]) -> GpuUse:
    """Return where the models among some variables, such as `globals()`, and new data lie."""
    models = {}
    for name, value in variables.items():
        if isinstance(value, keras.layers.Layer) and value.weights:
            arrays = [weights.value for weights in value.weights]
            size = sum(array.shape.num_elements() * array.dtype.size for array in arrays)
            models[name] = (size, _short(arrays[0].device))
    return GpuUse(models, _short(to_tensor(np.zeros(1)).device), _gpu_memory())


def _short(device: str) -> str:
    """Return "GPU:0" for "/job:localhost/replica:0/task:0/device:GPU:0"."""
    return device.rpartition("device:")[2]


def _gpu_memory() -> int:
    """Return the most bytes that were taken at one time."""
    if not tf.config.list_physical_devices("GPU"):
        return 0
    return tf.config.experimental.get_memory_info("GPU:0")["peak"]
