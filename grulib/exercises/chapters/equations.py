"""The exercises of the chapter The equations: the four lines, their limits, biases, parameters and diagram."""

import numpy as np
import sympy as sp
from torch import nn

from grulib.exercises.kinds import Expression, Function, Misconception, Value
from grulib.gru import GRU, sigmoid

z, k = sp.symbols("z k", positive=True)


def _blend(z, n=-0.6, h=0.4):
    return (1 - z) * n + z * h


def _sequence_case(seed, B, T, D, H, reset, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = {"W": (3 * H, D), "U": (3 * H, H), "b": (3 * H,), "c": (H,), "x": (B, T, D), "h0": (B, H)}
    case = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    case["h0"] = np.tanh(case["h0"])
    return case | {"c": None if reset == "before" else case["c"], "reset": reset}


def _sequence(W, U, b, c, x, h0, reset):
    return GRU(W, U, b, c, reset=reset).forward(x, h0)[0]


def _rows_as_zrn(W, U, b, c, x, h0, reset):
    def exchanged(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    return _sequence(exchanged(W), exchanged(U), exchanged(b), c, x, h0, reset)


def _z_turned(W, U, b, c, x, h0, reset):
    sign = np.repeat([1, -1, 1], len(U) // 3).astype(W.dtype)
    return _sequence(W * sign[:, None], U * sign[:, None], b * sign, c, x, h0, reset)


def _other_reset(W, U, b, c, x, h0, reset):
    """Reset after where it should be before, with no c; before where it should be after, with c added to b."""
    b = b.copy()
    if reset == "after":
        b[-len(c) :] += c
    return _sequence(W, U, b, None, x, h0, "after" if reset == "before" else "before")


def _c_outside(W, U, b, c, x, h0, reset):
    b = b.copy()
    if c is not None:
        b[-len(c) :] += c
    return _sequence(W, U, b, None, x, h0, reset)


def _U_transposed(W, U, b, c, x, h0, reset):
    return _sequence(W, np.concatenate([block.T for block in np.split(U, 3)]), b, c, x, h0, reset)


def _always(other):
    """The sequence with one reset, whatever is asked for; c counts as zero where there is none."""

    def answer(W, U, b, c, x, h0, reset):
        if other == "before" and reset == "after":
            return _other_reset(W, U, b, c, x, h0, reset)
        return _sequence(W, U, b, c, x, h0, other)

    return answer


def _without_b_n(W, U, b, c, x, h0, reset):
    return _sequence(W, U, b * np.repeat([1, 1, 0], len(b) // 3).astype(b.dtype), c, x, h0, reset)


def _b_n_inside(W, U, b, c, x, h0, reset):
    if reset == "before":
        return _sequence(W, U, b, c, x, h0, reset)
    return _without_b_n(W, U, b, c + b[-len(c) :], x, h0, reset)


def _never_updated(W, U, b, c, x, h0, reset):
    steps = [_sequence(W, U, b, c, x[:, t : t + 1], h0, reset) for t in range(x.shape[1])]
    return np.concatenate(steps, axis=1)


def _states_before(W, U, b, c, x, h0, reset):
    return np.concatenate([h0[:, None], _sequence(W, U, b, c, x, h0, reset)[:, :-1]], axis=1)


def _inputs_late(W, U, b, c, x, h0, reset):
    return _sequence(W, U, b, c, np.roll(x, 1, axis=1), h0, reset)


def _sequence_with_sigmoid(W, U, b, c, x, h0, reset):
    h, states = h0, []
    (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = (np.split(array, 3) for array in (W, U, b))
    for x_t in x.swapaxes(0, 1):
        r, z = sigmoid(x_t @ W_r.T + h @ U_r.T + b_r), sigmoid(x_t @ W_z.T + h @ U_z.T + b_z)
        inner = (r * h) @ U_n.T if reset == "before" else r * (h @ U_n.T + c)
        h = (1 - z) * sigmoid(x_t @ W_n.T + b_n + inner) + z * h
        states.append(h)
    return np.stack(states, axis=1)


def _biases_case(seed, H, reset, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {**{name: rng.normal(size=3 * H).astype(dtype) for name in ("b_input", "b_state")}, "reset": reset}


def _merge(b_input, b_state, reset, n_block=2):
    if reset == "before":
        return b_input + b_state, None
    H = len(b_input) // 3
    rows = slice(n_block * H, (n_block + 1) * H)
    b = b_input + b_state
    b[rows] = b_input[rows]
    return b, b_state[rows]


def _merge_twice(b_input, b_state, reset):
    return b_input + b_state, (None if reset == "before" else b_state[-len(b_state) // 3 :])


def _merge_all(b_input, b_state, reset):
    return b_input + b_state, (None if reset == "before" else np.zeros_like(b_state[: len(b_state) // 3]))


def _merge_as_after(b_input, b_state, reset):
    b, c = _merge(b_input, b_state, "after")
    return b, (None if reset == "before" else c)


def _home_parameters(reset):
    gru = GRU.random(10, 20, np.random.default_rng(0), reset=reset)
    return sum(array.size for array in (gru.W, gru.U, gru.b, gru.c) if array is not None)


def _torch_parameters(**options):
    return sum(parameter.numel() for parameter in nn.GRU(10, 20, **options).parameters())


def _reset_difference(scale, summary=np.mean, of_candidates=False, order=(0, 1, 2), z_sign=1):
    """How far apart the new states (or candidates) of the two resets are, for the random weights and states of the exercise."""
    rng = np.random.default_rng(3)
    sign = np.repeat([1, z_sign, 1], 8)[:, None]

    def drawn(columns):
        blocks = np.split(scale * rng.normal(size=(24, columns)), 3)
        return sign * np.concatenate([blocks[i] for i in order])

    W, U = drawn(2), drawn(8)
    x, h = rng.normal(size=(2000, 2)), rng.uniform(-1, 1, size=(2000, 8))
    grus = [GRU(W, U, reset=reset) for reset in ("before", "after")]
    if of_candidates:
        before, after = (gru.forward(x[:, None], h)[1].n[0] for gru in grus)
    else:
        before, after = (gru.step(x, h) for gru in grus)
    return summary(abs(before - after))


AFTER = {"r": {"x", "h"}, "z": {"x", "h"}, "m": {"h"}, "n": {"x", "r", "m"}, "new h": {"z", "n", "h"}}

EXERCISES = [
    Value(
        id="equations.1",
        parts=("new_state", "other_reading", "same_at"),
        reference=(_blend(0.25), _blend(0.75), 0.5),
        decimals=2,
        misconceptions=(
            Misconception(
                (_blend(0.75), _blend(0.25), ...),
                "You have the two readings the wrong way round. In this book z keeps the old state.",
            ),
            Misconception(
                (_blend(0.25, n=0.6), ..., ...), "A sign is lost: the candidate is -0.6, and it counts three quarters."
            ),
            Misconception(
                (_blend(0.25, h=-0.4), ..., ...), "A sign slipped: the two shares are added, and the old state is 0.4."
            ),
            Misconception(
                (..., _blend(0.75, n=0.6), ...), "A sign is lost in the other reading: the candidate is -0.6."
            ),
            Misconception(
                (..., _blend(0.75, h=-0.4), ...), "A sign slipped in the other reading: the two shares are added."
            ),
            Misconception((0.25 * -0.6 + 0.25 * 0.4, ..., ...), "You scaled both by z. The two shares add up to 1."),
            Misconception((..., ..., 0.0), "At z = 0 one reading gives the candidate, the other the old state."),
            Misconception((..., ..., 1.0), "At z = 1 one reading gives the old state, the other the candidate."),
            Misconception(
                (..., ..., 0.25), "That is the z of the question. Set the two readings equal, and solve for z."
            ),
            Misconception(
                (..., ..., 0.75),
                "That is one minus the z of the question. Set the two readings equal, and solve for z.",
            ),
            Misconception((-0.6 + 0.25 * 0.4, ..., ...), "The candidate has a share too: the two shares add up to 1."),
        ),
        hints=("Put the numbers into the blend.", "Set (1 - z) n + z h equal to (1 - z) h + z n and solve for z."),
    ),
    Value(
        id="equations.2",
        reference={"plain RNN": (1, 0), "plain RNN, document A": (1, 1), "no memory": (0, 0)},
        decimals=2,
        misconceptions=(
            Misconception(
                {"plain RNN": (1, 1), "plain RNN, document A": ..., "no memory": ...},
                "With z at 1 the unit copies its old state. A plain RNN takes the candidate whole.",
            ),
            Misconception(
                {"plain RNN": (1, 0), "plain RNN, document A": (1, 0), "no memory": ...},
                "In document A z is the share of the new state. Which z takes the candidate whole there?",
            ),
            Misconception(
                {"plain RNN": ..., "plain RNN, document A": ..., "no memory": (0, 1)},
                "With z at 1 the unit is nothing but memory. And shutting r alone hides the state only from the candidate.",
            ),
            Misconception(
                {"plain RNN": ..., "plain RNN, document A": ..., "no memory": (1, 0)},
                "With r at 1 the candidate still sees the old state.",
            ),
            Misconception(
                {"plain RNN": (0, 0), "plain RNN, document A": ..., "no memory": ...},
                "With r at 0 the candidate does not hear the old state. In a plain RNN it does.",
            ),
            Misconception(
                {"plain RNN": (1, 0), "plain RNN, document A": (0, 1), "no memory": ...},
                "In document A, too, the candidate of a plain RNN hears the old state. That is r.",
            ),
            Misconception(
                {"plain RNN": (0, 1), "plain RNN, document A": (1, 1), "no memory": (0, 0)},
                "r stands first in each pair, z second.",
            ),
        ),
        hints=(
            "Two places remember: the candidate, which sees r times h, and the blend, which has z times h.",
            "A plain RNN: the candidate sees everything, and the blend keeps nothing.",
        ),
    ),
    Function(
        id="equations.3",
        reference=_sequence,
        cases=[
            _sequence_case(1, 1, 1, 1, 1, "before"),
            _sequence_case(2, 1, 1, 1, 1, "after"),
            _sequence_case(3, 1, 1, 1, 2, "before"),
            _sequence_case(4, 1, 1, 1, 2, "after"),
            _sequence_case(5, 1, 2, 2, 2, "before"),
            _sequence_case(6, 1, 2, 2, 2, "after"),
            _sequence_case(7, 3, 5, 2, 4, "before", np.float32),
            _sequence_case(8, 2, 6, 4, 3, "after"),
        ],
        misconceptions=(
            Misconception(
                _z_turned, "z and 1 - z have changed places. What does z multiply in the blend, in this book?"
            ),
            Misconception(
                _other_reset,
                "The two resets have changed places. Before: r * h goes into the product. After: r multiplies what comes out.",
            ),
            Misconception(_always("before"), "You reset before, whatever `reset` says."),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, b, None, x, h0, "before"),
                "You reset before, whatever `reset` says, and c is left out.",
            ),
            Misconception(_always("after"), "You reset after, whatever `reset` says."),
            Misconception(
                _never_updated, "Each of your steps starts from h0. The state of one step goes into the next."
            ),
            Misconception(_without_b_n, "The candidate's bias b_n is missing."),
            Misconception(_b_n_inside, "With reset after, your b_n stands inside the reset gate. Only c does."),
            Misconception(
                _c_outside,
                "With reset after, your c stands outside the reset gate. It is added to U_n h, and r multiplies both.",
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, 0 * b, c, x, h0, reset), "The bias b is missing."
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, 2 * b, c, x, h0, reset), "The bias b is in it twice."
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, b, None, x, h0, reset),
                "The bias c, inside the reset, is missing.",
            ),
            Misconception(_rows_as_zrn, "You read the rows as z, r, n. They are stacked as r, z, n."),
            Misconception(
                _U_transposed, "The recurrent matrices are transposed. For rows of states the product is h @ U_r.T."
            ),
            Misconception(
                _states_before, "Each state is one step late: yours is the state before the step of its index."
            ),
            Misconception(_inputs_late, "Off by one in time: step t reads the input of step t - 1."),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, b, c, x, np.zeros_like(h0), reset),
                "You start from zeros. The state to start from is h0.",
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, b, c, x, h0, reset)[:, -1],
                "That is the last state. All states are wanted: collect them, and stack along the axis of time.",
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: _sequence(W, U, b, c, x, h0, reset).swapaxes(0, 1),
                "Your result has the time first. The batch comes first: stack along axis 1.",
            ),
            Misconception(
                lambda W, U, b, c, x, h0, reset: np.concatenate(
                    [h0[:, None], _sequence(W, U, b, c, x, h0, reset)], axis=1
                ),
                "h0 is among your states. It goes in, and is none of those that come out.",
            ),
            Misconception(
                _sequence_with_sigmoid,
                "Your candidate has a sigmoid. Its function is tanh.",
            ),
        ),
        hints=(
            "One step first: np.split(W, 3) gives W_r, W_z, W_n, and the same for U and b. c is None with reset before.",
            "x[:, t] has the inputs of step t for the whole batch, shape (B, D). A row times a matrix is x @ W_r.T.",
            "Keep h in a variable, start from h0, append each new state to a list, and return np.stack(states, axis=1).",
        ),
    ),
    Function(
        id="equations.4",
        reference=_merge,
        parts=("b", "c"),
        cases=[
            _biases_case(1, 1, "before"),
            _biases_case(2, 1, "after"),
            _biases_case(3, 2, "after"),
            _biases_case(4, 4, "before"),
            _biases_case(5, 5, "after", np.float32),
        ],
        misconceptions=(
            Misconception(
                _merge_all,
                "You merged the candidate's biases with reset after too. Is r a constant, so that r * c is one?",
            ),
            Misconception(
                _merge_twice, "With reset after you have the state's bias of the candidate in b and in c: twice."
            ),
            Misconception(
                _merge_as_after,
                "With reset before the candidate's two biases are both outside the gate. The second is lost in your answer.",
            ),
            Misconception(
                lambda b_input, b_state, reset: (b_input + b_state, None),
                "You merged the candidate's biases with reset after too. Is r a constant, so that r * c is one?",
            ),
            Misconception(
                lambda b_input, b_state, reset: _merge(b_input, b_state, reset, n_block=0),
                "You kept the first block apart. Which of r, z, n is the candidate's?",
            ),
            Misconception(
                lambda b_input, b_state, reset: (
                    b_input,
                    None if reset == "before" else b_state[-(len(b_state) // 3) :],
                ),
                "The biases of r and z can be added as well: in the gates both stand in one sum.",
            ),
            Misconception(
                lambda b_input, b_state, reset: _merge(b_state, b_input, reset),
                "You have the candidate's two biases exchanged. Which of them stands inside the reset?",
            ),
            Misconception(
                lambda b_input, b_state, reset: _merge(b_input, b_state, "after"),
                "With reset before there is no c: both of the candidate's biases stand outside the gate.",
            ),
        ),
        hints=(
            "Write the candidate with both biases, once for each reset. Which of them does r multiply?",
            "Everything may be added but the candidate's block (the last) of b_state with reset after: that is c.",
        ),
    ),
    Expression(
        id="equations.5",
        parts=("half_life", "bias"),
        reference=(-sp.log(2) / sp.log(z), -sp.log(2 ** (1 / k) - 1)),
        cases=[
            {"z": sp.Rational(a, 100), "k": sp.Integer(b)} for a, b in [(40, 2), (30, 3), (75, 10), (90, 64), (99, 300)]
        ],
        misconceptions=(
            Misconception(
                (-1 / sp.log(z), ...), "After that many steps a share of 1/e is left. The question is one half."
            ),
            Misconception(
                (1 / (1 - z), ...),
                "That is how many steps the average looks back over. After so many, about 1/e is left, not one half.",
            ),
            Misconception(
                (1 / (2 * (1 - z)), ...),
                "You subtract the same amount at each step. Each step keeps a share of what is left.",
            ),
            Misconception((sp.log(2) / sp.log(z), ...), "Your half-life is negative. What is the sign of log z?"),
            Misconception((..., 2 ** (-1 / k)), "That is z itself. The bias stands inside the sigmoid."),
            Misconception(
                (..., sp.log(2 ** (1 / k) - 1)),
                "Your sign is that of the other convention: a larger bias must make a longer memory.",
            ),
            Misconception(
                (sp.log(sp.Rational(1, 2)) / sp.log(1 - z), ...),
                "That is for z as the share of the new state. Here it is the share of the old one.",
            ),
            Misconception((..., sp.log(2 ** (-1 / k))), "That undoes an exponential. To be undone is the sigmoid."),
        ),
        hints=(
            "After k steps the share z**k is left.",
            "Solve z**k = 1/2 for k, and again for z. The inverse of the sigmoid is log(z / (1 - z)).",
        ),
    ),
    Value(
        id="equations.6",
        parts=("home_before", "home_after", "torch_two_layers"),
        reference=(_home_parameters("before"), _home_parameters("after"), _torch_parameters(num_layers=2)),
        misconceptions=(
            Misconception((1800, ..., ...), "The biases are missing."),
            Misconception(
                (3 * 20 * (10 + 20 + 2), ..., ...),
                "You gave the home form two biases for each gate, as PyTorch has. It has one.",
            ),
            Misconception((620, ..., ...), "That is one gate. Two gates and the candidate have weights of their own."),
            Misconception((..., _home_parameters("before"), ...), "With reset after there is one more bias, c_n."),
            Misconception((1880, 1860, ...), "You have the two resets the wrong way round. Which of them has c_n?"),
            Misconception(
                (..., 3 * 20 * (10 + 20 + 2), ...),
                "The home form has one bias for each gate, and c_n: not two for each.",
            ),
            Misconception(
                (..., ..., 2 * _torch_parameters()),
                "The second layer does not read x. Its inputs are the states of the first.",
            ),
            Misconception((..., ..., _torch_parameters()), "That is one layer."),
            Misconception((..., ..., 1860 + 2460), "PyTorch keeps two biases for each gate."),
            Misconception(
                (..., ..., 2 * _home_parameters("before")),
                "The second layer's inputs are the H states of the first, and PyTorch has two biases for each gate.",
            ),
            Misconception(
                (..., ..., 2 * _home_parameters("after")),
                "The second layer's inputs are the H states of the first. And PyTorch's two biases for each gate are more than c_n.",
            ),
            Misconception((1240, ..., ...), "The two gates are there. The candidate has weights of its own as well."),
            Misconception((..., 1861, ...), "c_n has a number for each unit."),
        ),
        hints=(
            "One gate: a matrix for the input, H by D, one for the state, H by H, and the biases.",
            "In a second layer D is the H of the first.",
        ),
    ),
    Value(
        id="equations.7",
        reference=AFTER,
        misconceptions=(
            Misconception(
                AFTER | {"m": {"r", "h"}, "n": {"x", "m"}},
                "That is the diagram of reset before: your r acts on h before the product.",
            ),
            Misconception(AFTER | {"r": {"x"}, "z": {"x"}}, "Your gates do not see the old state."),
            Misconception(
                AFTER | {"new h": {"z", "n"}},
                "Nothing of the old state gets into your new one. Follow the top line of the diagram.",
            ),
            Misconception(
                AFTER | {"new h": {"r", "z", "n", "h"}},
                "r does not take part in the blend. It acts on the candidate alone.",
            ),
            Misconception(
                AFTER | {"m": {"x", "h"}}, "U_n multiplies the state alone: the input joins behind the gate."
            ),
            Misconception(AFTER | {"n": {"x", "m"}}, "Your reset gate acts on nothing."),
            Misconception(
                AFTER | {"n": {"x", "r", "m", "h"}},
                "h goes straight into your candidate. It gets there through m only.",
            ),
            Misconception(
                AFTER | {"n": {"x", "r", "h"}},
                "Your candidate reads h and not m. Between them stand U_n and its bias: that is what m is.",
            ),
            Misconception(AFTER | {"new h": {"n", "h"}}, "Your blend has no shares. Which gate says how much of each?"),
            Misconception(AFTER | {"new h": {"z", "h"}}, "Your new state has no candidate in it."),
            Misconception(
                {"r": {"n"}, "z": {"new h"}, "m": {"n"}, "n": {"new h"}, "new h": set()},
                "Your arrows point forward. Each set holds what a node is computed from.",
            ),
            Misconception(AFTER | {"m": {"r", "h"}}, "m is what stands before the gate: r multiplies it later."),
            Misconception(
                AFTER | {"new h": {"x", "z", "n", "h"}},
                "x gets into the new state through the gates and the candidate only.",
            ),
        ),
        hints=(
            "Take the equations line by line: what stands on the right-hand side?",
            "m = U_n h + c_n reads only h; the candidate reads x, r and m.",
        ),
    ),
    Value(
        id="equations.8",
        parts=("at_1", "at_100"),
        reference=(_reset_difference(1.0), _reset_difference(100.0)),
        decimals=3,
        misconceptions=(
            Misconception(
                (_reset_difference(1.0, np.max), _reset_difference(100.0, np.max)),
                "That is the largest difference. The mean is asked for.",
            ),
            Misconception(
                (
                    _reset_difference(1.0, lambda d: d.sum(axis=1).mean()),
                    _reset_difference(100.0, lambda d: d.sum(axis=1).mean()),
                ),
                "You summed over the units. The mean is over units and states alike.",
            ),
            Misconception(
                (_reset_difference(100.0), _reset_difference(1.0)), "You have the two numbers the wrong way round."
            ),
            Misconception(
                (_reset_difference(1.0, of_candidates=True), _reset_difference(100.0, of_candidates=True)),
                "That is the difference of the candidates. The update gate lets a part of each into the new state.",
            ),
            Misconception(
                (
                    _reset_difference(1.0, lambda d: np.sqrt((d**2).mean())),
                    _reset_difference(100.0, lambda d: np.sqrt((d**2).mean())),
                ),
                "That is the root of the mean square. The mean of the absolute differences is asked for.",
            ),
            Misconception((0.0, 0.0), "No difference at all: are both runs with the same reset?"),
            Misconception(
                (_reset_difference(1.0, order=(1, 0, 2)), _reset_difference(100.0, order=(1, 0, 2))),
                "Check the order of the rows: r, z, n.",
            ),
            Misconception(
                (_reset_difference(1.0, z_sign=-1), _reset_difference(100.0, z_sign=-1)),
                "Check the blend: what does z multiply?",
            ),
            Misconception((..., _reset_difference(10.0)), "That is with s = 10."),
        ),
        hints=(
            "Use GRU(W, U, reset=...).step(x, h) with the same W and U for both resets.",
            "abs(before - after).mean(), with s * W and s * U in place of W and U.",
        ),
    ),
]
