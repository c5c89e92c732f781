"""The exercises of the worked example: numbers by hand, on sight, and by audit."""

import itertools
import math

import numpy as np

from grulib.exercises import sentences
from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU, sigmoid

STACKED = np.array(  # the example's matrices over [h, x] in the home convention: rows r, z, n, the sign of z turned
    [
        [0.9, 0.8, 0.7, 0.6],
        [0.5, 0.4, 0.3, 0.2],
        [-0.1, -0.2, -0.3, -0.4],
        [-0.5, -0.6, -0.7, -0.8],
        [0.1, 0.2, 0.3, 0.4],
        [0.5, 0.6, 0.7, 0.8],
    ]
)
EXAMPLE = GRU(STACKED[:, 2:].copy(), STACKED[:, :2].copy(), reset="before")
INPUTS = np.array([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]])  # (1, T, D)
OUTPUTS, CACHE = EXAMPLE.forward(INPUTS)


def _by_weights():
    """The derivatives of the first entry of h_1 by the first input weight of n, of z and of r."""
    grad_outputs = np.zeros((1, 3, 2))
    grad_outputs[0, 0, 0] = 1.0
    by_W = EXAMPLE.backward(CACHE, grad_outputs).W
    return by_W[4, 0], by_W[2, 0], by_W[0, 0]


def _audit(printed, true, digits, slack=1e-9):
    half = 0.5 * 10**-digits * (1 + slack)
    return [name for name in printed if any(abs(p - t) > half for p, t in zip(printed[name], true[name]))]


def _names(result, *_):
    """A list of names in alphabetical order, since their order does not matter."""
    if not isinstance(result, (list, tuple, set)) or not all(isinstance(name, str) for name in result):
        raise TypeError(sentences.NO_LIST_OF_NAMES)
    return sorted(result)


def _audit_by_round(printed, true, digits):
    return [name for name in printed if any(p != round(t, digits) for p, t in zip(printed[name], true[name]))]


def _audit_by_cutting(printed, true, digits):
    def cut(number):
        return math.trunc(number * 10**digits) / 10**digits

    return [name for name in printed if any(abs(p - cut(t)) > 1e-9 for p, t in zip(printed[name], true[name]))]


def _convention_case(seed, T, D, H, z_of, reset):
    rng = np.random.default_rng(seed)
    W, U, x = rng.normal(size=(3 * H, D)), rng.normal(size=(3 * H, H)), rng.normal(size=(T, D))
    return {"W": W, "U": U, "x": x, "states": _states(W, U, x, z_of, reset)}


