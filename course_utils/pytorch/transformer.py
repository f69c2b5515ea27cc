"""The transformer of lesson 4, as later lessons use it."""

from typing import Any

import torch
from torch import nn

from course_utils.interface import implements, transformer as described
from course_utils.transformer import TransformerConfig, checks, sinusoidal_positions

Weights = dict[str, torch.Tensor]  # of one block: "self" and perhaps "cross"


@implements(described.padding_mask)
def padding_mask(ids: torch.Tensor) -> torch.Tensor:
    return (ids != 0)[:, None, None, :]


@implements(described.causal_mask)
def causal_mask(length: int) -> torch.Tensor:
    return torch.ones(length, length, dtype=torch.bool).tril()[None, None]


@implements(described.attend)
def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5  # (..., queries, keys)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1)
    return weights @ value, weights


def _attend_fused(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """Do as `attend` in one call of PyTorch that never holds the weights: less time and memory."""
    if mask is not None:
        nowhere = ~mask.any(dim=-1, keepdim=True)  # such a query attends to everything alike
        query, mask = query.masked_fill(nowhere, 0.0), mask | nowhere
    return nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)


@implements(described.MultiHeadAttention)
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model: int, heads: int):
        super().__init__()
        checks.check_heads(d_model, heads)
        self.heads = heads
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(
        self,
        x: torch.Tensor,
        memory: torch.Tensor,
        mask: torch.Tensor | None = None,
        *,
        return_weights: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        if mask is not None:
            checks.check_mask(mask.shape, x.shape, memory.shape)
        query = self._split(self.query(x))  # (batch, heads, queries, d_model / heads)
        key = self._split(self.key(memory))  # (batch, heads, keys, d_model / heads)
        value = self._split(self.value(memory))
        if not return_weights:
            return self.output(self._join(_attend_fused(query, key, value, mask)))
        mixed, weights = attend(query, key, value, mask)
        return self.output(self._join(mixed)), weights

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """From (batch, length, d_model) to (batch, heads, length, d_model / heads)."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def _join(self, x: torch.Tensor) -> torch.Tensor:
        """From (batch, heads, length, d_model / heads) to (batch, length, d_model)."""
        return x.transpose(1, 2).flatten(2)


@implements(described.FeedForward)
class FeedForward(nn.Module):
    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        self.inner = nn.Linear(d_model, d_ff)
        self.outer = nn.Linear(d_ff, d_model)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outer(nn.functional.gelu(self.inner(x)))


@implements(described.TransformerBlock)
class TransformerBlock(nn.Module):
    def __init__(self, config: TransformerConfig):
        super().__init__()
        d_model, heads, epsilon = config.d_model, config.heads, config.epsilon
        self.norm_first = config.norm_first
        self.attention = MultiHeadAttention(d_model, heads)
        self.norm = nn.LayerNorm(d_model, epsilon)
        self.cross = config.cross
        if config.cross:
            self.cross_attention = MultiHeadAttention(d_model, heads)
            self.cross_norm = nn.LayerNorm(d_model, epsilon)
        self.feed_forward = FeedForward(d_model, config.d_ff or 4 * d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model, epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: torch.Tensor,
        *,
        mask: torch.Tensor | None = None,
        memory: torch.Tensor | None = None,
        memory_mask: torch.Tensor | None = None,
        return_weights: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, Weights]:
        checks.check_memory(self.cross, memory, memory_mask)
        weights: Weights = {}
        y = self._before(self.norm, x)
        y, weights["self"] = _pair(self.attention(y, y, mask, return_weights=return_weights))
        x = self._after(self.norm, x + self.dropout(y))
        if self.cross:
            y = self._before(self.cross_norm, x)
            y = self.cross_attention(y, memory, memory_mask, return_weights=return_weights)
            y, weights["cross"] = _pair(y)
            x = self._after(self.cross_norm, x + self.dropout(y))
        y = self.feed_forward(self._before(self.feed_forward_norm, x))
        x = self._after(self.feed_forward_norm, x + self.dropout(y))
        return (x, weights) if return_weights else x

    def _before(self, norm: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """Pre-norm is x + part(norm(x)): return what the part reads."""
        return norm(x) if self.norm_first else x

    def _after(self, norm: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """Post-norm is norm(x + part(x)): return what becomes of the sum."""
        return x if self.norm_first else norm(x)


@implements(described.Transformer)
class Transformer(nn.Module):
    sinusoids: torch.Tensor | None

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        self.vocabulary_size = config.vocabulary_size
        d_model = config.d_model
        self.scale = d_model**0.5 if config.scale_tokens else 1.0
        self.token_embedding = nn.Embedding(config.vocabulary_size, d_model)
        self.position_embedding = None
        self.token_type_embedding = None
        self.register_buffer("sinusoids", None, persistent=False)
        if config.positions == "learned":
            self.position_embedding = nn.Embedding(config.max_length, d_model)
        if config.positions == "sinusoidal":
            self.sinusoids = torch.from_numpy(sinusoidal_positions(config.max_length, d_model))
        if config.token_types:
            self.token_type_embedding = nn.Embedding(config.token_types, d_model)
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(d_model, config.epsilon)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        ids: torch.Tensor,
        *,
        memory: torch.Tensor | None = None,
        memory_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        return_weights: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, list[Weights]]:
        mask = padding_mask(ids)  # (batch, 1, 1, length)
        if self.config.causal:
            mask = mask & causal_mask(ids.shape[1]).to(ids.device)  # (batch, 1, length, length)
        options = {"memory": memory, "memory_mask": memory_mask, "return_weights": return_weights}
        x = self.embed(ids, token_type_ids)
        weights = []
        for block in self.blocks:
            x, own = _pair(block(x, mask=mask, **options))
            weights.append(own)
        if self.config.norm_first:
            x = self.norm(x)
        return (x, weights) if return_weights else x

    def embed(self, ids: torch.Tensor, token_type_ids: torch.Tensor | None = None) -> torch.Tensor:
        length = ids.shape[1]
        x = self.token_embedding(ids) * self.scale
        if self.config.positions != "none":
            checks.check_length(length, self.config.max_length)
        if self.position_embedding is not None:
            x = x + self.position_embedding.weight[:length]
        if self.sinusoids is not None:
            x = x + self.sinusoids[:length]
        if self.token_type_embedding is not None:
            types = torch.zeros_like(ids) if token_type_ids is None else token_type_ids
            x = x + self.token_type_embedding(types)
        return self.dropout(x if self.config.norm_first else self.norm(x))


def _pair(result: torch.Tensor | tuple) -> tuple[torch.Tensor, Any]:
    """Return vectors and weights, or None for weights that were not asked for."""
    return result if isinstance(result, tuple) else (result, None)
