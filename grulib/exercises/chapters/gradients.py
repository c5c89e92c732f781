"""The exercises of the chapter Gradients: deriving, coding and checking backward passes."""

import numpy as np
import sympy as sp
import torch

from grulib.exercises.kinds import Choice, Expression, Function, Misconception, Value
from grulib.gru import GRU, sigmoid

g, h, n, z = sp.symbols("g h n z", real=True)


def _deltas_case(seed, B, T, D, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {"deltas": rng.normal(size=(B, T, 3 * H)).astype(dtype), "x": rng.normal(size=(B, T, D)).astype(dtype)}


def _weight_gradients(deltas, x):
    return np.einsum("btk,btd->kd", deltas, x), deltas.sum(axis=(0, 1))


def _rnn_case(seed, T, D, H):
    rng = np.random.default_rng(seed)
    W, U, x = rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=(T, D))
    states, state = [], np.zeros(H)
    for x_t in x:
        state = np.tanh(W @ x_t + U @ state)
        states.append(state)
    return {"W": W, "U": U, "x": x, "h": np.array(states), "grad_states": rng.normal(size=(T, H))}


def _rnn_backward(
    W,
    U,
    x,
    h,
    grad_states,
    *,
    before=None,
    slopes=None,
    transposed=True,
    carried=1.0,
    kept=1.0,
    slope_sent=True,
    of_loss=False,
    first=0,
    forwards=False,
):
    """The backward pass; the options are the mistakes: other states before each step, other slopes, and so on."""
    before = np.concatenate([np.zeros_like(h[:1]), h[:-1]]) if before is None else before
    slopes = 1 - h**2 if slopes is None else slopes
    d_W, d_U, d_h = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U))
    for t in range(len(x)) if forwards else reversed(range(first, len(x))):
        delta = (grad_states[t] + carried * d_h) * slopes[t]
        if of_loss:
            delta = grad_states[t] * slopes[t] + d_h
        d_W = kept * d_W + np.outer(delta, x[t])
        d_U = kept * d_U + np.outer(delta, before[t])
        d_h = (U.T if transposed else U) @ (delta if slope_sent else grad_states[t] + carried * d_h)
    return d_W, d_U


def _named(name, function):
    """The function under the name that a failing case shows."""
    function.__name__ = name
    return function


