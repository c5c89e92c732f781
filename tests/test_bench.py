"""tools/bench.py: what it says of measurements, and what it does where a machine tells little. Nothing is timed."""

import importlib.util
import platform
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from grulib.figures import draw_speed

spec = importlib.util.spec_from_file_location("bench", Path(__file__).parent.parent / "tools" / "bench.py")
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)


def rows(ratio, noise=1.0, memory=2.0):
    """Two rows as `measure` makes them, one for each pass."""
    run = {"when": "2026-01-01 00:00", "processor": "P", "T": 35, "B": 32, "D": 28, "H": 256}
    for pass_ in ("forward", "both"):
        row = {**run, "pass": pass_}
        for name, middle in (("grulib", 1.0), ("torch", 1 / ratio), ("ratio", ratio)):
            row |= {f"{name}_low": 0.9 * middle, name: middle, f"{name}_high": 1.1 * middle}
        row |= {"products_low": 0.5, "products": 0.5, "products_high": 0.5 * noise}
        yield row | {"grulib_MB": memory, "torch_MB": memory}


def test_the_table_gives_ratios_their_mean_and_a_warning_of_noise(capsys):
    bench.table([*rows(0.5), *rows(0.125)])
    quiet = capsys.readouterr().out
    assert "(35, 32, 28, 256)    forward   1000.00 ms (-10% +10%)  2000.00 ms   ratio 0.50" in quiet
    assert "to bare products 2.00   memory   2.0 and   2.0 MB" in quiet
    assert "both: geometric mean 0.25, largest 0.50" in quiet and "noisy" not in quiet
    bench.table(list(rows(0.5, noise=1.3)))
    assert "the same matrix products differ by a factor of 1.30" in capsys.readouterr().out


def test_what_a_machine_does_not_tell_is_left_out(capsys, monkeypatch):
    bench.table(list(rows(0.5, memory=None)))
    assert "memory" not in capsys.readouterr().out
    monkeypatch.setattr(bench.Path, "read_text", lambda path: "processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert bench.processor() == platform.machine()
    monkeypatch.setattr(bench.Path, "read_text", lambda path: 'model name\t: A, B #1 "C"\n')
    assert bench.processor() == "A B 1 C"
    assert bench.peak_memory((2, 1, 1, 1), "forward", "grulib") is None


@pytest.mark.parametrize("pass_", ["forward", "both"])
def test_all_competitors_run(pass_):
    for function in bench.competitors(3, 2, 4, 5)[pass_].values():
        function()


def test_the_drawing_has_a_point_and_a_line_for_each_run(tmp_path):
    bench.append(tmp_path / "runs.csv", list(rows(0.5)))
    bench.append(tmp_path / "runs.csv", list(rows(0.75)))
    table = np.genfromtxt(tmp_path / "runs.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    figure, axes = plt.subplots()
    draw_speed(axes, table)
    for points, lines in zip(axes.lines, axes.collections):
        assert points.get_ydata().tolist() == [0.5, 0.75]
        spans = [segment[:, 1].tolist() for segment in lines.get_segments()]
        np.testing.assert_allclose(spans, [[0.45, 0.55], [0.675, 0.825]])
        xs = [segment[0, 0] for segment in lines.get_segments()]
        assert xs == points.get_xdata().tolist() and len(set(xs)) == 2
    assert [label.get_text() for label in axes.get_xticklabels()] == ["35 × 32\n28 → 256"]
    plt.close(figure)
