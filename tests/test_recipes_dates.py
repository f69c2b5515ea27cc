"""The kept readers of lesson 4: dates through one vector, and with attention."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from course_utils.data import load  # noqa: E402
from course_utils.pytorch import set_seed  # noqa: E402
from course_utils.tools.recipes import date_reader_training as training  # noqa: E402
from course_utils.tools.recipes.date_readers import DateReaders  # noqa: E402


@pytest.fixture(scope="module")
def part():
    return load("dates", n_train=40, n_validation=1, n_test=1, longest=60).train


def reader(part, attention):
    set_seed(1)
    coder = training.Coder(sorted(set("".join(part.texts))))
    settings = DateReaders("tiny", attention=attention, size=12, width=6)
    return training.DateReader(len(coder.source), len(coder.target), settings).eval(), coder


@pytest.mark.parametrize("attention", [False, True])
def test_padding_changes_nothing(part, attention):
    model, coder = reader(part, attention)
    source, target = (torch.from_numpy(array) for array in coder.encode(part))
    with torch.no_grad():
        together = model(source, target[:, :-1])
        alone = torch.cat([
            model(ids[None, : len(text)], digits[None, :-1])
            for ids, digits, text in zip(source, target, part.texts, strict=True)
        ])  # fmt: skip
    assert len({len(text) for text in part.texts}) > 20
    assert (together - alone).abs().max() < 1e-5


def test_what_is_written_is_what_the_model_would_say_to_its_own_characters(part):
    model, coder = reader(part, attention=True)
    right = training.written(model, coder, part, batch_size=7)
    source, target = coder.encode(part)
    fed = torch.from_numpy(target.copy())
    for place in range(10):  # teacher forcing with the characters written so far
        with torch.no_grad():
            logits = model(torch.from_numpy(source), fed[:, :-1])
        fed[:, place + 1] = logits[:, place].argmax(dim=1)
    assert (right == (fed.numpy() == target)[:, 1:]).all()


def test_groups_of_lengths_hold_all_sentences(part):
    model, coder = reader(part, attention=False)
    groups = training.by_length(model, coder, part, (0, 20, 40, 500))
    counts = [np.sum((part.lengths >= low) & (part.lengths < low + 20)) for low in (0, 20)]
    counts.append(np.sum(part.lengths >= 40))
    assert [group["sentences"] for group in groups] == counts
    whole = training.share_right(model, coder, part)["characters"]
    means = [group["characters"] * group["sentences"] for group in groups]
    assert sum(means) / len(part) == pytest.approx(whole)


def test_both_readers_learn_and_are_stored_in_half_precision():
    sizes = {"size": 24, "width": 12, "stages": ((0, 30), (0, 30)), "batch_size": 16}
    for attention in (False, True):
        run = DateReaders("tiny", attention, **sizes, learning_rate=1e-2, warmup_steps=5,
                          evaluations=3)  # fmt: skip
        weights, log = run.make()
        assert log["training_loss"][-1] < log["training_loss"][0] - 0.3
        assert log["test_in_half_precision"]["characters"] == pytest.approx(
            log["test"]["characters"], abs=0.01
        )
        assert {array.dtype for array in weights.values()} == {np.dtype(np.float16)}
        assert sum(array.size for array in weights.values()) == log["n_parameters"]
        assert ("key.kernel" in weights) == attention
