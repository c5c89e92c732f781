"""The exercises' cells in the chapters: boxes, stubs, checks and solutions fit what `check` knows."""

import ast
import re

import nbformat
import numpy as np
import pytest
import solutions
import sympy as sp
import torch
from helpers import BOOK
from right_answers import ALL

from grulib import exercises
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Function
from grulib.exercises.verdict import NOT_ATTEMPTED


def book_exercises(chapter):
    """For each exercise of a chapter: label, level, and the cells with the stub, the check and the solution."""
    cells = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells
    boxes = [re.search(r":::\{exercise\} .*\((\w+)\)\n:label: (\S+)", cell.source) for cell in cells]
    return [(box[2], box[1], *cells[i + 1 : i + 4]) for i, box in enumerate(boxes) if box]


def shown(cell):
    return [output["data"]["text/plain"] for output in cell.get("outputs", []) if "data" in output]


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_the_exercises_of_a_chapter_are_those_that_check_knows(chapter):
    found = book_exercises(chapter)
    ids = [f"{chapter}.{number}" for number in range(1, len(found) + 1)]
    assert list(exercises.exercises(chapter)) == ids
    assert [label for label, *_ in found] == [f"ex-{chapter}-{number}" for number in range(1, len(found) + 1)]
    assert {level for _, level, *_ in found} <= {"easy", "medium", "hard"}
    assert sum(isinstance(exercise, Function) for exercise in exercises.exercises(chapter).values()) >= 2
    for id, (_, _, stub, check, solution) in zip(ids, found):
        assert "..." in stub.source and check.source.startswith(f'check("{id}",'), id
        assert shown(check) == [f'{id}: not attempted yet.\nReplace the dots, or ask hint("{id}").'], id
        code = solutions.code_of(solution)  # run by nbval, which finds out whether it is right
        assert solutions.FOLDED.match(solution.source)["id"] == id and solution.source.endswith("\n\n</details>"), id
        assert len(re.findall(rf'check\(\s*"{id}",', code)) == len(re.findall(r"\bcheck\(", code)) == 1, id
        answer = ast.parse(check.source).body[-1].value.args[1]
        if ALL[id].parts and isinstance(answer, ast.Tuple):  # parts have the names that the reader sees
            assert [name.id for name in answer.elts] == list(ALL[id].parts), id
        assert len(ALL[id].hints) >= 2 and ALL[id].misconceptions, id


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_stubs_count_as_not_attempted(chapter):
    for _, _, stub, check, _ in book_exercises(chapter):
        verdicts = []
        names = {
            "np": np,
            "sp": sp,
            "nn": torch.nn,
            "check": lambda id, answer: verdicts.append(judge(ALL[id], answer)),
        }
        exec(stub.source + "\n" + check.source, names)
        assert [verdict.status for verdict in verdicts] == [NOT_ATTEMPTED], stub.source


def test_every_chapter_has_its_exercises():
    assert set(exercises.CHAPTERS) == {path.stem for path in BOOK.glob("*.ipynb")}
