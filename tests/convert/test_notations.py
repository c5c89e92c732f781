"""grulib.convert.notations: each notation against its equations written out by hand, conversions, and what is refused."""

import numpy as np
import pytest
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib.convert.blocks import Block
from grulib.convert.notations import NOTATIONS, convert, from_gru, notation, to_gru
from grulib.gru import GRU

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 6))


def sigma(a):
    return 1 / (1 + np.exp(-a))


def over_h_x(p, x, h, b_z=0, b_r=0, b=0):
    """Documents A, B and E."""
    z = sigma(p["W_z"] @ np.concatenate([h, x]) + b_z)
    r = sigma(p["W_r"] @ np.concatenate([h, x]) + b_r)
    return (1 - z) * h + z * np.tanh(p["W"] @ np.concatenate([r * h, x]) + b)


def document_c(p, x, h):
    z = sigma(p["W_z"] @ x + p["U_z"] @ h)
    r = sigma(p["W_r"] @ x + p["U_r"] @ h)
    return z * h + (1 - z) * np.tanh(p["W"] @ x + r * (p["U"] @ h))


def document_d(p, x, h):
    X, H = x[None], h[None]
    R = sigma(X @ p["W_xr"] + H @ p["W_hr"] + p["b_r"])
    Z = sigma(X @ p["W_xz"] + H @ p["W_hz"] + p["b_z"])
    candidate = np.tanh(X @ p["W_xh"] + (R * H) @ p["W_hh"] + p["b_h"])
    return (Z * H + (1 - Z) * candidate)[0]


def code_of_e(p, x, h):
    def linear(layer, *vectors):
        return p[f"{layer}.weight"] @ np.concatenate(vectors) + p[f"{layer}.bias"]

    reset, update = sigma(linear("reset_gate", x, h)), sigma(linear("update_gate", x, h))
    return (1 - update) * h + update * np.tanh(linear("candidate", x, reset * h))


def cell_after(p, x, h):
    joint = np.concatenate([x, h])
    r, z = (sigma(p[f"{gate}_gate.weight"] @ joint + p[f"{gate}_gate.bias"]) for gate in ("reset", "update"))
    inner = p["candidate_state.weight"] @ h + p["candidate_state.bias"]
    return (1 - z) * np.tanh(p["candidate.weight"] @ x + p["candidate.bias"] + r * inner) + z * h


def cell_before(p, x, h):
    p = p | {name: -p[name] for name in ("update_gate.weight", "update_gate.bias")}
    return code_of_e(p, x, h)


def pytorch(p, x, h):
    H = len(h)
    i, o = p["weight_ih"] @ x + p["bias_ih"], p["weight_hh"] @ h + p["bias_hh"]
    r, z = sigma(i[:H] + o[:H]), sigma(i[H : 2 * H] + o[H : 2 * H])
    return (1 - z) * np.tanh(i[2 * H :] + r * o[2 * H :]) + z * h


def keras_after(p, x, h):
    x_z, x_r, x_h = np.split(x @ p["kernel"] + p["bias"][0], 3)
    h_z, h_r, h_h = np.split(h @ p["recurrent_kernel"] + p["bias"][1], 3)
    z, r = sigma(x_z + h_z), sigma(x_r + h_r)
    return z * h + (1 - z) * np.tanh(x_h + r * h_h)


def keras_before(p, x, h):
    H = len(h)
    x_z, x_r, x_h = np.split(x @ p["kernel"] + p["bias"], 3)
    z = sigma(x_z + h @ p["recurrent_kernel"][:, :H])
    r = sigma(x_r + h @ p["recurrent_kernel"][:, H : 2 * H])
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ p["recurrent_kernel"][:, 2 * H :])


def onnx(p, x, h, linear_before_reset):
    W, R = np.split(p["W"], 3), np.split(p["R"], 3)
    Wb_z, Wb_r, Wb_h, Rb_z, Rb_r, Rb_h = np.split(p["B"], 6)
    z = sigma(x @ W[0].T + h @ R[0].T + Wb_z + Rb_z)
    r = sigma(x @ W[1].T + h @ R[1].T + Wb_r + Rb_r)
    if linear_before_reset:
        candidate = np.tanh(x @ W[2].T + r * (h @ R[2].T + Rb_h) + Wb_h)
    else:
        candidate = np.tanh(x @ W[2].T + (r * h) @ R[2].T + Rb_h + Wb_h)
    return (1 - z) * candidate + z * h


