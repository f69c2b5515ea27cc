"""The models that lesson 4 writes out: the same numbers in both frameworks."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
tensorflow = pytest.importorskip("tensorflow")

from course_utils import pytorch as pt, tensorflow as tf  # noqa: E402
from course_utils.course import find_lesson  # noqa: E402
from course_utils.data import load  # noqa: E402
from course_utils.text import Vocabulary, pad  # noqa: E402
from course_utils.tools.lessons.source import assemble  # noqa: E402
from course_utils.training import length_batches  # noqa: E402
from course_utils.transformer import sinusoidal_positions  # noqa: E402

PART = load("dates", n_train=16 * 50, n_validation=10, n_test=10, longest=40).train
SOURCE = Vocabulary(sorted(set("".join(PART.texts))), tokenize=list)
TARGET = Vocabulary([">", *"-0123456789"], tokenize=list)
IDS = pad([SOURCE.encode(text) for text in PART.texts])
ISO = np.stack([TARGET.encode(">" + iso) for iso in PART.iso])
BATCHES = [(s, t[:, :-1], t[:, 1:]) for s, t in length_batches(IDS, ISO, batch_size=16)]
CELLS = ("gru-cell", "date-reader", "attend", "multi-head", "masks", "feed-forward", "block",
         "transformer", "three-architectures")  # fmt: skip


def written(framework):
    """Return what the cells of the lesson define."""
    import keras

    adapter = {"pytorch": pt, "tensorflow": tf}[framework]
    scope = {"torch": torch, "nn": torch.nn, "tf": tensorflow, "keras": keras, "np": np}
    scope |= {"source_vocabulary": SOURCE, "target_vocabulary": TARGET, "d_model": 32, "heads": 4}
    scope |= {"sinusoidal_positions": sinusoidal_positions, "to_tensor": adapter.to_tensor}
    scope |= {"choose_device": adapter.choose_device}
    source = {cell.id: cell.source for cell in assemble(find_lesson("04"), framework).cells}
    for cell in CELLS:
        exec(source[cell + ("-tensorflow" if framework == "tensorflow" else "")], scope)
    return scope


SCOPES = {name: written(name) for name in ("pytorch", "tensorflow")}
MODELS = {
    "reader without attention": lambda scope: scope["DateReader"](attention=False, size=24),
    "reader with attention": lambda scope: scope["DateReader"](attention=True, size=24),
    "translator": lambda scope: scope["Translator"](len(SOURCE), len(TARGET), 100),
}


@pytest.fixture(params=MODELS)
def twins(request):
    models = [MODELS[request.param](SCOPES[name]) for name in ("pytorch", "tensorflow")]
    for adapter, model in zip((pt, tf), models, strict=True):
        adapter.initialize(model, BATCHES[0][:2], seed=2)
    return models


def test_outputs_agree(twins):
    first, second = (
        adapter.to_numpy(model(*map(adapter.to_tensor, BATCHES[0][:2])))
        for adapter, model in zip((pt, tf), twins, strict=True)
    )
    assert first.shape == (16, 10, len(TARGET))
    assert np.abs(first - second).max() <= 1e-5


def test_losses_of_fifty_plain_steps_agree(twins):
    first, second = (
        adapter.train_sequences(
            model,
            BATCHES,
            learning_rate=0.2,
            optimizer="sgd",
            warmup_steps=5,
            evaluations=50,
            progress=False,
        ).column("train_loss")
        for adapter, model in zip((pt, tf), twins, strict=True)
    )
    assert np.abs(first - second).max() <= 1e-5
    assert first[-5:].mean() < first[:5].mean() - 0.1, "nothing was learned"


def test_padding_leaves_the_reader_as_it_is(twins):
    longer = np.pad(BATCHES[0][0], ((0, 0), (0, 7)))
    for adapter, model in zip((pt, tf), twins, strict=True):
        given = adapter.to_tensor(BATCHES[0][1])
        outputs = [adapter.to_numpy(model(adapter.to_tensor(source), given))
                   for source in (BATCHES[0][0], longer)]  # fmt: skip
        assert np.abs(outputs[0] - outputs[1]).max() <= 1e-5


@pytest.mark.parametrize("name", ["pytorch", "tensorflow"])
def test_a_decoder_without_its_memory_is_an_error(name):
    adapter = {"pytorch": pt, "tensorflow": tf}[name]
    decoder = SCOPES[name]["Translator"](len(SOURCE), len(TARGET), 100).decoder
    with pytest.raises((TypeError, ValueError, AttributeError)):
        decoder(adapter.to_tensor(BATCHES[0][1]))
