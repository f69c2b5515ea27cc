"""BERT of lesson 5: the block of lesson 4 with pre-trained weights, and what is built on it.

Docstrings of public names stand in course_utils/interface/bert.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.bert import checks
from course_utils.bert.checkpoint import read_bert
from course_utils.bert.masked_head import read_masked_head, with_table
from course_utils.bert.masking import log_shares
from course_utils.bert.wordpiece import WordPiece
from course_utils.data.encoder import encoder
from course_utils.interface import bert as described, implements
from course_utils.pytorch.device import choose_device, input_tensor, to_numpy, to_tensor
from course_utils.pytorch.training import evaluation_mode
from course_utils.pytorch.transformer import Transformer
from course_utils.pytorch.weights import get_weights, set_weights
from course_utils.text.checks import check_layer, check_share
from course_utils.training.bars import track
from course_utils.training.batches import check_inputs, length_order


@implements(described.load_bert, own=("layers",))
def load_bert(
    folder: str | Path | None = None, *, layers: int | None = None, dropout: float = 0.0
) -> Transformer:
    config, weights = read_bert(folder, layers)
    model = Transformer(replace(config, dropout=dropout))
    set_weights(model, weights)
    return model.to(choose_device()).eval()


@implements(described.hidden_states)
def hidden_states(
    model: Transformer,
    ids: np.ndarray,
    token_type_ids: np.ndarray | None = None,
    *,
    batch_size: int = 64,
) -> list[np.ndarray]:
    ids, types = checks.check_token_type_ids(ids, token_type_ids, max(model.config.token_types, 1))
    check_inputs(model, ids)
    batches = length_order((ids != 0).sum(axis=1), batch_size, sort=False)
    with evaluation_mode(model):
        parts = [_states(model, input_tensor(ids[b]), input_tensor(types[b])) for b in batches]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def _states(model: Transformer, ids: torch.Tensor, types: torch.Tensor) -> list[np.ndarray]:
    mask = model.attention_mask(ids)
    states = [model.embed(ids, types if model.config.token_types else None)]
    for block in model.blocks:
        states.append(block(states[-1], mask=mask)[0])
    states[-1] = model.final_norm(states[-1])
    return [to_numpy(state) for state in states]


@implements(described.pool)
def pool(states: torch.Tensor, ids: torch.Tensor, pooling: str = "mean") -> torch.Tensor:
    checks.check_pooling(pooling)
    if pooling == "first":
        return states[:, 0]
    mask = (ids != 0).to(states.dtype)[..., None]  # (batch, length, 1)
    return (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


@implements(described.encode, own=("texts",))
def encode(
    model: Transformer,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    batch_size: int = 32,
    pooling: str = "mean",
    max_length: int = 128,
    sort: bool = True,
    dtype: str = "float32",
    progress: bool = True,
) -> np.ndarray:
    checks.check_vocabulary_size(tokenizer.vocabulary_size, model.vocabulary_size)
    checks.check_pooling(pooling)
    checks.check_dtype(dtype)
    encoded = tokenizer.encode(texts, max_length=max_length)
    batches = length_order(encoded.lengths, batch_size, sort)
    vectors = np.empty((len(encoded.lengths), model.config.d_model), np.float32)
    half = torch.autocast(choose_device().type, getattr(torch, dtype), enabled=dtype != "float32")
    with evaluation_mode(model), half:
        for rows in track(batches, "encoding", "batch") if progress else batches:
            ids = to_tensor(encoded.input_ids[rows, : encoded.lengths[rows].max()])
            pooled = pool(model(ids), ids, pooling)  # (batch, d_model)
            vectors[rows] = to_numpy(nn.functional.normalize(pooled))
    return vectors


@implements(described.BertClassifier)
class BertClassifier(nn.Module):
    def __init__(self, bert: Transformer, n_classes: int, dropout: float = 0.1):
        super().__init__()
        check_layer(n_classes=n_classes, d_model=bert.config.d_model)
        check_share(dropout, "The dropout rate")
        self.vocabulary_size = bert.vocabulary_size
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(bert.config.d_model, n_classes)
        self.to(bert.token_embedding.weight.device)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.classify(self.dropout(pool(self.bert(ids), ids)))


@implements(described.MaskedLanguageModel)
class MaskedLanguageModel(nn.Module):
    candidates: torch.Tensor

    def __init__(
        self,
        bert: Transformer,
        candidates: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        transform: bool = False,
    ):
        super().__init__()
        ids = checks.check_candidates(candidates, bert.vocabulary_size)
        self.vocabulary_size = bert.vocabulary_size
        self.bert = bert
        if transform:
            d_model, epsilon = bert.config.d_model, bert.config.epsilon
            self.transform = nn.Linear(d_model, d_model)
            self.transform_norm = nn.LayerNorm(d_model, epsilon)
        self.register_buffer("candidates", torch.from_numpy(ids), persistent=False)
        self.bias = nn.Embedding(len(ids), 1)  # one number each, as a table: `get_weights` knows it
        set_weights(self, {"bias.table": log_shares(len(ids), counts)}, partial=True)
        self.to(bert.token_embedding.weight.device)

    def forward(self, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        states = self.bert(ids)  # (batch, length, d_model)
        index = positions[..., None].expand(-1, -1, states.shape[2])
        blanks = states.gather(1, index)  # (batch, blanks, d_model)
        if hasattr(self, "transform"):
            blanks = self.transform_norm(nn.functional.gelu(self.transform(blanks)))
        table = self.bert.token_embedding(self.candidates)  # (classes, d_model)
        return blanks @ table.T + self.bias.weight[:, 0]


@implements(described.load_masked_lm)
def load_masked_lm() -> MaskedLanguageModel:
    layers, candidates, weights = read_masked_head()
    bert = load_bert(layers=layers)
    model = MaskedLanguageModel(bert, candidates, transform=True)
    table = get_weights(bert)["token_embedding.table"]
    mask_token_id = WordPiece.from_folder(encoder()).mask_token_id
    set_weights(model, with_table(weights, table, mask_token_id), partial=True)
    return model.eval()
