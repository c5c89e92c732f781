"""grulib.frameworks against the frameworks themselves: same weights, same outputs; files; traps; and what is refused."""

import os
import re

os.environ["KERAS_BACKEND"] = "torch"

import warnings
from itertools import chain

import keras
import numpy as np
import onnx.reference
import onnxruntime
import pytest
import torch
from helpers import refused
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grulib.convert.files import load_weights
from grulib.convert.keras import from_keras, to_keras
from grulib.convert.notations import notation, to_gru
from grulib.convert.onnx import from_onnx, onnx_model, to_onnx
from grulib.convert.pytorch import from_state_dict, to_state_dict
from grulib.convert.stacks import convert_stack, run, to_grus

TOLERANCE = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-12}
CASES = st.fixed_dictionaries(
    {
        "B": st.integers(1, 4),
        "T": st.integers(1, 6),
        "D": st.integers(1, 5),
        "H": st.integers(1, 6),
        "layers": st.integers(1, 2),
        "directions": st.integers(1, 2),
        "dtype": st.sampled_from([np.float32, np.float64]),
        "bias": st.just(True),
        "seed": st.integers(0, 2**31),
    }
)
WITHOUT_BIASES = dict(B=3, T=5, D=4, H=3, layers=2, directions=2, dtype=np.float32, bias=False, seed=1)


def random_stack(name, case):
    """Arrays of a notation with non-zero random biases, drawn directly in it."""
    rng = np.random.default_rng(case["seed"])
    D, H, directions = case["D"], case["H"], case["directions"]

    def draw(size):
        return {
            key: (rng.uniform(-1, 1, block.shape(size, H)) / np.sqrt(H)).astype(case["dtype"])
            for key, block in notation(name).blocks.items()
            if not block.is_bias or case["bias"] or not notation(name).bias_optional
        }

    sizes = [D] + [directions * H] * (case["layers"] - 1)
    return [[draw(size) for _ in range(directions)] for size in sizes]


def random_batch(case):
    rng = np.random.default_rng(case["seed"] + 1)
    x = rng.normal(size=(case["B"], case["T"], case["D"])).astype(case["dtype"])
    return x, rng.integers(1, case["T"] + 1, case["B"])


def random_states(case):
    rng = np.random.default_rng(case["seed"] + 2)
    return rng.uniform(-1, 1, (case["layers"] * case["directions"], case["B"], case["H"])).astype(case["dtype"])


def assert_agree(expected, got, tolerance=TOLERANCE):
    for ours, theirs in zip(expected, got, strict=True):
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance[ours.dtype])


# ---------------------------------------------------------------------------------------------------- PyTorch


def torch_gru(stack, **options):
    """An nn.GRU with these weights; load_state_dict is strict about names and shapes."""
    H, D = stack[0][0]["weight_hh"].shape[1], stack[0][0]["weight_ih"].shape[1]
    bidirectional, bias = len(stack[0]) == 2, "bias_ih" in stack[0][0]
    gru = nn.GRU(D, H, len(stack), bidirectional=bidirectional, bias=bias, **options)
    gru.load_state_dict(to_state_dict(stack))
    return gru


@settings(max_examples=200)
@given(CASES, st.booleans())
@example(WITHOUT_BIASES, True)
def test_pytorch_agrees(case, batch_first):
    stack, (x, lengths), h0 = random_stack("PyTorch", case), random_batch(case), random_states(case)
    gru = torch_gru(stack, batch_first=batch_first, dtype=torch.from_numpy(x).dtype)
    inputs = torch.from_numpy(x if batch_first else x.swapaxes(0, 1).copy())
    with torch.no_grad():
        packed = pack_padded_sequence(inputs, torch.from_numpy(lengths), batch_first, enforce_sorted=False)
        outputs, last = gru(packed, torch.from_numpy(h0))
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=case["T"])
    assert_agree(run(to_grus(stack, "PyTorch"), x, lengths, h0), (outputs.numpy(), last.numpy()))
    assert_same_stack(from_state_dict(gru.state_dict()), stack)