def _states(W, U, x, z_of, reset):
    sign = np.repeat([1.0, 1.0 if z_of == "old" else -1.0, 1.0], len(U) // 3)[:, None]
    return GRU(W * sign, U * sign, reset=reset).forward(x[None])[0][0]


def _identify(W, U, x, states, steps=None, order=("before", "after"), tolerance=1e-9):
    for z_of, reset in itertools.product(("old", "new"), order):
        if np.allclose(_states(W, U, x, z_of, reset)[:steps], states[:steps], rtol=0, atol=tolerance):
            return z_of, reset
    return None


def _exchange(names):
    return {"old": "new", "new": "old", "before": "after", "after": "before"}[names]


EXERCISES = [
    Choice(
        id="worked-example.1",
        letters="abcde",
        reference="acd",
        misconceptions=(
            Misconception("ac", "A gate is a sigmoid. Between which numbers does it lie?"),
            Misconception("ad", "The new state lies between the old one and the candidate. Always."),
            Misconception("cd", "A sigmoid of a positive number is above one half."),
            Misconception("abcd", "tanh(a) is close to a for small a, and keeps the sign: that line is possible."),
            Misconception("acde", "0.17 lies between -0.1 and 0.2. Compute the blend."),
            Misconception("d", "One is right. Signs and intervals find two more."),
            Misconception("a", "One is right. Intervals find two more."),
        ),
        hints=(
            "Three rules: a sigmoid lies between 0 and 1, it is above one half just if its argument is positive, and a blend lies between its ends.",
            "Three of the five lines can't be right.",
        ),
    ),
    Choice(
        id="worked-example.2",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "A blend of numbers below 1 stays below 1."),
            Misconception(
                "c",
                "Each step blends a state with a candidate that is above it. Print the states: does one ever fall?",
            ),
            Misconception("d", "Where would a negative state come from? Candidates are tanh of positive sums."),
        ),
        hints=("Which sign have the candidates?", "Repeat the last input two hundred times, and look."),
    ),
    Value(
        id="worked-example.3",
        parts=("first", "second"),
        reference=tuple(sigmoid(STACKED[:2, :2] @ OUTPUTS[0, 2])),
        decimals=3,
        misconceptions=(
            Misconception(
                tuple(STACKED[:2, :2] @ OUTPUTS[0, 2]), "That is what is inside the gate. The sigmoid is missing."
            ),
            Misconception(tuple(sigmoid(-STACKED[2:4, :2] @ OUTPUTS[0, 2])), "Those are the rows of W_z."),
            Misconception(
                tuple(sigmoid(STACKED[:2, 2:] @ OUTPUTS[0, 2])),
                "You used the columns of the input. The document's columns are [h, x]: state first.",
            ),
            Misconception((0.5, 0.5), "The input is zero, the state is not."),
            Misconception(
                tuple(sigmoid(STACKED[:2, :2] @ OUTPUTS[0, 2]))[::-1], "You have the two entries the wrong way round."
            ),
            Misconception(tuple(1 - sigmoid(STACKED[:2, :2] @ OUTPUTS[0, 2])), "That is 1 minus the gate."),
            Misconception(
                tuple(sigmoid(STACKED[:2, :2].T @ OUTPUTS[0, 2])),
                "You went down a column. Each row of the matrix gives one entry.",
            ),
        ),
        hints=(
            "x_4 is zero, so only the first two columns of W_r count.",
            "0.9 times 0.3285 plus 0.8 times 0.6857, then the sigmoid; the second row likewise.",
        ),
    ),
    Value(
        id="worked-example.4",
        parts=("by_n", "by_z", "by_r"),
        reference=_by_weights(),
        decimals=4,
        misconceptions=(
            Misconception(
                (..., -_by_weights()[1], ...),
                "The sign of by_z is that of the document's convention. Here z is the share of the old state.",
            ),
            Misconception(
                (10 * _by_weights()[0], ..., ...),
                "That is delta_n. A weight's derivative is delta times what the weight multiplies.",
            ),
            Misconception(
                (..., 10 * _by_weights()[1], ...),
                "That is delta_z. A weight's derivative is delta times what the weight multiplies.",
            ),
            Misconception(
                (2 * _by_weights()[0], 2 * _by_weights()[1], ...),
                "You took the second input, 0.2. Column 1 of W multiplies the first.",
            ),
            Misconception(
                (0.1 * (1 - CACHE.n[0, 0, 0] ** 2), ..., ...),
                "In by_n the share 1 - z is missing: only that part of the candidate gets into the new state.",
            ),
            Misconception(
                (..., -0.1 * CACHE.n[0, 0, 0] * (1 - CACHE.z[0, 0, 0]), ...),
                "In by_z half of the sigmoid's slope is missing: it is z (1 - z).",
            ),
            Misconception(
                (0.1 * (1 - CACHE.z[0, 0, 0]), ..., ...), "The slope of the tanh, 1 - n**2, is missing in by_n."
            ),
            Misconception(
                (0.1 * CACHE.z[0, 0, 0] * (1 - CACHE.n[0, 0, 0] ** 2), ..., ...),
                "In by_n stands z where 1 - z should: the share of the candidate.",
            ),
            Misconception(
                (..., -0.1 * CACHE.n[0, 0, 0], ...), "The slope of the sigmoid, z (1 - z), is missing in by_z."
            ),
        ),
        hints=(
            "h_0 = 0, so h_1 = (1 - z) n. In the home convention z = 1 - 0.5275 here.",
            "A weight's derivative is the delta of its pre-activation, with g = 1, times what the weight multiplies: the first input. What does the reset gate multiply in step 1?",
        ),
    ),
    Function(
        id="worked-example.5",
        reference=_audit,
        use=_names,
        cases=[
            {"printed": {"z": [0.31]}, "true": {"z": [0.5275]}, "digits": 2},
            {"printed": {"n": [0.11]}, "true": {"n": [0.1096]}, "digits": 2},
            {"printed": {"h": [0.13]}, "true": {"h": [0.125]}, "digits": 2},
            {"printed": {"h": [0.12]}, "true": {"h": [0.125]}, "digits": 2},
            {"printed": {"r": [0.5, 0.7]}, "true": {"r": [0.5, 0.5]}, "digits": 1},
            {"printed": {"r": [0.7, 0.5]}, "true": {"r": [0.5, 0.5]}, "digits": 1},
            {"printed": {"n": [0.44]}, "true": {"n": [-0.44]}, "digits": 2},
            {"printed": {"z": [0.33]}, "true": {"z": [0.3352]}, "digits": 2},
            {"printed": {"r": [0.5, 0.7]}, "true": {"r": [0.7, 0.5]}, "digits": 1},
            {"printed": {"z": [0.5, 0.5, 0.5]}, "true": {"z": [0.5, 0.5, 0.58]}, "digits": 1},
            {"printed": {"c": [1234.57]}, "true": {"c": [1234.576]}, "digits": 2},
            {"printed": {"n": [0.3, 0.4]}, "true": {"n": [0.41, 0.49]}, "digits": 1},
            {"printed": {"h": [0.1234]}, "true": {"h": [0.1238]}, "digits": 4},
            {"printed": {"h": [0.1]}, "true": {"h": [0.14]}, "digits": 1},
            {"printed": {"a": [1234.6], "b": [0.001]}, "true": {"a": [1234.7], "b": [0.0011]}, "digits": 3},
            {
                "printed": {"z": [-0.44], "h": [0.2], "n": [0.33]},
                "true": {"z": [-0.436], "h": [0.21], "n": [0.336]},
                "digits": 2,
            },
        ],
        misconceptions=(
            Misconception(
                _audit_by_round,
                "Python rounds halves to the even digit. A value in the middle has two roundings, and either may be printed.",
            ),
            Misconception(_audit_by_cutting, "You cut digits off. Rounding goes to the nearest."),
            Misconception(
                lambda printed, true, digits: _audit(printed, true, digits, slack=1.0),
                "You allow a whole unit of the last digit. Rounding is off by at most half of one.",
            ),
            Misconception(
                lambda printed, true, digits: _audit(printed, true, digits, slack=0.0),
                "Nearly. 0.13 - 0.125 is a little more than 0.005 in binary, so half a unit needs a tiny tolerance.",
            ),
            Misconception(
                lambda printed, true, digits: _audit(printed, true, 2),
                "You round to two digits always. How many digits is an argument.",
            ),
            Misconception(
                lambda printed, true, digits: [
                    name
                    for name in printed
                    for p, t in zip(printed[name], true[name])
                    if _audit({name: [p]}, {name: [t]}, digits)
                ],
                "You name a quantity once for each wrong number. Once is enough.",
            ),
            Misconception(
                lambda printed, true, digits: [
                    name
                    for name in printed
                    if all(_audit({name: [p]}, {name: [t]}, digits) for p, t in zip(printed[name], true[name]))
                ],
                "You name a quantity only if all its numbers are wrong. One is enough.",
            ),
            Misconception(
                lambda printed, true, digits: _audit({k: v[:1] for k, v in printed.items()}, true, digits),
                "You look at the first number of each quantity only.",
            ),
            Misconception(
                lambda printed, true, digits: [name for name in printed if name not in _audit(printed, true, digits)],
                "You return the names of what is right. Those of what is wrong are wanted.",
            ),
            Misconception(
                lambda printed, true, digits: [
                    name
                    for name in printed
                    if any(p - t > 0.5 * 10**-digits * (1 + 1e-9) for p, t in zip(printed[name], true[name]))
                ],
                "You look at differences to one side. Too small is wrong as well.",
            ),
        ),
        hints=(
            "How far may a correctly rounded number be from the true one?",
            "Half a unit of the last digit is 0.5 * 10**-digits. Numbers like 0.13 are not exact in binary: allow a hair more.",
        ),
    ),
    Function(
        id="worked-example.6",
        reference=_identify,
        parts=("z_of", "reset"),
        cases=[
            _convention_case(seed, T, D, H, z_of, reset)
            for seed, (T, D, H) in enumerate([(2, 1, 2), (3, 2, 2), (5, 3, 4)])
            for z_of in ("old", "new")
            for reset in ("before", "after")
        ],
        misconceptions=(
            Misconception(
                lambda W, U, x, states: _identify(W, U, x, states, steps=1),
                "You look at the first step, where there is no state to reset. It can't tell the resets apart.",
            ),
            Misconception(
                lambda W, U, x, states: _identify(W, U, x, states, steps=1, order=("after", "before")),
                "You look at the first step, where there is no state to reset. It can't tell the resets apart.",
            ),
            Misconception(
                lambda W, U, x, states: (_exchange(_identify(W, U, x, states)[0]), _identify(W, U, x, states)[1]),
                "You have old and new exchanged. GRU keeps the old state with z; to run the other convention, turn the sign of z's weights.",
            ),
            Misconception(
                lambda W, U, x, states: (_identify(W, U, x, states)[0], _exchange(_identify(W, U, x, states)[1])),
                "You have before and after exchanged.",
            ),
            Misconception(
                lambda W, U, x, states: _identify(W, U, x, states)[::-1], "The pair is z first, then the reset."
            ),
        ),
        hints=(
            "There are four possibilities: run them all.",
            "GRU(W, U, reset=...) computes with z as the share of the old state. Turn the sign of the middle third of W and U for the other.",
            "Compare all steps, not the first alone, within a small tolerance.",
        ),
    ),
]
