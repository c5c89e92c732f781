"""Keras: whole layers and models, and what `get_weights()` gives and `set_weights()` takes; see `grulib.convert.pytorch`."""

import importlib
import json
import shutil
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np

from grulib.checks import check_bool, shown
from grulib.convert.layers import HONOURED, NOTHING, Layer, add, check_options
from grulib.convert.stacks import check_arrays, copied

_NAMES = ("kernel", "recurrent_kernel", "bias")
_TRAINING = "acts in training only"
# What `read_keras` does with each option of Keras 3's GRU and Bidirectional, and of Keras 2's that files still have.
OPTIONS = {
    "name": (HONOURED, "names the Layer"),
    "units": (HONOURED, "the H of the arrays"),
    "activation": (HONOURED, "must be tanh, others are refused by name"),
    "recurrent_activation": (HONOURED, "must be sigmoid; hard_sigmoid, the default of Keras 1, is refused by name"),
    "use_bias": (HONOURED, "no biases are zero"),
    "reset_after": (HONOURED, "which notation"),
    "go_backwards": (HONOURED, "`backward`; Keras then gives the states in the order in which it reads"),
    "stateful": (HONOURED, "a remark: the last states go into h0 of the next run"),
    "dtype": (HONOURED, "float32 or float64; a policy that computes in another is refused by name"),
    "layer": (HONOURED, "Bidirectional's forward layer"),
    "backward_layer": (HONOURED, "Bidirectional's backward layer"),
    "merge_mode": (HONOURED, "must be concat; for another, read the two layers inside alone"),
    "return_sequences": (NOTHING, "`run` gives all states"),
    "return_state": (NOTHING, "`run` gives the last states"),
    "zero_output_for_mask": (NOTHING, "`run` gives zeros at masked steps; Keras repeats the last state unless told"),
    "dropout": (NOTHING, _TRAINING),
    "recurrent_dropout": (NOTHING, _TRAINING),
    "seed": (NOTHING, _TRAINING),
    "trainable": (NOTHING, _TRAINING),
    **dict.fromkeys(
        [
            f"{what}_{kind}"
            for what in ("kernel", "recurrent", "bias")
            for kind in ("initializer", "regularizer", "constraint")
        ],
        (NOTHING, _TRAINING),
    ),
    "activity_regularizer": (NOTHING, _TRAINING),
    "unroll": (NOTHING, "how it is computed"),
    "use_cudnn": (NOTHING, "how it is computed"),
    "implementation": (NOTHING, "how it is computed, in Keras 2"),
    "time_major": (NOTHING, "the order of the data's axes, in Keras 2; here always (B, T, D)"),
}


def read_keras(model):
    """Every GRU of a Keras model, by its name: a dictionary of `grulib.convert.layers.Layer`.

    model: a layer or model of Keras 3 that has its weights, or a path to a .keras or .h5 file, which Keras loads (it must
    be installed) without running code of the file's own. Layers inside of models, Bidirectional, TimeDistributed or
    RNN(GRUCell) are found; in their names a slash leads inwards. Every option is honoured or refused by name: see OPTIONS.
    Raises TypeError or ValueError that names layer and option, FileNotFoundError.
    """
    if isinstance(model, (str, Path)):
        model = _loaded(Path(model))
    if not any(base.__module__.startswith("keras.") for base in type(model).__mro__):
        raise TypeError(f"model must be a path, or a layer or model of Keras 3, got {type(model).__name__}")
    found, masked = {}, _has_mask(model)
    for name, layer in _layers(model, model.name):
        try:
            add(found, name, _layer_of(layer, masked))
        except (TypeError, ValueError) as error:
            raise type(error)(f"layer {name!r}: {error}") from error
    if not found:
        raise ValueError(f"model must have a GRU, got none in {model.name!r}")
    return found


