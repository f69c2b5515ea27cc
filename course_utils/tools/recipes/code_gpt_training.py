"""How the GPT of lesson 4 is trained: byte pairs, random windows, a rate that falls to zero."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from course_utils import data
from course_utils.pytorch.device import choose_device, input_tensor, set_seed
from course_utils.pytorch.training import (
    cross_entropy,
    evaluation_mode,
    make_train_step,
    training_mode,
)
from course_utils.pytorch.transformer import MultiHeadAttention, Transformer, causal_mask
from course_utils.training.batches import Batches, split_evenly
from course_utils.training.loop import History, run_epochs
from course_utils.training.schedules import cosine_schedule
from course_utils.transformer import TransformerConfig

PADDING = "<pad>"  # id 0, which no text holds: a transformer's mask hides it
VALIDATION = 40_000  # held-out tokens that are read at each evaluation


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


@dataclass(frozen=True)
class Text:
    """A text in byte pairs, in two parts."""

    train: np.ndarray  # ids (n,)
    held: np.ndarray  # ids (m,)
    held_characters: int
    pieces: Tokenizer
    source: str

    @property
    def scale(self) -> float:
        """From nats a token to bits a character."""
        return len(self.held) / self.held_characters / np.log(2)


def read_text(settings: Any) -> Text:
    """Return the text of a recipe, and the byte pairs that are learned from its first part."""
    documents = data.load(settings.dataset)
    train, held = data.hold_out(documents)
    pieces = learn_pieces(train, settings.vocabulary_size)
    return Text(encode(pieces, train), encode(pieces, held), len(held), pieces, documents.source)


def curve(history: History, text: Text, steps: int, tokens_of_a_step: int) -> dict[str, list]:
    """Return the tokens read at each evaluation, and the bits a character of both parts."""
    between = steps // len(history) * tokens_of_a_step
    return {
        "tokens": [between * (i + 1) for i in range(len(history))],
        "training_bits": (history.column("train_loss") * text.scale).round(4).tolist(),
        "validation_bits": (history.column("validation_loss") * text.scale).round(4).tolist(),
    }


class TiedGPT(nn.Module):
    """A causal transformer whose output layer is its table of tokens.

    Products are computed in bfloat16 where the processor has it, sums and weights in float32.
    """

    def __init__(
        self,
        config: TransformerConfig,
        seed: int,
        make_decoder: Callable[[TransformerConfig], Any] = Transformer,
    ):
        super().__init__()
        set_seed(seed)
        self.length = config.max_length
        self.decoder: Any = make_decoder(config).to(choose_device())
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) to logits (batch, length, tokens)."""
        with torch.autocast(ids.device.type, torch.bfloat16):
            logits = self.decoder(ids) @ self.decoder.token_embedding.weight.T
        return logits.float()


class AttentionOnly(nn.Module):
    """A transformer of one block that has attention and no feed-forward layers."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocabulary_size, config.d_model)
        self.position_embedding = nn.Embedding(config.max_length, config.d_model)
        self.attention_norm = nn.LayerNorm(config.d_model, config.epsilon)
        self.attention = MultiHeadAttention(config.d_model, config.heads)
        self.final_norm = nn.LayerNorm(config.d_model, config.epsilon)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) to vectors (batch, length, d_model)."""
        length = ids.shape[1]
        x = self.token_embedding(ids) + self.position_embedding.weight[:length]
        y = self.attention_norm(x)
        mixed, _ = self.attention(y, y, causal_mask(length, ids.device))
        return self.final_norm(x + mixed)


class Bigrams(nn.Module):
    """A table with one row of logits for each token."""

    def __init__(self, vocabulary_size: int, length: int):
        super().__init__()
        self.length = length
        self.table = nn.Embedding(vocabulary_size, vocabulary_size).to(choose_device())
        nn.init.zeros_(self.table.weight)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """From ids (batch, length) to logits (batch, length, tokens)."""
        return self.table(ids)


Writer = TiedGPT | Bigrams


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
    model: Writer,
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
    text = _Windows(ids, batch_size, model.length, seed)
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


def held_out_loss(model: Writer, ids: np.ndarray, batch_size: int = 32) -> float:
    """Return the mean loss in nats of all ids but the first.

    Windows overlap by half: but for the first window, each id is predicted from at least half a
    window of ids before it.
    """
    with evaluation_mode(model):
        losses = [
            cross_entropy(model(input_tensor(inputs))[:, skip:], input_tensor(targets)[:, skip:])
            * targets[:, skip:].size
            for inputs, targets, skip in _windows(ids, model.length, batch_size)
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
        yield windows[:, :-1], windows[:, 1:], length - half
    done = (starts[-1] if len(starts) else 0) + length  # targets up to this place are counted
    if done + 1 < len(ids):
        start = max(0, len(ids) - length - 1)
        yield ids[None, start:-1], ids[None, start + 1 :], done - start
