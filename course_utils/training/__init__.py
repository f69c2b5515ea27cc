"""All lessons: batches, learning-rate schedules, the training loop, progress bars."""

from course_utils.training.bars import progress_hidden, track
from course_utils.training.batches import (
    Batches,
    ContiguousBatches,
    length_batches,
    length_order,
    minibatches,
    split_evenly,
)
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule, linear_schedule

__all__ = [
    "Batches",
    "ContiguousBatches",
    "History",
    "cosine_schedule",
    "length_batches",
    "length_order",
    "linear_schedule",
    "minibatches",
    "progress_hidden",
    "run_epochs",
    "split_evenly",
    "track",
]
