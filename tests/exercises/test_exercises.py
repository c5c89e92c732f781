"""The exercises: each with a right answer that owes nothing to its reference, its misconceptions, and hostile answers."""

import dataclasses
import itertools
import json
import math
import re
import subprocess
import sys
import threading
import time
from fractions import Fraction

import nbformat
import numpy as np
import pytest
import sympy as sp
import torch
from helpers import BOOK
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from grulib import exercises, files
from grulib.exercises import judging, record
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Choice, Expression, Function, Misconception, Value
from grulib.exercises.values import describe
from grulib.exercises.verdict import NOT_ATTEMPTED, NOT_RIGHT, RIGHT

ALL = {id: exercise for chapter in exercises.CHAPTERS for id, exercise in exercises.exercises(chapter).items()}
FUNCTIONS = [id for id, exercise in ALL.items() if isinstance(exercise, Function)]
u, h, k, z, g, n = sp.symbols("u h k z g n")


def sigmoid(a):
    return 0.5 * (1 + np.tanh(a / 2))


# Right answers, written another way than the references.


def from_document_d(p):
    return [np.vstack([np.transpose(p[f"{name}{gate}"]) for gate in "rzn"]) for name in ("W_x", "W_h")] + [
        np.hstack([p["b_r"], p["b_z"], p["b_n"]])
    ]


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


def clip_with_pytorch(gradients, limit):
    parameters = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = torch.tensor(gradient)
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
    return [p.grad * (limit / norm).clamp(max=1) for p in parameters], norm


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
    "equations.8": [0.11, 0.19],
    "gradients.1": "a",
    "gradients.2": (g * z - g * z * n**2, g * n * z - g * n * z**2 - g * h * z + g * h * z**2, g - g * z),
    "gradients.3": weight_gradients,
    "gradients.4": rnn_backward,
    "gradients.5": gradient_is_right,
    "gradients.6": one_gate_backward,
    "gradients.7": (0.04, 0.6),
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
    "speed.1": "B",
    "speed.2": (np.int64(943718400), 2831155200.0, 4512000),
    "speed.3": joint_matrix,
    "speed.4": slopes,
    "speed.5": lambda T, s, D, H: len(range(0, T, s)) * H + s * D + s + 5 * s * H,
    "speed.6": [10.0, 0.1966],
    "beyond.1": "C, A",
    "beyond.2": lambda: (torch.tensor([[0], [-20.0], [0]]), [[0], [0], [-20.0]], np.array([50.0, 0, 0])),
    "beyond.3": lambda w: (np.rint(127 * w / np.max(np.abs(w))).astype(int), np.max(np.abs(w)) / 127),
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
    "training.2": clip_with_pytorch,
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
    "speech.3": lambda x, lengths: np.stack([np.concatenate([r[n - 1 :: -1], r[n:]]) for r, n in zip(x, lengths)]),
    "speech.4": lambda forward, backward, x: np.dstack([forward(x), np.flip(backward(np.flip(x, 1)), 1)]),
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
    "audit.1": "b",
    "audit.2": lambda logits, targets: torch.nn.functional.cross_entropy(
        *map(torch.as_tensor, (logits, targets))
    ).exp(),
    "audit.3": lambda a1, b1, a2, b2: [a1 * a2, b2 + b1 * a2],
    "audit.4": (576.0, np.int64(10), 560),
    "audit.5": who_hears_whom,
}


# what they give can't be NaN: True or False, texts, integers
NO_FLOATS = "gradients.5 worked-example.5 worked-example.6 speed.5 sentiment.3 translation.3 comparison.2".split()
# what they are given can't be changed in place, or changing it changes nothing
NO_ARRAYS = """background.4 practice.2 speed.5 beyond.2 training.3 sentiment.3 sentiment.4 translation.3 comparison.2
comparison.3 gates.4""".split()


def filled(wrong, right):
    """A misconception with each `...` replaced by what is right there."""
    if isinstance(wrong, dict):
        return {key: filled(wrong[key], right[key]) for key in wrong}
    if isinstance(wrong, tuple):
        return tuple(map(filled, wrong, right))
    return right if wrong is ... else wrong


MISCONCEPTIONS = [(id, i) for id, exercise in ALL.items() for i in range(len(exercise.misconceptions))]
RAISE = [("practice.3", 2), ("practice.4", 5)]  # these misconceptions end in an exception, and can't be a reference


