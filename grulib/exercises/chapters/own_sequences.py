"""The exercises of the chapter Your own sequences: splits, scaling, padding in front, last states of both directions."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception


def _padded(seed, lengths, D, front=False, dtype=np.float64, padding=7.0):
    """Padded sequences, with numbers that mean nothing in the padding."""
    rng = np.random.default_rng(seed)
    x = np.full((len(lengths), max(lengths), D), padding)
    for row, n in zip(x, lengths):
        (row[len(row) - n :] if front else row[:n])[...] = rng.normal(1, 2, size=(n, D))
    return {"x": x.astype(dtype), "lengths": np.array(lengths)}


def _steps(x, lengths):
    return np.concatenate([row[:n] for row, n in zip(x, lengths)])


def _real(x, lengths):
    """Which steps exist, as (B, T, 1)."""
    return np.arange(x.shape[1])[None, :, None] < lengths[:, None, None]


def _scale(x, lengths, center=True, scale=True, of=_steps, deviation=np.std):
    steps = of(x, lengths)  # (all steps, D)
    scaled = (x - center * steps.mean(axis=0)) / (deviation(steps, axis=0) if scale else 1)
    return np.where(_real(x, lengths), scaled, 0)


def _scale_each_sequence(x, lengths):
    rows = [_scale(x[i : i + 1, :n], lengths[i : i + 1])[0] for i, n in enumerate(lengths)]
    return np.stack([np.pad(row, ((0, x.shape[1] - len(row)), (0, 0))) for row in rows])


def _scale_with_padding_left(x, lengths):
    steps = _steps(x, lengths)
    return (x - steps.mean(axis=0)) / steps.std(axis=0)


def _by_zero(x, lengths):
    """What is scaled, times 0 where nothing stands."""
    return _scale_with_padding_left(x, lengths) * _real(x, lengths)


def _zeros_count(x, lengths):
    return np.where(_real(x, lengths), x, 0).reshape(-1, x.shape[2])


def _to_back(x, lengths):
    moved = np.zeros_like(x)
    for new, row, n in zip(moved, x, lengths):
        new[:n] = row[len(row) - n :]
    return moved


def _roll_the_other_way(x, lengths):
    return np.stack([np.roll(row, len(row) - n, axis=0) for row, n in zip(x, lengths)])


def _outputs(seed, lengths, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(size=(len(lengths), max(lengths), 2 * H)).astype(dtype)
    for row, n in zip(outputs, lengths):
        row[n:] = 0
    return {"outputs": outputs, "lengths": np.array(lengths)}


def _last_of_both(outputs, lengths, backward=0):
    """The forward reader's state at each end, and the backward reader's at this step."""
    H = outputs.shape[2] // 2
    rows = np.arange(len(outputs))
    return np.concatenate([outputs[rows, lengths - 1, :H], outputs[rows, backward, H:]], axis=1)


def _both_at_the_end(outputs, lengths):
    return outputs[np.arange(len(outputs)), lengths - 1]


def _swapped_halves(outputs, lengths):
    H = outputs.shape[2] // 2
    rows = np.arange(len(outputs))
    return np.concatenate([outputs[rows, 0, :H], outputs[rows, lengths - 1, H:]], axis=1)


EXERCISES = [
    Choice(
        id="own-sequences.1",
        letters="abcd",
        reference="bd",
        misconceptions=(
            Misconception("b", "One more leaks: where do the numbers come from by which the test part is scaled?"),
            Misconception("d", "One more leaks: do two windows that overlap share steps?"),
            Misconception("abd", "Splitting by patients is what keeps a patient out of two parts. It does not leak."),
            Misconception("bcd", "The last year as test part is what a forecast will meet. It does not leak."),
            Misconception("ac", "You chose the two that are sound. The question is which leak."),
            Misconception("a", "Splitting by patients keeps a patient out of two parts: that is sound. Which leak?"),
            Misconception("c", "The last year as test part is what a forecast will meet: that is sound. Which leak?"),
            Misconception(
                "ab", "b leaks. Splitting by patients does not; but what do two windows that overlap have in common?"
            ),
            Misconception(
                "bc",
                "b leaks. The last year as test part does not; but what do two windows that overlap have in common?",
            ),
            Misconception("ad", "d leaks. Splitting by patients does not; but what has seen the test part in b?"),
            Misconception("cd", "d leaks. The last year as test part does not; but what has seen the test part in b?"),
            Misconception("abc", "b leaks, and a and c do not. One more does: where do parts share steps?"),
            Misconception("acd", "d leaks, and a and c do not. One more does: what has seen the test part?"),
            Misconception("abcd", "Two of them are sound: groups kept together, and the future kept for the end."),
        ),
        hints=(
            "Ask of each: does anything that the model is tested on stand, in another form, in what it was trained on?",
            "Overlapping windows share steps; a mean over everything has seen the test part.",
        ),
    ),
    Function(
        id="own-sequences.2",
        reference=_scale,
        cases=[
            _padded(1, [2], 1),
            _padded(2, [3, 2], 1),
            _padded(3, [2, 5, 3], 2, padding=np.nan),
            _padded(4, [4, 4, 6], 3, dtype=np.float32),
        ],
        misconceptions=(
            Misconception(
                lambda x, lengths: _scale(x, lengths, of=lambda x, lengths: x.reshape(-1, x.shape[2])),
                "Your mean and deviation take in the padding. Only steps that exist count.",
            ),
            Misconception(
                lambda x, lengths: _scale(x, lengths, center=False), "You divide, but you do not subtract the mean."
            ),
            Misconception(lambda x, lengths: _scale(x, lengths, scale=False), "You subtract, but you do not divide."),
            Misconception(
                lambda x, lengths: _scale(x, lengths, deviation=np.var),
                "You divide by the variance. Its root is the deviation.",
            ),
            Misconception(
                _scale_with_padding_left,
                "What stands in the padding is scaled as well, and is no longer zero. Nothing should stand there.",
            ),
            Misconception(
                _scale_each_sequence,
                "You scale each sequence by itself. A difference between sequences may be what tells them apart: one mean for all.",
            ),
            Misconception(
                lambda x, lengths: _scale(x, lengths, of=lambda *a: _steps(*a).reshape(-1, 1)),
                "One mean for all features together. Each feature has its own.",
            ),
            Misconception(
                _by_zero,
                "You multiply the padding by 0. What stands there may be NaN, and stays so: np.where leaves it out.",
            ),
            Misconception(
                lambda x, lengths: _scale(x, lengths, of=_zeros_count),
                "You set the padding to zero, and then its zeros count in your mean and deviation.",
            ),
            Misconception(
                lambda x, lengths: _scale(x, lengths, deviation=lambda steps, axis: steps.std(axis=axis, ddof=1)),
                "Your deviation divides by one step less than there are.",
            ),
        ),
        hints=(
            "Put all steps that exist under each other: np.concatenate([row[:n] for row, n in zip(x, lengths)]).",
            "Mean and deviation along axis 0, then (x - mean) / deviation, and zeros where step >= length.",
        ),
    ),
    Function(
        id="own-sequences.3",
        reference=_to_back,
        cases=[
            _padded(1, [1], 1, front=True),
            _padded(2, [2, 1], 1, front=True),
            _padded(3, [3, 5, 1], 2, front=True),
            _padded(4, [4, 6], 3, front=True, dtype=np.float32),
        ],
        misconceptions=(
            Misconception(lambda x, lengths: x[:, ::-1], "That turns time round. The order of the steps stays."),
            Misconception(
                lambda x, lengths: _to_back(x, lengths)[:, ::-1].copy(),
                "The steps are in front, and then time is turned round.",
            ),
            Misconception(
                _roll_the_other_way, "You roll by the padding forwards. Backwards brings the sequence to the front."
            ),
            Misconception(
                lambda x, lengths: np.stack([np.roll(row, n - len(row), axis=0) for row, n in zip(x, lengths)]),
                "The sequences are right, and behind them stands what was in front. Put zeros there.",
            ),
            Misconception(lambda x, lengths: x, "Nothing has moved: each sequence moves by T - length of its own."),
        ),
        hints=(
            "Row i has its sequence in x[i, T - n:], with T = x.shape[1] and n = lengths[i].",
            "Begin with np.zeros_like(x), and copy x[i, T - n:] to new[i, :n].",
        ),
    ),
    Function(
        id="own-sequences.4",
        reference=_last_of_both,
        cases=[
            _outputs(1, [2], 1),
            _outputs(2, [3, 1], 1),
            _outputs(3, [2, 5, 3], 2),
            _outputs(4, [4, 4, 6], 3, np.float32),
        ],
        misconceptions=(
            Misconception(
                _both_at_the_end,
                "At a sequence's end the backward reader has seen one step only. It is through at step 0. (Is your H half of the last axis?)",
            ),
            Misconception(
                lambda outputs, lengths: outputs[:, -1],
                "That is the last column, which for short sequences is padding.",
            ),
            Misconception(
                lambda outputs, lengths: outputs[:, 0], "At step 0 the forward reader has seen one step only."
            ),
            Misconception(_swapped_halves, "You took each direction where it begins. Take it where it ends."),
            Misconception(
                lambda outputs, lengths: _last_of_both(outputs, np.full_like(lengths, outputs.shape[1])),
                "Your forward states come from behind the sequences' ends. Each has an end of its own, at length - 1.",
            ),
            Misconception(
                lambda outputs, lengths: np.roll(_last_of_both(outputs, lengths), outputs.shape[2] // 2, axis=1),
                "The two halves have changed places: forward first.",
            ),
            Misconception(
                lambda outputs, lengths: np.roll(_swapped_halves(outputs, lengths), outputs.shape[2] // 2, axis=1),
                "The first H columns are the forward reader's: you took them at step 0, and the backward one's at the end.",
            ),
            Misconception(
                lambda outputs, lengths: _last_of_both(outputs, lengths, backward=-1),
                "Your backward states are those of the last column. That is where it begins, or padding.",
            ),
        ),
        hints=(
            "The first H columns are the forward reader's. Where has it seen everything? And the backward one?",
            "outputs[rows, lengths - 1, :H] and outputs[rows, 0, H:], side by side.",
        ),
    ),
]
