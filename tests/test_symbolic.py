"""grulib.symbolic: the hand-derived backward pass is SymPy's derivative, exactly, and both are NumPy's numbers."""

import numpy as np
import pytest
import sympy as sp

from grulib.gru import GRU
from grulib.symbolic import SymbolicGRU, evaluate, gradient, is_zero, sigma, symbol_matrix

RESETS = ("before", "after")


def sequence(D, H, T, reset, bias):
    gru = SymbolicGRU.symbols(D, H, reset=reset, bias=bias)
    xs = [symbol_matrix(f"x{t}_", D) for t in range(1, T + 1)]
    grads = [symbol_matrix(f"g{t}_", H) for t in range(1, T + 1)]
    h0 = symbol_matrix("h0_", H)
    loss = sum((g.T * s.h)[0] for g, s in zip(grads, gru.unroll(xs, h0)))
    by = {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c, "h0": h0}
    return gru, xs, h0, grads, loss, {k: v for k, v in by.items() if v is not None}


def test_sigma_is_the_logistic_function():
    a = sp.Symbol("a", real=True)
    logistic = 1 / (1 + sp.exp(-a))
    assert sp.simplify(sigma(a).rewrite(sp.exp) - logistic) == 0
    assert sp.simplify(sigma(a).diff(a).rewrite(sp.exp) - sp.diff(logistic, a)) == 0
    assert sigma(sp.Rational(1, 3)).evalf(30) == (1 / (1 + sp.exp(-sp.Rational(1, 3)))).evalf(30)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("D, H, T, bias", [(2, 3, 1, True), (2, 2, 1, False), (1, 2, 2, True), (1, 1, 3, True)])
def test_hand_derived_gradients_are_sympys_exactly(D, H, T, reset, bias):
    gru, xs, h0, grads, loss, by = sequence(D, H, T, reset, bias)
    hand = gru.backward(xs, h0, grads)
    for name, symbols in by.items():
        assert is_zero(gradient(loss, symbols) - hand[name]), name
    for x, d_x in zip(xs, hand["x"]):
        assert is_zero(gradient(loss, x) - d_x)
    assert (hand["b"] is None) == (gru.b is None) and (hand["c"] is None) == (gru.c is None)


def test_is_zero_sees_what_is_not_zero():
    a, b = sp.symbols("a b", real=True)
    s = sigma(a + b)
    assert is_zero(sp.Matrix([(1 - s) * (1 + s) - 1 + s**2, sp.S.Zero]))
    assert not is_zero(sp.Matrix([(1 - s) * (1 + s) - 1 + s]))
    assert not is_zero(sp.Matrix([sp.S.Zero, sp.S.One]))
    assert not is_zero(sp.Matrix([sigma(a) - sigma(b)]))


def test_is_zero_refuses_what_it_cannot_prove():
    a, b = sp.symbols("a b", real=True)
    for entry in (sp.Max(a, b) - a, a / 2 - a / 2 * b, sp.Float(0.5) * a, sp.pi, sp.exp(a), 1 / a, sp.Mod(a, b) - a):
        with pytest.raises(ValueError, match="matrix must have polynomials with whole coefficients as entries, got"):
            is_zero(sp.Matrix([entry]))


def test_evaluate_gives_as_many_digits_as_asked_for():
    a = sp.Symbol("a", real=True)
    logistic, third, pi = evaluate([sigma(a), a, sp.pi], {a: sp.Rational(1, 3)}, digits=40)
    assert str(sp.Float(logistic, 40)) == str((1 / (1 + sp.exp(-sp.Rational(1, 3)))).evalf(40))
    assert str(sp.Float(third, 40)) == "0." + 40 * "3" and str(sp.Float(pi, 40)) == str(sp.pi.evalf(40))
    with pytest.raises(ValueError, match=r"values must have a number for each symbol, got none for \[a\]"):
        evaluate([a])
    with pytest.raises(ValueError, match="digits must be at least 1, got 0"):
        evaluate([a], {a: 1}, digits=0)


