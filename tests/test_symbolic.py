"""grulib.symbolic: the hand-derived backward pass is SymPy's derivative, exactly, and both are NumPy's numbers."""

import dataclasses

import mpmath
import numpy as np
import pytest
import sympy as sp
from helpers import refused

from grulib.gru import GRU
from grulib.symbolic import SymbolicGRU, evaluate, gradient, is_zero, sigma, symbol_matrix, times

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
    assert sigma(a).is_real is True
    assert sigma(sp.Rational(1, 3)).evalf(30) == (1 / (1 + sp.exp(-sp.Rational(1, 3)))).evalf(30)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("D, H, T, bias", [(2, 3, 1, True), (2, 2, 1, False), (1, 2, 2, True), (1, 1, 3, True)])
def test_hand_derived_gradients_are_sympys_exactly(D, H, T, reset, bias):
    gru, xs, h0, grads, loss, by = sequence(D, H, T, reset, bias)
    hand = gru.backward(xs, h0, grads)
    for name, symbols in by.items():
        assert is_zero(gradient(loss, symbols) - hand[name]), name
    assert hand.keys() == {"W", "U", "b", "c", "x", "h0"} and len(hand["x"]) == T
    for x, d_x in zip(xs, hand["x"]):
        assert is_zero(gradient(loss, x) - d_x)
    assert (hand["b"] is None) == (gru.b is None) and (hand["c"] is None) == (gru.c is None)


def test_is_zero_sees_what_is_not_zero_at_any_place():
    a, b = sp.symbols("a b", real=True)
    s, t = sigma(a + b), sp.tanh(a)
    zeros = [(1 - s) * (1 + s) - 1 + s**2, sp.S.Zero, (t - s) * (t + s) + s**2 - t**2, sp.Add(1, -1, evaluate=False)]
    others = [(1 - s) * (1 + s) - 1 + s, sp.S.One, sigma(a) - sigma(b), t - s, a * s - s, a - 1, 2 * a * b]
    for kind in (sp.Matrix, sp.ImmutableMatrix, sp.SparseMatrix):
        assert is_zero(kind(2, 2, zeros)) is True and is_zero(kind([sp.S.Zero])) is True
        assert not any(is_zero(kind([other])) for other in others)
    for other in others:
        for place in range(4):
            entries = [*zeros[:place], other, *zeros[place + 1 :]]
            assert is_zero(sp.Matrix(2, 2, entries)) is False
    assert not is_zero(sp.Matrix(others))
    assert is_zero(sp.Matrix([zeros[-1]])) and not is_zero(sp.Matrix([sp.S.One]))


def test_symbols_of_one_name_are_told_apart():
    a, b = sp.Symbol("a", real=True), sp.Symbol("a")
    assert is_zero(sp.Matrix([a - a, b * (1 - b) - b + b**2])) and not is_zero(sp.Matrix([a - b]))
    assert not is_zero(sp.Matrix([sigma(a) - sigma(b)]))
    assert evaluate([a - 2 * b], {a: 3, b: 5}) == [-7]
    x = symbol_matrix("x", 3)  # names that lambdify gives to common parts
    common = sp.exp(x[0] + x[1]) + sp.cos(x[1] + x[2])
    assert is_zero(sp.Matrix([(x[0] + x[1]) ** 3 - (x[0] + x[1]) ** 2 * (x[0] + x[1])]))
    numbers = dict(zip(x, (1, 2, 4)))
    expected = mpmath.exp(3) + mpmath.cos(6)
    got = evaluate([common**2 + x[1], common * x[2], common], numbers)
    assert abs(got[0] - expected**2 - 2) < 1e-12 and abs(got[1] - 4 * expected) < 1e-12 and got[2] == expected


