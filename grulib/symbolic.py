"""The GRU in SymPy: one step and a short unrolled sequence of small column vectors, to be differentiated and proved.

The equations and the names are those of `grulib.gru`; the chapter "Gradients" derives `SymbolicGRU.backward` by hand
and compares it with SymPy's own derivatives of `SymbolicGRU.unroll`.
"""

from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import NamedTuple

import mpmath
import sympy as sp

from grulib.checks import check_bool, check_reset, check_shape, check_size, shape_name

NOT_FINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)


class sigma(sp.Function):
    """The logistic function of what counts as real, kept as one symbol; sigma' = sigma (1 - sigma), as the chapter proves."""

    nargs = 1
    is_real = True  # said at once, since SymPy would ask every part of a long argument each time

    @classmethod
    def eval(cls, a):
        if not _is_scalar(a):
            raise TypeError(f"sigma takes a scalar SymPy expression, got {a}")

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
    together or have NaN or infinity in them, and for a c where there is none.
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
        _check_few("input_size", input_size)
        _check_few("hidden_size", hidden_size)
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
        _check("x", x, (self.W.cols, 1))
        _check("h", h, (self.hidden_size, 1))
        return self._step(x, h)

    def _step(self, x, h):
        H = self.hidden_size
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
        for t, x in enumerate(xs):
            _check(f"xs[{t}]", x, (self.W.cols, 1))
        _check("h0", h0, (self.hidden_size, 1))
        steps = []
        for x in xs:
            steps.append(self._step(x, steps[-1].h if steps else h0))
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
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {name!r}")
    _check_few("rows", rows)
    if columns is None:
        return sp.Matrix(rows, 1, lambda i, _: sp.Symbol(f"{name}{i + 1}", real=True))
    _check_few("columns", columns)
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}{i + 1}{j + 1}", real=True))


def times(first, *others):
    """The elementwise product of matrices of one shape. Raises TypeError or ValueError for anything else."""
    _check_matrix("first", first, ("M", "N"))
    for i, other in enumerate(others):
        _check_matrix(f"others[{i}]", other, first.shape)
        first = first.multiply_elementwise(other)
    return first


def gradient(scalar, by):
    """SymPy's derivative of a scalar expression by each entry of a matrix of symbols, in the matrix's shape.

    Raises TypeError for what is no expression or no matrix, ValueError for entries that are no symbols.
    """
    if not _is_scalar(scalar):
        raise TypeError(f"scalar must be a scalar SymPy expression, got {type(scalar).__name__}")
    _check_matrix("by", by, ("M", "N"))
    for entry in by:
        if not isinstance(entry, sp.Symbol):
            raise ValueError(f"by must have symbols as entries, got {entry}")
    return by.applyfunc(lambda entry: sp.diff(scalar, entry))


def evaluate(expressions, values=None, digits=15):
    """The numbers, as mpmath floats of so many digits, of a list or matrix of expressions; values maps symbols to numbers.

    Parts that occur more than once are computed once: an unrolled state repeats the states before it many times over.
    Raises TypeError for what are no expressions, no symbols or no real numbers; ValueError if a symbol has no value, if
    mpmath can't evaluate, and for NaN and infinity.
    """
    check_size("digits", digits)
    if not isinstance(expressions, (list, sp.MatrixBase)) or not expressions:
        raise TypeError(f"expressions must be a list or SymPy matrix with at least one entry, got {expressions!r}")
    for entry in expressions:
        if not _is_scalar(entry):
            raise TypeError(f"expressions must have scalar SymPy expressions as entries, got {entry!r}")
    values = {} if values is None else values
    if not isinstance(values, dict) or not all(isinstance(symbol, sp.Symbol) for symbol in values):
        raise TypeError(f"values must be a dict from SymPy symbols to numbers, got {values!r}")
    missing = set().union(*(entry.free_symbols for entry in expressions)) - set(values)
    if missing:
        raise ValueError(f"values must have a number for each symbol, got none for {sorted(missing, key=str)}")
    # lambdify and cse go by the names of symbols, which may be equal
    unique = {symbol: sp.Dummy() for symbol in values}
    expressions = [entry.xreplace(unique) for entry in expressions]
    functions = [{"sigma": lambda a: 1 / (1 + mpmath.exp(-a))}, "mpmath"]
    with mpmath.workdps(digits):
        given = [_real(f"values[{symbol}]", value) for symbol, value in values.items()]
        try:
            numbers = sp.lambdify(list(unique.values()), expressions, functions, cse=True)(*given)
        except Exception as error:
            raise ValueError(f"expressions must be what mpmath can evaluate: {error!r}") from error
        return [_real(f"the value of expressions[{i}]", number) for i, number in enumerate(numbers)]


def is_zero(matrix):
    """Whether every entry is the zero polynomial once each sigma(...) and tanh(...) in it is taken as one symbol.

    True is a proof: the arithmetic is that of polynomials with whole coefficients, which is exact, and many times
    faster than `expand`. Raises TypeError for what is no matrix, ValueError for one without entries, and for entries
    that are no such polynomials.
    """
    _check_matrix("matrix", matrix, ("M", "N"))
    for entry in matrix:
        if not _is_scalar(entry):
            raise ValueError(f"matrix must have scalar expressions as entries, got {entry}")
    polynomials = matrix.xreplace({part: sp.Dummy() for part in matrix.atoms(sigma, sp.tanh, sp.Symbol)})
    for entry, given in zip(polynomials, matrix):
        if not _is_whole_polynomial(entry):
            raise ValueError(f"matrix must have polynomials with whole coefficients as entries, got {given}")
    symbols = list(polynomials.free_symbols)
    _, *generators = sp.ring(symbols, sp.ZZ)
    return all(entry == 0 for entry in sp.lambdify(symbols, list(polynomials), cse=True)(*generators))


def _is_whole_polynomial(expression):
    if expression.is_Pow:
        return _is_whole_polynomial(expression.base) and expression.exp.is_Integer and expression.exp.is_positive
    if expression.is_Add or expression.is_Mul:
        return all(map(_is_whole_polynomial, expression.args))
    return expression.is_Symbol or expression.is_Integer


def _real(name, number):
    """The number as an mpmath float of the precision that is set."""
    if not isinstance(number, (Real, sp.Expr)):
        raise TypeError(f"{name} must be a real number, got {number!r}")
    number = sp.sympify(number)  # mpmath takes no integers of NumPy
    if number.has(*NOT_FINITE):
        raise ValueError(f"{name} must be finite, got {number}")
    try:
        return mpmath.mpf(number)
    except TypeError as error:
        raise TypeError(f"{name} must be a real number, got {number!r}") from error


def _is_scalar(value):
    """Whether it is a SymPy expression, and no matrix: SymPy's immutable matrices are expressions, too."""
    return isinstance(value, sp.Expr) and value.is_commutative


def _check(name, matrix, shape):
    """Refuse anything but a SymPy matrix of this shape, of finite expressions that commute."""
    _check_matrix(name, matrix, shape)
    for entry in matrix:
        if not _is_scalar(entry) or entry.has(*NOT_FINITE):
            raise ValueError(f"{name} must have finite scalar expressions as entries, got {entry}")


def _check_matrix(name, matrix, shape):
    if not isinstance(matrix, sp.MatrixBase):
        raise TypeError(f"{name} must be a SymPy matrix of shape {shape_name(shape)}, got {type(matrix).__name__}")
    check_shape(name, matrix, shape)


def _check_few(name, size):
    check_size(name, size)
    if size > 9:
        raise ValueError(f"{name} must be at most 9, got {size}")