def test_symbols_are_distinct():
    assert len(symbol_matrix("U", 9, 9).free_symbols) == 81
    with pytest.raises(ValueError, match="columns must be at most 9, got 11"):
        symbol_matrix("U", 2, 11)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("bias", [True, False])
def test_numpy_agrees_with_sympy(reset, bias):
    D, H, T = 2, 2, 2
    symbolic, xs, h0, grads, loss, by = sequence(D, H, T, reset, bias)
    rng = np.random.default_rng(5)
    gru = GRU.random(D, H, rng, reset=reset, bias=bias)
    x, h, g = rng.standard_normal((1, T, D)), rng.standard_normal((1, H)), rng.standard_normal((1, T, H))
    values = {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c, "h0": h}
    numbers = {s: v for name, m in by.items() for s, v in zip(m, values[name].ravel())}
    numbers |= {s: v for column, row in [*zip(xs, x[0]), *zip(grads, g[0])] for s, v in zip(column, row)}

    outputs, cache = gru.forward(x, h)
    for t, step in enumerate(symbolic.unroll(xs, h0)):
        np.testing.assert_allclose(np.array(evaluate(step.h, numbers), float), outputs[0, t], rtol=1e-12)
    got = gru.backward(cache, g)._asdict()
    for name, symbols in by.items():
        expected = np.array(evaluate(gradient(loss, symbols), numbers), float).reshape(got[name].shape)
        np.testing.assert_allclose(got[name], expected, rtol=1e-11, atol=1e-13, err_msg=name)


def test_bad_arguments_are_named():
    gru = SymbolicGRU.symbols(1, 2, reset="after")
    x, h = symbol_matrix("x", 1), symbol_matrix("h", 2)
    for error, message, call in [
        (ValueError, "reset must be 'before' or 'after', got 'no'", lambda: SymbolicGRU(gru.W, gru.U, reset="no")),
        (ValueError, "input_size must be at least 1, got 0", lambda: SymbolicGRU.symbols(0, 2, reset="after")),
        (TypeError, "hidden_size must be an int, got '2'", lambda: SymbolicGRU.symbols(1, "2", reset="after")),
        (
            TypeError,
            "W must be a SymPy matrix of shape (6, D), got list",
            lambda: SymbolicGRU([1], gru.U, reset="after"),
        ),
        (ValueError, "U must have shape (3, 1)", lambda: SymbolicGRU(gru.W, sp.ones(4, 1), reset="after")),
        (ValueError, "W must have shape (6, D)", lambda: SymbolicGRU(sp.ones(5, 1), gru.U, reset="after")),
        (ValueError, "b must have shape (6, 1)", lambda: SymbolicGRU(gru.W, gru.U, sp.ones(2, 1), reset="after")),
        (ValueError, "c must have shape (2, 1)", lambda: SymbolicGRU(gru.W, gru.U, gru.b, gru.b, reset="after")),
        (
            ValueError,
            "c must be None if reset is 'before'",
            lambda: SymbolicGRU(gru.W, gru.U, gru.b, gru.c, reset="before"),
        ),
        (TypeError, "bias must be True or False, got 0", lambda: SymbolicGRU.symbols(1, 2, reset="after", bias=0)),
        (ValueError, "xs must be a list of at least one matrix, got []", lambda: gru.unroll([], h)),
        (ValueError, "grad_outputs must be a list of 2 matrices", lambda: gru.backward([x, x], h, [h])),
        (ValueError, "grad_outputs[0] must have shape (2, 1)", lambda: gru.backward([x], h, [x])),
        (ValueError, "x must have shape (1, 1)", lambda: gru.step(h, h)),
        (ValueError, "h must have shape (2, 1)", lambda: gru.step(x, x)),
        (TypeError, "h must be a SymPy matrix", lambda: gru.step(x, 0)),
    ]:
        with pytest.raises(error) as caught:
            call()
        assert message in str(caught.value)
