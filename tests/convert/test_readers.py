"""read_onnx, read_keras and read_torch against the frameworks: what is honoured, on random cases, and what is refused by name."""

import inspect
import itertools
import json
import os
import warnings
import zipfile

os.environ["KERAS_BACKEND"] = "torch"

import h5py
import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from helpers import ROOT, load_tool, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils import prune

from grulib.convert import keras as ours_keras
from grulib.convert import onnx as ours_onnx
from grulib.convert import pytorch as ours_torch
from grulib.convert.files import load_weights
from grulib.convert.keras import from_keras, read_keras
from grulib.convert.layers import Layer, joined
from grulib.convert.onnx import onnx_model, read_onnx, to_onnx
from grulib.convert.pytorch import read_torch, to_state_dict
from grulib.convert.stacks import convert_stack, run, to_grus
from grulib.fingerprint import fingerprint

pytestmark = pytest.mark.filterwarnings(
    "ignore:weights. layer . is read as both directions",  # where D is H
    "ignore::DeprecationWarning:keras|torch",
)
SIZES = st.integers(1, 4)
SEEDS = st.integers(0, 2**32 - 1)


def close(ours, theirs, tolerance=2e-6):
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)


# ------------------------------------------------------------------------------------------------------- ONNX


def gru_model(tensors, ways=("stored",) * 3, inputs=(), name="gru", opset=21, **attributes):
    """An ONNX model of one node GRU: x (T, B, D) to y and y_h; ways say how W, R and B come to the node."""
    nodes, initializers, names = [], [], []
    for (key, array), way in itertools.zip_longest(tensors.items(), ways[: len(tensors)]):
        if way == "stored":
            initializers.append(numpy_helper.from_array(array, key))
        elif way == "constant":
            nodes.append(helper.make_node("Constant", [], [key], value=numpy_helper.from_array(array)))
        elif way == "identity":
            initializers.append(numpy_helper.from_array(array, f"{key}0"))
            nodes.append(helper.make_node("Identity", [f"{key}0"], [key]))
        elif way == "transposed":
            initializers.append(numpy_helper.from_array(array.T.copy(), f"{key}0"))
            nodes.append(helper.make_node("Transpose", [f"{key}0"], [key]))
        names.append(key)
    names += [""] * (3 - len(names))
    described = {
        "x": helper.make_tensor_value_info("x", TensorProto.FLOAT, None),
        "lengths": helper.make_tensor_value_info("lengths", TensorProto.INT32, None),
        "h0": helper.make_tensor_value_info("h0", TensorProto.FLOAT, None),
    }
    if "H0" in attributes:
        initializers.append(numpy_helper.from_array(attributes.pop("H0"), "H0"))
        last = "H0"
    else:
        last = "h0" if "h0" in inputs else ""
    nodes.append(
        helper.make_node("GRU", ["x", *names, "lengths" if "lengths" in inputs else "", last], ["y", "y_h"], name=name, **attributes)
    )  # fmt: skip
    outputs = [helper.make_tensor_value_info(each, TensorProto.FLOAT, None) for each in ("y", "y_h")]
    graph = helper.make_graph(nodes, "g", [described[each] for each in ("x", *inputs)], outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def drawn(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({name: SIZES for name in "BTDH"}),
    st.sampled_from(["forward", "reverse", "bidirectional"]),
    st.sampled_from([None, 0, 1]),
    st.booleans(),
    st.sampled_from([None, "stored", "given"]),
    st.booleans(),
    st.tuples(*[st.sampled_from(["stored", "constant", "identity", "transposed"])] * 3),
    st.booleans(),
    SEEDS,
)
def test_every_onnx_node_is_computed(sizes, direction, before, bias, begin, with_lengths, ways, spelled, seed):
    rng, (B, T, D, H) = np.random.default_rng(seed), sizes.values()
    directions = 2 if direction == "bidirectional" else 1
    tensors = {"W": drawn(rng, directions, 3 * H, D), "R": drawn(rng, directions, 3 * H, H)}
    if bias:
        tensors["B"] = drawn(rng, directions, 6 * H)
    x, h0, lengths = drawn(rng, B, T, D), drawn(rng, directions, B, H), rng.integers(1, T + 1, B)
    attributes = {"direction": direction, "hidden_size": H}
    if before is not None:
        attributes["linear_before_reset"] = before
    if spelled:
        attributes["activations"] = ["Sigmoid", "Tanh"] * directions
    inputs = (["lengths"] if with_lengths else []) + (["h0"] if begin == "given" else [])
    if begin == "stored":
        attributes["H0"] = h0
    model = gru_model(tensors, ways, inputs, **attributes)
    feed = {"x": x.swapaxes(0, 1).copy(), "lengths": lengths.astype(np.int32), "h0": h0}
    y, last = session(model).run(None, {name: feed[name] for name in ("x", *inputs)})
    (layer,) = read_onnx(model.SerializeToString()).values()
    got = layer.run(x, lengths if with_lengths else None, h0 if begin == "given" else None)
    close(got[0], y.transpose(2, 0, 1, 3).reshape(B, T, -1))
    close(got[1], last)
    assert len(layer.remarks) == len(inputs)


def test_the_table_has_every_part_of_the_operator():
    schemas = [onnx.defs.get_schema("GRU", version, "") for version in (3, 7, 14, 22)]
    named = {each.name for schema in schemas for each in (*schema.inputs, *schema.outputs)}
    assert set(ours_onnx.OPTIONS) == named | {name for schema in schemas for name in schema.attributes}


RNG = np.random.default_rng(0)
TENSORS = {"W": drawn(RNG, 1, 6, 3), "R": drawn(RNG, 1, 6, 2), "B": drawn(RNG, 1, 12)}
NODE = "node 'gru': "


@pytest.mark.parametrize(
    "model, message",
    [
        (lambda: gru_model(TENSORS, activations=["HardSigmoid", "Tanh"]), NODE + "activations must be Sigmoid and Tanh for each direction, got HardSigmoid, Tanh"),
        (lambda: gru_model(TENSORS, activations=["Sigmoid", "Relu"]), NODE + "activations must be Sigmoid and Tanh for each direction, got Sigmoid, Relu"),
        (lambda: gru_model(TENSORS, activation_alpha=[0.5]), NODE + "activation_alpha must be left out, got [0.5]"),
        (lambda: gru_model(TENSORS, activation_beta=[0.5]), NODE + "activation_beta must be left out, got [0.5]"),
        (lambda: gru_model(TENSORS, clip=3.0), NODE + "clip must be left out, got 3.0: run the node where it is"),
        (lambda: gru_model(TENSORS, hidden_size=3), NODE + "hidden_size must be that of R, 2, got 3"),
        (lambda: gru_model(TENSORS, direction="both"), NODE + "direction must be forward, reverse or bidirectional, got 'both'"),
        (lambda: gru_model(TENSORS, direction="bidirectional"), NODE + "W must have 2 as its first length (bidirectional), got (1, 6, 3)"),
        (lambda: gru_model(TENSORS, linear_before_reset=2), NODE + "linear_before_reset must be 0 or 1, got 2"),
        (lambda: gru_model(TENSORS, lucky=1), NODE + "lucky must be left out, got 1: it is unknown to this library"),
        (lambda: gru_model(TENSORS | {"W": TENSORS["W"][0]}), NODE + "W must have 1 as its first length (forward), got (6, 3)"),
        (lambda: gru_model(TENSORS, H0=np.zeros((1, 4, 3), np.float32)), NODE + "initial_h must have shape (1, B, 2), got (1, 4, 3)"),
        (lambda: gru_model({name: array.astype(np.float16) for name, array in TENSORS.items()}), NODE + "nodes, layer 0: W must have dtype float32 or float64, got float16"),
        (lambda: gru_model(TENSORS, ("none", "stored", "stored")), NODE + "W must be stored in the model, got 'W', which is known only when it runs: give the array as given={'W': ...}"),
        (lambda: b"no model", "model must be the bytes of an ONNX model"),
    ],
)  # fmt: skip
def test_what_a_node_can_not_be_is_named(model, message):
    refused(ValueError if "dtype" not in message else TypeError, message, lambda: read_onnx(model()))


def test_other_operators_are_named_where_there_is_no_gru():
    node = helper.make_node("LSTM", ["x", "W", "R"], ["y"], hidden_size=2)
    model = helper.make_model(helper.make_graph([node], "g", [], []))
    refused(ValueError, "model must have a node GRU, got none, but 1 LSTM", lambda: read_onnx(model))
    refused(TypeError, "model must be a path, bytes or a ModelProto, got int", lambda: read_onnx(3))
    refused(TypeError, "given must be a dictionary from names to arrays", lambda: read_onnx(model, given={"W": 3}))


def test_weights_that_are_inputs_can_be_given_and_dequantised_ones_are_read(tmp_path):
    model = gru_model(TENSORS, ("none", "stored", "stored"))
    (layer,) = read_onnx(model, given={"W": TENSORS["W"]}).values()
    np.testing.assert_array_equal(layer.stack[0][0]["W"], TENSORS["W"][0])
    model = gru_model(TENSORS, ("none", "stored", "stored"))
    whole = np.round(TENSORS["W"] / 0.1).astype(np.int8)
    model.graph.initializer.extend(
        [numpy_helper.from_array(whole, "w8"), numpy_helper.from_array(np.float32(0.1), "scale")]
    )
    model.graph.node.insert(0, helper.make_node("DequantizeLinear", ["w8", "scale"], ["W"]))
    onnx.save(model, tmp_path / "model.onnx")
    (layer,) = read_onnx(tmp_path / "model.onnx").values()
    np.testing.assert_array_equal(layer.stack[0][0]["W"], whole[0] * np.float32(0.1))


def test_a_gru_inside_of_a_branch_sees_the_weights_around_it():
    inner = gru_model(TENSORS)
    branch = helper.make_graph([inner.graph.node[0]], "branch", [], [inner.graph.output[0]])
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "other", [], [inner.graph.output[0]])
    node = helper.make_node("If", ["yes"], ["out"], name="choice", then_branch=branch, else_branch=other)
    yes = helper.make_tensor_value_info("yes", TensorProto.BOOL, [])
    graph = helper.make_graph(
        [node], "g", [*inner.graph.input, yes], [helper.make_tensor_value_info("out", 1, None)], inner.graph.initializer
    )
    assert list(read_onnx(helper.make_model(graph))) == ["choice/gru"]


