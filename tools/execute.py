"""Run chapters from a fresh kernel and write their outputs back: python tools/execute.py [NOTEBOOK ...], all if none.

The same machine writes the same bytes again: no times, no versions, nothing of the run but its outputs. A cell whose
output is not compared (nbval-ignore-output) keeps the one it has, a time that was measured, say, as long as neither the
code up to it nor the modules of grulib that its chapter imports have changed: so that a diff shows changes and no noise.
"""

import argparse
import ast
import hashlib
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tools"))

from grulib.runtime import prepare_kernels

prepare_kernels()

import nbformat
import solutions
from nbclient import NotebookClient

from grulib.fingerprint import fingerprint_of_modules

BOOK = ROOT / "book"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def made_by(notebook, cell):
    """A hash of the code up to the cell, without the exercises', and of the modules that the chapter imports."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    before = [other.source for other in notebook.cells[: notebook.cells.index(cell)] if other.cell_type == "code"]
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    imports = "\n".join(line for line in map(ast.unparse, nodes) if "grulib.exercises" not in line)
    parts = [*(source for source in before if "check(" not in source), cell.source, fingerprint_of_modules(imports)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def execute(path):
    notebook = nbformat.read(path, as_version=4)
    before = {cell.id: (cell.metadata.get("made_by"), cell.get("outputs")) for cell in notebook.cells}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("made_by", None)
    folded = {cell.id: cell for cell in notebook.cells if solutions.code_of(cell)}
    runs = {id: solutions.as_code_cell(cell) for id, cell in folded.items()}
    whole = nbformat.from_dict(notebook)
    whole.cells = [part for cell in notebook.cells for part in (cell, runs.get(cell.id)) if part]
    where = {"metadata": {"path": str(BOOK)}}
    NotebookClient(whole, record_timing=False, coalesce_streams=True, timeout=600, resources=where).execute()
    for id, cell in folded.items():
        printed = "".join(output.text for output in runs[id].outputs if output.get("name") == "stdout")
        cell.source = solutions.with_printed(cell.source, printed)
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
    for cell in notebook.cells:
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            cell.metadata["made_by"] = made_by(notebook, cell)
            stored_by, outputs = before[cell.id]
            if stored_by == cell.metadata["made_by"]:
                cell.outputs = outputs
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(BOOK.glob("*.ipynb")))
    for path in parser.parse_args().notebooks:
        start = time.perf_counter()
        print(f"{path.name} ... ", end="", flush=True)
        execute(path)
        print(f"{time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
