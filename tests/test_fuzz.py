"""Garbage for each argument of each public function, method and class of grulib: an error that names it, or the right result."""

import functools
import importlib
import inspect
import math
import pkgutil
import re
import warnings
from pathlib import Path
from unittest import mock

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from safetensors.torch import save_file
from torch import nn

import grulib
from grulib import bench, data, fast, figures, files, mingru, study, timing, torch_layers, training
from grulib.convert import blocks, keras, notations, onnx, pytorch, stacks
from grulib.convert import files as weights
from grulib.figures import draw_heat_map
from grulib.gru import GRU, sigmoid
from grulib.study import models

matplotlib.use("agg")

RNG = np.random.default_rng(0)
GRU_ = GRU.random(3, 4, RNG, reset="after")
X, H0, GRAD = RNG.normal(size=(2, 5, 3)), RNG.normal(size=(2, 4)), RNG.normal(size=(2, 5, 4))
A = RNG.uniform(0.1, 0.9, (2, 5, 4))
LENGTHS = np.array([3, 5])
ARRAYS = {name: tensor.numpy() for name, tensor in nn.GRUCell(3, 4).state_dict().items()}
KERAS = notations.convert(ARRAYS, "PyTorch", "Keras reset_after=True").arrays
ONNX = notations.convert(ARRAYS, "PyTorch", "ONNX linear_before_reset=1").arrays
PYTORCH = notations.notation("PyTorch")
WORDS = blocks.Block("W_r; W_z; W_n")


def tensor(array):
    return torch.tensor(array, dtype=torch.float32 if array.dtype == np.float64 else None)


SYMBOLS = torch.tensor([[1, 2, 3], [4, 1, 0]])
TWO = torch.tensor([3, 2])


def entry(function, **good):
    return function, good


