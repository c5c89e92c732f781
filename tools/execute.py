"""Run chapters from a fresh kernel and write their outputs back: python tools/execute.py [NOTEBOOK ...], all if none.

The same machine writes the same bytes again: no times, no versions, nothing of the run but its outputs.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["GRULIB_PROGRESS"] = "0"  # see conftest.py

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parent.parent / "book"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    where = {"metadata": {"path": str(BOOK)}}
    NotebookClient(notebook, record_timing=False, coalesce_streams=True, timeout=600, resources=where).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for path in [Path(p) for p in sys.argv[1:]] or sorted(BOOK.glob("*.ipynb")):
        start = time.perf_counter()
        print(f"{path.name} ... ", end="", flush=True)
        execute(path)
        print(f"{time.perf_counter() - start:.0f} s", flush=True)
