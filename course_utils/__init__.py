"""Companion package of the course "How machines learn language".

The core (`data`, `text`, `training`, `evaluation`, `visualization`, `classroom`) knows no
framework. The adapters `course_utils.pytorch` and `course_utils.tensorflow` offer the same names
with the same signatures. Importing this package imports neither of them.
"""

__version__ = "0.1.0"