def test_layout_one_turns_the_stored_states():
    model = gru_model(TENSORS, H0=np.arange(8, dtype=np.float32).reshape(4, 1, 2), layout=1)
    (layer,) = read_onnx(model).values()
    assert layer.h0.shape == (1, 4, 2) and layer.h0[0, 1, 0] == 2


@pytest.mark.parametrize("directions, layers", [(1, 1), (2, 3)])
def test_an_exported_gru_goes_on_from_its_state(directions, layers):
    torch.manual_seed(0)
    gru = nn.GRU(3, 4, layers, bidirectional=directions == 2)
    (layer,) = read_torch(gru).values()
    stack = layer.convert("ONNX linear_before_reset=1").arrays
    x, h0 = drawn(RNG, 2, 5, 3), drawn(RNG, layers * directions, 2, 4)
    lengths = np.array([5, 3], np.int32)
    model = onnx_model(stack, 1, initial_states=True)
    outputs, last = session(model).run(None, {"x": x, "lengths": lengths, "h0": h0})
    for ours, theirs in zip(layer.run(x, lengths, h0), (outputs, last)):
        close(ours, theirs)
    again = joined(read_onnx(model).values())
    for ours, theirs in zip(again.run(x, lengths, h0), (outputs, last)):
        close(ours, theirs)
    refused(TypeError, "initial_states must be True or False, got 1", lambda: onnx_model(stack, 1, 1))


