"""The exercises of the chapter on training strategies: fair comparison, Adam, one cycle, a gate that keeps."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _adam(
    gradients, rate, keep=(0.9, 0.999), corrected="mv", square=lambda g, m: g**2, power=0.5, count=lambda k: k, new=None
):
    """The steps (K, n) that Adam adds to the weights; the options are the mistakes."""
    m, v, steps = 0.0, 0.0, []
    new = new or (1 - keep[0], 1 - keep[1])
    for k, g in enumerate(gradients, start=1):
        m = (1 - new[0]) * m + new[0] * g
        v = (1 - new[1]) * v + new[1] * square(g, m)
        mean = m / (1 - keep[0] ** count(k)) if "m" in corrected else m
        size = (v / (1 - keep[1] ** count(k)) if "v" in corrected else v) ** power
        steps.append(-rate * mean / size)
    return np.array(steps)


def _adam_mistake(**options):
    @np.errstate(all="ignore")
    def mistake(gradients, rate):
        return _adam(gradients, rate, **options).sum(axis=0)

    return mistake


def _gradients(seed, K, n, rate):
    return {"gradients": np.random.default_rng(seed).normal(1, 2, size=(K, n)), "rate": rate}


def _schedule(falling):
    """A rate that climbs along a line, and then falls as `falling` says of the way from the peak, 0, to the last step, 1."""

    def rates(steps, peak, highest):
        k = np.arange(steps)
        return highest * np.where(k < peak, k / peak, falling((k - peak) / (steps - 1 - peak)))

    return rates


_one_cycle = _schedule(lambda s: (1 + np.cos(np.pi * s)) / 2)


def _ends_late(steps, peak, highest):
    k = np.arange(steps)
    return highest * np.where(k < peak, k / peak, (1 + np.cos(np.pi * (k - peak) / (steps - peak))) / 2)


def _from_one(steps, peak, highest):
    k = np.arange(steps)
    falling = (1 + np.cos(np.pi * (k - peak) / (steps - 1 - peak))) / 2
    return highest * np.where(k < peak, (k + 1) / (peak + 1), falling)


_Z = 0.5 ** (1 / 25)

EXERCISES = [
    Choice(
        id="training.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "At this rate. The other one was never tried at its own best rate."),
            Misconception("c", "Perhaps, or lower. One rate does not tell."),
            Misconception("d", "Equal rates mean different things to different optimisers."),
        ),
        hints=(
            "Look at the figure of losses over rates.",
            "What would a fair comparison have done for each of the two?",
        ),
    ),
    Function(
        id="training.2",
        reference=lambda gradients, rate: _adam(gradients, rate).sum(axis=0),
        cases=[_gradients(1, 1, 1, 0.1), _gradients(2, 2, 2, 0.01), _gradients(3, 5, 3, 0.03)],
        misconceptions=(
            Misconception(
                _adam_mistake(corrected=""),
                "Neither m nor v is corrected: in the first steps both are too small, and not by the same factor.",
            ),
            Misconception(_adam_mistake(corrected="v"), "Your m is not corrected for its start at 0."),
            Misconception(_adam_mistake(corrected="m"), "Your v is not corrected for its start at 0."),
            Misconception(
                _adam_mistake(count=lambda k: 1), "You correct each step as if it were the first: what is k?"
            ),
            Misconception(
                _adam_mistake(power=1), "The root is missing: with it the units of the gradient would cancel."
            ),
            Misconception(
                _adam_mistake(square=lambda g, m: m**2), "Your v is made from squares of m, not of the gradients."
            ),
            Misconception(
                _adam_mistake(square=lambda g, m: (g**2).mean()),
                "You divide all weights by one common size. Each has a size of its own.",
            ),
            Misconception(
                _adam_mistake(keep=(0.999, 0.9)),
                "The two shares have changed places: which of the means remembers longer?",
            ),
            Misconception(
                _adam_mistake(count=lambda k: k - 1),
                "Your k counts from 0, and then the first correction divides 0 by 0. It counts from 1.",
            ),
            Misconception(
                _adam_mistake(new=(0.9, 0.999)),
                "You keep what should be new and the other way round: 0.9 of m and 0.999 of v are kept.",
            ),
            Misconception(lambda gradients, rate: -_adam(gradients, rate).sum(axis=0), "The sign: you climb the loss."),
            Misconception(lambda gradients, rate: _adam(gradients, 1.0).sum(axis=0), "The rate is left out."),
            Misconception(
                lambda gradients, rate: _adam(gradients, rate)[-1],
                "That is the last step alone. The change over all steps is wanted.",
            ),
            Misconception(
                lambda gradients, rate: -rate * gradients.sum(axis=0),
                "That is plain gradient descent: the gradients are not divided by their size.",
            ),
        ),
        hints=(
            "Start m, v and the change at np.zeros(n), and go through the rows of gradients with enumerate(gradients, start=1).",
            "In each step: the new m, the new v, both divided by what is missing from 1, and then the change by one step more.",
        ),
    ),
    Function(
        id="training.3",
        reference=_one_cycle,
        cases=[
            {"steps": 5, "peak": 2, "highest": 1.0},
            {"steps": 9, "peak": 3, "highest": 0.1},
            {"steps": 12, "peak": 2, "highest": 3.0},
        ],
        misconceptions=(
            Misconception(_schedule(lambda s: 1 - s), "Yours falls along a line. Half a cosine is meant."),
            Misconception(
                _schedule(lambda s: np.cos(np.pi / 2 * s)),
                "That is a quarter of a cosine's period, which is steep at the end. Half of one is meant.",
            ),
            Misconception(
                _schedule(lambda s: np.cos(np.pi * s)),
                "A cosine goes from 1 to -1. Half of one, from 1 to 0, is (1 + cos) / 2.",
            ),
            Misconception(
                _schedule(lambda s: (1 - np.cos(np.pi * s)) / 2),
                "After the peak yours climbs from 0. The sign before the cosine is plus.",
            ),
            Misconception(_ends_late, "At the last step, steps - 1, the rate should be 0."),
            Misconception(_from_one, "At step 0 the rate should be 0."),
            Misconception(lambda steps, peak, highest: _one_cycle(steps, peak, 1.0), "The highest rate is left out."),
        ),
        hints=(
            "Before the peak: k / peak. After it: (1 + cos(pi s)) / 2, where s goes from 0 to 1.",
            "s is (k - peak) / (steps - 1 - peak); np.where puts both together.",
        ),
    ),
    Value(
        id="training.4",
        parts=("bias", "left"),
        reference=(float(np.log(_Z / (1 - _Z))), float((1 / (1 + np.exp(-2))) ** 25)),
        decimals=3,
        misconceptions=(
            Misconception((float(_Z), ...), "That is the gate. Its bias is the logit, ln(z / (1 - z))."),
            Misconception((float(np.log((1 - _Z) / _Z)), ...), "The sign: with it the gate would be nearly closed."),
            Misconception((float(np.log(_Z)), ...), "That is ln z. The logit is ln(z / (1 - z))."),
            Misconception(
                (float(np.log(0.98 / 0.02)), ...), "z falls by multiplication, 25 times: it is the 25th root of 1/2."
            ),
            Misconception((..., float(100 * (1 / (1 + np.exp(-2))) ** 25)), "That is in per cent. A share is wanted."),
            Misconception((..., float(1 / (1 + np.exp(-2)))), "That is left after one step."),
            Misconception((..., float(1 - (1 / (1 + np.exp(-2))) ** 25)), "That is what is lost."),
            Misconception(
                (..., 0.0),
                "Less than a tenth is left, but not nothing: three decimals. (z is the share that is kept, not 1 - z.)",
            ),
        ),
        hints=("z is the 25th root of 1/2, and b its logit.", "sigmoid(2) to the power of 25."),
    ),
]
