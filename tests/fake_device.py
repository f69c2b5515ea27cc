"""A GPU that is imitated on the processor, to find tensors that lie on the wrong side.

Within `FakeDevice()` PyTorch seems to have a GPU. What is put there still computes on the
processor, but its memory is marked. As on a real GPU, an operation that mixes both sides fails,
and so does turning a tensor of the GPU into an array. The marks belong to the memory, so views and
weights keep them.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

_TENSOR = torch.Tensor
_DEVICE = _TENSOR.device.__get__
# The first tensor says where the result lies; the others are copied, or hold positions or lengths.
_FIRST_DECIDES = {"copy_", "index", "index_put", "index_put_", "_pack_padded_sequence"}


class FakeDevice:
    """Imitate a GPU within a `with` block.

    Parameters
    ----------
    kind : {"cuda", "mps"}
        Apple's kind, "mps", also refuses float64.

    Attributes
    ----------
    taken : int
        The bytes that were put or computed there, all in all.
    moved : set of str
        The types of numbers of the tensors that were put there, such as "torch.float32".
    """

    def __init__(self, kind: str = "cuda"):
        self.kind, self.taken, self.moved, self.computes = kind, 0, set(), False
        self._marks: dict[int, StorageWeakRef] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "FakeDevice":
        for name, answer in {
            "cuda.is_available": lambda: self.kind == "cuda",
            "accelerator.current_accelerator": lambda check_available=False: None,  # no driver
            "cuda.get_device_name": lambda: "an imitated GPU",
            "cuda.is_bf16_supported": lambda: True,
            "cuda.max_memory_allocated": lambda: self.taken,
            "cuda.reset_peak_memory_stats": lambda: None,
            "backends.mps.is_available": lambda: self.kind == "mps",
            "mps.driver_allocated_memory": lambda: self.taken,
            "mps.manual_seed": lambda seed: None,
        }.items():
            self._stack.enter_context(patch(f"torch.{name}", answer))
        self._stack.enter_context(_Operations(self))
        self._stack.enter_context(_Calls(self))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def holds(self, tensor: torch.Tensor) -> bool:
        """Return whether a tensor lies on the imitated GPU."""
        mark = self._marks.get(_storage(tensor)._cdata)
        return mark is not None and not mark.expired()

    def mark(self, tensors: Iterable[torch.Tensor]) -> None:
        """Let tensors lie on the imitated GPU."""
        for tensor in tensors:
            if self.kind == "mps" and tensor.dtype == torch.float64:
                raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
            if not self.holds(tensor):
                self.taken += _storage(tensor).nbytes()
                mark = StorageWeakRef(_storage(tensor))  # no other takes its address
                self._marks[mark.cdata] = mark
        if len(self._marks) > 100_000:
            self._marks = {key: mark for key, mark in self._marks.items() if not mark.expired()}

    def unmark(self, tensors: Iterable[torch.Tensor]) -> None:
        """Let tensors lie on the processor's side."""
        for tensor in tensors:
            self._marks.pop(_storage(tensor)._cdata, None)

    def place(self, tensors: list[torch.Tensor], there: bool) -> None:
        (self.mark if there else self.unmark)(tensors)
        if there:
            self.moved |= {str(tensor.dtype) for tensor in tensors}

    @contextmanager
    def computing(self, there: bool) -> Iterator[None]:
        """Within the block, what is made without tensors belongs to a computation there, or not."""
        before, self.computes = self.computes, there
        try:
            yield
        finally:
            self.computes = before


class _Calls(TorchFunctionMode):
    """What Python calls: here the GPU has its name, which PyTorch itself must not hear."""

    def __init__(self, fake: FakeDevice):
        super().__init__()
        self.fake = fake

    def __torch_function__(self, function, types, args=(), kwargs=None):
        fake, kwargs = self.fake, kwargs or {}
        tensors = _tensors(args, kwargs)
        there = any(map(fake.holds, tensors))
        if function == _DEVICE:
            return torch.device(fake.kind, 0) if there else function(*args)
        if function in (_TENSOR.numpy, _TENSOR.__array__) and there:
            raise TypeError(f"can't convert {fake.kind}:0 device type tensor to numpy")
        wanted = self._wanted_device(function, args, kwargs)
        if wanted is None:
            with fake.computing(there):
                found = function(*args, **kwargs)
            if there:
                given = {_storage(tensor)._cdata for tensor in tensors}
                fake.mark(t for t in _tensors(found) if _storage(t)._cdata not in given)
            return found
        to_gpu = str(wanted).startswith(fake.kind)
        args, kwargs = tree_map(self._on_cpu, (args, kwargs))
        with fake.computing(to_gpu):
            found = function(*args, **kwargs)
            if function in (_TENSOR.to, _TENSOR.cpu):
                if to_gpu == fake.holds(args[0]):
                    return found
                found = found.clone()  # the other side has a memory of its own
        fake.place(_tensors(found), to_gpu)
        return found

    def _wanted_device(self, function, args, kwargs):
        """Return the device that a call names, or None."""
        if function is _TENSOR.cpu:
            return "cpu"
        if function is _TENSOR.to and len(args) > 1:
            if isinstance(args[1], torch.Tensor):
                return self.fake.kind if self.fake.holds(args[1]) else "cpu"
            if isinstance(args[1], torch.device | str):
                return args[1]
        return kwargs.get("device")

    def _on_cpu(self, value):
        named = isinstance(value, torch.device | str) and str(value).startswith(self.fake.kind)
        return "cpu" if named else value


class _Operations(TorchDispatchMode):
    """What PyTorch computes, backward passes and optimizers included."""

    def __init__(self, fake: FakeDevice):
        super().__init__()
        self.fake = fake

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        fake, name = self.fake, operation.overloadpacket.__name__
        tensors = _tensors(args, kwargs or {})
        there = any(map(fake.holds, tensors))
        here = any(tensor.ndim > 0 and not fake.holds(tensor) for tensor in tensors)
        if name in _FIRST_DECIDES:
            there, here = fake.holds(tensors[0]), not fake.holds(tensors[0])
            mixed = name != "copy_" and here and any(map(fake.holds, tensors))
        else:
            mixed = here and there
        if mixed:
            raise RuntimeError(
                "Expected all tensors to be on the same device, but found at least two devices, "
                f"{fake.kind}:0 and cpu! ({name})"
            )
        found = operation(*args, **(kwargs or {}))
        if there or (not tensors and fake.computes):
            fake.mark(_tensors(found))
        return found


def _storage(tensor: torch.Tensor) -> torch.UntypedStorage:
    if tensor.is_sparse:  # as the gradients of some tables are: rows and their numbers
        with no_dispatch():
            tensor = tensor._values()
    return tensor.untyped_storage()


def _tensors(*values: object) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]
