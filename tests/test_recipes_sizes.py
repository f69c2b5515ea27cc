"""What lesson 4 keeps of GPT and LSTM in several sizes, and of the stairs that lead to a GPT."""

import json

import numpy as np
import pytest

from course_utils import checkpoints, data
from course_utils.checkpoints import SIZES, size_results
from course_utils.data.documentation import Documents
from course_utils.errors import InputError

torch = pytest.importorskip("torch")

from course_utils.tools.recipes import RECIPES, code_gpt_training as training  # noqa: E402
from course_utils.tools.recipes.code_gpt import CodeGPT  # noqa: E402
from course_utils.tools.recipes.sizes import SizedGPT, SizedLSTM  # noqa: E402
from course_utils.tools.recipes.staircase import STAIRS, Staircase  # noqa: E402
from course_utils.transformer import TransformerConfig  # noqa: E402

TINY = CodeGPT(
    vocabulary_size=270, length=32, batch_size=8, learning_rate=1e-2, warmup_steps=5,
    evaluations=4, dropout=0.0,
)  # fmt: skip


@pytest.fixture
def sums(monkeypatch):
    """A text of which each line adds two numbers: what comes after = depends on both."""
    rng = np.random.default_rng(0)
    files = [
        "".join(f"x = {a} + {b} = {a + b}\n" for a, b in rng.integers(1, 50, (40, 2)))
        for _ in range(30)
    ]
    documents = Documents(files, [f"{i}.py" for i in range(30)], "a test")
    monkeypatch.setattr(data, "load", lambda name: documents)


def test_both_kinds_of_model_get_better_and_say_what_it_took(sums):
    gpt = SizedGPT("small", d_model=32, heads=2, layers=1, steps=20, base=TINY)
    lstm = SizedLSTM("small", units=32, steps=20, dimension=16, batch_size=8, sequence_length=32,
                     warmup_steps=5, evaluations=4, base=TINY)  # fmt: skip
    for run in (gpt, lstm):
        weights, log = run.make()
        assert not weights and log["settings"]["name"] == "small" and log["source"] == "a test"
        assert log["tokens"] == [5 * 8 * 32 * i for i in (1, 2, 3, 4)]
        assert log["validation_bits"][-1] < log["validation_bits"][0] - 0.1
        assert log["held_out_bits"] == pytest.approx(log["validation_bits"][-1], abs=0.1)
        json.dumps(log)
        assert "tokenizer" not in log


def test_each_stair_sees_more(sums):
    run = Staircase(
        d_model=16, heads=2, layers=2, length=16, steps=30, batch_size=8, evaluations=3,
        warmup_steps=5, learning_rate=1e-2,
    )  # fmt: skip
    weights, log = run.make()
    rows = log["rows"]
    assert not weights and [row["stair"] for row in rows] == list(STAIRS)
    counts = [row["n_parameters"] for row in rows]
    assert counts[1] == counts[2] < counts[3] < counts[4]
    assert all(row["validation_bits"][-1] < row["validation_bits"][0] for row in rows)
    assert rows[4]["held_out_bits"] < rows[0]["held_out_bits"]


def test_attention_alone_is_a_block_without_its_feed_forward_layers():
    config = TransformerConfig(20, 8, 2, 1, 12, causal=True, scale_tokens=False)
    block = training.TiedGPT(config, seed=0).eval()
    alone = training.TiedGPT(config, 1, training.AttentionOnly).eval()
    torch.nn.init.zeros_(block.decoder.blocks[0].feed_forward.outer.weight)
    torch.nn.init.zeros_(block.decoder.blocks[0].feed_forward.outer.bias)
    names = {name.removeprefix("blocks.0."): value
             for name, value in block.decoder.state_dict().items()
             if "feed_forward" not in name}  # fmt: skip
    alone.decoder.load_state_dict(names)
    ids = torch.randint(1, 20, (3, 12))
    assert torch.equal(block(ids), alone(ids))


@pytest.mark.parametrize("length", [7, 8])
def test_windows_that_overlap_count_each_token_once(length):
    """The table sees one token: windows must give what one long window gives."""
    ids = np.random.default_rng(0).integers(0, 9, 101)
    table = training.Bigrams(9, length)
    torch.nn.init.normal_(table.table.weight)
    logits = table.table.weight.detach().log_softmax(dim=1)[ids[:-1], ids[1:]]
    assert training.held_out_loss(table, ids) == pytest.approx(-float(logits.mean()), rel=1e-5)


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """Logs of six trainings, one token read in each."""
    monkeypatch.setattr(checkpoints, "weights_folder", lambda lesson: tmp_path)
    for i, (kind, name) in enumerate(SIZES):
        settings = {"length": 3, "d_model": 5} if kind == "GPT" else {"dimension": 5}
        log = {"settings": settings | {"vocabulary_size": 3}, "n_parameters": 15 + 10**i}
        log |= {"tokens": [1, 2], "validation_bits": [3, 2.5], "held_out_bits": 2.4}
        (tmp_path / f"{name}.json").write_text(json.dumps(log | {"cpu_seconds": 7}))
    return tmp_path


def test_compute_leaves_out_tables_that_are_only_looked_up(logs):
    runs = size_results()
    assert [run.kind for run in runs] == ["GPT"] * 3 + ["LSTM"] * 3
    assert [run.compute.tolist() for run in runs] == [[6 * 10**i, 12 * 10**i] for i in range(6)]
    assert runs[5].held_out_bits == 2.4 and runs[5].validation_bits.tolist() == [3, 2.5]


@pytest.mark.parametrize("change", [{"tokens": None}, {"settings": []}, {"held_out_bits": "x"}])
def test_a_damaged_log_of_a_size_is_one_sentence(logs, change):
    path = logs / "sizes_lstm_256.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=r"sizes_lstm_256.json .* is missing or damaged"):
        size_results()


def test_the_six_sizes_have_recipes():
    known = {run.name: run for run in RECIPES["04"]}
    for kind, name in SIZES:
        assert isinstance(known[name], SizedLSTM if kind == "LSTM" else SizedGPT | CodeGPT)
    weights = [known[name].units for kind, name in SIZES if kind == "LSTM"]
    assert weights == sorted(weights)
