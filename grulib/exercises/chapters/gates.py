"""The exercises of the chapter inside the gates: time scales, integrated gradients, Shapley values."""

from itertools import permutations
from math import log

import numpy as np

from grulib.exercises.kinds import Function, Misconception, Value


def _gates(seed, N, H):
    return {"z": np.random.default_rng(seed).uniform(0.05, 0.98, (N, H))}


def _cubic(x):
    """The gradient of the sum of x**3 plus the product of neighbours."""
    return 3 * x**2 + np.roll(x, 1) + np.roll(x, -1)


def _place(seed, D, steps):
    rng = np.random.default_rng(seed)
    return {"gradient": _cubic, "x": rng.normal(size=D), "baseline": rng.normal(size=D), "steps": steps}


def _integrated(gradient, x, baseline, steps, shift=0.5, places=None):
    places = (np.arange(steps) + shift) / steps if places is None else places
    return np.mean([gradient(baseline + s * (x - baseline)) for s in places], axis=0) * (x - baseline)


class _Game:
    """A random value for each set of players."""

    def __init__(self, seed, n):
        values = np.random.default_rng(seed).normal(size=2**n)
        self.values = [float(v) for v in values]

    def __call__(self, players):
        return self.values[sum(2**player for player in players)]


def _game(seed, n):
    return {"value": _Game(seed, n), "n": n}


def _shapley(value, n):
    total, orders = np.zeros(n), list(permutations(range(n)))
    for order in orders:
        for place, player in enumerate(order):
            before = set(order[:place])
            total[player] += value(before | {player}) - value(before)
    return total / len(orders)


def _last(value, n):
    return np.array([value(set(range(n))) - value(set(range(n)) - {i}) for i in range(n)])


def _alone(value, n):
    return np.array([value({i}) - value(set()) for i in range(n)])


def _over_sets(value, n):
    """The mean gain over all sets, each counted once."""
    sets = [{i for i in range(n) if k >> i & 1} for k in range(2**n)]
    return np.array([np.mean([value(s | {i}) - value(s) for s in sets if i not in s]) for i in range(n)])


