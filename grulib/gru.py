"""The GRU in NumPy: one step, a whole sequence, and the backward pass through time.

The book's home convention for one step, in column vectors (chapter "The equations"):

    r  = sigmoid(W_r x + U_r h + b_r)               reset gate
    z  = sigmoid(W_z x + U_z h + b_z)               update gate: the share of the old state
    n  = tanh(W_n x + U_n (r * h) + b_n)            candidate state, reset="before"
    n  = tanh(W_n x + b_n + r * (U_n h + c_n))      candidate state, reset="after"
    h' = (1 - z) * n + z * h                        new state

W stacks W_r, W_z, W_n on top of each other, and U and b do the same. Arrays are batch first:
B sequences, T steps, D inputs, H hidden units. Products with a batch of rows are transposed.

Sources: Cho et al. 2014 (arXiv:1406.1078): version 3 resets before, version 1 and PyTorch's nn.GRU after.
The backward pass is derived and proved in the chapter "Gradients".
"""

from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

import numpy as np

from grulib.checks import check_array, check_bool, check_gradients, check_range, check_reset, check_size, shown


class Cache(NamedTuple):
    """What `GRU.forward` keeps for `GRU.backward`; time comes first here, so that a step is one block of memory."""

    x: np.ndarray  # (T, B, D) inputs
    h: np.ndarray  # (T+1, B, H) states: h[t] goes into step t and h[t+1] comes out of it
    r: np.ndarray  # (T, B, H) reset gates
    z: np.ndarray  # (T, B, H) update gates
    n: np.ndarray  # (T, B, H) candidate states
    m: np.ndarray  # (T, B, H) r * h if reset is "before", U_n h + c_n if it is "after"
    reset: str  # that of the GRU


class Gradients(NamedTuple):
    """Gradients of a scalar loss; each has the shape of what it is named after, and is None where that is None."""

    W: np.ndarray  # (3H, D)
    U: np.ndarray  # (3H, H)
    b: np.ndarray | None  # (3H,)
    c: np.ndarray | None  # (H,)
    x: np.ndarray  # (B, T, D)
    h0: np.ndarray  # (B, H)


