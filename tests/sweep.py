"""Every public function gets every kind of bad value, one argument at a time.

`python tests/sweep.py` writes what came back to `tests/SWEEP.md`. What comes back is

- `sentence`: one of the course's own errors, in one sentence;
- `right`: a result that the docstring allows, by the rules in `sweep_rules.py`;
- `bare`: another error; those that stay are listed in `sweep_rules.py`, each with its reason;
- `silent`: a result that no rule allows; `hang`: more than 8 seconds of the processor, or a
  minute without an end; `dead`: the process ended.

A group of calls runs in a process of its own, so that a crash is seen and the next call goes on.
"""

import inspect
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from queue import Empty, Queue

import numpy as np

HERE = Path(__file__).parent
FILE = __file__  # what a process of its own runs
TABLE = HERE / "SWEEP.md"
SECONDS = 8
MEMORY = 3 * 10**9  # bytes that a call may take beside what the process has
LARGE = 10**10  # as a size, more than 2 GB of anything

HEAD = """# Bad values

Made by `python tests/sweep.py`: every public function gets every kind of bad value, one argument at
a time. When the sweep began, 34 % of the calls in the core and 28 % in either adapter ended in a
result that is right or in a sentence.

| room | functions | calls | sentence | right | other error | silent, hang, dead | good share |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


def bad_values(good: object, room: type | None = None) -> Iterator[tuple[str, object]]:
    """Yield kinds of bad values for an argument, by what a good one looks like."""
    if isinstance(good, np.ndarray) and good.dtype.kind == "f":
        yield "NaN", np.full_like(good, np.nan)
        yield "one NaN", _with(good, np.nan)
        yield "infinite", _with(good, np.inf)
        yield from _shapes(good)
        yield "strings", np.full(good.shape, "x")
        yield "objects", np.full(good.shape, None)
    elif isinstance(good, np.ndarray) and good.dtype.kind in "iu":
        yield "negative", _with(good, -1)
        yield "far outside", _with(good, 10**6)
        yield "fractions", good + 0.5
        yield "truth values", good > 0
        yield from _shapes(good)
        yield "strings", np.full(good.shape, "x")
    elif isinstance(good, np.ndarray):
        yield from _shapes(good)
        yield "strings", np.full(good.shape, "x")
    elif isinstance(good, bool):
        yield "a word", "yes"
        yield "a number", 2
    elif isinstance(good, int):
        yield from [("zero", 0), ("negative", -1), ("a fraction", 1.5), ("NaN", math.nan)]
        yield from [("a word", "3"), ("a list", [1]), ("large", LARGE), ("a truth value", True)]
    elif isinstance(good, float):
        yield from [("NaN", math.nan), ("infinite", math.inf), ("negative", -1.0), ("a word", "1")]
        yield from [("a list", [good]), ("a truth value", True)]
    elif isinstance(good, str):
        yield from [("empty", ""), ("unknown", "no-such-thing"), ("bytes", b"x"), ("a number", 3)]
    elif isinstance(good, Path):
        yield from [("missing", good.parent / "none" / "none"), ("a number", 3)]
    elif isinstance(good, dict):
        yield from [("empty", {}), ("other values", dict.fromkeys(good)), ("a number", 3)]
    elif isinstance(good, list | tuple):
        yield from [("empty", type(good)()), ("a number", 3), ("None inside", [*good[:-1], None])]
        yield "one too many", [*good, *good[:1]]
        if good and isinstance(good[0], str):
            yield from [("one string", "text"), ("a number inside", [*good[:-1], 3])]
        elif good and isinstance(good[0], int | float):
            yield from [
                ("NaN inside", [*good[:-1], math.nan]),
                ("a word inside", [*good[:-1], "x"]),
            ]
        elif good and isinstance(good[0], list):
            yield from [("a fraction inside", [*good[:-1], [1.5]]), ("words inside", [["x"]])]
    elif callable(good):
        yield from [("a number", 3), ("returns nothing", lambda *_: None)]
    else:
        yield "a number", 3
    yield "None", None
    if not isinstance(good, str | int | float | dict):
        yield "a dict", {"a": 1}


class Tensor:
    """Stands for a tensor of either framework, which NumPy can read."""

    def __init__(self, array: np.ndarray):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __array__(self, dtype: object = None, copy: bool | None = None) -> np.ndarray:
        return self.array.astype(dtype or self.dtype)

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator:
        return iter(self.array)


def natural_values(good: object) -> Iterator[tuple[str, object]]:
    """Yield what means the same as a good argument, and must do."""
    if isinstance(good, np.ndarray) and good.dtype.kind in "biuf":
        yield from [("a list", good.tolist()), ("a tensor", Tensor(good))]
    elif isinstance(good, bool):
        yield "NumPy's", np.bool_(good)
    elif isinstance(good, int):
        yield "NumPy's", np.int32(good)
    elif isinstance(good, float):
        yield "an array", np.array(good)
    elif isinstance(good, Path):
        yield "a string", str(good)
    elif isinstance(good, list | tuple):
        yield ("a list", [*good]) if isinstance(good, tuple) else ("a tuple", (*good,))
        if good and all(isinstance(item, str) for item in good) and len({*good}) == len(good):
            yield "keys", dict.fromkeys(good).keys()
            yield "an array", np.array(good)


def _with(good: np.ndarray, value: float) -> np.ndarray:
    changed = good.copy()
    changed.flat[-1] = value
    return changed


def _shapes(good: np.ndarray) -> Iterator[tuple[str, object]]:
    yield "empty", good[:0]
    yield "one axis more", good[None]
    yield "one axis less", good[0] if good.ndim else good
    yield "one row less", good[:-1] if good.ndim and len(good) > 1 else good[:0]
    yield "a word", "text"
    yield "ragged", [[1], [1, 2]]


def calls(group: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield with a key for each function of a group its good call, `name()`, and all others.

    `name(argument: kind)` has a bad argument, `name(argument as kind)` one that means the same.
    """
    from sweep_calls import good_calls
    from sweep_rules import LONG

    for name, make in good_calls(group).items():
        function, good = make()
        optional = {
            p.name for p in inspect.signature(function).parameters.values() if p.default is None
        }
        yield f"{name}()", lambda make=make: _call(*make())
        for parameter, value in good.items():
            for values, sign in ((bad_values, ":"), (natural_values, " as")):
                for number, (kind, _) in enumerate(values(value)):
                    key = f"{name}({parameter}{sign} {kind})"
                    if (kind == "None" and parameter in optional) or any(
                        fnmatchcase(key, p) for p in LONG
                    ):
                        continue

                    def call(make=make, parameter=parameter, number=number, values=values):
                        function, good = make()
                        other = [*values(good[parameter])][number][1]
                        return _call(function, good | {parameter: other})

                    yield key, call


