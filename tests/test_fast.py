"""grulib.fast: equal to the readable grulib.gru to rounding, whatever the chunks; memory; errors."""

import tracemalloc

import numpy as np
import pytest
from conftest import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib import fast
from grulib.gru import GRU, sigmoid

RESETS = ("before", "after")


@st.composite
def cases(draw, dtype):
    """A GRU, inputs, initial states, output gradients, and a chunk size that cuts both sequences and steps somewhere."""
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
    gru, x, h0, grad, chunk = case
    expected_outputs, expected_cache = gru.forward(x, h0)
    expected = gru.backward(expected_cache, grad)
    monkeypatch.setattr(fast, "CHUNK", chunk)
    outputs, cache = fast.forward(gru, x, h0)
    got = fast.backward(cache, grad)
    np.testing.assert_allclose(outputs, expected_outputs, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(fast.predict(gru, x, h0), outputs)
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


@pytest.mark.parametrize("reset", RESETS)
def test_more_sequences_and_steps_than_a_chunk_holds(reset, monkeypatch):
    rng = np.random.default_rng(0)
    gru = GRU.random(3, 4, rng, reset=reset)
    for B, T in ((fast.CHUNK + 3, 2), (3, fast.CHUNK)):
        x, h0, grad = (rng.standard_normal(s) for s in ((B, T, 3), (B, 4), (B, T, 4)))
        compare((gru, x, h0, grad, fast.CHUNK), 1e-12, monkeypatch)
        assert len(fast.forward(gru, x)[1].chunks) > 1


@pytest.mark.parametrize("reset", RESETS)
def test_initial_state_is_zero_by_default(reset):
    gru, x = example(reset)
    np.testing.assert_array_equal(fast.predict(gru, x), fast.predict(gru, x, np.zeros((2, 4))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gate_far_out_is_as_small_as_sigmoid_says(dtype):
    """z = sigmoid(-30) is 1e-13, and the state keeps that share: the relative accuracy of the gate is not lost."""
    gru = GRU(np.zeros((3, 1), dtype), np.zeros((3, 1), dtype), np.array([0, -30, 0], dtype), reset="before")
    got = fast.predict(gru, np.ones((1, 1, 1), dtype), np.ones((1, 1), dtype))
    np.testing.assert_allclose(got.item(), sigmoid(np.array([-30.0])).item(), rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_where_exp_overflows(dtype):
    gru = GRU(np.full((3, 1), -3e4, dtype), np.ones((3, 1), dtype), reset="after")
    with np.errstate(all="raise", under="ignore"):
        assert fast.predict(gru, np.ones((1, 3, 1), dtype)).tolist() == [[[-1.0], [-1.0], [-1.0]]]


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

    short, long = (beyond_outputs(fast.predict, T) for T in (50, 400))
    assert abs(long - short) < 0.01 * short
    short, long = (beyond_outputs(fast.forward, T) for T in (50, 400))
    assert long > 7 * short  # the same measure sees the cache of a forward pass with gradient


def test_wrong_arguments_are_named():
    gru, x = example("after")
    _, cache = fast.forward(gru, x)
    grad = np.ones((2, 3, 4))
    for function in (fast.predict, fast.forward):
        refused(TypeError, "gru must be a grulib.gru.GRU, got str", lambda: function("gru", x))
        refused(TypeError, "x must be a ndarray of shape (B, T, 3), got list", lambda: function(gru, x.tolist()))
        refused(TypeError, "x must have dtype float64, got float32", lambda: function(gru, x.astype(np.float32)))
        refused(ValueError, "x must have shape (B, T, 3)", lambda: function(gru, x[0]))
        refused(ValueError, "h0 must have shape (2, 4)", lambda: function(gru, x, np.zeros((1, 4))))
        for bad in (np.nan, np.inf, -np.inf):
            refused(
                ValueError,
                "x must be finite, got NaN or infinity",
                lambda: function(gru, np.where(x == x[0, 0, 0], bad, x)),
            )
    refused(
        TypeError,
        "cache must be the Cache that grulib.fast.forward returned",
        lambda: fast.backward(gru.forward(x)[1], grad),
    )
    refused(ValueError, "grad_outputs must have shape (2, 3, 4)", lambda: fast.backward(cache, grad[:, :2]))
    refused(ValueError, "grad_outputs must be finite", lambda: fast.backward(cache, grad * np.nan))


def example(reset):
    rng = np.random.default_rng(0)
    return GRU.random(3, 4, rng, reset=reset), rng.standard_normal((2, 3, 3))