def test_every_exercise_has_an_answer_here():
    assert list(ANSWERS) == list(ALL)


@pytest.mark.parametrize("id", ALL)
def test_right_answer(id):
    verdict = judge(ALL[id], ANSWERS[id])
    assert verdict.status == RIGHT, verdict
    assert verdict.diagnosis is None and verdict.facts == ()


@pytest.mark.parametrize(("id", "i"), MISCONCEPTIONS)
def test_misconception_gets_its_own_words(id, i):
    exercise = ALL[id]
    wrong, tells = exercise.misconceptions[i]
    verdict = judge(exercise, filled(wrong, exercise.reference))
    assert (verdict.status, verdict.diagnosis) == (NOT_RIGHT, tells), verdict


@pytest.mark.parametrize(("id", "i"), [pair for pair in MISCONCEPTIONS if pair not in RAISE])
def test_with_a_wrong_reference_the_right_answer_fails(id, i):
    exercise = ALL[id]
    wrong = filled(exercise.misconceptions[i].answer, exercise.reference)
    assert judge(dataclasses.replace(exercise, reference=wrong), ANSWERS[id]).status == NOT_RIGHT


def nothing(*arguments):
    return None


def raises(*arguments):
    raise RuntimeError("on purpose")


def exits(*arguments):
    sys.exit("on purpose")


def recurses(*arguments):
    return recurses(*arguments)


class Awkward:
    """An object that raises whatever is done to it."""

    def _raise(self, *arguments):
        raise RuntimeError("do not touch")

    __array__ = __bool__ = __eq__ = __float__ = __iter__ = __len__ = __repr__ = __str__ = __getattr__ = __call__ = (
        _raise
    )
    __hash__ = None


class AwkwardError(Exception):
    def __str__(self):
        raise RuntimeError("no message")


def raises_awkwardly(*arguments):
    raise AwkwardError


def endless_list():
    loop = []
    loop.append(loop)
    return loop


HOSTILE = {
    "None": None,
    "text": "forty-two",
    "empty text": "",
    "function of nothing": nothing,
    "raises": raises,
    "exits": exits,
    "recurses": recurses,
    "raises awkwardly": raises_awkwardly,
    "awkward": Awkward(),
    "gives awkward": lambda *arguments: Awkward(),
    "gives text": lambda *arguments: "forty-two",
    "gives a generator": lambda *arguments: (i for i in range(3)),
    "gives complex": lambda *arguments: 1j,
    "gives a loop": lambda *arguments: endless_list(),
    "gives a wrong shape": lambda *arguments: np.zeros((1, 2, 3, 4, 5)),
    "gives an empty tuple": lambda *arguments: (),
    "takes too many": lambda a, b, c, d, e, f, g, h, i: 1,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "complex": 1j,
    "wrong shape": np.zeros((2, 3, 4)),
    "empty array": np.zeros(0),
    "array of objects": np.array([None, raises]),
    "dictionary": {"a": 1},
    "pair of NaN": (float("nan"), float("nan")),
    "triple of texts": ("a", "b", "c"),
    "loop": endless_list(),
    "class": Awkward,
    "symbol": sp.Symbol("y"),
    "undefined function": sp.Function("F")(sp.Symbol("z")),
    "sympy infinity": sp.zoo,
    "sympy infinities": (sp.zoo, sp.nan, sp.oo),
}


@pytest.mark.parametrize("id", ALL)
def test_hostile_answers_are_met_calmly(id):
    for name, answer in HOSTILE.items():
        verdict = judge(ALL[id], answer)
        assert verdict.status == NOT_RIGHT, name
        assert verdict.sentences and len(repr(verdict)) < 4000 and "<div" in verdict._repr_html_(), name


@pytest.mark.parametrize("id", FUNCTIONS)
def test_nan_is_named(id):
    def spoilt(*arguments):
        return spoil(ANSWERS[id](*arguments))

    def spoil(value):
        if isinstance(value, (tuple, list)):
            return type(value)(map(spoil, value))
        if isinstance(value, torch.nn.Module):
            value.register_forward_hook(lambda module, arguments, outputs: spoil(outputs))
            return value
        return value * np.nan if isinstance(value, (np.ndarray, np.floating, torch.Tensor)) else value

    verdict = judge(ALL[id], spoilt)
    if id in NO_FLOATS:
        assert verdict.status == RIGHT
    else:
        assert verdict.status == NOT_RIGHT and ("NaN" in repr(verdict))