def _loaded(path):
    if not path.is_file():
        raise FileNotFoundError(f"model must be a file, got {path}")
    if path.suffix not in (".keras", ".h5", ".hdf5"):
        raise ValueError(f"model must be a file that ends in .keras, .h5 or .hdf5, got {path.name}")
    keras = importlib.import_module("keras")
    try:
        with tempfile.TemporaryDirectory() as folder:
            return keras.saving.load_model(_for_keras_3(path, Path(folder)), compile=False, safe_mode=True)
    except Exception as error:  # each kind of damage has its own
        raise ValueError(f"model must be a whole file of Keras, got {path.name}: {error}") from error


def _for_keras_3(path, folder):
    """A copy of the file in the folder as Keras 3 understands it.

    Keras 2 wrote time_major, which Keras 3 refuses, and its first versions had no reset_after: it was False.
    """
    copy = folder / path.name
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                new.writestr(name, _rewritten(data) if name == "config.json" else data)
        return copy
    shutil.copy(path, copy)
    h5py = importlib.import_module("h5py")  # which Keras brings
    with h5py.File(copy, "r+") as file:
        if "model_config" not in file.attrs:
            raise ValueError("it has weights, but no model: build the model, load_weights into it, and read that")
        file.attrs["model_config"] = _rewritten(file.attrs["model_config"])
    return copy


def _rewritten(config):
    return json.dumps(json.loads(config, object_hook=_in_keras_3))


def _in_keras_3(value):
    value = {name: each for name, each in value.items() if name != "time_major"}
    if value.get("class_name") in ("GRU", "GRUCell"):
        value["config"] = {"reset_after": False} | value["config"]
    return value


def _kind(layer):
    """The name of a class of Keras's own, "" for any other."""
    kind = type(layer)
    return kind.__name__ if kind.__module__.startswith("keras.") else ""


def _layers(layer, name):
    """Each GRU in a layer, with its name."""
    kind = _kind(layer)
    if _is_gru(layer):
        yield name, layer
    elif kind == "RNN" and _kind(layer.cell) == "StackedRNNCells":
        if any(_kind(cell) == "GRUCell" for cell in layer.cell.cells):
            raise ValueError(f"layer {name!r}: StackedRNNCells must be written as layers above each other")
    elif kind == "Bidirectional":
        if any(_is_gru(part) or _is_of_gru(part) for part in (layer.forward_layer, layer.backward_layer)):
            yield name, layer
    else:
        if _is_of_gru(layer):
            raise ValueError(
                f"layer {name!r} must be Keras's own GRU, got the subclass {type(layer).__name__}, which may compute "
                "something else"
            )
        for inner in layer._layers:
            if _kind(inner) != "InputLayer":
                yield from _layers(inner, f"{name}/{inner.name}")


def _is_of_gru(layer):
    """Whether a layer is of a class that somebody made from Keras's GRU."""
    bases = type(layer).__mro__[1:]
    return any(base.__name__ in ("GRU", "GRUCell") and base.__module__.startswith("keras.") for base in bases)


def _has_mask(layer):
    """Whether a layer or one inside of it makes a mask."""
    own = _kind(layer) == "Masking" or (_kind(layer) == "Embedding" and layer.mask_zero)
    return own or any(map(_has_mask, layer._layers))


def _is_gru(layer):
    return _kind(layer) == "GRU" or (_kind(layer) == "RNN" and _kind(layer.cell) == "GRUCell")


def _layer_of(layer, masked):
    backward = False
    if _kind(layer) == "Bidirectional":
        if layer.merge_mode != "concat":
            raise ValueError(f"merge_mode must be 'concat', got {layer.merge_mode!r}: {OPTIONS['merge_mode'][1]}")
        parts = [layer.forward_layer, layer.backward_layer]
        if not all(map(_is_gru, parts)):
            kinds = ", ".join(type(part).__name__ for part in parts)
            raise ValueError(f"backward_layer must be a GRU like the forward layer, got {kinds}")
        if [part.go_backwards for part in parts] != [False, True]:
            raise ValueError("go_backwards must be True for the backward layer alone")
    else:
        parts, backward = [layer], layer.go_backwards
    remarks = [remark for part in parts for remark in _check_options(part)]
    resets = {getattr(part, "cell", part).reset_after for part in parts}
    if len(resets) > 1:
        raise ValueError("reset_after must be the same in both directions, got True and False")
    (reset_after,) = resets
    if masked:
        remarks.append("the model makes a mask: give it to `run` as mask, if it reaches this layer")
    if any(len(node.arguments.keras_tensors) > 1 for node in layer._inbound_nodes):
        remarks.append("the model gives it its first states: give them to `run` as h0")
    weights = [_array(variable) for part in parts for variable in part.weights]
    if not weights:
        raise ValueError("its weights must be there: build it, or call it once")
    return Layer(
        _stacked([weights], reset_after),
        f"Keras reset_after={reset_after}",
        backward,
        None,
        None,
        tuple(dict.fromkeys(remarks)),
    )


