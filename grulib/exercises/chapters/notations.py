"""The exercises of the chapter Notations: reading formulas, carrying weights over, and telling variants apart."""

import itertools

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import sigmoid


def black_box(W, U, b, x, h):
    """One step of an unknown variant: W (6, 1), U (6, 2), b (6,), x (1,) and h (2,) to the new state (2,)."""
    W_n, W_r, W_z = np.split(W, 3)
    U_n, U_r, U_z = np.split(U, 3)
    b_n, b_r, b_z = np.split(b, 3)
    r, z = sigmoid(W_r @ x + U_r @ h + b_r), sigmoid(W_z @ x + U_z @ h + b_z)
    return (1 - z) * h + z * np.tanh(W_n @ x + b_n + r * (U_n @ h))


def _torch_case(seed, D, H, dtype=np.float64):
    return {"weight_ih": np.random.default_rng(seed).normal(size=(3 * H, D)).astype(dtype)}


def _to_kernel(weight_ih, order=(1, 0, 2)):
    gates = np.split(weight_ih, 3)
    return np.concatenate([gates[i] for i in order]).T


def _a_case(seed, D, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=(H, H + D)).astype(dtype) for name in ("W_z", "W_r", "W")}


def _a_to_d(W_z, W_r, W, signs=(-1, 1, 1), state_first=True, turn_x=True, turn_h=True):
    H, D = len(W), W.shape[1] - len(W)
    x, h = (slice(H, None), slice(H)) if state_first else (slice(D), slice(D, None))
    matrices = []
    for sign, M in zip(signs, (W_z, W_r, W)):
        matrices += [sign * (M[:, x].T if turn_x else M[:, x]), sign * (M[:, h].T if turn_h else M[:, h])]
    return tuple(matrices)


def _exchanged_in_pairs(matrices):
    return tuple(matrices[i] for i in (1, 0, 3, 2, 5, 4))


