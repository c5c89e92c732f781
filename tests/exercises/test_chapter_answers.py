"""What chapters know about answers: each exercise takes a right one, and tells each misconception in its own words."""

import ast
import dataclasses
import inspect
import json
from importlib import import_module

import numpy as np
import pytest
import sympy as sp
import torch
from right_answers import (
    ALL,
    ANSWERS,
    FUNCTIONS,
    audit,
    clearing_gru,
    filled,
    gradient_is_right,
    gru,
    identify,
    jacobian,
    k,
    one_gate_backward,
    sigmoid,
    to_home,
    turn_round,
    u,
)

from grulib import exercises
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Choice, Misconception, Value, as_data
from grulib.exercises.verdict import NOT_RIGHT, RIGHT

NO_FLOATS = "gradients.5 worked-example.5 worked-example.6 speed.5 sentiment.3 translation.3 comparison.2 models.2 models.3 service.2 dynamics.2 dynamics.3".split()


NO_ARRAYS = """models.2 models.3 service.2 dynamics.2 dynamics.3 background.4 practice.2 speed.5 beyond.2 training.3 sentiment.3 sentiment.4 translation.3 comparison.2
comparison.3 gates.4""".split()


# These misconceptions end in an exception or change an argument, and can't be a reference.
RAISE = [("gradients.5", 10), ("practice.3", 2), ("practice.4", 5)]


def test_every_exercise_has_an_answer_here():
    assert list(ANSWERS) == list(ALL)


@pytest.mark.parametrize("id", ALL)
def test_right_answer(id):
    verdict = judge(ALL[id], ANSWERS[id])
    assert verdict.status == RIGHT, verdict
    assert verdict.diagnosis is None and verdict.facts == ()


@pytest.mark.parametrize("id", ALL)
def test_misconceptions_get_their_own_words(id):
    exercise = ALL[id]
    for wrong, tells in exercise.misconceptions:
        verdict = judge(exercise, filled(wrong, exercise.reference))
        assert (verdict.status, verdict.diagnosis) == (NOT_RIGHT, tells), verdict


# Two forms of one mistake, which get the same words.
SAME_WORDS = {"equations.4", "worked-example.6", "notations.1", "notations.4", "frameworks.1", "language.1"}


def test_misconceptions_of_an_exercise_get_different_words():
    repeats = {
        id
        for id, exercise in ALL.items()
        if len({m.tells for m in exercise.misconceptions}) < len(exercise.misconceptions)
    }
    assert repeats == SAME_WORDS


@pytest.mark.parametrize("id", ALL)
def test_with_a_wrong_reference_the_right_answer_fails(id):
    exercise = ALL[id]
    for i, (wrong, _) in enumerate(exercise.misconceptions):
        if (id, i) not in RAISE:
            reference = filled(wrong, exercise.reference)
            other = dataclasses.replace(exercise, reference=reference, misconceptions=())
            assert judge(other, ANSWERS[id]).status == NOT_RIGHT, i


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
    "rows on one line": ("practice.5", [[1, 0], [2, 0]]),
    "within half a unit": ("background.1", (43.7, 458.2)),
    "large letters and commas": ("notations.6", ("N, R, Z", "New", "AFTER.")),
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


def with_padding(x, lengths):
    mean = x.sum(axis=1) / lengths[:, None]
    return np.hstack([mean, np.sqrt(((x - mean[:, None]) ** 2).sum(axis=1) / lengths[:, None])])


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
    "letters in another order": ("notations.6", ("nzr", "new", "after")),
    "plain gradient descent": ("training.2", lambda gradients, rate: -rate * gradients.sum(axis=0)),
    "padding in the deviation": ("speech.3", lambda x, lengths: with_padding(x, lengths)),
    "without a gradient": ("practice.3", lambda outputs, lengths: ANSWERS["practice.3"](outputs.detach(), lengths)),
}


@pytest.mark.parametrize("name", WRONG_TOO)
def test_near_misses(name):
    id, answer = WRONG_TOO[name]
    assert judge(ALL[id], answer).status == NOT_RIGHT


def test_single_precision_is_said():
    _, answer = WRONG_TOO["single precision"]
    assert "single precision" in judge(ALL["gradients.6"], answer).sentences[0]


def sequence_of(step):
    """All states (B, T, H) of a step (W, U, b, c, x_t (D,), h (H,), reset) to the new state."""

    def answer(W, U, b, c, x, h0, reset):
        states = np.zeros((*x.shape[:2], h0.shape[1]))
        for i, t in np.ndindex(x.shape[:2]):
            states[i, t] = step(W, U, b, c, x[i, t], h0[i] if t == 0 else states[i, t - 1], reset)
        return states

    return answer


def z_for_the_new(W, U, b, c, x, h, reset):
    kept = gru(W, U, b, c, x[None, None], h[None], reset)[0, 0]
    z = sigmoid(W @ x + U @ h + b)[len(h) : 2 * len(h)]
    n = (kept - z * h) / (1 - z)
    return z * n + (1 - z) * h


