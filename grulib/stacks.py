"""Stacks of GRUs: several layers, one or both directions, sequences of different lengths.

A stack is a list of layers, from the input upwards. A layer is a list of one or two directions, forward first. A
direction is a `grulib.gru.GRU`, or a dictionary of arrays in one of the notations of `grulib.notations`.
"""

import numpy as np

from grulib.checks import check_array
from grulib.gru import GRU
from grulib.notations import Conversion, convert, to_gru


def check_stack(stack, kind):
    """Refuse anything but layers of one or two directions of this kind, all alike; of GRUs also sizes that do not fit."""
    if not isinstance(stack, list) or not all(isinstance(layer, list) for layer in stack):
        raise TypeError("stack must be a list of layers, each a list of one or two directions")
    numbers = [len(layer) for layer in stack]
    if not stack or numbers != [numbers[0]] * len(stack) or numbers[0] not in (1, 2):
        raise ValueError(f"stack must have layers of one or of two directions, all alike, got {numbers}")
    for layer in stack:
        for cell in layer:
            if not isinstance(cell, kind):
                raise TypeError(f"stack must have a {kind.__name__} for each direction, got {type(cell).__name__}")
    if kind is GRU:
        first = stack[0][0]
        for number, layer in enumerate(stack):
            D = first.input_size if number == 0 else len(layer) * first.hidden_size
            for cell in layer:
                got = cell.input_size, cell.hidden_size, cell.W.dtype, cell.reset
                expected = D, first.hidden_size, first.W.dtype, first.reset
                if got != expected:
                    raise ValueError(
                        f"stack must have D={D}, H={first.hidden_size}, {first.W.dtype} and reset {first.reset!r} in "
                        f"layer {number}, got D={got[0]}, H={got[1]}, {got[2]} and reset {got[3]!r}"
                    )


def run(stack, x, lengths=None, h0=None):
    """What a stack of `GRU`s makes of a batch: x (B, T, D), to all states of the last layer and last states of all.

    lengths (B,) are integers from 1 to T, all T if None; the backward direction begins at a sequence's own last step.
    h0 has a state (B, H) for each layer and direction, zeros if None: (layers * directions, B, H), in PyTorch's order.
    Returns outputs (B, T, directions * H), zero after a sequence's end, and last states shaped like h0. A backward
    direction's last state is the one after reading a sequence's first step. Raises TypeError or ValueError.
    """
    check_stack(stack, GRU)
    check_array("x", x, (np.ndarray,), ("B", "T", stack[0][0].input_size), (stack[0][0].W.dtype,))
    B, T, _ = x.shape
    lengths = _check_lengths(lengths, B, T)
    cells = [cell for layer in stack for cell in layer]
    if h0 is None:
        h0 = np.zeros((len(cells), B, cells[0].hidden_size), x.dtype)
    check_array("h0", h0, (np.ndarray,), (len(cells), B, cells[0].hidden_size), (x.dtype,))

    steps = np.arange(T)
    inside = steps < lengths[:, None]  # (B, T)
    backwards = np.where(inside, lengths[:, None] - 1 - steps, steps)  # (B, T): each sequence turned round in its place
    last, h0 = [], iter(h0)
    for layer in stack:
        outputs = []
        for direction, cell in enumerate(layer):
            read = x if direction == 0 else np.take_along_axis(x, backwards[:, :, None], axis=1)
            states, _ = cell.forward(read, next(h0))
            last.append(states[np.arange(B), lengths - 1])
            if direction == 1:
                states = np.take_along_axis(states, backwards[:, :, None], axis=1)
            outputs.append(np.where(inside[:, :, None], states, 0))
        x = np.concatenate(outputs, axis=2)
    return x, np.stack(last)


def convert_stack(stack, source, target):
    """`grulib.notations.convert` for each direction of each layer: a stack of arrays, and the notes, each once."""
    check_stack(stack, dict)
    converted = [[convert(arrays, source, target) for arrays in layer] for layer in stack]
    notes = [note for layer in converted for direction in layer for note in direction.notes]
    return Conversion([[direction.arrays for direction in layer] for layer in converted], list(dict.fromkeys(notes)))


def to_grus(stack, source):
    """`grulib.notations.to_gru` for each direction of each layer: a stack that `run` runs."""
    check_stack(stack, dict)
    grus = [[to_gru(arrays, source) for arrays in layer] for layer in stack]
    check_stack(grus, GRU)
    return grus


def _check_lengths(lengths, B, T):
    if lengths is None:
        return np.full(B, T)
    check_array("lengths", lengths, (np.ndarray,), (B,), (np.int32, np.int64))
    if lengths.min() < 1 or lengths.max() > T:
        raise ValueError(f"lengths must lie from 1 to T={T}, got {lengths.min()} to {lengths.max()}")
    return lengths
