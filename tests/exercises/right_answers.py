"""To each exercise a right answer, written another way than its reference."""

import itertools
import math
from fractions import Fraction

import numpy as np
import sympy as sp
import torch

from grulib import exercises
from grulib.exercises.kinds import Function

ALL = {id: exercise for chapter in exercises.CHAPTERS for id, exercise in exercises.exercises(chapter).items()}


FUNCTIONS = [id for id, exercise in ALL.items() if isinstance(exercise, Function)]


u, h, k, z, g, n = sp.symbols("u h k z g n")


def sigmoid(a):
    return 0.5 * (1 + np.tanh(a / 2))


def from_document_d(p):
    return [np.vstack([np.transpose(p[f"{name}{gate}"]) for gate in "rzn"]) for name in ("W_x", "W_h")] + [
        np.hstack([p["b_r"], p["b_z"], p["b_n"]])
    ]


def layers_and_directions(names, prefix):
    ends = [name.removeprefix(prefix + "weight_hh_l") for name in names if name.startswith(prefix + "weight_hh_l")]
    return len([end for end in ends if end.isdigit()]), 2 if "0_reverse" in ends else 1


def parameters(D, H, layers, directions, biases):
    first = 3 * H * (D + H) + 3 * H * biases
    above = 3 * H * (directions * H + H) + 3 * H * biases
    return directions * (first + (layers - 1) * above)


def units_that_fit(D, bytes_of_memory):
    return max(H for H in range(1, 2000) if 3 * H * (D + H) + 6 * H <= bytes_of_memory)


def begun_anew(h, begins, ended):
    h = h.copy()
    h[ended] = begins
    return h


def to_home(W, U, b):
    H = b.size // 3
    return tuple(np.concatenate([a[:H], -a[H : 2 * H], a[2 * H :]]) for a in (W, U, b))


def jacobian(U, states):
    return np.linalg.multi_dot([np.eye(len(U)), *(((1 - s * s) * U.T).T for s in states[::-1]), np.eye(len(U))])


def clearing_gru():
    W, U, b = np.zeros((12, 1)), np.zeros((12, 4)), np.zeros(12)
    b[4:8], W[4:8] = 20, -45
    return W, U, b


def clip(gradients, max_norm):
    norm = np.linalg.norm(np.concatenate([np.ravel(a) for a in gradients]))
    return [a * min(1.0, max_norm / norm) if norm else a for a in gradients]


def gru(W, U, b, c, x, h0, reset):
    H = h0.shape[1]
    states = np.zeros((len(x), x.shape[1], H))
    for i, t in np.ndindex(states.shape[:2]):
        old = h0[i] if t == 0 else states[i, t - 1]
        a, v = W @ x[i, t] + b, U @ old
        r, keep = sigmoid(a[:H] + v[:H]), sigmoid(a[H : 2 * H] + v[H : 2 * H])
        inner = U[2 * H :] @ (r * old) if reset == "before" else r * (v[2 * H :] + c)
        candidate = np.tanh(a[2 * H :] + inner)
        states[i, t] = candidate + keep * (old - candidate)
    return states


def merge_biases(b_input, b_state, reset):
    if reset == "before":
        return np.add(b_input, b_state), None
    r, z, n = np.split(b_state, 3)
    return b_input + np.concatenate([r, z, 0 * n]), n


def weight_gradients(deltas, x):
    pairs = list(itertools.product(range(len(x)), range(x.shape[1])))
    return sum(np.outer(deltas[i], x[i]) for i in pairs), sum(deltas[i] for i in pairs)


def rnn_backward(W, U, x, h, grad_states):
    W, U = (torch.tensor(a, requires_grad=True) for a in (W, U))
    state, loss = torch.zeros(len(U), dtype=torch.float64), 0
    for x_t, grad in zip(torch.tensor(x), torch.tensor(grad_states)):
        state = torch.tanh(W @ x_t + U @ state)
        loss = loss + grad @ state
    loss.backward()
    return W.grad, U.grad


def gradient_is_right(f, gradient, w):
    rng = np.random.default_rng(0)
    for _ in range(20):  # slopes along random directions
        d = rng.normal(size=w.shape)
        slope = (f(w + 1e-5 * d) - f(w - 1e-5 * d)) / 2e-5
        if gradient(w).shape != w.shape or abs((gradient(w) * d).sum() - slope) > 1e-5 * np.linalg.norm(gradient(w)):
            return False
    return True


