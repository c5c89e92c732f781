"""Values that answers give: brought into a plain form, compared with what is expected, and put into words."""

import numbers
from dataclasses import dataclass

import numpy as np
import sympy as sp
import torch

# What a reader may have set for printing arrays does not change what a verdict shows.
PRINTED = {"linewidth": 75, "sign": "-", "floatmode": "maxprec", "formatter": None, "nanstr": "nan", "infstr": "inf"}


@dataclass(frozen=True)
class Unusable:
    """Stands for a value that no exercise compares: a function, a generator, a complex number."""

    kind: str


def plain(value, depth=0):
    """The value as None, `...`, bool, str, a tuple or dict of such, or a NumPy array; anything else is `Unusable`.

    Tensors and SymPy numbers become arrays, lists tuples, a set of texts stays one. What comes back is a
    copy that runs none of the reader's code. What is nested more than twenty deep is `Unusable` too.
    """
    if depth > 20:
        return Unusable("a deeply nested value")
    if value is None or value is ... or type(value) in (bool, str):
        return value
    if isinstance(value, dict):
        return {key if type(key) is str else kind_of(key): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, (set, frozenset)) and all(type(entry) is str for entry in value):
        return frozenset(value)
    if isinstance(value, sp.MatrixBase) or (isinstance(value, np.ndarray) and value.dtype.kind in "OU"):
        value = value.tolist()
    if isinstance(value, (tuple, list, sp.Tuple)):
        return tuple(plain(entry, depth + 1) for entry in value)
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, (sp.Expr, numbers.Real)) and not isinstance(value, np.generic):
        value = float(value)
    array = np.array(value)
    if array.dtype == bool and array.ndim == 0:
        return bool(array)
    return array if array.dtype.kind in "fiub" else Unusable(kind_of(value))


def has_dots(value):
    """Whether the value is `...`, or a tuple, list or dictionary with `...` in it."""
    return any(entry is ... for entry in _leaves(value))


def is_untouched(value):
    """Whether the value is `...`, or a tuple, list or dictionary of nothing else."""
    leaves = _leaves(value)
    return bool(leaves) and all(entry is ... for entry in leaves)


