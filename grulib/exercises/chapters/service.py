"""The exercises of the chapter A GRU in service: streams, a budget, weights in bytes, and states that are left behind."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _weights_case(seed, M, N, scale=1.0):
    W = np.random.default_rng(seed).normal(size=(M, N)) * scale
    return {"W": W * np.arange(1, M + 1)[:, None]}


def _in_bytes(W, most=127, scale=None, rounding=np.round):
    scale = abs(W).max(axis=1) / most if scale is None else scale
    return rounding(W / scale[:, None]).astype(np.int8), scale


def _one_scale(W):
    return np.full(len(W), abs(W).max() / 127)


def _by_columns(W):
    scale = abs(W).max(axis=0) / 127
    return np.round(W / scale).astype(np.int8), scale


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
    Value(
        id="service.2",
        parts=("products", "bytes_of_weights", "in_a_second"),
        reference=(39168, 39168, 4896000),
        misconceptions=(
            Misconception((13056, ..., ...), "That is one gate. There are three blocks of H rows."),
            Misconception((52224, ..., ...), "You count four blocks, as an LSTM has."),
            Misconception((78336, ..., ...), "A product with its addition counts once here."),
            Misconception((11520, ..., ...), "You left out the state: each row has D + H columns."),
            Misconception((27648, ..., ...), "You left out the inputs: each row has D + H columns."),
            Misconception((..., 156672, ...), "Those are bytes in 32 bits. In int8 a weight is one byte."),
            Misconception((..., 313344, ...), "Those are bits. A weight in int8 is one byte."),
            Misconception((..., ..., 39168), "That is one step. A second has 125 of them."),
            Misconception((..., ..., 3916800), "There are 125 frames in this second, not 100."),
            Misconception((40896, ..., ...), "Biases are added, not multiplied."),
        ),
        hints=("3H rows, each with D + H columns.", "One product for each weight, one byte for each weight."),
    ),
    Function(
        id="service.3",
        parts=("whole", "scale"),
        reference=_in_bytes,
        cases=[_weights_case(1, 2, 3), _weights_case(2, 4, 5), _weights_case(3, 3, 7, 0.01), _weights_case(4, 5, 5)],
        misconceptions=(
            Misconception(lambda W: _in_bytes(W, scale=_one_scale(W)), "You use one scale for the whole matrix."),
            Misconception(_by_columns, "Your scales belong to columns. Each row has its own."),
            Misconception(lambda W: _in_bytes(W, rounding=np.trunc), "You cut off what is behind the point. Round."),
            Misconception(lambda W: _in_bytes(W, rounding=np.floor), "You round down. Round to the nearest."),
            Misconception(
                lambda W: _in_bytes(W, most=128), "Your largest entry becomes 128, which int8 turns into -128."
            ),
            Misconception(
                lambda W: (_in_bytes(W)[0].astype(float), _in_bytes(W)[1]), "Your whole numbers are not of dtype int8."
            ),
            Misconception(
                lambda W: (_in_bytes(W)[0], 1 / _in_bytes(W)[1]),
                "Your scale is upside down: scale times the whole number is the weight.",
            ),
            Misconception(
                lambda W: (_in_bytes(W)[0], _in_bytes(W)[1][:, None]), "The scales should have the shape (M,)."
            ),
            Misconception(lambda W: _in_bytes(W, most=63.5), "Half of the range is not used: the largest is 127."),
            Misconception(
                lambda W: _in_bytes(W, scale=W.max(axis=1) / 127),
                "The largest entry by size may be negative: take the absolute value first.",
            ),
        ),
        hints=("The scale of a row is abs(row).max() / 127.", "np.round(W / scale[:, None]).astype(np.int8)"),
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
