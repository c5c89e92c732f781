"""What every module says about a wrong argument: its name, what was expected and what came."""

import math


def check_reset(reset):
    """Raise ValueError unless reset is "before" or "after"."""
    if not isinstance(reset, str) or reset not in ("before", "after"):
        raise ValueError(f"reset must be 'before' or 'after', got {reset!r}")


def check_size(name, size):
    """Raise TypeError or ValueError unless size is an int from 1."""
    if not isinstance(size, int) or isinstance(size, bool):
        raise TypeError(f"{name} must be an int, got {size!r}")
    if size < 1:
        raise ValueError(f"{name} must be at least 1, got {size}")


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
    if array.dtype not in dtypes:
        raise TypeError(f"{name} must have dtype {' or '.join(map(_name, dtypes))}, got {array.dtype}")
    got = tuple(array.shape)
    fits = len(got) == len(shape) and all(isinstance(n, str) or n == m for n, m in zip(shape, got))
    if not fits or 0 in got:
        raise ValueError(f"{name} must have shape {expected}, every length at least 1, got {got}")
    if not (-math.inf < array.min() and array.max() < math.inf):  # NaN compares as false
        raise ValueError(f"{name} must be finite, got NaN or infinity")


def check_lengths(lengths, kinds, dtypes, B, T):
    """Refuse anything but an array (B,) of these types and dtypes with lengths from 1 to T. Raises as `check_array`."""
    check_array("lengths", lengths, kinds, (B,), dtypes)
    if lengths.min() < 1 or lengths.max() > T:
        raise ValueError(f"lengths must lie from 1 to T={T}, got {lengths.min()} to {lengths.max()}")


def shape_name(shape):
    """A shape in words: (B, T, 3)."""
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def _name(kind):
    return getattr(kind, "__name__", str(kind))
