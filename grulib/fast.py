"""The GRU in NumPy once more: what `grulib.gru` computes, to rounding, as fast as we could make it and keep it readable.

The chapter "Where the time goes" builds its tricks up from a plain loop and measures them:
    columns         a sequence is a column, as in the equations, so that a gate is a block of rows, in one piece
    joint product   x, 1 and h stand above each other; both gates are one product, their biases columns of its matrix
    hoisting        the candidate's W x + b stands before the loop, weight gradients after it, for many steps at once
    sign            the gates' matrix has its sign changed once, since sigmoid(a) = 1 / (1 + exp(-a))
    in place        each result is written where it will stay; zip makes all views of a step, faster than indices
    slopes          what the backward loop multiplies by does not depend on the loss: made for many steps at once
    chunks          steps and sequences are taken in chunks whose arrays fit into the processor's cache; a forward
                    pass without gradient forgets each chunk when the next is there
"""

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from grulib.checks import check_array, check_gradients, check_instance, check_range, check_size
from grulib.gru import GRU, Gradients

FEW = 8  # steps times sequences


class Chunk(NamedTuple):
    """What the backward pass needs of K steps of B sequences; time first, then features, then sequences."""

    rows: slice  # which sequences
    steps: slice  # which steps
    x1h: np.ndarray  # (K+1, D+1+H, B): x of step t, 1, and the state that goes into step t
    r: np.ndarray  # (K, H, B) reset gates
    z: np.ndarray  # (K, H, B) update gates
    m: np.ndarray  # (K, H, B) r * h if reset is "before", U_n h + c_n if it is "after"
    n: np.ndarray  # (K, H, B) candidate states


class Cache(NamedTuple):  # what `forward` keeps for `backward`
    gru: GRU
    shape: tuple  # (B, T, H)
    chunks: list[Chunk]


def predict(gru, x, h0=None):
    """All states (B, T, H) that a `grulib.gru.GRU` gives for x (B, T, D) and h0 (B, H), zeros if None.

    Keeps nothing for a backward pass: beyond x and the outputs its memory does not grow with T. The new state is taken
    as n + z (h - n), so that a state far smaller than n loses digits, even where z is 1. Raises TypeError or ValueError
    for anything but finite arrays of these shapes and of the weights' dtype, and FloatingPointError if these are so large
    that a product of them may overflow.
    """
    outputs, h0 = _prepare(gru, x, h0)
    if x.shape[0] * x.shape[1] <= FEW:
        _run_few(gru, x, h0, outputs)
    else:
        deque(_chunks(gru, x, h0, outputs), maxlen=0)  # runs it and keeps nothing
    return outputs


def forward(gru, x, h0=None):
    """`predict` with what `backward` needs: (outputs (B, T, H), `Cache`)."""
    outputs, h0 = _prepare(gru, x, h0)
    return outputs, Cache(gru, outputs.shape, list(_chunks(gru, x, h0, outputs)))


