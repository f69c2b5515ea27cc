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
        `COURSE_DEVICE` answers for "auto".

    Raises
    ------
    InputError
        If a GPU is asked for and there is none, or the device has another name.
    """


def describe_device():
    """Return one line: the framework, its version, and the device."""


def to_tensor(array, dtype=None):
    """Return a copy of an array as a tensor on the chosen device.

    Parameters
    ----------
    dtype : str, optional
        A NumPy name such as "float32"; by default the array's own type, which is float64 for
        Python's floats; models compute in float32.

    Raises
    ------
    InputError
        As `choose_device` does.
    """


def to_numpy(tensor):
    """Return a tensor's numbers as an array, cut off from gradients and device."""
