"""tools/execute.py: the same bytes again, and which outputs stay as they were."""

import shutil
import subprocess
import sys

import nbformat
import pytest
from helpers import ROOT, load_tool

CELLS = [
    "from grulib.timing import milliseconds\nfrom grulib.exercises import check",
    "import time; print(time.time())",
]


def notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"chapter-{i}") for i, source in enumerate(sources)]
    cells[-1].metadata["tags"] = ["nbval-ignore-output"]
    return nbformat.v4.new_notebook(cells=cells)


def test_an_output_that_is_not_compared_stays_until_its_source_changes(tmp_path):
    tool = load_tool("execute")
    path = tmp_path / "chapter.ipynb"
    nbformat.write(notebook("1 + 1", CELLS[1]), path)
    tool.execute(path)
    first = path.read_bytes()
    tool.execute(path)
    assert path.read_bytes() == first
    changed = nbformat.read(path, as_version=4)
    changed.cells[1].source += "  # again"
    nbformat.write(changed, path)
    tool.execute(path)
    one, other = (nbformat.reads(text, as_version=4).cells for text in (first.decode(), path.read_text("utf-8")))
    assert one[0].outputs == other[0].outputs and one[1].outputs != other[1].outputs


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("grulib/timing.py", "in milliseconds per call", "in ms per call", False),  # a docstring
        ("grulib/exercises/kinds.py", "return", "return ", False),  # exercises do not count
        ("grulib/fast.py", "return", "return None or", False),  # not imported
        ("grulib/timing.py", "1e3", "1e6", True),
        ("grulib/checks.py", "if size < at_least", "if size <= at_least", True),  # timing imports it
    ],
)
def test_what_an_output_was_made_by(tmp_path, name, old, new, changes):
    shutil.copytree(ROOT / "grulib", tmp_path / "grulib", ignore=shutil.ignore_patterns("__pycache__"))
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    script += "from grulib.fingerprint import fingerprint_of_modules\n"
    script += "print(fingerprint_of_modules('from grulib.timing import milliseconds'))"

    def made_by():
        return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout

    before, file = made_by(), tmp_path / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    assert (made_by() != before) == changes