@dataclass(frozen=True, eq=False)
class GRU:
    """One layer of a GRU, in one direction.

    W: (3H, D), U: (3H, H), b: (3H,) or None, c: (H,) or None; rows in the order r, z, n; all float32 or all
    float64. `reset` is "before" or "after" the recurrent product. c is the bias inside the reset (PyTorch's
    b_hn); only "after" has it, since "before" could not tell it from b_n.

    Raises TypeError for a wrong type or dtype, ValueError for a wrong shape, name, NaN or infinity, and FloatingPointError
    if finite weights and inputs are so large that their products may overflow.
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray | None = None
    c: np.ndarray | None = None
    _: KW_ONLY
    reset: str

    def __post_init__(self):
        check_reset(self.reset)
        _check("W", self.W, ("3H", "D"), np.float32, np.float64)
        H = len(self.W) // 3
        if len(self.W) != 3 * H:
            raise ValueError(f"W must have 3H rows, a multiple of 3, got shape {self.W.shape}")
        _check("U", self.U, (3 * H, H), self.W.dtype)
        if self.b is not None:
            _check("b", self.b, (3 * H,), self.W.dtype)
        if self.c is not None:
            if self.reset == "before":
                raise ValueError("c must be None if reset is 'before': b_n is the candidate's only bias there")
            _check("c", self.c, (H,), self.W.dtype)

    @classmethod
    def random(cls, input_size, hidden_size, rng, *, reset, bias=True, dtype=np.float64):
        """Draw all parameters uniformly between -1/sqrt(H) and 1/sqrt(H).

        That is how PyTorch's nn.GRU draws, but for its b_r and b_z, which are sums of two such numbers.
        input_size D and hidden_size H are ints from 1, rng is a numpy.random.Generator, bias is True or False, dtype is
        float32 or float64. Raises TypeError or ValueError for anything else.
        """
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        check_reset(reset)
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng must be a numpy.random.Generator, got {type(rng).__name__}")
        check_bool("bias", bias)
        if not isinstance(dtype, (type, np.dtype)) or dtype not in (np.float32, np.float64):
            raise TypeError(f"dtype must be float32 or float64, got {shown(dtype)}")

        def draw(*shape):
            return rng.uniform(-1, 1, shape).astype(dtype) / np.sqrt(hidden_size, dtype=dtype)

        W, U = draw(3 * hidden_size, input_size), draw(3 * hidden_size, hidden_size)
        b = draw(3 * hidden_size) if bias else None
        c = draw(hidden_size) if bias and reset == "after" else None
        return cls(W, U, b, c, reset=reset)

    @property
    def input_size(self):
        return self.W.shape[1]

    @property
    def hidden_size(self):
        return self.U.shape[1]

    def step(self, x, h):
        """One step: inputs x (B, D) and states h (B, H) to new states (B, H)."""
        _check("x", x, ("B", self.input_size), self.W.dtype)
        _check("h", h, (len(x), self.hidden_size), self.W.dtype)
        check_range((self.W, self.U, self.b, self.c), x, h)
        *_, h_new = self._step(self._project(x), h)
        return h_new

    def forward(self, x, h0=None):
        """A whole sequence: x (B, T, D) and h0 (B, H), zeros if None, to (outputs (B, T, H), cache).

        outputs[:, t] is the state after step t, so outputs[:, -1] is the last one.
        """
        _check("x", x, ("B", "T", self.input_size), self.W.dtype)
        B, T, _ = x.shape
        H = self.hidden_size
        if h0 is None:
            h0 = np.zeros((B, H), self.W.dtype)
        _check("h0", h0, (B, H), self.W.dtype)
        check_range((self.W, self.U, self.b, self.c), x, h0)

        x = x.swapaxes(0, 1).copy()  # (T, B, D)
        projected = self._project(x)  # (T, B, 3H): W x + b for all steps in one product
        h = np.empty((T + 1, B, H), self.W.dtype)
        r, z, n, m = np.empty((4, T, B, H), self.W.dtype)
        h[0] = h0
        for t in range(T):
            r[t], z[t], n[t], m[t], h[t + 1] = self._step(projected[t], h[t])
        return h[1:].swapaxes(0, 1).copy(), Cache(x, h, r, z, n, m, self.reset)

    @np.errstate(over="ignore", invalid="ignore")  # `check_gradients` says it
    def backward(self, cache, grad_outputs):
        """Backpropagation through time: a cache of this GRU's `forward`, and dL/d(outputs) (B, T, H), to `Gradients`.

        A loss of the last state alone has grad_outputs zero but at [:, -1]. The parameters must be those of the
        forward pass: update them after the backward pass, not between.
        """
        if not isinstance(cache, Cache):
            raise TypeError(f"cache must be the one that GRU.forward returned, got {type(cache)}")
        x, h, r, z, n, m, reset = cache
        T, B, _ = x.shape
        H, dtype = self.hidden_size, self.W.dtype
        shapes = [(T, B, self.input_size), (T + 1, B, H), *[(T, B, H)] * 4]
        if reset != self.reset or any(a.dtype != dtype or a.shape != s for a, s in zip(cache, shapes)):
            raise ValueError(
                f"cache must come from a GRU with D={self.input_size}, H={H}, {dtype} and reset {self.reset!r}, got one "
                f"with D={x.shape[2]}, H={h.shape[2]}, {x.dtype} and reset {reset!r}, or one that was changed"
            )
        _check("grad_outputs", grad_outputs, (B, T, H), dtype)

        U_rz, U_n = self.U[: 2 * H], self.U[2 * H :]  # (2H, H), (H, H)
        d_pre = np.empty((T, B, 3 * H), self.W.dtype)  # dL/d(pre-activation) of r, z, n
        d_m = np.empty((T, B, H), self.W.dtype)
        d_h = np.zeros((B, H), self.W.dtype)  # what reaches h[t+1] from the steps after it
        for t in reversed(range(T)):
            d_h = d_h + grad_outputs[:, t]
            d_n = d_h * (1 - z[t]) * (1 - n[t] ** 2)
            d_z = d_h * (h[t] - n[t]) * z[t] * (1 - z[t])
            if self.reset == "after":
                d_m[t] = d_n * r[t]
                d_r = d_n * m[t] * r[t] * (1 - r[t])
                through_candidate = d_m[t] @ U_n
            else:
                d_m[t] = d_n @ U_n
                d_r = d_m[t] * h[t] * r[t] * (1 - r[t])
                through_candidate = d_m[t] * r[t]
            d_pre[t] = np.concatenate([d_r, d_z, d_n], axis=1)
            d_h = d_h * z[t] + through_candidate + d_pre[t, :, : 2 * H] @ U_rz

        if self.reset == "after":
            d_U_n = _sum_of_outer_products(d_m, h[:-1])
        else:
            d_U_n = _sum_of_outer_products(d_pre[:, :, 2 * H :], m)
        gradients = Gradients(
            W=_sum_of_outer_products(d_pre, x),
            U=np.concatenate([_sum_of_outer_products(d_pre[:, :, : 2 * H], h[:-1]), d_U_n]),
            b=None if self.b is None else d_pre.sum(axis=(0, 1)),
            c=None if self.c is None else d_m.sum(axis=(0, 1)),
            x=(d_pre @ self.W).swapaxes(0, 1).copy(),
            h0=d_h,
        )
        check_gradients(*(gradient for gradient in gradients if gradient is not None))
        return gradients

    def _project(self, x):
        """The input's part of the three pre-activations, W x + b: (..., D) to (..., 3H)."""
        projected = x @ self.W.T
        return projected if self.b is None else projected + self.b

    def _step(self, projected, h):
        """One step from W x + b, shape (B, 3H), and h (B, H): r, z, n, the m of `Cache`, and the new state."""
        H = self.hidden_size
        if self.reset == "after":
            recurrent = h @ self.U.T  # (B, 3H)
            r, z = _split(sigmoid(projected[:, : 2 * H] + recurrent[:, : 2 * H]))
            m = recurrent[:, 2 * H :] if self.c is None else recurrent[:, 2 * H :] + self.c
            n = np.tanh(projected[:, 2 * H :] + r * m)
        else:
            r, z = _split(sigmoid(projected[:, : 2 * H] + h @ self.U[: 2 * H].T))
            m = r * h
            n = np.tanh(projected[:, 2 * H :] + m @ self.U[2 * H :].T)
        return r, z, n, m, (1 - z) * n + z * h


def sigmoid(a):
    """The logistic function 1 / (1 + exp(-a)) of an array of floats or a float, to the last digits for any sign and size of a.

    Raises TypeError for anything else.
    """
    if (type(a) is not np.ndarray and not isinstance(a, (float, np.floating))) or np.asarray(a).dtype.kind != "f":
        raise TypeError(f"a must be an array of floats, got {type(a).__name__} {getattr(a, 'dtype', '')}")
    e = np.exp(-abs(a))  # at most 1, so nothing overflows
    return np.where(a >= 0, 1, e) / (1 + e)


def _split(gates):
    return np.split(gates, 2, axis=1)


def _sum_of_outer_products(left, right):
    """The sum over time and batch of the outer products: (T, B, M), (T, B, N) to (M, N)."""
    return left.reshape(-1, left.shape[2]).T @ right.reshape(-1, right.shape[2])


def _check(name, array, shape, *dtypes):
    check_array(name, array, (np.ndarray,), shape, dtypes)
