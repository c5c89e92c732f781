"""The notations of the GRU, each described once, as data; and what follows from it: evaluation and conversion.

A notation says where the reset acts, whose share z is, and how its arrays are made of pieces (`grulib.convert.blocks`): gate
order, rows or columns, apart or over [h, x], biases. The home form of `grulib.gru` is a notation like the others. The
chapter "Notations" builds this up.

Sources: the five documents; PyTorch 2.13 (nn.GRU), Keras 3.15 (layers.GRU), ONNX operator GRU version 22, and Flax
0.12.8 (linen.GRUCell, nnx.GRUCell), read and run.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from grulib.checks import check_array, check_bool, check_name, check_range, check_reset, check_str, shape_name, shown
from grulib.convert.blocks import Block
from grulib.gru import GRU, sigmoid

_BESIDE = {"W": "W", "U": "U", "b": "W", "c": "U"}  # which weights' vector a piece belongs to


@dataclass(frozen=True, eq=False)
class Notation:
    """How one source writes the GRU. Its arrays come as a dictionary from the names in `layout`."""

    name: str
    reset: str  # "before" or "after" the recurrent product
    z: str  # whose share z is: "old" or "new" state
    layout: dict  # name of an array to its block matrix in words, see `grulib.convert.blocks`
    bias_optional: bool = False  # the arrays of biases may be left out, all together

    def __post_init__(self):
        """Raise TypeError or ValueError unless this describes a GRU that `step` computes."""
        check_str("name", self.name)
        check_reset(self.reset)
        check_name("z", self.z, ("old", "new"))
        check_bool("bias_optional", self.bias_optional)
        if not isinstance(self.layout, dict) or not all(isinstance(name, str) for name in self.layout):
            raise TypeError(f"layout must be a dictionary from names to block matrices, got {shown(self.layout)}")
        for name, words in self.layout.items():
            try:
                Block(words)
            except (TypeError, ValueError) as error:
                raise type(error)(f"layout[{name!r}]: {error}") from error
        needed = {f"{kind}_{gate}" for kind in "WU" for gate in "rzn"}
        if len(set(self.pieces)) < len(self.pieces) or not needed <= set(self.pieces):
            raise ValueError(f"layout must have each piece once, and W_g and U_g of each gate, got {self.pieces}")
        joint = [{"W_n", "U_n"} <= set(pieces) for block in self.blocks.values() for pieces in block.bands]
        if self.reset == "after" and any(joint):
            raise ValueError("layout must have W_n apart from U_n if reset is 'after': r comes between their products")

    @cached_property
    def blocks(self):
        return {name: Block(words) for name, words in self.layout.items()}

    @property
    def pieces(self):
        """The names of the pieces that this notation has a place for."""
        return [piece for block in self.blocks.values() for piece in block.pieces]

    def step(self, arrays, x, h):
        """One step exactly as this notation writes it, from its own arrays: x (D,) and h (H,) to the new state (H,).

        Raises TypeError or ValueError that names what is missing, unknown or misshapen, FloatingPointError as a GRU does.
        """
        D, H = self.sizes(arrays)
        dtype = next(iter(arrays.values())).dtype
        check_array("x", x, (np.ndarray,), (D,), (dtype,))
        check_array("h", h, (np.ndarray,), (H,), (dtype,))
        check_range(arrays.values(), x, h)
        r = sigmoid(self._sum("r", arrays, W=x, U=h))
        z = sigmoid(self._sum("z", arrays, W=x, U=h))
        if self.reset == "before":
            n = np.tanh(self._sum("n", arrays, W=x, U=r * h))
        else:
            n = np.tanh(self._sum("n", arrays, W=x) + r * self._sum("n", arrays, U=h))
        return (1 - z) * n + z * h if self.z == "old" else (1 - z) * h + z * n

    def split(self, arrays):
        """Arrays to a dictionary of copies of their pieces. Errors as in `step`."""
        D, H = self.sizes(arrays)
        return {p: a for name, array in arrays.items() for p, a in self.blocks[name].split(array, D, H).items()}

    def join(self, pieces):
        """A dictionary of pieces to arrays. An array is left out if none of its pieces is there."""
        return {name: b.join(pieces) for name, b in self.blocks.items() if not pieces.keys().isdisjoint(b.pieces)}

    def sizes(self, arrays):
        """D and H of arrays in this notation. Raises TypeError or ValueError unless names, shapes and dtypes fit."""
        self._check_names(arrays)
        first = next(iter(arrays.values()))
        for name, array in arrays.items():
            check_array(name, array, (np.ndarray,), self.blocks[name].axes, (np.float32, np.float64))
            if array.dtype != first.dtype:
                raise TypeError(f"{name} must have the dtype of the other arrays, {first.dtype}, got {array.dtype}")
        D, H = self._solve_sizes(arrays)
        for name in sorted(arrays, key=lambda name: self.blocks[name].kinds != {"U"}):  # H is read from these
            block, array = self.blocks[name], arrays[name]
            expected = block.shape(D, H)
            if array.shape != expected:
                hint = " (the transpose would fit)" if array.shape[::-1] == expected else ""
                raise ValueError(
                    f"{name} must have shape {shape_name(block.axes)} in {self.name}, here {expected} as D={D} and "
                    f"H={H}, got {array.shape}{hint}"
                )
        return D, H

    def _sum(self, gate, arrays, **vectors):
        """What one gate's weights make of the vectors of W and U, and the biases beside these weights.

        Matrices are used as they stand: one over [h, x] is multiplied by [h, x], and a row stays a row.
        """
        total = 0
        for name, block in self.blocks.items():  # not arrays: the order of adding is the notation's
            for pieces, part in block.lines(arrays[name]) if name in arrays else ():
                if pieces[0][2] != gate or any(_BESIDE[piece[0]] not in vectors for piece in pieces):
                    continue
                if block.is_bias:
                    total = total + part
                else:
                    vector = np.concatenate([vectors[piece[0]] for piece in pieces])
                    total = total + (vector @ part if block.turned else part @ vector)
        return total

    def _check_names(self, arrays):
        if not isinstance(arrays, dict):
            raise TypeError(f"arrays must be a dictionary of arrays, got {type(arrays).__name__}")
        biases = {name for name, block in self.blocks.items() if block.is_bias}
        optional = biases if self.bias_optional and biases.isdisjoint(arrays) else set()
        missing = [name for name in self.layout if name not in arrays and name not in optional]
        unknown = [str(name) for name in arrays if name not in self.layout]
        if missing or unknown:
            raise ValueError(
                f"arrays must have the names {', '.join(self.layout)} of {self.name}"
                + (f"; missing: {', '.join(missing)}" if missing else "")
                + (f"; unknown: {', '.join(unknown)}" if unknown else "")
            )

    def _solve_sizes(self, arrays):
        axes = [(name, *axis) for name, array in arrays.items() for axis in zip(self.blocks[name].counts, array.shape)]
        recurrent = [array for name, array in arrays.items() if self.blocks[name].kinds == {"U"}]
        H = (
            min(recurrent[0].shape)
            if recurrent
            else next(length // counts["H"] for _, counts, length in axes if counts.keys() == {"H"})
        )
        name, D = next((name, length - counts["H"] * H) for name, counts, length in axes if counts["D"])
        if D < 1:
            raise ValueError(
                f"{name} must have shape {shape_name(self.blocks[name].axes)} with H and D from 1 in {self.name}, "
                f"got {arrays[name].shape}"
            )
        return D, H


class Conversion(NamedTuple):
    """The arrays in the other notation, and what had to be done to them, one sentence each."""

    arrays: dict
    notes: list


def notation(name):
    """The notation of this name. Raises ValueError that lists all names for any other."""
    check_name("notation", name, NOTATIONS)
    return NOTATIONS[name]


def convert(arrays, source, target):
    """Arrays in the notation named `source` to those of the same function in the notation `target`.

    Weights are moved and change sign, which is exact; of two biases that act only as a sum, the sum is kept if the
    target has one place for both. The notes say so. Raises ValueError, with the reason, if the target resets elsewhere
    or has no place for a bias that is not zero, and TypeError or ValueError if the arrays do not fit the source.
    """
    source, target = notation(source), notation(target)
    pieces = source.split(arrays)
    if source.reset != target.reset:
        raise ValueError(
            f"{source.name} resets {source.reset} the recurrent product and {target.name} {target.reset} it: these are "
            "different functions, and in general no weights make up for it"
        )
    notes = []
    if source.z != target.z:
        pieces = {piece: -array if piece[2] == "z" else array for piece, array in pieces.items()}
        notes.append(
            f"z is the share of the {target.z} state in {target.name}: the update gate's weights change their sign."
        )
    if any(piece[0] in "bc" for piece in pieces) or not target.bias_optional:
        notes += _fit_biases(pieces, source, target)
    return Conversion(target.join(pieces), notes)


def to_gru(arrays, source):
    """The `grulib.gru.GRU` that computes what these arrays compute in the notation named `source`; see `convert`."""
    reset = notation(source).reset
    home, _ = convert(arrays, source, f"home {reset}")
    return GRU(**home, reset=reset)


def from_gru(gru, target):
    """A `grulib.gru.GRU` to arrays in the notation named `target`, and notes; see `convert`."""
    if not isinstance(gru, GRU):
        raise TypeError(f"gru must be a grulib.gru.GRU, got {type(gru).__name__}")
    arrays = {"W": gru.W, "U": gru.U}
    if gru.b is not None or gru.c is not None:
        arrays["b"] = np.zeros_like(gru.W[:, 0]) if gru.b is None else gru.b
        if gru.reset == "after":
            arrays["c"] = np.zeros_like(gru.U[0]) if gru.c is None else gru.c
    return convert(arrays, f"home {gru.reset}", target)


def _fit_biases(pieces, source, target):
    """Put the biases among the pieces where the target has places for them; returns notes, raises ValueError."""
    places, added, left_out, zero = target.pieces, [], [], []
    for gate in "rzn":
        b, c = f"b_{gate}", f"c_{gate}"
        if c in pieces and c not in places and (gate != "n" or source.reset == "before"):
            with np.errstate(over="ignore"):
                pieces[b] = pieces[b] + pieces.pop(c)
            if not np.isfinite(pieces[b]).all():
                raise ValueError(f"{b} and {c} must have a finite sum, since {target.name} has one place for both")
            added.append(f"{b} + {c}")
        for bias in (b, c):
            if bias in pieces and bias not in places:
                if pieces.pop(bias).any():
                    raise ValueError(_no_place(bias, target))
                left_out.append(bias)
            elif bias in places and bias not in pieces:
                pieces[bias] = np.zeros(len(pieces["U_r"]), pieces["U_r"].dtype)
                zero.append(bias)
    sentences = [
        (added, f"{target.name} has one place for each of {{}}: they are added, since only the sum acts."),
        (left_out, f"{target.name} has no place for {{}}: zero, and left out."),
        (zero, f"{target.name} has places that {source.name} leaves empty, {{}}: filled with zeros."),
    ]
    return [sentence.format(", ".join(biases)) for biases, sentence in sentences if biases]


def _no_place(bias, target):
    if bias == "c_n":
        return (
            f"{target.name} has no bias inside the reset, and c_n (PyTorch's b_hn) is not zero: the reset gate scales "
            "it, so no other bias can stand in for it"
        )
    return f"{target.name} has no place for {bias}, which is not zero"


def _linear_layers(candidate):
    """The layers of document E's class and of `grulib.torch_layers.GRUCell`, over [x, h]."""
    gates = {"reset_gate.weight": "W_r U_r", "reset_gate.bias": "b_r"}
    return gates | {"update_gate.weight": "W_z U_z", "update_gate.bias": "b_z"} | candidate


