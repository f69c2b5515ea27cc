"""What lesson 5 keeps: numbers to compare with, and trainings that take long."""

from dataclasses import asdict, dataclass

import numpy as np

METHODS = ("tfidf", "frozen", "fine-tuned", "from scratch")
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
    """Held-out accuracy after training with few labels: four methods, three draws of the labels.

    The epochs, the rate and the strength of the logistic regression were chosen on the validation
    part of the documentation paragraphs.
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


RUNS = (Reference(), Transfer("pytorch"), Transfer("tensorflow"))


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
