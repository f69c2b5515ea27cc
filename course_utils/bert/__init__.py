"""Lesson 5: word pieces, masking, checkpoints of BERT, and ELMo."""

from course_utils.bert.checkpoint import check_fit, find_file, from_bert, read_bert, read_config
from course_utils.bert.checks import check_pooling, check_segments
from course_utils.bert.elmo import elmo_checkpoint, read_both_ways, static_table, turn
from course_utils.bert.masking import check_candidates, log_shares, mask_tokens, masked_batch
from course_utils.bert.wordpiece import BatchEncoding, WordPiece

__all__ = [
    "BatchEncoding",
    "WordPiece",
    "check_candidates",
    "check_fit",
    "check_pooling",
    "check_segments",
    "find_file",
    "from_bert",
    "elmo_checkpoint",
    "log_shares",
    "mask_tokens",
    "masked_batch",
    "read_bert",
    "read_both_ways",
    "read_config",
    "static_table",
    "turn",
]
