"""Skip-gram after five passes: the course's beside gensim's, by the measures of lesson 2."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from course_utils.vectors import WordVectors
from course_utils.word2vec import Corpus, Word2VecSettings


@dataclass(frozen=True)
class Race:
    """Held-out loss, purity, plurals and analogies of both, at two rates, over three seeds."""

    name: str = "race"
    dataset: str = "running_text"
    epochs: int = 5
    dimension: int = 100
    window: int = 5
    negatives: int = 5
    rates: tuple[float, ...] = (0.025, 0.05)
    seeds: tuple[int, ...] = (0, 1, 2)
    draws: int = 2000

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train all and measure: results only, in about ten minutes of one core."""
        from gensim import __version__ as gensim_version

        from course_utils.pytorch import describe_device

        track = RaceTrack(self)
        start = time.process_time()
        rows = [
            track.run(program, rate, seed)
            for seed in self.seeds
            for program in ("ours", "gensim")
            for rate in self.rates
        ]
        return {}, {
            "settings": asdict(self),
            "source": track.source,
            "framework": f"{describe_device()}; gensim {gensim_version}",
            "words": len(track.corpus),
            "vocabulary": len(track.corpus.vocabulary),
            "cpu_seconds": round(time.process_time() - start),
            "rows": rows,
            "gaps": track.gaps(rows),
        }


