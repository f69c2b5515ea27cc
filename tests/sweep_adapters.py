"""A good call of each public function of an adapter, for `sweep.py`."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from sweep_calls import IDS, LABELS, RNG, Call, alphabet, bert_folder, corpus, word_piece

INPUTS = np.array([[2, 3, 0], [3, 1, 2]] * 6)
TEXT = np.array([1, 2, 3] * 40)


def adapter_calls(framework: str) -> dict[str, Callable[[], Call]]:
    """Return for each name a function that makes a good call anew."""
    adapter = import_module(f"course_utils.{framework}")
    from course_utils.transformer import TransformerConfig

    def tensor(array: np.ndarray):
        return adapter.to_tensor(array)

    def numbers(*shape: int):
        return tensor(RNG(0).normal(size=shape).astype(np.float32))

    def config(**more: object) -> TransformerConfig:
        return TransformerConfig(9, 8, 2, 1, 6, **more)

    def classifier():
        return adapter.initialize(adapter.BagClassifier(5, 4, 2), INPUTS[:2])

    @cache  # making it takes longer than most calls
    def language_model():
        model = adapter.LanguageModel(4, 4, 4)
        return adapter.initialize(model, IDS[:, :2])

    def transformer():
        return adapter.initialize(adapter.Transformer(config()), IDS)

    @cache
    def bert():
        return adapter.load_bert(bert_folder())

    @cache
    def bilm():
        one = np.zeros((1, 1, 384), np.float32)
        return adapter.initialize(adapter.BiLM(384, 4), (one, one))

    def weight_file():
        path = Path(mkdtemp()) / "w.safetensors"
        adapter.save_weights(classifier(), path)
        return path

    def sequences():
        return [(IDS, IDS * 0 + 1)] * 2

    def of(name: str, /, **makers: object) -> Callable[[], Call]:
        def make() -> Call:
            good = {key: value() if callable(value) else value for key, value in makers.items()}
            good = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in good.items()}
            return getattr(adapter, name), good

        return make

    def train_step():
        return adapter.make_optimizer(classifier(), "adam", 0.1)

    language = {"steps": 2, "batch_size": 2, "sequence_length": 4, "learning_rate": 0.1}
    language |= {"warmup_steps": 1, "stateful": True, "evaluations": 1, "seed": 0}
    found = {
        "BagClassifier": of("BagClassifier", vocabulary_size=5, dimension=4, classes=2),
        "BertClassifier": of("BertClassifier", bert=bert, n_classes=2, dropout=0.1),
        "BiLM": of("BiLM", width=4, units=4),
        "FeedForward": of("FeedForward", d_model=4, d_ff=8),
        "LanguageModel": of("LanguageModel", vocabulary_size=4, dimension=4, units=4),
        "MaskedLanguageModel": of(
            "MaskedLanguageModel",
            bert=bert,
            candidates=np.array([0, 5, 6]),
            counts=np.array([0, 3, 2]),
        ),
        "MultiHeadAttention": of("MultiHeadAttention", d_model=8, heads=2),
        "Transformer": of("Transformer", config=config),
        "TransformerBlock": of("TransformerBlock", config=config),
        "attend": of(
            "attend",
            query=lambda: numbers(2, 3, 4),
            key=lambda: numbers(2, 3, 4),
            value=lambda: numbers(2, 3, 4),
            mask=lambda: tensor(np.ones((2, 3, 3), bool)),
        ),
        "causal_mask": of("causal_mask", length=3),
        "choose_device": of("choose_device", prefer="cpu"),
        "count_parameters": of("count_parameters", model=classifier),
        "cross_entropy": of(
            "cross_entropy", logits=lambda: numbers(4, 2), targets=lambda: tensor(LABELS[:4])
        ),
        "elmo_states": of("elmo_states", model=bilm, tokenizer=_pieces, texts=["a"], batch_size=2),
        "encode": of(
            "encode",
            model=bert,
            tokenizer=word_piece,
            texts=["the play", "a"],
            batch_size=2,
            pooling="mean",
            max_length=9,
            sort=True,
            progress=False,
        ),
        "evaluate": of("evaluate", model=classifier, inputs=INPUTS, targets=LABELS, batch_size=4),
        "fit": of(
            "fit",
            model=classifier,
            train=lambda: (INPUTS, LABELS),
            validation=lambda: (INPUTS, LABELS),
            epochs=1,
            batch_size=4,
            learning_rate=0.1,
            optimizer="adam",
            patience=1,
            seed=0,
            progress=False,
        ),
        "get_weights": of("get_weights", model=classifier),
        "hidden_states": of(
            "hidden_states", model=bert, ids=IDS, token_type_ids=IDS * 0, batch_size=2
        ),
        "initialize": of(
            "initialize",
            model=lambda: adapter.BagClassifier(5, 4, 2),
            inputs=INPUTS,
            seed=0,
            embedding_std=0.1,
        ),
        "load_bert": of("load_bert", folder=bert_folder, layers=1, dropout=0.1),
        "load_weights": of("load_weights", model=classifier, path=weight_file),
        "make_generator": of("make_generator", model=language_model, alphabet=alphabet),
        "make_optimizer": of("make_optimizer", model=classifier, name="adam", learning_rate=0.1),
        "make_train_step": of("make_train_step", model=classifier, optimizer=train_step, clip=1.0),
        "mean_loss": of(
            "mean_loss",
            model=language_model,
            ids=TEXT,
            batch_size=2,
            sequence_length=4,
            stateful=True,
        ),
        "padding_mask": of("padding_mask", ids=lambda: tensor(IDS)),
        "pool": of(
            "pool", states=lambda: numbers(2, 3, 4), ids=lambda: tensor(IDS), pooling="mean"
        ),
        "predict": of("predict", model=classifier, inputs=INPUTS, batch_size=4),
        "save_weights": of(
            "save_weights", model=classifier, path=lambda: Path(mkdtemp()) / "w.safetensors"
        ),
        "set_seed": of("set_seed", seed=0),
        "set_weights": of(
            "set_weights",
            model=classifier,
            weights=lambda: adapter.get_weights(classifier()),
            partial=False,
        ),
        "to_numpy": of("to_numpy", tensor=lambda: numbers(3)),
        "to_tensor": of("to_tensor", array=np.ones(3), dtype="float32"),
        "token_loss": of(
            "token_loss", logits=lambda: numbers(2, 3, 4), targets=lambda: tensor(IDS)
        ),
        "train_language_model": of(
            "train_language_model",
            model=language_model,
            train=TEXT,
            validation=TEXT,
            progress=False,
            **language,
        ),
        "train_sequences": of(
            "train_sequences",
            model=lambda: _scores(adapter),
            batches=sequences,
            learning_rate=0.1,
            warmup_steps=1,
            clip=1.0,
            optimizer="adam",
            progress=False,
        ),
        "train_word2vec": of(
            "train_word2vec",
            corpus=corpus,
            dimension=4,
            epochs=1,
            window=2,
            negatives=2,
            learning_rate=0.1,
            blocks=2,
            negatives_per_block=4,
            seed=0,
            progress=False,
        ),
    }
    return {f"{framework}.{name}": make for name, make in found.items()}


def _scores(adapter: object):
    """Return a model that gives scores for each token."""
    if adapter.__name__.endswith("pytorch"):
        from torch import nn

        return nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 5))
    import keras

    return keras.Sequential([keras.layers.Embedding(5, 4), keras.layers.Dense(5)])


def _pieces():
    """Return the tokenizer whose ids have a row in the static table."""
    from course_utils.bert import WordPiece
    from course_utils.data.encoder import encoder

    return WordPiece.from_folder(encoder())


NO_CALL = {
    "describe_device": "no argument", "on_cpu": "no argument", "load_elmo": "no argument",
    "full_precision": "no argument", "load_masked_lm": "no argument",
}  # fmt: skip
