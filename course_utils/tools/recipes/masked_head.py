"""The masked head of lesson 5: MiniLM fills in blanks in documentation."""

import time
from dataclasses import asdict, dataclass

import numpy as np

_SEED_OF_BLANKS = 9  # the hidden pieces of the held-out rows


@dataclass(frozen=True)
class MaskedHead:
    """The lower half of MiniLM with BERT's own head, trained to fill in blanks.

    The table, but for the vector of `[MASK]`, and the lowest blocks stay as they are, and are not
    stored here. The text is the documentation of installed packages; MiniLM is under Apache 2.0.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1 (task 1) and appendix A.1.
    """

    name: str = "masked_head"
    dataset: str = "running_text"
    layers: int = 4
    trained_layers: int = 2
    length: int = 64
    held_out: float = 0.03
    share: float = 0.2
    steps: int = 6000
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    weight_decay: float = 0.01
    evaluations: int = 12
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the head; return its weights, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.bert.masked_head import with_table
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
        bert = pytorch.load_bert(layers=self.layers)
        pytorch.set_seed(self.seed)
        model = pytorch.MaskedLanguageModel(bert, candidates, counts[candidates], transform=True)
        frozen = self.layers - self.trained_layers
        training.freeze(model, frozen, tokenizer.mask_token_id)
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
            for name, array in training.trained_weights(model, frozen).items()
        }
        n_parameters = sum(array.size for array in weights.values())
        table = pytorch.get_weights(bert)["token_embedding.table"]
        stored = with_table(weights, table, tokenizer.mask_token_id)
        pytorch.set_weights(model, stored, partial=True)
        sentences = [[sentence] for chunk in parts[1] for sentence in chunk]
        alone = training.stretches(tokenizer, sentences, self.length)
        blanks_alone = training.make_blanks(alone, candidates, tokenizer, _SEED_OF_BLANKS)
        return weights | {"candidates": candidates.astype(np.int32)}, {
            "settings": asdict(self),
            "source": text.source,
            "license": "Apache-2.0",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": n_parameters,
            "rows": len(rows),
            "held_out_rows": len(held),
            "hidden_pieces": int(blanks.hidden.sum()),
            "validation_accuracy": history.column("validation_accuracy").round(4).tolist(),
            "validation_loss": history.column("validation_loss").round(4).tolist(),
            "held_out": full,
            "held_out_in_half_precision": training.fill(model, blanks, candidates),
            "held_out_sentences_alone": training.fill(model, blanks_alone, candidates),
            "rivals": training.rivals(rows, blanks, candidates),
            "rivals_sentences_alone": training.rivals(rows, blanks_alone, candidates),
        }