@settings(max_examples=200)
@given(CASES, st.booleans())
def test_a_pytorch_cell_agrees(case, bias):
    torch.manual_seed(case["seed"])
    x, _ = random_batch(case)
    h = random_states(case)[0]
    cell = nn.GRUCell(case["D"], case["H"], bias=bias, dtype=torch.from_numpy(x).dtype)
    ((arrays,),) = from_state_dict(cell.state_dict())
    with torch.no_grad():
        theirs = cell(torch.from_numpy(x[:, 0]), torch.from_numpy(h)).numpy()
    assert_agree([to_gru(arrays, "PyTorch").step(x[:, 0].copy(), h)], [theirs])
    cell.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})


def assert_same_stack(got, expected):
    assert [len(layer) for layer in got] == [len(layer) for layer in expected]
    for ours, theirs in zip(chain(*got), chain(*expected)):
        assert list(ours) == list(theirs)
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])


# ------------------------------------------------------------------------------------------------------ Keras


def keras_layers(weights, reset_after, dtype):
    """GRU layers, Bidirectional where there are two directions, with these weights."""
    layers = []
    for arrays in weights:
        use_bias, H = len(arrays) % 3 == 0, arrays[1].shape[0]
        layer = keras.layers.GRU(H, reset_after=reset_after, use_bias=use_bias, return_sequences=True, dtype=dtype)
        if len(arrays) > 3:
            layer = keras.layers.Bidirectional(layer, dtype=dtype)
        layer.build((None, None, arrays[0].shape[0]))
        layer.set_weights(arrays)
        layers.append(layer)
    return layers


def keras_run(layers, x, lengths):
    mask = np.arange(x.shape[1]) < lengths[:, None]
    out = x
    with torch.no_grad():
        for layer in layers:
            out = layer(out, mask=mask)
    out = out.detach().numpy() * mask[:, :, None]  # Keras repeats the last state, or gives zeros if Bidirectional
    return out


@pytest.mark.filterwarnings("ignore:weights. layer . is read as both directions")  # where D is H
@settings(max_examples=200, deadline=None)
@given(CASES, st.booleans())
@example(WITHOUT_BIASES, True)
@example(WITHOUT_BIASES, False)
def test_keras_agrees(case, reset_after):
    name = f"Keras reset_after={reset_after}"
    stack, (x, lengths) = random_stack(name, case), random_batch(case)
    layers = keras_layers(to_keras(stack, reset_after), reset_after, np.dtype(case["dtype"]).name)
    outputs, _ = run(to_grus(stack, name), x, lengths)
    theirs = keras_run(layers, x, lengths).astype(x.dtype)
    assert_agree([outputs], [theirs], tolerance=dict.fromkeys(TOLERANCE, 1e-6))  # see the next test
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Keras's get_weights under NumPy 2
        read = [layer.get_weights() for layer in layers]
    assert_same_stack(from_keras(read, reset_after), stack)


def test_keras_has_no_float64_on_pytorch():
    """Why float64 agrees to 1e-6 only: without TensorFlow, Keras multiplies matrices of float64 in float32."""
    a = np.full((1, 1), 1 + 1e-12)
    assert keras.ops.matmul(torch.from_numpy(a), torch.from_numpy(a)).dtype == torch.float32


# ------------------------------------------------------------------------------------------------------- ONNX


def onnx_run(stack, linear_before_reset, x, lengths):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnx_model(stack, linear_before_reset).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x, "lengths": lengths.astype(np.int32)})


