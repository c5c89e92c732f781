"""What every module says about a wrong argument: its name, what was expected and what came."""

import math
import sys
from pathlib import Path

import numpy as np
import torch


def shown(value):
    """A value in words, at most a line or so of them, for the end of a message."""
    try:
        words = repr(value)
    except Exception:  # an int of more than 4300 digits, or a class that is broken
        words = f"{type(value).__name__} without a repr"
    return words if len(words) <= 200 else words[:200] + "..."


def check_name(name, value, names):
    """Raise ValueError, with all names, unless value is one of these names."""
    if not isinstance(value, str) or value not in names:
        *others, last = map(repr, names)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, got {shown(value)}")


def check_reset(reset):
    """Raise ValueError unless reset is "before" or "after"."""
    check_name("reset", reset, ("before", "after"))


def check_str(name, value):
    """Raise TypeError unless value is a str."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {shown(value)}")


def check_path(path):
    """Raise TypeError unless path is a str or a Path."""
    if not isinstance(path, (str, Path)):
        raise TypeError(f"path must be a str or a Path, got {type(path).__name__}")


def check_size(name, size, at_least=1):
    """Raise TypeError or ValueError unless size is an int, of Python or np.int64, from at_least to below 2**31.

    Sizes are multiplied, which overflows in NumPy's shorter ints.
    """
    if not isinstance(size, (int, np.int64)) or isinstance(size, bool):
        raise TypeError(f"{name} must be an int, got {shown(size)}")
    if size < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {shown(size)}")
    if size >= 2**31:
        raise ValueError(f"{name} must be below 2**31, got {shown(size)}")


def check_seed(seed):
    """Raise TypeError or ValueError unless seed is an int from 0 to below 2**32."""
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TypeError(f"seed must be an int, got {shown(seed)}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie from 0 to 2**32 - 1, got {shown(seed)}")


def check_callable(name, function):
    """Raise TypeError unless function can be called."""
    if not callable(function):
        raise TypeError(f"{name} must be a function, got {shown(function)}")


def check_instance(name, value, kind):
    """Raise TypeError unless value is of this class."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} must be a {kind.__module__.partition('.')[0]} {kind.__name__}, got {type(value).__name__}"
        )


def check_positive(name, number):
    """Raise TypeError or ValueError unless number is a finite int or float above 0."""
    _check_number(name, number)
    too_large = isinstance(number, int) and number > sys.float_info.max
    if too_large or not 0 < number < math.inf:  # NaN compares as false
        raise ValueError(f"{name} must be a positive number, got {shown(number)}")


def check_share(name, number):
    """Raise TypeError or ValueError unless number is an int or float from 0 to below 1."""
    _check_number(name, number)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must lie from 0 to below 1, got {shown(number)}")


def check_bool(name, value):
    """Raise TypeError unless value is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")


def check_array(name, array, kinds, shape, dtypes):
    """Refuse anything but a finite, non-empty array of these types, shape and dtypes.

    Fits NumPy's arrays and PyTorch's tensors. A letter in the shape stands for any length. Subclasses are refused
    unless named, since some (masked arrays, np.matrix) compute something else, and so are floats in another order of
    bytes than the machine's. Raises TypeError or ValueError.
    """
    if type(array) not in kinds:
        raise TypeError(f"{name} must be a {_name(kinds[0])} of shape {shape_name(shape)}, got {_name(type(array))}")
    check_dense(name, array)
    if array.dtype not in dtypes:
        raise TypeError(f"{name} must have dtype {' or '.join(map(_name, dtypes))}, got {array.dtype}")
    check_shape(name, array, shape)
    if not is_finite(array):
        raise ValueError(f"{name} must be finite, got NaN or infinity")


def is_finite(array):
    """Whether an array of NumPy or PyTorch, not empty, has neither NaN nor infinity, with one look at it as a rule."""
    with np.errstate(over="ignore", invalid="ignore"):
        if math.isfinite(array.sum().item()):
            return True
    return bool(-math.inf < array.min() and array.max() < math.inf)  # large numbers whose sum overflows; NaN is false


def check_range(weights, x, h):
    """Raise FloatingPointError if numbers are so large that a GRU's pre-activations may overflow, from h on or later.

    A gate would make 0 or 1 of an infinity, of whichever sign, so that the states would not show it.
    """
    arrays = [x, h, *(array for array in weights if array is not None)]
    largest = np.finfo(x.dtype).max.item()
    for size in (_length, _largest):  # the first is quick, and may be too large
        most_x, most_h, *most = map(size, arrays)
        weight = max(most)
        if weight * x.shape[-1] * most_x + weight * h.shape[-1] * max(most_h, 1) + 2 * weight < largest / 2:
            return
    raise FloatingPointError(
        f"x, h and weights must be small enough for {x.dtype}, got numbers up to {most_x:.1e}, {most_h:.1e} and "
        f"{weight:.1e}: sums of their products may exceed {largest:.1e}"
    )


def _length(array):
    return math.sqrt(np.vdot(array, array))


def _largest(array):
    return max(array.max(), -array.min()).item()


def check_gradients(*gradients):
    """Raise FloatingPointError unless all gradients are finite, as those of finite arrays are but for overflow."""
    if not all(map(is_finite, gradients)):
        dtype = gradients[0].dtype
        raise FloatingPointError(
            f"grad_outputs and weights must be small enough for {dtype}, got such that a gradient exceeds {np.finfo(dtype).max:.1e}"
        )


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


def check_symbols(name, x, V):
    """Refuse anything but a tensor (B, T), int64, of symbols from 0 to V - 1. Raises as `check_array`."""
    check_array(name, x, (torch.Tensor,), ("B", "T"), (torch.int64,))
    if x.min() < 0 or x.max() >= V:
        raise ValueError(f"{name} must lie from 0 to {V - 1}, got {x.min()} to {x.max()}")


def check_lengths(lengths, kinds, dtypes, B, T):
    """Refuse anything but an array (B,) of these types and dtypes with lengths from 1 to T. Raises as `check_array`."""
    check_array("lengths", lengths, kinds, (B,), dtypes)
    low, high = lengths.min().item(), lengths.max().item()
    if low < 1 or high > T:
        raise ValueError(f"lengths must lie from 1 to T={T}, got {low} to {high}")


def shape_name(shape):
    """A shape in words: (B, T, 3)."""
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _check_number(name, number):
    if not isinstance(number, (int, float, np.integer, np.floating)) or isinstance(number, bool):
        raise TypeError(f"{name} must be a number, got {shown(number)}")


def _name(kind):
    return getattr(kind, "__name__", str(kind))
