"""Files of weights, read without running any code in them."""

import io
import zipfile
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from grulib import files
from grulib.checks import check_dense, check_path


def load_weights(path):
    """A file of weights to a dictionary of tensors, without running any code in it.

    A name that ends in .safetensors or .npz is read as such, any other as torch.save writes it. The tensors are copies:
    what happens to the file later does not touch them. A damaged file of torch.save is found by its checksums, and so is
    an .npz; safetensors has none, so that in such a file a changed weight is read as it stands. To write one, use
    safetensors.torch.save_file. Raises FileNotFoundError, or ValueError if the file is broken, truncated, of another kind,
    or holds anything but dense tensors: of a checkpoint that has them inside it says where. Raises TypeError if path is no
    str or Path.
    """
    state = read(path)
    name = Path(path).name
    inside = [key for key, value in state.items() if isinstance(value, dict)] if isinstance(state, dict) else []
    for value in state.values() if isinstance(state, dict) else [state]:
        if not isinstance(value, torch.Tensor):
            hint = (
                f"; dictionaries are inside, under {', '.join(map(repr, inside))}: read_torch reads such"
                if inside
                else ""
            )
            raise ValueError(
                f"path must hold a dictionary of tensors, got {name} with a {type(value).__name__} in it{hint}"
            )
        try:
            check_dense("a tensor", value)
        except TypeError as error:
            raise ValueError(f"path must hold dense tensors, got {name}, where {error}") from error
    return dict(state)


def read(path):
    """What a file of weights holds, as `load_weights`, but whatever else stands beside or around the tensors too."""
    check_path(path)
    path = Path(path)
    instead = _known_otherwise(path)
    if instead:
        raise ValueError(f"path must be a file of tensors, got {path.name}, which is {instead}")
    try:
        data = path.read_bytes()
        if path.suffix == ".safetensors":
            return safetensors.torch.load(data)
        if path.suffix == ".npz":
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                all_of_them = {name: arrays[name] for name in arrays.files}
            return {n: torch.from_numpy(a) if a.dtype.kind in "fiub" else a for n, a in all_of_them.items()}
        return files.load_torch(data)
    except FileNotFoundError:
        raise
    except Exception as error:  # each reader has its own, and PyTorch's advise to load without the precaution
        raise ValueError(
            f"path must be a whole file of tensors and nothing else, got {path.name}, which is broken or of another kind, "
            f"or asks for code to be run ({type(error).__name__})"
        ) from error


def _known_otherwise(path):
    """What a file is that is no file of tensors, and the way round, or None; a broken one is for its reader to refuse."""
    try:
        with path.open("rb") as file:
            if file.read(8) == b"\x89HDF\r\n\x1a\n":
                return "HDF5: read_keras reads a model of Keras"
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # no archive, or one that is damaged in one of many ways
        return None
    if any("/code/" in name for name in names):
        return "TorchScript, a program: where you trust it, torch.jit.load(path).state_dict() has the weights"
    if "config.json" in names and "model.weights.h5" in names:
        return "a model of Keras: read_keras reads it"
    return None