# What is called, with arguments that are right. Functions without arguments need no entry.
ENTRIES = {
    "convert.blocks.Block": entry(blocks.Block, words="W_r; W_z; W_n"),
    "convert.files.load_weights": entry(weights.load_weights, path=Path("weights.safetensors")),
    "convert.keras.from_keras": entry(keras.from_keras, weights=[list(KERAS.values())], reset_after=True),
    "convert.keras.to_keras": entry(keras.to_keras, stack=[[KERAS]], reset_after=True),
    "convert.notations.Notation": entry(
        notations.Notation,
        name="A",
        reset="before",
        z="new",
        layout=notations.notation("A").layout,
        bias_optional=False,
    ),
    "convert.notations.Notation.step": entry(PYTORCH.step, arrays=ARRAYS, x=X[0, 0].astype("f4"), h=H0[0].astype("f4")),
    "convert.notations.Notation.split": entry(PYTORCH.split, arrays=ARRAYS),
    "convert.notations.Notation.sizes": entry(PYTORCH.sizes, arrays=ARRAYS),
    "convert.notations.notation": entry(notations.notation, name="A"),
    "convert.notations.convert": entry(notations.convert, arrays=ARRAYS, source="PyTorch", target="home after"),
    "convert.notations.to_gru": entry(notations.to_gru, arrays=ARRAYS, source="PyTorch"),
    "convert.notations.from_gru": entry(notations.from_gru, gru=GRU_, target="PyTorch"),
    "convert.onnx.from_onnx": entry(onnx.from_onnx, nodes=onnx.to_onnx([[ONNX]], 1), linear_before_reset=1),
    "convert.onnx.to_onnx": entry(onnx.to_onnx, stack=[[ONNX]], linear_before_reset=1),
    "convert.onnx.onnx_model": entry(onnx.onnx_model, stack=[[ONNX]], linear_before_reset=1, initial_states=True),
    "convert.pytorch.from_state_dict": entry(pytorch.from_state_dict, state=nn.GRU(3, 4).state_dict(), prefix=""),
    "convert.pytorch.to_state_dict": entry(pytorch.to_state_dict, stack=[[ARRAYS]], prefix="gru."),
    "convert.pytorch.to_array": entry(functools.partial(pytorch.to_array, "tensor"), tensor=tensor(X)),
    "convert.stacks.check_arrays": entry(
        functools.partial(stacks.check_arrays, "stack"), stack=[[ARRAYS]], source="PyTorch"
    ),
    "convert.stacks.run": entry(stacks.run, stack=[[GRU_]], x=X, lengths=LENGTHS, h0=H0[None], mask=None),
    "convert.stacks.convert_stack": entry(
        stacks.convert_stack, stack=[[ARRAYS]], source="PyTorch", target="home after"
    ),
    "convert.stacks.to_grus": entry(stacks.to_grus, stack=[[ARRAYS]], source="PyTorch"),
    "data.reviews": entry(lambda unique: len(data.reviews(unique).train.x), unique=True),
    "data.recall": entry(
        lambda N, T, generator: data.recall(N, T, fresh(generator)), N=2, T=4, generator=torch.Generator()
    ),
    "data.copying": entry(data.copying, N=2, length=2, generator=torch.Generator()),
    "data.parity": entry(data.parity, N=2, T=4, generator=torch.Generator()),
    "data.counting": entry(data.counting, N=2, low=1, high=3, generator=torch.Generator()),
    "data.adding": entry(
        lambda N, T, generator: data.adding(N, T, fresh(generator)), N=2, T=4, generator=torch.Generator()
    ),
    "data.pad": entry(data.pad, sequences=[X[0], X[0, :2]]),
    "fast.Stepper": entry(fast.Stepper, gru=GRU_, B=1),
    "fast.predict": entry(fast.predict, gru=GRU_, x=X, h0=H0),
    "fast.forward": entry(lambda gru, x, h0=None: fast.forward(gru, x, h0)[0], gru=GRU_, x=X, h0=H0),
    "fast.backward": entry(fast.backward, cache=fast.forward(GRU_, X)[1], grad_outputs=GRAD),
    "figures.draw_heat_map": entry(
        lambda axes, values, title, limits: draw_heat_map(axes, values, title, limits).get_array(),
        axes=plt.figure().subplots(),
        values=A[0],
        title="gates",
        limits=(0, 1),
    ),
    "files.replace": entry(files.replace, path=Path("new"), data=b"data"),
    "gru.GRU": entry(GRU, W=GRU_.W, U=GRU_.U, b=GRU_.b, c=GRU_.c, reset="after"),
    "gru.GRU.random": entry(
        lambda input_size, hidden_size, rng, **options: GRU.random(input_size, hidden_size, fresh(rng), **options),
        input_size=3,
        hidden_size=4,
        rng=RNG,
        reset="before",
        bias=True,
        dtype=np.float64,
    ),
    "gru.GRU.step": entry(GRU_.step, x=X[:, 0], h=H0),
    "gru.GRU.forward": entry(lambda x, h0=None: GRU_.forward(x, h0)[0], x=X, h0=H0),
    "gru.GRU.backward": entry(GRU_.backward, cache=GRU_.forward(X)[1], grad_outputs=GRAD),
    "gru.sigmoid": entry(sigmoid, a=X),
    **{
        f"mingru.{scan.__name__}": entry(scan, a=tensor(A), b=tensor(A), h0=tensor(H0))
        for scan in (mingru.scan_loop, mingru.scan_pairs, mingru.scan_logarithms)
    },
    "mingru.MinGRU": entry(mingru.MinGRU, input_size=3, hidden_size=4, scan=mingru.scan_pairs),
    "mingru.MinGRU.forward": entry(mingru.MinGRU(3, 4), x=tensor(X), h0=tensor(H0)),
    "timing.take_turns": entry(lambda **given: sorted(timing.take_turns(**given)), functions={"a": int}, turns=1),
    "timing.milliseconds": entry(lambda **given: sorted(timing.milliseconds(**given)), functions={"a": int}, turns=1),
    "torch_layers.GRUCell": entry(torch_layers.GRUCell, input_size=3, hidden_size=4, reset="after", bias=True),
    "torch_layers.GRUCell.forward": entry(torch_layers.GRUCell(3, 4, reset="after"), x=tensor(X[:, 0]), h=tensor(H0)),
    "torch_layers.GRULayer": entry(torch_layers.GRULayer, input_size=3, hidden_size=4, reset="before", bias=True),
    "torch_layers.GRULayer.forward": entry(torch_layers.GRULayer(3, 4, reset="before"), x=tensor(X), h0=tensor(H0)),
    "torch_layers.GRUClassifier": entry(
        torch_layers.GRUClassifier, input_size=3, hidden_size=4, num_classes=2, num_layers=1
    ),
    "torch_layers.GRUClassifier.forward": entry(
        torch_layers.GRUClassifier(3, 4, 2), x=tensor(X), lengths=tensor(LENGTHS)
    ),
    "torch_layers.LanguageModel": entry(torch_layers.LanguageModel, V=5, H=4),
    "torch_layers.LanguageModel.forward": entry(torch_layers.LanguageModel(5, 4), x=SYMBOLS, h=tensor(H0[None])),
    "torch_layers.PooledClassifier": entry(torch_layers.PooledClassifier, V=5, E=3, H=4, dropout=0.1),
    "torch_layers.PooledClassifier.forward": entry(
        torch_layers.PooledClassifier(5, 3, 4).eval(), x=SYMBOLS, lengths=TWO
    ),
    "torch_layers.PooledClassifier.judge": entry(
        torch_layers.PooledClassifier(5, 3, 4).eval().judge, embedded=tensor(X), lengths=tensor(LENGTHS)
    ),
    "torch_layers.pool": entry(torch_layers.pool, states=tensor(GRAD), lengths=tensor(LENGTHS), how="mean"),
    "torch_layers.layer_to_gru": entry(torch_layers.layer_to_gru, layer=torch_layers.GRUCell(3, 4, reset="after")),
    "training.shuffled": entry(
        lambda tensors, batch_size: list(training.shuffled(tensors, batch_size)(torch.Generator())),
        tensors=[tensor(X)],
        batch_size=2,
    ),
    "training.Checkpoint": entry(lambda path: training.Checkpoint(path).path.name, path="checkpoint"),
}


