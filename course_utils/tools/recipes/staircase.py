"""The stairs of lesson 4: from a table of pairs to four blocks, after the same steps."""

import time
from dataclasses import asdict, dataclass

import numpy as np

from course_utils.tools.recipes.character_models import unknown_bits

STAIRS = ("bigram", "one head", "several heads", "one block", "four blocks")


@dataclass(frozen=True)
class Staircase:
    """Five models on the source code, character by character; only a log is kept.

    Characters and not byte pairs: a table of 1,024 pieces knows much of what the stairs above it
    have to learn, and is ahead of them for hundreds of steps.

    References
    ----------
    A. Karpathy, Let's build GPT: from scratch, in code, spelled out, 2023 (the order of stairs).
    """

    name: str = "staircase"
    dataset: str = "source_code"
    d_model: int = 128
    heads: int = 4
    layers: int = 4
    length: int = 128
    steps: int = 600
    batch_size: int = 32
    table_rate: float = 0.1
    learning_rate: float = 3e-3
    warmup_steps: int = 50
    evaluations: int = 5
    seed: int = 0
    stairs: tuple[str, ...] = STAIRS

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the five; return their log."""
        from course_utils import pytorch
        from course_utils.data import hold_out, load
        from course_utils.text import CharVocabulary
        from course_utils.tools.recipes import code_gpt_training as training

        documents, alphabet = load(self.dataset), CharVocabulary()
        train, held = (alphabet.encode(text) for text in hold_out(documents))
        unknown, rows = unknown_bits(held, len(alphabet)), []
        for stair in self.stairs:
            model = self._model(stair, len(alphabet))
            start = time.process_time()
            history = training.train(
                model, train, held[: training.VALIDATION], steps=self.steps,
                batch_size=self.batch_size,
                learning_rate=self.table_rate if stair == "bigram" else self.learning_rate,
                warmup_steps=self.warmup_steps, weight_decay=0.0, evaluations=self.evaluations,
                seed=self.seed,
            )  # fmt: skip
            seconds = round(time.process_time() - start)
            bits = training.held_out_loss(model, held) / np.log(2) + unknown
            rows.append({
                "stair": stair,
                "n_parameters": pytorch.count_parameters(model),
                "cpu_seconds": seconds,
                "validation_bits": (history.column("validation_loss") / np.log(2))
                .round(4).tolist(),
                "held_out_bits": round(bits, 4),
            })  # fmt: skip
        return {}, {
            "settings": asdict(self),
            "source": documents.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": sum(row["cpu_seconds"] for row in rows),
            "characters_read": self.steps * self.batch_size * self.length,
            "held_out_characters": len(held),
            "rows": rows,
        }

    def _model(self, stair: str, n_characters: int):
        """Return the untrained model of a stair."""
        from course_utils.tools.recipes import code_gpt_training as training
        from course_utils.transformer import TransformerConfig

        if stair == "bigram":
            return training.Bigrams(n_characters, self.length)
        config = TransformerConfig(
            n_characters, self.d_model, 1 if stair == "one head" else self.heads,
            self.layers if stair == "four blocks" else 1, self.length,
            causal=True, scale_tokens=False,
        )  # fmt: skip
        if stair.endswith("block") or stair.endswith("blocks"):
            return training.TiedGPT(config, self.seed)
        return training.TiedGPT(config, self.seed, training.AttentionOnly)
