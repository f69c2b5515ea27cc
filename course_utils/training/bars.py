"""Progress bars, and how a learner switches them off."""

import os
from collections.abc import Iterable, Sized
from typing import Any

from course_utils.text.arguments import checked


@checked
def track(items: Iterable, description: str, unit: str = "step") -> Iterable:
    """Go through items with a progress bar, unless bars are switched off."""
    from tqdm.auto import tqdm

    return items if progress_hidden() else tqdm(items, desc=description, unit=unit, leave=False)


def progress_hidden() -> bool:
    """Whether the learner switched progress bars off (`COURSE_PROGRESS=0` or `TQDM_DISABLE=1`)."""
    return os.environ.get("COURSE_PROGRESS") == "0" or os.environ.get("TQDM_DISABLE") == "1"


def progress_bar(
    batches: Iterable, epochs: int, description: str, progress: bool, unit: str
) -> Any:
    """Return the bar of a training: a tqdm bar that counts batches, or rows of the name `unit`."""
    from tqdm.auto import tqdm
    from tqdm.std import tqdm as plain_tqdm

    if not progress or progress_hidden():
        return plain_tqdm(disable=True)
    size = getattr(batches, "n_rows", None)
    if unit == "batch":
        size = len(batches) if isinstance(batches, Sized) else None
    total = None if size is None else epochs * size
    return tqdm(total=total, desc=description, unit=unit, unit_scale=unit != "batch", leave=False)
