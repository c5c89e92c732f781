"""grulib.convert.notations: each notation against its equations written out by hand, conversions, and what is refused."""

import numpy as np
import pytest
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib.convert.blocks import Block
from grulib.convert.notations import NOTATIONS, Notation, convert, from_gru, notation, to_gru
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


REFUSED = [
    ("D", "PyTorch", "D resets before the recurrent product and PyTorch after it: these are different functions"),
    (
        "PyTorch",
        "Keras reset_after=False",
        "PyTorch resets after the recurrent product and Keras reset_after=False before it",
    ),
    (
        "PyTorch",
        "Flax nnx",
        "Flax nnx has no bias inside the reset, and c_n (PyTorch's b_hn) is not zero: the reset gate scales it",
    ),
    ("D", "A", "A has no place for b_r, which is not zero"),
    ("PyTorch", "C", "C has no place for b_r, which is not zero"),
]


@pytest.mark.parametrize("source, target, message", REFUSED)
def test_what_cannot_be_exact_is_refused_with_the_reason(source, target, message):
    arrays = random_arrays(source, 2, 3, np.random.default_rng(3))
    refused(ValueError, message, lambda: convert(arrays, source, target))


RNG = np.random.default_rng(4)
GOOD = random_arrays("PyTorch", 2, 3, RNG)
W, U, BIAS = GOOD["weight_ih"], GOOD["weight_hh"], GOOD["bias_ih"]
STEP = notation("PyTorch").step
SHAPE = "weight_hh must have shape (3H, H) in PyTorch, here (9, 3) as D=2 and H=3, got "


def changed(**changes):
    return lambda: to_gru(GOOD | changes, "PyTorch")


BAD_ARRAYS = [
    (lambda: convert(GOOD, "TensorFlow", "A"), ValueError, "notation must be 'A', 'B', 'C'"),
    (lambda: convert(GOOD, "PyTorch", ["A"]), ValueError, "got ['A']"),
    (lambda: to_gru([], "PyTorch"), TypeError, "arrays must be a dictionary of arrays, got list"),
    (lambda: from_gru(GOOD, "PyTorch"), TypeError, "gru must be a grulib.gru.GRU, got dict"),
    (lambda: to_gru({k: GOOD[k] for k in list(GOOD)[:3]}, "PyTorch"), ValueError, "missing: bias_hh"),
    (lambda: to_gru({"weight_ih": W}, "PyTorch"), ValueError, "missing: weight_hh"),
    (changed(kernel=W), ValueError, "unknown: kernel"),
    (lambda: to_gru({}, "PyTorch"), ValueError, "missing: weight_ih, weight_hh"),
    (changed(weight_hh=np.ones((12, 3))), ValueError, SHAPE + "(12, 3)"),  # an LSTM's
    (changed(weight_hh=U.T.copy()), ValueError, SHAPE + "(3, 9) (the transpose would fit)"),
    (changed(weight_ih=U[:6]), ValueError, "weight_ih must have shape (3H, D)"),
    (lambda: to_gru({k: v.T.copy() for k, v in GOOD.items()}, "PyTorch"), ValueError, "(the transpose would fit)"),
    (
        changed(bias_hh=BIAS[:3]),
        ValueError,
        "bias_hh must have shape (3H,) in PyTorch, here (9,) as D=2 and H=3, got (3,)",
    ),
    (
        changed(bias_ih=np.ones((2, 9))),
        ValueError,
        "bias_ih must have shape (3H,), every length at least 1, got (2, 9)",
    ),
    (
        lambda: to_gru(random_arrays("Keras reset_after=False", 2, 3, RNG), "Keras reset_after=True"),
        ValueError,
        "bias must have shape (2, 3H), every length at least 1, got (9,)",
    ),
    (
        lambda: to_gru(random_arrays("GRUCell before", 2, 3, RNG), "GRUCell after"),
        ValueError,
        "missing: candidate_state.weight, candidate_state.bias",
    ),
    (
        lambda: to_gru({name: np.ones((3, 3)) for name in ("W_z", "W_r", "W")}, "A"),
        ValueError,
        "W_z must have shape (H, H+D) with H and D from 1 in A, got (3, 3)",
    ),
    (lambda: to_gru({n: np.ones((7, 3)) for n in ("W_z", "W_r", "W")}, "A"), ValueError, "must have shape (H, H+D)"),
    (changed(weight_hh=U.tolist()), TypeError, "weight_hh must be a ndarray of shape (3H, H), got list"),
    (
        changed(bias_ih=BIAS.astype(np.float32)),
        TypeError,
        "bias_ih must have the dtype of the other arrays, float64, got float32",
    ),
    (changed(bias_ih=np.ones(9, int)), TypeError, "must have dtype float32 or float64, got int64"),
    (changed(weight_hh=U * np.nan), ValueError, "weight_hh must be finite"),
    (
        lambda: STEP(GOOD, np.ones(3), np.ones(3)),
        ValueError,
        "x must have shape (2,), every length at least 1, got (3,)",
    ),
    (
        lambda: STEP(GOOD, np.ones(2), np.ones(2)),
        ValueError,
        "h must have shape (3,), every length at least 1, got (2,)",
    ),
    (lambda: STEP(GOOD, np.ones(2, np.float32), np.ones(3)), TypeError, "x must have dtype float64, got float32"),
    (lambda: STEP(GOOD, np.ones(2), np.ones(3, np.float32)), TypeError, "h must have dtype float64, got float32"),
    (
        lambda: STEP(GOOD | {"weight_ih": np.tile([9e307, -9e307], (9, 1))}, np.full(2, 9.0), np.ones(3)),
        FloatingPointError,
        "x, h and weights must be small enough for float64, got numbers up to 9.0e+00, 1.0e+00 and 9.0e+307",
    ),
]


