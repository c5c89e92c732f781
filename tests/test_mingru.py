"""grulib.mingru: the scans agree for any initial state, forward and backward; the layer is its equations; errors."""

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st

from grulib.mingru import MinGRU, scan_logarithms, scan_loop, scan_pairs

SCANS = (scan_loop, scan_pairs, scan_logarithms)


def states_and_gradients(scan, *arrays):
    leaves = [array.clone().requires_grad_() for array in arrays]
    states = scan(*leaves)
    weight = torch.arange(states.numel(), dtype=states.dtype).reshape(states.shape).cos()
    (states * weight).sum().backward()
    return [states.detach(), *(leaf.grad for leaf in leaves)]


@settings(max_examples=300)
@given(
    st.integers(1, 3),
    st.integers(1, 40),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 1.0, 100.0]),
)
def test_scans_agree_for_any_initial_state_and_any_signs(B, T, H, seed, scale):
    generator = torch.Generator().manual_seed(seed)
    a = torch.rand(B, T, H, generator=generator, dtype=torch.float64).clamp(1e-3, 1)
    b = torch.randn(B, T, H, generator=generator, dtype=torch.float64)
    h0 = scale * torch.randn(B, H, generator=generator, dtype=torch.float64)
    expected = states_and_gradients(scan_loop, a, b, h0)
    for scan, tolerance in ((scan_pairs, 1e-13), (scan_logarithms, 1e-9)):
        for got, right in zip(states_and_gradients(scan, a, b, h0), expected):
            assert (got - right).abs().max() <= tolerance * max(1, right.abs().max()), scan.__name__


def test_the_loop_is_the_recurrence():
    a, b, h0 = torch.tensor([[[0.5], [2.0]]]), torch.tensor([[[1.0], [-3.0]]]), torch.tensor([[4.0]])
    assert scan_loop(a, b, h0).tolist() == [[[3.0], [3.0]]]


@pytest.mark.parametrize("scan", [scan_loop, scan_pairs])
def test_a_gate_of_zero_forgets_exactly(scan):
    a, b = torch.tensor([[[0.5], [0.0], [0.5]]]), torch.tensor([[[1.0], [7.0], [1.0]]])
    assert scan(a, b, torch.ones(1, 1))[0, :, 0].tolist() == [1.5, 7.0, 4.5]


def test_a_thousand_open_steps_in_64_bits():
    generator = torch.Generator().manual_seed(0)
    a = 1 - 1e-3 * torch.rand(1, 1000, 4, generator=generator, dtype=torch.float64)
    b, h0 = torch.randn(1, 1000, 4, generator=generator, dtype=torch.float64), -torch.ones(1, 4, dtype=torch.float64)
    for scan in SCANS[1:]:
        torch.testing.assert_close(scan(a, b, h0), scan_loop(a, b, h0), rtol=0, atol=1e-10)


@pytest.mark.parametrize("scan", SCANS)
def test_the_layer_is_its_equations(scan):
    torch.manual_seed(0)
    layer = MinGRU(3, 5, scan=scan).double()
    x, h = torch.randn(2, 6, 3).double(), torch.randn(2, 5).double()
    outputs = layer(x, h)
    for t in range(6):
        z = torch.sigmoid(x[:, t] @ layer.update_gate.weight.T + layer.update_gate.bias)
        n = x[:, t] @ layer.candidate.weight.T + layer.candidate.bias
        h = z * h + (1 - z) * n
        torch.testing.assert_close(outputs[:, t], h, rtol=0, atol=1e-12)
    torch.testing.assert_close(layer(x), layer(x, torch.zeros(2, 5).double()), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [1.0, 100.0, 1e4, 1e30])
def test_large_inputs_have_the_loops_states_and_gradients(dtype, size):
    """Gates that are 0 or 1 to the last bit; the logarithms can't be as exact as the loop, but must not be NaN."""
    torch.manual_seed(0)
    layers = [MinGRU(3, 5, scan=scan).to(dtype) for scan in SCANS]
    x, h = size * torch.randn(2, 40, 3, dtype=dtype), torch.randn(2, 5, dtype=dtype)
    found = []
    for layer in layers:
        layer.load_state_dict(layers[0].state_dict())
        inputs = [tensor.clone().requires_grad_() for tensor in (x, h)]
        states = layer(*inputs)
        states.sum().backward()
        found.append([states.detach(), *(tensor.grad for tensor in inputs), layer.candidate.weight.grad])
    for other in found[1:]:
        for got, expected in zip(other, found[0]):
            largest = max(expected.abs().max(), found[0][0].abs().max())  # slopes come from differences of states
            assert (got - expected).abs().max() <= largest * (3e-4 if dtype == torch.float32 else 1e-11)


