"""All lessons: what both adapters offer, described once, for whoever calls `help` on either.

Each function or class here has the signature and the docstring of those of its name in
`course_utils.pytorch` and `course_utils.tensorflow`. It computes nothing. In the texts, *tensor* is
a `torch.Tensor` in one adapter and a `tf.Tensor` in the other, and *model* a `torch.nn.Module` or
a `keras.Model`.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from course_utils.text.arguments import checked

Target = TypeVar("Target", bound=Callable)
_KERAS = {"forward": "call"}  # what PyTorch calls forward, Keras calls call


def implements(description: Callable, own: Sequence[str] = ()) -> Callable[[Target], Target]:
    """Return a decorator that gives a function, or a class and its methods, its docstring.

    Parameters
    ----------
    description : callable
        What stands in `course_utils.interface`.
    own : sequence of str
        Arguments for which the function has sentences of its own. Others of another type than its
        annotations say are refused.
    """

    def decorate(target: Target) -> Target:
        target.__doc__ = description.__doc__
        for name, method in vars(description).items():
            found = vars(target).get(name) or vars(target).get(_KERAS.get(name, ""))
            if isinstance(description, type) and found is not None and not name.startswith("__"):
                getattr(found, "fget", found).__doc__ = method.__doc__
        return checked(target, own)

    return decorate
