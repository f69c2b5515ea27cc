"""Lesson 4: the settings of a transformer, its fixed positions, and checks of what it is given."""

from course_utils.transformer.config import TransformerConfig
from course_utils.transformer.positions import sinusoidal_positions
