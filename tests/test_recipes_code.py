"""What the kept models of source code write, and how it is judged."""

import numpy as np
import pytest

from course_utils.tools.recipes import code_samples
from course_utils.tools.recipes.code_samples import CodeSamples, cut_excerpts, longest_runs, parses


def test_the_longest_run_that_stands_in_a_text():
    text = "the cat sat on the mat\nand the dog lay é there"
    samples = ["a cat sat upon", "zzz", "dog lay é", "the cat sat on the mat\nand more", ""]
    assert longest_runs(samples, text).tolist() == [9, 0, 9, 27, 0]


def test_what_python_accepts():
    assert parses("def f(x):\n    return x\n") and parses("x = '\\d'\n")
    for text in ("def f(x):\n", "return (", "x = 'a\n", "x = \0"):
        assert not parses(text)


def test_excerpts_begin_as_samples_do():
    text = "x = 1\n" + "def f():\n    pass\n\n" * 30
    found = cut_excerpts(text, 5, 4, 0)
    assert len(found) == 5 and all(one.startswith("def f():\n") for one in found)
    assert all(one.count("\n") == 4 for one in found)


def test_samples_have_their_lines_and_are_judged(monkeypatch):
    pytest.importorskip("torch")
    from course_utils import data
    from course_utils.data.documentation import Documents
    from course_utils.tools.recipes import code_writers

    document = "def f(x):\n    return x\n\n" * 40
    documents = Documents([document] * 10, [f"{i}.py" for i in range(10)], "a test")
    monkeypatch.setattr(data, "load", lambda name: documents)
    chain = code_writers.ngrams(document, 5)
    for name in ("gpt", "lstm"):
        monkeypatch.setattr(code_writers, name, lambda: chain)
    monkeypatch.setattr(code_writers, "ngrams", lambda train, order: chain)
    run = CodeSamples(samples=4, lines=6, temperatures=(0.1,))
    _, log = run.make()
    assert len(log["results"]) == 4
    for measures in log["results"].values():
        assert measures["lines_tokenized"] == 1 and measures["longest_copied_most"] > 20
    for texts in log["first_samples"].values():
        assert all(text.startswith(code_samples.PROMPT) for text in texts)
        assert all(text.count("\n") == 6 for text in texts)


def test_the_cached_reader_reads_what_the_whole_decoder_does():
    torch = pytest.importorskip("torch")
    from course_utils import pytorch
    from course_utils.tools.recipes.code_writers import CachedReader
    from course_utils.transformer import TransformerConfig

    config = TransformerConfig(9, 8, 2, 2, 12, causal=True, scale_tokens=False)
    decoder = pytorch.initialize(
        pytorch.Transformer(config), (np.ones((1, 2), np.int64),), seed=0
    ).eval()
    ids = np.random.default_rng(0).integers(1, 9, (3, 15))
    table = pytorch.get_weights(decoder)["token_embedding.table"]

    def whole(rows):
        with torch.no_grad():
            return pytorch.to_numpy(decoder(pytorch.to_tensor(rows)))[:, -1] @ table.T

    reader = CachedReader(decoder, 3)
    found = [reader.read(ids[:, :4]), *(reader.read(ids[:, i : i + 1]) for i in range(4, 15))]
    for length, scores in zip(range(4, 13), found, strict=False):
        assert np.abs(scores - whole(ids[:, :length])).max() < 1e-5
    # The cache is full: the latest half is read anew, with positions from 0.
    assert np.abs(found[9] - whole(ids[:, 7:13])).max() < 1e-5
    assert np.abs(found[11] - whole(ids[:, 7:15])).max() < 1e-5