def _leaves(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    return [leaf for entry in value for leaf in _leaves(entry)] if isinstance(value, (tuple, list)) else [value]


def mismatch(got, expected, tolerance, name="The result", parts=()):
    """None if got is expected, else a sentence on how it differs. Both are plain; `...` in expected stands for any value.

    tolerance is (absolute, relative): numbers may differ by the first, plus the second times the largest expected one.
    name is what the sentence calls the value, parts what it calls the parts of a tuple.
    """
    if expected is ...:
        return None
    if got is ...:
        return f"{name} is not attempted yet."
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"{name} should be a dictionary with the keys {', '.join(expected)}, not {_kind(got)}."
        if set(got) != set(expected):
            return f"{name} should have the keys {', '.join(expected)}, and has {', '.join(got) or 'none'}."
        return _first(mismatch(got[key], expected[key], tolerance, f"Entry {key!r}") for key in expected)
    if isinstance(expected, tuple):
        got = as_tuple(got, expected)
        if not isinstance(got, tuple):
            names = f": {', '.join(parts)}" if parts else ""
            return f"{name} should be a tuple or list of {len(expected)}{names}. It is {_kind(got)}."
        if len(got) != len(expected):
            return f"{name} should have {len(expected)} entries, and has {len(got)}."
        names = parts or [f"{name}, part {i}," for i in range(1, len(expected) + 1)]
        return _first(mismatch(*pair, tolerance, part) for *pair, part in zip(got, expected, names))
    if isinstance(expected, frozenset):
        if isinstance(got, tuple) and all(type(entry) is str for entry in got):
            got = frozenset(got)
        if not isinstance(got, frozenset):
            return f"{name} should be a set of texts, not {_kind(got)}."
        return None if got == expected else f"{name} is not the right set."
    if not isinstance(expected, np.ndarray):
        if type(got) is not type(expected):
            return f"{name} should be {_kind(expected)}, not {_kind(got)}."
        return None if got == expected else f"{name} is not the right one."
    return _mismatch_of_numbers(got, expected, tolerance, name)


def as_tuple(value, expected):
    """An array as the tuple of its entries if a tuple of numbers is expected; anything else as it is."""
    numbers_expected = all(part is ... or (isinstance(part, np.ndarray) and part.ndim == 0) for part in expected)
    is_row = isinstance(value, np.ndarray) and value.ndim == 1
    return tuple(map(np.asarray, value)) if is_row and numbers_expected else value


def as_array(value):
    """Any value of numbers as an array of floats. Raises TypeError for anything else."""
    array = _stacked(plain(value))
    if not isinstance(array, np.ndarray):
        raise TypeError(f"it should be an array of numbers, and is {_kind(array)}")
    return array.astype(float)


def _stacked(value):
    """A tuple of numbers, or of rows, as an array if it makes one; anything else as it is."""
    if not isinstance(value, tuple) or not value:
        return value
    entries = [_stacked(entry) for entry in value]
    one_shape = all(isinstance(entry, np.ndarray) and entry.shape == entries[0].shape for entry in entries)
    return np.array(entries) if one_shape else value


@np.errstate(all="ignore")
def _mismatch_of_numbers(got, expected, tolerance, name):
    got = _stacked(got)
    if not isinstance(got, np.ndarray):
        return f"{name} should be {_kind(expected)}, not {_kind(got)}."
    if got.shape != expected.shape:
        transposed = " It has the shape of the transpose." if got.shape == expected.shape[::-1] else ""
        return f"{name} should have shape {expected.shape}, and has {got.shape}.{transposed}"
    shape, finite = expected.shape, np.isfinite(expected)
    if not np.array_equal(np.isfinite(got), finite):
        return f"{name} has NaN or infinity in it."
    absolute, relative = tolerance
    got_single, got, expected = got.dtype == np.float32, got[finite].astype(float), expected[finite].astype(float)
    error = abs(got - expected).max(initial=0)
    if error <= absolute + relative * abs(expected).max(initial=0):
        return None
    if got_single and error <= 1e-5 * (1 + abs(expected).max()):
        return f"{name} is right to single precision only. Keep the numbers 64-bit."
    if absolute > 1e-6 and error <= 10 * absolute:
        return f"{name} is close, and not within the rounding that is asked for."
    return f"{name} has the right shape and wrong values." if shape else f"{name} has the wrong value."


def _first(sentences):
    return next((sentence for sentence in sentences if sentence), None)


def kind_of(value):
    """The kind of any value in words: "an int", "a list"."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' or name == 'ndarray' else 'a'} {name}"


def _kind(value):
    """The kind of a plain value in words."""
    if isinstance(value, Unusable):
        return value.kind
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    kinds = {bool: "True or False", str: "a text", tuple: "a tuple or list", frozenset: "a set", dict: "a dictionary"}
    return kinds.get(type(value)) or kind_of(value)


def describe(value):
    """A plain value, or an argument of a case, as short text: small arrays in full, large ones with their corners."""
    if isinstance(value, Unusable):
        return value.kind
    if isinstance(value, torch.Tensor):
        return describe(value.detach().numpy())
    if isinstance(value, sp.Expr):
        return f"{float(value):.6g}"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return f"{value:.6g}"
        with np.printoptions(precision=6, suppress=True, threshold=30, edgeitems=2, **PRINTED):
            text = np.array2string(value, separator=", ")
        single = ", float32" if value.dtype == np.float32 else ""
        return f"{text}  shape {value.shape}{single}"
    if isinstance(value, dict):
        return "\n".join(f"{key}: {describe(entry)}" for key, entry in value.items())
    if isinstance(value, (tuple, list)):
        return "\n".join(describe(entry) for entry in value) if value else "(empty)"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "(empty)"
    return getattr(value, "__name__", None) or repr(value)
