"""Translation with the transformer of lesson 4: byte pairs, batches, a model, greedy decoding.

The recipe of the kept translator and `benchmarks/multi30k.py` use it.
"""

import importlib
import re
from dataclasses import replace
from typing import Any

import numpy as np

from course_utils.text import Vocabulary, pad
from course_utils.training import length_batches
from course_utils.transformer import TransformerConfig

PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<s>", "</s>"  # ids 0, 1, 2, 3
MAX_LENGTH = 64  # pieces of a sentence that the model can read


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
    links, positions, n_positions = [], [], 0  # a link joins a word to one of its translation
    for source, target in zip(train.sources, train.targets, strict=True):
        first, second = known.encode(source), words.encode(target)
        links.append((first[:, None] * len(words) + second).ravel())  # a number for each word pair
        positions.append(np.tile(np.arange(n_positions, n_positions + len(second)), len(first)))
        n_positions += len(second)
    pairs, pair_of = np.unique(np.concatenate(links), return_inverse=True)
    position, source_of = np.concatenate(positions), pairs // len(words)
    probability = np.ones(len(pairs))
    for _ in range(rounds):
        share = probability[pair_of]
        share /= np.bincount(position, share)[position]  # the links of a target word sum to 1
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


def pieces_of(texts, size, *, lowercase=True):
    """Return a tokenizer of text, in lower case or as it is, into `size` byte-pair pieces."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    steps = [normalizers.NFC(), *([normalizers.Lowercase()] if lowercase else [])]
    tokenizer.normalizer = normalizers.Sequence(steps)
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
    rows = [[start, *row.ids[: MAX_LENGTH - 2], end] for row in tokenizer.encode_batch(texts)]
    return pad(rows)


def cut(ids):
    """Leave out the columns that hold nothing but padding."""
    return ids[:, : (ids != 0).sum(axis=1).max()]


def make_batches(sources, targets, batch_size, seed):
    """Return batches of (source, what was written, what comes next), of about equal length.

    The targets decide, because a position of the decoder costs more than one of the encoder.
    """
    batches = length_batches(targets, sources, batch_size=batch_size, seed=seed)
    return [(cut(source), target[:, :-1], target[:, 1:]) for target, source in batches]


def make_model(framework, source_words, target_words, options):
    """Return an adapter and an encoder-decoder of its own transformer.

    `options` has `d_model`, `heads`, `layers`, `dropout` and `seed`.
    """
    adapter, d_model = importlib.import_module(f"course_utils.{framework}"), options.d_model
    encoder = TransformerConfig(
        source_words, d_model, options.heads, options.layers, MAX_LENGTH, d_ff=2 * d_model,
        positions="sinusoidal", dropout=options.dropout,
    )  # fmt: skip
    decoder = replace(encoder, vocabulary_size=target_words, causal=True, cross=True)
    base: Any
    head: Any
    if framework == "pytorch":
        from torch import nn

        base, head = nn.Module, nn.Linear(d_model, target_words)
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

        def forward(self, source, decoder_inputs):
            return self.head(self.decoder(decoder_inputs, **self.read(source)))

        call = forward  # the name that Keras looks for

    ids = np.ones((1, 2), np.int64)
    return adapter, adapter.initialize(Translator(), (ids, ids), seed=options.seed)


def mean_loss(adapter, model, batches):
    """Return the mean cross-entropy in nats a piece."""
    total, pieces = 0.0, 0
    for batch in batches:
        source, decoder_inputs, wanted = map(adapter.to_tensor, batch)
        size = int((batch[-1] != 0).sum())
        loss = adapter.token_loss(model(source, decoder_inputs), wanted)
        total += float(adapter.to_numpy(loss)) * size
        pieces += size
    return total / pieces


def translate(adapter, model, sources, tokenizer, batch_size=100):
    """Return greedy translations of source ids (n, length)."""
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    order, texts = np.argsort((sources != 0).sum(axis=1), kind="stable"), [""] * len(sources)
    for rows in np.array_split(order, -(-len(order) // batch_size)):
        written = np.full((len(rows), 1), start)
        memory = model.read(adapter.to_tensor(cut(sources[rows])))
        while written.shape[1] < MAX_LENGTH and not (written == end).any(axis=1).all():
            states = model.decoder(adapter.to_tensor(written), **memory)
            latest = adapter.to_numpy(model.head(states[:, -1])).argmax(axis=1)
            written = np.concatenate([written, latest[:, None]], axis=1)
        for row, ids in zip(rows, written[:, 1:].tolist(), strict=True):
            texts[row] = tokenizer.decode(ids[: ids.index(end)] if end in ids else ids)
    return texts
