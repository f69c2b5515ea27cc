"""The small tasks of lesson 5: pairs, spans, tokens and search, split by library."""

from dataclasses import dataclass

import numpy as np

from course_utils.tools.recipes.small_task_settings import TaskSettings


@dataclass(frozen=True)
class SmallTask:
    """MiniLM, fine-tuned on some libraries and tested on others.

    No weights are kept, only results: one row for each method, seed and held-out library, with its
    score, the standard error of this, and how many rows were judged.
    """

    settings: TaskSettings

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return self.settings.name

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train and test; return no arrays, and a log with all results."""
        from course_utils.tools.recipes import small_task_runs

        return {}, small_task_runs.run(self.settings)
