"""grulib.gru: the forward pass against equations written out anew, the backward pass against autograd, and errors."""

import dataclasses

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib.gru import GRU, sigmoid

RESETS = ("before", "after")


def autograd(gru, x, h0, grad_outputs):
    """The equations once more, in PyTorch and gate by gate: outputs, and autograd's gradients by name."""
    leaves = {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c, "x": x, "h0": h0}
    leaves = {k: torch.tensor(v, requires_grad=True) for k, v in leaves.items() if v is not None}
    W_r, W_z, W_n = leaves["W"].chunk(3)
    U_r, U_z, U_n = leaves["U"].chunk(3)
    b_r, b_z, b_n = leaves["b"].chunk(3) if "b" in leaves else (0, 0, 0)
    c_n = leaves.get("c", 0)
    h, outputs = leaves["h0"], []
    for x_t in leaves["x"].unbind(1):
        r = torch.sigmoid(x_t @ W_r.T + h @ U_r.T + b_r)
        z = torch.sigmoid(x_t @ W_z.T + h @ U_z.T + b_z)
        if gru.reset == "before":
            n = torch.tanh(x_t @ W_n.T + (r * h) @ U_n.T + b_n)
        else:
            n = torch.tanh(x_t @ W_n.T + b_n + r * (h @ U_n.T + c_n))
        h = (1 - z) * n + z * h
        outputs.append(h)
    outputs = torch.stack(outputs, 1)
    outputs.backward(torch.tensor(grad_outputs))
    return outputs.detach().numpy(), {k: v.grad.numpy() for k, v in leaves.items()}


