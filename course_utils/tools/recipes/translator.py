"""The translator of lesson 4: French to English, everyday sentences."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Translator:
    """An encoder-decoder transformer on the sentence pairs of Tatoeba, in byte pairs.

    Sentences of Tatoeba are under CC BY 2.0 FR; the weights were trained on them.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017.
    """

    name: str = "translator"
    dataset: str = "tatoeba"
    pieces: int = 4000
    d_model: int = 128
    heads: int = 4
    layers: int = 2
    dropout: float = 0.1
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup_steps: int = 400
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its weights, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.data import load
        from course_utils.tools.recipes import translation
        from course_utils.tools.recipes.precision import round_weights

        data = load(self.dataset)
        sides = (data.train.sources, data.train.targets)
        french, english = (
            translation.pieces_of(texts, self.pieces, lowercase=False) for texts in sides
        )

        def ids_of(part) -> tuple[np.ndarray, np.ndarray]:
            return translation.encode(french, part.sources), translation.encode(
                english, part.targets
            )

        def score(part) -> dict[str, float]:
            ids = translation.encode(french, part.sources)
            return scores(translation.translate(pytorch, model, ids, english), part.targets)

        train, questions = ids_of(data.train), ids_of(data.validation)
        batches = [
            batch
            for epoch in range(self.epochs)
            for batch in translation.make_batches(*train, self.batch_size, self.seed + epoch)
        ]
        asked = translation.make_batches(*questions, self.batch_size, seed=0)
        sizes = french.get_vocab_size(), english.get_vocab_size()
        model = self.make_model(*sizes)
        start = time.process_time()
        history = pytorch.train_sequences(
            model, batches, learning_rate=self.learning_rate, warmup_steps=self.warmup_steps,
            evaluations=self.epochs,
            evaluate=lambda: {"loss": translation.mean_loss(pytorch, model, asked)},
        )  # fmt: skip
        seconds = round(time.process_time() - start)
        full = score(data.validation)
        weights = round_weights(model)
        word_by_word = translation.word_by_word(data.train)
        return weights, {
            "settings": asdict(self),
            "source": data.source,
            "license": "CC BY 2.0 FR",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            "steps": len(batches),
            "training_loss": history.column("train_loss").round(4).tolist(),
            "validation_loss": history.column("validation_loss").round(4).tolist(),
            "validation": score(data.validation),
            "validation_in_full_precision": full,
            "test": score(data.test),
            "test_word_by_word": scores(word_by_word(data.test.sources), data.test.targets),
            "tokenizers": {"source": french.to_str(), "target": english.to_str()},
        }

    def make_model(self, source_pieces: int, target_pieces: int) -> Any:
        """Return the untrained model for vocabularies of that many pieces."""
        from course_utils.tools.recipes import translation

        return translation.make_model("pytorch", source_pieces, target_pieces, self)[1]


@dataclass(frozen=True)
class TranslatorGRU(Translator):
    """The rival: GRUs with attention, about as many weights, the same sentences as often.

    Only its log is kept.

    References
    ----------
    M. Luong, H. Pham, C. Manning, Effective approaches to attention-based neural machine
    translation, 2015.
    """

    name: str = "translator_gru"
    layers: int = 1
    units: int = 256

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its log."""
        _, log = super().make()
        del log["tokenizers"]
        return {}, log

    def make_model(self, source_pieces: int, target_pieces: int) -> Any:
        """Return the untrained model for vocabularies of that many pieces."""
        from course_utils.tools.recipes import translation_gru

        return translation_gru.make_model(source_pieces, target_pieces, self)


def scores(outputs: list[str], references: list[str]) -> dict[str, float]:
    """Return sacreBLEU's BLEU and chrF, with case ignored, of 100.

    References
    ----------
    M. Post, A call for clarity in reporting BLEU scores, 2018. M. Popović, chrF, 2015.
    """
    from sacrebleu import corpus_bleu, corpus_chrf

    lowered = [text.lower() for text in outputs], [[text.lower() for text in references]]
    return {
        "bleu": round(corpus_bleu(*lowered).score, 2),
        "chrf": round(corpus_chrf(*lowered).score, 2),
    }