@np.errstate(over="ignore", invalid="ignore")  # `check_gradients` says it
def backward(cache, grad_outputs):
    """Backpropagation through time: the `Cache` of `forward` and dL/d(outputs) (B, T, H) to `grulib.gru.Gradients`.

    The GRU's parameters must be those of the forward pass: update them after the backward pass, not between.
    Raises as `predict`.
    """
    if not isinstance(cache, Cache):
        raise TypeError(f"cache must be the one that grulib.fast.forward returned, got {type(cache)}")
    gru, (B, T, H), chunks = cache
    D, dtype = gru.input_size, gru.W.dtype
    check_array("grad_outputs", grad_outputs, (np.ndarray,), (B, T, H), (dtype,))
    d_gates = d_Wb_n = d_cU_n = None
    d_x, d_h0 = np.empty((B, T, D), dtype), np.empty((B, H), dtype)
    U_T = (
        gru.U.T if T == 1 else gru.U.T.copy()
    )  # (H, 3H): a product reads the copy faster, if it does so more than once
    W_nrz = np.roll(gru.W, H, axis=0)  # (3H, D): the rows in the order of `_back_through_steps`
    after = gru.reset == "after"
    for rows, steps, *arrays in reversed(chunks):
        if steps.stop == T:
            d_h = np.zeros((H, rows.stop - rows.start), dtype)
        d = _side_by_side(_back_through_steps(gru.reset, U_T, *arrays, grad_outputs[rows, steps], d_h))  # (4H, K*B)
        x1h = _side_by_side(arrays[0][:-1])  # (D+1+H, K*B)
        d_gates = _added(d_gates, d[H : 3 * H] @ x1h.T)  # (2H, D+1+H): of W, b and U side by side, rows r and z
        d_Wb_n = _added(d_Wb_n, d[:H] @ x1h[: D + 1].T)  # (H, D+1)
        d_cU_n = _added(
            d_cU_n, d[3 * H :] @ x1h[D:].T if after else d[:H] @ _side_by_side(arrays[3]).T
        )  # (H, 1+H or H)
        d_x[rows, steps] = (W_nrz.T @ d[: 3 * H]).reshape(D, steps.stop - steps.start, -1).T
        if steps.start == 0:
            d_h0[rows] = d_h.T
    check_gradients(d_gates, d_Wb_n, d_cU_n, d_x, d_h0)
    d_W, d_b = (np.concatenate([d_gates[:, columns], d_Wb_n[:, columns]]) for columns in (slice(D), D))
    d_U = np.concatenate([d_gates[:, D + 1 :], d_cU_n[:, -H:]])
    return Gradients(
        d_W, d_U, None if gru.b is None else d_b, None if gru.c is None else d_cU_n[:, 0].copy(), d_x, d_h0
    )


def _added(total, product):
    """The sum, in the place of the first, which is None in the beginning."""
    if total is None:
        return product
    total += product
    return total


@np.errstate(over="ignore")  # exp(-a) is infinity for a gate that is 0
def _run_few(gru, x, h0, outputs):
    """Steps so few that arranging the weights would cost more than it saves: with the weights as they are."""
    H, h = gru.hidden_size, h0.T
    U_rz, U_n = gru.U[: 2 * H], gru.U[2 * H :]
    b = 0 if gru.b is None else gru.b[:, None]
    c = 0 if gru.c is None else gru.c[:, None]
    for t in range(x.shape[1]):
        a = gru.W @ x[:, t].T + b  # (3H, B)
        rz = a[: 2 * H]
        rz += U_rz @ h
        np.negative(rz, out=rz)
        np.exp(rz, out=rz)
        rz += 1
        np.reciprocal(rz, out=rz)
        r, z, n = rz[:H], rz[H:], a[2 * H :]
        n += r * (U_n @ h + c) if gru.reset == "after" else U_n @ (r * h)
        np.tanh(n, out=n)
        h = n + z * (h - n)
        outputs[:, t] = h.T