@st.composite
def cases(draw, dtype=np.float64):
    """A GRU with its inputs, initial states and output gradients; scale 3 drives some gates into saturation."""
    B, T, D, H = (draw(st.integers(1, n)) for n in (4, 9, 4, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gru = GRU.random(D, H, rng, reset=draw(st.sampled_from(RESETS)), bias=draw(st.booleans()), dtype=dtype)
    scale = dtype(draw(st.sampled_from([0.1, 1.0, 3.0])))
    arrays = {k: v * scale for k, v in vars(gru).items() if isinstance(v, np.ndarray)}
    x, h0, grad = (rng.standard_normal(s).astype(dtype) for s in ((B, T, D), (B, H), (B, T, H)))
    return dataclasses.replace(gru, **arrays), x, h0, grad


def relative_error(got, expected):
    """The largest error of any entry of the named arrays, relative to the largest entry of all of them.

    The gradient counts as one vector. An array of it that saturation has driven to 1e-12 has few correct digits of
    its own, in PyTorch as here: 1 - n**2 cancels.
    """
    assert got.keys() == expected.keys()
    for name in expected:
        assert got[name].shape == expected[name].shape and got[name].dtype == expected[name].dtype, name
    error = np.max([abs(got[name] - expected[name]).max() for name in expected])  # Python's max passes over NaN
    return error / np.max([abs(value).max() for value in expected.values()])


def gradients(gru, x, h0, grad):
    """grulib's outputs, and its gradients by name."""
    outputs, cache = gru.forward(x, h0)
    return outputs, {k: v for k, v in gru.backward(cache, grad)._asdict().items() if v is not None}


@settings(max_examples=600)
@given(cases())
def test_outputs_and_gradients_are_autograds_to_1e_12(case):
    (outputs, got), (expected_outputs, expected) = gradients(*case), autograd(*case)
    assert relative_error({"outputs": outputs}, {"outputs": expected_outputs}) <= 1e-12
    assert relative_error(got, expected) <= 1e-12


@settings(max_examples=100)
@given(cases(np.float32))
def test_float32_stays_float32(case):
    (outputs, got), (expected_outputs, expected) = gradients(*case), autograd(*case)
    assert relative_error({"outputs": outputs}, {"outputs": expected_outputs}) <= 1e-5
    assert relative_error(got, expected) <= 1e-4


@settings(max_examples=50)
@given(cases())
def test_gradients_are_the_slopes_of_central_differences(case):
    gru, x, h0, grad = case
    got = gru.backward(gru.forward(x, h0)[1], grad)._asdict()
    rng = np.random.default_rng(0)
    arrays = {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c, "x": x, "h0": h0}

    def loss(name, array):
        moved = {**arrays, name: array}
        outputs, _ = GRU(moved["W"], moved["U"], moved["b"], moved["c"], reset=gru.reset).forward(
            moved["x"], moved["h0"]
        )
        return (grad * outputs).sum()

    for name, array in arrays.items():
        if array is None:
            continue
        direction = rng.standard_normal(array.shape)
        numeric = (loss(name, array + 1e-5 * direction) - loss(name, array - 1e-5 * direction)) / 2e-5
        assert numeric == pytest.approx((got[name] * direction).sum(), rel=1e-6, abs=1e-6), name


@settings(max_examples=50)
@given(cases())
def test_steps_make_the_sequence(case):
    gru, x, h, _ = case
    outputs, _ = gru.forward(x, h)
    for t in range(x.shape[1]):
        h = gru.step(x[:, t], h)
        np.testing.assert_allclose(h, outputs[:, t], rtol=0, atol=1e-14)


@pytest.mark.parametrize("reset", RESETS)
def test_initial_state_is_zero_by_default(reset):
    gru, x = example(reset)
    np.testing.assert_array_equal(gru.forward(x)[0], gru.forward(x, np.zeros((2, 4)))[0])


@pytest.mark.parametrize("reset", RESETS)
def test_inputs_are_not_changed_and_share_no_memory_with_cache_and_results(reset):
    gru, x = example(reset)
    x, h0, grad = x[:1], np.full((1, 4), 0.5), np.ones((1, 3, 4))
    before = [a.copy() for a in (x, h0, grad, gru.W, gru.U, gru.b)]
    outputs, cache = gru.forward(x, h0)
    first = gru.backward(cache, grad)
    for array, copy in zip((x, h0, grad, gru.W, gru.U, gru.b), before):
        np.testing.assert_array_equal(array, copy)
    for array in (x, h0, outputs, first.x, first.h0):
        array[:] = 7.0  # none of these may share memory with the cache
    for again, once in zip(gru.backward(cache, grad), first):
        if again is not None and again.shape not in (first.x.shape, first.h0.shape):
            np.testing.assert_array_equal(again, once)
    assert not (gru.backward(cache, grad).x == 7.0).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_exact_to_rounding_for_any_sign_and_size(dtype):
    a = np.array([-80.0, -37.0, -18.0, -1.0, 0.0, 1.0, 30.0, 80.0])
    with np.errstate(all="raise"):
        got = sigmoid(a.astype(dtype))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, 1 / (1 + np.exp(-a)), rtol=4 * np.finfo(dtype).eps)
    assert sigmoid(np.array([-1e4, 1e4], dtype)).tolist() == [0, 1]
    assert sigmoid(dtype(0)) == sigmoid(0.0) == sigmoid(np.array(0, ">f4")) == 0.5


@pytest.mark.parametrize("a", [None, 1, "1", [1.0], np.array([1]), np.ma.ones(2), np.ones(2, complex), torch.ones(1)])
def test_sigmoid_is_of_floats(a):
    refused(TypeError, "a must be an array of floats, got", lambda: sigmoid(a))


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("bias", [True, False])
def test_random_has_the_documented_shapes_and_range(reset, bias):
    gru = GRU.random(2, 9, np.random.default_rng(0), reset=reset, bias=bias, dtype=np.float32)
    assert (gru.input_size, gru.hidden_size) == (2, 9)
    assert gru.W.shape == (27, 2) and gru.U.shape == (27, 9)
    assert (gru.b is not None) == bias and (gru.c is not None) == (bias and reset == "after")
    arrays = [array for array in (gru.W, gru.U, gru.b, gru.c) if array is not None]
    for array in arrays:
        assert array.dtype == np.float32 and array.max() <= 1 / 3 and array.min() >= -1 / 3
        assert not any(np.shares_memory(array, other) for other in arrays if other is not array)
    assert gru.U.max() > 0.98 / 3 and gru.U.min() < -0.98 / 3 and abs(gru.U.mean()) < 0.05
    c = GRU.random(2, 400, np.random.default_rng(0), reset="after").c
    assert -1 / 20 <= c.min() < -0.97 / 20 and 0.97 / 20 < c.max() <= 1 / 20 and abs(c.mean()) < 0.1 / 20
    assert GRU.random(2, 2, np.random.default_rng(0), reset=reset).W.dtype == np.float64
    assert GRU.random(np.int64(2), np.int64(3), np.random.default_rng(0), reset=reset).W.shape == (9, 2)


def example(reset="after", dtype=np.float64):
    rng = np.random.default_rng(1)
    gru = GRU.random(3, 4, rng, reset=reset, dtype=dtype)
    return gru, rng.standard_normal((2, 3, 3)).astype(dtype)


BAD_PARAMETERS = [
    ("W", [[1.0]], TypeError, "W must be a ndarray of shape (3H, D), got list"),
    ("W", np.ma.ones((12, 3)), TypeError, "W must be a ndarray of shape (3H, D), got MaskedArray"),
    ("W", np.ones((12, 3), int), TypeError, "W must have dtype float32 or float64, got int64"),
    ("W", np.ones(12), ValueError, "W must have shape (3H, D), every length at least 1, got (12,)"),
    ("W", np.ones((11, 3)), ValueError, "W must have 3H rows, a multiple of 3, got shape (11, 3)"),
    ("W", np.ones((12, 0)), ValueError, "W must have shape (3H, D), every length at least 1, got (12, 0)"),
    ("W", np.full((12, 3), np.nan), ValueError, "W must be finite"),
    ("U", np.ones((12, 3)), ValueError, "U must have shape (12, 4), every length at least 1, got (12, 3)"),
    ("U", np.ones((12, 4), np.float32), TypeError, "U must have dtype float64, got float32"),
    ("b", np.ones(4), ValueError, "b must have shape (12,), every length at least 1, got (4,)"),
    ("b", np.full(12, np.inf), ValueError, "b must be finite"),
    ("b", 0.0, TypeError, "b must be a ndarray of shape (12,), got float"),
    ("c", np.ones(12), ValueError, "c must have shape (4,), every length at least 1, got (12,)"),
    ("c", np.ones((4, 1)), ValueError, "c must have shape (4,), every length at least 1, got (4, 1)"),
    ("reset", "before", ValueError, "c must be None if reset is 'before'"),
    ("W", np.full((12, 3), -np.inf), ValueError, "W must be finite"),
    ("W", np.ones((12, 3), ">f8"), TypeError, "W must have dtype float32 or float64, got >f8"),
    ("W", np.ones((12, 3)).view(np.matrix), TypeError, "W must be a ndarray of shape (3H, D), got matrix"),
    ("W", np.ones((12, 3), complex), TypeError, "W must have dtype float32 or float64, got complex128"),
    ("W", np.ones((12, 3), object), TypeError, "W must have dtype float32 or float64, got object"),
    ("W", np.float64(1), TypeError, "W must be a ndarray of shape (3H, D), got float64"),
    ("W", np.array(1.0), ValueError, "W must have shape (3H, D), every length at least 1, got ()"),
    ("W", np.ones((12, 3), np.longdouble), TypeError, "W must have dtype float32 or float64, got"),
    ("b", np.ones(12, np.float32), TypeError, "b must have dtype float64, got float32"),
    ("c", np.ones(4, np.float32), TypeError, "c must have dtype float64, got float32"),
    ("reset", np.array(["after"]), ValueError, "reset must be 'before' or 'after', got array"),
    ("reset", "Before", ValueError, "reset must be 'before' or 'after', got 'Before'"),
]


@pytest.mark.parametrize("name, value, error, message", BAD_PARAMETERS)
def test_bad_parameters_are_named(name, value, error, message):
    gru, _ = example()
    refused(error, message, lambda: dataclasses.replace(gru, **{name: value}))


BAD_RANDOM = [
    ({"input_size": 0}, ValueError, "input_size must be at least 1, got 0"),
    ({"input_size": True}, TypeError, "input_size must be an int, got True"),
    ({"hidden_size": 2.0}, TypeError, "hidden_size must be an int, got 2.0"),
    ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, got int"),
    ({"reset": None}, ValueError, "reset must be 'before' or 'after', got None"),
    ({"bias": 1}, TypeError, "bias must be True or False, got 1"),
    ({"input_size": 2**40}, ValueError, "input_size must be below 2**31, got 1099511627776"),
    ({"input_size": -(10**5000)}, ValueError, "input_size must be at least 1, got int without a repr"),
    ({"hidden_size": np.int8(3)}, TypeError, "hidden_size must be an int, got np.int8(3)"),
    ({"dtype": np.array([1.0])}, TypeError, "dtype must be float32 or float64, got array([1.])"),
    ({"dtype": np.float16}, TypeError, "dtype must be float32 or float64, got"),
]


@pytest.mark.parametrize("change, error, message", BAD_RANDOM)
def test_bad_arguments_of_random_are_named(change, error, message):
    good = {"input_size": 2, "hidden_size": 3, "rng": np.random.default_rng(0), "reset": "after"}
    refused(error, message, lambda: GRU.random(**{**good, **change}))


X, H0, GRAD = np.zeros((2, 3, 3)), np.zeros((2, 4)), np.ones((2, 3, 4))
BAD_INPUTS = [
    ("forward", (X[:, 0],), ValueError, "x must have shape (B, T, 3), every length at least 1, got (2, 3)"),
    ("forward", (X[:, :0],), ValueError, "x must have shape (B, T, 3), every length at least 1, got (2, 0, 3)"),
    ("forward", (X[:0],), ValueError, "x must have shape (B, T, 3), every length at least 1, got (0, 3, 3)"),
    ("forward", (X.astype(np.float32),), TypeError, "x must have dtype float64, got float32"),
    ("forward", (X.astype(">f8"),), TypeError, "x must have dtype float64, got >f8"),
    ("forward", (X + np.inf,), ValueError, "x must be finite"),
    ("forward", (X, H0[:1]), ValueError, "h0 must have shape (2, 4)"),
    ("forward", (X, 0), TypeError, "h0 must be a ndarray"),
    ("forward", (X, H0.astype(np.float32)), TypeError, "h0 must have dtype float64, got float32"),
    ("step", (X, H0), ValueError, "x must have shape (B, 3)"),
    ("step", (X[:, 0], H0[:, :3]), ValueError, "h must have shape (2, 4)"),
    ("step", (X[:, 0], H0 + np.nan), ValueError, "h must be finite"),
    ("step", (X[:, 0].astype(np.float32), H0), TypeError, "x must have dtype float64, got float32"),
    ("step", (X[:, 0], H0.astype(np.float32)), TypeError, "h must have dtype float64, got float32"),
]


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("method, arguments, error, message", BAD_INPUTS)
def test_bad_inputs_are_named(method, arguments, error, message, reset):
    refused(error, message, lambda: getattr(example(reset)[0], method)(*arguments))


BAD_BACKWARD = [
    (tuple, GRAD, TypeError, "cache must be the one that GRU.forward returned, got <class 'tuple'>"),
    (lambda cache: cache, GRAD[:, -1], ValueError, "grad_outputs must have shape (2, 3, 4)"),
    (lambda cache: cache, GRAD.astype(int), TypeError, "grad_outputs must have dtype float64, got int64"),
    (lambda cache: cache, GRAD * np.nan, ValueError, "grad_outputs must be finite"),
    (lambda cache: cache_of(3, 5, cache.reset), GRAD, ValueError, "with D=3, H=5, float64 and reset"),
    (lambda cache: cache_of(4, 4, cache.reset), GRAD, ValueError, "with D=4, H=4, float64 and reset"),
    (lambda cache: cache_of(3, 4, cache.reset, np.float32), GRAD, ValueError, "with D=3, H=4, float32 and reset"),
    (lambda cache: cache_of(3, 4, other(cache.reset)), GRAD, ValueError, "cache must come from a GRU with D=3, H=4"),
    (lambda cache: cache._replace(reset="neither"), GRAD, ValueError, "reset 'neither'"),
    (lambda cache: cache._replace(r=cache.r[:, :1]), GRAD, ValueError, "or one that was changed"),
]


def cache_of(D, H, reset, dtype=np.float64):
    gru = GRU.random(D, H, np.random.default_rng(0), reset=reset, dtype=dtype)
    return gru.forward(np.zeros((2, 3, D), dtype))[1]


def other(reset):
    return "after" if reset == "before" else "before"


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("change, grad, error, message", BAD_BACKWARD)
def test_bad_arguments_of_the_backward_pass_are_named(change, grad, error, message, reset):
    gru, x = example(reset)
    refused(error, message, lambda: gru.backward(change(gru.forward(x)[1]), grad))


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_overflow_is_said_once_and_without_a_warning(reset, dtype):
    """Also where a sum of products overflows on the way and a gate would make 0 or 1 of it."""
    large = np.finfo(dtype).max
    W = np.tile(np.array([large, -large], dtype), (12, 1))
    gru = GRU(W, np.ones((12, 4), dtype), reset=reset)
    x, h = np.full((2, 3, 2), 2, dtype), np.zeros((2, 4), dtype)
    message = f"x, h and weights must be small enough for {np.dtype(dtype)}, got numbers up to 2.0e+00, 0.0e+00 and"
    refused(FloatingPointError, message, lambda: gru.forward(x))
    refused(FloatingPointError, message, lambda: gru.step(x[:, 0], h))
    gru, x = example(reset, dtype)
    refused(FloatingPointError, "must be small enough", lambda: gru.forward(x * (large / 3)))
    refused(FloatingPointError, "must be small enough", lambda: gru.forward(x, h + large))
    weights = {"W": gru.W, "U": gru.U, "b": gru.b} | ({"c": gru.c} if reset == "after" else {})
    for name, array in weights.items():
        huge = dataclasses.replace(gru, **{name: np.full_like(array, large / 2)})
        refused(FloatingPointError, "must be small enough", lambda: huge.forward(x))
        refused(
            FloatingPointError,
            "must be small enough",
            lambda: dataclasses.replace(gru, **{name: -vars(huge)[name]}).forward(x),
        )
    sums = [np.full(shape, 0.45 * large, dtype) for shape in ((3, 1), (3, 1), (3,), (1,))]  # b + r * (U h + c)
    single = GRU(*sums[: 4 if reset == "after" else 3], reset=reset)
    zero = np.zeros((1, 1), dtype)
    refused(FloatingPointError, "must be small enough", lambda: single.step(zero, zero))
    grad = np.full((2, 3, 4), large)
    refused(
        FloatingPointError,
        f"grad_outputs and weights must be small enough for {np.dtype(dtype)}, got such that a gradient exceeds",
        lambda: gru.backward(gru.forward(x)[1], grad),
    )


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_large_and_has_a_result_is_no_overflow(reset, dtype):
    """States whose sum is infinity are each a number, and so are gradients."""
    large, x = np.finfo(dtype).max, np.full((2, 3, 3), 2, dtype)
    gru = GRU(np.full((12, 3), 0.1, dtype), np.zeros((12, 4), dtype), reset=reset)
    outputs, _ = gru.forward(x, np.full((2, 4), large))
    assert np.isfinite(outputs).all() and (outputs[:, 0] > large / 2).all()
    gru = GRU(np.full((12, 3), large / 100), np.zeros((12, 4), dtype), reset=reset)
    gradients = gru.backward(gru.forward(x)[1], np.full((2, 3, 4), large / 4))
    assert (gradients.h0 == 3 * (large / 4)).all()  # z is 1 and keeps the state


def test_float32_needs_no_initial_state():
    gru, x = example(dtype=np.float32)
    assert gru.forward(x)[0].dtype == np.float32


def test_relative_error_sees_every_entry_and_nan():
    expected = {"W": np.ones(2), "b": np.array([-10.0, 1.0])}
    assert relative_error(expected, expected) == 0
    for name, wrong, error in [("W", [1.0, 2.0], 0.1), ("W", [0.0, 1.0], 0.1), ("b", [-10.0, -1.0], 0.2)]:
        assert relative_error(expected | {name: np.array(wrong)}, expected) == error
    for name in expected:
        assert np.isnan(relative_error(expected | {name: np.array([1.0, np.nan])}, expected))
    for got in ({"W": np.ones(2)}, expected | {"W": np.ones(1)}, expected | {"W": np.ones(2, np.float32)}):
        with pytest.raises(AssertionError):
            relative_error(got, expected)