@pytest.mark.parametrize("call, error, message", BAD_ARRAYS)
def test_wrong_names_shapes_and_types_are_named(call, error, message):
    refused(error, message, call)


WORDS = "words must be rows of W_g, U_g, b_g or c_g for g in r, z, n, all with ' or none, got "
FIT, ONE_GATE = "words must have rows of pieces of one height", "words must have one gate in each row"
BAD_WORDS = [
    (None, TypeError, "words must be a str, got None"),
    ("", ValueError, WORDS + "''"),
    (" ; ", ValueError, WORDS),
    ("W_r;", ValueError, WORDS),
    ("W_r; ; W_z", ValueError, WORDS),
    ("W_q", ValueError, WORDS),
    ("V_r", ValueError, WORDS),
    ("W_r''", ValueError, WORDS),
    ("'W_r", ValueError, WORDS),
    ("W_z W_r'", ValueError, WORDS),
    ("W_z' W_r", ValueError, WORDS),
    ("W_r W_r", ValueError, "words must have each piece once"),
    ("W_r; b_r", ValueError, "words must have matrices or biases, not both"),
    ("W_r b_r", ValueError, "words must have matrices or biases, not both"),
    ("W_r U_r; W_z", ValueError, FIT),
    ("W_r; U_r", ValueError, FIT),
    ("W_r U_r; U_z W_z", ValueError, FIT),
    ("W_r' U_r'", ValueError, FIT),
    ("b_r' b_z'; b_n'", ValueError, FIT),
    ("W_r W_z", ValueError, ONE_GATE),
    ("W_r'; W_z'", ValueError, ONE_GATE),
    ("W_r' W_z'; U_z' U_r'", ValueError, ONE_GATE),
    ("b_r b_z", ValueError, "words must have biases above each other, or with ' beside each other"),
]


@pytest.mark.parametrize("words, error, message", BAD_WORDS)
def test_words_that_make_no_array_are_refused(words, error, message):
    refused(error, message, lambda: Block(words))


APART = {f"{kind}{gate}": f"{kind}_{gate}" for kind in "WU" for gate in "rzn"}
JOINT = {"rz": "W_r U_r; W_z U_z", "n": "W_n U_n"}
ONCE = "layout must have each piece once, and W_g and U_g of each gate, got "
BAD_NOTATIONS = [
    ({"name": 1}, TypeError, "name must be a str, got 1"),
    ({"reset": "never"}, ValueError, "reset must be 'before' or 'after', got 'never'"),
    ({"z": "young"}, ValueError, "z must be 'old' or 'new', got 'young'"),
    ({"bias_optional": 1}, TypeError, "bias_optional must be True or False, got 1"),
    ({"layout": list(APART)}, TypeError, "layout must be a dictionary from names to block matrices, got ["),
    ({"layout": {1: "W_r"}}, TypeError, "layout must be a dictionary from names to block matrices, got {1"),
    ({"layout": {}}, ValueError, ONCE + "[]"),
    ({"layout": APART | {"Wr": 1}}, TypeError, "layout['Wr']: words must be a str, got 1"),
    ({"layout": APART | {"Wr": "W_r U_z'"}}, ValueError, "layout['Wr']: words must be rows of"),
    ({"layout": APART | {"more": "W_r"}}, ValueError, ONCE),
    *(({"layout": {k: v for k, v in APART.items() if k != name}}, ValueError, ONCE) for name in APART),
    ({"layout": JOINT}, ValueError, "layout must have W_n apart from U_n if reset is 'after': r comes between"),
    ({"layout": {"all": "W_r' W_z' W_n'; U_r' U_z' U_n'"}}, ValueError, "layout must have W_n apart from U_n"),
]


@pytest.mark.parametrize("change, error, message", BAD_NOTATIONS)
def test_descriptions_that_compute_nothing_are_refused(change, error, message):
    good = {"name": "new", "reset": "after", "z": "old", "layout": APART}
    Notation(**good)
    refused(error, message, lambda: Notation(**good | change))


@pytest.mark.parametrize(
    "layout", [JOINT, {"all": "U_n W_n; U_r W_r; U_z W_z"}, {"all": "W_r' W_z' W_n'; U_r' U_z' U_n'"}]
)
def test_joint_matrices_of_several_gates(layout):
    """The sizes are read from the arrays, and the step is that of the GRU that the pieces make."""
    new, rng = Notation("new", "before", "old", layout), np.random.default_rng(0)
    for D, H in ((2, 3), (3, 2), (1, 1)):
        arrays = {name: rng.normal(size=block.shape(D, H)) for name, block in new.blocks.items()}
        assert new.sizes(arrays) == (D, H)
        x, h = rng.normal(size=D), rng.normal(size=H)
        gru = GRU(
            **{k: v for k, v in notation("home before").join(new.split(arrays)).items() if v is not None},
            reset="before",
        )
        np.testing.assert_allclose(new.step(arrays, x, h), gru.step(x[None], h[None])[0], rtol=0, atol=1e-14)


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