MODEL = nn.Linear(3, 1)


def untrained(function):
    """A function of the study that trains nothing."""

    def call(**given):
        with mock.patch.object(study, "_train", lambda *arguments: (abs(arguments[2] - 0.01), 0.0)):
            with mock.patch.object(study.memory, "updates_to_learn", lambda *arguments: 25):
                with mock.patch.object(
                    study, "APPLICATIONS", dict.fromkeys(study.APPLICATIONS, lambda **settings: 0.5)
                ):
                    return function(**given)

    return call


def learnt_at_once(**given):
    with mock.patch.object(study.memory, "MOST_UPDATES", 1):
        return study.memory.updates_to_learn(**given)


ENTRIES |= {
    "training.fit": entry(
        training.fit,
        **{
            "model": MODEL,
            "optimizer": torch.optim.SGD(MODEL.parameters(), lr=0.0),
            "batches": training.shuffled([tensor(X)], 2),
            "loss": lambda batch: MODEL(batch[0]).sum(),
            "epochs": 1,
            "seed": 1,
            "validate": lambda: 1.0,
            "patience": None,
            "max_norm": 1.0,
            "scheduler": None,
            "checkpoint": None,
        },
    ),
    "study.run": entry(untrained(study.run), task="voices", kind="RNN", rate=0.01, seed=1, keeping=True),
    "study.compare": entry(untrained(study.compare), task="voices", kind="RNN"),
    "study.chance": entry(study.chance, one=[1.0, 2.0], other=[3.0, 4.0]),
    "study.recall": entry(untrained(study.recall), kind="RNN"),
    "study.repeat": entry(untrained(study.repeat), task="reviews", kind="GRU"),
    "study.memory.updates_to_learn": entry(learnt_at_once, kind="RNN, orthogonal", rate=0.01, seed=1),
    "study.made_by": entry(study.made_by, task="voices"),
    "study.models.units": entry(models.units, kind="GRU", D=3, budget=500),
    "study.models.recurrent": entry(models.recurrent, kind="GRU", D=3, budget=500, keeping=True),
    "study.models.Reader": entry(
        models.Reader, kind="GRU", D=3, budget=500, outputs=2, how="last", symbols=5, keeping=True
    ),
    "study.models.Reader.forward": entry(
        models.Reader("GRU", 3, 500, 2, "last").forward, x=tensor(X), lengths=tensor(LENGTHS)
    ),
    "study.models.DigitReader": entry(models.DigitReader, kind="GRU"),
    "study.models.Translator": entry(
        models.Translator, kind="GRU", D=3, budget=500, words=5, target_words=6, keeping=True
    ),
    "study.models.Translator.encode": entry(models.Translator("GRU", 3, 500, 5, 6).encode, x=SYMBOLS, lengths=TWO),
    "bench.runs": entry(lambda path: sorted(bench.runs(path)), path=bench.RUNS),
    "bench.append": entry(bench.append, path=Path("new"), rows=[{"a": 1}, {"a": 2}]),
    "figures.show": entry(figures.show, name="fig-a", expected=None),
    "figures.drawn": entry(figures.drawn, figure=plt.figure()),
}