_OVER_H_X = {"W_z": "U_z W_z", "W_r": "U_r W_r", "W": "U_n W_n"}
_ONE_LAYER = _linear_layers({"candidate.weight": "W_n U_n", "candidate.bias": "b_n"})
_KERAS = {"kernel": "W_z' W_r' W_n'", "recurrent_kernel": "U_z' U_r' U_n'"}
_ONNX = {"W": "W_z; W_r; W_n", "R": "U_z; U_r; U_n", "B": "b_z; b_r; b_n; c_z; c_r; c_n"}
_HOME = {"W": "W_r; W_z; W_n", "U": "U_r; U_z; U_n", "b": "b_r; b_z; b_n"}

NOTATIONS = {
    notation.name: notation
    for notation in [
        Notation("A", "before", "new", _OVER_H_X),
        Notation("B", "before", "new", _OVER_H_X | {"b_z": "b_z", "b_r": "b_r", "b": "b_n"}),
        Notation("C", "after", "old", {"W_z": "W_z", "U_z": "U_z", "W_r": "W_r", "U_r": "U_r", "W": "W_n", "U": "U_n"}),
        Notation(
            "D",
            "before",
            "old",
            {"W_xr": "W_r'", "W_hr": "U_r'", "b_r": "b_r", "W_xz": "W_z'", "W_hz": "U_z'", "b_z": "b_z"}
            | {"W_xh": "W_n'", "W_hh": "U_n'", "b_h": "b_n"},
        ),
        Notation("E", "before", "new", _OVER_H_X | {"b_z": "b_z", "b_r": "b_r", "b": "b_n"}),
        Notation("E code", "before", "new", _ONE_LAYER),
        # torch.nn.GRUCell; nn.GRU appends _l0, _l0_reverse, _l1 and so on to each name
        Notation(
            "PyTorch",
            "after",
            "old",
            {"weight_ih": "W_r; W_z; W_n", "weight_hh": "U_r; U_z; U_n"}
            | {"bias_ih": "b_r; b_z; b_n", "bias_hh": "c_r; c_z; c_n"},
            bias_optional=True,
        ),
        Notation(
            "Keras reset_after=True",
            "after",
            "old",
            _KERAS | {"bias": "b_z' b_r' b_n'; c_z' c_r' c_n'"},
            bias_optional=True,
        ),
        Notation("Keras reset_after=False", "before", "old", _KERAS | {"bias": "b_z; b_r; b_n"}, bias_optional=True),
        # one direction of the operator GRU; its tensors have the directions as first axis
        Notation("ONNX linear_before_reset=1", "after", "old", _ONNX, bias_optional=True),
        Notation("ONNX linear_before_reset=0", "before", "old", _ONNX, bias_optional=True),
        Notation(
            "Flax linen",
            "after",
            "old",
            {"ir/kernel": "W_r'", "ir/bias": "b_r", "iz/kernel": "W_z'", "iz/bias": "b_z", "in/kernel": "W_n'"}
            | {"in/bias": "b_n", "hr/kernel": "U_r'", "hz/kernel": "U_z'", "hn/kernel": "U_n'", "hn/bias": "c_n"},
        ),
        # its docstring has a bias b_hn, its code none (flax 0.12.8)
        Notation(
            "Flax nnx",
            "after",
            "old",
            {"dense_i/kernel": "W_r' W_z' W_n'", "dense_i/bias": "b_r; b_z; b_n", "dense_h/kernel": "U_r' U_z' U_n'"},
        ),
        Notation("GRUCell before", "before", "old", _ONE_LAYER, bias_optional=True),
        Notation(
            "GRUCell after",
            "after",
            "old",
            _linear_layers({"candidate.weight": "W_n", "candidate.bias": "b_n"})
            | {"candidate_state.weight": "U_n", "candidate_state.bias": "c_n"},
            bias_optional=True,
        ),
        Notation("home before", "before", "old", _HOME, bias_optional=True),
        Notation("home after", "after", "old", _HOME | {"c": "c_n"}, bias_optional=True),
    ]
}
