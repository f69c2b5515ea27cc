"""A net under learners' code: whatever it does besides returning becomes one sentence.

The whole check runs in a thread of its own, because a thread can be left behind. That works alike
on Linux, macOS and Windows, for a loop that never ends and also for one that catches everything.
What holds Python's lock in C code (`10**10**9`) stops the kernel itself: nothing written in Python
can end it.
"""

import contextvars
import copy
import ctypes
import io
import re
import sys
import textwrap
import threading
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from types import FrameType
from typing import Any

import numpy as np

SECONDS = 10.0
_LONGEST_PRINT = 20_000  # characters


class Wrong(Exception):
    """What a check raises to say what is wrong with an answer, in one sentence.

    Attributes
    ----------
    cause : str
        In a word or two, for tables of a whole class, such as "time" or "known mistake".
    """

    def __init__(self, sentence: str, cause: str = "wrong result") -> None:
        super().__init__(sentence)
        self.cause = cause


class NotDone(Exception):
    """The answer is still the stub."""


class _Stop(BaseException):
    """Ends the learner's code from outside."""


class _Printed(io.StringIO):
    """Keeps what is printed, and ends what prints without end."""

    def write(self, text: str) -> int:
        if self.tell() > _LONGEST_PRINT:
            raise Wrong("your code prints without end: look at its loop.", "time")
        return super().write(text)


def within_limits(work: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Return what `work()` returns; raise what it raises, or `Wrong` if it takes too long."""
    results: list = []

    def run() -> None:
        try:
            results.append((work(), None))
        except BaseException as error:
            results.append((None, error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    with redirect_stdout(_Printed()):
        thread.start()
        if told := _wait(thread, seconds):
            told += _where(sys._current_frames().get(thread.ident or 0))
            rest = "" if _stop(thread) else " It still runs: restart the kernel before you go on."
            raise Wrong(f"{told}.{rest}", "time")
    result, error = results[0]
    if error is not None:
        raise error
    return result


def _wait(thread: threading.Thread, seconds: float) -> str:
    """Wait for a thread, and say why if it has not ended then."""
    try:
        thread.join(seconds)
    except KeyboardInterrupt:
        return "you stopped the check"
    if thread.is_alive():
        return f"your code did not come to an end within {seconds:g} seconds"
    return ""


def _stop(thread: threading.Thread, tries: int = 100) -> bool:
    """Raise `_Stop` in a thread until it ends; whether it did, after a second of tries."""
    for _ in range(tries):
        _raise_in(thread)
        thread.join(0.01)
        if not thread.is_alive():
            return True
    threading.Thread(target=_keep_stopping, args=(thread,), daemon=True).start()
    return False


def _keep_stopping(thread: threading.Thread) -> None:
    while thread.is_alive():
        _raise_in(thread)
        thread.join(1)


def _raise_in(thread: threading.Thread) -> None:
    identity = ctypes.c_ulong(thread.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_Stop))


def _where(frame: FrameType | None) -> str:
    """Return the learner's line in a running stack as words, or nothing."""
    stack = traceback.extract_stack(frame) if frame else []
    return _own_line([*stack])


def _own_line(frames: list[traceback.FrameSummary]) -> str:
    """Return the learner's last line among frames: those of the file that we called."""
    calls = [
        i for i, f in enumerate(frames[:-1]) if f.filename == __file__ != frames[i + 1].filename
    ]
    after = frames[calls[-1] + 1 :] if calls else []
    after = [f for f in after if "site-packages" not in f.filename]  # a framework calls the learner
    own = [f for f in after if f.filename == after[0].filename and f.line]
    return f" (line {own[-1].lineno}: {own[-1].line})" if own else ""


class Watched:
    """Calls the learner's function; a stub, an error or a changed input becomes a sentence."""

    def __init__(self, function: Callable, to_numpy: Callable = np.asarray) -> None:
        if not callable(function):
            raise Wrong(f"give the function itself, not {brief(function)}.", "form")
        self.function, self.to_numpy = function, to_numpy

    def __call__(self, *arguments: Any) -> Any:
        before = copy.deepcopy(arguments)
        printed = _mark()
        try:
            with np.errstate(all="ignore"):  # the answer is the sentence, not NumPy's warnings
                result = self.function(*arguments)
        except NotImplementedError:
            raise NotDone from None
        except (Wrong, NotDone, _Stop):
            raise
        except SystemExit:
            told = "your code leaves Python (exit or quit): return the result instead."
            raise Wrong(told, "error") from None
        except BaseException as error:
            raise Wrong(_what_happened(error, before), "error") from None
        if is_stub(result):
            raise NotDone
        if result is None:
            told = "your function returns nothing"
            told += (
                ": it prints its result; return it."
                if _mark() > printed
                else ": end it with `return`."
            )
            raise Wrong(told, "no return")
        if not self._same(before, arguments):
            raise Wrong("your function changes what it was given: work on a copy.", "changed input")
        return result

    def _same(self, before: Any, after: Any) -> bool:
        if isinstance(before, dict):
            return list(before) == list(after) and self._same([*before.values()], [*after.values()])
        if isinstance(before, list | tuple):
            return len(before) == len(after) and all(map(self._same, before, after))
        if before is None or isinstance(before, str | int | float):
            return before == after
        before, after = self.to_numpy(before), self.to_numpy(after)
        return np.array_equal(before, after, equal_nan=np.asarray(before).dtype.kind == "f")


def detached(answer: Any) -> Any:
    """Cut PyTorch's tensors off from their gradients and device, inside of lists as well."""
    if isinstance(answer, list | tuple):
        return [detached(part) for part in answer]
    return answer.detach().cpu() if hasattr(answer, "detach") else answer


def _mark() -> int:
    """Return how much was printed so far."""
    return sys.stdout.tell() if isinstance(sys.stdout, _Printed) else 0


def is_stub(result: Any) -> bool:
    """Whether a result is the `...` of a stub, or has one in it."""
    if isinstance(result, list | tuple):
        return any(part is Ellipsis for part in result)
    return result is Ellipsis


def _what_happened(error: BaseException, arguments: tuple) -> str:
    """Name the error, what the function was given, and the learner's own line, in a sentence."""
    where = _own_line([*traceback.extract_tb(error.__traceback__)])
    given = ", ".join(brief(argument) for argument in arguments)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # Keras writes in bold
    told = textwrap.shorten(plain, 160, placeholder=" ...").rstrip(".")
    return f"your function raised {type(error).__name__} on ({given}): {told}{where}."


def brief(value: Any, width: int = 60) -> str:
    """Return a value on one short line, its numbers with at most four digits."""
    return textwrap.shorten(_text(value), width, placeholder=" ...")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(k)}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, set) and value:  # in an order that is the same in every run
        return "{" + ", ".join(sorted(map(_text, value))) + "}"
    array = np.asarray(detached(value))
    if array.dtype.kind not in "fiub":
        return repr(value)
    if array.ndim:
        return _text(array.tolist())
    return f"{float(array) + 0.0:.4g}" if array.dtype.kind == "f" else str(array.item())
