"""grulib.fast: equal to the readable grulib.gru to rounding, whatever the chunks; memory; errors."""

import tracemalloc

import numpy as np
import pytest
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib import fast
from grulib.gru import GRU, sigmoid

RESETS = ("before", "after")


@st.composite
def cases(draw, dtype):
    """A GRU, inputs, initial states, output gradients, and the number of columns in a chunk."""
    B, T, D, H = (draw(st.integers(1, n)) for n in (5, 9, 4, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.1, 1.0, 30.0] if dtype == np.float64 else [0.1, 1.0]))  # 30 saturates gates
    bias, reset = draw(st.booleans()), draw(st.sampled_from(RESETS))
    shapes = {"W": (3 * H, D), "U": (3 * H, H), "b": (3 * H,), "c": (H,)}
    if not bias:
        del shapes["b"]
    if not bias or reset == "before":
        del shapes["c"]
    weights = {name: (scale * rng.standard_normal(shape)).astype(dtype) for name, shape in shapes.items()}
    x, h0, grad = (rng.standard_normal(s).astype(dtype) for s in ((B, T, D), (B, H), (B, T, H)))
    return GRU(**weights, reset=reset), x, h0, grad, draw(st.integers(1, 12))


def compare(case, tolerance, monkeypatch):
    gru, x, h0, grad, columns = case
    expected_outputs, expected_cache = gru.forward(x, h0)
    expected = gru.backward(expected_cache, grad)
    monkeypatch.setattr(fast, "columns_of_a_chunk", lambda H: columns)
    outputs, cache = fast.forward(gru, x, h0)
    got = fast.backward(cache, grad)
    np.testing.assert_allclose(outputs, expected_outputs, rtol=0, atol=tolerance)
    np.testing.assert_allclose(fast.predict(gru, x, h0), outputs, rtol=0, atol=tolerance)
    step, h = fast.Stepper(gru, len(x)), h0
    for t in range(x.shape[1]):
        before, h = h, step(x[:, t], h)
        np.testing.assert_allclose(h, expected_outputs[:, t], rtol=0, atol=tolerance)
    assert h.dtype == x.dtype and not np.shares_memory(h, before)
    assert outputs.dtype == x.dtype and outputs.flags.c_contiguous
    for chunk in cache.chunks:
        assert chunk.r.size // gru.hidden_size <= columns
        assert all(array.dtype == x.dtype for array in chunk[2:])
    largest = max(abs(e).max() for e in expected if e is not None)
    for name, g, e in zip(expected._fields, got, expected):
        assert (g is None) == (e is None), name
        if e is not None:
            assert g.dtype == e.dtype and g.flags.c_contiguous, name
            np.testing.assert_allclose(g, e, rtol=0, atol=tolerance * largest, err_msg=name)


@settings(max_examples=400)
@given(case=cases(np.float64))
def test_outputs_and_gradients_are_those_of_the_readable_form_to_rounding(case):
    with pytest.MonkeyPatch.context() as monkeypatch:
        compare(case, 1e-13, monkeypatch)


@settings(max_examples=200)
@given(case=cases(np.float32))
def test_float32_stays_float32(case):
    with pytest.MonkeyPatch.context() as monkeypatch:
        compare(case, 1e-5, monkeypatch)


@pytest.mark.parametrize(
    ("B", "T", "H", "number"), [(259, 2, 300, 4), (1025, 2, 64, 4), (3, 1000, 300, 12), (1, 9, 2, 1)]
)
def test_how_many_chunks(B, T, H, number):
    """At most 65536 numbers in a state of a chunk or 256 columns, whichever is more, in equal parts of the batch."""
    gru = GRU.random(1, H, np.random.default_rng(0), reset="after", dtype=np.float32)
    chunks = fast.forward(gru, np.ones((B, T, 1), np.float32))[1].chunks
    assert len(chunks) == number
    sizes = {chunk.rows.stop - chunk.rows.start for chunk in chunks}
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("reset", RESETS)
def test_as_many_sequences_and_steps_as_training_has(reset):
    rng = np.random.default_rng(0)
    gru = GRU.random(3, 300, rng, reset=reset)
    for B, T in ((259, 2), (3, 100)):
        x, h0, grad = (rng.standard_normal(s) for s in ((B, T, 3), (B, 300), (B, T, 300)))
        with pytest.MonkeyPatch.context() as monkeypatch:
            compare((gru, x, h0, grad, 256), 1e-12, monkeypatch)


