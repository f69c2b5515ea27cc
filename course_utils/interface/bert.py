"""Lesson 5: BERT, the block of lesson 4 with pre-trained weights, and what is built on it."""


def load_bert(folder=None, *, layers=None, dropout=0.0):
    """Return a transformer of the course with the weights of a BERT model.

    Parameters
    ----------
    folder : path, optional
        With `config.json` and `model.safetensors`; by default that of all-MiniLM-L6-v2.
    layers : int, optional
        Take the lowest blocks only, so many of them; by default all.
    dropout : float
        The dropout rate: the share of the numbers that are set to 0 in training. BERT was
        pre-trained with 0.1.

    Returns
    -------
    Transformer

    Raises
    ------
    InputError
        If a file is missing or damaged, the weights do not fit the settings or the course's block,
        `layers` is no whole number from 1 to the number of blocks, or `dropout` is not from 0 to
        less than 1.
    DataError
        If no folder is given and all-MiniLM-L6-v2 can be had from nowhere.

    References
    ----------
    J. Devlin et al., BERT, 2019; W. Wang et al., MiniLM, 2020.
    """


def hidden_states(model, ids, token_type_ids=None, *, batch_size=64):
    """Return what enters the first block, and what leaves each block; no dropout, no gradients.

    These are `hidden_states` of Hugging Face's models. The last entry is what the model returns:
    after the final norm, if it has one (`norm_first`).

    Parameters
    ----------
    model : Transformer
        Of any kind without a memory (without `cross`).
    ids : ndarray of int, shape (n, length)
        0 is padding.
    token_type_ids : ndarray of int, shape (n, length), optional
        1 at the second text of a pair; by default 0 everywhere.
    batch_size : int
        Rows that are computed at once.

    Returns
    -------
    list of ndarrays of float32, shape (n, length, d_model)
        One more than there are blocks.

    Raises
    ------
    InputError
        If there are no rows, the ids are no whole numbers or have not two axes, an id or a token
        type is outside the model's tables, the token types have another shape than the ids, the
        rows are too long, the model needs a memory, or the batch size is no whole number or below
        1.
    """


def pool(states, ids, pooling="mean"):
    """Return one vector for each text.

    Parameters
    ----------
    states : tensor (batch, length, d_model)
    ids : tensor (batch, length), 0 = padding
    pooling : {"mean", "first"}
        The mean over all tokens that are no padding, `[CLS]` and `[SEP]` among them, or the first
        token, `[CLS]`. The mean of a text that is only padding is 0.

    Returns
    -------
    tensor (batch, d_model)

    Raises
    ------
    InputError
        If there is no such pooling.

    References
    ----------
    N. Reimers, I. Gurevych, Sentence-BERT, 2019, section 3.
    """


def encode(
    model,
    tokenizer,
    texts,
    *,
    batch_size=32,
    pooling="mean",
    max_length=128,
    sort=True,
    dtype="float32",
    progress=True,
):
    """Return an L2-normalized vector for each text, ndarray (n, d_model) of float32.

    The vectors are of length 1, so that their dot products are cosines.

    Parameters
    ----------
    model : Transformer
        As `load_bert` returns it.
    tokenizer : WordPiece
        From the same folder as the model.
    texts : sequence of str, length n
    batch_size : int
        Texts that are computed at once.
    pooling : {"mean", "first"}
        As in `pool`.
    max_length : int
        Tokens, `[CLS]` and `[SEP]` counted; longer texts lose their end.
    sort : bool
        Whether texts of about equal length share a batch, so that little is padded.
    dtype : {"float32", "bfloat16", "float16"}
        What the linear layers and attention compute in. The weights stay float32, and so does the
        rest. Half precision is faster where the processor multiplies it faster. Measured on a CPU
        with all-MiniLM-L6-v2 and 256 sentences, no number of a vector moved by more than 0.0025
        (bfloat16) or 0.0003 (float16).
    progress : bool
        Whether a bar shows how many batches are done.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the model, `max_length` is no whole number
        from 3 to what the tokenizer's model can read, there is no such pooling or dtype, or the
        batch size is no whole number or below 1.
    """


class BertClassifier:
    """Score classes from the mean of BERT's vectors; all weights can be trained.

    In PyTorch it lies on the device of `bert`. `fit`, `train_sequences` and `predict` move it to
    the chosen one; to call it before them, move it there yourself: `.to(choose_device())`.

    Parameters
    ----------
    bert : Transformer
        Its own rate of dropout is set where it is made, as in `load_bert`.
    n_classes : int
    dropout : float
        The dropout rate of the mean.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 4.1 (there with the first token).
    """

    def __init__(self, bert, n_classes, dropout=0.1): ...

    def forward(self, ids):
        """From ids (batch, length), 0 = padding, to logits (batch, n_classes)."""


class MaskedLanguageModel:
    """Score which piece was hidden (an MLM head): BERT's vector times the input table, and a bias.

    BERT's own head transforms the vector before that: a linear layer, a GELU and a normalization.

    It is trained with `train_sequences` on batches that `course_utils.bert.masked_batch` makes.

    In PyTorch it lies on the device of `bert`. `train_sequences` moves it to the chosen one; to
    call it before, move it there yourself: `.to(choose_device())`.

    Parameters
    ----------
    bert : Transformer
    candidates : array of int, shape (classes,)
        Sorted ids of the pieces that are scored; the first is 0, padding, the class of positions
        where nothing is asked.
    counts : array of int, shape (classes,), optional
        How often each occurs. The bias begins as the logarithm of the shares, so that the head
        begins as good as a guess from frequencies; without counts all shares are equal.
    transform : bool
        Whether the head has BERT's own transform of the vectors, which begins at random.

    Raises
    ------
    InputError
        If the candidates are no whole numbers, not sorted, fewer than two, do not begin with 0 or
        one is outside the table, there are not as many counts as candidates, or a count is negative
        or not finite.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1; O. Press, L. Wolf, Using the output embedding to
    improve language models, 2017 (one table for input and output).
    """

    def __init__(self, bert, candidates, counts=None, *, transform=False): ...

    def forward(self, ids, positions):
        """From ids (batch, length), 0 = padding, to logits (batch, blanks, classes).

        Parameters
        ----------
        ids : tensor (batch, length)
        positions : tensor (batch, blanks)
            Where something is asked, from 0 to length - 1; what is filled up with 0 is scored, too.
        """


def load_masked_lm():
    """Return the model whose masked head is stored with lesson 5: it fills in documentation.

    Its lowest blocks and its table, but for the vector of `[MASK]`, are those of all-MiniLM-L6-v2.

    Returns
    -------
    MaskedLanguageModel

    Raises
    ------
    InputError
        If the weights are missing or damaged, or their log is.
    DataError
        If all-MiniLM-L6-v2 can be had from nowhere.
    """
