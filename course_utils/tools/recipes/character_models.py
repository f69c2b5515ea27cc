"""The character models of lesson 3."""

import time
from dataclasses import asdict, dataclass

import numpy as np

VALIDATION = 100_001  # held-out characters that are read at each evaluation


@dataclass(frozen=True)
class CharacterModel:
    """A training whose result is stored: a character model of one data set."""

    dataset: str
    steps: int
    batch_size: int = 32
    sequence_length: int = 64
    learning_rate: float = 1e-2
    units: int = 256
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

        documents, alphabet = load(self.dataset), CharVocabulary()
        train, held_out = (alphabet.encode(text) for text in hold_out(documents))
        model = pytorch.LanguageModel(len(alphabet), self.dimension, self.units)
        pytorch.initialize(model, train[None, :8], seed=self.seed, embedding_std=1.0)
        start = time.process_time()
        history = pytorch.train_language_model(
            model, train, held_out[:VALIDATION], steps=self.steps, batch_size=self.batch_size,
            sequence_length=self.sequence_length, learning_rate=self.learning_rate,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        tokens_between = self.steps // len(history) * self.batch_size * self.sequence_length
        return pytorch.get_weights(model), {
            "settings": asdict(self),
            "source": documents.source,
            "framework": pytorch.describe_device(),
            "cpu_seconds": round(time.process_time() - start),
            "tokens": [tokens_between * (i + 1) for i in range(len(history))],
            "validation_bits": (history.column("validation_loss") / np.log(2)).round(4).tolist(),
        }
