"""What references and mistakes give on their cases is what they gave when they were last looked at.

A mistake stands in one place only, so that a change which makes another of it would be seen by nothing else. After a change that
is meant: `.venv/bin/python tests/exercises/test_outcomes.py`, and look at the difference.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from grulib import exercises
from grulib.exercises.judging import _attempt
from grulib.exercises.values import has_dots

STORED = Path(__file__).with_name("outcomes.json")
ALL = {id: exercise for chapter in exercises.CHAPTERS for id, exercise in exercises.exercises(chapter).items()}


def outcomes(exercise):
    """A short hash for the reference and each mistake."""
    answers = [exercise.reference, *(mistake.answer for mistake in exercise.misconceptions)]
    return [hashlib.sha256(repr(list(map(rounded, attempts(exercise, a)))).encode()).hexdigest()[:8] for a in answers]


def attempts(exercise, answer):
    for case in exercise.cases:
        if has_dots(answer):  # parts that a mistake leaves open
            yield answer
        else:
            attempt = _attempt(exercise, answer, case)
            yield attempt.problem[:1] if attempt.outcome is None else attempt.outcome


def rounded(value):
    """A value whose numbers keep four digits, so that it is the same on every processor."""
    if isinstance(value, dict):
        return [(key, rounded(entry)) for key, entry in value.items()]
    if isinstance(value, (tuple, list)):
        return list(map(rounded, value))
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (int, float, np.ndarray, np.generic)) and not isinstance(value, bool):
        array = np.asarray(value, float)
        size = abs(array[np.isfinite(array)]).max(initial=0) or 1.0
        with np.errstate(invalid="ignore"):  # the shift keeps round numbers off the borders of rounding
            steps = np.nan_to_num(np.floor(array / size * 1e4 + 0.3819660), nan=-1e9, posinf=1e9, neginf=-2e9)
        return array.shape, f"{size:.4g}", steps.astype(int).tolist()
    return str(value)


@pytest.mark.parametrize("id", ALL)
def test_references_and_mistakes_give_what_they_gave(id):
    assert json.loads(STORED.read_text("utf-8"))[id] == outcomes(ALL[id])


if __name__ == "__main__":
    lines = [f"{json.dumps(id)}: {json.dumps(outcomes(exercise))}" for id, exercise in ALL.items()]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
