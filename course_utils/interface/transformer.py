"""Lesson 4: the transformer, from attention to the whole stack of blocks.

All masks are bool, and True where a query may attend: as in PyTorch's
`scaled_dot_product_attention` and in Keras, and the reverse of `key_padding_mask` of PyTorch's
`nn.MultiheadAttention`.
"""


def padding_mask(ids):
    """From ids (batch, length), 0 = padding, to a mask (batch, 1, 1, length): True is a token.

    It says what Hugging Face's `attention_mask` says with 1 and 0. PyTorch's `key_padding_mask` is
    the reverse.
    """


def causal_mask(length, device=None):
    """Return a mask (1, 1, length, length): each position may attend to itself and to earlier ones.

    Parameters
    ----------
    length : int
    device : device, optional
        Where the mask lies; by default where the framework puts new tensors.
    """


def attend(query, key, value, mask=None):
    """Return scaled dot-product attention and its weights.

    PyTorch's own is `torch.nn.functional.scaled_dot_product_attention`, which returns no weights.

    Parameters
    ----------
    query : tensor (..., queries, d)
    key, value : tensors (..., keys, d)
    mask : tensor of bool, optional
        Broadcast to (..., queries, keys); True where a query may attend. A query that may attend
        to nothing attends to everything alike, uniformly (PyTorch's own attention has NaN
        there).

    Returns
    -------
    mixed : tensor (..., queries, d)
    weights : tensor (..., queries, keys)
        Each row sums to 1.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, eq. 1.
    """


class MultiHeadAttention:
    """Several attentions side by side, each in its own share of the vector.

    Parameters
    ----------
    d_model : int
        Numbers of each vector.
    heads : int

    Raises
    ------
    InputError
        If the heads do not divide `d_model`.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.2.2.
    """

    def __init__(self, d_model, heads): ...

    def forward(self, x, memory, mask=None, *, return_attention=False):
        """Let each position of x attend to the positions of memory.

        Parameters
        ----------
        x : tensor (batch, queries, d_model)
        memory : tensor (batch, keys, d_model)
            x itself in self-attention.
        mask : tensor of bool (batch or 1, heads or 1, queries or 1, keys or 1), optional
            True where a query may attend; by default it may everywhere.
        return_attention : bool
            Whether the weights are returned. Without them PyTorch computes attention in one call
            that never holds them: the same numbers in less time and memory.

        Returns
        -------
        mixed : tensor (batch, queries, d_model)
        weights : tensor (batch, heads, queries, keys), or None
            None without `return_attention`.

        Raises
        ------
        InputError
            If the mask has another shape or type, or x and memory differ in batch or d_model.
        """


class FeedForward:
    """Two linear layers with a GELU between them, the same at each position (an MLP).

    Parameters
    ----------
    d_model : int
        Numbers of each vector.
    d_ff : int
        Numbers between the two layers.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.3; D. Hendrycks, K. Gimpel,
    Gaussian error linear units, 2016 (the exact form, as BERT has it).
    """

    def __init__(self, d_model, d_ff): ...

    def forward(self, x):
        """From (..., d_model) to (..., d_model)."""


class TransformerBlock:
    """Attention and a feed-forward layer, each added to its input and normalized.

    Each is a sublayer: the block computes x + sublayer(norm(x)) with `norm_first`, and without it
    norm(x + sublayer(x)). With `cross`, attention to a memory (cross-attention) stands between the
    two. Dropout acts on what each sublayer adds, not on the weights of attention, where BERT's own
    code has one more.

    Parameters
    ----------
    config : TransformerConfig
        The block uses d_model, d_ff, heads, cross, norm_first, epsilon and dropout.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 3.1; R. Xiong et al., On layer
    normalization in the transformer architecture, 2020.
    """

    def __init__(self, config): ...

    def forward(self, x, *, mask=None, memory=None, memory_mask=None, return_attention=False):
        """Return the new vectors, and the weights of each attention or None.

        Parameters
        ----------
        x : tensor (batch, length, d_model)
        mask : tensor of bool (batch or 1, heads or 1, length or 1, length or 1), optional
            True where a position may attend to another.
        memory : tensor (batch, keys, d_model), optional
            For a block made with `cross`, which needs it.
        memory_mask : tensor of bool (batch or 1, heads or 1, length or 1, keys or 1), optional
            True where a position may attend to the memory.
        return_attention : bool
            Whether the weights are returned.

        Returns
        -------
        x : tensor (batch, length, d_model)
        weights : dict, or None
            "self" (batch, heads, length, length) and, in a block made with `cross`, "cross"
            (batch, heads, length, keys); None without `return_attention`.

        Raises
        ------
        InputError
            If a mask has the wrong shape or type, the memory another batch or width, a block made
            with `cross` has no memory, or another one is given a memory or a mask of it.
        """


class Transformer:
    """From ids to one vector for each position: embeddings, blocks, normalization.

    Parameters
    ----------
    config : TransformerConfig

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017; J. Devlin et al., BERT, 2019.
    """

    def __init__(self, config): ...

    def forward(
        self, ids, *, memory=None, memory_mask=None, token_type_ids=None, return_attention=False
    ):
        """From ids to vectors, and the weights of each attention if they are asked for.

        Parameters
        ----------
        ids : tensor of int (batch, length)
            0 is padding, which no position attends to.
        memory : tensor (batch, keys, d_model), optional
            For a decoder, which is made with `cross` and needs it: the vectors of the encoder
            (`encoder_hidden_states` in Hugging Face's models).
        memory_mask : tensor of bool (batch or 1, heads or 1, length or 1, keys or 1), optional
            True where the decoder may attend to the memory.
        token_type_ids : tensor of int (batch, length), optional
            For a model made with `token_types`; 0 everywhere by default.
        return_attention : bool
            Whether the weights are returned as well.

        Returns
        -------
        x : tensor (batch, length, d_model)
        attention : list of dicts
            With `return_attention` only: the weights of each block, as `TransformerBlock` returns
            them.

        Raises
        ------
        InputError
            If the sequence is longer than the positions, the mask has the wrong shape or type, the
            memory another batch or width, a model made with `cross` has no memory, another one is
            given a memory or a mask of it, a model without token types is given some, or (in
            TensorFlow, outside compiled functions) an id or a token type is outside its table.
            PyTorch on a CPU has an IndexError of its own for such an id.
        """

    def attention_mask(self, ids):
        """Return the mask of padding and, in a causal model, of the future.

        Parameters
        ----------
        ids : tensor of int (batch, length)
            0 is padding.

        Returns
        -------
        tensor of bool (batch, 1, 1, length), or (batch, 1, length, length) in a causal model
        """

    def embed(self, ids, token_type_ids=None):
        """Return the vectors that enter the blocks.

        Parameters
        ----------
        ids : tensor of int (batch, length)
        token_type_ids : tensor of int (batch, length), optional
            For a model made with `token_types`; 0 everywhere by default.

        Returns
        -------
        tensor (batch, length, d_model)

        Raises
        ------
        InputError
            If the sequence is longer than the positions, a model without token types is given some,
            or (in TensorFlow, outside compiled functions) an id or a token type is outside its
            table. PyTorch on a CPU has an IndexError of its own for such an id.
        """
