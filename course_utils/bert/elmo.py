"""ELMo: its stored weights, its input table, and texts in both orders."""

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.bert.checks import check_vocabulary_size
from course_utils.bert.wordpiece import WordPiece
from course_utils.checkpoints import Checkpoint, find_checkpoint
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import id_array
from course_utils.training.batches import length_order


def elmo_checkpoint() -> Checkpoint:
    """Return the stored weights of the two LSTMs, and the log of their training.

    Raises
    ------
    InputError
        If there are none, or their log is missing or damaged.
    """
    checkpoint = find_checkpoint("05", "bilm")
    if checkpoint is None:
        raise InputError(
            "The stored weights bilm.safetensors are missing: run `course train 05 --only bilm`."
        )
    return checkpoint


def static_table() -> np.ndarray:
    """Return the encoder's input table, (pieces, width), its numbers of about size 1.

    It is multiplied by the root of the width, as the first transformer does with its tokens.

    Raises
    ------
    DataError
        If the encoder can be had from nowhere.
    """
    from course_utils.data.encoder import word_vectors

    table = word_vectors(pieces=True).vectors
    return table * np.float32(table.shape[1] ** 0.5)


@checked
def reverse_padded(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Reverse the first entries of each row, as many as it has tokens; padding stays at the end.

    Parameters
    ----------
    rows : ndarray, shape (n, length, ...)
    lengths : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of the shape of `rows`

    Raises
    ------
    InputError
        If there is not one length for each row, from 0 to the length of the rows.
    """
    if rows.ndim < 2 or len(rows) != len(lengths):
        raise InputError(f"Rows of shape {rows.shape} need a length each, not {len(lengths)}.")
    lengths = id_array(lengths, "Lengths", 1, rows.shape[1] + 1)
    positions = np.arange(rows.shape[1])  # (length,)
    last = lengths[:, None] - 1  # (n, 1)
    order = np.where(positions <= last, last - positions, positions)  # (n, length)
    return rows[np.arange(len(rows))[:, None], order]


def bidirectional_states(
    read: Callable, tokenizer: WordPiece, texts: Sequence[str], batch_size: int
) -> list[np.ndarray]:
    """Return static vectors (n, length, width) and both states (n, length, 2 * units).

    Parameters
    ----------
    read : callable
        From vectors in both orders (batch, length, width) to two states (batch, length, units),
        both in the order in which they were read.
    tokenizer : WordPiece
    texts : sequence of str, length n
    batch_size : int
        Texts that are read at once.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the table, or the batch size is no whole
        number or below 1.
    DataError
        As `static_table` does.
    """
    table = static_table()
    check_vocabulary_size(tokenizer.vocabulary_size, len(table))
    encoded = tokenizer.encode(texts)
    static = table[encoded.input_ids]  # (n, length, width)
    states = []
    for batch in length_order(encoded.lengths, batch_size, sort=False):
        rows, lengths = static[batch], encoded.lengths[batch]
        forward, backward = read(rows, reverse_padded(rows, lengths))
        states.append(np.concatenate([forward, reverse_padded(backward, lengths)], axis=2))
    return [static, np.concatenate(states)]
