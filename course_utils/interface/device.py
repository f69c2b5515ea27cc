"""Device, seeds, and the way between NumPy arrays and tensors."""


def set_seed(seed):
    """Seed the global random generators of Python, NumPy and the framework.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1: NumPy takes no other.

    Raises
    ------
    InputError
        If the seed is no whole number from 0 to 2**32 - 1.
    """


def choose_device(prefer="auto"):
    """Return the device to compute on, as the framework names it.

    Parameters
    ----------
    prefer : {"auto", "gpu", "cpu"}
        "auto" takes a GPU if there is one: CUDA, in PyTorch also Apple's. The environment variable
        `COURSE_DEVICE` answers for "auto", and `on_cpu` before it.

    Raises
    ------
    InputError
        If a GPU is asked for and there is none, or the device has another name.
    """


def on_cpu():
    """Compute on the processor within a `with` block, also where there is a GPU.

    It is for what must be the same wherever a notebook runs, such as how the time of an algorithm
    grows: `choose_device()` answers with the processor, and so do all functions that ask it. Make
    the tensors and models within the block; what was made before stays where it is.
    """


def full_precision():
    """Multiply float32 numbers in float32 within a `with` block, also on a GPU.

    NVIDIA's GPUs since Ampere can round the factors of a product to TF32, which keeps 10 of the 23
    bits of the mantissa: errors of about 1e-3 instead of 1e-7. PyTorch lets recurrent layers and
    convolutions do so, TensorFlow all products. Use the block where two results should be equal up
    to float32. Processors and Apple's GPUs know no TF32; there it changes nothing.

    Afterwards the settings are as before. They belong to the whole process, other threads included.
    In TensorFlow, a recurrent layer within a `tf.function` keeps the precision of its first call:
    make the function, or the generator that holds it, within the block.
    """


def describe_device():
    """Return one line: the framework, its version, and the device."""


def to_tensor(array, dtype=None):
    """Return a copy of an array as a tensor on the chosen device.

    Parameters
    ----------
    dtype : str, optional
        A NumPy name such as "float32"; by default the array's own type, which is float64 for
        Python's floats; models compute in float32. Apple's GPUs know no float64: there it becomes
        float32.

    Raises
    ------
    InputError
        As `choose_device` does, or if NumPy has no such type.
    """


def to_numpy(tensor):
    """Return a tensor's numbers as an array, cut off from gradients and device."""
