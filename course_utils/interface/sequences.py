"""Training over batches of sequences, with a learning rate that warms up and falls."""


def token_loss(logits, targets):
    """Return the mean cross-entropy in nats over all tokens that are no padding.

    It is NaN if all are padding.

    Parameters
    ----------
    logits : tensor (batch, length, words)
    targets : tensor of int (batch, length), 0 = padding
    """


def train_sequences(
    model,
    batches,
    *,
    learning_rate=3e-3,
    warmup_steps=50,
    clip=1.0,
    optimizer="adam",
    loss_fn=token_loss,
    evaluations=10,
    evaluate=None,
    progress=True,
):
    """Train on each batch once, in the given order.

    Dropout is on while the model learns, off while `evaluate` measures it, and off at the end: in
    PyTorch it is then in evaluation mode. The model keeps the weights of the last step.

    Parameters
    ----------
    model : callable
        From the inputs of a batch to logits (batch, length, words), or (batch, classes).
    batches : sequence of tuples (input, ..., target)
        Arrays of ids; the last is (batch, length), 0 = padding, or (batch,) with `cross_entropy`.
        As `length_batches` makes them.
    learning_rate : float
        The peak, which is reached after `warmup_steps` steps; see `linear_schedule`. With fewer
        batches than `warmup_steps` it is not reached.
    warmup_steps : int
        Steps of the rise, 0 or more. The rate falls until the last step.
    clip : float, optional
        The largest norm of the gradient, all weights taken together (gradient clipping by global
        norm): a longer one is scaled down to it. None clips nothing.
    optimizer : {"adam", "adamw", "sgd"}
    loss_fn : callable
        From logits and targets to one number; `cross_entropy` for a classifier, whose targets are
        class ids (batch,). The targets of these two are checked before the first step.
    evaluations : int
        So often the training is measured, at nearly equal distances, and at the end; each
        evaluation makes a row of the history, which numbers them as `epoch`. With fewer batches
        there is one for each.
    evaluate : callable, optional
        Measures the model at each evaluation, for example `{"loss": 2.1, "accuracy": 0.3}`. It is
        called without dropout or gradients.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History
        `train_loss` is the mean over the batches since the evaluation before, each counted by its
        rows.

    Raises
    ------
    InputError
        If there are no batches or they have no length, ids are outside the model's table, whole
        numbers negative or other inputs not finite, targets are no class ids that the model scores,
        `token_loss` meets a classifier, `evaluate` measures no loss or gives no dict of numbers, or
        a setting is out of range.
    CourseError
        If the training loss becomes NaN or infinite, or the measured loss NaN. The weights are
        those before the step.
    """
