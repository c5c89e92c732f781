"""The exercises of the chapter on speech: standard errors, the backward state, reversing, both directions."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU

_P = 363 / 370
_ERROR = float(np.sqrt(_P * (1 - _P) / 370))


def _reverse(x, lengths):
    result = x.copy()
    for row, original, n in zip(result, x, lengths):
        row[:n] = original[:n][::-1]
    return result


def _padding_to_the_front(x, lengths):
    return x[:, ::-1].copy()


def _by_coefficient(x, lengths):
    return x[:, :, ::-1].copy()


def _padding_zeroed(x, lengths):
    result = _reverse(x, lengths)
    result[np.arange(x.shape[1]) >= np.asarray(lengths)[:, None]] = 0
    return result


def _batch(seed, B, T, D, lengths):
    return {"x": np.random.default_rng(seed).normal(size=(B, T, D)), "lengths": np.array(lengths)}


def _readers(seed, T, D, H):
    rng = np.random.default_rng(seed)
    units = [GRU.random(D, H, rng, reset="after") for _ in range(2)]
    forward, backward = ((lambda x, unit=unit: unit.forward(np.ascontiguousarray(x))[0]) for unit in units)
    return {"forward": forward, "backward": backward, "x": rng.normal(size=(1, T, D))}


def _both(forward, backward, x):
    return np.concatenate([forward(x), backward(x[:, ::-1])[:, ::-1]], axis=2)


EXERCISES = [
    Value(
        id="speech.1",
        parts=("standard_error", "apart"),
        reference=(100 * _ERROR, 4 / 370 / _ERROR),
        decimals=2,
        misconceptions=(
            Misconception((_ERROR, ...), "In per cent: a hundred times that."),
            Misconception(
                (100 * _ERROR * np.sqrt(370), ...), "That is the deviation of a single answer. Divide by the root of N."
            ),
            Misconception((100 * np.sqrt(_P / 370), ...), "The factor 1 - p is missing."),
            Misconception(
                (..., 4.0),
                "That is the difference in utterances. Divide the difference of accuracies by the standard error.",
            ),
            Misconception((..., _ERROR * 370 / 4), "Upside down: how many standard errors go into the difference?"),
        ),
        hints=("p is 363/370, and N is 370.", "The difference is 4/370; divide it by the standard error."),
    ),
    Choice(
        id="speech.2",
        letters="abcd",
        reference="c",
        misconceptions=(
            Misconception("a", "There the backward direction has read one frame only: it begins there."),
            Misconception("b", "There is padding, which a packed GRU does not read: zeros."),
            Misconception("d", "That half belongs to the forward direction, which has read one frame there."),
        ),
        hints=(
            "Where does the backward direction begin, and where does it end?",
            "The second half of the last axis is the backward one.",
        ),
    ),
    Function(
        id="speech.3",
        reference=_reverse,
        cases=[_batch(1, 1, 3, 1, [2]), _batch(2, 2, 4, 2, [4, 3]), _batch(3, 3, 5, 3, [2, 5, 4])],
        misconceptions=(
            Misconception(_padding_to_the_front, "You reverse the whole row, and padding comes first."),
            Misconception(_by_coefficient, "You reverse the coefficients. The steps should be reversed."),
            Misconception(_padding_zeroed, "The padding should stay as it is; yours is set to zero."),
            Misconception(lambda x, lengths: x.copy(), "Nothing is reversed."),
        ),
        hints=("Row by row: x[b, :n] becomes x[b, :n][::-1].", "Work on a copy, and leave x[b, n:] alone."),
    ),
    Function(
        id="speech.4",
        reference=_both,
        cases=[_readers(1, 2, 1, 1), _readers(2, 4, 2, 3), _readers(3, 7, 3, 2)],
        misconceptions=(
            Misconception(
                lambda forward, backward, x: np.concatenate([forward(x), backward(x[:, ::-1])], axis=2),
                "Your backward states stand in the order in which they were computed: the first has read the last step.",
            ),
            Misconception(
                lambda forward, backward, x: np.concatenate([forward(x), backward(x)], axis=2),
                "Your backward reader reads from left to right.",
            ),
            Misconception(
                lambda forward, backward, x: np.concatenate([backward(x[:, ::-1])[:, ::-1], forward(x)], axis=2),
                "The forward half should come first.",
            ),
            Misconception(
                lambda forward, backward, x: np.concatenate([forward(x), backward(x)[:, ::-1]], axis=2),
                "You turn the states round, but not what is read.",
            ),
            Misconception(
                lambda forward, backward, x: forward(x) + backward(x[:, ::-1])[:, ::-1],
                "The two are put side by side, not added.",
            ),
        ),
        hints=("x[:, ::-1] reads from the end.", "Then turn the states back, and join on the last axis."),
    ),
]
