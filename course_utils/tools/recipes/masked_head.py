"""The masked head of lesson 5: MiniLM fills in blanks in documentation."""

import time
from dataclasses import asdict, dataclass

import numpy as np

_SEED_OF_BLANKS = 9  # the hidden pieces of the held-out rows


@dataclass(frozen=True)
class MaskedHead:
    """The upper blocks of MiniLM and BERT's own head, trained to fill in blanks.

    The table and the lower blocks stay as they are, and are not stored here. The text is the
    documentation of installed packages; MiniLM is under Apache 2.0.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1 (task 1) and appendix A.1.
    """

    name: str = "masked_head"
    dataset: str = "running_text"
    trained_blocks: int = 2
    length: int = 64
    held_out: float = 0.03
    share: float = 0.2
    steps: int = 9000
    batch_size: int = 32
    learning_rate: float = 5e-4
    warmup_steps: int = 200
    weight_decay: float = 0.01
    dropout: float = 0.0
    evaluations: int = 20
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the head; return its weights, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.bert.wordpiece import WordPiece
        from course_utils.data import load
        from course_utils.data.encoder import encoder
        from course_utils.tools.recipes import masked_head_training as training

        text, tokenizer = load(self.dataset), WordPiece.from_folder(encoder())
        parts = training.split_chunks(text.sentences, self.held_out, self.seed)
        rows, held = (training.stretches(tokenizer, part, self.length) for part in parts)
        counts = np.bincount(rows.ravel(), minlength=tokenizer.vocabulary_size)
        counts[[0, *tokenizer.all_special_ids]] = 0
        candidates = np.union1d([0], np.flatnonzero(counts))
        blanks = training.make_blanks(held, candidates, tokenizer, _SEED_OF_BLANKS)
        bert = pytorch.load_bert(dropout=self.dropout)
        pytorch.set_seed(self.seed)
        model = pytorch.MaskedLanguageModel(bert, candidates, counts[candidates], transform=True)
        trained = training.freeze_below(model, bert.config.layers - self.trained_blocks)
        start = time.process_time()
        history = training.train(
            model, rows, blanks, candidates, tokenizer, steps=self.steps,
            batch_size=self.batch_size, share=self.share, learning_rate=self.learning_rate,
            warmup_steps=self.warmup_steps, weight_decay=self.weight_decay,
            evaluations=self.evaluations, seed=self.seed,
        )  # fmt: skip
        seconds = round(time.process_time() - start)
        full = training.fill(model, blanks, candidates)
        weights = {
            name: array.astype(np.float16)
            for name, array in pytorch.get_weights(model).items()
            if name in trained
        }
        stored = {name: array.astype(np.float32) for name, array in weights.items()}
        pytorch.set_weights(model, stored, partial=True)
        alone = training.stretches(tokenizer, [[s] for part in parts[1] for s in part], self.length)
        blanks_alone = training.make_blanks(alone, candidates, tokenizer, _SEED_OF_BLANKS)
        return weights | {"candidates": candidates.astype(np.int32)}, {
            "settings": asdict(self),
            "source": text.source,
            "license": "Apache-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": sum(array.size for array in weights.values()),
            "rows": len(rows),
            "held_out_rows": len(held),
            "hidden_pieces": int(blanks.hidden.sum()),
            "validation_accuracy": history.column("validation_accuracy").round(4).tolist(),
            "validation_loss": history.column("validation_loss").round(4).tolist(),
            "held_out": full,
            "held_out_in_half_precision": training.fill(model, blanks, candidates),
            "held_out_sentences_alone": training.fill(model, blanks_alone, candidates),
            "rivals": training.rivals(rows, blanks, candidates),
        }
