"""Lesson 5: two LSTMs that read a text from both sides, in the manner of ELMo."""


class BiLM:
    """Read vectors from the first to the last, and from the last to the first: two LSTMs.

    Parameters
    ----------
    width, units : int
        Numbers of a token's vector, and of each LSTM's state.

    References
    ----------
    M. Peters et al., Deep contextualized word representations, 2018, section 3.1 (there two
    layers, over characters).
    """

    def __init__(self, width=384, units=256):
        pass

    def forward(self, vectors, reversed_vectors):
        """From vectors in both orders to two states, each in the order in which it was read.

        Parameters
        ----------
        vectors, reversed_vectors : tensors (batch, length, width)
            The tokens of each text from the first to the last, and from the last to the first.

        Returns
        -------
        tuple of two tensors (batch, length, units)
        """


def load_elmo():
    """Return the model whose weights lesson 5 keeps.

    Returns
    -------
    BiLM

    Raises
    ------
    InputError
        If the weights are missing or damaged, or their log is.
    """


def elmo_states(model, tokenizer, texts, *, batch_size=64):
    """Return the static vectors of each text's tokens, and what the model makes of them.

    Parameters
    ----------
    model : BiLM
        As `load_elmo` returns it.
    tokenizer : WordPiece
        From the folder of the encoder whose table the model reads.
    texts : sequence of str, length n
    batch_size : int
        Texts that are computed at once.

    Returns
    -------
    list of two ndarrays of float32
        (n, length, width) from the table, and (n, length, 2 * units): the state after the tokens
        up to this one, and the state after those from the end back to this one. `length` is that
        of the longest text.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the table, or the batch size is no whole
        number or below 1.
    DataError
        If the encoder, whose table this is, can be had from nowhere.
    """