class Stepper:
    """One step of B sequences at a time, for a stream that is answered at once: weights are arranged once, room is kept.

    Calling it with x (B, D) and states h (B, H) gives the new states (B, H), a new array; as `predict` for one step. A GRU
    that is changed later needs a new Stepper, and so does each thread: its room is shared by all calls. Raises TypeError or ValueError for arrays of another shape or dtype; that they
    are finite, and not so large that a product overflows, is not looked at, which would cost as much as the step.
    """

    def __init__(self, gru, B=1):
        check_instance("gru", gru, GRU)
        check_size("B", B)
        self._gates, self._Wb_n, self._cU_n = _arranged(gru)
        D, H, dtype = gru.input_size, gru.hidden_size, gru.W.dtype
        self._reset, self._x_shape, self._h_shape, self._dtype = gru.reset, (B, D), (B, H), dtype
        self._x1h = np.ones((D + 1 + H, B), dtype)
        self._x, self._x1, self._1h, self._h = (self._x1h[rows] for rows in np.s_[:D, : D + 1, D:, D + 1 :])
        self._rz, self._m, self._n = np.empty((2 * H, B), dtype), np.empty((H, B), dtype), np.empty((H, B), dtype)
        self._r, self._z = self._rz[:H], self._rz[H:]

    @np.errstate(over="ignore")  # exp(-a) is infinity for a gate that is 0
    def __call__(self, x, h):
        for name, array, shape in (("x", x, self._x_shape), ("h", h, self._h_shape)):
            if type(array) is not np.ndarray or array.shape != shape or array.dtype != self._dtype:
                check_array(name, array, (np.ndarray,), shape, (self._dtype,))  # which says what is wrong
        self._x[:], self._h[:] = x.T, h.T
        rz, m, n = self._rz, self._m, self._n
        np.matmul(self._gates, self._x1h, out=rz)
        np.exp(rz, out=rz)
        rz += 1
        np.reciprocal(rz, out=rz)
        np.matmul(self._Wb_n, self._x1, out=n)
        if self._reset == "after":
            np.matmul(self._cU_n, self._1h, out=m)
            m *= self._r
        else:
            self._h *= self._r
            np.matmul(self._cU_n[:, 1:], self._h, out=m)
        n += m
        np.tanh(n, out=n)
        new = h - n.T
        new *= self._z.T
        new += n.T
        return new


def _arranged(gru):
    """The matrices of gates (2H, D+1+H), of W and b (H, D+1) and of c and U (H, 1+H) of the candidate; see `columns`, `sign`."""
    H, dtype = gru.hidden_size, gru.W.dtype
    b = np.zeros(3 * H, dtype) if gru.b is None else gru.b
    c = np.zeros(H, dtype) if gru.c is None else gru.c
    gates = -np.column_stack([gru.W, b, gru.U])[: 2 * H]
    return gates, np.column_stack([gru.W, b])[2 * H :], np.column_stack([c, gru.U[2 * H :]])


def _prepare(gru, x, h0):
    """Room for the outputs (B, T, H), and h0; checks everything."""
    if not isinstance(gru, GRU):
        raise TypeError(f"gru must be a grulib.gru.GRU, got {type(gru).__name__}")
    dtype = gru.W.dtype
    check_array("x", x, (np.ndarray,), ("B", "T", gru.input_size), (dtype,))
    B, T, _ = x.shape
    if h0 is None:
        h0 = np.zeros((B, gru.hidden_size), dtype)
    check_array("h0", h0, (np.ndarray,), (B, gru.hidden_size), (dtype,))
    check_range((gru.W, gru.U, gru.b, gru.c), x, h0)
    return np.empty((B, T, gru.hidden_size), dtype), h0


