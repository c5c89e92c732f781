"""The exercises of the introduction: reading the notation, shapes, translating between conventions."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU


def _document_d_case(seed, D, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = {"W_x": (D, H), "W_h": (H, H), "b_": (H,)}
    return {
        "p": {f"{name}{gate}": rng.normal(size=shape).astype(dtype) for name, shape in shapes.items() for gate in "rzn"}
    }


def _from_document_d(p, order="rzn", transposed=("W_x", "W_h"), z_sign=1):
    def stack(name):
        blocks = {gate: p[f"{name}{gate}"] * (z_sign if gate == "z" else 1) for gate in "rzn"}
        return np.concatenate([blocks[gate].T if name in transposed else blocks[gate] for gate in order])

    return stack("W_x"), stack("W_h"), stack("b_")


def _stacked_case(seed, D, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    W, U, b = rng.normal(size=(3 * H, D)), rng.normal(size=(3 * H, H)), rng.normal(size=3 * H)
    return {"W": W.astype(dtype), "U": U.astype(dtype), "b": b.astype(dtype)}


def _turn(W, U, b, block=1, names="WUb"):
    """The sign of one block of rows turned (0 is r, 1 is z, 2 is n), in the arrays named."""
    H = U.shape[1]
    turned = {"W": W.copy(), "U": U.copy(), "b": b.copy()}
    for name in names:
        turned[name][block * H : (block + 1) * H] *= -1
    return tuple(turned.values())


def _exchanged(W, U, b):
    H = U.shape[1]
    return tuple(np.concatenate([array[H : 2 * H], array[:H], array[2 * H :]]) for array in (W, U, b))


def _one_minus_weights(W, U, b):
    rows = slice(U.shape[1], 2 * U.shape[1])
    arrays = W.copy(), U.copy(), b.copy()
    for array in arrays:
        array[rows] = 1 - array[rows]
    return arrays


def _steps_to_forget(z_bias, late=0, of_units=np.max, z_sign=1):
    """Steps without input until the states begun at zero and at (0.9, -0.9, 0.5) are within 0.01, in the unit of the chapter."""
    rng = np.random.default_rng(0)
    W, U = (
        np.concatenate([rng.normal(size=(3, 1)) for _ in "rzn"]),
        np.concatenate([rng.normal(size=(3, 3)) for _ in "rzn"]),
    )
    sign = np.repeat([1, z_sign, 1], 3)[:, None]
    unit = GRU(sign * W, sign * U, np.repeat([0.0, z_sign * z_bias, 0.0], 3), reset="before")
    states, _ = unit.forward(np.zeros((2, 200, 1)), np.array([[0.0, 0.0, 0.0], [0.9, -0.9, 0.5]]))
    return int(np.argmax(of_units(abs(states[0] - states[1]), axis=1) < 0.01)) + 1 + late


EXERCISES = [
    Choice(
        id="introduction.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception(
                "a", "You read z as the share of the new state. Which of n and h does z multiply in the fourth line?"
            ),
            Misconception("c", "For that, candidates would have to get in. How large is 1 - z when b_z is 10?"),
            Misconception("d", "A bias goes into the gate like an input does. What is sigmoid(10), roughly?"),
        ),
        hints=(
            "What is z, roughly, when 10 is added inside its sigmoid?",
            "With z near 1 the fourth line reads: new state = old state. What was the old state before the first input?",
        ),
    ),
    Value(
        id="introduction.2",
        reference={"W_z": (100, 50), "U_n": (100, 100), "W": (300, 50), "x": (8, 12, 50), "states": (8, 12, 100)},
        misconceptions=(
            Misconception(
                {"W_z": (50, 100), "U_n": ..., "W": ..., "x": ..., "states": ...},
                "Your W_z is transposed. In W x the matrix stands on the left of a column of D numbers and gives H numbers.",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": (100, 50), "x": ..., "states": ...},
                "Your W is one gate's matrix. How many such matrices are stacked?",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": (100, 150), "x": ..., "states": ...},
                "Your W has the three matrices side by side. They are stacked on top of each other.",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": ..., "x": (12, 8, 50), "states": ...},
                "Your x has the time first. In this book the batch comes first.",
            ),
            Misconception(
                {"W_z": ..., "U_n": (100, 50), "W": ..., "x": ..., "states": ...},
                "U_n multiplies the state, not the input. How many numbers has a state?",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": ..., "x": ..., "states": (8, 100)},
                "That is the last state of each sequence. The question is about the array of all states.",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": ..., "x": ..., "states": (12, 8, 100)},
                "Your array of states has the time first. In this book the batch comes first.",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": (50, 300), "x": ..., "states": ...},
                "Your W is transposed. It stands on the left of a column of D numbers, like each matrix in it.",
            ),
            Misconception(
                {"W_z": ..., "U_n": ..., "W": ..., "x": ..., "states": (8, 13, 100)},
                "h_0 is where the sequence starts. It is none of the states that come out.",
            ),
        ),
        hints=(
            "A matrix has as many rows as it gives numbers, and as many columns as it takes.",
            "Stacking is on top of each other: three times the rows. Arrays of sequences have the order batch, time, entries.",
        ),
    ),
    Function(
        id="introduction.3",
        reference=_from_document_d,
        parts=("W", "U", "b"),
        cases=[
            _document_d_case(1, 1, 1),
            _document_d_case(2, 2, 1),
            _document_d_case(3, 1, 2),
            _document_d_case(4, 3, 2),
            _document_d_case(5, 2, 4, np.float32),
            _document_d_case(6, 5, 5),
        ],
        misconceptions=(
            Misconception(
                lambda p: _from_document_d(p, transposed=["W_x"]),
                "Your U holds document D's matrices as they are. They are square, so nothing complains, but rows multiply from the left.",
            ),
            Misconception(
                lambda p: _from_document_d(p, transposed=()),
                "The matrices are not transposed. A row times W is a column W.T times the row's transpose.",
            ),
            Misconception(
                lambda p: _from_document_d(p, order="zrn"), "Your gates come as z, r, n. This book stacks r, z, n."
            ),
            Misconception(
                lambda p: _from_document_d(p, z_sign=-1),
                "You turned the sign of the update gate. Read the exercise again: what is z the share of in document D?",
            ),
        ),
        hints=(
            "First one gate: which matrix M has M x = the transpose of (x as a row) times W_xz?",
            "Transpose each matrix, leave the biases, and concatenate in the order r, z, n.",
        ),
    ),
    Function(
        id="introduction.4",
        reference=_turn,
        parts=("W", "U", "b"),
        cases=[
            _stacked_case(1, 1, 1),
            _stacked_case(2, 2, 2),
            _stacked_case(3, 3, 4, np.float32),
            _stacked_case(4, 1, 5),
        ],
        misconceptions=(
            Misconception(
                lambda W, U, b: _turn(W, U, b, names="WU"),
                "The bias of the update gate keeps its sign in your answer. With zero biases nobody would notice.",
            ),
            Misconception(
                lambda W, U, b: _turn(W, U, b, names="Wb"), "Your U is unchanged. The state goes into the gate as well."
            ),
            Misconception(
                lambda W, U, b: _turn(W, U, b, names="b"),
                "You turned the bias alone. All that goes into the gate has to change its sign, W x and U h too.",
            ),
            Misconception(
                lambda W, U, b: _turn(W, U, b, names="W"),
                "You turned W alone. All that goes into the gate has to change its sign, U h and the bias too.",
            ),
            Misconception(
                lambda W, U, b: _turn(W, U, b, block=0),
                "You turned the first block of rows. Which gate is it, in the order r, z, n?",
            ),
            Misconception(
                lambda W, U, b: _turn(W, U, b, block=2), "You turned the last block of rows, which is the candidate's."
            ),
            Misconception(lambda W, U, b: (-W, -U, -b), "You turned everything. Only one gate has two meanings."),
            Misconception(
                _one_minus_weights,
                "You took 1 minus the weights. The gate is 1 minus the other gate; its argument is not.",
            ),
            Misconception(
                lambda W, U, b: (W, U, b),
                "Nothing has changed. Is z the same share of the old state in both conventions?",
            ),
            Misconception(
                _exchanged,
                "You exchanged the blocks of r and z. The order is the same in both; what z means differs.",
            ),
        ),
        hints=(
            "sigmoid(-a) = 1 - sigmoid(a). What has to change its sign so that all of a does?",
            "The rows of z are those from H to 2H, in W, in U and in b. Copy before you change.",
        ),
    ),
    Value(
        id="introduction.5",
        parts=("bias_0", "bias_2"),
        reference=(_steps_to_forget(0.0), _steps_to_forget(2.0)),
        misconceptions=(
            Misconception(
                (_steps_to_forget(0.0, late=-1), _steps_to_forget(2.0, late=-1)),
                "You are one step early: the state after the first input is the state after 1 step, though its index is 0.",
            ),
            Misconception(
                (_steps_to_forget(0.0, of_units=np.min), _steps_to_forget(2.0, of_units=np.min)),
                "You stop when any entry is close. Every entry has to be: np.all, or the largest difference.",
            ),
            Misconception((..., _steps_to_forget(-2.0)), "That is with a bias of -2. Which sign keeps the old state?"),
            Misconception(
                (..., _steps_to_forget(0.0)),
                "That is the number with the bias at 0. Did the bias reach the update gate?",
            ),
            Misconception(
                (_steps_to_forget(2.0), _steps_to_forget(0.0)), "You have the two numbers the wrong way round."
            ),
            Misconception(
                (_steps_to_forget(0.0, z_sign=-1), _steps_to_forget(2.0, z_sign=-1)),
                "In your run z is the share of the new state. Here it is the share of the old one.",
            ),
        ),
        hints=(
            "Run the loop twice side by side, from zeros and from the other state, with inputs 0, and print the largest difference.",
            "Use b | {'z': np.full(H, 2.0)} for the second number, and count the steps from 1.",
        ),
    ),
]