@pytest.mark.parametrize("id", [id for id in FUNCTIONS if id not in NO_ARRAYS])
def test_changing_an_argument_is_named(id):
    def spoil(value):
        if isinstance(value, dict):
            for entry in value.values():
                spoil(entry)
        elif isinstance(value, list) and isinstance(value[0], float):
            value[0] += 1
        elif isinstance(value, list):
            for entry in value:
                spoil(entry)
        elif isinstance(value, (np.ndarray, torch.Tensor)):
            value = value.detach() if isinstance(value, torch.Tensor) else value
            value[...] = value == 0

    def answer(*arguments):
        outcome = ANSWERS[id](*arguments)
        for argument in arguments:
            spoil(argument)
        return outcome

    verdict = judge(ALL[id], answer)
    assert verdict.status == NOT_RIGHT and "It changes its argument" in verdict.sentences[0], verdict


@pytest.mark.parametrize("id", FUNCTIONS)
def test_an_endless_loop_is_stopped(id, monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.1)

    def endless(*arguments):
        while True:
            try:
                time.sleep(0.001)
            except Exception:
                pass

    threads = set(threading.enumerate())
    verdict = judge(ALL[id], endless)
    assert verdict.status == NOT_RIGHT and "still running" in verdict.sentences[0]
    assert "restart" not in verdict.sentences[0]
    for thread in set(threading.enumerate()) - threads:
        thread.join(4)
        assert not thread.is_alive()


def test_a_loop_that_cannot_be_stopped_is_said(monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.1)
    verdict = judge(ALL["introduction.3"], lambda p: time.sleep(3))
    assert verdict.status == NOT_RIGHT and "restart the kernel" in verdict.sentences[0]


def test_a_late_loop_shows_the_case_it_was_in(monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.5)

    def answer(W, U, b):
        while len(b) > 6:
            pass
        return to_home(W, U, b)

    verdict = judge(ALL["introduction.4"], answer)
    assert dict(verdict.facts)["W"].endswith("shape (12, 3), float32"), verdict


@pytest.mark.parametrize("id", FUNCTIONS)
def test_dots_and_missing_returns(id):
    assert judge(ALL[id], lambda *arguments: ...).status == NOT_ATTEMPTED
    assert judge(ALL[id], lambda *arguments: (..., ...)).status == NOT_ATTEMPTED
    assert "is a return missing" in repr(judge(ALL[id], nothing))


def test_the_smallest_failing_case_is_shown_with_shapes():
    verdict = judge(ALL["equations.3"], lambda W, U, b, c, x, h0, reset: gru(W, U, b, c, x, h0, "before"))
    facts = dict(verdict.facts)
    assert facts["reset"] == "'after'"
    assert "shape (1, 1, 1)" in facts["x"] and {"expected", "got"} <= set(facts)
    assert "<table>" in verdict._repr_html_() and "expected" in repr(verdict)


def test_an_exception_names_the_line():
    def answer(W, U, b):
        return W[:, 99], U, b

    verdict = judge(ALL["introduction.4"], answer)
    assert "IndexError" in verdict.sentences[0] and "return W[:, 99], U, b" in verdict.sentences[0]
    calls_another = judge(ALL["introduction.4"], lambda W, U, b: answer(W, U, b))
    assert "return W[:, 99], U, b" in calls_another.sentences[0]


def test_what_is_no_function_is_not_tried():
    assert judge(ALL["equations.3"], 5).facts == ()


def test_the_expected_value_of_a_number_or_choice_is_not_shown():
    for id in ("equations.1", "practice.6", "gradients.1"):
        wrong = filled(ALL[id].misconceptions[0].answer, ALL[id].reference)
        assert judge(ALL[id], wrong).facts == ()


def test_numbers_within_the_stated_rounding():
    exercise = Value(id="x.1", reference=0.0578, decimals=2, misconceptions=(), hints=())
    for right in (0.06, 0.0578, 0.0530, np.float32(0.06), "0.06"):
        assert (judge(exercise, right).status == RIGHT) == (right != "0.06")
    assert judge(exercise, 0.05).status == NOT_RIGHT
    assert judge(exercise, True).status == NOT_RIGHT