def _claims():
    """Functions of an array, what is claimed to be their gradients, and points."""
    v, matrix = np.array([0.4, -0.7, 0.2]), np.array([[0.3, -0.5], [0.1, 0.8]])
    wide = np.array([[0.3, -0.5, 0.2], [0.1, 0.8, -0.4]])
    ones_to_four = np.array([[1.0, 2.0], [3.0, 4.0]])

    def wave_gradient(w):
        angle = w[0] + 2 * w[1]
        return np.array([np.cos(angle) * w[2], 2 * np.cos(angle) * w[2], np.sin(angle)])

    def matrix_gradient(w):
        return (1 - np.tanh(w * ones_to_four) ** 2) * ones_to_four

    line = _named("3 * w.sum()", lambda w: 3 * w.sum())
    bowl = _named("0.5 * (w**2).sum()", lambda w: 0.5 * (w**2).sum())
    wave = _named("np.sin(w[0] + 2 * w[1]) * w[2]", lambda w: np.sin(w[0] + 2 * w[1]) * w[2])
    tiny = _named("1e-7 * np.sin(w[0] + 2 * w[1]) * w[2]", lambda w: 1e-7 * wave(w))
    huge = _named("1e7 * np.sin(w[0] + 2 * w[1]) * w[2]", lambda w: 1e7 * wave(w))
    ripple = _named("np.sin(w).sum()", lambda w: np.sin(w).sum())
    high = _named("1000 + 3 * w.sum()", lambda w: 1000 + 3 * w.sum())
    of_a_matrix = _named("np.tanh(w * [[1, 2], [3, 4]]).sum()", lambda w: np.tanh(w * ones_to_four).sum())
    claims = [
        (line, "the right one", lambda w: np.full_like(w, 3), np.zeros(1)),
        (line, "the right one", lambda w: np.full_like(w, 3), v[:1]),
        (bowl, "the right one", lambda w: w.copy(), v[:1]),
        (bowl, "the right one, its sign turned", lambda w: -w, v[:1]),
        (bowl, "the right one, in reverse order", lambda w: w[::-1].copy(), v),
        (wave, "the right one", wave_gradient, v),
        (wave, "the right one, the last entry off by 0.05", lambda w: wave_gradient(w) + np.array([0, 0, 0.05]), v),
        (wave, "the right one plus (0.2, -0.1, -0.1)", lambda w: wave_gradient(w) + np.array([0.2, -0.1, -0.1]), v),
        (tiny, "the right one", lambda w: 1e-7 * wave_gradient(w), v),
        (tiny, "the right one times 1.1", lambda w: 1.1e-7 * wave_gradient(w), v),
        (tiny, "the right one times 1.001", lambda w: 1.001e-7 * wave_gradient(w), v),
        (huge, "the right one", lambda w: 1e7 * wave_gradient(w), v),
        (huge, "the right one times 1.001", lambda w: 1.001e7 * wave_gradient(w), v),
        (of_a_matrix, "the right one", matrix_gradient, matrix),
        (of_a_matrix, "the right one, transposed", lambda w: matrix_gradient(w).T, matrix),
        (ripple, "the right one", lambda w: np.cos(w), np.array([np.pi / 2, 1.0, 2.0])),
        (high, "the right one", lambda w: np.full_like(w, 3), v),
        (bowl, "the right one, the last entry off by 0.01", lambda w: w + np.array([[0, 0, 0], [0, 0, 0.01]]), wide),
    ]
    return [{"f": f, "gradient": _named(name, gradient), "w": w} for f, name, gradient, w in claims]


def _slopes(f, w, epsilon=1e-5, sided=2):
    slopes = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += epsilon
        down[index] -= epsilon if sided == 2 else 0
        slopes[index] = (f(up) - f(down)) / (up[index] - down[index])
    return slopes


def _is_right(f, gradient, w, relative=1e-6, absolute=0.0, compared=lambda array: array, **options):
    got, slopes = compared(gradient(w)), compared(_slopes(f, w, **options))
    return bool(abs(got - slopes).max() <= absolute + relative * abs(slopes).max())


def _moves_and_restores(f, gradient, w, epsilon=1e-5):
    right = gradient(w)
    for index in np.ndindex(w.shape):
        w[index] += epsilon
        up = f(w)
        w[index] -= 2 * epsilon
        down = f(w)
        w[index] += epsilon
        if abs((up - down) / (2 * epsilon) - right[index]) > 1e-6 * abs(right).max():
            return False
    return True


def _one_gate_case(seed, D, H):
    rng = np.random.default_rng(seed)
    shapes = {"W": (H, D), "U": (H, H), "b": (H,)}
    p = {f"{name}_{gate}": rng.normal(size=shape) for gate in "fn" for name, shape in shapes.items()}
    return {"p": p, "x": rng.normal(size=D), "h": rng.uniform(-1, 1, size=H), "g": rng.normal(size=H)}


def _one_gate_gradient(p, x, h, g):
    """By PyTorch's autograd, so that the reference owes nothing to a formula."""
    p = {name: torch.tensor(value) for name, value in p.items()}
    state, x = torch.tensor(h, requires_grad=True), torch.tensor(x, requires_grad=True)
    f = torch.sigmoid(p["W_f"] @ x + p["U_f"] @ state + p["b_f"])
    n = torch.tanh(p["W_n"] @ x + p["U_n"] @ (f * state) + p["b_n"])
    (torch.tensor(g) @ ((1 - f) * n + f * state)).backward()
    return state.grad.numpy(), x.grad.numpy()


