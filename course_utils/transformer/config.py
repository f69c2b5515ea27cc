"""The settings of a transformer."""

from dataclasses import KW_ONLY, dataclass
from functools import partial
from numbers import Real

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive, whole_number
from course_utils.transformer.checks import check_even, check_heads

MOST_LAYERS = 1000  # more would take minutes to make
POSITIONS = ("learned", "sinusoidal", "none")


@partial(checked, own=True)
@dataclass(frozen=True)
class TransformerConfig:
    """The settings of a transformer: what a `Transformer` of either framework is made from.

    Parameters
    ----------
    vocabulary_size : int
        Rows of the table of token vectors; id 0 is padding.
    d_model : int
        Numbers of each token's vector.
    heads : int
        Attention heads of a block; they share `d_model` evenly.
    layers : int
        Blocks, 1000 at most.
    max_length : int
        Tokens of the longest sequence that it can read, where it has positions.
    d_ff : int, optional
        Numbers between the two feed-forward layers, 4 * d_model by default (`intermediate_size` in
        Hugging Face's settings).
    positions : {"learned", "sinusoidal", "none"}
        A table that is trained, sines and cosines that are computed, or nothing that tells order.
    scale_tokens : bool
        Whether token vectors are multiplied by the root of `d_model`, as in the first transformer,
        so that they are about as large as the positions. BERT does not.
    causal : bool
        Whether no position may attend to later ones.
    cross : bool
        Whether the blocks also attend to a memory, as those of a decoder do (cross-attention).
    token_types : int
        Kinds that tokens may be marked with, such as the first and the second text of a pair
        (`type_vocab_size` in Hugging Face's settings); 0 for none.
    norm_first : bool
        Normalize the input of each part ("pre-norm", with one more normalization after the last
        block) or the sum after it ("post-norm", with one more before the first block, as in BERT).
    epsilon : float
        Added to the variance in each normalization.
    dropout : float
        The dropout rate, the share of numbers that are set to 0 in training: of the embeddings, and
        of what each part of a block adds. The weights of attention have no dropout.

    Raises
    ------
    InputError
        If a setting has the wrong type or is too small or too large, the heads do not divide
        `d_model`, or there are no such positions.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017; J. Devlin et al., BERT, 2019; R. Xiong et
    al., On layer normalization in the transformer architecture, 2020 (`norm_first`).
    """

    vocabulary_size: int
    d_model: int
    heads: int
    layers: int
    max_length: int
    _: KW_ONLY
    d_ff: int | None = None
    positions: str = "learned"
    scale_tokens: bool = True
    causal: bool = False
    cross: bool = False
    token_types: int = 0
    norm_first: bool = True
    epsilon: float = 1e-5
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "d_model", "heads", "layers", "max_length"):
            whole_number(getattr(self, name), name, 1)
        if self.layers > MOST_LAYERS:
            raise InputError(f"A model has {MOST_LAYERS} blocks at most, not {self.layers}.")
        if self.d_ff is not None:
            whole_number(self.d_ff, "d_ff", 1)
        whole_number(self.token_types, "token_types", 0)
        check_heads(self.d_model, self.heads)
        for name in ("scale_tokens", "causal", "cross", "norm_first"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} is True or False, but not {getattr(self, name)!r}.")
        if self.positions not in POSITIONS:
            raise InputError(f"positions: learned, sinusoidal or none, not {self.positions!r}.")
        if self.positions == "sinusoidal":
            check_even(self.d_model)
        check_positive(self.epsilon, "epsilon")
        if not (isinstance(self.dropout, Real) and 0 <= self.dropout < 1):
            raise InputError(f"dropout must be from 0 to less than 1, but it is {self.dropout!r}.")
