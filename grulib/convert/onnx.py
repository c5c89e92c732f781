"""ONNX's operator GRU: its tensors, to and from stacks of arrays, and a graph that runs; see `grulib.convert.pytorch`."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from grulib.checks import shown
from grulib.convert.stacks import check_arrays, copied


def from_onnx(nodes, linear_before_reset):
    """ONNX: the tensors W, R and B (if there is one) of each GRU node, a list of dictionaries, to a stack of arrays.

    Their first axis, the directions, is taken apart. The notation is "ONNX linear_before_reset=1" or "...=0": the
    node's attribute. A node whose direction is "reverse" has one direction, the backward one, and is not for this.
    """
    name = _onnx_notation(linear_before_reset)
    if not isinstance(nodes, list) or not all(isinstance(node, dict) and node for node in nodes):
        raise TypeError("nodes must be a list of dictionaries of tensors, one for each layer")
    for number, node in enumerate(nodes):
        directions = {key: len(copied(tensor)) if np.ndim(tensor) else 0 for key, tensor in node.items()}
        if len(set(directions.values())) > 1:
            raise ValueError(f"nodes must have as many directions in each tensor, got {directions} in layer {number}")
    stack = [
        [{key: copied(tensor[i]) for key, tensor in node.items()} for i in range(len(next(iter(node.values()))))]
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


def _onnx_notation(linear_before_reset):
    if type(linear_before_reset) is not int or linear_before_reset not in (0, 1):
        raise ValueError(f"linear_before_reset must be 0 or 1, got {shown(linear_before_reset)}")
    return f"ONNX linear_before_reset={linear_before_reset}"