def _one_gate_by_hand(p, x, h, g, *, without=(), swap=False, flip=False, after=False, untransposed=(), turned=False):
    """The formulas, with the mistakes as options: ways or slopes left out, shares swapped, and so on."""

    def unless(name, value, instead=0.0):
        return instead if name in without else value

    def back(name):
        return p[name] if name in untransposed else p[name].T

    f = sigmoid(p["W_f"] @ x + p["U_f"] @ h + p["b_f"])
    n = np.tanh(p["W_n"] @ x + p["U_n"] @ (f * h) + p["b_n"])
    slope_n = unless("tanh's slope", 1 - n**2, 1.0)
    slope_f = unless("sigmoid's slope", f * (1 - f), 1.0)
    if "tanh's place" in without:
        slope_n = 1 - np.tanh(n) ** 2
    if "sigmoid's place" in without:
        slope_f = sigmoid(f) * (1 - sigmoid(f))
    d_n = g * (f if swap else 1 - f) * slope_n
    d_m = back("U_n") @ d_n
    through_reset = d_n * (p["U_n"] @ h) if after else d_m * h
    candidate = back("U_n") @ (f * d_n) if after else f * d_m
    through_blend = g * (n - h if flip else h - n)
    d_f = (unless("blend", through_blend) + unless("reset", through_reset)) * slope_f
    carry = unless("carry", g * (1 - f if swap else f))
    by_h = carry + unless("candidate", candidate) + unless("gate", back("U_f") @ d_f)
    by_x = unless("candidate in x", back("W_n") @ d_n) + unless("gate in x", back("W_f") @ d_f)
    return (by_x, by_h) if turned else (by_h, by_x)


def _one_gate_mistake(*without, **options):
    return lambda p, x, h, g: _one_gate_by_hand(p, x, h, g, without=without, **options)


def _truncation_error(
    z_bias, steps, end="last", reset="after", from_zero=False, all_states=False, late=0, of="difference"
):
    """Relative error of the gradient by U of the last state's sum, through `steps` steps, for the chapter's `driven(reset)`."""
    rng = np.random.default_rng(1)
    gru = GRU.random(4, 32, rng, reset=reset)
    gru = GRU(gru.W, 1.5 * gru.U, gru.b, gru.c, reset=reset)
    gru.b[32:64] = z_bias
    x = rng.normal(size=(1, 50, 4))
    _, cache = gru.forward(x)
    gradients = {}
    for length in (steps, 50):
        part = slice(50 - length, 50) if end == "last" else slice(0, length)
        h0 = np.zeros((1, 32)) if from_zero else cache.h[part.start + (late if length < 50 else 0)]
        _, cut = gru.forward(x[:, part].copy(), h0)
        grad_outputs = np.zeros((1, length, 32))
        grad_outputs[0, 0 if all_states else -1 :] = 1.0
        gradients[length] = gru.backward(cut, grad_outputs).U
    cut, whole = (np.linalg.norm(gradients[length]) for length in (steps, 50))
    if of == "lengths":
        return abs(cut - whole) / whole
    return np.linalg.norm(gradients[steps] - gradients[50]) / (cut if of == "cut" else whole)


