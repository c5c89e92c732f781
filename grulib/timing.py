"""Compare speeds on a machine that does other things too: functions take turns, and medians are compared.

A machine that slows down for a second slows all of them down, so that ratios within one turn mean more than seconds.
"""

import time

import numpy as np

from grulib.checks import check_size, shown

SHORTEST_TURN = 0.01  # seconds, about: what is shorter is called several times in a turn


def take_turns(functions, turns):
    """Time functions without arguments one after another, again and again; each turn begins with another one.

    functions: dict from name to function. Each is called twice before the first turn. Returns a dict from name to the
    seconds per call in each turn (turns,). Raises TypeError or ValueError for anything but functions and an int from 1.
    """
    check_size("turns", turns)
    if not isinstance(functions, dict) or not functions:
        raise TypeError(f"functions must be a dict from name to function, got {shown(functions)}")
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"functions[{name!r}] must be a function, got {shown(function)}")
    calls = {}
    for name, function in functions.items():
        function()  # fills caches
        calls[name] = max(1, round(SHORTEST_TURN / max(_seconds(function, 1), 1e-7)))
    times = {name: np.empty(turns) for name in functions}
    names = list(functions)
    for turn in range(turns):
        for name in names:
            times[name][turn] = _seconds(functions[name], calls[name])
        names.append(names.pop(0))
    return times


def milliseconds(functions, turns=9):
    """The median over turns of `take_turns`, in milliseconds per call: a dict from name to float. Raises as it does."""
    return {name: 1e3 * float(np.median(seconds)) for name, seconds in take_turns(functions, turns).items()}


def _seconds(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls
