"""All lessons: what both adapters offer, described once, for whoever calls `help` on either.

Each function or class here has the signature and the docstring of those of its name in
`course_utils.pytorch` and `course_utils.tensorflow`. It computes nothing. In the texts, *tensor* is
a `torch.Tensor` in one adapter and a `tf.Tensor` in the other, and *model* a `torch.nn.Module` or
a `keras.Model`.
"""

from collections.abc import Callable
from typing import TypeVar

Target = TypeVar("Target", bound=Callable)
_KERAS = {"forward": "call"}  # what PyTorch calls forward, Keras calls call


def implements(description: Callable) -> Callable[[Target], Target]:
    """Return a decorator that gives a function, or a class and its methods, its docstring."""

    def decorate(target: Target) -> Target:
        target.__doc__ = description.__doc__
        for name, method in vars(description).items():
            own = vars(target).get(name) or vars(target).get(_KERAS.get(name, ""))
            if isinstance(description, type) and own is not None and not name.startswith("__"):
                getattr(own, "fget", own).__doc__ = method.__doc__
        return target

    return decorate
