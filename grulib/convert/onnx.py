"""ONNX's operator GRU: its tensors, to and from stacks of arrays, and a graph that runs; see `grulib.convert.pytorch`."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
from onnx import TensorProto, helper, numpy_helper

from grulib.checks import check_bool, shown
from grulib.convert.layers import HONOURED, NOTHING, REFUSED, Layer, add, check_options
from grulib.convert.stacks import check_arrays, copied

# What `read_onnx` does with each attribute, input and output of the operator, versions 3 to 22.
OPTIONS = {
    "activations": (HONOURED, "as Sigmoid, Tanh for each direction; others are refused by name"),
    "activation_alpha": (REFUSED, "Sigmoid and Tanh have no such number"),
    "activation_beta": (REFUSED, "Sigmoid and Tanh have no such number"),
    "clip": (REFUSED, "run the node where it is, or export it without"),
    "direction": (HONOURED, "forward, reverse (`backward`) and bidirectional"),
    "hidden_size": (HONOURED, "must be that of R"),
    "layout": (HONOURED, "0 or 1: the order of the data's axes, here always (B, T, D)"),
    "linear_before_reset": (HONOURED, "0, the default, is reset before; 1 is reset after"),
    "output_sequence": (NOTHING, "which outputs there are, in version 3"),
    "X": (NOTHING, "given to `run`"),
    "W": (HONOURED, "stored, or computed from what is stored"),
    "R": (HONOURED, "stored, or computed from what is stored"),
    "B": (HONOURED, "stored, or computed from what is stored; none is zero"),
    "sequence_lens": (HONOURED, "stored: `lengths`; else as lengths of `run`, and a remark"),
    "initial_h": (HONOURED, "stored: `h0`; else as h0 of `run`, and a remark"),
    "Y": (NOTHING, "outputs of `run`"),
    "Y_h": (NOTHING, "last states of `run`"),
}
_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h")
_ACTIVATIONS = ["sigmoid", "tanh"]


def read_onnx(model, given=None):
    """Every node GRU of an ONNX model, by its name: a dictionary of `grulib.convert.layers.Layer`.

    model: a path, bytes or a ModelProto. W, R and B may be initializers, constants, or computed from such (Transpose,
    Identity, DequantizeLinear, ...). given: arrays by name, for weights that are inputs of the graph. Nodes without a
    name are called "GRU 0", "GRU 1" and so on; those inside of If, Loop or Scan have its name in front. Every attribute
    is honoured or refused by name: see OPTIONS. Raises TypeError or ValueError that names node and option.
    """
    model = _loaded(model)
    given = {} if given is None else given
    if not isinstance(given, dict) or not all(isinstance(array, np.ndarray) for array in given.values()):
        raise TypeError("given must be a dictionary from names to arrays")
    found, others = {}, Counter()
    for where, node, constant in _nodes(model, model.graph, given):
        if node.op_type != "GRU" or node.domain not in ("", "ai.onnx"):
            others[node.op_type] += 1
            continue
        name = where + (node.name or f"GRU {len(found)}")
        try:
            add(found, name, _layer_of(node, constant))
        except (TypeError, ValueError) as error:
            raise type(error)(f"node {name!r}: {error}") from error
    hidden = [function.name for function in model.functions if _has_gru(function)]
    if hidden:
        raise ValueError(
            f"model must not have a GRU inside of a function, got {hidden[0]!r}: onnx.inliner takes it out"
        )
    if not found:
        recurrent = [f"{count} {kind}" for kind, count in others.items() if kind in ("LSTM", "RNN", "Loop", "Scan")]
        raise ValueError(f"model must have a node GRU, got none{', but ' + ', '.join(recurrent) if recurrent else ''}")
    return found


def _loaded(model):
    if isinstance(model, onnx.ModelProto):
        return model
    if isinstance(model, (str, Path)):
        if not Path(model).is_file():
            raise FileNotFoundError(f"model must be a file, got {model}")
        try:
            return onnx.load(model)
        except Exception as error:  # protobuf's own kinds
            raise ValueError(f"model must be an ONNX file, got {Path(model).name} ({type(error).__name__})") from error
    if isinstance(model, bytes):
        try:
            return onnx.load_model_from_string(model)
        except Exception as error:
            raise ValueError(f"model must be the bytes of an ONNX model ({type(error).__name__})") from error
    raise TypeError(f"model must be a path, bytes or a ModelProto, got {type(model).__name__}")


class _Constants:
    """Values that a graph stores, or computes from nothing but these; a graph inside of another sees those of both."""

    def __init__(self, model, graph, given, outer=None):
        self.model, self.given, self.outer = model, given, outer
        self.stored = {tensor.name: tensor for tensor in graph.initializer}
        self.made = {}  # the nodes of which every input is such a value
        for node in graph.node:  # which ONNX has in the order of their computation
            if all(not name or name in self for name in node.input) and _is_a_function(node):
                self.made |= dict.fromkeys(node.output, node)

    def __contains__(self, name):
        inside = name in self.given or name in self.stored or name in self.made
        return inside or (self.outer is not None and name in self.outer)

    def __call__(self, name):
        """The array of this name, None if it is known only when the model runs."""
        if name not in self:
            return None
        if name in self.given:
            return self.given[name]
        if name in self.stored:
            try:
                return numpy_helper.to_array(self.stored[name])
            except (
                Exception
            ) as error:  # ONNX's own kinds: data in another file that is not there, a type that NumPy lacks
                raise ValueError(f"{name} must be stored in the model and readable: {error}") from error
        return self._computed(self.made[name], name) if name in self.made else self.outer(name)

    def _computed(self, node, name):
        tensors = [numpy_helper.from_array(self(each), each) for each in dict.fromkeys(node.input) if each]
        graph = helper.make_graph([node], "constant", [], [onnx.ValueInfoProto(name=name)], tensors)
        small = helper.make_model(graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version)
        try:
            return onnx.reference.ReferenceEvaluator(small).run([name], {})[0]
        except Exception:  # an operator that onnx can't compute: known only to who runs the model
            return None


def _is_a_function(node):
    """Whether a node's outputs follow from its inputs, and it has no graph inside."""
    chance = ("Random", "Bernoulli", "Multinomial", "Dropout")
    return not node.op_type.startswith(chance) and not _inner_graphs(node)


