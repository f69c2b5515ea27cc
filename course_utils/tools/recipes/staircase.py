"""The stairs of lesson 4: from a table of pairs to four blocks, after the same steps."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from course_utils.tools.recipes.code_gpt import CodeGPT

STAIRS = ("bigram", "one head", "several heads", "one block", "four blocks")


@dataclass(frozen=True)
class Staircase:
    """Five models on the text, the byte pairs and the steps of the kept GPT; only a log is kept.

    Byte pairs, so that the stairs lead up to the kept GPT: the last one is that model, stopped
    early. Each stair has the best of a few learning rates.

    References
    ----------
    A. Karpathy, Let's build GPT: from scratch, in code, spelled out, 2023 (the order of the stairs).
    """

    name: str = "staircase"
    steps: int = 400
    bigram_rate: float = 0.1
    learning_rate: float = 2e-3
    warmup_steps: int = 50
    evaluations: int = 10
    stairs: tuple[str, ...] = STAIRS
    gpt: CodeGPT = field(default=CodeGPT(), repr=False)

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the five; return their log."""
        from course_utils import pytorch
        from course_utils.data import hold_out, load
        from course_utils.tools.recipes import code_gpt_training as training

        gpt, documents = self.gpt, load(self.gpt.dataset)
        train_text, held_text = hold_out(documents)
        pieces = training.learn_pieces(train_text, gpt.vocabulary_size)
        train, held = (training.encode(pieces, text) for text in (train_text, held_text))
        scale = len(held) / len(held_text) / np.log(2)  # from nats a token to bits a character
        rows: list[dict[str, Any]] = []
        for stair in self.stairs:
            model = self._model(stair)
            start = time.process_time()
            history = training.train(
                model, train, held[: training.VALIDATION], steps=self.steps,
                batch_size=gpt.batch_size, warmup_steps=self.warmup_steps,
                learning_rate=self.bigram_rate if stair == "bigram" else self.learning_rate,
                weight_decay=0.0, evaluations=self.evaluations, seed=gpt.seed,
            )  # fmt: skip
            validation = history.column("validation_loss") * scale
            rows.append({
                "stair": stair,
                "n_parameters": pytorch.count_parameters(model),
                "cpu_seconds": round(time.process_time() - start),
                "validation_bits": validation.round(4).tolist(),
                "held_out_bits": round(training.held_out_loss(model, held) * scale, 4),
            })  # fmt: skip
        settings = {name: value for name, value in asdict(self).items() if name != "gpt"}
        settings |= {name: getattr(gpt, name) for name in ("vocabulary_size", "d_model", "heads")}
        settings |= {name: getattr(gpt, name) for name in ("length", "batch_size", "seed")}
        return {}, {
            "settings": settings,
            "source": documents.source,
            "license": "PSF-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": sum(row["cpu_seconds"] for row in rows),
            "tokens": self.steps * gpt.batch_size * gpt.length,
            "held_out_characters": len(held_text),
            "rows": rows,
        }

    def _model(self, stair: str):
        """Return the untrained model of a stair."""
        from course_utils.tools.recipes import code_gpt_training as training
        from course_utils.transformer import TransformerConfig

        gpt = self.gpt
        if stair == "bigram":
            return training.Bigrams(gpt.vocabulary_size, gpt.length)
        config = TransformerConfig(
            gpt.vocabulary_size, gpt.d_model, 1 if stair == "one head" else gpt.heads,
            gpt.layers if stair == "four blocks" else 1, gpt.length,
            causal=True, scale_tokens=False,
        )  # fmt: skip
        if stair in ("one head", "several heads"):
            return training.TiedGPT(config, gpt.seed, training.AttentionOnly)
        return training.TiedGPT(config, gpt.seed)
