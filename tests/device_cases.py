"""Everything of the adapters that trains, reads or writes, each on a few numbers.

Each case takes an adapter, and returns the models that it used.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tiny_bert import write_folder

from course_utils.bert import BatchEncoding
from course_utils.text import CharVocabulary
from course_utils.transformer import TransformerConfig
from course_utils.word2vec import build_corpus

RNG = np.random.default_rng(0)
IDS = RNG.integers(2, 9, (24, 6))
IDS[:, 4:] *= RNG.random((24, 2)) < 0.5
LABELS = IDS[:, 0] % 2
QUIET = {"progress": False}


class Pieces:
    """A tokenizer that knows four texts."""

    vocabulary_size = 9

    def encode(self, texts, max_length=None):
        return BatchEncoding(IDS[:4], IDS[:4] * 0, (IDS[:4] != 0).sum(axis=1))


def transformer(package, **options):
    config = TransformerConfig(9, 8, 2, 1, 6, **options)
    return package.initialize(package.Transformer(config), IDS[:2])


def classify(package):
    model = package.initialize(package.BagClassifier(9, 4, 2), IDS[:2])
    for optimizer in ("sgd", "adam", "adamw"):
        history = package.fit(
            model, (IDS, LABELS), (IDS, LABELS), epochs=2, optimizer=optimizer, patience=1, **QUIET
        )
        assert np.isfinite(history.column("validation_loss")).all()
    assert np.isfinite(package.predict(model, IDS)).all()
    weights = package.get_weights(model)
    package.set_weights(model, {name: array.astype(np.float64) for name, array in weights.items()})
    return [model]


def write_text(package):
    alphabet = CharVocabulary("abc \n")
    text = alphabet.encode("abc abc\ncab cab\n" * 20)
    model = package.LanguageModel(6, 4, 8)  # not initialized: training moves it
    options = {"steps": 4, "batch_size": 2, "sequence_length": 8, "evaluations": 2, **QUIET}
    for stateful in (True, False):
        package.train_language_model(model, text, text[:200], stateful=stateful, **options)
    assert np.isfinite(package.mean_loss(model, text, batch_size=2, sequence_length=8))
    generator = package.make_generator(model, alphabet)
    assert len(generator.generate("abc", length=5)) == 5
    assert len(generator.generate_many(["abc", "cab"], length=5, seed=1)) == 2
    return [model]


def embed_words(package):
    corpus = build_corpus([f"a{i % 7} b{i % 5} c{i % 3}" for i in range(60)], minimum_count=1)
    for model in ("skipgram", "cbow"):
        found = package.train_word2vec(
            corpus, model=model, dimension=4, epochs=1, window=2, progress=False
        )
        assert np.isfinite(found.vectors).all()
    return []


def attend(package):
    models = [
        transformer(package),
        transformer(package, causal=True, positions="learned", token_types=2, norm_first=False),
        package.Transformer(TransformerConfig(9, 8, 2, 1, 6, cross=True, dropout=0.1)),
    ]
    if hasattr(models[2], "to"):  # in TensorFlow layers lie there from the start
        models[2].to(package.choose_device())
    ids = package.to_tensor(IDS)
    memory, mask = models[0](ids), package.padding_mask(ids)
    models[1](ids, token_type_ids=package.to_tensor(IDS * 0), return_attention=True)
    models[2](ids, memory=memory, memory_mask=mask, return_attention=True)
    return models


def read_with_bert(package):
    bert = transformer(package, positions="learned", token_types=2, norm_first=False)
    assert len(package.hidden_states(bert, IDS)) == 2
    for pooling in ("mean", "first"):
        vectors = package.encode(bert, Pieces(), ["a"] * 4, pooling=pooling, batch_size=2, **QUIET)
        assert np.isfinite(vectors).all()
    classifier = package.BertClassifier(bert, 2)
    masked = package.MaskedLanguageModel(bert, np.arange(9), np.ones(9))
    options = {"learning_rate": 1e-3, "warmup_steps": 1, "evaluations": 2, **QUIET}
    batches = [(IDS, LABELS)] * 4
    package.train_sequences(classifier, batches, loss_fn=package.cross_entropy, **options)
    batches = [(IDS, np.tile([1, 3], (24, 1)), IDS[:, [1, 3]])] * 4
    package.train_sequences(masked, batches, optimizer="adamw", **options)
    with TemporaryDirectory() as folder:
        loaded = package.load_bert(write_folder(Path(folder) / "bert"))
    return [classifier, masked, loaded]


def read_with_elmo(package):
    model = package.BiLM(8, 4)
    states = package.elmo_states(model, Pieces(), ["a"] * 4, batch_size=3)
    assert all(np.isfinite(state).all() for state in states)
    return [model, package.load_elmo()]


CASES = [classify, write_text, embed_words, read_with_bert, read_with_elmo]
