"""N-grams on the texts of lesson 3: the baselines of its kept models, and of the kept GPT."""

import time
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class NGrams:
    """Bits per held-out character of counting: single characters, Witten-Bell, Kneser-Ney."""

    name: str = "ngrams"
    datasets: tuple[str, ...] = ("source_code", "tinyshakespeare", "language_reference")
    models: tuple[tuple[int, str], ...] = (
        (1, "witten_bell"),
        (5, "witten_bell"),
        (8, "kneser_ney"),
    )

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Count and measure; no weights are made."""
        from course_utils.data import hold_out, load

        return {}, {
            "settings": asdict(self),
            "source": "the texts of lesson 3",
            "framework": f"NumPy {np.__version__}",
            "results": {name: self._measure(hold_out(load(name))) for name in self.datasets},
        }

    def _measure(self, parts: tuple[str, str]) -> dict[str, dict[str, float]]:
        from course_utils.rnn import NGramModel
        from course_utils.text.characters import CharVocabulary
        from course_utils.tools.recipes.character_models import unknown_bits

        alphabet = CharVocabulary()
        train, held_out = map(alphabet.encode, parts)
        results = {}
        for order, smoothing in self.models:
            start = time.process_time()
            model = NGramModel(order, len(alphabet), smoothing).fit(train)
            seconds = round(time.process_time() - start, 2)
            bits = model.bits_per_character(held_out) + unknown_bits(held_out, len(alphabet))
            results[f"{order}-gram, {smoothing}"] = {
                "held_out_bits": round(bits, 4),
                "n_parameters": model.n_parameters,
                "cpu_seconds": seconds,
            }
        return results
