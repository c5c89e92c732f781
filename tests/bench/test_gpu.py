"""grulib.bench.gpu: what it times runs, what is stored is whole, and it says that there is no GPU."""

import json
import subprocess
import sys

import pytest
import torch

from grulib.bench import gpu


@pytest.mark.parametrize("name", gpu.layers())
def test_each_layer_runs_both_passes(name):
    layer = gpu.layers()[name]
    passes = gpu.passes(layer, torch.randn(2, 3, gpu.D))
    passes["forward"]()
    assert all(parameter.grad is None for parameter in layer.parameters())
    passes["both"]()
    assert all(parameter.grad.abs().max() > 0 for parameter in layer.parameters())


def test_distance_is_rounding():
    assert gpu.distance("cpu", torch.float64, T=5) < 1e-14
    assert 1e-9 < gpu.distance("cpu", torch.float32, T=5) < 1e-6


def test_the_stored_run_has_each_layer_pass_and_number_of_steps():
    run = json.loads(gpu.RESULTS.read_text("utf-8"))
    rows = [(row["name"], row["T"], row["pass"]) for row in run["times"]]
    assert rows == [(name, T, way) for name in gpu.layers() for T in gpu.STEPS for way in ("forward", "both")]
    assert all(0 < row["low"] <= row["median"] <= row["high"] for row in run["times"])
    assert run["sizes"] == {"B": gpu.B, "D": gpu.D, "H": gpu.H} and run["device"]
    assert set(run["distances"]) == {"float64", "float32"}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(tmp_path):
    command = [sys.executable, "-m", "grulib.bench.gpu", tmp_path / "gpu.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "no GPU" in done.stderr and not list(tmp_path.iterdir())
