"""Files of weights, read without running any code in them."""

from pathlib import Path

import safetensors.torch
import torch

from grulib import files
from grulib.checks import check_dense, check_path


def load_weights(path):
    """A file of weights to a dictionary of tensors, without running any code in it.

    A name that ends in .safetensors is read as such, any other as torch.save writes it. The tensors are copies: what
    happens to the file later does not touch them. A damaged file of torch.save is found by its checksums; safetensors
    has none, so that in such a file a changed weight is read as it stands. To write one, use safetensors.torch.save_file.
    Raises FileNotFoundError, or ValueError if the file is broken, truncated, of another kind, or holds anything but
    dense tensors. Raises TypeError if path is no str or Path.
    """
    check_path(path)
    path = Path(path)
    try:
        data = path.read_bytes()
        state = safetensors.torch.load(data) if path.suffix == ".safetensors" else files.load_torch(data)
    except FileNotFoundError:
        raise
    except Exception as error:  # each reader has its own, and PyTorch's advise to load without the precaution
        raise ValueError(
            f"path must be a whole file of tensors and nothing else, got {path.name}, which is broken or of another kind, "
            f"or asks for code to be run ({type(error).__name__})"
        ) from error
    for value in state.values() if isinstance(state, dict) else [state]:
        if not isinstance(value, torch.Tensor):
            raise ValueError(
                f"path must hold a dictionary of tensors, got {path.name} with a {type(value).__name__} in it"
            )
        try:
            check_dense("a tensor", value)
        except TypeError as error:
            raise ValueError(f"path must hold dense tensors, got {path.name}, where {error}") from error
    return dict(state)
