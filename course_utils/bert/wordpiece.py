"""BERT's tokens: texts cut into word pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from course_utils.bert.checkpoint import find_file, read_config
from course_utils.bert.checks import check_vocabulary_size
from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_ids, check_strings, whole_number
from course_utils.text.words import PAD, pad

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@checked
@dataclass(frozen=True)
class BatchEncoding:
    """Texts as BERT reads them, under the names of the Hugging Face libraries.

    Attributes
    ----------
    input_ids : ndarray of int64, shape (n, length)
        `[CLS]`, the pieces, `[SEP]`, then padding (0). Of a pair: `[CLS] a [SEP] b [SEP]`.
        `length` is that of the longest text.
    token_type_ids : ndarray of int64, shape (n, length)
        1 at the second text of a pair and its `[SEP]`, else 0.
    lengths : ndarray of int64, shape (n,)
        Tokens of each text, padding not counted.
    attention_mask : ndarray of bool, shape (n, length)
        True where `input_ids` are no padding.
    """

    input_ids: np.ndarray
    token_type_ids: np.ndarray
    lengths: np.ndarray

    @property
    def attention_mask(self) -> np.ndarray:
        return self.input_ids != PAD


@checked
class WordPiece:
    """A BERT model's own tokenizer.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        Whatever padding and cutting it switches on is switched off.
    max_length : int
        Tokens that the model has positions for.

    Attributes
    ----------
    vocabulary_size, mask_token_id, max_length : int
    all_special_ids : tuple of int
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

    def __init__(self, tokenizer: Tokenizer, max_length: int = 512):
        self._tokenizer = tokenizer
        self.max_length = whole_number(max_length, "max_length", 3)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.vocabulary_size = tokenizer.get_vocab_size()
        ids: list = [tokenizer.token_to_id(piece) for piece in SPECIAL]
        if None in ids or ids[0] != PAD:
            raise InputError(
                f"This is no tokenizer of BERT: it must have the pieces {', '.join(SPECIAL)}, and "
                f"[PAD] must have the id 0, but their ids are {ids}."
            )
        self.all_special_ids: tuple[int, ...] = tuple(ids)
        self.mask_token_id: int = ids[-1]

    @classmethod
    @checked
    def from_folder(cls, folder: str | Path) -> "WordPiece":
        """Read `tokenizer.json`, and check it against the model's `config.json` beside it.

        Raises
        ------
        InputError
            If a file is missing or damaged, or the tokenizer does not fit the model.
        """
        config = read_config(folder)
        path = find_file(folder, "tokenizer.json")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain exceptions
            raise InputError(
                f"The file tokenizer.json is damaged ({error}): get it anew."
            ) from None
        pieces = cls(tokenizer, config["max_position_embeddings"])
        check_vocabulary_size(pieces.vocabulary_size, config["vocab_size"])
        return pieces

    def encode(
        self,
        texts: Sequence[str],
        pairs: Sequence[str] | None = None,
        *,
        max_length: int | None = None,
    ) -> BatchEncoding:
        """Turn a batch of n texts, or pairs of texts, into ids.

        A single text is a batch of one: `encode([text])`.

        Parameters
        ----------
        texts : sequence of str, length n
        pairs : sequence of str, length n, optional
            A second text for each.
        max_length : int, optional
            By default as much as the model can read. Longer texts lose their end,
            but keep `[SEP]`; of a pair the longer text is cut.

        Raises
        ------
        InputError
            If these are no lists of strings, a string holds half a character (a lone surrogate),
            they differ in number, or `max_length` is no whole number, too small or more than the
            model can read.
        """
        inputs: list = check_strings(texts)
        if pairs is not None:
            second = check_strings(pairs)
            if len(second) != len(inputs):
                raise InputError(
                    f"There are {len(inputs)} texts, but {len(second)} to pair them with."
                )
            inputs = list(zip(inputs, second, strict=True))
        length = self.max_length if max_length is None else whole_number(max_length, "max_length")
        smallest = 3 if pairs is None else 5
        if not smallest <= length <= self.max_length:
            raise InputError(
                f"A max_length of {length} tokens does not work here: the model reads up to "
                f"{self.max_length}, and special tokens with a piece of text need {smallest}."
            )
        self._tokenizer.enable_truncation(length)
        try:
            encodings = self._tokenizer.encode_batch(inputs)
        finally:
            self._tokenizer.no_truncation()
        lengths = [len(encoding.ids) for encoding in encodings]
        return BatchEncoding(
            pad([encoding.ids for encoding in encodings]),
            pad([encoding.type_ids for encoding in encodings]),
            np.array(lengths, np.int64),
        )

    @checked
    def tokenize(self, text: str) -> list[str]:
        """Return the pieces of a text, `[CLS]` and `[SEP]` included; `##` continues a word.

        Raises
        ------
        InputError
            If this is no string, or it holds half a character (a lone surrogate).
        """
        return self._encode(text).tokens

    def char_to_tokens(self, text: str, start: int, end: int) -> list[int]:
        """Return the positions of the tokens that hold the characters start to end - 1 of a text.

        Raises
        ------
        InputError
            If the text has no such characters, or no token holds any of them.
        """
        offsets = self._encode(text).offsets
        start, end = whole_number(start, "The start"), whole_number(end, "The end")
        if not 0 <= start < end <= len(text):
            raise InputError(
                f"There are no characters {start} to {end} in a text of {len(text)}: count them "
                "from 0, and mind that `str.find` returns -1 for what it does not find."
            )
        positions = [i for i, (first, last) in enumerate(offsets) if first < end and last > start]
        if not positions:
            raise InputError(f"No token holds the characters {start} to {end} of {text!r}.")
        return positions

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
        row = check_ids(np.asarray(ids), self.vocabulary_size)
        if row.ndim != 1:
            raise InputError(
                f"The ids of one text stand in one row, but these have the shape {row.shape}: "
                "decode one row after the other."
            )
        return self._tokenizer.decode(row.tolist())

    def id_to_token(self, id: int) -> str:
        """Return the piece that has this id.

        Raises
        ------
        InputError
            If there is none, or the id is no whole number.
        """
        id = whole_number(id, "An id")
        token = self._tokenizer.id_to_token(id) if 0 <= id < self.vocabulary_size else None
        if token is None:
            raise InputError(
                f"No piece has the id {id}: ids go from 0 to {self.vocabulary_size - 1}."
            )
        return token

    def token_to_id(self, token: str) -> int:
        """Return the id of a piece.

        Raises
        ------
        InputError
            If the vocabulary has no such piece, or this is no string.
        """
        found = self._tokenizer.token_to_id(*check_strings([token]))
        if found is None:
            raise InputError(
                f"The vocabulary has no piece {token!r}: look at what `tokenize` makes of the word."
            )
        return found

    def _encode(self, text: str) -> Encoding:
        return self._tokenizer.encode(check_strings([text])[0])
