"""The exercises of the chapter Practice in PyTorch: shapes, lengths, biases, and honest comparison."""

import numpy as np
import torch
from torch import nn

from grulib.exercises import sentences
from grulib.exercises.kinds import Choice, Example, Function, Misconception, Value
from grulib.exercises.values import as_array
from grulib.gru import GRU


def _lengths_case(seed, B, T, H, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B,), generator=generator)
    outputs = torch.randn(B, T, H, generator=generator, dtype=dtype, requires_grad=True)
    return {"outputs": outputs, "lengths": lengths}


def _with_gradient(states, *_):
    if not isinstance(states, torch.Tensor):
        raise TypeError(sentences.NO_TENSOR.format(type=type(states).__name__))
    if not states.requires_grad:
        raise TypeError(sentences.NO_GRADIENT)
    return states


def _last_states(outputs, lengths, shift=-1):
    rows = [sequence[(length + shift) % len(sequence)] for sequence, length in zip(outputs, lengths)]
    return torch.stack(rows)


def _weights_case(seed, D, H):
    gru = GRU.random(D, H, np.random.default_rng(seed), reset="after", dtype=np.float32)
    return {"W": gru.W, "U": gru.U, "b": gru.b, "c": gru.c}


def _to_torch(
    W, U, b, c, order=(0, 1, 2), c_inside=True, again=(0, 0, 0), z_sign=1, c_block=2, batch_first=True, c_twice=False
):
    """The layer; the options are the mistakes. again: which blocks of b are in the second bias as well."""
    H = len(c)
    sign = np.repeat([1.0, z_sign, 1.0], H)

    def ordered(array):
        blocks = np.split(array * (sign if array.ndim == 1 else sign[:, None]), 3)
        return torch.tensor(np.concatenate([blocks[i] for i in order]))

    inside, zeros = np.zeros(3 * H), np.zeros(3 * H)
    inside[c_block * H : (c_block + 1) * H] = c
    layer = nn.GRU(W.shape[1], H, batch_first=batch_first, dtype=torch.float64)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(ordered(W))
        layer.weight_hh_l0.copy_(ordered(U))
        layer.bias_ih_l0.copy_(ordered(b + (inside if c_twice or not c_inside else zeros)))
        layer.bias_hh_l0.copy_(ordered((inside if c_inside else zeros) + b * np.repeat(again, H)))
    return layer


def _run(layer, W, U, b, c):
    """The states of a layer on one sequence of four steps, as the exercise gives it."""
    if not isinstance(layer, nn.GRU):
        raise TypeError(sentences.NO_GRU.format(type=type(layer).__name__))
    if not layer.batch_first:
        raise ValueError(sentences.NO_BATCH_FIRST)
    D, H = W.shape[1], len(c)
    known = np.concatenate([np.zeros(1), b, c])
    second = layer.bias_hh_l0.detach()[: 2 * H].double().numpy()
    if np.allclose(layer.bias_ih_l0.detach().numpy(), b) and not np.isin(second, known).all():
        raise ValueError(sentences.RANDOM_BIASES)
    x = torch.linspace(-1, 1, 4 * D, dtype=torch.float64).reshape(1, 4, D)
    h0 = torch.linspace(-0.5, 0.5, H, dtype=torch.float64).reshape(1, 1, H)
    with torch.no_grad():
        return layer.double()(x, h0)[0]


