"""The page of all kept models, made from their logs."""

from collections.abc import Callable
from dataclasses import dataclass

from course_utils.checkpoints import training_log, weights_folder
from course_utils.tools.markdown_table import markdown_table
from course_utils.tools.recipes.results import kept_results, stored

_HEADER = (
    "lesson", "model", "task", "weights", "MB", "CPU seconds", "score", "baseline", "fair rival",
    "license",
)  # fmt: skip
_MARKS = (*["---"] * 3, *["--:"] * 3, *["---"] * 4)
_BASELINE, _RIVAL = "1-gram, witten_bell", "8-gram, kneser_ney"
_INTRODUCTION = (
    "# Kept models\n\n"
    "This page is made by `course report` from the logs beside the weights; nothing in it is typed "
    "by hand. A lesson that needs a model which trains for longer than a notebook may run loads it "
    "from its folder `weights`. `course train 04 --only code_gpt` makes one again, with the same "
    "numbers on the same machine. Scores are for data that the model was not trained on, with the "
    "weights as they are stored. The *baseline* is what the simplest guess reaches, the *fair "
    "rival* another way to do the same task with the same data. Bits are per character, fewer are "
    "better; all other scores are better if they are higher.\n"
)


@dataclass(frozen=True)
class Row:
    """What the page says of one model."""

    task: str
    score: Callable[[dict], str]
    baseline: Callable[[dict], str]
    rival: Callable[[dict], str]


def kept_models() -> str:
    """Return the page.

    Raises
    ------
    InputError
        If a log is missing or damaged.
    """
    rows, frameworks = [], set()
    for (lesson, name), row in stored(_ROWS, "safetensors"):
        log = training_log(lesson, name)
        size = (weights_folder(lesson) / f"{name}.safetensors").stat().st_size / 1e6
        cells = [
            f"{int(lesson)}", f"`{name}`", row.task, f"{log['n_parameters']:,}", f"{size:.2f}",
            f"{log['cpu_seconds']:,}", row.score(log), row.baseline(log), row.rival(log),
            log["license"],
        ]  # fmt: skip
        rows.append(cells)
        frameworks.add(log["framework"])
    table = "\n".join(markdown_table(_HEADER, rows, _MARKS))
    trained = f"All were trained with {' or '.join(sorted(frameworks))}, on one core.\n"
    return f"{_INTRODUCTION}\n{table}\n\n{trained}" + kept_results()


def _counted(dataset: str, model: str) -> str:
    bits = training_log("03", "ngrams")["results"][dataset][model]["held_out_bits"]
    return f"{bits:.3f} bits"


def _of_characters(dataset: str, task: str) -> Row:
    return Row(
        task,
        _bits,
        lambda log: f"{_counted(dataset, _BASELINE)} (single characters)",
        lambda log: f"{_counted(dataset, _RIVAL)} (8-grams, Kneser-Ney)",
    )


def _bits(log: dict) -> str:
    return f"{log['held_out_bits_in_half_precision']:.3f} bits"


def _lstm_and_counting(log: dict) -> str:
    lstm = _bits(training_log("03", "source_code"))
    return f"{lstm} (the LSTM), {_counted('source_code', _RIVAL)} (8-grams, Kneser-Ney)"


def _bleu(scores: dict) -> str:
    return f"BLEU {scores['bleu']:.1f}, chrF {scores['chrf']:.1f}"


def _filled(log: dict) -> str:
    return f"{log['held_out_in_half_precision']['accuracy']:.3f} right"


def _dates(scores: dict) -> str:
    return f"{scores['exact']:.3f} of whole dates"


def _of_dates(way: str, other: str) -> Row:
    return Row(
        f"reads dates in sentences, {way}",
        lambda log: _dates(log["test_in_half_precision"]),
        lambda log: f"{_dates(log['test_most_frequent'])} (most frequent characters)",
        lambda log: f"{_dates(training_log('04', other)['test_in_half_precision'])} (`{other}`)",
    )


_ROWS = {
    ("03", "source_code"): _of_characters("source_code", "writes Python, by character"),
    ("03", "language_reference"): _of_characters(
        "language_reference", "writes about Python, by character"
    ),
    ("03", "tinyshakespeare"): _of_characters("tinyshakespeare", "writes plays, by character"),
    ("04", "code_gpt"): Row(
        "writes Python, by byte pairs",
        _bits,
        lambda log: f"{_counted('source_code', _BASELINE)} (single characters)",
        _lstm_and_counting,
    ),
    ("04", "translator"): Row(
        "translates French into English",
        lambda log: _bleu(log["test"]),
        lambda log: f"{_bleu(log['test_word_by_word'])} (word by word)",
        lambda log: f"{_bleu(training_log('04', 'translator_gru')['test'])} (GRUs with attention)",
    ),
    ("04", "date_reader"): _of_dates("through one vector", "date_reader_attention"),
    ("04", "date_reader_attention"): _of_dates("with attention", "date_reader"),
    ("05", "masked_head"): Row(
        "fills in blanks in documentation",
        _filled,
        lambda log: f"{log['rivals']['most_frequent_piece']:.3f} (most frequent piece)",
        lambda log: f"{log['rivals']['trigram']:.3f} (trigrams)",
    ),
    ("05", "bilm"): Row(
        "predicts the next piece, and the one before",
        lambda log: f"{log['held_out_bits_in_half_precision']:.3f} bits a piece",
        lambda log: f"{log['unigram_bits']:.3f} bits a piece (frequencies)",
        lambda log: f"{log['n_gram_bits']:.3f} bits a piece (5-grams, Kneser-Ney)",
    ),
}
