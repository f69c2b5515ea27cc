"""Learning with few labels: five methods, trained and measured in one framework (lesson 5)."""

import time
from dataclasses import asdict, dataclass
from importlib import import_module

import numpy as np

from course_utils.data.splits import TextDataset
from course_utils.transformer import TransformerConfig


@dataclass(frozen=True)
class FewLabels:
    """Held-out accuracy after training with few labels: five methods, three draws of the labels.

    The epochs, the rates and `C` of the logistic regressions (small is strong regularization) were
    chosen on the validation part of the documentation paragraphs. With all labels the settings are
    those of 1,000, and there is one draw.
    """

    framework: str
    dataset: str = "documentation"
    sizes: tuple[int, ...] = (50, 200, 1000)
    epochs: tuple[int, ...] = (8, 4, 2)
    scratch_epochs: tuple[int, ...] = (40, 20, 10)
    seeds: tuple[int, ...] = (0, 1, 2)
    max_length: int = 128
    batch_size: int = 16
    learning_rate: float = 2e-4
    scratch_rate: float = 1e-3
    C: float = 1.0
    static_C: float = 10.0

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"transfer_{self.framework}"

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train all models; return no arrays, and a log with one row for each model."""
        experiment = FewLabelExperiment(self)
        log = {
            "settings": asdict(self),
            "source": experiment.source,
            "framework": experiment.adapter.describe_device(),
            "rows": experiment.run(),
        }
        return {}, log


class FewLabelExperiment:
    """The data, encoded once, and one training for each method.

    Parameters
    ----------
    settings : FewLabels
    """

    def __init__(self, settings: FewLabels):
        from course_utils.bert.wordpiece import WordPiece
        from course_utils.data import load, split
        from course_utils.data.encoder import encoder

        self.settings = settings
        self.adapter = import_module(f"course_utils.{settings.framework}")
        dataset = load(settings.dataset)
        self.source, self.n_classes = dataset.source, len(dataset.classes)
        parts = split(dataset)
        self.train, self.test = parts.train, parts.test
        self.tokenizer = WordPiece.from_folder(encoder())
        self.train_ids = self._ids(self.train.texts)
        self.test_ids = self._ids(self.test.texts)
        self.row_of = {text: i for i, text in enumerate(self.train.texts)}
        model = self.adapter.load_bert()
        table = self.adapter.get_weights(model)["token_embedding.table"]
        self.static = {
            "train": self._table_means(table, self.train_ids),
            "test": self._table_means(table, self.test_ids),
        }
        self.frozen = {"test": self._encode(model, self.test.texts)}
        start = time.process_time()
        self.frozen["train"] = self._encode(model, self.train.texts)
        self.encoding_seconds = time.process_time() - start

    def run(self) -> list[dict]:
        """Train and test every method at every number of labels: about an hour of one core.

        Returns
        -------
        list of dict
            As `course_utils.checkpoints.transfer_results` describes them.
        """
        from course_utils.data import few_labels

        settings, found = self.settings, []
        for seed in settings.seeds:
            for i, labels in enumerate(settings.sizes):
                few = few_labels(self.train, labels, seed)
                found += self._all_methods(few, seed, i)
                print(*found[-5:], sep="\n", flush=True)
        return found + self._all_methods(self.train, 0, -1)

    def _all_methods(self, few: TextDataset, seed: int, i: int) -> list[dict]:
        """Return one row for each method; `i` says which number of epochs is for so many labels."""
        settings = self.settings
        encoding_seconds = len(few) / len(self.train) * self.encoding_seconds
        results = {
            "TF-IDF": self._tfidf(few),
            "table only": self._linear(self.static, few, settings.static_C, 0),
            "frozen features": self._linear(self.frozen, few, settings.C, encoding_seconds),
            "fine-tuned": self._fine_tuned(few, seed, settings.epochs[i]),
            "from scratch": self._from_scratch(few, seed, settings.scratch_epochs[i]),
        }
        about = {"dataset": settings.dataset, "framework": settings.framework}
        return [
            about | {"method": method, "labels": len(few), "seed": seed} | result
            for method, result in results.items()
        ]

    def _ids(self, texts: list[str]) -> np.ndarray:
        return self.tokenizer.encode(texts, max_length=self.settings.max_length).input_ids

    def _encode(self, model, texts: list[str]) -> np.ndarray:
        return self.adapter.encode(
            model, self.tokenizer, texts, max_length=self.settings.max_length, progress=False
        )

    def _table_means(self, table: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """Return the mean of the table's rows for the pieces of each text, of length 1."""
        from course_utils.evaluation import normalize_rows

        special = list(self.tokenizer.special_ids)
        return normalize_rows(np.stack([table[row[~np.isin(row, special)]].mean(0) for row in ids]))

    def _tfidf(self, few: TextDataset) -> dict:
        from course_utils.evaluation import TfidfBaseline

        start = time.process_time()
        tfidf = TfidfBaseline().fit(few.texts, few.labels)
        accuracy = tfidf.score(self.test.texts, self.test.labels)
        return _result(accuracy, time.process_time() - start, 0, tfidf.n_parameters)

    def _linear(
        self, vectors: dict[str, np.ndarray], few: TextDataset, C: float, seconds: float
    ) -> dict:
        """Train a logistic regression on vectors that took `seconds` to make."""
        from sklearn.linear_model import LogisticRegression

        start = time.process_time()
        known = vectors["train"][[self.row_of[text] for text in few.texts]]
        head = LogisticRegression(C=C, max_iter=1000).fit(known, few.labels)
        seconds += time.process_time() - start
        accuracy = head.score(vectors["test"], self.test.labels)
        return _result(accuracy, seconds, 0, head.coef_.size + head.intercept_.size)

    def _fine_tuned(self, few: TextDataset, seed: int, epochs: int) -> dict:
        self.adapter.set_seed(seed)
        model = self.adapter.BertClassifier(self.adapter.load_bert(dropout=0.1), self.n_classes)
        return self._trained(model, few, seed, epochs, self.settings.learning_rate)

    def _from_scratch(self, few: TextDataset, seed: int, epochs: int) -> dict:
        """Train the small encoder of lesson 4: two blocks, 128 numbers wide."""
        self.adapter.set_seed(seed)
        config = TransformerConfig(
            self.tokenizer.vocabulary_size, 128, 4, 2, self.settings.max_length, dropout=0.1
        )
        model = self.adapter.BertClassifier(self.adapter.Transformer(config), self.n_classes)
        self.adapter.initialize(model, self.test_ids[:1], seed=seed)
        return self._trained(model, few, seed, epochs, self.settings.scratch_rate)

    def _trained(self, model, few: TextDataset, seed: int, epochs: int, rate: float) -> dict:
        ids = self._ids(few.texts)
        batches = few_label_batches(ids, few.labels, epochs, self.settings.batch_size, seed)
        start = time.process_time()
        self.adapter.train_sequences(
            model, batches, learning_rate=rate, warmup_steps=len(batches) // 10, optimizer="adamw",
            loss_fn=self.adapter.cross_entropy, progress=False,
        )  # fmt: skip
        seconds = time.process_time() - start
        size = self.adapter.count_parameters(model)
        return _result(self._accuracy(model), seconds, len(batches), size)

    def _accuracy(self, model) -> float:
        from course_utils.training.batches import length_order

        lengths = (self.test_ids != 0).sum(axis=1)
        hits = 0
        for rows in length_order(lengths, 64):
            logits = self.adapter.predict(model, self.test_ids[rows, : lengths[rows].max()])
            hits += (logits.argmax(axis=1) == self.test.labels[rows]).sum()
        return hits / len(self.test)


def _result(accuracy: float, seconds: float, steps: int, parameters: int) -> dict:
    return {
        "accuracy": round(float(accuracy), 4),
        "cpu_seconds": round(seconds, 1),
        "steps": steps,
        "parameters": parameters,
    }


def few_label_batches(
    ids: np.ndarray, labels: np.ndarray, epochs: int, batch_size: int, seed: int = 0
) -> list[tuple[np.ndarray, ...]]:
    """Return the batches of several epochs, each in an order of its own.

    Rows that do not fill a batch are left out of an epoch.

    Parameters
    ----------
    ids : ndarray of int, shape (n, length)
        0 is padding.
    labels : ndarray of int, shape (n,)
    epochs, batch_size : int
    seed : int
        Decides the orders, together with the number of the epoch.

    Returns
    -------
    list of tuples (ids, labels)

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
