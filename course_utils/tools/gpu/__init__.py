"""Did a notebook use the GPU? What `make test-gpu` asks each notebook at its end."""

from dataclasses import dataclass

from course_utils.errors import CourseError

_SMALLEST = 1_000_000  # bytes that the training of any lesson takes
_GPUS = ("cuda", "mps", "gpu")  # as PyTorch and TensorFlow begin the names of devices


@dataclass(frozen=True)
class GpuUse:
    """Where the models and the data of a notebook lie.

    Attributes
    ----------
    models : dict of str to (int, str)
        The bytes of the weights and the device of each model, by the name of its variable.
    data : str
        The device on which new data arrives.
    memory : int
        The most bytes of GPU memory that were taken at one time.
    """

    models: dict[str, tuple[int, str]]
    data: str
    memory: int

    def check(self) -> str:
        """Return one line on what lay on the GPU.

        The largest model counts: small ones may have been made to be looked at only. A notebook
        may also keep no model, as one that trains tables of vectors; then the memory speaks.

        Raises
        ------
        CourseError
            If the largest model or the data is not on a GPU, or if less memory was taken than the
            model has, or without a model less than a million bytes.
        """
        name, (size, device) = max(
            self.models.items(),
            key=lambda item: item[1][0],
            default=("No model", (_SMALLEST, self.data)),
        )
        for what, where in (("New data", self.data), (f"The model {name!r}", device)):
            if not where.lower().startswith(_GPUS):
                raise CourseError(f"{what} is on {where}, not on a GPU: see `choose_device`.")
        if self.memory < size:
            raise CourseError(
                f"The notebook took {self.memory:,} bytes of GPU memory, fewer than the {size:,} "
                "that its training needs: it ran elsewhere."
            )
        return f"{name} and the data on {device}, {self.memory / 1e6:.0f} MB of GPU memory at most"
