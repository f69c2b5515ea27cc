"""How the learning rate changes from step to step."""

import math


def linear_schedule(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Return the learning rate of a step: rising to `peak`, then falling to a fiftieth of it.

    Parameters
    ----------
    step : int
        From 0; `steps` are all optimizer steps of the training, one for each batch.
    warm_up : int
        Steps until the peak.

    References
    ----------
    A. Vaswani et al., Attention is all you need, 2017, section 5.3 (with another fall).
    """
    return peak * min(1.0, (step + 1) / max(warm_up, 1)) * max(0.02, 1 - step / steps)


def cosine_schedule(step: int, steps: int, peak: float, warm_up: int = 20) -> float:
    """Return the learning rate of a step (0, 1, ...): up to the peak, then down half a cosine.

    References
    ----------
    I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, eq. 5.
    """
    fall = 0.05 + 0.95 * (1 + math.cos(math.pi * min(step / steps, 1))) / 2
    return peak * min(1.0, (step + 1) / warm_up) * fall
