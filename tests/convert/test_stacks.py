"""grulib.convert.stacks: several layers and directions against single GRUs and loops, lengths, and errors."""

import numpy as np
import pytest
from helpers import refused

from grulib.convert.stacks import convert_stack, run, to_grus
from grulib.gru import GRU

RESETS = ("before", "after")


def random_stack(D, H, layers, directions, reset, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    sizes = [D] + [directions * H] * (layers - 1)
    return [[GRU.random(size, H, rng, reset=reset, dtype=dtype) for _ in range(directions)] for size in sizes]


@pytest.mark.parametrize("reset", RESETS)
def test_a_stack_is_its_cells_run_one_sequence_at_a_time(reset):
    """Each sequence alone, cut to its length, and the backward direction on the sequence written backwards."""
    rng = np.random.default_rng(1)
    B, T, D, H = 4, 6, 3, 5
    x, lengths = rng.normal(size=(B, T, D)), np.array([6, 1, 4, 3])
    stack, h0 = random_stack(D, H, 2, 2, reset), rng.uniform(-1, 1, (4, B, H))
    outputs, last = run(stack, x, lengths, h0)
    assert outputs.shape == (B, T, 2 * H) and last.shape == (4, B, H)
    for i, length in enumerate(lengths):
        read = x[i : i + 1, :length]
        for layer, (forth, back) in enumerate(stack):
            f, _ = forth.forward(read, h0[2 * layer, i : i + 1])
            b, _ = back.forward(read[:, ::-1].copy(), h0[2 * layer + 1, i : i + 1])
            np.testing.assert_allclose(last[2 * layer, i], f[0, -1], rtol=0, atol=1e-15)
            np.testing.assert_allclose(last[2 * layer + 1, i], b[0, -1], rtol=0, atol=1e-15)
            read = np.concatenate([f, b[:, ::-1]], axis=2)
        np.testing.assert_allclose(outputs[i, :length], read[0], rtol=0, atol=1e-15)
        assert not outputs[i, length:].any()


@pytest.mark.parametrize("reset", RESETS)
def test_one_layer_in_one_direction_is_the_gru(reset):
    rng = np.random.default_rng(2)
    stack, x = random_stack(2, 3, 1, 1, reset), rng.normal(size=(3, 4, 2))
    outputs, last = run(stack, x)
    np.testing.assert_array_equal(outputs, stack[0][0].forward(x)[0])
    np.testing.assert_array_equal(last[0], outputs[:, -1])


def test_what_stands_after_a_sequence_has_no_influence():
    rng = np.random.default_rng(3)
    stack, x, lengths = random_stack(2, 3, 2, 2, "after"), rng.normal(size=(2, 5, 2)), np.array([2, 5])
    once = run(stack, x, lengths)
    x[0, 2:] = 99.0
    for a, b in zip(once, run(stack, x, lengths)):
        np.testing.assert_array_equal(a, b)


def test_notes_of_a_stack_are_given_once():
    stack = [[convert_like_torch(size) for _ in range(2)] for size in (2, 6)]
    converted = convert_stack(stack, "PyTorch", "Flax linen")
    assert len(converted.notes) == 1 and "added" in converted.notes[0]
    onwards = convert_stack(
        [[{k: v for k, v in convert_like_torch(2).items() if "weight" in k}]], "PyTorch", "Flax nnx"
    )
    assert onwards.notes == ["Flax nnx has places that PyTorch leaves empty, b_r, b_z, b_n: filled with zeros."]
    assert [[arrays["ir/kernel"].shape for arrays in layer] for layer in converted.arrays] == [
        [(2, 3)] * 2,
        [(6, 3)] * 2,
    ]


def convert_like_torch(D, H=3):
    rng = np.random.default_rng(D)
    shapes = {"weight_ih": (3 * H, D), "weight_hh": (3 * H, H), "bias_ih": (3 * H,), "bias_hh": (3 * H,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


STACK, X = random_stack(2, 3, 2, 2, "after"), np.zeros((4, 5, 2))
ONE, ARRAYS = STACK[0][0], convert_like_torch(2)
WIDER, BEFORE = (random_stack(2, H, 1, 1, reset)[0][0] for H, reset in ((4, "after"), (3, "before")))
SINGLE = random_stack(6, 3, 1, 2, "after", dtype=np.float32)
FULL = np.full(4, 5)
BAD_RUNS = [
    (ONE, {}, TypeError, "stack must be a list of layers"),
    ([ONE], {}, TypeError, "stack must be a list of layers"),
    ([[{}]], {}, TypeError, "stack must have a GRU for each direction, got dict in layer 0"),
    ([], {}, ValueError, "stack must have layers of one or of two directions, all alike, got []"),
    ([[], []], {}, ValueError, "all alike, got [0, 0]"),
    ([[ONE, WIDER]], {}, ValueError, "got D=2, H=4, float64"),
    ([STACK[0], STACK[1][:1]], {}, ValueError, "all alike, got [2, 1]"),
    ([[ONE, ONE, ONE]], {}, ValueError, "all alike, got [3]"),
    ([STACK[0]] * 2, {}, ValueError, "stack must have D=6, H=3, float64, reset 'after' in layer 1, got D=2"),
    ([[ONE, BEFORE]], {}, ValueError, "got D=2, H=3, float64, reset 'before'"),
    ([STACK[0], SINGLE[0]], {}, ValueError, "got D=6, H=3, float32"),
    (
        STACK,
        {"x": np.zeros((4, 5, 3))},
        ValueError,
        "x must have shape (B, T, 2), every length at least 1, got (4, 5, 3)",
    ),
    (STACK, {"x": X.astype(np.float32)}, TypeError, "x must have dtype float64, got float32"),
    (STACK, {"x": X + np.inf}, ValueError, "x must be finite"),
    (STACK, {"x": X + 1e308}, FloatingPointError, "x, h and weights must be small enough for float64"),
    (
        STACK,
        {"h0": np.zeros((2, 4, 3))},
        ValueError,
        "h0 must have shape (4, 4, 3), every length at least 1, got (2, 4, 3)",
    ),
    (STACK, {"lengths": FULL[:1]}, ValueError, "lengths must have shape (4,)"),
    (STACK, {"lengths": [5, 5, 5, 5]}, TypeError, "lengths must be a ndarray of shape (4,), got list"),
    (STACK, {"lengths": np.ones(4)}, TypeError, "lengths must have dtype int32 or int64, got float64"),
    (STACK, {"lengths": np.array([0, 5, 5, 5])}, ValueError, "lengths must lie from 1 to T=5, got 0 to 5"),
    (STACK, {"lengths": np.array([-1, 5, 5, 5])}, ValueError, "lengths must lie from 1 to T=5, got -1 to 5"),
    (STACK, {"lengths": np.array([1, 6, 5, 5])}, ValueError, "lengths must lie from 1 to T=5, got 1 to 6"),
    (STACK, {"lengths": FULL > 0}, TypeError, "lengths must have dtype int32 or int64, got bool"),
]


@pytest.mark.parametrize("stack, change, error, message", BAD_RUNS)
def test_bad_stacks_and_batches_are_named(stack, change, error, message):
    refused(error, message, lambda: run(stack, **{"x": X} | change))


BAD_ARRAYS = [
    (lambda: to_grus([[ARRAYS], [ARRAYS]], "PyTorch"), ValueError, "stack must have D=3, H=3"),
    (lambda: convert_stack([[ARRAYS]], "Torch", "A"), ValueError, "notation must be 'A', 'B'"),
    (lambda: convert_stack([[ARRAYS], [ARRAYS]], "PyTorch", "Flax linen"), ValueError, "stack must have D=3, H=3"),
    (lambda: convert_stack(STACK, "PyTorch", "A"), TypeError, "stack must have a dict for each direction, got GRU"),
]


@pytest.mark.parametrize("call, error, message", BAD_ARRAYS)
def test_bad_stacks_of_arrays_are_named(call, error, message):
    refused(error, message, call)
