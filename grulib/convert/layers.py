"""A GRU as a model has it: arrays, and what else decides what it computes.

`read_onnx`, `read_keras` and `read_torch` (in the modules of these names) find every GRU of a model and give one `Layer` for
each, by its name. An option that changes what is computed is honoured in the `Layer` or refused by its name.
"""

from dataclasses import dataclass

import numpy as np

from grulib.checks import check_array, check_bool, check_instance, shown
from grulib.convert.notations import notation
from grulib.convert.stacks import backwards_of, check_arrays, convert_stack, run, to_grus

HONOURED, REFUSED, NOTHING = "honoured", "refused", "changes nothing"  # what a reader does with an option


@dataclass(frozen=True, eq=False)
class Layer:
    """What a reader found. Raises TypeError or ValueError unless the parts fit each other."""

    stack: list  # of arrays, see `grulib.convert.stacks`
    notation: str  # of the arrays
    backward: bool = False  # whether its one direction reads each sequence from its end to its beginning
    h0: np.ndarray | None = None  # (layers * directions, B, H): the states it begins with, if the model stores them
    lengths: np.ndarray | None = None  # (B,) of its sequences, if the model stores them
    remarks: tuple = ()  # sentences on what the model does around it

    def __post_init__(self):
        check_arrays("stack", self.stack, self.notation)
        check_bool("backward", self.backward)
        if self.backward and len(self.stack[0]) != 1:
            raise ValueError("backward must be False for a stack of both directions, which has one of each")
        cells = [arrays for layer in self.stack for arrays in layer]
        if self.h0 is not None:
            _, H = notation(self.notation).sizes(cells[0])
            dtype = next(iter(cells[0].values())).dtype
            check_array("h0", self.h0, (np.ndarray,), (len(cells), "B", H), (dtype,))
        if self.lengths is not None:
            check_array("lengths", self.lengths, (np.ndarray,), ("B",), (np.int32, np.int64))
        if type(self.remarks) is not tuple or not all(isinstance(remark, str) for remark in self.remarks):
            raise TypeError(f"remarks must be a tuple of sentences, got {shown(self.remarks)}")

    def run(self, x, lengths=None, h0=None, mask=None):
        """`grulib.convert.stacks.run` of its GRUs; `backward` turns x round and the outputs back.

        Without h0 it begins with its own, if it has them, else with zeros; without lengths and mask it takes its own, too.
        """
        grus = to_grus(self.stack, self.notation)
        h0 = self.h0 if h0 is None else h0
        lengths = self.lengths if lengths is None and mask is None else lengths
        if not self.backward:
            return run(grus, x, lengths, h0, mask)
        check_array("x", x, (np.ndarray,), ("B", "T", grus[0][0].input_size), (grus[0][0].W.dtype,))
        steps = backwards_of(x, lengths) if mask is None else np.broadcast_to(np.arange(x.shape[1])[::-1], x.shape[:2])
        turned = np.take_along_axis(x, steps[:, :, None], axis=1)
        outputs, last = run(grus, turned, lengths, h0, None if mask is None else mask[:, ::-1].copy())
        return np.take_along_axis(outputs, steps[:, :, None], axis=1), last

    def convert(self, target):
        """Its arrays in the notation named `target`, and notes: `grulib.convert.stacks.convert_stack`."""
        return convert_stack(self.stack, self.notation, target)


def joined(layers):
    """One `Layer` of several that stand above each other, as a framework names the layers of one stack; the lowest first.

    Raises TypeError or ValueError unless they are alike: one notation, as many directions, as many units, the next reading
    what the one before gives. Those of unequal sizes stay apart: run or convert each alone.
    """
    try:
        layers = list(layers)
    except TypeError as error:
        raise TypeError(f"layers must be Layers, got {type(layers).__name__}") from error
    if not layers:
        raise ValueError("layers must be one or more Layers, got none")
    for layer in layers:
        check_instance("layers", layer, Layer)
    first = layers[0]
    if any(layer.backward for layer in layers):
        raise ValueError("layers must not read backwards: run each alone")
    if any(layer.lengths is not None for layer in layers):
        raise ValueError("layers must not store lengths: run each alone")
    if any(layer.notation != first.notation for layer in layers):
        raise ValueError(
            f"layers must have one notation, got {', '.join(sorted({layer.notation for layer in layers}))}"
        )
    states = [layer.h0 for layer in layers]
    if any(state is None for state in states) and not all(state is None for state in states):
        raise ValueError("layers must all store the states that they begin with, or none")
    h0 = None if first.h0 is None else np.concatenate(states)
    stack = [directions for layer in layers for directions in layer.stack]
    return Layer(
        stack, first.notation, h0=h0, remarks=tuple(dict.fromkeys(r for layer in layers for r in layer.remarks))
    )


def check_options(given, known):
    """Refuse what a layer or node was given that `known`, the OPTIONS of its reader, does not have, or has as refused."""
    for name, value in given.items():
        if name not in known or (known[name][0] == REFUSED and value != []):
            reason = known[name][1] if name in known else "it is unknown to this library"
            raise ValueError(f"{name} must be left out, got {shown(value)}: {reason}")


def add(found, name, layer):
    """Put a layer among those that were found, under a name that no other has."""
    names = [name, *(f"{name} {number}" for number in range(2, len(found) + 3))]
    found[next(each for each in names if each not in found)] = layer
