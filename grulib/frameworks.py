"""Weights as frameworks store them, to and from stacks of arrays (`grulib.stacks`); files; and a graph for ONNX.

Nothing is converted here: each function opens or packs a container, checks every array in it, and copies. In between,
`grulib.stacks.convert_stack` goes from one framework's arrays to another's. The chapter "Frameworks" uses them all.
Every function raises TypeError or ValueError that names the layer and array which is missing, unknown or misshapen.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import safetensors.torch
import torch
from onnx import TensorProto, helper, numpy_helper

from grulib.checks import check_bool
from grulib.stacks import check_arrays


def from_state_dict(state, prefix=""):
    """PyTorch: the state_dict of an nn.GRU or nn.GRUCell to a stack of arrays in the notation "PyTorch".

    In the state_dict of a larger model the GRU's names have a prefix, such as "gru."; entries elsewhere are not read.
    """
    if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
        raise TypeError("state must be a dictionary from names to tensors, as state_dict() returns it")
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be a str, got {prefix!r}")
    found = {}
    for key in state:
        if key.startswith(prefix):
            match = _TORCH_NAME.fullmatch(key.removeprefix(prefix))
            if match is None:
                raise ValueError(
                    f"state must have only a GRU's weights under the prefix {prefix!r}, got {key!r}{_hint(state, prefix)}"
                )
            name, layer, reverse = match.groups()
            direction = found.setdefault((int(layer or 0), reverse is not None), {})
            if name in direction:
                raise ValueError(
                    f"state must have one {name} for each layer and direction, got {key!r} as a second one"
                )
            direction[name] = _to_array(key, state[key])
    if not found:
        raise ValueError(f"state must have a GRU's weights under the prefix {prefix!r}, got none{_hint(state, prefix)}")
    layers = 1 + max(layer for layer, _ in found)
    directions = 1 + max(reverse for _, reverse in found)
    stack = [[found.get((layer, bool(reverse)), {}) for reverse in range(directions)] for layer in range(layers)]
    check_arrays("state", stack, "PyTorch")
    return stack


def to_state_dict(stack, prefix=""):
    """PyTorch: a stack of arrays in the notation "PyTorch" to the state_dict of an nn.GRU; the inverse of the above.

    An nn.GRUCell's state_dict is `{name: torch.from_numpy(array)}` for the arrays of one direction.
    """
    check_arrays("stack", stack, "PyTorch")
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be a str, got {prefix!r}")
    return {
        f"{prefix}{name}_l{layer}{'_reverse' * direction}": torch.from_numpy(array.copy())
        for layer, row in enumerate(stack)
        for direction, arrays in enumerate(row)
        for name, array in arrays.items()
    }


def load_weights(path):
    """A file of weights to a dictionary of tensors, without running any code in it.

    A name that ends in .safetensors is read as such, any other by torch.load with weights_only=True. To write one, use
    safetensors.torch.save_file. Raises FileNotFoundError, or ValueError if the file is broken, truncated, of another
    kind, or holds anything but tensors.
    """
    if not isinstance(path, (str, Path)):
        raise TypeError(f"path must be a str or a Path, got {type(path).__name__}")
    path = Path(path)
    try:
        if path.suffix == ".safetensors":
            state = safetensors.torch.load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:  # each reader has its own, and PyTorch's advise to load without the precaution
        raise ValueError(
            f"path must be a whole file of tensors and nothing else, got {path.name}, which is broken or of another kind, "
            f"or asks for code to be run ({type(error).__name__})"
        ) from error
    others = [v for v in state.values() if not isinstance(v, torch.Tensor)] if isinstance(state, dict) else [state]
    if others:
        kind = type(others[0]).__name__
        raise ValueError(f"path must hold a dictionary of tensors, got {path.name} with a {kind} in it")
    return dict(state)


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
        stack.append([dict(zip(_KERAS_NAMES, map(_copy, part))) for part in parts])
    check_arrays("weights", stack, f"Keras reset_after={reset_after}")
    return stack


def to_keras(stack, reset_after):
    """Keras: a stack of arrays in one of Keras's notations to a list for each layer's set_weights()."""
    check_bool("reset_after", reset_after)
    check_arrays("stack", stack, f"Keras reset_after={reset_after}")
    return [[arrays[name].copy() for arrays in layer for name in _KERAS_NAMES if name in arrays] for layer in stack]


def from_onnx(nodes, linear_before_reset):
    """ONNX: the tensors W, R and B (if there is one) of each GRU node, a list of dictionaries, to a stack of arrays.

    Their first axis, the directions, is taken apart. The notation is "ONNX linear_before_reset=1" or "...=0": the
    node's attribute. A node whose direction is "reverse" has one direction, the backward one, and is not for this.
    """
    name = _onnx_notation(linear_before_reset)
    if not isinstance(nodes, list) or not all(isinstance(node, dict) and node for node in nodes):
        raise TypeError("nodes must be a list of dictionaries of tensors, one for each layer")
    for number, node in enumerate(nodes):
        directions = {key: len(_copy(tensor)) if np.ndim(tensor) else 0 for key, tensor in node.items()}
        if len(set(directions.values())) > 1:
            raise ValueError(f"nodes must have as many directions in each tensor, got {directions} in layer {number}")
    stack = [
        [{key: _copy(tensor[i]) for key, tensor in node.items()} for i in range(len(next(iter(node.values()))))]
        for node in nodes
    ]
    check_arrays("nodes", stack, name)
    return stack


def to_onnx(stack, linear_before_reset):
    """ONNX: a stack of arrays in one of ONNX's notations to the tensors of each node; the inverse of the above."""
    check_arrays("stack", stack, _onnx_notation(linear_before_reset))
    return [{name: np.stack([arrays[name] for arrays in layer]) for name in layer[0]} for layer in stack]


