"""Lesson 5: word pieces, masking, checkpoints of BERT, and ELMo."""

from course_utils.bert.checkpoint import read_bert, rename_bert_tensors
from course_utils.bert.elmo import reverse_padded
from course_utils.bert.masked_head import write_masked_lm
from course_utils.bert.masking import mask_tokens, masked_batch
from course_utils.bert.wordpiece import BatchEncoding, WordPiece
