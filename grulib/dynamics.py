"""The GRU as a map from state to state, its input held fixed: Jacobian, fixed points, Lyapunov exponents.

The chapter "The GRU as a dynamical system" uses them. After Sussillo and Barak (2013), who look for the fixed points of trained
networks, and Benettin et al. (1980), who find exponents by QR.
"""

from typing import NamedTuple

import numpy as np

from grulib.checks import check_array, check_instance, check_range, check_size
from grulib.gru import GRU, sigmoid


class FixedPoints(NamedTuple):
    """States that a step leaves as they are, each once."""

    h: np.ndarray  # (N, H)
    residuals: np.ndarray  # (N,) the largest entry of n(h) - h by size
    eigenvalues: np.ndarray  # (N, H) of the Jacobian there, complex, the largest by size first

    @property
    def stable(self):
        """(N,) whether a small push dies out."""
        return abs(self.eigenvalues[:, 0]) < 1


def step_and_jacobian(gru, x, h):
    """New states (B, H) and dh'/dh (B, H, H), whose row i is the gradient of the new h_i, at states h (B, H) with inputs x (B, D).

    Raises TypeError or ValueError for anything but a `grulib.gru.GRU` and finite arrays of these shapes and its dtype, FloatingPointError for numbers so large that a step overflows.
    """
    check_instance("gru", gru, GRU)
    check_array("h", h, (np.ndarray,), ("B", gru.hidden_size), (gru.W.dtype,))
    check_array("x", x, (np.ndarray,), (len(h), gru.input_size), (gru.W.dtype,))
    check_range((gru.W, gru.U, gru.b, gru.c), x, h)
    return _step_and_jacobian(gru, x, h)


def fixed_points(gru, x, starts, steps=40):
    """The fixed points that Newton's method reaches from starts (B, H), with the input x (D,) held fixed, as `FixedPoints`.

    A fixed point has n(h) = h, which is what is solved: h' = h holds to rounding wherever z is nearly 1. A start counts if after
    so many steps no entry of n(h) - h is above 1e-12. Points nearer to each other than 1e-6 are one. Starts are from -1 to 1,
    between which n lies; that all points are found is not promised. Raises as the above.
    """
    check_instance("gru", gru, GRU)
    check_array("starts", starts, (np.ndarray,), ("B", gru.hidden_size), (gru.W.dtype,))
    check_array("x", x, (np.ndarray,), (gru.input_size,), (gru.W.dtype,))
    check_size("steps", steps)
    check_range((gru.W, gru.U, gru.b, gru.c), x, starts)
    if abs(starts).max() > 1:
        raise ValueError(f"starts must lie from -1 to 1, got {starts.min()} to {starts.max()}")
    inputs, h, eye = np.tile(x, (len(starts), 1)), starts.copy(), np.eye(gru.hidden_size)
    for _ in range(steps):
        n, N = _candidate(gru, inputs, h)
        h = np.clip(h + (np.linalg.pinv(eye - N) @ (n - h)[:, :, None])[:, :, 0], -1, 1)
    residuals = abs(_candidate(gru, inputs, h)[0] - h).max(axis=1)
    found = []
    for i in np.flatnonzero(residuals <= 1e-12):
        if all(abs(h[i] - h[j]).max() > 1e-6 for j in found):
            found.append(i)
    eigenvalues = np.linalg.eigvals(_step_and_jacobian(gru, inputs[found], h[found])[1]).astype(complex)
    order = np.argsort(-abs(eigenvalues), axis=1)
    return FixedPoints(h[found], residuals[found], np.take_along_axis(eigenvalues, order, axis=1))


def lyapunov_exponents(gru, x, h0, skip=100):
    """The H Lyapunov exponents along the states that x (T, D) leads to from h0 (H,), the largest first: (H,).

    How fast small differences grow, as a mean over the steps after the first `skip`: by e to this power at each. Raises as
    the above.
    """
    check_instance("gru", gru, GRU)
    check_array("x", x, (np.ndarray,), ("T", gru.input_size), (gru.W.dtype,))
    check_array("h0", h0, (np.ndarray,), (gru.hidden_size,), (gru.W.dtype,))
    check_size("skip", skip, at_least=0)
    check_range((gru.W, gru.U, gru.b, gru.c), x, h0)
    if skip >= len(x):
        raise ValueError(f"skip must be below T={len(x)}, got {skip}")
    h, Q, logs = h0[None], np.eye(gru.hidden_size), []
    for t, x_t in enumerate(x):
        h, J = _step_and_jacobian(gru, x_t[None], h)
        Q, R = np.linalg.qr(J[0] @ Q)
        if t >= skip:
            logs.append(np.log(np.maximum(abs(np.diag(R)), np.finfo(float).tiny)))
    return np.sort(np.mean(logs, axis=0))[::-1]


def _step_and_jacobian(gru, x, h):
    H = gru.hidden_size
    z, slope_z = _gate(gru, x, h, slice(H, 2 * H))
    n, N = _candidate(gru, x, h)
    J = _diagonal(z) + (h - n)[:, :, None] * slope_z + (1 - z)[:, :, None] * N
    return (1 - z) * n + z * h, J


def _candidate(gru, x, h):
    """n (B, H) and dn/dh (B, H, H)."""
    H = gru.hidden_size
    r, slope_r = _gate(gru, x, h, slice(H))
    U, a = gru.U[2 * H :], _inputs(gru, x, slice(2 * H, None))
    if gru.reset == "before":
        n = np.tanh(a + (r * h) @ U.T)
        inside = U @ (_diagonal(r) + h[:, :, None] * slope_r)
    else:
        q = h @ U.T + (0 if gru.c is None else gru.c)
        n = np.tanh(a + r * q)
        inside = r[:, :, None] * U + q[:, :, None] * slope_r
    return n, (1 - n**2)[:, :, None] * inside


def _gate(gru, x, h, rows):
    """A gate (B, H) and its derivative by h (B, H, H)."""
    gate = sigmoid(_inputs(gru, x, rows) + h @ gru.U[rows].T)
    return gate, (gate * (1 - gate))[:, :, None] * gru.U[rows]


def _inputs(gru, x, rows):
    return x @ gru.W[rows].T + (0 if gru.b is None else gru.b[rows])


def _diagonal(v):
    """(B, H) to (B, H, H)."""
    return v[:, :, None] * np.eye(v.shape[1])
