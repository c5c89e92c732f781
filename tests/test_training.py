"""grulib.training: steps, clipping, early stopping, a run that is killed and goes on, and what stops it."""

import functools
import math
import pathlib
import signal
import subprocess
import sys

import pytest
import torch
from helpers import refused
from torch import nn

from grulib import training

N, T, D, H = 24, 5, 3, 4


def task():
    """A small GRU classifier with dropout, its optimiser, batches and loss."""
    torch.manual_seed(0)
    x, y = torch.randn(N, T, D, dtype=torch.float64), torch.randint(2, (N,))
    model = nn.ModuleDict({"gru": nn.GRU(D, H, batch_first=True), "head": nn.Linear(H, 2)}).double()
    dropout = nn.Dropout(0.3)
    model["dropout"] = dropout

    def loss(batch):
        x, y = batch
        return nn.functional.cross_entropy(model["head"](dropout(model["gru"](x)[1][0])), y)

    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    return model, optimizer, training.shuffled([x, y], 7), loss, lambda: float(loss((x, y)))


def run(path=None, epochs=6, halve=5, seed=3, **options):
    model, optimizer, batches, loss, validate = task()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, halve, 0.5)
    history = training.fit(
        model,
        optimizer,
        batches,
        loss,
        epochs=epochs,
        seed=seed,
        scheduler=scheduler,
        checkpoint=training.Checkpoint(path) if path else None,
        **({"validate": validate, "max_norm": 0.5} | options),
    )
    return history, model.state_dict()


def same(one, other):
    history, weights = one
    return history == other[0] and all(torch.equal(weights[name], other[1][name]) for name in weights)


def test_history_and_the_same_bits_in_a_second_run():
    history, weights = run()
    steps = 6 * math.ceil(N / 7)
    assert [len(history[name]) for name in ("loss", "norm", "learning_rate", "validation")] == [steps, steps, steps, 6]
    assert history["learning_rate"][:6] == [0.05] * 5 + [0.025]
    assert sum(history["loss"][-4:]) < sum(history["loss"][:4])
    assert same((history, weights), run())


def test_the_state_of_the_random_numbers_outside_stays():
    before = torch.random.get_rng_state()
    model, optimizer, batches, loss, _ = task()
    torch.random.set_rng_state(before)
    training.fit(model, optimizer, batches, loss, epochs=1, seed=0)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_other_seeds_give_other_batches():
    _, _, batches, *_ = task()
    orders = [torch.cat([y for _, y in batches(torch.Generator().manual_seed(s))]) for s in (0, 1)]
    assert not torch.equal(*orders) and all(len(order) == N for order in orders)


def test_every_item_once_in_an_epoch():
    rows = torch.arange(10)
    got = [batch for (batch,) in training.shuffled([rows], 4)(torch.Generator().manual_seed(1))]
    assert [len(batch) for batch in got] == [4, 4, 2] and torch.cat(got).sort().values.equal(rows)


@pytest.mark.parametrize(("max_norm", "moved"), [(None, 3.0), (1.5, 1.5), (10.0, 3.0)])
def test_clipping_scales_the_step_and_not_the_history(max_norm, moved):
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    batches = training.shuffled([torch.full((1, 1), 3.0)], 1)
    history = training.fit(
        model, optimizer, batches, lambda batch: model(batch[0]).sum(), epochs=1, seed=0, max_norm=max_norm
    )
    assert (history["norm"], model.weight.item()) == ([3.0], pytest.approx(-moved))


def test_early_stopping_gives_back_the_best_weights():
    values = iter([5.0, 3.0, 4.0, 3.0, 1.0])
    model, optimizer, batches, loss, _ = task()
    weights = []

    def validate():
        assert not model.training and not torch.is_grad_enabled()
        weights.append(model["head"].weight.detach().clone())
        return next(values)

    history = training.fit(model, optimizer, batches, loss, epochs=9, seed=0, validate=validate, patience=2)
    assert history["validation"] == [5.0, 3.0, 4.0, 3.0]
    assert torch.equal(model["head"].weight, weights[1]) and not torch.equal(weights[1], weights[3])
    assert not model.training


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import test_training
from grulib import training
steps = 0
original = training._step
def step(*arguments):
    global steps
    steps += 1
    if steps == 14:  # in the middle of the fourth epoch
        os.kill(os.getpid(), signal.SIGKILL)
    original(*arguments)
