"""The exercises of the chapter Background: how fast gradients vanish, what a gate changes, clipping."""

import numpy as np
import sympy as sp

from grulib.exercises.kinds import Choice, Expression, Function, Misconception, Value
from grulib.exercises.values import as_array
from grulib.gru import GRU

u, h, k = sp.symbols("u h k", real=True)


def _points():
    rng = np.random.default_rng(0)
    return [
        {
            "u": sp.Rational(round(1000 * a), 1000) * (-1) ** steps,
            "h": sp.Rational(round(1000 * b), 1000),
            "k": sp.Integer(steps),
        }
        for a, b, steps in zip(rng.uniform(0.3, 2, 5), rng.uniform(-1, 1, 5), range(2, 7))
    ]


def _jacobian_case(seed, T, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {"U": rng.normal(size=(H, H)).astype(dtype), "states": rng.uniform(-0.9, 0.9, size=(T, H)).astype(dtype)}


def _jacobian(U, states):
    product = np.eye(len(U))
    for h_t in states:
        product = np.diag(1 - h_t**2) @ U @ product
    return product


def _jacobian_other_order(U, states):
    product = np.eye(len(U))
    for h_t in states:
        product = product @ np.diag(1 - h_t**2) @ U
    return product


def _jacobian_slope_first(U, states):
    product = np.eye(len(U))
    for h_t in states:
        product = U @ np.diag(1 - h_t**2) @ product
    return product


def _jacobian_of_pre_activations(U, states):
    return _jacobian(U, np.tanh(states))


def _entry_by_entry(U, states):
    product = np.eye(len(U))
    for h_t in states:
        product = (np.diag(1 - h_t**2) @ U) * product
    return product


def _clearing(sign=1, block=1, size=80.0, units=slice(4)):
    """Weights whose gate (rows `block`, 1 is z) is 1 at input 0 and 0 at input 1; the other way round for sign -1."""
    W, U, b = np.zeros((12, 1)), np.zeros((12, 4)), np.zeros(12)
    rows = np.arange(4 * block, 4 * block + 4)[units]
    W[rows], b[rows] = -sign * size, sign * size / 2
    return W, U, b


def _what_inputs_do(weights):
    """What an input of 0, and one of 1, does to the state of the GRU with these weights, in words."""
    gru = GRU(*map(as_array, weights), reset="before")
    h = np.array([[0.9, -0.5, 0.3, 0.1], [-1.0, 1.0, 0.2, -0.7], *np.ones((1, 4)), *-np.ones((1, 4))])
    new = {f"an input of {x}": gru.step(np.full((4, 1), float(x)), h) for x in (0, 1)}
    words = {name: _in_words(h, h_new) for name, h_new in new.items()}
    if "does something else" in words.values() and np.allclose(*new.values(), rtol=0, atol=5e-4):
        return dict.fromkeys(new, "does the same as another input")
    return words


def _in_words(h, h_new):
    """How a new state follows from the old one; equal means to three decimals."""
    targets = {"keeps the state": h, "clears the state": 0 * h, "halves the state": h / 2}
    for words, target in targets.items():
        if abs(h_new - target).max() < 5e-4:
            return words
    of_units = [[np.allclose(h_new[:, i], a[:, i], rtol=0, atol=5e-4) for a in targets.values()] for i in range(4)]
    if all(map(any, of_units)):
        return "does one thing to some units and another to others"
    if np.allclose(2 * h_new - h, np.sign((2 * h_new - h)[0, 0]), rtol=0, atol=1e-3):
        return "takes the state half the way to one end"
    for words, target in targets.items():
        if abs(h_new - target).max() < 0.1:
            return f"nearly {words}"
    return "does something else"


def _norm(arrays):
    """The norm of all arrays together."""
    return np.sqrt(sum((a**2).sum() for a in arrays))


def _clip_case(seed, shapes, max_norm, norm, dtype=np.float64):
    """Random gradients of these shapes whose norm, all together, is as given."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in shapes]
    scale = norm / _norm(arrays)
    return {"gradients": [np.array(scale * a, dtype) for a in arrays], "max_norm": max_norm}


def _clip(gradients, max_norm, extra=0.0, compared=lambda norm, gradients: norm):
    """The options are mistakes: a number added to the norm, another quantity compared with max_norm."""
    norm = _norm(gradients)
    too_long = compared(norm, gradients) > max_norm
    return [g * (max_norm / (norm + extra)) if too_long else g for g in gradients]


def _scale_even_zero(gradients, max_norm):
    norm = _norm(gradients)
    with np.errstate(invalid="ignore"):
        return [g * max_norm / norm for g in gradients]


def _scale_always(gradients, max_norm):
    norm = _norm(gradients)
    return [g * (max_norm / norm) if norm > 0 else g for g in gradients]


def _clip_by_sum_of_norms(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients)
    return [g * (max_norm / norm) if norm > max_norm else g for g in gradients]


def _clip_without_root(gradients, max_norm):
    norm = _norm(gradients) ** 2
    return [g * (max_norm / norm) if norm > max_norm else g for g in gradients]


def _steps(share):
    return tuple(np.log(share) / np.log(keep) for keep in (0.9, 0.99))


EXERCISES = [
    Value(
        id="background.1",
        parts=("at_90", "at_99"),
        reference=(44, 458),
        decimals=0,
        misconceptions=(
            Misconception(
                (46, 461),
                "1 / (1 - keep) times ln 100 is nearly right for a share close to 1; exactly, k = ln 0.01 / ln keep.",
            ),
            Misconception(
                (9.9, 99), "You subtract the same amount at each step. Each step keeps a share of what is left."
            ),
            Misconception(_steps(0.1), "That is how long it takes to fall to ten per cent."),
            Misconception(_steps(0.5), "That is how long it takes to fall to one half."),
            Misconception(_steps(0.01)[::-1], "You have the two numbers the wrong way round."),
            Misconception((..., 459), "You rounded up. The nearest whole number is asked for."),
            Misconception((43, ...), "You cut the decimals off. The nearest whole number is asked for."),
            Misconception((10, 100), "Each step takes a tenth, or a hundredth, of what is left, not of the whole."),
        ),
        hints=("After k steps 0.9 to the power k is left.", "Solve 0.9**k = 0.01 with logarithms."),
    ),
    Expression(
        id="background.2",
        parts=("one_step", "at_zero"),
        reference=(u * (1 - sp.tanh(u * h) ** 2), u**k),
        cases=_points(),
        misconceptions=(
            Misconception(
                (u * (1 - h**2), ...),
                "Your slope of tanh is taken at the old state. 1 - tanh**2 wants the value that comes out, tanh(u h).",
            ),
            Misconception((u * (1 - sp.tanh(h) ** 2), ...), "Your slope is taken at h. What stands inside the tanh?"),
            Misconception(
                (1 - sp.tanh(u * h) ** 2, ...),
                "The inner derivative is missing: what is inside the tanh grows u times as fast as h.",
            ),
            Misconception((u, ...), "The slope of the tanh is missing."),
            Misconception((..., k * u), "You added the k factors. The chain rule multiplies them."),
            Misconception((..., u), "That is one step. k steps multiply."),
            Misconception(
                (..., (u * (1 - sp.tanh(u * h) ** 2)) ** k), "At zero is meant: what is the slope of the tanh there?"
            ),
            Misconception(
                (..., u ** (k - 1)), "Count the steps: from h_{t-k} to h_t there are k, and each has a factor."
            ),
            Misconception((..., u ** (k + 1)), "One factor too many: from h_{t-k} to h_t there are k steps."),
            Misconception(
                (h * (1 - sp.tanh(u * h) ** 2), ...),
                "That is the derivative by u. The one by the old state h is asked for.",
            ),
        ),
        hints=(
            "The chain rule: slope of tanh where it is evaluated, times the derivative of what is inside.",
            "At h = 0 each step's factor is the first answer with h = 0. There are k of them.",
        ),
    ),
    Function(
        id="background.3",
        reference=_jacobian,
        cases=[
            _jacobian_case(1, 1, 1),
            _jacobian_case(2, 1, 2),
            _jacobian_case(3, 3, 2),
            _jacobian_case(4, 4, 3, np.float32),
            _jacobian_case(5, 7, 5),
        ],
        misconceptions=(
            Misconception(
                _jacobian_other_order,
                "Your factors stand in the wrong order: the last step's must be leftmost, since it is applied last.",
            ),
            Misconception(
                _jacobian_slope_first,
                "In each factor you have U diag(...) where the step has diag(...) U: first U, then the tanh.",
            ),
            Misconception(
                lambda U, states: _jacobian(U.T, states),
                "You used the transpose of U. Rows of the Jacobian are new entries, columns old ones.",
            ),
            Misconception(
                lambda U, states: _jacobian(U, np.concatenate([np.zeros_like(states[:1]), states[:-1]])),
                "Your slopes are those of the states before each step: off by one in time. 1 - h**2 wants the state that comes out.",
            ),
            Misconception(
                _jacobian_of_pre_activations,
                "Your slope applies the tanh once more. A state is already a tanh, so its slope is 1 - h**2.",
            ),
            Misconception(
                lambda U, states: _jacobian(U, states).T,
                "That is the transpose. Rows of the Jacobian are entries of the last state, columns those of the first.",
            ),
            Misconception(
                lambda U, states: _jacobian(U, states[-1:]), "That is the last step alone. The product runs over all."
            ),
            Misconception(
                lambda U, states: _jacobian(U, np.zeros_like(states)),
                "The slopes of the tanh are missing: that is U to the power T.",
            ),
            Misconception(
                lambda U, states: np.zeros_like(U),
                "Your product begins with zeros, so it stays zero. Begin with the identity.",
            ),
            Misconception(
                lambda U, states: _jacobian(U, states[1:]),
                "A step is missing: T states, T factors. Yours leaves out the first.",
            ),
            Misconception(
                lambda U, states: _jacobian(U, states[:-1]),
                "A step is missing: T states, T factors. Yours leaves out the last.",
            ),
            Misconception(
                _entry_by_entry,
                "`*` multiplies entry by entry. Matrices are multiplied with `@`.",
            ),
        ),
        hints=(
            "Start from the identity matrix and multiply one step's factor at a time.",
            "The factor of a step with the new state h_t is np.diag(1 - h_t**2) @ U, and later steps go to the left.",
        ),
    ),
    Function(
        id="background.4",
        reference=_clearing,
        use=_what_inputs_do,
        misconceptions=(
            Misconception(
                lambda: _clearing(sign=-1),
                "It clears at input 0 and keeps at input 1. z is the share of the old state: it has to be 1 to keep.",
            ),
            Misconception(
                lambda: _clearing(block=0),
                "Whatever the input, z stays at one half. Its rows are those from H to 2H; the other blocks do not keep or clear.",
            ),
            Misconception(
                lambda: (np.zeros((12, 1)), np.zeros((12, 4)), np.repeat([0.0, -40.0, 0.0], 4)),
                "z is 0 whatever the input. The bias decides at input 0, bias and weight together at input 1.",
            ),
            Misconception(
                lambda: (np.zeros((12, 1)), np.zeros((12, 4)), np.repeat([0.0, 40.0, 0.0], 4)),
                "z is 1 whatever the input. A weight has to turn it to 0 at input 1.",
            ),
            Misconception(
                lambda: (-80.0 * np.repeat([0.0, 1.0, 0.0], 4)[:, None], np.zeros((12, 4)), np.zeros(12)),
                "At input 0 only the bias is left in z, and it is too small to keep.",
            ),
            Misconception(
                lambda: _clearing(size=8.0),
                "The idea is right. But the gate is not quite open at input 0 nor quite shut at input 1: use larger numbers.",
            ),
            Misconception(
                lambda: _clearing(block=2),
                "Whatever the input, z stays at one half. You set the candidate's rows.",
            ),
            Misconception(
                lambda: _clearing(units=slice(1)),
                "Some units do it and others don't. z has a row for each unit: which rows are they?",
            ),
            Misconception(
                lambda: (np.zeros((12, 1)), np.zeros((12, 4)), np.repeat([0.0, 1.0, 0.0], 4)),
                "Your z is the same for both inputs. A weight has to let the input in.",
            ),
            Misconception(
                lambda: (np.repeat([0.0, -40.0, 0.0], 4)[:, None], np.zeros((12, 4)), np.repeat([0.0, 40.0, 0.0], 4)),
                "At input 1 bias and weight just cancel: what is the sigmoid of 0?",
            ),
        ),
        hints=(
            "With all weights zero the candidate is tanh(0) = 0. So z = 0 clears.",
            "Only the rows of z matter: a bias that makes z = 1 at input 0, and a weight that makes it 0 at input 1.",
        ),
    ),
    Choice(
        id="background.5",
        letters="abcd",
        reference="c",
        misconceptions=(
            Misconception(
                "a",
                "The gradients are clipped, and the factor per step is at most 1 here. Look at what reaches the weights.",
            ),
            Misconception(
                "b", "More updates would not help: try 1000. How large is a gradient that is multiplied by 1 - z?"
            ),
            Misconception("d", "It forgets nothing at all. The question is what got in."),
        ),
        hints=(
            "How large is 1 - sigmoid(40) in 64-bit numbers? Compute 1 - 1 / (1 + np.exp(-40.0)).",
            "Both the candidate's way and the gate's way into the gradient have the factor 1 - z.",
        ),
    ),
    Function(
        id="background.6",
        reference=_clip,
        cases=[
            _clip_case(1, [(2,)], max_norm=1.0, norm=3.0),
            _clip_case(2, [(2,)], max_norm=0.5, norm=0.6),
            _clip_case(3, [(2,), (1,)], max_norm=2.0, norm=1.99),
            _clip_case(4, [(2,), (1,)], max_norm=5.0, norm=0.0),
            _clip_case(7, [(2,), (2,), (2,)], max_norm=1.0, norm=1.01),
            _clip_case(8, [(3, 3)], max_norm=1.0, norm=1.5),
            _clip_case(5, [(3, 2), (3,), ()], max_norm=2.0, norm=8.0),
            _clip_case(6, [(4, 4), (4,)], max_norm=0.5, norm=4.0, dtype=np.float32),
        ],
        misconceptions=(
            Misconception(
                lambda gradients, max_norm: [_clip([g], max_norm)[0] for g in gradients],
                "You clip each array by itself. That turns the direction of the step; the norm meant is that of all arrays together.",
            ),
            Misconception(
                lambda gradients, max_norm: [np.clip(g, -max_norm, max_norm) for g in gradients],
                "You cut single entries. That turns the direction of the step; scale all by one factor instead.",
            ),
            Misconception(_scale_always, "You also enlarge gradients that are already short enough."),
            Misconception(
                _scale_even_zero, "You also enlarge gradients that are already short enough, and divide zero by zero."
            ),
            Misconception(
                lambda gradients, max_norm: _clip(gradients, max_norm, extra=1e-6),
                "You add a small number to the norm, as PyTorch does. Here the norm is to be max_norm exactly.",
            ),
            Misconception(
                _clip_by_sum_of_norms,
                "You added the norms of the arrays. The norm of all together is the root of the sum of all squares.",
            ),
            Misconception(_clip_without_root, "Your norm is the sum of squares without its root."),
            Misconception(
                lambda gradients, max_norm: _clip(gradients, max_norm, compared=lambda norm, _: norm**2),
                "You compare the square of the norm with max_norm, and then scale by the norm itself.",
            ),
            Misconception(
                lambda gradients, max_norm: _clip(
                    gradients, max_norm, compared=lambda _, gs: max(abs(g).max() for g in gs)
                ),
                "You clip only if a single entry is above max_norm. Many small ones make a long vector too.",
            ),
            Misconception(
                lambda gradients, max_norm: _clip(
                    gradients, max_norm, compared=lambda _, gs: max(np.linalg.norm(g) for g in gs)
                ),
                "You clip only if the norm of a single array is above max_norm. All together count.",
            ),
            Misconception(
                lambda gradients, max_norm: [
                    g * (max_norm / _norm(gradients)) if 0 < _norm(gradients) < max_norm else g for g in gradients
                ],
                "The comparison is the wrong way round: you scale the short ones.",
            ),
            Misconception(
                lambda gradients, max_norm: [
                    g * (_norm(gradients) / max_norm) if _norm(gradients) > max_norm else g for g in gradients
                ],
                "Your factor is upside down: the gradients grow.",
            ),
            Misconception(
                lambda gradients, max_norm: [
                    g / _norm(gradients) if _norm(gradients) > max_norm else g for g in gradients
                ],
                "You scale to a norm of 1. It is to be max_norm.",
            ),
            Misconception(
                lambda gradients, max_norm: list(gradients),
                "Nothing has changed. In a loop, `g = g * factor` gives a new array to the name g; the list still holds the old ones.",
            ),
        ),
        hints=(
            "One number for all arrays: the root of the sum of all squared entries.",
            "If it is above max_norm, multiply every array by max_norm / norm; otherwise change nothing.",
        ),
    ),
]
