"""Stacks of GRUs: several layers, one or both directions, sequences of different lengths.

A stack is a list of layers, from the input upwards. A layer is a list of one or two directions, forward first. A
direction is a `grulib.gru.GRU`, or a dictionary of arrays in one of the notations of `grulib.convert.notations`.
"""

import numpy as np

from grulib.checks import check_array, check_lengths, shown
from grulib.convert.notations import Conversion, convert, notation, to_gru
from grulib.gru import GRU


def check_arrays(name, stack, source):
    """Refuse anything but a stack of arrays in the notation `source`, alike in all directions and fitting each other.

    Raises TypeError or ValueError that begins with name, and names layer, direction and array.
    """
    described = notation(source)
    _check_nesting(name, stack, dict)
    sizes = []
    for layer, direction, arrays in _cells(stack):
        try:
            D, H = described.sizes(arrays)
        except (TypeError, ValueError) as error:
            where = f"layer {layer}" + (", reverse" if direction else "")
            raise type(error)(f"{name}, {where}: {error}") from error
        sizes.append((D, H, next(iter(arrays.values())).dtype, f"arrays {', '.join(sorted(arrays))}"))
    _check_sizes(name, stack, sizes)


def run(stack, x, lengths=None, h0=None, mask=None):
    """What a stack of `GRU`s makes of a batch: x (B, T, D), to all states of the last layer and last states of all.

    lengths (B,) are integers from 1 to T, all T if None; the backward direction begins at a sequence's own last step.
    mask (B, T), in place of lengths, is False at steps that are not there, before, between or after others: the state
    passes them unchanged. h0 has a state (B, H) for each layer and direction, zeros if None: (layers * directions, B, H),
    in PyTorch's order. Returns outputs (B, T, directions * H), zero at steps that are not there, and last states shaped
    like h0. A backward direction's last state is the one after reading a sequence's first step. Raises TypeError or
    ValueError.
    """
    _check_grus(stack)
    check_array("x", x, (np.ndarray,), ("B", "T", stack[0][0].input_size), (stack[0][0].W.dtype,))
    B, T, _ = x.shape
    if mask is not None:
        return _run_masked(stack, x, lengths, h0, mask)
    if lengths is None:
        lengths = np.full(B, T)
    backwards = backwards_of(x, lengths)  # (B, T)
    cells = [cell for layer in stack for cell in layer]
    if h0 is None:
        h0 = np.zeros((len(cells), B, cells[0].hidden_size), x.dtype)
    check_array("h0", h0, (np.ndarray,), (len(cells), B, cells[0].hidden_size), (x.dtype,))

    inside = np.arange(T) < lengths[:, None]  # (B, T)
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


def backwards_of(x, lengths):
    """The steps (B, T) of each sequence in x (B, T, D) turned round in its place; what stands after its length stays."""
    B, T, _ = x.shape
    if lengths is None:
        lengths = np.full(B, T)
    check_lengths(lengths, (np.ndarray,), (np.int32, np.int64), B, T)
    steps = np.arange(T)
    return np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)


def _run_masked(stack, x, lengths, h0, mask):
    """Steps that are there move to the front, and their outputs back to their places."""
    if lengths is not None:
        raise ValueError("mask must be None where lengths are given, got both")
    if type(mask) is not np.ndarray or mask.dtype != bool or mask.shape != x.shape[:2]:
        raise TypeError(f"mask must be a ndarray of shape {x.shape[:2]} and dtype bool, got {shown(mask)}")
    lengths = mask.sum(axis=1)
    if not lengths.all():
        raise ValueError("mask must have a step that is there in each sequence, got one without")
    order = np.argsort(~mask, axis=1, kind="stable")[:, :, None]  # (B, T, 1)
    there = np.take_along_axis(x, order, axis=1)
    outputs, last = run(stack, there, lengths, h0)
    placed = np.empty_like(outputs)
    np.put_along_axis(placed, order, outputs, axis=1)
    return placed, last


def convert_stack(stack, source, target):
    """`grulib.convert.notations.convert` for each direction of each layer: a stack of arrays, and the notes, each once."""
    check_arrays("stack", stack, source)
    converted = [[convert(arrays, source, target) for arrays in layer] for layer in stack]
    notes = [note for _, _, direction in _cells(converted) for note in direction.notes]
    return Conversion([[direction.arrays for direction in layer] for layer in converted], list(dict.fromkeys(notes)))


def to_grus(stack, source):
    """`grulib.convert.notations.to_gru` for each direction of each layer: a stack that `run` runs."""
    check_arrays("stack", stack, source)
    return [[to_gru(arrays, source) for arrays in layer] for layer in stack]


def copied(array):
    """A copy of an array; anything else is left as it is, for `check_arrays` to refuse."""
    return array.copy() if isinstance(array, np.ndarray) else array


def _check_grus(stack):
    _check_nesting("stack", stack, GRU)
    cells = [cell for _, _, cell in _cells(stack)]
    _check_sizes("stack", stack, [(c.input_size, c.hidden_size, c.W.dtype, f"reset {c.reset!r}") for c in cells])


def _check_nesting(name, stack, kind):
    if not isinstance(stack, list) or not all(isinstance(layer, list) for layer in stack):
        raise TypeError(f"{name} must be a list of layers, each a list of one or two directions")
    numbers = [len(layer) for layer in stack]
    if not stack or numbers != [numbers[0]] * len(stack) or numbers[0] not in (1, 2):
        raise ValueError(f"{name} must have layers of one or of two directions, all alike, got {numbers}")
    for layer, _, cell in _cells(stack):
        if not isinstance(cell, kind):
            raise TypeError(
                f"{name} must have a {kind.__name__} for each direction, got {type(cell).__name__} in layer {layer}"
            )


def _check_sizes(name, stack, sizes):
    """Refuse directions that differ, or layers that do not fit each other; sizes has (D, H, dtype, more) of each."""
    D, H, dtype, more = sizes[0]
    for (layer, _, _), got in zip(_cells(stack), sizes):
        expected = (D if layer == 0 else len(stack[0]) * H, H, dtype, more)
        if got != expected:
            told = [f"D={D}, H={H}, {dtype}, {more}" for D, H, dtype, more in (expected, got)]
            raise ValueError(
                f"{name} must have {told[0]} in layer {layer}, got {told[1]}; layers of unequal sizes are stacks of their "
                "own: convert each layer alone"
            )


def _cells(stack):
    """Layer, direction and what stands there, for each direction of each layer."""
    return [(i, j, cell) for i, layer in enumerate(stack) for j, cell in enumerate(layer)]
