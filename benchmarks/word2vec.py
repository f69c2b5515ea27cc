"""How fast and how good is Word2Vec: the course's, in PyTorch and TensorFlow, beside gensim's.

    python benchmarks/word2vec.py --threads 1 2 --epochs 2 --repeat 2 --json numbers.json

All train skip-gram on the same text with the same settings and vocabulary, and are judged by the
same measures. Each measurement has a process of its own, so that none disturbs the next.
"""

import argparse
import json
import time
from importlib.util import find_spec

import numpy as np
from separate import in_a_process

from course_utils.data import load
from course_utils.evaluation import neighbor_purity, normalize_rows
from course_utils.tools.recipes.race import library_words
from course_utils.word2vec import Corpus, build_corpus, held_out_loss

PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow", "gensim": "gensim"}
SETTINGS = {"dimension": 100, "window": 5, "negatives": 5, "subsample": 1e-3}
COLUMNS = {
    "words_per_second": "words/s",
    "words_per_second_ratio": "to gensim",
    "words_per_cpu_second": "words/CPU-s",
    "words_per_cpu_second_ratio": "to gensim",
    "held_out_loss": "held-out loss",
    "purity": "purity",
}


def corpora(limit: int | None) -> tuple[Corpus, Corpus]:
    """Return training and held-out text, as the cell load-text of lesson 2 makes them."""
    sentences = load("running_text").sentences
    if limit:
        n_words = np.cumsum([len(sentence.split()) for sentence in sentences])
        sentences = sentences[: int(np.searchsorted(n_words, limit)) + 1]
    order = np.random.default_rng(0).permutation(len(sentences))
    held = set(order[: len(order) // 20].tolist())
    training = build_corpus([s for i, s in enumerate(sentences) if i not in held])
    held_out = build_corpus([sentences[i] for i in sorted(held)], vocabulary=training.vocabulary)
    return training, held_out


def train_ours(framework: str, corpus: Corpus, epochs: int):
    """Return a function that trains, and gives the two tables (V, dimension)."""
    if framework == "pytorch":
        from course_utils.pytorch import train_word2vec
    else:
        from course_utils.tensorflow import train_word2vec

    def train():
        model = train_word2vec(corpus, epochs=epochs, progress=False, **SETTINGS)
        return model.vectors, model.context_vectors

    return train


def train_gensim(corpus: Corpus, epochs: int, threads: int):
    """As `train_ours`. Counting the words is left out of the time, as it is for ours."""
    from gensim.models import Word2Vec

    words = corpus.vocabulary.words
    borders = np.flatnonzero(np.diff(corpus.sentences)) + 1
    sentences = [[words[i] for i in ids] for ids in np.split(corpus.ids, borders)]
    model = Word2Vec(
        vector_size=SETTINGS["dimension"], window=SETTINGS["window"], sample=SETTINGS["subsample"],
        negative=SETTINGS["negatives"], sg=1, min_count=1, workers=threads, seed=1,
    )  # fmt: skip
    model.build_vocab(sentences)

    def train():
        model.train(sentences, total_examples=len(sentences), epochs=epochs)
        tables = np.zeros((2, len(words), SETTINGS["dimension"]), np.float32)
        rows = [model.wv.key_to_index[word] for word in words[2:]]
        tables[:, 2:] = model.wv.vectors[rows], model.syn1neg[rows]
        return tables

    return train


def measure(framework: str, threads: int, epochs: int, limit: int | None) -> dict:
    """Train once; return words per second, loss in nats, and purity (None if no word is known)."""
    corpus, held_out = corpora(limit)
    if framework == "gensim":
        train = train_gensim(corpus, epochs, threads)
    else:
        train = train_ours(framework, corpus, epochs)
    wall, cpu = time.perf_counter(), time.process_time()
    vectors, contexts = train()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    own, library = library_words(corpus.vocabulary)
    return {
        "framework": framework,
        "threads": threads,
        "words": len(corpus),
        "words_per_second": epochs * len(corpus) / wall,
        "words_per_cpu_second": epochs * len(corpus) / cpu,
        "held_out_loss": held_out_loss(vectors, contexts, held_out, corpus),
        "purity": neighbor_purity(normalize_rows(vectors[own]), library) if len(own) > 10 else None,
    }


def arguments_for(threads: int, options: argparse.Namespace) -> list[str]:
    """Return the options of one measurement."""
    sizes = {"threads": threads, "epochs": options.epochs, "limit": options.limit or 0}
    return [word for name, size in sizes.items() for word in (f"--{name}", str(size))]


def with_ratios(results: list[dict]) -> list[dict]:
    """Add each speed divided by gensim's with as many threads, or None without gensim."""
    rivals = {r["threads"]: r for r in results if r["framework"] == "gensim"}
    for result in results:
        rival = rivals.get(result["threads"])
        for speed in ("words_per_second", "words_per_cpu_second"):
            result[f"{speed}_ratio"] = result[speed] / rival[speed] if rival else None
    return results


def table(results: list[dict]) -> str:
    """Return the results as lines of text."""
    lines = [f"{'threads':>7}  {'':<12}" + "".join(f"{name:>15}" for name in COLUMNS.values())]
    for result in results:
        cells = (result[name] for name in COLUMNS)
        shown = ("-" if x is None else f"{x:,.0f}" if x > 1000 else f"{x:.3f}" for x in cells)
        lines.append(
            f"{result['threads']:>7}  {result['framework']:<12}"
            + "".join(f"{x:>15}" for x in shown)
        )
    return "\n".join(lines)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the options; a package that is not installed is said in one sentence."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    have = [name for name, package in PACKAGES.items() if find_spec(package)]
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--frameworks", nargs="+", choices=PACKAGES, default=have)
    parser.add_argument("--repeat", type=int, default=2, help="the fastest of so many counts")
    parser.add_argument("--limit", type=int, help="only so many words of the text")
    parser.add_argument("--json", metavar="FILE", help="write the numbers of all runs")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if min(*options.threads, options.epochs, options.repeat) < 1:
        parser.error("threads, epochs and repeat must be at least 1")
    missing = [name for name in options.frameworks if name not in have]
    if missing:
        parser.error(f"{missing[0]} is not installed: leave it out of --frameworks")
    return options


def main() -> None:
    """Measure everything that was asked for, and print the fastest run of each."""
    options = parse()
    if options.measure:
        print(json.dumps(measure(options.measure, *options.threads, options.epochs, options.limit)))
        return
    runs, fastest = [], []
    for threads in options.threads:
        for _ in range(options.repeat):  # in turns, so that a busy minute does not hit one alone
            runs += [
                in_a_process(__file__, name, arguments_for(threads, options), threads)
                for name in options.frameworks
            ]
        for name in options.frameworks:
            own = [r for r in runs if (r["framework"], r["threads"]) == (name, threads)]
            fastest.append(max(own, key=lambda run: run["words_per_second"]))
    results = with_ratios([dict(run) for run in fastest])
    print(f"skip-gram, {runs[0]['words']:,} words, {options.epochs} epochs, {SETTINGS}")
    print(table(results))
    if options.json:
        with open(options.json, "w", encoding="utf8") as stream:
            json.dump({"settings": SETTINGS, "fastest": results, "runs": runs}, stream, indent=1)


if __name__ == "__main__":
    main()