class _Cell(nn.Module):
    """The cell of the exercise; the options are the mistakes."""

    def __init__(
        self,
        input_size,
        hidden_size,
        *,
        order="rzn",
        z_of="old",
        reset="after",
        c_outside=False,
        tanh=True,
        r_on="state",
    ):
        super().__init__()
        self.W, self.U = nn.Linear(input_size, 3 * hidden_size), nn.Linear(hidden_size, 3 * hidden_size)
        self.order, self.z_of, self.reset, self.c_outside, self.tanh = order, z_of, reset, c_outside, tanh
        self.r_on = r_on

    def forward(self, x, h):
        a = dict(zip(self.order, self.W(x).chunk(3, dim=1)))
        v = dict(zip(self.order, self.U(h).chunk(3, dim=1)))
        r, z = torch.sigmoid(a["r"] + v["r"]), torch.sigmoid(a["z"] + v["z"])
        rows = slice(2 * h.shape[1], None)
        c = self.U.bias[rows]
        inner = r * v["n"]
        if self.reset == "before":
            inner = (r * h) @ self.U.weight[rows].T + c
        if self.c_outside:
            inner = r * (v["n"] - c) + c
        inside = {
            "state": a["n"] + inner,
            "all": r * (a["n"] + v["n"]),
            "input": r * a["n"] + v["n"],
            "": a["n"] + v["n"],
        }
        n = torch.tanh(inside[self.r_on]) if self.tanh else inside[self.r_on]
        return (1 - z) * n + z * h if self.z_of == "old" else (1 - z) * h + z * n


def _cell_mistake(**options):
    return lambda input_size, hidden_size: _Cell(input_size, hidden_size, **options)


def _one_step(cell, input_size, hidden_size):
    """A step of a cell with given weights and states: the entries of W and U are sines of 1, 2, 3, ..."""
    for name, columns in (("W", input_size), ("U", hidden_size)):
        linear = getattr(cell, name, None)
        if (
            not isinstance(linear, nn.Linear)
            or linear.weight.shape != (3 * hidden_size, columns)
            or linear.bias is None
        ):
            raise TypeError(sentences.NO_LINEAR.format(name=name, columns=columns, rows=3 * hidden_size))
    numbers = torch.sin(torch.arange(1, 10_000, dtype=torch.float64))
    with torch.no_grad():
        for parameter in (cell.W.weight, cell.U.weight, cell.W.bias, cell.U.bias):
            parameter.data, numbers = (
                numbers[: parameter.numel()].reshape(parameter.shape),
                numbers[parameter.numel() :],
            )
    x, h = numbers[: 2 * input_size].reshape(2, -1), numbers[-2 * hidden_size :].reshape(2, -1)
    return cell(x, h)


def _reference_cell(input_size, hidden_size):
    """PyTorch's own cell, under the names of the exercise."""

    class Cell(nn.Module):
        def __init__(self):
            super().__init__()
            self.W, self.U = nn.Linear(input_size, 3 * hidden_size), nn.Linear(hidden_size, 3 * hidden_size)

        def forward(self, x, h):
            return torch.gru_cell(x, h, self.W.weight, self.U.weight, self.W.bias, self.U.bias)

    return Cell()


def _folds(U_r):
    """How the two units of the exercise fold the candidate h_1 + h_2, along the lines U_r[i] . h = 0.

    Rows that differ are enough. Where h_2 = 0 a reset-before GRU has u_i1 sigmoid(s_11 h_1 + b_1), the same sigmoid for both
    units, and the two that are wanted are sigmoid(U_r[i, 0] h_1): equal, or out of reach. Where h_1 = 0, likewise.
    """
    U_r = as_array(U_r)
    if U_r.shape != (2, 2):
        raise ValueError(sentences.WRONG_SHAPE_OF_ARRAY.format(name="U_r", expected=(2, 2), got=U_r.shape))
    if not np.isfinite(U_r).all():
        raise ValueError(sentences.NO_FINITE_ARRAY.format(name="U_r"))
    if not U_r.any():
        return "no unit folds"
    return "both units fold alike" if (U_r[0] == U_r[1]).all() else "the units fold in two ways"


def _weights_of_network(units):
    return (64 + 1) * units + (units + 1) * 10


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


