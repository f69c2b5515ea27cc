"""The character models of lesson 3."""

import time
from dataclasses import asdict, dataclass

import numpy as np

VALIDATION = 100_001  # held-out characters that are read at each evaluation
_UNICODE = 0x110000  # characters that there could be


def unknown_bits(ids: np.ndarray, known: int) -> float:
    """Return the bits per character that it costs to say which characters the unknown ones are.

    A model of characters says only that one is unknown (id 0). All others are taken to be equally
    likely.
    """
    return float((ids == 0).mean() * np.log2(_UNICODE - known + 1))


@dataclass(frozen=True)
class CharacterModel:
    """An LSTM that writes one data set character by character, with the lesson's own layout.

    References
    ----------
    A. Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.
    """

    dataset: str
    license: str
    steps: int
    units: int
    batch_size: int = 32
    sequence_length: int = 64
    learning_rate: float = 1e-2
    warmup_steps: int = 50
    dimension: int = 64
    evaluations: int = 20
    seed: int = 0

    @property
    def name(self) -> str:
        """The name of its files, without the ending."""
        return self.dataset

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its weights and their log."""
        from course_utils import pytorch
        from course_utils.data import hold_out, load
        from course_utils.text.characters import CharVocabulary
        from course_utils.tools.recipes.precision import InBfloat16, round_weights

        documents, alphabet = load(self.dataset), CharVocabulary()
        train, held_out = (alphabet.encode(text) for text in hold_out(documents))
        model = pytorch.LanguageModel(len(alphabet), self.dimension, self.units)
        pytorch.initialize(model, train[None, :8], seed=self.seed, embedding_std=1.0)
        start = time.process_time()
        history = pytorch.train_language_model(
            InBfloat16(model), train, held_out[:VALIDATION], steps=self.steps,
            batch_size=self.batch_size, sequence_length=self.sequence_length,
            learning_rate=self.learning_rate, warmup_steps=self.warmup_steps,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        seconds = round(time.process_time() - start)

        def held_out_bits() -> float:
            loss = pytorch.mean_loss(model, held_out, batch_size=1, sequence_length=2000)
            return round(float(loss / np.log(2)) + unknown_bits(held_out, len(alphabet)), 4)

        full = held_out_bits()
        weights = round_weights(model)
        tokens_between = self.steps // len(history) * self.batch_size * self.sequence_length
        return weights, {
            "settings": asdict(self),
            "source": documents.source,
            "license": self.license,
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            "tokens": [tokens_between * (i + 1) for i in range(len(history))],
            "training_bits": (history.column("train_loss") / np.log(2)).round(4).tolist(),
            "validation_bits": (history.column("validation_loss") / np.log(2)).round(4).tolist(),
            "held_out_bits": full,
            "held_out_bits_in_half_precision": held_out_bits(),
            "held_out_characters": len(held_out),
            "unknown_characters": int((held_out == 0).sum()),
        }
