"""Values in words, and how two of them differ in words."""

import numpy as np
import pytest
import sympy as sp
import torch

from grulib.exercises.values import describe, mismatch, plain


def nothing(*arguments):
    return None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array(0.1234567), "0.123457"),
        (np.array([1.5, -2e-9]), "[ 1.5, -0. ]  shape (2,)"),
        (np.arange(3, dtype=np.float32), "[0., 1., 2.]  shape (3,), float32"),
        (np.zeros((40, 2)), "[[0., 0.],\n [0., 0.],\n ...,\n [0., 0.],\n [0., 0.]]  shape (40, 2)"),
        (torch.ones(2, requires_grad=True), "[1., 1.]  shape (2,), float32"),
        ({"a": np.array(1.0), "b": "x"}, "a: 1\nb: 'x'"),
        ((), "(empty)"),
        (("x", None, True), "'x'\nNone\nTrue"),
        (sp.Rational(1, 3), "0.333333"),
        (nothing, "nothing"),
    ],
)
def test_values_in_words(value, text):
    assert describe(value) == text


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (..., 1, "The result is not attempted yet."),
        (1, {"a": 1, "b": 2}, "The result should be a dictionary with the keys a, b, not a number."),
        ({"c": 1}, {"a": 1, "b": 2}, "The result should have the keys a, b, and has c."),
        ({}, {"a": 1, "b": 2}, "The result should have the keys a, b, and has none."),
        ({"a": 2}, {"a": 1}, "Entry 'a' has the wrong value."),
        ("x", (1, 2), "The result should be a tuple or list of 2. It is a text."),
        ((1,), (1, 2), "The result should have length 2, and has length 1."),
        ((1, (2, 4)), (1, (2, 3)), "The result (part 2) (part 2) has the wrong value."),
        (1, {"x"}, "The result should be a set of texts, not a number."),
        ({"y"}, {"x"}, "The result is not the right set."),
        (None, "x", "The result should be a text, not None."),
        (nothing, 1, "The result should be a number, not an object of type function."),
        ("y", "x", "The result is not the right one."),
        (np.ones(2), np.ones(3), "The result should have shape (3,), and has (2,)."),
        (
            np.ones((2, 3)),
            np.ones((3, 2)),
            "The result should have shape (3, 2), and has (2, 3). It has the shape of the transpose.",
        ),
        (np.nan, 1.0, "The result has NaN or infinity in it."),
        (-np.inf, np.inf, "The result has NaN or infinity in it."),
        (np.nan, np.inf, "The result has NaN or infinity in it."),
        (2.0, 1.0, "The result has the wrong value."),
        (np.zeros(2), np.ones(2), "The result has the right shape and wrong values."),
        (
            np.float32(1 + 1e-6),
            1.0,
            "The result is right to single precision only. Keep the numbers 64-bit.",
        ),
        ({}, {}, None),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4.0]]), None),
    ],
)
def test_differences_in_words(got, expected, sentence):
    assert mismatch(plain(got), plain(expected), (0.0, 0.0)) == sentence


def test_differences_of_parts_and_roundings_in_words():
    parts = {"parts": ("first", "second")}
    one, two = plain(1.0), plain(2.0)
    of_parts = "The result should be a tuple or list of 2: first, second. It is a text."
    assert mismatch("x", (one, two), (0, 0), **parts) == of_parts
    assert mismatch((one, one), (one, two), (0, 0), **parts) == "second has the wrong value."
    with pytest.raises(ValueError, match="zip"):
        mismatch((one, one, two), (one, one, one), (0, 0), **parts)
    assert mismatch(plain(11.0), plain(10.0), (0.5, 0.0)) == "The result has the wrong value."
    close = "The result is close, and not within the rounding that is asked for."
    assert mismatch(plain(1.08), one, (0.05, 0.0)) == close