# What is no border: these trust their callers, or are asked elsewhere.
NOT_ASKED = {
    "bench.figure": "of runs from bench.runs",
    "bench.gpu": "a command for people: tests/bench",
    "bench.latency": "a command for people: tests/bench",
    "bench.measure": "a command for people: tests/bench",
    "checks": "they are the border: tests/test_checks.py",
    "convert.files.read": "load_weights looks at what it is given",
    "convert.keras.read_keras": "of models: tests/convert/test_readers.py",
    "convert.layers": "of the readers' own arrays: tests/convert/test_readers.py",
    "convert.onnx.read_onnx": "of models: tests/convert/test_readers.py",
    "convert.pytorch.read_torch": "of models: tests/convert/test_readers.py",
    "convert.blocks.Block.": "of arrays that Notation.sizes has checked",
    "convert.notations.Notation.join": "of pieces that Notation.split has made",
    "convert.stacks.backwards_of": "of what run has checked",
    "convert.stacks.copied": "leaves what is wrong to check_arrays",
    "distributed": "a command",
    "dynamics": "shorter arrays are right, too: tests/test_dynamics.py",
    "fast.columns_of_a_chunk": "a number that the chapter on speed changes",
    "files.load_torch": "of bytes from a file: tests/convert/test_frameworks.py",
    "fingerprint": "of code: tests/test_fingerprint.py",
    "live": "a command, and its models: tests/live",
    "page": "texts of ours",
    "study.make": "compare, recall and repeat look at what it is given",
    "study.applications": "of the chapters' own settings",
    "study.memory.apart": "of functions of grulib.data",
    "study.memory.drawn": "of functions of grulib.data",
    "study.models.DigitReader.": "of the study's own task",
    "study.models.keep_more": "of the study's own layers",
    "study.models.Translator.": "decode and forward are called by the study's task",
    "study.task": "of the study's own models",
    "symbolic": "tests/test_symbolic.py",
    "torch_layers.GRUCell.step": "forward without the checks",
    "training.Checkpoint.": "called by fit",
}


def public():
    """Each public function and class of grulib, and each public method, that takes an argument: its name and its signature."""
    for module in map(importlib.import_module, modules()):
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__ or not callable(value):
                continue
            where = f"{module.__name__.removeprefix('grulib.')}.{name}"
            if not inspect.isclass(value) or not issubclass(value, tuple):  # a NamedTuple only holds
                yield where, value
            for method, function in vars(value).items() if inspect.isclass(value) else ():
                function = function.__func__ if isinstance(function, classmethod) else function
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{where}.{method}", functools.partial(function, None)


def modules():
    names = [module.name for module in pkgutil.walk_packages(grulib.__path__, "grulib.")]
    return [name for name in names if not name.startswith("grulib.exercises") and not name.endswith("__main__")]


PUBLIC = dict(public())


def test_everything_public_is_asked():
    missing = {
        name
        for name, value in PUBLIC.items()
        if inspect.signature(value).parameters and not any(name.startswith(known) for known in NOT_ASKED)
    }
    assert missing == ENTRIES.keys() - {"study.models.Translator.encode"}


