"""How fast is BERT: the course's `encode` in PyTorch and TensorFlow, beside sentence-transformers.

    python benchmarks/encoding.py --batch-sizes 8 32 128 --repeat 2 --json numbers.json

All encode the same texts with the same weights. Each measurement has a process of its own, so that
none disturbs the next and its peak memory is its own.
"""

import argparse
import json
import sys
import time
from importlib.util import find_spec

import numpy as np
from separate import in_a_process

from course_utils.data import load

PACKAGES = {
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "sentence-transformers": "sentence_transformers",
}
LENGTH = 128
DTYPES = ("float32", "bfloat16", "float16")
COLUMNS = {
    "per_cpu_second": "texts/CPU-s",
    "ratio": "to s.-t.",
    "per_second": "texts/s",
    "megabytes": "peak MB",
    "difference": "difference",
}


def texts(n: int, sentences: int) -> list[str]:
    """Return texts of so many sentences each, from the running text of lesson 2."""
    found = load("running_text").sentences
    order = np.random.default_rng(0).permutation(len(found) // sentences)[:n] * sentences
    return [" ".join(found[start : start + sentences]) for start in order]


def ours(framework: str, batch_size: int, sort: bool, dtype: str):
    """Return a function from texts to vectors (n, 384)."""
    if framework == "pytorch":
        from course_utils import pytorch as adapter
    else:
        from course_utils import tensorflow as adapter
    from course_utils.bert import WordPiece

    model, tokenizer = adapter.load_bert(), WordPiece.from_folder(load("encoder"))
    options = {"batch_size": batch_size, "sort": sort, "dtype": dtype, "max_length": LENGTH}
    return lambda given: adapter.encode(model, tokenizer, given, progress=False, **options)


def rival(batch_size: int):
    """As `ours`; sentence-transformers sorts always."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    body = modules.Transformer(str(load("encoder")), max_seq_length=LENGTH)
    model = SentenceTransformer(
        modules=[body, modules.Pooling(384), modules.Normalize()], device="cpu"
    )
    return lambda given: model.encode(given, batch_size=batch_size, show_progress_bar=False)


def measure(options: argparse.Namespace) -> dict:
    """Encode once and take the time; what is built at the first batch is built before."""
    given = texts(options.texts, options.sentences)
    (batch_size,), (dtype,) = options.batch_sizes, options.dtypes
    if options.measure == "sentence-transformers":
        encode = rival(batch_size)
    else:
        encode = ours(options.measure, batch_size, not options.unsorted, dtype)
    encode(given[:2])
    before, wall, cpu = peak_megabytes(), time.perf_counter(), time.process_time()
    vectors = encode(given)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "framework": options.measure,
        "batch_size": batch_size,
        "sorted": not options.unsorted,
        "dtype": dtype,
        "per_second": len(given) / wall,
        "per_cpu_second": len(given) / cpu,
        "megabytes": peak_megabytes(),
        "megabytes_loaded": before,
        "first_numbers": vectors[:, :8].astype(float).round(7).tolist(),
    }


def peak_megabytes() -> float | None:
    """Return the most memory that this process has held so far; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def arguments_for(
    batch_size: int, sort: bool, dtype: str, options: argparse.Namespace
) -> list[str]:
    """Return the options of one measurement."""
    sizes = {"batch-sizes": batch_size, "texts": options.texts, "sentences": options.sentences}
    given = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    given += ["--dtypes", dtype]
    return given if sort else [*given, "--unsorted"]


def compared(results: list[dict]) -> list[dict]:
    """Add speed and vectors beside those of sentence-transformers at the same batch size."""
    rivals = {r["batch_size"]: r for r in results if r["framework"] == "sentence-transformers"}
    numbers = {size: np.array(r["first_numbers"]) for size, r in rivals.items()}
    for result in results:
        size = result["batch_size"]
        other, own = rivals.get(size), np.array(result.pop("first_numbers"))
        result["ratio"] = result["per_cpu_second"] / other["per_cpu_second"] if other else None
        result["difference"] = float(np.abs(own - numbers[size]).max()) if other else None
    return results


def table(results: list[dict]) -> str:
    """Return the results as lines of text."""
    lines = [f"{'batch':>5}  {'':<30}" + "".join(f"{name:>13}" for name in COLUMNS.values())]
    for result in results:
        cells = (result[name] for name in COLUMNS)
        shown = ("-" if x is None else f"{x:,.0f}" if x > 100 else f"{x:.3g}" for x in cells)
        name = result["framework"] + ("" if result["sorted"] else ", not sorted")
        name += "" if result["dtype"] == "float32" else f", {result['dtype']}"
        lines.append(f"{result['batch_size']:>5}  {name:<30}" + "".join(f"{x:>13}" for x in shown))
    return "\n".join(lines)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the options; a package that is not installed is said in one sentence."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    have = [name for name, package in PACKAGES.items() if find_spec(package)]
    parser.add_argument("--frameworks", nargs="+", choices=PACKAGES, default=have)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[32])
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--sentences", type=int, default=1, help="sentences of one text")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="the fastest of so many counts")
    parser.add_argument("--unsorted", action="store_true", help="measure ours not sorted, too")
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=["float32"], help="of ours")
    parser.add_argument("--json", metavar="FILE", help="write the numbers of all runs")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    numbers = (*options.batch_sizes, options.texts, options.sentences, options.threads)
    if min(*numbers, options.repeat) < 1:
        parser.error("batch sizes, texts, sentences, threads and repeat must be at least 1")
    missing = [name for name in options.frameworks if name not in have]
    if missing:
        parser.error(f"{missing[0]} is not installed: leave it out of --frameworks")
    return options


def main() -> None:
    """Measure everything that was asked for, and print the fastest run of each."""
    options = parse()
    if options.measure:
        print(json.dumps(measure(options)))
        return
    own = [name for name in options.frameworks if name != "sentence-transformers"]
    kinds = [(name, True, "float32") for name in options.frameworks if name not in own]
    kinds += [
        (name, sort, dtype)
        for sort in ((True, False) if options.unsorted else (True,))
        for dtype in options.dtypes
        for name in own
    ]
    runs = [
        in_a_process(
            __file__, name, arguments_for(batch_size, sort, dtype, options), options.threads
        )
        for batch_size in options.batch_sizes
        for _ in range(options.repeat)  # in turns, so that a busy minute does not hit one alone
        for name, sort, dtype in kinds
    ]
    fastest: dict[tuple, dict] = {}
    for run in runs:
        key = (run["batch_size"], run["framework"], run["sorted"], run["dtype"])
        if key not in fastest or run["per_cpu_second"] > fastest[key]["per_cpu_second"]:
            fastest[key] = run
    results = compared([dict(run) for run in fastest.values()])
    print(
        f"{options.texts} texts of {options.sentences} sentence(s), up to {LENGTH} tokens, "
        f"{options.threads} thread(s)"
    )
    print(table(results))
    if options.json:
        for run in runs:
            del run["first_numbers"]
        with open(options.json, "w", encoding="utf8") as stream:
            json.dump({"fastest": results, "runs": runs}, stream, indent=1)


if __name__ == "__main__":
    main()