# ------------------------------------------------------------------------------------------------------ Keras


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({name: SIZES for name in "BTDH"}),
    st.sampled_from(["GRU", "backwards", "Bidirectional", "RNN", "RNN backwards"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    SEEDS,
)
def test_every_keras_layer_is_computed(sizes, kind, reset_after, use_bias, masked, seed):
    rng, (B, T, D, H) = np.random.default_rng(seed), sizes.values()
    backwards = "backwards" in kind
    if kind.startswith("RNN"):
        cell = keras.layers.GRUCell(H, reset_after=reset_after, use_bias=use_bias, dropout=0.5)
        layer = keras.layers.RNN(cell, return_sequences=True, return_state=True, go_backwards=backwards)
    else:
        options = {"reset_after": reset_after, "use_bias": use_bias, "recurrent_dropout": 0.3}
        layer = keras.layers.GRU(H, return_sequences=True, return_state=True, go_backwards=backwards, **options)
    if kind == "Bidirectional":
        layer = keras.layers.Bidirectional(layer)
    layer.build((None, None, D))
    for variable in layer.weights:
        variable.assign(drawn(rng, *variable.shape))
    x = drawn(rng, B, T, D)
    mask = rng.random((B, T)) < 0.7 if masked else None
    if masked:
        mask[np.arange(B), rng.integers(0, T, B)] = True
    with torch.no_grad():
        outputs, *last = [each.numpy() for each in layer(x, mask=mask, training=False)]
    (ours,) = read_keras(layer).values()
    got, states = ours.run(x, mask=mask)
    close(states, np.stack(last))
    if backwards:
        got = got[:, ::-1]
        mask = None if mask is None else mask[:, ::-1]
    there = slice(None) if mask is None else mask
    close(got[there], outputs[there])


def test_the_table_has_every_option_of_keras():
    kinds = (keras.layers.GRU, keras.layers.GRUCell, keras.layers.Bidirectional)
    named = {name for kind in kinds for name in inspect.signature(kind.__init__).parameters} - {
        "self",
        "kwargs",
        "weights",
    }
    layers = [
        keras.layers.GRU(3),
        keras.layers.Bidirectional(keras.layers.GRU(3)),
        keras.layers.RNN(keras.layers.GRUCell(3)),
    ]
    named |= {name for layer in layers for name in layer.get_config()} - {"cell", "weights"}
    assert set(ours_keras.OPTIONS) == named | {"implementation", "time_major"}


def built(layer, D=3):
    layer.build((None, None, D))
    return layer


def gru(**options):
    return keras.layers.GRU(2, name="g", **options)


class OwnGRU(keras.layers.GRU):
    pass


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: built(gru(activation="relu")), "layer 'g': activation must be 'tanh', got 'relu'"),
        (lambda: built(gru(recurrent_activation="hard_sigmoid")), "layer 'g': recurrent_activation must be 'sigmoid', got 'hard_sigmoid'"),
        (lambda: built(gru(dtype="mixed_float16")), "layer 'g': dtype must compute in float32 or float64, got 'mixed_float16'"),
        (lambda: gru(), "layer 'g': its weights must be there: build it, or call it once"),
        (lambda: built(keras.layers.Bidirectional(gru(), merge_mode="sum", name="b")), "layer 'b': merge_mode must be 'concat', got 'sum'"),
        (lambda: built(keras.layers.Bidirectional(gru(go_backwards=True), backward_layer=keras.layers.GRU(2), name="b")), "layer 'b': go_backwards must be True for the backward layer alone"),
        (lambda: built(keras.layers.Bidirectional(gru(), backward_layer=keras.layers.LSTM(2, go_backwards=True), name="b")), "layer 'b': backward_layer must be a GRU like the forward layer, got GRU, LSTM"),
        (lambda: built(keras.layers.Bidirectional(gru(), backward_layer=keras.layers.GRU(2, go_backwards=True, reset_after=False), name="b")), "layer 'b': reset_after must be the same in both directions"),
        (lambda: built(keras.layers.RNN([keras.layers.GRUCell(2), keras.layers.GRUCell(2)], name="r")), "layer 'r': StackedRNNCells must be written as layers above each other"),
        (lambda: built(OwnGRU(2, name="own")), "layer 'own' must be Keras's own GRU, got the subclass OwnGRU"),
        (lambda: built(keras.layers.LSTM(2, name="l")), "model must have a GRU, got none in 'l'"),
    ],
)  # fmt: skip
def test_what_a_keras_layer_can_not_be_is_named(make, message):
    refused(ValueError, message, lambda: read_keras(make()))


