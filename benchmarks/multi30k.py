"""German to English on Multi30k with the transformer of lesson 4, scored with BLEU.

Run from the root of the course, for example:

    .venv/bin/pip install -c constraints.txt -e ".[benchmarks]"
    .venv/bin/python benchmarks/multi30k.py --framework pytorch --epochs 10

Training is longer than a lesson's: one epoch is about 450 steps of 64 sentence pairs. The number
of epochs should be chosen by the validation BLEU; the test part is scored once, at the end.
"""

import argparse
import importlib
import re
import time

import numpy as np

from course_utils.data import load
from course_utils.sequences import length_batches
from course_utils.text import Vocabulary, pad

START, END = "<s>", "</s>"


def words_of(text):
    """Split a text into lower-case words and punctuation marks."""
    return re.findall(r"\w+|[^\w\s]", text.lower())


def as_text(words):
    """Join words, with no space before a punctuation mark."""
    return re.sub(r" ([.,!?;:])", r"\1", " ".join(words))


def vocabulary_of(texts, minimum_count=2):
    """Return the vocabulary of one side, with the start and end sign as its first words."""
    found = Vocabulary.from_texts(texts, minimum_count=minimum_count, tokenize=words_of)
    return Vocabulary([START, END, *found.words[2:]], tokenize=words_of)


def encode(pairs, source, target):
    """Return source ids (n, length) and target ids with start and end sign (n, length)."""
    start, end = target.id(START), target.id(END)
    sources = pad([source.encode(text) for text in pairs.sources])
    return sources, pad([[start, *target.encode(text), end] for text in pairs.targets])


def word_by_word(train, test):
    """Translate each word by the one that goes with it most (Dice coefficient): the baseline."""
    from sklearn.feature_extraction.text import CountVectorizer

    options = {"tokenizer": words_of, "token_pattern": None, "lowercase": False, "binary": True}
    counters = [CountVectorizer(**options) for _ in range(2)]
    first, second = (
        counter.fit_transform(texts)
        for counter, texts in zip(counters, (train.sources, train.targets), strict=True)
    )
    together = (first.T @ second).tocsr()  # (source words, target words)
    often = [np.asarray(table.sum(axis=0)).ravel() for table in (first, second)]
    targets, best = counters[1].get_feature_names_out(), {}
    for word, row in counters[0].vocabulary_.items():
        own = together[[row]]
        dice = 2 * own.data / (often[0][row] + often[1][own.indices])
        best[word] = targets[own.indices[dice.argmax()]]
    return [as_text([best.get(word, word) for word in words_of(text)]) for text in test.sources]


def make_model(framework, source_words, target_words, width, layers):
    """Return an encoder-decoder of the adapter's own transformer."""
    adapter = importlib.import_module(f"course_utils.{framework}")
    options = {"positions": "sinusoidal", "hidden": 2 * width, "dropout": 0.1}
    encoder = adapter.Transformer(source_words, width, 4, layers, 64, **options)
    decoder = adapter.Transformer(
        target_words, width, 4, layers, 64, causal=True, cross=True, **options
    )
    if framework == "pytorch":
        from torch import nn

        base, head = nn.Module, nn.Linear(width, target_words)
    else:
        import keras

        base, head = keras.Model, keras.layers.Dense(target_words)

    class Translator(base):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder, self.head = encoder, decoder, head

        def forward(self, source, given):
            visible = adapter.padding_mask(source)
            memory = self.encoder(source)
            return self.head(self.decoder(given, memory=memory, memory_visible=visible))

        call = forward  # the name that Keras looks for

    ids = np.ones((1, 2), np.int64)
    return adapter, adapter.initialize(Translator(), (ids, ids), seed=0)


def translate(adapter, model, sources, target, longest=40, batch_size=100):
    """Return greedy translations of source ids (n, length)."""
    start, end, texts = target.id(START), target.id(END), [""] * len(sources)
    if hasattr(model, "eval"):
        model.eval()
    order = np.argsort((sources != 0).sum(axis=1), kind="stable")
    for rows in np.array_split(order, -(-len(order) // batch_size)):
        batch = sources[rows, : (sources[rows] != 0).sum(axis=1).max()]
        written = np.full((len(rows), 1), start)
        while written.shape[1] <= longest and not (written == end).any(axis=1).all():
            logits = model(adapter.to_tensor(batch), adapter.to_tensor(written))
            latest = adapter.to_numpy(logits)[:, -1].argmax(axis=1)
            written = np.concatenate([written, latest[:, None]], axis=1)
        for row, ids in zip(rows, written, strict=True):
            words = [target.words[i] for i in ids[1:]]
            texts[row] = as_text(words[: words.index(END)] if END in words else words)
    return texts


def bleu(outputs, references):
    """Return sacreBLEU's score, case ignored."""
    import sacrebleu

    return sacrebleu.corpus_bleu(outputs, [references], lowercase=True).score


def main():
    """Train, and print the scores with their baseline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--framework", choices=("pytorch", "tensorflow"), default="pytorch")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--limit", type=int, default=None, help="use so many training pairs")
    options = parser.parse_args()

    data = load("multi30k")
    train = type(data.train)(
        data.train.sources[: options.limit], data.train.targets[: options.limit]
    )
    source, target = vocabulary_of(train.sources), vocabulary_of(train.targets)
    baseline = bleu(word_by_word(train, data.test), data.test.targets)
    print(f"{len(train):,} pairs, {len(source):,} and {len(target):,} words")
    print(f"word by word: BLEU {baseline:.1f} on the test part", flush=True)

    adapter, model = make_model(
        options.framework, len(source), len(target), options.width, options.layers
    )
    sources, targets = encode(train, source, target)
    batches = []
    for epoch in range(options.epochs):
        for batch, wanted in length_batches(sources, targets, seed=epoch):
            used = (wanted != 0).sum(axis=1).max()
            batches.append((batch, wanted[:, : used - 1], wanted[:, 1:used]))
    start = time.perf_counter()
    history = adapter.train_sequences(
        model, batches, learning_rate=2e-3, warm_up=400, parts=options.epochs
    )
    seconds = time.perf_counter() - start
    print("training loss:", *(f"{loss:.2f}" for loss in history.column("train_loss")))
    print(f"{adapter.count_parameters(model):,} parameters, {len(batches)} steps, {seconds:.0f} s")
    for name, part in (("validation", data.validation), ("test", data.test)):
        outputs = translate(adapter, model, encode(part, source, target)[0], target)
        print(f"transformer: BLEU {bleu(outputs, part.targets):.1f} on the {name} part")
    for german, output, english in list(zip(part.sources, outputs, part.targets, strict=True))[:3]:
        print(f"  {german}\n  -> {output}\n  (a person: {english})")


if __name__ == "__main__":
    main()
