"""Compare speeds on a machine that does other things too: functions take turns, and medians are compared.

A machine that slows down for a second slows all of them down, so that ratios within one run mean more than seconds.
"""

import time

import numpy as np

from grulib.checks import check_size

SHORTEST_TURN = 0.01  # seconds: what is shorter is called several times, since a clock and a cold cache cost something


def take_turns(functions, turns):
    """Time functions without arguments one after another, again and again.

    functions: dict from name to function. Each is called once before, untimed. Returns a dict from name to the
    seconds per call in each turn (turns,). Raises TypeError or ValueError for anything but functions and an int from 1.
    """
    check_size("turns", turns)
    if not functions:
        raise ValueError("functions must not be empty")
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"functions[{name!r}] must be a function, got {function!r}")
        function()
    calls = {name: max(1, round(SHORTEST_TURN / _seconds(f, 1))) for name, f in functions.items()}
    times = {name: np.empty(turns) for name in functions}
    for turn in range(turns):
        for name, function in functions.items():
            times[name][turn] = _seconds(function, calls[name])
    return times


def _seconds(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls
