"""grulib.dynamics: Jacobians against finite differences, fixed points that can be counted otherwise, exponents that are known."""

import numpy as np
import pytest
from helpers import refused

from grulib.dynamics import fixed_points, lyapunov_exponents, step_and_jacobian
from grulib.gru import GRU

RESETS = ("before", "after")


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("bias", [True, False])
def test_the_step_is_the_unit_s_and_the_jacobian_its_differences(reset, bias):
    rng = np.random.default_rng(0)
    gru = GRU.random(3, 4, rng, reset=reset, bias=bias)
    gru = GRU(3 * gru.W, 3 * gru.U, gru.b, gru.c, reset=reset)
    x, h = rng.normal(size=(5, 3)), rng.uniform(-1, 1, (5, 4))
    new, J = step_and_jacobian(gru, x, h)
    np.testing.assert_allclose(new, gru.step(x, h), atol=1e-14)
    for j in range(4):
        push = np.zeros(4)
        push[j] = 1e-6
        differences = (gru.step(x, h + push) - gru.step(x, h - push)) / 2e-6
        np.testing.assert_allclose(J[:, :, j], differences, atol=1e-8)


def one_unit(gain, bias=0.0, z_bias=0.0):
    """A GRU of one unit whose candidate is tanh(gain h + bias)."""
    return GRU(np.zeros((3, 1)), np.array([[0.0], [0.0], [2 * gain]]), np.array([0.0, z_bias, bias]), reset="before")


@pytest.mark.parametrize("gain, number, stable", [(0.9, 1, 1), (1.2, 3, 2), (3.0, 3, 2)])
def test_one_unit_has_two_memories_from_gain_one_on_whatever_its_update_gate(gain, number, stable):
    for z_bias in (-1.0, 0.0, 4.0, 30.0):  # with the last z is 1 to twelve digits
        found = fixed_points(one_unit(gain, z_bias=z_bias), np.zeros(1), np.linspace(-1, 1, 41)[:, None])
        assert len(found.h) == number and found.stable.sum() == stable
        np.testing.assert_allclose(np.tanh(gain * found.h), found.h, atol=2e-12)
        z = 1 / (1 + np.exp(-z_bias))
        slopes = z + (1 - z) * gain * (1 - found.h**2)
        np.testing.assert_allclose(found.eigenvalues.real, slopes, atol=1e-9)


def test_as_many_as_starts_are_rounding_apart_count_once_and_none_is_none():
    gru = one_unit(2.0)
    assert len(fixed_points(gru, np.zeros(1), np.full((50, 1), 0.9)).h) == 1
    found = fixed_points(gru, np.zeros(1), np.array([[0.3]]), steps=1)
    assert found.h.shape == (0, 1) and found.eigenvalues.shape == (0, 1) and found.stable.shape == (0,)


@pytest.mark.parametrize("reset", RESETS)
def test_exponents_at_a_fixed_point_are_logarithms_of_eigenvalues(reset):
    gru = GRU.random(2, 5, np.random.default_rng(1), reset=reset)
    x = np.array([0.3, -0.2])
    found = fixed_points(gru, x, np.zeros((1, 5)))
    exponents = lyapunov_exponents(gru, np.tile(x, (3000, 1)), found.h[0], skip=1000)
    np.testing.assert_allclose(exponents, np.sort(np.log(abs(found.eigenvalues[0])))[::-1], atol=2e-3)


@pytest.mark.parametrize("reset", RESETS)
def test_exponents_add_up_to_the_mean_logarithm_of_the_determinant(reset):
    rng = np.random.default_rng(2)
    gru = GRU.random(2, 6, rng, reset=reset)
    gru = GRU(8 * gru.W, 8 * gru.U, gru.b, gru.c, reset=reset)
    x, h, logs = rng.normal(size=(400, 2)), np.zeros((1, 6)), []
    for x_t in x:
        h, J = step_and_jacobian(gru, x_t[None], h)
        logs.append(np.linalg.slogdet(J[0])[1])
    exponents = lyapunov_exponents(gru, x, np.zeros(6), skip=0)
    assert exponents[0] > exponents[-1] and abs(exponents.sum() - np.mean(logs)) < 1e-9


GRU_2 = GRU.random(2, 3, np.random.default_rng(0), reset="after")
X, HS = np.zeros((4, 2)), np.zeros((4, 3))
BAD = [
    (lambda: step_and_jacobian(None, X, HS), TypeError, "gru must be a grulib GRU, got NoneType"),
    (lambda: step_and_jacobian(GRU_2, X[:3], HS), ValueError, "x must have shape (4, 2)"),
    (lambda: step_and_jacobian(GRU_2, X, HS[0]), ValueError, "h must have shape (B, 3)"),
    (lambda: fixed_points(GRU_2, X, HS), ValueError, "x must have shape (2,)"),
    (lambda: fixed_points(GRU_2, X[0], HS.astype(np.float32)), TypeError, "starts must have dtype float64"),
    (lambda: fixed_points(GRU_2, X[0], HS + 1.5), ValueError, "starts must lie from -1 to 1, got 1.5 to 1.5"),
    (lambda: fixed_points(GRU_2, X[0], HS, steps=0), ValueError, "steps must be at least 1, got 0"),
    (lambda: lyapunov_exponents(GRU_2, X, HS[0], skip=4), ValueError, "skip must be below T=4, got 4"),
    (lambda: lyapunov_exponents(GRU_2, X, HS), ValueError, "h0 must have shape (3,)"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_arguments_are_named(call, error, message):
    refused(error, message, call)
