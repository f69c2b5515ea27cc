"""What the kept models of source code write, judged by Python itself."""

import ast
import time
import warnings
from dataclasses import asdict, dataclass

import numpy as np

from course_utils.tools.recipes.writer import Writer

PROMPT = "def "
ORDER = 8  # of the n-gram model
_END, _SAMPLE_END = "\0", "\1"  # stand behind a text, and behind each sample


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
    """Return the length of each sample's longest run that also stands in a text (n,).

    All places of the text and of the samples are sorted by what follows them. The longest run that
    begins at a place of a sample is shared with the nearest place of the text, before or after it.

    References
    ----------
    U. Manber, G. Myers, Suffix arrays, 1993 (sorting by prefixes of doubled length).
    """
    joined = text + _END + "".join(sample + _SAMPLE_END for sample in samples)
    ranks = _ranks(joined, max(map(len, samples)))
    order = np.argsort(ranks[-1], kind="stable")
    in_text = order < len(text)
    own, places = np.flatnonzero(~in_text), np.flatnonzero(in_text)
    after = np.searchsorted(places, own)
    shared = np.zeros(len(joined), np.int64)
    for nearest in (after - 1, np.minimum(after, len(places) - 1)):
        found = _shared(ranks, order[own], order[places[nearest]])
        shared[order[own]] = np.maximum(shared[order[own]], found)
    starts = len(text) + 1 + np.cumsum([0, *(len(sample) + 1 for sample in samples[:-1])])
    return np.maximum.reduceat(shared, starts)


def _ranks(text: str, longest: int) -> list[np.ndarray]:
    """Rank all places of a text by what follows: 1, 2, 4 ... characters, up to `longest`."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    ranks, length = [np.unique(codes, return_inverse=True)[1].astype(np.int32)], 1
    while length < longest:
        second = np.full(len(codes), -1, np.int64)  # nothing follows
        second[:-length] = ranks[-1][length:]
        pairs = ranks[-1].astype(np.int64) * (len(codes) + 1) + second
        ranks.append(np.unique(pairs, return_inverse=True)[1].astype(np.int32))
        length *= 2
    return ranks


def _shared(ranks: list[np.ndarray], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how many characters are alike from each first and each second place on (n,)."""
    lengths = np.zeros(len(first), np.int64)
    for level in reversed(range(len(ranks))):
        rank = np.append(ranks[level], -1)
        here, there = (np.minimum(place + lengths, len(rank) - 1) for place in (first, second))
        lengths += (rank[here] == rank[there]) * 2**level
    return lengths
