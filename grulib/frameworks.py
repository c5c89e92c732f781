"""Weights as frameworks store them, to and from stacks of arrays (`grulib.stacks`), files, and a graph for ONNX.

Nothing is converted here: each function only opens or packs a container. `grulib.stacks.convert_stack` goes from one
framework's arrays to another's. The chapter "Frameworks" uses them all.
"""

import os
import re
from pathlib import Path

import numpy as np
import onnx
import safetensors.torch
import torch
from onnx import TensorProto, helper, numpy_helper

from grulib.notations import notation
from grulib.stacks import check_stack


def from_state_dict(state, prefix=""):
    """PyTorch: the state_dict of an nn.GRU or nn.GRUCell to a stack of arrays in the notation "PyTorch".

    In the state_dict of a larger model the GRU's names have a prefix, such as "gru."; entries elsewhere are not read.
    Tensors are copied. Raises TypeError or ValueError that names the entry which is missing, unknown or no tensor.
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
                    f"state must have only a GRU's weights under the prefix {prefix!r}, got {key!r}{_hint(state)}"
                )
            name, layer, reverse = match.groups()
            found.setdefault((int(layer or 0), reverse is not None), {})[name] = _to_array(key, state[key])
    layers, directions = len({layer for layer, _ in found}), len({reverse for _, reverse in found})
    places = [[(layer, reverse) for reverse in (False, True)[:directions]] for layer in range(layers)]
    missing = [place for row in places for place in row if place not in found]
    if not found or missing:
        what = f"layer {missing[0][0]}{', reverse' * missing[0][1]}" if missing else "a GRU"
        raise ValueError(f"state must have the weights of {what} under the prefix {prefix!r}, got none{_hint(state)}")
    return [[found[place] for place in row] for row in places]


def to_state_dict(stack, prefix=""):
    """PyTorch: a stack of arrays in the notation "PyTorch" to the state_dict of an nn.GRU; the inverse of the above.

    An nn.GRUCell's state_dict is `{name: torch.from_numpy(array)}` for the arrays of one direction.
    """
    check_stack(stack, dict)
    return {
        f"{prefix}{name}_l{layer}{'_reverse' * direction}": torch.from_numpy(array.copy())
        for layer, row in enumerate(stack)
        for direction, arrays in enumerate(row)
        for name, array in arrays.items()
    }


def load_weights(path):
    """A file of weights to a dictionary of tensors, without running any code in it.

    A name that ends in .safetensors is read as such, any other by torch.load with weights_only=True. Raises
    FileNotFoundError, or ValueError if the file is broken, truncated, of another kind, or holds more than tensors.
    """
    path = Path(path)
    try:
        if path.suffix == ".safetensors":
            state = safetensors.torch.load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:  # each reader has its own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"path must be a whole file of weights and nothing else, got {path.name}: {reason}") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ValueError(f"path must hold a dictionary of tensors, got {path.name} with {_content(state)}")
    return dict(state)


def save_weights(state, path):
    """A dictionary of tensors to a safetensors file; the file is there whole or not at all."""
    path = Path(path)
    if path.suffix != ".safetensors":
        raise ValueError(f"path must end in .safetensors, got {path.name}")
    unfinished = path.with_suffix(".unfinished")
    try:
        safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in state.items()}, unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def from_keras(weights, reset_after):
    """Keras: what get_weights() gives for each layer, a list of lists, to a stack of arrays.

    A layer is a GRU (three arrays, or two without biases) or a Bidirectional around it (six, or four). The notation is
    "Keras reset_after=True" or "Keras reset_after=False". Raises TypeError or ValueError.
    """
    names = list(notation(f"Keras reset_after={reset_after}").layout)
    stack = []
    for arrays in weights:
        if len(arrays) not in (2, 3, 4, 6):
            raise ValueError(
                f"weights must have 2 or 3 arrays for each layer, twice as many if both ways, got {len(arrays)}"
            )
        size = 2 if len(arrays) in (2, 4) else 3
        stack.append([dict(zip(names, arrays[i : i + size])) for i in range(0, len(arrays), size)])
    check_stack(stack, dict)
    return stack


def to_keras(stack):
    """Keras: a stack of arrays in a notation of Keras to a list for each layer's set_weights()."""
    check_stack(stack, dict)
    return [[array for arrays in layer for array in arrays.values()] for layer in stack]


def from_onnx(nodes):
    """ONNX: the tensors W, R and B (if there is one) of each GRU node, a list of dictionaries, to a stack of arrays.

    Their first axis, the directions, is taken apart. The notation is "ONNX linear_before_reset=1" or "...=0", which the
    tensors do not tell: it is the node's attribute.
    """
    stack = [[{name: t[i] for name, t in node.items()} for i in range(len(node["W"]))] for node in nodes]
    check_stack(stack, dict)
    return stack


def to_onnx(stack):
    """ONNX: a stack of arrays in a notation of ONNX to the tensors of each node; the inverse of the above."""
    check_stack(stack, dict)
    return [{name: np.stack([arrays[name] for arrays in layer]) for name in layer[0]} for layer in stack]


def onnx_model(stack, linear_before_reset):
    """An ONNX model of a stack of arrays in a notation of ONNX, to be run by ONNX Runtime or any other runtime.

    linear_before_reset is the operator's attribute: 1 for reset after, 0 for reset before. Inputs: x (B, T, D) and
    lengths (B,), int32. Outputs as `grulib.stacks.run` returns them: outputs (B, T, directions * H), and last
    (layers * directions, B, H). Raises TypeError or ValueError.
    """
    check_stack(stack, dict)
    D, H = notation(f"ONNX linear_before_reset={linear_before_reset}").sizes(stack[0][0])
    tensors = to_onnx(stack)
    directions = len(stack[0])
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


_TORCH_NAME = re.compile(r"((?:weight|bias)_(?:ih|hh))(?:_l(\d+)(_reverse)?)?")


def _to_array(key, tensor):
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"state must have a tensor under {key!r}, got {type(tensor).__name__}")
    if tensor.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"state must have tensors of dtype float32 or float64, got {tensor.dtype} under {key!r}")
    return tensor.detach().cpu().numpy().copy()


def _hint(state):
    """Where in a model's state_dict there are recurrent weights."""
    prefixes = sorted({key[: key.index("weight_ih")] for key in state if "weight_ih" in key})
    return f"; there are recurrent weights under {', '.join(map(repr, prefixes))}" if prefixes else ""


def _content(state):
    if not isinstance(state, dict):
        return f"a {type(state).__name__}"
    others = [f"{key!r}: {type(value).__name__}" for key, value in state.items() if not isinstance(value, torch.Tensor)]
    return ", ".join(others)
