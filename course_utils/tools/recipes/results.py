"""The tables of trainings whose results are kept and whose weights are not, made from the logs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from course_utils.checkpoints import size_results, training_log, weights_folder
from course_utils.course import lessons
from course_utils.tools.markdown_table import markdown_table

Entry = TypeVar("Entry")
_INTRODUCTION = (
    "\n## Results without weights\n\n"
    "These models were trained to be compared. Their logs are kept, and `course train` makes them "
    "again; their weights are not kept.\n"
)


def kept_results() -> str:
    """Return the tables of the trainings that the course has.

    Raises
    ------
    InputError
        If a log is damaged.
    """
    found = [table(training_log(*place)) for place, table in stored(_TABLES, "json")]
    return "\n".join([_INTRODUCTION, *found]) if found else ""


def stored(
    entries: Mapping[tuple[str, str], Entry], ending: str
) -> list[tuple[tuple[str, str], Entry]]:
    """Return those of some entries whose lesson is in the course and keeps a file of the name."""
    numbers = {lesson.number for lesson in lessons()}
    return [
        ((lesson, name), entry)
        for (lesson, name), entry in entries.items()
        if lesson in numbers and (weights_folder(lesson) / f"{name}.{ending}").is_file()
    ]


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]], note: str) -> str:
    marks = ["---", *["--:"] * (len(head) - 1)]
    table = markdown_table(head, [list(map(str, row)) for row in rows], marks)
    return "\n".join([f"### {title}\n", f"{note}\n", *table]) + "\n"


def _sizes(_: dict) -> str:
    rows = [
        (run.kind, f"{run.n_parameters:,}", f"{run.tokens[-1] / 1e6:.1f}",
         f"{run.compute[-1]:.1e}", f"{run.cpu_seconds:,.0f}", f"{run.held_out_bits:.3f}")
        for run in size_results()
    ]  # fmt: skip
    return _table(
        "Size and compute (lesson 4)",
        ("model", "weights", "million tokens", "operations", "CPU seconds", "held-out bits"),
        rows,
        "Source code in the byte pairs of `code_gpt`; bits are per character.",
    )


def _stairs(log: dict) -> str:
    rows = [
        (row["stair"], f"{row['n_parameters']:,}", row["cpu_seconds"],
         f"{row['held_out_bits']:.3f}")
        for row in log["rows"]
    ]  # fmt: skip
    steps = log["settings"]["steps"]
    return _table(
        "From pairs of characters to a GPT (lesson 4)",
        ("model", "weights", "CPU seconds", "held-out bits"),
        rows,
        f"Source code by character, {steps:,} steps each; bits are per character.",
    )


def _samples(log: dict) -> str:
    rows = [
        (name, f"{one['lines_tokenized']:.3f}", f"{one['parsed']:.3f}",
         f"{one['longest_copied_median']:.0f}", one["longest_copied_most"])
        for name, one in log["results"].items()
    ]  # fmt: skip
    samples, lines = log["settings"]["samples"], log["settings"]["lines"]
    return _table(
        "What the writers of Python write (lessons 3 and 4)",
        ("writer", "lines that tokenize", "samples that parse", "longest copied run, median",
         "longest of all"),
        rows,
        f"{samples} samples of {lines} lines each. A copied run is a run of characters that also "
        "stands in the training text.",
    )  # fmt: skip


def _translators(log: dict) -> str:
    kept = training_log("04", "translator")
    rows = [
        (name, f"{one['n_parameters']:,}", f"{one['cpu_seconds']:,}",
         f"{one['test']['bleu']:.1f}", f"{one['test']['chrf']:.1f}")
        for name, one in (("transformer", kept), ("GRU with attention", log))
    ]  # fmt: skip
    epochs = log["settings"]["epochs"]
    return _table(
        "Translators (lesson 4)",
        ("model", "weights", "CPU seconds", "BLEU", "chrF"),
        rows,
        f"French into English, {epochs} passes over the same sentence pairs.",
    )


def _small_task(title: str, note: str, chosen: Callable[[dict], bool] = lambda row: True):
    """Return a maker of a table: for each method, the mean over seeds on all rows."""

    def table(log: dict) -> str:
        about = ("kind", "query", "k", "method")
        rows = [row for row in log["rows"] if row["group"] == "all" and chosen(row)]
        names = [name for name in about if name in rows[0]]
        groups: dict[tuple, list[dict]] = {}
        for row in rows:
            groups.setdefault(tuple(row[name] for name in names), []).append(row)
        lines = [
            (*key, f"{np.mean([row['score'] for row in group]):.3f}",
             f"{np.mean([row['error'] for row in group]):.3f}", group[0]["rows"])
            for key, group in groups.items()
        ]  # fmt: skip
        seeds, seconds = len(log["settings"]["seeds"]), log["cpu_seconds"]
        return _table(
            title,
            (*names, "score", "standard error", "rows"),
            lines,
            f"{note} Mean of {seeds} trainings; {seconds:,} CPU seconds in all.",
        )

    return table


_TABLES: dict[tuple[str, str], Callable[[dict], str]] = {
    ("04", "code_samples"): _samples,
    ("04", "translator_gru"): _translators,
    ("04", "sizes_lstm_512"): _sizes,
    ("04", "staircase"): _stairs,
    ("05", "pairs"): _small_task(
        "Which sentence belongs to which function (lesson 5)",
        "The share of functions whose own sentence comes first of twenty; libraries that no model "
        "was trained on.",
    ),
    ("05", "spans"): _small_task(
        "The words that answer a question (lesson 5)",
        "The share of questions whose answer is found exactly; libraries that no model was "
        "trained on.",
    ),
    ("05", "tokens"): _small_task(
        "Words in code type (lesson 5)",
        "F1 of the words that stood in double backquotes; libraries that no model was trained on.",
    ),
    ("05", "search"): _small_task(
        "Search, and ranking anew (lesson 5)",
        "The share of queries with a right answer among the k best.",
        lambda row: row["k"] in (1, 10),
    ),
}
