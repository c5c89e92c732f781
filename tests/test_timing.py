"""grulib.timing: turns, repetitions of what is short, and errors. Never how fast something is."""

import time

import pytest
from helpers import refused

from grulib import timing


def test_functions_take_turns_and_short_ones_are_called_more_often(monkeypatch):
    now, calls = [0.0], []
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def lasting(name, seconds):
        def function():
            calls.append(name)
            now[0] += seconds

        return function

    got = timing.take_turns({"short": lasting("short", 0.006), "long": lasting("long", 0.5)}, 3)
    assert {name: list(times) for name, times in got.items()} == {
        "short": pytest.approx([0.006] * 3),
        "long": pytest.approx([0.5] * 3),
    }
    short, long = ["short"] * 2, ["long"]  # 0.01 / 0.006 rounds to 2
    assert calls == ["short"] * 2 + ["long"] * 2 + short + long + long + short + short + long


def test_milliseconds_are_medians_over_turns(monkeypatch):
    times = iter([0, 0.5, 0, 0.25, 0, 0.002 * 5, 0, 0.25])  # begin and end: to count calls, then three turns
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    assert timing.milliseconds({"one": lambda: None}, 3) == {"one": pytest.approx(250)}


def test_a_clock_that_stands_still_is_no_error(monkeypatch):
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    assert timing.take_turns({"none": lambda: None}, 2)["none"].tolist() == [0, 0]


NO_DICT = "functions must be a dict from name to function, got "
BAD_TURNS = [
    ({}, 3, TypeError, NO_DICT + "{}"),
    ([], 3, TypeError, NO_DICT + "[]"),
    ([print], 3, TypeError, NO_DICT + "[<built-in"),
    ({"a": 1}, 3, TypeError, "functions['a'] must be a function, got 1"),
    ({"a": print}, 0, ValueError, "turns must be at least 1, got 0"),
    ({"a": print}, 2.5, TypeError, "turns must be an int, got 2.5"),
]


@pytest.mark.parametrize("measure", [timing.take_turns, timing.milliseconds])
@pytest.mark.parametrize("functions, turns, error, message", BAD_TURNS)
def test_bad_arguments_are_named(measure, functions, turns, error, message):
    refused(error, message, lambda: measure(functions, turns))