def _check_options(layer):
    """Refuse what a GRU of this book does not compute; returns remarks."""
    config = layer.get_config()
    if _kind(layer) == "RNN":
        config = {name: value for name, value in config.items() if name != "cell"} | layer.cell.get_config()
    check_options(config, OPTIONS)
    activations = importlib.import_module("keras").activations
    cell = getattr(layer, "cell", layer)
    for name, only in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        if getattr(cell, name) is not getattr(
            activations, only
        ):  # not by name: a function of one's own may have it, too
            raise ValueError(f"{name} must be {only!r}, got {shown(config[name])}: no other is computed here")
    if layer.compute_dtype not in ("float32", "float64"):
        raise ValueError(
            f"dtype must compute in float32 or float64, got {layer.dtype_policy.name!r}: load the model with another policy"
        )
    if layer.stateful:
        yield "stateful: it begins where its last call ended, so the last states go into h0 of the next run"


def _array(variable):
    value = variable.value
    return value.detach().cpu().numpy().copy() if hasattr(value, "detach") else np.array(value)  # PyTorch's, or others'


def from_keras(weights, reset_after):
    """Keras: what get_weights() gives for each layer, a list of lists, to a stack of arrays.

    A layer is a GRU (three arrays, or two without biases) or a Bidirectional around it (six, or four). The notation is
    "Keras reset_after=True" or "Keras reset_after=False".
    """
    check_bool("reset_after", reset_after)
    if not isinstance(weights, list) or not all(isinstance(layer, list) for layer in weights):
        raise TypeError("weights must be a list of what get_weights() returns for each layer")
    for number, arrays in enumerate(weights):
        if len(arrays) in (4, 6) and _look_stacked(arrays, len(arrays) // 2):
            warnings.warn(
                f"weights: layer {number} is read as both directions of a Bidirectional; two layers above each other are "
                "two lists",
                stacklevel=2,
            )
    return _stacked(weights, reset_after)


def _stacked(weights, reset_after):
    stack = []
    for number, arrays in enumerate(weights):
        if len(arrays) not in (2, 3, 4, 6):
            raise ValueError(
                f"weights must have 2 or 3 arrays for each layer, twice as many if both ways, got {len(arrays)} "
                f"in layer {number}"
            )
        size = 3 if len(arrays) % 3 == 0 else 2
        parts = [arrays[i : i + size] for i in range(0, len(arrays), size)]
        stack.append([dict(zip(_NAMES, map(copied, part))) for part in parts])
    check_arrays("weights", stack, f"Keras reset_after={reset_after}")
    return stack


def to_keras(stack, reset_after):
    """Keras: a stack of arrays in one of Keras's notations to a list for each layer's set_weights()."""
    check_bool("reset_after", reset_after)
    check_arrays("stack", stack, f"Keras reset_after={reset_after}")
    return [[arrays[name].copy() for arrays in layer for name in _NAMES if name in arrays] for layer in stack]


def _look_stacked(arrays, size):
    """Whether the second half could be a layer that reads the first: D of one as H of the other, so that shapes do not tell."""
    shapes = [np.shape(arrays[0]), np.shape(arrays[1]), np.shape(arrays[size])]
    return all(len(shape) == 2 for shape in shapes) and shapes[0][0] == shapes[1][0] == shapes[2][0]
