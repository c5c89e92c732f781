"""The exercises' cells in the chapters: boxes, stubs, checks and solutions fit what `check` knows."""

import ast
import re

import nbformat
import numpy as np
import pytest
import sympy as sp
import torch
from helpers import BOOK
from right_answers import ALL

from grulib import exercises
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Function
from grulib.exercises.verdict import NOT_ATTEMPTED


def book_exercises(chapter):
    """For each exercise of a chapter: label, level, stub cell, check cell, and the cells of its solution."""
    cells = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells
    found, in_solution = [], False
    for i, cell in enumerate(cells):
        if in_solution and ":::{solution-end}" not in cell.source:
            found[-1][4].append(cell)
        elif cell.cell_type == "markdown":
            in_solution = ":::{solution-start}" in cell.source
            box = re.search(r":::\{exercise\} .*\((\w+)\)\n:label: (\S+)", cell.source)
            if box:
                found.append((box[2], box[1], cells[i + 1], cells[i + 2], []))
    return found


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
        own = [cell for cell in solution if re.search(rf'check\(\s*"{id}",', cell.source)]
        assert len(own) == 1 and "own=False" in own[0].source, id
        assert any(text.startswith(f"{id}: right.") for text in shown(own[0])), id
        for cell in solution:  # closed in Jupyter until they are run; their first line shows, and gives nothing away
            assert cell.metadata.jupyter.source_hidden, id
            assert cell.source.startswith(("# A solution.\n", "<!-- The explanation. Click to open. -->\n")), id
            assert cell.cell_type == "markdown" or cell.metadata.jupyter.outputs_hidden, id
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
