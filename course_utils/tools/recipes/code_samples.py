"""What the kept models of source code write, judged by Python itself."""

import ast
import time
import warnings
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np

from course_utils.tools.recipes.writer import Writer

PROMPT = "def "
ORDER = 8  # of the n-gram model
_BASE = 0x9E3779B97F4A7C15  # odd


@dataclass(frozen=True)
class CodeSamples:
    """Samples of the GPT, of lesson 3's LSTM and of an n-gram chain, beside the held-out files.

    Each sample begins with `def ` and has so many lines. Counted are the samples that `ast.parse`
    accepts, the lines that Python's tokenizer accepts, and the longest run of characters of each
    sample that also stands in the training text.
    """

    name: str = "code_samples"
    dataset: str = "source_code"
    samples: int = 200
    lines: int = 20
    temperatures: tuple[float, ...] = (1.0, 0.7)
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Write and judge; no weights are made."""
        from course_utils import pytorch
        from course_utils.data import hold_out, load
        from course_utils.tools.recipes import code_writers

        documents = load(self.dataset)
        train, held_out = hold_out(documents)
        texts = {"held-out files": cut_excerpts(held_out, self.samples, self.lines, self.seed)}
        writers = {
            "GPT": code_writers.gpt(),
            "LSTM": code_writers.lstm(),
            f"{ORDER}-gram chain": code_writers.ngrams(train, ORDER),
        }
        seconds = {}
        for name, writer in writers.items():
            for temperature in self.temperatures:
                key, start = f"{name}, temperature {temperature:g}", time.process_time()
                texts[key] = self._write(writer, temperature)
                seconds[key] = round(time.process_time() - start, 1)
        runs = longest_runs([text for part in texts.values() for text in part], train)
        results = {
            name: judge(part, copied)
            for (name, part), copied in zip(
                texts.items(), runs.reshape(len(texts), -1), strict=True
            )
        }
        return {}, {
            "settings": asdict(self),
            "source": documents.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "results": results,
            "first_samples": {name: part[:3] for name, part in texts.items()},
        }

    def _write(self, writer: Writer, temperature: float) -> list[str]:
        """Write on until each sample has its lines, or is far too long for them."""
        from course_utils.rnn.generation import next_probabilities, sample

        rng = np.random.default_rng(self.seed)
        texts, longest = [PROMPT] * self.samples, 100 * self.lines
        logits = writer.begin(PROMPT, self.samples)
        while any(_unfinished(text, self.lines, longest) for text in texts):
            probabilities = next_probabilities(logits, temperature=temperature)
            ids = sample(probabilities, rng.random(self.samples))
            pieces = writer.decode(ids)
            texts = [text + piece for text, piece in zip(texts, pieces, strict=True)]
            logits = writer.step(ids)
        return [_first_lines(text, self.lines) for text in texts]


def _unfinished(text: str, lines: int, longest: int) -> bool:
    return text.count("\n") < lines and len(text) < longest


def _first_lines(text: str, lines: int) -> str:
    return "\n".join(text.split("\n")[:lines]) + "\n"


def cut_excerpts(text: str, n: int, lines: int, seed: int) -> list[str]:
    """Return n excerpts of so many lines, each beginning with a line that begins as samples do."""
    rows = text.split("\n")
    starts = [i for i in range(len(rows) - lines) if rows[i].startswith(PROMPT)]
    drawn = np.random.default_rng(seed).choice(starts, n, replace=False)
    return ["\n".join(rows[i : i + lines]) + "\n" for i in sorted(drawn)]


def judge(texts: list[str], copied: np.ndarray) -> dict[str, float]:
    """Return the measures of some texts, whose longest copied runs are given (n,)."""
    from course_utils.rnn.text_quality import share_of_lines

    return {
        "parsed": float(np.mean([parses(text) for text in texts])),
        "lines_tokenized": round(share_of_lines(texts), 4),
        "characters": round(float(np.mean([len(text) for text in texts])), 1),
        "longest_copied_median": float(np.median(copied)),
        "longest_copied_most": int(copied.max()),
    }


def parses(text: str) -> bool:
    """Whether Python accepts a text as a whole module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape is still accepted
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def longest_runs(samples: list[str], text: str) -> np.ndarray:
    """Return the length of each sample's longest run that also stands in a text (n,)."""
    best, length = np.zeros(len(samples), np.int64), 1
    alive = dict(enumerate(samples))
    while alive:
        known = np.sort(_hashes(text, length))
        alive = {i: s for i, s in alive.items() if _are_in(_hashes(s, length), known).any()}
        best[list(alive)] = length
        length += 1
    return best


def _are_in(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return known[places] == values


def _hashes(text: str, length: int) -> np.ndarray:
    """Return a number for each run of `length` characters (n - length + 1,).

    Equal runs have equal numbers: the characters are digits in an odd base, modulo 2**64.
    """
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    if len(codes) < length:
        return np.zeros(0, np.uint64)
    up, down = _powers(len(codes))
    sums = np.concatenate([[np.uint64(0)], np.cumsum(codes * down)])
    return (sums[length:] - sums[:-length]) * up[: len(codes) - length + 1]


@cache
def _powers(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the powers 0 to n - 1 of the base, and of the number that undoes it (n,)."""
    undo = pow(_BASE, -1, 2**64)
    ones = np.ones(1, np.uint64)
    up, down = (np.full(n - 1, base, np.uint64) for base in (_BASE, undo))
    return np.cumprod(np.concatenate([ones, up])), np.cumprod(np.concatenate([ones, down]))