training._step = step
test_training.run({path!r})
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_with_the_same_bits(tmp_path, request):
    path = tmp_path / "checkpoint.pt"
    code = KILLED.format(tests=str(request.path.parent), path=str(path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert torch.load(path, weights_only=True)["epoch"] == 3
    assert same(run(path), run())
    assert same(run(path), run())  # of a finished run nothing is left to do


def test_early_stopping_and_the_best_weights_survive_a_break(tmp_path):
    path = tmp_path / "checkpoint.pt"
    whole = run(epochs=60, patience=1, halve=1000)
    assert len(whole[0]["validation"]) < 60
    for epochs in (2, len(whole[0]["validation"]), 60):
        parts = run(path, epochs=epochs, patience=1, halve=1000)
    assert same(parts, whole)


def test_an_interrupted_checkpoint_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.pt"
    run(path, epochs=2)
    before = path.read_bytes()

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(training.files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(path, epochs=3)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


NOT_OURS = "path must be a checkpoint of this training, or not there"


def trained(path, model=None, make=torch.optim.Adam, scheduler=None, seed=3, max_norm=0.5, validate=True, **options):
    """A training of two epochs of a small model that differs from another in what is given."""
    torch.manual_seed(0)
    model = model or nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))
    optimizer = make(model.parameters(), **({"lr": 0.1} | options))
    training.fit(
        model,
        optimizer,
        training.shuffled([torch.randn(8, 2)], 4),
        lambda batch: model(batch[0]).square().mean(),
        epochs=2,
        seed=seed,
        validate=(lambda: 1.0) if validate else None,
        max_norm=max_norm,
        scheduler=scheduler and scheduler(optimizer),
        checkpoint=training.Checkpoint(path),
    )


OTHERS = {
    "seed": ({"seed": 4}, "seed must be 4, got 3"),
    "clipping": ({"max_norm": 0.4}, "max_norm must be 0.4, got 0.5"),
    "no validation": ({"validate": False}, "validate must be False, got True"),
    "optimizer": ({"make": torch.optim.SGD}, "optimizer must be"),
    "learning rate": ({"lr": 0.2}, "optimizer must be"),
    "weight decay": ({"weight_decay": 0.1}, "optimizer must be"),
    "betas": ({"betas": (0.8, 0.999)}, "optimizer must be"),
    "scheduler": ({"scheduler": lambda o: torch.optim.lr_scheduler.StepLR(o, 3)}, "must be"),
    "shape": ({"model": nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.1))}, "model must be"),
    "dropout": ({"model": nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.2))}, "model must be"),
    "same shapes": ({"model": nn.Sequential(nn.Linear(2, 2), nn.Tanh())}, "model must be"),
    "dtype": ({"model": nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1)).bfloat16()}, "weights must be"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_checkpoint_of_another_training_is_refused_and_changes_nothing(name, tmp_path):
    path = tmp_path / "checkpoint.pt"
    trained(path)
    before = path.read_bytes()
    options, message = OTHERS[name]
    with pytest.raises(ValueError, match=NOT_OURS) as caught:
        trained(path, **options)
    assert message in str(caught.value) and path.read_bytes() == before


