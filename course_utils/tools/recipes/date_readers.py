"""The readers of lesson 4: dates in sentences, through one vector or with attention."""

import time
from dataclasses import asdict, dataclass

import numpy as np

GROUPS = (0, 20, 40, 60, 80, 100, 120, 140)  # characters of the shortest sentence of each group


@dataclass(frozen=True)
class DateReaders:
    """The lesson's encoder and decoder of GRUs, trained until the one without attention works too.

    It reads short sentences first: among long ones from the start it learns the years and no more
    in the same time. The sentences by which accuracy against length is measured are longer than
    those of training, and hold the days of the test part.

    References
    ----------
    K. Cho et al., Learning phrase representations using RNN encoder-decoder, 2014; D. Bahdanau, K.
    Cho, Y. Bengio, Neural machine translation by jointly learning to align and translate, 2015
    (figure 2: quality against length). Y. Bengio et al., Curriculum learning, 2009.
    """

    name: str
    attention: bool
    size: int = 64
    width: int = 32
    stages: tuple[tuple[int, int], ...] = ((10, 1500), (40, 4000))  # longest, steps
    longest_tested: int = 160
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup_steps: int = 100
    evaluations: int = 5  # in each stage
    seed: int = 0

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train the reader; return its weights, in half precision, and their log."""
        from course_utils import pytorch
        from course_utils.data import load
        from course_utils.tools.recipes import date_reader_training as training
        from course_utils.tools.recipes.precision import round_weights

        stages = [
            load("dates", n_train=steps * self.batch_size, longest=longest, seed=self.seed)
            for longest, steps in self.stages  # one seed: the same days are held out
        ]
        sentences = stages[-1]
        longer = load("dates", n_train=1, longest=self.longest_tested, seed=self.seed).test
        characters = sorted(set("".join(sentences.train.texts)))
        coder = training.Coder(characters)
        pytorch.set_seed(self.seed)
        model = training.DateReader(len(coder.source), len(coder.target), self)
        start = time.process_time()
        histories = [
            pytorch.train_sequences(
                model, coder.batches(stage.train, self.batch_size, self.seed),
                learning_rate=self.learning_rate, warmup_steps=self.warmup_steps,
                evaluations=self.evaluations,
                evaluate=lambda: training.measures(model, coder, sentences.validation),
            )
            for stage in stages
        ]  # fmt: skip
        seconds = round(time.process_time() - start)
        full = training.share_right(model, coder, sentences.test)
        weights = round_weights(model)
        return training.lesson_names(weights), {
            "settings": asdict(self),
            "source": sentences.source,
            "license": "made by the course",
            "framework": pytorch.describe_device(),
            "cpu_seconds": seconds,
            "n_parameters": pytorch.count_parameters(model),
            "training_loss": _joined(histories, "train_loss"),
            "validation_exact": _joined(histories, "validation_exact"),
            "test": full,
            "test_in_half_precision": training.share_right(model, coder, sentences.test),
            "test_most_frequent": training.most_frequent(coder, sentences.train, sentences.test),
            "longest_in_training": int(sentences.train.lengths.max()),
            "test_by_length": training.by_length(model, coder, longer, GROUPS),
            "characters": "".join(characters),
        }


def _joined(histories: list, name: str) -> list[float]:
    return np.concatenate([history.column(name) for history in histories]).round(4).tolist()