def adam_uncorrected(gradients, rate):
    m, v, w = (np.zeros(gradients.shape[1]) for _ in range(3))
    for g in gradients:
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w -= rate * m / np.sqrt(v)
    return w


def last_axis_reversed(x, lengths):
    return turn_round(x, lengths)[:, :, ::-1]


def blend_off(answer):
    return (answer, 0.15, 0.5)


def to_kernel_by_reshape(weight_ih):
    r, z, n = np.split(weight_ih, 3)
    return np.concatenate([z, r, n]).reshape(weight_ih.shape[::-1])


def columns_of_text(text, B, T):
    N = (len(text) - 1) // B
    x, y = text[: N * B].reshape(N, B).T, text[1 : N * B + 1].reshape(N, B).T
    return [(x[:, k : k + T], y[:, k : k + T]) for k in range(0, N - T + 1, T)]


def clip_by_sum_of_norms(gradients, max_norm):
    norm = sum(np.sqrt((g**2).sum()) for g in gradients)
    return [g * min(1, max_norm / norm) if norm else g for g in gradients]


def perturb_and_restore(f, gradient, w):
    for i in np.ndindex(w.shape):
        w[i] += 1e-5
        up = f(w)
        w[i] -= 2e-5
        down = f(w)
        w[i] += 1e-5
        if not np.isclose((up - down) / 2e-5, gradient(w)[i], rtol=1e-6, atol=0):
            return False
    return True


def clearing_one_unit():
    """Right for the first of the four units."""
    W, U, b = clearing_gru()
    W[5:8], b[5:8] = 0, 0
    return W, U, b


def entry_by_entry(f, gradient, w):
    slopes = np.array([(f(w + d) - f(w - d)) / 2e-5 for d in 1e-5 * np.eye(w.size).reshape(-1, *w.shape)])
    got = gradient(w)
    return got.shape == w.shape and bool(np.allclose(got.ravel(), slopes, rtol=1e-4, atol=0))


# Mistakes made here, without the chapters' own code, and what the words on each must mention.
WORDS = [
    ("introduction.1", "a", "z as the share of the new state"),
    ("introduction.2", ANSWERS["introduction.2"] | {"W_z": (50, 100)}, "W_z is transposed"),
    ("introduction.2", ANSWERS["introduction.2"] | {"x": (12, 8, 50)}, "x has the time first"),
    ("introduction.4", lambda W, U, b: (*to_home(W, U, b)[:2], b), "bias of the update gate keeps its sign"),
    ("introduction.4", lambda W, U, b: (to_home(W, U, b)[0], U, to_home(W, U, b)[2]), "U is unchanged"),
    ("introduction.5", (51, 10), "wrong way round"),
    ("introduction.4", lambda W, U, b: (W, U, to_home(W, U, b)[2]), "turned the bias alone"),
    ("background.1", (44, 459), "rounded up"),
    ("background.6", clip_by_sum_of_norms, "added the norms"),
    ("equations.1", blend_off(0.55), "sign is lost"),
    ("equations.1", blend_off(-0.55), "sign slipped"),
    ("equations.5", (1 / (1 - ALL["equations.5"].reference[0].free_symbols.pop()), ...), "looks back over"),
    ("equations.6", (1920, ..., ...), "two biases for each gate"),
    ("equations.7", ANSWERS["equations.7"] | {"n": {"x", "r", "h", "m"}}, "straight into your candidate"),
    ("equations.7", ANSWERS["equations.7"] | {"new h": {"z", "n"}}, "Nothing of the old state"),
    ("gradients.5", perturb_and_restore, "work on a copy"),
    ("notations.2", to_kernel_by_reshape, "reshape"),
    ("notations.4", "ab", "it is not all"),
    ("language.1", (np.log(4), 2.0), "cross-entropy"),
    ("language.4", columns_of_text, "runs down the columns"),
    ("background.2", (ANSWERS["background.2"][0], k * u), "added the k factors"),
    ("equations.3", sequence_of(z_for_the_new), "z and 1 - z have changed places"),
    ("equations.3", lambda *case: gru(*case[:-1], "before"), "reset before, whatever `reset` says, and c is left out"),
    ("equations.3", lambda *case: gru(*case)[:, -1], "last state"),
    ("equations.3", lambda *case: gru(*case).swapaxes(0, 1), "time first"),
    ("equations.4", lambda b_input, b_state, reset: (b_input + b_state, None), "reset after too"),
    ("equations.6", (1880, 1860, 4440), "two resets the wrong way round"),
    ("practice.1", {"outputs": (7, 5, 32), "h_last": (2, 5, 32)}, "outputs have the batch first"),
    ("practice.3", lambda outputs, lengths: outputs[:, -1], "after the padding"),
    ("practice.5", [[3, 1], [3, 1]], "rows are the same"),
    ("gradients.7", (0.038, 0.6), "one step late"),
    ("gradients.5", entry_by_entry, "with its own size"),
    ("beyond.3", lambda w: (np.rint(w / (abs(w).max() / 127)), abs(w).max() / 127), "not stored in 8 bits"),
    ("equations.8", (0.110, 0.181), "with s = 10"),
    ("introduction.5", (9, 5), "share of the new state"),
    ("background.4", clearing_one_unit, "a row for each unit"),
    ("speed.2", (629145600, 1887436800, 4512000), "two thirds of all"),
    ("frameworks.4", last_axis_reversed, "entries of each step"),
    ("training.2", adam_uncorrected, "Neither m nor v is corrected"),
    ("training.2", lambda gradients, rate: -ANSWERS["training.2"](gradients, rate), "sign"),
    ("training.2", lambda gradients, rate: ANSWERS["training.2"](gradients, 1.0), "rate is left out"),
    ("speech.3", with_padding, "deviations take in the padding"),
    ("speech.3", lambda x, lengths: np.hstack([x.mean(axis=1), x.std(axis=1)]), "count the padding as frames"),
    ("speech.3", lambda x, lengths: np.roll(ANSWERS["speech.3"](x, lengths), x.shape[2], 1), "means should come first"),
    ("translation.1", (0.36, 0.36), "Greedy decoding takes the first word"),
    ("sentiment.2", lambda outputs, lengths: outputs.mean(axis=1), "padding included"),
    ("forecasting.3", lambda y, forecast, q: ANSWERS["forecasting.3"](y, forecast, 1 - q), "other way round"),
    ("gates.2", lambda z: -1 / np.log(np.mean(z, axis=0)), "mean of the gates first"),
]


