"""Where the models and the data of a PyTorch notebook lie."""

import numpy as np
import torch

from course_utils.pytorch.device import to_tensor
from course_utils.tools.gpu import GpuUse


def gpu_use(variables: dict[str, object]) -> GpuUse:
    """Return where the models among some variables, such as `globals()`, and new data lie."""
    models = {}
    for name, value in variables.items():
        if isinstance(value, torch.nn.Module) and list(value.parameters()):
            size = sum(weights.nbytes for weights in value.parameters())
            models[name] = (size, str(next(value.parameters()).device))
    return GpuUse(models, str(to_tensor(np.zeros(1)).device), _gpu_memory())


def _gpu_memory() -> int:
    """Return the most bytes that were taken at one time; on Apple's GPUs, those taken now."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return torch.mps.driver_allocated_memory() if torch.backends.mps.is_available() else 0
