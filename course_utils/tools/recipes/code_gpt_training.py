"""How the GPT of lesson 4 is trained: byte pairs, random windows, a rate that falls to zero."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from course_utils.pytorch.device import choose_device, input_tensor, set_seed
from course_utils.pytorch.training import (
    cross_entropy,
    evaluation_mode,
    make_train_step,
    training_mode,
)
from course_utils.pytorch.transformer import Transformer
from course_utils.training.batches import Batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule
from course_utils.transformer import TransformerConfig

PADDING = "<pad>"  # id 0, which no text holds: a transformer's mask hides it


def learn_pieces(text: str, vocabulary_size: int) -> Tokenizer:
    """Return byte pairs learned from a text, line by line."""
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pieces.train_from_iterator(text.splitlines(keepends=True), trainer)
    return pieces


def encode(pieces: Tokenizer, text: str) -> np.ndarray:
    """Return the ids of a whole text (n,), read line by line."""
    lines = pieces.encode_batch(text.splitlines(keepends=True))
    return np.concatenate([np.array(line.ids, dtype=np.int64) for line in lines])


class TiedGPT(nn.Module):
    """A causal transformer whose output layer is its table of tokens.

    Products are computed in bfloat16 where the processor has it, sums and weights in float32.
    """

    def __init__(self, config: TransformerConfig, seed: int):
        super().__init__()
        set_seed(seed)
        self.decoder = Transformer(config).to(choose_device())
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) to logits (batch, length, tokens)."""
        with torch.autocast(ids.device.type, torch.bfloat16):
            logits = self.decoder(ids) @ self.decoder.token_embedding.weight.T
        return logits.float()


class _Windows:
    """Windows at random places of a text of ids, with the ids one place later as targets."""

    def __init__(self, ids: np.ndarray, batch_size: int, length: int, seed: int):
        self.ids, self.batch_size, self.length, self.seed = ids, batch_size, length, seed

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((self.seed, step))
        starts = rng.integers(0, len(self.ids) - self.length, self.batch_size)
        windows = self.ids[starts[:, None] + np.arange(self.length + 1)]
        return windows[:, :-1], windows[:, 1:]


def train(
    model: TiedGPT,
    ids: np.ndarray,
    validation: np.ndarray,
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    warmup_steps: int,
    weight_decay: float,
    evaluations: int,
    seed: int,
) -> History:
    """Train on windows of a text of ids, and measure on another one now and then."""
    text = _Windows(ids, batch_size, model.decoder.config.max_length, seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), learning_rate, betas=(0.9, 0.95), weight_decay=weight_decay
    )
    schedule = partial(cosine_schedule, steps=steps, peak=learning_rate, warmup_steps=warmup_steps)
    parts = split_evenly(range(steps), evaluations)
    with training_mode(model):
        return run_epochs(
            make_train_step(model, optimizer, clip=1.0, schedule=schedule),
            lambda part: Batches(text.batch, parts[part]),
            epochs=len(parts),
            evaluate=lambda: {"loss": held_out_loss(model, validation)},
        )


def held_out_loss(model: TiedGPT, ids: np.ndarray, batch_size: int = 32) -> float:
    """Return the mean loss in nats of all ids but the first.

    Windows overlap by half: but for the first window, each id is predicted from at least half a
    window of ids before it.
    """
    with evaluation_mode(model):
        losses = [
            cross_entropy(model(input_tensor(inputs))[:, skip:], input_tensor(targets)[:, skip:])
            * targets[:, skip:].size
            for inputs, targets, skip in _windows(ids, model.decoder.config.max_length, batch_size)
        ]
    return float(sum(losses)) / (len(ids) - 1)


def _windows(
    ids: np.ndarray, length: int, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Yield inputs, targets, and how many of the first targets were predicted before."""
    length = min(length, len(ids) - 1)
    half = max(1, length // 2)
    yield ids[None, :length], ids[None, 1 : length + 1], 0
    starts = np.arange(half, len(ids) - length, half)
    whole = ids[starts[:, None] + np.arange(length + 1)]
    for first in range(0, len(starts), batch_size):
        windows = whole[first : first + batch_size]
        yield windows[:, :-1], windows[:, 1:], half
    done = (starts[-1] if len(starts) else 0) + length  # targets up to this place are counted
    if done + 1 < len(ids):
        start = max(0, len(ids) - length - 1)
        yield ids[None, start:-1], ids[None, start + 1 :], done - start
