"""Mistakes written out anew, each of one that a change of the chapter's own code had turned into another unseen."""

import inspect

import numpy as np
import pytest
from right_answers import ALL, ANSWERS

from grulib.exercises.judging import judge
from grulib.exercises.kinds import Function
from grulib.exercises.verdict import NOT_RIGHT


def spread_of_one(correct_a, correct_b):
    differences = [int(a) - int(b) for a, b in zip(correct_a, correct_b)]
    return np.mean(differences), np.std(differences, ddof=1)


def printed_otherwise(printed, true, digits):
    return [
        name
        for name in printed
        if [f"{t:.{digits}f}" for t in true[name]] != [f"{p:.{digits}f}" for p in printed[name]]
    ]


def no_memory():
    return np.array([30.0, 30.0]), np.zeros((2, 2)), np.array([-15.0, -45.0]), np.array([2.0, -2.0])


def z_for_the_new(h, r, z, n, m):
    of_n = z * (1 - n) * (1 + n)
    return of_n, of_n * m * (r - r**2), (h - n) * (z - z**2)


def scale_without_size(w):
    scale = np.max(w) / 127
    return np.rint(w / scale).clip(-128, 127).astype(np.int8), scale


HALF_LIFE, BIAS = ANSWERS["equations.5"]


@pytest.mark.parametrize(
    ("id", "answer", "words"),
    [
        ("equations.5", (HALF_LIFE, -BIAS), "sign is that of the other convention"),
        ("practice.8", spread_of_one, "spread of a single difference"),
        ("speed.4", z_for_the_new, "candidate's share of the new state is 1 - z"),
        ("speed.6", (10, 1000 * 4 * 3 * 512 * 512 / 20e9), "W is read as well"),
        ("beyond.3", scale_without_size, "w.max() misses it"),
        ("worked-example.5", printed_otherwise, "rounds halves to the even digit"),
        ("comparison.3", no_memory, "does not remember"),
        ("speech.1", (5.15, ANSWERS["speech.1"][1]), "1 - p is missing"),
    ],
)
def test_the_words_name_a_mistake_written_out_anew(id, answer, words):
    verdict = judge(ALL[id], answer)
    assert verdict.status == NOT_RIGHT and words in verdict.diagnosis, verdict


@pytest.mark.parametrize("id", [id for id, exercise in ALL.items() if isinstance(exercise, Function)])
def test_a_case_names_the_arguments_as_the_answer_does(id):
    names = list(inspect.signature(ALL[id].reference).parameters)
    for case in ALL[id].cases:
        assert list(case) == names[: len(case)]
