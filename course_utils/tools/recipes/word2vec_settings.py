"""What each setting of skip-gram does after whole trainings, by the measures of lesson 2."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from course_utils.tools.recipes.race import Race, RaceTrack, gap_with_limits
from course_utils.word2vec import Corpus, Word2VecSettings, held_out_loss

USUAL = "as it is"
CBOW = "CBoW, rate 0.1"
BANDS = (5, 10, 20, 50, 200)  # occurrences from which a band of words begins


def _variants() -> dict[str, dict[str, Any]]:
    return {
        USUAL: {},
        "one pass": {"epochs": 1},
        "rate 0.025": {"learning_rate": 0.025},
        "25 numbers a word": {"dimension": 25},
        "200 numbers a word": {"dimension": 200},
        "window 2": {"window": 2},
        "window 10": {"window": 10},
        "15 negative samples": {"negatives": 15},
        "no subsampling": {"subsample": 0},
        "negatives drawn evenly": {"exponent": 0},
        "negatives by frequency": {"exponent": 1},
        "CBoW, rate 0.05": {"model": "cbow", "learning_rate": 0.05},
        CBOW: {"model": "cbow", "learning_rate": 0.1},
        "CBoW, rate 0.2": {"model": "cbow", "learning_rate": 0.2},
        "1/32 of the text": {"share": 1 / 32},
        "1/8 of the text": {"share": 1 / 8},
        "1/2 of the text": {"share": 1 / 2},
    }


@dataclass(frozen=True)
class Settings:
    """Purity, plurals and analogies, one setting changed at a time, over three seeds."""

    name: str = "settings"
    usual: Race = field(default_factory=lambda: Race(rates=(0.05,)))
    variants: dict[str, dict[str, Any]] = field(default_factory=_variants)

    def make(self) -> tuple[dict[str, np.ndarray], dict]:
        """Train all and measure: results only, in about fifteen minutes of one core."""
        from course_utils.pytorch import describe_device

        trials = Trials(self)
        start = time.process_time()
        rows = [trials.run(name, seed) for name in self.variants for seed in self.usual.seeds]
        usual = asdict(self.usual)
        kept = ("dataset", "epochs", "dimension", "window", "negatives", "rates", "seeds", "draws")
        return {}, {
            "settings": {key: usual[key] for key in kept} | {"variants": self.variants},
            "source": trials.track.source,
            "framework": describe_device(),
            "words": len(trials.track.corpus),
            "vocabulary": len(trials.track.corpus.vocabulary),
            "cpu_seconds": round(time.process_time() - start),
            "rows": rows,
            "gaps": {name: trials.gaps(name) for name in self.variants if name != USUAL},
            "two_seeds": trials.two_seeds(),
        }


class Trials:
    """The trainings, and what was right of each question.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.track = RaceTrack(settings.usual)
        judge, counts = self.track.judge, self.track.corpus.counts
        self.rarer = np.minimum(counts[judge.singular], counts[judge.plural])  # (pairs,)
        self.rare = {"plurals": self.rarer < 50, "purity": counts[judge.own] < 200}
        self.answers: dict[tuple[str, int], dict[str, np.ndarray]] = {}
        self.tables: dict[int, np.ndarray] = {}  # of the usual settings, by seed

    def run(self, name: str, seed: int) -> dict[str, Any]:
        """Train once; return the scores, and keep what was right of each question."""
        from course_utils.pytorch import train_word2vec

        change = dict(self.settings.variants[name])
        corpus = _part(self.track.corpus, change.pop("share", 1.0))
        usual = self.settings.usual
        asked: dict[str, Any] = {
            "dimension": usual.dimension,
            "window": usual.window,
            "epochs": usual.epochs,
        }
        asked |= {"negatives": usual.negatives, "learning_rate": usual.rates[0], "seed": seed}
        start = time.process_time()
        model = train_word2vec(corpus, progress=False, **(asked | change))
        seconds = time.process_time() - start
        answers = self.track.judge.answers(model.vectors)
        self.answers[name, seed] = answers
        if name == USUAL:
            self.tables[seed] = model.vectors
        questions = Word2VecSettings(model=model.settings.model)  # the usual ones of each model
        tables = model.vectors, model.context_vectors
        loss = held_out_loss(*tables, self.track.held_out, self.track.corpus, questions)
        row = {
            "variant": name, "seed": seed, "held_out_loss": round(loss, 4),
            **{measure: round(float(right.mean()), 4) for measure, right in answers.items()},
            "plurals_by_band": self.bands(answers["plurals"]),
            "cpu_seconds": round(seconds, 1),
        }  # fmt: skip
        print(row, flush=True)
        return row

    def bands(self, found: np.ndarray) -> list[float | None]:
        """Return the share of plurals found in each band of rarity, None where there are few."""
        edges = [*BANDS, np.inf]
        shares = []
        for low, high in zip(edges, edges[1:], strict=False):
            band = (self.rarer >= low) & (self.rarer < high)
            shares.append(round(float(found[band].mean()), 4) if band.sum() >= 20 else None)
        return shares

    def gaps(self, name: str) -> dict[str, list[float]]:
        """Return the usual settings minus this variant, with 95 % limits.

        For CBoW also of rare words alone: `rare_plurals` (below 50 occurrences) and `rare_purity`
        (below 200).
        """
        usual = self.settings.usual
        gaps = {}
        for measure in self.track.judge.measures:
            first, second = (
                np.stack([self.answers[one, seed][measure] for seed in usual.seeds])
                for one in (USUAL, name)
            )  # (seeds, questions) each
            gaps[measure] = gap_with_limits(first, second, usual.draws)
            if name == CBOW and measure in self.rare:
                chosen = self.rare[measure]
                rare = gap_with_limits(first[:, chosen], second[:, chosen], usual.draws)
                gaps[f"rare_{measure}"] = rare
        return gaps

    def two_seeds(self) -> dict[str, float]:
        """Return how alike two trainings are that differ in their seed only.

        `cosine` is the mean of the same word's vectors; `rare` and `frequent` are the shares of
        common words among the 10 nearest, for words below 20 and from 200 occurrences on.
        """
        from course_utils.evaluation import neighbor_ids, normalize_rows

        first, second = (normalize_rows(self.tables[s][2:]) for s in self.settings.usual.seeds[:2])
        near = neighbor_ids(first, 10), neighbor_ids(second, 10)
        shared = np.array([len(np.intersect1d(*two)) / 10 for two in zip(*near, strict=True)])
        counts = self.track.corpus.counts[2:]
        numbers = {
            "cosine": (first * second).sum(axis=1).mean(),
            "rare": shared[counts < 20].mean(),
            "frequent": shared[counts >= 200].mean(),
        }
        return {name: round(float(number), 4) for name, number in numbers.items()}


def _part(corpus: Corpus, share: float) -> Corpus:
    """Return a share of the sentences, drawn at random, in their order and vocabulary."""
    if share == 1:
        return corpus
    numbers = np.unique(corpus.sentences)
    drawn = np.random.default_rng(0).permutation(numbers)[: round(share * len(numbers))]
    kept = np.isin(corpus.sentences, drawn)
    return Corpus(corpus.vocabulary, corpus.ids[kept], corpus.sentences[kept])