def test_equivalent_expressions_and_foreign_symbols():
    exercise = ALL["background.2"]
    U, H = sp.symbols("u h", positive=True)  # other assumptions than those of the reference
    for first in (
        U * sp.sech(U * H) ** 2,
        sp.Derivative(sp.tanh(U * H), H),
        4 * U / (sp.exp(U * H) + sp.exp(-U * H)) ** 2,
    ):
        assert judge(exercise, (first, U**k)).status == RIGHT
    verdict = judge(exercise, (sp.Symbol("w"), u**k))
    assert "has w in it" in verdict.sentences[0]
    assert "SymPy expression" in judge(exercise, ("u", u**k)).sentences[0]


def test_float32_is_judged_as_float32_and_no_more():
    exercise = ALL["equations.3"]

    def rough(error):
        return lambda *arguments: gru(*arguments) + (error if arguments[0].dtype == np.float32 else 0)

    assert judge(exercise, rough(1e-6)).status == RIGHT
    assert judge(exercise, rough(1e-3)).status == NOT_RIGHT
    assert judge(exercise, lambda *arguments: gru(*arguments) + 1e-7).status == NOT_RIGHT


def buffered(answer):
    """The answer, with every array written into one buffer that the next call overwrites."""
    buffers = {}

    def wrapped(*arguments):
        outcome = answer(*arguments)
        buffer = buffers.setdefault(outcome.shape, np.empty_like(outcome))
        buffer[...] = outcome
        return buffer

    return wrapped


def with_gradient(answer):
    return lambda *arguments: torch.tensor(answer(*arguments), requires_grad=True)


RIGHT_TOO = {
    "nested lists": ("background.3", lambda *case: jacobian(*case).tolist()),
    "lists of lists of lists": ("equations.3", lambda *case: gru(*case).tolist()),
    "a tuple of lists": ("introduction.4", lambda *case: [a.tolist() for a in to_home(*case)]),
    "a SymPy matrix": ("background.3", lambda *case: sp.Matrix(jacobian(*case))),
    "a list of tensors": ("background.3", lambda *case: list(torch.tensor(jacobian(*case)))),
    "a tensor with a gradient": ("background.3", with_gradient(jacobian)),
    "a parameter": ("practice.5", torch.nn.Parameter(torch.eye(2))),
    "tensors as weights": ("background.4", lambda: [torch.tensor(a, requires_grad=True) for a in clearing_gru()]),
    "a buffer used again": ("equations.3", buffered(gru)),
    "a tensor of True": ("gradients.5", lambda *case: torch.tensor(gradient_is_right(*case))),
    "an array of True": ("gradients.5", lambda *case: np.array(gradient_is_right(*case))),
    "an array of texts": ("worked-example.6", lambda *case: np.array(identify(*case))),
    "names in reverse": ("worked-example.5", lambda *case: audit(*case)[::-1]),
    "a set of names": ("worked-example.5", lambda *case: set(audit(*case))),
    "lists for sets": ("equations.7", {k: list(v) for k, v in ANSWERS["equations.7"].items()}),
    "a SymPy tuple": ("gradients.2", sp.Tuple(*ANSWERS["gradients.2"])),
    "a column of expressions": ("gradients.2", sp.Matrix(ANSWERS["gradients.2"])),
    "a letter and a point": ("introduction.1", "(b)."),
    "a list of letters": ("worked-example.1", ["d", "a", "c"]),
    "nearly parallel rows": ("practice.5", [[1, 1], [1, 1.001]]),
    "small rows": ("practice.5", [[1e-13, 0], [0, 1e-13]]),
    "opposite rows": ("practice.5", [[1, 2], [-1, -2]]),
    "slightly more than half a unit": ("background.1", (43.7, 458.2)),
}


@pytest.mark.parametrize("name", RIGHT_TOO)
def test_right_in_another_form(name):
    id, answer = RIGHT_TOO[name]
    verdict = judge(ALL[id], answer)
    assert verdict.status == RIGHT, verdict


def clip_if(condition):
    def answer(gradients, max_norm):
        norm = np.sqrt(sum((a**2).sum() for a in gradients))
        return [a * max_norm / norm if condition(norm, max_norm) else a for a in gradients]

    return answer


def audit_if(wrong):
    def answer(printed, true, digits):
        half = 0.5 * 10**-digits * (1 + 1e-9)
        return [name for name in printed if wrong(np.array(printed[name]), np.array(true[name]), half)]

    return answer


