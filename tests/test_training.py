"""The training loop, without any framework."""

import numpy as np
import pytest

from course_utils.errors import CourseError, InputError
from course_utils.training import (
    ContiguousBatches,
    History,
    cosine_schedule,
    length_batches,
    linear_schedule,
    minibatches,
    run_epochs,
    split_evenly,
)


def one_batch(epoch):
    return [0]


def test_the_loss_is_a_mean_over_rows_not_over_batches():
    batches = [(1.0, 90), (11.0, 10)]
    history = run_epochs(lambda batch: batch, lambda epoch: batches, epochs=1, progress=False)
    assert history.rows[0]["train_loss"] == pytest.approx(2.0)


def test_batches_cover_every_row_once_and_repeat_with_the_seed():
    x = np.arange(10)
    make = minibatches((x, x * 2), 3, seed=1)
    first = list(make(0))
    assert len(make(0)) == 4 and [len(a) for a, _ in first] == [3, 3, 3, 1]
    assert sorted(np.concatenate([a for a, _ in first])) == list(range(10))
    assert all((b == 2 * a).all() for a, b in first)
    again = np.concatenate([a for a, _ in minibatches((x, x), 3, seed=1)(0)])
    assert (again == np.concatenate([a for a, _ in first])).all()
    assert (again != np.concatenate([a for a, _ in make(1)])).any()


def losses(values):
    return iter(values).__next__


def test_the_best_epoch_is_put_back():
    state = {"now": 0}
    validation = losses([3.0, 1.0, 2.0])

    def step(batch):
        state["now"] += 1
        return 0.5, 1

    history = run_epochs(
        step, one_batch, epochs=3, evaluate=lambda: {"loss": validation()}, progress=False,
        get_state=lambda: state["now"], set_state=lambda value: state.update(now=value),
    )  # fmt: skip
    assert history.best_epoch == 2 and state["now"] == 2
    assert history.column("validation_loss").tolist() == [3, 1, 2]


def test_patience_stops_early():
    validation = losses([1.0, 2.0, 3.0, 0.1])
    history = run_epochs(
        lambda b: (0.5, 1), one_batch, epochs=4, patience=2, progress=False,
        evaluate=lambda: {"loss": validation()},
    )  # fmt: skip
    assert len(history) == 3 and history.stopped_early and history.best_epoch == 1


def test_an_interrupt_keeps_what_was_learned(capsys):
    def step(batch):
        if batch == 2:
            raise KeyboardInterrupt
        return 0.5, 1

    history = run_epochs(step, lambda epoch: [epoch], epochs=5, progress=False)
    assert len(history) == 2 and history.stopped_early
    assert "Stopped by you after 2 of 5 epochs" in capsys.readouterr().out


def test_an_interrupt_in_the_middle_of_an_epoch_puts_the_best_weights_back():
    state, validation = {"now": 0}, losses([3.0, 2.0])

    def step(batch):
        state["now"] += 1
        if state["now"] == 6:
            raise KeyboardInterrupt
        return 0.5, 1

    history = run_epochs(
        step, lambda epoch: [0, 1], epochs=5, evaluate=lambda: {"loss": validation()},
        get_state=lambda: state["now"], set_state=lambda value: state.update(now=value),
        progress=False,
    )  # fmt: skip
    assert history.best_epoch == 2 and state["now"] == 4  # two epochs of two steps


def test_a_measure_that_is_not_there_or_no_number_is_one_clear_error():
    def run(value, **options):
        run_epochs(
            lambda b: (0.5, 1), one_batch, epochs=3, progress=False,
            evaluate=lambda: {"loss": value}, **options,
        )  # fmt: skip

    with pytest.raises(InputError, match="no measure 'val_loss'"):
        run(1.0, monitor="val_loss")
    with pytest.raises(CourseError, match="validation loss became nan in epoch 1"):
        run(float("nan"))


@pytest.mark.parametrize("value", [3.0, None, {"loss": "low"}, {"loss": None}])
def test_an_evaluation_that_is_no_dict_of_numbers_is_one_clear_error(value):
    with pytest.raises(InputError, match="`evaluate` must return a dict of numbers, such as"):
        run_epochs(lambda b: (0.5, 1), one_batch, epochs=1, evaluate=lambda: value, progress=False)


def test_a_loss_that_is_no_number_is_one_clear_error():
    with pytest.raises(CourseError, match="lower the learning rate"):
        run_epochs(lambda b: (float("nan"), 1), one_batch, epochs=1, progress=False)


def test_bad_settings_are_clear_errors():
    with pytest.raises(InputError, match="number of epochs must be a whole number from 1 up"):
        run_epochs(lambda b: (0.0, 1), one_batch, epochs=0)
    once = iter([0])
    with pytest.raises(InputError, match="Epoch 2 has no rows"):
        run_epochs(lambda b: (0.5, 1), lambda epoch: once, epochs=2, progress=False)
    with pytest.raises(InputError, match="validation data"):
        run_epochs(lambda b: (0.0, 1), one_batch, epochs=1, patience=1)
    with pytest.raises(InputError, match="same number of rows"):
        minibatches((np.zeros(3), np.zeros(2)), 1)
    with pytest.raises(InputError, match="no rows"):
        minibatches((np.zeros(0),), 1)
    with pytest.raises(InputError, match="no column"):
        History([{"epoch": 1}]).column("loss")


