"""BERT's tokens: texts cut into word pieces, and pieces hidden for masked language modeling."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.bert_weights import check_fit, find_file, read_config
from course_utils.errors import InputError
from course_utils.text import PAD, _check_texts, _describe, check_ids

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Encoded:
    """Texts as BERT reads them.

    Attributes
    ----------
    ids : ndarray of int64, shape (n, longest)
        `[CLS]`, the pieces, `[SEP]`, then padding (0). Of a pair: `[CLS] a [SEP] b [SEP]`.
    segments : ndarray of int64, shape (n, longest)
        1 at the second text of a pair and its `[SEP]`, else 0.
    lengths : ndarray of int64, shape (n,)
        Tokens of each text, padding not counted.
    """

    ids: np.ndarray
    segments: np.ndarray
    lengths: np.ndarray


class WordPiece:
    """A BERT model's own tokenizer.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        Whatever padding and cutting it switches on is switched off.
    longest : int
        Tokens that the model has positions for.

    Attributes
    ----------
    vocabulary_size, mask_id, longest : int
    special_ids : tuple of int
        The ids of `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]`.

    Raises
    ------
    InputError
        If the tokenizer lacks one of BERT's special tokens, or padding is not id 0.

    References
    ----------
    Y. Wu et al., Google's neural machine translation system, 2016, section 4.1; J. Devlin et al.,
    BERT, 2019, section 3.
    """

    def __init__(self, tokenizer, longest: int = 512):
        self._tokenizer, self.longest = tokenizer, longest
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.vocabulary_size = tokenizer.get_vocab_size()
        ids = [tokenizer.token_to_id(piece) for piece in SPECIAL]
        if None in ids or ids[0] != PAD:
            raise InputError(
                f"This is no tokenizer of BERT: it must have the pieces {', '.join(SPECIAL)}, and "
                f"[PAD] must have the id 0, but their ids are {ids}."
            )
        self.special_ids, self.mask_id = tuple(ids), ids[-1]

    @classmethod
    def from_folder(cls, folder: str | Path) -> "WordPiece":
        """Read `tokenizer.json`, and check it against the model's `config.json` beside it.

        Raises
        ------
        InputError
            If a file is missing or damaged, or the tokenizer does not fit the model.
        """
        from tokenizers import Tokenizer

        config = read_config(folder)
        path = find_file(folder, "tokenizer.json")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain exceptions
            raise InputError(
                f"The file tokenizer.json is damaged ({error}): get it anew."
            ) from None
        pieces = cls(tokenizer, config["max_position_embeddings"])
        check_fit(pieces.vocabulary_size, config["vocab_size"])
        return pieces

    def encode(
        self, texts: Sequence[str], pairs: Sequence[str] | None = None, *, length: int | None = None
    ) -> Encoded:
        """Turn texts, or pairs of texts, into ids.

        Parameters
        ----------
        texts : sequence of str
        pairs : sequence of str, optional
            A second text for each.
        length : int, optional
            By default as much as the model can read. Longer texts lose their end,
            but keep `[SEP]`; of a pair the longer text is cut.

        Raises
        ------
        InputError
            If these are no lists of strings, a string holds half a character, they differ in
            number, or `length` is no whole number, too small or more than the model can read.
        """
        texts = _strings(texts)
        if pairs is not None:
            pairs = _strings(pairs)
            if len(pairs) != len(texts):
                raise InputError(
                    f"There are {len(texts)} texts, but {len(pairs)} to pair them with."
                )
        length = self.longest if length is None else _whole(length, "The length")
        smallest = 3 if pairs is None else 5
        if not smallest <= length <= self.longest:
            raise InputError(
                f"A length of {length} tokens does not work here: the model reads up to "
                f"{self.longest}, and special tokens with a piece of text need {smallest}."
            )
        inputs = texts if pairs is None else list(zip(texts, pairs, strict=True))
        self._tokenizer.enable_truncation(length)
        try:
            found = self._tokenizer.encode_batch(inputs)
        finally:
            self._tokenizer.no_truncation()
        lengths = np.array([len(encoding.ids) for encoding in found], np.int64)
        shape = (len(found), lengths.max(initial=0))
        ids, segments = np.full(shape, PAD, np.int64), np.zeros(shape, np.int64)
        for row, encoding in enumerate(found):
            ids[row, : lengths[row]] = encoding.ids
            segments[row, : lengths[row]] = encoding.type_ids
        return Encoded(ids, segments, lengths)

    def tokens(self, text: str) -> list[str]:
        """Return the pieces of a text, `[CLS]` and `[SEP]` included; `##` continues a word.

        Raises
        ------
        InputError
            If this is no string, or it holds half a character.
        """
        return self._encode(text).tokens

    def places(self, text: str, start: int, end: int) -> list[int]:
        """Return the places of the tokens that hold the characters start to end - 1 of a text.

        Raises
        ------
        InputError
            If the text has no such characters, or no token holds any of them.
        """
        offsets = self._encode(text).offsets
        start, end = _whole(start, "The start"), _whole(end, "The end")
        if not 0 <= start < end <= len(text):
            raise InputError(
                f"There are no characters {start} to {end} in a text of {len(text)}: count them "
                "from 0, and mind that `str.find` returns -1 for what it does not find."
            )
        places = [i for i, (first, last) in enumerate(offsets) if first < end and last > start]
        if not places:
            raise InputError(f"No token holds the characters {start} to {end} of {text!r}.")
        return places

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids without special tokens: small letters, as the model reads it.

        Parameters
        ----------
        ids : sequence of int, shape (length,)
            One text; padding may follow it.

        Raises
        ------
        InputError
            If these are no whole numbers in one row, or the vocabulary has no piece of this id.
        """
        ids = check_ids(ids, self.vocabulary_size)
        if ids.ndim != 1:
            raise InputError(
                f"The ids of one text stand in one row, but these have the shape {ids.shape}: "
                "decode one row after the other."
            )
        return self._tokenizer.decode(ids.tolist())

    def piece(self, id: int) -> str:
        """Return the piece that has this id.

        Raises
        ------
        InputError
            If there is none, or the id is no whole number.
        """
        id = _whole(id, "An id")
        piece = self._tokenizer.id_to_token(id) if 0 <= id < self.vocabulary_size else None
        if piece is None:
            raise InputError(
                f"No piece has the id {id}: ids go from 0 to {self.vocabulary_size - 1}."
            )
        return piece

    def id(self, piece: str) -> int:
        """Return the id of a piece.

        Raises
        ------
        InputError
            If the vocabulary has no such piece, or this is no string.
        """
        found = self._tokenizer.token_to_id(*_strings([piece]))
        if found is None:
            raise InputError(
                f"The vocabulary has no piece {piece!r}: look at what `tokens` makes of the word."
            )
        return found

    def _encode(self, text):
        return self._tokenizer.encode(_strings([text])[0])