@pytest.mark.parametrize("name", ENTRIES)
def test_every_argument_is_asked(name):
    own = {"name"} if isinstance(ENTRIES[name][0], functools.partial) else set()  # the name of what is checked
    assert inspect.signature(PUBLIC[name]).parameters.keys() - own == ENTRIES[name][1].keys()


def fresh(generator):
    """One that has drawn nothing yet, or what was given instead."""
    if generator is RNG:
        return np.random.default_rng(0)
    return torch.Generator() if type(generator) is torch.Generator else generator


class NoWords:
    def __repr__(self):
        raise RuntimeError


class Array(np.ndarray):
    pass


class Tensor(torch.Tensor):
    pass


def garbage(good):
    """Names and values: what is wrong as almost any argument, and what is nearly the right one."""
    functions = {} if inspect.isfunction(good) else {"function": print, "class": int, "module": nn.Tanh()}
    yield from functions.items()
    yield from {
        "None": None,
        "True": True,
        "-1": -1,
        "0": 0,
        "1.5": 1.5,
        "nan": math.nan,
        "inf": math.inf,
        "2**100": 2**100,
        "10**5000": 10**5000,
        "complex": 1j,
        "empty str": "",
        "str": "garbage",
        "bytes": b"garbage",
        "list": [],
        "list of None": [None],
        "list of list": [[None]],
        "dict": {},
        "dict of None": {"garbage": None},
        "set": {1},
        "object": object(),
        "no words": NoWords(),
        "0-d": np.array(1),
        "np.int8": np.int8(3),
        "np.float16": np.float16(0.5),
        "array": np.ones((7, 7, 7, 7)),
        "empty array": np.ones((0,)),
        "array of objects": np.array([None, [1]], dtype=object),
        "array of str": np.array(["garbage"]),
        "tensor": torch.ones(7, 7, 7, 7),
        "empty tensor": torch.ones(0),
        "GRU": GRU_,
        "device": torch.device("meta"),
        "cuda": torch.device("cuda"),
    }.items()
    for change in NEARLY_ARRAY.items() if isinstance(good, np.ndarray) else NEARLY_TENSOR.items():
        name, function = change
        if isinstance(good, (np.ndarray, torch.Tensor)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield name, function(good)
    if isinstance(good, (list, dict)):
        for kind in (tuple, iter, str):
            yield f"{kind.__name__} of it", kind(good)
        for name, value in {
            "None in it": None,
            "1 in it": 1,
            "list in it": [],
            "str in it": "a",
            "array in it": X,
        }.items():
            yield name, [*good[:-1], value] if isinstance(good, list) else good | {next(iter(good)): value}
    if isinstance(good, str):
        yield from {
            "as bytes": good.encode(),
            "in capitals": good.swapcase(),
            "with a space": good + " ",
            "in a list": [good],
        }.items()


NEARLY_ARRAY = {
    "half": lambda a: a.astype(np.float16),
    "longdouble": lambda a: a.astype(np.longdouble),
    "complex": lambda a: a.astype(complex),
    "bool": lambda a: a.astype(bool),
    "int": lambda a: a.astype(np.int16),
    "objects": lambda a: a.astype(object),
    "other bytes": lambda a: a.astype(a.dtype.newbyteorder()),
    "masked": np.ma.masked_array,
    "matrix": lambda a: a.reshape(len(a), -1).view(np.matrix),
    "subclass": lambda a: a.view(Array),
    "tensor of it": torch.tensor,
    "list of it": lambda a: a.tolist(),
    "nan in it": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.nan, a),
    "-inf in it": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, -np.inf, a),
    "largest": lambda a: np.full_like(a, np.finfo(a.dtype).max if a.dtype.kind == "f" else np.iinfo(a.dtype).max),
    "one axis more": lambda a: a[None],
    "one axis less": lambda a: a[0],
    "shorter": lambda a: a[:-1],
    "narrower": lambda a: a[..., :-1],
    "empty": lambda a: a[:0],
    "read-only": lambda a: read_only(a),
    "columns first": np.asfortranarray,
    "every other": lambda a: np.repeat(a, 2, axis=0)[::2],
    "turned": lambda a: a[::-1].copy()[::-1],
}
NEARLY_TENSOR = {
    "half": lambda a: a.half(),
    "bfloat16": lambda a: a.bfloat16(),
    "complex": lambda a: a.cfloat(),
    "bool": lambda a: a.bool(),
    "int": lambda a: a.short(),
    "meta": lambda a: a.to("meta"),
    "sparse": lambda a: a.to_sparse(),
    "nested": lambda a: torch.nested.nested_tensor([a]),
    "jagged": lambda a: torch.nested.nested_tensor([a.flatten()] * 2, layout=torch.jagged),
    "quantized": lambda a: torch.quantize_per_tensor(a.float(), 1, 0, torch.qint8),
    "subclass": lambda a: a.as_subclass(Tensor),
    "array of it": lambda a: a.numpy(),
    "list of it": lambda a: a.tolist(),
    "nan in it": lambda a: torch.where(torch.arange(a.numel()).reshape(a.shape) == 1, torch.nan, a),
    "-inf in it": lambda a: torch.where(torch.arange(a.numel()).reshape(a.shape) == 1, -torch.inf, a),
    "one axis more": lambda a: a[None],
    "one axis less": lambda a: a[0],
    "shorter": lambda a: a[:-1],
    "narrower": lambda a: a[..., :-1],
    "empty": lambda a: a[:0],
    "with a gradient": lambda a: a.clone().requires_grad_() if a.is_floating_point() else a,
    "parameter": lambda a: nn.Parameter(a) if a.is_floating_point() else a,
    "every other": lambda a: a.repeat_interleave(2, dim=0)[::2],
    "batch last": lambda a: a.movedim(0, -1).contiguous().movedim(-1, 0),
}


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


