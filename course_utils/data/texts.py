"""Running text that is not the documentation: WikiText-2, and a learner's own file."""

import os
import re
from pathlib import Path

from course_utils.data.register import dataset
from course_utils.data.sources import fetch_files
from course_utils.data.splits import Documents, RunningText
from course_utils.errors import InputError
from course_utils.text.words import tokenize

_SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[A-Z\"'“‘(])")


def text_file(path: str | os.PathLike) -> RunningText:
    """Read the sentences of a text file (UTF-8).

    A blank line ends a sentence, and so does a full stop, question or exclamation mark before a
    space and a capital letter, which quotation marks or a parenthesis may precede. The result's
    `source` is the name of the file.

    Raises
    ------
    InputError
        If the file is missing or cannot be read, is not UTF-8, is no text, or holds no words.
    """
    name = Path(path).name
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"There is no file {name!r} here: check the path.") from None
    except UnicodeDecodeError:
        raise InputError(
            f"The file {name!r} is not UTF-8 text: open it in an editor and save it with the "
            "encoding UTF-8."
        ) from None
    except OSError as error:
        raise InputError(
            f"{name!r} cannot be read ({error.strerror}): give a text file that you may open."
        ) from None
    if "\0" in text:  # UTF-16 without a mark at its beginning, or a program's own format
        raise InputError(
            f"The file {name!r} holds NUL characters, which no text has: save it as plain text "
            "with the encoding UTF-8."
        )
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return _running_text(paragraphs, name)


def wikitext_2(split: str = "all") -> RunningText:
    """Load the validation and test splits of WikiText-2: about 410,000 words of Wikipedia.

    Headings are left out, and so are the marks of words that the corpus itself calls unknown.

    Parameters
    ----------
    split : {"all", "valid", "test"}
        "all" takes both.

    Raises
    ------
    InputError
        If there is no such split.
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    S. Merity et al., Pointer sentinel mixture models, 2017, section 4.
    """
    if split not in ("all", "valid", "test"):
        raise InputError(f"The split of WikiText-2 must be all, valid or test, not {split!r}.")
    splits = ("valid", "test") if split == "all" else (split,)
    download = dataset("wikitext-2")
    folder = fetch_files(download, tuple(f"wikitext-2/{name}.txt" for name in splits))
    text = "\n".join((folder / f"{name}.txt").read_text(encoding="utf8") for name in splits)
    text = re.sub(r" @(.)@ ", r"\1", text.replace("<unk>", ""))  # the corpus splits "well-known"
    lines = [" ".join(line.split()) for line in text.split("\n") if not line.startswith(" =")]
    return _running_text(lines, f"WikiText-2, {' and '.join(splits)} ({download.license})")


def tiny_shakespeare() -> Documents:
    """Load 40,000 lines of Shakespeare's plays: the standard text for character models.

    Raises
    ------
    DataError
        If the files can be had from nowhere, or cannot be stored.

    References
    ----------
    A. Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.
    """
    download = dataset("tinyshakespeare")
    path = fetch_files(download) / "input.txt"
    return Documents(
        [path.read_text(encoding="utf8")], ["input.txt"], f"tiny Shakespeare ({download.license})"
    )


def _running_text(paragraphs: list[str], source: str) -> RunningText:
    sentences = [
        sentence
        for paragraph in paragraphs
        for sentence in _SENTENCE_END.split(paragraph)
        if sentence
    ]
    if not any(map(tokenize, sentences)):
        raise InputError(f"There are no words in {source}: give a file with text in it.")
    return RunningText(sentences, sum(len(s.split()) for s in sentences), source)