def _has_gru(graph):
    return any(node.op_type == "GRU" or any(map(_has_gru, _inner_graphs(node))) for node in graph.node)


def _inner_graphs(node):
    return [graph for a in node.attribute for graph in ([a.g] if a.HasField("g") else []) + list(a.graphs)]


def _nodes(model, graph, given, outer=None, where=""):
    """Each node of a graph and of those inside of it, with where it stands and the constants that it sees."""
    constants = _Constants(model, graph, given, outer)
    for node in graph.node:
        yield where, node, constants
        for inner in _inner_graphs(node):
            yield from _nodes(model, inner, given, constants, f"{where}{node.name or node.op_type}/")


def _layer_of(node, constant):
    options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    check_options(options, OPTIONS)
    direction = options.get("direction", b"forward").decode()
    if direction not in ("forward", "reverse", "bidirectional"):
        raise ValueError(f"direction must be forward, reverse or bidirectional, got {direction!r}")
    directions = 2 if direction == "bidirectional" else 1
    activations = [a.decode() for a in options.get("activations", [])]
    if activations and [a.lower() for a in activations] != _ACTIVATIONS * directions:
        raise ValueError(
            f"activations must be Sigmoid and Tanh for each direction, got {', '.join(activations)}: no other is computed "
            "here; run the node in ONNX Runtime"
        )
    inputs = dict(zip(_INPUTS, [*node.input, *[""] * 6]))
    tensors = {}
    for name in ("W", "R", "B"):
        if inputs[name]:
            tensors[name] = constant(inputs[name])
            if tensors[name] is None:
                raise ValueError(
                    f"{name} must be stored in the model, got {inputs[name]!r}, which is known only when it runs: give "
                    f"the array as given={{{inputs[name]!r}: ...}}"
                )
    for name, array in tensors.items():
        if array.ndim == 0 or len(array) != directions:
            raise ValueError(f"{name} must have {directions} as its first length ({direction}), got {array.shape}")
    linear_before_reset = options.get("linear_before_reset", 0)
    stack = from_onnx([tensors], linear_before_reset)
    H = tensors["R"].shape[2]
    if options.get("hidden_size", H) != H:
        raise ValueError(f"hidden_size must be that of R, {H}, got {options['hidden_size']}")
    remarks, h0, lengths = [], None, None
    if inputs["sequence_lens"]:
        lengths = constant(inputs["sequence_lens"])
        if lengths is None:
            remarks.append(f"lengths are given to the node by {inputs['sequence_lens']!r}")
    if inputs["initial_h"]:
        h0 = constant(inputs["initial_h"])
        if h0 is None:
            remarks.append(f"initial states are given to the node by {inputs['initial_h']!r}")
        else:
            h0 = h0.swapaxes(0, 1).copy() if options.get("layout", 0) else h0
            if h0.ndim != 3 or (h0.shape[0], h0.shape[2]) != (directions, H):
                raise ValueError(f"initial_h must have shape ({directions}, B, {H}), got {h0.shape}")
    return Layer(stack, _onnx_notation(linear_before_reset), direction == "reverse", h0, lengths, tuple(remarks))


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