SAME = {"read-only", "columns first", "every other", "turned", "with a gradient", "parameter", "batch last"}
TEXTS = dict.fromkeys(("empty str", "str", "in capitals", "with a space"), ...)
SHAPES = dict.fromkeys(
    ("one axis more", "one axis less", "shorter", "narrower", "empty", "nan in it", "-inf in it"), ...
)
# What is right: the argument of the same result, or ... where there is no other to compare with.
RIGHT = {
    ("convert.blocks.Block", "words"): {"with a space": "W_r; W_z; W_n"},
    ("convert.files.load_weights", "path"): {"str": Path("garbage")},
    ("convert.notations.Notation", "name"): TEXTS,
    ("convert.notations.Notation", "bias_optional"): {"True": ...},
    **{
        (f"convert.onnx.{name}", "linear_before_reset"): {"0": ...}  # these arrays fit both
        for name in ("from_onnx", "to_onnx", "onnx_model")
    },
    ("convert.pytorch.to_state_dict", "prefix"): TEXTS,
    ("convert.pytorch.to_array", "tensor"): SHAPES | {"tensor": ..., "empty tensor": ..., "subclass": tensor(X)},
    ("data.pad", "sequences"): {"tuple of it": [X[0], X[0, :2]]},
    ("figures.draw_heat_map", "values"): {"shorter": ..., "narrower": ...},
    ("figures.draw_heat_map", "title"): TEXTS,
    ("files.replace", "path"): {"str": Path("garbage")},
    ("files.replace", "data"): {"bytes": b"data"},
    ("gru.GRU", "W"): {"narrower": ..., "largest": ...},
    ("gru.GRU", "U"): {"largest": ...},
    ("gru.GRU", "b"): {"None": ..., "largest": ...},
    ("gru.GRU", "c"): {"None": ..., "largest": ...},
    ("gru.sigmoid", "a"): SHAPES
    | {"1.5": np.float64(1.5), "nan": ..., "inf": np.float64(np.inf), "other bytes": X}
    | dict.fromkeys(("np.float16", "array", "empty array", "half", "longdouble", "largest"), ...),
    ("torch_layers.LanguageModel.forward", "x"): {"narrower": ...},
    ("torch_layers.PooledClassifier", "dropout"): {"0": 0.0, "np.float16": 0.5},
    ("torch_layers.pool", "states"): {"half": ..., "bfloat16": ..., "narrower": ...},
    ("figures.show", "name"): TEXTS,
    ("study.run", "seed"): {"0": ...},
    ("study.memory.updates_to_learn", "seed"): {"0": ...},
    ("study.memory.updates_to_learn", "rate"): dict.fromkeys(("1.5", "2**100", "np.int8", "np.float16"), ...),
    ("study.run", "rate"): dict.fromkeys(("1.5", "2**100", "np.int8", "np.float16"), ...),
    ("training.fit", "seed"): {"0": ...},
    ("training.fit", "max_norm"): dict.fromkeys(("1.5", "2**100", "np.int8", "np.float16"), ...),
    ("training.shuffled", "tensors"): {"tuple of it": [tensor(X)]},
    ("training.Checkpoint", "path"): {"str": ..., "in capitals": ..., "with a space": ...},
}
OTHER_NAMES = {  # that a message may have instead of the argument's
    "source": "notation",
    "target": "notation",
    "name": "notation",
    "arrays": "weight_ih|weight_hh|bias_ih|bias_hh",
    "h0": "h",
    "x": "h|h0|lengths",  # x decides their shapes
    "a": "b",
    "embedded": "lengths",
    "states": "lengths",
    "expected": "fig-a",
}
OTHER_ERRORS = {"path": OSError, "expected": AssertionError}  # besides TypeError, ValueError and FloatingPointError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, but for a file of weights; nothing else is left in it."""
    monkeypatch.chdir(tmp_path)
    save_file({"a": torch.ones(1)}, "weights.safetensors")
    torch.save({"a": torch.ones(1)}, "garbage")
    yield
    assert {path.name for path in tmp_path.iterdir()} <= {"weights.safetensors", "garbage", "new"}