def only_square_matrices(f, gradient, w):
    indices = [(i,) for i in range(len(w))] if w.ndim == 1 else list(np.ndindex(len(w), len(w)))
    slopes = np.zeros_like(w)
    for index in indices:
        up, down = w.copy(), w.copy()
        up[index] += 1e-5
        down[index] -= 1e-5
        slopes[index] = (f(up) - f(down)) / 2e-5
    got = gradient(w)
    return all(abs(got[i] - slopes[i]) <= 1e-6 * abs(slopes).max() for i in indices)


def gru_of_the_first(W, U, b, c, x, h0, reset):
    """Right with reset before; with reset after every sequence of the batch is taken for the first."""
    return gru(W, U, b, c, *((x, h0) if reset == "before" else (x[[0] * len(x)], h0[[0] * len(x)])), reset)


WRONG_TOO = {
    "clipped from 1": ("background.6", clip_if(lambda norm, max_norm: norm > 1)),
    "clipped from half": ("background.6", clip_if(lambda norm, max_norm: norm > 0.5 * max_norm)),
    "clipped late": ("background.6", clip_if(lambda norm, max_norm: norm > 1.05 * max_norm)),
    "clipped early": ("background.6", clip_if(lambda norm, max_norm: norm > 0.98 * max_norm)),
    "size without sign": ("worked-example.5", audit_if(lambda p, t, half: (abs(abs(p) - abs(t)) > half).any())),
    "difference of sums": ("worked-example.5", audit_if(lambda p, t, half: abs(p.sum() - t.sum()) > half)),
    "mean error": ("worked-example.5", audit_if(lambda p, t, half: abs(p - t).mean() > half)),
    "a little more than half": ("worked-example.5", audit_if(lambda p, t, half: (abs(p - t) > 1.1 * half).any())),
    "allclose": ("worked-example.5", audit_if(lambda p, t, half: not np.allclose(p, t, atol=half))),
    "square matrices only": ("gradients.5", only_square_matrices),
    "first sequence for all": ("equations.3", gru_of_the_first),
    "imaginary part": ("background.2", (ANSWERS["background.2"][0] + sp.I / 1000, u**k)),
    "size of u": ("background.2", (ANSWERS["background.2"][0], sp.Abs(u) ** k)),
    "expression off by little": ("background.2", (ANSWERS["background.2"][0] * (1 + sp.Rational(1, 10**7)), u**k)),
    "result off by little": ("background.3", lambda *case: jacobian(*case) * (1 + 1e-7)),
    "complex": ("background.3", lambda *case: jacobian(*case) + 1e-3j),
    "single precision": ("gradients.6", lambda *case: [a.astype(np.float32) for a in one_gate_backward(*case)]),
    "number off by more than rounding": ("gradients.7", (0.0415, 0.6)),
    "state nearly cleared": ("background.4", lambda: (*clearing_gru()[:2], np.repeat([0, 20, 1e-3], 4))),
    "not a column": ("background.3", lambda *case: jacobian(*case)[0]),
    "True and False": ("background.6", lambda gradients, max_norm: [a > 0 for a in gradients]),
    "no U": ("practice.2", lambda D, H: torch.nn.Linear(D, H)),
    "infinity": ("equations.1", (float("inf"), 0.15, 0.5)),
    "text for a set": ("equations.7", ANSWERS["equations.7"] | {"m": "h"}),
    "two letters of one": ("introduction.1", "bb a"),
    "without a gradient": ("practice.3", lambda outputs, lengths: ANSWERS["practice.3"](outputs.detach(), lengths)),
    "late": ("introduction.4", None),  # made in the test
}


@pytest.mark.parametrize("name", WRONG_TOO)
def test_near_misses(name, monkeypatch):
    id, answer = WRONG_TOO[name]
    if name == "late":  # every interruption would let it finish one more case
        monkeypatch.setattr(judging, "SECONDS", 0.2)

        def answer(W, U, b):
            try:
                while True:
                    time.sleep(0.001)
            except BaseException:
                return to_home(W, U, b)

    assert judge(ALL[id], answer).status == NOT_RIGHT


def test_single_precision_is_said():
    _, answer = WRONG_TOO["single precision"]
    assert "single precision" in judge(ALL["gradients.6"], answer).sentences[0]


def test_partly_filled_answers_are_judged():
    verdict = judge(ALL["equations.1"], (-0.35, ..., 0.4))
    assert verdict.status == NOT_RIGHT
    assert verdict.sentences[:3] == (
        "other_reading is not attempted yet.",
        "same_at has the wrong value.",
        "Right: new_state.",
    )
    verdict = judge(ALL["introduction.2"], ANSWERS["introduction.2"] | {"W": ...})
    assert verdict.sentences[0] == "W is not attempted yet."
    assert "carry is not attempted yet." in judge(ALL["gradients.2"], (*ANSWERS["gradients.2"][:2], ...)).sentences


