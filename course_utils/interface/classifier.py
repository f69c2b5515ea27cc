"""The classifier that lesson 1 writes out and later lessons import."""


class BagClassifier:
    """Average the embeddings of a text and score the classes with a linear layer (lesson 1).

    A text of padding alone has the mean 0.

    Parameters
    ----------
    vocabulary_size : int
        Rows of the table of embeddings.
    dimension : int
        Numbers of an embedding.
    classes : int
        How many there are.

    References
    ----------
    A. Joulin et al., Bag of tricks for efficient text classification, 2017, section 2.
    """

    def __init__(self, vocabulary_size, dimension, classes): ...

    def forward(self, ids):
        """From word ids (batch, length), 0 = padding, to logits (batch, classes).

        Keras takes a negative id from the end of the table; `fit` and `predict` refuse it.
        """