def _compare_unpaired(correct_a, correct_b, ddof=0):
    variances = [correct.var(ddof=ddof) / len(correct) for correct in (correct_a, correct_b)]
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
            Misconception({"outputs": (2, 5, 32), "h_last": (5, 7, 32)}, "You have the two outputs exchanged."),
            Misconception({"outputs": (5, 32), "h_last": ...}, "The first output has the states of all steps."),
        ),
        hints=(
            "The first output: the states of the last layer at all steps. The second: the last states of all layers.",
            "The second has the layers first, then the batch.",
        ),
    ),
    Function(
        id="practice.2",
        reference=_reference_cell,
        use=_one_step,
        cases=[
            {"input_size": 1, "hidden_size": 1},
            {"input_size": 1, "hidden_size": 2},
            {"input_size": 3, "hidden_size": 4},
        ],
        misconceptions=(
            Misconception(
                _cell_mistake(reset="before"),
                "You reset before the product with U_n. Here r multiplies what U gives, its bias included.",
            ),
            Misconception(
                _cell_mistake(z_of="new"), "z and 1 - z have changed places: z is the share of the old state."
            ),
            Misconception(_cell_mistake(order="zrn"), "You read the parts as z, r, n. They come as r, z, n."),
            Misconception(
                _cell_mistake(c_outside=True),
                "U's bias of the candidate stands outside the reset. r multiplies all that U gives.",
            ),
            Misconception(_cell_mistake(tanh=False), "The tanh of the candidate is missing."),
            Misconception(
                _cell_mistake(r_on="all"),
                "r multiplies the whole sum in your candidate. It multiplies only what U gives.",
            ),
            Misconception(
                _cell_mistake(r_on="input"),
                "r multiplies the input's part in your candidate. It multiplies what U gives.",
            ),
            Misconception(_cell_mistake(r_on=""), "Your reset gate is not used."),
        ),
        hints=(
            "self.W(x).chunk(3, dim=1) gives the three parts of the input's side, and U(h) those of the state's.",
            "r and z: the sigmoid of the sum of their two parts. n: the tanh of the input's part plus r times the state's part.",
        ),
    ),
    Function(
        id="practice.3",
        reference=_last_states,
        use=_with_gradient,
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
            Misconception(
                lambda outputs, lengths: outputs[torch.arange(len(outputs)), lengths],
                "Off by one: a sequence of length 3 has its last state at index 2, and the longest has no state at its length.",
            ),
            Misconception(lambda outputs, lengths: _last_states(outputs, lengths, shift=-2), "One step too early."),
            Misconception(
                lambda outputs, lengths: outputs[torch.arange(len(outputs)), -lengths],
                "You count from the end of the padded array. The padding is there: count from the start.",
            ),
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
            Misconception(
                lambda outputs, lengths: _last_states(outputs, lengths)[:, None],
                "One axis of length 1 is left over: squeeze it.",
            ),
        ),
        hints=(
            "Index with two tensors at once: one counts the sequences, the other says which step.",
            "outputs[torch.arange(B), ...]: which step is the last one of each?",
        ),
    ),
    Function(
        id="practice.4",
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
                lambda W, U, b, c: _to_torch(W, U, b, c, again=(1, 1, 1)),
                "Your b is in both bias vectors, so it counts twice.",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, again=(1, 1, 0)),
                "For r and z your b is in both bias vectors, so it counts twice there.",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, c_block=0),
                "Your c is in the first third of the bias. Which third is the candidate's?",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, batch_first=False), "The layer should have batch_first=True."
            ),
            Misconception(lambda W, U, b, c: _to_torch(W, U, b, 0 * c), "The bias c is missing."),
            Misconception(lambda W, U, b, c: _to_torch(W, U, 0 * b, c), "The bias b is missing."),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, z_sign=-1),
                "You turned the update gate. PyTorch's z keeps the old state, as ours does.",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, U, b, c, c_twice=True),
                "Your c is in both bias vectors, so it counts twice.",
            ),
            Misconception(
                lambda W, U, b, c: _to_torch(W, np.concatenate([block.T for block in np.split(U, 3)]), b, c),
                "Your recurrent matrices are transposed. weight_hh_l0 is U as it is.",
            ),
        ),
        hints=(
            "weight_ih_l0 is W and weight_hh_l0 is U, as they are. Copy them inside torch.no_grad().",
            "bias_ih_l0 is b. bias_hh_l0 is zero for r and z, and c for the candidate.",
            "A new layer has random biases: every entry of both vectors has to be set, with zero_() where it is zero.",
        ),
    ),
    Example(
        id="practice.5",
        reference=[[1.0, 1.0], [1.0, -1.0]],
        use=_folds,
        misconceptions=(
            Misconception(
                [[1.0, 2.0], [1.0, 2.0]],
                "Both of your rows are the same. A reset-before GRU with this row for both of its gates computes that.",
            ),
            Misconception(
                [[0.0, 0.0], [0.0, 0.0]],
                "With U_r = 0 both gates are one half for every state. A reset-before GRU has that too.",
            ),
        ),
        hints=(
            "Unit i of the reset-after GRU folds its candidate along the line where U_r[i] . h = 0.",
            "A reset-before GRU has one line for r_1 and one for r_2, and both units have to do with these. Ask for two different folds of h_1 + h_2.",
        ),
    ),
    Choice(
        id="practice.6",
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
            "One run can show a large effect. A small one has to be compared with what a change of the seed alone does.",
            "The chapter printed the validation accuracies of five seeds: how far are they apart?",
        ),
    ),
    Value(
        id="practice.7",
        parts=("units", "weights"),
        reference=(UNITS, _weights_of_network(UNITS)),
        misconceptions=(
            Misconception((201, ...), "The biases of the two layers are missing in your count."),
            Misconception((229, ...), "The layer from the units to the ten digits is missing in your count."),
            Misconception(
                (UNITS, 64 * UNITS + 10 * UNITS), "The number of units is right. In the weights the biases are missing."
            ),
            Misconception(
                (UNITS - 1, _weights_of_network(UNITS - 1)),
                "You rounded down. The nearest number of units is asked for.",
            ),
            Misconception(
                (UNITS, _weights_of_network(UNITS) - 10),
                "The number of units is right. The biases of the output layer are missing in the weights.",
            ),
        ),
        hints=(
            "The GRU and its linear layer have 14858 weights. A layer from a numbers to b has a b weights and b biases.",
            "With n units: 64 n + n + 10 n + 10.",
        ),
    ),
    Function(
        id="practice.8",
        reference=_compare,
        parts=("difference", "error"),
        cases=[_correct_case(1, 8, 0.8, 0.5), _correct_case(2, 100, 0.9, 0.85), _correct_case(3, 360, 0.97, 0.98)],
        misconceptions=(
            Misconception(
                _compare_unpaired,
                "Your error is that of two models on different images. Here both saw the same ones, and mostly fail on the same: take the differences image by image.",
            ),
            Misconception(
                lambda correct_a, correct_b: _compare_unpaired(correct_a, correct_b, ddof=1),
                "Your error is that of two models on different images. Here both saw the same ones: take the differences image by image.",
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
            Misconception(
                lambda correct_a, correct_b: _compare((correct_a != correct_b), np.zeros(len(correct_a))),
                "The sign of each difference is lost: where a is right and b wrong it is 1, the other way round -1.",
            ),
            Misconception(
                lambda correct_a, correct_b: (
                    _compare(correct_a, correct_b)[0],
                    (correct_a * 1.0 - correct_b).std(ddof=1) / len(correct_a),
                ),
                "Your error is divided by n. It falls with the root of n.",
            ),
        ),
        hints=(
            "For each image the difference is 1, 0 or -1. Convert the booleans to numbers first.",
            "The mean of these differences, and their standard deviation (ddof=1) divided by the root of n.",
        ),
    ),
]
