"""The exercises of the chapter Frameworks: what tests miss, containers, layouts, and the direction that reads backwards."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _biases_case(seed, H, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=3 * H).astype(dtype) for name in ("bias_ih", "bias_hh")}


def _onnx_biases(bias_ih, bias_hh, order=(1, 0, 2)):
    return np.concatenate([np.split(bias, 3)[i] for bias in (bias_ih, bias_hh) for i in order])


def _gate_by_gate(bias_ih, bias_hh):
    return np.concatenate([np.split(bias, 3)[i] for i in (1, 0, 2) for bias in (bias_ih, bias_hh)])


def _batch_case(seed, B, T, D, lengths=None):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, T + 1, B) if lengths is None else np.array(lengths)
    return {"x": rng.normal(size=(B, T, D)), "lengths": lengths}


def _turn_round(x, lengths, shift=0):
    turned = x.copy()
    for sequence, length in zip(turned, lengths):
        sequence[: length + shift] = sequence[: length + shift][::-1].copy()
    return turned


def _padding_zeroed(x, lengths):
    return _turn_round(x, lengths) * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]


def _each_part_turned(x, lengths):
    turned = _turn_round(x, lengths)
    for sequence, length in zip(turned, lengths):
        sequence[length:] = sequence[length:][::-1].copy()
    return turned


def _pushed_to_the_end(x, lengths):
    return x[:, ::-1].copy()


def _longest_for_all(x, lengths):
    return _turn_round(x, np.full(len(x), lengths.max()))


EXERCISES = [
    Choice(
        id="frameworks.1",
        letters="abcd",
        reference="bc",
        misconceptions=(
            Misconception("b", "There is one more mistake that touches nothing but biases."),
            Misconception("c", "There is one more mistake that touches nothing but biases."),
            Misconception("abc", "Weights are not zero in a fresh layer: exchange them, and twenty steps show it."),
            Misconception(
                "bcd", "A recurrent matrix that is not transposed gives other states from the second step on."
            ),
            Misconception("ad", "Weights are not zero in a fresh layer, so these two show. What is zero?"),
            Misconception("abcd", "Twenty steps with random weights find something. What can they not find?"),
            Misconception("a", "Weights are not zero in a fresh layer: exchange them, and twenty steps show it."),
            Misconception("d", "A recurrent matrix that is not transposed gives other states from the second step on."),
            Misconception(
                "bd", "b is one. A recurrent matrix that is not transposed gives other states from the second step on."
            ),
            Misconception(
                "cd", "c is one. A recurrent matrix that is not transposed gives other states from the second step on."
            ),
            Misconception(
                "ab", "b is one. Weights are not zero in a fresh layer: exchange them, and twenty steps show it."
            ),
            Misconception(
                "ac", "c is one. Weights are not zero in a fresh layer: exchange them, and twenty steps show it."
            ),
        ),
        hints=("What is zero in a fresh layer of Keras?", "Look at the middle column of the table of traps."),
    ),
    Value(
        id="frameworks.2",
        parts=("count", "shapes"),
        reference=(24, {"weight_ih_l0_reverse": (96, 10), "weight_ih_l2": (96, 64), "bias_hh_l1": (96,)}),
        misconceptions=(
            Misconception((12, ...), "There are two directions in each layer, each with its own tensors."),
            Misconception((6, ...), "Each layer and direction has more than one tensor: which four?"),
            Misconception((18, ...), "Each layer and direction has four tensors: two of weights and two of biases."),
            Misconception(
                (..., {"weight_ih_l0_reverse": ..., "weight_ih_l2": (96, 32), "bias_hh_l1": ...}),
                "Layer 2 reads both directions of layer 1. How many numbers are they at each step?",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": ..., "weight_ih_l2": (96, 10), "bias_hh_l1": ...}),
                "Only layer 0 reads the input. What does layer 2 read?",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": (10, 96), "weight_ih_l2": (64, 96), "bias_hh_l1": ...}),
                "Your weights are transposed. PyTorch keeps (3H, D).",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": (32, 10), "weight_ih_l2": (32, 64), "bias_hh_l1": (32,)}),
                "That is one gate. Each tensor holds three.",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": (96, 32), "weight_ih_l2": ..., "bias_hh_l1": ...}),
                "The backward direction of layer 0 reads the same input as the forward one.",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": (10, 96), "weight_ih_l2": (96, 64), "bias_hh_l1": ...}),
                "PyTorch's weights have their 3H rows first.",
            ),
            Misconception(
                (..., {"weight_ih_l0_reverse": ..., "weight_ih_l2": ..., "bias_hh_l1": (32,)}),
                "A bias holds three blocks, like a matrix.",
            ),
            Misconception((8, ...), "That is the count of one layer."),
        ),
        hints=(
            "Four tensors for each layer and direction. Each stacks three gates of 32 rows.",
            "Above layer 0 the input are both directions of the layer below.",
        ),
    ),
    Function(
        id="frameworks.3",
        reference=_onnx_biases,
        cases=[_biases_case(1, 1), _biases_case(2, 2), _biases_case(3, 5, np.float32)],
        misconceptions=(
            Misconception(
                lambda bias_ih, bias_hh: np.concatenate([bias_ih, bias_hh]),
                "Put one behind the other, but the gates are still in PyTorch's order.",
            ),
            Misconception(
                _gate_by_gate, "You put both biases of a gate together. ONNX has all of Wb first, then all of Rb."
            ),
            Misconception(
                lambda bias_ih, bias_hh: _onnx_biases(bias_hh, bias_ih),
                "Wb is the input's bias, and comes first. You have the state's first.",
            ),
            Misconception(
                lambda bias_ih, bias_hh: _onnx_biases(bias_ih, bias_hh, (1, 2, 0)), "Your gates are z, h, r."
            ),
            Misconception(
                lambda bias_ih, bias_hh: _onnx_biases(bias_ih + bias_hh, 0 * bias_hh),
                "Your biases are added. For the candidate that is another function.",
            ),
            Misconception(lambda bias_ih, bias_hh: bias_ih + bias_hh, "ONNX keeps both biases, one behind the other."),
            Misconception(
                lambda bias_ih, bias_hh: _onnx_biases(
                    *(bias * np.repeat([1, -1, 1], len(bias) // 3).astype(bias.dtype) for bias in (bias_ih, bias_hh))
                ),
                "You turned z. In ONNX it is the share of the old state, as in PyTorch.",
            ),
        ),
        hints=("np.split each into r, z, n.", "B has six blocks: Wb in the order z, r, h, then Rb in the same order."),
    ),
    Function(
        id="frameworks.4",
        reference=_turn_round,
        cases=[
            _batch_case(1, 1, 3, 1, [2]),
            _batch_case(2, 2, 4, 2, [4, 2]),
            _batch_case(3, 4, 7, 3),
            _batch_case(4, 3, 5, 1, [3, 1, 4]),
        ],
        misconceptions=(
            Misconception(
                _pushed_to_the_end, "You turned the whole axis of time: the padding comes first now, and would be read."
            ),
            Misconception(
                _padding_zeroed, "The sequences are right, but what stands after their ends has become zero."
            ),
            Misconception(
                lambda x, lengths: _turn_round(x, lengths, shift=-1),
                "Off by one: the last step of each sequence stays where it was.",
            ),
            Misconception(_longest_for_all, "You turned all sequences at the longest length."),
            Misconception(
                lambda x, lengths: _turn_round(x[:, :, ::-1], lengths), "You turned the entries of each step as well."
            ),
            Misconception(
                lambda x, lengths: _turn_round(x, np.minimum(lengths + 1, x.shape[1])),
                "Off by one: a step of padding has moved to the front.",
            ),
            Misconception(
                _each_part_turned,
                "The sequences are right, but you have turned the padding as well. It stays as it is.",
            ),
        ),
        hints=(
            "Copy x, then go through the sequences: x[i, :length] is one without its padding.",
            "turned[i, :length] = x[i, :length][::-1]",
        ),
    ),
    Choice(
        id="frameworks.5",
        letters="abcd",
        reference="a",
        misconceptions=(
            Misconception("b", "W acts on the first step too. A wrong order of its gates would show there."),
            Misconception("c", "With R in the place of W the first step would use the wrong matrix."),
            Misconception("d", "On the first step h' = (1 - z) * n or z * n: that would show."),
        ),
        hints=("What has no influence on a first step from a zero state?", "There is nothing to be reset in zeros."),
    ),
]