DAMAGED = {
    "epoch -5": lambda content: content.update(epoch=-5),
    "epoch of another kind": lambda content: content.update(epoch=2.0),
    "more epochs than validations": lambda content: content.update(epoch=3),
    "empty history": lambda content: content.update(history={}),
    "history without steps": lambda content: content["history"].update(loss=[], norm=[], learning_rate=[]),
    "history of texts": lambda content: content["history"].update(validation=["a", "b"]),
    "lists of different lengths": lambda content: content["history"]["norm"].pop(),
    "no best": lambda content: content.update(best=None),
    "empty best": lambda content: content.update(best={}),
    "best of other shapes": lambda content: content["best"].update({"0.bias": torch.ones(3)}),
    "model lacks a weight": lambda content: content["parts"]["model"].pop("0.bias"),
    "no optimizer": lambda content: content["parts"].pop("optimizer"),
    "optimizer without groups": lambda content: content["parts"]["optimizer"].update(param_groups=[]),
    "optimizer lacks an option": lambda content: content["parts"]["optimizer"]["param_groups"][0].pop("eps"),
    "optimizer of other shapes": lambda content: content["parts"]["optimizer"]["state"][0].update(
        exp_avg=torch.ones(5)
    ),
    "no identity": lambda content: content.pop("identity"),
    "identity lacks the seed": lambda content: content["identity"].pop("seed"),
    "more parts": lambda content: content["parts"].update(scheduler={}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_checkpoint_is_refused_before_anything_is_loaded(name, tmp_path):
    path = tmp_path / "checkpoint.pt"
    trained(path)
    content = torch.load(path, weights_only=True)
    DAMAGED[name](content)
    torch.save(content, path)
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=NOT_OURS):
        trained(path, model)
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_files_that_are_no_checkpoint_are_refused(tmp_path):
    path = tmp_path / "checkpoint.pt"
    trained(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(b"history") - 1] ^= 4
    for content in (b"", b"not a checkpoint", whole[: len(whole) // 2], bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=NOT_OURS):
            trained(path)
    for content in ({"epoch": 1}, [], 3):
        torch.save(content, path)
        with pytest.raises(ValueError, match=NOT_OURS):
            trained(path)


def test_a_checkpoint_runs_no_code(tmp_path):
    path, sign = tmp_path / "checkpoint.pt", tmp_path / "run"

    class Bad:
        def __reduce__(self):
            return pathlib.Path.touch, (sign,)

    torch.save({"identity": Bad()}, path)
    refused(ValueError, "path must be a checkpoint of this training", lambda: run(path))
    assert not sign.exists()


def test_each_epoch_draws_its_own_numbers():
    model, optimizer, batches, loss, _ = task()
    seeds = {"batches": [], "dropout": []}

    def noted(generator):
        seeds["batches"].append(generator.initial_seed())
        seeds["dropout"].append(torch.initial_seed())
        return batches(generator)

    training.fit(model, optimizer, noted, loss, epochs=3, seed=0)
    assert [len(set(drawn)) for drawn in seeds.values()] == [3, 3]
    assert not model.training


def test_parameters_that_are_not_trained_do_not_pile_up_in_the_norm():
    model, _, _, loss, _ = task()
    torch.manual_seed(0)
    batch = [torch.randn(4, T, D, dtype=torch.float64), torch.zeros(4, dtype=torch.int64)]
    model["dropout"].p = 0.0
    optimizer = torch.optim.SGD(model["head"].parameters(), lr=0.0)
    history = training.fit(model, optimizer, lambda generator: [batch] * 3, loss, epochs=1, seed=0)
    assert len(set(history["norm"])) == 1


def test_clipping_counts_the_gradients_of_parameters_that_are_not_trained():
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    optimizer = torch.optim.SGD([model.weight], lr=1.0)  # the bias has a gradient, and is not trained
    batches = training.shuffled([torch.full((1, 1), 3.0)], 1)
    before = model.bias.item()
    history = training.fit(
        model,
        optimizer,
        batches,
        lambda batch: (model(batch[0]) + model.bias / 3).sum() * 3,
        epochs=1,
        seed=0,
        max_norm=1,
    )
    assert history["norm"] == pytest.approx([math.hypot(9, 4)])
    assert model.weight.item() == pytest.approx(-9 / math.hypot(9, 4)) and model.bias.item() == before


def test_a_large_gradient_is_not_clipped_without_max_norm():
    model = nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    before = model.weight.item()
    training.fit(model, optimizer, lambda _: [1e7], lambda x: model(torch.full((1, 1), x)).sum(), epochs=1, seed=0)
    assert model.weight.item() == pytest.approx(before - 1e7)


def test_epochs_without_a_batch_and_values_that_are_no_number_are_named():
    model, optimizer, batches, loss, _ = task()
    fit = functools.partial(training.fit, model, optimizer, loss=loss, epochs=2, seed=0)
    refused(ValueError, "batches must give at least one batch, got none in epoch 1", lambda: fit(lambda _: []))
    once = iter([next(iter(batches(torch.Generator())))])
    refused(ValueError, "got none in epoch 2", lambda: fit(lambda _: once))
    message = "the validation value is nan after epoch 1"
    refused(FloatingPointError, message, lambda: fit(batches, validate=lambda: math.nan, patience=1))


def test_a_loss_that_is_not_finite_names_step_and_parameters():
    model, optimizer, batches, loss, _ = task()
    head = [p for name, p in model.named_parameters() if name.startswith("head")]
    rest = [p for name, p in model.named_parameters() if not name.startswith("head")]
    optimizer = torch.optim.SGD([{"params": rest}, {"params": head}], lr=0.1)
    calls = []

    def spoilt(batch):
        calls.append(1)
        if len(calls) == 3:
            model["head"].bias.data[0] = math.nan
        return loss(batch)

    message = "the loss is nan at step 3; not finite: parameter group 1: head.bias"
    refused(FloatingPointError, message, lambda: training.fit(model, optimizer, batches, spoilt, epochs=1, seed=0))
    fine, optimizer, batches, loss, _ = task()
    message = "the loss is inf at step 1; each parameter is finite: look at the batch and the loss"
    infinite = lambda batch: loss(batch) / 0  # noqa: E731
    refused(FloatingPointError, message, lambda: training.fit(fine, optimizer, batches, infinite, epochs=1, seed=0))


def test_a_gradient_that_is_not_finite_stops_before_the_weights_change():
    model, optimizer, batches, _, _ = task()
    before = model["head"].weight.detach().clone()

    def root(batch):  # finite at 0, its slope is not
        return (model["head"].weight * 0).sum().sqrt() + model["head"].bias.sum()

    message = "the norm of the gradient is nan at step 1; not finite: parameter group 0: head.weight"
    refused(FloatingPointError, message, lambda: training.fit(model, optimizer, batches, root, epochs=1, seed=0))
    assert torch.equal(model["head"].weight, before)


def test_the_bar(capfd, monkeypatch):
    run(epochs=1)
    assert capfd.readouterr().err == ""  # conftest.py sets GRULIB_PROGRESS
    monkeypatch.delenv("GRULIB_PROGRESS")
    run(epochs=2)
    assert "0/2" in capfd.readouterr().err


def test_wrong_arguments_are_named():
    model, optimizer, batches, loss, validate = task()

    def fit(**options):
        return lambda: training.fit(model, optimizer, batches, loss, **({"epochs": 1, "seed": 0} | options))

    refused(ValueError, "epochs must be at least 1, got 0", fit(epochs=0))
    refused(TypeError, "seed must be an int, got 0.5", fit(seed=0.5))
    refused(TypeError, "patience must be an int, got 1.5", fit(patience=1.5, validate=validate))
    refused(ValueError, "patience needs validate", fit(patience=1))
    for seed in (-1, 2**32):
        refused(ValueError, "seed must lie from 0 to 2**32 - 1", fit(seed=seed))
    refused(ValueError, "path must be in a folder that exists", lambda: training.Checkpoint("nowhere/checkpoint.pt"))
    refused(ValueError, "path must be a file, got the folder .", lambda: training.Checkpoint("."))
    refused(TypeError, "path must be a str or a Path, got int", lambda: training.Checkpoint(3))
    refused(TypeError, "checkpoint must be a grulib Checkpoint, got str", fit(checkpoint="checkpoint.pt"))
    for max_norm in (0, -1.0, math.nan, math.inf):
        refused(ValueError, f"max_norm must be a positive number, got {max_norm!r}", fit(max_norm=max_norm))
    for max_norm in ("1", True, [1]):
        refused(TypeError, f"max_norm must be a number, got {max_norm!r}", fit(max_norm=max_norm))
    refused(
        ValueError,
        "tensors must have the same length, at least 1, got [2, 3]",
        lambda: training.shuffled([torch.ones(2), torch.ones(3)], 2),
    )
    refused(ValueError, "batch_size must be at least 1, got 0", lambda: training.shuffled([torch.ones(2)], 0))