def test_logarithms_of_the_largest_numbers():
    large = torch.finfo(torch.float32).max
    a, b, h0 = torch.tensor([[[0.5], [1e-30]]]), torch.tensor([[[0.9 * large], [-1.0]]]), torch.tensor([[-0.9 * large]])
    torch.testing.assert_close(scan_logarithms(a, b, h0), scan_loop(a, b, h0), rtol=1e-4, atol=1e-4)


A, H0 = torch.full((2, 4, 3), 0.5), torch.zeros(2, 3)
BAD_RECURRENCES = [
    ((None, A, H0), TypeError, "a must be a Tensor of shape (B, T, H), got NoneType"),
    ((A.numpy(), A, H0), TypeError, "a must be a Tensor of shape (B, T, H), got ndarray"),
    ((A[0], A, H0), ValueError, "a must have shape (B, T, H), every length at least 1, got (4, 3)"),
    ((A[:, :0], A[:, :0], H0), ValueError, "a must have shape (B, T, H), every length at least 1, got (2, 0, 3)"),
    ((A.long(), A, H0), TypeError, "a must have dtype torch.float32 or torch.float64, got torch.int64"),
    ((A + torch.nan, A, H0), ValueError, "a must be finite"),
    ((A, A[:, :3], H0), ValueError, "b must have shape (2, 4, 3), every length at least 1, got (2, 3, 3)"),
    ((A[:, :3], A, H0), ValueError, "b must have shape (2, 3, 3), every length at least 1, got (2, 4, 3)"),
    ((A, A[:1], H0), ValueError, "b must have shape (2, 4, 3), every length at least 1, got (1, 4, 3)"),
    ((A, A.double(), H0), TypeError, "b must have dtype torch.float32, got torch.float64"),
    ((A, A + torch.inf, H0), ValueError, "b must be finite"),
    ((A, A, H0[:1]), ValueError, "h0 must have shape (2, 3), every length at least 1, got (1, 3)"),
    ((A, A, H0.double()), TypeError, "h0 must have dtype torch.float32, got torch.float64"),
    ((A, A, A), ValueError, "h0 must have shape (2, 3), every length at least 1, got (2, 4, 3)"),
]


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("arguments, error, message", BAD_RECURRENCES)
def test_bad_recurrences_are_named(scan, arguments, error, message):
    refused(error, message, lambda: scan(*arguments))


@pytest.mark.parametrize("bad", [0.0, -0.5])
def test_what_has_no_logarithm_is_named(bad):
    a = torch.where(torch.arange(3) == 1, bad, A)
    refused(
        ValueError, f"a must be above 0 for its logarithm, got {bad}: use scan_pairs", lambda: scan_logarithms(a, A, H0)
    )


X = torch.zeros(2, 4, 3)
BAD_ARGUMENTS = [
    (
        lambda: MinGRU(1, 1, scan="pairs"),
        ValueError,
        "scan must be scan_loop, scan_pairs or scan_logarithms, got 'pairs'",
    ),
    (
        lambda: MinGRU(1, 1, scan=np.ones(2)),
        ValueError,
        "scan must be scan_loop, scan_pairs or scan_logarithms, got array",
    ),
    (lambda: MinGRU(1, 0), ValueError, "hidden_size must be at least 1, got 0"),
    (lambda: MinGRU(1.5, 1), TypeError, "input_size must be an int, got 1.5"),
    (lambda: MinGRU(3, 5)(X[:, :, :2]), ValueError, "x must have shape (B, T, 3)"),
    (lambda: MinGRU(3, 5)(X.double()), TypeError, "x must have dtype torch.float32"),
    (lambda: MinGRU(3, 5)(X, torch.zeros(1, 5)), ValueError, "h0 must have shape (2, 5)"),
    (lambda: MinGRU(3, 5)(X + torch.nan), ValueError, "x must be finite"),
]


@pytest.mark.parametrize("call, error, message", BAD_ARGUMENTS)
def test_bad_arguments_are_named(call, error, message):
    refused(error, message, call)
