"""Speed of grulib.fast and of PyTorch's nn.GRU: `python -m grulib.bench` measures a run, runs.csv has the book's.

A file of runs has a row for each shape and pass of each run. Columns: when and on which processor; T, B, D, H; pass,
"forward" without gradient or "both" for forward and backward; for grulib, torch and products (bare matrix products) the
seconds of a call, median and quartiles over turns; ratio, grulib by torch turn by turn, and of_onnx, grulib by ONNX
Runtime (forward only, else NaN), likewise; MB of memory.
"""

import csv
import io
from pathlib import Path

import numpy as np

from grulib import files
from grulib.checks import check_path, shown

RUNS = Path(__file__).with_name("runs.csv")


def runs(path=RUNS):
    """The runs in a file: a dict from (shape, pass) to a structured array with a row for each run, in their order.

    shape is (T, B, D, H). Raises ValueError if a run lacks a shape or a pass.
    """
    check_path(path)
    try:
        rows = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8", ndmin=1)
        if not {*"TBDH", "pass", "ratio"} <= set(rows.dtype.names or ()):
            raise ValueError(f"its columns are {rows.dtype.names}")
    except ValueError as error:
        raise ValueError(f"path must be a file of runs, got {path}: {error}") from error
    keys = [(tuple(int(row[name]) for name in "TBDH"), str(row["pass"])) for row in rows]
    grouped = {key: rows[[other == key for other in keys]] for key in dict.fromkeys(keys)}
    counts = {len(group) for group in grouped.values()}
    if len(counts) != 1 or len(grouped) != 2 * len({shape for shape, _ in grouped}):
        raise ValueError(f"path must have whole runs, got {path} with { {k: len(v) for k, v in grouped.items()} }")
    return grouped


def append(path, rows):
    """Add a run, a list of dicts with the same names, to a CSV file, which begins with these names; all of it or nothing."""
    check_path(path)
    if (
        not isinstance(rows, list)
        or not rows
        or not all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows)
    ):
        raise TypeError(f"rows must be a list of dicts with the same names, got {shown(rows)}")
    path, text = Path(path), io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    header = text.getvalue().encode()
    writer.writerows(rows)
    before = path.read_bytes() if path.exists() else b""
    if before and not before.startswith(header):
        raise ValueError(f"path must be a file with the columns {', '.join(rows[0])}, got {path}")
    files.replace(path, before + text.getvalue().encode()[len(header) if before else 0 :])
