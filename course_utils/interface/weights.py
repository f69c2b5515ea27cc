"""Weights by name: counted, drawn, exchanged between the frameworks, saved and loaded."""


def count_parameters(model):
    """Return how many parameters the model has, frozen ones included.

    What a layer keeps beside them, such as the running means of batch normalization, does not
    count. PyTorch gives an LSTM and an RNN a second bias that is only added to the first; it does
    not count either, so that both frameworks give the same number.

    Raises
    ------
    InputError
        In TensorFlow, if the model was never built: its layers have no weights yet.
    """


def get_weights(model):
    """Return a copy of all weights under the names of `course_utils.weights`.

    The bias of PyTorch's LSTM or RNN is the sum of its two biases.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    InputError
        If the model holds a layer that the course does not exchange, such as an LSTM of two layers
        or directions, or, in TensorFlow, was never built.
    """


def set_weights(model, weights, partial=False):
    """Copy weights into the model.

    PyTorch's second bias of an LSTM or RNN is added to the first, set to 0 and held there, since
    Keras has one bias: the outputs stay the same, and a step of training moves one bias, not two.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As `get_weights` of either framework returns them.
    partial : bool
        Whether some of the model's weights may stay as they are.

    Raises
    ------
    InputError
        If a name or a shape does not fit, an array is not of a numeric type, or the model has a
        layer whose weights the course does not exchange. Nothing is changed then.
    """


def initialize(model, inputs, seed=0, embedding_std=0.1):
    """Give the model fresh weights, the same numbers in both frameworks, and return it.

    In PyTorch it is moved to the chosen device, and the biases of an LSTM or RNN are merged as in
    `set_weights`.

    Parameters
    ----------
    inputs : ndarray, or tuple of ndarray for a model of several inputs
        A batch of one row or more. TensorFlow builds its layers when it first sees one.
    seed : int
        Decides the numbers that are drawn; `draw_weights` of `course_utils.weights` says how.
    embedding_std : float
        Standard deviation of the numbers in embedding tables.

    Raises
    ------
    InputError
        If the model has a layer whose weights the course does not exchange, or the seed is no whole
        number from 0 up.
    """


def save_weights(model, path):
    """Write the weights as a safetensors file that both frameworks can load.

    Raises
    ------
    InputError
        If the model has a layer whose weights the course does not exchange, or, in TensorFlow, was
        never built.
    """


def load_weights(model, path):
    """Read weights that `save_weights` of either framework wrote into the model.

    Raises
    ------
    InputError
        If the file is missing, damaged or a folder, or does not fit the model. Nothing is changed
        then.
    """