A, B = sp.symbols("a b", real=True)
NO_POLYNOMIALS = [sp.Max(A, B) - A, A / 2 - A / 2 * B, sp.Float(0.5) * A, sp.pi, sp.exp(A), 1 / A, sp.Mod(A, B) - A]
NO_POLYNOMIALS += [sp.sqrt(A), 2**A, A**B, sp.nan, sp.zoo, sp.oo, sp.I * A, sp.Rational(1, 2), sigma(A) ** -1]
NO_POLYNOMIALS += [(A + sp.Rational(1, 2)) ** 2, (sp.pi + A) ** 3]
NO_POLYNOMIALS += [sp.Function("f")(A), sp.Sum(A, (A, 1, 3)), sp.Abs(A), sp.MatrixSymbol("M", 2, 2)[0, 0]]


@pytest.mark.parametrize("entry", NO_POLYNOMIALS, ids=str)
def test_is_zero_refuses_what_it_cannot_prove(entry):
    for matrix in (sp.Matrix([entry]), sp.Matrix([0, A, entry]), sp.Matrix([entry + B, B])):
        message = "matrix must have polynomials with whole coefficients as entries, got"
        refused(ValueError, message, lambda: is_zero(matrix))


def test_is_zero_refuses_symbols_that_do_not_commute():
    a, b = sp.symbols("a b", commutative=False)
    for entry in (a * b - b * a, a - a * b, sp.tanh(a) - 1):
        refused(ValueError, "matrix must have scalar expressions as entries", lambda: is_zero(sp.Matrix([1, entry])))


def test_evaluate_gives_as_many_digits_as_asked_for():
    a = sp.Symbol("a", real=True)
    logistic, third, pi = evaluate([sigma(a), a, sp.pi], {a: sp.Rational(1, 3)}, digits=40)
    assert str(sp.Float(logistic, 40)) == str((1 / (1 + sp.exp(-sp.Rational(1, 3)))).evalf(40))
    assert str(sp.Float(third, 40)) == "0." + 40 * "3" and str(sp.Float(pi, 40)) == str(sp.pi.evalf(40))
    (pi,) = evaluate([sp.pi])
    assert isinstance(pi, mpmath.mpf) and 1e-17 < abs(pi - sp.pi.evalf(40)) < 1e-15


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), np.int64(2), sp.Integer(2), mpmath.mpf(2), sp.sqrt(4)])
def test_evaluate_takes_real_numbers_of_any_kind(number):
    x = symbol_matrix("x", 2)
    matrix = sp.ImmutableMatrix([x[0] ** 3, x[0] - x[1]])
    assert evaluate(matrix, {x[0]: number, x[1]: 7}, digits=np.int64(20)) == [8, -5]


def test_gradient_has_the_shape_of_the_symbols():
    x = symbol_matrix("x", 2, 3)
    assert gradient(x[0, 1] ** 2 * x[1, 2] + x[0, 0], x) == sp.Matrix(
        [[1, 2 * x[0, 1] * x[1, 2], 0], [0, 0, x[0, 1] ** 2]]
    )
    assert gradient(x[0, 0] ** 2, sp.ImmutableMatrix([x[0, 0]])) == sp.Matrix([2 * x[0, 0]])


def test_times_is_elementwise():
    a, b = sp.Matrix([[1, 2, 3]]), sp.ImmutableMatrix([[4, 5, 6]])
    assert times(a) == a and times(a, b, a) == sp.Matrix([[4, 20, 54]])


def test_symbols_are_real_distinct_and_named_by_place():
    assert symbol_matrix("v", 2) == sp.Matrix(sp.symbols("v1 v2", real=True))
    assert symbol_matrix("U", np.int64(1), np.int64(2)) == sp.Matrix([sp.symbols("U11 U12", real=True)])
    assert len(symbol_matrix("U", 9, 9).free_symbols) == 81 and len(symbol_matrix("U", 9).free_symbols) == 9


