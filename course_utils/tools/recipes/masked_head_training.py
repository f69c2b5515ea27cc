"""How the masked head of lesson 5 is trained: stretches of documentation with hidden pieces."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, cast

import numpy as np
import torch

from course_utils.bert.masking import mask_tokens, masked_batch
from course_utils.bert.wordpiece import WordPiece
from course_utils.pytorch.bert import MaskedLanguageModel
from course_utils.pytorch.device import input_tensor, to_numpy
from course_utils.pytorch.sequences import token_loss
from course_utils.pytorch.training import evaluation_mode, make_train_step, training_mode
from course_utils.pytorch.weights import get_weights
from course_utils.text import pad
from course_utils.tools.recipes.precision import InBfloat16
from course_utils.training.batches import Batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import linear_schedule

CHUNK = 100  # sentences in a row that go to the same part


def split_chunks(sentences: Sequence[str], held_out: float, seed: int) -> tuple[list, list]:
    """Hold out whole chunks of neighboring sentences, so that few come from a document twice."""
    chunks = [sentences[i : i + CHUNK] for i in range(0, len(sentences), CHUNK)]
    order = np.random.default_rng(seed).permutation(len(chunks))
    n_held_out = round(held_out * len(chunks))
    held, train = sorted(order[:n_held_out]), sorted(order[n_held_out:])
    return [chunks[i] for i in train], [chunks[i] for i in held]


def stretches(tokenizer: WordPiece, chunks: list, length: int) -> np.ndarray:
    """Return ids (n, length): as many neighboring sentences of a chunk in a row as fit."""
    rows: list[list[int]] = []
    for chunk in chunks:
        encoded = tokenizer.encode(chunk, max_length=length)
        row: list[int] = []
        for ids, n_ids in zip(encoded.input_ids, encoded.lengths, strict=True):
            pieces = ids[1 : n_ids - 1].tolist()
            if len(row) + len(pieces) > length - 2:
                rows.append(row)
                row = []
            row = row + pieces
        rows.append(row)
    start, end = map(tokenizer.token_to_id, ("[CLS]", "[SEP]"))
    return pad([[start, *row, end] for row in rows if row])


class Blanks(NamedTuple):
    """Rows with hidden pieces, and what was there: as `mask_tokens` returns them."""

    inputs: np.ndarray  # (n, length)
    targets: np.ndarray  # (n, length), 0 where nothing is hidden

    @property
    def hidden(self) -> np.ndarray:
        """Where a piece is hidden (n, length)."""
        return self.targets != 0


def make_blanks(ids: np.ndarray, candidates: np.ndarray, tokenizer: WordPiece, seed: int) -> Blanks:
    """Hide pieces of held-out rows; what is changed or kept in training's manner is not asked."""
    inputs, targets = mask_tokens(
        ids, np.random.default_rng(seed), mask_token_id=tokenizer.mask_token_id,
        candidates=candidates, special_ids=tokenizer.all_special_ids,
    )  # fmt: skip
    hidden = inputs == tokenizer.mask_token_id
    return Blanks(np.where(hidden, inputs, ids), np.where(hidden, targets, 0))


class _OneVector(torch.nn.Embedding):
    """A frozen table to which a trained vector is added in one row."""

    def __init__(self, table: torch.nn.Embedding, row: int):
        rows, d_model = table.weight.shape
        super().__init__(rows, d_model, _weight=table.weight, _freeze=True)
        self.row, self.change = row, torch.nn.Parameter(torch.zeros(table.embedding_dim))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return super().forward(ids) + (ids == self.row)[..., None] * self.change


def freeze(model: MaskedLanguageModel, n_blocks: int, mask_token_id: int) -> None:
    """Freeze the lowest blocks, and the table but for the vector of `[MASK]`."""
    model.bert.requires_grad_(False)
    for block in model.bert.blocks[n_blocks:]:
        block.requires_grad_(True)
    model.bert.token_embedding = _OneVector(model.bert.token_embedding, mask_token_id)


def trained_weights(model: MaskedLanguageModel, n_blocks: int) -> dict[str, np.ndarray]:
    """Return what `freeze` left free, with the trained vector as `mask_vector` (d_model,).

    The model gets a plain table again, with this vector in it.
    """
    table = cast(_OneVector, model.bert.token_embedding)
    with torch.no_grad():
        table.weight[table.row] += table.change
    model.bert.token_embedding = torch.nn.Embedding.from_pretrained(table.weight)
    free = tuple(f"bert.blocks.{i}." for i in range(n_blocks, len(model.bert.blocks)))
    weights = {
        name: array
        for name, array in get_weights(model).items()
        if name.startswith((*free, "transform", "bias"))
    }
    return weights | {"mask_vector": to_numpy(table.weight[table.row])}


