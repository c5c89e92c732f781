"""Judging an answer: run it on every case, compare, and look for the misconception behind it."""

import traceback
from copy import deepcopy
from types import FunctionType
from typing import NamedTuple

import torch

from grulib.exercises import sentences
from grulib.exercises.kinds import Unfit
from grulib.exercises.values import as_tuple, describe, has_dots, is_untouched, mismatch, plain
from grulib.exercises.verdict import NOT_ATTEMPTED, NOT_RIGHT, RIGHT, STOPPED, Verdict


class Attempt(NamedTuple):
    outcome: object  # plain; None if there is none
    problem: tuple[str, ...] = ()  # why there is no outcome, in sentences
    tried: bool = True  # False if the answer is of the wrong kind, so that no case was tried


def judge(exercise, answer):
    """The `Verdict` on an answer to an exercise. Whatever the answer is or does, this returns, also if it is stopped."""
    # The reader may have switched gradients off, and wants the random numbers that come next to stay the same.
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        attempts = []
        try:
            _attempt_all(exercise, answer, attempts)
        except KeyboardInterrupt as stop:
            begun = exercise.cases[len(attempts) :][:1] if exercise.shows_facts else ()
            facts = tuple((name, describe(value)) for case in begun for name, value in case.items())
            return Verdict(exercise.id, STOPPED, (sentences.STOPPED, *_line(stop, answer)), facts)
        return _verdict(exercise, attempts)


def _attempt_all(exercise, answer, attempts):
    """Append an `Attempt` for each case; only one if the answer is of the wrong kind or still has dots."""
    try:
        untouched = is_untouched(answer)
        refusal = None if untouched else exercise.refuse(answer)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an object that raises when it is looked at
        attempts.append(Attempt(None, _explain(error, answer), tried=False))
        return
    if untouched or refusal:
        attempts.append(Attempt(...) if untouched else Attempt(None, (refusal,), tried=False))
        return
    for case in exercise.cases:
        attempts.append(_attempt(exercise, answer, case))
        if is_untouched(attempts[0].outcome):
            return


def _attempt(exercise, answer, case):
    given = deepcopy(case)
    try:
        outcome = plain(exercise.outcome(answer, given))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Attempt(None, _explain(error, answer))
    if outcome is None:
        return Attempt(None, (exercise.is_none,))
    changed = [name for name in case if mismatch(plain(given[name]), plain(case[name]), (0, 0))]
    if changed:
        return Attempt(None, (sentences.CHANGES_ARGUMENT.format(name=changed[0]),))
    return Attempt(outcome)


def _explain(error, answer):
    """Sentences on an exception, with the line of the answer where it arose."""
    try:
        text = str(error)[:300]
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = ""
    if isinstance(error, Unfit):
        return (text,)
    sentence = sentences.RAISED if text else sentences.RAISED_WITHOUT_TEXT
    return (sentence.format(type=type(error).__name__, text=text), *_line(error, answer))


def _line(error, answer):
    """A sentence with the last line of the answer that an exception passed through, if it is known."""
    name = answer.__code__.co_filename if type(answer) is FunctionType else None
    frames = [pair for pair in traceback.walk_tb(error.__traceback__) if pair[0].f_code.co_filename == name]
    return [sentences.IN_LINE.format(line=f.line) for f in traceback.StackSummary.extract(frames[-1:]) if f.line]


def _verdict(exercise, attempts):
    if is_untouched(attempts[0].outcome):
        return Verdict(exercise.id, NOT_ATTEMPTED, (sentences.REPLACE_DOTS.format(id=exercise.id),))
    expected = [plain(exercise.outcome(exercise.reference, deepcopy(case))) for case in exercise.cases]
    for i, (case, attempt, right) in enumerate(zip(exercise.cases, attempts, expected)):
        problems = _problems(exercise, attempts, expected, i)
        if problems:
            facts = _facts(exercise, case, attempt, right) if attempt.tried and exercise.shows_facts else ()
            diagnosis = _diagnose(exercise, attempts)
            ask = () if diagnosis else (sentences.ASK_HINT.format(id=exercise.id),)
            return Verdict(exercise.id, NOT_RIGHT, (*problems, *ask), facts, diagnosis)
    count = len(exercise.cases)
    return Verdict(exercise.id, RIGHT, (sentences.ON_ALL_CASES.format(count=count),) if count > 1 else ())


def _problems(exercise, attempts, expected, i):
    """Sentences on what is wrong with the attempt at case i, none if nothing is."""
    attempt, tolerance = attempts[i], exercise.tolerance(exercise.cases[i])
    if attempt.problem:
        return attempt.problem
    wrong = mismatch(attempt.outcome, expected[i], tolerance, exercise.name, exercise.parts)
    got, right = (_by_part(exercise, outcome, expected[i]) for outcome in (attempt.outcome, expected[i]))
    if not wrong or not got:
        return (wrong,) if wrong else ()
    each = [mismatch(got[part], right[part], tolerance, part) for part in right]
    good = [part for part in right if _is_right_everywhere(exercise, attempts, expected, part)]
    return (*filter(None, each), *([sentences.RIGHT_PARTS.format(parts=sentences.listed(good))] if good else []))


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
        for name, outcome in [(sentences.EXPECTED, right), (sentences.GOT, attempt.outcome)]:
            facts.append((name, describe(_by_part(exercise, outcome, right) or outcome)))
    return tuple(facts)


def _diagnose(exercise, attempts):
    """What to tell about the misconceptions that do on every case what the answer did, None if there are none."""
    if len(attempts) < len(exercise.cases) or not attempts[0].tried:
        return None
    found = [
        misconception
        for misconception in exercise.misconceptions
        if all(
            _alike(attempt, _attempt(exercise, misconception.answer, case), exercise.tolerance(case))
            for attempt, case in zip(attempts, exercise.cases)
        )
    ]
    told = list(dict.fromkeys(m.tells for m in found if not any(_says_less(m.answer, other.answer) for other in found)))
    return "\n".join([*told[:1], *(sentences.ALSO.format(tells=tells) for tells in told[1:])]) or None


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
        return attempt.problem[:1] == other.problem[:1]  # without the line of code
    return mismatch(attempt.outcome, other.outcome, tolerance) is None