def test_parameters_have_the_documented_names_and_shapes():
    gru = SymbolicGRU.symbols(np.int64(1), np.int64(2), reset="after")
    gates = {letter: [sp.Symbol(f"{letter}_{g}{i}", real=True) for g in "rzn" for i in (1, 2)] for letter in "b"}
    assert list(gru.b) == gates["b"] and list(gru.c) == list(sp.symbols("c_n1 c_n2", real=True))
    assert [str(w) for w in gru.W] == ["W_r11", "W_r21", "W_z11", "W_z21", "W_n11", "W_n21"]
    assert [str(u) for u in gru.U[2:4, :]] == ["U_z11", "U_z12", "U_z21", "U_z22"]
    assert gru.W.shape == (6, 1) and gru.U.shape == (6, 2) and gru.hidden_size == 2
    before = SymbolicGRU.symbols(1, 2, reset="before", bias=False)
    assert before.b is None and before.c is None and before.reset == "before"
    assert SymbolicGRU.symbols(1, 2, reset="after", bias=False).c is None
    assert SymbolicGRU.symbols(1, 2, reset="before").b == gru.b and SymbolicGRU.symbols(1, 1, reset="before").c is None


def test_a_gru_keeps_its_parameters_and_is_itself():
    gru = SymbolicGRU.symbols(1, 1, reset="after")
    with pytest.raises(dataclasses.FrozenInstanceError):
        gru.U = gru.W
    assert len({gru, gru, SymbolicGRU.symbols(1, 1, reset="after")}) == 2


@pytest.mark.parametrize("reset", RESETS)
def test_a_step_is_the_first_of_a_sequence(reset):
    gru, (x,), h0, *_ = sequence(1, 2, 1, reset, True)
    step = gru.step(x, h0)
    assert step == gru.unroll([x], h0)[0] and step._fields == ("r", "z", "n", "m", "h")
    assert step.m == (times(step.r, h0) if reset == "before" else gru.U[4:, :] * h0 + gru.c)


@pytest.mark.parametrize("reset", RESETS)
def test_immutable_matrices_give_the_same(reset):
    gru, xs, h0, grads, *_ = sequence(1, 1, 2, reset, True)
    fixed = [m if m is None else sp.ImmutableMatrix(m) for m in (gru.W, gru.U, gru.b, gru.c)]
    xs_fixed, grads_fixed = map(sp.ImmutableMatrix, xs), map(sp.ImmutableMatrix, grads)
    got = SymbolicGRU(*fixed, reset=reset).backward(list(xs_fixed), sp.ImmutableMatrix(h0), list(grads_fixed))
    assert got == gru.backward(xs, h0, grads)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("bias", [True, False])
def test_numpy_agrees_with_sympy(reset, bias):
    D, H, T = 2, 2, 2
    symbolic, xs, h0, grads, _, by = sequence(D, H, T, reset, bias)
    rng = np.random.default_rng(5)
    gru = GRU.random(D, H, rng, reset=reset, bias=bias)
    x, h, g = rng.standard_normal((1, T, D)), rng.standard_normal((1, H)), rng.standard_normal((1, T, H))
    values = {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c, "h0": h}
    numbers = {s: v for name, m in by.items() for s, v in zip(m, values[name].ravel())}
    numbers |= {s: v for column, row in [*zip(xs, x[0]), *zip(grads, g[0])] for s, v in zip(column, row)}

    outputs, cache = gru.forward(x, h)
    for t, step in enumerate(symbolic.unroll(xs, h0)):
        np.testing.assert_allclose(np.array(evaluate(step.h, numbers), float), outputs[0, t], rtol=1e-12)
    got, hand = gru.backward(cache, g)._asdict(), symbolic.backward(xs, h0, grads)
    for name in by:
        expected = np.array(evaluate(hand[name], numbers), float).reshape(got[name].shape)
        np.testing.assert_allclose(got[name], expected, rtol=1e-11, atol=1e-13, err_msg=name)


