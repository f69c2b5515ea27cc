"""The GPT of lesson 4: a decoder that writes source code in byte pairs."""

import time
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class CodeGPT:
    """A GPT on the source code of Python's standard library, on lesson 3's split.

    It reads pieces of bytes, so that no character is unknown. The text is that of the installed
    Python, under the license of the Python Software Foundation.

    References
    ----------
    A. Radford et al., Language models are unsupervised multitask learners, 2019 (GPT-2: byte
    pairs, normalization first, the output layer shares the table).
    """

    name: str = "code_gpt"
    dataset: str = "source_code"
    vocabulary_size: int = 1024
    d_model: int = 192
    heads: int = 6
    layers: int = 4
    length: int = 256
    dropout: float = 0.1
    steps: int = 8000
    batch_size: int = 16
    learning_rate: float = 2e-3
    warmup_steps: int = 200
    weight_decay: float = 0.05
    evaluations: int = 40
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the model; return its weights, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.tools.recipes import code_gpt_training as training
        from course_utils.tools.recipes.precision import round_weights
        from course_utils.transformer import TransformerConfig

        text = training.read_text(self)
        config = TransformerConfig(
            self.vocabulary_size, self.d_model, self.heads, self.layers, self.length,
            causal=True, scale_tokens=False, dropout=self.dropout,
        )  # fmt: skip
        model = training.TiedGPT(config, self.seed)
        start = time.process_time()
        history = training.train(
            model, text.train, text.held[: training.VALIDATION], steps=self.steps,
            batch_size=self.batch_size, learning_rate=self.learning_rate,
            warmup_steps=self.warmup_steps, weight_decay=self.weight_decay,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        seconds = round(time.process_time() - start)
        full = training.held_out_loss(model, text.held) * text.scale
        weights = round_weights(model.decoder)
        return weights, {
            "settings": asdict(self),
            "source": text.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            **training.curve(history, text, self.steps, self.batch_size * self.length),
            "held_out_bits": round(full, 4),
            "held_out_bits_in_half_precision": round(
                training.held_out_loss(model, text.held) * text.scale, 4
            ),
            "held_out_characters": text.held_characters,
            "held_out_tokens": len(text.held),
            "tokenizer": text.pieces.to_str(),
        }