def test_right_parts_are_right_on_every_case():
    def answer(p):  # with one unit U is right and W is not, with two it is the other way round
        W, U, b = from_document_d(p)
        return (0 * W, U, b) if len(b) == 3 else (W, 0 * U, b)

    assert "Right: b." in judge(ALL["introduction.3"], answer).sentences


def test_a_swap_is_told_as_such_and_two_mistakes_both():
    assert judge(ALL["introduction.5"], (51, 10)).diagnosis == "You have the two numbers the wrong way round."
    both = judge(ALL["introduction.2"], ANSWERS["introduction.2"] | {"W_z": (50, 100), "W": (100, 50)}).diagnosis
    assert "Your W_z is transposed" in both and "Also: Your W is one gate's" in both


@pytest.mark.parametrize("id", ALL)
def test_the_readers_settings_change_nothing_and_are_not_changed(id):
    plain = [repr(judge(ALL[id], answer)) for answer in (ANSWERS[id], lambda *arguments: np.pi * np.ones(40), 1)]
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad(), np.printoptions(precision=2, sign="+", floatmode="fixed", formatter={"float": str}):
            again = [
                repr(judge(ALL[id], answer)) for answer in (ANSWERS[id], lambda *arguments: np.pi * np.ones(40), 1)
            ]
    finally:
        torch.set_default_dtype(default)
    assert again == plain
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array(0.1234567), "0.123457"),
        (np.array([1.5, -2e-9]), "[ 1.5, -0. ]  shape (2,)"),
        (np.arange(3, dtype=np.float32), "[0., 1., 2.]  shape (3,), float32"),
        (np.zeros((40, 2)), "[[0., 0.],\n [0., 0.],\n ...,\n [0., 0.],\n [0., 0.]]  shape (40, 2)"),
        (torch.ones(2, requires_grad=True), "[1., 1.]  shape (2,), float32"),
        ({"a": np.array(1.0), "b": "x"}, "a: 1\nb: 'x'"),
        ((), "(empty)"),
        (("x", None, True), "'x'\nNone\nTrue"),
        (sp.Rational(1, 3), "0.333333"),
        (nothing, "nothing"),
    ],
)
def test_values_in_words(value, text):
    assert describe(value) == text


def test_long_verdicts_are_cut():
    for answer in ([0.0] * 10**5, "x" * 10**6, {str(i): 1 for i in range(10**4)}, np.zeros((4,) * 7)):
        assert len(repr(judge(ALL["background.3"], lambda *case, answer=answer: answer))) < 20_000
    assert len(repr(judge(ALL["introduction.1"], "x" * 10**6))) < 1000
    deep = [1.0]
    for depth in range(900):
        deep = [deep]
        if depth % 100 == 0:
            assert judge(ALL["introduction.2"], deep).status == NOT_RIGHT
            assert judge(ALL["background.3"], lambda *case, deep=deep: deep).status == NOT_RIGHT


def test_stop_also_stops_the_answer():
    script = """
import os, signal, threading, time
from grulib.exercises import check
def endless(W, U, b):
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        time.sleep(0.001)
signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
try:
    check("introduction.4", endless)
except KeyboardInterrupt:
    answers = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    for thread in answers:
        thread.join(4)
    print("interrupted;", sum(thread.is_alive() for thread in answers), "left")
"""
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (out.stdout, out.stderr) == ("interrupted; 0 left\n", "")


def test_an_unreadable_exception_leaves_no_trace(capfd):
    class Unreadable(BaseException):
        def __str__(self):
            raise self

    def answer(W, U, b):
        raise Unreadable

    assert judge(ALL["introduction.4"], answer).sentences[0].startswith("It raised Unreadable")
    assert capfd.readouterr() == ("", "")


# The book's own cells.


def book_exercises(chapter):
    """For each exercise of a chapter: label, level, stub cell, check cell, and the cells of its solution."""
    cells = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells
    found, in_solution = [], False
    for i, cell in enumerate(cells):
        if in_solution and ":::{solution-end}" not in cell.source:
            found[-1][4].append(cell)
        elif cell.cell_type == "markdown":
            in_solution = ":::{solution-start}" in cell.source
            box = re.search(r":::\{exercise\} .*\((\w+)\)\n:label: (\S+)", cell.source)
            if box:
                found.append((box[2], box[1], cells[i + 1], cells[i + 2], []))
    return found


