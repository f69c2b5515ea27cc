"""What lesson 5 keeps: numbers to compare with, and trainings that take long."""

import time
from dataclasses import asdict, dataclass

import numpy as np

METHODS = ("tfidf", "static", "frozen", "fine-tuned", "from scratch")
TEXTS = (
    "Children play in the garden.",
    "The orchestra will play a new piece tonight.",
    "Hello!",
)


@dataclass(frozen=True)
class Reference:
    """The hidden states that the transformers library computes, for notebooks without PyTorch.

    The file holds `ids` (texts, longest), 0 = padding, and `states.0` to `states.6`
    (texts, longest, 384): what enters the first block, and what leaves each block.
    """

    name: str = "reference"
    texts: tuple[str, ...] = TEXTS

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Return the arrays to keep and their log."""
        import torch
        import transformers

        from course_utils.data.encoder import encoder
        from course_utils.wordpiece import WordPiece

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        ids = WordPiece.from_folder(encoder()).encode(self.texts).ids
        model = transformers.BertModel.from_pretrained(encoder(), add_pooling_layer=False).eval()
        with torch.inference_mode():
            tensor = torch.from_numpy(ids)
            found = model(tensor, attention_mask=tensor != 0, output_hidden_states=True)
        states = {f"states.{i}": s.numpy() for i, s in enumerate(found.hidden_states)}
        log = {
            "settings": asdict(self),
            "source": "all-MiniLM-L6-v2",
            "framework": f"transformers {transformers.__version__}, PyTorch {torch.__version__}",
        }
        return {"ids": ids} | states, log


@dataclass(frozen=True)
class Transfer:
    """Held-out accuracy after training with few labels: five methods, three draws of the labels.

    The epochs, the rate and the strengths of the logistic regressions were chosen on the validation
    part of the documentation paragraphs. With all labels the settings are those of 1,000, and
    there is one draw.
    """

    framework: str
    dataset: str = "documentation"
    sizes: tuple[int, ...] = (50, 200, 1000)
    epochs: tuple[int, ...] = (8, 4, 2)
    scratch_epochs: tuple[int, ...] = (40, 20, 10)
    seeds: tuple[int, ...] = (0, 1, 2)
    length: int = 128
    batch_size: int = 16
    learning_rate: float = 2e-4
    scratch_rate: float = 1e-3
    strength: float = 1.0
    static_strength: float = 10.0

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"transfer_{self.framework}"

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train all models; return no arrays, and a log with one row for each model."""
        from course_utils.transfer import Trial

        trial = Trial(self)
        log = {
            "settings": asdict(self),
            "source": trial.source,
            "framework": trial.adapter.describe_device(),
            "rows": trial.rows(),
        }
        return {}, log


@dataclass(frozen=True)
class TwoWay:
    """Two LSTMs in the manner of ELMo: one guesses the next piece, one the piece before.

    Both read the static vectors of the pre-trained table, which stay as they are. Only the most
    frequent pieces are guessed; the layer that guesses is not kept.
    """

    name: str = "two_way"
    steps: int = 1200
    held_out: int = 20
    batch_size: int = 32
    length: int = 48
    units: int = 256
    guessed: int = 2000
    learning_rate: float = 3e-3
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train on the running text; return the weights of the LSTMs and their log."""
        from course_utils import pytorch
        from course_utils.two_way import Guesser, class_counts, text_batches, unigram_bits

        batches, source = text_batches(self)
        held_out, batches = batches[: self.held_out], batches[self.held_out :][: self.steps]
        counts = class_counts(batches, self.guessed + 1)
        guesser, start = Guesser(self, counts), time.process_time()
        pytorch.train_sequences(guesser, batches, learning_rate=self.learning_rate, warm_up=100)
        log = {
            "settings": asdict(self),
            "source": source,
            "framework": pytorch.describe_device(),
            "cpu_seconds": round(time.process_time() - start),
            "held_out_bits": round(guesser.bits(held_out), 3),
            "unigram_bits": round(unigram_bits(counts, held_out), 3),
        }
        return pytorch.get_weights(guesser.two_way), log


RUNS = (Reference(), TwoWay(), Transfer("pytorch"), Transfer("tensorflow"))


def transfer_results() -> list[dict]:
    """Return the kept results of learning with few labels, from both frameworks.

    Returns
    -------
    list of dict
        `dataset`, `framework`, `method` (one of `METHODS`), `labels`, `seed`, `accuracy` on the
        test part, `cpu_seconds` of the training, `steps`, `parameters` that were trained.

    Raises
    ------
    InputError
        If the results are missing or damaged.
    """
    from course_utils.kept import kept_log

    return [
        row for run in RUNS if isinstance(run, Transfer) for row in kept_log("05", run.name)["rows"]
    ]