GRU_1_2 = SymbolicGRU.symbols(1, 2, reset="after")
X, H = symbol_matrix("x", 1), symbol_matrix("h", 2)
GARBAGE = [None, 2, 0.5, "x", [X], {"x": X}, np.ones((1, 1)), sp.Symbol("x"), sp.MatrixSymbol("X", 1, 1)]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: type(garbage).__name__)
@pytest.mark.parametrize(
    "name, call",
    [
        ("W", lambda matrix: SymbolicGRU(matrix, GRU_1_2.U, reset="after")),
        ("U", lambda matrix: SymbolicGRU(GRU_1_2.W, matrix, reset="after")),
        ("b", lambda matrix: SymbolicGRU(GRU_1_2.W, GRU_1_2.U, [] if matrix is None else matrix, reset="after")),
        ("c", lambda matrix: SymbolicGRU(GRU_1_2.W, GRU_1_2.U, None, matrix or [], reset="after")),
        ("x", lambda matrix: GRU_1_2.step(matrix, H)),
        ("h", lambda matrix: GRU_1_2.step(X, matrix)),
        ("xs[1]", lambda matrix: GRU_1_2.unroll([X, matrix], H)),
        ("h0", lambda matrix: GRU_1_2.unroll([X], matrix)),
        ("xs[0]", lambda matrix: GRU_1_2.backward([matrix], H, [H])),
        ("h0", lambda matrix: GRU_1_2.backward([X], matrix, [H])),
        ("grad_outputs[1]", lambda matrix: GRU_1_2.backward([X, X], H, [H, matrix])),
        ("first", lambda matrix: times(matrix, X)),
        ("others[1]", lambda matrix: times(X, X, matrix)),
        ("by", lambda matrix: gradient(X[0], matrix)),
        ("matrix", lambda matrix: is_zero(matrix)),
    ],
)
def test_what_is_no_matrix_of_sympy_is_refused_by_name(name, call, garbage):
    refused(TypeError, f"{name} must be a SymPy matrix of shape (", lambda: call(garbage))


def parameters(**change):
    return SymbolicGRU(**{"W": GRU_1_2.W, "U": GRU_1_2.U, "b": GRU_1_2.b, "c": GRU_1_2.c, "reset": "after"} | change)


