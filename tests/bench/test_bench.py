"""grulib.bench: what it says of measurements, what it does where a machine tells little, and the picture. Nothing is timed."""

import json
import platform

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import refused

from grulib import bench
from grulib.bench import __main__ as main
from grulib.bench import latency, measure
from grulib.bench.figure import draw_speed
from grulib.page import BRICK, STEEL


def rows(ratio, noise=1.0, memory=2.0, T=35):
    """Two rows as `measure` makes them, one for each pass."""
    run = {"when": "2026-01-01 00:00", "processor": "P", "T": T, "B": 32, "D": 28, "H": 256}
    for pass_ in ("forward", "both"):
        row = {**run, "pass": pass_}
        for name, middle in (("grulib", 1.0), ("torch", 1 / ratio), ("ratio", ratio), ("of_onnx", 0.8)):
            row |= {f"{name}_low": 0.9 * middle, name: middle, f"{name}_high": 1.1 * middle}
        row |= {"products_low": 0.5, "products": 0.5, "products_high": 0.5 * noise}
        yield row | {"grulib_MB": memory, "torch_MB": memory}


def test_the_table_gives_ratios_their_mean_and_a_warning_of_noise(capsys):
    main.table([*rows(0.5), *rows(0.125)])
    quiet = capsys.readouterr().out
    assert "(35, 32, 28, 256)    forward   1000.00 ms (-10% +10%)  2000.00 ms   ratio 0.50" in quiet
    assert "to bare products 2.00   memory   2.0 and   2.0 MB" in quiet
    assert "both: geometric mean 0.25, largest 0.50" in quiet and "noisy" not in quiet
    assert "forward, of ONNX Runtime's time: 0.80, 0.80" in quiet
    main.table(list(rows(0.5, noise=1.3)))
    assert "the same matrix products differ by a factor of 1.30" in capsys.readouterr().out


def test_what_a_machine_does_not_tell_is_left_out(capsys, monkeypatch):
    main.table(list(rows(0.5, memory=None)))
    assert "memory" not in capsys.readouterr().out
    monkeypatch.setattr(measure.Path, "read_text", lambda path, encoding: "processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert measure.processor() == platform.machine()
    monkeypatch.setattr(measure.Path, "read_text", lambda path, encoding: 'model name\t: A, B #1 "C"\n')
    assert measure.processor() == "A B 1 C"
    assert measure.peak_memory((2, 1, 1, 1), "forward", "grulib") is None


@pytest.mark.parametrize("pass_", ["forward", "both"])
def test_all_competitors_run(pass_):
    for function in measure.competitors(3, 2, 4, 5)[pass_].values():
        function()


def test_every_way_does_the_same_step_and_the_stored_latencies_have_each(monkeypatch):
    monkeypatch.setattr(latency.torch, "compile", lambda cell: cell)  # which takes long, and does not change it
    states = [
        np.asarray(getattr(value, "detach", lambda value=value: value)()) for value in last_states(latency.ways(3, 4))
    ]
    for state in states:
        np.testing.assert_allclose(state.reshape(1, 4), states[0], atol=1e-6)
    stored = json.loads(latency.LATENCY.read_text("utf-8"))
    assert list(stored["seconds"]) == [f"{D} inputs, {H} units" for D, H in latency.SIZES]
    for seconds in stored["seconds"].values():
        assert list(seconds) == list(latency.ways(3, 4))
        assert all(0 < middle < high <= most for middle, high, most in seconds.values())


def last_states(ways):
    """What each way gives: nn.GRU a pair, ONNX Runtime a list."""
    for step in ways.values():
        given = step()
        yield given[-1] if isinstance(given, (tuple, list)) else given


def two_runs(path):
    bench.append(path, [*rows(0.5), *rows(0.25, T=8)])
    bench.append(path, [*rows(0.75), *rows(0.125, T=8)])
    assert b"\r" not in path.read_bytes()
    return bench.runs(path)


def test_runs_are_grouped_by_shape_and_pass(tmp_path):
    runs = two_runs(tmp_path / "runs.csv")
    shapes = [(35, 32, 28, 256), (8, 32, 28, 256)]
    assert list(runs) == [(shape, pass_) for shape in shapes for pass_ in ("forward", "both")]
    for (T, *_), pass_ in runs:
        assert runs[(T, 32, 28, 256), pass_]["ratio"].tolist() == ([0.5, 0.75] if T == 35 else [0.25, 0.125])
    assert {len(rows) for rows in bench.runs().values()} == {3}  # those of the book


def test_half_a_run_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    two_runs(path)
    lines = path.read_text("utf-8").splitlines()
    for kept in (lines[:-1], lines[:-2], [*lines[:2], lines[3], *lines[5:8:2]]):
        path.write_text("\n".join(kept) + "\n", "utf-8")
        refused(ValueError, "path must have whole runs, got", lambda: bench.runs(path))


def test_the_drawing_has_a_point_and_a_line_for_each_run(tmp_path):
    figure, axes = plt.subplots()
    draw_speed(axes, two_runs(tmp_path / "runs.csv"))
    for points, lines in zip(axes.lines, axes.collections):
        assert points.get_ydata().tolist() == [0.5, 0.75, 0.25, 0.125]
        spans = [segment[:, 1].tolist() for segment in lines.get_segments()]
        np.testing.assert_allclose(spans[:2], [[0.45, 0.55], [0.675, 0.825]])
        xs = [segment[0, 0] for segment in lines.get_segments()]
        assert xs == points.get_xdata().tolist() and np.round(xs).tolist() == [0, 0, 1, 1] and len(set(xs)) == 4
    assert [label.get_text() for label in axes.get_xticklabels()] == ["35 × 32, 28 → 256", "8 × 32, 28 → 256"]
    plt.close(figure)


def test_the_legend_names_colour_and_mark_of_each_pass(tmp_path):
    bench.append(tmp_path / "runs.csv", [{**row, "ratio": 3.0 if row["pass"] == "both" else 1.0} for row in rows(0.5)])
    figure, axes = plt.subplots()
    draw_speed(axes, bench.runs(tmp_path / "runs.csv"))
    handles, labels = axes.get_legend_handles_labels()
    got = {
        label: (h.get_color(), h.get_marker(), h.get_ydata().tolist(), bool(h.get_xdata()[0] > 0))
        for h, label in zip(handles, labels)
    }
    assert got == {
        "forward, no gradient": (STEEL, "o", [1.0], False),
        "forward and backward": (BRICK, "^", [3.0], True),
    }
    assert [text.get_text() for text in axes.get_legend().get_texts()] == labels
    plt.close(figure)
