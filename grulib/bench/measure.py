"""What is timed, and how: grulib.fast against PyTorch's nn.GRU and ONNX Runtime on the processor, float32, one thread each."""

import ctypes
import multiprocessing
import platform
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from grulib import fast
from grulib.convert.onnx import onnx_model
from grulib.convert.pytorch import read_torch
from grulib.timing import take_turns
from grulib.torch_layers import layer_to_gru

SHAPES = [
    (35, 32, 28, 256),
    (100, 64, 64, 128),
    (50, 1, 16, 64),
    (35, 1024, 28, 256),
    (200, 32, 128, 512),
    (8, 64, 8, 32),
    (60, 16, 40, 192),
    (20, 256, 64, 300),
    (64, 128, 256, 384),
    (16, 512, 16, 64),
    (1, 1, 64, 256),
    (1, 64, 64, 256),
]
SECONDS = 15  # for each shape and pass


def competitors(T, B, D, H):
    """What is timed, by pass and name. All GRUs have the same weights, and PyTorch's the layout that suits it, time first."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    module = torch.nn.GRU(D, H)
    gru = layer_to_gru(module)
    x, grad = (rng.standard_normal((B, T, n), dtype=np.float32) for n in (D, H))
    x_torch, grad_torch = (torch.tensor(a.swapaxes(0, 1).copy()) for a in (x, grad))
    x_torch.requires_grad_(True)

    def our_both():
        _, cache = fast.forward(gru, x)
        fast.backward(cache, grad)

    def torch_forward():
        with torch.no_grad():
            module(x_torch)

    def torch_both():
        x_torch.grad = None
        module.zero_grad(set_to_none=True)
        module(x_torch)[0].backward(grad_torch)

    run_onnx = onnx_forward(module, x)

    # Bare matrix products: those that must wait for each other step by step, all others at once.
    W, U, U_T = gru.W, gru.U, gru.U.T.copy()
    h, d = (rng.standard_normal((n, B), dtype=np.float32) for n in (H, 3 * H))
    all_x, all_h, all_d = (rng.standard_normal((n, T * B), dtype=np.float32) for n in (D, H, 3 * H))

    def products_forward():
        W @ all_x
        for _ in range(T):
            U @ h

    def products_both():
        products_forward()
        for _ in range(T):
            U_T @ d
        W.T @ all_d
        all_d @ all_x.T
        all_d @ all_h.T

    return {
        "forward": {
            "grulib": lambda: fast.predict(gru, x),
            "torch": torch_forward,
            "onnx": run_onnx,
            "products": products_forward,
        },
        "both": {"grulib": our_both, "torch": torch_both, "products": products_both},
    }


def onnx_forward(module, x):
    """A call of ONNX Runtime that does what the module does with x (B, T, D)."""
    session = onnx_session(module)
    feed = {"x": x, "lengths": np.full(len(x), x.shape[1], np.int32)}
    return lambda: session.run(["outputs"], feed)


def onnx_session(module, initial_states=False):
    """A session of ONNX Runtime, on one thread, of an nn.GRU's weights in the graph that `onnx_model` writes."""
    (layer,) = read_torch(module).values()
    model = onnx_model(layer.convert("ONNX linear_before_reset=1").arrays, 1, initial_states)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def peak_memory(shape, pass_, name):
    """The most MB that a first call needs beyond its inputs and weights, in a process of its own.

    None where Linux does not tell.
    """
    T, B, D, H = shape
    competitors(min(T, 2), B, D, H)[pass_][name]()  # what the libraries allocate once
    function = competitors(*shape)[pass_][name]
    try:
        ctypes.CDLL(None).malloc_trim(0)  # or memory freed before would be used again unseen
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the peak starts anew
        function()
        return _status("VmHWM") - before
    except (OSError, AttributeError, TypeError, KeyError):
        return None


def _status(field):
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return int(lines[field].split()[0]) / 1024


def processor():
    """The processor's name, without what would end a column of the file."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine()).translate(str.maketrans("", "", ',#"'))


def measure():
    """Yield the rows of one run."""
    run = {"when": time.strftime("%Y-%m-%d %H:%M"), "processor": processor()}
    for shape in SHAPES:
        for pass_, functions in competitors(*shape).items():
            round_seconds = sum(map(max, take_turns(functions, 2).values()))
            times = take_turns(functions, max(15, round(SECONDS / max(round_seconds, 0.03))))
            row = {**run, **dict(zip("TBDH", shape)), "pass": pass_}
            for name in ("grulib", "torch", "products"):
                row |= spread(name, times[name])
            row |= spread("ratio", times["grulib"] / times["torch"])
            row |= spread("of_onnx", times["grulib"] / times["onnx"] if "onnx" in times else [np.nan])
            for name in ("grulib", "torch"):
                with multiprocessing.get_context("spawn").Pool(1) as process:
                    row[f"{name}_MB"] = process.apply(peak_memory, (shape, pass_, name))
            yield row


def spread(name, values):
    low, middle, high = map(float, np.percentile(values, [25, 50, 75]))
    return {f"{name}_low": low, name: middle, f"{name}_high": high}
