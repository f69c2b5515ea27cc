"""German to English on Multi30k with the transformer of lesson 4, scored with BLEU.

Run from the root of the course, for example:

    .venv/bin/pip install -c constraints.txt -e ".[benchmarks]"
    .venv/bin/python benchmarks/multi30k.py --framework pytorch --epochs 10

Choose settings by the validation part, which is scored after each epoch. The test part is scored
with `--test` alone: once, when everything is chosen.
"""

import argparse
import contextlib
import json
import os
import platform
import time
from dataclasses import replace
from datetime import date
from importlib.metadata import version

from course_utils.data import load
from course_utils.data.translation import SentencePairs
from course_utils.tools.recipes.translation import (
    encode,
    make_batches,
    make_model,
    mean_loss,
    pieces_of,
    translate,
    word_by_word,
)


def bleu(outputs, references):
    """Return sacreBLEU's score, case ignored."""
    import sacrebleu

    return sacrebleu.corpus_bleu(outputs, [references], lowercase=True).score


def train(options, data):
    """Train; return a function that translates texts, and what was measured."""
    parts = (data.train, data.validation)
    texts = [(part.sources, part.targets) for part in parts]
    german, english = (pieces_of(own, options.pieces) for own in texts[0])
    ids, held_out = ([encode(german, first), encode(english, second)] for first, second in texts)
    batches = [
        batch
        for epoch in range(options.epochs)
        for batch in make_batches(*ids, options.batch_size, seed=options.seed + epoch)
    ]
    questions = make_batches(*held_out, batch_size=min(26, len(data.validation)), seed=0)
    sizes = german.get_vocab_size(), english.get_vocab_size()
    adapter, model = make_model(options.framework, *sizes, options)

    def translated(texts):
        return translate(adapter, model, encode(german, texts), english)

    clock, curve = Clock(), []

    def evaluate():
        with clock.stopped():
            loss = mean_loss(adapter, model, questions)
            score = bleu(translated(data.validation.sources), data.validation.targets)
        curve.append({"cpu_seconds": clock.seconds(), "validation_loss": loss, "bleu": score})
        print(f"epoch {len(curve)}: loss {loss:.3f}, BLEU {score:.1f}", flush=True)
        return {"loss": loss}

    history = adapter.train_sequences(
        model, batches, learning_rate=options.rate, warmup_steps=options.warmup_steps,
        evaluations=options.epochs, evaluate=evaluate,
    )  # fmt: skip
    for row, loss in zip(curve, history.column("train_loss"), strict=True):
        row["train_loss"] = loss
    seen = sum(int((source != 0).sum() + (wanted != 0).sum()) for source, _, wanted in batches)
    measured = {
        "versions": versions(options.framework),
        "parameters": adapter.count_parameters(model),
        "steps": len(batches),
        "pieces_per_cpu_second": seen / curve[-1]["cpu_seconds"],
        "curve": curve,
    }
    return translated, measured


class Clock:
    """Counts the CPU seconds of this process, all threads together, and can be stopped."""

    def __init__(self):
        self.start = time.process_time()

    @contextlib.contextmanager
    def stopped(self):
        """Leave out what happens inside."""
        before = time.process_time()
        yield
        self.start += time.process_time() - before

    def seconds(self):
        """Return the seconds counted so far."""
        return time.process_time() - self.start


def versions(framework):
    """Return one line: the machine's kind, and the versions of what was used."""
    packages = ("torch",) if framework == "pytorch" else ("tensorflow", "keras")
    names = (*packages, "tokenizers", "sacrebleu")
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return f"{platform.machine()}, OMP_NUM_THREADS {threads}, " + ", ".join(
        f"{name} {version(name).split('+')[0]}" for name in names
    )


def report(settings, measured, scores):
    """Return what was measured as Markdown."""
    lines = [
        f"{date.today()}, {measured['versions']}. "
        + ", ".join(f"{name} {value}" for name, value in settings.items() if value is not None)
        + f". {measured['parameters']:,} parameters, {measured['steps']:,} steps, "
        f"{measured['pieces_per_cpu_second']:,.0f} pieces per CPU second.",
        "",
        "| epoch | CPU seconds | training loss | validation loss | validation BLEU |",
        "|--:|--:|--:|--:|--:|",
    ]
    for epoch, row in enumerate(measured["curve"], 1):
        lines.append(
            f"| {epoch} | {row['cpu_seconds']:.0f} | {row['train_loss']:.2f} "
            f"| {row['validation_loss']:.2f} | {row['bleu']:.1f} |"
        )
    lines += ["", f"| BLEU | {' | '.join(scores)} |", "|---|" + "--:|" * len(scores)]
    for name in ("word by word", "transformer"):
        cells = (f"{score[name]:.1f}" for score in scores.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def parse():
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--framework", choices=("pytorch", "tensorflow"), default="pytorch")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--d-model", type=int, default=128)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--layers", type=int, default=2, help="of the encoder and of the decoder")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--pieces", type=int, default=4000, help="byte-pair pieces a language")
    parser.add_argument("--batch-size", type=int, default=64, help="sentence pairs")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--warmup-steps", type=int, default=400, help="steps until then")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="only so many training pairs")
    parser.add_argument("--test", action="store_true", help="score the test part, at the end")
    parser.add_argument("--json", metavar="FILE", help="write settings, curve and scores")
    return parser.parse_args()


def main():
    """Train, and print the scores with their baseline."""
    options = parse()
    data = load("multi30k")
    few = SentencePairs(data.train.sources[: options.limit], data.train.targets[: options.limit])
    data = replace(data, train=few)
    systems = {"word by word": word_by_word(data.train)}
    systems["transformer"], measured = train(options, data)
    scores = {
        name: {
            system: bleu(translated(part.sources), part.targets)
            for system, translated in systems.items()
        }
        for name, part in (("validation", data.validation), ("test", data.test))
        if name == "validation" or options.test
    }
    hidden = ("test", "json")
    settings = {name: value for name, value in vars(options).items() if name not in hidden}
    print(report(settings, measured, scores))
    sources, targets = data.validation.sources[:5], data.validation.targets[:5]
    for german, output, english in zip(
        sources, systems["transformer"](sources), targets, strict=True
    ):
        print(f"\n{german}\n-> {output}\n(a person: {english})")
    if options.json:
        with open(options.json, "w", encoding="utf8") as stream:
            json.dump({"settings": settings, **measured, "scores": scores}, stream, indent=1)


if __name__ == "__main__":
    main()
