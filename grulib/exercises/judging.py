"""Judging an answer: run it on every case within a time limit, compare, and look for the misconception behind it."""

import contextvars
import ctypes
import threading
import traceback
from copy import deepcopy
from types import FunctionType
from typing import NamedTuple

import torch

from grulib.exercises.kinds import Expression, Function, Unfit
from grulib.exercises.values import as_tuple, describe, has_dots, is_untouched, mismatch, plain
from grulib.exercises.verdict import NOT_ATTEMPTED, NOT_RIGHT, RIGHT, Verdict

SECONDS = 5.0  # for all cases together


class OutOfTime(BaseException):
    """Raised inside an answer that runs on; no Exception, so that `except Exception` in the answer lets it pass."""


class Attempt(NamedTuple):
    outcome: object  # plain; None if there is none
    problem: str | None = None  # why there is no outcome, a sentence
    tried: bool = True  # False if the answer is of the wrong kind, so that no case was tried


def judge(exercise, answer):
    """The `Verdict` on an answer to an exercise. Whatever the answer is or does, this returns."""
    # The reader may have switched gradients off, and wants the random numbers that come next to stay the same.
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        return _judge(exercise, answer)


def _judge(exercise, answer):
    attempts, in_time, stopped = _run(lambda attempts: _attempt_all(exercise, answer, attempts))
    if attempts and is_untouched(attempts[0].outcome):
        return Verdict(exercise.id, NOT_ATTEMPTED, (f'Replace the dots, or ask hint("{exercise.id}").',))
    missing = "It could not be tried."
    if not in_time:
        restart = "" if stopped else " It could not be stopped: restart the kernel before you go on."
        missing = f"It was still running after {SECONDS:.0f} seconds.{restart}"
    attempts = [*attempts, Attempt(None, missing)]  # stands for the first case that was not tried, if there is one
    expected = _outcomes(exercise, exercise.reference)
    for i, (case, attempt, right) in enumerate(zip(exercise.cases, attempts, expected)):
        problems = _problems(exercise, attempts, expected, i)
        if problems:
            tells = attempt.tried and isinstance(exercise, (Function, Expression))  # for a value it would be the answer
            facts = _facts(exercise, case, attempt, right) if tells else ()
            diagnosis = _diagnose(exercise, attempts[: len(exercise.cases)])
            ask = () if diagnosis else (f'hint("{exercise.id}") gives a hint.',)
            return Verdict(exercise.id, NOT_RIGHT, (*problems, *ask), facts, diagnosis)
    cases = len(exercise.cases)
    return Verdict(exercise.id, RIGHT, (f"As expected on all {cases} cases.",) if cases > 1 else ())


def _attempt_all(exercise, answer, attempts):
    """Append an `Attempt` for each case; only one if the answer is of the wrong kind or still has dots."""
    try:
        if is_untouched(answer):
            attempts.append(Attempt(...))
            return
        refusal = exercise.refuse(answer)
        if refusal:
            attempts.append(Attempt(None, refusal, tried=False))
            return
        for case in exercise.cases:
            attempts.append(_attempt(exercise, answer, case))
            if is_untouched(attempts[0].outcome):
                return
    except OutOfTime:
        pass
    except BaseException as error:  # an object that raises when it is looked at
        attempts.append(Attempt(None, _explain(error, answer)))


def _attempt(exercise, answer, case):
    given = deepcopy(case)
    try:
        outcome = plain(exercise.outcome(answer, given))
    except OutOfTime:
        raise
    except BaseException as error:
        return Attempt(None, _explain(error, answer))
    if outcome is None:
        is_function = isinstance(exercise, Function)
        return Attempt(None, "It returned None: is a return missing, or not reached?" if is_function else "It is None.")
    changed = [name for name in case if mismatch(plain(given[name]), plain(case[name]), (0, 0))]
    if changed:
        return Attempt(None, f"It changes its argument {changed[0]}. Work on a copy, or make a new array.")
    return Attempt(outcome)


def _explain(error, answer):
    """A sentence on an exception, with the line of the answer where it arose."""
    try:
        text = f": {str(error)[:300]}"
    except OutOfTime:
        raise
    except BaseException:
        text = ""
    if isinstance(error, Unfit):
        return f"What it gives can't be used{text}"
    name = answer.__code__.co_filename if type(answer) is FunctionType else None
    lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name and frame.line]
    return f"It raised {type(error).__name__}{text}" + (f"\nin the line: {lines[-1]}" if lines else "")


