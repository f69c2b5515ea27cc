"""Run the cases of the adapters in TensorFlow, with a second processor as the chosen device.

TensorFlow splits the processor into two devices before it starts, so this is a program of its own.
Its last line is the device of each weight, by case. What it prints before, and on standard error,
is TensorFlow's own record of where each operation ran.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"

import device_cases
import numpy as np
import tensorflow as tf

from course_utils import tensorflow as package
from course_utils.bert import elmo
from course_utils.training.device import wanted_device

CHOSEN = "CPU:1"


def choose_device(prefer="auto"):
    return "CPU:0" if wanted_device(prefer) == "cpu" else CHOSEN


def main():
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    for name, module in list(sys.modules.items()):
        if name.startswith("course_utils.tensorflow") and hasattr(module, "choose_device"):
            module.choose_device = choose_device
    tf.debugging.set_log_device_placement(True)
    elmo.static_table = lambda: np.ones((9, 8), np.float32)
    assert package.to_tensor(np.ones(2)).device.endswith(CHOSEN)
    models = {case.__name__: case(package) for case in device_cases.CASES}
    with tf.device(CHOSEN):  # TensorFlow itself decides where a model computes that is just called
        models["attend"] = device_cases.attend(package)
    places = {
        case: sorted({weight.value.device[-5:] for model in used for weight in model.weights})
        for case, used in models.items()
    }
    sys.stdout.flush()
    print("\n" + json.dumps(places))


if __name__ == "__main__":
    main()
