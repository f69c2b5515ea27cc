"""Bits against training compute: GPT and LSTM in three sizes each (lesson 4)."""

import time
from dataclasses import asdict, dataclass, field

import numpy as np

from course_utils.tools.recipes.code_gpt import CodeGPT

FLOPS_PER_WEIGHT = 6  # of a token in training: 2 forward, 4 backward


@dataclass(frozen=True)
class SizedGPT:
    """A smaller GPT than the kept one, on the same text and byte pairs; only its log is kept.

    References
    ----------
    J. Kaplan et al., Scaling laws for neural language models, 2020, section 2.1 (6 N operations a
    token); J. Hoffmann et al., Training compute-optimal large language models, 2022.
    """

    name: str
    d_model: int
    heads: int
    layers: int
    steps: int

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its log."""
        run = CodeGPT(**asdict(self), evaluations=20)
        _, log = run.make()
        del log["tokenizer"]
        return {}, log


@dataclass(frozen=True)
class SizedLSTM:
    """An LSTM on the text and the byte pairs of the kept GPT; only its log is kept."""

    name: str
    units: int
    steps: int
    dimension: int = 128
    learning_rate: float = 1e-2
    batch_size: int = 32
    sequence_length: int = 128
    warmup_steps: int = 100
    evaluations: int = 20
    seed: int = 0
    text: CodeGPT = field(default=CodeGPT(), repr=False)

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its log."""
        from course_utils import pytorch
        from course_utils.data import hold_out, load
        from course_utils.tools.recipes import code_gpt_training as training
        from course_utils.tools.recipes.precision import InBfloat16

        documents, vocabulary_size = load(self.text.dataset), self.text.vocabulary_size
        train_text, held_text = hold_out(documents)
        pieces = training.learn_pieces(train_text, vocabulary_size)
        train, held = (training.encode(pieces, text) for text in (train_text, held_text))
        model = pytorch.LanguageModel(vocabulary_size, self.dimension, self.units)
        pytorch.initialize(model, train[None, :8], seed=self.seed, embedding_std=1.0)
        start = time.process_time()
        history = pytorch.train_language_model(
            InBfloat16(model), train, held[: training.VALIDATION], steps=self.steps,
            batch_size=self.batch_size, sequence_length=self.sequence_length,
            learning_rate=self.learning_rate, warmup_steps=self.warmup_steps,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        seconds = round(time.process_time() - start)
        scale = len(held) / len(held_text) / np.log(2)  # from nats a token to bits a character
        loss = pytorch.mean_loss(model, held, batch_size=1, sequence_length=1000)
        tokens = self.steps // len(history) * self.batch_size * self.sequence_length
        settings = asdict(self)
        del settings["text"]
        return {}, {
            "settings": settings,
            "source": documents.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            "tokens": [tokens * (i + 1) for i in range(len(history))],
            "training_bits": (history.column("train_loss") * scale).round(4).tolist(),
            "validation_bits": (history.column("validation_loss") * scale).round(4).tolist(),
            "held_out_bits": round(float(loss * scale), 4),
            "held_out_characters": len(held_text),
            "held_out_tokens": len(held),
        }
