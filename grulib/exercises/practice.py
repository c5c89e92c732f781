"""The exercises of the chapter Practice in PyTorch: shapes, lengths, biases, and honest comparison."""

import numpy as np
import torch
from torch import nn

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU


def _lengths_case(seed, B, T, H, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B,), generator=generator)
    return {"outputs": torch.randn(B, T, H, generator=generator, dtype=dtype), "lengths": lengths}


def _last_states(outputs, lengths, shift=-1):
    rows = [sequence[(length + shift) % len(sequence)] for sequence, length in zip(outputs, lengths)]
    return torch.stack(rows)


def _weights_case(seed, D, H):
    gru = GRU.random(D, H, np.random.default_rng(seed), reset="after", dtype=np.float32)
    return {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c}


def _to_torch(W, U, b, c, order=(0, 1, 2), c_inside=True, b_twice=False, z_sign=1):
    H = len(c)
    sign = np.repeat([1.0, z_sign, 1.0], H)

    def ordered(array):
        blocks = np.split(array * (sign if array.ndim == 1 else sign[:, None]), 3)
        return torch.tensor(np.concatenate([blocks[i] for i in order]))

    inside = np.concatenate([np.zeros(2 * H), c])
    zeros = np.zeros(3 * H)
    layer = nn.GRU(W.shape[1], H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(ordered(W))
        layer.weight_hh_l0.copy_(ordered(U))
        layer.bias_ih_l0.copy_(ordered(b + (zeros if c_inside else inside)))
        layer.bias_hh_l0.copy_(ordered((inside if c_inside else zeros) + (b if b_twice else zeros)))
    return layer


def _run(layer, W, U, b, c):
    """The states of a layer on two random sequences of four steps, from a random state."""
    if not isinstance(layer, nn.GRU):
        raise TypeError(f"it should be an nn.GRU, and is of type {type(layer).__name__}")
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, W.shape[1], generator=generator, dtype=torch.float64)
    h0 = torch.rand(1, 2, len(c), generator=generator, dtype=torch.float64) * 2 - 1
    with torch.no_grad():
        if layer.batch_first:
            return layer.double()(x, h0)[0]
        return layer.double()(x.transpose(0, 1), h0)[0].transpose(0, 1)


def _before_can(U_r):
    """Whether some reset-before GRU of two units has the limits of the reset-after GRU with these reset weights.

    Along a ray v the candidate of unit i tends to (v_1 + v_2) where U_r[i] . v > 0, else to 0. Reset before offers
    u_i1 v_1 where s_1 . v > 0, plus u_i2 v_2 where s_2 . v > 0, with the same s_1, s_2 for both units.
    """
    U_r = np.array(U_r, dtype=float)
    if U_r.shape != (2, 2) or not np.isfinite(U_r).all():
        raise ValueError(f"U_r should be a finite array of shape (2, 2), and has shape {U_r.shape}")
    angles = 2 * np.pi * (np.arange(720) + 0.5) / 720
    v = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (720, 2)

    def gate(s):
        return np.where(abs(v @ s) < 1e-12, 0.5, v @ s > 0)

    wanted = np.stack([v.sum(axis=1) * gate(s) for s in U_r], axis=1)  # (720, 2)
    for s_1 in (*U_r, *-U_r):
        for s_2 in (*U_r, *-U_r):
            offered = v * np.stack([gate(s_1), gate(s_2)], axis=1)  # (720, 2)
            if np.allclose(offered @ np.linalg.lstsq(offered, wanted)[0], wanted):
                return True
    return False


def _weights_of_network(units):
    return sum(
        parameter.numel() for parameter in nn.Sequential(nn.Linear(64, units), nn.Linear(units, 10)).parameters()
    )


def _units_nearest_to_gru():
    gru = sum(parameter.numel() for layer in (nn.GRU(8, 64), nn.Linear(64, 10)) for parameter in layer.parameters())
    return min(range(1, 1000), key=lambda units: abs(_weights_of_network(units) - gru))


