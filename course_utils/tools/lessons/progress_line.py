"""One line of progress for a notebook that runs."""

import sys
import time


class ProgressLine:
    """Shows how many cells are done; on a terminal the line is rewritten in place."""

    def __init__(self, name: str):
        self.name, self.start = name, time.perf_counter()
        self.live = sys.stdout.isatty()

    def update(self, done: int, total: int) -> None:
        """Say how many cells are done."""
        if self.live:
            print(
                f"\r{self._head()} cell {done} of {total}, {self._seconds()}  ", end="", flush=True
            )

    def done(self, result: str) -> None:
        """Close the line with a result."""
        start = "\r" if self.live else ""
        print(f"{start}{self._head()} {result}, {self._seconds()}          ".rstrip(), flush=True)

    def _head(self) -> str:
        return f"{self.name:<32}"

    def _seconds(self) -> str:
        return f"{time.perf_counter() - self.start:.0f} s"
