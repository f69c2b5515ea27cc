"""The settings of the small tasks of lesson 5."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskSettings:
    """What all have; `name` is that of the run."""

    name: str = ""
    examples: int = 3000  # that are drawn to learn from, where there are more
    epochs: int = 1
    batch_size: int = 16
    learning_rate: float = 2e-4
    seeds: tuple[int, ...] = (0, 1)


@dataclass(frozen=True)
class Pairs(TaskSettings):
    """Which sentence belongs to which function: a cross-encoder beside word overlap and cosines.

    Each function has its own sentence and those of others of its library to choose from.
    """

    name: str = "pairs"
    batch_size: int = 32
    wrong: int = 3  # sentences of others for each right one in training
    choices: int = 20
    per_library: int = 300  # functions that are asked about


@dataclass(frozen=True)
class Spans(TaskSettings):
    """The words of a docstring that answer a question, beside the nearest keyword."""

    name: str = "spans"
    epochs: int = 3


@dataclass(frozen=True)
class CodeTokens(TaskSettings):
    """Which words stood in double backquotes, beside the words that did so in training."""

    name: str = "tokens"
    examples: int = 4000


@dataclass(frozen=True)
class Search(TaskSettings):
    """The loss of pairs, and a cross-encoder that ranks the best results of a bi-encoder anew.

    Sentences are searched for the functions of held-out libraries that they belong to, and the
    course's questions for the entries of its index.
    """

    name: str = "search"
    examples: int = 2000  # of the cross-encoder; the loss of pairs reads all pairs
    pair_batch_size: int = 64
    batch_size: int = 32
    scale: float = 20.0
    wrong: int = 3  # of the best results, for each right one in the training of the cross-encoder
    best: int = 20  # results that are ranked anew
    per_library: int = 300  # sentences of each held-out library that are ranked anew
