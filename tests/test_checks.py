"""grulib.checks: what passes, what is refused and how it is said."""

import warnings

import numpy as np
import pytest
import torch
from helpers import refused

from grulib import checks

FLOATS = (np.float32, np.float64)


def array(value, shape=("N",)):
    return lambda: checks.check_array("x", value, (np.ndarray,), shape, FLOATS)


REFUSED = [
    (lambda: checks.check_name("how", "b", ("a", "c")), ValueError, "how must be 'a' or 'c', got 'b'"),
    (lambda: checks.check_name("how", np.array(["a"]), ("a", "c")), ValueError, "how must be 'a' or 'c', got array"),
    (lambda: checks.check_reset("never"), ValueError, "reset must be 'before' or 'after', got 'never'"),
    (lambda: checks.check_str("name", b"a"), TypeError, "name must be a str, got b'a'"),
    (lambda: checks.check_path(1), TypeError, "path must be a str or a Path, got int"),
    (lambda: checks.check_size("N", "1"), TypeError, "N must be an int, got '1'"),
    (lambda: checks.check_size("N", np.bool_(True)), TypeError, "N must be an int, got np.True_"),
    (lambda: checks.check_size("N", np.int32(1)), TypeError, "N must be an int, got np.int32(1)"),
    (lambda: checks.check_size("N", 1, at_least=2), ValueError, "N must be at least 2, got 1"),
    (lambda: checks.check_size("N", 2**31), ValueError, "N must be below 2**31, got 2147483648"),
    (lambda: checks.check_size("N", 10**5000), ValueError, "N must be below 2**31, got int without a repr"),
    (lambda: checks.check_positive("rate", 0), ValueError, "rate must be a positive number, got 0"),
    (lambda: checks.check_positive("rate", np.nan), ValueError, "rate must be a positive number, got nan"),
    (lambda: checks.check_positive("rate", np.inf), ValueError, "rate must be a positive number, got inf"),
    (lambda: checks.check_positive("rate", 10**400), ValueError, "rate must be a positive number, got 1000"),
    (lambda: checks.check_positive("rate", True), TypeError, "rate must be a number, got True"),
    (lambda: checks.check_positive("rate", 1j), TypeError, "rate must be a number, got 1j"),
    (lambda: checks.check_share("p", 1.0), ValueError, "p must lie from 0 to below 1, got 1.0"),
    (lambda: checks.check_share("p", -0.1), ValueError, "p must lie from 0 to below 1, got -0.1"),
    (lambda: checks.check_share("p", np.nan), ValueError, "p must lie from 0 to below 1, got nan"),
    (lambda: checks.check_bool("bias", np.True_), TypeError, "bias must be True or False, got np.True_"),
    (array([1.0]), TypeError, "x must be a ndarray of shape (N,), got list"),
    (array(np.ones(2, ">f4")), TypeError, "x must have dtype float32 or float64, got >f4"),
    (array(np.ones((2, 2))), ValueError, "x must have shape (N,), every length at least 1, got (2, 2)"),
    (array(np.ones(0)), ValueError, "x must have shape (N,), every length at least 1, got (0,)"),
    (array(np.array([1, np.nan])), ValueError, "x must be finite, got NaN or infinity"),
    (array(np.array([np.inf, -np.inf])), ValueError, "x must be finite, got NaN or infinity"),
]


@pytest.mark.parametrize("call, error, message", REFUSED)
def test_what_is_wrong_is_named(call, error, message):
    refused(error, message, call)


def test_what_is_right_passes():
    for size in (1, 2**31 - 1, np.int64(3)):
        checks.check_size("N", size)
    for number in (1, 0.5, np.float32(0.5), np.int64(2), 1e308):
        checks.check_positive("rate", number)
    for number in (0, 0.0, 0.999, np.float32(0.5)):
        checks.check_share("p", number)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_finite_numbers_whose_sum_is_not_are_finite(make, dtype):
    large = np.finfo(dtype).max
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for numbers, finite in [
            ([large, large], True),
            ([-large, -large, large], True),
            ([large, large, np.inf], False),
            ([-np.inf, np.inf], False),
            ([large, large, np.nan], False),
            ([0.0, 1.0], True),
        ]:
            assert checks.is_finite(make(np.array(numbers, dtype))) == finite


def test_what_is_shown_is_short_whatever_it_is():
    class Broken:
        def __repr__(self):
            raise KeyError

    assert checks.shown("a") == "'a'"
    assert checks.shown(Broken()) == "Broken without a repr"
    assert len(checks.shown("a" * 10**6)) < 300
