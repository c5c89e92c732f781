"""The exercises of the chapter on forecasting: leaks, windows, the pinball loss, how far to widen an interval."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception


def _cut(series, width, ahead, begin, end, late=0):
    starts = range(max(begin, width), end - ahead + 1 - late)
    return np.stack([series[t - width : t] for t in starts]), np.stack([series[t : t + ahead] for t in starts])


def _inputs_within(series, width, ahead, begin, end):
    return _cut(series, width, ahead, begin + width, end)


def _targets_beyond(series, width, ahead, begin, end):
    return _cut(series, width, ahead, begin, min(end + ahead - 1, len(series)))


def _gap(series, width, ahead, begin, end):
    starts = range(max(begin, width), end - ahead + 1)
    return np.stack([series[t - width : t] for t in starts]), np.stack([series[t - 1 : t + ahead - 1] for t in starts])


def _series(seed, n, **rest):
    return {"series": np.random.default_rng(seed).normal(size=n)} | rest


def _pinball(y, forecast, q):
    error = y[:, None] - forecast
    return np.maximum(q * error, (q - 1) * error).mean()


def _quantiles(seed, N, q):
    rng = np.random.default_rng(seed)
    return {"y": rng.normal(size=N), "forecast": rng.normal(size=(N, len(q))), "q": np.array(q)}


def _outside(y, low, high):
    return np.sort(np.maximum(low - y, y - high))


def _width(y, low, high, cover):
    return _outside(y, low, high)[int(np.ceil(cover * len(y))) - 1]


def _intervals(seed, N, cover, scale=1.0):
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=N)
    low, high = middle - scale * rng.uniform(0.1, 1, N), middle + scale * rng.uniform(0.1, 1, N)
    return {"y": middle + rng.normal(size=N), "low": low, "high": high, "cover": cover}


EXERCISES = [
    Choice(
        id="forecasting.1",
        letters="abcd",
        reference="ac",
        misconceptions=(
            Misconception(
                "a", "That one leaks, and so does another: windows that overlap must not be divided at random."
            ),
            Misconception("c", "That one leaks, and so does another: what does the mean of all years know?"),
            Misconception(
                "ab", "a leaks and b does not. So does another: windows that overlap must not be divided at random."
            ),
            Misconception(
                "ad", "a leaks and d does not. So does another: windows that overlap must not be divided at random."
            ),
            Misconception("bc", "c leaks and b does not. So does another: what does the mean of all years know?"),
            Misconception("cd", "c leaks and d does not. So does another: what does the mean of all years know?"),
            Misconception("bd", "You chose the two that are sound. The question is which leak."),
            Misconception(
                "abd", "a leaks, b and d do not. So does c: windows that overlap are divided at random there."
            ),
            Misconception("bcd", "c leaks, b and d do not. So does a: what does the mean of all years know?"),
            Misconception(
                "abcd", "Two of them are sound: what was known at the time, and the order of training windows."
            ),
            Misconception("abc", "b is no leak: at the end of the validation years its months were known."),
            Misconception("acd", "d is no leak: the order of training windows does not matter to this model."),
            Misconception("b", "That was known when the forecast is made."),
            Misconception("d", "All of these windows are from the training years."),
        ),
        hints=("For each, ask: was it known at the month when the forecast is made?", "Two of the four leak."),
    ),
    Function(
        id="forecasting.2",
        reference=_cut,
        parts=("inputs", "targets"),
        cases=[
            _series(1, 8, width=2, ahead=1, begin=3, end=8),
            _series(2, 12, width=3, ahead=2, begin=0, end=9),
            _series(3, 20, width=4, ahead=3, begin=6, end=16),
        ],
        misconceptions=(
            Misconception(
                lambda *arguments: _cut(*arguments, late=1), "The last window is missing: its targets end at end - 1."
            ),
            Misconception(_inputs_within, "Inputs may be older than begin: only the targets must lie in the part."),
            Misconception(_targets_beyond, "Your last windows have targets at end or later."),
            Misconception(_gap, "Your first target is the last input: the future begins one month later."),
            Misconception(
                lambda *arguments: tuple(part[::-1] for part in _cut(*arguments)),
                "The windows should be in order of time.",
            ),
        ),
        hints=(
            "A window whose first target is month t has inputs t - width to t - 1.",
            "t runs from max(begin, width) to end - ahead.",
        ),
    ),
    Function(
        id="forecasting.3",
        reference=_pinball,
        cases=[_quantiles(1, 1, [0.9]), _quantiles(2, 3, [0.1, 0.5]), _quantiles(3, 7, [0.2, 0.5, 0.95])],
        misconceptions=(
            Misconception(
                lambda y, forecast, q: _pinball(y, forecast, 1 - q),
                "The other way round: too low should cost q, too high 1 - q.",
            ),
            Misconception(
                lambda y, forecast, q: (q * abs(y[:, None] - forecast)).mean(),
                "Yours costs the same on both sides. Too high costs 1 - q.",
            ),
            Misconception(
                lambda y, forecast, q: _pinball(y, forecast, q) * forecast.size, "That is the sum. The mean is wanted."
            ),
            Misconception(
                lambda y, forecast, q: _pinball(y, forecast, q) * forecast.shape[1],
                "You add up over quantiles. The mean over all N and Q is wanted.",
            ),
            Misconception(
                lambda y, forecast, q: np.minimum(
                    q * (y[:, None] - forecast), (q - 1) * (y[:, None] - forecast)
                ).mean(),
                "The larger of the two is meant: yours is never positive.",
            ),
            Misconception(
                lambda y, forecast, q: np.maximum(
                    q * (y[:, None] - forecast), (1 - q) * (y[:, None] - forecast)
                ).mean(),
                "A forecast that is too high costs (1 - q) times how far it is, which is (q - 1) times the error.",
            ),
            Misconception(
                lambda y, forecast, q: (np.where(y[:, None] > forecast, q, 1 - q) * (y[:, None] - forecast)).mean(),
                "A cost is positive: of a forecast that is too high the error is negative, and yours gains by it.",
            ),
        ),
        hints=("The error is y[:, None] - forecast, (N, Q).", "np.maximum of q * error and (q - 1) * error."),
    ),
    Function(
        id="forecasting.4",
        reference=_width,
        cases=[
            _intervals(1, 4, 0.5),
            _intervals(2, 11, 0.8),
            _intervals(3, 23, 0.9),
            _intervals(4, 9, 0.6, scale=9.0),
        ],
        misconceptions=(
            Misconception(
                lambda y, low, high, cover: max(0.0, _width(y, low, high, cover)),
                "Intervals that are too wide should get narrower.",
            ),
            Misconception(
                lambda y, low, high, cover: _outside(y, low, high)[int(cover * len(y)) - 1],
                "One target too few lies inside when cover times N is no whole number: round up.",
            ),
            Misconception(
                lambda y, low, high, cover: _outside(y, low, high)[-1],
                "That holds all targets. A share of them is enough.",
            ),
            Misconception(
                lambda y, low, high, cover: np.sort(abs(y - (low + high) / 2))[int(np.ceil(cover * len(y))) - 1],
                "That is measured from the middle. Measure from the nearer end.",
            ),
            Misconception(
                lambda y, low, high, cover: _outside(y, low, high)[int(np.ceil((1 - cover) * len(y))) - 1],
                "A share of 1 - cover lies inside yours.",
            ),
            Misconception(
                lambda y, low, high, cover: np.quantile(_outside(y, low, high), cover),
                "np.quantile may go between two of them. The ceil(cover * N)-th smallest is meant.",
            ),
            Misconception(
                lambda y, low, high, cover: _outside(y, low, high)[int(cover * len(y))],
                "The ceil(cover * N)-th smallest has the index ceil(cover * N) - 1.",
            ),
            Misconception(
                lambda y, low, high, cover: np.sort(y - high)[int(np.ceil(cover * len(y))) - 1],
                "You look above the intervals only. A target may lie below.",
            ),
        ),
        hints=(
            "max(low - y, y - high) is what each interval lacks, negative where y is inside.",
            "Sort it; the ceil(cover * N)-th smallest is enough.",
        ),
    ),
]
