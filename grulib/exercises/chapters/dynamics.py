"""The exercises of the chapter The GRU as a dynamical system: what the update gate can't change, the fold, and times."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception


def _flips(g, w, sign=1, at=None):
    h = np.sqrt(1 - 1 / g) if at is None else at
    return sign * (g * h - np.arctanh(h)) / w


def _half_life(nu, z, factor=None):
    size = abs(z + (1 - z) * nu) if factor is None else factor
    with np.errstate(divide="ignore"):
        return np.log(2) / np.log(1 / size) if size > 0 else 0.0


_GAINS = [{"g": g, "w": w} for g, w in ((2.0, 1.0), (1.5, -1.0), (3.0, 2.0), (1.01, 0.5), (10.0, -0.3))]
_SLOPES = [
    {"nu": nu, "z": z}
    for nu, z in ((0.0, 0.9), (0.5, 0.5), (-0.9, 0.1), (0.0, 0.0), (0.9, 0.99), (-0.5, 0.5), (0.3, 0.0))
]

EXERCISES = [
    Choice(
        id="dynamics.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "Where it rests is decided by n(h) = h. Is there a z in it?"),
            Misconception("c", "The slope is a blend of 1 and of a number below 1. Can it pass 1?"),
            Misconception("d", "Put z into n(h) = h: there is no place for it. So where could it move?"),
        ),
        hints=("Which of the two equations has no z?", "And what does the other one say for z near 1?"),
    ),
    Function(
        id="dynamics.2",
        reference=_flips,
        cases=_GAINS,
        misconceptions=(
            Misconception(lambda g, w: _flips(g, w, sign=-1), "The sign is turned: this pushes the unit further down."),
            Misconception(lambda g, w: _flips(g, 1.0), "You give the bias. The input comes through the weight w."),
            Misconception(
                lambda g, w: _flips(g, abs(w)), "With a negative weight it is a negative input that lifts the unit."
            ),
            Misconception(lambda g, w: w * _flips(g, 1.0), "You multiply by w. The input times w has to be the bias."),
            Misconception(
                lambda g, w: np.sqrt(1 - 1 / g) / w,
                "That is the state where the curve touches the line, not the bias that brings it there.",
            ),
            Misconception(
                lambda g, w: (g * np.sqrt(1 - 1 / g)) / w,
                "Half of it: from g h* the argument artanh h* has to be taken away.",
            ),
            Misconception(lambda g, w: 1 / w, "The middle place is pushed out long before the argument is 1."),
            Misconception(
                lambda g, w: (g - 1) / w,
                "That would be the distance of the gain from 1. Where does the curve touch the line?",
            ),
            Misconception(
                lambda g, w: (g * np.sqrt(1 - 1 / g) - np.tanh(np.sqrt(1 - 1 / g))) / w,
                "Take the inverse of tanh, artanh, not tanh.",
            ),
            Misconception(
                lambda g, w: 2 * _flips(g, w), "From -b* to b* it would be twice as far. But the unit begins at b = 0."
            ),
        ),
        hints=(
            "The input makes a bias: b = w x.",
            "The lower place vanishes at b = b*, which the chapter has derived.",
        ),
    ),
    Function(
        id="dynamics.3",
        reference=_half_life,
        cases=_SLOPES,
        misconceptions=(
            Misconception(
                lambda nu, z: _half_life(nu, z, z),
                "That is the blend alone: the candidate hands on a part of the push, too.",
            ),
            Misconception(
                lambda nu, z: _half_life(nu, z, abs(nu)),
                "That is the candidate alone: the update gate keeps a part of the old state.",
            ),
            Misconception(
                lambda nu, z: _half_life(nu, z, abs(1 - z + z * nu)),
                "You have turned z: it is the share of the old state.",
            ),
            Misconception(lambda nu, z: _half_life(nu, z, abs(z + nu)), "The candidate counts with its share, 1 - z."),
            Misconception(
                lambda nu, z: _half_life(nu, z, z + (1 - z) * abs(nu)),
                "Take the size of the whole, not of nu alone: with opposite signs they cancel.",
            ),
            Misconception(
                lambda nu, z: _half_life(nu, z) / np.log(2), "That is until a share of 1/e is left. Asked was a half."
            ),
            Misconception(
                lambda nu, z: -_half_life(nu, z), "A number of steps is not negative: mind the sign of the logarithm."
            ),
            Misconception(
                lambda nu, z: np.ceil(_half_life(nu, z)), "You have rounded up. The number need not be whole."
            ),
            Misconception(
                lambda nu, z: abs(z + (1 - z) * nu), "That is what one step leaves. After how many is it a half?"
            ),
        ),
        hints=("After k steps |lambda|**k is left.", "k = log(1/2) / log(|lambda|), with lambda = z + (1 - z) nu."),
    ),
    Choice(
        id="dynamics.4",
        letters="abcd",
        reference="c",
        misconceptions=(
            Misconception(
                "a", "Start between two of them, and there is one more. What does h' - h look like for z = 1?"
            ),
            Misconception("b", "It found nothing to do: the residual was zero where it began."),
            Misconception("d", "Nothing moves at all. A cycle moves."),
        ),
        hints=("h' - h has two factors.", "Which of the two is zero here, wherever one starts?"),
    ),
]