OPERATOR = sp.Symbol("N", commutative=False)
NO_NUMBER = [None, "0.5", [1], (1, 2), 1j, True, sp.I, sp.Symbol("x"), np.ones(1), sp.Matrix([1])]
BAD = [
    (ValueError, "reset must be 'before' or 'after', got 'no'", lambda: parameters(reset="no")),
    (ValueError, "reset must be 'before' or 'after', got None", lambda: SymbolicGRU.symbols(1, 2, reset=None)),
    (ValueError, "U must have shape (3H, H)", lambda: parameters(U=sp.zeros(6, 0))),
    (ValueError, "U must have shape (3, 1)", lambda: parameters(U=sp.ones(4, 1))),
    (ValueError, "U must have shape (6, 2)", lambda: parameters(U=sp.ones(3, 2))),
    (ValueError, "W must have shape (6, D)", lambda: parameters(W=sp.ones(5, 1))),
    (ValueError, "W must have shape (6, D), every length at least 1", lambda: parameters(W=sp.zeros(6, 0))),
    (ValueError, "b must have shape (6, 1)", lambda: parameters(b=sp.ones(2, 1))),
    (ValueError, "b must have shape (6, 1)", lambda: parameters(b=sp.ones(6, 2))),
    (ValueError, "c must have shape (2, 1)", lambda: parameters(c=GRU_1_2.b)),
    (ValueError, "c must have shape (2, 1)", lambda: parameters(c=sp.ones(2, 2))),
    (ValueError, "c must be None if reset is 'before'", lambda: parameters(reset="before")),
    (
        ValueError,
        "W must have finite scalar expressions as entries, got nan",
        lambda: parameters(W=sp.ones(6, 1) * sp.nan),
    ),
    (
        ValueError,
        "U must have finite scalar expressions as entries, got oo",
        lambda: parameters(U=sp.ones(6, 2) * sp.oo),
    ),
    (
        ValueError,
        "b must have finite scalar expressions as entries, got -oo",
        lambda: parameters(b=-sp.ones(6, 1) * sp.oo),
    ),
    (
        ValueError,
        "c must have finite scalar expressions as entries, got zoo",
        lambda: parameters(c=sp.Matrix([1, sp.zoo])),
    ),
    (
        ValueError,
        "b must have finite scalar expressions as entries, got N",
        lambda: parameters(b=sp.ones(6, 1) * OPERATOR),
    ),
    (ValueError, "input_size must be at least 1, got 0", lambda: SymbolicGRU.symbols(0, 2, reset="after")),
    (ValueError, "input_size must be at most 9, got 10", lambda: SymbolicGRU.symbols(10, 2, reset="after")),
    (TypeError, "input_size must be an int, got True", lambda: SymbolicGRU.symbols(True, 2, reset="after")),
    (TypeError, "hidden_size must be an int, got '2'", lambda: SymbolicGRU.symbols(1, "2", reset="after")),
    (ValueError, "hidden_size must be at most 9, got 10", lambda: SymbolicGRU.symbols(2, 10, reset="after")),
    (TypeError, "bias must be True or False, got 0", lambda: SymbolicGRU.symbols(1, 2, reset="after", bias=0)),
    (ValueError, "x must have shape (1, 1)", lambda: GRU_1_2.step(H, H)),
    (ValueError, "x must have shape (1, 1)", lambda: GRU_1_2.step(H.T, H)),
    (ValueError, "h must have shape (2, 1)", lambda: GRU_1_2.step(X, X)),
    (ValueError, "h must have shape (2, 1)", lambda: GRU_1_2.step(X, sp.ones(2, 2))),
    (
        ValueError,
        "x must have finite scalar expressions as entries, got nan",
        lambda: GRU_1_2.step(sp.Matrix([sp.nan]), H),
    ),
    (ValueError, "xs must be a list of at least one matrix, got []", lambda: GRU_1_2.unroll([], H)),
    (ValueError, "xs must be a list of at least one matrix, got (", lambda: GRU_1_2.unroll((X,), H)),
    (ValueError, "xs must be a list of at least one matrix, got None", lambda: GRU_1_2.unroll(None, H)),
    (ValueError, "xs[1] must have shape (1, 1)", lambda: GRU_1_2.unroll([X, H], H)),
    (ValueError, "xs[0] must have shape (1, 1)", lambda: GRU_1_2.unroll([H.T], H)),
    (ValueError, "h0 must have shape (2, 1)", lambda: GRU_1_2.unroll([X], X)),
    (ValueError, "h0 must have shape (2, 1)", lambda: GRU_1_2.unroll([X], sp.ones(2, 2))),
    (ValueError, "grad_outputs must be a list of 2 matrices", lambda: GRU_1_2.backward([X, X], H, [H])),
    (ValueError, "grad_outputs must be a list of 1 matrices", lambda: GRU_1_2.backward([X], H, (H,))),
    (ValueError, "grad_outputs must be a list of 1 matrices", lambda: GRU_1_2.backward([X], H, None)),
    (ValueError, "grad_outputs[0] must have shape (2, 1)", lambda: GRU_1_2.backward([X], H, [X])),
    (ValueError, "grad_outputs[0] must have shape (2, 1)", lambda: GRU_1_2.backward([X], H, [sp.ones(2, 2)])),
    (TypeError, "name must be a str, got None", lambda: symbol_matrix(None, 2)),
    (TypeError, "rows must be an int, got None", lambda: symbol_matrix("U", None)),
    (TypeError, "columns must be an int, got 1.5", lambda: symbol_matrix("U", 1, 1.5)),
    (ValueError, "rows must be at least 1, got 0", lambda: symbol_matrix("U", 0, 1)),
    (ValueError, "rows must be at most 9, got 10", lambda: symbol_matrix("U", 10)),
    (ValueError, "columns must be at least 1, got 0", lambda: symbol_matrix("U", 1, 0)),
    (ValueError, "columns must be at most 9, got 10", lambda: symbol_matrix("U", 2, 10)),
    (ValueError, "first must have shape (M, N), every length at least 1", lambda: times(sp.zeros(0, 1))),
    (ValueError, "others[0] must have shape (1, 1)", lambda: times(X, H)),
    (ValueError, "others[1] must have shape (2, 1)", lambda: times(H, H, H.T)),
    (TypeError, "scalar must be a scalar SymPy expression, got", lambda: gradient(H, H)),
    (TypeError, "scalar must be a scalar SymPy expression, got", lambda: gradient(sp.ImmutableMatrix(H), H)),
    (TypeError, "scalar must be a scalar SymPy expression, got float", lambda: gradient(0.5, H)),
    (TypeError, "scalar must be a scalar SymPy expression, got NoneType", lambda: gradient(None, H)),
    (ValueError, "by must have symbols as entries, got 2*h1", lambda: gradient(H[0], 2 * H)),
    (ValueError, "by must have symbols as entries, got 1", lambda: gradient(H[0], sp.Matrix([H[0], 1]))),
    (ValueError, "by must have shape (M, N), every length at least 1", lambda: gradient(H[0], sp.zeros(1, 0))),
    (ValueError, "matrix must have shape (M, N), every length at least 1", lambda: is_zero(sp.zeros(0, 0))),
    (TypeError, "sigma takes a scalar SymPy expression, got", lambda: sigma(X)),
    (TypeError, "sigma takes a scalar SymPy expression, got a", lambda: sigma(sp.Symbol("a", commutative=False))),
    (TypeError, "sigma takes a scalar SymPy expression, got [0.5", lambda: sigma([0.5])),
    (ValueError, r"values must have a number for each symbol, got none for [h1, x1]", lambda: evaluate([X[0] + H[0]])),
    (ValueError, "values must have a number for each symbol", lambda: evaluate(X, {sp.Symbol("x1"): 1})),
    (TypeError, "values must be a dict from SymPy symbols to numbers, got 0", lambda: evaluate(X, 0)),
    (TypeError, "values must be a dict from SymPy symbols to numbers, got []", lambda: evaluate(X, [])),
    (TypeError, "values must be a dict from SymPy symbols to numbers, got {'x1'", lambda: evaluate(X, {"x1": 1})),
    *[
        (TypeError, "values[x1] must be a real number, got", lambda number=number: evaluate(X, {X[0]: number}))
        for number in NO_NUMBER
    ],
    (ValueError, "values[x1] must be finite, got nan", lambda: evaluate(X, {X[0]: float("nan")})),
    (ValueError, "values[x1] must be finite, got -oo", lambda: evaluate(X, {X[0]: -float("inf")})),
    (ValueError, "values[x1] must be finite, got oo", lambda: evaluate(X, {X[0]: sp.oo})),
    *[
        (TypeError, "expressions must be a list or SymPy matrix with at least one entry, got", lambda e=e: evaluate(e))
        for e in (None, 1, sp.pi, [], (sp.pi,), {}, "x", np.ones(2), sp.zeros(0, 1))
    ],
    *[
        (TypeError, "expressions must have scalar SymPy expressions as entries, got", lambda e=e: evaluate([sp.pi, e]))
        for e in (None, 1, 0.5, "x", X, sp.ImmutableMatrix(X), [sp.pi], sp.true, np.float64(1))
    ],
    (ValueError, "expressions must be what mpmath can evaluate: ZeroDivision", lambda: evaluate([1 / X[0]], {X[0]: 0})),
    (ValueError, "expressions must be what mpmath can evaluate: Name", lambda: evaluate([sp.Function("f")(1)])),
    (ValueError, "expressions must be what mpmath can evaluate: Key", lambda: evaluate([sp.zoo])),
    (TypeError, "the value of expressions[1] must be a real number", lambda: evaluate([sp.pi, sp.I])),
    (TypeError, "the value of expressions[0] must be a real number", lambda: evaluate([sp.sqrt(X[0])], {X[0]: -1})),
    (ValueError, "the value of expressions[0] must be finite, got nan", lambda: evaluate([sp.nan])),
    (ValueError, "the value of expressions[0] must be finite, got -oo", lambda: evaluate([sp.log(X[0])], {X[0]: 0})),
    (ValueError, "digits must be at least 1, got 0", lambda: evaluate(X, {X[0]: 1}, digits=0)),
    (TypeError, "digits must be an int, got True", lambda: evaluate(X, {X[0]: 1}, digits=True)),
    (TypeError, "digits must be an int, got 1.5", lambda: evaluate(X, {X[0]: 1}, digits=1.5)),
    (TypeError, "digits must be an int, got None", lambda: evaluate(X, {X[0]: 1}, digits=None)),
]


@pytest.mark.parametrize("error, message, call", BAD)
def test_bad_arguments_are_named(error, message, call):
    refused(error, message, call)