def onnx_model(stack, linear_before_reset, initial_states=False):
    """An ONNX model of a stack of arrays in a notation of ONNX, to be run by ONNX Runtime or any other runtime.

    linear_before_reset is the operator's attribute: 1 for reset after, 0 for reset before. Inputs: x (B, T, D), lengths
    (B,), int32, and, if initial_states is True, h0 (layers * directions, B, H). B and T are open. Outputs as
    `grulib.convert.stacks.run` returns them: outputs (B, T, directions * H), and last, shaped like h0, which goes into the
    next call.
    """
    check_bool("initial_states", initial_states)
    tensors = to_onnx(stack, linear_before_reset)
    directions, _, D = tensors[0]["W"].shape
    H = tensors[0]["R"].shape[2]
    nodes = [helper.make_node("Transpose", ["x"], ["x0"], perm=[1, 0, 2])]  # (T, B, D): ONNX has time first
    begins = [f"begin{layer}" for layer in range(len(stack))] if initial_states else [""] * len(stack)
    if initial_states:  # into (directions, B, H) for each layer
        nodes.append(helper.make_node("Split", ["h0"], begins, axis=0, num_outputs=len(stack)))
    for layer, node in enumerate(tensors):
        inputs = [f"x{layer}", *(f"{name}{layer}" if name in node else "" for name in "WRB"), "lengths", begins[layer]]
        nodes += [
            helper.make_node(
                "GRU",
                inputs,
                [f"y{layer}", f"last{layer}"],  # (T, directions, B, H) and (directions, B, H)
                name=f"layer {layer}",
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
        "h0": (kind, [len(stack) * directions, "B", H]),
        "outputs": (kind, ["B", "T", directions * H]),
        "last": (kind, [len(stack) * directions, "B", H]),
    }
    described = {name: helper.make_tensor_value_info(name, *value) for name, value in values.items()}
    inputs = ["x", "lengths", "h0"] if initial_states else ["x", "lengths"]
    graph = helper.make_graph(
        nodes,
        "gru",
        [described[name] for name in inputs],
        [described[name] for name in ("outputs", "last")],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def _onnx_notation(linear_before_reset):
    if type(linear_before_reset) is not int or linear_before_reset not in (0, 1):
        raise ValueError(f"linear_before_reset must be 0 or 1, got {shown(linear_before_reset)}")
    return f"ONNX linear_before_reset={linear_before_reset}"
