"""How the learning rate changes from step to step."""

import math
from functools import partial

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.checks import check_positive, whole_number


def _check(step: int, steps: int, peak: float, warmup_steps: int) -> None:
    whole_number(warmup_steps, "The number of warmup_steps", 0)
    check_positive(peak, "The peak of the learning rate")
    if not 0 <= whole_number(step, "The step") <= whole_number(steps, "The number of steps", 1):
        raise InputError(f"The schedule has the steps 0 to {steps}, not {step}.")


@partial(checked, own=True)
def linear_schedule(step: int, steps: int, peak: float, warmup_steps: int) -> float:
    """Return the learning rate of a step: it rises to the peak, then falls, both linearly.

    The rise is `peak * (step + 1) / warmup_steps`, so that no step has the rate 0. From step
    `warmup_steps` on, the rate is `peak * (steps - step) / (steps - warmup_steps)`: the peak at
    first, one last share of it at the last step, and 0 only at step `steps`, which is not taken.
    This is the linear schedule of Hugging Face's `get_linear_schedule_with_warmup`, but for the
    rise, which begins one step earlier.

    Parameters
    ----------
    step : int
        From 0 to `steps - 1`.
    steps : int
        All optimizer steps of the training, one for each batch.
    peak : float
        The highest rate. It is reached if `warmup_steps` is at most `steps`.
    warmup_steps : int
        Steps of the rise; 0 begins with the peak.

    Raises
    ------
    InputError
        If `step` is not from 0 to `steps`, the peak is not above 0, or `warmup_steps` is no
        whole number from 0 up.

    References
    ----------
    J. Devlin et al., BERT, 2019, appendix A.2.
    """
    _check(step, steps, peak, warmup_steps)
    if step < warmup_steps:
        return peak * ((step + 1) / warmup_steps)
    return peak * ((steps - step) / (steps - warmup_steps))


@partial(checked, own=True)
def cosine_schedule(step: int, steps: int, peak: float, warmup_steps: int) -> float:
    """Return the learning rate of a step: it rises linearly, then falls along half a cosine.

    The rise is that of `linear_schedule`. From step `warmup_steps` on, the rate is
    `peak * (1 + cos(pi * share)) / 2`, where `share` is the part of the fall that is done: from 0,
    which gives the peak, to just below 1 at the last step.

    Parameters
    ----------
    step, steps, peak, warmup_steps
        As in `linear_schedule`.

    Raises
    ------
    InputError
        If `step` is not from 0 to `steps`, the peak is not above 0, or `warmup_steps` is no
        whole number from 0 up.

    References
    ----------
    I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, eq. 5.
    """
    _check(step, steps, peak, warmup_steps)
    if step < warmup_steps:
        return peak * ((step + 1) / warmup_steps)
    share = (step - warmup_steps) / (steps - warmup_steps)
    return peak * ((1 + math.cos(math.pi * share)) / 2)