def columns_of_a_chunk(H):
    """How many columns, sequences times steps: 256 for efficient matrix products, or 256 kB of states in 32 bits."""
    return max(256, 2**16 // H)


def _chunks(gru, x, h0, outputs):
    """Run x through the GRU chunk by chunk: writes the outputs, yields each `Chunk`, forgets it."""
    B, T, _ = x.shape
    H = gru.hidden_size
    gates, Wb_n, cU_n = _arranged(gru)  # (2H, D+1+H), (H, D+1), (H, 1+H)
    columns = columns_of_a_chunk(H)
    num_sequences = math.ceil(B / math.ceil(B / columns))  # in equal parts
    num_steps = columns // num_sequences
    for first in range(0, B, num_sequences):
        rows = slice(first, min(first + num_sequences, B))
        h = h0[rows].T
        for start in range(0, T, num_steps):
            steps = slice(start, min(start + num_steps, T))
            arrays = _run(gru.reset, gates, Wb_n, cU_n, x[rows, steps], h)
            states = arrays[0][1:, -H:]  # (K, H, B)
            outputs[rows, steps] = states.transpose(2, 0, 1)
            h = states[-1]
            yield Chunk(rows, steps, *arrays)


@np.errstate(over="ignore")  # exp(-a) is infinity for a gate that is 0
def _run(reset, W_gates, Wb_n, cU_n, x, h0):
    """The steps of one chunk: x (B, K, D) and h0 (H, B) to x1h, r, z, m, n of `Chunk`."""
    B, K, D = x.shape
    H = len(h0)
    x1h = np.empty((K + 1, D + 1 + H, B), x.dtype)
    x1h[:-1, :D], x1h[:, D], x1h[0, D + 1 :] = x.transpose(1, 2, 0), 1, h0
    projected = Wb_n @ x1h[:-1, : D + 1]  # (K, H, B): the candidate's W x + b
    rzmn = np.empty((K, 4 * H, B), x.dtype)
    gates, m, n = rzmn[:, : 2 * H], rzmn[:, 2 * H : 3 * H], rzmn[:, 3 * H :]
    r, z, h = gates[:, :H], gates[:, H:], x1h[:, D + 1 :]
    steps = zip(x1h, x1h[:, D:], gates, r, z, m, n, projected, h, h[1:])
    for xh_t, oneh_t, gates_t, r_t, z_t, m_t, n_t, Wx_t, h_t, h_new in steps:
        np.matmul(W_gates, xh_t, out=gates_t)
        np.exp(gates_t, out=gates_t)
        gates_t += 1
        np.reciprocal(gates_t, out=gates_t)
        if reset == "after":
            np.matmul(cU_n, oneh_t, out=m_t)
            np.multiply(r_t, m_t, out=n_t)
        else:
            np.multiply(r_t, h_t, out=m_t)
            np.matmul(cU_n[:, 1:], m_t, out=n_t)
        n_t += Wx_t
        np.tanh(n_t, out=n_t)
        np.subtract(h_t, n_t, out=h_new)
        h_new *= z_t
        h_new += n_t
    return x1h, r, z, m, n


def _back_through_steps(reset, U_T, x1h, r, z, m, n, grad_outputs, d_h):
    """Back through one chunk: grad_outputs (B, K, H) to the gradients (K, 4H, B) of n, r and z before their functions,
    and of m: in this order the three that meet W stand together, and so do the three that meet U. Turns d_h (H, B),
    which reaches the chunk's last state from later, into what reaches its first."""
    K, H, B = r.shape
    h = x1h[:-1, -H:]
    share_of_n = 1 - z
    slope_n = (1 - n * n) * share_of_n
    slope_z = (h - n) * z * share_of_n
    slope_r = (m if reset == "after" else h) * r * (1 - r)
    d = np.empty((K, 4 * H, B), r.dtype)
    arrays = (d, d[:, :H], d[:, H : 2 * H], d[:, 2 * H : 3 * H], d[:, 3 * H :], slope_n, slope_r, slope_z, r, z)
    grads = grad_outputs.transpose(1, 2, 0)[::-1]
    for grad, d_t, d_n, d_r, d_z, d_m, s_n, s_r, s_z, r_t, z_t in zip(grads, *(a[::-1] for a in arrays)):
        d_h += grad
        np.multiply(d_h, s_n, out=d_n)
        np.multiply(d_h, s_z, out=d_z)
        d_h *= z_t
        if reset == "after":
            np.multiply(d_n, s_r, out=d_r)
            np.multiply(d_n, r_t, out=d_m)
            d_h += U_T @ d_t[H:]
        else:
            np.matmul(U_T[:, 2 * H :], d_n, out=d_m)
            np.multiply(d_m, s_r, out=d_r)
            d_h += d_m * r_t
            d_h += U_T[:, : 2 * H] @ d_t[H : 3 * H]
    return d


def _side_by_side(array):
    """The columns of all steps in one matrix: (K, M, B) to (M, K*B)."""
    return array.transpose(1, 0, 2).reshape(array.shape[1], -1)