class RaceTrack:
    """The text, what the vectors are asked, and the answers to each question.

    Parameters
    ----------
    settings : Race
    """

    def __init__(self, settings: Race):
        from course_utils.data import load
        from course_utils.word2vec import build_corpus

        self.settings = settings
        text = load(settings.dataset)
        self.source = text.source
        order = np.random.default_rng(0).permutation(len(text.sentences))
        held = set(order[: len(order) // 20].tolist())  # as in the lesson: one sentence in twenty
        self.corpus = build_corpus([s for i, s in enumerate(text.sentences) if i not in held])
        self.held_out = build_corpus(
            [text.sentences[i] for i in sorted(held)], vocabulary=self.corpus.vocabulary
        )
        self.judge = Judge(self.corpus)
        self.answers: dict[tuple[str, float, int], dict[str, np.ndarray]] = {}

    def run(self, program: str, rate: float, seed: int) -> dict[str, Any]:
        """Train once; return the scores, and keep what was right of each question."""
        from course_utils.word2vec import held_out_loss

        train = {"gensim": train_gensim, "ours": train_ours}[program]
        settings = self.settings
        chosen = Word2VecSettings(
            dimension=settings.dimension, window=settings.window, negatives=settings.negatives,
            epochs=settings.epochs, learning_rate=rate, seed=seed,
        )  # fmt: skip
        vectors, contexts, seconds = train(self.corpus, chosen)
        answers = self.judge.answers(vectors)
        self.answers[program, rate, seed] = answers
        loss = held_out_loss(vectors, contexts, self.held_out, self.corpus, chosen)
        row = {
            "program": program, "rate": rate, "seed": seed, "held_out_loss": round(loss, 4),
            **{name: round(float(right.mean()), 4) for name, right in answers.items()},
            "cpu_seconds": round(seconds, 1),
        }  # fmt: skip
        print(row, flush=True)
        return row

    def gaps(self, rows: list[dict]) -> dict[str, list[float]]:
        """Return ours minus gensim's, each at its rate of lowest loss, with 95 % limits."""
        best = {}
        for program in ("gensim", "ours"):
            losses = {
                rate: np.mean([r["held_out_loss"] for r in rows if _is(r, program, rate)])
                for rate in self.settings.rates
            }
            best[program] = min(losses, key=losses.__getitem__)
        gaps = {}
        for measure in self.judge.measures:
            ours, theirs = (
                np.stack([self.answers[p, best[p], s][measure] for s in self.settings.seeds])
                for p in ("ours", "gensim")
            )  # (seeds, questions) each
            gaps[measure] = gap_with_limits(ours, theirs, self.settings.draws)
        return {"rates": [best["ours"], best["gensim"]], **gaps}


class Judge:
    """The sticks of lesson 2: plurals, purity, analogies (centered)."""

    measures = ("purity", "plurals", "analogies")

    def __init__(self, corpus: Corpus):
        from course_utils.data import load

        self.words = corpus.vocabulary.words
        self.questions = load("library_analogies")
        self.singular, self.plural = plural_pairs(corpus.vocabulary)
        self.own, self.library = library_words(corpus.vocabulary)

    def answers(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return the score of each question of each measure; vectors (V, d)."""
        from course_utils.evaluation import neighbor_ids, normalize_rows
        from course_utils.word2vec import score_analogies

        unit = normalize_rows(vectors)
        cosines = unit[self.singular] @ unit[2:].T  # (pairs, V - 2)
        target = cosines[np.arange(len(cosines)), self.plural - 2]
        near = neighbor_ids(unit[self.own], 10)  # (words, 10)
        table = WordVectors(self.words[2:], vectors[2:])
        return {
            "purity": (self.library[near] == self.library[:, None]).mean(axis=1),
            "plurals": (cosines > target[:, None]).sum(axis=1) <= 10,
            "analogies": score_analogies(table, self.questions, center=True).correct,
        }


def plural_pairs(vocabulary) -> np.ndarray:
    """Return the ids of words and of the same words with an s, shape (2, pairs)."""
    words = [w for w in vocabulary.words[2:] if len(w) > 2 and w.isalpha()]
    return np.array(
        [(vocabulary.id(w), vocabulary.id(w + "s")) for w in words if w + "s" in vocabulary]
    ).T


def library_words(vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of words that belong to one library (words,), and their libraries (words,)."""
    from course_utils.data import load

    labeled = load("documentation", classes=8)
    texts = np.zeros((len(vocabulary), 8))
    for text, label in zip(labeled.texts, labeled.labels, strict=True):
        texts[np.unique(vocabulary.encode(text)), label] += 1
    texts[:2] = 0
    total = texts.sum(axis=1)
    own = np.flatnonzero((total >= 8) & (texts.max(axis=1) >= total / 2))
    return own, texts[own].argmax(axis=1)


def train_ours(corpus: Corpus, chosen: Word2VecSettings) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the tables `vectors` and `contexts` (V, d), and the seconds of processor time."""
    from course_utils.pytorch import train_word2vec

    start = time.process_time()
    model = train_word2vec(corpus, progress=False, **asdict(chosen))
    return model.vectors, model.context_vectors, time.process_time() - start


def train_gensim(corpus: Corpus, chosen: Word2VecSettings) -> tuple[np.ndarray, np.ndarray, float]:
    """As `train_ours`, with gensim on one thread; counting the words is left out of the time."""
    from gensim.models import Word2Vec

    words = corpus.vocabulary.words
    borders = np.flatnonzero(np.diff(corpus.sentences)) + 1
    sentences = [[words[i] for i in ids] for ids in np.split(corpus.ids, borders)]
    model = Word2Vec(
        vector_size=chosen.dimension, window=chosen.window, sample=chosen.subsample,
        negative=chosen.negatives, sg=1, alpha=chosen.rate, min_count=1, workers=1,
        seed=chosen.seed + 1, epochs=chosen.epochs,
    )  # fmt: skip
    model.build_vocab(sentences)
    start = time.process_time()
    model.train(sentences, total_words=len(corpus), epochs=chosen.epochs)
    seconds = time.process_time() - start
    tables = np.zeros((2, len(words), chosen.dimension), np.float32)
    rows = [model.wv.key_to_index[word] for word in words[2:]]
    tables[:, 2:] = model.wv.vectors[rows], model.syn1neg[rows]
    return *tables, seconds


def gap_with_limits(first: np.ndarray, second: np.ndarray, draws: int) -> list[float]:
    """Return the mean of first - second, (seeds, questions) each, and its 95 % limits.

    A draw of the bootstrap draws seeds and questions with replacement.
    """
    gap = first.astype(float) - second
    rng = np.random.default_rng(0)
    drawn = [
        gap[rng.integers(len(gap), size=len(gap))][
            :, rng.integers(gap.shape[1], size=gap.shape[1])
        ].mean()
        for _ in range(draws)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(float(x), 4) for x in (gap.mean(), low, high)]


def _is(row: dict, program: str, rate: float) -> bool:
    return row["program"] == program and row["rate"] == rate
