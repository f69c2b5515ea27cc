"""The transformer of lesson 4, as later lessons use it.

Docstrings of public names stand in course_utils/interface/transformer.py.
"""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.interface import implements, transformer as described
from course_utils.text.checks import check_layer, check_size, whole_number
from course_utils.transformer import TransformerConfig, checks, sinusoidal_positions

Weights = dict[str, torch.Tensor]  # of one block: "self" and perhaps "cross"


@implements(described.padding_mask)
def padding_mask(ids: torch.Tensor) -> torch.Tensor:
    return (ids != 0)[:, None, None, :]


@implements(described.causal_mask)
def causal_mask(length: int, device: torch.device | str | None = None) -> torch.Tensor:
    check_size(whole_number(length, "The length", 1), length, what="The mask")
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()[None, None]


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
        check_layer(d_model=d_model, width=d_model)
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
        return_attention: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        checks.check_attention(x.shape, memory.shape, mask)
        query = self._split(self.query(x))  # (batch, heads, queries, d_model / heads)
        key = self._split(self.key(memory))  # (batch, heads, keys, d_model / heads)
        value = self._split(self.value(memory))
        if return_attention:
            mixed, weights = attend(query, key, value, mask)
        else:
            mixed, weights = _attend_fused(query, key, value, mask), None
        joined = mixed.transpose(1, 2).flatten(2)  # (batch, queries, d_model)
        return self.output(joined), weights

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """From (batch, length, d_model) to (batch, heads, length, d_model / heads)."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


@implements(described.FeedForward)
class FeedForward(nn.Module):
    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        check_layer(d_model=d_model, d_ff=d_ff)
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
        self.attention_norm = nn.LayerNorm(d_model, epsilon)
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
        return_attention: bool = False,
    ) -> tuple[torch.Tensor, Weights | None]:
        checks.check_memory(self.cross, memory, memory_mask)
        weights: Weights = {}

        def attend_to_itself(y: torch.Tensor) -> torch.Tensor:
            y, weights["self"] = self.attention(y, y, mask, return_attention=return_attention)
            return y

        def attend_to_memory(y: torch.Tensor) -> torch.Tensor:
            y, weights["cross"] = self.cross_attention(
                y, memory, memory_mask, return_attention=return_attention
            )
            return y

        x = self._residual(x, self.attention_norm, attend_to_itself)
        if self.cross:
            x = self._residual(x, self.cross_norm, attend_to_memory)
        x = self._residual(x, self.feed_forward_norm, self.feed_forward)
        return x, weights if return_attention else None

    def _residual(
        self, x: torch.Tensor, norm: nn.Module, sublayer: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        """Pre-norm is x + sublayer(norm(x)), post-norm norm(x + sublayer(x))."""
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))


@implements(described.Transformer)
class Transformer(nn.Module):
    sinusoids: torch.Tensor | None

    def __init__(self, config: TransformerConfig):
        super().__init__()
        check_layer(vocabulary_size=config.vocabulary_size, d_model=config.d_model)
        check_layer(max_length=config.max_length, width=config.d_model)
        check_size(config.layers, config.d_model, config.d_ff or 4 * config.d_model, what="Blocks")
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
            table = sinusoidal_positions(config.max_length, d_model)
            self.register_buffer("sinusoids", torch.from_numpy(table), persistent=False)
        if config.token_types:
            self.token_type_embedding = nn.Embedding(config.token_types, d_model)
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.layers))
        norm = nn.LayerNorm(d_model, config.epsilon)
        self.embedding_norm = nn.Identity() if config.norm_first else norm
        self.final_norm = norm if config.norm_first else nn.Identity()
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        ids: torch.Tensor,
        *,
        memory: torch.Tensor | None = None,
        memory_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        return_attention: bool = False,
    ) -> torch.Tensor | tuple[torch.Tensor, list[Weights]]:
        x = self.embed(ids, token_type_ids)
        mask = self.attention_mask(ids)
        attention = []
        for block in self.blocks:
            x, block_weights = block(
                x,
                mask=mask,
                memory=memory,
                memory_mask=memory_mask,
                return_attention=return_attention,
            )
            attention.append(block_weights)
        x = self.final_norm(x)
        return (x, attention) if return_attention else x

    def attention_mask(self, ids: torch.Tensor) -> torch.Tensor:
        mask = padding_mask(ids)  # (batch, 1, 1, length)
        if self.config.causal:
            mask = mask & causal_mask(ids.shape[1], ids.device)  # (batch, 1, length, length)
        return mask

    def embed(self, ids: torch.Tensor, token_type_ids: torch.Tensor | None = None) -> torch.Tensor:
        length = ids.shape[1]
        checks.check_types_used(self.config.token_types, token_type_ids)
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
        return self.dropout(self.embedding_norm(x))
