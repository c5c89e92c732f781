"""The exercises of the chapter on speech: standard errors, the backward state, pooling, both directions."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU

_P = 363 / 370
_ERROR = float(np.sqrt(_P * (1 - _P) / 370))


def _spoken(seed, D, lengths):
    """A padded batch whose longest row has no padding."""
    rng = np.random.default_rng(seed)
    x = np.zeros((len(lengths), max(lengths), D))
    for row, n in zip(x, lengths):
        row[:n] = rng.normal(1, 2, size=(n, D))
    x[0, 0] = 0.0  # a frame can be silent
    return {"x": x, "lengths": np.array(lengths)}


def _mean_and_deviation(x, lengths):
    rows = [row[:n] for row, n in zip(x, lengths)]
    return np.array([np.concatenate([row.mean(axis=0), row.std(axis=0)]) for row in rows])


def _halves(x, lengths):
    """The means and the deviations, (B, D) each."""
    return np.split(_mean_and_deviation(x, lengths), 2, axis=1)


def _over_all_steps(x, lengths):
    return np.concatenate([x.mean(axis=1), x.std(axis=1)], axis=1)


def _padding_deviates(x, lengths):
    mean, _ = _halves(x, lengths)
    return np.concatenate([mean, np.sqrt(((x - mean[:, None]) ** 2).sum(axis=1) / lengths[:, None])], axis=1)


def _without_silence(x):
    """The frames that are not zero, packed to the front, and how many there are."""
    real = (x != 0).any(axis=2)
    return [row[kept] for row, kept in zip(x, real)], real.sum(axis=1)


def _variance(x, lengths):
    mean, deviation = _halves(x, lengths)
    return np.concatenate([mean, deviation**2], axis=1)


def _not_centred(x, lengths):
    mean, deviation = _halves(x, lengths)
    return np.concatenate([mean, np.sqrt(mean**2 + deviation**2)], axis=1)


def _one_frame_less(x, lengths):
    mean, deviation = _halves(x, lengths)
    return np.concatenate([mean, deviation * np.sqrt(lengths / (lengths - 1))[:, None]], axis=1)


def _interleaved(x, lengths):
    return np.stack(_halves(x, lengths), axis=2).reshape(len(x), -1)


def _one_for_the_batch(x, lengths):
    frames = np.concatenate([row[:n] for row, n in zip(x, lengths)])
    return np.tile(np.concatenate([frames.mean(axis=0), frames.std(axis=0)]), (len(x), 1))


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
            Misconception((_ERROR, ...), "In per cent: a hundred times the root of p (1 - p) / N."),
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
        reference=_mean_and_deviation,
        cases=[_spoken(1, 1, [3, 2]), _spoken(2, 2, [3, 4]), _spoken(3, 3, [2, 5, 4])],
        misconceptions=(
            Misconception(_over_all_steps, "You count the padding as frames, in the means and in the deviations."),
            Misconception(
                _padding_deviates,
                "Your means are right, and your deviations take in the padding: a zero deviates from the mean by the mean.",
            ),
            Misconception(
                lambda x, lengths: np.concatenate([_halves(x, lengths)[0], x.std(axis=1)], axis=1),
                "Your means are right, and your deviations are still over all steps, padding included.",
            ),
            Misconception(
                lambda x, lengths: _mean_and_deviation(*_without_silence(x)),
                "You take a frame of zeros for padding. A real one can be silent: lengths says which are real.",
            ),
            Misconception(_variance, "The second half is the variance: its root is missing."),
            Misconception(_not_centred, "Your deviations are taken from 0, not from the mean."),
            Misconception(_one_frame_less, "Your deviations divide by one frame less than there are."),
            Misconception(
                lambda x, lengths: np.concatenate(_halves(x, lengths)[::-1], axis=1), "The means should come first."
            ),
            Misconception(
                _interleaved, "Each deviation stands right behind its mean. All means come first, then all deviations."
            ),
            Misconception(
                _one_for_the_batch, "You took one mean over the frames of the whole batch. Each utterance has its own."
            ),
            Misconception(lambda x, lengths: _halves(x, lengths)[0], "The deviations are missing."),
            Misconception(
                lambda x, lengths: np.concatenate([x.mean(axis=2), x.std(axis=2)], axis=1),
                "You went along the coefficients of each frame. The frames of each coefficient are meant.",
            ),
        ),
        hints=(
            "real = np.arange(x.shape[1]) < lengths[:, None] says which frames are real, (B, T). x.sum(axis=1) does not mind the zeros.",
            "The squares of x - mean[:, None] do: multiply them by real[:, :, None] before you add them up.",
        ),
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
