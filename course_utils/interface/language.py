"""Language models that carry a state: training, bits, and writing text (lesson 3)."""


class LanguageModel:
    """Score the next token at every position of a text: embedding, LSTM, linear layer (lesson 3).

    Parameters
    ----------
    vocabulary_size : int
        V, the number of tokens.
    dimension : int
        Numbers of a token's embedding.
    units : int
        Numbers of each of the LSTM's two states.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997; with forget gates: F. Gers,
    J. Schmidhuber, F. Cummins, Learning to forget, 2000.
    """

    def __init__(self, vocabulary_size, dimension=64, units=256): ...

    def forward(self, ids, state=None):
        """From ids (batch, length) to logits (batch, length, V), and the state after them.

        The state is the LSTM's hidden state and its cell state, in this order.
        """

    def initial_state(self, batch_size):
        """Return the empty state of so many texts: two tensors of zeros.

        They are (batch, units) in TensorFlow, and (1, batch, units) in PyTorch.
        """


def train_language_model(
    model,
    train,
    validation=None,
    *,
    steps=500,
    batch_size=32,
    sequence_length=64,
    learning_rate=1e-2,
    warmup_steps=20,
    stateful=True,
    evaluations=10,
    seed=0,
    progress=True,
):
    """Train with Adam by truncated back-propagation through time.

    Each batch holds the next chunk of `batch_size` stretches of the text. The state goes on into
    the next batch; the gradient ends at the beginning of the chunk, and is clipped to the global
    norm 1. The model keeps the weights of the last step.

    Parameters
    ----------
    model : callable
        From ids (batch, length) and a state to logits (batch, length, V) and the new state, a
        sequence of tensors; with `vocabulary_size`, and `initial_state(batch_size)` for the state
        at the beginning.
    train, validation : ndarray of int, shape (n,)
        Token ids in reading order. The validation text is read as by `mean_loss` with its defaults,
        with the state carried whatever `stateful` says.
    steps : int
        Batches in all.
    batch_size : int
        Rows of a batch.
    sequence_length : int
        Tokens of a row in one batch.
    learning_rate : float
        The peak, which is reached after `warmup_steps` steps; see `cosine_schedule`.
    warmup_steps : int
        Steps of the rise, 0 or more. The rate falls until the last step.
    stateful : bool
        Whether the state goes on from batch to batch; else each begins with the empty one.
    evaluations : int
        So often the validation text is read, at nearly equal distances, and at the end; each
        evaluation makes a row of the history, which numbers them as `epoch`. With fewer steps there
        is one for each.
    seed : int
        Decides where in its stretch of the text each row begins.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History
        `train_loss` and `validation_loss` in nats per token.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, a text is too short, or a setting is out of range.
    CourseError
        If the training loss becomes NaN or infinite, or the validation loss NaN. The weights are
        those before the step.

    References
    ----------
    R. Williams, J. Peng, An efficient gradient-based algorithm for on-line training of recurrent
    network trajectories, 1990.
    """


def mean_loss(model, ids, *, batch_size=20, sequence_length=250, stateful=True):
    """Return the mean cross-entropy, in nats per token, of a text that is read once.

    Its exponential is the perplexity; divided by log 2 it is in bits per token.

    Parameters
    ----------
    model : callable
        As in `train_language_model`.
    ids : ndarray of int, shape (n,)
        It is cut into `batch_size` stretches, read side by side in chunks of `sequence_length`
        tokens. What does not fill the last chunk of a stretch is left out.
    batch_size : int
        Stretches that are read side by side.
    sequence_length : int
        Tokens of a stretch in one chunk. A text with less for each is read as one chunk.
    stateful : bool
        Whether the state goes on from chunk to chunk; else each begins with the empty one.

    Raises
    ------
    InputError
        If an id is outside the vocabulary, the text is too short, or a number is no whole number
        or below 1.
    """


def make_generator(model, alphabet):
    """Return a text generator: it reads a prompt, and writes on with the state carried along.

    PyTorch's model is moved to the chosen device and put in evaluation mode.

    Parameters
    ----------
    model : callable
        As in `train_language_model`.
    alphabet : CharVocabulary
        That of the texts the model was trained on.

    Returns
    -------
    TextGenerator

    Raises
    ------
    InputError
        If the alphabet has not as many characters as the model scores.
    """