def _strings(texts: Sequence[str]) -> list[str]:
    texts = _check_texts(texts)
    for text in texts:
        if not isinstance(text, str):
            raise InputError(f"A text must be a string, but this one is {_describe(text)}.")
        try:
            text.encode("utf8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"A text holds {text[error.start]!r}, which is half a character: read its file as "
                "UTF-8, or drop it."
            ) from None
    return texts


def _whole(number, what: str) -> int:
    try:
        return operator.index(number)
    except TypeError:
        raise InputError(f"{what} must be a whole number, but it is {_describe(number)}.") from None


def check_pooling(how: str) -> None:
    """Say which ways there are to make one vector from those of all tokens.

    Raises
    ------
    InputError
        If `how` is none of them.
    """
    if how not in ("mean", "first"):
        raise InputError(f"Pooling is 'mean' or 'first', but not {how!r}.")


def check_segments(
    ids: np.ndarray, segments: np.ndarray | None, kinds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and their segments as arrays, or say what does not fit.

    Parameters
    ----------
    ids : array of int, shape (n, length)
    segments : array of int, shape (n, length), optional
        By default 0 everywhere.
    kinds : int
        Segments go from 0 to kinds - 1.

    Returns
    -------
    ids, segments : ndarrays, shape (n, length)

    Raises
    ------
    InputError
        If the ids have not two axes, the segments another shape, or a segment is none.
    """
    ids = np.asarray(ids)
    _check_axes(ids)
    if segments is None:
        return ids, np.zeros(ids.shape, np.int64)
    segments = np.asarray(segments)
    if segments.shape != ids.shape:
        raise InputError(
            f"The segments have the shape {segments.shape}, but the ids {ids.shape}: give one "
            "segment for each id."
        )
    wrong = segments[~np.isin(segments, range(kinds))]
    if wrong.size:
        raise InputError(
            f"Segments are whole numbers from 0 to {kinds - 1} for this model, but one is "
            f"{wrong[0]}."
        )
    return ids, segments.astype(np.int64)


def _check_axes(ids: np.ndarray) -> None:
    if ids.ndim != 2:
        raise InputError(
            f"Ids must have the shape (texts, length), but these have {ids.shape}: put a single "
            "text in [ ]."
        )


def length_order(lengths: np.ndarray, batch_size: int, sort: bool = True) -> list[np.ndarray]:
    """Return the rows of each batch: the longest texts first, so that little is padded.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of each text.
    batch_size : int
        Texts of a batch; the last one may have fewer.
    sort : bool
        Whether the longest come first; else the order stays.

    Returns
    -------
    list of ndarrays of int, shape (batch,)

    Raises
    ------
    InputError
        If the batch size is no whole number or below 1.
    """
    batch_size = _whole(batch_size, "The batch size")
    if batch_size < 1:
        raise InputError(f"The batch size must be at least 1, but it is {batch_size}.")
    order = np.argsort(-lengths, kind="stable") if sort else np.arange(len(lengths))
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def mask_tokens(
    ids: np.ndarray,
    rng: np.random.Generator,
    *,
    mask_id: int,
    candidates: Sequence[int],
    special_ids: Sequence[int],
    share: float = 0.15,
) -> tuple[np.ndarray, np.ndarray]:
    """Hide some tokens of each row, and return what is seen and what was there.

    Of the chosen tokens 80 % become `[MASK]`, 10 % a random candidate, and 10 % stay.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
        0 is padding.
    candidates : sequence of int
        Ids of the pieces that may be asked for.
    special_ids : sequence of int
        Ids that are never hidden and never drawn.
    share : float
        Share of a row's candidates that is chosen: at least one, if the row has any.

    Returns
    -------
    inputs : ndarray of int64, shape (n, length)
    targets : ndarray of int64, shape (n, length)
        The hidden ids, and 0 where nothing is asked.

    Raises
    ------
    InputError
        If the ids have not two axes, the share is not between 0 and 1, or there are no candidates.

    References
    ----------
    J. Devlin et al., BERT, 2019, section 3.1 (task 1) and appendix A.1.
    """
    ids, candidates = np.asarray(ids, np.int64), np.setdiff1d(candidates, [PAD, *special_ids])
    _check_axes(ids)
    if not 0 < share <= 1:
        raise InputError(f"The share of hidden tokens must be above 0 and up to 1, not {share}.")
    if len(candidates) == 0:
        raise InputError("There are no candidates: all ids that are given are special ones.")
    eligible = np.isin(ids, candidates)
    wanted = np.maximum(1, np.round(share * eligible.sum(axis=1)))[:, None]  # (n, 1)
    draw = np.where(eligible, rng.random(ids.shape), 2.0)
    chosen = eligible & (draw.argsort(axis=1).argsort(axis=1) < wanted)
    fate, others = rng.random(ids.shape), rng.choice(candidates, ids.shape)
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.9), others, inputs)
    return inputs, np.where(chosen, ids, PAD)


def masked_batch(
    inputs: np.ndarray, targets: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gather the asked-for places of each row, as `MaskedHead` takes them.

    Parameters
    ----------
    inputs, targets : ndarray of int, shape (n, length)
        As `mask_tokens` returns them.
    candidates : ndarray of int, shape (classes,)
        Sorted ids, the first is 0 (padding); all targets are among them.

    Returns
    -------
    inputs : ndarray of int64, shape (n, length)
    places : ndarray of int64, shape (n, most)
        Where something is asked; filled up with 0.
    classes : ndarray of int64, shape (n, most)
        Which candidate is right; 0 where `places` is filled up.

    Raises
    ------
    InputError
        If the candidates are not sorted, do not begin with 0, or lack a target.
    """
    candidates = np.asarray(candidates, np.int64)
    check_candidates(candidates)
    asked = targets != PAD
    missing = np.setdiff1d(targets[asked], candidates)
    if len(missing):
        raise InputError(f"The id {missing[0]} is asked for, but it is not among the candidates.")
    most = max(1, int(asked.sum(axis=1).max(initial=0)))
    places = np.argsort(~asked, axis=1, kind="stable")[:, :most]
    there = np.take_along_axis(asked, places, axis=1)
    classes = np.searchsorted(candidates, np.take_along_axis(targets, places, axis=1))
    return np.asarray(inputs, np.int64), np.where(there, places, 0), np.where(there, classes, 0)


def check_candidates(candidates: np.ndarray) -> None:
    """Say so if these are no candidates for a masked head.

    Raises
    ------
    InputError
        If they are not sorted, each once, or do not begin with 0 (padding).
    """
    if len(candidates) < 2 or candidates[0] != PAD or (np.diff(candidates) <= 0).any():
        raise InputError(
            "Candidates must be sorted ids, each once, that begin with 0 (padding): make them with "
            "`np.unique`, with 0 put in."
        )


def log_shares(classes: int, counts: Sequence[int] | None = None) -> np.ndarray:
    """Return the logarithm of each candidate's share of all that is counted.

    Parameters
    ----------
    classes : int
        How many candidates there are.
    counts : sequence of int, length `classes`, optional
        How often each occurs. One is added, so that none has the share 0; without counts all
        shares are equal.

    Returns
    -------
    ndarray of float32, shape (classes, 1)

    Raises
    ------
    InputError
        If there are not as many counts as candidates.
    """
    counts = np.zeros(classes) if counts is None else np.asarray(counts)
    if counts.shape != (classes,):
        raise InputError(f"There are {classes} candidates, but counts of shape {counts.shape}.")
    return np.log((counts + 1) / (counts + 1).sum()).astype(np.float32)[:, None]