@pytest.mark.parametrize("name", ENTRIES)
def test_garbage_is_named_or_has_the_right_result(name, folder):
    function, good = ENTRIES[name]
    wrong = []
    for argument, value in good.items():
        for label, bad in garbage(value):
            fault = judge(function, good, argument, bad, right(name, argument, label, bad))
            if fault:
                wrong.append(f"{argument}: {label}: {fault}")
    assert not wrong, "\n".join(wrong)


def right(name, argument, label, bad):
    """The argument whose result a bad one should have, ... for any result, None for an error."""
    value = ENTRIES[name][1][argument]
    if label in SAME or bad is value:
        return ... if value is None else value
    if bad is None and inspect.signature(PUBLIC[name]).parameters[argument].default is None:
        return ...  # as if it was not given
    return RIGHT.get((name, argument), {}).get(label)


def judge(function, good, argument, bad, right):
    """What is wrong with the answer to a bad argument, or None."""
    try:
        result = call(function, good | {argument: bad})
    except (TypeError, ValueError, FloatingPointError, OTHER_ERRORS.get(argument, TypeError)) as error:
        if right is not None:
            return f"refused: {error!r:.200}"
        names = f"{argument}|{OTHER_NAMES.get(argument, argument)}"
        named = re.search(rf"\b({names})\b", str(error)) or isinstance(error, OSError)
        return None if named and len(str(error)) < 1000 else f"not named: {error!r:.300}"
    except Exception as error:
        return f"{error!r:.300}"
    if right is None:
        return f"accepted: {result!r:.100}"
    return None if right is ... or alike(result, call(function, good | {argument: right})) else "another result"


def call(function, arguments):
    torch.manual_seed(0)
    return function(**arguments)


def alike(one, other):
    """Whether two results are the same to rounding, whatever holds them."""
    if isinstance(one, nn.Module):
        return type(one) is type(other) and alike(one.state_dict(), other.state_dict())
    if isinstance(one, GRU):
        return isinstance(other, GRU) and alike(vars(one), vars(other))
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.allclose(one, other, rtol=1e-5, atol=1e-6)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and (one == other or not isinstance(one, (str, int, float, bool, type(None))))