GRID = [(steps, warmup) for steps in (1, 2, 5, 40, 75, 600) for warmup in (0, 1, 2, 4, 39, 599)]


@pytest.mark.parametrize("schedule", [linear_schedule, cosine_schedule])
@pytest.mark.parametrize(("steps", "warmup"), [pair for pair in GRID if pair[1] < pair[0]])
def test_a_schedule_rises_to_exactly_its_peak_and_falls_from_it(schedule, steps, warmup):
    rates = np.array([schedule(step, steps, 3e-3, warmup) for step in range(steps)])
    assert rates.max() == rates[warmup] == 3e-3
    assert (np.diff(rates[: warmup + 1]) >= 0).all() and (np.diff(rates[warmup:]) < 0).all()
    assert rates.min() > 0 and schedule(steps, steps, 3e-3, warmup) == pytest.approx(0, abs=1e-12)


def test_a_warmup_longer_than_the_training_never_reaches_the_peak():
    rates = [linear_schedule(step, 800, 1.0, 3200) for step in range(800)]
    assert max(rates) == rates[-1] == 0.25


def test_an_error_carries_the_finished_epochs_and_the_best_weights_come_back():
    state, validation = {"now": 0}, losses([2.0, 1.0, 3.0])

    def step(batch):
        state["now"] += 1
        return (0.5 if state["now"] < 4 else float("nan")), 1

    with pytest.raises(CourseError, match="became nan in epoch 4") as caught:
        run_epochs(
            step, one_batch, epochs=5, evaluate=lambda: {"loss": validation()}, progress=False,
            get_state=lambda: state["now"], set_state=lambda value: state.update(now=value),
        )  # fmt: skip
    assert len(caught.value.history) == 3 and caught.value.history.best_epoch == 2
    assert state["now"] == 2


def validated(patience):
    """Train for an epoch with a validation loss."""
    run_epochs(
        lambda b: (1.0, 1), one_batch, epochs=1, evaluate=lambda: {"loss": 1.0}, patience=patience,
        progress=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: minibatches([], 4), "no arrays, or they have no rows"),
        (lambda: minibatches([np.zeros(3)], 2.5), "batch size must be a whole number"),
        (lambda: minibatches([np.zeros(3)], 0), "batch size must be a whole number from 1 up"),
        (lambda: length_batches(np.ones((4, 2), int), np.ones(3), batch_size=2), "they have 4, 3"),
        (lambda: length_batches(np.ones((4, 2), int), batch_size="2"), "must be a whole number"),
        (lambda: length_batches(np.ones((4, 2), int), batch_size=5), "cannot be filled"),
        (lambda: run_epochs(print, one_batch, epochs=1.5), "epochs must be a whole number"),
        (lambda: split_evenly([1, 2], 0), "number of evaluations must be a whole number from 1 up"),
        (lambda: minibatches([np.zeros(3)], 1, seed=-1), "seed must be a whole number from 0 up"),
        (lambda: length_batches(np.ones((2, 2), int), batch_size=1, seed=1.5), "seed must be"),
        (lambda: ContiguousBatches(np.arange(9), 1, 4, seed=-1), "seed must be a whole number"),
        (
            lambda: ContiguousBatches.sequential(np.arange(9), 1, 0),
            "length of a chunk must be a whole",
        ),
        (lambda: linear_schedule(0, 4, 1.0, -2), "warmup_steps must be a whole number from 0 up"),
        (lambda: cosine_schedule(0, 4, 1.0, 1.5), "warmup_steps must be a whole number from 0 up"),
        (lambda: validated(patience=0), "patience must be a whole number from 1 up, but it is 0"),
        (lambda: validated(patience=float("nan")), "patience must be a whole number"),
    ],
)
def test_settings_of_a_wrong_kind_get_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_a_sequence_is_split_without_loss():
    for n, parts in ((199, 10), (25, 10), (19, 10), (3, 10)):
        pieces = split_evenly(range(n), parts)
        assert len(pieces) == min(n, parts) and sum(map(list, pieces), []) == list(range(n))
        assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 71.1 PiB for an array"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 40 bytes."),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        ValueError("{{function_node x}} OOM when allocating tensor with shape[1000000,10000000]"),
    ],
)
def test_where_memory_ends_a_sentence_says_what_to_do(error):
    def step(batch):
        if batch == 2:
            raise error
        return 1.0, 1

    with pytest.raises(CourseError, match="not enough memory.*smaller `batch_size`") as caught:
        run_epochs(step, lambda epoch: [epoch], epochs=4, progress=False)
    assert len(caught.value.history) == 2 and caught.value.__cause__ is error


def test_the_memory_of_pytorch_ends_in_that_sentence():
    torch = pytest.importorskip("torch")
    with pytest.raises(CourseError, match="not enough memory"):
        run_epochs(lambda batch: torch.zeros(10**15), lambda epoch: [1], epochs=1, progress=False)


def test_the_memory_of_tensorflow_ends_in_that_sentence():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(CourseError, match="not enough memory"):
        run_epochs(lambda batch: tf.ones(10**15), lambda epoch: [1], epochs=1, progress=False)
