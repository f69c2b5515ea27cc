"""The kept models of source code, each as something that writes many texts at once."""

from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from course_utils.checkpoints import Checkpoint, find_checkpoint
from course_utils.errors import InputError
from course_utils.pytorch.device import input_tensor, to_numpy
from course_utils.pytorch.language import LanguageModel, make_generator
from course_utils.pytorch.training import evaluation_mode
from course_utils.pytorch.transformer import Transformer, attend, causal_mask
from course_utils.pytorch.weights import load_weights
from course_utils.rnn import NGramModel
from course_utils.text import CharVocabulary
from course_utils.tools.recipes.writer import Writer
from course_utils.transformer import TransformerConfig


def _kept(lesson: str, name: str) -> Checkpoint:
    found = find_checkpoint(lesson, name)
    if found is None:
        raise InputError(f"Train the model first: `course train {lesson} --only {name}`.")
    return found


class CachedReader:
    """A decoder that keeps the keys and values of what it has read, and reads what is new.

    When it has read as much as the decoder has positions for, it goes on from the latest half.
    """

    def __init__(self, decoder: Transformer, n: int):
        self.decoder = decoder
        self.ids = np.zeros((n, 0), np.int64)  # what has been read
        self._forget()

    def _forget(self) -> None:
        config = self.decoder.config
        n, size = len(self.ids), config.d_model // config.heads
        nothing = torch.zeros(n, config.heads, 0, size)  # (n, heads, read, d_model / heads)
        self.keys, self.values = [nothing] * config.layers, [nothing] * config.layers
        self.ids = self.ids[:, :0]

    def read(self, ids: np.ndarray) -> np.ndarray:
        """From new ids (n, new) to logits after the last one (n, tokens)."""
        most = self.decoder.config.max_length
        if self.ids.shape[1] + ids.shape[1] > most:
            ids = np.concatenate([self.ids, ids], axis=1)[:, -(most // 2) :]
            self._forget()
        before, self.ids = self.ids.shape[1], np.concatenate([self.ids, ids], axis=1)
        whole = self.ids.shape[1]
        mask = causal_mask(whole)[:, :, before:]  # (1, 1, new, whole)
        with evaluation_mode(self.decoder):
            positions: Any = self.decoder.position_embedding
            x = self.decoder.token_embedding(input_tensor(ids)) + positions.weight[before:whole]
            block: Any
            for i, block in enumerate(self.decoder.blocks):
                x = x + self._attend(i, block.attention_norm(x), mask)
                x = x + block.feed_forward(block.feed_forward_norm(x))
            last = self.decoder.final_norm(x[:, -1])
            return to_numpy(last @ self.decoder.token_embedding.weight.T)

    def _attend(self, i: int, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        attention: Any = self.decoder.blocks[i].attention
        query, key, value = (
            layer(x).unflatten(2, (attention.heads, -1)).transpose(1, 2)
            for layer in (attention.query, attention.key, attention.value)
        )
        self.keys[i] = torch.cat([self.keys[i], key], dim=2)
        self.values[i] = torch.cat([self.values[i], value], dim=2)
        mixed, _ = attend(query, self.keys[i], self.values[i], mask)
        return attention.output(mixed.transpose(1, 2).flatten(2))


def load_gpt() -> tuple[Transformer, Tokenizer]:
    """Return the kept GPT on source code, and its byte pairs."""
    found = _kept("04", "code_gpt")
    settings = found.log["settings"]
    config = TransformerConfig(
        *(settings[name] for name in ("vocabulary_size", "d_model", "heads", "layers", "length")),
        causal=True, scale_tokens=False,
    )  # fmt: skip
    decoder = Transformer(config)
    load_weights(decoder, found.path)
    return decoder, Tokenizer.from_str(found.log["tokenizer"])


def gpt() -> Writer:
    """Return the kept GPT as a writer."""
    decoder, pieces = load_gpt()
    reader = CachedReader(decoder, 0)

    def begin(prompt: str, n: int) -> np.ndarray:
        nonlocal reader
        reader = CachedReader(decoder, n)
        return reader.read(np.array([pieces.encode(prompt).ids] * n))

    return Writer(
        begin,
        step=lambda ids: reader.read(ids[:, None]),
        decode=lambda ids: pieces.decode_batch(ids[:, None].tolist()),
    )


def lstm() -> Writer:
    """Return lesson 3's kept LSTM as a writer."""
    found, alphabet = _kept("03", "source_code"), CharVocabulary()
    settings = found.log["settings"]
    model = LanguageModel(len(alphabet), settings["dimension"], settings["units"])
    load_weights(model, found.path)
    step, state = make_generator(model, alphabet).step, None

    def read(ids: np.ndarray, fresh: bool = False) -> np.ndarray:
        nonlocal state
        logits, state = step(ids, None if fresh else state)
        return logits

    return Writer(
        begin=lambda prompt, n: read(np.tile(alphabet.encode(prompt), (n, 1)), fresh=True),
        step=lambda ids: read(ids[:, None]),
        decode=lambda ids: [alphabet.characters[i] for i in ids],
    )


def ngrams(train: str, order: int) -> Writer:
    """Return a chain of n-grams, with Kneser-Ney smoothing, as a writer.

    Before the prompt it reads the end of the line before.
    """
    alphabet = CharVocabulary()
    model = NGramModel(order, len(alphabet), "kneser_ney").fit(alphabet.encode(train))
    contexts = np.zeros((0, order - 1), np.int64)

    def logits() -> np.ndarray:
        return np.log(model.next_probabilities(contexts))

    def begin(prompt: str, n: int) -> np.ndarray:
        nonlocal contexts
        start = alphabet.encode("\n" * order + prompt)[1 - order :]
        contexts = np.tile(start, (n, 1))
        return logits()

    def step(ids: np.ndarray) -> np.ndarray:
        nonlocal contexts
        contexts = np.concatenate([contexts[:, 1:], ids[:, None]], axis=1)
        return logits()

    return Writer(begin, step, decode=lambda ids: [alphabet.characters[i] for i in ids])
