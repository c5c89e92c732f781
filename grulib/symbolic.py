"""The GRU in SymPy: one step and a short unrolled sequence of small column vectors, to be differentiated and proved.

The equations and the names are those of `grulib.gru`; the chapter "Gradients" derives `SymbolicGRU.backward` by hand
and compares it with SymPy's own derivatives of `SymbolicGRU.unroll`.
"""

from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

import mpmath
import sympy as sp

from grulib.checks import check_bool, check_reset, check_shape, check_size, shape_name


class sigma(sp.Function):
    """The logistic function, kept as one symbol; sigma' = sigma (1 - sigma), which the chapter proves."""

    nargs = 1

    def fdiff(self, argindex=1):
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, a, **hints):
        return 1 / (1 + sp.exp(-a))

    def _eval_evalf(self, precision):
        return self._eval_rewrite_as_exp(*self.args)._eval_evalf(precision)


class Step(NamedTuple):
    """What one step computes; column vectors of length H."""

    r: sp.Matrix  # reset gate
    z: sp.Matrix  # update gate
    n: sp.Matrix  # candidate state
    m: sp.Matrix  # r * h if reset is "before", U_n h + c_n if it is "after"
    h: sp.Matrix  # new state


@dataclass(frozen=True, eq=False)
class SymbolicGRU:
    """Matrices W (3H, D), U (3H, H) and columns b (3H, 1), c (H, 1) of SymPy expressions; rows in the order r, z, n.

    b and c may be None. `reset` is "before" or "after" the recurrent product; only "after" has c.
    Raises TypeError for what is not a SymPy matrix, ValueError for another reset, for matrices that do not fit
    together, and for a c where there is none.
    """

    W: sp.Matrix
    U: sp.Matrix
    b: sp.Matrix | None = None
    c: sp.Matrix | None = None
    _: KW_ONLY
    reset: str

    def __post_init__(self):
        check_reset(self.reset)
        _check("U", self.U, ("3H", "H"))
        H = self.U.cols
        _check("U", self.U, (3 * H, H))
        _check("W", self.W, (3 * H, "D"))
        if self.b is not None:
            _check("b", self.b, (3 * H, 1))
        if self.c is not None:
            if self.reset == "before":
                raise ValueError("c must be None if reset is 'before': b_n is the candidate's only bias there")
            _check("c", self.c, (H, 1))

    @classmethod
    def symbols(cls, input_size, hidden_size, *, reset, bias=True):
        """A GRU whose every parameter is a real symbol: W_r11, ..., U_n22, b_z1, c_n1."""
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        check_bool("bias", bias)
        D, H = input_size, hidden_size

        def stack(letter, columns):
            return sp.Matrix.vstack(*(symbol_matrix(f"{letter}_{gate}", H, columns) for gate in "rzn"))

        b = stack("b", None) if bias else None
        c = symbol_matrix("c_n", H) if bias and reset == "after" else None
        return cls(stack("W", D), stack("U", H), b, c, reset=reset)

    @property
    def hidden_size(self):
        return self.U.cols

    def step(self, x, h):
        """One step: x (D, 1) and h (H, 1) to a `Step`."""
        H = self.hidden_size
        _check("x", x, (self.W.cols, 1))
        _check("h", h, (H, 1))
        a = self.W * x if self.b is None else self.W * x + self.b  # (3H, 1)
        U_r, U_z, U_n = self.U[:H, :], self.U[H : 2 * H, :], self.U[2 * H :, :]
        r = (a[:H, :] + U_r * h).applyfunc(sigma)
        z = (a[H : 2 * H, :] + U_z * h).applyfunc(sigma)
        if self.reset == "after":
            m = U_n * h if self.c is None else U_n * h + self.c
            n = (a[2 * H :, :] + times(r, m)).applyfunc(sp.tanh)
        else:
            m = times(r, h)
            n = (a[2 * H :, :] + U_n * m).applyfunc(sp.tanh)
        return Step(r, z, n, m, times(sp.ones(H, 1) - z, n) + times(z, h))

    def unroll(self, xs, h0):
        """A sequence: a list of T inputs (D, 1), T at least 1, and h0 (H, 1) to a list of T `Step`s."""
        if not isinstance(xs, list) or not xs:
            raise ValueError(f"xs must be a list of at least one matrix, got {xs!r}")
        steps = []
        for x in xs:
            steps.append(self.step(x, steps[-1].h if steps else h0))
        return steps

    def backward(self, xs, h0, grad_outputs):
        """The hand-derived backward pass through time, on the expressions themselves.

        grad_outputs lists dL/dh_t (H, 1) for t = 1..T. Returns a dict with the gradients of "W", "U", "b", "c" (None
        where there is none), of the list "x" and of "h0".
        """
        H, one = self.hidden_size, sp.ones(self.hidden_size, 1)
        U_rz, U_n = self.U[: 2 * H, :], self.U[2 * H :, :]
        steps = self.unroll(xs, h0)
        if not isinstance(grad_outputs, list) or len(grad_outputs) != len(xs):
            raise ValueError(
                f"grad_outputs must be a list of {len(xs)} matrices, one for each step, got {grad_outputs!r}"
            )
        for t, grad in enumerate(grad_outputs):
            _check(f"grad_outputs[{t}]", grad, (H, 1))
        states_in = [h0, *(s.h for s in steps[:-1])]
        d_W, d_U, d_b = sp.zeros(*self.W.shape), sp.zeros(*self.U.shape), sp.zeros(3 * H, 1)
        d_c, d_h, d_x = sp.zeros(H, 1), sp.zeros(H, 1), []
        for x, h, (r, z, n, m, _), grad in reversed(list(zip(xs, states_in, steps, grad_outputs))):
            d_h = d_h + grad
            d_n = times(d_h, one - z, one - times(n, n))
            d_z = times(d_h, h - n, z, one - z)
            if self.reset == "after":
                d_m = times(d_n, r)
                d_r = times(d_n, m, r, one - r)
                through_candidate, d_U_n = U_n.T * d_m, d_m * h.T
            else:
                d_m = U_n.T * d_n
                d_r = times(d_m, h, r, one - r)
                through_candidate, d_U_n = times(d_m, r), d_n * m.T
            d_rz = sp.Matrix.vstack(d_r, d_z)
            d_pre = sp.Matrix.vstack(d_rz, d_n)
            d_W += d_pre * x.T
            d_U += sp.Matrix.vstack(d_rz * h.T, d_U_n)
            d_b += d_pre
            d_c += d_m
            d_x.insert(0, self.W.T * d_pre)
            d_h = times(d_h, z) + through_candidate + U_rz.T * d_rz
        has_b, has_c = self.b is not None, self.c is not None
        return {"W": d_W, "U": d_U, "b": d_b if has_b else None, "c": d_c if has_c else None, "x": d_x, "h0": d_h}