def _run(work):
    """Run work(attempts) in a thread of its own: (the attempts in time, whether it ended in time, whether it ended at all)."""
    attempts, done = [], threading.Event()

    def target():
        try:
            work(attempts)
        except BaseException:  # OutOfTime, late
            pass
        finally:
            done.set()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(target,), daemon=True)
    try:
        thread.start()
        done.wait(SECONDS)
    finally:  # also when the reader presses stop
        in_time, attempts = done.is_set(), list(attempts)
        for _ in range(20):
            if done.is_set():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(OutOfTime))
            done.wait(0.05)
    return attempts, in_time, done.is_set()


def _outcomes(exercise, answer):
    return [plain(exercise.outcome(answer, deepcopy(case))) for case in exercise.cases]


def _problems(exercise, attempts, expected, i):
    """Sentences on what is wrong with the attempt at case i, none if nothing is."""
    attempt, tolerance = attempts[i], exercise.tolerance(exercise.cases[i])
    name = "The result" if isinstance(exercise, Function) else "The answer"
    if attempt.problem:
        return (attempt.problem,)
    wrong = mismatch(attempt.outcome, expected[i], tolerance, name, exercise.parts)
    got, right = (_by_part(exercise, outcome, expected[i]) for outcome in (attempt.outcome, expected[i]))
    if not wrong or not got:
        return (wrong,) if wrong else ()
    each = [mismatch(got[part], right[part], tolerance, part) for part in right]
    good = [part for part in right if _is_right_everywhere(exercise, attempts, expected, part)]
    return (*filter(None, each), *([f"Right: {', '.join(good)}."] if good else []))


def _by_part(exercise, outcome, right):
    """An outcome's parts by name if it has those of the right outcome, else None."""
    if isinstance(right, dict) and isinstance(outcome, dict) and set(outcome) == set(right):
        return {name: outcome[name] for name in right}
    outcome = as_tuple(outcome, right) if exercise.parts else None
    return dict(zip(exercise.parts, outcome)) if isinstance(outcome, tuple) and len(outcome) == len(right) else None


def _is_right_everywhere(exercise, attempts, expected, part):
    for case, attempt, right in zip(exercise.cases, attempts, expected):
        got = _by_part(exercise, attempt.outcome, right)
        if not got or mismatch(got[part], _by_part(exercise, right, right)[part], exercise.tolerance(case)):
            return False
    return True


def _facts(exercise, case, attempt, right):
    """The case in words: its arguments, what was expected, what came."""
    facts = [(name, describe(value)) for name, value in case.items()]
    if attempt.outcome is not None:
        for name, outcome in [("expected", right), ("got", attempt.outcome)]:
            facts.append((name, describe(_by_part(exercise, outcome, right) or outcome)))
    return tuple(facts)


def _diagnose(exercise, attempts):
    """What to tell about the misconceptions that do on every case what the answer did, None if there are none."""
    if len(attempts) < len(exercise.cases):
        return None
    found = []
    for misconception in exercise.misconceptions:
        wrong = [_attempt(exercise, misconception.answer, case) for case in exercise.cases]
        if all(_alike(*pair, exercise.tolerance(case)) for *pair, case in zip(attempts, wrong, exercise.cases)):
            found.append(misconception)
    told = [m.tells for m in found if not any(_says_less(m.answer, other.answer) for other in found)]
    return "\nAlso: ".join(told) or None


def _says_less(answer, other):
    """Whether a misconception leaves open, by `...`, parts that another settles, and settles none besides."""
    if isinstance(answer, dict):
        answer, other = tuple(answer.values()), tuple(other.values())
    if not isinstance(answer, tuple):
        return False
    settled, by_other = ({i for i, part in enumerate(parts) if not has_dots(part)} for parts in (answer, other))
    return settled < by_other


def _alike(attempt, other, tolerance):
    """Whether two attempts came to the same outcome, or to the same exception."""
    if attempt.outcome is None and other.outcome is None:
        return attempt.problem.partition("\n")[0] == other.problem.partition("\n")[0]  # without the line of code
    return mismatch(attempt.outcome, other.outcome, tolerance) is None
