"""How the weights and results that the repository keeps were made: `course train`.

A model that takes longer than a notebook may run is trained once. Its weights lie beside the
lesson as a safetensors file that both frameworks load, with a log as JSON. A recipe is a dataclass
with a `name`, and `make`, which returns arrays and log.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from course_utils.checkpoints import weights_folder
from course_utils.course import check_writable, find_lesson, project_root, write_bytes
from course_utils.errors import InputError
from course_utils.tools.recipes.bert_reference import BertReference
from course_utils.tools.recipes.bidirectional_lm import BidirectionalLM
from course_utils.tools.recipes.character_models import CharacterModel
from course_utils.tools.recipes.code_gpt import CodeGPT
from course_utils.tools.recipes.code_samples import CodeSamples
from course_utils.tools.recipes.date_readers import DateReaders
from course_utils.tools.recipes.few_labels import FewLabels
from course_utils.tools.recipes.masked_head import MaskedHead
from course_utils.tools.recipes.ngrams import NGrams
from course_utils.tools.recipes.race import Race
from course_utils.tools.recipes.sizes import SizedGPT, SizedLSTM
from course_utils.tools.recipes.small_task_settings import CodeTokens, Pairs, Search, Spans
from course_utils.tools.recipes.small_tasks import SmallTask
from course_utils.tools.recipes.staircase import Staircase
from course_utils.tools.recipes.translator import Translator, TranslatorGRU
from course_utils.tools.recipes.word2vec_settings import Settings
from course_utils.weights import write_weights

RECIPES: dict[str, tuple[Any, ...]] = {
    "02": (Race(), Settings()),
    "03": (
        CharacterModel("source_code", "PSF-2.0", steps=22000, units=448, batch_size=64),
        CharacterModel("tinyshakespeare", "public domain", steps=3000, units=192),
        CharacterModel("language_reference", "PSF-2.0", steps=2000, units=192),
        NGrams(),
    ),
    "04": (
        CodeGPT(),
        CodeSamples(),
        Translator(),
        TranslatorGRU(),
        DateReaders("date_reader", attention=False),
        DateReaders("date_reader_attention", attention=True),
        SizedGPT("sizes_gpt_128", d_model=128, heads=4, layers=3, steps=4000),
        SizedGPT("sizes_gpt_96", d_model=96, heads=3, layers=2, steps=2000),
        SizedLSTM("sizes_lstm_512", units=512, steps=8000),
        SizedLSTM("sizes_lstm_256", units=256, steps=4000),
        SizedLSTM("sizes_lstm_128", units=128, steps=2000),
        Staircase(),
    ),
    "05": (
        BertReference(),
        BidirectionalLM(),
        FewLabels("pytorch"),
        FewLabels("tensorflow"),
        MaskedHead(),
        *map(SmallTask, (Pairs(), Spans(), CodeTokens(), Search())),
    ),
}


def run_recipes(lesson: str, only: str | None = None, to: Path | None = None) -> list[Path]:
    """Train the models of which a lesson keeps weights or results, and store these and the logs.

    The same machine makes the same weights again; another one differs in the last digits.

    Parameters
    ----------
    lesson : str
        Its number, such as "03".
    only : str, optional
        The name of one training, such as "source_code".
    to : Path, optional
        Another folder than that of the lesson.

    Raises
    ------
    CourseError
        If there is no such lesson, or the folder cannot be written.
    InputError
        If the lesson stores nothing, or nothing of this name.
    DataError
        If data that a training reads can be had from nowhere.
    """
    runs = RECIPES.get(find_lesson(lesson).number, ())
    chosen = [run for run in runs if only in (None, run.name)]
    if not chosen:
        names = ", ".join(run.name for run in runs)
        known = f"it stores {names}" if names else "it stores nothing"
        raise InputError(f"Lesson {lesson} has no training {only or 'to repeat'}: {known}.")
    folder = weights_folder(lesson) if to is None else to
    check_writable(folder)
    return [path for run in chosen for path in _write(run, folder)]


def _write(run, folder: Path) -> list[Path]:
    """Write the log, and the arrays if there are any: a run may store results only."""
    commit = current_commit()
    arrays, log = run.make()
    log = log | {"commit": commit}
    weights, path = folder / f"{run.name}.safetensors", folder / f"{run.name}.json"
    if arrays:
        write_weights(arrays, weights)
    text = json.dumps(log, indent=1) + "\n"
    write_bytes(path, text.encode("utf8"))
    return [weights, path] if arrays else [path]


def current_commit() -> str:
    """Return the short hash of the commit that the course is at, or "unknown" without git."""
    command = ["git", "-C", str(project_root()), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
