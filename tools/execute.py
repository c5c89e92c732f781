"""Run chapters from a fresh kernel and write their outputs back: python tools/execute.py [NOTEBOOK ...], all if none.

The same machine writes the same bytes again: no times, no versions, nothing of the run but its outputs.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from grulib.runtime import prepare_kernels

prepare_kernels()

import nbformat
from nbclient import NotebookClient

BOOK = ROOT / "book"
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
