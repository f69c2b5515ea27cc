"""The two LSTMs of lesson 5, in the manner of ELMo."""

import time
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class BidirectionalLM:
    """Two LSTMs in the manner of ELMo: one predicts the next piece, one the piece before.

    Both read the static vectors of the pre-trained table, which stay as they are. Only the
    `output_vocabulary` most frequent pieces are predicted; the LM head that does so is not stored.
    """

    name: str = "bilm"
    steps: int = 1200
    held_out: int = 20
    batch_size: int = 32
    length: int = 48
    units: int = 256
    output_vocabulary: int = 2000
    learning_rate: float = 3e-3
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train on the running text; return the LSTMs, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.tools.recipes.bidirectional_training import (
            BiLMWithHead,
            class_counts,
            n_gram_bits,
            text_batches,
            unigram_bits,
        )
        from course_utils.tools.recipes.precision import round_weights

        batches, source = text_batches(
            self.batch_size, self.length, self.output_vocabulary, self.seed
        )
        held_out, batches = batches[: self.held_out], batches[self.held_out :][: self.steps]
        counts = class_counts(batches, self.output_vocabulary + 1)
        model, start = BiLMWithHead(self.units, counts, self.seed), time.process_time()
        pytorch.train_sequences(model, batches, learning_rate=self.learning_rate, warmup_steps=100)
        seconds, full = round(time.process_time() - start), model.bits(held_out)
        weights = round_weights(model.bilm)
        return weights, {
            "settings": asdict(self),
            "source": source,
            "license": "Apache-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model.bilm),
            "held_out_bits": round(full, 3),
            "held_out_bits_in_half_precision": round(model.bits(held_out), 3),
            "unigram_bits": round(unigram_bits(counts, held_out), 3),
            "n_gram_bits": round(n_gram_bits(batches, held_out, len(counts)), 3),
        }
