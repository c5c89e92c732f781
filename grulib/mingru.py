"""minGRU: a GRU whose gate and candidate read the input alone, so that all steps can be computed at once.

    z  = sigmoid(W_z x + b_z)         update gate: the share of the old state
    n  = W_n x + b_n                  candidate state
    h' = z * h + (1 - z) * n          new state

The new state is a * h + b with a = z and b = (1 - z) * n, neither of which needs h: a linear recurrence. Three functions
here run it, all (a, b, h0) to states, with a and b (B, T, H) and h0 (B, H), finite float32 or float64, and all with the
same result to rounding. They raise TypeError or ValueError for anything else.

Sources: Feng et al. 2024 (arXiv:2410.01201), who call 1 - z what is z here; Blelloch 1990 for the scan; Heinsen 2023
(arXiv:2311.06281) for its form in logarithms. The chapter "Beyond the loop" builds them up.
"""

import math

import torch
from torch import nn

from grulib.checks import check_array, check_size, shown

_TENSORS = (torch.Tensor, nn.Parameter)


def scan_loop(a, b, h0):
    """h[t] = a[t] * h[t-1] + b[t], step by step."""
    _check_recurrence(a, b, h0)
    h, states = h0, []
    for a_t, b_t in zip(a.unbind(dim=1), b.unbind(dim=1)):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states, dim=1)


def scan_pairs(a, b, h0):
    """`scan_loop` in 2 log2(T) rounds: neighbours are joined until one step is left, and then taken apart again."""
    _check_recurrence(a, b, h0)
    first = torch.cat([a[:, :1] * h0[:, None] + b[:, :1], b[:, 1:]], dim=1)  # the first step has h0 in it
    return _scan_from_zero(a, first)


def _scan_from_zero(a, b):
    T = a.shape[1]
    if T == 1:
        return b
    a_even, b_even, a_odd, b_odd = a[:, : T - 1 : 2], b[:, : T - 1 : 2], a[:, 1::2], b[:, 1::2]
    odd = _scan_from_zero(a_odd * a_even, a_odd * b_even + b_odd)  # states after steps 1, 3, 5, ...
    later = a[:, 2::2] * odd[:, : (T - 1) // 2] + b[:, 2::2]  # after steps 2, 4, ...
    even = torch.cat([b[:, :1], later], dim=1)
    states = torch.empty_like(b)
    states[:, 0::2], states[:, 1::2] = even, odd
    return states


def scan_logarithms(a, b, h0):
    """`scan_loop` with cumulative sums of logarithms, for a above 0.

    h[t] = A[t] * (h0 + b[1] / A[1] + ... + b[t] / A[t]), where A[t] is the product of a[1] to a[t], can't be computed
    as it stands, since A soon underflows; in logarithms it can. A logarithm needs a positive number. The recurrence
    is linear, so the positive parts of h0 and b and the negative ones run apart, and their results are subtracted.
    The rounding error grows with T, and that of the gradient of a with 1 / a, where `MinGRU` hands over log a instead.
    In 32 bits, use `scan_pairs` for long sequences. Raises ValueError if an a is not above 0.
    """
    _check_recurrence(a, b, h0)
    if a.min() <= 0:
        raise ValueError(f"a must be above 0 for its logarithm, got {a.min()}: use scan_pairs")
    return _scan_from_logarithms(a.log(), b, h0)


def _scan_from_logarithms(log_a, b, h0):
    smallest = torch.finfo(b.dtype).tiny
    log_A = log_a.clamp(min=math.log(smallest)).cumsum(dim=1)  # below it a is 0 to rounding, and sums would lose digits
    log_A = torch.cat([torch.zeros_like(log_A[:, :1]), log_A], dim=1)  # (B, T+1, H)
    inputs = torch.cat([h0[:, None], b], dim=1)
    # Half of v + |v|, not max(v, 0): it has the right slope at 0 as well. Nothing is lost next to the tiny number.
    tiny = smallest**0.5
    positive, negative = (v / 2 + v.abs() / 2 + tiny for v in (inputs, -inputs))
    states = [(log_A + (v.log() - log_A).logcumsumexp(dim=1)).exp() for v in (positive, negative)]
    return (states[0] - states[1])[:, 1:]


class MinGRU(nn.Module):
    """A layer of minGRU: x (B, T, D) and h0 (B, H), zeros if None, to all states (B, T, H).

    scan is one of the three functions of this module.
    """

    def __init__(self, input_size, hidden_size, *, scan=scan_pairs):
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        if not any(scan is known for known in (scan_loop, scan_pairs, scan_logarithms)):
            raise ValueError(f"scan must be scan_loop, scan_pairs or scan_logarithms, got {shown(scan)}")
        super().__init__()
        self.update_gate = nn.Linear(input_size, hidden_size)
        self.candidate = nn.Linear(input_size, hidden_size)
        self.scan = scan

    def forward(self, x, h0=None):
        weight = self.update_gate.weight  # (H, D)
        check_array("x", x, _TENSORS, ("B", "T", weight.shape[1]), (weight.dtype,))
        if h0 is None:
            h0 = x.new_zeros(len(x), len(weight))
        check_array("h0", h0, _TENSORS, (len(x), len(weight)), (weight.dtype,))
        gate = self.update_gate(x)
        z = torch.sigmoid(gate)
        b = (1 - z) * self.candidate(x)
        if self.scan is scan_logarithms:
            return _scan_from_logarithms(nn.functional.logsigmoid(gate), b, h0)  # z may be 0 where log z is a number
        return self.scan(z, b, h0)


def _check_recurrence(a, b, h0):
    check_array("a", a, _TENSORS, ("B", "T", "H"), (torch.float32, torch.float64))
    check_array("b", b, _TENSORS, a.shape, (a.dtype,))
    check_array("h0", h0, _TENSORS, (a.shape[0], a.shape[2]), (a.dtype,))
