"""What lesson 5 keeps: trainings that take longer than its notebooks may run."""

import json
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from course_utils.errors import InputError
from course_utils.files import write_atomically

METHODS = ("tfidf", "frozen", "fine-tuned", "from scratch")


@dataclass(frozen=True)
class Transfer:
    """Held-out accuracy after training with few labels: four methods, three draws of the labels.

    The epochs, the rate and the strength of the logistic regression were chosen on the validation
    part of the documentation paragraphs.
    """

    framework: str
    dataset: str = "documentation"
    sizes: tuple[int, ...] = (50, 200, 1000)
    epochs: tuple[int, ...] = (8, 4, 2)
    scratch_epochs: tuple[int, ...] = (40, 20, 10)
    seeds: tuple[int, ...] = (0, 1, 2)
    length: int = 128
    batch_size: int = 16
    learning_rate: float = 1e-4
    scratch_rate: float = 1e-3
    strength: float = 1.0

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"transfer_{self.framework}"

    def train(self, folder: Path) -> list[Path]:
        """Train all models, and write one row for each into a JSON file of the folder."""
        trial = _Trial(self)
        log = {
            "settings": asdict(self),
            "source": trial.source,
            "framework": trial.adapter.describe_device(),
            "rows": trial.rows(),
        }
        path = folder / f"{self.name}.json"
        text = json.dumps(log, indent=1) + "\n"
        write_atomically(path, lambda part: part.write_text(text, "utf8"))
        return [path]


def transfer_results() -> list[dict]:
    """Return the kept results of learning with few labels, from both frameworks.

    Returns
    -------
    list of dict
        `dataset`, `framework`, `method` (one of `METHODS`), `labels`, `seed`, `accuracy` on the
        test part, `cpu_seconds` of the training, `steps`, `parameters` that were trained.

    Raises
    ------
    InputError
        If the results are missing or damaged.
    """
    from course_utils.lessons.source import find_lesson

    rows = []
    for framework in ("pytorch", "tensorflow"):
        path = find_lesson("05").folder / "weights" / f"transfer_{framework}.json"
        try:
            rows += json.loads(path.read_text(encoding="utf8"))["rows"]
        except (OSError, ValueError, KeyError):
            raise InputError(
                f"The kept results {path.name} are missing or damaged: run "
                f"`course train 05 --only transfer_{framework}`."
            ) from None
    return rows


