"""German to English on Multi30k with the transformer of lesson 4, scored with BLEU.

Run from the root of the course, for example:

    .venv/bin/pip install -c constraints.txt -e ".[benchmarks]"
    .venv/bin/python benchmarks/multi30k.py --framework pytorch --epochs 10

Choose settings by the validation part, which is scored after each epoch. The test part is scored
with `--test` alone: once, when everything is chosen.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import re
import time
from dataclasses import replace
from datetime import date
from importlib.metadata import version

import numpy as np

from course_utils.data import load
from course_utils.data.translation import SentencePairs
from course_utils.text import Vocabulary, pad
from course_utils.training import length_batches
from course_utils.transformer import TransformerConfig

PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<s>", "</s>"  # ids 0, 1, 2, 3
LONGEST = 64  # pieces of a sentence that the model can read


def words_of(text):
    """Split a text into lower-case words and punctuation marks."""
    return re.findall(r"\w+(?:['’-]\w+)*|[^\w\s]", text.lower())


def as_text(words):
    """Join words, with no space before a punctuation mark."""
    return re.sub(r" ([.,!?;:])", r"\1", " ".join(words))


def word_by_word(train, rounds=5):
    """Return a function that translates each word by its likeliest translation: the baseline.

    The probability of a target word, given a source word, is learned from the training pairs:
    IBM model 1 (P. Brown et al., The mathematics of statistical machine translation, 1993).
    """
    known, words = (
        Vocabulary.from_texts(texts, minimum_count=1, tokenize=words_of)
        for texts in (train.sources, train.targets)
    )
    links, places, n_places = [], [], 0  # a link joins a word to one place of its translation
    for source, target in zip(train.sources, train.targets, strict=True):
        first, second = known.encode(source), words.encode(target)
        links.append((first[:, None] * len(words) + second).ravel())  # a number for each word pair
        places.append(np.tile(np.arange(n_places, n_places + len(second)), len(first)))
        n_places += len(second)
    pairs, pair_of = np.unique(np.concatenate(links), return_inverse=True)
    places, source_of = np.concatenate(places), pairs // len(words)
    probability = np.ones(len(pairs))
    for _ in range(rounds):
        share = probability[pair_of]
        share /= np.bincount(places, share)[places]  # the links of a target word sum to 1
        count = np.bincount(pair_of, share)
        probability = count / np.bincount(source_of, count)[source_of]
    order = np.argsort(probability, kind="stable")  # the likeliest overwrites the others
    best = dict(zip(source_of[order].tolist(), (pairs[order] % len(words)).tolist(), strict=True))

    def translated(texts):
        return [
            as_text([words.words[best[known.id(w)]] if w in known else w for w in words_of(text)])
            for text in texts
        ]

    return translated


def pieces_of(texts, size):
    """Return a tokenizer of lower-case text into `size` byte-pair pieces, as in lesson 3."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace()
    signs = [PAD, UNKNOWN, START, END]
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, special_tokens=signs, show_progress=False)
    )
    return tokenizer


def encode(tokenizer, texts):
    """Return ids (n, length), each row between a start and an end sign."""
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    rows = [[start, *row.ids[: LONGEST - 2], end] for row in tokenizer.encode_batch(texts)]
    return pad(rows)


def cut(ids):
    """Leave out the columns that hold nothing but padding."""
    return ids[:, : (ids != 0).sum(axis=1).max()]


def make_batches(sources, targets, batch_size, seed):
    """Return batches of (source, what was written, what comes next), of about equal length.

    The targets decide, because a place of the decoder costs more than one of the encoder.
    """
    batches = length_batches(targets, sources, batch_size=batch_size, seed=seed)
    return [(cut(source), target[:, :-1], target[:, 1:]) for target, source in batches]


def make_model(framework, source_words, target_words, options):
    """Return an encoder-decoder of the adapter's own transformer."""
    adapter, width = importlib.import_module(f"course_utils.{framework}"), options.width
    encoder = TransformerConfig(
        source_words, width, options.heads, options.layers, LONGEST, d_ff=2 * width,
        positions="sinusoidal", dropout=options.dropout,
    )  # fmt: skip
    decoder = replace(encoder, vocabulary_size=target_words, causal=True, cross=True)
    if framework == "pytorch":
        from torch import nn

        base, head = nn.Module, nn.Linear(width, target_words)
    else:
        import keras

        base, head = keras.Model, keras.layers.Dense(target_words)

    class Translator(base):
        def __init__(self):
            super().__init__()
            self.encoder = adapter.Transformer(encoder)
            self.decoder = adapter.Transformer(decoder)
            self.head = head

        def read(self, source):
            return {"memory": self.encoder(source), "memory_mask": adapter.padding_mask(source)}

        def forward(self, source, given):
            return self.head(self.decoder(given, **self.read(source)))

        call = forward  # the name that Keras looks for

    ids = np.ones((1, 2), np.int64)
    return adapter, adapter.initialize(Translator(), (ids, ids), seed=options.seed)


def mean_loss(adapter, model, batches):
    """Return the mean cross-entropy in nats a piece."""
    total, pieces = 0.0, 0
    for batch in batches:
        source, given, wanted = map(adapter.to_tensor, batch)
        size = int((batch[-1] != 0).sum())
        total += float(adapter.to_numpy(adapter.token_loss(model(source, given), wanted))) * size
        pieces += size
    return total / pieces


def translate(adapter, model, sources, tokenizer, batch_size=100):
    """Return greedy translations of source ids (n, length)."""
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    order, texts = np.argsort((sources != 0).sum(axis=1), kind="stable"), [""] * len(sources)
    for rows in np.array_split(order, -(-len(order) // batch_size)):
        written = np.full((len(rows), 1), start)
        seen = model.read(adapter.to_tensor(cut(sources[rows])))
        while written.shape[1] < LONGEST and not (written == end).any(axis=1).all():
            states = model.decoder(adapter.to_tensor(written), **seen)
            latest = adapter.to_numpy(model.head(states[:, -1])).argmax(axis=1)
            written = np.concatenate([written, latest[:, None]], axis=1)
        for row, ids in zip(rows, written[:, 1:].tolist(), strict=True):
            texts[row] = tokenizer.decode(ids[: ids.index(end)] if end in ids else ids)
    return texts


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
    parser.add_argument("--width", type=int, default=128)
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
