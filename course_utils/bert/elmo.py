"""What reading a text from both sides needs that is no framework's business."""

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.bert.checkpoint import check_fit
from course_utils.bert.wordpiece import WordPiece
from course_utils.checkpoints import Checkpoint, find_checkpoint
from course_utils.errors import InputError
from course_utils.training.batches import length_order

NAME = "bilm"


def elmo_checkpoint() -> Checkpoint:
    """Return the kept weights of the two LSTMs, and the log of their training.

    Raises
    ------
    InputError
        If there are none, or their log is damaged.
    """
    kept = find_checkpoint("05", NAME)
    if kept is None:
        raise InputError(
            f"The kept weights {NAME}.safetensors are missing: run `course train 05 --only {NAME}`."
        )
    return kept


def static_table() -> np.ndarray:
    """Return the encoder's input table, (pieces, width), its numbers of about size 1.

    It is multiplied by the root of the width, as the first transformer does with its tokens.
    """
    from course_utils.data.encoder import word_vectors

    table = word_vectors(pieces=True).vectors
    return table * np.float32(table.shape[1] ** 0.5)


def turn(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Turn round the first entries of each row, as many as it has tokens; padding stays behind.

    Parameters
    ----------
    rows : ndarray, shape (n, longest, ...)
    lengths : ndarray of int, shape (n,)
    """
    places = np.arange(rows.shape[1])  # (longest,)
    back = np.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)
    return rows[np.arange(len(rows))[:, None], back]


def read_both_ways(
    read: Callable, tokenizer: WordPiece, texts: Sequence[str], batch_size: int
) -> list[np.ndarray]:
    """Return static vectors (n, longest, width) and both states (n, longest, 2 * units).

    Parameters
    ----------
    read : callable
        From vectors in both orders (batch, longest, width) to two states (batch, longest, units),
        both in the order in which they were read.
    tokenizer : WordPiece
    texts : sequence of str, length n
    batch_size : int
        Texts that are read at once.

    Raises
    ------
    InputError
        If these are no texts, the tokenizer does not fit the table, or the batch size is below 1.
    """
    table = static_table()
    check_fit(tokenizer.vocabulary_size, len(table))
    encoded = tokenizer.encode(texts)
    static = table[encoded.ids]  # (n, longest, width)
    states = []
    for batch in length_order(encoded.lengths, batch_size, sort=False):
        rows, lengths = static[batch], encoded.lengths[batch]
        right, left = read(rows, turn(rows, lengths))
        states.append(np.concatenate([right, turn(left, lengths)], axis=2))
    return [static, np.concatenate(states)]
