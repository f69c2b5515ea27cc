"""One training loop for every model. It takes a step function and knows no framework."""

import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from course_utils.errors import CourseError, InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import describe, whole_number
from course_utils.training.bars import progress_bar

_MEMORY_ADVICE = (
    "There is not enough memory for a step of this training: take a smaller `batch_size`, shorter "
    "texts or a smaller model, and close other notebooks."
)
# What NumPy, PyTorch and TensorFlow say where memory ends.
_NO_MEMORY = r"out of memory|can't allocate memory|not enough memory|OOM when allocating"


@checked
@dataclass
class History:
    """What happened during training.

    Attributes
    ----------
    rows : list of dict
        One a finished epoch: `epoch` (from 1), `train_loss`, the measures of `evaluate` as
        `validation_<name>` (`validation_loss` is what Keras calls `val_loss`), and `seconds`. Where
        a training is evaluated within one pass over the data, a row is one evaluation.
    best_epoch : int
        The epoch with the best measure, whose weights `fit` puts back; the last one if nothing was
        validated.
    stopped_early : bool
        Whether `patience` ran out, or the learner stopped the training.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    stopped_early: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def seconds(self) -> float:
        """Seconds of all epochs, validation included."""
        return sum(row["seconds"] for row in self.rows)

    @checked
    def column(self, name: str) -> np.ndarray:
        """Return one measure over the epochs, shape (epochs,).

        Raises
        ------
        InputError
            If no epoch has this measure.
        """
        if not self.rows or name not in self.rows[0]:
            have = ", ".join(self.rows[0]) if self.rows else "nothing: no epoch was finished"
            raise InputError(f"This history has no column {name!r}; it has {have}.")
        return np.array([row[name] for row in self.rows])


@partial(checked, own=("epochs", "patience"))
def run_epochs(
    step: Callable[[Any], tuple[float, int]],
    batches: Callable[[int], Iterable],
    *,
    epochs: int,
    evaluate: Callable[[], dict[str, float]] | None = None,
    monitor: str = "validation_loss",
    patience: int | None = None,
    get_state: Callable[[], Any] | None = None,
    set_state: Callable[[Any], None] | None = None,
    progress: bool = True,
    description: str = "training",
    unit: str = "batch",
) -> History:
    """Train for some epochs, validate after each, and put back the weights of the best one.

    Interrupting the kernel stops the training, keeps what was learned so far, and returns the
    history. With any other error the weights of the best epoch are put back as well, and the error
    carries the finished epochs as its attribute `history`.

    Parameters
    ----------
    step : callable
        From a batch to (mean loss of the batch, rows of the batch); it changes the
        weights, but not with a loss that is NaN or infinite.
    batches : callable
        From the epoch (0, 1, ...) to its batches.
    epochs : int
        At least 1.
    evaluate : callable, optional
        Measures the model on the validation part, for example `{"loss": 0.4, "accuracy": 0.9}`.
    monitor : str
        The measure that decides which epoch is best: the lowest if it ends in `loss`, else the
        highest.
    patience : int, optional
        Stop after so many epochs without a better one.
    get_state, set_state : callable, optional
        Copy the weights out of the model, and put them back.
    progress : bool
        Whether to show a progress bar.
    description : str
        What the progress bar says.
    unit : str
        What the progress bar counts: "batch", or the name of a row, such as "word"; an epoch's
        batches then say how many there are as `n_rows`.

    Returns
    -------
    History
        `train_loss` is the mean over rows, not over batches: a short last batch counts less.

    Raises
    ------
    InputError
        If `epochs` or `patience` is no whole number or below 1, an epoch has no rows, `patience` is
        given without `evaluate`, or `evaluate` gives no dict of numbers or not the measure that
        `monitor` names.
    CourseError
        If the loss becomes NaN or infinite, the measure that `monitor` names becomes NaN, or the
        memory does not suffice.
    """
    whole_number(epochs, "The number of epochs", 1)
    if patience is not None and evaluate is None:
        raise InputError("Early stopping (patience) needs validation data to look at.")
    if patience is not None:
        whole_number(patience, "The patience", 1)
    history, best = History(), _Best(monitor, get_state)
    first = batches(0)  # its length is that of the bar

    def train() -> None:
        with progress_bar(first, epochs, description, progress, unit) as bar:
            for epoch in range(epochs):
                row = _run_epoch(step, batches(epoch) if epoch else first, epoch, bar, unit)
                _validate(row, evaluate, monitor)
                history.rows.append(row)
                best.update(row)
                if patience is not None and row["epoch"] - best.epoch >= patience:
                    history.stopped_early = True
                    return

    try:
        train()
    except KeyboardInterrupt:
        history.stopped_early = True
        which = "as they are now" if best.state is None else f"of epoch {best.epoch}"
        print(f"Stopped by you after {len(history)} of {epochs} epochs; weights {which}.")
    except Exception as error:
        full = _memory_is_full(error)
        told = CourseError(_MEMORY_ADVICE) if full else error
        told.history = history  # type: ignore[attr-defined]  # any error can carry it
        if full:
            raise told from error
        raise
    finally:
        history.best_epoch = best.epoch
        if set_state is not None and best.state is not None:
            set_state(best.state)
    return history


def _memory_is_full(error: Exception) -> bool:
    return isinstance(error, MemoryError) or bool(re.search(_NO_MEMORY, str(error), re.I))


def _run_epoch(
    step: Callable[[Any], tuple[float, int]], batches: Iterable, epoch: int, bar: Any, unit: str
) -> dict[str, float]:
    """Take one step for each batch, and return the row of the history."""
    start, total, rows = time.perf_counter(), 0.0, 0
    for batch in batches:
        loss, size = step(batch)
        if not math.isfinite(loss):
            raise CourseError(
                f"The loss became {loss} in epoch {epoch + 1}: lower the learning rate, or look "
                "for empty or infinite values in the data."
            )
        total, rows = total + loss * size, rows + size
        bar.update(1 if unit == "batch" else size)
    if rows == 0:
        raise InputError(
            f"Epoch {epoch + 1} has no rows: `batches` must make new batches for each."
        )
    bar.set_postfix(epoch=epoch + 1, loss=f"{total / rows:.3f}", refresh=False)
    return {
        "epoch": epoch + 1,
        "train_loss": total / rows,
        "seconds": time.perf_counter() - start,
    }


def _validate(
    row: dict[str, float], evaluate: Callable[[], dict[str, float]] | None, monitor: str
) -> None:
    """Add the validation measures to a row, and the time that they took."""
    if evaluate is None:
        return
    start = time.perf_counter()
    measures = evaluate()
    try:
        row.update({f"validation_{name}": float(value) for name, value in measures.items()})
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            '`evaluate` must return a dict of numbers, such as {"loss": 2.1}, but it returned '
            f"{describe(measures)}."
        ) from None
    row["seconds"] += time.perf_counter() - start
    if monitor not in row:
        raise InputError(f"There is no measure {monitor!r} to monitor; there is {', '.join(row)}.")
    if math.isnan(row[monitor]):
        raise CourseError(
            f"The {monitor.replace('_', ' ')} became nan in epoch {row['epoch']}: lower the "
            "learning rate, or look for empty or infinite values in the validation data."
        )


class _Best:
    """Remembers the best epoch and its weights. Without validation the newest is the best."""

    def __init__(self, monitor: str, get_state: Callable[[], Any] | None):
        self.monitor = monitor
        self.lowest = monitor.endswith("loss")  # else the highest is the best
        self.get_state = get_state
        self.epoch = 0
        self.state: Any = None
        self.value: float | None = None

    def update(self, row: dict[str, float]) -> None:
        value = row.get(self.monitor)
        if value is None:
            self.epoch = int(row["epoch"])
        elif self.value is None or (value < self.value if self.lowest else value > self.value):
            self.epoch, self.value = int(row["epoch"]), value
            if self.get_state is not None:
                self.state = self.get_state()
