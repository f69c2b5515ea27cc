"""Learning with few labels: five methods, trained and measured in one framework (lesson 5)."""

import time
from dataclasses import asdict, dataclass
from importlib import import_module

import numpy as np

from course_utils.transformer import TransformerConfig


@dataclass(frozen=True)
class FewLabels:
    """Held-out accuracy after training with few labels: five methods, three draws of the labels.

    The epochs, the rate and the strengths of the logistic regressions were chosen on the validation
    part of the documentation paragraphs. With all labels the settings are those of 1,000, and
    there is one draw.
    """

    framework: str
    dataset: str = "documentation"
    sizes: tuple[int, ...] = (50, 200, 1000)
    epochs: tuple[int, ...] = (8, 4, 2)
    scratch_epochs: tuple[int, ...] = (40, 20, 10)
    seeds: tuple[int, ...] = (0, 1, 2)
    length: int = 128
    batch_size: int = 16
    learning_rate: float = 2e-4
    scratch_rate: float = 1e-3
    strength: float = 1.0
    static_strength: float = 10.0

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"transfer_{self.framework}"

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train all models; return no arrays, and a log with one row for each model."""
        trial = FewLabelExperiment(self)
        log = {
            "settings": asdict(self),
            "source": trial.source,
            "framework": trial.adapter.describe_device(),
            "rows": trial.rows(),
        }
        return {}, log


class FewLabelExperiment:
    """The data, encoded once, and one training for each method."""

    def __init__(self, run: FewLabels):
        from course_utils.bert.wordpiece import WordPiece
        from course_utils.data import load, split
        from course_utils.data.encoder import encoder

        self.run, self.adapter = run, import_module(f"course_utils.{run.framework}")
        dataset = load(run.dataset)
        self.source, self.n_classes = dataset.source, len(dataset.classes)
        self.parts = split(dataset)
        self.tokenizer = WordPiece.from_folder(encoder())
        self.test = self.tokenizer.encode(self.parts.test.texts, length=run.length)
        model, texts = self.adapter.load_bert(), self.parts.train.texts
        table = self.adapter.get_weights(model)["token_embedding.table"]
        self.static = {
            "train": self._table_means(table, self.tokenizer.encode(texts, length=run.length).ids),
            "test": self._table_means(table, self.test.ids),
        }
        self.frozen = {"test": self._encode(model, self.parts.test.texts)}
        start = time.process_time()
        self.frozen["train"] = self._encode(model, texts)
        self.encoding_seconds = time.process_time() - start
        self.row_of = {text: i for i, text in enumerate(self.parts.train.texts)}

    def _encode(self, model, texts: list[str]) -> np.ndarray:
        return self.adapter.encode(
            model, self.tokenizer, texts, length=self.run.length, progress=False
        )

    def _table_means(self, table: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """Return the mean of the table's rows for the pieces of each text, of length 1."""
        from course_utils.evaluation import normalize_rows

        special = list(self.tokenizer.special_ids)
        return normalize_rows(np.stack([table[row[~np.isin(row, special)]].mean(0) for row in ids]))

    def rows(self) -> list[dict]:
        from course_utils.data import few_labels

        run, found = self.run, []
        for seed in run.seeds:
            for i, labels in enumerate(run.sizes):
                few = few_labels(self.parts.train, labels, seed)
                found += self._simple(few, seed)
                found.append(self._fine_tuned(few, seed, run.epochs[i]))
                found.append(self._from_scratch(few, seed, run.scratch_epochs[i]))
                print(*found[-5:], sep="\n", flush=True)
        everything = self.parts.train
        found += self._simple(everything, 0)
        found.append(self._fine_tuned(everything, 0, run.epochs[-1]))
        found.append(self._from_scratch(everything, 0, run.scratch_epochs[-1]))
        return found

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
        """Return the rows of the three methods that train a linear classifier only."""
        from sklearn.linear_model import LogisticRegression

        from course_utils.evaluation import TfidfBaseline

        start, test = time.process_time(), self.parts.test
        tfidf = TfidfBaseline().fit(few.texts, few.labels)
        rows = [
            self._row("tfidf", few, seed, tfidf.score(test.texts, test.labels),
                      time.process_time() - start, 0, tfidf.n_parameters)
        ]  # fmt: skip
        share = len(few) / len(self.parts.train)
        for method, vectors, strength, seconds in (
            ("static", self.static, self.run.static_strength, 0),
            ("frozen", self.frozen, self.run.strength, share * self.encoding_seconds),
        ):
            start = time.process_time()
            known = vectors["train"][[self.row_of[text] for text in few.texts]]
            head = LogisticRegression(C=strength, max_iter=1000).fit(known, few.labels)
            seconds += time.process_time() - start
            accuracy = head.score(vectors["test"], test.labels)
            size = head.coef_.size + head.intercept_.size
            rows.append(self._row(method, few, seed, accuracy, seconds, 0, size))
        return rows

    def _fine_tuned(self, few, seed, epochs) -> dict:
        self.adapter.set_seed(seed)
        model = self.adapter.BertClassifier(self.adapter.load_bert(dropout=0.1), self.n_classes)
        return self._trained("fine-tuned", model, few, seed, epochs, self.run.learning_rate)

    def _from_scratch(self, few, seed, epochs) -> dict:
        """Train the small encoder of lesson 4: two blocks, 128 numbers wide."""
        self.adapter.set_seed(seed)
        config = TransformerConfig(
            self.tokenizer.vocabulary_size, 128, 4, 2, self.run.length, dropout=0.1
        )
        body = self.adapter.Transformer(config)
        model = self.adapter.BertClassifier(body, self.n_classes)
        return self._trained("from scratch", model, few, seed, epochs, self.run.scratch_rate)

    def _trained(self, method, model, few, seed, epochs, rate) -> dict:
        ids = self.tokenizer.encode(few.texts, length=self.run.length).ids
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
        from course_utils.training.batches import length_order

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
    from course_utils.training.batches import length_batches

    return [
        batch
        for epoch in range(epochs)
        for batch in length_batches(ids, labels, batch_size=batch_size, seed=1000 * seed + epoch)
    ]
