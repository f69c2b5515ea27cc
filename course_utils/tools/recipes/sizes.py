"""Bits against training compute: GPT and LSTM in three sizes each (lesson 4)."""

import time
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from course_utils.tools.recipes.code_gpt import CodeGPT


@dataclass(frozen=True)
class SizedGPT:
    """A smaller GPT than the kept one, on the same text and byte pairs; only its log is kept.

    It has no dropout: it reads too little of the text to learn it by heart.

    References
    ----------
    J. Kaplan et al., Scaling laws for neural language models, 2020; J. Hoffmann et al., Training
    compute-optimal large language models, 2022 (each size has a schedule of its own length).
    """

    name: str
    d_model: int
    heads: int
    layers: int
    steps: int
    base: CodeGPT = field(default=CodeGPT(dropout=0.0, evaluations=20), repr=False)

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its log."""
        own = {name: value for name, value in asdict(self).items() if name != "base"}
        _, log = replace(self.base, **own).make()
        del log["tokenizer"], log["held_out_bits_in_half_precision"]
        return {}, log


@dataclass(frozen=True)
class SizedLSTM:
    """An LSTM on the text and the byte pairs of the kept GPT; only its log is kept."""

    name: str
    units: int
    steps: int
    dimension: int = 128
    learning_rate: float = 1e-2
    batch_size: int = 64
    sequence_length: int = 64
    warmup_steps: int = 100
    evaluations: int = 20
    seed: int = 0
    base: CodeGPT = field(default=CodeGPT(), repr=False)

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its log."""
        from course_utils import pytorch
        from course_utils.tools.recipes import code_gpt_training as training
        from course_utils.tools.recipes.precision import InBfloat16

        text, vocabulary_size = training.read_text(self.base), self.base.vocabulary_size
        model = pytorch.LanguageModel(vocabulary_size, self.dimension, self.units)
        pytorch.initialize(model, text.train[None, :8], seed=self.seed, embedding_std=1.0)
        start = time.process_time()
        history = pytorch.train_language_model(
            InBfloat16(model), text.train, text.held[: training.VALIDATION], steps=self.steps,
            batch_size=self.batch_size, sequence_length=self.sequence_length,
            learning_rate=self.learning_rate, warmup_steps=self.warmup_steps,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        seconds = round(time.process_time() - start)
        loss = pytorch.mean_loss(model, text.held, batch_size=1, sequence_length=1000)
        tokens = self.batch_size * self.sequence_length  # of a step
        settings = {name: value for name, value in asdict(self).items() if name != "base"}
        return {}, {
            "settings": settings | {"vocabulary_size": vocabulary_size},
            "source": text.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            **training.curve(history, text, self.steps, tokens),
            "held_out_bits": round(float(loss * text.scale), 4),
            "held_out_characters": text.held_characters,
            "held_out_tokens": len(text.held),
        }
