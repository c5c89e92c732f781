"""The training loop that the chapters share: clipping, early stopping, checkpoints that resume exactly, a history for plots."""

import io
import math
import os
import pickle
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_
from tqdm import tqdm

from grulib import files
from grulib.checks import check_size


def fit(
    model, optimizer, batches, loss, *, epochs, seed, validate=None, patience=None, clip=None, schedule=None, path=None
):
    """Train a model. Returns a history: dict of lists, "loss", "norm" and "rate" for each step, "validation" for each epoch.

    batches: function of a torch.Generator to an iterable over one epoch's batches; see `shuffled`.
    loss: function of a batch to a tensor () with gradient. validate: function without arguments to a float, lower is
    better, called after each epoch without gradient and without dropout; the best epoch's weights are in the model at the end.
    patience: stop when this many epochs in a row were no better than the best (needs validate).
    clip: scale gradients whose norm over all parameters is larger down to it. "norm" is the norm before that.
    schedule: a scheduler of torch.optim, stepped after each step. seed: an int; batches and dropout of each epoch are drawn from it.
    path: a checkpoint, replaced in one step after each epoch. If it is there, training goes on from it, with its learning
    rate, and ends with the same bits as without a break, as long as batches and loss are the same, keep nothing from one
    epoch to the next, and draw random numbers from PyTorch only. The optimizer must hold parameters of the model only.
    A bar on the standard error shows how far it is, unless GRULIB_PROGRESS is "0".

    Raises FloatingPointError if the loss or a gradient is not finite, before the weights are changed, naming step and
    parameters, and if a validation value is NaN. Raises TypeError or ValueError for wrong arguments and for a checkpoint of another run.
    """
    _check(epochs, seed, validate, patience, clip, path)
    history = {"loss": [], "norm": [], "rate": [], "validation": []}
    best = None  # the weights of the best epoch
    parts = {"model": model, "optimizer": optimizer} | ({"schedule": schedule} if schedule else {})
    first = 0
    if path is not None and Path(path).exists():
        first, history, best = _load(path, parts, seed, validate)
    bar = tqdm(range(epochs), initial=first, leave=False, disable=os.environ.get("GRULIB_PROGRESS") == "0")
    with bar, torch.random.fork_rng(devices=[]):
        for epoch in range(first, epochs):
            if patience and epoch - _best_epoch(history) > patience:
                break
            torch.manual_seed(seed + 1_000_003 * epoch)  # each epoch has its own numbers, wherever training began
            model.train()
            steps = len(history["loss"])
            for batch in batches(torch.Generator().manual_seed(seed + 1_000_003 * epoch)):
                _step(model, optimizer, loss, batch, clip, schedule, history)
            if len(history["loss"]) == steps:
                raise ValueError(f"batches must give at least one batch, got none in epoch {epoch + 1}")
            if validate:
                model.eval()
                with torch.no_grad():
                    history["validation"].append(float(validate()))
                if math.isnan(history["validation"][-1]):
                    raise FloatingPointError(f"the validation value is nan after epoch {epoch + 1}")
                if _best_epoch(history) == epoch:
                    best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            if path is not None:
                _save(path, parts, _identity(parts, seed, validate), epoch + 1, history, best)
            bar.update()
            bar.set_postfix(loss=history["loss"][-1], refresh=False)
    if best:
        model.load_state_dict(best)
    model.eval()
    return history


def shuffled(tensors, batch_size):
    """The batches of an epoch in random order, for `fit`: from tensors (N, ...) to lists of tensors (B, ...), the last may be smaller."""
    check_size("batch_size", batch_size)
    N = len(tensors[0])
    if not N or any(len(tensor) != N for tensor in tensors):
        raise ValueError(f"tensors must have the same length, at least 1, got {[len(tensor) for tensor in tensors]}")

    def batches(generator):
        for rows in torch.randperm(N, generator=generator).split(batch_size):
            yield [tensor[rows] for tensor in tensors]

    return batches


def _step(model, optimizer, loss, batch, clip, schedule, history):
    model.zero_grad()  # also of parameters that the optimizer does not hold: the norm is over all
    value = loss(batch)
    step = len(history["loss"]) + 1
    if not math.isfinite(value.item()):
        raise FloatingPointError(
            f"the loss is {value.item()} at step {step}; {_not_finite(model, optimizer, lambda parameter: parameter)}"
        )
    value.backward()
    norm = clip_grad_norm_(model.parameters(), clip or math.inf).item()
    if not math.isfinite(norm):
        where = _not_finite(model, optimizer, lambda parameter: parameter.grad)
        raise FloatingPointError(f"the norm of the gradient is {norm} at step {step}; {where}")
    rate = optimizer.param_groups[0]["lr"]
    optimizer.step()
    if schedule:
        schedule.step()
    for name, number in (("loss", value.item()), ("norm", norm), ("rate", rate)):
        history[name].append(number)


def _not_finite(model, optimizer, look):
    """In words: which parameters, or their gradients, have an entry that is not finite, group by group."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = []
    for i, group in enumerate(optimizer.param_groups):
        bad = [p for p in group["params"] if look(p) is not None and not look(p).isfinite().all()]
        if bad:
            found.append(f"parameter group {i}: {', '.join(names.get(id(p), 'a parameter of no name') for p in bad)}")
    return "not finite: " + "; ".join(found) if found else "each parameter is finite: look at the batch and the loss"


def _best_epoch(history):
    """The number of the epoch with the lowest validation value, the first of equal ones; -1 before there is one."""
    values = history["validation"]
    return values.index(min(values)) if values else -1


def _identity(parts, seed, validate):
    """What must be the same for a training to go on."""
    return {
        "seed": seed,
        "validate": validate is not None,
        "types": {name: type(part).__name__ for name, part in parts.items()},
    }


def _save(path, parts, identity, epoch, history, best):
    content = {name: part.state_dict() for name, part in parts.items()}
    buffer = io.BytesIO()
    torch.save({"identity": identity, "epoch": epoch, "history": history, "best": best, "parts": content}, buffer)
    files.replace(Path(path), buffer.getvalue())


def _load(path, parts, seed, validate):
    data = Path(path).read_bytes()
    try:
        content = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
        own = _identity(parts, seed, validate)
        if content["identity"] != own:
            raise ValueError(f"expected {own}, got {content['identity']}")
        for name, part in parts.items():
            part.load_state_dict(content["parts"][name])
    except (ValueError, RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(f"path must be a checkpoint of this training, or not there: {path}: {error}") from error
    return content["epoch"], content["history"], content["best"]


def _check(epochs, seed, validate, patience, clip, path):
    check_size("epochs", epochs)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TypeError(f"seed must be an int, got {seed!r}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie from 0 to 2**32 - 1, got {seed}")
    if patience is not None:
        check_size("patience", patience)
        if validate is None:
            raise ValueError("patience needs validate: without it no epoch is better than another")
    if clip is not None and (not isinstance(clip, (int, float)) or isinstance(clip, bool) or not 0 < clip < math.inf):
        raise ValueError(f"clip must be a positive number, got {clip!r}")
    if path is not None and not Path(path).parent.is_dir():
        raise ValueError(f"path must be in a folder that exists, got {path}")
