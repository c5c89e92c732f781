"""The exercises of the chapter on speed: what limits a step, counting, the joint matrix, slopes, checkpoints, the roof."""

import math

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _weights_case(seed, D, H):
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(size=(3 * H, D)), "b": rng.normal(size=3 * H), "U": rng.normal(size=(3 * H, H))}


def _joint(W, b, U, order=(0, 1, 2), sign=-1, first=0):
    H = U.shape[1]
    blocks = (W, b[:, None], U)
    return sign * np.hstack([blocks[i] for i in order])[first * H : (first + 2) * H]


def _slopes_case(seed, *shape):
    rng = np.random.default_rng(seed)
    h, n, m = rng.uniform(-1, 1, (3, *shape))
    r, z = rng.uniform(0.1, 0.9, (2, *shape))
    return {"h": h, "r": r, "z": z, "n": n, "m": m}


def _slopes(h, r, z, n, m, of_r=1.0):
    of_n = (1 - z) * (1 - n**2)
    return of_n, of_r * of_n * m * r * (1 - r), (h - n) * z * (1 - z)


def _kept(T, s, D, H):
    return math.ceil(T / s) * H + s * (D + 1 + 5 * H)


EXERCISES = [
    Choice(
        id="speed.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "That moves the flat part of the roof. Where on the roof is one sequence?"),
            Misconception("c", "A tanh of 512 numbers is little beside reading a million and a half of weights."),
            Misconception("d", "The weights are the same for any length: each step reads all of them again."),
        ),
        hints=("How often is a weight used once it has been read?", "Left of the bend of the roof, time is bytes."),
    ),
    Value(
        id="speed.2",
        parts=("forward", "training", "floats_kept"),
        reference=(943718400, 2831155200, 4512000),
        misconceptions=(
            Misconception(
                (629145600, 1887436800, ...),
                "Your products are two thirds of all: three blocks, each over D + H columns.",
            ),
            Misconception((1258291200, ..., ...), "You count four blocks, as an LSTM has. A GRU has three."),
            Misconception((471859200, ..., ...), "A multiplication and an addition are two operations."),
            Misconception(
                (943718400, 1887436800, ...), "That is the backward pass alone. Training runs the forward pass as well."
            ),
            Misconception((314572800, ..., ...), "There are three blocks of rows: r, z and n."),
            Misconception(
                (..., 3774873600, ...), "The backward pass has two products for each of the forward pass, not three."
            ),
            Misconception((..., ..., 70500), "That is for one sequence; there are B."),
            Misconception((..., ..., 45120), "That is for one step; there are T."),
            Misconception(
                (..., ..., 4096000),
                "Beside the five arrays of H numbers, x and a 1 are kept for each step and sequence.",
            ),
            Misconception(
                (..., ..., 819200), "More than the states is kept: the backward pass needs the gates as well."
            ),
            Misconception((..., ..., 705), "That is one step of one sequence."),
        ),
        hints=(
            "Forward: 6 H (D + H) B in each of T steps. For each of its products the backward pass has two.",
            "Floats: D + 1 + 5 H for each step and sequence.",
        ),
    ),
    Function(
        id="speed.3",
        reference=_joint,
        cases=[_weights_case(1, 1, 1), _weights_case(2, 2, 3), _weights_case(3, 4, 2)],
        misconceptions=(
            Misconception(lambda W, b, U: _joint(W, b, U, sign=1), "The sign is missing: the product should give -a."),
            Misconception(
                lambda W, b, U: _joint(W, b, U, order=(0, 2, 1)), "x, 1 and h stand in this order. So W, b, U."
            ),
            Misconception(
                lambda W, b, U: _joint(W, b, U, order=(2, 1, 0)), "x stands above h. So W comes first, U last."
            ),
            Misconception(lambda W, b, U: _joint(W, b, U, order=(1, 0, 2)), "The 1 stands between x and h. So does b."),
            Misconception(
                lambda W, b, U: _joint(W, b, U, first=1), "These are the rows of z and n. The gates are r and z."
            ),
            Misconception(
                lambda W, b, U: -np.hstack([W, b[:, None], U]),
                "The candidate's rows are not wanted: only r and z, 2H rows.",
            ),
            Misconception(
                lambda W, b, U: np.concatenate([_joint(W, b, U)[len(U) // 3 :], _joint(W, b, U)[: len(U) // 3]]),
                "The rows of r come first, then those of z.",
            ),
            Misconception(lambda W, b, U: _joint(W, -b, U), "The bias has to change its sign as well."),
        ),
        hints=(
            "b[:, None] makes a column of b. np.hstack puts matrices side by side.",
            "The first 2H rows are those of r and z. The sign of everything changes.",
        ),
    ),
    Function(
        id="speed.4",
        parts=("of_n", "of_r", "of_z"),
        reference=_slopes,
        cases=[_slopes_case(1, 1), _slopes_case(2, 3), _slopes_case(3, 2, 4)],
        misconceptions=(
            Misconception(
                lambda h, r, z, n, m: (z * (1 - n**2), z * (1 - n**2) * m * r * (1 - r), (h - n) * z * (1 - z)),
                "The candidate's share of the new state is 1 - z.",
            ),
            Misconception(
                lambda h, r, z, n, m: (*_slopes(h, r, z, n, m)[:2], (n - h) * z * (1 - z)),
                "z is the share of the old state: when it grows, h' grows by h - n.",
            ),
            Misconception(
                lambda h, r, z, n, m: ((1 - z) * (1 - n), (1 - z) * (1 - n) * m * r * (1 - r), (h - n) * z * (1 - z)),
                "The slope of tanh is 1 - n². The square is missing.",
            ),
            Misconception(
                lambda h, r, z, n, m: ((1 - z) * (1 - n**2), m * r * (1 - r), (h - n) * z * (1 - z)),
                "of_r is the whole way from h' to a_r, and it leads through the candidate: its slope is a factor.",
            ),
            Misconception(
                lambda h, r, z, n, m: (
                    (1 - z) * (1 - n**2),
                    (1 - z) * (1 - n**2) * h * r * (1 - r),
                    (h - n) * z * (1 - z),
                ),
                "Reset after: what r multiplies is m = U_n h + c_n, not h.",
            ),
            Misconception(
                lambda h, r, z, n, m: ((1 - z) * (1 - n**2), (1 - z) * (1 - n**2) * m, h - n),
                "The slopes of the two sigmoids are missing: r (1 - r) and z (1 - z).",
            ),
            Misconception(
                lambda h, r, z, n, m: _slopes(h, r, z, n, m, of_r=1 / (r * (1 - r))),
                "In of_r the slope of the sigmoid, r (1 - r), is missing.",
            ),
            Misconception(
                lambda h, r, z, n, m: _slopes(h, r, z, n, m, of_r=1 / (1 - z)),
                "In of_r the share of the candidate, 1 - z, is missing.",
            ),
            Misconception(
                lambda h, r, z, n, m: (*_slopes(h, r, z, n, m)[:2], h - n),
                "In of_z the slope of the sigmoid, z (1 - z), is missing.",
            ),
            Misconception(
                lambda h, r, z, n, m: (1 - n**2, (1 - n**2) * m * r * (1 - r), _slopes(h, r, z, n, m)[2]),
                "The candidate counts by its share only: 1 - z is missing in of_n.",
            ),
            Misconception(
                lambda h, r, z, n, m: (z * (1 - n**2), z * (1 - n**2) * m * r * (1 - r), (n - h) * z * (1 - z)),
                "Those are the slopes of the other convention. Here z is the share of the old state.",
            ),
        ),
        hints=(
            "h' = (1 - z) n + z h with n = tanh(a_n), z = sigmoid(a_z). Differentiate with respect to a_n and a_z.",
            "a_r moves r, r moves a_n by m, and a_n moves h' by of_n.",
        ),
    ),
    Function(
        id="speed.5",
        reference=_kept,
        cases=[
            {"T": 4, "s": 2, "D": 1, "H": 1},
            {"T": 256, "s": 16, "D": 8, "H": 64},
            {"T": 7, "s": 3, "D": 2, "H": 5},
            {"T": 5, "s": 5, "D": 3, "H": 2},
        ],
        misconceptions=(
            Misconception(
                lambda T, s, D, H: T // s * H + s * (D + 1 + 5 * H),
                "If s does not divide T, the rest is a segment too.",
            ),
            Misconception(
                lambda T, s, D, H: math.ceil(T / s) * H + T * (D + 1 + 5 * H),
                "That keeps the cache of all steps. With checkpoints only one segment has its cache at a time.",
            ),
            Misconception(
                lambda T, s, D, H: s * (D + 1 + 5 * H), "The states at the starts of the segments are kept as well."
            ),
            Misconception(
                lambda T, s, D, H: math.ceil(T / s) * (D + 1 + 5 * H) + s * (D + 1 + 5 * H),
                "At the start of a segment only its state is kept, H numbers.",
            ),
            Misconception(lambda T, s, D, H: math.ceil(T / s) * H + s * 5 * H, "A step keeps x and a 1 as well."),
            Misconception(
                lambda T, s, D, H: s * H + math.ceil(T / s) * (D + 1 + 5 * H),
                "The other way round: the number of segments counts the states, their length the cache.",
            ),
            Misconception(
                lambda T, s, D, H: T / s * H + s * (D + 1 + 5 * H), "A part of a segment is a segment: round up."
            ),
            Misconception(
                lambda T, s, D, H: math.ceil(T / s) * H + s * (D + 5 * H), "A step keeps a 1 as well, for the biases."
            ),
        ),
        hints=(
            "How many segments are there, and what is kept of each?",
            "math.ceil(T / s) states, and the cache of s steps.",
        ),
    ),
    Value(
        id="speed.6",
        parts=("batch", "milliseconds_of_one"),
        reference=(10, 0.197),
        decimals=3,
        misconceptions=(
            Misconception(
                (5, ...), "5 FLOPs for each byte is the intensity at the bend. What is the intensity of B sequences?"
            ),
            Misconception(
                (20, ...),
                "The intensity is B/2, not B/4: a weight has 4 bytes and takes 2 operations for each sequence.",
            ),
            Misconception((..., 0.049), "A 32-bit float has 4 bytes."),
            Misconception((..., 0.157), "W is read as well: D + H columns."),
            Misconception((..., 0.02), "That is the arithmetic at the peak. With one sequence reading is the limit."),
            Misconception((..., 0.066), "There are three blocks of rows: 3H."),
            Misconception((..., 0.393), "A float has 4 bytes here, not 8."),
            Misconception((..., 0.000197), "That is in seconds. Milliseconds are asked for."),
        ),
        hints=(
            "The bend is where intensity times bandwidth is the peak.",
            "Bytes of the weights: 4 · 3H · (D + H). Divide by the bandwidth.",
        ),
    ),
]
