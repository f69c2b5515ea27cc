"""What the transformers library computes, for lesson 5 to compare with."""

from dataclasses import asdict, dataclass

import numpy as np

TEXTS = (
    "Children play in the garden.",
    "The orchestra will play a new piece tonight.",
    "Hello!",
)


@dataclass(frozen=True)
class BertReference:
    """The hidden states that the transformers library computes, for notebooks without PyTorch.

    The file holds `ids` (texts, length), 0 = padding, and `states.0` to `states.6`
    (texts, length, 384): what enters the first block, and what leaves each block.
    """

    name: str = "reference"
    texts: tuple[str, ...] = TEXTS

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Return the arrays to keep and their log."""
        import torch
        import transformers

        from course_utils.bert.wordpiece import WordPiece
        from course_utils.data.encoder import encoder

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        ids = WordPiece.from_folder(encoder()).encode(self.texts).input_ids
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
