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
        If the seed is no whole number from 0 up.
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
        As `choose_device` does.
    """


def to_numpy(tensor):
    """Return a tensor's numbers as an array, cut off from gradients and device."""