class _Trial:
    """The data, encoded once, and one training for each method."""

    def __init__(self, run: Transfer):
        from course_utils.data import load, split
        from course_utils.data.encoder import encoder
        from course_utils.wordpiece import WordPiece

        self.run, self.adapter = run, import_module(f"course_utils.{run.framework}")
        dataset = load(run.dataset)
        self.source, self.n_classes = dataset.source, len(dataset.classes)
        self.parts = split(dataset)
        self.tokenizer = WordPiece.from_folder(encoder())
        self.test = self.tokenizer.encode(self.parts.test.texts, length=run.length)
        start = time.process_time()
        self.frozen = {part: self._encode(getattr(self.parts, part)) for part in ("train", "test")}
        self.encoding_seconds = time.process_time() - start
        self.row_of = {text: i for i, text in enumerate(self.parts.train.texts)}

    def _encode(self, part) -> np.ndarray:
        model = self.adapter.load_bert()
        return self.adapter.encode(
            model, self.tokenizer, part.texts, length=self.run.length, progress=False
        )

    def rows(self) -> list[dict]:
        from course_utils.data import few_labels

        run, found = self.run, []
        for seed in run.seeds:
            for i, labels in enumerate(run.sizes):
                few = few_labels(self.parts.train, labels, seed)
                found += self._simple(few, seed)
                found.append(self._fine_tuned(few, seed, run.epochs[i]))
                found.append(self._from_scratch(few, seed, run.scratch_epochs[i]))
                print(*found[-4:], sep="\n", flush=True)
        return found + self._simple(self.parts.train, 0)

    def _row(self, method, few, seed, accuracy, seconds, steps, parameters) -> dict:
        return {
            "dataset": self.run.dataset,
            "framework": self.run.framework,
            "method": method,
            "labels": len(few),
            "seed": seed,
            "accuracy": round(float(accuracy), 4),
            "cpu_seconds": round(seconds, 1),
            "steps": steps,
            "parameters": parameters,
        }

    def _simple(self, few, seed) -> list[dict]:
        """Return the rows of the two methods that train a linear classifier only."""
        from sklearn.linear_model import LogisticRegression

        from course_utils.evaluation import TfidfBaseline

        start, test = time.process_time(), self.parts.test
        tfidf = TfidfBaseline().fit(few.texts, few.labels)
        between = time.process_time()
        chosen = self.frozen["train"][[self.row_of[text] for text in few.texts]]
        head = LogisticRegression(C=self.run.strength, max_iter=1000).fit(chosen, few.labels)
        end = time.process_time()
        share = len(few) / len(self.parts.train)
        encoding = share * self.encoding_seconds
        return [
            self._row("tfidf", few, seed, tfidf.score(test.texts, test.labels), between - start, 0,
                      tfidf.n_parameters),
            self._row("frozen", few, seed, head.score(self.frozen["test"], test.labels),
                      end - between + encoding, 0, head.coef_.size + head.intercept_.size),
        ]  # fmt: skip

    def _fine_tuned(self, few, seed, epochs) -> dict:
        model = self.adapter.BertClassifier(self.adapter.load_bert(dropout=0.1), self.n_classes)
        return self._trained("fine-tuned", model, few, seed, epochs, self.run.learning_rate)

    def _from_scratch(self, few, seed, epochs) -> dict:
        """Train the small encoder of lesson 4: two blocks, 128 numbers wide."""
        body = self.adapter.Transformer(
            self.tokenizer.vocabulary_size, 128, 4, 2, self.run.length, dropout=0.1
        )
        model = self.adapter.BertClassifier(body, self.n_classes)
        return self._trained("from scratch", model, few, seed, epochs, self.run.scratch_rate)

    def _trained(self, method, model, few, seed, epochs, rate) -> dict:
        ids = self.tokenizer.encode(few.texts, length=self.run.length).ids
        self.adapter.set_seed(seed)
        if method == "from scratch":
            self.adapter.initialize(model, ids[:1], seed=seed)
        batches = few_label_batches(ids, few.labels, epochs, self.run.batch_size, seed)
        start = time.process_time()
        self.adapter.train_sequences(
            model, batches, learning_rate=rate, warm_up=len(batches) // 10, optimizer="adamw",
            loss=self.adapter.cross_entropy, progress=False,
        )  # fmt: skip
        seconds = time.process_time() - start
        return self._row(
            method, few, seed, self._accuracy(model), seconds, len(batches),
            self.adapter.count_parameters(model),
        )  # fmt: skip

    def _accuracy(self, model) -> float:
        from course_utils.wordpiece import length_order

        hits = 0
        for rows in length_order(self.test.lengths, 64):
            ids = self.test.ids[rows, : self.test.lengths[rows].max()]
            guesses = self.adapter.predict(model, ids).argmax(axis=1)
            hits += (guesses == self.parts.test.labels[rows]).sum()
        return hits / len(self.parts.test)


def few_label_batches(
    ids: np.ndarray, labels: np.ndarray, epochs: int, batch_size: int, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the batches of several epochs, each in an order of its own.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
        0 is padding.
    labels : ndarray of int, shape (n,)

    Raises
    ------
    InputError
        If there are fewer rows than a batch needs.
    """
    from course_utils.sequences import length_batches

    return [
        batch
        for epoch in range(epochs)
        for batch in length_batches(ids, labels, batch_size=batch_size, seed=1000 * seed + epoch)
    ]


RUNS = (Transfer("pytorch"), Transfer("tensorflow"))