def flax_linen(p, x, h):
    r = sigma(x @ p["ir/kernel"] + p["ir/bias"] + h @ p["hr/kernel"])
    z = sigma(x @ p["iz/kernel"] + p["iz/bias"] + h @ p["hz/kernel"])
    n = np.tanh(x @ p["in/kernel"] + p["in/bias"] + r * (h @ p["hn/kernel"] + p["hn/bias"]))
    return (1 - z) * n + z * h


def flax_nnx(p, x, h):
    i_r, i_z, i_n = np.split(x @ p["dense_i/kernel"] + p["dense_i/bias"], 3)
    h_r, h_z, h_n = np.split(h @ p["dense_h/kernel"], 3)
    z = sigma(i_z + h_z)
    return (1 - z) * np.tanh(i_n + sigma(i_r + h_r) * h_n) + z * h


def home(p, x, h, reset):
    (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = (np.split(p[name], 3) for name in ("W", "U", "b"))
    r, z = sigma(W_r @ x + U_r @ h + b_r), sigma(W_z @ x + U_z @ h + b_z)
    inner = U_n @ (r * h) if reset == "before" else r * (U_n @ h + p["c"])
    return (1 - z) * np.tanh(W_n @ x + b_n + inner) + z * h


AS_PRINTED = {
    "A": over_h_x,
    "B": lambda p, x, h: over_h_x(p, x, h, p["b_z"], p["b_r"], p["b"]),
    "C": document_c,
    "D": document_d,
    "E": lambda p, x, h: over_h_x(p, x, h, p["b_z"], p["b_r"], p["b"]),
    "E code": code_of_e,
    "PyTorch": pytorch,
    "Keras reset_after=True": keras_after,
    "Keras reset_after=False": keras_before,
    "ONNX linear_before_reset=1": lambda p, x, h: onnx(p, x, h, 1),
    "ONNX linear_before_reset=0": lambda p, x, h: onnx(p, x, h, 0),
    "Flax linen": flax_linen,
    "Flax nnx": flax_nnx,
    "GRUCell before": cell_before,
    "GRUCell after": cell_after,
    "home before": lambda p, x, h: home(p, x, h, "before"),
    "home after": lambda p, x, h: home(p, x, h, "after"),
}


def random_arrays(name, D, H, rng, dtype=np.float64):
    """Arrays of a notation, biases among them, drawn as they stand: nothing of the conversion is used."""
    return {key: rng.normal(size=block.shape(D, H)).astype(dtype) for key, block in notation(name).blocks.items()}


def test_every_notation_is_written_out_here():
    assert list(AS_PRINTED) == list(NOTATIONS)


@pytest.mark.parametrize("name", NOTATIONS)
@settings(max_examples=40)
@given(SIZES, st.integers(0, 2**31))
def test_as_written_as_printed_and_in_home_form_are_the_same(name, sizes, seed):
    rng = np.random.default_rng(seed)
    D, H = sizes
    arrays = random_arrays(name, D, H, rng)
    x, h = rng.normal(size=(6, D)), rng.uniform(-1, 1, H)
    outputs, _ = to_gru(arrays, name).forward(x[None], h[None])
    for t in range(6):
        printed = AS_PRINTED[name](arrays, x[t], h)
        np.testing.assert_allclose(notation(name).step(arrays, x[t], h), printed, rtol=0, atol=1e-13)
        np.testing.assert_allclose(outputs[0, t], printed, rtol=0, atol=1e-12)
        h = printed


PAIRS = [(a, b) for a in NOTATIONS for b in NOTATIONS if NOTATIONS[a].reset == NOTATIONS[b].reset]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_conversion_keeps_the_function_and_comes_back_to_the_last_bit(source, target):
    rng = np.random.default_rng(len(source) + 100 * len(target))
    for D, H in [(1, 1), (2, 5), (5, 2), (3, 3)]:
        for dtype in (np.float32, np.float64):
            arrays = without_place(random_arrays(source, D, H, rng, dtype), source, target)
            there = convert(arrays, source, target)
            x, h = rng.normal(size=D).astype(dtype), rng.uniform(-1, 1, H).astype(dtype)
            before, after = notation(source).step(arrays, x, h), notation(target).step(there.arrays, x, h)
            assert {array.dtype for array in there.arrays.values()} == {np.dtype(dtype)} == {after.dtype}
            np.testing.assert_allclose(after, before, rtol=0, atol=3e-6 if dtype == np.float32 else 1e-13)
            back = convert(there.arrays, target, source).arrays
            assert all(name in back or not array.any() for name, array in arrays.items())
            if not any("added" in note for note in there.notes):
                for name, array in back.items():
                    np.testing.assert_array_equal(array, arrays[name])
            else:  # once the sums are made, nothing changes any more
                again = convert(convert(back, source, target).arrays, target, source).arrays
                for name, array in back.items():
                    np.testing.assert_array_equal(again[name], array)


def without_place(arrays, source, target):
    """The arrays, with zeros for the biases that the target can't hold."""
    pieces, places = notation(source).split(arrays), notation(target).pieces
    for gate in "rzn":
        if f"c_{gate}" in pieces and f"c_{gate}" not in places and (gate == "n" and notation(source).reset == "after"):
            pieces["c_n"][:] = 0
        if f"b_{gate}" not in places:
            for kind in "bc":
                if f"{kind}_{gate}" in pieces:
                    pieces[f"{kind}_{gate}"][:] = 0
    return notation(source).join(pieces)


@pytest.mark.parametrize("reset", ["before", "after"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_gru_comes_back_to_the_last_bit_from_every_notation(reset, bias):
    gru = GRU.random(3, 4, np.random.default_rng(0), reset=reset, bias=bias)
    for name in NOTATIONS:
        if NOTATIONS[name].reset == reset and not (bias and name in ("A", "C", "Flax nnx")):
            back = to_gru(from_gru(gru, name).arrays, name)
            for key in ("W", "U", "b", "c"):
                ours, theirs = getattr(gru, key), getattr(back, key)
                assert (theirs is None or not theirs.any()) if ours is None else np.array_equal(ours, theirs), (
                    name,
                    key,
                )


@pytest.mark.parametrize("missing", ["b", "c"])
def test_a_gru_with_one_of_its_two_biases(missing):
    rng = np.random.default_rng(1)
    arrays = random_arrays("home after", 2, 3, rng)
    gru = GRU(**(arrays | {missing: None}), reset="after")
    x, h = rng.normal(size=2), rng.uniform(-1, 1, 3)
    there = from_gru(gru, "PyTorch").arrays
    np.testing.assert_allclose(pytorch(there, x, h), gru.step(x[None], h[None])[0], rtol=0, atol=1e-14)


def test_notes_say_what_was_done():
    rng = np.random.default_rng(2)
    assert convert(random_arrays("D", 2, 3, rng), "D", "Keras reset_after=False").notes == []
    assert convert(random_arrays("D", 2, 3, rng), "D", "B").notes == [
        "z is the share of the new state in B: the update gate's weights change their sign."
    ]
    assert convert(random_arrays("PyTorch", 2, 3, rng), "PyTorch", "Flax linen").notes == [
        "Flax linen has one place for each of b_r + c_r, b_z + c_z: they are added, since only the sum acts."
    ]
    assert convert(random_arrays("ONNX linear_before_reset=0", 2, 3, rng), "ONNX linear_before_reset=0", "D").notes == [
        "D has one place for each of b_r + c_r, b_z + c_z, b_n + c_n: they are added, since only the sum acts."
    ]
    assert convert(random_arrays("C", 2, 3, rng), "C", "Flax nnx").notes == [
        "Flax nnx has places that C leaves empty, b_r, b_z, b_n: filled with zeros."
    ]
    without = random_arrays("PyTorch", 2, 3, rng)
    without["bias_hh"][:], without["bias_ih"][:] = 0, 0
    assert convert(without, "PyTorch", "C").notes[1] == "C has no place for b_r, b_z, b_n, c_n: zero, and left out."


def test_what_cannot_be_exact_is_refused_with_the_reason():
    rng = np.random.default_rng(3)
    torch_arrays, d_arrays = random_arrays("PyTorch", 2, 3, rng), random_arrays("D", 2, 3, rng)
    refused(
        ValueError,
        "D resets before the recurrent product and PyTorch after it: these are different functions",
        lambda: convert(d_arrays, "D", "PyTorch"),
    )
    refused(
        ValueError,
        "PyTorch resets after the recurrent product and Keras reset_after=False before it",
        lambda: convert(torch_arrays, "PyTorch", "Keras reset_after=False"),
    )
    refused(
        ValueError,
        "Flax nnx has no bias inside the reset, and c_n (PyTorch's b_hn) is not zero: the reset gate scales it",
        lambda: convert(torch_arrays, "PyTorch", "Flax nnx"),
    )
    refused(ValueError, "A has no place for b_r, which is not zero", lambda: convert(d_arrays, "D", "A"))
    refused(ValueError, "C has no place for b_r, which is not zero", lambda: convert(torch_arrays, "PyTorch", "C"))


def test_wrong_names_shapes_and_types_are_named():
    rng = np.random.default_rng(4)
    good = random_arrays("PyTorch", 2, 3, rng)

    def with_(**changes):
        return lambda: to_gru(good | changes, "PyTorch")

    refused(ValueError, "notation must be 'A', 'B', 'C'", lambda: convert(good, "TensorFlow", "A"))
    refused(ValueError, "got ['A']", lambda: convert(good, "PyTorch", ["A"]))
    refused(TypeError, "arrays must be a dictionary of arrays, got list", lambda: to_gru([], "PyTorch"))
    refused(TypeError, "gru must be a grulib.gru.GRU, got dict", lambda: from_gru(good, "PyTorch"))
    refused(ValueError, "missing: bias_hh", lambda: to_gru({k: good[k] for k in list(good)[:3]}, "PyTorch"))
    refused(ValueError, "missing: weight_hh", lambda: to_gru({"weight_ih": good["weight_ih"]}, "PyTorch"))
    refused(ValueError, "unknown: kernel", with_(kernel=good["weight_ih"]))
    refused(ValueError, "missing: weight_ih, weight_hh", lambda: to_gru({}, "PyTorch"))
    lstm = rng.normal(size=(12, 3))
    refused(
        ValueError,
        "weight_hh must have shape (3H, H) in PyTorch, here (9, 3) as D=2 and H=3, got (12, 3)",
        with_(weight_hh=lstm),
    )
    refused(
        ValueError,
        "weight_hh must have shape (3H, H) in PyTorch, here (9, 3) as D=2 and H=3, got (3, 9) (the transpose would fit)",
        with_(weight_hh=good["weight_hh"].T.copy()),
    )
    refused(ValueError, "weight_ih must have shape (3H, D)", with_(weight_ih=good["weight_hh"][:6]))
    refused(
        ValueError, "(the transpose would fit)", lambda: to_gru({k: v.T.copy() for k, v in good.items()}, "PyTorch")
    )
    refused(
        ValueError,
        "bias_hh must have shape (3H,) in PyTorch, here (9,) as D=2 and H=3, got (3,)",
        with_(bias_hh=good["bias_hh"][:3]),
    )
    refused(
        ValueError,
        "bias_ih must have shape (3H,), every length at least 1, got (2, 9)",
        with_(bias_ih=rng.normal(size=(2, 9))),
    )
    refused(
        ValueError,
        "bias must have shape (2, 3H), every length at least 1, got (9,)",
        lambda: to_gru(random_arrays("Keras reset_after=False", 2, 3, rng), "Keras reset_after=True"),
    )
    refused(
        ValueError,
        "missing: candidate_state.weight, candidate_state.bias",
        lambda: to_gru(random_arrays("GRUCell before", 2, 3, rng), "GRUCell after"),
    )
    refused(
        ValueError,
        "W_z must have shape (H, H+D) with H and D from 1 in A, got (3, 3)",
        lambda: to_gru({name: rng.normal(size=(3, 3)) for name in ("W_z", "W_r", "W")}, "A"),
    )
    refused(
        TypeError, "weight_hh must be a ndarray of shape (3H, H), got list", with_(weight_hh=good["weight_hh"].tolist())
    )
    refused(
        TypeError,
        "bias_ih must have the dtype of the other arrays, float64, got float32",
        with_(bias_ih=good["bias_ih"].astype(np.float32)),
    )
    refused(TypeError, "must have dtype float32 or float64, got int64", with_(bias_ih=np.ones(9, int)))
    refused(ValueError, "weight_hh must be finite", with_(weight_hh=np.full((9, 3), np.nan)))
    step = NOTATIONS["PyTorch"].step
    refused(
        ValueError,
        "x must have shape (2,), every length at least 1, got (3,)",
        lambda: step(good, np.ones(3), np.ones(3)),
    )
    refused(
        ValueError,
        "h must have shape (3,), every length at least 1, got (2,)",
        lambda: step(good, np.ones(2), np.ones(2)),
    )
    refused(TypeError, "x must have dtype float64, got float32", lambda: step(good, np.ones(2, np.float32), np.ones(3)))


def test_results_share_no_memory_with_arguments():
    arrays = random_arrays("PyTorch", 2, 3, np.random.default_rng(5))
    for target in ("PyTorch", "Keras reset_after=True", "home after"):
        for array in convert(arrays, "PyTorch", target).arrays.values():
            assert not any(np.shares_memory(array, mine) for mine in arrays.values())
    for piece in notation("PyTorch").split(arrays).values():
        assert not any(np.shares_memory(piece, mine) for mine in arrays.values())


@pytest.mark.parametrize(
    ("words", "shape", "table"),
    [
        ("U_z W_z", (3, 5), "UW"),
        ("W_r; W_z; W_n", (9, 2), "W"),
        ("W_z' W_r' W_n'", (2, 9), "W"),
        ("b_z' b_r' b_n'; c_z' c_r' c_n'", (2, 9), "bc"),
        ("b_z; b_r; b_n; c_z; c_r; c_n", (18,), "bc"),
    ],
)
def test_block_matrices_in_words(words, shape, table):
    block = Block(words)
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    assert block.shape(2, 3) == shape and block.kinds == set(table)
    pieces = block.split(array, 2, 3)
    assert list(pieces) == words.replace("'", "").replace(";", "").split()
    np.testing.assert_array_equal(block.join(pieces), array)
    first = pieces[block.pieces[0]]
    if words[0] == "b":
        np.testing.assert_array_equal(first, array.ravel()[:3])
    else:
        np.testing.assert_array_equal(first, array[:, :3].T if block.turned else array[:3, : first.shape[1]])


@pytest.mark.parametrize("value", [1.0, -1.0, 1e-30])
def test_a_single_bias_of_any_sign_and_size_is_enough_for_a_refusal(value):
    for source, target, name, index in [("PyTorch", "Flax nnx", "bias_hh", 8), ("D", "A", "b_z", 1)]:
        arrays = random_arrays(source, 2, 3, np.random.default_rng(6))
        for key in arrays:
            if notation(source).blocks[key].is_bias:
                arrays[key][:] = 0
        convert(arrays, source, target)
        arrays[name][index] = value
        refused(ValueError, "is not zero", lambda arrays=arrays, pair=(source, target): convert(arrays, *pair))


def test_without_biases_there_are_none_afterwards_where_they_are_optional():
    optional = {name for name, n in NOTATIONS.items() if n.bias_optional}
    assert optional == {name for name in NOTATIONS if name.startswith(("PyTorch", "Keras", "ONNX", "GRUCell", "home"))}
    rng = np.random.default_rng(7)
    for name, n in NOTATIONS.items():
        arrays = random_arrays(name, 2, 3, rng)
        weights = {key: array for key, array in arrays.items() if not n.blocks[key].is_bias}
        if name in optional:
            for target in optional:
                if NOTATIONS[target].reset == n.reset:
                    there = convert(weights, name, target)
                    assert not any(NOTATIONS[target].blocks[key].is_bias for key in there.arrays)
                    assert there.notes == []
        elif weights.keys() != arrays.keys():
            refused(ValueError, "missing: ", lambda name=name, weights=weights: to_gru(weights, name))


@pytest.mark.parametrize("missing", ["b", "c"])
def test_a_missing_bias_of_a_gru_is_zero_in_its_own_dtype(missing):
    arrays = random_arrays("home after", 2, 3, np.random.default_rng(8), np.float32)
    there = from_gru(GRU(**(arrays | {missing: None}), reset="after"), "PyTorch").arrays
    assert {array.dtype for array in there.values()} == {np.dtype(np.float32)}


def test_a_sum_of_biases_that_overflows_is_refused():
    arrays = random_arrays("PyTorch", 2, 3, np.random.default_rng(9), np.float32)
    arrays["bias_ih"][0] = arrays["bias_hh"][0] = 3e38
    refused(ValueError, "b_r and c_r must have a finite sum", lambda: to_gru(arrays, "PyTorch"))
    convert(arrays, "PyTorch", "Keras reset_after=True")


def test_hints_are_given_only_where_they_are_true():
    arrays = random_arrays("PyTorch", 2, 3, np.random.default_rng(10))
    with pytest.raises(ValueError) as caught:
        to_gru(arrays | {"weight_hh": np.ones((12, 3))}, "PyTorch")
    assert "transpose" not in str(caught.value)
    step = notation("PyTorch").step
    refused(
        TypeError, "h must have dtype float64, got float32", lambda: step(arrays, np.ones(2), np.ones(3, np.float32))
    )
    refused(
        ValueError, "must have shape (H, H+D)", lambda: to_gru({n: np.ones((7, 3)) for n in ("W_z", "W_r", "W")}, "A")
    )
