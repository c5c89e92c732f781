"""How long one step takes while others wait for it: python -m grulib.bench.latency times single steps and writes latency.json.

One sequence, float32, one thread. The ways take turns in blocks, and each call is timed by itself: what a service promises is
not the mean but how long a call takes at most, or in 99 of 100.
"""

import json
import time
from pathlib import Path

import numpy as np
import torch

from grulib.bench.measure import onnx_session, processor
from grulib.fast import Stepper
from grulib.files import replace
from grulib.runtime import use_one_thread
from grulib.torch_layers import layer_to_gru

LATENCY = Path(__file__).with_name("latency.json")
SIZES = ((12, 32), (64, 256))  # D and H
BLOCKS, CALLS = 40, 250


def ways(D, H):
    """Functions by name that do one step of one sequence, from a state to the next; the same weights in all."""
    torch.manual_seed(0)
    module, cell = torch.nn.GRU(D, H), torch.nn.GRUCell(D, H)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    gru = layer_to_gru(module)
    session = onnx_session(module, initial_states=True)
    x, h = np.random.default_rng(0).uniform(-1, 1, (1, D)).astype(np.float32), np.zeros((1, H), np.float32)
    x_torch, h_torch = torch.from_numpy(x), torch.from_numpy(h)
    feed = {"x": x[:, None], "lengths": np.ones(1, np.int32), "h0": h[None]}
    stepper, compiled = Stepper(gru), torch.compile(cell)
    return {
        "GRU.step, readable": lambda: gru.step(x, h),
        "fast.Stepper": lambda: stepper(x, h),
        "nn.GRU": lambda: module(x_torch[None], h_torch[None]),
        "nn.GRUCell": lambda: cell(x_torch, h_torch),
        "nn.GRUCell, compiled": lambda: compiled(x_torch, h_torch),
        "ONNX Runtime": lambda: session.run(["last"], feed),
    }


@torch.inference_mode()
def measure(D, H):
    """Seconds of single calls by way: median, 99th percentile, longest."""
    functions = ways(D, H)
    seconds = {name: [] for name in functions}
    for block in range(BLOCKS + 1):
        for name, function in functions.items():
            for _ in range(CALLS):
                begin = time.perf_counter()
                function()
                if block:  # the first is for warming up, and for the compiler
                    seconds[name].append(time.perf_counter() - begin)
    return {name: [float(np.percentile(times, q)) for q in (50, 99, 100)] for name, times in seconds.items()}


def main():
    use_one_thread()
    results = {f"{D} inputs, {H} units": measure(D, H) for D, H in SIZES}
    stored = {"processor": processor(), "calls": BLOCKS * CALLS, "seconds": results}
    replace(LATENCY, (json.dumps(stored, indent=1) + "\n").encode())
    print(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main()
