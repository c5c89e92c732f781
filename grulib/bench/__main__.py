"""Measure, print a table, add the run to a file of runs, and draw all runs in it: python -m grulib.bench [FILE.csv]."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from grulib import bench
from grulib.bench.figure import draw_speed
from grulib.bench.measure import measure
from grulib.figures import use_style
from grulib.runtime import use_one_thread

NOISY = 1.2  # upper by lower quartile of the bare matrix products, which always do the same


def main():
    parser = argparse.ArgumentParser(prog="python -m grulib.bench", description=bench.__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("_build/bench.csv"), help="a CSV file of runs")
    path = parser.parse_args().file
    path.parent.mkdir(exist_ok=True)
    use_one_thread()
    rows = list(measure())
    bench.append(path, rows)
    table(rows)
    use_style()
    figure, axes = plt.subplots()
    draw_speed(axes, bench.runs(path))
    figure.savefig(path.with_suffix(".svg"))
    print(f"Added to {path}; all its runs are drawn in {path.with_suffix('.svg')}")


def table(rows):
    """The rows in words, and the geometric mean of the ratios of each pass."""
    for row in rows:
        ours, theirs, bare = row["grulib"], row["torch"], row["products"]
        memory = "" if row["grulib_MB"] is None else f"   memory {row['grulib_MB']:5.1f} and {row['torch_MB']:5.1f} MB"
        print(
            f"{tuple(row[k] for k in 'TBDH')!s:20} {row['pass']:8} {1e3 * ours:8.2f} ms"
            f" ({row['grulib_low'] / ours - 1:+4.0%} {row['grulib_high'] / ours - 1:+4.0%}) {1e3 * theirs:8.2f} ms"
            f"   ratio {row['ratio']:4.2f}   to bare products {ours / bare:4.2f}" + memory
        )
    for pass_ in ("forward", "both"):
        ratios = [row["ratio"] for row in rows if row["pass"] == pass_]
        print(f"{pass_}: geometric mean {np.exp(np.mean(np.log(ratios))):.2f}, largest {max(ratios):.2f}")
    of_onnx = [row["of_onnx"] for row in rows if row["pass"] == "forward"]
    print(f"forward, of ONNX Runtime's time: {', '.join(f'{ratio:.2f}' for ratio in of_onnx)}")
    noise = np.median([row["products_high"] / row["products_low"] for row in rows])
    if noise > NOISY:
        print(
            f"This machine is noisy: the quartiles of the same matrix products differ by a factor of {noise:.2f}.\n"
            "Ratios still mean something, since all take turns; seconds do not. Close what else runs, and try again."
        )


if __name__ == "__main__":
    main()
