import functools
import os
import sys
from collections import defaultdict
from pathlib import Path

import grulib
from grulib.runtime import ROOT, prepare_kernels

if Path(__file__).parent != ROOT:
    raise ImportError(f"grulib must be the one beside {__file__}, got that of {grulib.__file__}")
# Before NumPy and PyTorch are loaded here, in the workers of xdist and in the kernels of nbval.
prepare_kernels()
if os.environ.get("GRULIB_DATA"):
    os.environ["GRULIB_DATA"] = os.path.abspath(os.environ["GRULIB_DATA"])  # the kernels of nbval run in book/

sys.path.append(str(ROOT / "tools"))

import hypothesis
import solutions

from grulib import data

# The same cases in every run: a failure that a run shows, the next run shows too.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("book")


def pytest_collection_modifyitems(items):
    """The folded solutions of a chapter are run among its cells, each where it stands.

    Chapters on The Time Machine run on another text where it can't be had; then their outputs differ, their asserts hold.
    """
    items[:] = [part for item in items for part in (*solutions_before(item), item)]
    for item in items:
        if hasattr(item, "cell") and reads_the_text(item.parent.path) and why_another_text():
            item.options["check"] = False


def pytest_report_header(config):
    note = config.getoption("nbval") and why_another_text()  # only if chapters are run: it may go to the network
    return f"{note}. The outputs of chapters on it are not compared." if note else None


def solutions_before(item):
    """Items for the solutions between the code cell before an item's cell and this one."""
    if not hasattr(item, "cell"):
        return
    cells = item.parent.nb.cells
    place = next(i for i, cell in enumerate(cells) if cell is item.cell)
    while place and cells[place - 1].cell_type != "code":
        place -= 1
        if solutions.code_of(cells[place]):
            yield type(item).from_parent(
                item.parent,
                name=f"Solution {cells[place].id}",
                cell_num=item.cell_num,
                cell=solutions.as_code_cell(cells[place]),
                options=defaultdict(bool, check=True),
            )


@functools.cache
def reads_the_text(path):
    return "data.text()" in path.read_text("utf-8")


@functools.cache
def why_another_text():
    return data.text().note