@pytest.mark.parametrize("reset", RESETS)
def test_initial_state_is_zero_by_default(reset):
    gru, x = example(reset)
    np.testing.assert_array_equal(fast.predict(gru, x), fast.predict(gru, x, np.zeros((2, 4))))


@pytest.mark.parametrize(("dtype", "a"), [(np.float32, -30), (np.float32, -80), (np.float64, -30), (np.float64, -600)])
def test_a_gate_far_out_is_as_small_as_sigmoid_says(dtype, a):
    """z = sigmoid(-30) is 1e-13, and the state keeps that share: the relative accuracy of the gate is not lost."""
    gru = GRU(np.zeros((3, 1), dtype), np.zeros((3, 1), dtype), np.array([0, a, 0], dtype), reset="before")
    got = fast.predict(gru, np.ones((1, 1, 1), dtype), np.ones((1, 1), dtype))
    np.testing.assert_allclose(got.item(), sigmoid(np.array([float(a)])).item(), rtol=2e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_where_exp_overflows(dtype):
    gru = GRU(np.full((3, 1), -3e4, dtype), np.ones((3, 1), dtype), reset="after")
    with np.errstate(all="raise", under="ignore"):
        assert fast.predict(gru, np.ones((1, 3, 1), dtype)).tolist() == [[[-1.0], [-1.0], [-1.0]]]


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_overflow_is_said_once_and_without_a_warning(reset, dtype):
    large = np.finfo(dtype).max
    gru = GRU(np.tile(np.array([large, -large], dtype), (12, 1)), np.ones((12, 4), dtype), reset=reset)
    x = np.full((3, 5, 2), 2, dtype)
    for function in (fast.predict, fast.forward):
        refused(FloatingPointError, "x, h and weights must be small enough for float", lambda: function(gru, x))
    gru = GRU.random(2, 4, np.random.default_rng(0), reset=reset, dtype=dtype)
    cache = fast.forward(gru, x)[1]
    grad = np.full((3, 5, 4), large)
    refused(FloatingPointError, "grad_outputs and weights must be small enough for", lambda: fast.backward(cache, grad))


@pytest.mark.parametrize("reset", RESETS)
def test_inputs_are_not_changed_and_the_cache_serves_twice(reset):
    gru, x = example(reset)
    h0, grad = np.full((2, 4), 0.5), np.ones((2, 3, 4))
    before = [a.copy() for a in (x, h0, grad, gru.W, gru.U, gru.b)]
    outputs, cache = fast.forward(gru, x, h0)
    first = fast.backward(cache, grad)
    for array, copy in zip((x, h0, grad, gru.W, gru.U, gru.b), before):
        np.testing.assert_array_equal(array, copy)
    for array in (x, h0, outputs):
        array[:] = 7.0  # the cache must not share memory with these
    for again, once in zip(fast.backward(cache, grad), first):
        np.testing.assert_array_equal(again, once)


@pytest.mark.parametrize("reset", RESETS)
def test_a_forward_pass_without_gradient_needs_no_more_memory_for_more_steps(reset):
    rng = np.random.default_rng(0)
    gru = GRU.random(8, 32, rng, reset=reset, dtype=np.float32)

    def beyond_outputs(function, T):
        x = rng.standard_normal((64, T, 8)).astype(np.float32)
        tracemalloc.start()
        result = function(gru, x)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        outputs = result if function is fast.predict else result[0]
        return peak - outputs.nbytes

    short, long = (beyond_outputs(fast.predict, T) for T in (128, 1024))  # chunks of 32 steps
    assert abs(long - short) < 0.01 * short
    short, long = (beyond_outputs(fast.forward, T) for T in (128, 1024))
    assert long > 7 * short  # the same measure sees the cache of a forward pass with gradient


class Look:
    """Has what a GRU has, and is none."""

    W = np.ones((12, 3))


X, H0, GRAD = np.ones((2, 3, 3)), np.zeros((2, 4)), np.ones((2, 3, 4))
BAD_INPUTS = [
    ("gru", (X,), TypeError, "gru must be a grulib.gru.GRU, got str"),
    (Look(), (X,), TypeError, "gru must be a grulib.gru.GRU, got Look"),
    (None, (X, [[0.0] * 4] * 2), TypeError, "h0 must be a ndarray of shape (2, 4), got list"),
    (None, (X, H0.astype(np.float32)), TypeError, "h0 must have dtype float64"),
    (None, (X, H0 + np.nan), ValueError, "h0 must be finite"),
    (None, (X.tolist(),), TypeError, "x must be a ndarray of shape (B, T, 3), got list"),
    (None, (X.astype(np.float32),), TypeError, "x must have dtype float64, got float32"),
    (None, (X[0],), ValueError, "x must have shape (B, T, 3)"),
    (None, (X, H0[:1]), ValueError, "h0 must have shape (2, 4)"),
    *(
        (None, (np.where(np.arange(3) == 1, bad, X),), ValueError, "x must be finite, got NaN or infinity")
        for bad in (np.nan, np.inf, -np.inf)
    ),
]


@pytest.mark.parametrize("function", [fast.predict, fast.forward])
@pytest.mark.parametrize("gru, arguments, error, message", BAD_INPUTS)
def test_bad_inputs_are_named(function, gru, arguments, error, message):
    refused(error, message, lambda: function(example("after")[0] if gru is None else gru, *arguments))


@pytest.mark.parametrize("reset", RESETS)
def test_a_stepper_keeps_what_it_gave_and_what_it_got(reset):
    gru, x = example(reset)
    step, h0 = fast.Stepper(gru, 2), np.full((2, 4), 0.5)
    first = step(x[:, 0], h0)
    kept = first.copy()
    step(x[:, 1], first)
    np.testing.assert_array_equal(first, kept)
    assert (h0 == 0.5).all()
    saturated = GRU(gru.W, gru.U, np.full(12, -1e4), reset=reset)  # gates of exactly zero, without a warning
    assert np.isfinite(fast.Stepper(saturated, 2)(x[:, 0], h0)).all()


BAD_STEPS = [
    (lambda: fast.Stepper(None), TypeError, "gru must be a grulib GRU, got NoneType"),
    (lambda: fast.Stepper(example("after")[0], 0), ValueError, "B must be at least 1, got 0"),
    (lambda: fast.Stepper(example("after")[0], True), TypeError, "B must be an int, got True"),
    (lambda: fast.Stepper(example("after")[0])(X[:, 0], H0), ValueError, "x must have shape (1, 3)"),
    (
        lambda: fast.Stepper(example("after")[0], 2)(X[:, 0].astype(np.float32), H0),
        TypeError,
        "x must have dtype float64",
    ),
    (lambda: fast.Stepper(example("after")[0], 2)(X[:, 0], H0[:, :3]), ValueError, "h must have shape (2, 4)"),
    (
        lambda: fast.Stepper(example("after")[0], 2)(X[:, 0].tolist(), H0),
        TypeError,
        "x must be a ndarray of shape (2, 3)",
    ),
]


@pytest.mark.parametrize("call, error, message", BAD_STEPS)
def test_bad_steps_are_named(call, error, message):
    refused(error, message, call)


BAD_BACKWARD = [
    (
        GRU.forward,
        GRAD,
        TypeError,
        "cache must be the one that grulib.fast.forward returned, got <class 'grulib.gru.Cache'>",
    ),
    (fast.forward, GRAD[:, :2], ValueError, "grad_outputs must have shape (2, 3, 4)"),
    (fast.forward, GRAD.astype(np.float32), TypeError, "grad_outputs must have dtype float64"),
    (fast.forward, GRAD * np.nan, ValueError, "grad_outputs must be finite"),
]


@pytest.mark.parametrize("forward, grad, error, message", BAD_BACKWARD)
def test_bad_arguments_of_the_backward_pass_are_named(forward, grad, error, message):
    refused(error, message, lambda: fast.backward(forward(*example("after"))[1], grad))


def example(reset):
    rng = np.random.default_rng(0)
    return GRU.random(3, 4, rng, reset=reset), rng.standard_normal((2, 3, 3))
