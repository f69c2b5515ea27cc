"""Load TensorFlow without its start-up messages, and with the settings that the course needs.

TensorFlow's C++ part writes log lines with a time stamp to the standard error of the process while
it is imported, whatever the log level. In a notebook they would differ from run to run.
"""

import contextlib
import os
from collections.abc import Iterator

from course_utils.errors import CourseError


@contextlib.contextmanager
def silent_standard_error() -> Iterator[None]:
    """Send file descriptor 2 nowhere for a moment, also for code that is not Python."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # else it takes all GPU memory at once
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

try:
    with silent_standard_error():
        import tensorflow as tf
except ImportError as error:
    raise ImportError(
        'TensorFlow is not installed here: run `pip install -c constraints.txt -e ".[tensorflow]"`.'
    ) from error

if os.environ.get("OMP_NUM_THREADS", "").isdigit():
    with contextlib.suppress(RuntimeError):  # too late: TensorFlow is running already
        threads = int(os.environ["OMP_NUM_THREADS"])
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)

# Each `fit` compiles a step of its own, once. TensorFlow takes a few short trainings in a row for
# an accident and warns about it.
tf.get_logger().addFilter(lambda record: "tf.function retracing" not in record.getMessage())

# Keras adds the arguments of a layer to the errors raised in it. It hands on as it is what bears
# this mark, so that one clear sentence stays one.
CourseError._keras_call_info_injected = True  # type: ignore[attr-defined]  # Keras alone reads it