def symbol_matrix(name, rows, columns=None):
    """A matrix of real symbols name11, name12, ...; a column name1, name2, ... if columns is None.

    At most 9 rows and columns, so that no two entries get the same name; more than a proof can bear anyway.
    """
    for name_of_size, size in [("rows", rows), ("columns", 1 if columns is None else columns)]:
        check_size(name_of_size, size)
        if size > 9:
            raise ValueError(f"{name_of_size} must be at most 9, got {size}")
    if columns is None:
        return sp.Matrix(rows, 1, lambda i, _: sp.Symbol(f"{name}{i + 1}", real=True))
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}{i + 1}{j + 1}", real=True))


def times(first, *others):
    """The elementwise product of matrices of one shape."""
    for other in others:
        first = first.multiply_elementwise(other)
    return first


def gradient(scalar, by):
    """SymPy's derivative of a scalar expression by each entry of a matrix of symbols, in the matrix's shape."""
    return by.applyfunc(lambda entry: sp.diff(scalar, entry))


def evaluate(expressions, values=None, digits=15):
    """The numbers, as mpmath floats of so many digits, of a list or matrix of expressions; values maps symbols to numbers.

    Parts that occur more than once are computed once: an unrolled state repeats the states before it many times over.
    Raises ValueError if a symbol has no value.
    """
    check_size("digits", digits)
    values, expressions = values or {}, list(expressions)
    missing = set().union(*(e.free_symbols for e in expressions)) - set(values)
    if missing:
        raise ValueError(f"values must have a number for each symbol, got none for {sorted(missing, key=str)}")
    functions = [{"sigma": lambda a: 1 / (1 + mpmath.exp(-a))}, "mpmath"]
    numbers = sp.lambdify(list(values), expressions, functions, cse=True)
    with mpmath.workdps(digits):
        return [mpmath.mpf(number) for number in numbers(*(mpmath.mpf(value) for value in values.values()))]


def is_zero(matrix):
    """Whether every entry is the zero polynomial once each sigma(...) and tanh(...) in it is taken as one symbol.

    True is a proof: the arithmetic is that of polynomials with whole coefficients, which is exact, and many times
    faster than `expand`. Raises ValueError for entries that are no such polynomials.
    """
    functions = {f: sp.Dummy() for f in matrix.atoms(sigma, sp.tanh)}
    matrix = matrix.xreplace(functions)
    symbols = sorted(matrix.free_symbols, key=str)
    for entry in matrix:
        if not entry.is_polynomial(*symbols) or not all(a.is_Symbol or a.is_Integer for a in entry.atoms()):
            raise ValueError(f"matrix must have polynomials with whole coefficients as entries, got {entry}")
    if not symbols:
        return all(entry == 0 for entry in matrix)
    _, *generators = sp.ring(symbols, sp.ZZ)
    return all(entry == 0 for entry in sp.lambdify(symbols, list(matrix), cse=True)(*generators))


def _check(name, matrix, shape):
    if not isinstance(matrix, sp.MatrixBase):
        raise TypeError(f"{name} must be a SymPy matrix of shape {shape_name(shape)}, got {type(matrix).__name__}")
    check_shape(name, matrix, shape)