def _call(function: Callable, arguments: dict) -> object:
    """Return a result; what yields its parts only when asked is asked for three of them."""
    result = function(**arguments)
    if inspect.isgenerator(result):
        return [part for part, _ in zip(result, range(3), strict=False)]
    return result


def judge(call: Callable[[], object]) -> tuple[str, str]:
    """Return the verdict on a call (`right` is for the rules to say), and what was told."""
    from course_utils.errors import CourseError

    def too_long(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: a busy machine is no hang
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = call()
    except TimeoutError:
        return "hang", ""
    except CourseError as error:
        return ("sentence" if _is_sentence(str(error)) else "bare"), f"{error}"
    except BaseException as error:
        return "bare", f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "returned", repr(result)[:120]


def _is_sentence(text: str) -> bool:
    return 15 < len(text) < 500 and "\n" not in text.strip() and "Traceback" not in text


def work(group: str, done: list[str]) -> None:
    """Run the calls of a group but for those that are done, and print each verdict as JSON."""
    import contextlib

    out = os.fdopen(os.dup(1), "w", encoding="utf8")
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2 * MEMORY, resource.RLIM_INFINITY))
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        for key, call in calls(group):
            if key not in done:
                print(json.dumps(["start", key]), file=out, flush=True)
                print(json.dumps([key, *judge(call)]), file=out, flush=True)
        print(json.dumps(["end", ""]), file=out, flush=True)


def sweep(group: str) -> dict[str, tuple[str, str]]:
    """Run a group in processes of its own; return verdict and answer of each call."""
    found: dict[str, tuple[str, str]] = {}
    while True:
        command = [sys.executable, FILE, group, "--but", json.dumps([*found])]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        running = _read(process, found)
        if running == "end":
            return found
        verdict = "hang" if process.poll() is None else "dead"
        process.kill()
        process.wait()
        if running is None:
            raise RuntimeError(f"The sweep ends between two calls: run tests/sweep.py {group}.")
        found[running] = verdict, ""


def _read(process: subprocess.Popen, found: dict[str, tuple[str, str]]) -> str | None:
    """Collect verdicts; return the call at which the process ended or hung, or "end"."""
    lines: Queue = Queue()
    assert process.stdout is not None
    stream = process.stdout
    threading.Thread(target=lambda: [*map(lines.put, stream), lines.put("")], daemon=True).start()
    running = None
    while running != "end":
        try:
            line = lines.get(timeout=300 if running is None else 8 * SECONDS)
        except Empty:
            return running
        if not line:
            process.wait()
            return running
        first, *rest = json.loads(line)
        if first == "start":
            running = rest[0]
        elif first == "end":
            running = "end"
        else:
            running, found[first] = None, (rest[0], rest[1])
    process.wait()
    return running


def table(results: dict[str, dict[str, tuple[str, str]]]) -> str:
    """Return the numbers of each room as a Markdown page."""
    from sweep_rules import verdict

    rows = []
    for group, found in results.items():
        rooms: dict[str, list[str]] = {}
        for key, (said, _) in found.items():
            if " as " in key:
                continue
            room = group if group != "core" else key.partition(".")[0]
            kind = "good" if key.endswith("()") else verdict(key, said)
            rooms.setdefault(room, []).append(kind)
        if group == "core":
            rooms["core"] = sum(rooms.values(), [])
        for room, verdicts in rooms.items():
            counts = [verdicts.count(v) for v in ("good", "sentence", "right", "bare")]
            calls = len(verdicts) - counts[0]
            rest = calls - sum(counts[1:])
            share = (counts[1] + counts[2]) / calls
            numbers = [counts[0], calls, *counts[1:], rest]
            rows.append(f"| {room} | {' | '.join(map(str, numbers))} | {share:.1%} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    if len(sys.argv) > 1:
        work(sys.argv[1], json.loads(sys.argv[3]))
    else:
        groups = ("core", "pytorch", "tensorflow")
        TABLE.write_text(table({group: sweep(group) for group in groups}), encoding="utf8")