@settings(max_examples=200, deadline=None)
@given(CASES, st.sampled_from([0, 1]))
@example(WITHOUT_BIASES, 0)
@example(WITHOUT_BIASES, 1)
def test_onnx_runtime_agrees_in_float32(case, linear_before_reset):
    case = case | {"dtype": np.float32}  # its GRU has no other
    name = f"ONNX linear_before_reset={linear_before_reset}"
    stack, (x, lengths) = random_stack(name, case), random_batch(case)
    assert_agree(run(to_grus(stack, name), x, lengths), onnx_run(stack, linear_before_reset, x, lengths))
    assert_same_stack(from_onnx(to_onnx(stack, linear_before_reset), linear_before_reset), stack)


@settings(max_examples=200, deadline=None)
@given(CASES, st.sampled_from([0, 1]))
def test_the_onnx_specification_agrees_in_float64(case, linear_before_reset):
    """The reference evaluator of the onnx package, which knows one direction, and no lengths."""
    case = case | {"dtype": np.float64, "directions": 1}
    name = f"ONNX linear_before_reset={linear_before_reset}"
    stack, (x, _) = random_stack(name, case), random_batch(case)
    model = onnx_model(stack, linear_before_reset)
    full = np.full(case["B"], case["T"], np.int32)
    assert_agree(
        run(to_grus(stack, name), x), onnx.reference.ReferenceEvaluator(model).run(None, {"x": x, "lengths": full})
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_pytorchs_exporter_writes_the_right_attribute(layers):
    torch.manual_seed(0)
    gru, x = nn.GRU(3, 4, layers, batch_first=True).eval(), torch.randn(2, 5, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own deprecations
        model = torch.onnx.export(gru, (x,), verbose=False).model_proto
    nodes = [node for node in model.graph.node if node.op_type == "GRU"]
    assert [a.i for node in nodes for a in node.attribute if a.name == "linear_before_reset"] == [1] * layers


# ------------------------------------------------------------------------------------------------------- Flax


@settings(max_examples=200, deadline=None)
@given(CASES, st.sampled_from(["linen", "nnx"]))
def test_flax_agrees(case, kind):
    jax = pytest.importorskip("jax", reason="Flax is tested where it is installed")
    pytest.importorskip("flax")
    from flax import linen, nnx, traverse_util

    case = case | {"layers": 1, "directions": 1}
    ((arrays,),) = random_stack(f"Flax {kind}", case)
    x, h = random_batch(case)[0][:, 0].copy(), random_states(case)[0]
    with jax.enable_x64(True):
        params = traverse_util.unflatten_dict(arrays, sep="/")
        if kind == "linen":
            cell = linen.GRUCell(case["H"], dtype=case["dtype"], param_dtype=case["dtype"])
            theirs, _ = cell.apply({"params": params}, h, x)
        else:
            cell = nnx.GRUCell(case["D"], case["H"], dtype=case["dtype"], param_dtype=case["dtype"], rngs=nnx.Rngs(0))
            assert {k for k in traverse_util.flatten_dict(nnx.to_pure_dict(nnx.state(cell)), sep="/")} == set(arrays)
            nnx.update(cell, params)
            theirs, _ = cell(h, x)
        assert_agree([to_gru(arrays, f"Flax {kind}").step(x, h)], [np.asarray(theirs)])


# ------------------------------------------------------------------------------------------------------ traps
# The chapter "Frameworks" shows each of these. Shapes fit in all of them; only numbers tell.


@pytest.fixture
def trained():
    """A stand-in for a trained nn.GRU, D = H so that shapes hide as much as they can, and a batch."""
    case = {"B": 3, "T": 5, "D": 4, "H": 4, "layers": 1, "directions": 1, "dtype": np.float64, "bias": True, "seed": 7}
    ((arrays,),) = random_stack("PyTorch", case)
    return arrays, random_batch(case)[0]


def outputs(arrays, x, source="PyTorch"):
    return to_gru(arrays, source).forward(x)[0]


def swapped(array):
    """Rows r, z, n to z, r, n."""
    r, z, n = np.split(array, 3)
    return np.concatenate([z, r, n])


def differs(a, b):
    return abs(a - b).max() > 1e-3


def test_trap_gate_order(trained):
    arrays, x = trained
    assert differs(outputs({name: swapped(array) for name, array in arrays.items()}, x), outputs(arrays, x))


def test_trap_zero_biases_hide_a_wrong_order_of_biases(trained):
    arrays, x = trained
    wrong = arrays | {name: swapped(arrays[name]) for name in ("bias_ih", "bias_hh")}
    zero = {name: np.zeros(12) for name in ("bias_ih", "bias_hh")}
    assert differs(outputs(wrong, x), outputs(arrays, x))
    np.testing.assert_array_equal(outputs(wrong | zero, x), outputs(arrays | zero, x))


def test_trap_one_merged_bias(trained):
    arrays, x = trained
    merged = arrays | {"bias_ih": arrays["bias_ih"] + arrays["bias_hh"], "bias_hh": np.zeros(12)}
    assert differs(outputs(merged, x), outputs(arrays, x))
    gates_only = np.where(np.arange(12) < 8, arrays["bias_hh"], 0)  # of r and z: these may be merged
    allowed = {"bias_ih": arrays["bias_ih"] + gates_only, "bias_hh": arrays["bias_hh"] - gates_only}
    np.testing.assert_allclose(outputs(arrays | allowed, x), outputs(arrays, x), rtol=0, atol=1e-14)


def test_trap_a_forgotten_linear_before_reset(trained):
    """Wrong in ONNX Runtime, but for a single step from a zero state: nothing is there to be reset."""
    arrays, x = trained
    x = x.astype(np.float32)
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    single["bias_hh"][8:] = 0
    stack, _ = convert_stack([[single]], "PyTorch", "ONNX linear_before_reset=1")
    right, wrong = (onnx_run(stack, attribute, x, np.full(3, 5))[0] for attribute in (1, 0))
    np.testing.assert_allclose(right, outputs(single, x), rtol=0, atol=1e-6)
    assert differs(wrong, right)
    np.testing.assert_allclose(wrong[:, 0], right[:, 0], rtol=0, atol=1e-6)


def test_trap_the_meaning_of_z(trained):
    arrays, x = trained
    turned = {name: np.concatenate([a[:4], -a[4:8], a[8:]]) for name, a in arrays.items()}
    assert differs(outputs(turned, x), outputs(arrays, x))


def test_trap_the_order_of_h_and_x(trained):
    _, x = trained
    rng = np.random.default_rng(8)
    over_h_x = {name: rng.normal(size=(4, 8)) for name in ("W_z", "W_r", "W")}
    over_x_h = {name: np.roll(array, 4, axis=1) for name, array in over_h_x.items()}
    assert differs(outputs(over_x_h, x, "A"), outputs(over_h_x, x, "A"))


def test_trap_input_and_state_exchanged(trained):
    arrays, x = trained
    exchanged = {"weight_ih": arrays["weight_hh"], "weight_hh": arrays["weight_ih"]}
    assert differs(outputs(arrays | exchanged, x), outputs(arrays, x))


def test_trap_a_candidate_without_its_second_bias(trained):
    """What Flax's nnx.GRUCell would make of a PyTorch model, were its b_hn left out."""
    arrays, x = trained
    without = arrays | {"bias_hh": np.where(np.arange(12) < 8, arrays["bias_hh"], 0)}
    assert differs(outputs(without, x), outputs(arrays, x))


def test_trap_rows_for_columns(trained):
    arrays, x = trained
    turned = {"weight_hh": np.concatenate([U.T for U in np.split(arrays["weight_hh"], 3)])}
    assert differs(outputs(arrays | turned, x), outputs(arrays, x))


# ------------------------------------------------------------------------------------------------------ files


@pytest.fixture
def state():
    torch.manual_seed(0)
    model = nn.ModuleDict({"gru": nn.GRU(3, 4, 2, bidirectional=True), "head": nn.Linear(8, 2)})
    return model.state_dict()


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt"])
def test_files_come_back_to_the_last_bit(state, name, tmp_path):
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    read = load_weights(path)
    assert read.keys() == state.keys() and all(torch.equal(read[key], state[key]) for key in state)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    stack = from_state_dict(read, "gru.")
    again = to_state_dict(stack, "gru.")
    assert all(torch.equal(again[key], state[key]) for key in again) and len(again) == 16


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt"])
def test_a_truncated_file_is_refused(state, name, tmp_path):
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    whole = path.read_bytes()
    for length in (0, 7, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refused(
            ValueError, f"path must be a whole file of tensors and nothing else, got {name}", lambda: load_weights(path)
        )
    path.write_bytes(b"<html>not found</html>")
    refused(ValueError, f"nothing else, got {name}", lambda: load_weights(path))


class Trap:
    def __reduce__(self):
        return (os.mkdir, ("broken-into",))


def test_a_pickle_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weight_ih_l0": Trap()}, tmp_path / "weights.pt")
    refused(ValueError, "path must be a whole file of tensors", lambda: load_weights(tmp_path / "weights.pt"))
    torch.save(nn.GRU(2, 3), tmp_path / "module.pt")
    refused(ValueError, "path must be a whole file of tensors", lambda: load_weights(tmp_path / "module.pt"))
    assert not (tmp_path / "broken-into").exists()


def sparse():
    return torch.ones(2, 2).to_sparse()


BAD_FILES = [
    ("checkpoint.pt", None, FileNotFoundError, "checkpoint.pt"),
    ("no.safetensors", None, FileNotFoundError, "no.safetensors"),
    (
        "checkpoint.pt",
        {"model": {}, "epoch": 3},
        ValueError,
        "path must hold a dictionary of tensors, got checkpoint.pt with a dict in it",
    ),
    ("list.pt", [torch.ones(1)], ValueError, "got list.pt with a list in it"),
    ("sparse.pt", {"a": torch.ones(1), "b": sparse()}, ValueError, "path must hold dense tensors, got sparse.pt"),
    ("meta.pt", {"a": torch.ones(1, device="meta")}, ValueError, "path must hold dense tensors, got meta.pt"),
]


@pytest.mark.parametrize("name, content, error, message", BAD_FILES)
def test_other_files_are_named(name, content, error, message, tmp_path):
    if content is not None:
        torch.save(content, tmp_path / name)
    refused(error, message, lambda: load_weights(tmp_path / name))


def test_what_is_no_file_is_named(tmp_path):
    refused(TypeError, "path must be a str or a Path, got NoneType", lambda: load_weights(None))
    refused(ValueError, "IsADirectoryError", lambda: load_weights(tmp_path))


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt"])
def test_what_was_read_does_not_change_with_the_file(state, name, tmp_path):
    """Neither a value nor a crash: a file that is mapped into memory and becomes shorter ends the process."""
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    read = load_weights(path)
    length = path.stat().st_size
    with open(path, "r+b") as file:  # the same file, not a new one of its name
        file.write(b"\xff" * length)
        file.flush()
        assert all(torch.equal(read[key], state[key]) for key in state)
        file.truncate(0)
    assert all(torch.equal(read[key], state[key]) for key in state)


def test_a_flipped_bit_is_refused_or_changes_nothing(state, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(state, path)
    whole, rng, refusals = path.read_bytes(), np.random.default_rng(0), 0
    for bit in rng.choice(8 * len(whole), 300, replace=False):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(damaged)
        try:
            read = load_weights(path)
        except ValueError as error:
            assert str(error).startswith("path must be a whole file of tensors and nothing else, got weights.pt")
            refusals += 1
        else:
            assert read.keys() == state.keys() and all(torch.equal(read[key], state[key]) for key in state)
    assert refusals > 100


def test_a_part_that_is_marked_as_a_folder_is_refused(state, tmp_path):
    """One bit of the directory, which no checksum is of: PyTorch reads nothing of such a part, and leaves what was in memory."""
    path = tmp_path / "weights.pt"
    torch.save(state, path)
    whole = path.read_bytes()
    for place in [match.start() + 38 for match in re.finditer(b"PK\x01\x02", whole)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        refused(ValueError, "path must be a whole file of tensors", lambda: load_weights(path))


def test_weights_of_a_graphics_processor_are_read_on_the_processor(state, tmp_path, monkeypatch):
    """The file is one that was written where there is one: each storage is tagged with its place."""
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
    torch.save(state, tmp_path / "weights.pt")
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.load(tmp_path / "weights.pt", weights_only=True)
    read = load_weights(tmp_path / "weights.pt")
    assert all(read[key].device.type == "cpu" and torch.equal(read[key], state[key]) for key in state)


BIDIRECTIONAL = nn.GRU(3, 4, 2, bidirectional=True)
GRU_STATE = {f"gru.{key}": value for key, value in BIDIRECTIONAL.state_dict().items()}
STATE = GRU_STATE | {"head.weight": torch.ones(2, 8)}
ONE, UNDER = torch.ones(1), "state must have only a GRU's weights under the prefix "
ALONE = {"weight_ih_l0": GRU_STATE["gru.weight_ih_l0"]}
LAYERS = "state must have its layers numbered from 0 on, got "


def without(*names):
    return {key: value for key, value in GRU_STATE.items() if not any(name in key for name in names)}


BAD_STATES = [
    ([], "gru.", TypeError, "state must be a dictionary from names to tensors"),
    ({1: ONE}, "gru.", TypeError, "state must be a dictionary from names to tensors"),
    (STATE, 1, TypeError, "prefix must be a str, got 1"),
    (STATE, "", ValueError, UNDER + "'', got 'gru.weight_ih_l0'; there are recurrent weights under 'gru.'"),
    (
        STATE,
        "rnn.",
        ValueError,
        "must have a GRU's weights under the prefix 'rnn.', got none; there are recurrent weights under 'gru.'",
    ),
    *(
        (GRU_STATE | {f"gru.{name}": ONE}, "gru.", ValueError, f"got 'gru.{name}'")
        for name in (
            "dropout",
            "weight_ih_l01",
            "weight_ih_l\u0661",
            "weight_ih_reverse",
            "weight_ih_l5x",
            "weight_ih_l-1",
        )
    ),
    (GRU_STATE | {"gru.weight_ih_l0": []}, "gru.", TypeError, "state['gru.weight_ih_l0'] must be a tensor, got list"),
    (
        {key: value.half() for key, value in GRU_STATE.items()},
        "gru.",
        TypeError,
        "state['gru.weight_ih_l0'] must have dtype float32 or float64, got torch.float16",
    ),
    (
        GRU_STATE | {"gru.bias_ih_l0": sparse()},
        "gru.",
        TypeError,
        "state['gru.bias_ih_l0'] must be a dense tensor with numbers in it",
    ),
    *(
        (both, "gru.", ValueError, "state must have one weight_ih for each layer and direction")
        for both in (GRU_STATE | {"gru.weight_ih": ONE}, {"gru.weight_ih": ONE} | GRU_STATE)
    ),
    (without("_l0"), "gru.", ValueError, LAYERS + "1 of them without layer 0"),
    (
        {k: v for k, v in GRU_STATE.items() if "_l0" in k} | {"gru.weight_ih_l2": ONE},
        "gru.",
        ValueError,
        "without layer 1",
    ),
    (ALONE | {"weight_ih_l30000000": ONE}, "", ValueError, LAYERS + "2 of them without layer 1"),
    (ALONE | {"weight_ih_l" + "9" * 5000: ONE}, "", ValueError, LAYERS + "2 of them without layer 1"),
    (
        {key: value for key, value in GRU_STATE.items() if "reverse" in key},
        "gru.",
        ValueError,
        "state, layer 0: arrays must have the names",
    ),
    (without("_l1_reverse"), "gru.", ValueError, "state, layer 1, reverse: arrays must have the names"),
    (without("weight_hh_l1"), "gru.", ValueError, "missing: weight_hh"),
    (
        without("bias_ih_l1", "bias_hh_l1"),
        "gru.",
        ValueError,
        "state must have D=8, H=4, float32, arrays bias_hh, bias_ih, weight_hh, weight_ih in layer 1, got D=8, H=4, "
        "float32, arrays weight_hh, weight_ih",
    ),
    *(
        (
            layer.state_dict(),
            "",
            ValueError,
            f"weight_hh must have shape (3H, H) in PyTorch, here (12, 4) as D=3 and H=4, got {shape}",
        )
        for layer, shape in ((nn.LSTM(3, 4), "(16, 4)"), (nn.RNN(3, 4), "(4, 4)"))
    ),
]


@pytest.mark.parametrize("change, prefix, error, message", BAD_STATES)
def test_wrong_state_dicts_are_named(change, prefix, error, message):
    refused(error, message, lambda: from_state_dict(change, prefix))


@pytest.mark.parametrize(
    "change, end", [({}, r"under the prefix '', got none$"), (ALONE | {"fc.weight": ONE}, r"got 'fc.weight'$")]
)
def test_a_hint_is_given_only_where_there_is_one(change, end):
    with pytest.raises(ValueError, match=end):
        from_state_dict(change)


def test_many_layers_are_in_order():
    state = nn.GRU(2, 2, num_layers=12).state_dict()
    stack = from_state_dict(state)
    assert len(stack) == 12 and list(to_state_dict(stack)) == list(state)
    np.testing.assert_array_equal(stack[10][0]["weight_ih"], state["weight_ih_l10"].numpy())


def shares(one, other):
    return any(np.shares_memory(a, b) for a in one for b in other)


def test_containers_share_no_memory_with_their_stacks():
    ((arrays,),) = random_stack(
        "Keras reset_after=True",
        {"D": 2, "H": 3, "layers": 1, "directions": 1, "dtype": np.float64, "bias": True, "seed": 0},
    )
    mine = list(arrays.values())
    assert not shares(to_keras([[arrays]], True)[0], mine)
    assert not shares(from_keras([mine], True)[0][0].values(), mine)
    state = nn.GRU(2, 3).state_dict()
    tensors = [tensor.numpy() for tensor in state.values()]
    stack = from_state_dict(state)
    assert not shares(stack[0][0].values(), tensors)
    assert not shares([tensor.numpy() for tensor in to_state_dict(stack).values()], stack[0][0].values())
    onnx_stack, _ = convert_stack(stack, "PyTorch", "ONNX linear_before_reset=1")
    nodes = to_onnx(onnx_stack, 1)
    assert not shares(nodes[0].values(), onnx_stack[0][0].values())
    assert not shares(from_onnx(nodes, 1)[0][0].values(), nodes[0].values())


def test_the_order_of_names_does_not_matter():
    case = {"D": 3, "H": 3, "layers": 1, "directions": 1, "dtype": np.float32, "bias": True, "seed": 0}
    ((arrays,),) = random_stack("Keras reset_after=True", case)
    turned = dict(reversed(arrays.items()))
    for one, other in zip(to_keras([[arrays]], True)[0], to_keras([[turned]], True)[0]):
        np.testing.assert_array_equal(one, other)
    x, h = random_batch(case | {"B": 1, "T": 1})[0][0, 0], np.ones(3, np.float32) / 3
    step = notation("Keras reset_after=True").step
    np.testing.assert_array_equal(step(arrays, x, h), step(turned, x, h))


KERAS = [np.ones((2, 9)), np.ones((3, 9)), np.ones((2, 9))]
KERAS_STACK = from_keras([KERAS], True)
ONNX_STACK = convert_stack(KERAS_STACK, "Keras reset_after=True", "ONNX linear_before_reset=1").arrays
TORCH_STACK = convert_stack(KERAS_STACK, "Keras reset_after=True", "PyTorch").arrays
((NODE,), ((CELL,),)) = to_onnx(ONNX_STACK, 1), ONNX_STACK
SINGLE = {name: array.astype(np.float32) for name, array in CELL.items()}
NUMBER = "2 or 3 arrays for each layer, twice as many if both ways, got "
BAD_CONTAINERS = [
    (lambda: from_keras([KERAS[:1]], True), ValueError, NUMBER + "1 in layer 0"),
    (lambda: from_keras([(2 * KERAS)[:5]], True), ValueError, NUMBER + "5 in layer 0"),
    (lambda: from_keras([KERAS], "yes"), TypeError, "reset_after must be True or False, got 'yes'"),
    (lambda: to_keras([[{}]], 1), TypeError, "reset_after must be True or False, got 1"),
    (lambda: from_keras(None, True), TypeError, "weights must be a list of what get_weights() returns"),
    (lambda: from_keras(KERAS, True), TypeError, "weights must be a list of what get_weights() returns"),
    (lambda: from_keras([None], True), TypeError, "weights must be a list of what get_weights() returns"),
    (lambda: from_keras([KERAS], False), ValueError, "weights, layer 0: bias must have shape (3H,)"),
    (lambda: from_keras([[*KERAS[:2], [1.0]]], True), TypeError, "weights, layer 0: bias must be a ndarray"),
    (lambda: to_state_dict(KERAS_STACK), ValueError, "stack, layer 0: arrays must have the names weight_ih"),
    (lambda: to_onnx(KERAS_STACK, 1), ValueError, "stack, layer 0: arrays must have the names W, R, B"),
    (lambda: to_state_dict(TORCH_STACK, None), TypeError, "prefix must be a str, got None"),
    *(
        (lambda call=call, wrong=wrong: call(wrong), ValueError, f"linear_before_reset must be 0 or 1, got {wrong!r}")
        for wrong in (2, True, "1", None)
        for call in (lambda wrong: onnx_model(ONNX_STACK, wrong), lambda wrong: from_onnx([], wrong))
    ),
    *(
        (lambda wrong=wrong: from_onnx(wrong, 1), TypeError, "nodes must be a list of dictionaries of tensors")
        for wrong in (None, [None], [{}])
    ),
    (
        lambda: from_onnx([NODE | {"R": np.concatenate([NODE["R"]] * 2)}], 1),
        ValueError,
        "as many directions in each tensor, got {'W': 1, 'R': 2, 'B': 1} in layer 0",
    ),
    (lambda: from_onnx([{"W": NODE["W"]}], 1), ValueError, "nodes, layer 0: arrays must have the names W, R, B"),
    (
        lambda: onnx_model([[CELL, {name: CELL[name] for name in ("W", "R")}]], 1),
        ValueError,
        "stack must have D=2, H=3, float64, arrays B, R, W in layer 0, got D=2, H=3, float64, arrays R, W",
    ),
    (lambda: onnx_model([[CELL, SINGLE]], 1), ValueError, "got D=2, H=3, float32"),
    (lambda: onnx_model([[CELL], [CELL]], 1), ValueError, "stack must have D=3, H=3, float64"),
    (
        lambda: onnx_model([[CELL, CELL | {"W": CELL["W"] + np.nan}]], 1),
        ValueError,
        "stack, layer 0, reverse: W must be finite",
    ),
]


@pytest.mark.parametrize("call, error, message", BAD_CONTAINERS)
def test_wrong_containers_of_other_frameworks_are_named(call, error, message):
    refused(error, message, call)
