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
from grulib.checks import (
    check_callable,
    check_dense,
    check_instance,
    check_path,
    check_positive,
    check_seed,
    check_size,
    shown,
)


def fit(
    model,
    optimizer,
    batches,
    loss,
    *,
    epochs,
    seed,
    validate=None,
    patience=None,
    max_norm=None,
    scheduler=None,
    checkpoint=None,
):
    """Train a model. Returns a history: dict of lists, "loss", "norm" and "learning_rate" for each step, "validation" for each epoch.

    batches: function of a torch.Generator to an iterable over one epoch's batches; see `shuffled`.
    loss: function of a batch to a tensor () with gradient. validate: function without arguments to a float, lower is
    better, called after each epoch without gradient and without dropout; the best epoch's weights are in the model at the end.
    patience: stop when this many epochs in a row were no better than the best (needs validate).
    max_norm: scale gradients whose norm over all parameters is larger down to it. "norm" is the norm before that.
    scheduler: one of torch.optim, stepped after each step. seed: an int; batches and dropout of each epoch are drawn from it.
    checkpoint: a `Checkpoint`, written after each epoch. If there is one already, training goes on from it, and ends
    with the same bits as without a break, as long as batches and loss are the same, keep nothing from one epoch to the
    next, and draw random numbers from PyTorch only. The optimizer must hold parameters of the model only.
    A bar on the standard error shows how far it is, unless GRULIB_PROGRESS is "0".

    Raises FloatingPointError if the loss or a gradient is not finite, before the weights are changed, naming step and
    parameters, and if a validation value is NaN. Raises TypeError or ValueError for wrong arguments, and for a
    checkpoint of another training, before anything is changed.
    """
    _check(model, optimizer, batches, loss, epochs, seed, validate, patience, max_norm, scheduler, checkpoint)
    history = {"loss": [], "norm": [], "learning_rate": [], "validation": []}
    best = None  # the weights of the best epoch
    first = 0
    if checkpoint is not None:
        settings = {"seed": seed, "patience": patience, "max_norm": max_norm, "validate": validate is not None}
        checkpoint.begin(model, optimizer, scheduler, settings)
        first, history, best = checkpoint.load() or (first, history, best)
    bar = tqdm(range(epochs), initial=first, leave=False, disable=os.environ.get("GRULIB_PROGRESS") == "0")
    with bar, torch.random.fork_rng(devices=[]):
        for epoch in range(first, epochs):
            if patience and epoch - _best_epoch(history) > patience:
                break
            torch.manual_seed(seed + 1_000_003 * epoch)  # each epoch has its own numbers, wherever training began
            model.train()
            steps = len(history["loss"])
            for batch in batches(torch.Generator().manual_seed(seed + 1_000_003 * epoch)):
                _step(model, optimizer, loss, batch, max_norm, scheduler, history)
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
            if checkpoint is not None:
                checkpoint.save(epoch + 1, history, best)
            bar.update()
            bar.set_postfix(loss=history["loss"][-1], refresh=False)
    if best:
        model.load_state_dict(best)
    model.eval()
    return history


def shuffled(tensors, batch_size):
    """The batches of an epoch in random order, for `fit`: from tensors (N, ...) to lists of tensors (B, ...), the last may be smaller."""
    check_size("batch_size", batch_size)
    if not isinstance(tensors, (list, tuple)) or not tensors or not all(isinstance(t, torch.Tensor) for t in tensors):
        raise TypeError(f"tensors must be a list of at least one tensor, got {type(tensors).__name__} {shown(tensors)}")
    for number, tensor in enumerate(tensors):
        check_dense(f"tensors[{number}]", tensor)
    lengths = [len(tensor) if tensor.ndim else 0 for tensor in tensors]
    if 0 in lengths or len(set(lengths)) > 1:
        raise ValueError(f"tensors must have the same length, at least 1, got {lengths}")

    def batches(generator):
        for rows in torch.randperm(lengths[0], generator=generator).split(batch_size):
            yield [tensor[rows] for tensor in tensors]

    return batches


def _step(model, optimizer, loss, batch, max_norm, scheduler, history):
    model.zero_grad()  # also of parameters that the optimizer does not hold: the norm is over all
    value = loss(batch)
    step = len(history["loss"]) + 1
    if not math.isfinite(value.item()):
        raise FloatingPointError(
            f"the loss is {value.item()} at step {step}; {_not_finite(model, optimizer, lambda parameter: parameter)}"
        )
    value.backward()
    norm = clip_grad_norm_(model.parameters(), max_norm or math.inf).item()
    if not math.isfinite(norm):
        where = _not_finite(model, optimizer, lambda parameter: parameter.grad)
        raise FloatingPointError(f"the norm of the gradient is {norm} at step {step}; {where}")
    learning_rate = optimizer.param_groups[0]["lr"]
    optimizer.step()
    if scheduler:
        scheduler.step()
    for name, number in (("loss", value.item()), ("norm", norm), ("learning_rate", learning_rate)):
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


