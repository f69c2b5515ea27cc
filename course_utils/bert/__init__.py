"""Lesson 5: word pieces, masking, checkpoints of BERT, and ELMo."""

from course_utils.bert.checkpoint import find_file, from_bert, read_bert, read_config
from course_utils.bert.checks import (
    check_candidates,
    check_pooling,
    check_token_type_ids,
    check_vocabulary_size,
)
from course_utils.bert.elmo import (
    bidirectional_states,
    elmo_checkpoint,
    reverse_padded,
    static_table,
)
from course_utils.bert.masking import log_shares, mask_tokens, masked_batch
from course_utils.bert.wordpiece import BatchEncoding, WordPiece

__all__ = [
    "BatchEncoding",
    "WordPiece",
    "bidirectional_states",
    "check_candidates",
    "check_pooling",
    "check_token_type_ids",
    "check_vocabulary_size",
    "elmo_checkpoint",
    "find_file",
    "from_bert",
    "log_shares",
    "mask_tokens",
    "masked_batch",
    "read_bert",
    "read_config",
    "reverse_padded",
    "static_table",
]