EXERCISES = [
    Value(
        id="gates.1",
        parts=("first", "second"),
        reference=(-1 / log(0.9), -2 / (log(0.5) + log(0.98))),
        decimals=3,
        misconceptions=(
            Misconception((10.0, ...), "1 / (1 - z) is near it for z near 1. The logarithm is exact."),
            Misconception((log(0.5) / log(0.9), ...), "That is the time to one half. The time scale goes to 1/e."),
            Misconception((-log(0.9), ...), "That is the share that is lost at a step. The time is one over it."),
            Misconception(
                (..., -(log(0.5) + log(0.98)) / 2), "That is the mean loss at a step. The time is one over it."
            ),
            Misconception((-1 / np.log10(0.9), ...), "The natural logarithm is meant: the scale goes to 1/e."),
            Misconception((..., -1 / log(0.98)), "That is the longer one alone. Both gates act, in turn."),
            Misconception((1 / log(0.9), ...), "A time is positive: the logarithm of z is negative."),
            Misconception((..., -1 / log(0.74)), "That takes the mean of z first. The mean is over logarithms."),
            Misconception(
                (..., (-1 / log(0.5) - 1 / log(0.98)) / 2),
                "That is the mean of two time scales. The mean is over logarithms.",
            ),
            Misconception(
                (..., -1 / (log(0.5) + log(0.98))),
                "That counts pairs of steps. The mean of the two logarithms is for one step.",
            ),
        ),
        hints=("-1 / ln 0.9.", "The mean of ln 0.5 and ln 0.98, then -1 by it."),
    ),
    Function(
        id="gates.2",
        reference=lambda z: -1 / np.log(z).mean(axis=0),
        cases=[_gates(1, 2, 1), _gates(2, 5, 3), _gates(3, 9, 4)],
        misconceptions=(
            Misconception(
                lambda z: -1 / np.log(z.mean(axis=0)),
                "You take the mean of the gates first. The mean is over logarithms.",
            ),
            Misconception(
                lambda z: (-1 / np.log(z)).mean(axis=0),
                "You take the mean of time scales. The mean is over logarithms.",
            ),
            Misconception(lambda z: -1 / np.log(z).sum(axis=0), "The mean over steps is wanted, not the sum."),
            Misconception(lambda z: 1 / np.log(z).mean(axis=0), "A time is positive: mind the sign."),
            Misconception(
                lambda z: -1 / np.log(z).mean(axis=1), "One number for each unit: the mean is over the first axis."
            ),
            Misconception(
                lambda z: -np.log(z).mean(axis=0), "That is the loss at a step. The time scale is one over it."
            ),
            Misconception(
                lambda z: np.log(0.5) / np.log(z).mean(axis=0),
                "That is the time to one half. The time scale goes to 1/e.",
            ),
            Misconception(lambda z: 1 / (1 - z.mean(axis=0)), "That is an approximation for gates near 1."),
        ),
        hints=("The factor after N steps is a product of gates.", "np.log(z).mean(axis=0), then -1 by it."),
    ),
    Function(
        id="gates.3",
        reference=_integrated,
        cases=[_place(1, 1, 1), _place(2, 3, 4), _place(3, 5, 10)],
        misconceptions=(
            Misconception(
                lambda gradient, x, baseline, steps: gradient(x) * (x - baseline),
                "That is the gradient at x alone. Average it along the way.",
            ),
            Misconception(
                lambda *a: _integrated(*a, shift=0.0),
                "Yours takes the left ends of the pieces. The middle points are meant.",
            ),
            Misconception(
                lambda *a: _integrated(*a, shift=1.0),
                "Yours takes the right ends of the pieces. The middle points are meant.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(gradient, x, baseline, steps) / (x - baseline),
                "That is the mean gradient. Multiply it by x - baseline.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(gradient, x, baseline, steps) / (x - baseline) * x,
                "Multiply by the difference from the baseline, not by x.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(gradient, x, np.zeros_like(x), steps),
                "Your way begins at zero. It should begin at the baseline.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: (
                    _integrated(gradient, x, np.zeros_like(x), steps) / x * (x - baseline)
                ),
                "Your way begins at zero, though you multiply by x - baseline. It should begin at the baseline.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: steps * _integrated(gradient, x, baseline, steps),
                "The mean is wanted, not the sum.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(
                    gradient, x, baseline, steps, places=np.linspace(0, 1, steps + 1)
                ),
                "Yours takes both ends of each piece, steps + 1 places. The middle points are meant.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(
                    gradient, x, baseline, steps, places=np.linspace(0, 1, steps)
                ),
                "Your places go from 0 to 1 with both ends. The middle points are meant, (k + 1/2) / steps.",
            ),
            Misconception(
                lambda gradient, x, baseline, steps: _integrated(gradient, x - baseline, np.zeros_like(x), steps),
                "Your way goes from zero to the difference. Add the baseline to each place.",
            ),
        ),
        hints=(
            "The middle points are at shares (k + 1/2) / steps of the way.",
            "np.mean of the gradients there, times (x - baseline).",
        ),
    ),
    Function(
        id="gates.4",
        reference=_shapley,
        cases=[_game(1, 2), _game(2, 3), _game(3, 4)],
        misconceptions=(
            Misconception(_last, "That leaves one out at a time: only the last place of each order counts in yours."),
            Misconception(_alone, "That lets each come in first: only the first place of each order counts in yours."),
            Misconception(
                _over_sets, "You count each set once. Over all orders, sets of middle size come up less often each."
            ),
            Misconception(
                lambda value, n: _shapley(value, n) * len(list(permutations(range(n)))),
                "The mean over orders is wanted, not the sum.",
            ),
            Misconception(
                lambda value, n: _shapley(value, n) * len(list(permutations(range(n)))) / n,
                "There are n! orders, not n.",
            ),
        ),
        hints=(
            "itertools.permutations(range(n)) gives all orders.",
            "For each order and place: value of those before and the player, minus value of those before.",
        ),
    ),
]