class _Rows:
    """Batches of rows, with new blanks each time."""

    def __init__(
        self, ids: np.ndarray, candidates: np.ndarray, tokenizer: WordPiece, batch_size: int,
        share: float, seed: int,
    ):  # fmt: skip
        self.ids, self.candidates, self.seed = ids, candidates, seed
        self.batch_size = batch_size
        self.mask = partial(
            mask_tokens, mask_token_id=tokenizer.mask_token_id, candidates=candidates,
            special_ids=tokenizer.all_special_ids, share=share,
        )  # fmt: skip
        self.per_epoch = len(ids) // batch_size

    def batch(self, step: int) -> tuple[np.ndarray, ...]:
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.ids))
        rows = self.ids[order[place * self.batch_size : (place + 1) * self.batch_size]]
        rows = rows[:, : (rows != 0).sum(axis=1).max()]
        inputs, targets = self.mask(rows, np.random.default_rng((self.seed, step, 1)))
        inputs, positions, classes = masked_batch(inputs, targets, self.candidates)
        return inputs, positions, classes


def train(
    model: MaskedLanguageModel,
    ids: np.ndarray,
    blanks: Blanks,
    candidates: np.ndarray,
    tokenizer: WordPiece,
    *,
    steps: int,
    batch_size: int,
    share: float,
    learning_rate: float,
    warmup_steps: int,
    weight_decay: float,
    evaluations: int,
    seed: int,
) -> History:
    """Train what is not frozen on rows (n, length), and fill held-out blanks now and then."""
    rows = _Rows(ids, candidates, tokenizer, batch_size, share, seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        trained, learning_rate, betas=(0.9, 0.98), weight_decay=weight_decay
    )
    schedule = partial(linear_schedule, steps=steps, peak=learning_rate, warmup_steps=warmup_steps)
    half = InBfloat16(model)
    parts = split_evenly(range(steps), evaluations)
    with training_mode(half):
        return run_epochs(
            make_train_step(half, optimizer, loss_fn=token_loss, clip=1.0, schedule=schedule),
            lambda part: Batches(rows.batch, parts[part]),
            epochs=len(parts),
            evaluate=lambda: fill(model, blanks, candidates),
        )


def fill(
    model: MaskedLanguageModel, blanks: Blanks, candidates: np.ndarray, batch_size: int = 64
) -> dict[str, float]:
    """Return the mean loss in nats of hidden pieces, and the share that is guessed right."""
    right, loss, n_hidden = 0, 0.0, 0
    with evaluation_mode(model):
        for first in range(0, len(blanks.inputs), batch_size):
            part = slice(first, first + batch_size)
            inputs, positions, classes = masked_batch(
                blanks.inputs[part], blanks.targets[part], candidates
            )
            logits = model(input_tensor(inputs), input_tensor(positions))
            wanted = input_tensor(classes)
            there = wanted != 0
            right += int((logits.argmax(dim=2) == wanted)[there].sum())
            n_here = int(there.sum())
            loss += float(token_loss(logits, wanted)) * n_here
            n_hidden += n_here
    return {"loss": loss / n_hidden, "accuracy": right / n_hidden}


def rivals(ids: np.ndarray, blanks: Blanks, candidates: np.ndarray) -> dict[str, float]:
    """Return the shares that are guessed right without a network.

    `most_frequent_piece` says the same piece everywhere. `trigram` says the piece that stood most
    often between the same two neighbors in the training rows, or else after the same piece.
    """
    frequent = candidates[1:][np.bincount(ids.ravel())[candidates[1:]].argmax()]
    size = int(ids.max()) + 1
    between = _likeliest(ids[:, :-2].astype(np.int64) * size + ids[:, 2:], ids[:, 1:-1], candidates)
    after = _likeliest(ids[:, :-1].astype(np.int64), ids[:, 1:], candidates)
    rows, columns = np.nonzero(blanks.hidden)
    inputs, right = blanks.inputs.astype(np.int64), blanks.targets[rows, columns]
    left, next_ones = inputs[rows, columns - 1], inputs[rows, columns + 1]
    guesses = [
        between.get(int(first * size + last), after.get(int(first), frequent))
        for first, last in zip(left, next_ones, strict=True)
    ]
    return {
        "most_frequent_piece": float((right == frequent).mean()),
        "trigram": float((right == np.array(guesses)).mean()),
    }


def _likeliest(contexts: np.ndarray, pieces: np.ndarray, candidates: np.ndarray) -> dict[int, int]:
    """Return the piece that stood most often in each context."""
    asked = np.isin(pieces, candidates[1:])
    pairs, counts = np.unique(
        np.stack([contexts[asked], pieces[asked]]), axis=1, return_counts=True
    )
    order = np.argsort(counts, kind="stable")  # the most frequent overwrites the others
    return dict(zip(pairs[0, order].tolist(), pairs[1, order].tolist(), strict=True))