EXERCISES = [
    Choice(
        id="gradients.1",
        letters="abcd",
        reference="a",
        misconceptions=(
            Misconception(
                "b",
                "The carry passes the gradient on whole when z is 1: step 7 is a copy, so h_6 gets what h_7 gets, and x_6 its share.",
            ),
            Misconception(
                "c", "Something does get past step 7: the carry, whole. And W_n is used at nine other steps."
            ),
            Misconception("d", "Look at the ways out of step 7 other than the carry. Which factor do they share?"),
        ),
        hints=(
            "At step 7, which of the four ways have the factor 1 - z?",
            "x_7 reaches the state only through the candidate and the gates. x_6 is already in h_6.",
        ),
    ),
    Expression(
        id="gradients.2",
        parts=("delta_n", "delta_z", "carry"),
        reference=(g * z * (1 - n**2), g * (n - h) * z * (1 - z), g * (1 - z)),
        cases=[
            {"g": sp.Rational(a, 10), "h": sp.Rational(b, 10), "n": sp.Rational(c, 10), "z": sp.Rational(d, 10)}
            for a, b, c, d in [(12, 5, 3, 2), (-7, -4, 6, 9), (13, 8, -2, 4), (4, -9, -5, 7)]
        ],
        misconceptions=(
            Misconception(
                (g * (1 - z) * (1 - n**2), g * (h - n) * z * (1 - z), g * z),
                "Those are the formulas of this book's convention. Here z multiplies the candidate.",
            ),
            Misconception(
                (..., g * (h - n) * z * (1 - z), ...),
                "The sign of delta_z is that of the other convention: differentiate h' by z again.",
            ),
            Misconception(
                (..., g * (n - h), ...), "Your delta_z stops at the gate. Go on to what is inside the sigmoid."
            ),
            Misconception((g * z, ..., ...), "Your delta_n stops at the candidate. Go on to what is inside the tanh."),
            Misconception(
                (g * z * (1 - sp.tanh(n) ** 2), ..., ...),
                "n is the value of the tanh already: its slope is 1 - n**2, without another tanh.",
            ),
            Misconception((..., ..., g * z), "The carry: what multiplies h in this blend?"),
            Misconception((..., ..., 1 - z), "Your carry lacks the g that arrives."),
            Misconception(
                (z * (1 - n**2), (n - h) * z * (1 - z), 1 - z),
                "You differentiated h'. The loss is wanted: everything is multiplied by g.",
            ),
            Misconception(
                (g * (1 - z) * (1 - n**2), ..., ...),
                "Which share has the candidate here? Read the blend of the question again.",
            ),
        ),
        hints=(
            "Differentiate h' = (1 - z) h + z n by n, by z and by h, each time holding the others.",
            "Then multiply by g, and by the slope of the tanh or the sigmoid.",
        ),
    ),
    Function(
        id="gradients.3",
        reference=_weight_gradients,
        parts=("W", "b"),
        cases=[
            _deltas_case(1, 1, 1, 1, 1),
            _deltas_case(2, 1, 3, 1, 1),
            _deltas_case(3, 2, 1, 2, 1),
            _deltas_case(4, 3, 4, 2, 3),
            _deltas_case(5, 4, 5, 3, 2, np.float32),
        ],
        misconceptions=(
            Misconception(
                lambda deltas, x: tuple(array / len(x) for array in _weight_gradients(deltas, x)),
                "You took the mean over the batch. A weight moves every sequence, so what the sequences say is added.",
            ),
            Misconception(
                lambda deltas, x: tuple(array / (x.shape[0] * x.shape[1]) for array in _weight_gradients(deltas, x)),
                "You took a mean. Over batch and time the contributions are added.",
            ),
            Misconception(
                lambda deltas, x: _weight_gradients(deltas[:, -1:], x[:, -1:]),
                "That is the last step alone. The weight is used at each.",
            ),
            Misconception(
                lambda deltas, x: _weight_gradients(deltas[:1], x[:1]),
                "That is the first sequence alone. Sum over the batch.",
            ),
            Misconception(
                lambda deltas, x: _weight_gradients(deltas[-1:, -1:], x[-1:, -1:]),
                "A single product is left of all: each one overwrites the last. It has to be added: += in place of =.",
            ),
            Misconception(
                lambda deltas, x: (_weight_gradients(deltas, x)[0].T, deltas.sum(axis=(0, 1))),
                "Your W is transposed: its gradient has the shape of W, deltas down and inputs across.",
            ),
            Misconception(
                lambda deltas, x: (np.outer(deltas.sum(axis=(0, 1)), x.sum(axis=(0, 1))), deltas.sum(axis=(0, 1))),
                "You summed first and multiplied then. It is the sum of the products, step by step.",
            ),
            Misconception(
                lambda deltas, x: (np.einsum("btk,btd->bkd", deltas, x), deltas.sum(axis=1)),
                "The sum over time is there, that over the batch is missing.",
            ),
            Misconception(
                lambda deltas, x: (np.einsum("btk,btd->tkd", deltas, x), deltas.sum(axis=0)),
                "The sum over the batch is there, that over time is missing.",
            ),
        ),
        hints=(
            "One step of one sequence: np.outer(deltas[b, t], x[b, t]).",
            "Sum these over b and t. In one go: make both two-dimensional, with batch and time in one axis, and multiply.",
        ),
    ),
    Function(
        id="gradients.4",
        reference=_rnn_backward,
        parts=("W", "U"),
        cases=[
            _rnn_case(1, 1, 1, 1),
            _rnn_case(2, 2, 1, 1),
            _rnn_case(3, 2, 1, 2),
            _rnn_case(4, 4, 2, 3),
            _rnn_case(5, 9, 3, 4),
        ],
        misconceptions=(
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, before=np.roll(h, 1, axis=0)),
                "At t = 0 your h[t - 1] is h[-1], the last state. Before the first step the state was zero.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, before=h),
                "Off by one in time: U multiplies the state before the step, not the one after it.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, transposed=False),
                "On the way back U is transposed.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, carried=0.0),
                "Nothing goes from a step to the one before it. Each state is used twice: by the loss and by the next step.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, slopes=np.ones_like(h)),
                "The slope of the tanh is missing.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, slope_sent=False),
                "The slope of the tanh is in the weights' gradients, and missing in what goes to the step before.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, of_loss=True),
                "The slope multiplies the loss's part only. What comes from the next step passes through the same tanh: add first, then multiply.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, kept=0.0),
                "Each step overwrites what the others gave, so only one is left. The weights' gradients are sums: += in place of =.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: tuple(d.T for d in _rnn_backward(W, U, x, h, grad_states)),
                "Both gradients are transposed: each has the shape of its matrix, deltas down.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, slopes=1 - np.tanh(h) ** 2),
                "The slope is taken at the wrong place: h is already the tanh, so its slope is 1 - h**2.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(
                    W, U, x, h, grad_states, slopes=1 - np.concatenate([np.zeros_like(h[:1]), h[:-1]]) ** 2
                ),
                "The slope is taken at the state before the step. It belongs to the state that comes out.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(
                    W, U, x, h, np.concatenate([np.zeros_like(h[:-1]), grad_states[-1:]])
                ),
                "Your loss looks at the last state only. Each step has a gradient of its own in grad_states.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, first=1),
                "Your loop ends before step 0. The first step uses W as well.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: (
                    _rnn_backward(W, U, x, h, grad_states)[0],
                    _rnn_backward(W, U, x, h, grad_states)[1].T,
                ),
                "The gradient of U is transposed: deltas down, states across.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states)[::-1],
                "The gradient of W comes first.",
            ),
            Misconception(
                lambda W, U, x, h, grad_states: _rnn_backward(W, U, x, h, grad_states, forwards=True),
                "Your loop runs forwards. What comes back from the next step is known only when that step is done: begin with the last.",
            ),
        ),
        hints=(
            "Walk backwards. At each step add what the loss sees of the state and what the step after it sent back.",
            "delta = (grad_states[t] + d_h) * (1 - h[t]**2); then d_h = U.T @ delta goes to the step before.",
            "The weights collect np.outer(delta, x[t]) and np.outer(delta, state before step t), which is zero for t = 0.",
        ),
    ),
    Function(
        id="gradients.5",
        reference=_is_right,
        cases=_claims(),
        misconceptions=(
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, relative=0, absolute=1e-6),
                "You compare with a fixed number. A gradient of size 1e-7 passes whatever it is, and one of 1e7 never does: compare with its size.",
            ),
            Misconception(
                lambda f, gradient, w: np.allclose(gradient(w), _slopes(f, w)),
                "A difference below a fixed number passes, be it yours or the 1e-8 of np.allclose without atol. A gradient of size 1e-7 needs less.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, compared=lambda array: array.ravel()[:1]),
                "You look at the first entry only.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, compared=np.sum),
                "You compare one sum. Errors in its terms can cancel: compare the entries, or random directions.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, compared=np.linalg.norm),
                "You compare lengths. A vector can have the right length and point elsewhere.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, relative=1e-8, sided=1),
                "You refuse gradients that are right. A one-sided difference has an error of the size of epsilon: use both sides.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, relative=0.2),
                "You let an error of ten per cent pass. Central differences are good to many digits: ask for six.",
            ),
            Misconception(
                lambda f, gradient, w: bool((abs(gradient(w) - _slopes(f, w)) <= 1e-4 * abs(_slopes(f, w))).all()),
                "You compare each entry with its own size. A right gradient may have an entry near zero, where rounding is larger than the entry: compare with the largest.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, relative=1e-2),
                "You let an error of a thousandth pass. Central differences are good to many digits: ask for six.",
            ),
            Misconception(
                lambda f, gradient, w: _is_right(f, gradient, w, epsilon=1e-13),
                "You refuse gradients that are right: rounding is larger than what you look for. Either the step is too small or the numbers are 32-bit. Look at the figure of the chapter.",
            ),
            Misconception(
                _moves_and_restores,
                "You move entries of w itself. Even when they are moved back, rounding leaves another number: work on a copy.",
            ),
            Misconception(lambda f, gradient, w: True, "Your check accepts everything."),
            Misconception(lambda f, gradient, w: False, "Your check accepts nothing."),
        ),
        hints=(
            "Move one entry of a copy of w by plus and minus 1e-5, and compare the slope with the same entry of gradient(w).",
            "np.ndindex(w.shape) walks over vectors and matrices alike.",
            "Divide the largest error by the largest slope, and ask whether that is below 1e-6.",
        ),
    ),
    Function(
        id="gradients.6",
        reference=_one_gate_gradient,
        parts=("by_h", "by_x"),
        cases=[_one_gate_case(1, 1, 1), _one_gate_case(2, 1, 2), _one_gate_case(3, 3, 2), _one_gate_case(4, 2, 5)],
        misconceptions=(
            Misconception(_one_gate_mistake("carry"), "The carry is missing: the direct way from h to the new state."),
            Misconception(
                _one_gate_mistake("candidate"), "One way through the candidate is missing: that of h itself, times f."
            ),
            Misconception(
                _one_gate_mistake("reset"),
                "The gate acts in two places. Its way as a reset gate, inside the candidate, is missing.",
            ),
            Misconception(
                _one_gate_mistake("blend"), "The gate acts in two places. Its way through the blend is missing."
            ),
            Misconception(
                _one_gate_mistake("gate", "gate in x"), "You treat the gate as a constant. It sees h and x too."
            ),
            Misconception(_one_gate_mistake("gate"), "You treat the gate as a constant in h. It sees h too."),
            Misconception(_one_gate_mistake("gate in x"), "x goes into the gate as well as into the candidate."),
            Misconception(
                _one_gate_mistake("candidate", "gate", "gate in x"),
                "That is the carry alone for h. There are more ways, through the candidate and the gate.",
            ),
            Misconception(_one_gate_mistake(swap=True), "f and 1 - f have changed places."),
            Misconception(
                _one_gate_mistake(flip=True),
                "In the way through the blend stands n - h where h - n should: what does a larger f do?",
            ),
            Misconception(
                _one_gate_mistake(after=True),
                "That is right for reset after. Here f multiplies h before the product with U_n.",
            ),
            Misconception(_one_gate_mistake("tanh's slope"), "The slope of the tanh is missing."),
            Misconception(_one_gate_mistake("sigmoid's slope"), "The slope of the sigmoid is missing."),
            Misconception(
                _one_gate_mistake("sigmoid's place"),
                "The slope of the sigmoid is taken at f. f is its value: the slope is f (1 - f).",
            ),
            Misconception(
                _one_gate_mistake("tanh's place"),
                "The slope of the tanh is taken at n. n is its value: the slope is 1 - n**2.",
            ),
            Misconception(_one_gate_mistake(untransposed=("U_f", "U_n")), "On the way back matrices are transposed."),
            Misconception(
                _one_gate_mistake(untransposed=("U_f",)), "On the way back matrices are transposed: U_f is not."
            ),
            Misconception(
                _one_gate_mistake(untransposed=("U_n",)), "On the way back matrices are transposed: U_n is not."
            ),
            Misconception(_one_gate_mistake(turned=True), "The derivative by h comes first, then that by x."),
            Misconception(_one_gate_mistake("candidate in x"), "x goes into the candidate as well as into the gate."),
        ),
        hints=(
            "Count the ways from h to h': the carry, the candidate, and the gate, which acts in two places.",
            "Start as in the chapter: delta_n = g (1 - f) (1 - n**2), and delta_m = U_n.T delta_n for m = f h.",
            "The gate gathers g (h - n) from the blend and delta_m h from the candidate, and then the slope f (1 - f).",
        ),
    ),
    Value(
        id="gradients.7",
        parts=("bias_0", "bias_4"),
        reference=(_truncation_error(0.0, 10), _truncation_error(4.0, 10)),
        decimals=3,
        misconceptions=(
            Misconception(
                (_truncation_error(0.0, 10, end="first"), _truncation_error(4.0, 10, end="first")),
                "You kept the first ten steps. The walk goes backwards from the last.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, from_zero=True), _truncation_error(4.0, 10, from_zero=True)),
                "You ran the last ten steps from a state of zeros. The state is the one that was there, only its gradient is cut.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, all_states=True), _truncation_error(4.0, 10, all_states=True)),
                "Your loss looks at all states. It is the sum of the last state: ones at the last step, zeros before.",
            ),
            Misconception(
                (_truncation_error(4.0, 10), _truncation_error(0.0, 10)),
                "You have the two numbers the wrong way round.",
            ),
            Misconception((_truncation_error(0.0, 9), _truncation_error(4.0, 9)), "Those are nine steps, one too few."),
            Misconception(
                (_truncation_error(0.0, 11), _truncation_error(4.0, 11)), "Those are eleven steps, one too many."
            ),
            Misconception(
                (_truncation_error(0.0, 10, reset="before"), _truncation_error(4.0, 10, reset="before")),
                "That is the unit with reset before; the question is about reset after.",
            ),
            Misconception(
                (_truncation_error(0.0, 40), _truncation_error(4.0, 40)),
                "You cut off ten steps. Ten steps are to be kept.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, late=1), _truncation_error(4.0, 10, late=1)),
                "Your state is one step late. cache.h[t] goes into step t, and the last k steps begin at T - k.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, late=-1), _truncation_error(4.0, 10, late=-1)),
                "Your state is one step early. cache.h[t] goes into step t, and the last k steps begin at T - k.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, of="lengths"), _truncation_error(4.0, 10, of="lengths")),
                "You compare two lengths. Take the norm of the difference.",
            ),
            Misconception(
                (_truncation_error(0.0, 10, of="cut"), _truncation_error(4.0, 10, of="cut")),
                "You divide by the norm of the gradient that was cut. The full one is the measure.",
            ),
            Misconception(
                (100 * _truncation_error(0.0, 10), 100 * _truncation_error(4.0, 10)),
                "A share is asked for, not per cent.",
            ),
        ),
        hints=(
            "Run the GRU on the last ten inputs from the state cache.h[40], and let the backward pass see that alone.",
            "grad_outputs is zero but at the last step, where it is one; compare the gradient by U with that of all 50 steps.",
        ),
    ),
]
