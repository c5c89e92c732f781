"""What Keras's `get_weights()` gives and `set_weights()` takes, to and from stacks of arrays; see `grulib.convert.pytorch`."""

from grulib.checks import check_bool
from grulib.convert.stacks import check_arrays, copied

_NAMES = ("kernel", "recurrent_kernel", "bias")


def from_keras(weights, reset_after):
    """Keras: what get_weights() gives for each layer, a list of lists, to a stack of arrays.

    A layer is a GRU (three arrays, or two without biases) or a Bidirectional around it (six, or four). The notation is
    "Keras reset_after=True" or "Keras reset_after=False".
    """
    check_bool("reset_after", reset_after)
    if not isinstance(weights, list) or not all(isinstance(layer, list) for layer in weights):
        raise TypeError("weights must be a list of what get_weights() returns for each layer")
    stack = []
    for number, arrays in enumerate(weights):
        if len(arrays) not in (2, 3, 4, 6):
            raise ValueError(
                f"weights must have 2 or 3 arrays for each layer, twice as many if both ways, got {len(arrays)} "
                f"in layer {number}"
            )
        size = 3 if len(arrays) % 3 == 0 else 2
        parts = [arrays[i : i + size] for i in range(0, len(arrays), size)]
        stack.append([dict(zip(_NAMES, map(copied, part))) for part in parts])
    check_arrays("weights", stack, f"Keras reset_after={reset_after}")
    return stack


def to_keras(stack, reset_after):
    """Keras: a stack of arrays in one of Keras's notations to a list for each layer's set_weights()."""
    check_bool("reset_after", reset_after)
    check_arrays("stack", stack, f"Keras reset_after={reset_after}")
    return [[arrays[name].copy() for arrays in layer for name in _NAMES if name in arrays] for layer in stack]
