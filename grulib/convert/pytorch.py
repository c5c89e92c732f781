"""PyTorch: whole modules and files, and state_dicts of `nn.GRU` and `nn.GRUCell`, to and from stacks of arrays in the notation "PyTorch".

Nothing is converted here: each function opens or packs a container, checks every array in it, and copies. In between,
`grulib.convert.stacks.convert_stack` goes from one framework's arrays to another's. Every function raises TypeError or
ValueError that names the layer and array which is missing, unknown or misshapen. The chapter "Frameworks" uses them all.
"""

import re
from pathlib import Path

import torch
from torch import nn

from grulib.checks import check_dense, check_str
from grulib.convert.files import read
from grulib.convert.layers import HONOURED, NOTHING, Layer
from grulib.convert.stacks import check_arrays

# What `read_torch` does with each option of nn.GRU and nn.GRUCell.
OPTIONS = {
    "input_size": (HONOURED, "the D of the arrays"),
    "hidden_size": (HONOURED, "the H of the arrays"),
    "num_layers": (HONOURED, "layers of the stack"),
    "bias": (HONOURED, "no biases are zero"),
    "bidirectional": (HONOURED, "directions of the stack"),
    "dtype": (HONOURED, "float32 or float64; others are refused by name"),
    "batch_first": (NOTHING, "the order of the data's axes, here always (B, T, D)"),
    "dropout": (NOTHING, "between layers, acts in training only"),
    "device": (NOTHING, "where it is computed; arrays are copied to the processor"),
}
# What stands in a module or a state_dict in place of a weight that something makes anew, and how to make it a weight again.
REMEDIES = {
    "parametrizations": "torch.nn.utils.parametrize.remove_parametrizations(module, name)",
    "_orig": "torch.nn.utils.prune.remove(module, name), or remove_spectral_norm where it has such a norm",
    "_g": "torch.nn.utils.remove_weight_norm(module, name)",
    "_v": "torch.nn.utils.remove_weight_norm(module, name)",
    "_raw": "the library's own way to remove its weight drop, or store the _raw tensor under the weight's name",
    "_packed_params": "the module before it was quantised",
    "_all_weight_values": "the module before it was quantised",
}
_MADE = re.compile(
    r"(?P<prefix>.*?)(?:(?P<where>parametrizations)\.(?:weight|bias)_[ih]h\w*\.original\d?"
    r"|(?:weight|bias)_[ih]h(?:_l\d+)?(?:_reverse)?(?P<suffix>_orig|_mask|_g|_v|_raw)|(?P<packed>_packed_params|_all_weight_values)\b.*)"
)
_NAME = re.compile(r"((?:weight|bias)_(?:ih|hh))(?:_l(0|[1-9][0-9]*)(_reverse)?)?")


def read_torch(model):
    """Every GRU of a PyTorch model, by its name: a dictionary of `grulib.convert.layers.Layer`.

    model: a module, a state_dict or a checkpoint around one (dictionaries in dictionaries, with numbers and whatever else
    beside the tensors, which are not read), or a path to a file of either, or of safetensors or .npz, which is read without
    running code. The name is where the GRU stands, such as "encoder.gru"; "" is the model itself. A state_dict does not
    say what kind of layer it is from: what has 3H rows is a GRU. Every option of the module is honoured: see OPTIONS. Raises TypeError or
    ValueError that names the module and what to do, FileNotFoundError.
    """
    if isinstance(model, (str, Path)):
        model = read(model)
    if isinstance(model, nn.Module):
        return _from_module(model)
    if isinstance(model, dict):
        return _from_checkpoint(model)
    raise TypeError(f"model must be a module, a dictionary or a path, got {type(model).__name__}")


def _from_module(model):
    found = {}
    for name, module in model.named_modules():
        kind = type(module)
        where = f"module {name!r}" if name else "model"
        if isinstance(module, torch.jit.ScriptModule):
            raise TypeError(f"{where} must not be TorchScript: its weights are in state_dict(), which read_torch takes")
        if kind.__name__ in ("GRU", "GRUCell") and "quantized" in kind.__module__:
            raise TypeError(
                f"{where} must be torch.nn.{kind.__name__}, got {kind.__module__}.{kind.__name__}: "
                f"read {REMEDIES['_packed_params']}"
            )
        if not isinstance(module, (nn.GRU, nn.GRUCell)):
            continue
        for key in [*dict(module.named_parameters()), *dict(module.named_buffers())]:
            _refuse_made(key, where)
        base = nn.GRU if isinstance(module, nn.GRU) else nn.GRUCell
        own = "forward" in vars(module) or kind.__call__ is not nn.Module.__call__
        if kind.forward is not base.forward or own:
            raise TypeError(
                f"{where} must be torch.nn.{base.__name__}, got the subclass {kind.__name__} with a forward of its own"
            )
        remarks = []
        if module._forward_hooks or module._forward_pre_hooks:
            remarks.append("hooks are called around it, which may change what it gives")
        state = dict(module.named_parameters(remove_duplicate=False))  # layers may share their weights
        found[name] = Layer(from_state_dict(state), "PyTorch", remarks=tuple(remarks))
    if not found:
        others = sorted(
            {type(module).__name__ for module in model.modules() if isinstance(module, (nn.RNNBase, nn.RNNCellBase))}
        )
        raise ValueError(
            f"model must have a torch.nn.GRU or GRUCell, got none{', but ' + ', '.join(others) if others else ''}"
        )
    return found


def _from_checkpoint(model):
    tensors = dict(_tensors(model, ""))
    groups = {}  # the names that belong to each recurrent layer, as weights or as what makes them
    for key in tensors:
        head, dot, name = key.rpartition(".")
        made = _MADE.fullmatch(key)
        if _NAME.fullmatch(name) or made:
            groups.setdefault(made["prefix"] if made else head + dot, []).append(key)
    found, others = {}, set()
    for prefix, keys in groups.items():
        matrices = [tensors[key] for key in keys if "weight_hh" in key and tensors[key].ndim == 2]
        rows = {len(matrix) / matrix.shape[1] for matrix in matrices if matrix.shape[1]}
        if rows and 3 not in rows:
            others.add({4: "LSTM", 1: "plain RNN"}.get(min(rows), "LSTM with a projection"))
            continue
        for key in keys:
            _refuse_made(key, "model")
        state = {key: tensors[key] for key in keys}
        inside = [key for key in tensors if key.startswith(prefix) and key not in state]
        beside = [key for key in inside if prefix or "." not in key]
        if beside:
            raise ValueError(
                f"model must have a GRU's weights alone under {prefix!r}, got {beside[0]!r} beside them: a class of "
                "somebody's own, which may compute something else"
            )
        found[prefix.removesuffix(".")] = Layer(from_state_dict(state, prefix), "PyTorch")
    if not found:
        of = f", but of {', '.join(sorted(others))}" if others else ""
        raise ValueError(f"model must have a GRU's weights, got {len(tensors)} tensors without{of}")
    return found


def _tensors(value, name):
    """Pairs of a name, its parts joined by dots, and a tensor, for all tensors in dictionaries in dictionaries."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _tensors(inner, f"{name}.{key}" if name else str(key))


def _refuse_made(key, where):
    match = _MADE.fullmatch(key)
    if match:
        kind = match["where"] or match["packed"] or match["suffix"].replace("_mask", "_orig")
        raise ValueError(
            f"{where} must have its weights as they are, got {key!r}, from which something makes a weight at each call: "
            f"use {REMEDIES[kind]}"
        )


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
