"""The exercises of the chapter on training strategies: fair comparison, clipping, one cycle, an open gate."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _norm(gradients):
    return np.sqrt(sum((g**2).sum() for g in gradients))


def _clip(gradients, limit):
    norm = _norm(gradients)
    return [g * min(1.0, limit / norm) for g in gradients], norm


def _gradients(seed, shapes, limit):
    rng = np.random.default_rng(seed)
    return {"gradients": [rng.normal(size=shape) for shape in shapes], "limit": limit}


def _one_cycle(steps, peak, highest):
    k = np.arange(steps)
    return highest * np.where(k < peak, k / peak, (1 + np.cos(np.pi * (k - peak) / (steps - 1 - peak))) / 2)


def _linear_down(steps, peak, highest):
    k = np.arange(steps)
    return highest * np.where(k < peak, k / peak, 1 - (k - peak) / (steps - 1 - peak))


def _quarter_cosine(steps, peak, highest):
    k = np.arange(steps)
    return highest * np.where(k < peak, k / peak, np.cos(np.pi / 2 * (k - peak) / (steps - 1 - peak)))


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
        reference=_clip,
        parts=("gradients", "norm"),
        cases=[
            _gradients(1, [(2,), (1,)], 0.5),
            _gradients(2, [(2, 3), (4,), (1, 2)], 2.0),
            _gradients(3, [(3, 2), (2,)], 50.0),
        ],
        misconceptions=(
            Misconception(
                lambda gradients, limit: ([g * min(1.0, limit / _norm([g])) for g in gradients], _norm(gradients)),
                "You clip each array by itself, which changes the direction of the step.",
            ),
            Misconception(
                lambda gradients, limit: ([np.clip(g, -limit, limit) for g in gradients], _norm(gradients)),
                "You clip each entry, which changes the direction of the step.",
            ),
            Misconception(
                lambda gradients, limit: ([g * limit / _norm(gradients) for g in gradients], _norm(gradients)),
                "Gradients that are short enough should stay as they are; yours are made longer.",
            ),
            Misconception(
                lambda gradients, limit: (_clip(gradients, limit)[0], min(limit, _norm(gradients))),
                "The norm before clipping is wanted.",
            ),
            Misconception(
                lambda gradients, limit: (
                    [g * min(1.0, limit / sum(_norm([a]) for a in gradients)) for g in gradients],
                    sum(_norm([a]) for a in gradients),
                ),
                "The norm of all entries together is the root of the sum of squares, not the sum of norms.",
            ),
        ),
        hints=("The norm is the root of the sum of all squares.", "The factor is the smaller of 1 and limit / norm."),
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
            Misconception(_linear_down, "Yours falls along a line. Half a cosine is meant."),
            Misconception(
                _quarter_cosine,
                "That is a quarter of a cosine's period, which is steep at the end. Half of one is meant.",
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
            Misconception((..., float(1 / (1 + np.exp(-2)))), "That is left after one step."),
            Misconception((..., float(1 - (1 / (1 + np.exp(-2))) ** 25)), "That is what is lost."),
            Misconception((..., 0.0), "Less than a tenth is left, but not nothing: three decimals."),
        ),
        hints=("z is the 25th root of 1/2, and b its logit.", "sigmoid(2) to the power of 25."),
    ),
]
