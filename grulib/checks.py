"""What every module says about a wrong argument: its name, what was expected and what came."""

import math

import numpy as np
import torch


def check_name(name, value, names):
    """Raise ValueError, with all names, unless value is one of these names."""
    if not isinstance(value, str) or value not in names:
        *others, last = map(repr, names)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, got {value!r}")


def check_reset(reset):
    """Raise ValueError unless reset is "before" or "after"."""
    check_name("reset", reset, ("before", "after"))


def check_size(name, size, at_least=1):
    """Raise TypeError or ValueError unless size is an int, of Python or NumPy, from at_least to below 2**31."""
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool):
        raise TypeError(f"{name} must be an int, got {size!r}")
    if size < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {size}")
    if size >= 2**31:  # no array has such a length here, and str() of a longer int fails
        raise ValueError(f"{name} must be below 2**31, got a larger int")


def check_generator(generator):
    """Raise TypeError unless generator is a torch.Generator on the CPU."""
    if not isinstance(generator, torch.Generator) or generator.device.type != "cpu":
        raise TypeError(f"generator must be a torch.Generator on the CPU, got {generator!r}")


def check_positive(name, number):
    """Raise TypeError or ValueError unless number is a finite int or float above 0."""
    _check_number(name, number)
    if not 0 < number < math.inf:  # NaN compares as false
        raise ValueError(f"{name} must be a positive number, got {number!r}")


def check_share(name, number):
    """Raise TypeError or ValueError unless number is an int or float from 0 to below 1."""
    _check_number(name, number)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must lie from 0 to below 1, got {number!r}")


def check_bool(name, value):
    """Raise TypeError unless value is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}")


def check_array(name, array, kinds, shape, dtypes):
    """Refuse anything but a finite, non-empty array of these types, shape and dtypes.

    Fits NumPy's arrays and PyTorch's tensors. A letter in the shape stands for any length. Subclasses are refused
    unless named, since some (masked arrays, np.matrix) compute something else. Raises TypeError or ValueError.
    """
    expected = shape_name(shape)
    if type(array) not in kinds:
        raise TypeError(f"{name} must be a {_name(kinds[0])} of shape {expected}, got {_name(type(array))}")
    check_dense(name, array)
    if array.dtype not in dtypes:
        raise TypeError(f"{name} must have dtype {' or '.join(map(_name, dtypes))}, got {array.dtype}")
    check_shape(name, array, shape)
    if not (-math.inf < array.min() and array.max() < math.inf):  # NaN compares as false
        raise ValueError(f"{name} must be finite, got NaN or infinity")


def check_dense(name, array):
    """Raise TypeError for a tensor of PyTorch that is nested, sparse or on the meta device: it has no numbers to be read in order."""
    if hasattr(array, "layout") and (array.is_nested or str(array.layout) != "torch.strided" or array.is_meta):
        kind = "a nested one" if array.is_nested else f"one of layout {array.layout} on the device {array.device}"
        raise TypeError(f"{name} must be a dense tensor with numbers in it, got {kind}")


def check_shape(name, array, shape):
    """Raise ValueError unless an array has this shape, and at least one entry. A letter in it stands for any length."""
    got = tuple(array.shape)
    fits = len(got) == len(shape) and all(isinstance(n, str) or n == m for n, m in zip(shape, got))
    if not fits or 0 in got:
        raise ValueError(f"{name} must have shape {shape_name(shape)}, every length at least 1, got {got}")


def check_lengths(lengths, kinds, dtypes, B, T):
    """Refuse anything but an array (B,) of these types and dtypes with lengths from 1 to T. Raises as `check_array`."""
    check_array("lengths", lengths, kinds, (B,), dtypes)
    if lengths.min() < 1 or lengths.max() > T:
        raise ValueError(f"lengths must lie from 1 to T={T}, got {lengths.min()} to {lengths.max()}")


def shape_name(shape):
    """A shape in words: (B, T, 3)."""
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _check_number(name, number):
    if not isinstance(number, (int, float, np.integer, np.floating)) or isinstance(number, bool):
        raise TypeError(f"{name} must be a number, got {number!r}")


def _name(kind):
    return getattr(kind, "__name__", str(kind))
