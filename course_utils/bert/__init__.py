"""Lesson 5: word pieces, masking, checkpoints of BERT, and ELMo."""

from course_utils.bert.checkpoint import from_bert, read_bert
from course_utils.bert.elmo import reverse_padded
from course_utils.bert.masking import mask_tokens, masked_batch
from course_utils.bert.wordpiece import BatchEncoding, WordPiece
