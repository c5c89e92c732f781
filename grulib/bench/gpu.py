"""Time the GRU on a GPU and write gpu.json: python -m grulib.bench.gpu [FILE.json].

Four ways through x (B, T, D) in float32, timed with the GPU's own clock, and how far cuDNN's states are from `grulib.gru`.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from grulib import files
from grulib.mingru import MinGRU, scan_logarithms
from grulib.torch_layers import GRULayer, layer_to_gru

RESULTS = Path(__file__).with_name("gpu.json")
B, D, H = 64, 64, 256
STEPS = (1, 16, 64, 256, 1024, 4096)


def layers():
    """What is timed, by name: the same sizes, each with weights of its own."""
    torch.manual_seed(0)
    return {
        "nn.GRU": nn.GRU(D, H, batch_first=True),
        "cell by cell": GRULayer(D, H, reset="after"),
        "minGRU, pairs": MinGRU(D, H),
        "minGRU, logarithms": MinGRU(D, H, scan=scan_logarithms),
    }


def passes(layer, x):
    """A call of each pass: "forward" without gradient, and "both" for forward and backward."""

    def states():
        outputs = layer(x)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def forward():
        with torch.no_grad():
            states()

    def both():
        layer.zero_grad(set_to_none=True)
        states().sum().backward()

    return {"forward": forward, "both": both}


def gpu_milliseconds(function, repeats=20):
    """Quartiles of a call's time on the GPU, by its own events, (3,); the first three calls are not counted."""
    times = []
    for _ in range(3 + repeats):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        function()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return np.percentile(times[3:], [25, 50, 75])


def distance(device, dtype, T=100):
    """The largest difference between the states of nn.GRU on a device and those of `grulib.gru` in float64."""
    torch.manual_seed(0)
    layer, x = nn.GRU(D, H, batch_first=True).double(), torch.randn(B, T, D).double()
    expected, _ = layer_to_gru(layer).forward(x.numpy())
    with torch.no_grad():
        states, _ = layer.to(device, dtype)(x.to(device, dtype))
    return float(np.abs(states.double().cpu().numpy() - expected).max())


def measure():
    """All results: the device, versions, rows of times in milliseconds, and distances."""
    rows = []
    for name, layer in layers().items():
        layer.to("cuda")
        for T in STEPS:
            x = torch.randn(B, T, D, device="cuda")
            for pass_, function in passes(layer, x).items():
                low, middle, high = gpu_milliseconds(function).tolist()
                rows.append({"name": name, "T": T, "pass": pass_, "low": low, "median": middle, "high": high})
    return {
        "device": torch.cuda.get_device_name(),
        "versions": {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()},
        "sizes": {"B": B, "D": D, "H": H},
        "times": rows,
        "distances": {name: distance("cuda", getattr(torch, name)) for name in ("float64", "float32")},
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m grulib.bench.gpu", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("_build/gpu.json"), help="where the results go")
    path = parser.parse_args().file
    if not torch.cuda.is_available():
        parser.exit(1, "There is no GPU here that PyTorch can use.\n")
    path.parent.mkdir(exist_ok=True)
    files.replace(path, (json.dumps(measure(), indent=1) + "\n").encode())
    print(f"Written to {path}")


if __name__ == "__main__":
    main()