def shown(cell):
    return [output["data"]["text/plain"] for output in cell.get("outputs", []) if "data" in output]


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_the_exercises_of_a_chapter_are_those_that_check_knows(chapter):
    found = book_exercises(chapter)
    ids = [f"{chapter}.{number}" for number in range(1, len(found) + 1)]
    assert list(exercises.exercises(chapter)) == ids
    assert [label for label, *_ in found] == [f"ex-{chapter}-{number}" for number in range(1, len(found) + 1)]
    assert {level for _, level, *_ in found} <= {"easy", "medium", "hard"}
    assert sum(isinstance(exercise, Function) for exercise in exercises.exercises(chapter).values()) >= 2
    for id, (_, _, stub, check, solution) in zip(ids, found):
        assert "..." in stub.source and check.source.startswith(f'check("{id}",'), id
        assert shown(check) == [f'{id}: not attempted yet.\nReplace the dots, or ask hint("{id}").'], id
        own = [cell for cell in solution if re.search(rf'check\(\s*"{id}",', cell.source)]
        assert len(own) == 1 and "own=False" in own[0].source, id
        assert any(text.startswith(f"{id}: right.") for text in shown(own[0])), id
        for cell in solution:  # closed in Jupyter until they are run; their first line shows, and gives nothing away
            assert cell.metadata.jupyter.source_hidden, id
            assert cell.source.startswith(("# A solution.\n", "<!-- The explanation. Click to open. -->\n")), id
            assert cell.cell_type == "markdown" or cell.metadata.jupyter.outputs_hidden, id
        assert len(ALL[id].hints) >= 2 and ALL[id].misconceptions, id


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_stubs_count_as_not_attempted(chapter):
    for _, _, stub, check, _ in book_exercises(chapter):
        verdicts = []
        names = {
            "np": np,
            "sp": sp,
            "nn": torch.nn,
            "check": lambda id, answer: verdicts.append(judge(ALL[id], answer)),
        }
        exec(stub.source + "\n" + check.source, names)
        assert [verdict.status for verdict in verdicts] == [NOT_ATTEMPTED], stub.source


def test_every_chapter_has_its_exercises():
    assert set(exercises.CHAPTERS) == {path.stem for path in BOOK.glob("*.ipynb")}


# What the reader calls.


@pytest.fixture
def progress_file(tmp_path, monkeypatch):
    file = tmp_path / "a folder" / "progress.json"
    monkeypatch.setattr(record, "path", lambda: file)
    monkeypatch.setattr(exercises, "_hints_given", exercises.Counter())
    return file


def test_check_prints_and_notes_what_is_solved(progress_file, capsys):
    exercises.check("equations.1", (..., ..., ...))
    exercises.check("equations.1", (0.15, -0.35, 0.5))
    exercises.check("equations.1", ANSWERS["equations.1"], own=False)
    assert not progress_file.exists()
    exercises.check("equations.1", ANSWERS["equations.1"])
    exercises.check("equations.3", ANSWERS["equations.3"])
    assert list(record.load()[0]) == ["equations.1", "equations.3"]
    assert not list(progress_file.parent.glob("*.tmp"))
    out = capsys.readouterr().out
    statuses = re.findall(r"^equations\.\d: ([a-z ]+)\.$", out, re.MULTILINE)
    assert statuses == [NOT_ATTEMPTED, NOT_RIGHT, RIGHT, RIGHT, RIGHT]
    exercises.progress()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["chapter", "solved", "to", "do"]
    assert lines[3].split() == ["equations", "1", "3", "2", "4", "5", "6", "7", "8"]
    assert len(lines) == 1 + len(exercises.CHAPTERS)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"solved": 3}', b'{"solved": {"a": 1}}', b"null", b"[" * 10**5]
)
def test_a_damaged_file_is_set_aside_and_said(progress_file, capsys, damage):
    progress_file.parent.mkdir()
    for number in (1, 2):
        progress_file.write_bytes(damage)
        exercises.check("gradients.1", "a")
        aside = progress_file.with_name(f"progress-damaged-{number}.json")
        assert aside.read_bytes() == damage
        assert str(aside) in capsys.readouterr().out
        assert list(record.load()[0]) == ["gradients.1"]


