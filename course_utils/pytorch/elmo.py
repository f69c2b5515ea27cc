"""Two LSTMs that read a text from both sides, in the manner of ELMo (lesson 5)."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from course_utils.bert.elmo import elmo_checkpoint, read_both_ways
from course_utils.bert.wordpiece import WordPiece
from course_utils.pytorch.device import choose_device, to_numpy, to_tensor
from course_utils.pytorch.training import evaluating
from course_utils.pytorch.weights import load_weights


class BiLM(nn.Module):
    """Read vectors from the left and from the right.

    Parameters
    ----------
    width, units : int
        Numbers of a token's vector, and of each LSTM's state.

    References
    ----------
    M. Peters et al., Deep contextualized word representations, 2018, section 3.1 (there two
    layers, over characters).
    """

    def __init__(self, width: int = 384, units: int = 256):
        super().__init__()
        self.forward_lstm = nn.LSTM(width, units, batch_first=True)
        self.backward_lstm = nn.LSTM(width, units, batch_first=True)

    def forward(self, vectors: torch.Tensor, turned: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """From vectors (batch, length, width) in both orders to two states (batch, length, units).

        Parameters
        ----------
        vectors, turned : (batch, length, width)
            The tokens of each text from the first to the last, and from the last to the first.
        """
        return self.forward_lstm(vectors)[0], self.backward_lstm(turned)[0]


def load_elmo() -> BiLM:
    """Return the model whose weights lesson 5 keeps.

    Raises
    ------
    InputError
        If the weights are missing, or their log is damaged.
    """
    kept = elmo_checkpoint()
    model = BiLM(units=kept.log["settings"]["units"])
    load_weights(model, kept.path)
    return model.to(choose_device()).eval()


def elmo_states(
    model: BiLM, tokenizer: WordPiece, texts: Sequence[str], *, batch_size: int = 64
) -> list[np.ndarray]:
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
    list of two ndarrays
        (n, longest, width) from the table, and (n, longest, 2 * units): the state after the tokens
        up to this one, and the state after those from the end back to this one.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the table, or the batch size is below 1.
    """

    def read(vectors, turned):
        return [to_numpy(state) for state in model(to_tensor(vectors), to_tensor(turned))]

    with evaluating(model):
        return read_both_ways(read, tokenizer, texts, batch_size)
