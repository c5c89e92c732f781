"""The exercises of the chapter A GRU in service: streams, a budget, and states that are left behind."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception


def _largest(D, bytes_of_memory, blocks=3, biases=2, size=1, ended=np.floor):
    # blocks * H * (D + H + biases) * size <= bytes_of_memory, solved for H
    most = bytes_of_memory / (blocks * size)
    return int(ended((np.sqrt((D + biases) ** 2 + 4 * most) - (D + biases)) / 2 + 1e-9))


def _streams_case(seed, B, H, ended):
    rng = np.random.default_rng(seed)
    return {"h": rng.uniform(0.1, 0.9, (B, H)), "begins": rng.uniform(-0.5, 0.5, H), "ended": np.array(ended)}


def _next(h, begins, ended):
    return np.where(ended[:, None], begins, h)


EXERCISES = [
    Choice(
        id="service.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "What does the backward direction read first, and when does that come?"),
            Misconception("c", "It has a state of its own, which begins at the other end."),
            Misconception("d", "A short packet has an end, but not the end of the call, where training had it begin."),
        ),
        hints=("Where does the backward direction begin?", "Has that frame been spoken yet?"),
    ),
    Function(
        id="service.2",
        reference=_largest,
        cases=[
            {"D": D, "bytes_of_memory": memory}
            for D, memory in ((40, 4000), (5, 4000), (64, 8640), (12, 4184), (100, 12368), (64, 248_832))
        ],
        misconceptions=(
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, size=4),
                "That is for weights in 32 bits. Here each takes one byte.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, blocks=1),
                "That is one gate. There are three blocks of H rows.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, blocks=4),
                "You count four blocks, as an LSTM has.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, biases=0),
                "You left out the biases, 6H of them.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, biases=1),
                "There are two biases for each row, 6H in all.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(0, bytes_of_memory),
                "You left out the inputs: each row has D + H columns.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory) + 1,
                "One unit too many: that does not fit any more.",
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory) - 1, "One unit too few: another one would fit."
            ),
            Misconception(
                lambda D, bytes_of_memory: _largest(D, bytes_of_memory, size=1 / 8),
                "Memory is given in bytes, not in bits.",
            ),
            Misconception(
                lambda D, bytes_of_memory: int(bytes_of_memory // (3 * (D + 2))),
                "You left out the recurrent weights: each row has D + H columns.",
            ),
        ),
        hints=(
            "It needs 3H(D + H) + 6H bytes.",
            "Try H = 1, 2, 3, ... until it does not fit any more; or solve for H.",
        ),
    ),
    Function(
        id="service.3",
        reference=_next,
        cases=[
            _streams_case(1, 1, 2, [True]),
            _streams_case(2, 2, 3, [False, True]),
            _streams_case(3, 4, 4, [True, False, False, True]),
            _streams_case(4, 3, 2, [False, False, False]),
        ],
        misconceptions=(
            Misconception(
                lambda h, begins, ended: h, "Nothing is reset: a stream would begin in the state of another."
            ),
            Misconception(lambda h, begins, ended: _next(h, begins, ~ended), "You reset the streams that go on."),
            Misconception(
                lambda h, begins, ended: _next(h, 0 * begins, ended),
                "You reset to zero. These streams begin in the state `begins`.",
            ),
            Misconception(
                lambda h, begins, ended: _next(h, begins, ended | ended.any()),
                "When one stream ends, you reset all of them.",
            ),
            Misconception(
                lambda h, begins, ended: _next(h, h + begins, ended),
                "You add what a stream begins with to what was left behind.",
            ),
            Misconception(
                lambda h, begins, ended: h[~ended],
                "The rows of ended streams are gone. Another stream takes each of them.",
            ),
            Misconception(
                lambda h, begins, ended: np.tile(begins, (len(h), 1)), "You reset every stream at every step."
            ),
            Misconception(
                lambda h, begins, ended: _next(h, begins, np.roll(ended, 1)),
                "Each stream has its own row: row i belongs to ended[i].",
            ),
            Misconception(
                lambda h, begins, ended: np.where(ended[:, None], np.nan, h),
                "A row that has ended must begin anew, with numbers.",
            ),
            Misconception(
                lambda h, begins, ended: _next(h, begins[::-1], ended), "You have turned the units of `begins` round."
            ),
        ),
        hints=("ended[:, None] is True or False for each row.", "np.where(ended[:, None], begins, h)"),
    ),
    Choice(
        id="service.4",
        letters="abcd",
        reference="c",
        misconceptions=(
            Misconception("a", "Weights do not change in service. What does, from one frame to the next?"),
            Misconception("b", "The first caller after each start has the same batch."),
            Misconception("d", "Rounding does not begin anew with a new caller, and it did not add up."),
        ),
        hints=("What does the second caller get that the first has not?", "What is kept between frames?"),
    ),
]