def _correct_case(seed, n, p_a, p_b):
    rng = np.random.default_rng(seed)
    hard = rng.uniform(size=n)  # how hard each example is, for both models
    return {"correct_a": hard + 0.1 * rng.normal(size=n) < p_a, "correct_b": hard + 0.1 * rng.normal(size=n) < p_b}


def _compare(correct_a, correct_b):
    difference = correct_a.astype(float) - correct_b
    return difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))


def _compare_unpaired(correct_a, correct_b):
    variances = [correct.mean() * (1 - correct.mean()) / len(correct) for correct in (correct_a, correct_b)]
    return correct_a.mean() - correct_b.mean(), np.sqrt(sum(variances))


UNITS = _units_nearest_to_gru()

EXERCISES = [
    Value(
        id="practice.1",
        reference={"outputs": (5, 7, 32), "h_last": (2, 5, 32)},
        misconceptions=(
            Misconception(
                {"outputs": ..., "h_last": (5, 2, 32)},
                "batch_first does not move the layers of h_last: they come first, always.",
            ),
            Misconception({"outputs": ..., "h_last": (5, 32)}, "There is a last state for each layer."),
            Misconception(
                {"outputs": ..., "h_last": (1, 5, 32)}, "There is a last state for each layer, and there are two."
            ),
            Misconception(
                {"outputs": (5, 7, 64), "h_last": ...},
                "Layers are not put side by side: the outputs are those of the last layer. (Two directions would be.)",
            ),
            Misconception(
                {"outputs": (7, 5, 32), "h_last": ...}, "With batch_first=True the outputs have the batch first."
            ),
            Misconception({"outputs": (5, 32), "h_last": ...}, "The first output has the states of all steps."),
        ),
        hints=(
            "The first output: the states of the last layer at all steps. The second: the last states of all layers.",
            "The second has the layers first, then the batch.",
        ),
    ),
    Function(
        id="practice.2",
        reference=_last_states,
        cases=[
            _lengths_case(2, 1, 3, 1),
            _lengths_case(0, 2, 4, 2),
            _lengths_case(3, 5, 9, 4),
            _lengths_case(4, 8, 6, 3, torch.float32),
        ],
        misconceptions=(
            Misconception(
                lambda outputs, lengths: outputs[:, -1],
                "That is the state after the padding. Each sequence ends at its own length.",
            ),
            Misconception(
                lambda outputs, lengths: _last_states(outputs, lengths, shift=0),
                "Off by one: a sequence of length 3 has its last state at index 2.",
            ),
            Misconception(lambda outputs, lengths: _last_states(outputs, lengths, shift=-2), "One step too early."),
            Misconception(
                lambda outputs, lengths: outputs[:, lengths - 1],
                "A slice beside an index gives every combination. You need one index for each of the two axes, paired.",
            ),
            Misconception(
                lambda outputs, lengths: torch.stack([o[:n].mean(dim=0) for o, n in zip(outputs, lengths)]),
                "That is the mean of the states. The last one is wanted.",
            ),
            Misconception(
                lambda outputs, lengths: outputs[torch.arange(len(outputs)), lengths.max() - 1],
                "You took the longest length for all.",
            ),
        ),
        hints=(
            "Index with two tensors at once: one counts the sequences, the other says which step.",
            "outputs[torch.arange(B), ...]: which step is the last one of each?",
        ),
    ),
    Function(
        id="practice.3",
        reference=_to_torch,
        use=_run,
        cases=[_weights_case(1, 1, 1), _weights_case(2, 1, 2), _weights_case(3, 3, 4)],
        misconceptions=(
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, order=(1, 0, 2)),
                "Your gates are in the order z, r, n. PyTorch has r, z, n.",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, c_inside=False),
                "Your c stands beside b_n. It belongs inside the reset gate: which of the two bias vectors is there?",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, b_twice=True),
                "Your b is in both bias vectors, so it counts twice.",
            ),
            Misconception(lambda W, U, b, c: _to_torch(W, U, b, 0 * c), "The bias c is missing."),
            Misconception(lambda W, U, b, c: _to_torch(W, U, 0 * b, c), "The bias b is missing."),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, z_sign=-1),
                "You turned the update gate. PyTorch's z keeps the old state, as ours does.",
            ),
        ),
        hints=(
            "weight_ih_l0 is W and weight_hh_l0 is U, as they are. Copy them inside torch.no_grad().",
            "bias_ih_l0 is b. bias_hh_l0 is zero for r and z, and c for the candidate.",
            "torch.tensor(W) has 64-bit numbers; nn.GRU(..., batch_first=True) has them too if that is the default.",
        ),
    ),
    Value(
        id="practice.4",
        reference=[[1.0, 1.0], [1.0, -1.0]],
        use=_before_can,
        misconceptions=(
            Misconception(
                [[1.0, 2.0], [2.0, 4.0]],
                "Both of your units fold along the same line, to the same side. A reset-before GRU does that with both of its gates on this line.",
            ),
        ),
        hints=(
            "Unit i of the reset-after GRU folds its candidate along the line where U_r[i] . h = 0.",
            "A reset-before GRU has one line for r_1 and one for r_2, and both units have to do with these. Ask for two different folds of h_1 + h_2.",
        ),
    ),
    Choice(
        id="practice.5",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "Train it: the order is fixed, so what matters can be learnt at any place."),
            Misconception("c", "That difference is smaller than the one between two seeds. One run is an anecdote."),
            Misconception(
                "d",
                "The pixels of a column arrive together then, those of a row one after the other: it is another task. It happens to be as easy.",
            ),
        ),
        hints=(
            "Train one seed of each, and compare the differences with those between the five seeds of the chapter.",
            "From 0.969 to 0.986: that is what seeds do.",
        ),
    ),
    Value(
        id="practice.6",
        parts=("units", "weights"),
        reference=(UNITS, _weights_of_network(UNITS)),
        misconceptions=(
            Misconception((201, ...), "The biases of the two layers are missing in your count."),
            Misconception((229, ...), "The layer from the units to the ten digits is missing in your count."),
            Misconception(
                (UNITS, 64 * UNITS + 10 * UNITS), "The number of units is right. In the weights the biases are missing."
            ),
        ),
        hints=(
            "The GRU and its linear layer have 14858 weights. A layer from a numbers to b has a b weights and b biases.",
            "With n units: 64 n + n + 10 n + 10.",
        ),
    ),
    Function(
        id="practice.7",
        reference=_compare,
        parts=("difference", "error"),
        cases=[_correct_case(1, 8, 0.8, 0.5), _correct_case(2, 100, 0.9, 0.85), _correct_case(3, 360, 0.97, 0.98)],
        misconceptions=(
            Misconception(
                _compare_unpaired,
                "Your error is that of two models on different images. Here both saw the same ones, and mostly fail on the same: take the differences image by image.",
            ),
            Misconception(
                lambda correct_a, correct_b: (
                    _compare(correct_a, correct_b)[0],
                    (correct_a * 1.0 - correct_b).std(ddof=1),
                ),
                "That is the spread of a single difference. The mean of n of them is known better, by the root of n.",
            ),
            Misconception(
                lambda correct_a, correct_b: (
                    _compare(correct_a, correct_b)[0],
                    (correct_a * 1.0 - correct_b).std() / np.sqrt(len(correct_a)),
                ),
                "Your standard deviation divides by n. The question asks for n - 1.",
            ),
            Misconception(
                lambda correct_a, correct_b: (-_compare(correct_a, correct_b)[0], _compare(correct_a, correct_b)[1]),
                "The sign: how much better is a than b?",
            ),
        ),
        hints=(
            "For each image the difference is 1, 0 or -1. Convert the booleans to numbers first.",
            "The mean of these differences, and their standard deviation (ddof=1) divided by the root of n.",
        ),
    ),
]