def onnx_model(stack, linear_before_reset):
    """An ONNX model of a stack of arrays in a notation of ONNX, to be run by ONNX Runtime or any other runtime.

    linear_before_reset is the operator's attribute: 1 for reset after, 0 for reset before. Inputs: x (B, T, D) and
    lengths (B,), int32. Outputs as `grulib.stacks.run` returns them: outputs (B, T, directions * H), and last
    (layers * directions, B, H).
    """
    tensors = to_onnx(stack, linear_before_reset)
    directions, _, D = tensors[0]["W"].shape
    H = tensors[0]["R"].shape[2]
    nodes = [helper.make_node("Transpose", ["x"], ["x0"], perm=[1, 0, 2])]  # (T, B, D): ONNX has time first
    for layer, node in enumerate(tensors):
        inputs = [f"x{layer}", *(f"{name}{layer}" if name in node else "" for name in "WRB"), "lengths"]
        nodes += [
            helper.make_node(
                "GRU",
                inputs,
                [f"y{layer}", f"last{layer}"],  # (T, directions, B, H) and (directions, B, H)
                hidden_size=H,
                linear_before_reset=linear_before_reset,
                direction="bidirectional" if directions == 2 else "forward",
            ),
            helper.make_node("Transpose", [f"y{layer}"], [f"rows{layer}"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"rows{layer}", "joined"], [f"x{layer + 1}"]),  # (T, B, directions * H)
        ]
    nodes.append(helper.make_node("Transpose", [f"x{len(stack)}"], ["outputs"], perm=[1, 0, 2]))
    nodes.append(helper.make_node("Concat", [f"last{layer}" for layer in range(len(stack))], ["last"], axis=0))

    weights = {f"{name}{layer}": array for layer, node in enumerate(tensors) for name, array in node.items()}
    weights["joined"] = np.array([0, 0, directions * H])  # 0: as it was
    kind = helper.np_dtype_to_tensor_dtype(tensors[0]["W"].dtype)
    values = {
        "x": (kind, ["B", "T", D]),
        "lengths": (TensorProto.INT32, ["B"]),
        "outputs": (kind, ["B", "T", directions * H]),
        "last": (kind, [len(stack) * directions, "B", H]),
    }
    described = [helper.make_tensor_value_info(name, *value) for name, value in values.items()]
    graph = helper.make_graph(
        nodes, "gru", described[:2], described[2:], [numpy_helper.from_array(a, name) for name, a in weights.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


_TORCH_NAME = re.compile(r"((?:weight|bias)_(?:ih|hh))(?:_l(0|[1-9][0-9]*)(_reverse)?)?")
_KERAS_NAMES = ("kernel", "recurrent_kernel", "bias")


def _to_array(key, tensor):
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"state must have a tensor under {key!r}, got {type(tensor).__name__}")
    if tensor.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"state must have tensors of dtype float32 or float64, got {tensor.dtype} under {key!r}")
    return tensor.detach().cpu().numpy().copy()


def _copy(array):
    """A copy of an array; anything else is left for the check of arrays to refuse."""
    return array.copy() if isinstance(array, np.ndarray) else array


def _onnx_notation(linear_before_reset):
    if type(linear_before_reset) is not int or linear_before_reset not in (0, 1):
        raise ValueError(f"linear_before_reset must be 0 or 1, got {linear_before_reset!r}")
    return f"ONNX linear_before_reset={linear_before_reset}"


def _hint(state, prefix):
    """Where else in a model's state_dict there are recurrent weights."""
    others = sorted({key[: key.index("weight_ih")] for key in state if "weight_ih" in key} - {prefix})
    return f"; there are recurrent weights under {', '.join(map(repr, others))}" if others else ""