class Checkpoint:
    """A file from which a training that was broken off goes on: `fit` writes it after each epoch, in one step.

    It knows what it is of: model, optimizer and scheduler with all that they were made with, and the arguments of `fit` that
    decide the bits of the result. path is a str or a Path in a folder that exists. Raises TypeError or ValueError.
    """

    def __init__(self, path):
        check_path(path)
        self.path = Path(path)
        if self.path.is_dir():
            raise ValueError(f"path must be a file, got the folder {path}")
        if not self.path.parent.is_dir():
            raise ValueError(f"path must be in a folder that exists, got {path}")

    def begin(self, model, optimizer, scheduler, settings):
        """Note what is trained and how, before the first step; settings is a dict of numbers."""
        self._parts = {"model": model, "optimizer": optimizer} | ({"scheduler": scheduler} if scheduler else {})
        groups = [{name: value for name, value in g.items() if name != "params"} for g in optimizer.param_groups]
        self._identity = settings | {
            "model": f"{type(model).__name__} {model}",
            "weights": str({name: (str(w.dtype), *w.shape) for name, w in model.state_dict().items()}),
            "optimizer": f"{type(optimizer).__name__} {groups}",
            "scheduler": f"{type(scheduler).__name__} {scheduler.state_dict() if scheduler else None}",
        }

    def save(self, epoch, history, best):
        """Write what the training is after this many epochs."""
        content = {
            "identity": self._identity,
            "epoch": epoch,
            "history": history,
            "best": best,
            "parts": {name: part.state_dict() for name, part in self._parts.items()},
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        files.replace(self.path, buffer.getvalue())

    def load(self):
        """Bring model, optimizer and scheduler to what was saved, all or none. Returns epoch, history and best, or None if there is no file.

        Raises ValueError for a file of another training, and for one that is damaged.
        """
        if not self.path.exists():
            return None
        try:
            content = files.load_torch(self.path.read_bytes())
            self._check(content)
        except (
            ValueError,
            RuntimeError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
            pickle.UnpicklingError,
        ) as error:
            raise ValueError(
                f"path must be a checkpoint of this training, or not there: {self.path}: {error}"
            ) from error
        for name, part in self._parts.items():
            part.load_state_dict(content["parts"][name])
        return content["epoch"], content["history"], content["best"]

    def _check(self, content):
        """Raise ValueError, KeyError or TypeError unless all of a file's content fits this training."""
        for name, expected in self._identity.items():
            if content["identity"][name] != expected:
                raise ValueError(f"{name} must be {expected!r}, got {content['identity'][name]!r}")
        epoch, history, best, parts = (content[name] for name in ("epoch", "history", "best", "parts"))
        if type(epoch) is not int or epoch < 1:
            raise ValueError(f"epoch must be an int from 1, got {epoch!r}")
        if set(history) != {"loss", "norm", "learning_rate", "validation"}:
            raise ValueError(f"history must have loss, norm, learning_rate and validation, got {sorted(history)}")
        if not all(type(value) is float for values in history.values() for value in values):
            raise ValueError("history must have floats only")
        steps, validations = len(history["loss"]), epoch if self._identity["validate"] else 0
        lengths = {name: len(values) for name, values in history.items()}
        if steps < epoch or lengths != dict.fromkeys(history, steps) | {"validation": validations}:
            raise ValueError(f"history must be of {epoch} epochs, got {lengths} values")
        weights = [("model", parts["model"])] + ([("best", best)] if self._identity["validate"] else [])
        for name, state in weights:
            got = str({key: (str(w.dtype), *w.shape) for key, w in state.items()})
            if got != self._identity["weights"]:
                raise ValueError(f"{name} must have the weights {self._identity['weights']}, got {got}")
        _check_optimizer(self._parts["optimizer"], parts["optimizer"])
        if set(parts) != set(self._parts):
            raise ValueError(f"parts must be {sorted(self._parts)}, got {sorted(parts)}")
        if "scheduler" in parts and parts["scheduler"].keys() != self._parts["scheduler"].state_dict().keys():
            raise ValueError("scheduler must have the entries of this one")


def _check_optimizer(optimizer, state):
    """Raise ValueError unless a state_dict has the groups of this optimizer, and arrays that fit its parameters."""
    own = optimizer.state_dict()["param_groups"]
    if [group["params"] for group in state["param_groups"]] != [group["params"] for group in own]:
        raise ValueError("optimizer must have the parameter groups of this one")
    if [group.keys() for group in state["param_groups"]] != [group.keys() for group in own]:
        raise ValueError("optimizer must have the options of this one")
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for number, arrays in state["state"].items():
        for name, array in arrays.items():
            if isinstance(array, torch.Tensor) and array.ndim and array.shape != parameters[number].shape:
                raise ValueError(f"optimizer must have {name} of the shape of its parameter, got {tuple(array.shape)}")


def _check(model, optimizer, batches, loss, epochs, seed, validate, patience, max_norm, scheduler, checkpoint):
    check_instance("model", model, torch.nn.Module)
    if not list(model.parameters()):
        raise ValueError(f"model must have parameters, got {shown(model)}")
    check_instance("optimizer", optimizer, torch.optim.Optimizer)
    check_callable("batches", batches)
    check_callable("loss", loss)
    check_size("epochs", epochs)
    check_seed(seed)
    if validate is not None:
        check_callable("validate", validate)
    if patience is not None:
        check_size("patience", patience)
        if validate is None:
            raise ValueError("patience needs validate: without it no epoch is better than another")
    if max_norm is not None:
        check_positive("max_norm", max_norm)
    if scheduler is not None:
        check_instance("scheduler", scheduler, torch.optim.lr_scheduler.LRScheduler)
    if checkpoint is not None:
        check_instance("checkpoint", checkpoint, Checkpoint)