def test_unknown_entries_and_first_days_are_kept(progress_file):
    progress_file.parent.mkdir()
    progress_file.write_text('{"solved": {"a-later-chapter.7": "2030-01-01", "gradients.1": "2020-01-01"}}')
    exercises.check("gradients.1", "a")
    exercises.check("background.5", "c")
    solved, _ = record.load()
    assert list(solved) == ["a-later-chapter.7", "gradients.1", "background.5"]
    assert solved["gradients.1"] == "2020-01-01"


def test_two_kernels_at_once_lose_nothing(tmp_path):
    script = """
import sys
from pathlib import Path
from grulib.exercises import record
record.path = lambda: Path(sys.argv[1]) / "new" / "progress.json"
for i in range(50):
    assert record.add(f"{sys.argv[2]}.{i}") is None
"""
    kernels = [subprocess.Popen([sys.executable, "-c", script, tmp_path, name]) for name in "ab"]
    assert [kernel.wait() for kernel in kernels] == [0, 0]
    assert len(json.loads((tmp_path / "new" / "progress.json").read_text())["solved"]) == 100


def test_a_file_that_cannot_be_written_is_said_and_left_whole(progress_file, capsys, monkeypatch):
    exercises.check("background.5", "c")
    before = progress_file.read_bytes()

    def fails(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fails)
    exercises.check("gradients.1", "a")
    out = capsys.readouterr().out
    assert "gradients.1: right." in out and "could not be saved: disk full" in out
    assert progress_file.read_bytes() == before
    assert not list(progress_file.parent.glob("*.tmp"))


def test_a_file_that_cannot_be_read_is_not_replaced(progress_file, capsys):
    progress_file.mkdir(parents=True)  # a folder in its place
    exercises.check("gradients.1", "a")
    assert "gradients.1: right." in capsys.readouterr().out
    exercises.progress()
    assert "can't be read" in capsys.readouterr().out
    assert progress_file.is_dir()


def test_hints_come_in_steps(progress_file, capsys):
    hints = ALL["equations.3"].hints
    for number in (1, 2, 3, 3):
        exercises.hint("equations.3")
        out = capsys.readouterr().out
        assert f"hint {number} of 3" in out and hints[number - 1] in out
        assert ("the solution is below" in out) == (number == 3)


@pytest.mark.parametrize(
    "id", ["equation.3", "equations.99", "equations", "", None, 3, "worked_example.1", ["equations.1"]]
)
def test_an_unknown_id_is_named(id):
    for call in (lambda: exercises.check(id, 1), lambda: exercises.hint(id)):
        with pytest.raises(ValueError, match=r"id must be that of an exercise, such as 'introduction\.1', got"):
            call()


def test_an_unknown_id_gets_a_guess_and_own_must_be_a_truth_value():
    with pytest.raises(ValueError, match=r"did you mean 'equations\.3'"):
        exercises.check("equation.3", 1)
    with pytest.raises(TypeError, match="own must be True or False"):
        exercises.check("equations.1", 1, own="no")


def test_rich_in_jupyter():
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell(
                "from grulib.exercises import check, hint\ncheck('equations.1', (1, 2, 3))\nhint('equations.1')"
            )
    finally:
        InteractiveShell.clear_instance()
    html = [output.data["text/html"] for output in captured.outputs]
    assert "<b>equations.1: not right yet.</b>" in html[0] and "hint 1 of 2" in html[1]


def test_plain_in_a_script():
    script = "from grulib.exercises import check; check('equations.1', (..., ..., ...))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == 'equations.1: not attempted yet.\nReplace the dots, or ask hint("equations.1").\n'


def test_html_is_escaped():
    exercise = Choice(id="x.1", letters="ab", reference="a", misconceptions=(Misconception("b", "<i>"),), hints=())
    assert "&lt;i&gt;" in judge(exercise, "b")._repr_html_()
    assert "<script>" not in judge(exercise, "<script>")._repr_html_()
    html = judge(ALL["worked-example.5"], lambda *case: ["<script>"])._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html


def test_kinds_do_not_need_a_diagnosis():
    exercise = Expression(id="x.1", reference=z, misconceptions=(), hints=(), cases=[{"z": sp.Rational(1, 3)}])
    verdict = judge(exercise, z + 1)
    assert verdict.diagnosis is None and 'hint("x.1")' in verdict.sentences[-1]