def _step_case(seed, D, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    sizes = {"M": (3 * H, 1 + D + H), "x": (D,), "h": (H,)}
    return {name: rng.normal(size=size).astype(dtype) for name, size in sizes.items()}


def _step(M, x, h, order="nzr", z_of="new", scaled="h", after=False):
    block = dict(zip(order, np.split(M, 3)))
    column = np.concatenate([np.ones(1, M.dtype), x, h])
    r, z = sigmoid(block["r"] @ column), sigmoid(block["z"] @ column)
    if after:
        n = np.tanh(block["n"][:, : -len(h)] @ column[: -len(h)] + r * (block["n"][:, -len(h) :] @ h))
    elif scaled == "everything":
        n = np.tanh(r * (block["n"] @ column))
    elif scaled == "nothing":
        n = np.tanh(block["n"] @ column)
    else:
        n = np.tanh(block["n"] @ np.concatenate([column[: -len(h)], r * h]))
    return (1 - z) * h + z * n if z_of == "new" else (1 - z) * n + z * h


def _without_biases(M):
    return np.concatenate([0 * M[:, :1], M[:, 1:]], axis=1)


def _state_first(M, D):
    """M with its columns so arranged that acting on [1, x, h] is what M does to [1, h, x]."""
    H = M.shape[1] - 1 - D
    return np.concatenate([M[:, :1], M[:, 1 + H :], M[:, 1 : 1 + H]], axis=1)


# What one may choose of notations.4's four right letters, short of all.
SOME_OF_FOUR = ["".join(letters) for size in range(4) for letters in itertools.combinations("abdf", size)]

EXERCISES = [
    Choice(
        id="notations.1",
        letters="abcd",
        reference="ac",
        misconceptions=(
            Misconception("bd", "You found the lines of the new state's share. What is left of each line with z = 1?"),
            Misconception("a", "One more line is this one, with the parentheses multiplied out."),
            Misconception("c", "One more line is this one, with a product saved."),
            Misconception("cd", "In both of your lines z stands. But what does it multiply?"),
            Misconception("bc", "Line b: with z = 1 it is h + n - h."),
            Misconception("ab", "Line b: with z = 1 it is h + n - h."),
            Misconception("abcd", "Two of them are the other way round. Put in z = 1."),
            Misconception("b", "Line b: with z = 1 it is h + n - h."),
            Misconception("d", "Put in z = 1: what is left of line d?"),
            Misconception("ad", "Line a is one. Put z = 1 into line d: what is left?"),
        ),
        hints=("Put z = 1 into each line.", "Which lines become h' = h?"),
    ),
    Function(
        id="notations.2",
        reference=_to_kernel,
        cases=[_torch_case(1, 1, 1), _torch_case(2, 1, 2), _torch_case(3, 4, 3), _torch_case(4, 6, 2, np.float32)],
        misconceptions=(
            Misconception(lambda weight_ih: weight_ih.T, "Transposed, but the gates are still in the order r, z, n."),
            Misconception(
                lambda weight_ih: weight_ih.reshape(weight_ih.shape[::-1]),
                "reshape keeps the order in memory and moves every number to another place. Transpose.",
            ),
            Misconception(
                lambda weight_ih: _to_kernel(weight_ih).T.reshape(weight_ih.shape[::-1]),
                "The order is right, and then comes a reshape, which moves every number to another place. Transpose.",
            ),
            Misconception(
                lambda weight_ih: _to_kernel(weight_ih).T,
                "The order is right. In Keras the inputs are the rows: the shape is (D, 3H).",
            ),
            Misconception(lambda weight_ih: _to_kernel(weight_ih, (1, 2, 0)), "Your gates are in the order z, n, r."),
            Misconception(lambda weight_ih: _to_kernel(weight_ih, (2, 0, 1)), "Your gates are in the order n, r, z."),
            Misconception(lambda weight_ih: _to_kernel(weight_ih, (2, 1, 0)), "Your gates are in the order n, z, r."),
            Misconception(
                lambda weight_ih: _to_kernel(
                    np.concatenate([-w if i == 1 else w for i, w in enumerate(np.split(weight_ih, 3))])
                ),
                "You turned the sign of the update gate. Keras and PyTorch agree on what z means.",
            ),
        ),
        hints=(
            "np.split(weight_ih, 3) gives the three gates of PyTorch, in its order.",
            "Put them together as z, r, n, and transpose.",
        ),
    ),
    Function(
        id="notations.3",
        reference=_a_to_d,
        parts=("W_xz", "W_hz", "W_xr", "W_hr", "W_xh", "W_hh"),
        cases=[_a_case(1, 1, 1), _a_case(2, 2, 1), _a_case(3, 3, 2), _a_case(4, 3, 3), _a_case(5, 1, 4, np.float32)],
        misconceptions=(
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, signs=(1, 1, 1)),
                "The update gate's sign is not turned: in document A z is the share of the new state, in D of the old one.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, signs=(1, -1, 1)),
                "You turned the sign of the reset gate. It has one meaning only; which gate has two?",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, signs=(-1, -1, -1)),
                "You turned all signs. Only one gate has two meanings.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, state_first=False),
                "You cut as if the long column were [x, h]. In document A the state comes first.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, turn_h=False),
                "The matrices of the state are not transposed. They are square, so no shape complains.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(1 - W_z, W_r, W, signs=(1, 1, 1)),
                "You took 1 - W_z. The gate is 1 minus the other gate; its weights are minus the other's.",
            ),
            Misconception(
                lambda W_z, W_r, W: _exchanged_in_pairs(_a_to_d(W_z, W_r, W)),
                "Each pair is in the wrong order: first the matrix of the input, then that of the state.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, turn_x=False, turn_h=False),
                "Nothing is transposed. Document D writes rows, with the matrix on the right.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W)[2:4] + _a_to_d(W_z, W_r, W)[:2] + _a_to_d(W_z, W_r, W)[4:],
                "The pair of z comes first, then that of r.",
            ),
            Misconception(
                lambda W_z, W_r, W: (-_a_to_d(W_z, W_r, W)[0], *_a_to_d(W_z, W_r, W)[1:]),
                "The sign has to change in both matrices of z. W_xz still has the old one.",
            ),
            Misconception(
                lambda W_z, W_r, W: (_a_to_d(W_z, W_r, W)[0], -_a_to_d(W_z, W_r, W)[1], *_a_to_d(W_z, W_r, W)[2:]),
                "The sign has to change in both matrices of z. W_hz still has the old one.",
            ),
            Misconception(
                lambda W_z, W_r, W: _a_to_d(W_z, W_r, W, signs=(1, 1, 1), turn_x=False, turn_h=False),
                "Two things are missing: the matrices are not transposed, and z's sign is not turned.",
            ),
        ),
        hints=(
            "First one gate: the first H columns act on h, the other D on x.",
            "Cut, transpose both parts, and turn the sign where z changes its meaning.",
        ),
    ),
    Choice(
        id="notations.4",
        letters="abcdef",
        reference="abdf",
        misconceptions=(
            Misconception("abcdf", "C to PyTorch is possible, but back? Document C has no biases."),
            Misconception("abdef", "D resets before the product, PyTorch after it. No weights make up for that."),
            Misconception("abd", "ONNX with linear_before_reset=0 resets before. What are two biases in one sum?"),
            Misconception("abf", "Flax linen has four biases: b for each gate, and one more. Which one?"),
            Misconception("bdf", "Document A turned round: its z can be changed, and missing biases are zeros."),
            Misconception("adf", "Document C resets after, as PyTorch does. Missing biases are zeros."),
            *(
                Misconception(letters, "What you chose is possible, and it is not all: go through the others again.")
                for letters in SOME_OF_FOUR[1:11]
            ),
            *(
                Misconception(
                    "".join(sorted("c" + letters)),
                    "C to PyTorch is possible, but back? Document C has no biases. And look at the others again.",
                )
                for letters in SOME_OF_FOUR
            ),
            *(
                Misconception(
                    "".join(sorted("e" + letters)),
                    "D resets before the product, PyTorch after it: e is not possible. And look at the others again.",
                )
                for letters in SOME_OF_FOUR
            ),
            *(
                Misconception(
                    "".join(sorted("ce" + letters)),
                    "c has no place for a bias, and in e the reset moves: neither is possible. And look at the others again.",
                )
                for letters in SOME_OF_FOUR
            ),
            Misconception("abcdef", "Two of them are not. In which does the reset move, in which is there no place?"),
        ),
        hints=(
            "Two reasons make it impossible: another place of the reset, or a bias without a place.",
            "Signs, cuts, transposes and zeros for what is missing are always possible. So is a sum of two biases that act as a sum.",
        ),
    ),
    Function(
        id="notations.5",
        reference=_step,
        cases=[_step_case(1, 1, 1), _step_case(2, 1, 2), _step_case(3, 3, 2), _step_case(4, 2, 4, np.float32)],
        misconceptions=(
            Misconception(
                lambda M, x, h: _step(M, x, h, order="rzn"), "You read the blocks as r, z, n. They come as n, z, r."
            ),
            Misconception(
                lambda M, x, h: _step(M, x, h, order="zrn"), "You read the blocks as z, r, n. They come as n, z, r."
            ),
            Misconception(
                lambda M, x, h: _step(M, x, h, z_of="old"),
                "z and 1 - z have changed places: here z is the share of the new state.",
            ),
            Misconception(
                lambda M, x, h: _step(M, x, h, scaled="everything"),
                "You multiply all of the candidate's sum by r. The reset acts on h, before the product.",
            ),
            Misconception(lambda M, x, h: _step(M, x, h, scaled="nothing"), "The reset gate is not used."),
            Misconception(
                lambda M, x, h: _step(_state_first(M, len(x)), x, h),
                "Your long column is [1, h, x]. Here the input stands before the state.",
            ),
            Misconception(
                lambda M, x, h: _step(M, x, h, after=True),
                "You reset after the product. Here h is multiplied by r first.",
            ),
            Misconception(
                lambda M, x, h: _step(_without_biases(M), x, h),
                "The biases are not used. The first column of M multiplies the 1.",
            ),
        ),
        hints=(
            "Cut M into three blocks of rows. np.concatenate([[1.0], x, h]) is the long column.",
            "The gates read [1, x, h], the candidate [1, x, r * h].",
        ),
    ),
    Value(
        id="notations.6",
        reference=("nrz", "new", "after"),
        parts=("order", "z_of", "reset"),
        misconceptions=(
            Misconception(("rnz", ..., ...), "You have r and n exchanged: the candidate's block makes the state 0.9."),
            Misconception(("rzn", ..., ...), "That is the home order. Set one block of biases to 40, and look."),
            Misconception(
                ("zrn", ..., ...), "That is the order of Keras and ONNX. Set one block of biases to 40, and look."
            ),
            Misconception(
                ("nzr", ..., ...),
                "You have r and z exchanged: the reset gate's block is the one that does nothing when all weights are zero.",
            ),
            Misconception((..., "old", ...), "With the update gate's biases at 40, does the state stay or vanish?"),
            Misconception(
                (..., ..., "before"),
                "Take U_n with one entry off the diagonal, r = (0, 1) and h = (1, 0): does unit 2 hear anything?",
            ),
        ),
        hints=(
            "probe(black_box) makes the four probes of the text.",
            "By hand: zero W and U, and 40 in one block of b after the other, with h = (0.8, 0.8).",
        ),
    ),
]