def one_gate_backward(p, x, h, g):
    def loss(x, h):
        f = sigmoid(p["W_f"] @ x + p["U_f"] @ h + p["b_f"])
        n = np.tanh(p["W_n"] @ x + p["U_n"] @ (f * h) + p["b_n"])
        return g @ (n - f * n + f * h)

    def slopes(loss, at):  # by complex steps: no rounding
        return np.array([loss(at + 1e-20j * unit).imag / 1e-20 for unit in np.eye(len(at))])

    return slopes(lambda h: loss(x, h), h), slopes(lambda x: loss(x, h), x)


def audit(printed, true, digits):
    scale = 10**digits
    return [
        k for k, v in printed.items() if (np.abs(np.array(v) * scale - np.array(true[k]) * scale) > 0.5 + 1e-6).any()
    ]


def identify(W, U, x, states):
    for z_of in ("old", "new"):
        turned = (W, U) if z_of == "old" else tuple(a * np.repeat([1, -1, 1], len(a) // 3)[:, None] for a in (W, U))
        for reset in ("before", "after"):
            H = U.shape[1]
            got = gru(*turned, np.zeros(3 * H), np.zeros(H), x[None], np.zeros((1, H)), reset)[0]
            if abs(got - states).max() < 1e-8:
                return [z_of, reset]


class Cell(torch.nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W, self.U = torch.nn.Linear(input_size, 3 * hidden_size), torch.nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x, h):
        H, a, v = h.shape[1], self.W(x), self.U(h)
        gates = torch.sigmoid((a + v)[:, : 2 * H])
        candidate = torch.tanh(a[:, 2 * H :] + gates[:, :H] * v[:, 2 * H :])
        return torch.lerp(candidate, h, gates[:, H:])


def to_torch(W, U, b, c):
    layer = torch.nn.GRU(W.shape[1], len(c), batch_first=True)
    zeros = torch.zeros(2 * len(c))
    state = {"weight_ih_l0": W, "weight_hh_l0": U, "bias_ih_l0": b, "bias_hh_l0": torch.cat([zeros, torch.tensor(c)])}
    layer.load_state_dict({name: torch.as_tensor(value) for name, value in state.items()})
    return layer


def difference_and_error(a, b):
    plus, minus = (a & ~b).sum(), (b & ~a).sum()
    mean = (plus - minus) / len(a)
    return mean, np.sqrt((plus + minus - len(a) * mean**2) / (len(a) - 1) / len(a))


def a_to_d(W_z, W_r, W):
    """By what the matrices do to unit vectors: the columns of the identity."""
    H, D = len(W), W.shape[1] - len(W)
    result = []
    for sign, M in [(-1, W_z), (1, W_r), (1, W)]:
        rows = np.array([sign * M @ unit for unit in np.eye(H + D, dtype=M.dtype)])  # (H+D, H)
        result += [rows[H:], rows[:H]]
    return result


def one_matrix_step(M, x, h):
    H = len(h)
    bias, W, U = M[:, 0], M[:, 1 : 1 + len(x)], M[:, 1 + len(x) :]
    a = bias + W @ x
    z, r = 1 / (1 + np.exp(-(a[H:] + U[H:] @ h))).reshape(2, H)
    return h + z * (np.tanh(a[:H] + U[:H] @ (r * h)) - h)


def turn_round(x, lengths):
    steps = np.arange(x.shape[1])
    index = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return x[np.arange(len(x))[:, None], index]


def who_hears_whom(U, r, z, reset):
    H = len(U)
    result = np.zeros((H, H), bool)
    for i in range(H):
        for j in range(H):
            gate = r[j] if reset == "before" else r[i]
            result[i, j] = (z[i] != 1 and gate != 0 and U[i, j] != 0) or (i == j and z[i] != 0)
    return result


def joint_matrix(W, b, U):
    H = len(b) // 3
    rows = [-np.concatenate([W[i], [b[i]], U[i]]) for i in range(2 * H)]
    return np.array(rows)


def slopes(h, r, z, n, m):
    tensors = [torch.as_tensor(a) for a in (h, r, z, n, m)]
    h, r, z, n, m = tensors
    a_n, a_r, a_z = torch.atanh(n), torch.logit(r), torch.logit(z)
    rest = a_n - r * m
    a_r, a_z, free = (a.clone().requires_grad_() for a in (a_r, a_z, torch.zeros_like(a_n)))
    new = (1 - a_z.sigmoid()) * torch.tanh(rest + a_r.sigmoid() * m + free) + a_z.sigmoid() * h
    return [g.numpy() for g in torch.autograd.grad(new.sum(), [free, a_r, a_z])]


def in_order(text, B, T):
    length = (len(text) - 1) // B
    starts = [row * length for row in range(B)]
    return [
        tuple(np.array([text[s + k + late : s + k + late + T] for s in starts]) for late in (0, 1))
        for k in range(0, length - T + 1, T)
    ]


def adam(gradients, rate):
    """The corrected means are weighted averages of all gradients so far, and of their squares."""
    change = np.zeros(gradients.shape[1])
    for k in range(1, len(gradients) + 1):
        age = np.arange(k)[::-1]
        mean = np.average(gradients[:k], axis=0, weights=0.9**age)
        change -= rate * mean / np.sqrt(np.average(gradients[:k] ** 2, axis=0, weights=0.999**age))
    return change


def without_copies(texts, labels):
    stripped = [text.strip() for text in texts]
    kept = []
    for text, label in zip(stripped, labels):
        same = {other for t, other in zip(stripped, labels) if t == text}
        if len(same) == 1 and (text, label) not in kept:
            kept.append((text, label))
    return [text for text, _ in kept], [label for _, label in kept]


def masked_attention(scores, memory, length):
    weights = torch.zeros(len(scores), dtype=torch.float64)
    weights[:length] = torch.softmax(torch.tensor(scores[:length]), dim=0)
    return weights, memory.T @ weights.numpy()


def windows(series, width, ahead, begin, end):
    whole = np.lib.stride_tricks.sliding_window_view(series, width + ahead)
    chosen = whole[max(begin - width, 0) : end - width - ahead + 1]
    return chosen[:, :width], chosen[:, width:]


def mean_and_deviation(x, lengths):
    """By the mean of the squares; the zeros of the padding add nothing to either sum."""
    mean = x.sum(axis=1) / lengths[:, None]
    return np.hstack([mean, np.sqrt((x**2).sum(axis=1) / lengths[:, None] - mean**2)])


def largest(blocks, D, layers, budget):
    square, linear = blocks * (2 * layers - 1), blocks * (D + layers)  # of the count as a polynomial in H
    return int((np.sqrt(linear**2 + 4 * square * budget) - linear) / (2 * square))


def integrated_gradients(gradient, x, baseline, steps):
    total = np.zeros(len(x))
    for k in range(steps):
        s = (2 * k + 1) / (2 * steps)
        total += gradient((1 - s) * baseline + s * x)
    return total / steps * (x - baseline)


def shapley(value, n):
    """By the weights of the sets, not by orders."""
    result = np.zeros(n)
    for i in range(n):
        others = [player for player in range(n) if player != i]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for players in itertools.combinations(others, size):
                result[i] += weight * (value({*players, i}) - value(set(players)))
    return result


def scaled_steps(x, lengths):
    valid = np.arange(x.shape[1]) < lengths[:, None]  # (B, T)
    steps = x[valid]
    return np.where(valid[..., None], (x - steps.mean(axis=0)) / steps.std(axis=0), 0)


def padding_behind(x, lengths):
    T = x.shape[1]
    places = (np.arange(T) + (T - lengths)[:, None]) % T  # (B, T)
    return np.take_along_axis(x, places[..., None], axis=1) * (np.arange(T) < lengths[:, None])[..., None]


def last_of_both(outputs, lengths):
    H = outputs.shape[2] // 2
    return np.stack([np.r_[row[n - 1, :H], row[0, H:]] for row, n in zip(outputs, lengths)])


ANSWERS = {
    "introduction.1": "B",
    "introduction.2": {"W_z": [100, 50], "U_n": (100, 100), "W": (300, 50), "x": (8, 12, 50), "states": (8, 12, 100)},
    "introduction.3": from_document_d,
    "introduction.4": to_home,
    "introduction.5": [10, 51],
    "background.1": (44, 458),
    "background.2": (u / sp.cosh(u * h) ** 2, sp.exp(k * sp.log(u))),
    "background.3": jacobian,
    "background.4": clearing_gru,
    "background.5": "c",
    "background.6": clip,
    "equations.1": (-0.35, sp.Rational(3, 20), Fraction(1, 2)),
    "equations.2": {"plain RNN": (1, 0), "plain RNN, document A": np.array([1, 1]), "no memory": (0.0, 0.0)},
    "equations.3": gru,
    "equations.4": merge_biases,
    "equations.5": (1 / sp.log(1 / z, 2), sp.log(2 ** (-1 / k) / (1 - 2 ** (-1 / k)))),
    "equations.6": (np.int64(1860), 1880, 4440.0),
    "equations.7": {"r": {"h", "x"}, "z": {"h", "x"}, "m": {"h"}, "n": {"m", "r", "x"}, "new h": {"h", "n", "z"}},
    "equations.8": [0.110, 0.186],
    "gradients.1": "a",
    "gradients.2": (g * z - g * z * n**2, g * n * z - g * n * z**2 - g * h * z + g * h * z**2, g - g * z),
    "gradients.3": weight_gradients,
    "gradients.4": rnn_backward,
    "gradients.5": gradient_is_right,
    "gradients.6": one_gate_backward,
    "gradients.7": (0.035, 0.603),
    "worked-example.1": "c, a, d",
    "worked-example.2": "b",
    "worked-example.3": torch.tensor([0.699, 0.608]),
    "worked-example.4": (0.0521, -0.0027, 0),
    "worked-example.5": audit,
    "worked-example.6": identify,
    "practice.1": {"outputs": torch.Size([5, 7, 32]), "h_last": (2, 5, 32)},
    "practice.2": Cell,
    "practice.3": lambda outputs, lengths: torch.cat([o[n - 1 : n] for o, n in zip(outputs, lengths)]),
    "practice.4": to_torch,
    "practice.5": np.array([[2.0, -3.0], [-1.0, 0.5]]),
    "practice.6": "b",
    "practice.7": (198, 64 * 198 + 198 + 1980 + 10),
    "practice.8": difference_and_error,
    "notations.1": ["A", "C"],
    "notations.2": lambda weight_ih: np.hstack(
        [weight_ih.T.reshape(-1, 3, len(weight_ih) // 3)[:, i] for i in (1, 0, 2)]
    ),
    "notations.3": a_to_d,
    "notations.4": "f, d, b, a",
    "notations.5": one_matrix_step,
    "notations.6": ["nrz", "new", "after"],
    "frameworks.1": "c b",
    "frameworks.2": [24, {"weight_ih_l0_reverse": [96, 10], "weight_ih_l2": (96, 64), "bias_hh_l1": torch.Size([96])}],
    "frameworks.3": lambda bias_ih, bias_hh: np.stack([bias_ih, bias_hh]).reshape(2, 3, -1)[:, [1, 0, 2]].ravel(),
    "frameworks.4": turn_round,
    "frameworks.5": "A",
    "models.1": "C, b",
    "models.2": parameters,
    "models.3": layers_and_directions,
    "models.4": "C",
    "service.1": "B",
    "service.2": units_that_fit,
    "service.3": begun_anew,
    "service.4": "C",
    "speed.1": "B",
    "speed.2": (np.int64(943718400), 2831155200.0, 4512000),
    "speed.3": joint_matrix,
    "speed.4": slopes,
    "speed.5": lambda T, s, D, H: len(range(0, T, s)) * H + s * D + s + 5 * s * H,
    "speed.6": [10.0, 0.1966],
    "beyond.1": "C, A",
    "beyond.2": lambda: (torch.tensor([[0], [-20.0], [0]]), [[0], [0], [-20.0]], np.array([50.0, 0, 0])),
    "beyond.3": lambda w: (np.rint(127 * w / np.max(np.abs(w))).astype("int8"), np.max(np.abs(w)) / 127),
    "beyond.4": lambda gradients, sizes: np.average(gradients, axis=0, weights=sizes),
    "beyond.5": [6, 24 / 30],
    "language.1": [4, 2.0],
    "language.2": lambda counts, shorter, d: [
        (max(c - d, 0) + d * sum(counts > 0) * q) / sum(counts) for c, q in zip(counts, shorter)
    ],
    "language.3": lambda p, temperature: np.exp(np.log(p) / temperature) / np.exp(np.log(p) / temperature).sum(),
    "language.4": in_order,
    "language.5": "B",
    "training.1": "b",
    "training.2": adam,
    "training.3": lambda steps, peak, highest: [
        highest * (k / peak if k < peak else np.cos(np.pi / 2 * (k - peak) / (steps - 1 - peak)) ** 2)
        for k in range(steps)
    ],
    "training.4": (-np.log(2 ** (1 / 25) - 1), 0.042),
    "sentiment.1": "b",
    "sentiment.2": lambda outputs, lengths: np.stack([o[:n].mean(axis=0) for o, n in zip(outputs, lengths)]),
    "sentiment.3": without_copies,
    "sentiment.4": lambda lengths, batch_size: (
        np.float64(1)
        - sum(lengths) / sum(max(lengths[i // batch_size * batch_size :][:batch_size]) for i in range(len(lengths)))
    ),
    "translation.1": [0.3, 0.36],
    "translation.2": masked_attention,
    "translation.3": lambda target, begin, end: (list(itertools.chain([begin], target)), [*target, end]),
    "translation.4": lambda written, right, end: np.mean(
        [(w == r)[: list(r).index(end) + 1].all() for w, r in zip(written, right)]
    ),
    "forecasting.1": "c, a",
    "forecasting.2": windows,
    "forecasting.3": lambda y, forecast, q: np.mean(
        [[q_ * (t - f) if t > f else (1 - q_) * (f - t) for f, q_ in zip(row, q)] for t, row in zip(y, forecast)]
    ),
    "forecasting.4": lambda y, low, high, cover: np.quantile(
        np.maximum(low - y, y - high), (np.ceil(cover * len(y)) - 1) / (len(y) - 1)
    ),
    "speech.1": (0.71, 1.53),
    "speech.2": "C",
    "speech.3": mean_and_deviation,
    "speech.4": lambda forward, backward, x: np.dstack([forward(x), np.flip(backward(np.flip(x, 1)), 1)]),
    "own-sequences.1": "db",
    "own-sequences.2": scaled_steps,
    "own-sequences.3": padding_behind,
    "own-sequences.4": last_of_both,
    "comparison.1": (np.int64(15200), 118.0),
    "comparison.2": largest,
    "comparison.3": lambda: (
        torch.tensor([30, 30]),
        [[15, -15], [15, -15]],
        np.array([-15, -45.0]),
        np.array([2.0, -2.0]),
    ),
    "comparison.4": "b",
    "gates.1": (9.491, -1 / np.log(np.sqrt(0.49))),
    "gates.2": lambda z: [-len(u) / np.sum(np.log(u)) for u in z.T],
    "gates.3": integrated_gradients,
    "gates.4": shapley,
    "dynamics.1": "B",
    "dynamics.2": lambda g, w: (
        (math.sqrt(g * (g - 1)) - 0.5 * math.log((1 + math.sqrt(1 - 1 / g)) / (1 - math.sqrt(1 - 1 / g)))) / w
    ),
    "dynamics.3": lambda nu, z: 0.0 if nu + z == nu * z else -1 / math.log2(abs(nu + z - nu * z)),
    "dynamics.4": "C",
    "audit.1": "b",
    "audit.2": lambda logits, targets: torch.nn.functional.cross_entropy(
        *map(torch.as_tensor, (logits, targets))
    ).exp(),
    "audit.3": lambda a1, b1, a2, b2: [a1 * a2, b2 + b1 * a2],
    "audit.4": (576.0, np.int64(10), 560),
    "audit.5": who_hears_whom,
}


def filled(wrong, right):
    """A misconception with each `...` replaced by what is right there."""
    if isinstance(wrong, dict):
        return {key: filled(wrong[key], right[key]) for key in wrong}
    if isinstance(wrong, tuple):
        return tuple(map(filled, wrong, right))
    return right if wrong is ... else wrong
