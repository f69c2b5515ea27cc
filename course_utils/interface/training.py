"""The optimizer, one training step, training and prediction of classifiers."""


def make_optimizer(model, name="adam", learning_rate=1e-3):
    """Return an optimizer for the model's trainable weights: "adam", "adamw" or "sgd".

    Epsilon of Adam and AdamW is 1e-8 and AdamW's weight decay 0.01 in both frameworks; SGD has no
    momentum. PyTorch adds epsilon after the correction of Adam's second moment, as algorithm 1
    does; Keras adds it before (the epsilon hat at the end of section 2), which at step t is epsilon
    / sqrt(1 - 0.999^t) after it: 3e-7 at the first step, 1e-8 in the long run. So the early steps
    of weights with gradients of about 1e-6 and less are shorter in Keras.
    A Keras model must have its weights already: call it, or `initialize` it, first.

    Raises
    ------
    InputError
        If there is no optimizer of this name, or the learning rate is no finite number above 0.

    References
    ----------
    D. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015, algorithm 1. I. Loshchilov,
    F. Hutter, Decoupled weight decay regularization, 2019, algorithm 2.
    """


def cross_entropy(logits, targets):
    """Return the mean cross-entropy in nats of logits (batch, ..., classes).

    The targets are class ids (batch, ...); none of them is padding here, see `token_loss`.
    """


def make_train_step(model, optimizer, loss_fn=cross_entropy, clip=None, schedule=None):
    """Return a function that learns from one batch and gives back (mean loss, rows).

    A batch is a tuple (input, ..., targets) of arrays. The model must be in training mode, which
    in PyTorch is up to the caller (`model.train()`); a Keras model is called with `training=True`.
    A batch whose loss is NaN or infinite leaves the optimizer and its weights as they are.

    Parameters
    ----------
    loss_fn : callable
        From logits and targets to one number.
    clip : float, optional
        The largest norm of the gradient, all weights taken together (gradient clipping by global
        norm): a longer one is scaled down to it. Only the optimizer's weights count.
    schedule : callable, optional
        From the number of the step (0, 1, ...) to its learning rate; without it the optimizer's own
        stays.

    Raises
    ------
    InputError
        If `clip` is no finite number above 0.
    """


def fit(
    model,
    train,
    validation=None,
    *,
    epochs=10,
    batch_size=64,
    learning_rate=1e-2,
    optimizer="adam",
    patience=None,
    seed=0,
    progress=True,
):
    """Train a classifier, and leave it with the weights of its best epoch.

    Dropout is on while the model learns, off while it is validated, and off at the end: in PyTorch
    it is then in evaluation mode. Without validation it keeps the weights of the last step.
    Interrupting the kernel stops the training and returns what was done. An error in a later epoch
    carries the finished ones as its attribute `history`.

    Parameters
    ----------
    model : callable
        From inputs to logits (batch, classes).
    train, validation : (inputs, targets)
        Arrays with the same number of rows; targets are class ids (n,). The best epoch is the one
        with the lowest validation loss.
    epochs : int
    batch_size : int
        Rows of a batch; the last batch of an epoch may be smaller.
    learning_rate : float
    optimizer : {"adam", "adamw", "sgd"}
    patience : int, optional
        Stop after so many epochs, 1 or more, without a lower validation loss (early stopping).
    seed : int
        Decides the order of the rows.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History
        `train_loss` is the mean over the rows of an epoch, in nats, while the weights change. The
        measures of `evaluate` on the validation part are `validation_loss` and
        `validation_accuracy`.

    Raises
    ------
    InputError
        If ids are outside the model's table, whole numbers negative or other inputs not finite, a
        part is no pair, targets are no class ids that the model scores, the arrays do not fit
        together, `patience` has no validation part, or a setting is out of range.
    CourseError
        If the training loss becomes NaN or infinite, or the validation loss NaN. The weights are
        those of the best epoch, without one those before the step.
    """


def predict(model, inputs, *, batch_size=512):
    """Return the model's logits for all inputs, ndarray (n, ..., classes), without dropout.

    Raises
    ------
    InputError
        If there are no inputs, an id is outside the model's table, a whole number negative or
        another input not finite, or the batch size is no whole number or below 1.
    """


def evaluate(model, inputs, targets, *, batch_size=512):
    """Return `loss` (mean cross-entropy, nats) and `accuracy` on inputs with known targets.

    Raises
    ------
    InputError
        If inputs and targets differ in number, are empty, or do not fit the model, or the batch
        size is no whole number or below 1.
    """
