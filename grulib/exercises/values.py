"""Values that answers give: brought into a plain form, compared with what is expected, and put into words."""

import numbers
from dataclasses import dataclass

import numpy as np
import sympy as sp
import torch

from grulib.exercises import sentences

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
        return Unusable(sentences.DEEPLY_NESTED)
    if value is None or value is ... or type(value) in (bool, str, Unusable):
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


def bare(text):
    """A text in small letters, and of these only letters and digits."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def in_bare_texts(value):
    """A plain value with each text in it `bare`; keys of dictionaries stay what they are."""
    if isinstance(value, str):
        return bare(value)
    if isinstance(value, dict):
        return {key: in_bare_texts(entry) for key, entry in value.items()}
    return type(value)(map(in_bare_texts, value)) if isinstance(value, (tuple, frozenset)) else value


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


def mismatch(got, expected, tolerance, name=sentences.THE_RESULT, parts=()):
    """None if got is expected, else a sentence on how it differs. Both are plain; `...` in expected stands for any value.

    tolerance is (absolute, relative): numbers may differ by the first, plus the second times the largest expected one.
    name is what the sentence calls the value, parts what it calls the parts of a tuple.
    """
    if expected is ...:
        return None
    if got is ...:
        return sentences.PART_NOT_ATTEMPTED.format(name=name)
    if isinstance(expected, dict):
        keys = sentences.listed(expected)
        if not isinstance(got, dict):
            return sentences.NO_DICTIONARY.format(name=name, keys=keys, got=_kind(got))
        if set(got) != set(expected):
            sentence = sentences.WRONG_KEYS if got else sentences.NO_KEYS
            return sentence.format(name=name, keys=keys, got=sentences.listed(got))
        return _first(
            mismatch(got[key], expected[key], tolerance, sentences.ENTRY.format(key=repr(key))) for key in expected
        )
    if isinstance(expected, tuple):
        got = as_tuple(got, expected)
        if not isinstance(got, tuple):
            if parts:
                listed = sentences.listed(parts)
                return sentences.NO_TUPLE_OF_PARTS.format(name=name, count=len(parts), parts=listed, got=_kind(got))
            return sentences.NO_TUPLE.format(name=name, count=len(expected), got=_kind(got))
        if len(got) != len(expected):
            return sentences.WRONG_LENGTH.format(name=name, expected=len(expected), got=len(got))
        names = parts or [sentences.PART.format(name=name, number=i) for i in range(1, len(expected) + 1)]
        return _first(mismatch(*pair, tolerance, part) for *pair, part in zip(got, expected, names, strict=True))
    if isinstance(expected, frozenset):
        if isinstance(got, tuple) and all(type(entry) is str for entry in got):
            got = frozenset(got)
        if not isinstance(got, frozenset):
            return sentences.NO_SET.format(name=name, got=_kind(got))
        return None if got == expected else sentences.WRONG_SET.format(name=name)
    if not isinstance(expected, np.ndarray):
        if type(got) is not type(expected):
            return sentences.WRONG_KIND.format(name=name, expected=_kind(expected), got=_kind(got))
        return None if got == expected else sentences.WRONG_ONE.format(name=name)
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
        raise TypeError(sentences.NO_ARRAY_OF_NUMBERS.format(got=_kind(array)))
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
        return sentences.WRONG_KIND.format(name=name, expected=_kind(expected), got=_kind(got))
    if got.shape != expected.shape:
        sentence = sentences.TRANSPOSED if got.shape == expected.shape[::-1] else sentences.WRONG_SHAPE
        return sentence.format(name=name, expected=expected.shape, got=got.shape)
    finite = np.isfinite(expected)
    if not np.array_equal(np.isfinite(got), finite) or not np.array_equal(
        got[~finite], expected[~finite], equal_nan=True
    ):
        return sentences.NOT_FINITE.format(name=name)
    absolute, relative = tolerance
    got_single, got, right = got.dtype == np.float32, got[finite].astype(float), expected[finite].astype(float)
    error = abs(got - right).max(initial=0)
    if error <= absolute + relative * abs(right).max(initial=0):
        return None
    if got_single and error <= 1e-5 * (1 + abs(right).max()):
        return sentences.SINGLE_PRECISION.format(name=name)
    if 1e-6 < absolute < 0.5 and error <= 10 * absolute:  # of whole numbers the next one is another answer
        return sentences.NOT_WITHIN_ROUNDING.format(name=name)
    return (sentences.WRONG_VALUES if expected.ndim else sentences.WRONG_VALUE).format(name=name)


def _first(found):
    return next((sentence for sentence in found if sentence), None)


def kind_of(value):
    """The kind of any value in words."""
    return sentences.NONE if value is None else sentences.OBJECT.format(type=type(value).__name__)


def _kind(value):
    """The kind of a plain value in words."""
    if isinstance(value, Unusable):
        return value.kind
    if isinstance(value, np.ndarray):
        return sentences.ARRAY.format(shape=value.shape) if value.ndim else sentences.NUMBER
    kinds = {
        bool: sentences.TRUE_OR_FALSE,
        str: sentences.TEXT,
        tuple: sentences.TUPLE,
        frozenset: sentences.SET,
        dict: sentences.DICTIONARY,
    }
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
        single = value.dtype == np.float32
        sentence = sentences.ARRAY_AND_SHAPE_OF_FLOAT32 if single else sentences.ARRAY_AND_SHAPE
        return sentence.format(array=text, shape=value.shape)
    if isinstance(value, dict):
        return "\n".join(sentences.KEY_AND_VALUE.format(key=key, value=describe(entry)) for key, entry in value.items())
    if isinstance(value, (tuple, list)):
        return "\n".join(describe(entry) for entry in value) if value else sentences.EMPTY
    if isinstance(value, frozenset):
        return sentences.listed(sorted(value)) or sentences.EMPTY
    return getattr(value, "__name__", None) or repr(value)