def test_layers_are_found_where_they_stand_and_files_read(tmp_path):
    inner = keras.Sequential(
        [keras.Input((None, 4)), keras.layers.GRU(3, return_sequences=True, name="low")], name="inner"
    )
    model = keras.Sequential(
        [
            keras.Input((None, 4)),
            inner,
            keras.layers.Bidirectional(keras.layers.GRU(5, stateful=False), name="both"),
            keras.layers.Dense(2),
        ],
        name="model",
    )
    found = read_keras(model)
    assert list(found) == ["model/inner/low", "model/both"]
    for name in ("model.keras", "model.h5"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(tmp_path / name)
        again = read_keras(tmp_path / name)
        assert list(again) == list(found)
        for key, layer in found.items():
            for theirs, ours in zip(layer.stack[0], again[key].stack[0]):
                assert all(np.array_equal(theirs[each], ours[each]) for each in theirs)
    with h5py.File(tmp_path / "model.h5", "r+") as file:  # what Keras 2 writes beside the rest
        config = json.loads(file.attrs["model_config"])

        def add(value):
            if isinstance(value, dict):
                if value.get("class_name") == "GRU":
                    value["config"] |= {"implementation": 2, "time_major": False}
                for each in value.values():
                    add(each)
            elif isinstance(value, list):
                for each in value:
                    add(each)

        add(config)
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
    assert list(read_keras(tmp_path / "model.h5")) == list(found)
    with h5py.File(tmp_path / "weights.h5", "w"):
        pass
    refused(ValueError, "it has weights, but no model", lambda: read_keras(tmp_path / "weights.h5"))
    (tmp_path / "broken.keras").write_bytes(b"no")
    refused(
        ValueError,
        "model must be a whole file of Keras, got broken.keras",
        lambda: read_keras(tmp_path / "broken.keras"),
    )
    refused(FileNotFoundError, "model must be a file", lambda: read_keras(tmp_path / "none.keras"))
    refused(
        ValueError,
        "model must be a file that ends in .keras, .h5 or .hdf5, got model.pt",
        lambda: (tmp_path / "model.pt").touch() or read_keras(tmp_path / "model.pt"),
    )
    refused(TypeError, "model must be a path, or a layer or model of Keras 3, got int", lambda: read_keras(3))


def test_a_stateful_layer_is_remarked_and_a_list_that_could_be_two_layers_warned_of():
    layer = keras.layers.GRU(2, stateful=True)
    layer.build((1, None, 3))
    (ours,) = read_keras(layer).values()
    assert "stateful" in ours.remarks[0]
    two = [array for _ in range(2) for array in built(keras.layers.GRU(3)).get_weights()]
    with pytest.warns(UserWarning, match="weights: layer 0 is read as both directions of a Bidirectional"):
        from_keras([two], True)


# ---------------------------------------------------------------------------------------------------- PyTorch


class Encoder(nn.Module):
    def __init__(self, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.gru = nn.GRU(3, 4, layers, bidirectional=True, batch_first=True, dropout=0.2)
        self.head = nn.ModuleDict({"cell": nn.GRUCell(8, 2)})


def test_modules_checkpoints_and_files_give_the_same(tmp_path):
    torch.manual_seed(0)
    model = Encoder().eval()
    found = read_torch(model)
    assert list(found) == ["gru", "head.cell"]
    x = drawn(RNG, 2, 6, 3)
    with torch.no_grad():
        theirs = [each.numpy() for each in model.gru(torch.from_numpy(x))]
    for ours, each in zip(found["gru"].run(x), theirs):
        close(ours, each)
    state = model.state_dict()
    torch.save(
        {"epoch": 7, "model": {f"module.{key}": value for key, value in state.items()}, "rate": [1, 2]},
        tmp_path / "a.pt",
    )
    np.savez(tmp_path / "a.npz", **{key: value.numpy() for key, value in state.items()})
    for source, prefix in ((state, ""), (tmp_path / "a.pt", "model.module."), (tmp_path / "a.npz", "")):
        again = read_torch(source)
        assert list(again) == [prefix + name for name in found]
        for (_, mine), (_, other) in zip(found.items(), again.items()):
            assert all(
                np.array_equal(a[name], b[name])
                for p, q in zip(mine.stack, other.stack)
                for a, b in zip(p, q)
                for name in a
            )
    assert all(torch.equal(value, state[key]) for key, value in load_weights(tmp_path / "a.npz").items())
    message = (
        "path must hold a dictionary of tensors, got a.pt with a int in it; dictionaries are inside, under 'model'"
    )
    refused(ValueError, message, lambda: load_weights(tmp_path / "a.pt"))


def changed(change):
    module = nn.ModuleDict({"gru": nn.GRU(3, 2)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        change(module["gru"])
    return module


class OtherGRU(nn.GRU):
    def forward(self, x):
        return super().forward(x.relu())


class Shrunk(nn.Module):
    def forward(self, weight):
        return weight / 2


WEIGHTS = "must have its weights as they are, got "


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: changed(lambda g: nn.utils.parametrize.register_parametrization(g, "weight_hh_l0", Shrunk())), ValueError, f"module 'gru' {WEIGHTS}'parametrizations.weight_hh_l0.original', from which something makes a weight at each call: use torch.nn.utils.parametrize.remove_parametrizations"),
        (lambda: changed(lambda g: nn.utils.parametrize.register_parametrization(g, "weight_hh_l0", Shrunk())).state_dict(), ValueError, f"model {WEIGHTS}'gru.parametrizations.weight_hh_l0.original'"),
        (lambda: changed(lambda g: nn.utils.weight_norm(g, "weight_hh_l0")), ValueError, f"module 'gru' {WEIGHTS}'weight_hh_l0_g', from which something makes a weight at each call: use torch.nn.utils.remove_weight_norm"),
        (lambda: changed(lambda g: prune.random_unstructured(g, "weight_hh_l0", 0.5)), ValueError, f"module 'gru' {WEIGHTS}'weight_hh_l0_orig', from which something makes a weight at each call: use torch.nn.utils.prune.remove"),
        (lambda: {"rnn.weight_hh_l0_raw": torch.zeros(6, 2)}, ValueError, f"model {WEIGHTS}'rnn.weight_hh_l0_raw'"),
        (lambda: nn.ModuleDict({"gru": OtherGRU(3, 2)}), TypeError, "module 'gru' must be torch.nn.GRU, got the subclass OtherGRU with a forward of its own"),
        (lambda: changed(lambda g: g.half()), TypeError, "state['weight_ih_l0'] must have dtype float32 or float64, got torch.float16"),
        (lambda: nn.ModuleList([nn.LSTM(3, 2), nn.RNNCell(3, 2)]), ValueError, "model must have a torch.nn.GRU or GRUCell, got none, but LSTM, RNNCell"),
        (lambda: nn.LSTM(3, 2).state_dict(), ValueError, "model must have a GRU's weights, got 4 tensors without, but of LSTM"),
        (lambda: {"a": torch.zeros(2)}, ValueError, "model must have a GRU's weights, got 1 tensors without"),
        (lambda: 3, TypeError, "model must be a module, a dictionary or a path, got int"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_what_a_torch_model_can_not_be_is_named(make, error, message):
    refused(error, message, lambda: read_torch(make()))


@pytest.mark.filterwarnings("ignore")
def test_quantised_modules_and_torchscript_are_named_with_the_way_round(tmp_path):
    model = nn.ModuleDict({"gru": nn.GRU(3, 2)})
    quantised = torch.ao.quantization.quantize_dynamic(model, {nn.GRU}, dtype=torch.qint8)
    message = (
        "module 'gru' must be torch.nn.GRU, got torch.ao.nn.quantized.dynamic.modules.rnn.GRU: read the module before"
    )
    refused(TypeError, message, lambda: read_torch(quantised))
    script = torch.jit.script(nn.GRU(3, 2))
    refused(TypeError, "model must not be TorchScript: its weights are in state_dict()", lambda: read_torch(script))
    assert list(read_torch(dict(script.state_dict()))) == [""]
    script.save(tmp_path / "script.pt")
    refused(
        ValueError,
        "path must be a file of tensors, got script.pt, which is TorchScript, a program",
        lambda: read_torch(tmp_path / "script.pt"),
    )
    with h5py.File(tmp_path / "model.h5", "w"):
        pass
    refused(
        ValueError,
        "path must be a file of tensors, got model.h5, which is HDF5: read_keras",
        lambda: load_weights(tmp_path / "model.h5"),
    )


def test_the_table_has_every_option_of_pytorch():
    named = set(inspect.signature(nn.GRUCell.__init__).parameters) | set(nn.GRU.__constants__)
    assert set(ours_torch.OPTIONS) == named - {"self", "mode", "proj_size"}
    refused(ValueError, "proj_size argument is only supported for LSTM", lambda: nn.GRU(3, 2, proj_size=1))


# ------------------------------------------------------------------------------------------------ what is read


def layer_of(D=3, H=2, directions=1, notation="PyTorch", **options):
    torch.manual_seed(D + H)
    (layer,) = read_torch(nn.GRU(D, H, bidirectional=directions == 2)).values()
    return Layer(convert_stack(layer.stack, "PyTorch", notation).arrays, notation, **options)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: layer_of(directions=2, backward=True), ValueError, "backward must be False for a stack of both directions"),
        (lambda: layer_of(backward=1), TypeError, "backward must be True or False, got 1"),
        (lambda: joined([]), ValueError, "layers must be one or more Layers, got none"),
        (lambda: joined([3]), TypeError, "layers must be a grulib Layer, got int"),
        (lambda: joined([layer_of(backward=True)]), ValueError, "layers must not read backwards: run each alone"),
        (lambda: joined([layer_of(), layer_of(2, 2, notation="Keras reset_after=True")]), ValueError, "layers must have one notation, got Keras reset_after=True, PyTorch"),
        (lambda: joined([layer_of(), layer_of(2, 2, h0=np.zeros((1, 1, 2), np.float32))]), ValueError, "layers must all store the states"),
        (lambda: joined([layer_of(3, 2), layer_of(2, 4)]), ValueError, "layers of unequal sizes are stacks of their own: convert each layer alone"),
    ],
)  # fmt: skip
def test_layers_that_do_not_fit_are_named(call, error, message):
    refused(error, message, call)


def test_masks_of_steps_that_are_not_there():
    layer = layer_of(directions=2)
    x, mask = drawn(RNG, 2, 6, 3), np.array([[0, 0, 1, 1, 1, 1], [1, 0, 1, 1, 0, 0]], bool)
    outputs, last = layer.run(x, mask=mask)
    for row in range(2):
        alone, end = layer.run(x[row : row + 1, mask[row]].copy())
        np.testing.assert_allclose(outputs[row, mask[row]], alone[0], atol=1e-7)
        np.testing.assert_allclose(last[:, row], end[:, 0], atol=1e-7)
        assert not outputs[row, ~mask[row]].any()
    grus = to_grus(layer.stack, "PyTorch")
    for wrong in (mask.astype(int), mask[:, 1:], [[True]]):
        refused(TypeError, "mask must be a ndarray of shape (2, 6) and dtype bool", lambda: run(grus, x, mask=wrong))
    refused(ValueError, "mask must be None where lengths are given", lambda: run(grus, x, np.array([1, 2]), mask=mask))
    refused(ValueError, "mask must have a step that is there", lambda: run(grus, x, mask=mask & False))


def test_what_was_read_can_be_packed_again():
    layer = layer_of(directions=2, notation="ONNX linear_before_reset=1")
    (again,) = read_onnx(onnx_model(layer.stack, 1)).values()
    for mine, other in zip(to_onnx(layer.stack, 1)[0].values(), to_onnx(again.stack, 1)[0].values()):
        np.testing.assert_array_equal(mine, other)
    assert set(to_state_dict(layer.convert("PyTorch").arrays)) == set(nn.GRU(3, 2, bidirectional=True).state_dict())


def test_the_trained_networks_were_carried_by_this_code():
    stored = json.loads((ROOT / "grulib" / "convert" / "networks.json").read_text("utf-8"))
    networks = load_tool("networks")
    assert stored["code"] == fingerprint(*networks.CODE), "run tools/networks.py"
    assert list(stored["networks"]) == list(networks.NETWORKS)


# ---------------------------------------------------------------- what a reader once said nothing of, and what it says now


def test_layers_that_share_their_weights_are_all_read():
    gru = nn.GRU(4, 4, 2)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(gru, f"{name}_l1", getattr(gru, f"{name}_l0"))
    (layer,) = read_torch(gru).values()
    x = drawn(RNG, 2, 5, 4)
    with torch.no_grad():
        close(layer.run(x)[0], gru(torch.from_numpy(x).transpose(0, 1))[0].transpose(0, 1).numpy())


def test_stored_lengths_are_the_layer_s():
    model = gru_model(TENSORS, inputs=("lengths",), hidden_size=2)
    model.graph.input.pop()
    model.graph.initializer.append(numpy_helper.from_array(np.array([4, 2], np.int32), "lengths"))
    (layer,) = read_onnx(model).values()
    x = drawn(RNG, 2, 4, 3)
    y, _ = session(model).run(None, {"x": x.swapaxes(0, 1).copy()})
    close(layer.run(x)[0], y.transpose(2, 0, 1, 3).reshape(2, 4, -1))
    assert layer.remarks == ()
    refused(ValueError, "layers must not store lengths: run each alone", lambda: joined([layer]))


def test_chance_is_no_constant_and_unknown_operators_are_none_either():
    for node in (
        helper.make_node("Dropout", ["W0", "half", "yes"], ["W"]),
        helper.make_node("Unheard", ["W0"], ["W"], domain="somebody"),
    ):
        model = gru_model(TENSORS, ("none", "stored", "stored"))
        model.opset_import.append(helper.make_opsetid("somebody", 1))
        model.graph.initializer.extend(
            [
                numpy_helper.from_array(TENSORS["W"], "W0"),
                numpy_helper.from_array(np.float32(0.5), "half"),
                numpy_helper.from_array(np.array(True), "yes"),
            ]
        )
        model.graph.node.insert(0, node)
        refused(ValueError, NODE + "W must be stored in the model, got 'W'", lambda model=model: read_onnx(model))


def test_each_gru_has_a_name_of_its_own():
    model = gru_model(TENSORS)
    for name in ("gru 2", "gru"):
        node = model.graph.node.add()
        node.CopyFrom(model.graph.node[0])
        node.name, node.output[0], node.output[1] = name, f"{name} y", f"{name} h"
    assert list(read_onnx(model)) == ["gru", "gru 2", "gru 3"]


def test_no_clip_is_no_attribute():
    refused(ValueError, NODE + "clip must be left out, got 0.0", lambda: read_onnx(gru_model(TENSORS, clip=0.0)))


def tanh(value):
    return 1.7159 * keras.ops.tanh(2 / 3 * value)


def sigmoid(value):
    return keras.ops.hard_sigmoid(value)


@pytest.mark.parametrize("options", [{"activation": tanh}, {"recurrent_activation": sigmoid}])
def test_a_function_of_one_s_own_is_refused_whatever_its_name(options):
    (name,) = options
    refused(ValueError, f"layer 'g': {name} must be", lambda: read_keras(built(gru(**options))))


def test_both_directions_of_cells_are_read_and_of_subclasses_refused():
    layer = built(keras.layers.Bidirectional(keras.layers.RNN(keras.layers.GRUCell(4), return_sequences=True)))
    for variable in layer.weights:
        variable.assign(drawn(RNG, *variable.shape))
    x = drawn(RNG, 2, 5, 3)
    (ours,) = read_keras(layer).values()
    with torch.no_grad():
        close(ours.run(x)[0], layer(x).numpy())
    own = keras.saving.register_keras_serializable()(OwnGRU)
    layer = built(keras.layers.Bidirectional(own(2), name="b"))
    refused(
        ValueError,
        "layer 'b': backward_layer must be a GRU like the forward layer, got OwnGRU, OwnGRU",
        lambda: read_keras(layer),
    )


def test_masks_and_first_states_of_a_model_are_remarked():
    model = keras.Sequential([keras.Input((None, 3)), keras.layers.Masking(), keras.layers.GRU(2, name="g")], name="m")
    assert "the model makes a mask" in read_keras(model)["m/g"].remarks[0]
    x, h = keras.Input((None, 3)), keras.Input((2,))
    model = keras.Model([x, h], keras.layers.GRU(2, name="g")(x, initial_state=h), name="m")
    assert "first states" in read_keras(model)["m/g"].remarks[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_keras(built(keras.layers.Bidirectional(keras.layers.GRU(3))))


def test_files_of_keras_2_without_what_keras_3_asks_for(tmp_path):
    for reset_after, use_bias in ((False, False), (False, True)):
        model = keras.Sequential(
            [keras.Input((None, 3)), keras.layers.GRU(2, reset_after=reset_after, use_bias=use_bias, name="g")],
            name="m",
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(tmp_path / "m.h5")
            model.save(tmp_path / "m.keras")
        with h5py.File(tmp_path / "m.h5", "r+") as file:
            file.attrs["model_config"] = file.attrs["model_config"].replace('"reset_after": false, ', "")
            assert "reset_after" not in file.attrs["model_config"]
        assert read_keras(tmp_path / "m.h5")["m/g"].notation == "Keras reset_after=False"
        with zipfile.ZipFile(tmp_path / "m.keras") as old, zipfile.ZipFile(tmp_path / "old.keras", "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b'"units": 2', b'"time_major": false, "units": 2'))
        assert read_keras(tmp_path / "old.keras")["m/g"].notation == "Keras reset_after=False"


class WithState(nn.GRU):
    def __init__(self):
        super().__init__(3, 2)
        self.h0 = nn.Parameter(torch.zeros(1, 1, 2))


def test_a_state_dict_with_more_than_weights_is_refused_as_its_module_is():
    message = "model must have a GRU's weights alone under 'gru.', got 'gru.h0' beside them"
    refused(ValueError, message, lambda: read_torch(nn.ModuleDict({"gru": WithState()}).state_dict()))
    refused(
        ValueError,
        "model must have a GRU's weights alone under '', got 'h0'",
        lambda: read_torch(WithState().state_dict()),
    )
    module = nn.GRU(3, 2)
    module.forward = lambda x: x
    refused(
        TypeError,
        "model must be torch.nn.GRU, got the subclass GRU with a forward of its own",
        lambda: read_torch(module),
    )


@pytest.mark.filterwarnings("ignore")
def test_other_layers_beside_a_gru_are_left_alone(tmp_path):
    model = nn.ModuleDict({"gru": nn.GRU(3, 2), "lstm": nn.LSTM(4, 8, proj_size=4), "one": nn.LSTM(2, 1)})
    nn.utils.weight_norm(model["lstm"], "weight_ih_l0")
    assert list(read_torch(model)) == list(read_torch(model.state_dict())) == ["gru"]
    np.savez(tmp_path / "a.npz", words=np.array(["a"]), **{k: v.numpy() for k, v in nn.GRU(3, 1).state_dict().items()})
    assert list(read_torch(tmp_path / "a.npz")) == [""]
    refused(
        ValueError,
        "path must hold a dictionary of tensors, got a.npz with a ndarray in it",
        lambda: load_weights(tmp_path / "a.npz"),
    )
