"""grulib.mingru: the scans agree for any initial state, forward and backward; the layer is its equations; errors."""

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


def test_wrong_arguments_are_named():
    refused(
        ValueError,
        "scan must be scan_loop, scan_pairs or scan_logarithms, got 'pairs'",
        lambda: MinGRU(1, 1, scan="pairs"),
    )
    refused(ValueError, "hidden_size must be at least 1, got 0", lambda: MinGRU(1, 0))
    refused(TypeError, "input_size must be an int, got 1.5", lambda: MinGRU(1.5, 1))
    layer = MinGRU(3, 5)
    refused(ValueError, "x must have shape (B, T, 3)", lambda: layer(torch.zeros(2, 4, 2)))
    refused(TypeError, "x must have dtype torch.float32", lambda: layer(torch.zeros(2, 4, 3).double()))
    refused(ValueError, "h0 must have shape (2, 5)", lambda: layer(torch.zeros(2, 4, 3), torch.zeros(1, 5)))
    refused(ValueError, "x must be finite", lambda: layer(torch.full((2, 4, 3), torch.nan)))