@pytest.mark.parametrize(("id", "answer", "words"), WORDS)
def test_the_words_name_the_mistake(id, answer, words):
    verdict = judge(ALL[id], answer)
    assert words in verdict.diagnosis, verdict


def test_random_biases_that_were_left_are_named():
    def half_set(W, U, b, c):
        layer = torch.nn.GRU(W.shape[1], len(c), batch_first=True)
        with torch.no_grad():
            layer.weight_ih_l0.copy_(torch.tensor(W))
            layer.weight_hh_l0.copy_(torch.tensor(U))
            layer.bias_ih_l0.copy_(torch.tensor(b))
            layer.bias_hh_l0[2 * len(c) :] = torch.tensor(c)
        return layer

    verdict = judge(ALL["practice.4"], half_set)
    assert verdict.status == NOT_RIGHT and "random numbers of a new layer" in verdict.sentences[0], verdict


# Values and choices as data.


DATA = [id for id, exercise in ALL.items() if isinstance(exercise, (Value, Choice))]


def from_json(value):
    if isinstance(value, list):
        return tuple(map(from_json, value))
    if isinstance(value, dict):
        ((form, content),) = value.items()
        return {
            "dots": lambda: ...,
            "array": lambda: np.array(content),
            "set": lambda: set(content),
            "dictionary": lambda: {key: from_json(entry) for key, entry in content.items()},
        }[form]()
    return value


def from_data(data):
    kind = {"Value": Value, "Choice": Choice}[data["kind"]]
    read = {name: from_json(value) for name, value in data.items() if name != "kind"}
    return kind(**read | {"misconceptions": tuple(Misconception(*m) for m in read["misconceptions"])})


@pytest.mark.parametrize("id", DATA)
def test_the_data_hold_all_that_judging_needs(id):
    read = from_data(json.loads(json.dumps(as_data(ALL[id]), allow_nan=False)))
    assert read.hints == ALL[id].hints
    wrong = [filled(m.answer, ALL[id].reference) for m in ALL[id].misconceptions]
    for answer in (ANSWERS[id], *wrong, 1, "x", ()):
        assert repr(judge(read, answer)) == repr(judge(ALL[id], answer))


def test_what_is_not_data_is_refused():
    for exercise in (ALL["equations.3"], ALL["practice.5"], dataclasses.replace(ALL["equations.1"], reference=gru)):
        with pytest.raises(TypeError, match="exercise must be a Value or Choice"):
            as_data(exercise)


def test_hints_and_words_are_whole_sentences():
    """None is put together from pieces: each is one text in the source, which a translator finds."""
    for chapter in exercises.CHAPTERS:
        source = inspect.getsource(import_module(f"grulib.exercises.chapters.{chapter.replace('-', '_')}"))
        for node in ast.walk(ast.parse(source)):
            texts = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Misconception":
                texts = node.args[1:]
            elif isinstance(node, ast.keyword) and node.arg == "hints":
                texts = node.value.elts
            for text in texts:
                assert isinstance(text, ast.Constant), ast.unparse(text)
