"""The training loop, without any framework."""

import numpy as np
import pytest

from course_utils.errors import CourseError, InputError
from course_utils.training import History, minibatches, run_epochs


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


def test_a_loss_that_is_no_number_is_one_clear_error():
    with pytest.raises(CourseError, match="lower the learning rate"):
        run_epochs(lambda b: (float("nan"), 1), one_batch, epochs=1, progress=False)


def test_bad_settings_are_clear_errors():
    with pytest.raises(InputError, match="number of epochs must be at least 1"):
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
