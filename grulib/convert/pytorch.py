"""PyTorch's state_dicts of `nn.GRU` and `nn.GRUCell`, to and from stacks of arrays in the notation "PyTorch".

Nothing is converted here: each function opens or packs a container, checks every array in it, and copies. In between,
`grulib.convert.stacks.convert_stack` goes from one framework's arrays to another's. Every function raises TypeError or
ValueError that names the layer and array which is missing, unknown or misshapen. The chapter "Frameworks" uses them all.
"""

import re

import torch

from grulib.checks import check_dense, check_str
from grulib.convert.stacks import check_arrays

_NAME = re.compile(r"((?:weight|bias)_(?:ih|hh))(?:_l(0|[1-9][0-9]*)(_reverse)?)?")


def from_state_dict(state, prefix=""):
    """PyTorch: the state_dict of an nn.GRU or nn.GRUCell to a stack of arrays in the notation "PyTorch".

    In the state_dict of a larger model the GRU's names have a prefix, such as "gru."; entries elsewhere are not read.
    """
    if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
        raise TypeError("state must be a dictionary from names to tensors, as state_dict() returns it")
    check_str("prefix", prefix)
    found = {}
    for key in state:
        if key.startswith(prefix):
            match = _NAME.fullmatch(key.removeprefix(prefix))
            if match is None:
                raise ValueError(
                    f"state must have only a GRU's weights under the prefix {prefix!r}, got {key!r}{_hint(state, prefix)}"
                )
            name, layer, reverse = match.groups()
            direction = found.setdefault((layer or "0", reverse is not None), {})
            if name in direction:
                raise ValueError(
                    f"state must have one {name} for each layer and direction, got {key!r} as a second one"
                )
            direction[name] = key
    if not found:
        raise ValueError(f"state must have a GRU's weights under the prefix {prefix!r}, got none{_hint(state, prefix)}")
    layers = {layer for layer, _ in found}
    for number in range(len(layers)):
        if str(number) not in layers:
            raise ValueError(
                f"state must have its layers numbered from 0 on, got {len(layers)} of them without layer {number}"
            )
    stack = [
        [
            {
                name: to_array(f"state[{key!r}]", state[key])
                for name, key in found.get((str(layer), reverse), {}).items()
            }
            for reverse in sorted({reverse for _, reverse in found} | {False})
        ]
        for layer in range(len(layers))
    ]
    check_arrays("state", stack, "PyTorch")
    return stack


def to_state_dict(stack, prefix=""):
    """PyTorch: a stack of arrays in the notation "PyTorch" to the state_dict of an nn.GRU; the inverse of the above.

    An nn.GRUCell's state_dict is `{name: torch.from_numpy(array)}` for the arrays of one direction.
    """
    check_arrays("stack", stack, "PyTorch")
    check_str("prefix", prefix)
    return {
        f"{prefix}{name}_l{layer}{'_reverse' * direction}": torch.from_numpy(array.copy())
        for layer, row in enumerate(stack)
        for direction, arrays in enumerate(row)
        for name, array in arrays.items()
    }


def to_array(name, tensor):
    """A copy of a tensor, float32 or float64, in NumPy. Raises TypeError, with this name, for anything else."""
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"{name} must be a tensor, got {type(tensor).__name__}")
    check_dense(name, tensor)
    if tensor.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name} must have dtype float32 or float64, got {tensor.dtype}")
    return tensor.detach().cpu().numpy().copy()


def _hint(state, prefix):
    """Where else in a model's state_dict there are recurrent weights."""
    others = sorted({key[: key.index("weight_ih")] for key in state if "weight_ih" in key} - {prefix})
    return f"; there are recurrent weights under {', '.join(map(repr, others))}" if others else ""
